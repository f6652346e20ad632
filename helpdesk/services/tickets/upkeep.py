"""What the desk does to tickets as time passes."""

from datetime import timedelta

from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.tickets import StatusCategory
from helpdesk.models import Ticket
from helpdesk.services import catalog
from helpdesk.services.context import Context, step
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
