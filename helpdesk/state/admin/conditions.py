"""Conditions as an administrator builds them: for a rule, an SLA policy, an escalation policy."""

from collections.abc import Collection

import reflex as rx

from helpdesk.components.base import Choice
from helpdesk.domain.conditions import FIELDS, ME, OPERATOR_LABELS, Field, Group, Kind, Use, from_json, named, operators
from helpdesk.domain.errors import Invalid
from helpdesk.domain.filters import TicketFilter
from helpdesk.services import people, tickets
from helpdesk.state import outline as lines
from helpdesk.state.admin.forms import number
from helpdesk.state.base import PageState
from helpdesk.state.guard import admin
from helpdesk.state.outline import WORDS, Line


class Conditions(PageState, mixin=True):
    """A part of an editor's state, which says what is offered, shows a tree, and reads it again with `outline.tree`."""

    lines: list[Line] = []
    # What can be asked for, how it can be compared, and with what.
    askable: list[Choice] = []
    operators: dict[str, list[Choice]] = {}
    options: dict[str, list[Choice]] = {}
    found: list[Choice] = []  # people, for “requester”
    shape: int = 0  # raised when lines move, so that their inputs are drawn anew
    _names: dict[str, str] = {}

    @rx.event
    @admin
    async def add(self, under: int) -> None:
        """A condition at the end of a group."""
        await self._move(lines.added(self.lines, under, self._first()))

    @rx.event
    @admin
    async def add_group(self, under: int) -> None:
        """A group within a group."""
        await self._move(lines.with_group(self.lines, under, self._first()))

    @rx.event
    @admin
    async def remove(self, at: int) -> None:
        """Take out a condition, or a group with all that is in it."""
        await self._move(lines.without(self.lines, at))

    @rx.event
    @admin
    async def set_match(self, at: int, match: str) -> None:
        """All of a group, or any of it."""
        await self._put(lines.matched(self.lines, at, match))

    @rx.event
    @admin
    async def set_field(self, at: int, field: str) -> None:
        """What a condition is about."""
        await self._put(lines.about(self.lines, at, field, use=Use.RULE))

    @rx.event
    @admin
    async def set_operator(self, at: int, operator: str) -> None:
        """How a condition compares."""
        await self._put(lines.compared(self.lines, at, operator))

    @rx.event
    @admin
    async def choose(self, at: int, value: str) -> None:
        """Tick a value, or take its tick away; where one is compared it takes the other's place."""
        self.found = []
        await self._put(lines.ticked(self.lines, at, value))

    @rx.event
    @admin
    async def write(self, at: int, value: str) -> None:
        """A day, a number, or words."""
        await self._put(lines.typed(self.lines, at, value))

    @rx.event
    @admin
    async def look_for(self, text: str) -> None:
        """Find customers by part of their name or address."""
        rows = await self._run(people.customers, text) if len(text.strip()) > 1 else []
        self.found = [Choice(str(row.id), row.name, hint=row.email) for row in rows]
        self._names |= {str(row.id): row.name for row in rows}

    def _first(self) -> Field:
        return named(self.askable[0].value)[0] if self.askable else Field.STATUS

    async def _changed(self) -> None:
        """What follows when a condition was changed; for the editors."""

    async def _show_conditions(self, group: Group) -> None:
        """Begin with these."""
        # Customers a condition names are not among the offered ones.
        ids = [value for one in group if one.field is Field.REQUESTER for value in one.values]
        self._names |= await self._run(people.names, [number(one) for one in ids]) if ids else {}
        self.found = []
        self._redraw(lines.numbered(lines.outline(group)))

    async def _offer(self, only: Collection[Field] = tuple(FIELDS), use: Use = Use.RULE) -> tickets.FilterChoices:
        """Offer fields, and what they can be compared with."""
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
        self.askable = [
            Choice(one.value, FIELDS[one].label) for one in FIELDS if one in only and one is not Field.CUSTOM
        ]
        if Field.CUSTOM in only:
            self.askable += [Choice(one.value, one.label) for one in known.fields]
        self.options = {
            one.value: own.get(one) or [Choice(word, _said(word)) for word in facts.words if word != ME]
            for one, facts in FIELDS.items()
            if facts.kind in (Kind.WORD, Kind.CHOICE, Kind.ID)
        }
        self.operators = {
            choice.value: [
                Choice(how.value, OPERATOR_LABELS[how].replace(" …", "")) for how in operators(named(choice.value)[0], use)
            ]
            for choice in self.askable
        }  # fmt: skip
        return known

    def _said(self, group: Group) -> str:
        """Conditions as a sentence."""

        def label(field: str, value: str) -> str | None:
            is_gone = value.isdecimal() and FIELDS[named(field)[0]].kind is Kind.ID
            gone = "somebody" if field == Field.REQUESTER else "something no longer in use"
            return self._label(field, value) or (gone if is_gone else None)

        return lines.sentence(group, label, {one.value: one.label for one in self.askable})

    async def _told(self) -> tuple[str, str, str]:
        """What the lines ask, as a sentence; how many open tickets they hold for now; and what is still missing."""
        try:
            group = from_json(lines.tree(self.lines), Use.RULE)
        except Invalid as error:
            return "", "", error.message
        # What a text of a ticket says is read one by one; nobody counts that while somebody types.
        if not all(FIELDS[one.field].in_views and one.operator in operators(one.field) for one in group):
            return self._said(group), "", ""
        count = await self._run(tickets.matches, TicketFilter(where=group, open=True))
        found = "1 open ticket" if count == 1 else f"{'999+' if count >= 1000 else count} open tickets"
        return self._said(group), found, ""

    def _take_lines(self, form: dict[str, str]) -> None:
        """What was typed last: a form may be sent from within a field."""
        for one in list(self.lines):
            if (value := form.get(f"line-{one.number}")) is not None and not one.is_group:
                self.lines = lines.typed(self.lines, one.number, value)
        self.lines = lines.told(self.lines, self._label)

    async def _move(self, changed: list[Line]) -> None:
        self._redraw(changed)
        await self._changed()

    async def _put(self, changed: list[Line]) -> None:
        self.lines = lines.told(changed, self._label)
        await self._changed()

    def _redraw(self, changed: list[Line]) -> None:
        self.lines, self.shape = lines.told(changed, self._label), self.shape + 1

    def _label(self, field: str, value: str) -> str | None:
        known = {one.value.lower(): one.label for one in self.options.get(field, [])}
        return known.get(value.lower()) or self._names.get(value)


def _said(word: str) -> str:
    return WORDS.get(word, word.replace("_", " ").capitalize())
