"""Two tickets about the same become one, and can be taken apart again.

What was said to the source, its files, its watchers and the time spent move to the target, and a log keeps what moved.
The source is closed and points to the target: its reference still opens, what is answered to it lands there.

Service levels: the target's clocks stay as they are. The source's promises are taken off: a duplicate answered nowhere
is neither kept nor broken; what was late before stays late. Taken apart, they run on, the time between being a pause.

A different person's ticket is merged only within one company: what customers wrote is shown to the customers of the
target. They are told where their request continues, and may open that one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import to_html
from helpdesk.domain.tickets import Channel, CommentKind, StatusCategory
from helpdesk.models import Attachment, Comment, Mention, Person, Ticket, TicketMerge, TimeEntry, Watcher
from helpdesk.services import access, catalog, search, sla
from helpdesk.services.context import Context, requires, step
from helpdesk.services.tickets import snoozing, status, watching


@dataclass(frozen=True, slots=True)
class MergedRow:
    """A ticket that was merged into the one shown."""

    reference: str
    title: str
    requester: str
    at: str


@requires(Permission.TICKET_MERGE)
def merge(ctx: Context, ref: str, *, into: str) -> str:
    """Merge a ticket into another one; returns the reference of that. Undone by `unmerge`.

    Args:
        ref: the ticket that ends.
        into: the reference of the one that goes on.

    Raises:
        NotFound: one of them is not there for the actor.
        Invalid: a ticket into itself.
        Conflict: already merged, the target closed, or requests of customers who must not read each other's.
    """
    source, target = _both(ctx, access.ticket(ctx, ref), access.ticket(ctx, into))
    if source.merged_into_id == target.id:
        return target.reference
    _check(ctx, source, target)
    moved: dict[str, Any] = {
        "status_id": source.status_id, "resolved_at": _iso(source.resolved_at), "closed_at": _iso(source.closed_at),
        "comment_count": source.comment_count, "preview": source.preview, "timers": sla.stop(ctx, source),
    }  # fmt: skip
    snoozing.wake_up(ctx, source)
    moved |= _move(ctx, source, target)
    moved["followers"] = list(
        ctx.session.scalars(
            update(Ticket)
            .where(col(Ticket.merged_into_id) == source.id)
            .values(merged_into_id=target.id)
            .returning(col(Ticket.id))
        )
    )
    merged = ctx.record(ActivityKind.TICKET_MERGED, source, other=target.reference, other_id=target.id)
    with ctx.because(merged):
        ctx.record(ActivityKind.TICKET_MERGED_IN, target, other=source.reference, other_id=source.id)
        if source.status_category != StatusCategory.CLOSED:
            closed = catalog.current(ctx).first_status(StatusCategory.CLOSED)
            status.move(ctx, source, closed, reason=f"merged into {target.reference}")
    source.merged_into_id, source.updated_at, target.updated_at = target.id, ctx.now, ctx.now
    ctx.session.add(TicketMerge(source_id=source.id, target_id=target.id, moved=moved, at=ctx.now))
    return target.reference


@requires(Permission.TICKET_MERGE)
def unmerge(ctx: Context, ref: str) -> None:
    """Take a merged ticket out again: exactly what moved goes back, and it stands as it stood.

    Args:
        ref: the ticket that was merged into another one.

    Raises:
        NotFound: no such ticket for the actor.
        Conflict: it is not merged, or what it was merged into has itself been merged since.
    """
    source = access.ticket(ctx, ref)
    if source.merged_into_id is None:
        raise Conflict(f"{source.reference} is not merged into another ticket.")
    log = ctx.session.exec(
        select(TicketMerge).where(TicketMerge.source_id == source.id, col(TicketMerge.undone_at).is_(None))
    ).one()
    target = ctx.session.get_one(Ticket, log.target_id)
    if target.merged_into_id is not None:
        raise Conflict(f"{target.reference} was merged into another ticket since. Take that out first.")
    source, target = _both(ctx, source, target)
    moved = log.moved
    source.merged_into_id, source.updated_at, target.updated_at = None, ctx.now, ctx.now
    _move_back(ctx, source, target, moved)
    ctx.session.execute(update(Ticket).where(col(Ticket.id).in_(moved["followers"])).values(merged_into_id=source.id))
    taken_out = ctx.record(ActivityKind.TICKET_UNMERGED, source, other=target.reference, other_id=target.id)
    with ctx.because(taken_out):
        ctx.record(ActivityKind.TICKET_UNMERGED_FROM, target, other=source.reference, other_id=source.id)
        before = catalog.current(ctx).status_by_id.get(moved["status_id"])
        status.move(ctx, source, before or catalog.current(ctx).first_status(StatusCategory.OPEN))
    source.resolved_at, source.closed_at = _moment(moved["resolved_at"]), _moment(moved["closed_at"])
    sla.start_again(ctx, source, moved["timers"])
    log.undone_at = ctx.now


@requires(Permission.CUSTOMER_READ)
def merged(ctx: Context, ref: str) -> tuple[MergedRow, ...]:
    """The tickets that were merged into one, newest first.

    Raises:
        NotFound: no such ticket for the actor.
    """
    return merged_into(ctx, access.ticket(ctx, ref))


@step
def merged_into(ctx: Context, target: Ticket) -> tuple[MergedRow, ...]:
    """The tickets that were merged into one, newest first."""
    query = (
        select(Ticket.reference, Ticket.title, Person.name, TicketMerge.at)
        .join(TicketMerge, col(TicketMerge.source_id) == Ticket.id)
        .join(Person, col(Person.id) == Ticket.requester_id)
        .where(TicketMerge.target_id == target.id, col(TicketMerge.undone_at).is_(None))
        .order_by(col(TicketMerge.id).desc())
    )
    return tuple(MergedRow(reference, title, name, _iso(at)) for reference, title, name, at in ctx.session.exec(query))


@step
def requesters_of(ctx: Context, target: Ticket) -> list[int]:
    """The people whose requests were merged into this one, without its own requester."""
    query = select(Ticket.requester_id).where(
        Ticket.merged_into_id == target.id, Ticket.requester_id != target.requester_id
    )
    return sorted(set(ctx.session.exec(query).all()))


def _both(ctx: Context, source: Ticket, target: Ticket) -> tuple[Ticket, Ticket]:
    # Lock in id order: two merges crossing each other would deadlock.
    for one in sorted((source, target), key=lambda ticket: ticket.id):
        access.ticket(ctx, one.reference, lock=True)
    return source, target


def _check(ctx: Context, source: Ticket, target: Ticket) -> None:
    if source.id == target.id:
        raise Invalid(into="Choose another ticket: this is the same one.")
    if source.merged_into_id is not None:
        raise Conflict(f"{source.reference} was merged already. Take it out first.")
    if target.merged_into_id is not None:
        where = access.merged_into(ctx, target)
        raise Conflict(f"{target.reference} was merged into {where.reference}. Choose that one.")
    if target.status_category == StatusCategory.CLOSED:
        raise Conflict(f"{target.reference} is closed. Reopen it first, or merge the other way round.")
    is_same_company = source.company_id is not None and source.company_id == target.company_id
    if source.requester_id != target.requester_id and not is_same_company:
        raise Conflict("These are requests of customers who must not read each other’s. Link them as related instead.")


def _move(ctx: Context, source: Ticket, target: Ticket) -> dict[str, Any]:
    requester = ctx.session.get_one(Person, source.requester_id)
    files = select(Attachment.id).where(Attachment.ticket_id == source.id)
    on_description = list(ctx.session.exec(files.where(col(Attachment.comment_id).is_(None))).all())
    others = list(ctx.session.exec(files.where(col(Attachment.comment_id).is_not(None))).all())
    comments = list(ctx.session.exec(select(Comment.id).where(Comment.ticket_id == source.id)).all())
    opening = Comment(
        ticket_id=target.id, author_id=source.requester_id, kind=CommentKind.REPLY, channel=source.channel,
        body=source.description, body_html=source.description_html, created_at=source.created_at,
    )  # fmt: skip
    said_there = _line(
        ctx, target, f"{requester.name}’s request {source.reference} “{source.title}” was joined to this one."
    )
    said_here = _line(ctx, source, f"This request continues as {target.reference}.")
    ctx.session.add(opening)
    ctx.session.flush()
    _take(ctx, comments, [*on_description, *others], target)
    if on_description:
        claimed = update(Attachment).where(col(Attachment.id).in_(on_description)).values(comment_id=opening.id)
        ctx.session.execute(claimed)
    present = select(Watcher.person_id).where(Watcher.ticket_id == target.id)
    watchers = list(
        ctx.session.exec(
            select(Watcher.person_id).where(Watcher.ticket_id == source.id, col(Watcher.person_id).not_in(present))
        ).all()
    )
    for person_id in watchers:
        watching.follow(ctx, target, person_id)
    spent = list(
        ctx.session.scalars(
            update(TimeEntry)
            .where(col(TimeEntry.ticket_id) == source.id)
            .values(ticket_id=target.id)
            .returning(col(TimeEntry.id))
        )
    )
    search.index_comment(ctx, target, f"{source.reference} {source.title} {source.description}", is_note=False)
    target.comment_count += len(comments) + 2
    source.comment_count = 1
    return {
        "comments": comments, "files": others, "description_files": on_description, "opening": opening.id,
        "lines": [said_here.id, said_there.id], "watchers": watchers, "time": spent,
    }  # fmt: skip


def _move_back(ctx: Context, source: Ticket, target: Ticket, moved: dict[str, Any]) -> None:
    back = set(
        ctx.session.exec(
            select(Comment.id).where(col(Comment.id).in_(moved["comments"]), Comment.ticket_id == target.id)
        ).all()
    )
    _take(ctx, sorted(back), [*moved["files"], *moved["description_files"]], source)
    released = update(Attachment).where(col(Attachment.id).in_(moved["description_files"])).values(comment_id=None)
    ctx.session.execute(released)
    for comment_id in (moved["opening"], *moved["lines"]):
        if made := ctx.session.get(Comment, comment_id):
            ctx.session.delete(made)
    for person_id in moved["watchers"]:
        if watcher := ctx.session.get(Watcher, (target.id, person_id)):
            ctx.session.delete(watcher)
    ctx.session.execute(update(TimeEntry).where(col(TimeEntry.id).in_(moved["time"])).values(ticket_id=source.id))
    target.comment_count -= len(moved["comments"]) + 2
    source.comment_count, source.preview = moved["comment_count"], moved["preview"]


def _take(ctx: Context, comments: list[int], files: list[int], ticket: Ticket) -> None:
    for model, column, ids in (
        (Comment, Comment.id, comments), (Mention, Mention.comment_id, comments), (Attachment, Attachment.id, files),
    ):  # fmt: skip
        if ids:
            ctx.session.execute(update(model).where(col(column).in_(ids)).values(ticket_id=ticket.id))


def _line(ctx: Context, ticket: Ticket, body: str) -> Comment:
    line = Comment(
        ticket_id=ticket.id, kind=CommentKind.SYSTEM, body=body, body_html=to_html(body), channel=Channel.WEB,
        created_at=ctx.now,
    )  # fmt: skip
    ctx.session.add(line)
    ctx.session.flush()
    return line


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
