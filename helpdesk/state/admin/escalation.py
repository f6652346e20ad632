"""Escalation: the policies, and one of them in the drawer with its steps."""

from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.domain import escalation
from helpdesk.domain.conditions import Condition, Field, Group, Match, Operator
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.escalation import WHOM_LABELS, Since, Step
from helpdesk.domain.filters import TicketFilter
from helpdesk.services import escalations, organizations, people, tickets
from helpdesk.services.escalations import PolicyRow, StepRow
from helpdesk.state.admin.forms import Form, back_to, number, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/escalation"
# What the page can ask; a text can ask for everything views can.
_ASKED = (Field.PRIORITY, Field.CATEGORY, Field.TEAM)


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """A policy in the list."""

    id: int
    name: str
    is_active: bool
    who: str
    steps: int
    first: str
    level: int
    lately: int


@dataclass(frozen=True, slots=True)
class StepForm:
    """A step in the editor; `key` stays while others come and go."""

    key: str
    number: int
    since: str
    after: str
    whom: tuple[str, ...]
    level: str
    message: str


class Escalations(PageState, rx.State):
    """The page."""

    rows: list[PolicyLine] = []
    is_on: bool = True
    is_open: bool = False
    policy_id: int = 0
    name: str = ""
    is_active: bool = True
    # Its conditions are more than this page can ask: they stay as they are.
    is_beyond: bool = False
    matching: str = ""
    steps: list[StepForm] = []
    whom_choices: list[Choice] = []
    priority_choices: list[Choice] = []
    category_choices: list[Choice] = []
    team_choices: list[Choice] = []
    priorities: list[str] = []
    categories: list[str] = []
    teams: list[str] = []
    opened: int = 0
    _added: int = 0

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the policies, and the one the address names."""
        given = self.router.url.query_parameters
        actor = await self._actor()
        found = await self._fill()
        self._watch(f"org-{actor.organization_id}-catalog", Escalations.refresh)
        self.errors = {}
        wanted = str(given.get("policy", ""))
        chosen = next((row for row in found if str(row.id) == wanted), None)
        self.is_open = chosen is not None or given.get("new") == "yes"
        if self.is_open:
            await self._show(chosen)

    @rx.event
    @admin
    async def refresh(self) -> None:
        """Somebody changed a policy."""
        await self._fill()

    @rx.event
    @admin
    async def close(self) -> list[EventSpec]:
        """Back to the list."""
        self.is_open = False
        return [rx.redirect(HOME), back_to("policy", self.policy_id)]

    @rx.event
    @admin
    async def turn(self, is_on: bool) -> EventSpec:
        """Have tickets be escalated by themselves, or not."""
        await self._run(escalations.switch, is_on=is_on)
        self.is_on = is_on
        return toast_done(
            "Policies escalate tickets from now on" if is_on else "Nothing is escalated by itself any more"
        )

    @rx.event
    @admin
    async def add_step(self) -> None:
        """One more step at the end."""
        if len(self.steps) < escalation.MOST_STEPS:
            self._added += 1
            last = self.steps[-1] if self.steps else None
            since = last.since if last else Since.BREACH.value
            self.steps = _numbered([*self.steps, StepForm(f"n{self._added}", 0, since, "", ("managers",), "1", "")])

    @rx.event
    @admin
    async def remove_step(self, key: str) -> None:
        """Take one out; what is typed in the others stays."""
        self.steps = _numbered([one for one in self.steps if one.key != key])

    @rx.event
    @admin
    async def save(self, sent: Form) -> list[EventSpec]:
        """Create a policy, or change the one the form names."""
        form = typed(sent)
        name, policy_id = form.get("name", ""), number(form.get("policy_id", ""))
        steps = [_step(form, one) for one in self.steps]
        try:
            await self._run(
                escalations.save, policy_id or None, name=name, where=await self._where(form, policy_id), steps=steps,
                is_active="is_active" in form,
            )  # fmt: skip
        except Conflict as conflict:
            raise Invalid(name=conflict.message) from None
        self.is_open = False
        return [toast_done(f"{name} is saved"), rx.redirect(HOME)]

    @rx.event
    @admin
    async def delete(self, policy_id: int) -> list[EventSpec]:
        """Remove a policy."""
        await self._run(escalations.remove, policy_id)
        self.is_open = False
        return [toast_done("The policy is deleted"), rx.redirect(HOME)]

    async def _where(self, form: dict[str, str], policy_id: int) -> Group:
        """The conditions of the form; those it cannot show stay as they are."""
        if self.is_beyond:
            known = await self._run(escalations.listing)
            return next((row.where for row in known if row.id == policy_id), Group())
        parts = []
        for field in _ASKED:
            values = tuple(key.partition("-")[2] for key in form if key.startswith(f"{field.value}-"))
            if values:
                parts.append(Condition(field, Operator.ANY, values))
        return Group(Match.ALL, tuple(parts))

    async def _fill(self) -> list[PolicyRow]:
        found = await self._run(escalations.listing)
        self.is_on = (await self._run(organizations.mine)).escalates
        await self._offer()
        self.rows = [self._line(row) for row in found]
        return found

    async def _offer(self) -> None:
        self.priority_choices = [Choice(one.value, one.label) for one in await self._run(tickets.priority_options)]
        self.category_choices = [Choice(one.value, one.label) for one in await self._run(tickets.category_options)]
        self.team_choices = [Choice(one.value, one.label) for one in await self._run(tickets.team_options)]

    async def _show(self, row: PolicyRow | None) -> None:
        chosen = _chosen(row.where) if row else {}
        self.policy_id, self.name, self.is_active = (row.id, row.name, row.is_active) if row else (0, "", True)
        self.is_beyond = chosen is None
        self.priorities, self.categories, self.teams = (list((chosen or {}).get(field, ())) for field in _ASKED)
        agents = await self._run(people.agents)
        self.whom_choices = [
            *(Choice(word.value, label[0].upper() + label[1:]) for word, label in WHOM_LABELS.items()),
            *(Choice(f"team:{one.value}", f"Team {one.label}") for one in self.team_choices),
            *(Choice(f"person:{one.id}", one.name) for one in agents),
        ]
        # What is switched off or gone stays ticked: else saving would make the policy one for every ticket.
        self.priority_choices = _with(self.priority_choices, self.priorities)
        self.category_choices = _with(self.category_choices, self.categories)
        self.team_choices = _with(self.team_choices, self.teams)
        self.matching = ""
        if row:
            count = await self._run(tickets.matches, TicketFilter(where=row.where, open=True))
            self.matching = "1 open ticket now" if count == 1 else f"{count} open tickets now"
        given = row.steps if row else (StepRow(Since.BREACH.value, escalation.AT_ONCE, ("lead",)),)
        self.steps = _numbered(
            [
                StepForm(f"s{at}", at + 1, one.since, one.after, one.whom, str(one.level), one.message)
                for at, one in enumerate(given)
            ]
        )
        self.opened += 1

    def _line(self, row: PolicyRow) -> PolicyLine:
        chosen = _chosen(row.where)
        if chosen is None:
            who = "Tickets that meet its own conditions"
        else:
            labels = {
                Field.PRIORITY: self.priority_choices, Field.CATEGORY: self.category_choices, Field.TEAM: self.team_choices,
            }  # fmt: skip
            said = [_listed(labels[field], chosen[field]) for field in _ASKED if field in chosen]
            who = "; ".join(said) or "Every ticket"
        return PolicyLine(
            row.id, row.name, row.is_active, who, len(row.steps),
            f"{row.steps[0].why}: {row.steps[0].names}" if row.steps else "", max((s.level for s in row.steps), default=0),
            row.lately,
        )  # fmt: skip


def _numbered(steps: list[StepForm]) -> list[StepForm]:
    return [
        StepForm(one.key, at, one.since, one.after, tuple(one.whom), one.level, one.message)
        for at, one in enumerate(steps, start=1)
    ]


def _step(form: dict[str, str], one: StepForm) -> Step:
    since, level = form.get(f"since-{one.key}", ""), form.get(f"level-{one.key}", "")
    if since not in tuple(Since) or not level.isdecimal():
        raise Invalid(steps=f"Step {one.number}: choose from when it counts, and the level.")
    try:
        after = escalation.after(form.get(f"after-{one.key}", ""))
    except Invalid as error:
        raise Invalid(steps=f"Step {one.number}: {error.fields['after']}") from None
    start = f"whom-{one.key}-"
    whom = tuple(key.removeprefix(start) for key in form if key.startswith(start))
    return Step(Since(since), after, whom, int(level), form.get(f"message-{one.key}", ""))


def _chosen(where: Group) -> dict[Field, tuple[str, ...]] | None:
    """The conditions as the page asks them; None when they are others."""
    found: dict[Field, tuple[str, ...]] = {}
    for part in where.parts:
        is_one = isinstance(part, Condition) and part.field in _ASKED and part.operator in (Operator.IS, Operator.ANY)
        if not is_one or not isinstance(part, Condition) or part.field in found or where.match is not Match.ALL:
            return None
        found[part.field] = part.values
    return found


def _with(choices: list[Choice], values: list[str]) -> list[Choice]:
    known = {one.value for one in choices}
    return [*choices, *(Choice(value, "No longer in use") for value in values if value not in known)]


def _listed(choices: list[Choice], values: tuple[str, ...]) -> str:
    labels = {one.value: one.label for one in choices}
    return " or ".join(labels.get(value, "something no longer in use") for value in values)
