"""The history of a ticket: its activities as sentences, newest first."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind, sentence
from helpdesk.domain.permissions import Permission
from helpdesk.domain.rules import UNDO_WINDOW
from helpdesk.models import Activity, RuleRun, Ticket
from helpdesk.services import access
from helpdesk.services.context import Context, requires
from helpdesk.services.tickets.rows import TimelineRow

_LONGEST = 12
# All the way back from each line, the beginning first: one statement for a whole page of history.
_CHAINS = text(
    """
    WITH RECURSIVE chain AS (
        SELECT id AS line, cause_id, 1 AS depth FROM activity WHERE id = ANY(:ids)
        UNION ALL
        SELECT chain.line, activity.cause_id, chain.depth + 1
        FROM chain JOIN activity ON activity.id = chain.cause_id WHERE chain.depth < :longest
    )
    SELECT chain.line, activity.actor_name, activity.kind, activity.data
    FROM chain JOIN activity ON activity.id = chain.cause_id ORDER BY chain.line, chain.depth DESC
    """
)


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
    rows = ctx.session.exec(query).all()
    chains = _chains(ctx, [row.id for row in rows if row.cause_id])
    undoable = _undoable(ctx, ticket, [row.id for row in rows if row.kind == ActivityKind.RULE_APPLIED])
    return [
        TimelineRow(
            row.id, row.actor_name or "The desk", sentence(ActivityKind(row.kind), row.data), row.at.isoformat(),
            row.kind, row.cause_id or 0,
            chains.get(row.id, ()), undoable.get(row.id, 0),
        )
        for row in rows
    ]  # fmt: skip


def _undoable(ctx: Context, ticket: Ticket, ids: Sequence[int]) -> dict[int, int]:
    """Runs of rules that can be taken back, by the line of history that says so. No statement where no rule applied."""
    if not ids:
        return {}
    query = select(RuleRun.activity_id, RuleRun.id).where(
        RuleRun.ticket_id == ticket.id, col(RuleRun.activity_id).in_(ids), col(RuleRun.kept).is_not(None),
        col(RuleRun.undone_at).is_(None), col(RuleRun.at) >= ctx.now - UNDO_WINDOW,
    )  # fmt: skip
    return {line: run_id for line, run_id in ctx.session.exec(query).all() if line}


def _chains(ctx: Context, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Why: for each line what led to it, step by step."""
    found: dict[int, tuple[str, ...]] = {}
    if not ids:
        return found
    for line, who, kind, data in ctx.session.execute(_CHAINS, {"ids": list(ids), "longest": _LONGEST}):
        said = f"{who or 'The desk'} {sentence(ActivityKind(kind), data)}"
        found[line] = (*found.get(line, ()), said)
    return found
