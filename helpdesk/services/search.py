"""Finding tickets by their words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, text
from sqlmodel import col, select

from helpdesk.domain.marks import BEGIN, END
from helpdesk.domain.spelling import SHORTEST, meant, plain
from helpdesk.domain.text import one_line
from helpdesk.domain.tickets import REFERENCE_ALPHABET, CommentKind
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


# With fewer hits than this a typing error is thought of.
_FEW = 3
_CANDIDATES = 8
_LEARNED = 5000
_EXCERPT = 4000
_LETTERS = re.compile(rf"[^\W\d_]{{{SHORTEST},40}}")
_THREAD = 10


@dataclass(frozen=True, slots=True)
class Hits:
    """Tickets found, best first, and what was looked for: other words than were typed if those were mistyped."""

    ids: list[int]
    words: str
    is_corrected: bool = False


@step
def find(ctx: Context, words: str) -> Hits:
    """Tickets matching words, best first, at most 500; a reference matches its own ticket.

    When little is found, each word nobody ever wrote is taken for the nearest one of titles and names.
    """
    words = one_line(words)[:200]
    exact = _by_reference(ctx, words)
    if exact:
        return Hits(exact, words)
    found = _matching(ctx, words)
    if len(found) >= _FEW or (better := corrected(ctx, words)) == words:
        return Hits(found, words)
    more = [one for one in _matching(ctx, better) if one not in set(found)]
    # What nothing was found for is not told: the words of others are none of a customer's business.
    return Hits(found + more, better, is_corrected=True) if more else Hits(found, words)


@step
def matching(ctx: Context, words: str) -> list[int]:
    """Ids of tickets matching words, best first, at most 500."""
    return find(ctx, words).ids


@step
def corrected(ctx: Context, words: str) -> str:
    """The same with every word that is in no title and no name replaced by the nearest one that is."""
    typed = {word: plain(word) for word in _LETTERS.findall(words)[:8]}
    if not typed:
        return words
    rows = ctx.session.execute(
        text("SELECT typed, word FROM unnest(CAST(:typed AS text[])) typed, similar_words(typed, :most)"),
        {"typed": list(typed.values()), "most": _CANDIDATES},
    )
    near: dict[str, list[str]] = {}
    for word, candidate in rows:
        near.setdefault(word, []).append(candidate)
    for word, bare in typed.items():
        if bare not in near.get(bare, []) and (better := meant(bare, near.get(bare, []))):
            words = re.sub(rf"\b{re.escape(word)}\b", better, words)
    return words


@step
def marked(ctx: Context, words: str, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """For tickets of a page: the title with its hits marked, and the place in the text or thread where they are.

    Only what the actor may read is quoted; the ids must come from `access`.
    """
    kinds = [CommentKind.REPLY, CommentKind.SYSTEM, *([CommentKind.NOTE] if ctx.actor.is_staff else [])]
    rows = ctx.session.execute(
        _MARKED,
        {
            "ids": list(ids), "words": words, "kinds": [kind.value for kind in kinds], "most": _EXCERPT, "thread": _THREAD,
            "whole": f"HighlightAll=true,{_SIGNS}", "part": f"MaxWords=22,MinWords=10,ShortWord=0,{_SIGNS}",
        },
    )  # fmt: skip
    return {ticket_id: (title, one_line(place or "")) for ticket_id, title, place in rows}


_SIGNS = f'StartSel="{BEGIN}",StopSel="{END}"'
# The description if it has the words, else the newest comment that does, among so many.
_MARKED = text("""
    SELECT t.id, ts_headline('desk', t.title, q, :whole),
        CASE WHEN to_tsvector('desk', left(t.description, :most)) @@ q THEN ts_headline('desk', left(t.description, :most), q, :part)
        ELSE (
            SELECT ts_headline('desk', left(c.body, :most), q, :part) FROM (
                SELECT body, id FROM comment
                WHERE ticket_id = t.id AND kind = ANY (CAST(:kinds AS text[])) ORDER BY id DESC LIMIT :thread
            ) c WHERE to_tsvector('desk', left(c.body, :most)) @@ q ORDER BY c.id DESC LIMIT 1
        ) END
    FROM ticket t, websearch_to_tsquery('desk', :words) q WHERE t.id = ANY (CAST(:ids AS bigint[]))
""")


@step
def learn(ctx: Context) -> bool:
    """Learn the words of tickets that are new since the last time; whether there are more."""
    learned: int = ctx.session.execute(text("SELECT learn_words(:most)"), {"most": _LEARNED}).scalar_one()
    return learned == _LEARNED


def _matching(ctx: Context, words: str) -> list[int]:
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
    return None if len(ids) > _LISTED or None in ids else ids


# How words join their ticket's, as SQL over the parameters `more_words` gives; those of a note where only staff find them.
_GROWN = """
    {0} = CASE WHEN pg_column_size({0}) > %(words_full)s THEN {0} ELSE
        coalesce({0}, to_tsvector('desk', '')) || setweight(to_tsvector('desk', %(words_said)s), '{1}') END
"""
_PUBLIC, _INSIDE = "public_words", "note_words"
_SUBJECT, _TEXT = "A", "D"
REPLY_WORDS, NOTE_WORDS = _GROWN.format(_PUBLIC, _TEXT), _GROWN.format(_INSIDE, _TEXT)


@step
def index_files(ctx: Context, ticket: Ticket, names: Sequence[str], *, is_note: bool) -> None:
    """Add the names of files to their ticket, whole and in their parts: report_q3.pdf, report, q3."""
    words = " ".join([*names, *(re.sub(r"[\W_]+", " ", name) for name in names)])
    _add(ctx, ticket, words, _INSIDE if is_note else _PUBLIC)


@step
def index_title(ctx: Context, ticket: Ticket) -> None:
    """Add the words of a new title to its ticket."""
    _add(ctx, ticket, ticket.title, _PUBLIC, weight=_SUBJECT)


@step
def more_words(words: str) -> dict[str, str | int]:
    """The parameters of REPLY_WORDS and NOTE_WORDS."""
    return {"words_said": words[:_INDEXED], "words_full": _FULL}


@step
def index_comment(ctx: Context, ticket: Ticket, body: str, *, is_note: bool) -> None:
    """Add the words of a changed comment to its ticket; those of a note where only staff find them."""
    _add(ctx, ticket, body, _INSIDE if is_note else _PUBLIC)


def _add(ctx: Context, ticket: Ticket, words: str, column: str, *, weight: str = _TEXT) -> None:
    statement = f"UPDATE ticket_search SET {_GROWN.format(column, weight)} WHERE ticket_id = %(ticket)s"  # noqa: S608
    ctx.ask(statement, more_words(words) | {"ticket": ticket.id})


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
