"""Who of the colleagues is there. Opened from the frame of every staff page, and live while it is open."""

import reflex as rx

from helpdesk.services import people
from helpdesk.services.people import AgentRow
from helpdesk.state.base import PageState
from helpdesk.state.guard import staff


class Colleagues(PageState, rx.State):
    """The list."""

    rows: list[AgentRow] = []

    @rx.event
    @staff
    async def opened(self, is_open: bool) -> None:
        """Look, and look again whenever somebody comes or goes."""
        if is_open:
            actor = await self._actor()
            self._watch(f"org-{actor.organization_id}-presence", Colleagues.refresh)
            await self._fill()

    @rx.event
    @staff
    async def refresh(self) -> None:
        """Somebody came or went."""
        await self._fill()

    async def _fill(self) -> None:
        self.rows = await self._read_together(people.colleagues)
        self.is_loading = False
