"""Calendars as people write them, and holidays from files."""

from datetime import date, time

import pytest

from helpdesk.domain import calendars, durations, ics
from helpdesk.domain.business_hours import Holiday, Range
from helpdesk.domain.errors import Invalid

WRITTEN = {
    "name": "Office",
    "timezone": "Europe/Berlin",
    "week": {"monday": ["09:00-12:00", "13:00-17:00"], "friday": ["22:00-06:00"]},
    "holidays": {"12-24": {"name": "Christmas Eve", "hours": ["14:00-24:00"]}, "2026-12-25": "Christmas Day"},
    "openings": {"2026-12-19": {"name": "Market", "hours": ["10:00-14:00"]}},
}


def test_what_is_written_comes_back() -> None:
    assert calendars.plain(calendars.parse(**WRITTEN)) == WRITTEN


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"timezone": "Mars"}, "timezone", "Europe/Berlin"),
        ({"week": {"someday": ["09:00-17:00"]}}, "week", "is no day"),
        ({"week": {"monday": ["nine to five"]}}, "week", "is no range"),
        ({"week": {"monday": ["25:00-26:00"]}}, "week", "is no range"),
        ({"week": {"monday": []}}, "week", "at least once a week"),
        ({"holidays": {"2026-02-30": "No such day"}}, "holidays", "is no day"),
        ({"holidays": {"2026-12-25": ""}}, "holidays", "a name"),
        ({"holidays": {"2026-12-25": 7}}, "holidays", "Write a name"),
        ({"openings": {"2026-12-25": {"name": "x", "hours": []}}}, "openings", "when it is open"),
        ({"openings": {"12-25": {"name": "x", "hours": ["10:00-11:00"]}}}, "openings", "is no day"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(change: dict[str, object], field: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        calendars.parse(**WRITTEN | change)  # type: ignore[arg-type]
    assert said in refused.value.fields[field]


def _ics(*events: str) -> str:
    body = "\r\n".join(f"BEGIN:VEVENT\r\nUID:{number}\r\n{one}\r\nEND:VEVENT" for number, one in enumerate(events))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\n{body}\r\nEND:VCALENDAR\r\n"


def test_a_file_of_holidays() -> None:
    found = ics.holidays(
        _ics(
            "SUMMARY:Christmas\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227",
            "SUMMARY:New Year\r\nDTSTART;VALUE=DATE:20200101\r\nRRULE:FREQ=YEARLY",
            "SUMMARY:Memorial Day\r\nDTSTART;VALUE=DATE:20270531\r\nRRULE:FREQ=YEARLY;BYDAY=-1MO;BYMONTH=5",
            "SUMMARY:Long ago\r\nDTSTART;VALUE=DATE:20200507",
            "SUMMARY:Half day\r\nDTSTART:20261231T130000Z\r\nDTEND:20261231T230000Z",
        ),
        timezone="Europe/Berlin",
        since=date(2026, 11, 21),
    )
    assert found == (
        Holiday(date(2020, 1, 1), "New Year", is_yearly=True),
        Holiday(date(2026, 12, 25), "Christmas"),
        Holiday(date(2026, 12, 26), "Christmas"),
        Holiday(date(2026, 12, 31), "Half day", (Range(time(14), time(0)),)),
        Holiday(date(2027, 5, 31), "Memorial Day"),
    )


@pytest.mark.parametrize(
    "text", ["", "hello", "BEGIN:VCALENDAR", _ics("SUMMARY:x"), _ics("DTSTART:soon"), "x" * 1_000_001]
)
def test_a_file_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        ics.holidays(text, timezone="UTC", since=date(2026, 11, 21))


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("90", 90), ("1h 30m", 90), ("1:30", 90), ("4 hours", 240), ("2 days", 2880), ("1d 2h", 1560), ("30 min", 30)],
)
def test_promises_are_written_in_any_unit(text: str, minutes: int) -> None:
    assert durations.promise(text).total_seconds() == minutes * 60


@pytest.mark.parametrize("text", ["", "0", "-5", "soon", "1.5h", "400 days", "9999999", "1h 1h"])
def test_promises_that_are_none(text: str) -> None:
    with pytest.raises(Invalid):
        durations.promise(text)
