"""The picker of articles on the open ticket: find one, and its link goes into the answer."""

import json

import reflex as rx
from reflex.event import EventSpec

from helpdesk.services import knowledge
from helpdesk.services.knowledge import Suggestion
from helpdesk.state.agent.macros import INSERT
from helpdesk.state.agent.ticket import OpenTicket
from helpdesk.state.base import PageState
from helpdesk.state.guard import staff


class ArticlePicker(PageState, rx.State):
    """The dialog."""

    is_open: bool = False
    rows: list[Suggestion] = []
    # Whether the rows are what may answer the ticket, rather than what was looked for.
    fits: bool = False

    @rx.event
    @staff
    async def open(self) -> None:
        """Offer what may answer the open ticket, else the last changed articles."""
        ticket = await self.get_state(OpenTicket)
        self.rows = await self._run(knowledge.suggestions, ticket.ticket.title)
        self.fits = bool(self.rows)
        if not self.rows:
            self.rows = await self._run(knowledge.to_insert)
        self.is_open = True

    @rx.event
    @staff
    async def set_open(self, is_open: bool) -> None:
        """The dialog was closed."""
        self.is_open = is_open

    @rx.event(supersedes=True)
    @staff
    async def find(self, words: str) -> None:
        """Those with some words."""
        self.rows, self.fits = await self._run(knowledge.to_insert, words), False

    @rx.event
    @staff
    async def insert(self, article_id: int) -> EventSpec | None:
        """Put the article's title and address below what is in the answer."""
        chosen = next((one for one in self.rows if one.id == article_id), None)
        self.is_open = False
        if chosen is None:
            return None
        text = f"[{chosen.title}]({chosen.url})"
        return rx.call_script(INSERT % json.dumps(text).replace("</", "<\\/"))
