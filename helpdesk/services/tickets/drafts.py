"""What is not sent yet: texts with their files, one per person and ticket, kept on the server so that another device finds
them; and, read with them, the replies that wait for their moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from helpdesk.domain.permissions import Permission, may
from helpdesk.domain.text import clean, to_html
from helpdesk.domain.tickets import BODY_LENGTH, CommentKind
from helpdesk.models import Draft, Ticket
from helpdesk.services import access
from helpdesk.services.context import Context, requires, step

# As many as any organization takes with one message.
_MOST_FILES = 50


@dataclass(frozen=True, slots=True)
class UnsentFile:
    """A file that waits with a text."""

    id: int
    filename: str


@dataclass(frozen=True, slots=True)
class DraftRow:
    """An unsent text."""

    body: str = ""
    kind: str = "reply"
    at: str = ""
    files: tuple[UnsentFile, ...] = ()


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A reply that waits for its moment; `body_html` is sanitised."""

    id: int
    author: str
    body_html: str
    send_at: str
    is_mine: bool = False
    is_scheduled: bool = False
    is_stopped: bool = False
    reason: str = ""  # why it was stopped
    status: str = ""  # set with it
    files: tuple[str, ...] = ()
    may_change: bool = False


@requires(Permission.TICKET_REPLY)
def keep_draft(
    ctx: Context, ref: str, body: str, *, kind: str = "reply", attachment_ids: Sequence[int] | None = None
) -> None:
    """Keep what somebody is writing; nothing at all removes it. No activity: nothing was said yet.

    Args:
        kind: reply or note.
        attachment_ids: the files that come with it; None: those there are.

    Raises:
        NotFound: no such ticket for the actor.
    """
    ticket = access.ticket(ctx, ref)
    body = clean(body)[:BODY_LENGTH]
    if ctx.actor.person_id is None:
        return
    if not body and not attachment_ids:
        kept = ctx.session.get(Draft, (ticket.id, ctx.actor.person_id)) if attachment_ids is None else None
        if kept is None or not kept.attachment_ids:
            forget(ctx, ticket)
            return
    put(ctx, ticket, body, kind=kind, attachment_ids=attachment_ids)


@requires(Permission.TICKET_REPLY)
def keep_files(ctx: Context, ref: str, attachment_ids: Sequence[int]) -> None:
    """Keep the files of what somebody is writing, whatever the text is by now.

    Raises:
        NotFound: no such ticket for the actor.
    """
    ticket = access.ticket(ctx, ref)
    kept = ctx.session.get(Draft, (ticket.id, ctx.actor.person_id)) if ctx.actor.person_id else None
    if kept is None and not attachment_ids:
        return
    keep_draft(
        ctx,
        ref,
        kept.body if kept else "",
        kind=kept.kind if kept else CommentKind.REPLY,
        attachment_ids=attachment_ids,
    )


@requires(Permission.TICKET_REPLY)
def draft(ctx: Context, ref: str) -> DraftRow:
    """One's own unsent text on a ticket; empty without one.

    Raises:
        NotFound: no such ticket for the actor.
    """
    return draft_on(ctx, access.ticket(ctx, ref))


@requires(Permission.TICKET_NOTE)
def drafted(ctx: Context) -> tuple[str, ...]:
    """The references of the tickets the actor has an unsent text on, newest first; at most 100."""
    query = (
        access.visible(ctx, Ticket)
        .join(Draft, col(Draft.ticket_id) == Ticket.id)
        .where(Draft.person_id == ctx.actor.person_id)
        .order_by(col(Draft.updated_at).desc())
        .limit(100)
    )
    return tuple(ctx.session.scalars(query.with_only_columns(col(Ticket.reference))))


@step
def put(ctx: Context, ticket: Ticket, body: str, *, kind: str, attachment_ids: Sequence[int] | None) -> None:
    """Keep a text of the actor's; who may write no notes has only replies."""
    is_note = kind == CommentKind.NOTE and may(ctx.actor, Permission.TICKET_NOTE)
    files = [access.whole(one) for one in dict.fromkeys(attachment_ids or ())][:_MOST_FILES]
    kept = insert(Draft).values(
        ticket_id=ticket.id, person_id=ctx.actor.person_id, body=body, updated_at=ctx.now, attachment_ids=files,
        kind=CommentKind.NOTE if is_note else CommentKind.REPLY,
    )  # fmt: skip
    names = ("body", "kind", "updated_at", *(() if attachment_ids is None else ("attachment_ids",)))
    fresh = {name: kept.excluded[name] for name in names}
    ctx.session.execute(kept.on_conflict_do_update(index_elements=["ticket_id", "person_id"], set_=fresh))


@step
def draft_on(ctx: Context, ticket: Ticket) -> DraftRow:
    """One's own unsent text on a ticket; empty without one."""
    return unsent_on(ctx, ticket)[0]


# A file that was sent or discarded meanwhile is left out.
_FILES = (
    "(SELECT jsonb_agg(jsonb_build_array(a.id, a.filename) ORDER BY a.id) FROM attachment a"
    " WHERE a.id = ANY(one.attachment_ids) AND a.ticket_id IS NULL AND a.uploaded_by_id = one.person_id)"
)
_UNSENT = text(
    "SELECT 'draft' AS what, 0 AS id, one.person_id, '' AS author, one.body, one.kind, one.updated_at AS at,"  # noqa: S608
    f" false AS is_scheduled, '' AS state, '' AS reason, '' AS status, {_FILES} AS files"
    " FROM draft one WHERE one.ticket_id = :ticket AND one.person_id = :person"
    " UNION ALL SELECT 'waiting', one.id, one.person_id, person.name, one.body, 'reply', one.send_at, one.is_scheduled,"
    f" one.state, one.reason, one.status, {_FILES}"
    " FROM waiting_reply one JOIN person ON person.id = one.person_id"
    " WHERE one.ticket_id = :ticket AND one.state <> 'cancelled' AND :is_inside ORDER BY at"
)


@step
def unsent_on(ctx: Context, ticket: Ticket) -> tuple[DraftRow, tuple[WaitingRow, ...]]:
    """One's own draft on a ticket and, for staff, the replies that wait: one statement for both."""
    inside = ctx.actor.is_staff
    given = {"ticket": ticket.id, "person": ctx.actor.person_id, "is_inside": inside}
    kept, waiting = DraftRow(), []
    for row in ctx.session.execute(_UNSENT, given):
        if row.what == "draft":
            files = tuple(UnsentFile(number, name) for number, name in row.files or ())
            kept = DraftRow(row.body, row.kind, row.at.isoformat(), files)
        else:
            waiting.append(_waiting(ctx, row))
    return kept, tuple(waiting)


@step
def forget(ctx: Context, ticket: Ticket) -> None:
    """It was sent, or taken back."""
    ctx.session.execute(
        delete(Draft).where(col(Draft.ticket_id) == ticket.id, col(Draft.person_id) == ctx.actor.person_id)
    )


def _waiting(ctx: Context, row: Any) -> WaitingRow:
    is_mine = row.person_id == ctx.actor.person_id
    return WaitingRow(
        row.id, row.author, to_html(row.body), row.at.isoformat(), is_mine, row.is_scheduled, row.state == "stopped",
        row.reason, row.status, tuple(name for _, name in row.files or ()), is_mine or may(ctx.actor, Permission.VIEW_SHARE),
    )  # fmt: skip
