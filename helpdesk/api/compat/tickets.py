"""/api/tickets/: tickets, their comments, figures, categories and tags."""

from pydantic import BaseModel
from starlette.responses import Response

from helpdesk.api.compat import lists, reports, slashes, ticketing, words
from helpdesk.api.compat.lists import Results
from helpdesk.api.compat.ticketing import Family
from helpdesk.api.v1.caller import Caller
from helpdesk.domain.permissions import Permission
from helpdesk.services import catalog_view, tickets

family = Family("tickets", slashes.TICKETS, slashes.TICKETS)


class CategoryAlias(BaseModel):
    """A category."""

    id: int
    name: str
    description: str
    color: str
    is_active: bool


class TagAlias(BaseModel):
    """A tag."""

    id: int
    name: str
    color: str


# Before what could be a ticket's reference.
reports.counting(family, "tickets/stats")
ticketing.listing(family)
ticketing.filing(family)
ticketing.reading(family)
ticketing.altering(family)
ticketing.altering(family, "PUT")
ticketing.commenting(family)
ticketing.assigning(family)
ticketing.escalating(family, "tickets/{reference}/escalate")


@family.op(
    "DELETE",
    "tickets/{reference}",
    Permission.TICKET_DELETE,
    "Put a ticket into the trash",
    status=204,
    response_class=Response,
)
def delete_ticket(caller: Caller, reference: str) -> None:
    """For thirty days an administrator can restore it."""
    caller.run(tickets.delete, words.reference(caller, reference))


@family.op("GET", "tickets/{reference}/comments", Permission.TICKET_READ, "Read a ticket's conversation")
def list_comments(caller: Caller, reference: str) -> Results[words.CommentShownAlias]:
    """Oldest first; of a very long one the last two hundred."""
    found = caller.run(tickets.texts, words.reference(caller, reference))
    return Results(**lists.whole([words.shown(row) for row in found.comments]))


@family.op("GET", "categories", Permission.TICKET_READ, "List categories")
def list_categories(caller: Caller) -> Results[CategoryAlias]:
    """As the organization orders them."""
    rows = caller.run(catalog_view.categories)
    return Results(
        **lists.whole(
            [
                CategoryAlias(
                    id=row.id, name=row.name, description=row.description, color=row.colour, is_active=row.is_active
                )
                for row in rows
            ]
        )
    )


@family.op("GET", "tags", Permission.PERSON_READ, "List tags")
def list_tags(caller: Caller) -> Results[TagAlias]:
    """By name."""
    rows = caller.run(catalog_view.tags)
    return Results(**lists.whole([TagAlias(id=row.id, name=row.name, color=row.colour) for row in rows]))
