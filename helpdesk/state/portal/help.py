"""The help pages' first one: articles by topic, or those with some words."""

from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from helpdesk.services import knowledge
from helpdesk.services.knowledge import Suggestion, Topic
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import public

HOME = "/help"


class Help(PageState, rx.State):
    """The page, for everybody who may read."""

    topics: list[Topic] = []
    found: list[Suggestion] = []
    text: str = ""
    # Where the same words are looked for among one's requests.
    requests_href: str = "/requests"

    @rx.event
    @public
    @loads
    async def load(self) -> None:
        """Show what the address asks for."""
        self.text = str(self.router.url.query_parameters.get("text", ""))[:100].strip()
        self.requests_href = f"/requests?{urlencode({'show': 'all', 'text': self.text})}"
        self.found = await self._run(knowledge.find, self.text) if self.text else []
        self.topics = [] if self.text else list(await self._run(knowledge.topics))

    @rx.event
    @public
    async def search(self, form: dict[str, str]) -> EventSpec:
        """Articles with some words."""
        words = form.get("text", "").strip()[:100]
        return rx.redirect(f"{HOME}?{urlencode({'text': words})}" if words else HOME)
