"""What is said on a ticket: replies everybody on it reads, and notes only staff do."""

from collections.abc import Sequence

from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid, NotFound
from helpdesk.domain.mentions import marked, unmarked
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import clean, excerpt, to_html
from helpdesk.domain.tickets import BODY_LENGTH, EDIT_WINDOW, Channel, CommentKind, StatusCategory
from helpdesk.models import Comment, CommentEdit, Ticket
from helpdesk.services import access, attachments, catalog, search, sla
from helpdesk.services.context import Context, requires, step
from helpdesk.services.tickets import snoozing, status, watching
from helpdesk.services.tickets.rows import EarlierText


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
    return _speak(ctx, _where_it_lands(ctx, ref), body, attachment_ids=attachment_ids, then=then, channel=channel)


@step
def arrive(ctx: Context, ticket: Ticket, body: str, *, body_html: str, attachment_ids: Sequence[int] = ()) -> int:
    """An answer that came by mail from whoever is acting; returns the comment's id. The mail has shown that it belongs to
    this locked ticket, so nobody asks whether its writer could see it.

    Args:
        body: what they wrote, as plain text.
        body_html: the same and what they quoted, safe to show.

    Raises:
        Invalid, Conflict: as `reply`.
    """
    return _speak(ctx, ticket, body, attachment_ids=attachment_ids, channel=Channel.EMAIL, body_html=body_html)


def _speak(
    ctx: Context,
    ticket: Ticket,
    body: str,
    *,
    attachment_ids: Sequence[int],
    channel: str,
    then: str = "",
    body_html: str = "",
) -> int:
    # The desk's own words are ours, but no answer by somebody: promises go on, and so does the work.
    by_staff = ctx.actor.is_desk or (ctx.actor.is_staff and ctx.actor.person_id != ticket.requester_id)
    if not by_staff and ticket.status_category == StatusCategory.CLOSED:
        raise Conflict("This request is closed. Please file a new one and mention its reference.")
    people = watching.nameable(ctx, ticket, body)
    comment = _add(ctx, ticket, body, CommentKind.REPLY, channel, people, body_html)
    files = attachments.claim(ctx, attachment_ids, ticket, comment, is_mail=channel == Channel.EMAIL)
    if not ctx.actor.is_desk:
        ticket.last_reply_by_customer = not by_staff
    replied = ctx.record(
        ActivityKind.TICKET_REPLIED, ticket, comment_id=comment.id, excerpt=comment_excerpt(comment.body), files=files,
        by_staff=by_staff,
    )  # fmt: skip
    with ctx.because(replied):
        # What a rule writes is no answer of ours, and nobody's question.
        if (
            by_staff
            and not ctx.actor.is_desk
            and (ticket.first_responded_at is None or catalog.current(ctx).promises_next)
        ):
            ticket.first_responded_at = ticket.first_responded_at or ctx.now
            sla.answered(ctx, ticket)
        if not ctx.actor.is_desk:
            _follow_up(ctx, ticket, by_staff=by_staff, then=then)
        if not by_staff:
            sla.asked(ctx, ticket)
        watching.mention(ctx, ticket, comment, body, people)
    return comment.id


@step
def check(ctx: Context, ticket: Ticket, body: str, then: str) -> str:
    """What a reply would be refused for, found before it waits; returns its text as it will be written.

    Raises:
        Invalid: an empty or too long body, somebody mentioned who may not see the ticket, an unknown status.
    """
    if then:
        catalog.current(ctx).status(then)
    _written(body, CommentKind.REPLY, watching.nameable(ctx, ticket, body))
    return clean(body)


@requires(Permission.TICKET_NOTE)
def note(ctx: Context, ref: str, body: str, *, attachment_ids: Sequence[int] = ()) -> int:
    """Write a note only staff can read; returns the comment's id.

    Raises:
        NotFound, Invalid: as `reply`.
    """
    ticket = _where_it_lands(ctx, ref)
    people = watching.nameable(ctx, ticket, body)
    comment = _add(ctx, ticket, body, CommentKind.NOTE, Channel.WEB, people)
    files = attachments.claim(ctx, attachment_ids, ticket, comment)
    noted = ctx.record(
        ActivityKind.TICKET_NOTED, ticket, comment_id=comment.id, excerpt=comment_excerpt(body), files=files
    )
    with ctx.because(noted):
        watching.mention(ctx, ticket, comment, body, people)
    return comment.id


@requires(Permission.TICKET_REPLY)
def edit(ctx: Context, comment_id: int, body: str) -> None:
    """Correct one's own comment, within 15 minutes of sending it. What it said before is kept for staff.

    Raises:
        NotFound: no such comment for the actor.
        Invalid: an empty or too long body.
        Conflict: somebody else's, or too late.
    """
    found = access.one(ctx, Comment, comment_id, what="comment")
    ticket = access.holding(ctx, found)
    comment = ctx.session.get_one(Comment, found.id, with_for_update=True, populate_existing=True)
    if comment.author_id is None or comment.author_id != ctx.actor.person_id:
        raise Conflict("You can only edit what you wrote yourself.")
    if ctx.now - comment.created_at > EDIT_WINDOW:
        minutes = int(EDIT_WINDOW.total_seconds() // 60)
        raise Conflict(f"A comment can be edited for {minutes} minutes. Write another one that corrects it.")
    is_note = comment.kind == CommentKind.NOTE
    people = watching.nameable(ctx, ticket, body)
    body, shown = _written(body, CommentKind(comment.kind), people)
    if shown == comment.body:
        return
    ctx.session.add(CommentEdit(comment_id=comment.id, body=comment.body, body_html=comment.body_html, at=ctx.now))
    if ticket.preview == excerpt(comment.body):
        ticket.preview = excerpt(shown)
    comment.body, comment.body_html = shown, _as_html(shown, people, is_note=is_note)
    comment.edited_at = ticket.updated_at = ctx.now
    search.index_comment(ctx, ticket, shown, is_note=is_note)
    kind = ActivityKind.TICKET_NOTE_EDITED if is_note else ActivityKind.TICKET_REPLY_EDITED
    with ctx.because(ctx.record(kind, ticket, comment_id=comment.id, excerpt=comment_excerpt(shown))):
        watching.mention(ctx, ticket, comment, body, people)


@requires(Permission.TICKET_REPLY)
def written(ctx: Context, comment_id: int) -> str:
    """The text of one's own comment as it was written, to edit it.

    Raises:
        NotFound: no such comment for the actor, or somebody else's.
    """
    comment = access.one(ctx, Comment, comment_id, what="comment")
    if comment.author_id is None or comment.author_id != ctx.actor.person_id:
        raise NotFound("There is no such comment of yours.")
    return comment.body


@requires(Permission.CUSTOMER_READ)
def earlier_texts(ctx: Context, comment_id: int) -> tuple[EarlierText, ...]:
    """What a comment said before it was edited, oldest first; for staff.

    Raises:
        NotFound: no such comment for the actor.
    """
    comment = access.one(ctx, Comment, comment_id, what="comment")
    query = select(CommentEdit).where(CommentEdit.comment_id == comment.id).order_by(col(CommentEdit.id))
    return tuple(EarlierText(row.id, row.body_html, row.at.isoformat()) for row in ctx.session.exec(query).all())


@step
def comment_excerpt(body: str) -> str:
    """The beginning of a comment, for the log."""
    return excerpt(body, 200)


def _where_it_lands(ctx: Context, ref: str) -> Ticket:
    """The ticket a comment belongs to: what is said to a merged one continues on the other."""
    ticket = access.ticket(ctx, ref, lock=True)
    return access.merged_into(ctx, ticket, lock=True) if ticket.merged_into_id is not None else ticket


# The comment, its words and the end of its draft in one statement, with the number of the activity that tells of it: the
# road of everything that is said. Through the ORM each is a round trip, and most of the time of answering.
_COLUMNS = tuple(name for name in Comment.model_fields if name not in ("id", "organization_id"))
_SAY = """
    WITH said AS (
        INSERT INTO comment ({columns}) VALUES ({values}) RETURNING id
    ), words AS (
        UPDATE ticket_search SET {words} WHERE ticket_id = %(ticket_id)s
    ), unsent AS (
        DELETE FROM draft WHERE ticket_id = %(ticket_id)s AND person_id = %(author_id)s
    )
    SELECT id, nextval('activity_id_seq') FROM said
"""
_REPLY, _NOTE = (
    _SAY.format(columns=", ".join(_COLUMNS), values=", ".join(f"%({name})s" for name in _COLUMNS), words=words)
    for words in (search.REPLY_WORDS, search.NOTE_WORDS)
)


def _add(
    ctx: Context,
    ticket: Ticket,
    body: str,
    kind: CommentKind,
    channel: str,
    people: dict[int, str],
    body_html: str = "",
) -> Comment:
    _, shown = _written(body, kind, people)
    is_note = kind is CommentKind.NOTE
    facts = {
        "ticket_id": ticket.id, "author_id": ctx.actor.person_id, "kind": kind, "body": shown,
        "body_html": body_html or _as_html(shown, people, is_note=is_note), "channel": channel, "created_at": ctx.now,
        "edited_at": None,
    }  # fmt: skip
    comment_id, activity_id = ctx.ask_one(_NOTE if is_note else _REPLY, facts | search.more_words(shown))
    ctx.activity_ids.append(activity_id)
    comment = ctx.stored(Comment, facts | {"id": comment_id, "organization_id": ctx.organization_id})
    ticket.comment_count += 1
    ticket.updated_at = ctx.now
    if not is_note:
        ticket.preview = excerpt(shown)
    return comment


def _written(body: str, kind: CommentKind, people: dict[int, str]) -> tuple[str, str]:
    """The text as it was written, which says who is mentioned, and as it is kept: customers read no mentions."""
    body = clean(body)
    if not body:
        raise Invalid(body="Write something first.")
    if len(body) > BODY_LENGTH:
        raise Invalid(body=f"Use at most {BODY_LENGTH:,} characters, or attach the text as a file.")
    return body, body if kind is CommentKind.NOTE else unmarked(body, people)


def _as_html(body: str, people: dict[int, str], *, is_note: bool) -> str:
    return to_html(marked(body, people) if is_note else body)


def _follow_up(ctx: Context, ticket: Ticket, *, by_staff: bool, then: str) -> None:
    if by_staff:
        if then:
            status.follow(ctx, ticket, catalog.current(ctx).status(then))
        elif ticket.status_category == StatusCategory.NEW:
            status.move(ctx, ticket, catalog.current(ctx).first_status(StatusCategory.OPEN))
        if ticket.status_category == StatusCategory.PENDING:
            ticket.waiting_since, ticket.close_warned_at = ctx.now, None  # asked once more: waiting begins anew
        return
    snoozing.wake_up(ctx, ticket, reason="the customer answered")
    if ticket.status_category in (StatusCategory.RESOLVED, StatusCategory.PENDING):
        status.reopen(ctx, ticket)
