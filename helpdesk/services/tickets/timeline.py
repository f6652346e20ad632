"""The history of a ticket: its activities as sentences, newest first."""

from sqlmodel import col

from helpdesk.domain.activity import ActivityKind, sentence
from helpdesk.domain.permissions import Permission
from helpdesk.models import Activity
from helpdesk.services import access
from helpdesk.services.context import Context, requires
from helpdesk.services.tickets.rows import TimelineRow


@requires(Permission.CUSTOMER_READ)
def history(ctx: Context, ref: str, *, before: int | None = None, size: int = 100) -> list[TimelineRow]:
    """What happened to a ticket, newest first; for staff.

    Args:
        ref: the ticket's reference.
        before: only lines older than this id (keyset).

    Raises:
        NotFound: no such ticket for the actor.
    """
    ticket = access.ticket(ctx, ref)
    query = (
        access.visible(ctx, Activity)
        .where(Activity.ticket_id == ticket.id)
        .order_by(col(Activity.id).desc())
        .limit(min(size, 500))
    )
    if before:
        query = query.where(col(Activity.id) < before)
    return [
        TimelineRow(
            row.id, row.actor_name or "The desk", sentence(ActivityKind(row.kind), row.data), row.at.isoformat(),
            row.kind, row.cause_id or 0,
        )
        for row in ctx.session.exec(query).all()
    ]  # fmt: skip
