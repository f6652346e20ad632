"""Teams: the list, and one of them in the drawer."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.tickets import Strategy
from helpdesk.services import people, skills, teams
from helpdesk.services.people import AgentRow
from helpdesk.services.teams import TeamDetail
from helpdesk.state.admin.forms import Form, back_to, number, ticked, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import manager

HOME = "/admin/teams"
NEW = TeamDetail(0, "", Strategy.ROUND_ROBIN.value, True)
STRATEGIES = (
    (Strategy.ROUND_ROBIN, "In turn", "Each ticket goes to the available agent who has waited longest for one."),
    (Strategy.LEAST_LOADED, "Least loaded", "Each ticket goes to the available agent with the fewest open tickets."),
    (
        Strategy.SKILL,
        "By skill",
        "Each ticket goes to the least loaded agent who can do all it asks for; if nobody free can, to the least loaded.",
    ),
    (Strategy.MANUAL, "By hand", "Tickets wait in the queue until somebody takes or assigns them."),
)


class Teams(PageState, rx.State):
    """The page."""

    rows: list[TeamDetail] = []
    agents: list[AgentRow] = []
    skill_choices: list[Choice] = []
    skills: list[str] = []
    is_open: bool = False
    team: TeamDetail = NEW
    opened: int = 0

    @rx.event
    @manager
    @loads
    async def load(self) -> None:
        """Show the teams, and the one the address names."""
        given = self.router.url.query_parameters
        actor = await self._actor()
        await self._fill()
        self._watch(f"org-{actor.organization_id}-catalog", Teams.refresh)
        self.errors = {}
        wanted = str(given.get("team", ""))
        found = next((row for row in self.rows if str(row.id) == wanted), None)
        self.is_open = found is not None or given.get("new") == "yes"
        if self.is_open:
            self.agents = await self._run(people.agents)
            self.team = found or NEW
            self.skill_choices = [Choice(str(one.id), one.name) for one in await self._run(skills.listing)]
            self.skills = [str(one) for one in self.team.skill_ids]
            self.opened += 1

    @rx.event
    @manager
    async def refresh(self) -> None:
        """Somebody changed a team."""
        await self._fill()

    @rx.event
    @manager
    async def close(self) -> list[EventSpec]:
        """Back to the list."""
        self.is_open = False
        return [rx.redirect(HOME), back_to("team", self.team.id)]

    @rx.event
    @manager
    async def save(self, sent: Form) -> list[EventSpec]:
        """Create a team, or change the one the form names."""
        form = typed(sent)
        name = form.get("name", "")
        try:
            await self._run(
                teams.save, number(form.get("team_id", "")) or None, name=name,
                strategy=form.get("strategy", ""), is_active="is_active" in form, member_ids=ticked(form, "member"),
                lead_ids=tuple(set(ticked(form, "lead")) & set(ticked(form, "member"))),
                hands_back="hands_back" in form, skill_ids=ticked(form, "skill"),
            )  # fmt: skip
        except Conflict as conflict:
            raise Invalid(name=conflict.message) from None
        self.is_open = False
        return [toast_done(f"{name} is saved"), rx.redirect(HOME)]

    async def _fill(self) -> None:
        self.rows = await self._run(teams.to_manage)
