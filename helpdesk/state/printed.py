"""A ticket as it is printed: what its reader may see of it, and nothing to press."""

import reflex as rx

from helpdesk.services import people, tickets
from helpdesk.services.attachments import AttachmentRow
from helpdesk.services.tickets import CommentRow, FieldRow, TicketRow
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import signed_in


class PrintedTicket(PageState, rx.State):
    """The page, for staff and for customers: the verb shows each what is theirs."""

    ticket: TicketRow = TicketRow(0, "", "")
    description_html: str = ""
    comments: list[CommentRow] = []
    attachments: list[AttachmentRow] = []
    fields: list[FieldRow] = []
    earlier_comments: int = 0
    organization: str = ""
    zone: str = ""

    @rx.event
    @signed_in
    @loads
    async def load(self) -> None:
        """Show the ticket the address names."""
        parts = [part for part in self.router.url.path.split("/") if part and part != "print"]
        detail = await self._run(tickets.one, parts[-1].upper()[:40])
        me = await self._run(people.me)
        self.ticket, self.description_html = detail.ticket, detail.description_html
        self.comments, self.attachments = list(detail.comments), list(detail.attachments)
        self.fields, self.earlier_comments = list(detail.fields), detail.earlier_comments
        self.organization, self.zone = (me.organization, me.timezone) if me else ("", "")
