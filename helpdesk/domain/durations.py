"""How long, as people write it and as they are told: "1h 30m", "90", "1:30".

Each reader has its own bounds: time spent, a promise, a wait, what a configuration says. So has each way of telling: to the
second, as it was written, or rounded for a chart.
"""

import re
from datetime import timedelta

from helpdesk.domain.errors import Invalid
from helpdesk.domain.text import one_line

MOST = timedelta(hours=24)
SHORTEST_PROMISE, LONGEST_PROMISE = timedelta(seconds=1), timedelta(days=366)
SHORTEST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(days=365)
_WORDS = re.compile(r"(?:(\d{1,3})\s*h(?:ours?)?)?\s*(?:(\d{1,4})\s*m(?:in(?:utes?)?)?)?", re.IGNORECASE)
_PROMISE = re.compile(
    r"(?:(\d{1,3})\s*d(?:ays?)?)?[\s,]*(?:(\d{1,4})\s*h(?:rs?|ours?)?)?[\s,]*"
    r"(?:(\d{1,6})\s*m(?:ins?|inutes?)?)?[\s,]*(?:(\d{1,8})\s*s(?:ecs?|econds?)?)?",
    re.IGNORECASE,
)
_WAIT = re.compile(r"(\d{1,6})\s*(m(?:in(?:ute)?s?)?|h(?:ours?)?|d(?:ays?)?|w(?:eeks?)?)(?![a-z])", re.IGNORECASE)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_WRITTEN = re.compile(r"(?:(\d{1,4})d)?\s*(?:(\d{1,5})h)?\s*(?:(\d{1,6})m)?\s*(?:(\d{1,7})s)?")
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)")


def parse(text: str) -> timedelta:
    """A duration; a bare number means minutes.

    Raises:
        Invalid: not understood, nothing, or more than a day.
    """
    text = text.strip()
    hours, minutes = 0, 0
    if text.isdecimal() and len(text) <= 4:
        minutes = int(text)
    elif clock := _CLOCK.fullmatch(text):
        hours, minutes = int(clock[1]), int(clock[2])
    elif text and (words := _WORDS.fullmatch(text)):
        hours, minutes = int(words[1] or 0), int(words[2] or 0)
    found = timedelta(hours=hours, minutes=minutes)
    if not timedelta() < found <= MOST:
        raise Invalid(time="Write the time as 45, 1:30 or 1h 30m, at most a day.")
    return found


def promise(text: str) -> timedelta:
    """How long something may take: "90" (minutes), "1h 30m", "1:30", "4 hours", "2 days" (48 hours).

    Raises:
        Invalid: not understood, nothing, or more than a year.
    """
    text = text.strip()
    found = timedelta()
    if text.isdecimal() and len(text) <= 6:
        found = timedelta(minutes=int(text))
    elif clock := _CLOCK.fullmatch(text):
        found = timedelta(hours=int(clock[1]), minutes=int(clock[2]))
    elif text and (words := _PROMISE.fullmatch(text)):
        days, hours, minutes, seconds = (int(one or 0) for one in words.groups())
        found = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not SHORTEST_PROMISE <= found <= LONGEST_PROMISE:
        raise Invalid("Write a time such as 90, 1h 30m or 4 hours; at most a year.")
    return found


def wait(text: str) -> timedelta:
    """How long to wait before something happens: "30m", "4 hours", "2d", "1d 12h".

    Raises:
        Invalid: not understood, under a minute, or over a year.
    """
    text = one_line(str(text))
    parts = _WAIT.findall(text)
    if not parts or _WAIT.sub("", text).strip():
        raise Invalid(after=f"“{text[:40]}” is no length of time. Write it as 30m, 4h, 2d or 1d 12h.")
    found = sum((int(number) * _UNITS[unit[0].lower()] for number, unit in parts), timedelta())
    if not SHORTEST_WAIT <= found <= LONGEST_WAIT:
        raise Invalid(after="Choose a time between one minute and a year.")
    return found


def written(text: str) -> timedelta:
    """A span of a configuration, such as `1h 30m`.

    Raises:
        ValueError: it is none.
    """
    found = _WRITTEN.fullmatch(text.strip().lower())
    numbers = [int(part or 0) for part in found.groups()] if found else [0]
    if not found or not any(numbers):
        raise ValueError("Use a span such as 45m, 4h or 1d 12h.")
    days, hours, minutes, seconds = numbers
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def exact(length: timedelta, *, nothing: str = "0s") -> str:
    """The shortest text that is exact to the second: "1h 23m", "59s"."""
    return _told(int(length.total_seconds()), (("h", 3600), ("m", 60), ("s", 1))) or nothing


def to_minute(length: timedelta) -> str:
    """Hours and minutes, seconds only where there is nothing else: "1h 23m", "59s"."""
    minute = timedelta(minutes=1)
    return exact(length // minute * minute if length >= minute else length, nothing="0m")


def in_days(length: timedelta) -> str:
    """How long, as `wait` reads it: "1d 12h"."""
    return _told(int(length.total_seconds()), (("d", 86400), ("h", 3600), ("m", 60)))


def _told(rest: int, units: tuple[tuple[str, int], ...]) -> str:
    parts = []
    for letter, size in units:
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number}{letter}")
    return " ".join(parts)


def rounded(seconds: float) -> str:
    """Seconds as people say them: 45 min, 3 h 20 min, 2 d 4 h."""
    if not seconds:
        return "–"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes:02d} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def spell(seconds: int) -> str:
    """Hours and minutes, rounded up to the minute: "1h 30m"."""
    minutes = -(-max(seconds, 0) // 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}m"
    return f"{hours}h {rest:02d}m" if rest else f"{hours}h"


def spoken(span: timedelta) -> str:
    """Hours or whole days as one says them, at least one hour: "36 hours", "7 days"."""
    hours = max(1, round(span / timedelta(hours=1)))
    if hours >= 48 and hours % 24 == 0:
        return f"{hours // 24} days"
    return f"{hours} hours" if hours > 1 else "1 hour"
