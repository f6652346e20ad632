"""One article of the help pages, and whether it helped."""

import reflex as rx

from helpdesk import rate_limit, threads
from helpdesk.services import knowledge
from helpdesk.services.knowledge import ArticleRow
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import public

# Votes per address in so many seconds.
MOST, WINDOW = 30, 600


class HelpArticle(PageState, rx.State):
    """The article the address names."""

    article: ArticleRow = ArticleRow()
    title: str = "Help"
    # "", yes or no: what the reader said just now.
    said: str = ""

    @rx.event
    @public
    @loads
    async def load(self) -> None:
        """Show it."""
        address = self.router.url.path.rstrip("/").rpartition("/")[2]
        if address != self.article.slug:
            self.is_loading, self.said = True, ""
        self.article = await self._run(knowledge.article, address)
        self.title = self.article.title

    @rx.event
    @public
    async def rate(self, answer: str) -> None:
        """Was this helpful?"""
        actor = await self._actor()
        where = f"{actor.organization_id}:{self.router.session.client_ip}"
        await threads.hop(rate_limit.count, "article-feedback", where, most=MOST, window=WINDOW)
        await self._run(knowledge.rate, self.article.slug, is_helpful=answer == "yes")
        self.said = "yes" if answer == "yes" else "no"
