"""SLA: a pure function of what happened.

A timer's clock counts working time from its start, stands still while the ticket waits for the customer, and stops when
the metric is met. Given the start, the pauses and the end, the deadline is derived, never stored as truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk.domain.business_hours import Calendar, add_working_time, working_time_between


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


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of the clock; `worked` is the working time in it that counts."""

    kind: SegmentKind
    start: datetime
    end: datetime
    worked: timedelta


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stood still from `start` until `end` (None: still does)."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a timer is due and when it warns; None while it is paused."""

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
        pauses: in order, not overlapping; only the last may be open.
        warning_share: percent of the target after which to warn, 1-100.
        now: aware present; the last counted segment ends here.
    """
    segments: list[Segment] = []
    cursor = started_at
    for pause in pauses:
        if pause.start > cursor:
            worked = working_time_between(calendar, cursor, pause.start)
            segments.append(Segment(SegmentKind.COUNTED, cursor, pause.start, worked))
        end = pause.end or max(now, pause.start)
        segments.append(Segment(SegmentKind.PAUSED, max(cursor, pause.start), end, timedelta()))
        cursor = max(cursor, end)
        if pause.end is None:
            return Deadline(None, None, tuple(segments))
    spent = sum((segment.worked for segment in segments), timedelta())
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


def status(state: TimerState | None, *, warned: bool) -> SlaStatus:
    """What to show for a timer."""
    if state is None:
        return SlaStatus.NONE
    if state is TimerState.RUNNING:
        return SlaStatus.AT_RISK if warned else SlaStatus.OK
    return SlaStatus(state.value)


@dataclass(frozen=True, slots=True)
class SeedTarget:
    """A promise in a preset: for a priority (by slug) and a metric."""

    priority: str
    metric: Metric
    target: timedelta


# The Demo preset: resolution only, around the clock, short enough to watch. First response rides along so that the
# first answer has a clock too.
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
