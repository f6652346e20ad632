"""When a calendar is open, on ordinary days and on the days clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.domain.business_hours import (
    ALWAYS_OPEN,
    Calendar,
    Holiday,
    Opening,
    Range,
    StretchKind,
    add_working_time,
    check,
    is_open,
    next_opening,
    stretches,
    subtract_working_time,
    working_time_between,
)
from helpdesk.domain.errors import Invalid


def _range(text: str) -> Range:
    start, end = text.split("-")
    return Range(time.fromisoformat(start), time(0) if end == "24:00" else time.fromisoformat(end))


def _calendar(zone: str, week: dict[int, list[str]], holidays: tuple[str, ...] = ()) -> Calendar:
    return Calendar(
        zone,
        {day: tuple(_range(text) for text in ranges) for day, ranges in week.items()},
        tuple(Holiday(date.fromisoformat(day), "Holiday") for day in holidays),
        "test",
    )


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


OFFICE = _calendar("UTC", {day: ["09:00-17:00"] for day in range(5)})
LUNCH = _calendar("UTC", {day: ["09:00-12:00", "13:00-17:00"] for day in range(5)}, ("2026-11-25",))
NIGHT = _calendar("UTC", {day: ["22:00-06:00"] for day in range(5)}, ("2026-11-26",))
BERLIN_DAY = _calendar("Europe/Berlin", {day: ["00:00-24:00"] for day in range(7)})
BERLIN_SMALL_HOURS = _calendar("Europe/Berlin", {6: ["02:30-05:00"]})
BERLIN_LATE = _calendar("Europe/Berlin", {6: ["01:00-02:30"]})
NEW_YORK = _calendar("America/New_York", {day: ["09:00-17:00"] for day in range(5)})
ONE_HOUR = _calendar("UTC", {6: ["11:00-12:00"]})

# 2026-11-23 is a Monday. In Berlin clocks skip 02:00-03:00 on 2026-03-29 and repeat it on 2026-10-25, both Sundays.
DEADLINES = [
    ("within the day", OFFICE, "2026-11-23T10:00+00:00", 120, "2026-11-23T12:00+00:00"),
    ("over the night", OFFICE, "2026-11-23T16:00+00:00", 120, "2026-11-24T10:00+00:00"),
    ("from before opening", OFFICE, "2026-11-23T03:00+00:00", 60, "2026-11-23T10:00+00:00"),
    ("over the weekend", OFFICE, "2026-11-27T16:30+00:00", 60, "2026-11-30T09:30+00:00"),
    ("exactly at closing is closing", OFFICE, "2026-11-23T09:00+00:00", 480, "2026-11-23T17:00+00:00"),
    ("a minute more is tomorrow", OFFICE, "2026-11-23T09:00+00:00", 481, "2026-11-24T09:01+00:00"),
    ("nothing to do", OFFICE, "2026-11-22T03:00+00:00", 0, "2026-11-22T03:00+00:00"),
    ("start in another zone", OFFICE, "2026-11-23T05:00-05:00", 60, "2026-11-23T11:00+00:00"),
    ("over lunch", LUNCH, "2026-11-23T11:30+00:00", 60, "2026-11-23T13:30+00:00"),
    ("over a holiday", LUNCH, "2026-11-24T16:00+00:00", 120, "2026-11-26T10:00+00:00"),
    ("start on a holiday", LUNCH, "2026-11-25T10:00+00:00", 60, "2026-11-26T10:00+00:00"),
    ("overnight", NIGHT, "2026-11-23T23:00+00:00", 120, "2026-11-24T01:00+00:00"),
    ("start after midnight, in yesterday's range", NIGHT, "2026-11-24T05:00+00:00", 120, "2026-11-24T23:00+00:00"),
    ("Friday's night reaches Saturday", NIGHT, "2026-11-27T23:00+00:00", 420, "2026-11-28T06:00+00:00"),
    ("a holiday closes the part after midnight", NIGHT, "2026-11-25T23:00+00:00", 120, "2026-11-27T01:00+00:00"),
    ("weeks of one hour", ONE_HOUR, "2026-11-23T00:00+00:00", 150, "2026-12-13T11:30+00:00"),
    ("a year of hours", ONE_HOUR, "2026-11-23T00:00+00:00", 60 * 52, "2027-11-21T12:00+00:00"),
    ("Friday to Monday across spring", NEW_YORK, "2026-03-06T16:00-05:00", 120, "2026-03-09T10:00-04:00"),
    ("Friday to Monday across autumn", NEW_YORK, "2026-10-30T16:00-04:00", 120, "2026-11-02T10:00-05:00"),
    ("a short day", BERLIN_DAY, "2026-03-29T00:00+01:00", 23 * 60, "2026-03-30T00:00+02:00"),
    ("a long day", BERLIN_DAY, "2026-10-25T00:00+02:00", 25 * 60, "2026-10-26T00:00+01:00"),
    ("opening inside the skipped hour", BERLIN_SMALL_HOURS, "2026-03-29T00:00+01:00", 30, "2026-03-29T03:30+02:00"),
    ("closing inside the skipped hour", BERLIN_LATE, "2026-03-29T00:00+01:00", 60, "2026-03-29T03:00+02:00"),
    ("opening inside the repeated hour", BERLIN_SMALL_HOURS, "2026-10-25T00:00+02:00", 40, "2026-10-25T02:40+01:00"),
    ("closing inside the repeated hour", BERLIN_LATE, "2026-10-25T00:00+02:00", 100, "2026-10-25T02:10+01:00"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "calendar", "start", "minutes", "due"), DEADLINES, ids=[row[0] for row in DEADLINES])
def test_deadlines(what: str, calendar: Calendar, start: str, minutes: int, due: str) -> None:
    assert add_working_time(calendar, _at(start), timedelta(minutes=minutes)) == _at(due)
    assert working_time_between(calendar, _at(start), _at(due)) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("calendar", "day", "hours"),
    [
        (BERLIN_SMALL_HOURS, "2026-03-22", 2.5),
        (BERLIN_SMALL_HOURS, "2026-03-29", 2.0),  # 02:30 does not exist: open from 03:00 summer time
        (BERLIN_SMALL_HOURS, "2026-10-25", 3.0),  # 02:30-03:00 comes twice
        (BERLIN_LATE, "2026-03-29", 1.0),
        (BERLIN_LATE, "2026-10-25", 2.0),  # 02:00-02:30 comes twice
        (_calendar("America/Sao_Paulo", {day: ["00:00-02:00"] for day in range(7)}), "2018-11-04", 1.0),  # no 00:xx
        (_calendar("America/Sao_Paulo", {day: ["22:00-24:00"] for day in range(7)}), "2018-02-17", 3.0),  # 23:xx twice
        (_calendar("Pacific/Apia", {day: ["09:00-17:00"] for day in range(7)}), "2011-12-30", 0.0),  # the day never was
        (_calendar("Australia/Lord_Howe", {day: ["01:00-03:00"] for day in range(7)}), "2026-04-05", 2.5),
        (_calendar("Asia/Kathmandu", {day: ["09:00-17:00"] for day in range(7)}), "2026-04-05", 8.0),
    ],
)
def test_days_on_which_clocks_change(calendar: Calendar, day: str, hours: float) -> None:
    found = sum((end - start for start, end in calendar.opening(date.fromisoformat(day))), timedelta())
    assert found == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("calendar", "at", "expected"),
    [
        (OFFICE, "2026-11-23T09:00+00:00", True),
        (OFFICE, "2026-11-23T16:59:59+00:00", True),
        (OFFICE, "2026-11-23T17:00+00:00", False),
        (OFFICE, "2026-11-23T08:59:59+00:00", False),
        (OFFICE, "2026-11-22T12:00+00:00", False),
        (NIGHT, "2026-11-24T05:59+00:00", True),
        (NIGHT, "2026-11-26T05:59+00:00", False),
        (NIGHT, "2026-11-28T05:59+00:00", True),
        (NIGHT, "2026-11-29T05:59+00:00", False),
        (ALWAYS_OPEN, "2026-11-29T05:59+00:00", True),
        (Calendar("UTC", {}, (Holiday(date(2026, 12, 25), "Christmas"),)), "2026-12-25T12:00+00:00", False),
        (Calendar("UTC", {}, (Holiday(date(2026, 12, 25), "Christmas"),)), "2026-12-26T00:00+00:00", True),
    ],
)
def test_open_or_not(calendar: Calendar, at: str, expected: bool) -> None:
    assert is_open(calendar, _at(at)) is expected


def test_ranges_may_touch_and_overlap() -> None:
    calendar = _calendar("UTC", {0: ["09:00-12:00", "11:00-13:00", "13:00-14:00"]})
    assert working_time_between(calendar, _at("2026-11-23T00:00+00:00"), _at("2026-11-24T00:00+00:00")) == timedelta(
        hours=5
    )


def test_a_calendar_that_never_opens_says_so() -> None:
    with pytest.raises(ValueError, match="no opening hours"):
        add_working_time(_calendar("UTC", {0: []}), _at("2026-11-23T00:00+00:00"), timedelta(minutes=1))
    assert working_time_between(
        _calendar("UTC", {0: []}), _at("2026-11-23T00:00+00:00"), _at("2027-11-23T00:00+00:00")
    ) == timedelta(0)


def test_backwards_is_nothing() -> None:
    assert working_time_between(OFFICE, _at("2026-11-24T10:00+00:00"), _at("2026-11-23T10:00+00:00")) == timedelta(0)


CHRISTMAS = Calendar(
    "UTC",
    {day: (Range(time(9), time(17)),) for day in range(5)},
    (
        Holiday(date(2026, 12, 24), "Christmas Eve", (Range(time(14), time(0)),), is_yearly=True),
        Holiday(date(2020, 12, 25), "Christmas Day", is_yearly=True),
        Holiday(date(2027, 1, 4), "Stocktaking", (Range(time(0), time(11)), Range(time(15), time(16)))),
    ),
    "christmas",
    (Opening(date(2026, 12, 25), (Range(time(10), time(11)),), "Stand-by"), Opening(date(2026, 12, 26), (Range(time(22), time(2)),))),
)  # fmt: skip


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        ("2026-12-23", 8.0),
        ("2026-12-24", 5.0),
        ("2026-12-25", 1.0),  # a holiday every year, opened once
        ("2026-12-26", 2.0),  # a Saturday night of extra work
        ("2026-12-27", 2.0),
        ("2027-12-24", 5.0),
        ("2031-12-25", 0.0),
        ("2027-01-04", 5.0),
        ("2027-01-05", 8.0),
    ],
)
def test_parts_of_days_every_year_and_once(day: str, hours: float) -> None:
    midnight = _at(f"{day}T00:00+00:00")
    assert working_time_between(CHRISTMAS, midnight, midnight + timedelta(days=1)) == timedelta(hours=hours)


def test_the_stretches_of_a_span_name_the_holiday() -> None:
    found = stretches(CHRISTMAS, _at("2026-12-24T13:00+00:00"), _at("2026-12-25T12:00+00:00"))
    assert [(one.kind, one.name, one.start.isoformat()[8:16], one.end.isoformat()[8:16]) for one in found] == [
        (StretchKind.OPEN, "", "24T13:00", "24T14:00"),
        (StretchKind.HOLIDAY, "Christmas Eve", "24T14:00", "25T00:00"),
        (StretchKind.HOLIDAY, "Christmas Day", "25T00:00", "25T10:00"),
        (StretchKind.OPEN, "", "25T10:00", "25T11:00"),
        (StretchKind.HOLIDAY, "Christmas Day", "25T11:00", "25T12:00"),
    ]
    assert [one.kind for one in stretches(OFFICE, _at("2026-11-23T16:00+00:00"), _at("2026-11-24T10:00+00:00"))] == [
        StretchKind.OPEN, StretchKind.CLOSED, StretchKind.OPEN,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-11-23T12:00+00:00", "2026-11-23T12:00+00:00"),
        ("2026-11-23T17:00+00:00", "2026-11-24T09:00+00:00"),
        ("2026-11-27T17:00+00:00", "2026-11-30T09:00+00:00"),
    ],
)
def test_the_next_opening(at: str, opens: str) -> None:
    assert next_opening(OFFICE, _at(at)) == _at(opens)


def test_a_decade_away() -> None:
    due = add_working_time(ONE_HOUR, _at("2026-11-23T00:00+00:00"), timedelta(hours=520))
    assert due == _at("2036-11-09T12:00+00:00")
    assert subtract_working_time(ONE_HOUR, due, timedelta(hours=520)) == _at("2026-11-29T11:00+00:00")


_FIRST = Range(time(9), time(13))


@pytest.mark.parametrize(
    ("calendar", "field", "said"),
    [
        (Calendar("UTC", {0: ()}), "week", "at least once a week"),
        (Calendar("UTC", {0: (_FIRST, Range(time(12), time(15)))}), "week", "09:00-13:00 and 12:00-15:00 on Monday overlap"),
        (Calendar("UTC", {0: (Range(time(22), time(10)),), 1: (_FIRST,)}), "week", "night of Monday"),
        (Calendar("UTC", {6: (Range(time(22), time(10)),), 0: (_FIRST,)}), "week", "night of Sunday"),
        (Calendar("UTC", {}, (Holiday(date(2026, 1, 1), "Eve", (Range(time(22), time(2)),)),)), "holidays", "into the next day"),
        (
            Calendar("UTC", {}, tuple(Holiday(date(2024, 1, 1) + timedelta(day), "Off", is_yearly=True) for day in range(366))),
            "week", "never opens",
        ),
    ],
)  # fmt: skip
def test_what_no_clock_could_run_by_is_refused(calendar: Calendar, field: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(calendar)
    assert said in refused.value.fields[field]


def test_good_calendars_pass() -> None:
    for calendar in (OFFICE, LUNCH, NIGHT, CHRISTMAS, ALWAYS_OPEN, ONE_HOUR):
        check(calendar)


_ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo"])
_TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
_CALENDARS = st.builds(
    Calendar,
    timezone=_ZONES,
    week=st.dictionaries(
        st.integers(0, 6), st.lists(st.builds(Range, _TIMES, _TIMES), max_size=2).map(tuple), min_size=1
    ),
    holidays=st.lists(
        st.builds(Holiday, st.dates(date(2018, 1, 1), date(2018, 12, 31)), st.just("Holiday"), is_yearly=st.booleans()),
        max_size=5,
    ).map(tuple),
)
_MOMENTS = st.datetimes(datetime(2018, 1, 1), datetime(2018, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@settings(max_examples=60, deadline=None)
@given(_CALENDARS, _MOMENTS, st.integers(0, 3 * 24 * 60))
def test_a_wall_clock_agrees_minute_by_minute(calendar: Calendar, start: datetime, minutes: int) -> None:
    """The rule itself, slowly: a quarter of an hour counts when its wall-clock start lies in a range of its day."""
    start = start.replace(minute=start.minute // 15 * 15, second=0, microsecond=0)
    end = start + timedelta(minutes=minutes // 15 * 15)
    slow, at = timedelta(), start
    while at < end:
        slow += timedelta(minutes=15) * _reads_open(calendar, at)
        at += timedelta(minutes=15)
    assert working_time_between(calendar, start, end) == slow


def _reads_open(calendar: Calendar, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(calendar.timezone))
    if calendar.closures(local.date()):
        return False
    clock = local.time()
    today = any(
        span.start <= clock < span.end if span.end > span.start else clock >= span.start
        for span in calendar.week.get(local.weekday(), ())
    )
    last_night = any(
        span.end <= span.start and clock < span.end for span in calendar.week.get((local.weekday() - 1) % 7, ())
    )
    return today or last_night


@settings(max_examples=60, deadline=None)
@given(_CALENDARS, _MOMENTS, st.integers(1, 5000))
def test_adding_and_measuring_agree(calendar: Calendar, start: datetime, minutes: int) -> None:
    try:
        due = add_working_time(calendar, start, timedelta(minutes=minutes))
    except ValueError:
        return
    assert working_time_between(calendar, start, due) == timedelta(minutes=minutes)
    assert working_time_between(calendar, start, due - timedelta(seconds=1)) < timedelta(minutes=minutes)


@settings(max_examples=60, deadline=None)
@given(_CALENDARS, _MOMENTS, st.lists(st.integers(0, 400 * 24 * 3600), min_size=2, max_size=2))
def test_measuring_is_additive_and_monotone(calendar: Calendar, start: datetime, seconds: list[int]) -> None:
    middle, end = (start + timedelta(seconds=one) for one in sorted(seconds))
    first, second = working_time_between(calendar, start, middle), working_time_between(calendar, middle, end)
    assert working_time_between(calendar, start, end) == first + second
    assert timedelta() <= first <= middle - start
    told = stretches(calendar, start, end)
    assert sum((one.end - one.start for one in told), timedelta()) == end - start, "no gaps"
    assert sum((one.end - one.start for one in told if one.kind is StretchKind.OPEN), timedelta()) == first + second


@settings(max_examples=60, deadline=None)
@given(_CALENDARS, _MOMENTS, st.integers(1, 5000))
def test_the_way_back(calendar: Calendar, end: datetime, minutes: int) -> None:
    try:
        start = subtract_working_time(calendar, end, timedelta(minutes=minutes))
    except ValueError:
        return
    assert working_time_between(calendar, start, end) == timedelta(minutes=minutes)
    assert working_time_between(calendar, start + timedelta(seconds=1), end) < timedelta(minutes=minutes)


@settings(max_examples=60, deadline=None)
@given(_CALENDARS, _MOMENTS, st.integers(0, 3000), st.integers(0, 3000))
def test_later_starts_and_longer_spans_are_due_later(calendar: Calendar, start: datetime, wait: int, more: int) -> None:
    try:
        due = add_working_time(calendar, start, timedelta(minutes=60))
        assert due <= add_working_time(calendar, start + timedelta(minutes=wait), timedelta(minutes=60))
        assert due <= add_working_time(calendar, start, timedelta(minutes=60 + more))
    except ValueError:
        assert not any(calendar.week.values())
