"""When a ticket put aside comes back."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

PRESETS = {"later": "In 3 hours", "tomorrow": "Tomorrow morning", "monday": "Monday morning", "week": "In a week"}
_MORNING = time(9)


def until(preset: str, now: datetime, zone: str) -> datetime:
    """The moment a preset means to somebody in a zone: mornings are at nine there.

    Args:
        preset: a key of PRESETS.
        now: aware.

    Raises:
        KeyError: no such preset.
    """
    here = now.astimezone(ZoneInfo(zone))
    if preset == "later":
        return now + timedelta(hours=3)
    days = {"tomorrow": 1, "monday": 7 - here.weekday(), "week": 7}[preset]
    return datetime.combine(here.date() + timedelta(days=days), _MORNING, ZoneInfo(zone))
