"""The clocks on a ticket, to the second."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from helpdesk import clock
from helpdesk.domain.people import Actor
from helpdesk.domain.sla import Metric
from helpdesk.models import Activity, Priority, SlaPolicy, SlaTarget, Ticket, Timer
from helpdesk.services import organizations, sla, tickets
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import Cast

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
# Minutes: medium 60 to answer and 240 to resolve, urgent 10 and 40, low only 600 to resolve.
TARGETS = {"medium": (60, 240), "urgent": (10, 40), "low": (None, 600), "high": (None, None)}


@pytest.fixture(autouse=True)
def promises(cast: Cast) -> None:
    """An hour to answer, four to resolve."""

    def promise(ctx: Context) -> None:
        for target in ctx.session.exec(select(SlaTarget)).all():
            ctx.session.delete(target)
        ctx.session.flush()
        policy = ctx.session.exec(select(SlaPolicy)).one()
        for priority in ctx.session.exec(select(Priority)).all():
            for metric, minutes in zip((Metric.FIRST_RESPONSE, Metric.RESOLUTION), TARGETS[priority.slug], strict=True):
                if minutes:
                    ctx.session.add(
                        SlaTarget(policy_id=policy.id, priority_id=priority.id, metric=metric, seconds=minutes * 60)
                    )
        organizations.catalog_changed(ctx)

    run(cast.desk, promise)


def _at(minutes: float, actor: Actor, verb: Callable, *args: object, **more: object):
    with clock.frozen(START + timedelta(minutes=minutes)):
        return run(actor, verb, *args, **more)


def _file(cast: Cast, priority: str = "medium") -> str:
    return _at(0, cast.rita, tickets.create, title="Slow", description="x", priority=priority)


def _sweep(cast: Cast, minutes: float) -> int:
    return _at(minutes, cast.desk, sla.sweep)


def _timers(cast: Cast, ref: str) -> dict[str, tuple[str, float | None]]:
    """metric -> (state, minutes from the start until due)"""

    def read(ctx: Context) -> dict[str, tuple[str, float | None]]:
        found = ctx.session.exec(
            select(Timer).join(Ticket, Ticket.id == Timer.ticket_id).where(Ticket.reference == ref)
        )
        return {
            one.metric: (one.state, (one.due_at - START) / timedelta(minutes=1) if one.due_at else None)
            for one in found
        }

    return run(cast.desk, read)


def _said(cast: Cast, prefix: str = "sla.") -> list[str]:
    def read(ctx: Context) -> list[str]:
        rows = ctx.session.exec(select(Activity).where(Activity.kind.startswith(prefix)).order_by(Activity.id)).all()
        return [f"{row.kind.removeprefix('sla.')} {row.data.get('metric', '')}" for row in rows]

    return run(cast.desk, read)


def _shown(cast: Cast, ref: str) -> tuple[str, float | None]:
    row = run(cast.ada, tickets.one, ref).ticket
    due = (datetime.fromisoformat(row.sla_due_at) - START) / timedelta(minutes=1) if row.sla_due_at else None
    return row.sla_status, due


def test_both_clocks_start_with_the_ticket(cast: Cast) -> None:
    ref = _file(cast)
    assert _timers(cast, ref) == {"first_response": ("running", 60), "resolution": ("running", 240)}
    assert _shown(cast, ref) == ("ok", 60)


def test_without_a_promise_there_is_no_clock(cast: Cast) -> None:
    ref = _file(cast, "high")
    assert _timers(cast, ref) == {} and _shown(cast, ref) == ("none", None)
    _at(5, cast.ada, tickets.reply, ref, "Hello", then="resolved")
    assert _shown(cast, ref) == ("none", None)


def test_the_first_public_answer_meets_the_promise(cast: Cast) -> None:
    ref = _file(cast)
    _at(10, cast.ada, tickets.note, ref, "A note is no answer")
    _at(11, cast.rita, tickets.reply, ref, "Neither is the customer's")
    assert _timers(cast, ref)["first_response"][0] == "running"
    _at(12, cast.ada, tickets.reply, ref, "Hello")
    _at(13, cast.ada, tickets.reply, ref, "Hello again")
    assert _timers(cast, ref) == {"first_response": ("met", 60), "resolution": ("running", 240)}
    assert _said(cast) == ["met first response"] and _shown(cast, ref) == ("ok", 240)


def test_waiting_for_the_customer_stops_the_clock_exactly(cast: Cast) -> None:
    ref = _file(cast)
    _at(30, cast.ada, tickets.reply, ref, "Which printer?", then="waiting")
    assert _timers(cast, ref)["resolution"] == ("paused", 240) and _shown(cast, ref) == ("paused", None)
    assert _sweep(cast, 10_000) == 0
    _at(130.5, cast.rita, tickets.reply, ref, "The red one")
    assert _timers(cast, ref)["resolution"] == ("running", 340.5)
    _at(150, cast.ada, tickets.change_status, ref, "on_hold")
    _at(160, cast.ada, tickets.change_status, ref, "waiting")
    _at(200, cast.ada, tickets.change_status, ref, "in_progress")
    assert _timers(cast, ref)["resolution"] == ("running", 390.5)


def test_moving_between_open_statuses_touches_no_clock(cast: Cast) -> None:
    ref = _file(cast)
    for minute, status in ((1, "open"), (2, "in_progress"), (3, "open")):
        _at(minute, cast.ada, tickets.change_status, ref, status)
    assert _timers(cast, ref) == {"first_response": ("running", 60), "resolution": ("running", 240)}


def test_resolving_in_time_and_staying_so(cast: Cast) -> None:
    ref = _file(cast)
    _at(20, cast.ada, tickets.reply, ref, "Done", then="resolved")
    assert _sweep(cast, 10_000) == 0 and _shown(cast, ref) == ("met", None)
    _at(30, cast.rita, tickets.confirm, ref)
    assert _said(cast) == ["met first response", "met resolution"] and _shown(cast, ref) == ("met", None)


def test_reopening_goes_on_where_it_stopped(cast: Cast) -> None:
    ref = _file(cast)
    _at(40, cast.ada, tickets.reply, ref, "Done", then="resolved")
    _at(1040, cast.rita, tickets.reply, ref, "Not at all")
    assert _timers(cast, ref) == {"first_response": ("met", 60), "resolution": ("running", 1240)}
    assert _shown(cast, ref) == ("ok", 1240)


def test_another_priority_counts_from_the_start_with_the_same_pauses(cast: Cast) -> None:
    ref = _file(cast)
    _at(5, cast.ada, tickets.change_status, ref, "waiting")
    _at(15, cast.ada, tickets.change_status, ref, "open")
    _at(16, cast.ada, tickets.prioritise, ref, "urgent")
    assert _timers(cast, ref) == {"first_response": ("running", 20), "resolution": ("running", 50)}
    _at(17, cast.ada, tickets.prioritise, ref, "low")
    assert _timers(cast, ref) == {"resolution": ("running", 610)} and _shown(cast, ref) == ("ok", 610)
    _at(18, cast.ada, tickets.prioritise, ref, "high")
    assert _timers(cast, ref) == {} and _shown(cast, ref) == ("none", None)
    _at(19, cast.ada, tickets.prioritise, ref, "medium")
    assert _timers(cast, ref) == {"first_response": ("running", 70), "resolution": ("running", 250)}


def test_another_priority_while_waiting_counts_when_work_goes_on(cast: Cast) -> None:
    ref = _file(cast)
    _at(5, cast.ada, tickets.change_status, ref, "waiting")
    _at(10, cast.ada, tickets.prioritise, ref, "urgent")
    assert {state for state, _ in _timers(cast, ref).values()} == {"paused"} and _shown(cast, ref) == ("paused", None)
    _at(105, cast.ada, tickets.change_status, ref, "open")
    assert _timers(cast, ref) == {"first_response": ("running", 110), "resolution": ("running", 140)}


def test_a_new_priority_promises_nothing_that_is_done(cast: Cast) -> None:
    ref = _file(cast, "low")
    _at(1, cast.ada, tickets.reply, ref, "Hello")
    _at(30, cast.ada, tickets.prioritise, ref, "urgent")
    assert _timers(cast, ref) == {"resolution": ("running", 40)}, "it was answered long ago"
    quiet = _file(cast, "high")
    _at(1, cast.ada, tickets.change_status, quiet, "resolved")
    _at(2, cast.ada, tickets.prioritise, quiet, "medium")
    assert "resolution" not in _timers(cast, quiet)


def test_a_warning_at_its_share_then_the_breach_each_once(cast: Cast) -> None:
    ref = _file(cast)
    assert _sweep(cast, 47.9) == 0
    assert _sweep(cast, 48) == 1 and _sweep(cast, 48) == 0
    assert _said(cast) == ["warning first response"] and _shown(cast, ref) == ("at_risk", 60)
    assert _sweep(cast, 59.9) == 0
    assert _sweep(cast, 60) == 1 and _sweep(cast, 61) == 0
    assert _said(cast) == ["warning first response", "breached first response"]
    assert _shown(cast, ref) == ("breached", 60)


def test_a_late_sweep_goes_straight_to_the_breach(cast: Cast) -> None:
    _file(cast)
    assert _sweep(cast, 1000) == 2 and _sweep(cast, 1001) == 0
    assert sorted(_said(cast)) == ["breached first response", "breached resolution"]


def test_a_late_answer_is_late_even_if_no_sweep_saw_it(cast: Cast) -> None:
    ref = _file(cast)
    _at(61, cast.ada, tickets.reply, ref, "Sorry")
    assert _said(cast) == ["breached first response"]
    assert _timers(cast, ref)["first_response"][0] == "breached"
    assert _shown(cast, ref) == ("ok", 240), "the next promise counts again"
    assert _sweep(cast, 100) == 0


@pytest.mark.parametrize("status", ["waiting", "on_hold"])
def test_pausing_after_the_deadline_hides_no_breach(cast: Cast, status: str) -> None:
    ref = _file(cast)
    _at(10, cast.ada, tickets.reply, ref, "Hello")
    _at(300, cast.ada, tickets.change_status, ref, status)
    _at(310, cast.ada, tickets.change_status, ref, "resolved")
    assert _said(cast) == ["met first response", "breached resolution"]
    assert _shown(cast, ref)[0] == "breached"


def test_a_breach_stays_when_the_ticket_reopens(cast: Cast) -> None:
    ref = _file(cast)
    _sweep(cast, 500)
    _at(510, cast.ada, tickets.reply, ref, "Done", then="resolved")
    _at(520, cast.rita, tickets.still_a_problem, ref)
    assert _timers(cast, ref)["resolution"][0] == "breached" and _shown(cast, ref)[0] == "breached"
    _sweep(cast, 10_000)
    assert len(_said(cast)) == len(set(_said(cast)))


def test_only_due_timers_are_looked_at(cast: Cast) -> None:
    _file(cast), _file(cast, "urgent"), _file(cast, "low")
    assert _sweep(cast, 9) == 1, "only the urgent answer is due soon"


def test_a_sweep_of_another_organization_touches_nothing(cast: Cast) -> None:
    _file(cast)
    with clock.frozen(START + timedelta(minutes=1000)):
        assert run(cast.eve, sla.sweep) == 0
        assert sla.organizations_due() == [cast.acme.id]
    _sweep(cast, 1000)
    with clock.frozen(START + timedelta(minutes=2000)):
        assert sla.organizations_due() == []


def test_more_than_a_batch_and_more_than_a_hundred_activities(cast: Cast) -> None:
    for _ in range(60):
        _file(cast)
    assert _sweep(cast, 1000) == 120 and len(_said(cast, "sla.breached")) == 120


def test_customers_see_no_clocks(cast: Cast) -> None:
    ref = _file(cast)
    _sweep(cast, 1000)
    seen = run(cast.rita, tickets.one, ref)
    assert seen.timers == () and (seen.ticket.sla_status, seen.ticket.sla_due_at) == ("none", "")


def test_filed_on_behalf_of_a_customer_the_first_answer_is_promised_all_the_same(cast: Cast) -> None:
    ref = _at(
        0, cast.ada, tickets.create, title="By phone", description="She says it burns", priority="medium",
        requester_id=cast.rita.person_id, channel="phone",
    )  # fmt: skip
    assert _timers(cast, ref)["first_response"] == ("running", 60), "what staff write down is no answer"
    _at(5, cast.ada, tickets.reply, ref, "As I said on the phone: pull the plug")
    assert _timers(cast, ref)["first_response"][0] == "met" and _said(cast) == ["met first response"]


def test_a_snoozed_ticket_is_promised_what_it_was(cast: Cast) -> None:
    ref = _file(cast)
    _at(5, cast.ada, tickets.snooze, ref, until=START + timedelta(minutes=600))
    assert _timers(cast, ref) == {"first_response": ("running", 60), "resolution": ("running", 240)}
    assert _sweep(cast, 50) == 1 and _said(cast) == ["warning first response"], "nobody snoozes a deadline away"


def test_closed_at_once_the_work_is_done_and_the_answer_neither_given_nor_late(cast: Cast) -> None:
    ref = _file(cast)
    _at(30, cast.ada, tickets.change_status, ref, "closed")
    assert _timers(cast, ref) == {"first_response": ("paused", 60), "resolution": ("met", 240)}
    assert _said(cast) == ["met resolution"] and _sweep(cast, 10_000) == 0


def test_merged_into_another_its_promises_are_taken_off(cast: Cast) -> None:
    ref, target = _file(cast), _file(cast)
    _at(70, cast.desk, sla.sweep)
    _at(71, cast.ada, tickets.merge, ref, into=target)
    assert _timers(cast, ref) == {"first_response": ("breached", 60)}, "what was late stays late"
    assert _timers(cast, target)["resolution"] == ("running", 240)
