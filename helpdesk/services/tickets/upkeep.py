"""What the desk does to tickets as time passes."""

from datetime import timedelta

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from helpdesk import db
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.durations import spoken
from helpdesk.domain.tickets import StatusCategory
from helpdesk.models import Organization, Ticket
from helpdesk.services import catalog
from helpdesk.services.context import Context, anyone, step
from helpdesk.services.tickets import status

BATCH = 30


@step
def close_resolved(ctx: Context) -> int:
    """Close tickets that have been resolved for the organization's number of hours; returns how many, at most 30."""
    organization = catalog.current(ctx).organization
    tickets = ctx.session.exec(
        select(Ticket)
        .where(
            Ticket.status_category == StatusCategory.RESOLVED,
            col(Ticket.resolved_at) <= ctx.now - timedelta(hours=organization.auto_close_hours),
        )
        .order_by(col(Ticket.resolved_at))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    closed = catalog.current(ctx).first_status(StatusCategory.CLOSED)
    for ticket in tickets:
        status.move(ctx, ticket, closed, reason=f"resolved for {organization.auto_close_hours} hours")
    return len(tickets)


@anyone
def organizations_closing() -> list[int]:
    """Organizations that close tickets nobody answers, asked as the owner."""
    with db.owner_session() as session:
        query = select(Organization.id).where(col(Organization.is_active), col(Organization.waiting_close_hours) > 0)
        return list(session.exec(query).all())


@step
def close_waiting(ctx: Context) -> int:
    """Tell customers who do not answer that their ticket closes, and close it when they were told long enough ago; returns
    how many tickets were told of or closed, at most 60.

    Nobody's ticket closes without the whole notice, however long the desk stood still or however late this was turned on.
    """
    organization = catalog.current(ctx).organization
    waiting = next((row for row in catalog.current(ctx).statuses if row.slug == organization.waiting_status), None)
    if not organization.waiting_close_hours or waiting is None or waiting.category is not StatusCategory.PENDING:
        return 0
    hours, notice = (
        timedelta(hours=organization.waiting_close_hours),
        timedelta(hours=organization.waiting_notice_hours),
    )
    return _close_unanswered(ctx, waiting.id, hours, notice) + _warn_unanswered(ctx, waiting.id, hours, notice)


def _close_unanswered(ctx: Context, status_id: int, hours: timedelta, notice: timedelta) -> int:
    since = col(Ticket.close_warned_at)
    due = _unanswered(status_id).where(since <= ctx.now - notice, col(Ticket.waiting_since) <= ctx.now - hours)
    tickets = ctx.session.exec(due.order_by(since)).all()
    closed = catalog.current(ctx).first_status(StatusCategory.CLOSED)
    for ticket in tickets:
        status.move(ctx, ticket, closed, reason=f"no answer from the customer for {spoken(hours)}")
    return len(tickets)


def _warn_unanswered(ctx: Context, status_id: int, hours: timedelta, notice: timedelta) -> int:
    since = col(Ticket.waiting_since)
    due = _unanswered(status_id).where(col(Ticket.close_warned_at).is_(None), since <= ctx.now - (hours - notice))
    tickets = ctx.session.exec(due.order_by(since)).all()
    for ticket in tickets:
        ticket.close_warned_at = ctx.now
        closes = max(ctx.now + notice, (ticket.waiting_since or ctx.now) + hours)
        ctx.record(
            ActivityKind.TICKET_CLOSING_WARNED, ticket, closes_at=closes.isoformat(), notice=spoken(closes - ctx.now)
        )
    return len(tickets)


def _unanswered(status_id: int) -> SelectOfScalar[Ticket]:
    # What somebody put aside is looked at when it comes back.
    waiting = select(Ticket).where(Ticket.status_id == status_id, Ticket.status_category == StatusCategory.PENDING)
    return waiting.where(col(Ticket.snoozed_until).is_(None)).limit(BATCH).with_for_update(skip_locked=True)


@step
def wake_snoozed(ctx: Context) -> int:
    """Bring back tickets whose snooze is over; returns how many, at most 30."""
    tickets = ctx.session.exec(
        select(Ticket)
        .where(col(Ticket.snoozed_until) <= ctx.now)
        .order_by(col(Ticket.snoozed_until))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for ticket in tickets:
        ticket.snoozed_until, ticket.updated_at = None, ctx.now
        ctx.record(ActivityKind.TICKET_WOKEN, ticket)
    return len(tickets)
