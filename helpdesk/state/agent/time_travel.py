"""The open ticket as it stood: what the slider in its history shows."""

import reflex as rx

from helpdesk.services import tickets
from helpdesk.services.tickets import PastTicket
from helpdesk.state.base import PageState
from helpdesk.state.guard import staff


class TimeTravel(PageState, rx.State):
    """One moment of the past, or now."""

    # The ticket it is about: opening another one is being back in the present.
    ref: str = ""
    past: PastTicket = PastTicket()
    # How many lines the history had when the journey began; the slider stays that long until it ends.
    lines: int = 0
    # Changes whenever one comes back: the slider then starts anew at its end.
    journeys: int = 0

    @rx.event
    @staff
    async def go(self, ref: str, at: int, lines: int) -> None:
        """Show a ticket as it stood just after a line of its history. The newest is now."""
        past = await self._run(tickets.as_it_stood, ref, at)
        if past.is_now:
            self._end()
            return
        self.ref, self.past, self.lines = ref, past, lines if self.ref != ref else self.lines

    @rx.event
    @staff
    async def back(self) -> None:
        """Now."""
        self._end()

    def _end(self) -> None:
        self.ref, self.past, self.lines, self.journeys = "", PastTicket(), 0, self.journeys + 1
