"""What somebody has been told in the desk: the bell, its list, and what they have read of it. Everybody has their own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, update
from sqlmodel import col, select

from helpdesk.domain.errors import NotFound
from helpdesk.domain.notices import NoticeKind
from helpdesk.domain.permissions import Permission
from helpdesk.models import Notification, Ticket
from helpdesk.services import access
from helpdesk.services.context import Context, requires, step

SHOWN = 25
# The badge says "99+"; nobody counts further.
MOST_COUNTED = 100
# What was read is forgotten after this, what nobody looked at after that.
KEPT, KEPT_UNREAD = timedelta(days=60), timedelta(days=180)
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """Something somebody was told."""

    id: int
    kind: NoticeKind
    title: str
    message: str
    reference: str
    subject: str
    actor: str
    href: str
    created_at: str
    read: bool
    read_at: str = ""


@requires(Permission.TICKET_READ)
def listing(
    ctx: Context, *, read: bool | None = None, before: int | None = None, size: int = SHOWN
) -> list[NotificationRow]:
    """What the actor was told, newest first; nothing of tickets they may no longer see.

    Args:
        read: only what they have read, or have not.
        before: older than this one (keyset).
    """
    query = (
        select(Notification, Ticket.reference, Ticket.title)
        .outerjoin(Ticket, col(Ticket.id) == Notification.ticket_id)
        .where(*_mine(ctx))
        .order_by(col(Notification.id).desc())
        .limit(min(size, 200))
    )
    if read is not None:
        query = query.where(col(Notification.read_at).is_not(None) if read else col(Notification.read_at).is_(None))
    if before:
        query = query.where(col(Notification.id) < before)
    return [_row(ctx, one, reference, title) for one, reference, title in ctx.session.exec(query).all()]


@requires(Permission.TICKET_READ)
def unread(ctx: Context) -> int:
    """How many the actor has not read, as far as 100."""
    return int(ctx.session.execute(select(unread_count(ctx))).scalar_one())


@requires(Permission.TICKET_READ)
def mark_read(ctx: Context, notification_id: int) -> NotificationRow:
    """Have read one; returns it. Twice is once. Undone by `mark_unread`.

    Raises:
        NotFound: the actor was told no such thing.
    """
    return _mark(ctx, notification_id, is_read=True)


@requires(Permission.TICKET_READ)
def mark_unread(ctx: Context, notification_id: int) -> NotificationRow:
    """Keep one for later.

    Raises:
        NotFound: the actor was told no such thing.
    """
    return _mark(ctx, notification_id, is_read=False)


@requires(Permission.TICKET_READ)
def mark_all_read(ctx: Context) -> int:
    """Have read everything; returns how many that were."""
    mine = and_(col(Notification.person_id) == ctx.actor.person_id, col(Notification.read_at).is_(None))
    found = ctx.session.execute(update(Notification).where(mine).values(read_at=ctx.now))
    number = int(found.rowcount)  # type: ignore[attr-defined]
    if number:
        ring(ctx, [ctx.actor.person_id or 0])
    return number


@step
def unread_count(ctx: Context) -> Any:
    """The number on the bell as part of another query."""
    few = select(Notification.id).select_from(Notification).outerjoin(Ticket, col(Ticket.id) == Notification.ticket_id)
    few = few.where(*_mine(ctx), col(Notification.read_at).is_(None)).limit(MOST_COUNTED)
    return select(func.count()).select_from(few.subquery()).scalar_subquery()


@step
def ring(ctx: Context, person_ids: Iterable[int]) -> None:
    """Have the bells of some people look again."""
    ctx.topics |= {f"user-{person_id}-bell" for person_id in person_ids}


@step
def prune(ctx: Context) -> int:
    """Forget a batch of what was read, or not looked at, long ago; returns how many."""
    is_old = or_(
        col(Notification.read_at) < ctx.now - KEPT,
        and_(col(Notification.read_at).is_(None), col(Notification.created_at) < ctx.now - KEPT_UNREAD),
    )
    old = select(Notification.id).where(is_old).limit(_BATCH)
    gone = ctx.session.execute(delete(Notification).where(col(Notification.id).in_(old)))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _mine(ctx: Context) -> tuple[ColumnElement[bool], ...]:
    sees = or_(col(Notification.ticket_id).is_(None), access.sees(ctx.actor, Ticket), _continues(ctx))
    return (col(Notification.person_id) == ctx.actor.person_id, sees)


def _continues(ctx: Context) -> ColumnElement[bool]:
    """A customer also sees the ticket that theirs was merged into."""
    if not ctx.actor.is_customer:
        return col(Ticket.id).is_(None)
    mine = select(Ticket.merged_into_id).where(
        col(Ticket.requester_id) == ctx.actor.person_id, col(Ticket.merged_into_id).is_not(None)
    )
    return col(Ticket.id).in_(mine)


def _mark(ctx: Context, notification_id: int, *, is_read: bool) -> NotificationRow:
    query = (
        select(Notification, Ticket.reference, Ticket.title)
        .outerjoin(Ticket, col(Ticket.id) == Notification.ticket_id)
        .where(*_mine(ctx), col(Notification.id) == access.whole(notification_id))
        .with_for_update(of=Notification)
    )
    found = ctx.session.exec(query).first()
    if found is None:
        raise NotFound("There is no such notification of yours.")
    one = found[0]
    if (one.read_at is not None) != is_read:
        one.read_at = ctx.now if is_read else None
        ring(ctx, [one.person_id])
    return _row(ctx, *found)


def _row(ctx: Context, one: Notification, reference: str | None, title: str | None) -> NotificationRow:
    place = "/agent?ticket=" if ctx.actor.is_staff else "/requests/"
    return NotificationRow(
        one.id, NoticeKind(one.kind), one.title, one.message, reference or "", title or "", one.actor_name,
        f"{place}{reference}" if reference else "", one.created_at.isoformat(), one.read_at is not None,
        one.read_at.isoformat() if one.read_at else "",
    )  # fmt: skip
