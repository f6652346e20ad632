"""What the palette finds, in one unit of work: tickets, people, views, and what was looked for lately."""

from dataclasses import dataclass

from sqlmodel import col

from helpdesk.domain.permissions import Permission, may
from helpdesk.models import Ticket
from helpdesk.services import access, people, preferences, search, views
from helpdesk.services.context import Context, requires
from helpdesk.services.people import PersonRow
from helpdesk.services.tickets.rows import Hit
from helpdesk.services.views import ViewRow

_TICKETS, _PEOPLE = 6, 4


@dataclass(frozen=True, slots=True)
class Anything:
    """What fits some words; without words the recent searches and all views."""

    tickets: tuple[Hit, ...] = ()
    people: tuple[PersonRow, ...] = ()
    views: tuple[ViewRow, ...] = ()
    searches: tuple[str, ...] = ()


@requires(Permission.VIEW_OWN)
def anything(ctx: Context, words: str) -> Anything:
    """Everything the actor may go to whose name fits; views are filtered by whoever shows them."""
    rail = views.listing(ctx)
    if not words:
        return Anything(views=rail, searches=preferences.mine(ctx).searches)
    found: tuple[PersonRow, ...] = ()
    if len(words) > 1 and may(ctx.actor, Permission.TICKET_CREATE_FOR_OTHERS):
        found = tuple(people.customers(ctx, words, size=_PEOPLE))
    return Anything(_tickets(ctx, words), found, rail)


def _tickets(ctx: Context, words: str) -> tuple[Hit, ...]:
    ids = search.find(ctx, words).ids
    if not ids:
        return ()
    place = {ticket_id: position for position, ticket_id in enumerate(ids)}
    query = access.visible(ctx, Ticket).where(col(Ticket.id).in_(ids))
    rows = ctx.session.execute(query.with_only_columns(col(Ticket.id), col(Ticket.reference), col(Ticket.title))).all()
    best = sorted(rows, key=lambda row: place[row[0]])[:_TICKETS]
    return tuple(Hit(reference, title) for _, reference, title in best)
