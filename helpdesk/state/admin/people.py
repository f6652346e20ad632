"""People: the list, and one of them in the drawer. The address says which page, which filters, and who is open."""

from typing import Any
from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.domain.errors import Conflict, Invalid, NotFound
from helpdesk.domain.people import ASSIGNABLE, Role
from helpdesk.services import companies, offboarding, people, skills, teams
from helpdesk.services.people import PersonRow
from helpdesk.state.admin.forms import Form, back_to, number, ticked, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/people"
NOBODY = PersonRow(0, "", "", "", "", capacity=20)
SIZE = 50
# What people are called here, and what each may do.
ROLES = (
    (Role.CUSTOMER, "Customer", "Files requests in the portal."),
    (Role.AGENT, "Agent", "Works on tickets."),
    (Role.TECHNICIAN, "Technician", "Works on tickets, also on site."),
    (Role.MANAGER, "Manager", "Sees all tickets, reports and teams."),
    (Role.EXECUTIVE, "Executive", "Reads reports and tickets."),
    (Role.ADMIN, "Administrator", "Changes settings and people."),
    (Role.SUPERADMIN, "Owner", "Does everything, and gives every role."),
)
_FILTERS = ("text", "role", "active", "team", "company")


class People(PageState, rx.State):
    """The page."""

    rows: list[PersonRow] = []
    text: str = ""
    role: str = ""
    active: str = ""
    team: str = ""
    company: str = ""
    first_href: str = ""
    next_href: str = ""
    new_href: str = f"{HOME}?new=yes"
    row_base: str = f"{HOME}?person="
    is_open: bool = False
    person: PersonRow = NOBODY
    # The role in the form of somebody new; it decides what else is asked.
    new_role: str = Role.AGENT.value
    person_teams: list[str] = []
    team_choices: list[Choice] = []
    company_choices: list[Choice] = []
    site_choices: list[Choice] = []
    skill_choices: list[Choice] = []
    hour_choices: list[Choice] = []
    person_skills: list[str] = []
    # Who can take over the tickets of somebody who leaves.
    heirs: list[Choice] = []
    # Counts what was opened and saved: forms with this key start anew.
    opened: int = 0
    _after: str = ""

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show what the address asks for."""
        given = {key: str(value) for key, value in self.router.url.query_parameters.items() if value}
        self.text, self._after = given.get("text", "")[:100], given.get("after", "")
        self.role = given.get("role", "")
        self.active = given.get("active", "") if given.get("active") in ("yes", "no") else ""
        self.team, self.company = (str(number(given.get(name, "")) or "") for name in ("team", "company"))
        actor = await self._actor()
        self.company_choices = [Choice(str(key), name) for key, name in await self._run(people.companies)]
        self.team_choices = [Choice(str(team.id), team.name) for team in await self._run(teams.listing)]
        self._watch(f"org-{actor.organization_id}-presence", People.refresh)
        await self._fill()
        await self._open(given)

    @rx.event
    @admin
    async def refresh(self) -> None:
        """Somebody came or went."""
        await self._fill()

    @rx.event
    @admin
    async def search(self, text: str) -> EventSpec:
        """Look for part of a name or address."""
        return rx.redirect(self._href(text=text.strip()))

    @rx.event
    @admin
    async def of_role(self, role: str) -> EventSpec:
        """One role only; empty for all, "staff" for everybody who works here."""
        return rx.redirect(self._href(role=role))

    @rx.event
    @admin
    async def of_active(self, active: str) -> EventSpec:
        """Active people (yes), deactivated ones (no), or all."""
        return rx.redirect(self._href(active=active))

    @rx.event
    @admin
    async def of_team(self, team: str) -> EventSpec:
        """Who is in one team; empty for all."""
        return rx.redirect(self._href(team=team))

    @rx.event
    @admin
    async def of_company(self, company: str) -> EventSpec:
        """Who belongs to one company; empty for all."""
        return rx.redirect(self._href(company=company))

    @rx.event
    @admin
    async def close(self) -> list[EventSpec]:
        """Back to the list."""
        self.is_open = False
        return [rx.redirect(self._href(after=self._after)), back_to("person", self.person.id)]

    @rx.event
    @admin
    async def choose_role(self, role: str) -> None:
        """The role of somebody new."""
        self.new_role = role

    @rx.event
    @admin
    async def save(self, sent: Form) -> list[EventSpec]:
        """Create somebody, or change whom the form names."""
        form = typed(sent)
        person_id = number(form.get("person_id", ""))
        details = {key: form.get(key, "") for key in ("name", "email", "phone", "job_title", "timezone")}
        asked: dict[str, Any] = {
            **details,
            "company_id": number(form.get("company_id", "")) or None,
            "site_id": number(form.get("site_id", "")) or None,
            "team_ids": ticked(form, "team"),
            "skill_ids": ticked(form, "skill"),
            "capacity": _capacity(form["capacity"]) if "capacity" in form else None,
            "calendar_id": number(form["calendar_id"]) if "calendar_id" in form else None,
        }
        try:
            if person_id:
                is_manager = "is_company_manager" in form
                await self._run(people.change, person_id, **asked, is_company_manager=is_manager)
                said = f"{details['name']} is saved"
            else:
                password = form.get("password", "")
                await self._run(people.create, **asked, role=form.get("role", ""), password=password)
                said = f"{details['name']} has an account" if password else f"{details['name']} was sent an invitation"
        except Conflict as conflict:
            raise Invalid(email=conflict.message) from None
        self.is_open = False
        return [toast_done(said), rx.redirect(self._href(after=self._after))]

    @rx.event
    @admin
    async def give_role(self, sent: Form) -> EventSpec:
        """Give whom the form names another role."""
        form = typed(sent)
        person_id, role = number(form.get("person_id", "")), form.get("role", "")
        await self._run(people.change_role, person_id, role=role)
        await self._show(person_id)
        label = next((name for key, name, _ in ROLES if key == role), role)
        return toast_done(f"{self.person.name} is now: {label}")

    @rx.event
    @admin
    async def deactivate(self, sent: Form) -> EventSpec:
        """Close the account the form names, and hand over its tickets as it says."""
        form = typed(sent)
        person_id = number(form.get("person_id", ""))
        number_of = await self._run(offboarding.deactivate, person_id, tickets=form.get("tickets", "keep"))
        await self._show(person_id)
        moved = f"; {number_of} handed over" if number_of else ""
        return toast_done(f"{self.person.name} can no longer sign in{moved}")

    @rx.event
    @admin
    async def invite(self, person_id: int) -> EventSpec:
        """Send the mail that lets somebody choose a password once more."""
        await self._run(people.invite, person_id)
        return toast_done(f"{self.person.name} was sent an invitation")

    @rx.event
    @admin
    async def activate(self, person_id: int) -> EventSpec:
        """Open it again."""
        await self._run(people.activate, person_id)
        await self._show(person_id)
        return toast_done(f"{self.person.name} can sign in again")

    @rx.event
    @admin
    async def reset_second_factor(self, person_id: int) -> EventSpec:
        """Let somebody who lost their phone in with the password alone."""
        await self._run(people.reset_second_factor, person_id)
        await self._show(person_id)
        return toast_done(f"{self.person.name} signs in with the password alone")

    @rx.event
    @admin
    async def reach_again(self, person_id: int) -> EventSpec:
        """Send mail again to somebody it came back from."""
        await self._run(people.reach_again, person_id)
        await self._show(person_id)
        return toast_done(f"Mail is sent to {self.person.email} again")

    def _href(self, **changes: str) -> str:
        """The list with something changed; its first page, unless `after` says another."""
        now = {name: getattr(self, name) for name in _FILTERS}
        query = {key: value for key, value in (now | changes).items() if value}
        return f"{HOME}?{urlencode(query)}" if query else HOME

    async def _fill(self) -> None:
        active = {"yes": True, "no": False}.get(self.active)
        found = await self._run(
            people.listing, text=self.text, role=self.role, active=active, team_id=number(self.team) or None,
            company_id=number(self.company) or None, after=self._after, size=SIZE + 1,
        )  # fmt: skip
        last = found[SIZE - 1] if len(found) > SIZE else None
        self.rows = found[:SIZE]
        self.next_href = self._href(after=f"{last.name}|{last.id}") if last else ""
        self.first_href = self._href() if self._after else ""
        here = self._href(after=self._after)
        joint = "&" if "?" in here else "?"
        self.new_href, self.row_base = f"{here}{joint}new=yes", f"{here}{joint}person="

    async def _open(self, given: dict[str, str]) -> None:
        """The drawer, when the address asks for it."""
        self.errors = {}
        person_id = number(given.get("person", ""))
        if not person_id and given.get("new") != "yes":
            self.is_open = False
            return
        self.skill_choices = [Choice(str(one.id), one.name) for one in await self._run(skills.listing)]
        self.hour_choices = [Choice(str(key), name) for key, name in await self._run(people.hours)]
        if not person_id:
            self.person, self.person_teams, self.new_role = NOBODY, [], Role.AGENT.value
            self.person_skills, self.site_choices = [], []
        else:
            try:
                await self._show(person_id)
            except NotFound:
                self.is_open = False
                return
        self.opened += 1
        self.is_open = True

    async def _show(self, person_id: int) -> None:
        """Whom the drawer is about, as they are now."""
        self.person = await self._run(people.one, person_id)
        found = await self._run(teams.listing)
        self.team_choices = [Choice(str(team.id), team.name) for team in found]
        self.person_skills = [str(one) for one in self.person.skill_ids]
        places = await self._run(companies.sites_of, self.person.company_id) if self.person.company_id else []
        self.site_choices = [Choice(str(site.id), site.name) for site in places]
        self.heirs = [
            Choice("queue", "Whoever is next: back to the queue"),
            Choice("keep", "Leave them where they are"),
            *(Choice(str(one.id), one.name) for one in await self._run(people.agents) if one.id != person_id),
        ]
        self.person_teams = [str(team.id) for team in found if person_id in team.member_ids]
        self.rows = [self.person if row.id == person_id else row for row in self.rows]


def _capacity(raw: str) -> int:
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 9 else -1


# Whom tickets can be given to; only they are in teams.
IN_TEAMS = tuple(role.value for role in Role if role in ASSIGNABLE)
