"""Where a request stands, in words for the customer who waits for it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from helpdesk.domain.tickets import StatusCategory

STEPS = ("Received", "In progress", "Waiting for you", "Resolved")

_STEP = {
    StatusCategory.NEW: 0,
    StatusCategory.OPEN: 1,
    StatusCategory.PENDING: 2,
    StatusCategory.RESOLVED: 3,
    StatusCategory.CLOSED: 3,
}
_DAYS_BY_NAME = 6


def step(category: StatusCategory, label: str) -> int:
    """The step of STEPS a request is at.

    Args:
        label: the status as customers read it; a pending one that is not theirs to end ("On hold") is in progress.
    """
    if category is StatusCategory.PENDING and label.casefold() != STEPS[2].casefold():
        return 1
    return _STEP[category]


def standing(
    category: StatusCategory,
    label: str,
    *,
    agent: str,
    expected: datetime | None,
    resolved: datetime | None,
    closes_after: timedelta,
    unanswered_until: datetime | None = None,
    now: datetime,
    zone: str,
) -> str:
    """One or two sentences: who has it, by when to expect what, and what the customer can do.

    Args:
        expected: by when we promised to be back; one that has passed is not mentioned.
        closes_after: how long a resolved request stays open to an answer.
        unanswered_until: when a request that waits for its customer closes, once they were told.
        zone: the reader's time zone.
    """
    promise = f" Expect to hear from us {by(expected, now=now, zone=zone)}." if expected and expected > now else ""
    if category is StatusCategory.NEW:
        return "We have your request and will look at it soon." + promise
    if category is StatusCategory.OPEN:
        return (f"{agent} is working on it." if agent else "We are working on it.") + promise
    if category is StatusCategory.PENDING:
        if step(category, label) == 2:
            asked = "We need something from you to go on. Please answer below."
            if unanswered_until is None or unanswered_until <= now:
                return asked
            return f"{asked} Without an answer it closes by itself {on(unanswered_until, now=now, zone=zone)}."
        return "This is paused for the moment. We take it up again by ourselves; you can still write to us."
    if category is StatusCategory.CLOSED:
        return "This request is closed. If it comes back, send a new one."
    closes = resolved + closes_after if resolved else None
    if closes is None or closes <= now:
        return "We think this is solved. Is it?"
    return f"We think this is solved. Without an answer from you it closes by itself {on(closes, now=now, zone=zone)}."


def by(moment: datetime, *, now: datetime, zone: str) -> str:
    """A moment ahead as people say it: `by 16:40 today`, `by tomorrow 11:00`, `by Monday 9:00`, `by 3 March`."""
    there, days = _there(moment, now, zone)
    clock = f"{there.hour}:{there.minute:02}"
    if days == 0:
        return f"by {clock} today"
    if days == 1:
        return f"by tomorrow {clock}"
    if days <= _DAYS_BY_NAME:
        return f"by {there:%A} {clock}"
    return f"by {there.day} {there:%B}"


def on(moment: datetime, *, now: datetime, zone: str) -> str:
    """A day ahead as people say it: `today`, `tomorrow`, `on Monday`, `on 3 March`."""
    there, days = _there(moment, now, zone)
    if days <= 1:
        return "today" if days == 0 else "tomorrow"
    return f"on {there:%A}" if days <= _DAYS_BY_NAME else f"on {there.day} {there:%B}"


def _there(moment: datetime, now: datetime, zone: str) -> tuple[datetime, int]:
    here = ZoneInfo(zone)
    there = moment.astimezone(here)
    return there, (there.date() - now.astimezone(here).date()).days
