"""Two accounts of one customer become one, and can be taken apart again.

Everything of the one that ends moves to the one that goes on: tickets, what they wrote, ratings, watching, notes, accounts at
other houses, and what the other's profile lacks. The account that ends is closed and its sessions with it; its address stays its
own and leads to the one that goes on, so that mail and sign-ins by another house find them.

Only customers are merged, so that nobody gains a right by it: whether somebody manages a company is never carried over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel, col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.people import Role
from helpdesk.domain.permissions import Permission
from helpdesk.models import (
    Attachment,
    Comment,
    Company,
    CsatRating,
    CustomerNote,
    Identity,
    Person,
    PersonMerge,
    Ticket,
    Watcher,
)
from helpdesk.services import access, sign_in
from helpdesk.services.context import Context, requires

# How long a merge can be taken back.
UNDO_WINDOW = timedelta(days=30)
MOST_TICKETS = 20_000
_MOST_SUGGESTED = 8
# What belongs to whom, and is simply given to the other.
_OWNED: tuple[tuple[str, type[SQLModel], Any], ...] = (
    ("tickets", Ticket, Ticket.requester_id), ("created", Ticket, Ticket.created_by_id),
    ("comments", Comment, Comment.author_id), ("ratings", CsatRating, CsatRating.person_id),
    ("files", Attachment, Attachment.uploaded_by_id), ("notes", CustomerNote, CustomerNote.person_id),
)  # fmt: skip
_FILLED = ("phone", "job_title", "department", "address", "company_id", "site_id")
# A local part that many people have says nothing.
_ANYBODYS = frozenset(
    {"info", "support", "office", "admin", "sales", "contact", "mail", "hello", "service", "it", "help"}
)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Somebody who may be the same person, and why."""

    id: int
    name: str
    email: str
    company: str = ""
    phone: str = ""
    why: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What would move if one account ended and the other went on."""

    source: Duplicate
    target: Duplicate
    tickets: int = 0
    comments: int = 0
    ratings: int = 0
    notes: int = 0
    watching: int = 0
    identities: int = 0
    fills: tuple[str, ...] = ()
    other_company: bool = False


@requires(Permission.PERSON_MERGE)
def duplicates(ctx: Context, person_id: int) -> tuple[Duplicate, ...]:
    """Customers who may be the same person: the same phone number, the same name at the same company, or an address that
    differs in dots, a tag or its domain only. At most 8.

    Raises:
        NotFound: nobody by that id.
    """
    person = access.person(ctx, person_id)
    roads = []
    if len(person.phone_key or "") >= 7:
        roads.append(col(Person.phone_key) == person.phone_key)
    if len(person.mail_key or "") >= 4 and person.mail_key not in _ANYBODYS:
        roads.append(col(Person.mail_key) == person.mail_key)
    roads.append((col(Person.name) == person.name) & (col(Person.company_id).is_not_distinct_from(person.company_id)))
    found: dict[int, Duplicate] = {}
    for road in roads:  # each on its own index: three look-ups at most
        query = (
            select(Person, Company.name)
            .outerjoin(Company, col(Company.id) == Person.company_id)
            .where(road, Person.role == Role.CUSTOMER, col(Person.merged_into_id).is_(None), Person.id != person.id)
            .order_by(Person.name, col(Person.id))
            .limit(_MOST_SUGGESTED)
        )
        for other, company in ctx.session.exec(query).all():
            found.setdefault(other.id, _shown(other, company or "", _why(person, other)))
    return tuple(found.values())[:_MOST_SUGGESTED] if person.role == Role.CUSTOMER and not person.merged_into_id else ()


@requires(Permission.PERSON_MERGE)
def preview(ctx: Context, person_id: int, *, into: int) -> MergePreview:
    """What would move if `person_id` ended and `into` went on.

    Raises:
        NotFound: one of them is not there.
        Invalid, Conflict: as `merge`.
    """
    source, target = access.person(ctx, person_id), access.person(ctx, into)
    _check(source, target)
    counts = {
        name: select(func.count()).select_from(model).where(col(column) == source.id).scalar_subquery()
        for name, model, column in _OWNED
        if name not in ("created", "files")
    }
    counts["watching"] = (
        select(func.count()).select_from(Watcher).where(Watcher.person_id == source.id).scalar_subquery()
    )
    counts["identities"] = (
        select(func.count()).select_from(Identity).where(Identity.person_id == source.id).scalar_subquery()
    )
    row = ctx.session.execute(select(*counts.values())).one()
    names = {one.id: one.name for one in _companies(ctx, source, target)}
    return MergePreview(
        _shown(source, names.get(source.company_id or 0, "")), _shown(target, names.get(target.company_id or 0, "")),
        **dict(zip(counts, row, strict=True)),
        fills=tuple(_WORDS[name] for name in _fills(source, target) if name in _WORDS),
        other_company=bool(source.company_id and target.company_id and source.company_id != target.company_id),
    )  # fmt: skip


@requires(Permission.PERSON_MERGE)
def merge(ctx: Context, person_id: int, *, into: int) -> None:
    """Merge a customer's account into another one of theirs. Undone by `unmerge`. Twice is once.

    Args:
        person_id: the account that ends.
        into: the one that goes on.

    Raises:
        NotFound: one of them is not there.
        Invalid: an account into itself.
        Conflict: not both customers, one of them closed or merged already, or too much to move at once.
    """
    source, target = _both(ctx, person_id, into)
    if source.merged_into_id == target.id:
        return
    _check(source, target)
    number = ctx.session.exec(select(func.count()).select_from(Ticket).where(Ticket.requester_id == source.id)).one()
    if number > MOST_TICKETS:
        raise Conflict(f"{source.name} has more than {MOST_TICKETS:,} tickets. Merge the other way round.")
    moved: dict[str, Any] = {"was_active": source.is_active}
    for name, model, column in _OWNED:
        moved[name] = _give(ctx, model, column, source.id, target.id)
    moved["watching"] = _watch(ctx, source, target)
    moved["identities"] = _bring_identities(ctx, source, target)
    moved["followers"] = _give(ctx, Person, Person.merged_into_id, source.id, target.id)
    moved["filled"] = _fill(source, target)
    _find_by(ctx, target, moved["tickets"])
    source.merged_into_id, source.is_active = target.id, False
    source.updated_at = target.updated_at = ctx.now
    sign_in.end_sessions(ctx, source)
    sign_in.void_resets(ctx, source.id)
    ctx.session.add(PersonMerge(source_id=source.id, target_id=target.id, moved=moved, at=ctx.now))
    said = _said(len(moved["tickets"]))
    ctx.record(
        ActivityKind.PERSON_MERGED, subject_id=source.id, name=source.name, into=target.name, into_id=target.id, tickets=said,
        before={"accounts": f"{source.email}, {target.email}"}, after={"accounts": target.email},
    )  # fmt: skip
    _nudge(ctx, source, target)


@requires(Permission.PERSON_MERGE)
def unmerge(ctx: Context, person_id: int) -> None:
    """Take a merged account out again: what moved and is still the other's goes back. What came since stays.

    Args:
        person_id: the account that was merged into another one.

    Raises:
        NotFound: nobody by that id.
        Conflict: not merged, merged too long ago, or the other one was itself merged since.
    """
    found = access.person(ctx, person_id)
    if found.merged_into_id is None:
        raise Conflict(f"{found.name} is not merged into another account.")
    source, target = _both(ctx, found.id, found.merged_into_id)
    log = ctx.session.exec(
        select(PersonMerge)
        .where(PersonMerge.source_id == source.id, col(PersonMerge.undone_at).is_(None))
        .order_by(col(PersonMerge.id).desc())
        .with_for_update()
    ).first()
    if log is None or log.target_id != target.id:
        raise Conflict(
            f"{target.name} is where another account went that {source.name} was merged into. Take that out first."
        )
    if target.merged_into_id is not None:
        raise Conflict(f"{target.name} was merged into another account since. Take that out first.")
    if ctx.now - log.at > UNDO_WINDOW:
        raise Conflict(f"A merge can be taken back for {UNDO_WINDOW.days} days.")
    moved = log.moved
    for name, model, column in _OWNED:
        _give_back(ctx, model, column, moved[name], target.id, source.id)
    _give_back(ctx, Identity, Identity.person_id, moved["identities"], target.id, source.id)
    _give_back(ctx, Person, Person.merged_into_id, moved["followers"], target.id, source.id)
    for ticket_id in moved["watching"]["kept"] + moved["watching"]["shared"]:
        ctx.session.add(Watcher(ticket_id=ticket_id, person_id=source.id, since=ctx.now))
    ctx.session.execute(
        delete(Watcher).where(
            col(Watcher.ticket_id).in_(moved["watching"]["kept"]), col(Watcher.person_id) == target.id
        )
    )
    for name, value in moved["filled"].items():
        if getattr(target, name) == value:
            setattr(target, name, None if name.endswith("_id") else "")
    source.merged_into_id, source.is_active = None, moved["was_active"]
    source.updated_at = target.updated_at = log.undone_at = ctx.now
    sign_in.end_sessions(ctx, target)
    ctx.record(
        ActivityKind.PERSON_UNMERGED, subject_id=source.id, name=source.name, into=target.name, into_id=target.id,
        tickets=_said(len(moved["tickets"])), before={"accounts": target.email},
        after={"accounts": f"{source.email}, {target.email}"},
    )  # fmt: skip
    _nudge(ctx, source, target)


_WORDS = {"phone": "phone", "job_title": "title", "address": "address", "company_id": "company", "site_id": "site"}


def _both(ctx: Context, source_id: int, target_id: int) -> tuple[Person, Person]:
    """The two accounts, locked in id order: two merges crossing each other would deadlock."""
    ids = sorted({access.whole(source_id), access.whole(target_id)})
    found = {person_id: access.person(ctx, person_id, lock=True) for person_id in ids}
    return found[access.whole(source_id)], found[access.whole(target_id)]


def _check(source: Person, target: Person) -> None:
    if source.id == target.id:
        raise Invalid(into="Choose another account than the one that ends.")
    for person in (source, target):
        if person.role != Role.CUSTOMER:
            raise Conflict(f"{person.name} works here. Only customers' accounts are merged.")
        if person.merged_into_id is not None:
            raise Conflict(f"{person.name} ({person.email}) was merged into another account already.")
    if not target.is_active:
        raise Conflict(f"{target.name} ({target.email}) is deactivated. Activate the account that goes on first.")


def _give(ctx: Context, model: type[SQLModel], column: Any, source: int, target: int) -> list[int]:
    key = model.__table__.c.id  # type: ignore[attr-defined]
    change = update(model).where(col(column) == source).values({column.key: target}).returning(key)
    return list(ctx.session.scalars(change.execution_options(synchronize_session=False)))


def _give_back(ctx: Context, model: type[SQLModel], column: Any, ids: Sequence[int], target: int, source: int) -> None:
    if not ids:
        return
    key = model.__table__.c.id  # type: ignore[attr-defined]
    change = update(model).where(key.in_(ids), col(column) == target).values({column.key: source})
    ctx.session.execute(change.execution_options(synchronize_session=False))


def _watch(ctx: Context, source: Person, target: Person) -> dict[str, list[int]]:
    """Which tickets they watch only by this account, and which by both."""
    theirs = set(ctx.session.scalars(select(Watcher.ticket_id).where(Watcher.person_id == source.id)))
    if not theirs:
        return {"kept": [], "shared": []}
    rows = [{"ticket_id": one, "person_id": target.id, "since": ctx.now} for one in sorted(theirs)]
    fresh = insert(Watcher).values(rows).on_conflict_do_nothing().returning(col(Watcher.ticket_id))
    kept = set(ctx.session.scalars(fresh))
    ctx.session.execute(delete(Watcher).where(col(Watcher.person_id) == source.id))
    return {"kept": sorted(kept), "shared": sorted(theirs - kept)}


def _bring_identities(ctx: Context, source: Person, target: Person) -> list[int]:
    """Accounts at houses where the other has none. The rest stay, and lead there all the same."""
    known = select(Identity.provider_id).where(Identity.person_id == target.id)
    change = (
        update(Identity)
        .where(col(Identity.person_id) == source.id, col(Identity.provider_id).not_in(known))
        .values(person_id=target.id)
        .returning(col(Identity.id))
    )
    return list(ctx.session.scalars(change.execution_options(synchronize_session=False)))


def _fills(source: Person, target: Person) -> list[str]:
    """What the profile of the one that goes on lacks. A site only with its company."""
    return [
        name
        for name in _FILLED
        if getattr(source, name)
        and not getattr(target, name)
        and (name != "site_id" or target.company_id in (None, source.company_id))
    ]


def _fill(source: Person, target: Person) -> dict[str, Any]:
    filled = {name: getattr(source, name) for name in _fills(source, target)}
    for name, value in filled.items():
        setattr(target, name, value)
    return filled


def _find_by(ctx: Context, target: Person, tickets: Sequence[int]) -> None:
    """Searching for the one that goes on finds what was the other's."""
    if tickets:
        ctx.session.execute(
            text(
                "UPDATE ticket_search SET public_words = public_words || setweight(to_tsvector('desk', :words), 'B')"
                " WHERE ticket_id = ANY(:ids)"
            ),
            {"words": f"{target.name} {target.email}", "ids": list(tickets)},
        )


def _nudge(ctx: Context, source: Person, target: Person) -> None:
    ctx.session.flush()
    ctx.topics |= {
        f"org-{ctx.organization_id}-customers", f"org-{ctx.organization_id}-tickets", f"portal-{target.id}",
        f"portal-{source.id}", f"sessions-{target.id}", f"sessions-{source.id}",
    }  # fmt: skip


def _companies(ctx: Context, *persons: Person) -> Sequence[Company]:
    ids = {one.company_id for one in persons if one.company_id}
    return ctx.session.exec(select(Company).where(col(Company.id).in_(ids))).all() if ids else ()


def _why(person: Person, other: Person) -> str:
    if len(person.phone_key or "") >= 7 and person.phone_key == other.phone_key:
        return "Same phone number"
    if person.mail_key == other.mail_key:
        return "Similar address"
    return "Same name and company" if person.company_id else "Same name"


def _shown(person: Person, company: str, why: str = "") -> Duplicate:
    return Duplicate(person.id, person.name, person.email, company, person.phone, why, person.is_active)


def _said(number: int) -> str:
    return "1 ticket" if number == 1 else f"{number} tickets"
