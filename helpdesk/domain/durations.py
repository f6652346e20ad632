"""How long, as people write it: "1h 30m", "90", "1:30"."""

import re
from datetime import timedelta

from helpdesk.domain.errors import Invalid

MOST = timedelta(hours=24)
SHORTEST_PROMISE, LONGEST_PROMISE = timedelta(seconds=1), timedelta(days=366)
_WORDS = re.compile(r"(?:(\d{1,3})\s*h(?:ours?)?)?\s*(?:(\d{1,4})\s*m(?:in(?:utes?)?)?)?", re.IGNORECASE)
_PROMISE = re.compile(
    r"(?:(\d{1,3})\s*d(?:ays?)?)?[\s,]*(?:(\d{1,4})\s*h(?:rs?|ours?)?)?[\s,]*"
    r"(?:(\d{1,6})\s*m(?:ins?|inutes?)?)?[\s,]*(?:(\d{1,8})\s*s(?:ecs?|econds?)?)?",
    re.IGNORECASE,
)
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
