"""Days and spans of time as people write them: "last Monday", "since September", "older than a fortnight".

Weeks begin on Monday. A month or a weekday without more is the latest one that has begun; of something still ahead (what is
due), the next one.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30, "couple of": 2,
    "couple": 2, "a couple of": 2, "few": 3, "a few": 3,
}  # fmt: skip
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_NUMBER = r"(?:\d{1,4}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + ")"
_UNIT = r"(?:minutes?|mins?|hours?|hrs?|days?|weeks?|fortnights?|months?|quarters?|years?)"
SPAN = rf"(?:{_NUMBER}[\s-]+{_UNIT}|(?:24|48|72)\s*h)"
_DAY = "(?:" + "|".join(_DAYS) + "|mon|tues?|wed|thu(?:rs)?|fri|sat|sun)"
_MONTH = "(?:" + "|".join(_MONTHS) + r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?"
_YEAR = r"(?:20\d\d)"
_NTH = r"\d{1,2}(?:st|nd|rd|th)?"
# A stretch of the calendar.
PERIOD = (
    rf"(?:{_YEAR}[-/]\d\d?[-/]\d\d?(?:t\d\d:\d\d\S*)?|\d{{1,2}}[./]\d{{1,2}}[./]{_YEAR}|(?:the\s+)?day\s+before\s+yesterday|(?:the\s+)?(?:week|month|quarter|year)\s+before\s+last|overnight|today|yesterday(?:\s+(?:morning|afternoon|evening))?|tomorrow|(?:this\s+(?:morning|afternoon|evening)|tonight)|"
    rf"(?:the\s+)?(?:last|previous|this|current|next|coming)\s+(?:week|month|quarter|year|weekend|{_DAY})|"
    rf"{_DAY}\s+(?:of\s+)?(?:last|this|next)\s+week|(?:the\s+)?weekend|{SPAN}\s+ago|"
    rf"{_MONTH}\s+{_NTH}(?:,?\s+{_YEAR})?(?!\d)|(?:the\s+)?{_NTH}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?|"
    rf"the\s+\d{{1,2}}(?:st|nd|rd|th)|q[1-4](?:\s+{_YEAR})?|{_MONTH}(?:\s+{_YEAR})?|{_YEAR}|{_DAY})"
)

CLOCK = r"(?:(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:\s*[ap]\.?m\b\.?)?|(?:1[0-2]|0?[1-9])\s*(?:[ap]\.?m\b\.?|o'?\s?clock)|noon|midday|midnight)"
# A moment: an hour of a day, today's where none is said.
POINT = rf"(?:{_YEAR}-\d\d-\d\dt\d\d:\d\d(?:\S*)|{PERIOD}\s*,?\s+(?:at\s+|@\s*)?{CLOCK}|(?:at\s+)?{CLOCK}(?:\s*,?\s+(?:on\s+|of\s+)?{PERIOD})?)"
_TO = r"\s*(?:to|until|till|through|and|-|–)\s*"
# An hour's day is said once, before or behind: as if it were said each time.
_SHARED: tuple[tuple[str, str], ...] = (
    (rf"(?:(?:on\s+)?({PERIOD})\s*,?\s+)(?:between|from)\s+({CLOCK}){_TO}({CLOCK})(?!\w)", r"between \2 \1 and \3 \1"),
    (rf"(?:between|from)\s+({CLOCK}){_TO}({CLOCK})\s+(?:on\s+|of\s+)?({PERIOD})(?!\w)", r"between \1 \3 and \2 \3"),
    (rf"(?:on\s+)?({PERIOD})\s*,?\s+(?:after|since|from)\s+({CLOCK})(?:\s+on(?:wards)?)?(?!\w)(?!\s*(?:to|until|till|and|-)\b)", r"between \2 \1 and \1"),
    (rf"(?:on\s+)?({PERIOD})\s*,?\s+(?:before|until|till)\s+({CLOCK})(?!\w)", r"between \1 and \2 \1"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Range:
    """From a moment up to, but without, another; open where there is none."""

    since: datetime | None = None
    until: datetime | None = None


def ago(span: str, now: datetime, *, ahead: bool = False) -> datetime:
    """The moment a span such as "two weeks" before now, or after it."""
    words = re.fullmatch(rf"({_NUMBER})[\s-]*({_UNIT}|h)", span.strip())
    if words is None:
        raise ValueError(span)
    number = _NUMBERS.get(words[1]) or int(words[1])
    unit, sign = words[2], 1 if ahead else -1
    if unit.startswith(("month", "quarter", "year")):
        months = number * {"m": 1, "q": 3, "y": 12}[unit[0]]
        return _months_on(now, sign * months)
    length = {"mi": timedelta(minutes=1), "h": timedelta(hours=1), "da": timedelta(days=1), "we": timedelta(weeks=1), "fo": timedelta(weeks=2)}  # fmt: skip
    return now + sign * number * next(one for key, one in length.items() if unit.startswith(key))


def period(words: str, now: datetime, zone: str, *, ahead: bool = False) -> Range:
    """The stretch of the calendar some words of PERIOD mean.

    Args:
        ahead: whether it is about what is still to come: a weekday is the next one.

    Raises:
        ValueError: there is no such day.
    """
    today = now.astimezone(ZoneInfo(zone)).date()
    words = words.strip()
    if re.fullmatch(POINT, words):
        at = _point(words, now, zone, ahead=ahead)
        return Range(at, at)
    if found := re.fullmatch(r"(this|yesterday)\s+(morning|afternoon|evening)", words):
        day = today - timedelta(days=found[1] == "yesterday")
        begin, end = {"morning": (0, 12), "afternoon": (12, 18), "evening": (18, 24)}[found[2]]
        return Range(_midnight(day, zone, begin), _midnight(day, zone, end))
    if words == "overnight":
        return Range(_midnight(today - timedelta(days=1), zone, 18), _midnight(today, zone, 8))
    first, last = _days(re.sub(r"^the\s+", "", words.strip()), today, now, zone, ahead=ahead)
    return Range(_midnight(first, zone), _midnight(last, zone))


def with_days_told(text: str) -> str:
    """The text with every hour's day beside it: "yesterday between 9:00 and noon" tells it of both."""
    for pattern, better in _SHARED:
        text = re.sub(rf"(?<!\w){pattern}", better, text)
    return text


def _point(words: str, now: datetime, zone: str, *, ahead: bool) -> datetime:
    if re.match(rf"{_YEAR}-\d\d-\d\dt", words):
        at = datetime.fromisoformat(words.upper().replace("Z", "+00:00"))
        return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    clock = re.search(rf"{CLOCK}(?=\s|,|$)", words)
    if clock is None:
        raise ValueError(words)
    day = re.sub(
        r"^(?:at|on|of)\s+|[\s,]+(?:at|@)?$", "", f"{words[: clock.start()]} {words[clock.end() :]}".strip(" ,")
    )
    hour, minute = _clock(clock[0])
    if day:
        stretch = period(day, now, zone, ahead=ahead)
        if not stretch.since or not stretch.until or stretch.until - stretch.since > timedelta(hours=25):
            raise ValueError(words)
        first = stretch.since.astimezone(ZoneInfo(zone)).date()
        return _at(first, zone, hour, minute)
    today = now.astimezone(ZoneInfo(zone)).date()
    at = _at(today, zone, hour, minute)
    if ahead:
        return at if at > now else _at(today + timedelta(days=1), zone, hour, minute)
    return at if at <= now else _at(today - timedelta(days=1), zone, hour, minute)


def _clock(words: str) -> tuple[int, int]:
    if words in ("noon", "midday", "midnight"):
        return (0 if words == "midnight" else 12), 0
    found = re.match(r"(\d+)(?::(\d+))?[:\d]*\s*([ap])?", words)
    if found is None:
        raise ValueError(words)
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if hour > 12:
            raise ValueError(words)
        hour = hour % 12 + (12 if found[3] == "p" else 0)
    return hour, minute


def _at(day: date, zone: str, hour: int, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _days(words: str, today: date, now: datetime, zone: str, *, ahead: bool) -> tuple[date, date]:
    one_day = timedelta(days=1)
    simple = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1, "day before yesterday": -2}
    words = re.sub(r"\s+", " ", words)
    if words in simple:
        day = today + simple[words] * one_day
        return day, day + one_day
    if found := re.fullmatch(rf"({_YEAR})[-/](\d\d?)[-/](\d\d?)(?:t.*)?", words):
        day = date(*(int(one) for one in found.groups()))
        return day, day + one_day
    if found := re.fullmatch(rf"(\d+)([./])(\d+)[./]({_YEAR})", words):
        of_month, month = int(found[1]), int(found[3])
        if found[2] == "/" and month > 12:  # as Americans write it, where nothing else is possible
            of_month, month = month, of_month
        day = date(int(found[4]), month, of_month)
        return day, day + one_day
    if words.endswith("ago"):
        day = ago(words.removesuffix("ago"), now).astimezone(ZoneInfo(zone)).date()
        return day, day + one_day
    if found := re.fullmatch(r"(last|previous|this|current|next|coming)\s+(\w+)", words):
        return _relative(found[1], found[2], today)
    if found := re.fullmatch(r"(\w+) before last", words):
        return _relative("before last", found[1], today)
    if found := re.fullmatch(rf"({_DAY}) (?:of )?(last|this|next) week", words):
        monday, _ = _relative(found[2], "week", today)
        day = monday + _weekday(found[1]) * one_day
        return day, day + one_day
    if words == "weekend":
        return _relative("this" if ahead or today.weekday() >= 5 else "last", words, today)
    if re.fullmatch(_DAY, words):
        distance = (today.weekday() - _weekday(words)) % 7
        day = today + timedelta(days=(7 - distance) % 7) if ahead else today - timedelta(days=distance)
        return day, day + one_day
    if re.fullmatch(_YEAR, words):
        return date(int(words), 1, 1), date(int(words) + 1, 1, 1)
    if found := re.fullmatch(rf"q([1-4])(?:\s+({_YEAR}))?", words):
        start = int(found[2] or today.year) * 12 + (int(found[1]) - 1) * 3
        if not found[2] and not ahead and _first(start) > today:
            start -= 12
        return _first(start), _first(start + 3)
    if found := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)", words):
        months = today.year * 12 + today.month - 1
        if int(found[1]) > today.day and not ahead:
            months -= 1
        day = _first(months).replace(day=int(found[1]))
        return day, day + one_day
    return _in_month(words, today, ahead=ahead)


def _relative(which: str, unit: str, today: date) -> tuple[date, date]:
    step = {"last": -1, "previous": -1, "next": 1, "coming": 1, "before last": -2}.get(which, 0)
    monday = today - timedelta(days=today.weekday())
    if unit == "week":
        return monday + timedelta(weeks=step), monday + timedelta(weeks=step + 1)
    if unit == "weekend":
        saturday = monday + timedelta(days=5, weeks=step)
        return saturday, saturday + timedelta(days=2)
    if unit == "year":
        return date(today.year + step, 1, 1), date(today.year + step + 1, 1, 1)
    if unit in ("month", "quarter"):
        size = 3 if unit == "quarter" else 1
        start = today.year * 12 + (today.month - 1) // size * size + step * size
        return _first(start), _first(start + size)
    distance = (today.weekday() - _weekday(unit)) % 7
    day = today - timedelta(days=distance or (7 if step < 0 else 0))
    if step > 0 or (step == 0 and distance):
        day = monday + timedelta(days=_weekday(unit)) if step == 0 else today + timedelta(days=7 - distance)
    return day, day + timedelta(days=1)


def _in_month(words: str, today: date, *, ahead: bool) -> tuple[date, date]:
    found = re.search(r"[a-z]{3,}", words.replace(" of ", " "))
    if found is None:
        raise ValueError(words)
    month = next(number for number, name in enumerate(_MONTHS, start=1) if name.startswith(found[0][:3]))
    year_said = re.search(_YEAR, words)
    day_said = re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\b", re.sub(_YEAR, "", words))
    year = int(year_said[0]) if year_said else today.year
    if day_said:
        day = date(year, month, int(day_said[1]))
        if not year_said and not ahead and day > today:
            day = date(year - 1, month, int(day_said[1]))
        return day, day + timedelta(days=1)
    if not year_said and not ahead and month > today.month:
        year -= 1
    return _first(year * 12 + month - 1), _first(year * 12 + month)


def _weekday(word: str) -> int:
    return next(number for number, name in enumerate(_DAYS) if name.startswith(word[:3]))


def _first(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


def _months_on(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def _midnight(day: date, zone: str, hour: int = 0) -> datetime:
    """The beginning of a day, or of one of its hours; of 24 the next day's."""
    day += timedelta(days=hour // 24)
    return datetime(day.year, day.month, day.day, hour % 24, tzinfo=ZoneInfo(zone)).astimezone(UTC)
