"""The bell in every frame: the newest of what one was told. Read when it is opened, and live while it is open."""

import reflex as rx

from helpdesk.services import bell
from helpdesk.services.bell import NotificationRow
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import signed_in
from helpdesk.state.live import UNREAD

NEWEST = 10


class Bell(PageState, rx.State):
    """What drops down."""

    rows: list[NotificationRow] = []

    @rx.event
    @signed_in
    @loads
    async def opened(self, is_open: bool) -> None:
        """Look, and look again whenever something new is told."""
        if is_open:
            actor = await self._actor()
            self._watch(f"user-{actor.person_id}{UNREAD}", Bell.refresh)
            await self._fill()

    @rx.event
    @signed_in
    @loads
    async def refresh(self) -> None:
        """Something was told, or read elsewhere."""
        await self._fill()

    @rx.event
    @signed_in
    async def read(self, number: int) -> None:
        """Have read one; the link beside it leads to the ticket."""
        await self._run(bell.mark_read, number)
        await self._fill()

    @rx.event
    @signed_in
    async def keep(self, number: int) -> None:
        """Keep one for later."""
        await self._run(bell.mark_unread, number)
        await self._fill()

    @rx.event
    @signed_in
    async def read_all(self) -> None:
        """Have read everything."""
        await self._run(bell.mark_all_read)
        await self._fill()

    async def _fill(self) -> None:
        found = await self._read_mine(bell.listing, size=NEWEST)
        if found != self.rows:
            self.rows = found
