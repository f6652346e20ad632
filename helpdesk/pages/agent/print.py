"""A ticket on paper, for staff: with notes."""

import reflex as rx

from helpdesk.pages.layout import bare_page
from helpdesk.pages.plain import printed_ticket
from helpdesk.state.kinds import Kind
from helpdesk.state.printed import PrintedTicket

T = PrintedTicket.ticket


@bare_page(route="/agent/print/[reference]", title=T.reference, kind=Kind.STAFF, on_load=PrintedTicket.load)
def print_ticket() -> rx.Component:
    """The page."""
    return printed_ticket(
        PrintedTicket,
        "/agent?ticket=" + T.reference.to(str),
        [
            ("Assignee", rx.cond(T.assignee != "", T.assignee, "Nobody")),
            ("Team", rx.cond(T.team != "", T.team, "None")),
            ("Channel", rx.el.span(T.channel, class_name="capitalize")),
        ],
    )
