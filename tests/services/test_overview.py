"""The overview: every figure is the number of tickets its link lists."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from helpdesk import clock
from helpdesk.domain.errors import NotAllowed
from helpdesk.domain.filters import parse
from helpdesk.domain.people import Actor
from helpdesk.models import Organization
from helpdesk.services import catalog, organizations, tickets
from helpdesk.services.context import Context
from helpdesk.services.reports.overview import Overview, overview
from helpdesk.services.unit_of_work import run
from tests.cast import Cast

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
# West and east of Greenwich, with a half hour, and two whose clocks changed within the period.
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "Pacific/Kiritimati")


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


def _zone(cast: Cast, name: str) -> None:
    def set_zone(ctx: Context) -> None:
        ctx.session.exec(select(Organization)).one().timezone = name
        organizations.catalog_changed(ctx)

    run(cast.desk, set_zone)


def _at(moment: datetime, actor: Actor, verb: object, *args: object, **more: object) -> str:
    with clock.frozen(moment):
        return run(actor, verb, *args, **more)  # type: ignore[arg-type]


def _busy(cast: Cast, zone: str = "UTC") -> dict[str, int]:
    """Six weeks of work; tickets at the very edges of days in the organization's zone. Returns the categories."""
    _zone(cast, zone)
    kinds = {
        "Hardware": run(cast.adam, catalog.save_category, name="Hardware", team_id=cast.support),
        "Bills <b>": run(cast.adam, catalog.save_category, name="Bills <b>", team_id=cast.billing),
    }
    midnight = NOW.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    for number in range(42):
        first = (midnight - timedelta(days=number)).astimezone(UTC)
        moments = (first, first - timedelta(microseconds=1), first + timedelta(hours=9, minutes=number))
        filed = min(moments[number % 3], NOW)
        topic = (*kinds.values(), None)[number % 3]
        priority = ("low", "medium", "high", "urgent")[number % 4]
        ref = _at(
            filed,
            cast.rita,
            tickets.create,
            title=f"Number {number}",
            description="x",
            category_id=topic,
            priority=priority,
        )
        later = min(filed + timedelta(hours=3 * (number % 9), minutes=1), NOW)
        agent = (cast.ada, cast.bob, cast.max)[number % 3]
        if number % 5:
            _at(filed, cast.max, tickets.assign, ref, to=agent.person_id)
        if number % 4 == 1:
            _at(later, cast.max, tickets.change_status, ref, "waiting_on_customer")
        if number % 3 == 0:
            _at(later, cast.max, tickets.change_status, ref, "resolved")
            if number % 2:
                _at(later, cast.rita, tickets.rate, ref, 1 + number % 5)
            if number % 9 == 0:
                _at(min(later + timedelta(hours=1), NOW), cast.max, tickets.change_status, ref, "open")
    return kinds


def _listed(cast: Cast, query: str) -> int:
    """How many tickets the link shows, page by page."""
    wanted, cursor, count = parse(dict(parse_qsl(query))), "", 0
    while True:
        page = run(cast.max, tickets.page, wanted, cursor=cursor)
        count += len(page.rows)
        if not (cursor := page.older):
            return count


def _figures(found: Overview) -> dict[str, tuple[int, str]]:
    """Every number on the page with its link."""
    numbers = {f"card {card.key}": (card.count, card.query) for card in found.cards}
    for day in found.trend:
        numbers[f"created {day.day}"] = (day.created, day.created_query)
        numbers[f"solved {day.day}"] = (day.resolved, day.resolved_query)
    for name in ("by_status", "by_priority", "by_category"):
        numbers |= {f"{name} {one.label}": (one.count, one.query) for one in getattr(found, name)}
    for line in found.agents:
        numbers[f"closed by {line.name}"] = (line.closed, line.query)
        numbers[f"open with {line.name}"] = (line.open, line.open_query)
    return numbers


def _check(cast: Cast, **scope: object) -> Overview:
    found = run(cast.max, overview, **scope)
    wrong = {
        name: (count, listed)
        for name, (count, query) in _figures(found).items()
        if (listed := _listed(cast, query)) != count
    }
    assert wrong == {}
    return found


@pytest.mark.parametrize("zone", ZONES)
def test_every_figure_is_the_number_of_tickets_its_link_lists(cast: Cast, zone: str) -> None:
    _busy(cast, zone)
    found = _check(cast, days=30)
    shown = {card.key: card.count for card in found.cards}
    assert min(shown[key] for key in ("new", "open", "pending", "solved", "breached", "csat")) > 0, "nothing was tested"
    assert len(found.agents) == 3


@pytest.mark.parametrize("days", [7, 90])
def test_so_it_is_for_every_period(cast: Cast, days: int) -> None:
    _busy(cast, "Europe/Berlin")
    assert len(_check(cast, days=days).trend) == days


def test_so_it_is_within_a_team_and_a_category(cast: Cast) -> None:
    kinds = _busy(cast, "Europe/Berlin")
    whole = _figures(run(cast.max, overview, days=30))["card new"][0]
    for scope in (
        {"team_id": cast.support},
        {"category_id": kinds["Bills <b>"]},
        {"team_id": cast.billing, "category_id": kinds["Bills <b>"]},
    ):
        found = _check(cast, days=30, **scope)
        assert 0 < found.cards[0].count < whole


def test_parts_add_up(cast: Cast) -> None:
    _busy(cast)
    found = run(cast.max, overview, days=30)
    cards = {card.key: card for card in found.cards}
    assert sum(day.created for day in found.trend) == cards["new"].count
    assert sum(day.resolved for day in found.trend) == cards["solved"].count
    assert (
        sum(one.count for one in found.by_status) == sum(one.count for one in found.by_priority) == cards["open"].count
    )


def test_changes_are_against_the_period_before(cast: Cast) -> None:
    def file(days_ago: int) -> str:
        return _at(NOW - timedelta(days=days_ago), cast.rita, tickets.create, title="x", description="y")

    before, now = [file(9) for _ in range(4)], [file(2) for _ in range(6)]
    _at(NOW - timedelta(days=8), cast.max, tickets.change_status, before[0], "on_hold")
    _at(NOW - timedelta(days=8), cast.max, tickets.change_status, before[1], "resolved")
    _at(NOW - timedelta(days=1), cast.max, tickets.change_status, before[2], "resolved")
    _at(NOW - timedelta(days=1), cast.max, tickets.change_status, now[0], "resolved")
    cards = {card.key: card for card in run(cast.max, overview, days=7).cards}
    assert (cards["new"].value, cards["new"].change, cards["new"].direction, cards["new"].meaning) == (
        "6",
        "50 %",
        "up",
        "neutral",
    )
    assert (cards["solved"].value, cards["solved"].change, cards["solved"].meaning) == ("2", "100 %", "good")
    # Three were open when the period began, one of them on hold; seven are now.
    assert (cards["open"].value, cards["open"].change, cards["open"].meaning) == ("7", "4", "bad")
    assert (cards["pending"].value, cards["pending"].change, cards["pending"].direction) == ("1", "0", "flat")
    assert cards["csat"].value == "–" and cards["csat"].change == ""


def test_an_empty_desk_has_an_empty_overview(cast: Cast) -> None:
    found = run(cast.max, overview)
    assert {card.count for card in found.cards} == {0} and len(found.trend) == 30
    assert {card.change for card in found.cards if card.key not in ("open", "pending")} == {""}
    assert found.agents == ()


def test_whoever_may_not_read_reports_is_refused(cast: Cast) -> None:
    for actor in (cast.ada, cast.tom, cast.rita):
        with pytest.raises(NotAllowed):
            run(actor, overview)
    run(cast.xena, overview)


def test_another_organization_counts_its_own(cast: Cast) -> None:
    _busy(cast)
    assert {card.count for card in run(cast.eve, overview, team_id=cast.support).cards} == {0}
