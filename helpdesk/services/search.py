"""Finding tickets by their words."""

import re
from typing import Any

from sqlalchemy import ColumnElement, case, func, text
from sqlmodel import col, select

from helpdesk.domain.text import one_line
from helpdesk.domain.tickets import REFERENCE_ALPHABET
from helpdesk.models import Ticket, TicketSearch
from helpdesk.services import access
from helpdesk.services.context import Context, step

# A common word matches far more than anyone reads; ranking stops here.
MOST = 500
_OWN = 5_000
# PostgreSQL refuses tsvectors above 1 MB; the beginning of a very long text is enough to find it by.
_INDEXED = 60_000
# A ticket whose words fill this many bytes takes no more of them, rather than refuse the next reply.
_FULL = 600_000


@step
def matching(ctx: Context, words: str) -> list[int]:
    """Ids of tickets matching words, best first, at most 500; a reference matches its own ticket."""
    words = one_line(words)[:200]
    exact = _by_reference(ctx, words)
    if exact:
        return exact
    if not (ctx.actor.is_staff or ctx.actor.is_desk):
        return _among_own(ctx, words)
    rows = ctx.session.execute(
        text("SELECT ticket_id FROM search_tickets(:words, :staff, :most) ORDER BY rank DESC, ticket_id DESC"),
        {"words": words, "staff": True, "most": MOST},
    )
    return [row[0] for row in rows]


# What a new ticket is found by, as SQL over the parameters `ticket_words` gives.
TICKET_WORDS = " || ".join(
    f"setweight(to_tsvector('desk', %({name})s), '{weight}')"
    for name, weight in (("words_subject", "A"), ("words_requester", "B"), ("words_text", "C"))
)


@step
def ticket_words(reference: str, title: str, description: str, requester: str) -> dict[str, str]:
    """The parameters of TICKET_WORDS: reference and subject weigh most, then the person, then the text."""
    return {
        "words_subject": f"{title} {reference}",
        "words_requester": requester,
        "words_text": description[:_INDEXED],
    }


# So many tickets are handed on as a list; with more, whoever asks meets one on the way soon enough.
_LISTED = 5000


@step
def beginnings(words: str) -> str:
    """Words as a query for titles (the reference is part of them) that have them all, each at least as a beginning."""
    return " & ".join(f"'{word}':*A" for word in re.findall(r"\w+", words)[:10])


@step
def titled(ctx: Context, query: str) -> list[int] | None:
    """Ids of the tickets whose title a query of `beginnings` matches; None when there are too many to list."""
    found = ctx.session.execute(text("SELECT titles_with(:query, :most)"), {"query": query, "most": _LISTED + 1})
    ids = list(found.scalars())
    return ids if len(ids) <= _LISTED else None


@step
def index_title(ctx: Context, ticket: Ticket) -> None:
    """Add the words of a new title to its ticket."""
    _add(ctx, ticket, _vector(ticket.title, "A"), is_note=False)


@step
def index_comment(ctx: Context, ticket: Ticket, body: str, *, is_note: bool) -> None:
    """Add a comment's words to its ticket; those of a note where only staff find them."""
    _add(ctx, ticket, _vector(body[:_INDEXED], "D"), is_note=is_note)


def _add(ctx: Context, ticket: Ticket, fresh: ColumnElement[Any], *, is_note: bool) -> None:
    found = col(TicketSearch.note_words if is_note else TicketSearch.public_words)
    nothing = func.to_tsvector(text("'desk'"), "")
    grown = case((func.pg_column_size(found) > _FULL, found), else_=func.coalesce(found, nothing).op("||")(fresh))
    ctx.session.execute(
        TicketSearch.__table__.update()  # type: ignore[attr-defined]
        .where(col(TicketSearch.ticket_id) == ticket.id)
        .values({"note_words" if is_note else "public_words": grown})
    )


def _among_own(ctx: Context, words: str) -> list[int]:
    # Customers have few tickets: those are read by their index and searched. The cap of the function below would fill
    # up with other people's. A machine may have filed a hundred thousand; their owner looks for the latest.
    query = func.websearch_to_tsquery(text("'desk'"), words)
    mine = (
        access.visible(ctx, Ticket)
        .with_only_columns(col(Ticket.id))
        .order_by(col(Ticket.updated_at).desc(), col(Ticket.id).desc())
        .limit(_OWN)
    )
    found = (
        select(TicketSearch.ticket_id)
        .where(col(TicketSearch.ticket_id).in_(mine), col(TicketSearch.public_words).op("@@")(query))
        .order_by(func.ts_rank(TicketSearch.public_words, query).desc(), col(TicketSearch.ticket_id).desc())
        .limit(MOST)
    )
    return list(ctx.session.exec(found).all())


def _by_reference(ctx: Context, words: str) -> list[int]:
    prefix, _, code = words.upper().partition("-")
    if not prefix.isalpha() or not code or set(code) - set(REFERENCE_ALPHABET):
        return []
    query = access.visible(ctx, Ticket).where(col(Ticket.reference) == words.upper()[:40])
    return [ticket.id for ticket in ctx.session.exec(query).all()]


def _vector(words: str, weight: str) -> ColumnElement[Any]:
    return func.setweight(func.to_tsvector(text("'desk'"), words), text(f"'{weight}'"))
