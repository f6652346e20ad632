"""SLA: a pure function of what happened.

A timer's clock counts working time from its start, stands still while the ticket waits for the customer, and stops when
the metric is met. Given the start, the pauses and the end, the deadline is derived, never stored as truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk.domain.business_hours import (
    Calendar,
    StretchKind,
    add_working_time,
    open_spans,
    stretches,
    working_time_between,
)


class Metric(StrEnum):
    """What a target promises."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


METRIC_LABELS = {
    Metric.FIRST_RESPONSE: "first response",
    Metric.NEXT_RESPONSE: "next response",
    Metric.RESOLUTION: "resolution",
}


class TimerState(StrEnum):
    """Where a timer stands."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"


class SlaStatus(StrEnum):
    """What a person is shown."""

    OK = "ok"
    AT_RISK = "at_risk"
    BREACHED = "breached"
    PAUSED = "paused"
    MET = "met"
    NONE = "none"


class SegmentKind(StrEnum):
    """What a stretch of a timer's clock was."""

    COUNTED = "counted"
    PAUSED = "paused"
    CLOSED = "closed"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stood still from `start` until `end` (None: still does), because somebody set a status."""

    start: datetime
    end: datetime | None = None
    by: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of the clock; `worked` is the working time in it that counts.

    Args:
        name: of the holiday.
        because: the pause it is.
    """

    kind: SegmentKind
    start: datetime
    end: datetime
    worked: timedelta
    name: str = ""
    because: Pause | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a timer is due and when it warns; None while it is paused before that."""

    due_at: datetime | None
    warn_at: datetime | None
    segments: tuple[Segment, ...]

    @property
    def elapsed(self) -> timedelta:
        """Working time counted so far."""
        return sum((segment.worked for segment in self.segments), timedelta())


def derive(
    *,
    started_at: datetime,
    target: timedelta,
    calendar: Calendar,
    pauses: Sequence[Pause],
    warning_share: int,
    now: datetime,
) -> Deadline:
    """The deadline of a timer from its history.

    Args:
        started_at: aware moment the clock started.
        target: working time promised.
        calendar: when time counts.
        pauses: in order, not overlapping; only the last may be open. Those before the start do not matter.
        warning_share: percent of the target after which to warn, 1-100.
        now: aware present; the last counted segment ends here.
    """
    segments: list[Segment] = []
    cursor = started_at
    is_open = False
    for pause in pauses:
        if pause.end is not None and pause.end <= started_at:
            continue
        if pause.start > cursor:
            worked = working_time_between(calendar, cursor, pause.start)
            segments.append(Segment(SegmentKind.COUNTED, cursor, pause.start, worked))
        end = pause.end or max(now, pause.start)
        segments.append(Segment(SegmentKind.PAUSED, max(cursor, pause.start), end, timedelta(), because=pause))
        cursor = max(cursor, end)
        is_open = pause.end is None
    spent = sum((segment.worked for segment in segments), timedelta())
    if is_open:
        due_at = _reached(calendar, cursor, segments, spent, target) if spent >= target else None
        return Deadline(due_at, None, tuple(segments))
    if now > cursor:
        segments.append(Segment(SegmentKind.COUNTED, cursor, now, working_time_between(calendar, cursor, now)))
    due_at = _reached(calendar, cursor, segments, spent, target)
    warn_at = _reached(calendar, cursor, segments, spent, target * warning_share / 100)
    return Deadline(due_at, warn_at, tuple(segments))


def _reached(
    calendar: Calendar, cursor: datetime, segments: Sequence[Segment], spent: timedelta, goal: timedelta
) -> datetime:
    """When `goal` of working time is reached: inside an earlier segment, or in the one that is running."""
    if goal > spent:
        return add_working_time(calendar, cursor, goal - spent)
    left = goal
    for segment in segments:
        if segment.worked >= left:
            return add_working_time(calendar, segment.start, left)
        left -= segment.worked
    return cursor


def told(
    *, started_at: datetime, target: timedelta, calendar: Calendar, pauses: Sequence[Pause], now: datetime
) -> tuple[tuple[Segment, ...], datetime | None]:
    """Every stretch of a timer's clock until it is due, what is still to come included, and when that is.

    The working time of the stretches adds up to the target. A clock that is paused is told until now.
    """
    deadline = derive(
        started_at=started_at, target=target, calendar=calendar, pauses=pauses, warning_share=100, now=now
    )
    due_at = deadline.due_at
    segments = list(deadline.segments)
    if due_at is not None and (not segments or due_at > segments[-1].end):
        segments.append(Segment(SegmentKind.COUNTED, segments[-1].end if segments else started_at, due_at, timedelta()))
    found: list[Segment] = []
    for segment in segments:
        end = segment.end if due_at is None else min(segment.end, due_at)
        if end <= segment.start:
            continue
        if segment.kind is SegmentKind.PAUSED:
            found.append(replace(segment, end=end))
            continue
        for stretch in stretches(calendar, segment.start, end):
            for since, until in _split(stretch.start, stretch.end, now):
                worked = until - since if stretch.kind is StretchKind.OPEN else timedelta()
                found.append(Segment(_KINDS[stretch.kind], since, until, worked, stretch.name))
    return tuple(found), due_at


_KINDS = {
    StretchKind.OPEN: SegmentKind.COUNTED,
    StretchKind.CLOSED: SegmentKind.CLOSED,
    StretchKind.HOLIDAY: SegmentKind.HOLIDAY,
}


def _split(start: datetime, end: datetime, now: datetime) -> list[tuple[datetime, datetime]]:
    return [(start, now), (now, end)] if start < now < end else [(start, end)]


# --- A ticket's history, as far as clocks go by it ------------------------------------------------------------------------


class Turn(StrEnum):
    """What happened to a ticket that its clocks care for."""

    STATUS = "status"
    ANSWERED = "answered"  # staff replied in public
    ASKED = "asked"  # the customer did


@dataclass(frozen=True, slots=True)
class Happening:
    """One of these, when, by whom.

    Args:
        counts: whether time counts in the status it turned to.
        is_done: whether the work is done in that status.
        status: its label.
    """

    turn: Turn
    at: datetime
    counts: bool = True
    is_done: bool = False
    by: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """What a promise would be measured by: when its time began, and when it was kept, if it was."""

    metric: Metric
    started_at: datetime
    met_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a clock stands under some promise."""

    state: TimerState
    due_at: datetime | None

    @property
    def breached_at(self) -> datetime | None:
        """When it was broken, if it was."""
        return self.due_at if self.state is TimerState.BREACHED else None


def pauses(happenings: Sequence[Happening]) -> tuple[Pause, ...]:
    """The stretches in which a ticket did not wait for us."""
    found: list[Pause] = []
    open_: Pause | None = None
    for one in happenings:
        if one.turn is not Turn.STATUS:
            continue
        if not one.counts and open_ is None:
            open_ = Pause(one.at, None, one.by, one.status)
        elif one.counts and open_ is not None:
            found.append(replace(open_, end=one.at))
            open_ = None
    return tuple(found) if open_ is None else (*found, open_)


def clocks(created_at: datetime, happenings: Sequence[Happening]) -> tuple[Clock, ...]:
    """The clocks of a ticket: the first answer, an answer to each further question, and the work itself.

    A question that follows an unanswered one does not start another clock. Reopening goes on with the resolution's.
    """
    first: datetime | None = None
    done: datetime | None = None
    questions: list[Clock] = []
    for one in happenings:
        if one.turn is Turn.STATUS:
            if one.counts:
                done = None
            elif one.is_done:
                done = done or one.at
        elif one.turn is Turn.ANSWERED:
            if first is None:
                first = one.at
            elif questions and questions[-1].met_at is None:
                questions[-1] = replace(questions[-1], met_at=one.at)
        elif first is not None and (not questions or questions[-1].met_at is not None):
            questions.append(Clock(Metric.NEXT_RESPONSE, one.at))
    return (
        Clock(Metric.FIRST_RESPONSE, created_at, first), Clock(Metric.RESOLUTION, created_at, done), *questions,
    )  # fmt: skip


def outcome(
    clock: Clock, happenings: Sequence[Happening], *, target: timedelta, calendar: Calendar, now: datetime
) -> Outcome:
    """How a clock stands at a moment under a promise: the same whether it is asked at once or years later."""
    until = clock.met_at or now
    stood = [one if one.end is None or one.end <= until else replace(one, end=None) for one in pauses(happenings)]
    deadline = derive(
        started_at=clock.started_at, target=target, calendar=calendar,
        pauses=[one for one in stood if one.start < until], warning_share=100, now=until,
    )  # fmt: skip
    due_at = deadline.due_at
    is_paused = bool(deadline.segments) and deadline.segments[-1].kind is SegmentKind.PAUSED
    if clock.met_at is not None:
        is_late = due_at is not None and due_at < clock.met_at
        return Outcome(TimerState.BREACHED if is_late else TimerState.MET, due_at)
    if due_at is not None and due_at <= now:
        return Outcome(TimerState.BREACHED, due_at)
    return Outcome(TimerState.PAUSED if is_paused and due_at is None else TimerState.RUNNING, due_at)


def status(state: TimerState | None, *, warned: bool) -> SlaStatus:
    """What to show for a timer."""
    if state is None:
        return SlaStatus.NONE
    if state is TimerState.RUNNING:
        return SlaStatus.AT_RISK if warned else SlaStatus.OK
    return SlaStatus(state.value)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a clock has come: working time that counted, and what is left of the target."""

    elapsed: timedelta
    remaining: timedelta


def progress(*, target: timedelta, due_at: datetime | None, stands_at: datetime, calendar: Calendar) -> Progress:
    """How far a clock had come at a moment, from its deadline alone: what lies before it has been worked out already.

    Args:
        due_at: when it would be due, had it gone on from `stands_at`.
        stands_at: now; or when it stopped, because it was met or is paused.
    """
    if due_at is None:
        return Progress(timedelta(), target)
    if stands_at > due_at:
        return Progress(target + working_time_between(calendar, due_at, stands_at), timedelta())
    left = min(working_time_between(calendar, stands_at, due_at), target)
    return Progress(target - left, left)


# Spans of opening hours a countdown is given: today's, the next ones; what comes later is one number.
_MOST_SPANS = 3


def hours_until(calendar: Calendar, now: datetime, due_at: datetime | None) -> str:
    """The opening hours until a deadline, for a countdown that ticks in working time: "0-1795276800,1795338000-1795366800".

    Seconds since 1970, start and end; a start of 0 is "open already", so that the text stays the same while nothing opens
    or closes. "+3600" at the end is working time after those. Empty: every second counts.
    """
    if due_at is None or due_at <= now or calendar.is_always_open:
        return ""
    said: list[str] = []
    for opens, closes in open_spans(calendar, now, due_at):
        if len(said) == _MOST_SPANS:
            said.append(f"+{int(working_time_between(calendar, opens, due_at).total_seconds())}")
            break
        said.append(f"{int(opens.timestamp()) if opens > now else 0}-{int(closes.timestamp())}")
    return ",".join(said)


@dataclass(frozen=True, slots=True)
class SeedTarget:
    """A promise in a preset: for a priority (by slug) and a metric."""

    priority: str
    metric: Metric
    target: timedelta


# The Demo preset: resolution only, around the clock, short enough to watch.
DEMO_TARGETS = (
    SeedTarget("urgent", Metric.RESOLUTION, timedelta(minutes=1)),
    SeedTarget("high", Metric.RESOLUTION, timedelta(minutes=1)),
    SeedTarget("medium", Metric.RESOLUTION, timedelta(minutes=4)),
    SeedTarget("low", Metric.RESOLUTION, timedelta(minutes=60)),
)
STANDARD_TARGETS = (
    SeedTarget("urgent", Metric.FIRST_RESPONSE, timedelta(minutes=30)),
    SeedTarget("high", Metric.FIRST_RESPONSE, timedelta(hours=1)),
    SeedTarget("medium", Metric.FIRST_RESPONSE, timedelta(hours=4)),
    SeedTarget("low", Metric.FIRST_RESPONSE, timedelta(hours=8)),
    SeedTarget("urgent", Metric.RESOLUTION, timedelta(hours=4)),
    SeedTarget("high", Metric.RESOLUTION, timedelta(hours=8)),
    SeedTarget("medium", Metric.RESOLUTION, timedelta(hours=24)),
    SeedTarget("low", Metric.RESOLUTION, timedelta(hours=72)),
)
# For customers who pay for it: urgent answered within an hour and solved within four.
ENTERPRISE_TARGETS = tuple(
    SeedTarget(priority, metric, timedelta(minutes=minutes))
    for priority, *promised in (
        ("urgent", 60, 60, 240), ("high", 120, 120, 480), ("medium", 240, 480, 1440), ("low", 480, 960, 4320),
    )
    for metric, minutes in zip((Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.RESOLUTION), promised, strict=True)
)  # fmt: skip
