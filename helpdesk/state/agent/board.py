"""The board: a view's tickets in columns by status. Dropping a card changes its status through the same verb as everywhere."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done, toast_failed, toast_undo
from helpdesk.domain.bulk import Action
from helpdesk.domain.filters import TicketFilter, parse
from helpdesk.domain.people import SEES_ALL
from helpdesk.services import tickets, views
from helpdesk.services.tickets import BoardColumn, bulk
from helpdesk.state.agent.queue import HOME, Row, lines_of
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import staff

PATH = "/agent/board"


@dataclass(frozen=True, slots=True)
class Column:
    """A status with its newest cards."""

    slug: str = ""
    label: str = ""
    colour: str = "gray"
    count: int = 0
    rows: list[Row] = ()  # type: ignore[assignment]


class Board(PageState, rx.State):
    """What the board shows; the address says which view."""

    columns: list[Column] = []
    view: str = ""
    title: str = "Board"
    view_choices: list[Choice] = []
    card_base: str = f"{HOME}?ticket="
    list_href: str = HOME
    _address: str = ""
    _shown: int = 0

    @rx.event
    @staff
    @loads
    async def load(self) -> None:
        """Show the view of the address in columns."""
        actor = await self._actor()
        self._watch(f"org-{actor.organization_id}-tickets", Board.refresh)
        given = {k: v for k, v in self.router.url.query_parameters.items() if v and k not in ("cursor", "ticket")}
        rows = await self._run(views.listing)
        usual = "open" if actor.role in SEES_ALL else "mine"
        given = given or {"view": next((row.slug for row in rows if row.is_default), usual)}
        view = next((row for row in rows if row.slug == given.get("view")), None)
        own = {key: value for key, value in given.items() if key != "view"}
        self._address = urlencode((dict(parse_qsl(view.filter.query())) if view else {}) | own)
        self.view = view.slug if view else ""
        self.title = f"{view.label} · Board" if view else "Board"
        self.view_choices = [Choice(row.slug, row.label) for row in rows]
        self.list_href = f"{HOME}?{urlencode(given)}"
        self.card_base = f"{HOME}?{urlencode(given | {'ticket': ''})}"
        self._shown = 0
        await self._fill()

    @rx.event
    @staff
    @loads
    async def refresh(self) -> None:
        """Some ticket changed: the same columns again."""
        await self._fill()

    @rx.event
    @staff
    async def choose(self, view: str) -> EventSpec:
        """Another view."""
        return rx.redirect(f"{PATH}?{urlencode({'view': view})}")

    @rx.event
    @staff
    async def drop(self, told: str) -> EventSpec | None:
        """A card was moved, by pointer or key: its reference and the status of the column."""
        ref, _, slug = told.strip().partition(" ")
        column = next((one for one in self.columns if one.slug == slug), None)
        if column is None or any(row.reference == ref for row in column.rows):
            return None
        run = await self._run(bulk.start, Action.STATUS, slug, refs=[ref])
        await self._fill()
        if run.refusals:
            return toast_failed(run.refusals[0].reason)
        return toast_undo(f"{ref} is {column.label.lower()}", on_undo=Board.undo(run.id))

    @rx.event
    @staff
    async def undo(self, run_id: int) -> EventSpec:
        """Put the card back."""
        run = await self._run(bulk.undo, run_id)
        await self._fill()
        return toast_failed(run.refusals[0].reason) if run.refusals else toast_done("Put back")

    async def _fill(self) -> None:
        wanted: TicketFilter = parse(dict(parse_qsl(self._address)))
        read = self._read_mine if wanted.is_personal else self._read_together
        found: tuple[BoardColumn, ...] = await read(tickets.board, wanted)
        if (mark := hash(found)) != self._shown:
            self._shown = mark
            self.columns = [Column(one.slug, one.label, one.colour, one.count, lines_of(one.rows)) for one in found]
