"""Mailboxes: the list, and one of them in the drawer. Secrets go in and never come out; the one for handing mail over is
shown once, when it is made."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from helpdesk import threads
from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.services import catalog_view, tickets
from helpdesk.services.mail import mailboxes, polling
from helpdesk.services.mail.mailboxes import KEPT, MailboxRow, Tested
from helpdesk.state.admin.forms import Form, back_to, number, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/mailboxes"
NEW = MailboxRow()
UNTRIED = Tested()


class Mailboxes(PageState, rx.State):
    """The page."""

    rows: list[MailboxRow] = []
    teams: list[Choice] = []
    categories: list[Choice] = []
    priorities: list[Choice] = []
    is_open: bool = False
    box: MailboxRow = NEW
    secret: str = ""
    tested: Tested = UNTRIED
    is_testing: bool = False
    opened: int = 0

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the mailboxes, and the one the address names."""
        given = self.router.url.query_parameters
        actor = await self._actor()
        wanted = number(str(given.get("mailbox", "")))
        if wanted != self.box.id:
            self.secret, self.tested = "", UNTRIED
        self.rows = await self._run(mailboxes.listing)
        self._watch(f"org-{actor.organization_id}-mailboxes", Mailboxes.refresh)
        self.errors = {}
        found = next((row for row in self.rows if row.id == wanted), None)
        self.is_open = found is not None or given.get("new") == "yes"
        if self.is_open:
            self.box = found or NEW
            await self._offer()
            self.opened += 1

    @rx.event
    @admin
    async def refresh(self) -> None:
        """A mailbox was changed or read."""
        await self._fill()

    @rx.event
    @admin
    async def close(self) -> list[EventSpec]:
        """Back to the list."""
        self.is_open, self.secret, self.tested = False, "", UNTRIED
        return [rx.redirect(HOME), back_to("mailbox", self.box.id)]

    @rx.event
    @admin
    async def save(self, sent: Form) -> list[EventSpec]:
        """Add a mailbox, or change the one the form names; it stays open, to be tried."""
        form = typed(sent)
        words = ("address", "name", "signature", "trusted_server", "imap_host", "imap_tls", "imap_user", "imap_folder", "token_address", "client_id", "smtp_host", "smtp_tls", "smtp_user")  # fmt: skip
        given: dict[str, Any] = {name: form.get(name, "") for name in words}
        given |= {
            name: number(form.get(name, ""))
            for name in ("team_id", "category_id", "priority_id", "imap_port", "smtp_port")
        }
        given |= {name: form.get(name, "") or KEPT for name in ("imap_secret", "client_secret", "smtp_secret")}
        try:
            box_id = await self._run(
                mailboxes.save, number(form.get("mailbox_id", "")), allows_strangers="allows_strangers" in form,
                **given,
            )  # fmt: skip
        except Conflict as conflict:
            raise Invalid(address=conflict.message) from None
        self.tested = UNTRIED
        return [toast_done(f"{given['address']} is saved"), rx.redirect(f"{HOME}?mailbox={box_id}")]

    @rx.event
    @admin
    async def switch(self, mailbox_id: int, is_active: bool) -> EventSpec:
        """Read it, or no longer."""
        await self._run(mailboxes.switch, mailbox_id, is_active=is_active)
        await self._fill()
        return toast_done("The mailbox is on" if is_active else "The mailbox is off")

    @rx.event(background=True)
    @admin
    async def test(self, mailbox_id: int) -> None:
        """Try its connections, while the page goes on."""
        async with self:
            if self.is_testing:
                return
            found = await self._run(mailboxes.connections, mailbox_id)
            self.tested, self.is_testing = UNTRIED, True
        try:
            # In no transaction: another house may take its time.
            tested = await threads.hop(mailboxes.tried, found)
        except BaseException:
            async with self:
                self.is_testing = False
            raise
        async with self:
            self.is_testing = False
            if self.box.id == mailbox_id:
                self.tested = tested

    @rx.event
    @admin
    async def read_now(self, mailbox_id: int) -> EventSpec:
        """Have it read at once."""
        await self._run(polling.read_now, mailbox_id)
        return toast_done("It is being read; what comes is under Received mail")

    @rx.event
    @admin
    async def renew(self, mailbox_id: int) -> None:
        """Make a new secret for handing mail over, and show it."""
        self.secret = await self._run(mailboxes.renew_secret, mailbox_id)
        await self._fill()

    @rx.event
    @admin
    async def delete(self, mailbox_id: int) -> list[EventSpec]:
        """Remove it."""
        await self._run(mailboxes.delete, mailbox_id)
        self.is_open, self.secret = False, ""
        return [toast_done("The mailbox is deleted"), rx.redirect(HOME)]

    async def _fill(self) -> None:
        self.rows = await self._run(mailboxes.listing)
        self.box = next((row for row in self.rows if row.id == self.box.id), self.box)

    async def _offer(self) -> None:
        known = await self._run(tickets.filter_choices)
        self.teams = [Choice(one.value, one.label) for one in known.teams]
        self.categories = [Choice(one.value, one.label) for one in known.categories]
        self.priorities = [Choice(str(one.id), one.label) for one in await self._run(catalog_view.priorities)]
