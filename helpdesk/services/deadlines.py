"""Explain a deadline: every stretch of its clock, what it was and because of whom, with running totals."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from helpdesk.domain import sla as rules
from helpdesk.domain.business_hours import ALWAYS_OPEN
from helpdesk.domain.durations import exact
from helpdesk.domain.permissions import Permission
from helpdesk.domain.sla import METRIC_LABELS, Metric, Segment, SegmentKind
from helpdesk.domain.sla import status as sla_status
from helpdesk.models import Ticket, Timer
from helpdesk.services import access, catalog, sla
from helpdesk.services.context import Context, requires

# A year of nights is no explanation; what lies between is summed up.
MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch: what it was, from when until when, how long it counted, and how much had counted by its end."""

    kind: str
    text: str
    since: str
    until: str
    counted: str
    total: str
    is_future: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a promise is due when it is."""

    metric: str = ""
    policy: str = ""
    calendar: str = ""
    target: str = ""
    elapsed: str = ""
    remaining: str = ""
    status: str = "none"
    started_at: str = ""
    due_at: str = ""
    met_at: str = ""
    hours: str = ""
    steps: tuple[Step, ...] = ()


@requires(Permission.CUSTOMER_READ)
def explain(ctx: Context, ref: str) -> tuple[Explanation, ...]:
    """Why each promise on a ticket is due when it is; for staff.

    The counted stretches of one that is due add up to its target exactly.

    Raises:
        NotFound: no such ticket for the actor.
    """
    ticket = access.ticket(ctx, ref)
    timers = ctx.session.exec(select(Timer).where(Timer.ticket_id == ticket.id).order_by(col(Timer.id))).all()
    pauses = rules.pauses(sla.history(ctx, [ticket.id]).get(ticket.id, ()))
    return tuple(_explained(ctx, ticket, timer, pauses) for timer in timers)


def _explained(ctx: Context, ticket: Ticket, timer: Timer, pauses: tuple[rules.Pause, ...]) -> Explanation:
    known = catalog.current(ctx)
    policy = known.policy_by_id.get(timer.policy_id or 0)
    calendar = policy.calendar if policy else ALWAYS_OPEN
    until = timer.met_at or ctx.now
    target = timedelta(seconds=timer.target_seconds)
    segments, due_at = rules.told(
        started_at=timer.started_at, target=target, calendar=calendar, now=until,
        pauses=[one for one in pauses if one.start < until],
    )  # fmt: skip
    if timer.met_at is not None:
        segments = tuple(one for one in segments if one.start < timer.met_at)
    elapsed = sum((one.worked for one in segments if one.end <= until), timedelta())
    return Explanation(
        METRIC_LABELS[Metric(timer.metric)].capitalize(), policy.name if policy else "", calendar.name or "Around the clock",
        exact(target), exact(elapsed, nothing="0m"), exact(max(target - elapsed, timedelta()), nothing="0m"),
        sla_status(rules.TimerState(timer.state), warned=timer.warned_at is not None),
        timer.started_at.isoformat(), due_at.isoformat() if due_at else "", timer.met_at.isoformat() if timer.met_at else "",
        rules.hours_until(calendar, ctx.now, due_at) if timer.state == rules.TimerState.RUNNING else "",
        _steps(segments, until, calendar.zone),
    )  # fmt: skip


def _steps(segments: tuple[Segment, ...], now: datetime, zone: ZoneInfo) -> tuple[Step, ...]:
    steps: list[Step] = []
    total = timedelta()
    left_out = len(segments) - MOST_STEPS if len(segments) > MOST_STEPS else 0
    for number, one in enumerate(segments):
        total += one.worked
        if 0 <= number - MOST_STEPS // 2 < left_out:
            if number - MOST_STEPS // 2 == left_out - 1:
                since = segments[MOST_STEPS // 2].start
                steps.append(_step(one, f"{left_out} more stretches", since, total, "", now))
            continue
        steps.append(_step(one, _text(one, zone), one.start, total, f"+{exact(one.worked)}" if one.worked else "", now))
    return tuple(steps)


def _step(one: Segment, text: str, since: datetime, total: timedelta, counted: str, now: datetime) -> Step:
    return Step(
        one.kind.value,
        text,
        since.isoformat(),
        one.end.isoformat(),
        counted,
        exact(total, nothing="0m"),
        is_future=since >= now,
    )


def _text(one: Segment, zone: ZoneInfo) -> str:
    if one.kind is SegmentKind.PAUSED:
        by = one.because.by if one.because else ""
        label = one.because.status if one.because else ""
        return f"Paused: {by} set it to {label}" if by and label else "Paused"
    if one.kind is SegmentKind.HOLIDAY:
        return f"Holiday: {one.name}"
    if one.kind is SegmentKind.CLOSED:
        return "Closed"
    return f"Counted, {one.start.astimezone(zone):%H:%M}-{one.end.astimezone(zone):%H:%M}"
