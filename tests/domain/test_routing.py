"""Who gets a ticket."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.domain.routing import Candidate, choose
from helpdesk.domain.tickets import Strategy

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _candidate(number: int, load: int, minutes_ago: int | None) -> Candidate:
    last = None if minutes_ago is None else NOON - timedelta(minutes=minutes_ago)
    return Candidate(number, f"Agent {number}", load, last)


@pytest.mark.parametrize(
    ("strategy", "candidates", "chosen"),
    [
        (Strategy.MANUAL, [(1, 0, 5)], None),
        (Strategy.ROUND_ROBIN, [], None),
        (Strategy.LEAST_LOADED, [], None),
        (Strategy.ROUND_ROBIN, [(1, 0, 5), (2, 9, 10)], 2),
        (Strategy.ROUND_ROBIN, [(1, 0, 5), (2, 9, None)], 2),
        (Strategy.ROUND_ROBIN, [(2, 0, None), (1, 0, None)], 1),
        (Strategy.LEAST_LOADED, [(1, 3, 5), (2, 2, 1)], 2),
        (Strategy.LEAST_LOADED, [(1, 2, 1), (2, 2, 5)], 2),
        (Strategy.LEAST_LOADED, [(1, 2, 1), (2, 2, None)], 2),
        (Strategy.LEAST_LOADED, [(2, 2, 5), (1, 2, 5)], 1),
        (Strategy.SKILL, [(1, 3, 5), (2, 2, 1)], 2),
    ],
)
def test_choice(strategy: Strategy, candidates: list[tuple[int, int, int | None]], chosen: int | None) -> None:
    found = choose(strategy, [_candidate(*one) for one in candidates])
    assert (found.agent_id if found else None) == chosen
    if found:
        assert found.reason
