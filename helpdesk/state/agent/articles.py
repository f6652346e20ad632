"""The list of articles, as those who write them see it."""

from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from helpdesk.services import knowledge
from helpdesk.services.knowledge import ArticleRow
from helpdesk.state.admin.forms import number
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import staff

HOME = "/agent/articles"
SIZE = 30
STATES = (("", "All"), ("published", "Published"), ("draft", "Drafts"), ("archived", "Archived"))


class Articles(PageState, rx.State):
    """The page."""

    rows: list[ArticleRow] = []
    text: str = ""
    state: str = ""
    hrefs: dict[str, str] = {}
    newest_href: str = ""
    older_href: str = ""
    _before: str = ""

    @rx.event
    @staff
    @loads
    async def load(self) -> None:
        """Show what the address asks for."""
        given = {key: str(value) for key, value in self.router.url.query_parameters.items() if value}
        self.text = given.get("text", "")[:100]
        self.state = given.get("state", "") if given.get("state", "") in dict(STATES) else ""
        self._before = given.get("before", "")
        actor = await self._actor()
        self._watch(f"org-{actor.organization_id}-articles", Articles.refresh)
        await self._fill()

    @rx.event
    @staff
    async def refresh(self) -> None:
        """Somebody wrote, published or rated one."""
        await self._fill()

    @rx.event
    @staff
    async def search(self, text: str) -> EventSpec:
        """Articles with some words."""
        return rx.redirect(self._href(text=text.strip()[:100]))

    def _href(self, **changes: str) -> str:
        now = {"text": self.text, "state": self.state} | changes
        query = {key: value for key, value in now.items() if value}
        return f"{HOME}?{urlencode(query)}" if query else HOME

    async def _fill(self) -> None:
        before = number(self._before) or None
        found = await self._run(
            knowledge.listing, words=self.text, state=self.state, before=before, size=SIZE + 1
        )  # fmt: skip
        self.rows = found[:SIZE] if not self.text else found
        self.hrefs = {key: self._href(state=key) for key, _ in STATES}
        more = len(found) > SIZE and not self.text
        self.older_href = self._href(before=str(found[SIZE - 1].id)) if more else ""
        self.newest_href = self._href() if before else ""
