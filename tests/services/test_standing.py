"""How promises stand: one row for lists, the ticket and the API, told in working time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk import clock
from helpdesk.domain.errors import NotAllowed, NotFound
from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.people import Actor
from helpdesk.services import promises, sla, standing, tickets
from helpdesk.services.standing import TimerRow
from helpdesk.services.unit_of_work import run
from tests.bench.measure import statements
from tests.cast import Cast

MONDAY = datetime(2026, 11, 23, 15, tzinfo=UTC)  # two hours before closing
PERIOD = timedelta(days=1)


@pytest.fixture(autouse=True)
def office(cast: Cast) -> None:
    """Open 9 to 17; medium: an hour to answer, four to resolve."""
    week = {day: ["09:00-17:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
    run(cast.adam, promises.save_calendar, None, name="Office", timezone="UTC", week=week, holidays=[], openings=[])
    for row in run(cast.adam, promises.policy_rows):
        run(cast.adam, promises.delete_policy, row.name)
    targets = run(
        cast.adam,
        promises.parse_targets,
        {"medium/first_response": "1h", "medium/resolution": "4h", "urgent/resolution": "6h"},
    )
    run(
        cast.adam, promises.save_policy, None, name="Standard", calendar="Office", is_active=True, targets=targets,
        conditions={}, warning_share=50,
    )  # fmt: skip


def _at(minutes: float, actor: Actor, verb: Callable, *args: object, **more: object):
    with clock.frozen(MONDAY + timedelta(minutes=minutes)):
        return run(actor, verb, *args, **more)


def _file(cast: Cast) -> str:
    return _at(0, cast.rita, tickets.create, title="Slow", description="x", priority="medium")


def _stands(cast: Cast, ref: str, minutes: float) -> dict[str, TimerRow]:
    return {row.metric: row for row in _at(minutes, cast.ada, standing.promises, ref)}


def _told(row: TimerRow) -> tuple[str, str, str]:
    return row.status, row.elapsed, row.remaining


def test_what_is_left_is_working_time(cast: Cast) -> None:
    ref = _file(cast)
    row = _stands(cast, ref, 37)["resolution"]
    assert (row.label, row.policy, row.target, row.target_seconds) == ("Resolution", "Standard", "4h", 14400)
    assert _told(row) == ("ok", "37m", "3h 23m") and (row.elapsed_seconds, row.remaining_seconds) == (2220, 12180)
    assert row.breach_at == "2026-11-24T11:00:00+00:00", "two hours today, two tomorrow"
    over_night = _stands(cast, ref, 10 * 60)["resolution"]
    assert _told(over_night) == ("ok", "2h", "2h"), "the night does not count"


def test_every_way_a_clock_can_stand(cast: Cast) -> None:
    ref = _file(cast)
    _at(30, cast.desk, sla.sweep)
    assert _told(_stands(cast, ref, 40)["first_response"]) == ("at_risk", "40m", "20m")
    _at(61, cast.desk, sla.sweep)
    assert _told(_stands(cast, ref, 75)["first_response"]) == ("breached", "1h 15m", "0m")
    _at(80, cast.ada, tickets.reply, ref, "Which printer?", then="waiting")
    for minutes in (80, 500, 5000):
        found = _stands(cast, ref, minutes)
        assert _told(found["first_response"]) == ("breached", "1h 20m", "0m"), "it was answered then"
        assert _told(found["resolution"]) == ("paused", "1h 20m", "2h 40m") and found["resolution"].hours == ""
    _at(24 * 60, cast.rita, tickets.reply, ref, "The red one")
    _at(24 * 60 + 10, cast.ada, tickets.change_status, ref, "resolved")
    assert _told(_stands(cast, ref, 9000)["resolution"]) == ("met", "1h 30m", "2h 30m")


def test_another_target_while_it_waits_leaves_the_rest_of_that(cast: Cast) -> None:
    ref = _file(cast)
    _at(60, cast.ada, tickets.reply, ref, "Which printer?", then="waiting")
    _at(70, cast.ada, tickets.prioritise, ref, "urgent")
    assert _told(_stands(cast, ref, 90)["resolution"]) == ("paused", "1h", "5h")


def test_a_list_says_the_same_as_the_ticket_and_does_not_change_by_itself(cast: Cast) -> None:
    ref = _file(cast)
    [early], [late] = (_at(m, cast.max, tickets.page, TicketFilter(text="Slow")).rows for m in (5, 20))
    assert early == late, "a list that shows the same is not sent again"
    detail = _at(20, cast.max, tickets.one, ref)
    assert detail.timers == _at(20, cast.max, standing.promises, ref)
    [first, _] = detail.timers
    assert (late.sla_status, late.sla_due_at, late.sla_metric) == (first.status, first.breach_at, first.label)
    assert (late.sla_hours, late.sla_warn_at) == (first.hours, first.warn_at) and first.hours.startswith("0-")


def test_only_staff_are_told(cast: Cast) -> None:
    ref = _file(cast)
    with pytest.raises(NotAllowed):
        run(cast.rita, standing.promises, ref)
    with pytest.raises(NotFound):
        run(cast.ada, standing.promises, "ACME-NOSUCH")
    [row] = _at(1, cast.rita, tickets.page, TicketFilter()).rows
    assert (row.sla_metric, row.sla_hours, row.sla_warn_at) == ("", "", "")


def test_many_tickets_cost_one_query(cast: Cast) -> None:
    refs = [_file(cast) for _ in range(3)]
    ids = [_at(1, cast.ada, tickets.one, ref).ticket.id for ref in refs]
    with statements() as few:
        run(cast.ada, standing.of_tickets, ids[:1])
    with statements() as many:
        found = run(cast.ada, standing.of_tickets, ids)
    assert len(few) == len(many) and {len(rows) for rows in found.values()} == {2}
