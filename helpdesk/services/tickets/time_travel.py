"""A ticket as it stood after any line of its history."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind, sentence
from helpdesk.domain.errors import NotFound
from helpdesk.domain.permissions import Permission
from helpdesk.domain.time_travel import Change, Standing
from helpdesk.domain.time_travel import as_it_stood as replay
from helpdesk.models import Activity, CommentEdit, Ticket, TicketMerge
from helpdesk.services import access, catalog
from helpdesk.services.context import Context, requires
from helpdesk.services.tickets import queries
from helpdesk.services.tickets.rows import CommentRow, PastTicket, TagChip, TicketRow

_SAID = frozenset({ActivityKind.TICKET_REPLIED, ActivityKind.TICKET_NOTED})


@requires(Permission.CUSTOMER_READ)
def as_it_stood(ctx: Context, ref: str, at: int) -> PastTicket:
    """A ticket as it stood just after something happened to it; for staff.

    Args:
        ref: the ticket's reference.
        at: the id of a line of its history (`tickets.history`).

    Raises:
        NotFound: no such ticket for the actor, or nothing like it happened to this one.
    """
    ticket = access.ticket(ctx, ref)
    moment = access.one(ctx, Activity, at, what="moment in this ticket's history")
    if moment.ticket_id != ticket.id:
        raise NotFound("There is no such moment in this ticket's history.")
    since = ctx.session.exec(
        access.visible(ctx, Activity)
        .where(Activity.ticket_id == ticket.id, col(Activity.id) > moment.id)
        .order_by(col(Activity.id).desc())
    ).all()
    stood = replay(
        _standing(queries.rows(ctx, [ticket])[0]), (Change(ActivityKind(one.kind), one.data) for one in since)
    )
    comments = _comments(ctx, ticket, moment, since)
    return replace(
        _shown(ctx, stood), id=moment.id, at=moment.at.isoformat(), who=moment.actor_name or "The desk",
        what=sentence(ActivityKind(moment.kind), moment.data), is_now=not since, comments=comments,
    )  # fmt: skip


def _standing(row: TicketRow) -> Standing:
    return Standing(
        row.title, row.status, row.priority, row.category, row.team, row.assignee, tuple(tag.name for tag in row.tags),
        row.due_at, row.snoozed_until,
    )  # fmt: skip


def _shown(ctx: Context, stood: Standing) -> PastTicket:
    """In the colours of today, where the catalog still knows the word."""
    known = catalog.current(ctx)
    colours = {status.label: status.colour for status in known.statuses}
    ranks = {priority.label: priority.rank for priority in known.priorities}
    tags = {tag.name: tag.colour for tag in known.tags}
    return PastTicket(
        title=stood.title, status=stood.status, status_colour=colours.get(stood.status, "gray"),
        priority=stood.priority, priority_rank=ranks.get(stood.priority, 0), category=stood.category, team=stood.team,
        assignee=stood.assignee, tags=tuple(TagChip(name, tags.get(name, "gray")) for name in stood.tags),
        due_at=stood.due_at,
    )  # fmt: skip


def _comments(ctx: Context, ticket: Ticket, moment: Activity, since: Sequence[Activity]) -> tuple[CommentRow, ...]:
    """What had been said, in the words of then; without what came by a later merge."""
    later = {one.data.get("comment_id") for one in since if ActivityKind(one.kind) in _SAID}
    merges = select(TicketMerge.moved).where(TicketMerge.target_id == ticket.id, col(TicketMerge.at) > moment.at)
    for moved in ctx.session.exec(merges).all():
        later |= {*moved.get("comments", ()), *moved.get("lines", ()), moved.get("opening")}
    found = [one for one in queries.comments_until(ctx, ticket, moment.at) if one.id not in later]
    words = _words(ctx, [one.id for one in found if one.edited_at > moment.at.isoformat()], moment)
    return tuple(
        replace(one, body_html=words.get(one.id, one.body_html), edited_at="", editable_until="") for one in found
    )


def _words(ctx: Context, comment_ids: Sequence[int], moment: Activity) -> dict[int, str]:
    """What edited comments said at a moment: the first text that was replaced after it."""
    if not comment_ids:
        return {}
    edits = ctx.session.exec(
        select(CommentEdit)
        .where(col(CommentEdit.comment_id).in_(comment_ids), col(CommentEdit.at) > moment.at)
        .order_by(col(CommentEdit.id).desc())
    ).all()
    return {edit.comment_id: edit.body_html for edit in edits}
