"""Writing one article, with what it will look like beside it."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done, toast_undo
from helpdesk.domain.articles import ArticleState
from helpdesk.domain.errors import NotFound
from helpdesk.services import catalog, knowledge
from helpdesk.services.knowledge import ArticleRow
from helpdesk.state.admin.forms import Form, number, typed
from helpdesk.state.agent.articles import HOME
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import staff

_VERBS = {
    ArticleState.PUBLISHED: knowledge.publish,
    ArticleState.ARCHIVED: knowledge.archive,
    ArticleState.DRAFT: knowledge.withdraw,
}
_SAID = {
    ArticleState.PUBLISHED: "The article is published",
    ArticleState.ARCHIVED: "The article is archived",
    ArticleState.DRAFT: "The article is a draft again",
}


class ArticleEditor(PageState, rx.State):
    """The page."""

    article: ArticleRow = ArticleRow()
    title: str = "Article"
    html: str = ""
    categories: list[Choice] = []
    # Counts what was loaded and saved: the form with this key starts anew, and nothing in it is unsaved.
    version: int = 0
    is_busy: bool = False

    @rx.event
    @staff
    @loads
    async def load(self) -> None:
        """Open the article the address names, or an empty one."""
        asked = self.router.url.path.rstrip("/").rpartition("/")[2]
        self.errors, self.is_busy = {}, False
        self.categories = [Choice(str(one.id), one.name) for one in await self._run(catalog.categories)]
        if asked == "new":
            self.article, self.title, self.html = ArticleRow(), "New article", ""
            self.version += 1
            return
        if not number(asked):
            raise NotFound("There is no such article.")
        await self._show(number(asked))

    @rx.event(supersedes=True)
    @staff
    async def look(self, body: str) -> None:
        """What the text will look like."""
        self.html = await self._run(knowledge.preview, body)

    @rx.event
    @staff
    async def save(self, sent: Form) -> list[EventSpec]:
        """Save what was written; `then` says whether to publish it, too."""
        form = typed(sent)
        article_id = number(form.get("article_id", ""))
        saved = await self._run(
            knowledge.save, article_id or None, title=form.get("title", ""), body=form.get("body", ""),
            category_id=number(form.get("category_id", "")) or None, seen=form.get("seen", ""),
        )  # fmt: skip
        publishes = form.get("then") == "publish"
        if publishes:
            await self._run(knowledge.publish, saved)
        await self._show(saved)
        said = [toast_done(_SAID[ArticleState.PUBLISHED] if publishes else "The article is saved")]
        return said if article_id else [*said, rx.redirect(f"{HOME}/{saved}", replace=True)]

    @rx.event
    @staff
    async def move(self, article_id: int, state: str) -> EventSpec:
        """Archive it, or make it a draft again; can be taken back."""
        before, wanted = self.article.state, ArticleState(state) if state in set(ArticleState) else ArticleState.DRAFT
        await self._run(_VERBS[wanted], article_id)
        await self._look_again(article_id)
        return toast_undo(_SAID[wanted], on_undo=ArticleEditor.put_back(article_id, before))

    @rx.event
    @staff
    async def put_back(self, article_id: int, state: str) -> EventSpec:
        """As it was before."""
        wanted = ArticleState(state) if state in set(ArticleState) else ArticleState.DRAFT
        await self._run(_VERBS[wanted], article_id)
        if self.article.id == article_id:
            await self._look_again(article_id)
        return toast_done(_SAID[wanted])

    async def _look_again(self, article_id: int) -> None:
        """Where the article stands now; what is being typed stays."""
        self.article = await self._run(knowledge.written, article_id)

    async def _show(self, article_id: int) -> None:
        await self._look_again(article_id)
        self.title, self.html = self.article.title, self.article.html
        self.version += 1
