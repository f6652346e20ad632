"""One rule as a sentence: when, if, then; and its dry run."""

from dataclasses import replace

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.domain import rules as language
from helpdesk.domain.conditions import (
    DEEPEST,
    FIELDS,
    ME,
    MOST_CONDITIONS,
    OPERATOR_LABELS,
    SEVERAL,
    Condition,
    Field,
    Group,
    Kind,
    Match,
    Operator,
    Use,
    named,
    operators,
)
from helpdesk.domain.errors import Invalid
from helpdesk.domain.rules import MOST_ACTIONS, WAITING, Do, Trigger
from helpdesk.services import macros, people, rehearsal, rules, tickets, webhooks
from helpdesk.services.rehearsal import Rehearsal
from helpdesk.state.admin.acts import Act, act_of, as_json, counted, fresh, targets
from helpdesk.state.admin.acts import plain as plain_act
from helpdesk.state.admin.automation import HOME
from helpdesk.state.admin.forms import Form, number, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin
from helpdesk.state.outline import WORDS, Line, end, numbered, outline, plain, shape, tree
from helpdesk.state.outline import line as line_of


class RuleEditor(PageState, rx.State):
    """The page."""

    rule_id: int = 0
    name: str = ""
    is_active: bool = True
    trigger: str = Trigger.CREATED.value
    after: str = ""
    is_waiting: bool = False
    lines: list[Line] = []
    acts: list[Act] = []
    # What can be asked for, how it can be compared, and with what; what can be done, and with what.
    askable: list[Choice] = []
    operators: dict[str, list[Choice]] = {}
    options: dict[str, list[Choice]] = {}
    targets: dict[str, list[Choice]] = {}
    found: list[Choice] = []
    shape: int = 0  # raised when lines move, so that their inputs are drawn anew
    days: str = "7"
    warning: str = ""
    is_trying: bool = False
    has_tried: bool = False
    tried: Rehearsal = Rehearsal()
    _names: dict[str, str] = {}

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the rule the address names, or an empty one."""
        await self._offer()
        self.errors, self.has_tried, self.found, self.days, self.warning = {}, False, [], "7", ""
        self.rule_id = number(str(self.router.url.query_parameters.get("rule", "")))
        self.name, self.is_active, self.trigger, self.after = "", True, Trigger.CREATED.value, ""
        group, acts = Group(), [Act()]
        if self.rule_id:
            written = await self._run(rules.definition, self.rule_id)
            row = next(one for one in await self._run(rules.listing) if one.id == self.rule_id)
            self.name, self.is_active = row.name, row.is_active
            rule = language.parse(written)
            self.trigger, self.after = rule.trigger.value, str(written.get("after", ""))
            group, acts = rule.where, [act_of(one) for one in rule.actions]
            self.warning = await self._warned(written)
        self.is_waiting = self.trigger in WAITING
        self._set_lines(outline(group))
        self._set_acts(acts)
        await self._name_people()

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
    async def add(self, under: int) -> None:
        """A condition at the end of a group."""
        if sum(not one.is_group for one in self.lines) < MOST_CONDITIONS:
            depth = self.lines[under].depth if 0 <= under < len(self.lines) else 0
            self._insert(under, line_of(Condition(Field.STATUS, Operator.IS, ()), depth + 1))

    @rx.event
    @admin
    async def add_group(self, under: int) -> None:
        """A group within a group."""
        head = self.lines[under] if 0 <= under < len(self.lines) else Line()
        if head.depth + 1 < DEEPEST:
            match = Match.ANY if head.match == Match.ALL else Match.ALL
            at = self._insert(under, Line(depth=head.depth + 1, is_group=True, match=match.value))
            self._insert(at, line_of(Condition(Field.STATUS, Operator.IS, ()), head.depth + 2))

    @rx.event
    @admin
    async def remove(self, at: int) -> None:
        """Take out a condition, or a group with all that is in it."""
        if 0 < at < len(self.lines):
            self._set_lines(self.lines[:at] + self.lines[end(self.lines, at) :])

    @rx.event
    @admin
    async def set_match(self, at: int, match: str) -> None:
        """All of a group, or any of it."""
        self._alter(at, match=match if match in tuple(Match) else Match.ALL.value)

    @rx.event
    @admin
    async def set_field(self, at: int, field: str) -> None:
        """What a condition is about."""
        try:
            about, its_number = named(field)
        except Invalid:
            return
        fresh = line_of(Condition(about, operators(about, Use.RULE)[0], (), its_number), 0)
        self._alter(at, field=field, operator=fresh.operator, picked=(), text="", input=fresh.input)

    @rx.event
    @admin
    async def set_operator(self, at: int, operator: str) -> None:
        """How a condition compares."""
        if not 0 < at < len(self.lines) or operator not in tuple(Operator):
            return
        line = self.lines[at]
        entered = shape(named(line.field)[0], Operator(operator))
        is_switch = Operator.CHANGED in (operator, line.operator)
        values = list(line.picked) if entered == line.input and not is_switch else []
        if operator == Operator.CHANGED:
            values = ["yes"]
        self._keep(at, values if operator in SEVERAL else values[:1], operator=operator, input=entered)

    @rx.event
    @admin
    async def choose(self, at: int, value: str) -> None:
        """Tick a value, or take its tick away; where one is compared it takes the other's place."""
        if not 0 < at < len(self.lines):
            return
        line = self.lines[at]
        if value in line.picked:
            values = [one for one in line.picked if one != value]
        else:
            values = [*line.picked, value] if line.operator in SEVERAL else [value]
        self.found = []
        self._keep(at, values)

    @rx.event
    @admin
    async def write(self, at: int, value: str) -> None:
        """A day, a number, or words."""
        self._keep(at, [value.strip()] if value.strip() else [])

    @rx.event
    @admin
    async def look_for(self, text: str) -> None:
        """Find customers by part of their name or address."""
        rows = await self._run(people.customers, text) if len(text.strip()) > 1 else []
        self.found = [Choice(str(row.id), row.name, hint=row.email) for row in rows]
        self._names |= {str(row.id): row.name for row in rows}

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
        return found | {"after": self.after} if self.is_waiting else found

    def _take(self, form: dict[str, str]) -> None:
        """What was typed last: a form may be sent from within a field."""
        self.after = form.get("after", self.after).strip()
        for at, line in enumerate(self.lines):
            if (value := form.get(f"line-{at}")) is not None and not line.is_group:
                self._keep(at, [value.strip()] if value.strip() else [])
        for at in range(len(self.acts)):
            for part in ("value", "recipient", "subject"):
                if (value := form.get(f"act-{at}-{part}")) is not None:
                    self._alter_act(at, **{part: value})

    def _insert(self, under: int, line: Line) -> int:
        at = end(self.lines, under)
        self._set_lines([*self.lines[:at], line, *self.lines[at:]])
        return at

    def _set_lines(self, lines: list[Line]) -> None:
        self.lines, self.shape = numbered(lines), self.shape + 1
        for line in self.lines:
            if line.picked and not line.text:
                self._keep(line.number, list(line.picked))

    def _keep(self, at: int, values: list[str], **more: str) -> None:
        if not 0 < at < len(self.lines):
            return
        line = self.lines[at]
        known = {one.value.lower(): one.label for one in self.options.get(line.field, [])}
        text = ", ".join(known.get(one.lower()) or self._names.get(one) or WORDS.get(one, one) for one in values)
        self._alter(at, picked=tuple(values), text=text, **more)

    def _alter(self, at: int, **changes: object) -> None:
        if 0 <= at < len(self.lines):
            lines = [plain(one) for one in self.lines]
            lines[at] = replace(lines[at], **changes)  # type: ignore[arg-type]
            self.lines = lines

    def _set_acts(self, acts: list[Act]) -> None:
        self.acts, self.shape = counted(acts), self.shape + 1

    def _put_act(self, at: int, act: Act) -> None:
        if 0 <= at < len(self.acts):
            self.acts = counted([act if one.number == at else one for one in self.acts])

    def _alter_act(self, at: int, **changes: str) -> None:
        if 0 <= at < len(self.acts):
            self._put_act(at, replace(plain_act(self.acts[at]), **changes))  # type: ignore[arg-type]

    async def _name_people(self) -> None:
        """Customers a condition names are not among the offered ones."""
        ids = [value for line in self.lines if line.field == Field.REQUESTER for value in line.picked]
        self._names |= await self._run(people.names, [number(one) for one in ids]) if ids else {}
        self._set_lines(list(self.lines))

    async def _offer(self) -> None:
        known = await self._run(tickets.filter_choices)

        def chosen(options: tuple[tickets.Option, ...], *words: str) -> list[Choice]:
            return [Choice(one, WORDS.get(one, one)) for one in words] + [
                Choice(one.value, one.label) for one in options
            ]

        none = "none"
        own = {
            Field.STATUS: chosen(known.statuses), Field.PRIORITY: chosen(known.priorities),
            Field.CATEGORY: chosen(known.categories, none), Field.TEAM: chosen(known.teams, none),
            Field.ASSIGNEE: chosen(known.agents, none), Field.TAG: chosen(known.tags, none),
            Field.COMPANY: chosen(known.companies, none),
        }  # fmt: skip
        self.askable = [Choice(one.value, facts.label) for one, facts in FIELDS.items() if one is not Field.CUSTOM]
        self.askable += [Choice(one.value, one.label) for one in known.fields]
        self.options = {
            one.value: own.get(one) or [Choice(word, _said(word)) for word in facts.words if word != ME]
            for one, facts in FIELDS.items()
            if facts.kind in (Kind.WORD, Kind.CHOICE, Kind.ID)
        }
        self.operators = {
            choice.value: [
                Choice(how.value, OPERATOR_LABELS[how].replace(" …", "")) for how in operators(named(choice.value)[0], Use.RULE)
            ]
            for choice in self.askable
        }  # fmt: skip
        hooks = [Choice(str(one.id), one.name) for one in await self._run(webhooks.listing) if one.is_active]
        self.targets = targets(known, await self._run(macros.listing), hooks)


def _said(word: str) -> str:
    return WORDS.get(word, word.replace("_", " ").capitalize())
