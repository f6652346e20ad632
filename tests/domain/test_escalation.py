"""When a step of an escalation policy is due, and which steps make no sense."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.domain.errors import Invalid
from helpdesk.domain.escalation import (
    Due,
    Moments,
    Since,
    Step,
    after,
    after_label,
    checked,
    due,
    raised,
    waiting_since,
    why,
)

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hour: int) -> datetime:
    return NINE + (hour - 9) * HOUR


MOMENTS = Moments(at(9), at(13), breached_at=at(12), warned_at=at(11), waiting_since=at(10))
QUIET = Moments(at(9), at(13))


@pytest.mark.parametrize(
    ("since", "moments", "base"),
    [
        (Since.CREATED, MOMENTS, 9),
        (Since.NO_REPLY, MOMENTS, 10),
        (Since.WARNING, MOMENTS, 11),
        (Since.BREACH, MOMENTS, 12),
        (Since.UPDATED, MOMENTS, 13),
        (Since.NO_REPLY, QUIET, None),
        (Since.WARNING, QUIET, None),
        (Since.BREACH, QUIET, None),
    ],
)
def test_due(since: Since, moments: Moments, base: int | None) -> None:
    found = due(Step(since, 2 * HOUR, ("lead",)), moments)
    assert found == (None if base is None else Due(at(base), at(base + 2)))


@pytest.mark.parametrize(
    ("customers_turn", "answered", "asked", "since"),
    [
        (True, None, None, None),
        (True, 10, 11, None),
        (False, None, None, 9),
        (False, None, 10, 9),
        (False, 10, 12, 12),
        (False, 10, None, None),
    ],
)
def test_a_customer_waits_since_their_first_unanswered_word(
    customers_turn: bool, answered: int | None, asked: int | None, since: int | None
) -> None:
    found = waiting_since(
        created_at=at(9), is_customers_turn=customers_turn, answered_at=at(answered) if answered else None,
        asked_at=at(asked) if asked else None,
    )  # fmt: skip
    assert found == (at(since) if since else None)


@pytest.mark.parametrize(
    ("text", "minutes"), [("30m", 30), ("4h", 240), ("1d 4h", 1680), ("at once", 0), ("0", 0), ("", 0), ("At  Once", 0)]
)
def test_how_long_after(text: str, minutes: int) -> None:
    assert after(text) == timedelta(minutes=minutes)
    assert after(after_label(after(text))) == after(text)


@pytest.mark.parametrize("text", ["soon", "-5m", "400d", "5", "1.5h"])
def test_absurd_times_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        after(text)


GOOD = Step(Since.BREACH, HOUR, ("lead",), 1)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((), "1 to 10"),
        ((GOOD,) * 11, "1 to 10"),
        ((GOOD, GOOD), "Step 2: another step"),
        ((GOOD, Step(Since.CREATED, timedelta(), ("lead",))), "Step 2: Say after how long"),
        ((Step(Since.BREACH, -HOUR, ("lead",)),), "after how long"),
        ((Step(Since.BREACH, HOUR, ()),), "Choose who"),
        ((Step(Since.BREACH, HOUR, ("boss",)),), "nobody to tell"),
        ((Step(Since.BREACH, HOUR, ("team:x",)),), "nobody to tell"),
        ((Step(Since.BREACH, HOUR, ("lead:4",)),), "nobody to tell"),
        ((Step(Since.BREACH, HOUR, ("lead",), 4),), "level"),
        ((Step(Since.BREACH, HOUR, ("lead",), -1),), "level"),
        ((Step(Since.BREACH, HOUR, ("lead",), 1, "Dear {{ boss.name }}"),), "boss.name"),
        ((Step(Since.BREACH, HOUR, ("lead",), 1, "{% for x in y %}"),), "Step 1"),
    ],
)
def test_steps_that_make_no_sense_say_which(steps: tuple[Step, ...], said: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(steps)
    assert list(refused.value.fields) == ["steps"] and said in refused.value.fields["steps"]


def test_good_steps_pass() -> None:
    steps = (
        Step(Since.WARNING, timedelta(), ("agent",), 0),
        GOOD,
        Step(Since.BREACH, 2 * HOUR, ("managers", "team:3", "person:7"), 3, "{{ ticket.reference }} is late"),
    )
    assert checked(steps) == steps
    assert [why(one) for one in steps[:2]] == ["at once when a deadline came near", "1h after a deadline was missed"]


@pytest.mark.parametrize(("level", "wanted", "target"), [(0, None, 1), (2, None, 3), (0, 3, 3), (1, 2, 2)])
def test_raised(level: int, wanted: int | None, target: int) -> None:
    assert raised(level, wanted) == target


@pytest.mark.parametrize(("level", "wanted"), [(3, None), (2, 2), (2, 1), (0, 4), (0, 0)])
def test_not_raised(level: int, wanted: int | None) -> None:
    with pytest.raises(Invalid):
        raised(level, wanted)
