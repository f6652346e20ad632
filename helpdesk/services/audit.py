"""What administrators did, and who tried to sign in: filtered, page by page, and as CSV."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from helpdesk.domain.activity import ADMIN_KINDS, ActivityKind, sentence
from helpdesk.domain.errors import Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.models import Activity, Person, SignInAttempt
from helpdesk.services.context import Context, requires

# More rows than anybody reads; a narrower range brings the rest.
MOST_EXPORTED = 50_000
SUBJECTS = tuple(sorted({kind.partition(".")[0] for kind in ADMIN_KINDS}))
_LONGEST_VALUE = 400


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact, before and after."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Something an administrator did."""

    id: int
    at: str
    who: str
    actor_id: int
    kind: str
    what: str
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """A try to sign in."""

    id: int
    at: str
    email: str
    outcome: str
    address: str
    user_agent: str
    person: str


@requires(Permission.AUDIT_READ)
def listing(
    ctx: Context,
    *,
    person_id: int | None = None,
    subject: str = "",
    since: str = "",
    until: str = "",
    before: int | None = None,
    size: int = 50,
) -> list[AuditRow]:
    """What administrators did, newest first.

    Args:
        person_id: only what this person did.
        subject: what it was about, one of SUBJECTS.
        since, until: days, such as 2026-11-21, in the actor's zone; both included.
        before: only rows older than this id (keyset).

    Raises:
        Invalid: no such subject or day.
    """
    query = (
        select(Activity)
        .where(
            col(Activity.ticket_id).is_(None), col(Activity.kind).in_(_kinds(subject)),
            *_within(ctx, Activity.at, since, until),
        )
        .order_by(col(Activity.id).desc())
        .limit(min(size, MOST_EXPORTED))
    )  # fmt: skip
    if person_id:
        query = query.where(Activity.actor_id == person_id)
    if before:
        query = query.where(col(Activity.id) < before)
    return [_row(found) for found in ctx.session.exec(query).all()]


@requires(Permission.AUDIT_READ)
def actors(ctx: Context) -> list[tuple[int, str]]:
    """Everybody who ever did something an administrator does, as (id, name)."""
    query = (
        select(Person.id, Person.name)
        .where(
            col(Person.id).in_(
                select(Activity.actor_id).where(
                    col(Activity.ticket_id).is_(None), col(Activity.kind).in_(sorted(ADMIN_KINDS))
                )
            )
        )
        .order_by(Person.name)
    )
    return [(person_id, name) for person_id, name in ctx.session.exec(query).all()]


@requires(Permission.AUDIT_READ)
def as_csv(ctx: Context, *, person_id: int | None = None, subject: str = "", since: str = "", until: str = "") -> str:
    """The same as CSV, one line per fact that changed."""
    rows = listing(ctx, person_id=person_id, subject=subject, since=since, until=until, size=MOST_EXPORTED)
    head = ("at", "who", "what", "kind", "field", "before", "after")
    return _csv(head, (line for row in rows for line in _lines(row)))


@requires(Permission.AUDIT_READ)
def attempts(
    ctx: Context,
    *,
    email: str = "",
    outcome: str = "",
    address: str = "",
    since: str = "",
    until: str = "",
    before: int | None = None,
    size: int = 50,
) -> list[AttemptRow]:
    """Tries to sign in, newest first.

    Args:
        email: part of the address tried, or of the person's name.
        outcome: success, failed, locked, deactivated, limited or registered.
        address: the beginning of the network address.
        since, until: days, such as 2026-11-21, in the actor's zone; both included.
        before: only rows older than this id (keyset).

    Raises:
        Invalid: no such day.
    """
    query = (
        select(SignInAttempt, Person.name)
        .outerjoin(Person, col(Person.id) == SignInAttempt.person_id)
        .where(*_within(ctx, SignInAttempt.at, since, until))
        .order_by(col(SignInAttempt.id).desc())
        .limit(min(size, MOST_EXPORTED))
    )
    if email:
        part = email.lower()[:254]
        query = query.where(
            col(SignInAttempt.email).contains(part, autoescape=True) | col(Person.name).icontains(part, autoescape=True)
        )
    if outcome:
        query = query.where(SignInAttempt.outcome == outcome)
    if address:
        query = query.where(col(SignInAttempt.address).startswith(address[:64], autoescape=True))
    if before:
        query = query.where(col(SignInAttempt.id) < before)
    return [
        AttemptRow(row.id, row.at.isoformat(), row.email, row.outcome, row.address, row.user_agent, name or "")
        for row, name in ctx.session.exec(query).all()
    ]


@requires(Permission.SIGN_IN_EXPORT)
def attempts_as_csv(
    ctx: Context, *, email: str = "", outcome: str = "", address: str = "", since: str = "", until: str = ""
) -> str:
    """The same as CSV: who signs in from where is for the owner to take away."""
    rows = attempts(ctx, email=email, outcome=outcome, address=address, since=since, until=until, size=MOST_EXPORTED)
    lines = ((row.at, row.email, row.person, row.outcome, row.address, row.user_agent) for row in rows)
    return _csv(("at", "email", "person", "outcome", "address", "browser"), lines)


def _kinds(subject: str) -> list[str]:
    if subject and subject not in SUBJECTS:
        raise Invalid(subject=f"Use one of: {', '.join(SUBJECTS)}.")
    return sorted(kind for kind in ADMIN_KINDS if not subject or kind.partition(".")[0] == subject)


def _within(ctx: Context, column: Any, since: str, until: str) -> list[ColumnElement[bool]]:
    zone = ZoneInfo(ctx.actor.timezone)
    conditions = []
    if since:
        conditions.append(col(column) >= datetime.combine(_day(since, "since"), time.min, zone))
    if until:
        conditions.append(col(column) < datetime.combine(_day(until, "until") + timedelta(days=1), time.min, zone))
    return conditions


def _day(text: str, field: str) -> date:
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        found = date.min
    if not 1970 <= found.year <= 9000:
        raise Invalid(**{field: "Give a day such as 2026-11-21."})
    return found


def _row(found: Activity) -> AuditRow:
    kind = ActivityKind(found.kind)
    return AuditRow(
        found.id, found.at.isoformat(), found.actor_name or "The desk", found.actor_id or 0, found.kind,
        sentence(kind, found.data), tuple(_differences(found.data)),
    )  # fmt: skip


def _differences(data: dict[str, Any]) -> Iterator[Difference]:
    before, after = data.get("before") or {}, data.get("after") or {}
    if not (isinstance(before, dict) and isinstance(after, dict)):
        yield Difference("value", _shown(before), _shown(after))  # rows of an older release
        return
    for field in dict.fromkeys((*before, *after)):
        if before.get(field) != after.get(field):
            yield Difference(
                field.removeprefix("is_").replace("_", " "), _shown(before.get(field)), _shown(after.get(field))
            )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value)[:_LONGEST_VALUE]
    return "" if value is None else str(value)[:_LONGEST_VALUE]


def _lines(row: AuditRow) -> Iterator[tuple[str, ...]]:
    for one in row.differences or (Difference("", "", ""),):
        yield (row.at, row.who, row.what, row.kind, one.field, one.before, one.after)


def _csv(head: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([_harmless(value) for value in line] for line in lines)
    return text.getvalue()


def _harmless(value: str) -> str:
    """A spreadsheet runs what begins like a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
