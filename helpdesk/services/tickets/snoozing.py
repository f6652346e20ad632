"""Putting a ticket aside until a moment. Its clocks run on: a promise does not sleep."""

from datetime import datetime

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.models import Ticket
from helpdesk.services import access
from helpdesk.services.context import Context, requires, step


@requires(Permission.TICKET_EDIT)
def snooze(ctx: Context, ref: str, until: datetime) -> None:
    """Put a ticket aside; it wakes at the moment, or when the customer answers. Undone by `wake`.

    Args:
        until: aware moment in the future.

    Raises:
        NotFound: no such ticket for the actor.
        Invalid: no zone, or not in the future.
        Conflict: resolved or closed.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    if until.tzinfo is None or until <= ctx.now:
        raise Invalid(until="Choose a moment in the future.")
    if not ticket.is_open:
        raise Conflict("Only an open ticket can be snoozed.")
    if ticket.snoozed_until == until:
        return
    ticket.snoozed_until, ticket.updated_at = until, ctx.now
    ctx.record(ActivityKind.TICKET_SNOOZED, ticket, until=until.isoformat())


@requires(Permission.TICKET_EDIT)
def wake(ctx: Context, ref: str) -> None:
    """Bring a snoozed ticket back now.

    Raises:
        NotFound: no such ticket for the actor.
    """
    wake_up(ctx, access.ticket(ctx, ref, lock=True))


@step
def wake_up(ctx: Context, ticket: Ticket, *, reason: str = "") -> None:
    """End the snooze, if there is one."""
    if ticket.snoozed_until is None:
        return
    ticket.snoozed_until, ticket.updated_at = None, ctx.now
    ctx.record(ActivityKind.TICKET_WOKEN, ticket, reason=reason)
