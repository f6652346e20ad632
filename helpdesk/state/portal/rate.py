"""Rating the help by the link of a mail, without signing in."""

import re
from collections.abc import AsyncIterator

import reflex as rx

from helpdesk.domain.errors import Invalid
from helpdesk.services import tickets
from helpdesk.services.tickets import Invitation
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import public
from helpdesk.state.portal.request import Rating


class RateByLink(PageState, rx.State):
    """What the link is about, what was chosen in the mail, and whether it is done. Loading changes nothing: programs that
    look into mails open links, too."""

    reference: str = ""
    title: str = ""
    agent: str = ""
    style: str = "stars"
    # open, used, expired, reopened, or done: just rated.
    stage: str = ""
    chosen: str = ""
    score: int = 0
    is_busy: bool = False
    # Stays on the server: who has it can rate.
    _token: str = ""

    @rx.event
    @public
    @loads
    async def load(self) -> None:
        """Show what the link is about, with the rating chosen in the mail."""
        query = self.router.url.query_parameters
        self._token = str(query.get("token", ""))[:2000]
        self._show(await self._run(tickets.invitation, self._token))
        chosen = str(query.get("score", ""))
        self.chosen = chosen if re.fullmatch(r"[1-5]", chosen) else ""
        self.is_busy = False

    @rx.event
    @public
    async def rate(self, form: Rating) -> AsyncIterator[None]:
        """The one button."""
        score = form.get("score", "")
        if not re.fullmatch(r"[1-5]", score):
            raise Invalid(score="Choose one of them first.")
        self.is_busy = True
        yield
        try:
            await self._run(tickets.rate_by_link, self._token, int(score), form.get("comment", ""))
        finally:
            self.is_busy = False
        self.stage, self.score = "done", int(score)

    def _show(self, found: Invitation) -> None:
        self.reference, self.title, self.agent = found.reference, found.title, found.agent
        self.style, self.stage, self.score = found.style, found.state, found.score
