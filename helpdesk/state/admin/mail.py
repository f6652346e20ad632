"""Outgoing mail: the list, and the one being read. Live: states change while one looks."""

from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.domain.errors import NotFound
from helpdesk.services.mail import outbound
from helpdesk.services.mail.outbound import DeliveryRow
from helpdesk.state.admin.forms import number
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/mail"
SIZE = 25
NONE = DeliveryRow(0, "", "", "", "", "")
STATES = (
    ("queued", "Waiting", "blue", "It leaves within a minute, or is tried again later."),
    ("sent", "Sent", "green", "The mail server has taken it."),
    ("bundled", "Bundled", "gray", "It went as part of another mail about the same ticket."),
    ("kept", "Kept here", "gray", "No mail server is set up: it can only be read here."),
    ("failed", "Failed", "red", "It was tried as often as makes sense."),
    (
        "bounced",
        "Came back",
        "red",
        "Their server would not take it. Nothing more is sent there until somebody says so.",
    ),
    (
        "suppressed",
        "Held back",
        "amber",
        "Mail to this address comes back, so it was not sent. See the person in Settings > People.",
    ),
)
_FILTERS = ("text", "state")


class Mail(PageState, rx.State):
    """The page."""

    rows: list[DeliveryRow] = []
    text: str = ""
    state: str = ""
    newest_href: str = ""
    older_href: str = ""
    row_base: str = f"{HOME}?mail="
    list_href: str = HOME
    reading: DeliveryRow = NONE
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
        self._watch(f"org-{actor.organization_id}-mail", Mail.refresh(wanted))
        await self._fill()
        await self._read(wanted)

    @rx.event
    @admin
    async def refresh(self, reading: int) -> None:
        """Mail was written, sent, or not taken."""
        await self._fill()
        await self._read(reading)

    @rx.event
    @admin
    async def search(self, text: str) -> EventSpec:
        """Mail with part of an address or subject."""
        return rx.redirect(self._href(text=text.strip()))

    @rx.event
    @admin
    async def of_state(self, state: str) -> EventSpec:
        """One state only; empty for all."""
        return rx.redirect(self._href(state=state))

    @rx.event
    @admin
    async def send_again(self, mail_id: int) -> EventSpec:
        """Try a failed one once more."""
        await self._run(outbound.send_again, mail_id)
        await self._fill()
        await self._read(mail_id)
        return toast_done(f"The mail to {self.reading.to_address} is on its way again")

    def _href(self, **changes: str) -> str:
        now = {name: getattr(self, name) for name in _FILTERS}
        query = {key: value for key, value in (now | changes).items() if value}
        return f"{HOME}?{urlencode(query)}" if query else HOME

    async def _fill(self) -> None:
        before = number(self._before) or None
        found = await self._run(outbound.listing, text_=self.text, state=self.state, before=before, size=SIZE + 1)
        if self.rows != found[:SIZE]:
            self.rows = found[:SIZE]
        self.older_href = self._href(before=str(found[SIZE - 1].id)) if len(found) > SIZE else ""
        self.newest_href = self._href() if before else ""
        self.list_href = self._href(before=self._before)
        self.row_base = f"{self.list_href}{'&' if '?' in self.list_href else '?'}mail="

    async def _read(self, mail_id: int) -> None:
        try:
            found = await self._run(outbound.one, mail_id) if mail_id else NONE
        except NotFound:
            found = NONE
        if self.reading != found:
            self.reading = found
