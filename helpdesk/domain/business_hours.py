"""Business time: when a calendar is open, and what a span of working time means on the clock.

A calendar has a time zone, ranges per weekday, holidays and extra openings. Durations are real elapsed seconds inside open
ranges, so they stay right across changes of daylight saving time: the calendar is open at an instant when the wall clock of
its zone then reads a time inside a range of that day. A range over a skipped hour is shorter, over a repeated hour longer.

Nothing here walks through minutes. A calendar is worked out in blocks of days, once, as sorted open spans with the time
that lies before each: a deadline is then one search for where it starts and one for where it ends.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from helpdesk.domain.errors import Invalid

DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Clocks are exact to the microsecond, as PostgreSQL's are.
TICK = timedelta(microseconds=1)
BLOCK_DAYS = 64
_BLOCK = BLOCK_DAYS * DAY // TICK
# A calendar closed for longer than this in a row has no use and would loop.
LONGEST_CLOSURE = timedelta(days=400)
_MOST_EMPTY_BLOCKS = -(-LONGEST_CLOSURE // timedelta(days=BLOCK_DAYS))
_FIRST_BLOCK = (datetime(1, 2, 1, tzinfo=UTC) - EPOCH) // TICK // _BLOCK
_LAST_BLOCK = (datetime(9999, 10, 1, tzinfo=UTC) - EPOCH) // TICK // _BLOCK


@dataclass(frozen=True, slots=True)
class Range:
    """Open from `start` to `end`, local time; an end at or before the start lies on the next day, 00:00-00:00 is a whole day."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day on which nobody works, or not in some hours of it.

    Args:
        hours: what is closed, within the day; nothing: all of it.
        is_yearly: every year on this day and month; 29 February in leap years only.
    """

    day: date
    name: str
    hours: tuple[Range, ...] = ()
    is_yearly: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """Hours that are open once, besides the week's: holidays do not close them."""

    day: date
    hours: tuple[Range, ...]
    name: str = ""


class StretchKind(StrEnum):
    """What a stretch of time was for a calendar."""

    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, and the holiday's name."""

    kind: StretchKind
    start: datetime
    end: datetime
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Block:
    """The open spans in some days: where each starts and ends, and how much is open before and up to it."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]
    upto: tuple[int, ...]
    total: int


@dataclass(frozen=True)
class Calendar:
    """Opening hours.

    Args:
        timezone: IANA name.
        week: weekday (0 Monday) -> ranges. Empty mapping: open around the clock.
        holidays: when it is closed all the same.
        openings: when it is open all the same.
    """

    timezone: str = "UTC"
    week: Mapping[int, tuple[Range, ...]] = field(default_factory=dict)
    holidays: tuple[Holiday, ...] = ()
    name: str = ""
    openings: tuple[Opening, ...] = ()

    @cached_property
    def zone(self) -> ZoneInfo:
        """The calendar's time zone."""
        return ZoneInfo(self.timezone)

    @cached_property
    def is_always_open(self) -> bool:
        """Whether every second counts."""
        return not self.week and not self.holidays

    def closures(self, day: date) -> list[Holiday]:
        """The holidays of a local day."""
        return [*self._once.get(day, ()), *self._yearly.get((day.month, day.day), ())]

    def opening(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The open spans of a local day, as UTC instants: those whose wall-clock time lies in one of its ranges.

        The part of a range after midnight belongs to the next day, so that a holiday closes it.
        """
        pieces = self._pieces(day)
        for opens, closes in self._readings(day):
            for offset, first, last in pieces:
                start, end = max(opens - offset, first), min(closes - offset, last)
                if end > start:
                    yield start, end

    def block(self, number: int) -> _Block:
        """The open spans in the block of days with a number, worked out once."""
        known = self._blocks.get(number)
        if known is None:
            known = self._blocks[number] = self._work_out(number)
        return known

    @cached_property
    def _blocks(self) -> dict[int, _Block]:
        return {}

    @cached_property
    def _once(self) -> dict[date, list[Holiday]]:
        found: dict[date, list[Holiday]] = {}
        for one in self.holidays:
            if not one.is_yearly:
                found.setdefault(one.day, []).append(one)
        return found

    @cached_property
    def _yearly(self) -> dict[tuple[int, int], list[Holiday]]:
        found: dict[tuple[int, int], list[Holiday]] = {}
        for one in self.holidays:
            if one.is_yearly:
                found.setdefault((one.day.month, one.day.day), []).append(one)
        return found

    @cached_property
    def _extra(self) -> dict[date, list[Range]]:
        found: dict[date, list[Range]] = {}
        for one in self.openings:
            found.setdefault(one.day, []).extend(one.hours)
        return found

    def _work_out(self, number: int) -> _Block:
        first, last = number * _BLOCK, (number + 1) * _BLOCK
        # Local days begin up to a day away from UTC's; Samoa once left one out.
        around = (EPOCH + first * TICK).date() - 2 * DAY
        spans: list[tuple[int, int]] = []
        for offset in range(BLOCK_DAYS + 4):
            for opens, closes in self.opening(around + offset * DAY):
                start, end = max((opens - EPOCH) // TICK, first), min((closes - EPOCH) // TICK, last)
                if end > start:
                    spans.append((start, end))
        starts: list[int] = []
        ends: list[int] = []
        for start, end in sorted(spans):
            if ends and start <= ends[-1]:
                ends[-1] = max(ends[-1], end)
            else:
                starts.append(start)
                ends.append(end)
        before, upto, total = [], [], 0
        for start, end in zip(starts, ends, strict=True):
            before.append(total)
            total += end - start
            upto.append(total)
        return _Block(tuple(starts), tuple(ends), tuple(before), tuple(upto), total)

    def _readings(self, day: date) -> list[tuple[datetime, datetime]]:
        """What of a local day is open between its two midnights; wall-clock readings, marked as UTC."""
        midnight = datetime.combine(day, time(0), UTC)
        closed = self.closures(day)
        if any(not one.hours for one in closed):
            usual = []
        else:
            usual = [(midnight, midnight + DAY)]
            if self.week:
                usual = _of_day(day, self.week.get(day.weekday(), ()), self.week.get((day.weekday() - 1) % 7, ()))
            for one in closed:
                for hours in one.hours:
                    usual = _without(usual, *_within(day, hours))
        if self._extra:
            usual = usual + _of_day(day, self._extra.get(day, ()), self._extra.get(day - DAY, ()))
        return usual

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


ALWAYS_OPEN = Calendar(name="24x7")


def check(calendar: Calendar) -> None:
    """Refuse what no clock could run by.

    Raises:
        Invalid: no open time in the week, ranges that overlap, or hours of a holiday that reach beyond its day.
    """
    if calendar.week and not any(calendar.week.values()):
        raise Invalid(week="Open at least once a week. Without any hours, nothing would ever be due.")
    for day, ranges in sorted(calendar.week.items()):
        _check_apart(ranges, field="week", where=f" on {_DAYS[day]}")
    for number, ranges in calendar.week.items():
        following = calendar.week.get((number + 1) % 7, ())
        for night in (one for one in ranges if _reaches_over(one)):
            clash = next((one for one in following if one.start < night.end), None)
            if clash:
                raise Invalid(
                    week=f"The night of {_DAYS[number]} ({_shown(night)}) overlaps {_shown(clash)} of the day after."
                )
    check_days(calendar)
    # Yearly holidays may close the only day there is.
    if next_opening(calendar, datetime(2025, 1, 1, tzinfo=UTC)) is None:
        raise Invalid(week="This calendar never opens: its holidays close every hour of the week.")


def check_days(calendar: Calendar) -> None:
    """Refuse holidays and extra openings whose hours cannot be.

    Raises:
        Invalid: hours of a holiday that reach beyond its day, or that overlap.
    """
    for holiday in calendar.holidays:
        late = next((one for one in holiday.hours if one.end <= one.start and one.end != time(0)), None)
        if late:
            raise Invalid(
                holidays=f"“{holiday.name}” is closed {_shown(late)}: that reaches into the next day. End at 24:00."
            )
        _check_apart(holiday.hours, field="holidays", where=f" on {holiday.name}")
    for opening in calendar.openings:
        _check_apart(opening.hours, field="openings", where=f" on {opening.day.isoformat()}")


def add_working_time(calendar: Calendar, start: datetime, duration: timedelta) -> datetime:
    """The moment when `duration` of working time has passed since `start`.

    A deadline that falls exactly at closing time is that moment, not the next opening.

    Args:
        calendar: when time counts.
        start: aware moment.
        duration: working time, not negative.

    Raises:
        ValueError: the calendar never opens again, or not within the years there are.
    """
    if calendar.is_always_open or duration <= _ZERO:
        return start.astimezone(UTC) + duration
    at, left = (start - EPOCH) // TICK, duration // TICK
    number, empty = at // _BLOCK, 0
    block = calendar.block(number)
    done = _worked(block, at)
    while True:
        goal = done + left
        if goal <= block.total:
            index = bisect_left(block.upto, goal)
            return EPOCH + (block.starts[index] + goal - block.before[index]) * TICK
        empty = 0 if block.total else empty + 1
        number += 1
        if empty > _MOST_EMPTY_BLOCKS or number > _LAST_BLOCK:
            raise ValueError(f"The calendar {calendar.name or calendar.timezone} has no opening hours.")
        left -= block.total - done
        block, done = calendar.block(number), 0


def subtract_working_time(calendar: Calendar, end: datetime, duration: timedelta) -> datetime:
    """The last moment from which `duration` of working time remained until `end`.

    Raises:
        ValueError: the calendar was never open before, or not within the years there are.
    """
    if calendar.is_always_open or duration <= _ZERO:
        return end.astimezone(UTC) - duration
    at, left = (end - EPOCH) // TICK, duration // TICK
    number, empty = at // _BLOCK, 0
    block = calendar.block(number)
    done = _worked(block, at)
    while done < left:
        empty = 0 if block.total else empty + 1
        number -= 1
        if empty > _MOST_EMPTY_BLOCKS or number < _FIRST_BLOCK:
            raise ValueError(f"The calendar {calendar.name or calendar.timezone} has no opening hours.")
        left -= done
        block = calendar.block(number)
        done = block.total
    goal = done - left
    index = bisect_right(block.before, goal) - 1
    return EPOCH + (block.starts[index] + goal - block.before[index]) * TICK


def working_time_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """How much working time lies between two aware moments (zero if `end` is not after `start`)."""
    if end <= start:
        return _ZERO
    if calendar.is_always_open:
        return end - start
    since, until = (start - EPOCH) // TICK, (end - EPOCH) // TICK
    first, last = since // _BLOCK, until // _BLOCK
    total = _worked(calendar.block(last), until) - _worked(calendar.block(first), since)
    total += sum(calendar.block(number).total for number in range(first, last))
    return total * TICK


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the calendar is open at an aware moment."""
    if calendar.is_always_open:
        return True
    since = (at - EPOCH) // TICK
    block = calendar.block(since // _BLOCK)
    index = bisect_right(block.starts, since) - 1
    return index >= 0 and since < block.ends[index]


def next_opening(calendar: Calendar, at: datetime) -> datetime | None:
    """When the calendar opens next: `at` itself while it is open; None if it stays closed for more than a year."""
    if calendar.is_always_open or is_open(calendar, at):
        return at.astimezone(UTC)
    since = (at - EPOCH) // TICK
    first = since // _BLOCK
    for number in range(first, first + _MOST_EMPTY_BLOCKS + 1):
        starts = calendar.block(number).starts
        index = bisect_left(starts, since)
        if index < len(starts):
            return EPOCH + starts[index] * TICK
    return None


def open_spans(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The open spans that touch the time between two aware moments, in order, uncut but for what lies beyond `end`."""
    since, until = (start - EPOCH) // TICK, (end - EPOCH) // TICK
    held: tuple[int, int] | None = None
    for number in range(since // _BLOCK, until // _BLOCK + 1):
        block = calendar.block(number)
        for index in range(bisect_right(block.ends, since), len(block.starts)):
            opens, closes = block.starts[index], min(block.ends[index], until)
            if opens >= until:
                break
            if held and held[1] == opens:  # cut in two by a block of days
                held = (held[0], closes)
                continue
            if held:
                yield EPOCH + held[0] * TICK, EPOCH + held[1] * TICK
            held = (opens, closes)
    if held:
        yield EPOCH + held[0] * TICK, EPOCH + held[1] * TICK


def stretches(calendar: Calendar, start: datetime, end: datetime) -> list[Stretch]:
    """What the time between two aware moments was: open, closed hours, or a holiday by name; without gaps, in order."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end <= start:
        return []
    if calendar.is_always_open:
        return [Stretch(StretchKind.OPEN, start, end)]
    found: list[Stretch] = []
    reached = start
    for opens, closes in _spans(calendar, start, end):
        found += _closed(calendar, reached, opens)
        if found and found[-1].kind is StretchKind.OPEN and found[-1].end == opens:  # cut in two by a block of days
            found[-1] = Stretch(StretchKind.OPEN, found[-1].start, closes)
        else:
            found.append(Stretch(StretchKind.OPEN, opens, closes))
        reached = closes
    return found + _closed(calendar, reached, end)


_ZERO = timedelta()
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _worked(block: _Block, at: int) -> int:
    """How much of a block is open before a moment in it."""
    index = bisect_right(block.starts, at) - 1
    if index < 0:
        return 0
    return block.before[index] + min(at, block.ends[index]) - block.starts[index]


def _spans(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    since, until = (start - EPOCH) // TICK, (end - EPOCH) // TICK
    for number in range(since // _BLOCK, until // _BLOCK + 1):
        block = calendar.block(number)
        for opens, closes in zip(block.starts, block.ends, strict=True):
            if closes > since and opens < until:
                yield EPOCH + max(opens, since) * TICK, EPOCH + min(closes, until) * TICK


def _closed(calendar: Calendar, start: datetime, end: datetime) -> list[Stretch]:
    """A closed stretch, cut where holidays begin and end."""
    if end <= start:
        return []
    cuts: dict[tuple[datetime, datetime], str] = {}
    day = start.astimezone(calendar.zone).date()
    while day <= end.astimezone(calendar.zone).date():
        for holiday in calendar.closures(day):
            for opens, closes in [_within(day, one) for one in holiday.hours] or [_whole(day)]:
                since, until = (_instant(one, calendar.zone) for one in (opens, closes))
                if until > start and since < end:
                    cuts.setdefault((max(since, start), min(until, end)), holiday.name)
        day += DAY
    found: list[Stretch] = []
    moments = sorted({start, end, *(moment for cut in cuts for moment in cut)})
    for since, until in pairwise(moments):
        name = next((name for (opens, closes), name in cuts.items() if opens <= since and until <= closes), "")
        kind = StretchKind.HOLIDAY if name else StretchKind.CLOSED
        if found and found[-1].kind is kind and found[-1].name == name:
            found[-1] = Stretch(kind, found[-1].start, until, name)
        else:
            found.append(Stretch(kind, since, until, name))
    return found


def _of_day(day: date, ranges: Sequence[Range], night: Sequence[Range]) -> list[tuple[datetime, datetime]]:
    """The ranges of a local day, and what reaches into it from those of the day before."""
    midnight = datetime.combine(day, time(0), UTC)
    found = [(midnight, datetime.combine(day, one.end, UTC)) for one in night if _reaches_over(one)]
    return found + [_within(day, one) for one in ranges]


def _reaches_over(one: Range) -> bool:
    return one.end <= one.start and one.end != time(0)


def _within(day: date, one: Range) -> tuple[datetime, datetime]:
    ends = datetime.combine(day, one.end, UTC) if one.end > one.start else _whole(day)[1]
    return datetime.combine(day, one.start, UTC), ends


def _whole(day: date) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time(0), UTC)
    return midnight, midnight + DAY


def _instant(reading: datetime, zone: ZoneInfo) -> datetime:
    return reading.replace(tzinfo=zone).astimezone(UTC)


def _without(spans: list[tuple[datetime, datetime]], start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    left = []
    for opens, closes in spans:
        left += [(opens, min(closes, start)), (max(opens, end), closes)]
    return [(opens, closes) for opens, closes in left if closes > opens]


def _check_apart(ranges: tuple[Range, ...], *, field: str, where: str) -> None:
    def ends(one: Range) -> float:
        return 24.0 if one.end <= one.start else one.end.hour + one.end.minute / 60 + one.end.second / 3600

    for one, following in pairwise(sorted(ranges, key=lambda one: one.start)):
        if ends(one) > following.start.hour + following.start.minute / 60 + following.start.second / 3600:
            raise Invalid(
                **{field: f"{_shown(one)} and {_shown(following)}{where} overlap. Make them one, or set them apart."}
            )


def _shown(one: Range) -> str:
    ends = "24:00" if one.end == time(0) else one.end.isoformat("minutes")
    return f"{one.start.isoformat('minutes')}-{ends}"
