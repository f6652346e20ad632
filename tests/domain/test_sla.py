"""Deadlines from history: pauses stand still, warnings come early, and the explanation adds up."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.domain.business_hours import ALWAYS_OPEN, Calendar, Range, add_working_time
from helpdesk.domain.sla import (
    Deadline,
    Pause,
    SegmentKind,
    SlaStatus,
    TimerState,
    derive,
    hours_until,
    progress,
    status,
)

START = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday
OFFICE = Calendar("UTC", {day: (Range(time(9), time(17)),) for day in range(5)})


def _minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def _derive(
    target: float, pauses: list[tuple[float, float | None]], now: float, *, share: int = 80, calendar: Calendar = OFFICE
) -> Deadline:
    return derive(
        started_at=START,
        target=_minutes(target),
        calendar=calendar,
        pauses=[Pause(START + _minutes(a), None if b is None else START + _minutes(b)) for a, b in pauses],
        warning_share=share,
        now=START + _minutes(now),
    )


# Minutes since START: target, pauses, now -> due, warning.
TABLE = [
    ("plain", 60, [], 0, 60, 48),
    ("plain, later", 60, [], 30, 60, 48),
    ("asked long after", 60, [], 6000, 60, 48),
    ("one pause", 60, [(10, 40)], 50, 90, 78),
    ("two pauses", 60, [(10, 20), (30, 50)], 55, 90, 78),
    ("a pause after the warning", 60, [(50, 70)], 75, 80, 48),
    ("a pause after the deadline changes nothing", 60, [(70, 90)], 95, 60, 48),
    ("a pause from the start", 60, [(0, 30)], 31, 90, 78),
    ("a pause of no length", 60, [(10, 10)], 20, 60, 48),
    ("a pause over the night", 60, [(10, 24 * 60)], 24 * 60, 24 * 60 + 50, 24 * 60 + 38),
    ("over closing time", 9 * 60, [], 0, 25 * 60, 7.2 * 60),
    ("deadline exactly where the pause begins", 60, [(60, 90)], 95, 60, 48),
]


@pytest.mark.parametrize(("what", "target", "pauses", "now", "due", "warn"), TABLE, ids=[row[0] for row in TABLE])
def test_deadlines(what: str, target: float, pauses: list, now: float, due: float, warn: float) -> None:
    found = _derive(target, pauses, now)
    assert (found.due_at, found.warn_at) == (START + _minutes(due), START + _minutes(warn))


def test_a_paused_clock_has_no_deadline() -> None:
    found = _derive(60, [(10, None)], 30)
    assert found.due_at is None and found.warn_at is None
    assert [(one.kind, one.worked) for one in found.segments] == [
        (SegmentKind.COUNTED, _minutes(10)),
        (SegmentKind.PAUSED, _minutes(0)),
    ]
    assert found.elapsed == _minutes(10)


@pytest.mark.parametrize(("share", "warn"), [(1, 0.6), (50, 30), (99, 59.4), (100, 60)])
def test_the_warning_comes_at_its_share(share: int, warn: float) -> None:
    assert _derive(60, [], 0, share=share).warn_at == START + _minutes(warn)


def test_the_explanation_has_no_gaps() -> None:
    found = _derive(600, [(10, 20), (30, 50)], 100)
    assert [one.kind for one in found.segments] == [
        SegmentKind.COUNTED, SegmentKind.PAUSED, SegmentKind.COUNTED, SegmentKind.PAUSED, SegmentKind.COUNTED,
    ]  # fmt: skip
    assert all(left.end == right.start for left, right in zip(found.segments, found.segments[1:], strict=False))
    assert found.elapsed == _minutes(10 + 10 + 50)


@given(
    st.integers(1, 10_000),
    st.lists(st.integers(0, 5_000), max_size=8).map(sorted),
    st.integers(0, 10_000),
    st.integers(1, 100),
)
def test_around_the_clock_a_deadline_is_the_target_plus_the_pauses_before_it(
    target: int, edges: list[int], now: int, share: int
) -> None:
    pauses = list(zip(edges[::2], edges[1::2], strict=False))
    now = max([now, *edges])
    due = target
    for start, end in pauses:
        if start < due:
            due += end - start
    found = _derive(target, list(pauses), now, share=share, calendar=ALWAYS_OPEN)
    assert found.due_at == START + _minutes(due)
    assert found.warn_at is not None and found.warn_at <= found.due_at


@pytest.mark.parametrize(
    ("state", "warned", "shown"),
    [
        (None, False, SlaStatus.NONE),
        (TimerState.RUNNING, False, SlaStatus.OK),
        (TimerState.RUNNING, True, SlaStatus.AT_RISK),
        (TimerState.PAUSED, True, SlaStatus.PAUSED),
        (TimerState.MET, True, SlaStatus.MET),
        (TimerState.BREACHED, True, SlaStatus.BREACHED),
    ],
)
def test_what_is_shown(state: TimerState | None, warned: bool, shown: SlaStatus) -> None:
    assert status(state, warned=warned) is shown


NIGHT = 16 * 60  # from closing time to the next opening


@pytest.mark.parametrize(
    ("what", "target", "due", "at", "elapsed", "remaining"),
    [
        ("begins", 60, 60, 0, 0, 60),
        ("half way", 60, 60, 30, 30, 30),
        ("over night", 600, 600 + NIGHT, 480 + 100, 480, 120),
        ("at the deadline", 60, 60, 60, 60, 0),
        ("late", 60, 60, 90, 90, 0),
        ("late over night", 60, 60, 480 + NIGHT + 10, 490, 0),
        ("after a pause of 20", 60, 80, 50, 30, 30),
        ("no deadline yet", 60, None, 50, 0, 60),
    ],
)
def test_how_far_a_clock_has_come(
    what: str, target: float, due: float | None, at: float, elapsed: float, remaining: float
) -> None:
    found = progress(
        target=_minutes(target), due_at=None if due is None else START + _minutes(due), stands_at=START + _minutes(at),
        calendar=OFFICE,
    )  # fmt: skip
    assert (found.elapsed, found.remaining) == (_minutes(elapsed), _minutes(remaining)), what


@given(
    target=st.integers(1, 30_000), now=st.integers(0, 40_000),
    pauses=st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 3000)), max_size=4),
)  # fmt: skip
def test_the_deadline_alone_tells_what_the_whole_history_does(
    target: int, now: int, pauses: list[tuple[int, int]]
) -> None:
    began, stood = 0, []
    for gap, length in pauses:
        stood.append((began + gap, began + gap + length))
        began = stood[-1][1]
    now += began
    whole = _derive(target, stood, now)
    assert whole.due_at is not None
    found = progress(target=_minutes(target), due_at=whole.due_at, stands_at=START + _minutes(now), calendar=OFFICE)
    if START + _minutes(now) <= whole.due_at:
        assert (found.elapsed, found.remaining) == (whole.elapsed, _minutes(target) - whole.elapsed)


def test_the_hours_of_a_countdown() -> None:
    def at(minutes: float) -> int:
        return int((START + _minutes(minutes)).timestamp())

    def hours(now: float, due: float, calendar: Calendar = OFFICE) -> str:
        return hours_until(calendar, START + _minutes(now), START + _minutes(due))

    day = 24 * 60
    assert hours(0, 60) == hours(30, 60) == f"0-{at(60)}", "it stays the same while nothing opens or closes"
    assert hours(30, day + 60) == f"0-{at(480)},{at(day)}-{at(day + 60)}"
    assert hours(500, day + 60) == f"{at(day)}-{at(day + 60)}", "closed now"
    assert hours(30, 4 * day) == f"0-{at(480)},{at(day)}-{at(day + 480)},{at(2 * day)}-{at(2 * day + 480)},+28800"
    assert hours(30, 30) == hours(30, 10) == hours(30, 90, ALWAYS_OPEN) == hours_until(OFFICE, START, None) == ""


@given(now=st.integers(0, 20_000), left=st.integers(1, 20_000))
def test_a_countdown_counts_what_is_left(now: int, left: int) -> None:
    since = START + _minutes(now)
    due = add_working_time(OFFICE, since, _minutes(left))
    total = 0
    for one in hours_until(OFFICE, since, due).split(","):
        if one.startswith("+"):
            total += int(one)
            continue
        opens, closes = map(int, one.split("-"))
        total += closes - max(opens, int(since.timestamp()))
    assert total == left * 60
