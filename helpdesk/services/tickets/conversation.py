"""What is said on a ticket: replies everybody on it reads, and notes only staff do."""

from collections.abc import Sequence

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import clean, excerpt, to_html
from helpdesk.domain.tickets import BODY_LENGTH, Channel, CommentKind, StatusCategory
from helpdesk.models import Comment, Ticket
from helpdesk.services import access, attachments, catalog, search, sla
from helpdesk.services.context import Context, requires, step
from helpdesk.services.tickets import status


@requires(Permission.TICKET_REPLY)
def reply(
    ctx: Context,
    ref: str,
    body: str,
    *,
    attachment_ids: Sequence[int] = (),
    then: str = "",
    channel: str = Channel.WEB,
) -> int:
    """Answer in public; returns the comment's id.

    A customer's reply reopens a resolved ticket and takes a waiting one back to work. The first staff reply meets the
    first-response promise.

    Args:
        ref: the ticket's reference.
        body: Markdown.
        then: a status to set with it (slug, label or alias), for "Send & resolve".

    Raises:
        NotFound: no such ticket for the actor.
        Invalid: an empty or too long body, a missing file, an unknown status.
        Conflict: a customer answers a closed ticket, or `then` cannot follow the present status.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    by_staff = ctx.actor.is_staff and ctx.actor.person_id != ticket.requester_id
    if not by_staff and ticket.status_category == StatusCategory.CLOSED:
        raise Conflict("This request is closed. Please file a new one and mention its reference.")
    comment = _add(ctx, ticket, body, CommentKind.REPLY, channel)
    files = attachments.claim(ctx, attachment_ids, ticket, comment)
    ticket.last_reply_by_customer = not by_staff
    replied = ctx.record(
        ActivityKind.TICKET_REPLIED, ticket, comment_id=comment.id, excerpt=comment_excerpt(body), files=files,
        by_staff=by_staff,
    )  # fmt: skip
    with ctx.because(replied):
        if by_staff and ticket.first_responded_at is None:
            ticket.first_responded_at = ctx.now
            sla.answered(ctx, ticket)
        _follow_up(ctx, ticket, by_staff=by_staff, then=then)
    return comment.id


@requires(Permission.TICKET_NOTE)
def note(ctx: Context, ref: str, body: str, *, attachment_ids: Sequence[int] = ()) -> int:
    """Write a note only staff can read; returns the comment's id.

    Raises:
        NotFound, Invalid: as `reply`.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    comment = _add(ctx, ticket, body, CommentKind.NOTE, Channel.WEB)
    files = attachments.claim(ctx, attachment_ids, ticket, comment)
    ctx.record(ActivityKind.TICKET_NOTED, ticket, comment_id=comment.id, excerpt=comment_excerpt(body), files=files)
    return comment.id


@step
def comment_excerpt(body: str) -> str:
    """The beginning of a comment, for the log."""
    return excerpt(body, 200)


def _add(ctx: Context, ticket: Ticket, body: str, kind: CommentKind, channel: str) -> Comment:
    body = clean(body)
    if not body:
        raise Invalid(body="Write something first.")
    if len(body) > BODY_LENGTH:
        raise Invalid(body=f"Use at most {BODY_LENGTH:,} characters, or attach the text as a file.")
    comment = Comment(
        ticket_id=ticket.id, author_id=ctx.actor.person_id, kind=kind, body=body, body_html=to_html(body),
        channel=channel, created_at=ctx.now,
    )  # fmt: skip
    ctx.session.add(comment)
    ctx.session.flush()
    ticket.comment_count += 1
    ticket.updated_at = ctx.now
    if kind is CommentKind.REPLY:
        ticket.preview = excerpt(body)
    search.index_comment(ctx, ticket, body, is_note=kind is CommentKind.NOTE)
    return comment


def _follow_up(ctx: Context, ticket: Ticket, *, by_staff: bool, then: str) -> None:
    if by_staff:
        if then:
            status.follow(ctx, ticket, catalog.current(ctx).status(then))
        elif ticket.status_category == StatusCategory.NEW:
            status.move(ctx, ticket, catalog.current(ctx).first_status(StatusCategory.OPEN))
        return
    if ticket.status_category in (StatusCategory.RESOLVED, StatusCategory.PENDING):
        status.reopen(ctx, ticket)
