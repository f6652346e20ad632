"""When a snooze ends, and how long something took."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.domain import durations, snoozes
from helpdesk.domain.errors import Invalid

SATURDAY = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("preset", "zone", "moment"),
    [
        ("later", "UTC", "2026-11-22T02:30+00:00"),
        ("tomorrow", "UTC", "2026-11-22T09:00+00:00"),
        ("tomorrow", "Europe/Berlin", "2026-11-23T09:00+01:00"),
        ("monday", "UTC", "2026-11-23T09:00+00:00"),
        ("week", "America/New_York", "2026-11-28T09:00-05:00"),
    ],
)
def test_presets_mean_the_persons_own_mornings(preset: str, zone: str, moment: str) -> None:
    assert snoozes.until(preset, SATURDAY, zone) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("45", 45), ("1:30", 90), ("1h 30m", 90), ("2h", 120), ("15 min", 15), ("1 hour 5 minutes", 65)],
)
def test_durations_are_read_as_people_write_them(text: str, minutes: int) -> None:
    assert durations.parse(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "0", "soon", "-5", "25h", "1:75", "1.5", "99999"])
def test_nonsense_is_no_duration(text: str) -> None:
    with pytest.raises(Invalid):
        durations.parse(text)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0m"), (1, "1m"), (3600, "1h"), (5400, "1h 30m"), (86400, "24h")])
def test_durations_are_spelled_in_hours_and_minutes(seconds: int, text: str) -> None:
    assert durations.spell(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0m"), (59, "59s"), (60, "1m"), (4999, "1h 23m"), (90_061, "25h 1m")]
)
def test_what_is_left_is_told_in_minutes(seconds: int, text: str) -> None:
    assert durations.to_minute(timedelta(seconds=seconds)) == text
