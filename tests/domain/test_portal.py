"""Where a request stands, in words."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.domain import portal
from helpdesk.domain.tickets import StatusCategory as Is

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # a Friday


def _standing(category: Is, label: str = "", **more: object) -> str:
    facts: dict = {
        "agent": "", "expected": None, "resolved": None, "closes_after": timedelta(hours=48), "now": NOW,
        "zone": "Europe/Berlin",
    }  # fmt: skip
    return portal.standing(category, label, **facts | more)


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (1.5, "by 17:30 today"),
        (8.5, "by tomorrow 0:30"),
        (66, "by Monday 10:00"),
        (24 * 13, "by 3 December"),
    ],
)
def test_moments_are_said_as_people_do_in_their_own_zone(hours: float, said: str) -> None:
    assert portal.by(NOW + timedelta(hours=hours), now=NOW, zone="Europe/Berlin") == said


@pytest.mark.parametrize(
    ("category", "label", "step"),
    [
        (Is.NEW, "Received", 0),
        (Is.OPEN, "In progress", 1),
        (Is.PENDING, "Waiting for you", 2),
        (Is.PENDING, "On hold", 1),
        (Is.RESOLVED, "Resolved", 3),
        (Is.CLOSED, "Closed", 3),
    ],
)
def test_every_status_has_its_step(category: Is, label: str, step: int) -> None:
    assert portal.step(category, label) == step


def test_a_promise_is_named_until_it_has_passed() -> None:
    promised = _standing(Is.OPEN, agent="Ada Agent", expected=NOW + timedelta(hours=1))
    assert promised == "Ada Agent is working on it. Expect to hear from us by 17:00 today."
    assert _standing(Is.OPEN, expected=NOW - timedelta(hours=1)) == "We are working on it."


def test_who_must_act_is_clear() -> None:
    assert "answer below" in _standing(Is.PENDING, "Waiting for you")
    assert "paused" in _standing(Is.PENDING, "On hold")


def test_a_solved_request_says_when_it_closes() -> None:
    assert _standing(Is.RESOLVED, resolved=NOW).endswith("closes by itself on Sunday.")
    assert _standing(Is.RESOLVED, resolved=NOW - timedelta(days=3)) == "We think this is solved. Is it?"
    assert "send a new one" in _standing(Is.CLOSED)
