"""/api/v1/support/: tickets with short answers, reports, promises."""

from helpdesk.api.compat import lists, reports, sla, slashes, ticketing, words
from helpdesk.api.compat.lists import Results
from helpdesk.api.compat.ticketing import Family
from helpdesk.api.v1.caller import Caller
from helpdesk.domain.permissions import Permission
from helpdesk.services import tickets

family = Family("support", slashes.SUPPORT, slashes.SUPPORT)

ticketing.listing(family)
ticketing.filing(family, is_short=True)
ticketing.reading(family)
ticketing.altering(family)
ticketing.commenting(family)
ticketing.attaching(family, "attachment")
reports.summing(family, "reports")
sla.listing(family, "slas")


@family.op("GET", "tickets/{reference}/attachments", Permission.TICKET_READ, "List a ticket's files")
def list_attachments(caller: Caller, reference: str) -> Results[words.FileAlias]:
    """Those of the description and of all comments."""
    found = caller.run(tickets.one, words.reference(caller, reference))
    return Results(**lists.whole(words.files(found, found.ticket.id)))
