"""Unsent texts, one per person and ticket, kept on the server so that another device finds them."""

from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import clean
from helpdesk.domain.tickets import BODY_LENGTH, CommentKind
from helpdesk.models import Draft, Ticket
from helpdesk.services import access
from helpdesk.services.context import Context, requires, step


@dataclass(frozen=True, slots=True)
class DraftRow:
    """An unsent text."""

    body: str = ""
    kind: str = "reply"
    at: str = ""


@requires(Permission.TICKET_NOTE)
def keep_draft(ctx: Context, ref: str, body: str, *, kind: str = "reply") -> None:
    """Keep what somebody is writing; an empty text removes it. No activity: nothing was said yet.

    Args:
        kind: reply or note.

    Raises:
        NotFound: no such ticket for the actor.
    """
    ticket = access.ticket(ctx, ref)
    body = clean(body)[:BODY_LENGTH]
    if ctx.actor.person_id is None:
        return
    if not body:
        forget(ctx, ticket)
        return
    kept = insert(Draft).values(
        ticket_id=ticket.id, person_id=ctx.actor.person_id, body=body, updated_at=ctx.now,
        kind=CommentKind.NOTE if kind == CommentKind.NOTE else CommentKind.REPLY,
    )  # fmt: skip
    fresh = {name: kept.excluded[name] for name in ("body", "kind", "updated_at")}
    ctx.session.execute(kept.on_conflict_do_update(index_elements=["ticket_id", "person_id"], set_=fresh))


@requires(Permission.TICKET_NOTE)
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
def draft_on(ctx: Context, ticket: Ticket) -> DraftRow:
    """One's own unsent text on a ticket; empty without one."""
    found = ctx.session.get(Draft, (ticket.id, ctx.actor.person_id)) if ctx.actor.person_id else None
    return DraftRow(found.body, found.kind, found.updated_at.isoformat()) if found else DraftRow()


@step
def forget(ctx: Context, ticket: Ticket) -> None:
    """It was sent, or taken back."""
    ctx.session.execute(
        delete(Draft).where(col(Draft.ticket_id) == ticket.id, col(Draft.person_id) == ctx.actor.person_id)
    )
