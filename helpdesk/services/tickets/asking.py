"""Asking for tickets in plain words, with the names this organization knows."""

import re

from sqlmodel import col, func, or_, select

from helpdesk.domain import phrases
from helpdesk.domain.people import STAFF, Role
from helpdesk.domain.permissions import Permission
from helpdesk.domain.phrases import Name, Names, Phrase
from helpdesk.domain.spelling import plain
from helpdesk.models import Company, Person
from helpdesk.services import access, catalog
from helpdesk.services.context import Context, requires

_MOST_PEOPLE = 200
_WORD = re.compile(r"[^\W\d_]{3,}")
# Whose name may be mistyped: who or which company follows.
_NAMED = re.compile(
    r"\b(?:from|by|for|of|at|requester|customer|company)\W+(?:the\W+)?([^\W\d_]{4,})(?:\W+([^\W\d_]{4,}))?",
    re.IGNORECASE,
)


@requires(Permission.TICKET_READ)
def understand(ctx: Context, phrase: str) -> Phrase:
    """What a phrase such as "urgent tickets assigned to me" means here: a filter of the queue, how it was understood, and
    the words that were not. It reads, whatever it is told to do; what it finds is for `page` to show."""
    return phrases.read(phrase, _names(ctx, phrase), now=ctx.now, zone=ctx.actor.timezone)


def _names(ctx: Context, phrase: str) -> Names:
    known = catalog.current(ctx)
    inside = ctx.actor.is_staff or ctx.actor.is_desk
    return Names(
        statuses=tuple(
            Name(
                row.slug,
                row.label if inside else row.customer_label,
                _also(known.also_status.get(row.id, ())) if inside else (),
            )
            for row in known.statuses
        ),
        priorities=tuple(
            Name(row.slug, row.label, known.also_priority.get(row.id, ()))
            for row in sorted(known.priorities, key=lambda one: one.rank)
        ),
        categories=_shortened([(row.id, row.name) for row in known.categories]),
        teams=tuple(Name(str(row.id), row.name) for row in known.teams) if inside else (),
        tags=tuple(Name(row.name.lower(), row.name) for row in known.tags) if inside else (),
        agents=_people(ctx, phrase, is_staff=True) if inside else (),
        customers=_people(ctx, phrase, is_staff=False) if inside else (),
        companies=_companies(ctx, phrase) if inside else (),
    )


def _also(words: tuple[str, ...]) -> tuple[str, ...]:
    """“Assigned” is said of people, too; there it means more."""
    return tuple(word for word in words if word != "assigned")


def _shortened(rows: list[tuple[int, str]]) -> tuple[Name, ...]:
    """Names with the first of their words, where no other begins so: "Billing & contracts" is meant by "billing"."""
    firsts = [plain(name).replace("&", " ").split()[0] if name.split() else "" for _, name in rows]
    return tuple(
        Name(
            str(row_id),
            name,
            (name.replace("&", "and"), *((first,) if len(first) >= 4 and firsts.count(first) == 1 else ())),
        )
        for (row_id, name), first in zip(rows, firsts, strict=True)
    )


def _people(ctx: Context, phrase: str, *, is_staff: bool) -> tuple[Name, ...]:
    """Those a phrase may mean: staff all of them, customers by a word of their name."""
    query = access.visible(ctx, Person).with_only_columns(col(Person.id), col(Person.name)).limit(_MOST_PEOPLE)
    if is_staff:
        query = query.where(col(Person.role).in_(STAFF)).order_by(col(Person.is_active).desc(), col(Person.id))
    else:
        words = _beginnings(phrase)
        if not words:
            return ()
        # A space before: words are compared with the beginnings of names, by one scan of few people.
        whole = func.lower(func.concat(" ", Person.name))
        begins = [whole.contains(f" {word}", autoescape=True) for word in words]
        # Who is named in full before who only begins alike.
        query = query.where(col(Person.role) == Role.CUSTOMER, or_(*begins)).order_by(
            *(one.desc() for one in begins), col(Person.id)
        )
    rows = [(row[0], row[1]) for row in ctx.session.execute(query)]
    parts = [part for _, name in rows for part in {plain(one) for one in (name.split()[:1] + name.split()[-1:])}]
    return tuple(
        Name(
            str(person_id),
            name,
            tuple(part for part in (name.split()[:1] + name.split()[-1:]) if parts.count(plain(part)) == 1),
        )
        for person_id, name in rows
    )


def _beginnings(phrase: str) -> list[str]:
    """How names in a phrase begin: as its words do; where a name is expected, as its first three letters do."""
    words = [word.lower() for word in _WORD.findall(phrase)][:20]
    expected = [word.lower()[:3] for found in _NAMED.findall(phrase) for word in found if word][:10]
    return list(dict.fromkeys([*words, *expected]))


def _companies(ctx: Context, phrase: str) -> tuple[Name, ...]:
    words = _beginnings(phrase)
    if not words:
        return ()
    whole = func.lower(func.concat(" ", Company.name))
    query = select(Company.id, Company.name).where(
        or_(*(whole.contains(f" {word}", autoescape=True) for word in words))
    )
    return _shortened([(row[0], row[1]) for row in ctx.session.exec(query.limit(_MOST_PEOPLE)).all()])
