"""Time spent on tickets: by a timer, one running per person, or written down by hand."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import col, select

from helpdesk.domain import durations
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid, NotFound
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import one_line
from helpdesk.models import Person, Ticket, TimeEntry
from helpdesk.services import access
from helpdesk.services.context import Context, requires, step

_NOTE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class TimeRow:
    """Time somebody spent."""

    id: int
    person: str
    seconds: int
    spent: str
    note: str
    started_at: str
    is_running: bool = False
    is_mine: bool = False


@dataclass(frozen=True, slots=True)
class TimeSheet:
    """All the time spent on a ticket."""

    entries: tuple[TimeRow, ...] = ()
    total: str = ""
    running_since: str = ""  # of the reader's own timer on this ticket


@requires(Permission.TIME_TRACK)
def start(ctx: Context, ref: str) -> None:
    """Start one's timer on a ticket; one that runs elsewhere stops. Undone by `remove`.

    Raises:
        NotFound: no such ticket for the actor.
    """
    ticket = access.ticket(ctx, ref)
    person_id = _me(ctx)
    running = _running(ctx, person_id)
    if running is not None:
        if running.ticket_id == ticket.id:
            return
        _end(ctx, running)
        ctx.session.flush()
    ctx.session.add(TimeEntry(ticket_id=ticket.id, person_id=person_id, started_at=ctx.now))
    ctx.touch_ticket(ticket, is_public=False)


@requires(Permission.TIME_TRACK)
def stop(ctx: Context) -> None:
    """Stop one's running timer, wherever it runs; fine without one."""
    running = _running(ctx, _me(ctx))
    if running is not None:
        _end(ctx, running)


@requires(Permission.TIME_TRACK)
def log(ctx: Context, ref: str, spent: str, *, note: str = "") -> int:
    """Write down time by hand; returns the entry's id. Undone by `remove`.

    Args:
        spent: as people write it: 45, 1:30, 1h 30m.

    Raises:
        NotFound: no such ticket for the actor.
        Invalid: not a time.
    """
    ticket = access.ticket(ctx, ref)
    took = durations.parse(spent)
    entry = TimeEntry(
        ticket_id=ticket.id, person_id=_me(ctx), started_at=ctx.now - took, ended_at=ctx.now,
        seconds=int(took.total_seconds()), note=one_line(note)[:_NOTE_LENGTH],
    )  # fmt: skip
    ctx.session.add(entry)
    ctx.session.flush()
    ctx.record(ActivityKind.TICKET_TIME_LOGGED, ticket, spent=durations.spell(entry.seconds), note=entry.note)
    return entry.id


@requires(Permission.TIME_TRACK)
def change(ctx: Context, entry_id: int, spent: str, *, note: str = "") -> None:
    """Correct one's own entry.

    Raises:
        NotFound: no such entry.
        Conflict: somebody else's, or still running.
        Invalid: not a time.
    """
    entry, ticket = _own(ctx, entry_id)
    if entry.ended_at is None:
        raise Conflict("This timer is still running. Stop it first.")
    took, before, note = durations.parse(spent), entry.seconds, one_line(note)[:_NOTE_LENGTH]
    if (int(took.total_seconds()), note) == (entry.seconds, entry.note):
        return
    entry.seconds, entry.note = int(took.total_seconds()), note
    entry.ended_at = entry.started_at + took
    ctx.record(
        ActivityKind.TICKET_TIME_CHANGED, ticket, before=durations.spell(before), after=durations.spell(entry.seconds)
    )


@requires(Permission.TIME_TRACK)
def remove(ctx: Context, entry_id: int) -> None:
    """Remove one's own entry, or a running timer without keeping its time.

    Raises:
        NotFound: no such entry.
        Conflict: somebody else's.
    """
    entry, ticket = _own(ctx, entry_id)
    ctx.session.delete(entry)
    ctx.record(ActivityKind.TICKET_TIME_REMOVED, ticket, spent=durations.spell(_seconds(ctx, entry)))


@requires(Permission.CUSTOMER_READ)
def sheet(ctx: Context, ref: str) -> TimeSheet:
    """The time spent on a ticket, newest first, and its total; a running timer counts once it is stopped.

    Raises:
        NotFound: no such ticket for the actor.
    """
    return spent_on(ctx, access.ticket(ctx, ref))


@step
def spent_on(ctx: Context, ticket: Ticket) -> TimeSheet:
    """The time spent on a ticket, newest first, and its total."""
    found = ctx.session.exec(
        select(TimeEntry, Person.name)
        .join(Person, col(Person.id) == TimeEntry.person_id)
        .where(TimeEntry.ticket_id == ticket.id)
        .order_by(col(TimeEntry.id).desc())
    ).all()
    entries = tuple(
        TimeRow(
            entry.id, name, entry.seconds, durations.spell(entry.seconds), entry.note, entry.started_at.isoformat(),
            entry.ended_at is None, entry.person_id == ctx.actor.person_id,
        )
        for entry, name in found
    )  # fmt: skip
    total = sum(one.seconds for one in entries)
    since = next((one.started_at for one in entries if one.is_running and one.is_mine), "")
    return TimeSheet(entries, durations.spell(total) if total else "", since)


@step
def stop_all(ctx: Context, ticket: Ticket) -> None:
    """Stop every timer on a ticket that goes away."""
    query = select(TimeEntry).where(TimeEntry.ticket_id == ticket.id, col(TimeEntry.ended_at).is_(None))
    for entry in ctx.session.exec(query).all():
        _end(ctx, entry)


def _me(ctx: Context) -> int:
    if ctx.actor.person_id is None:
        raise Invalid(time="Only a person spends time on a ticket.")
    return ctx.actor.person_id


def _running(ctx: Context, person_id: int) -> TimeEntry | None:
    query = select(TimeEntry).where(TimeEntry.person_id == person_id, col(TimeEntry.ended_at).is_(None))
    return ctx.session.exec(query.with_for_update()).first()


def _own(ctx: Context, entry_id: int) -> tuple[TimeEntry, Ticket]:
    entry = access.one(ctx, TimeEntry, entry_id, what="time entry")
    query = access.visible(ctx, Ticket).where(col(Ticket.id) == entry.ticket_id)
    ticket = ctx.session.exec(query).first()
    if ticket is None:
        raise NotFound("There is no such time entry.")
    if entry.person_id != ctx.actor.person_id:
        raise Conflict("Only the person who spent the time can change it.")
    return entry, ticket


def _end(ctx: Context, entry: TimeEntry) -> None:
    entry.ended_at, entry.seconds = ctx.now, _seconds(ctx, entry)
    ticket = ctx.session.get_one(Ticket, entry.ticket_id)
    ctx.record(ActivityKind.TICKET_TIME_LOGGED, ticket, spent=durations.spell(entry.seconds))


def _seconds(ctx: Context, entry: TimeEntry) -> int:
    if entry.ended_at is not None:
        return entry.seconds
    # Forgotten over the weekend: nobody worked for longer than a day.
    return int(max(timedelta(), min(ctx.now - entry.started_at, durations.MOST)).total_seconds())
