"""Customers and companies as the staff sees them: who they are, what they asked, how content they were, what it took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, ColumnElement, Text, bindparam, func, text
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from helpdesk.domain import durations
from helpdesk.domain.people import Role
from helpdesk.domain.permissions import Permission, may
from helpdesk.domain.text import one_line
from helpdesk.models import Company, CsatRating, CustomerNote, Person, Site, Ticket, TimeEntry
from helpdesk.services import access, people
from helpdesk.services.companies import SiteRow
from helpdesk.services.context import Context, requires, step

MOST_COUNTED = 1000
_MOST_WORDS = 6
_RATINGS = 5
_MEMBERS = 100
_NOTES = 50


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer in the list."""

    id: int
    name: str
    email: str
    company: str = ""
    company_id: int = 0
    phone: str = ""
    job_title: str = ""
    picture: str = ""
    is_active: bool = True
    is_company_manager: bool = False
    last_at: str = ""  # when something last happened to one of their tickets


@dataclass(frozen=True, slots=True)
class CompanyLine:
    """A company in the list."""

    id: int
    name: str
    domains: str = ""
    people: int = 0
    open: int = 0
    last_at: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """What there is about the tickets of a customer or a company that the actor sees. Tickets are counted as far as 1000."""

    open: int = 0
    total: int = 0
    ratings: int = 0
    average: str = ""
    spent: str = ""
    last_at: str = ""


@dataclass(frozen=True, slots=True)
class RatingRow:
    """How somebody was content with one ticket."""

    reference: str
    title: str
    score: int
    comment: str
    at: str


@dataclass(frozen=True, slots=True)
class NoteRow:
    """What somebody of the staff wrote down about them; `body_html` is sanitised."""

    id: int
    author: str
    body: str
    body_html: str
    created_at: str
    edited_at: str = ""
    may_change: bool = False


@dataclass(frozen=True, slots=True)
class CustomerDetail:
    """A customer with everything about them."""

    id: int
    name: str
    email: str
    role: str = ""
    other_emails: tuple[str, ...] = ()
    phone: str = ""
    job_title: str = ""
    company: str = ""
    company_id: int = 0
    is_company_manager: bool = False
    site: str = ""
    sites: tuple[SiteRow, ...] = ()  # of their company
    timezone: str = ""
    picture: str = ""
    is_active: bool = True
    merged_into: int = 0
    merged_into_name: str = ""
    since: str = ""
    last_seen_at: str = ""
    figures: Figures = Figures()
    ratings: tuple[RatingRow, ...] = ()
    notes: tuple[NoteRow, ...] = ()
    may_note: bool = False
    may_manage: bool = False
    may_merge: bool = False
    may_file: bool = False


@dataclass(frozen=True, slots=True)
class CompanyOverview:
    """A company with everything about it; of its people the first 100 by name."""

    id: int
    name: str
    domains: tuple[str, ...] = ()
    sites: tuple[SiteRow, ...] = ()
    members: tuple[CustomerRow, ...] = ()
    member_count: int = 0
    managers: tuple[str, ...] = ()
    since: str = ""
    figures: Figures = Figures()
    ratings: tuple[RatingRow, ...] = ()
    notes: tuple[NoteRow, ...] = ()
    may_note: bool = False
    may_manage: bool = False


@requires(Permission.CUSTOMER_READ)
def listing(ctx: Context, *, words: str = "", after: str = "", size: int = 50) -> list[CustomerRow]:
    """Customers by name.

    Args:
        words: parts of the name, the address or the phone number; all must be there.
        after: keyset: only people after "name|id".
    """
    size = min(size, 200)
    name, _, last = one_line(after).rpartition("|")
    mark = (name, int(last)) if last.isascii() and last.isdecimal() and len(last) < 19 else ("", 0)
    asked = one_line(words)[:100].split()[:_MOST_WORDS]
    if asked:
        found = text("SELECT person_id FROM find_customers(:asked, :name, :id, :most)").bindparams(
            bindparam("asked", asked, ARRAY(Text)), name=mark[0], id=mark[1], most=size
        )
        wanted: ColumnElement[bool] = col(Person.id).in_([row[0] for row in ctx.session.execute(found)])
    else:
        wanted = (col(Person.role) == Role.CUSTOMER) & col(Person.merged_into_id).is_(None)
        if mark[1]:
            wanted &= (col(Person.name) > mark[0]) | ((col(Person.name) == mark[0]) & (col(Person.id) > mark[1]))
    return _rows(ctx, wanted, size)


@requires(Permission.CUSTOMER_READ)
def one(ctx: Context, person_id: int) -> CustomerDetail:
    """A customer, their figures, ratings and notes. Of tickets, only those the actor sees count.

    Raises:
        NotFound: nobody by that id.
    """
    person = access.person(ctx, person_id)
    company = ctx.session.get(Company, person.company_id) if person.company_id else None
    sites = _sites(ctx, person.company_id)
    survivor = ctx.session.get(Person, person.merged_into_id) if person.merged_into_id else None
    theirs = col(Ticket.requester_id) == person.id
    others = ctx.session.exec(
        select(Person.email).where(Person.merged_into_id == person.id).order_by(Person.email)
    ).all()
    return CustomerDetail(
        id=person.id, name=person.name, email=person.email, role=person.role, other_emails=tuple(others),
        phone=person.phone, job_title=person.job_title, company=company.name if company else "",
        company_id=person.company_id or 0, is_company_manager=person.is_company_manager,
        site=next((one.name for one in sites if one.id == person.site_id), ""), sites=sites, timezone=person.timezone,
        picture=people.picture_of(person), is_active=person.is_active, merged_into=person.merged_into_id or 0,
        merged_into_name=survivor.name if survivor else "", since=person.created_at.isoformat(),
        last_seen_at=_iso(person.last_seen_at), figures=_figures(ctx, theirs), ratings=_ratings(ctx, theirs),
        notes=notes_of(ctx, col(CustomerNote.person_id) == person.id), may_note=may(ctx.actor, Permission.TICKET_NOTE),
        may_manage=may(ctx.actor, Permission.PERSON_MANAGE),
        may_merge=may(ctx.actor, Permission.PERSON_MERGE) and person.role == Role.CUSTOMER,
        may_file=may(ctx.actor, Permission.TICKET_CREATE_FOR_OTHERS) and person.is_active,
    )  # fmt: skip


@requires(Permission.CUSTOMER_READ)
def companies(ctx: Context, *, words: str = "", after: str = "", size: int = 50) -> list[CompanyLine]:
    """Companies by name, with how many people and open tickets each has (as far as 1000).

    Args:
        words: part of the name or a domain.
        after: keyset: only companies after this name.
    """
    members = select(func.count()).select_from(Person).where(
        Person.company_id == Company.id, col(Person.merged_into_id).is_(None)
    )  # fmt: skip
    theirs = select(Ticket.id).where(Ticket.company_id == Company.id, access.sees(ctx.actor, Ticket)).correlate(Company)
    counted = theirs.where(col(Ticket.is_open)).limit(MOST_COUNTED).lateral()
    latest = theirs.with_only_columns(col(Ticket.updated_at)).order_by(col(Ticket.updated_at).desc()).limit(1)
    query = (
        sql_select(
            Company, members.correlate(Company).scalar_subquery(),
            sql_select(func.count()).select_from(counted).scalar_subquery(), latest.scalar_subquery(),
        )
        .order_by(Company.name)
        .limit(min(size, 200))
    )  # fmt: skip
    if part := one_line(words)[:100]:
        query = query.where(
            col(Company.name).icontains(part, autoescape=True)
            | func.array_to_string(Company.domains, " ").contains(part.lower(), autoescape=True)
        )
    if after:
        query = query.where(col(Company.name) > one_line(after))
    return [
        CompanyLine(found.id, found.name, ", ".join(found.domains), number, opened, _iso(at))
        for found, number, opened, at in ctx.session.execute(query).all()
    ]


@requires(Permission.CUSTOMER_READ)
def company(ctx: Context, company_id: int) -> CompanyOverview:
    """A company, its people, places, figures, ratings and notes.

    Raises:
        NotFound: no such company.
    """
    found = access.one(ctx, Company, company_id, what="company")
    belongs = (col(Person.company_id) == found.id) & col(Person.merged_into_id).is_(None)
    members = _rows(ctx, belongs, _MEMBERS)
    managers = ctx.session.exec(
        select(Person.name).where(belongs, col(Person.is_company_manager)).order_by(Person.name).limit(_MEMBERS)
    ).all()
    number = len(members)
    if number == _MEMBERS:
        number = ctx.session.exec(select(func.count()).select_from(Person).where(belongs)).one()
    theirs = col(Ticket.company_id) == found.id
    return CompanyOverview(
        id=found.id, name=found.name, domains=tuple(found.domains), sites=_sites(ctx, found.id), members=tuple(members),
        member_count=number, managers=tuple(managers), since=found.created_at.isoformat(), figures=_figures(ctx, theirs),
        ratings=_ratings(ctx, theirs), notes=notes_of(ctx, col(CustomerNote.company_id) == found.id),
        may_note=may(ctx.actor, Permission.TICKET_NOTE), may_manage=may(ctx.actor, Permission.PERSON_MANAGE),
    )  # fmt: skip


@step
def notes_of(ctx: Context, about: ColumnElement[bool]) -> tuple[NoteRow, ...]:
    """The notes about somebody or a company, newest first; at most 50."""
    author = aliased(Person)
    query = (
        select(CustomerNote, author.name)
        .outerjoin(author, col(author.id) == CustomerNote.author_id)
        .where(about, col(CustomerNote.deleted_at).is_(None))
        .order_by(col(CustomerNote.id).desc())
        .limit(_NOTES)
    )
    return tuple(
        NoteRow(
            note.id, name or "Somebody who has left", note.body, note.body_html, note.created_at.isoformat(),
            _iso(note.edited_at), changes_note(ctx, note),
        )
        for note, name in ctx.session.exec(query).all()
    )  # fmt: skip


@step
def changes_note(ctx: Context, note: CustomerNote) -> bool:
    """Whether the actor may change a note: its author, and who manages people."""
    is_own = note.author_id is not None and note.author_id == ctx.actor.person_id
    return (is_own and may(ctx.actor, Permission.TICKET_NOTE)) or may(ctx.actor, Permission.PERSON_MANAGE)


def _rows(ctx: Context, wanted: ColumnElement[bool], size: int) -> list[CustomerRow]:
    # One look at an index for each line; what the ticket is about is not told.
    latest = (
        select(Ticket.updated_at)
        .where(Ticket.requester_id == Person.id)
        .order_by(col(Ticket.updated_at).desc())
        .limit(1)
        .correlate(Person)
        .scalar_subquery()
    )
    query = (
        select(Person, Company.name, latest)
        .outerjoin(Company, col(Company.id) == Person.company_id)
        .where(access.sees(ctx.actor, Person), wanted)
        .order_by(Person.name, col(Person.id))
        .limit(size)
    )
    return [
        CustomerRow(
            person.id, person.name, person.email, name or "", person.company_id or 0, person.phone, person.job_title,
            people.picture_of(person), person.is_active, person.is_company_manager, _iso(at),
        )
        for person, name, at in ctx.session.exec(query).all()
    ]  # fmt: skip


def _sites(ctx: Context, company_id: int | None) -> tuple[SiteRow, ...]:
    if not company_id:
        return ()
    found = ctx.session.exec(select(Site).where(Site.company_id == company_id).order_by(Site.name)).all()
    return tuple(SiteRow(one.id, one.name, one.address) for one in found)


def _figures(ctx: Context, theirs: ColumnElement[bool]) -> Figures:
    """All of them in one statement, each on an index of its own."""
    seen = select(Ticket.id).where(theirs, access.sees(ctx.actor, Ticket))
    newest = seen.order_by(col(Ticket.updated_at).desc())
    rated = seen.with_only_columns(col(Ticket.csat_score)).where(col(Ticket.csat_score).is_not(None)).subquery()
    spent = select(func.sum(TimeEntry.seconds)).where(
        col(TimeEntry.ticket_id).in_(seen), col(TimeEntry.ended_at).is_not(None)
    )  # fmt: skip
    opened, total = (
        sql_select(func.count()).select_from(one.limit(MOST_COUNTED).subquery()).scalar_subquery()
        for one in (newest.where(col(Ticket.is_open)), newest)
    )
    last = newest.with_only_columns(col(Ticket.updated_at)).limit(1).scalar_subquery()
    number = select(func.count()).select_from(rated).scalar_subquery()
    average = select(func.avg(rated.c.csat_score)).scalar_subquery()
    row = ctx.session.execute(sql_select(opened, total, number, average, spent.scalar_subquery(), last)).one()
    return Figures(
        row[0],
        row[1],
        row[2],
        f"{row[3]:.1f}" if row[2] else "",
        durations.spell(int(row[4])) if row[4] else "",
        _iso(row[5]),
    )


def _ratings(ctx: Context, theirs: ColumnElement[bool]) -> tuple[RatingRow, ...]:
    rated = (
        select(Ticket.id)
        .where(theirs, access.sees(ctx.actor, Ticket), col(Ticket.csat_score).is_not(None))
        .order_by(col(Ticket.id).desc())
        .limit(_NOTES)
    )
    query = (
        select(CsatRating, Ticket.reference, Ticket.title)
        .join(Ticket, col(Ticket.id) == CsatRating.ticket_id)
        .where(col(CsatRating.ticket_id).in_(rated))
        .order_by(col(CsatRating.created_at).desc())
        .limit(_RATINGS)
    )
    found: Sequence[tuple[CsatRating, str, str]] = ctx.session.exec(query).all()
    return tuple(
        RatingRow(reference, title, one.score, one.comment, one.created_at.isoformat())
        for one, reference, title in found
    )


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""
