"""Business time: when a calendar is open, and what a span of working time means on the clock.

A calendar has a time zone, ranges per weekday and holidays. Durations are real elapsed seconds inside open ranges, so
they stay right across changes of daylight saving time: the calendar is open at an instant when the wall clock of its zone
then reads a time inside a range of that day. A range over a skipped hour is shorter, over a repeated hour longer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
# A calendar closed for longer than this in a row has no use and would loop.
LONGEST_CLOSURE = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Range:
    """Open from `start` to `end`, local time; an end at or before the start lies on the next day, 00:00-00:00 is a whole day."""

    start: time
    end: time


@dataclass(frozen=True)
class Calendar:
    """Opening hours.

    Args:
        timezone: IANA name.
        week: weekday (0 Monday) -> ranges. Empty mapping: open around the clock.
        holidays: date -> name; a holiday is closed all day.
    """

    timezone: str = "UTC"
    week: dict[int, tuple[Range, ...]] = field(default_factory=dict)
    holidays: dict[date, str] = field(default_factory=dict)
    name: str = ""

    @cached_property
    def zone(self) -> ZoneInfo:
        """The calendar's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def is_always_open(self) -> bool:
        """Whether every second counts."""
        return not self.week and not self.holidays

    def opening(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The open spans of a local day, as UTC instants: those whose wall-clock time lies in one of its ranges.

        The part of a range after midnight belongs to the next day, so that a holiday closes it.
        """
        if day in self.holidays:
            return
        pieces = self._pieces(day)
        for opens, closes in self._ranges(day):
            for offset, first, last in pieces:
                start, end = max(opens - offset, first), min(closes - offset, last)
                if end > start:
                    yield start, end

    def _ranges(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The ranges of a local day between its two midnights; wall-clock readings, marked as UTC."""
        midnight = datetime.combine(day, time(0), UTC)
        if not self.week:
            yield midnight, midnight + DAY
        for span in self.week.get((day.weekday() - 1) % 7, ()):
            if span.end <= span.start and span.end != time(0):
                yield midnight, datetime.combine(day, span.end, UTC)
        for span in self.week.get(day.weekday(), ()):
            ends = datetime.combine(day, span.end, UTC) if span.end > span.start else midnight + DAY
            yield datetime.combine(day, span.start, UTC), ends

    def _pieces(self, day: date) -> list[tuple[timedelta, datetime, datetime]]:
        """(offset from UTC, since, until) around a local day: one piece, or two when the clocks change."""
        midnight = datetime.combine(day, time(0), self.zone).astimezone(UTC)
        # Some zones change their clocks at midnight: look a little beyond both ends of the day.
        first, last = midnight - timedelta(hours=4), midnight + DAY + timedelta(hours=4)
        before, after = self._offset(first), self._offset(last)
        if before == after:
            return [(before, first, last)]
        low, high = first, last
        while high - low > timedelta(seconds=1):
            middle = (low + (high - low) / 2).replace(microsecond=0)
            low, high = (middle, high) if self._offset(middle) == before else (low, middle)
        return [(before, first, high), (after, high, last)]

    def _offset(self, at: datetime) -> timedelta:
        return at.astimezone(self.zone).utcoffset() or timedelta()

    def spans(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Open spans that end after `since`, in order, without end; stops when closed for longer than a year."""
        day = since.astimezone(self.zone).date() - DAY
        reached = since
        while True:
            for start, end in sorted(self.opening(day)):
                begin = max(start, reached)
                if end > begin:
                    yield begin, end
                    reached = end
            day += DAY
            if datetime.combine(day, time(0), self.zone) - reached > LONGEST_CLOSURE:
                return


ALWAYS_OPEN = Calendar(name="24x7")


def add_working_time(calendar: Calendar, start: datetime, duration: timedelta) -> datetime:
    """The moment when `duration` of working time has passed since `start`.

    A deadline that falls exactly at closing time is that moment, not the next opening.

    Args:
        calendar: when time counts.
        start: aware moment.
        duration: working time, not negative.

    Raises:
        ValueError: the calendar never opens again.
    """
    start = start.astimezone(UTC)
    if calendar.is_always_open or duration <= timedelta():
        return start + duration
    left = duration
    for begin, end in calendar.spans(start):
        if end - begin >= left:
            return begin + left
        left -= end - begin
    raise ValueError(f"The calendar {calendar.name or calendar.timezone} has no opening hours.")


def working_time_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """How much working time lies between two aware moments (zero if `end` is not after `start`)."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end <= start:
        return timedelta()
    if calendar.is_always_open:
        return end - start
    total = timedelta()
    for begin, finish in calendar.spans(start):
        if begin >= end:
            break
        total += min(finish, end) - begin
    return total


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the calendar is open at an aware moment."""
    if calendar.is_always_open:
        return True
    begin, _ = next(calendar.spans(at), (None, None))
    return begin == at.astimezone(UTC)
