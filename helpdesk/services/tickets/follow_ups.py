"""What comes after a ticket was closed, and what may be the same before it is filed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col

from helpdesk.domain.errors import Conflict
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import clean, one_line
from helpdesk.domain.tickets import TITLE_LENGTH, Channel, StatusCategory
from helpdesk.models import Ticket
from helpdesk.services import access, catalog, search
from helpdesk.services.context import Context, requires
from helpdesk.services.tickets import conversation, creation, drafts, links
from helpdesk.services.tickets.queries import rows
from helpdesk.services.tickets.rows import TicketRow

_SHOWN = 5
_WORD = re.compile(r"[^\W_]{4,}")
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Landed:
    """Where an answer ended up."""

    reference: str
    is_new: bool = False  # a follow-up was filed


@requires(Permission.TICKET_REPLY)
def answer(
    ctx: Context, ref: str, body: str, *, attachment_ids: Sequence[int] = (), channel: str = Channel.WEB
) -> Landed:
    """Say something to a ticket, wherever it belongs now: on it, on the one it was merged into, or, for a customer whose
    ticket is closed, on a new one that follows it.

    Raises:
        NotFound, Invalid: as `reply`.
    """
    ticket = access.ticket(ctx, ref)
    if ticket.merged_into_id is not None:
        ticket = access.merged_into(ctx, ticket)
    if ticket.status_category == StatusCategory.CLOSED and ctx.actor.is_customer:
        fresh = follow_up(ctx, ticket.reference, description=body, attachment_ids=attachment_ids, channel=channel)
        drafts.forget(ctx, ticket)
        return Landed(fresh, is_new=True)
    conversation.reply(ctx, ticket.reference, body, attachment_ids=attachment_ids, channel=channel)
    return Landed(ticket.reference)


@requires(Permission.TICKET_CREATE)
def follow_up(
    ctx: Context,
    ref: str,
    *,
    title: str = "",
    description: str = "",
    attachment_ids: Sequence[int] = (),
    channel: str = Channel.WEB,
) -> str:
    """File a ticket that follows a closed one: for the same person, about the same, linked to it. Returns its reference.

    Args:
        title: the closed one's when empty.
        description: what is the matter now; staff may leave it to a pointer.

    Raises:
        NotFound: no such ticket for the actor.
        Conflict: it is not closed; then it can simply be answered.
        Invalid: no description.
    """
    closed = access.ticket(ctx, ref, lock=True)
    if closed.status_category != StatusCategory.CLOSED or closed.merged_into_id is not None:
        raise Conflict("Only a closed ticket is followed up. Answer this one instead.")
    if ctx.actor.is_staff and not clean(description):
        description = f"Follows {closed.reference}: {closed.title}"
    known = catalog.current(ctx)
    category = known.category_by_id.get(closed.category_id or 0)
    fresh = creation.create(
        ctx, title=(one_line(title) or closed.title)[:TITLE_LENGTH], description=description,
        priority=known.priority_by_id[closed.priority_id].slug,
        category_id=category.id if category and category.is_active else None,
        requester_id=ctx.actor.person_id if ctx.actor.is_customer else closed.requester_id,
        attachment_ids=attachment_ids, channel=channel,
    )  # fmt: skip
    following = access.ticket(ctx, fresh)
    following.custom = dict(closed.custom)
    links.follow_up(ctx, closed, following)
    return fresh


@requires(Permission.TICKET_READ)
def possible_duplicates(ctx: Context, *, title: str, requester_id: int | None = None) -> tuple[TicketRow, ...]:
    """Tickets that may be the same as one about to be filed: with a similar subject, those of the same person first;
    at most five, of those the actor may see.

    Args:
        requester_id: whom staff file it for; a customer's own are looked at anyway.
    """
    words = list(dict.fromkeys(_WORD.findall(one_line(title)[:200].lower())))[:_MOST_WORDS]
    person_id = ctx.actor.person_id if ctx.actor.is_customer else requester_id
    ids = search.matching(ctx, " or ".join(words)) if words else []
    if not ids:
        return ()
    place = {ticket_id: position for position, ticket_id in enumerate(ids[:200])}
    found = ctx.session.exec(
        access.visible(ctx, Ticket).where(
            col(Ticket.id).in_(place), col(Ticket.merged_into_id).is_(None), col(Ticket.status_category) != "closed"
        )
    ).all()
    wanted = set(words)

    def likeness(ticket: Ticket) -> int:
        return len(wanted & set(_WORD.findall(ticket.title.lower())))

    alike = [one for one in found if 2 * likeness(one) >= len(wanted)]
    alike.sort(key=lambda one: (one.requester_id != person_id, -likeness(one), place[one.id]))
    return rows(ctx, alike[:_SHOWN])
