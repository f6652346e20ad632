"""One rule as a sentence: when, if, then; and its dry run."""

from dataclasses import replace

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.domain import rules as language
from helpdesk.domain.conditions import Group
from helpdesk.domain.errors import Invalid
from helpdesk.domain.rules import MOST_ACTIONS, WAITING, Do, Trigger
from helpdesk.services import macros, promises, rehearsal, rules, webhooks
from helpdesk.services.rehearsal import Rehearsal
from helpdesk.state.admin.acts import Act, act_of, as_json, counted, fresh, targets
from helpdesk.state.admin.acts import plain as plain_act
from helpdesk.state.admin.automation import HOME
from helpdesk.state.admin.conditions import Conditions
from helpdesk.state.admin.forms import Form, number, typed
from helpdesk.state.base import loads
from helpdesk.state.guard import admin
from helpdesk.state.outline import tree


class RuleEditor(Conditions, rx.State):
    """The page."""

    rule_id: int = 0
    name: str = ""
    is_active: bool = True
    trigger: str = Trigger.CREATED.value
    after: str = ""
    starts: str = ""
    ends: str = ""
    is_waiting: bool = False
    acts: list[Act] = []
    # What can be done, and with what.
    targets: dict[str, list[Choice]] = {}
    days: str = "7"
    warning: str = ""
    explains: bool = False
    is_trying: bool = False
    has_tried: bool = False
    tried: Rehearsal = Rehearsal()

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the rule the address names, or an empty one."""
        hooks = [Choice(str(one.id), one.name) for one in await self._run(webhooks.listing) if one.is_active]
        policies = [Choice(str(one.id), one.name) for one in await self._run(promises.policy_rows) if one.is_active]
        self.targets = targets(await self._offer(), await self._run(macros.listing), hooks, policies)
        self.errors, self.has_tried, self.found, self.days, self.warning = {}, False, [], "7", ""
        self.rule_id = number(str(self.router.url.query_parameters.get("rule", "")))
        self.name, self.is_active, self.trigger, self.after = "", True, Trigger.CREATED.value, ""
        self.starts, self.ends = "", ""
        self.explains = False
        group, acts = Group(), [Act()]
        if self.rule_id:
            written = await self._run(rules.definition, self.rule_id)
            row = next(one for one in await self._run(rules.listing) if one.id == self.rule_id)
            self.name, self.is_active, self.explains = row.name, row.is_active, row.explains
            rule = language.parse(written)
            self.trigger, self.after = rule.trigger.value, str(written.get("after", ""))
            self.starts, self.ends = str(written.get("starts", "")), str(written.get("ends", ""))
            group, acts = rule.where, [act_of(one) for one in rule.actions]
            self.warning = await self._warned(written)
        self.is_waiting = self.trigger in WAITING
        self._set_acts(acts)
        await self._show_conditions(group)

    @rx.event
    @admin
    async def set_trigger(self, trigger: str) -> None:
        """When it begins."""
        if trigger in tuple(Trigger):
            self.trigger, self.is_waiting = trigger, trigger in WAITING
            self.after = (self.after or "2d") if self.is_waiting else ""

    @rx.event
    @admin
    async def write_after(self, after: str) -> None:
        """For how long."""
        self.after = after.strip()[:40]

    @rx.event
    @admin
    async def add_act(self) -> None:
        """One more thing to do."""
        if len(self.acts) < MOST_ACTIONS:
            self._set_acts([*self.acts, Act()])

    @rx.event
    @admin
    async def remove_act(self, at: int) -> None:
        """One thing less."""
        self._set_acts([one for one in self.acts if one.number != at])

    @rx.event
    @admin
    async def move_act(self, at: int, by: int) -> None:
        """Earlier (-1) or later (1)."""
        acts = list(self.acts)
        if 0 <= at < len(acts) and 0 <= at + by < len(acts):
            acts.insert(at + by, acts.pop(at))
            self._set_acts(acts)

    @rx.event
    @admin
    async def set_do(self, at: int, do: str) -> None:
        """What to do."""
        if do in tuple(Do):
            self._put_act(at, fresh(do))

    @rx.event
    @admin
    async def set_value(self, at: int, value: str) -> None:
        """With what."""
        self._alter_act(at, value=value)

    @rx.event
    @admin
    async def set_recipient(self, at: int, recipient: str) -> None:
        """Whom a mail is for."""
        self._alter_act(at, recipient=recipient.strip())

    @rx.event
    @admin
    async def set_subject(self, at: int, subject: str) -> None:
        """What a mail is about."""
        self._alter_act(at, subject=subject)

    @rx.event
    @admin
    async def save(self, sent: Form) -> list[EventSpec]:
        """Create the rule, or change it."""
        form = typed(sent)
        self._take(form)
        name = form.get("name", "")
        await self._run(
            rules.save, self.rule_id or None, name=name, written=self._written(), is_active="is_active" in form
        )
        said = await self._warned(self._written())
        return [
            toast_done(f"{name} is saved"),
            *([rx.toast.warning(said, duration=10_000)] if said else []),
            rx.redirect(HOME),
        ]

    @rx.event
    @admin
    async def choose_days(self, days: str) -> None:
        """How far back the dry run looks."""
        self.days = days if days in ("1", "7", "30", "90") else "7"

    @rx.event
    @admin
    async def rehearse(self) -> None:
        """Try it on what happened lately."""
        self.is_trying = True
        yield
        try:
            self.tried = await self._run(
                rehearsal.rehearse, written=self._written(), days=number(self.days), but=self.rule_id
            )
            self.has_tried = True
            self.warning = await self._warned(self._written())
        finally:
            self.is_trying = False

    @rx.event
    @admin
    async def explain(self, rule_id: int, is_on: bool) -> EventSpec:
        """Have it log why it does not apply, for a day; or no longer."""
        await self._run(rules.explain, rule_id, is_on=is_on)
        self.explains = is_on
        return toast_done("The log says why not, for a day" if is_on else "The log says only what it did")

    @rx.event
    @admin
    async def delete(self) -> list[EventSpec]:
        """Remove the rule."""
        await self._run(rules.delete, self.rule_id)
        return [toast_done("The rule is deleted"), rx.redirect(HOME)]

    async def _warned(self, written: dict[str, object]) -> str:
        try:
            return await self._run(rules.warning, self.rule_id, written)
        except Invalid:
            return ""  # what is wrong with it is said where it is wrong

    def _written(self) -> dict[str, object]:
        found: dict[str, object] = {
            "when": self.trigger,
            "if": tree(self.lines),
            "then": [as_json(one) for one in self.acts],
        }
        days = {"starts": self.starts, "ends": self.ends}
        found |= {name: day for name, day in days.items() if day}
        return found | {"after": self.after} if self.is_waiting else found

    def _take(self, form: dict[str, str]) -> None:
        """What was typed last: a form may be sent from within a field."""
        self.after = form.get("after", self.after).strip()
        self.starts, self.ends = form.get("starts", self.starts).strip()[:20], form.get("ends", self.ends).strip()[:20]
        self._take_lines(form)
        for at in range(len(self.acts)):
            for part in ("value", "recipient", "subject"):
                if (value := form.get(f"act-{at}-{part}")) is not None:
                    self._alter_act(at, **{part: value})

    def _set_acts(self, acts: list[Act]) -> None:
        self.acts, self.shape = counted(acts), self.shape + 1

    def _put_act(self, at: int, act: Act) -> None:
        if 0 <= at < len(self.acts):
            self.acts = counted([act if one.number == at else one for one in self.acts])

    def _alter_act(self, at: int, **changes: str) -> None:
        if 0 <= at < len(self.acts):
            self._put_act(at, replace(plain_act(self.acts[at]), **changes))  # type: ignore[arg-type]
