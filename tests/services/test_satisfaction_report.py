"""The satisfaction report: every figure is the number of tickets its link lists."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest

from helpdesk import clock
from helpdesk.domain.errors import NotAllowed
from helpdesk.domain.filters import parse
from helpdesk.services import tickets
from helpdesk.services.reports import satisfaction
from helpdesk.services.unit_of_work import run
from tests.cast import Cast

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
SCORES = (5, 4, 3, 2, 1, 5, None)


@pytest.fixture
def rated(cast: Cast) -> Iterator[Cast]:
    """Two weeks of tickets, most of them rated."""
    for number in range(14):
        with clock.frozen(NOW - timedelta(days=number, hours=1)):
            agent = (cast.ada, cast.bob)[number % 2]
            ref = run(cast.rita, tickets.create, title=f"Number {number}", description="x")
            run(cast.max, tickets.assign, ref, to=agent.person_id)
            run(cast.max, tickets.change_status, ref, "resolved")
            if (score := SCORES[number % 7]) is not None:
                run(cast.rita, tickets.rate, ref, score, "Words" if score < 3 else "")
    with clock.frozen(NOW):
        yield cast


def _listed(cast: Cast, query: str) -> int:
    return len(run(cast.max, tickets.page, parse(dict(parse_qsl(query))).but(size=100)).rows)


def test_every_figure_is_what_its_link_lists(rated: Cast) -> None:
    found = run(rated.max, satisfaction.report, days=30)
    cards = {card.key: card for card in found.cards}
    assert (cards["average"].value, cards["satisfied"].value) == ("3.3 / 5", "50 %")
    assert (cards["ratings"].value, cards["ratings"].hint, cards["low"].value) == ("12", "of 14 solved", "4")
    for card in found.cards[:4]:
        assert _listed(rated, card.query) == card.count, card.key
    assert [(one.label, one.count) for one in found.by_score] == [
        ("5 · Great", 4), ("4 · Good", 2), ("3 · Okay", 2), ("2 · Not good", 2), ("1 · Bad", 2),
    ]  # fmt: skip
    for one in found.by_score:
        assert _listed(rated, one.query) == one.count
    for day in found.trend[-15:]:
        for count, query in ((day.good, day.good_query), (day.fair, day.fair_query), (day.low, day.low_query)):
            assert _listed(rated, query) == count
    assert sum(day.good + day.fair + day.low for day in found.trend) == 12
    assert {line.label for line in found.agents} == {"Ada Agent", "Bob Billing"}
    for line in (*found.agents, *found.teams, *found.categories):
        assert (_listed(rated, line.query), _listed(rated, line.low_query)) == (line.ratings, line.low)
    assert len(found.said) == 4 and found.said[0].customer == "Rita Requester" and found.said[0].comment == "Words"


def test_narrows_by_period_and_agent(rated: Cast) -> None:
    week = run(rated.max, satisfaction.report, days=7)
    assert sum(one.count for one in week.by_score) == 6
    adas = run(rated.max, satisfaction.report, days=30, agent_id=rated.ada.person_id)
    assert [line.label for line in adas.agents] == ["Ada Agent"]
    assert sum(one.count for one in adas.by_score) == adas.agents[0].ratings == 6


def test_is_for_managers_and_stays_inside(rated: Cast) -> None:
    for actor in (rated.ada, rated.rita):
        with pytest.raises(NotAllowed):
            run(actor, satisfaction.report)
    assert sum(one.count for one in run(rated.eve, satisfaction.report).by_score) == 0
    assert run(rated.xena, satisfaction.report).days == 30
