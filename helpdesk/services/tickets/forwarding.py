"""Handing a ticket to somebody outside by mail: a supplier, another department."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import clean
from helpdesk.domain.tickets import CommentKind
from helpdesk.models import Comment, Person, Ticket
from helpdesk.services import catalog, sign_in
from helpdesk.services.context import Context, requires, step
from helpdesk.services.tickets import conversation

MOST_ADDRESSES = 5
_QUOTED = 30


@dataclass(frozen=True, slots=True)
class Said:
    """Something that goes along."""

    author: str
    at: str
    body: str


@requires(Permission.TICKET_NOTE)
def forward(ctx: Context, ref: str, *, to: str, body: str, with_thread: bool = True) -> int:
    """Mail a ticket to people outside; a note says to whom. Returns the note's id.

    Args:
        to: their addresses, with commas between them.
        body: what to tell them, Markdown.
        with_thread: whether what was said in public goes along. Notes never do.

    Raises:
        NotFound: no such ticket for the actor.
        Invalid: no address, too many, or one that is none; an empty or too long text.
    """
    addresses = _addresses(to)
    if not clean(body):
        raise Invalid(body="Tell them what you need.")
    note_id = conversation.note(ctx, ref, f"**Forwarded to {', '.join(addresses)}**\n\n{clean(body)}")
    ticket = ctx.session.get_one(Ticket, ctx.session.get_one(Comment, note_id).ticket_id)
    ctx.record(ActivityKind.TICKET_FORWARDED, ticket, to=addresses, comment_id=note_id, with_thread=with_thread)
    return note_id


@step
def text_of(note: Comment) -> str:
    """What was told, without the line that says to whom."""
    return note.body.partition("\n\n")[2]


@step
def thread(ctx: Context, ticket: Ticket) -> Sequence[Said]:
    """What was said in public: the description and the latest replies, oldest first."""
    zone = ZoneInfo(catalog.current(ctx).organization.timezone)
    replies = ctx.session.exec(
        select(Comment, Person.name)
        .outerjoin(Person, col(Person.id) == Comment.author_id)
        .where(Comment.ticket_id == ticket.id, Comment.kind == CommentKind.REPLY)
        .order_by(col(Comment.id).desc())
        .limit(_QUOTED)
    ).all()
    asked = ctx.session.get_one(Person, ticket.requester_id).name
    said = [(asked, ticket.created_at, ticket.description)]
    said += [(name or "", comment.created_at, comment.body) for comment, name in reversed(replies)]
    return [Said(who, at.astimezone(zone).strftime("%Y-%m-%d %H:%M"), body) for who, at, body in said]


def _addresses(to: str) -> list[str]:
    found: list[str] = []
    for one in to.replace(";", ",").split(","):
        if not one.strip():
            continue
        try:
            found.append(sign_in.checked_email(one))
        except Invalid:
            raise Invalid(to=f"“{one.strip()[:80]}” is no e-mail address.") from None
    found = list(dict.fromkeys(found))
    if not found:
        raise Invalid(to="Say to which address, such as help@supplier.example.")
    if len(found) > MOST_ADDRESSES:
        raise Invalid(to=f"Forward to at most {MOST_ADDRESSES} addresses at once.")
    return found
