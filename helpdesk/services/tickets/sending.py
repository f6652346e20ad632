"""Replies that leave later: after a moment to think better of it, or when their author said.

Until then they are no comment: nothing was said, no promise is met, no mail leaves, and customers see nothing. When the moment
comes they are sent as if just then written, by their author. A scheduled one is held back if the customer wrote in the meantime,
or the ticket was resolved or closed: what it says may be wrong by then, so its author is told and decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, text
from sqlmodel import col, select

from helpdesk import clock, db
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid, NotFound
from helpdesk.domain.people import Actor, Role, system
from helpdesk.domain.permissions import Permission, may
from helpdesk.domain.tickets import DONE_CATEGORIES, CommentKind
from helpdesk.models import Attachment, Comment, Draft, Person, Ticket, WaitingReply
from helpdesk.services import access, catalog, sign_in
from helpdesk.services.context import Context, anyone, requires, step
from helpdesk.services.tickets import conversation, drafts
from helpdesk.services.tickets.drafts import WaitingRow

FURTHEST = timedelta(days=366)
BATCH = 50
WAITING, STOPPED, CANCELLED = "waiting", "stopped", "cancelled"
# A desk that stood still, or a ticket out of the trash: later than this nobody expects it any more.
LATEST = timedelta(days=1)
# How long a cancelled one can be brought back.
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a reply: said (`comment_id`), or held for some seconds (`waiting_id`)."""

    comment_id: int = 0
    waiting_id: int = 0
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """A reply whose moment has come, and who sends it."""

    id: int
    author: Actor


@requires(Permission.TICKET_REPLY)
def send(ctx: Context, ref: str, body: str, *, attachment_ids: Sequence[int] = (), then: str = "") -> Sent:
    """Answer in public, after the organization's seconds to take it back; at once without them, and for customers.

    Raises:
        NotFound, Invalid, Conflict: as `reply`.
    """
    seconds = catalog.current(ctx).organization.undo_seconds if ctx.actor.is_staff else 0
    if not seconds:
        return Sent(conversation.reply(ctx, ref, body, attachment_ids=attachment_ids, then=then))
    ticket = _where_it_lands(ctx, ref)
    waiting = _keep(
        ctx, ticket, body, attachment_ids, then, send_at=ctx.now + timedelta(seconds=seconds), is_scheduled=False
    )
    drafts.forget(ctx, ticket)
    ctx.touch_ticket(ticket, is_public=False)
    return Sent(waiting_id=waiting.id, seconds=seconds)


@requires(Permission.TICKET_NOTE)
def send_later(
    ctx: Context, ref: str, body: str, *, at: datetime, attachment_ids: Sequence[int] = (), then: str = ""
) -> int:
    """Have a reply sent at a moment; returns the number it waits under. Undone by `cancel` or `take_back`.

    Args:
        at: aware moment in the future, within a year.

    Raises:
        NotFound: no such ticket for the actor.
        Invalid: the moment, the text, a file or the status cannot be accepted.
    """
    ticket = _where_it_lands(ctx, ref)
    _check_moment(ctx, at)
    waiting = _keep(ctx, ticket, body, attachment_ids, then, send_at=at, is_scheduled=True)
    drafts.forget(ctx, ticket)
    ctx.record(
        ActivityKind.TICKET_REPLY_SCHEDULED, ticket, waiting_id=waiting.id, send_at=at.isoformat(), shown=_shown(ctx, at),
        excerpt=conversation.comment_excerpt(waiting.body),
    )  # fmt: skip
    return waiting.id


@requires(Permission.TICKET_NOTE)
def waiting(ctx: Context, ref: str) -> tuple[WaitingRow, ...]:
    """The replies that wait on a ticket, the next to leave first; those held back, too.

    Raises:
        NotFound: no such ticket for the actor.
    """
    return drafts.unsent_on(ctx, access.ticket(ctx, ref))[1]


@requires(Permission.TICKET_NOTE)
def reschedule(ctx: Context, waiting_id: int, *, at: datetime) -> None:
    """Have a waiting reply sent at another moment; one that was held back waits again.

    Raises:
        NotFound, Invalid, Conflict: as `send_later`, or it is not one's own.
    """
    waiting, ticket = _changeable(ctx, waiting_id)
    _check_moment(ctx, at)
    waiting.send_at, waiting.is_scheduled, waiting.state, waiting.reason = at, True, WAITING, ""
    # What was said until now is known to whoever chooses this moment.
    waiting.created_at = ctx.now
    ctx.record(
        ActivityKind.TICKET_REPLY_SCHEDULED, ticket, waiting_id=waiting.id, send_at=at.isoformat(), shown=_shown(ctx, at),
        excerpt=conversation.comment_excerpt(waiting.body),
    )  # fmt: skip


@requires(Permission.TICKET_NOTE)
def cancel(ctx: Context, waiting_id: int) -> None:
    """Do not send a waiting reply; `restore` brings it back for a day. Twice is once.

    Raises:
        NotFound: it is not there, or gone out already.
        Conflict: somebody else's.
    """
    waiting, ticket = _changeable(ctx, waiting_id)
    if waiting.state != CANCELLED:
        waiting.state = CANCELLED
        _taken_back(ctx, waiting, ticket)


@requires(Permission.TICKET_NOTE)
def restore(ctx: Context, waiting_id: int) -> None:
    """Have a cancelled reply wait again, if its moment is still to come.

    Raises:
        NotFound, Conflict: as `cancel`, or its moment has passed.
    """
    waiting, ticket = _changeable(ctx, waiting_id)
    if waiting.state != CANCELLED:
        return
    if waiting.send_at <= ctx.now:
        raise Conflict("Its moment has passed. Write the reply anew.")
    waiting.state, waiting.reason, waiting.created_at = WAITING, "", ctx.now
    ctx.record(
        ActivityKind.TICKET_REPLY_SCHEDULED, ticket, waiting_id=waiting.id, send_at=waiting.send_at.isoformat(),
        shown=_shown(ctx, waiting.send_at), excerpt=conversation.comment_excerpt(waiting.body),
    )  # fmt: skip


@requires(Permission.TICKET_NOTE)
def take_back(ctx: Context, waiting_id: int) -> str:
    """Take one's own waiting reply back as a draft, with its text and files; returns the ticket's reference.

    What one has begun to write since stands below it.

    Raises:
        NotFound: it is not there, or gone out already.
        Conflict: somebody else's.
    """
    waiting, ticket = _changeable(ctx, waiting_id)
    if waiting.person_id != ctx.actor.person_id:
        raise Conflict("Only who wrote it can take it back. You can cancel it.")
    begun = ctx.session.get(Draft, (ticket.id, ctx.actor.person_id))
    body, files = waiting.body, list(waiting.attachment_ids)
    if begun is not None and begun.kind == CommentKind.REPLY:
        body, files = f"{body}\n\n{begun.body}".strip(), [*files, *begun.attachment_ids]
    drafts.put(ctx, ticket, body, kind=CommentKind.REPLY, attachment_ids=files)
    if waiting.state != CANCELLED:
        _taken_back(ctx, waiting, ticket)
    ctx.session.delete(waiting)
    return ticket.reference


@requires(Permission.TICKET_NOTE)
def send_now(ctx: Context, waiting_id: int) -> None:
    """Send a scheduled reply at once, whatever happened since. It goes out within seconds, in its author's name.

    Raises:
        NotFound: it is not there, or gone out already.
        Conflict: somebody else's.
    """
    waiting, ticket = _changeable(ctx, waiting_id)
    waiting.send_at, waiting.is_scheduled, waiting.state, waiting.reason = ctx.now, False, WAITING, ""
    ctx.touch_ticket(ticket, is_public=False)


# ---- The sweep ------------------------------------------------------------------------------------------------------


@anyone
def organizations_due() -> list[int]:
    """Organizations with replies to send now, asked as the owner."""
    with db.owner_session() as session:
        rows = session.execute(
            text("SELECT DISTINCT organization_id FROM waiting_reply WHERE state = 'waiting' AND send_at <= :now"),
            {"now": clock.now()},
        )
        return [row[0] for row in rows]


@step
def due(ctx: Context) -> list[Due]:
    """Replies whose moment has come, with who sends them; at most 50. Those of people who have left are held back."""
    rows = ctx.session.exec(
        select(WaitingReply, Person)
        .join(Person, col(Person.id) == WaitingReply.person_id)
        .where(WaitingReply.state == WAITING, col(WaitingReply.send_at) <= ctx.now)
        .order_by(col(WaitingReply.send_at))
        .limit(BATCH)
        .with_for_update(of=WaitingReply, skip_locked=True)
    ).all()
    found = []
    for waiting, author in rows:
        if author.is_active:
            found.append(Due(waiting.id, sign_in.actor_for(ctx, author)))
        else:
            _stop(ctx, waiting, f"{author.name} has left.")
    return found


@requires(Permission.TICKET_REPLY)
def leave(ctx: Context, waiting_id: int) -> bool:
    """Send one whose moment has come, as its author; returns whether it left. Twice is once.

    Raises:
        HelpdeskError: the reply is refused; `stop` says so to its author.
    """
    waiting = _locked(ctx, waiting_id)
    if waiting is None or waiting.state != WAITING or waiting.send_at > ctx.now:
        return False
    ticket = ctx.session.get_one(Ticket, waiting.ticket_id)
    if waiting.is_scheduled and (reason := _news(ctx, waiting, ticket)):
        # The desk holds it back, and tells its author.
        with ctx.acting_as(system(ctx.organization_id)):
            _stop(ctx, waiting, reason)
        return False
    begun = ctx.session.get(Draft, (ticket.id, ctx.actor.person_id))
    since = (begun.body, begun.kind, list(begun.attachment_ids)) if begun else None
    ctx.session.delete(waiting)
    conversation.reply(ctx, ticket.reference, waiting.body, attachment_ids=waiting.attachment_ids, then=waiting.status)
    if since:  # what was begun after it is no part of it
        drafts.put(ctx, ticket, since[0], kind=since[1], attachment_ids=since[2])
    return True


@step
def stop(ctx: Context, waiting_id: int, reason: str) -> None:
    """Hold a reply back that could not be sent."""
    waiting = _locked(ctx, waiting_id)
    if waiting is not None and waiting.state == WAITING:
        _stop(ctx, waiting, reason)


@step
def forget_cancelled(ctx: Context) -> int:
    """Forget what was cancelled a day ago; returns how many."""
    old = delete(WaitingReply).where(
        col(WaitingReply.state) == CANCELLED, col(WaitingReply.created_at) < ctx.now - KEPT,
        col(WaitingReply.send_at) < ctx.now,
    )  # fmt: skip
    return len(list(ctx.session.scalars(old.returning(col(WaitingReply.id)))))


def _where_it_lands(ctx: Context, ref: str) -> Ticket:
    ticket = access.ticket(ctx, ref)
    return access.merged_into(ctx, ticket) if ticket.merged_into_id is not None else ticket


def _keep(
    ctx: Context,
    ticket: Ticket,
    body: str,
    attachment_ids: Sequence[int],
    then: str,
    *,
    send_at: datetime,
    is_scheduled: bool,
) -> WaitingReply:
    if ctx.actor.person_id is None:
        raise Invalid("Only a person's reply can wait.")
    files = list(dict.fromkeys(access.whole(one) for one in attachment_ids))
    known = select(Attachment.id).where(
        col(Attachment.id).in_(files), col(Attachment.ticket_id).is_(None), Attachment.uploaded_by_id == ctx.actor.person_id
    )  # fmt: skip
    if files and len(ctx.session.exec(known).all()) != len(files):
        raise Invalid(files="A file is missing. Attach it again.")
    waiting = WaitingReply(
        ticket_id=ticket.id, person_id=ctx.actor.person_id, body=conversation.check(ctx, ticket, body, then), status=then,
        attachment_ids=files, is_scheduled=is_scheduled, send_at=send_at, created_at=ctx.now,
    )  # fmt: skip
    ctx.session.add(waiting)
    ctx.session.flush()
    return waiting


def _changeable(ctx: Context, waiting_id: int) -> tuple[WaitingReply, Ticket]:
    waiting = _locked(ctx, waiting_id)
    ticket = None
    if waiting is not None:
        ticket = ctx.session.exec(access.visible(ctx, Ticket).where(col(Ticket.id) == waiting.ticket_id)).first()
    if waiting is None or ticket is None:
        raise NotFound("This reply has been sent already, or was taken back.")
    if waiting.person_id != ctx.actor.person_id and not may(ctx.actor, Permission.VIEW_SHARE):
        raise Conflict("Only who wrote it and managers can change a waiting reply.")
    return waiting, ticket


def _locked(ctx: Context, waiting_id: int) -> WaitingReply | None:
    query = select(WaitingReply).where(col(WaitingReply.id) == access.whole(waiting_id)).with_for_update()
    return ctx.session.exec(query.execution_options(populate_existing=True)).first()


def _check_moment(ctx: Context, at: datetime) -> None:
    if at.tzinfo is None or at <= ctx.now:
        raise Invalid(at="Choose a moment in the future.")
    if at - ctx.now > FURTHEST:
        raise Invalid(at="Choose a moment within a year.")


def _taken_back(ctx: Context, waiting: WaitingReply, ticket: Ticket) -> None:
    if waiting.is_scheduled:
        ctx.record(ActivityKind.TICKET_REPLY_UNSCHEDULED, ticket, waiting_id=waiting.id)
    else:
        ctx.touch_ticket(ticket, is_public=False)


def _news(ctx: Context, waiting: WaitingReply, ticket: Ticket) -> str:
    """What came up since it was written that may make it wrong."""
    if ctx.now - waiting.send_at > LATEST:
        return "Its moment passed more than a day ago."
    is_since = ticket.status_since is not None and ticket.status_since > waiting.created_at
    if ticket.status_category in DONE_CATEGORIES and is_since:
        return "The ticket was resolved in the meantime."
    if ticket.merged_into_id is not None:
        return "The ticket was merged into another one in the meantime."
    answered = (
        select(Comment.id)
        .join(Person, col(Person.id) == Comment.author_id)
        .where(
            Comment.ticket_id == ticket.id, Comment.kind == CommentKind.REPLY, Comment.created_at > waiting.created_at,
            Person.role == Role.CUSTOMER,
        )
        .limit(1)
    )  # fmt: skip
    return "The customer wrote in the meantime." if ctx.session.exec(answered).first() else ""


def _stop(ctx: Context, waiting: WaitingReply, reason: str) -> None:
    waiting.state, waiting.reason = STOPPED, reason[:300]
    author = ctx.session.get(Person, waiting.person_id)
    ctx.record(
        ActivityKind.TICKET_REPLY_STOPPED, ctx.session.get_one(Ticket, waiting.ticket_id), waiting_id=waiting.id,
        author=author.name if author else "", author_id=waiting.person_id, reason=reason[:300],
        excerpt=conversation.comment_excerpt(waiting.body),
    )  # fmt: skip


def _shown(ctx: Context, at: datetime) -> str:
    zone = catalog.current(ctx).organization.timezone
    return f"{at.astimezone(ZoneInfo(zone)):%a %-d %b %Y, %H:%M} ({zone})"
