"""Holidays from an .ics file, as governments and schools publish them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar

from helpdesk.domain.business_hours import Holiday, Range
from helpdesk.domain.errors import Invalid
from helpdesk.domain.text import one_line

LONGEST = 1_000_000  # characters
MOST = 500
_LONGEST_HOLIDAY = timedelta(days=60)


def holidays(text: str, *, timezone: str, since: date) -> tuple[Holiday, ...]:
    """The days an .ics file names, in order: whole days, or hours of a day.

    Args:
        timezone: where hours are read.
        since: what ended before is left out, unless it comes every year.

    Raises:
        Invalid: the file cannot be read, or names no days.
    """
    if len(text) > LONGEST:
        raise Invalid(ics="The file is larger than 1 MB. Use one with holidays only.")
    try:
        calendar = icalendar.Calendar.from_ical(text)
        found = [one for event in calendar.walk("VEVENT") for one in _days(event, ZoneInfo(timezone), since)]
    except (ValueError, KeyError, IndexError, AttributeError, TypeError, OverflowError):
        raise Invalid(ics="This file cannot be read. Choose an .ics file with holidays.") from None
    if not found:
        raise Invalid(ics="There are no holidays in this file that are still to come.")
    by_day = {(one.day.month, one.day.day, 0 if one.is_yearly else one.day.year): one for one in found}
    return tuple(sorted(by_day.values(), key=lambda one: one.day)[:MOST])


def _days(event: icalendar.Component, zone: ZoneInfo, since: date) -> list[Holiday]:
    start, end = event.decoded("DTSTART"), event.decoded("DTEND", None)
    if end is None and (length := event.decoded("DURATION", None)) is not None:
        end = start + length
    name = one_line(str(event.get("SUMMARY", "")))[:120] or "Holiday"
    rule = event.get("RRULE")
    is_yearly = rule is not None and _is_plainly_yearly(rule)
    if isinstance(start, datetime):
        return _hours(start, end, name, zone, since, is_yearly=is_yearly)
    last = end if isinstance(end, date) and end > start else start + timedelta(days=1)
    days = [start + timedelta(days=number) for number in range(min(last - start, _LONGEST_HOLIDAY).days)]
    return [Holiday(day, name, is_yearly=is_yearly) for day in days if is_yearly or day >= since]


def _hours(start: datetime, end: object, name: str, zone: ZoneInfo, since: date, *, is_yearly: bool) -> list[Holiday]:
    """What a span of hours closes, day by day."""
    begins = (start if start.tzinfo else start.replace(tzinfo=zone)).astimezone(zone)
    if not isinstance(end, datetime):
        return []
    ends = (end if end.tzinfo else end.replace(tzinfo=zone)).astimezone(zone)
    found = []
    day = begins.date()
    while datetime.combine(day, time(0), zone) < ends and day - begins.date() < _LONGEST_HOLIDAY:
        opens = begins.time() if day == begins.date() else time(0)
        closes = ends.time() if day == ends.date() else time(0)
        hours = () if opens == closes == time(0) else (Range(opens.replace(second=0), closes.replace(second=0)),)
        if is_yearly or day >= since:
            found.append(Holiday(day, name, hours, is_yearly))
        day += timedelta(days=1)
    return found


def _is_plainly_yearly(rule: icalendar.vRecur) -> bool:
    """Every year on the same date: anything else (the last Monday of May) is taken as the one day it names."""
    parts = {str(key).upper(): value for key, value in rule.items()}
    return (
        parts.get("FREQ", [""])[0] == "YEARLY"
        and parts.get("INTERVAL", [1])[0] == 1
        and not set(parts) & {"BYDAY", "BYWEEKNO", "BYYEARDAY", "BYSETPOS", "UNTIL", "COUNT"}
    )


def today(now: datetime, timezone: str) -> date:
    """The day it is somewhere."""
    return now.astimezone(UTC).astimezone(ZoneInfo(timezone)).date()
