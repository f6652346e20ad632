"""The trash: deleted tickets, back or gone for good."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.services import tickets
from helpdesk.services.tickets import TrashRow
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

NOTHING = TrashRow(0, "", "", "", "", "", "")


class Trash(PageState, rx.State):
    """The page."""

    rows: list[TrashRow] = []
    doomed: TrashRow = NOTHING

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show what is in it."""
        actor = await self._actor()
        await self._fill()
        self._watch(f"org-{actor.organization_id}-trash", Trash.refresh)

    @rx.event
    @admin
    async def refresh(self) -> None:
        """Something was deleted or restored."""
        await self._fill()

    @rx.event
    @admin
    async def restore(self, ticket_id: int) -> EventSpec:
        """Bring a ticket back."""
        ref = await self._run(tickets.restore, ticket_id)
        await self._fill()
        return toast_done(f"{ref} is back")

    @rx.event
    @admin
    async def ask(self, ticket_id: int) -> None:
        """Ask before the end."""
        self.doomed = next((row for row in self.rows if row.id == ticket_id), NOTHING)

    @rx.event
    @admin
    async def spare(self) -> None:
        """Not now."""
        self.doomed = NOTHING

    @rx.event
    @admin
    async def purge(self) -> EventSpec:
        """Delete for good what was asked about."""
        doomed, self.doomed = self.doomed, NOTHING
        await self._run(tickets.purge, doomed.id)
        await self._fill()
        return toast_done(f"{doomed.reference} is gone")

    async def _fill(self) -> None:
        self.rows = list(await self._run(tickets.deleted))
