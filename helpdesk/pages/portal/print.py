"""A request on paper, for customers."""

import reflex as rx

from helpdesk.pages.layout import bare_page
from helpdesk.pages.plain import printed_ticket
from helpdesk.state.kinds import Kind
from helpdesk.state.printed import PrintedTicket

T = PrintedTicket.ticket


@bare_page(route="/requests/[reference]/print", title=T.reference, kind=Kind.CUSTOMER, on_load=PrintedTicket.load)
def print_request() -> rx.Component:
    """The page."""
    return printed_ticket(PrintedTicket, "/requests/" + T.reference.to(str), [])
