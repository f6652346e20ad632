"""Escalation: the policies, and one of them in the drawer with its steps."""

from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.domain import escalation
from helpdesk.domain.conditions import Group, Use, from_json
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.escalation import WHOM_LABELS, Since, Step
from helpdesk.services import escalations, organizations, people, tickets
from helpdesk.services.escalations import PolicyRow, StepRow
from helpdesk.state.admin.conditions import Conditions
from helpdesk.state.admin.forms import Form, back_to, number, typed
from helpdesk.state.base import loads
from helpdesk.state.guard import admin
from helpdesk.state.outline import tree

HOME = "/admin/escalation"


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
    problem: str = ""


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


class Escalations(Conditions, rx.State):
    """The page."""

    rows: list[PolicyLine] = []
    is_on: bool = True
    is_open: bool = False
    policy_id: int = 0
    name: str = ""
    is_active: bool = True
    sentence: str = ""
    matches: str = ""
    note: str = ""  # what is still missing in the conditions
    steps: list[StepForm] = []
    whom_choices: list[Choice] = []
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
        self._take_lines(form)
        where, steps = from_json(tree(self.lines), Use.RULE), [_step(form, one) for one in self.steps]
        try:
            await self._run(
                escalations.save, policy_id or None, name=name, where=where, steps=steps,
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

    async def _changed(self) -> None:
        self.sentence, self.matches, self.note = await self._told()

    async def _fill(self) -> list[PolicyRow]:
        found = await self._run(escalations.listing)
        self.is_on = (await self._run(organizations.mine)).escalates
        await self._offer(escalations.ASKS, Use.VIEW)
        self.rows = [self._line(row) for row in found]
        return found

    async def _show(self, row: PolicyRow | None) -> None:
        self.policy_id, self.name, self.is_active = (row.id, row.name, row.is_active) if row else (0, "", True)
        agents = await self._run(people.agents)
        self.whom_choices = [
            *(Choice(word.value, label[0].upper() + label[1:]) for word, label in WHOM_LABELS.items()),
            *(Choice(f"team:{one.value}", f"Team {one.label}") for one in await self._run(tickets.team_options)),
            *(Choice(f"person:{one.id}", one.name) for one in agents),
        ]
        await self._show_conditions(row.where if row else Group())
        await self._changed()
        given = row.steps if row else (StepRow(Since.BREACH.value, escalation.AT_ONCE, ("lead",)),)
        self.steps = _numbered(
            [
                StepForm(f"s{at}", at + 1, one.since, one.after, one.whom, str(one.level), one.message)
                for at, one in enumerate(given)
            ]
        )
        self.opened += 1

    def _line(self, row: PolicyRow) -> PolicyLine:
        who = self._said(row.where) or "Every ticket"
        return PolicyLine(
            row.id, row.name, row.is_active, who, len(row.steps),
            f"{row.steps[0].why}: {row.steps[0].names}" if row.steps else "", max((s.level for s in row.steps), default=0),
            row.lately, row.problem,
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
