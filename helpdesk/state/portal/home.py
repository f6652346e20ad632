"""The portal's first page: one's open requests, and solved ones that wait for a rating."""

from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from helpdesk.services import knowledge, tickets
from helpdesk.services.knowledge import Suggestion
from helpdesk.services.tickets import PortalHome, TicketRow
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import customer

_SHOWN, _SHORTEST = 4, 3


class Home(PageState, rx.State):
    """What a customer sees first."""

    open_requests: list[TicketRow] = []
    open_count: int = 0
    to_rate: list[TicketRow] = []
    has_any: bool = False
    # Articles with the words being typed.
    answers: list[Suggestion] = []

    @rx.event
    @customer
    @loads
    async def load(self) -> None:
        """Show it, and look again when one of the requests changes."""
        actor = await self._actor()
        self._watch(f"portal-{actor.person_id}", Home.refresh)
        self.answers = []
        await self._fill()

    @rx.event
    @customer
    @loads
    async def refresh(self) -> None:
        """Something changed."""
        await self._fill()

    @rx.event(supersedes=True)
    @customer
    async def look(self, text: str) -> None:
        """Articles with what is being typed."""
        words = text.strip()[:100]
        self.answers = (await self._run(knowledge.find, words))[:_SHOWN] if len(words) >= _SHORTEST else []

    @rx.event
    @customer
    async def search(self, form: dict[str, str]) -> EventSpec:
        """Look for words in all requests, open or not."""
        words = form.get("text", "").strip()
        return rx.redirect(f"/requests?{urlencode({'show': 'all', 'text': words})}" if words else "/requests")

    async def _fill(self) -> None:
        home: PortalHome = await self._run(tickets.portal_home)
        for name, value in (
            ("open_requests", list(home.open)),
            ("open_count", home.open_count),
            ("to_rate", list(home.to_rate)),
            ("has_any", home.has_any),
        ):
            if getattr(self, name) != value:
                setattr(self, name, value)
