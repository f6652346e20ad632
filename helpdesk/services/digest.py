"""The daily summary for who manages: one mail a day at the time they chose, in their zone."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, text
from sqlmodel import col, select

from helpdesk import db
from helpdesk.domain.people import SEES_ALL
from helpdesk.models import Person, Ticket
from helpdesk.services.context import Context, anyone, step
from helpdesk.services.mail import outbound

# A summary later than this is none any more: the next one comes.
_LATEST = timedelta(hours=6)
_LISTED = 5


@anyone
def organizations_with_readers() -> list[int]:
    """Organizations in which anybody wants a summary, asked as the owner."""
    with db.owner_session() as session:
        found = session.execute(text("SELECT DISTINCT organization_id FROM person WHERE digest_at <> '' AND is_active"))
        return [row[0] for row in found]


@step
def send_due(ctx: Context) -> int:
    """Queue the summaries whose time has come; returns how many. Each once a day, however often this runs."""
    readers = ctx.session.exec(
        select(Person)
        .where(Person.digest_at != "", col(Person.is_active), col(Person.wants_mail), col(Person.role).in_(SEES_ALL))
        .order_by(col(Person.id))
        .with_for_update(skip_locked=True)
    ).all()
    due = [person for person in readers if _is_due(person, ctx.now)]
    if not due:
        return 0
    values = _figures(ctx)
    outbound.put(ctx, [outbound.composed(ctx, "digest", person, values | _today(ctx, person)) for person in due])
    for person in due:
        person.digest_sent_at = ctx.now
    return len(due)


def _is_due(person: Person, now: datetime) -> bool:
    here = now.astimezone(ZoneInfo(person.timezone))
    when = datetime.combine(here.date(), time.fromisoformat(person.digest_at), tzinfo=here.tzinfo)
    if when > here:
        return False
    return now - when <= _LATEST and (person.digest_sent_at is None or person.digest_sent_at < when)


def _today(ctx: Context, person: Person) -> dict[str, Any]:
    return {"day": f"{ctx.now.astimezone(ZoneInfo(person.timezone)):%A, %-d %B %Y}"}


def _figures(ctx: Context) -> dict[str, Any]:
    """The last 24 hours, and how things stand. Each figure reads an index of its own."""
    since = ctx.now - timedelta(days=1)
    is_open, is_late = col(Ticket.is_open), (col(Ticket.is_open), Ticket.sla_status == "breached")
    wanted = {
        "filed": (col(Ticket.created_at) >= since,), "solved": (col(Ticket.resolved_at) >= since,), "open": (is_open,),
        "unassigned": (is_open, col(Ticket.assignee_id).is_(None)), "late": is_late,
    }  # fmt: skip
    counts = [
        select(func.count()).select_from(Ticket).where(*conditions).scalar_subquery() for conditions in wanted.values()
    ]
    found = dict(zip(wanted, ctx.session.execute(select(*counts)).one(), strict=True))
    columns = select(Ticket.reference, Ticket.title)
    late = ctx.session.execute(columns.where(*is_late).order_by(col(Ticket.sla_due_at), col(Ticket.id)).limit(_LISTED))
    waiting = ctx.session.execute(
        columns.where(is_open, col(Ticket.assignee_id).is_(None)).order_by(col(Ticket.created_at)).limit(_LISTED)
    )
    return found | {"latest": [tuple(row) for row in late], "oldest": [tuple(row) for row in waiting]}
