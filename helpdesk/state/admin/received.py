"""Mail that came in: the list, and what became of the one being looked at. Live: states change while one looks."""

from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.domain.errors import NotFound
from helpdesk.services.mail import inbound
from helpdesk.services.mail.inbound import ReceivedRow
from helpdesk.state.admin.forms import number
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/received"
SIZE = 25
NONE = ReceivedRow()
STATES = (
    ("received", "Waiting", "blue", "It is safe here, and read in a moment."),
    ("understood", "Taken in", "green", "It became a ticket, or a part of one."),
    ("ignored", "Ignored", "gray", "The desk does nothing about it. You can let it in."),
    ("failed", "Failed", "red", "It could not be read. It is kept as it came."),
)
_FILTERS = ("text", "state")


class Received(PageState, rx.State):
    """The page."""

    rows: list[ReceivedRow] = []
    text: str = ""
    state: str = ""
    newest_href: str = ""
    older_href: str = ""
    row_base: str = f"{HOME}?mail="
    list_href: str = HOME
    reading: ReceivedRow = NONE
    _before: str = ""

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show what the address asks for."""
        given = {key: str(value) for key, value in self.router.url.query_parameters.items() if value}
        self.text = given.get("text", "")[:100]
        self.state = given.get("state", "") if given.get("state") in {key for key, *_ in STATES} else ""
        self._before = given.get("before", "")
        actor = await self._actor()
        wanted = number(given.get("mail", ""))
        self._watch(f"org-{actor.organization_id}-received", Received.refresh(wanted))
        await self._fill()
        await self._read(wanted)

    @rx.event
    @admin
    async def refresh(self, reading: int) -> None:
        """Mail came, or something became of it."""
        await self._fill()
        await self._read(reading)

    @rx.event
    @admin
    async def search(self, text: str) -> EventSpec:
        """Mail with part of a sender or subject."""
        return rx.redirect(self._href(text=text.strip()))

    @rx.event
    @admin
    async def of_state(self, state: str) -> EventSpec:
        """One state only; empty for all."""
        return rx.redirect(self._href(state=state))

    @rx.event
    @admin
    async def read_again(self, mail_id: int) -> EventSpec:
        """Try a failed one once more."""
        await self._run(inbound.read_again, mail_id)
        await self._fill()
        await self._read(mail_id)
        return toast_done("It is read once more")

    @rx.event
    @admin
    async def let_in(self, mail_id: int) -> EventSpec:
        """Take in one that was ignored."""
        reference = await self._run(inbound.let_in, mail_id)
        await self._fill()
        await self._read(mail_id)
        return toast_done(f"It is on {reference} now")

    def _href(self, **changes: str) -> str:
        now = {name: getattr(self, name) for name in _FILTERS}
        query = {key: value for key, value in (now | changes).items() if value}
        return f"{HOME}?{urlencode(query)}" if query else HOME

    async def _fill(self) -> None:
        before = number(self._before) or None
        found = await self._run(inbound.listing, text_=self.text, state=self.state, before=before, size=SIZE + 1)
        if self.rows != found[:SIZE]:
            self.rows = found[:SIZE]
        self.older_href = self._href(before=str(found[SIZE - 1].id)) if len(found) > SIZE else ""
        self.newest_href = self._href() if before else ""
        self.list_href = self._href(before=self._before)
        self.row_base = f"{self.list_href}{'&' if '?' in self.list_href else '?'}mail="

    async def _read(self, mail_id: int) -> None:
        try:
            found = await self._run(inbound.one, mail_id) if mail_id else NONE
        except NotFound:
            found = NONE
        if self.reading != found:
            self.reading = found
