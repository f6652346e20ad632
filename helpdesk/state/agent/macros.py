"""The picker of macros on the open ticket: which there are, what one will do, and doing it."""

import json

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_undo
from helpdesk.domain.bulk import Action
from helpdesk.domain.errors import Conflict
from helpdesk.services import macros
from helpdesk.services.macros import MacroRow, Preview
from helpdesk.services.tickets import bulk
from helpdesk.state.agent.bulk import Bulk
from helpdesk.state.agent.queue import Queue
from helpdesk.state.agent.ticket import OpenTicket
from helpdesk.state.base import PageState
from helpdesk.state.guard import staff

# Into the composer, below what is there; the browser's own setter, or React would not hear of it.
INSERT = """(() => {
  const area = document.getElementById("composer-body"); if (!area) return;
  const text = %s, set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;
  set.call(area, area.value.trim() ? area.value.trimEnd() + "\\n\\n" + text : text);
  area.dispatchEvent(new Event("input", { bubbles: true }));
  setTimeout(() => { area.focus(); area.setSelectionRange(area.value.length, area.value.length); }, 250);
})()"""


class MacroPicker(PageState, rx.State):
    """The dialog."""

    is_open: bool = False
    for_selection: bool = False
    number: int = 0  # of tickets, when it is for a selection
    does: str = ""
    rows: list[MacroRow] = []
    look: str = ""
    chosen: Preview = Preview()
    _all: list[MacroRow] = []

    @rx.event
    @staff
    async def open(self) -> None:
        """Offer the macros for the open ticket, the first one chosen."""
        self.for_selection = False
        await self._offer()

    @rx.event
    @staff
    async def open_for_selection(self) -> None:
        """Offer them for the ticked tickets."""
        queue = await self.get_state(Queue)
        self.for_selection, self.number = True, 0 if queue.is_all_selected else len(queue.selected)
        await self._offer()

    @rx.event
    @staff
    async def set_open(self, is_open: bool) -> None:
        """The dialog was closed."""
        self.is_open = is_open

    @rx.event
    @staff
    async def find(self, text: str) -> None:
        """Those with some words in their name or reply."""
        self.look = text.strip().lower()[:80]
        self.rows = [row for row in self._all if self.look in f"{row.name} {row.reply} {row.does}".lower()]
        await self._preview(self.rows[0].id if self.rows else 0)

    @rx.event
    @staff
    async def choose(self, macro_id: int) -> None:
        """Show what one will do."""
        await self._preview(macro_id)

    @rx.event
    @staff
    async def apply(self, sent: dict[str, str]) -> list[EventSpec]:
        """Make the changes; the reply waits in the composer. For many tickets it is sent."""
        if self.for_selection:
            self.is_open = False
            return [Bulk.apply(Action.MACRO.value, str(self.chosen.id))] if self.chosen.id else []
        ticket = await self.get_state(OpenTicket)
        chosen = self.chosen
        if not chosen.id or not ticket.ref:
            return []
        done: list[EventSpec] = []
        if chosen.changes:
            run = await self._run(bulk.start, Action.MACRO_FIELDS, str(chosen.id), refs=[ticket.ref])
            if run.refused:
                raise Conflict(run.refusals[0].reason)
            if run.changed:
                done.append(toast_undo(f"{chosen.name} is applied", on_undo=Bulk.undo(run.id)))
            await ticket._fill(ticket.ref)
        self.is_open = False
        if chosen.text:
            done.append(rx.call_script(INSERT % json.dumps(chosen.text).replace("</", "<\\/")))
        return done

    async def _offer(self) -> None:
        self.look, self.chosen = "", Preview()
        queue, ticket = await self.get_state(Queue), await self.get_state(OpenTicket)
        if self.for_selection and queue.is_all_selected:
            # Who is in it is known when it runs: tickets a macro is not meant for are refused one by one.
            self._all = list(await self._run(macros.listing))
        else:
            refs = list(queue.selected) if self.for_selection else [ticket.ref]
            self._all = list(await self._run(macros.offered, refs))
        self.rows, self.is_open = self._all, True
        await self._preview(self.rows[0].id if self.rows else 0)

    async def _preview(self, macro_id: int) -> None:
        row = next((one for one in self._all if one.id == macro_id), None)
        ticket = await self.get_state(OpenTicket)
        self.does = row.does if row else ""
        if row is None or self.for_selection:
            self.chosen = Preview(row.id, row.name, row.reply) if row else Preview()
            return
        if not ticket.ref:
            self.chosen = Preview()
            return
        self.chosen = await self._run(macros.preview, ticket.ref, macro_id)
