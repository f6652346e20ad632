"""A ticket's texts as they were written, not as pages show them: for programs that keep them elsewhere."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from helpdesk.domain.permissions import Permission
from helpdesk.models import Comment, Person
from helpdesk.services import access
from helpdesk.services.context import Context, requires

MOST_TEXTS = 200


@dataclass(frozen=True, slots=True)
class TextRow:
    """A comment as it was written."""

    id: int
    ticket_id: int
    author_id: int | None
    author: str
    kind: str
    body: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Texts:
    """A ticket's description, and what was said on it, oldest first; of a very long conversation the last of it."""

    description: str
    comments: tuple[TextRow, ...]


@requires(Permission.TICKET_READ)
def texts(ctx: Context, ref: str) -> Texts:
    """What was written on a ticket, as far as the actor may read it.

    Raises:
        NotFound: no such ticket for the actor.
    """
    ticket = access.ticket(ctx, ref)
    query = (
        access.visible(ctx, Comment)
        .where(Comment.ticket_id == ticket.id)
        .order_by(col(Comment.id).desc())
        .limit(MOST_TEXTS)
    )
    found = list(reversed(ctx.session.exec(query).all()))
    authors = {one.author_id for one in found if one.author_id is not None}
    named = select(Person.id, Person.name).where(col(Person.id).in_(authors))
    names = dict(ctx.session.exec(named).all()) if authors else {}
    return Texts(ticket.description, tuple(_row(one, names.get(one.author_id or 0, "")) for one in found))


@requires(Permission.TICKET_READ)
def text_of(ctx: Context, comment_id: int) -> TextRow:
    """A comment as it was written.

    Raises:
        NotFound: no such comment for the actor.
    """
    found = access.one(ctx, Comment, comment_id, what="comment")
    author = ctx.session.get(Person, found.author_id) if found.author_id else None
    return _row(found, author.name if author else "")


def _row(comment: Comment, author: str) -> TextRow:
    return TextRow(
        comment.id, comment.ticket_id, comment.author_id, author, comment.kind, comment.body, comment.created_at
    )
