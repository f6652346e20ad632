"""Calendars as plain data: what administrators write, what is kept, what a configuration says.

    week       {"monday": ["09:00-12:00", "13:00-17:00"]}       empty: around the clock
    holidays   {"2026-12-25": "Christmas Day", "12-24": {"name": "Christmas Eve", "hours": ["14:00-24:00"]}}
    openings   {"2026-12-19": {"name": "Christmas market", "hours": ["10:00-14:00"]}}

A holiday without a year is one every year.
"""

import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any

from helpdesk.domain.business_hours import Calendar, Holiday, Opening, Range, check
from helpdesk.domain.errors import Invalid
from helpdesk.domain.text import one_line

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_RANGES = 12
MOST_DAYS = 1000
_LEAP_YEAR = 2000


def parse_range(text: str) -> Range:
    """A range such as 09:00-17:00; 24:00 is midnight at the end of the day.

    Raises:
        ValueError: it is none.
    """
    start, dash, end = text.replace(" ", "").replace("–", "-").partition("-")
    if not dash:
        raise ValueError(text)
    return Range(_time(start), time(0) if end in ("24:00", "24") else _time(end))


def show_range(one: Range) -> str:
    """The other way round."""
    return f"{_shown(one.start)}-{'24:00' if one.end == time(0) else _shown(one.end)}"


def parse_hours(texts: Iterable[str], *, field: str, where: str = "") -> tuple[Range, ...]:
    """Ranges, each text one or several with commas between them; in order.

    Raises:
        Invalid: one of them is no range, or there are too many.
    """
    found = []
    for text in (part for given in texts for part in str(given).split(",")):
        if not text.strip():
            continue
        try:
            found.append(parse_range(text))
        except ValueError:
            raise Invalid(
                **{field: f"“{text.strip()[:40]}”{where} is no range. Use one such as 09:00-17:00."}
            ) from None
    if len(found) > MOST_RANGES:
        raise Invalid(**{field: f"Use at most {MOST_RANGES} ranges a day."})
    return tuple(sorted(set(found), key=lambda one: one.start))


def parse(
    *,
    name: str,
    timezone: str,
    week: Mapping[str, Sequence[str]] | None = None,
    holidays: Mapping[Any, Any] | None = None,
    openings: Mapping[Any, Any] | None = None,
) -> Calendar:
    """A calendar from plain data, checked: a clock can run by it.

    Raises:
        Invalid: an unknown zone, day or range, ranges that overlap, or never open.
    """
    if timezone not in zoneinfo.available_timezones():
        raise Invalid(timezone="Use a time zone such as Europe/Berlin.")
    hours: dict[int, tuple[Range, ...]] = {}
    for day, ranges in (week or {}).items():
        if str(day).lower() not in DAYS:
            raise Invalid(week=f"“{str(day)[:40]}” is no day. Use {', '.join(DAYS)}.")
        hours[DAYS.index(str(day).lower())] = parse_hours(ranges, field="week", where=f" on {str(day).capitalize()}")
    if len(holidays or ()) + len(openings or ()) > MOST_DAYS:
        raise Invalid(holidays=f"Use at most {MOST_DAYS} holidays and extra openings.")
    closed, extra = special_days(holidays, openings)
    calendar = Calendar(timezone, dict(sorted(hours.items())), closed, name, extra)
    check(calendar)
    return calendar


def special_days(
    holidays: Mapping[Any, Any] | None, openings: Mapping[Any, Any] | None
) -> tuple[tuple[Holiday, ...], tuple[Opening, ...]]:
    """Holidays and extra openings from plain data.

    Raises:
        Invalid: a day that is none, a holiday without a name, an opening without hours.
    """
    return (
        tuple(_holiday(*one) for one in (holidays or {}).items()),
        tuple(_opening(*one) for one in (openings or {}).items()),
    )


def plain(calendar: Calendar) -> dict[str, Any]:
    """The other way round."""
    holidays: dict[str, Any] = {}
    for one in calendar.holidays:
        hours = [show_range(each) for each in one.hours]
        holidays[day_key(one)] = {"name": one.name, "hours": hours} if hours else one.name
    openings = {
        one.day.isoformat(): {"name": one.name, "hours": [show_range(each) for each in one.hours]}
        for one in calendar.openings
    }
    return {
        "name": calendar.name,
        "timezone": calendar.timezone,
        "week": {DAYS[day]: [show_range(one) for one in ranges] for day, ranges in sorted(calendar.week.items())},
        "holidays": dict(sorted(holidays.items())),
        "openings": dict(sorted(openings.items())),
    }


def day_key(one: Holiday) -> str:
    """What a holiday is known by: its date, without the year if it is one every year."""
    return one.day.strftime("%m-%d") if one.is_yearly else one.day.isoformat()


def _holiday(key: Any, value: Any) -> Holiday:
    name, hours = _named(value, field="holidays")
    text = str(key).strip()
    try:
        day = date.fromisoformat(f"{_LEAP_YEAR}-{text}" if len(text) == 5 else text)
    except ValueError:
        raise Invalid(holidays=f"“{text[:40]}” is no day. Use 2026-12-25, or 12-25 for every year.") from None
    if not name:
        raise Invalid(holidays=f"Give the holiday on {text} a name.")
    return Holiday(day, name, parse_hours(hours, field="holidays", where=f" on {name}"), is_yearly=len(text) == 5)


def _opening(key: Any, value: Any) -> Opening:
    name, hours = _named(value, field="openings")
    try:
        day = date.fromisoformat(str(key).strip())
    except ValueError:
        raise Invalid(openings=f"“{str(key)[:40]}” is no day. Use one such as 2026-12-19.") from None
    found = parse_hours(hours, field="openings", where=f" on {day.isoformat()}")
    if not found:
        raise Invalid(openings=f"Say when it is open on {day.isoformat()}, such as 10:00-14:00.")
    return Opening(day, found, name)


def _named(value: Any, *, field: str) -> tuple[str, Sequence[str]]:
    """A name, or a name with hours."""
    if isinstance(value, Mapping):
        name, hours = value.get("name", ""), value.get("hours", ())
        if isinstance(hours, str):
            hours = (hours,)
        if set(value) <= {"name", "hours"} and isinstance(name, str) and isinstance(hours, Sequence):
            return _short(name, field), hours
    elif isinstance(value, str):
        return _short(value, field), ()
    raise Invalid(**{field: "Write a name, or a name and hours."})


def _short(name: str, field: str) -> str:
    found = one_line(name)
    if len(found) > 120:
        raise Invalid(**{field: "Use at most 120 characters for a name."})
    return found


def _time(text: str) -> time:
    hour, colon, minute = text.partition(":")
    if not colon or not (hour.isascii() and hour.isdecimal() and len(hour) <= 2):
        raise ValueError(text)
    found = time.fromisoformat(f"{hour.zfill(2)}:{minute}")
    if found.tzinfo is not None or found.microsecond:
        raise ValueError(text)
    return found


def _shown(one: time) -> str:
    return one.isoformat("seconds" if one.second else "minutes")
