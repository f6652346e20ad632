"""Tickets that belong together: a parent and its children, related ones, and what followed a closed one."""

from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import or_, text
from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.models import Ticket, TicketLink
from helpdesk.services import access, catalog
from helpdesk.services.context import Context, requires, step
from helpdesk.services.tickets import status
from helpdesk.services.tickets.queries import rows
from helpdesk.services.tickets.rows import TicketRow


class LinkKind(StrEnum):
    """What the other ticket is to this one."""

    PARENT = "parent"
    CHILD = "child"
    RELATED = "related"
    FOLLOW_UP = "follow_up"  # filed because this one was closed
    FOLLOWS = "follows"  # closed, and this one was filed because of it


_LABELS = {
    LinkKind.PARENT: "Parent", LinkKind.CHILD: "Child", LinkKind.RELATED: "Related", LinkKind.FOLLOW_UP: "Follow-up",
    LinkKind.FOLLOWS: "Follows",
}  # fmt: skip
_CHOSEN = (LinkKind.PARENT, LinkKind.CHILD, LinkKind.RELATED)
_OPPOSITE = {
    LinkKind.PARENT: LinkKind.CHILD, LinkKind.CHILD: LinkKind.PARENT, LinkKind.RELATED: LinkKind.RELATED,
    LinkKind.FOLLOW_UP: LinkKind.FOLLOWS, LinkKind.FOLLOWS: LinkKind.FOLLOW_UP,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A ticket linked to another one."""

    id: int
    kind: str
    label: str
    ticket: TicketRow


@requires(Permission.TICKET_EDIT)
def link(ctx: Context, ref: str, other: str, *, kind: str) -> int:
    """Link two tickets; returns the link's id. Undone by `unlink`.

    Args:
        other: the reference of the other ticket.
        kind: what the other is to this one: parent, child or related.

    Raises:
        NotFound: one of them is not there for the actor.
        Invalid: no such kind, or a ticket with itself.
        Conflict: they are linked already, the child has a parent, or the parent is one of its descendants.
    """
    if kind not in _CHOSEN:
        raise Invalid(kind="Choose parent, child or related.")
    this, that = access.ticket(ctx, ref), access.ticket(ctx, other)
    if this.id == that.id:
        raise Invalid(other="A ticket cannot be linked to itself.")
    # Both rows, in id order: two links crossing each other could close a circle.
    for one in sorted((this, that), key=lambda ticket: ticket.id):
        access.ticket(ctx, one.reference, lock=True)
    first, second = (that, this) if kind == LinkKind.PARENT else (this, that)
    if kind == LinkKind.RELATED:
        first, second = sorted((this, that), key=lambda ticket: ticket.id)
    _check(ctx, first, second, is_child=kind != LinkKind.RELATED)
    made = TicketLink(
        kind=LinkKind.RELATED if kind == LinkKind.RELATED else LinkKind.CHILD, from_id=first.id, to_id=second.id,
        created_by_id=ctx.actor.person_id, created_at=ctx.now,
    )  # fmt: skip
    ctx.session.add(made)
    ctx.session.flush()
    _record(ctx, ActivityKind.TICKET_LINKED, this, that, LinkKind(kind))
    return made.id


@requires(Permission.TICKET_EDIT)
def unlink(ctx: Context, ref: str, link_id: int) -> None:
    """Remove a link; gone already is fine.

    Raises:
        NotFound: no such ticket for the actor.
    """
    this = access.ticket(ctx, ref, lock=True)
    found = ctx.session.get(TicketLink, access.whole(link_id))
    if found is None or this.id not in (found.from_id, found.to_id):
        return
    that = ctx.session.get_one(Ticket, found.to_id if found.from_id == this.id else found.from_id)
    kind = _seen_from(this, found)
    ctx.session.delete(found)
    _record(ctx, ActivityKind.TICKET_UNLINKED, this, that, kind)


@requires(Permission.CUSTOMER_READ)
def linked(ctx: Context, ref: str) -> tuple[LinkRow, ...]:
    """The tickets linked to one, as far as the actor may see them: parents first, then children, then the rest.

    Raises:
        NotFound: no such ticket for the actor.
    """
    return linked_to(ctx, access.ticket(ctx, ref))


@step
def linked_to(ctx: Context, this: Ticket) -> tuple[LinkRow, ...]:
    """The tickets linked to one, as far as the actor may see them."""
    found = ctx.session.exec(
        select(TicketLink)
        .where(or_(col(TicketLink.from_id) == this.id, col(TicketLink.to_id) == this.id))
        .order_by(col(TicketLink.id))
    ).all()
    if not found:
        return ()
    other = {one.id: one.to_id if one.from_id == this.id else one.from_id for one in found}
    seen = ctx.session.exec(access.visible(ctx, Ticket).where(col(Ticket.id).in_(set(other.values())))).all()
    shown = {row.id: row for row in rows(ctx, seen)}
    order = list(LinkKind)
    links = [
        LinkRow(one.id, kind.value, _LABELS[kind], shown[other[one.id]])
        for one in found
        if other[one.id] in shown
        for kind in (_seen_from(this, one),)
    ]
    return tuple(sorted(links, key=lambda row: order.index(LinkKind(row.kind))))


@requires(Permission.TICKET_STATUS)
def change_status_with_children(ctx: Context, ref: str, status_: str) -> int:
    """Set the status of a ticket and of its open children; returns how many children followed. A child that the actor
    may not see, or that cannot take the status, keeps its own.

    Raises:
        NotFound, Invalid, Conflict: as `change_status`, for the ticket itself.
    """
    parent = access.ticket(ctx, ref, lock=True)
    target = catalog.current(ctx).status(status_)
    children = [] if ctx.actor.is_customer else _open_children(ctx, parent)
    status.follow(ctx, parent, target)
    followed = 0
    with ctx.because(ctx.activities[-1]) if ctx.activities else nullcontext():
        for child in children:
            before = child.status_id
            with suppress(Conflict):
                status.follow(ctx, child, target)
            followed += child.status_id != before
    return followed


@step
def follow_up(ctx: Context, closed: Ticket, fresh: Ticket) -> None:
    """Remember that a new ticket follows a closed one."""
    ctx.session.add(
        TicketLink(
            kind=LinkKind.FOLLOW_UP, from_id=closed.id, to_id=fresh.id, created_by_id=ctx.actor.person_id,
            created_at=ctx.now,
        )
    )  # fmt: skip
    ctx.record(ActivityKind.TICKET_FOLLOWED_UP, closed, other=fresh.reference, other_id=fresh.id)


def _check(ctx: Context, first: Ticket, second: Ticket, *, is_child: bool) -> None:
    both = (first.id, second.id)
    if ctx.session.exec(
        select(TicketLink.id).where(col(TicketLink.from_id).in_(both), col(TicketLink.to_id).in_(both))
    ).first():
        raise Conflict("These two are linked already. Remove that link first.")
    if not is_child:
        return
    if ctx.session.exec(
        select(TicketLink.id).where(TicketLink.to_id == second.id, TicketLink.kind == LinkKind.CHILD)
    ).first():
        raise Conflict(f"{second.reference} has a parent already. Remove that link first.")
    if second.id in _ancestors(ctx, first.id):
        raise Conflict(f"{second.reference} stands above {first.reference} already: that would be a circle.")


def _ancestors(ctx: Context, ticket_id: int) -> set[int]:
    found = ctx.session.execute(
        text(
            "WITH RECURSIVE above AS (SELECT from_id FROM ticket_link WHERE to_id = :id AND kind = 'child'"
            " UNION SELECT l.from_id FROM ticket_link l JOIN above ON l.to_id = above.from_id AND l.kind = 'child')"
            " SELECT from_id FROM above"
        ),
        {"id": ticket_id},
    )
    return {row[0] for row in found}


def _open_children(ctx: Context, parent: Ticket) -> Sequence[Ticket]:
    ids = select(TicketLink.to_id).where(TicketLink.from_id == parent.id, TicketLink.kind == LinkKind.CHILD)
    return ctx.session.exec(
        access.visible(ctx, Ticket)
        .where(col(Ticket.id).in_(ids), col(Ticket.is_open))
        .order_by(col(Ticket.id))
        .with_for_update(of=Ticket)
        .execution_options(populate_existing=True)
    ).all()


def _seen_from(this: Ticket, found: TicketLink) -> LinkKind:
    is_first = found.from_id == this.id
    if found.kind == LinkKind.RELATED:
        return LinkKind.RELATED
    if found.kind == LinkKind.CHILD:
        return LinkKind.CHILD if is_first else LinkKind.PARENT
    return LinkKind.FOLLOW_UP if is_first else LinkKind.FOLLOWS


def _record(ctx: Context, kind: ActivityKind, this: Ticket, that: Ticket, how: LinkKind) -> None:
    here = ctx.record(kind, this, other=that.reference, other_id=that.id, how=_LABELS[how].lower())
    with ctx.because(here):
        ctx.record(kind, that, other=this.reference, other_id=this.id, how=_LABELS[_OPPOSITE[how]].lower())
