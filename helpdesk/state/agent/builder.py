"""Building a view: conditions as an outline of lines, how many tickets they show now, and where they are kept."""

import reflex as rx
from reflex.event import EventSpec
from typing_extensions import TypedDict

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_undo
from helpdesk.domain.conditions import Condition, Field, Group, Operator, Use, from_json
from helpdesk.domain.errors import Invalid
from helpdesk.domain.filters import Sort, TicketFilter, as_group
from helpdesk.services import people, tickets, views
from helpdesk.state import outline as lines
from helpdesk.state.agent.queue import HOME, Queue, asked
from helpdesk.state.base import PageState
from helpdesk.state.guard import staff
from helpdesk.state.outline import Line


class Saved(TypedDict, total=False):
    """The builder's form."""

    name: str
    shared: str


class Builder(PageState, rx.State):
    """The dialog that builds a view, and the one that arranges all of them."""

    is_open: bool = False
    is_arranging: bool = False
    lines: list[Line] = []
    slug: str = ""  # of the saved view that is edited
    name: str = ""
    is_shared: bool = False
    may_change: bool = False
    sort: str = Sort.UPDATED.value
    columns: list[str] = []
    count: int = 0
    note: str = ""  # what is still missing
    found: list[Choice] = []  # people, for “requester”
    _names: dict[str, str] = {}
    _typed: str = ""

    @rx.event
    @staff
    async def open(self) -> None:
        """Start from what the list shows now."""
        queue = await self.get_state(Queue)
        wanted, _ = asked(queue._address)
        view = queue._view(queue.view)
        is_saved = view is not None and view.id > 0
        self._show(as_group(wanted, queue._zone), wanted.sort)
        self.slug = view.slug if view and is_saved else ""
        self.name = view.label if view and is_saved else ""
        self.is_shared, self.may_change = (view.is_shared, view.may_change) if view and is_saved else (False, False)
        self.columns = list(view.columns) if view else []
        self.errors, self.is_open = {}, True
        await self._tell()

    @rx.event
    @staff
    async def edit(self, slug: str) -> None:
        """Change a saved view."""
        view = (await self.get_state(Queue))._view(slug)
        if view is None or not view.id:
            return
        self._show(view.filter.where or Group(), view.filter.sort)
        self.slug, self.name, self.is_shared, self.may_change = slug, view.label, view.is_shared, view.may_change
        self.columns, self.is_arranging, self.errors, self.is_open = list(view.columns), False, {}, True
        await self._tell()

    @rx.event
    @staff
    async def start_anew(self) -> None:
        """Build a view from nothing."""
        self._show(Group(parts=(Condition(Field.STATUS_CATEGORY, Operator.ANY, ("new", "open")),)), Sort.UPDATED)
        self.slug, self.name, self.is_shared, self.may_change, self.columns = "", "", False, False, []
        self.is_arranging, self.errors, self.is_open = False, {}, True
        await self._tell()

    @rx.event
    @staff
    async def set_open(self, is_open: bool) -> None:
        """The dialog was closed."""
        self.is_open = is_open

    @rx.event
    @staff
    async def set_arranging(self, is_arranging: bool) -> None:
        """Open or close the list of all views."""
        self.is_arranging = is_arranging

    @rx.event
    @staff
    async def add(self, under: int) -> None:
        """A condition at the end of a group."""
        await self._put(lines.added(self.lines, under))

    @rx.event
    @staff
    async def add_group(self, under: int) -> None:
        """A group within a group."""
        await self._put(lines.with_group(self.lines, under))

    @rx.event
    @staff
    async def remove(self, number: int) -> None:
        """Take out a condition, or a group with all that is in it."""
        await self._put(lines.without(self.lines, number))

    @rx.event
    @staff
    async def set_match(self, number: int, match: str) -> None:
        """All of a group, or any of it."""
        await self._put(lines.matched(self.lines, number, match))

    @rx.event
    @staff
    async def set_field(self, number: int, field: str) -> None:
        """What a condition is about."""
        await self._put(lines.about(self.lines, number, field, use=Use.VIEW))

    @rx.event
    @staff
    async def set_operator(self, number: int, operator: str) -> None:
        """How a condition compares."""
        await self._put(lines.compared(self.lines, number, operator))

    @rx.event
    @staff
    async def choose(self, number: int, value: str) -> None:
        """Tick a value, or take its tick away; where one is compared it takes the other's place."""
        self.found = []
        await self._put(lines.ticked(self.lines, number, value))

    @rx.event
    @staff
    async def write(self, number: int, value: str) -> None:
        """A day, a number of days, or words."""
        await self._put(lines.typed(self.lines, number, value))

    @rx.event
    @staff
    async def look_for(self, text: str) -> None:
        """Find customers by part of their name or address."""
        rows = await self._run(people.customers, text) if len(text.strip()) > 1 else []
        self.found = [Choice(str(row.id), row.name, hint=row.email) for row in rows]
        self._names |= {str(row.id): row.name for row in rows}

    @rx.event
    @staff
    async def order(self, sort: str) -> None:
        """In which order the view lists."""
        self.sort = sort if sort in tuple(Sort) else Sort.UPDATED.value

    @rx.event
    @staff
    async def toggle_column(self, column: str) -> None:
        """Show a column in the table, or leave it out."""
        self.columns = (
            [one for one in self.columns if one != column] if column in self.columns else [*self.columns, column]
        )

    @rx.event
    @staff
    async def show(self) -> EventSpec:
        """Show the tickets without saving."""
        wanted = TicketFilter(where=self._group(), sort=Sort(self.sort))
        self.is_open = False
        return rx.redirect(f"{HOME}?{wanted.query()}")

    @rx.event
    @staff
    async def save(self, form: Saved) -> EventSpec | None:
        """Save what is being built: the view that is edited, or a new one."""
        group, is_shared = self._group(), bool(form.get("shared"))
        await self._run(tickets.matches, TicketFilter(where=group))
        if self.slug and self.may_change:
            slug = self.slug
            await self._run(
                views.change, slug, name=form.get("name", ""), where=group, sort=Sort(self.sort), columns=self.columns,
                is_shared=is_shared,
            )  # fmt: skip
        else:
            slug = await self._create(form.get("name", ""), group, is_shared=is_shared)
        self.is_open = False
        return rx.redirect(f"{HOME}?view={slug}")

    @rx.event
    @staff
    async def rename(self, name: str) -> None:
        """Another name was typed."""
        self._typed = name.strip()

    @rx.event
    @staff
    async def save_as(self) -> EventSpec:
        """Save it as another view beside the one it was made from."""
        name = self._typed if self._typed not in ("", self.name) else f"{self.name[:53]} (copy)"
        slug = await self._create(name, self._group(), is_shared=False)
        self.is_open = False
        return rx.redirect(f"{HOME}?view={slug}")

    @rx.event
    @staff
    async def delete(self, slug: str) -> list[EventSpec]:
        """Delete a saved view; for a while it can be brought back."""
        queue = await self.get_state(Queue)
        view = queue._view(slug)
        await self._run(views.delete, slug)
        self.is_open = False
        toast = toast_undo(f"“{view.label if view else slug}” is deleted", on_undo=Builder.restore(slug))
        return [toast, rx.redirect(HOME)] if queue.view == slug else [toast]

    @rx.event
    @staff
    async def restore(self, slug: str) -> None:
        """Bring back a deleted view."""
        await self._run(views.restore, slug)

    @rx.event
    @staff
    async def pin(self, slug: str, pinned: bool) -> None:
        """Show a view in the rail, or behind “More”."""
        await self._run(views.pin, slug, pinned=pinned)

    @rx.event
    @staff
    async def move(self, slug: str, by: int) -> None:
        """Move a view up or down."""
        await self._run(views.move, slug, by=1 if by > 0 else -1)

    @rx.event
    @staff
    async def make_default(self, slug: str) -> None:
        """Open the workspace with this view."""
        await self._run(views.make_default, slug)

    async def _create(self, name: str, group: Group, *, is_shared: bool) -> str:
        return await self._run(
            views.create, name=name, where=group, sort=Sort(self.sort), columns=self.columns, is_shared=is_shared
        )

    def _show(self, group: Group, sort: Sort) -> None:
        self.lines = lines.numbered(lines.outline(group))
        self.sort, self.found, self._typed = sort.value, [], ""

    async def _put(self, changed: list[Line]) -> None:
        self.lines = changed
        await self._tell()

    async def _tell(self) -> None:
        """How many tickets these conditions show now, or what is still missing."""
        await self._name_values()
        try:
            self.count, self.note = await self._run(tickets.matches, TicketFilter(where=self._group())), ""
        except Invalid as error:
            self.note = error.message

    async def _name_values(self) -> None:
        labels = (await self.get_state(Queue))._labels()
        self.lines = lines.told(
            self.lines, lambda field, value: labels.get(field, {}).get(value.lower()) or self._names.get(value)
        )

    def _group(self) -> Group:
        """The tree of the outline.

        Raises:
            Invalid: a condition is not finished.
        """
        return from_json(lines.tree(self.lines))
