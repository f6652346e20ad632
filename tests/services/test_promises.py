"""Policies choose themselves, promise the next answer, and clocks follow what administrators change."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from helpdesk import clock
from helpdesk.domain.conditions import from_json
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from helpdesk.domain.escalation import Since, Step
from helpdesk.domain.people import Actor
from helpdesk.models import Activity, Delivery, SlaRun, Ticket, Timer
from helpdesk.services import (
    catalog,
    companies,
    compliance,
    configuration,
    deadlines,
    escalations,
    organizations,
    priorities,
    promises,
    reactions,
    simulator,
    sla,
    sla_runs,
    statuses,
    tags,
    teams,
    tickets,
)
from helpdesk.services.compliance import By
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import Cast

START = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
WEEK = {day: ["09:00-17:00"] for day in promises.DAYS[:5]}


def _at(minutes: float, actor: Actor, verb: Callable, *args: object, **more: object) -> Any:
    with clock.frozen(START + timedelta(minutes=minutes)):
        return run(actor, verb, *args, **more)


def _policy(cast: Cast, name: str = "Demo", **more: Any) -> int:
    facts = {
        "calendar": None, "is_active": True,
        "targets": {"medium": {"first_response": HOUR, "next_response": 2 * HOUR, "resolution": 4 * HOUR},
                    "high": {"first_response": HOUR / 2, "resolution": 2 * HOUR}},
    }  # fmt: skip
    return run(cast.adam, promises.save_policy, name=name, **facts | more)


def _file(cast: Cast, minutes: float = 0, **more: Any) -> str:
    return _at(minutes, cast.rita, tickets.create, title="Slow", description="x", **more)


def _timers(cast: Cast, ref: str) -> list[tuple[str, str, float | None]]:
    def read(ctx: Context) -> list[tuple[str, str, float | None]]:
        query = select(Timer).join(Ticket, Ticket.id == Timer.ticket_id).where(Ticket.reference == ref)
        return [
            (one.metric, one.state, (one.due_at - START) / timedelta(minutes=1) if one.due_at else None)
            for one in ctx.session.exec(query.order_by(Timer.id)).all()
        ]

    return run(cast.desk, read)


def _derive(cast: Cast, minutes: float) -> None:
    """What the job does."""
    waiting = run(cast.desk, lambda ctx: ctx.session.exec(select(SlaRun.id).where(SlaRun.finished_at == None)).all())  # noqa: E711
    for run_id in waiting:
        while _at(minutes, cast.desk, sla_runs.proceed, run_id):
            pass


def test_the_first_policy_that_fits_is_it(cast: Cast) -> None:
    hardware = run(cast.adam, catalog.save_category, name="Hardware")
    _policy(cast)
    _policy(
        cast, "VIP", conditions={"all": [["category", "any", str(hardware)], ["company", "any", str(cast.northwind)]]},
        targets={"medium": {"resolution": HOUR}},
    )  # fmt: skip
    assert _timers(cast, _file(cast, category_id=hardware))[-1][2] == 240, "the one for everybody stands before it"
    run(cast.adam, promises.reorder_policies, ["VIP", "Demo"])
    ref = _file(cast, category_id=hardware)
    assert _timers(cast, ref) == [("resolution", "running", 60)]
    assert _timers(cast, _file(cast))[-1][2] == 240, "no category, no VIP"
    _at(5, cast.ada, tickets.categorise, ref, None)
    assert _timers(cast, ref)[0][2] == 240 or _timers(cast, ref)[1][2] == 240
    assert {metric for metric, _, _ in _timers(cast, ref)} == {"first_response", "resolution"}
    _at(6, cast.ada, tickets.categorise, ref, hardware)
    assert _timers(cast, ref) == [("resolution", "running", 60)]


def test_tags_teams_and_channels_choose_too(cast: Cast) -> None:
    _policy(cast, "Tagged", conditions={"all": [["tag", "any", "vip"]]}, targets={"medium": {"resolution": HOUR}})
    run(cast.adam, promises.reorder_policies, ["Tagged", "Demo"])
    _policy(cast)
    ref = _file(cast)
    _at(1, cast.ada, tickets.tag, ref, ["VIP"])
    assert _timers(cast, ref) == [("resolution", "running", 60)]
    _policy(
        cast,
        "Tagged",
        conditions={"all": [["team", "any", str(cast.billing)], ["channel", "is", "web"]]},
        targets={"medium": {"resolution": 3 * HOUR}},
    )
    moved = _file(cast)
    _at(2, cast.ada, tickets.move_to_team, moved, team_id=cast.billing)
    assert _timers(cast, moved) == [("resolution", "running", 180)]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"targets": {}}, "targets"),
        ({"targets": {"medium": {"resolution": timedelta()}}}, "targets"),
        ({"targets": {"medium": {"resolution": timedelta(days=900)}}}, "targets"),
        ({"targets": {"medium": {"lunch": HOUR}}}, "targets"),
        ({"targets": {"someday": {"resolution": HOUR}}}, "targets"),
        ({"calendar": "Nowhere"}, "calendar"),
        ({"warning_share": 0}, "warning_share"),
        ({"conditions": {"all": [["status", "is", "open"]]}}, "where"),
        ({"conditions": {"all": [["team", "is", "999999"]]}}, "where"),
        ({"conditions": {"all": [["priority", "was", "low"]]}}, "where"),
        ({"conditions": {"all": [["company", "is", "999999"]]}}, "where"),
        ({"name": " "}, "name"),
    ],
)
def test_what_no_policy_can_be_is_refused_with_its_field(cast: Cast, facts: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        _policy(cast, **facts)
    assert field in refused.value.fields


def test_only_administrators_arrange_promises(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        run(cast.max, promises.save_calendar, name="x", timezone="UTC")
    with pytest.raises(NotAllowed):
        run(cast.ada, promises.policy_rows)


def test_clocks_that_run_warn_by_another_share_of_the_organization(cast: Cast) -> None:
    _policy(cast)
    ref = _file(cast)
    now = run(cast.adam, organizations.mine)
    kept = {name: getattr(now, name) for name in ("name", "timezone", "accent", "public_form", "auto_close_hours")}
    _at(1, cast.adam, organizations.change, **kept, warning_share=50)
    _derive(cast, 2)
    query = select(Timer.warn_at).join(Ticket, Ticket.id == Timer.ticket_id).where(Ticket.reference == ref)
    warned = run(cast.desk, lambda ctx: ctx.session.exec(query.order_by(Timer.due_at)).all())
    assert [(at - START) / timedelta(minutes=1) for at in warned] == [30, 120]


def test_each_further_question_has_its_own_clock(cast: Cast) -> None:
    _policy(cast)
    ref = _file(cast)
    _at(1, cast.rita, tickets.reply, ref, "Hello?")
    assert [one[0] for one in _timers(cast, ref)] == ["first_response", "resolution"], (
        "the first answer is still to come"
    )
    _at(10, cast.ada, tickets.reply, ref, "Which printer?", then="waiting")
    _at(20, cast.rita, tickets.reply, ref, "The red one")
    _at(30, cast.rita, tickets.reply, ref, "Are you there?")
    assert _timers(cast, ref)[2:] == [("next_response", "running", 140)]
    _at(40, cast.ada, tickets.reply, ref, "Yes")
    _at(50, cast.rita, tickets.reply, ref, "And now?")
    assert _timers(cast, ref)[2:] == [("next_response", "met", 140), ("next_response", "running", 170)]
    _at(171, cast.desk, sla.sweep)
    _at(180, cast.ada, tickets.reply, ref, "Sorry", then="resolved")
    assert [state for _, state, _ in _timers(cast, ref)] == ["met", "met", "met", "breached"]


def test_clocks_follow_a_changed_policy_and_calendar(cast: Cast) -> None:
    run(cast.adam, promises.save_calendar, name="Office", timezone="UTC", week=WEEK)
    _policy(cast, calendar="Office")
    _derive(cast, 0)
    ref = _file(cast, 60)
    _at(70, cast.ada, tickets.reply, ref, "Hello")
    assert _timers(cast, ref) == [("first_response", "met", 120), ("resolution", "running", 300)]
    _policy(cast, calendar="Office", targets={"medium": {"resolution": 8 * HOUR}})
    _derive(cast, 80)
    assert _timers(cast, ref) == [("first_response", "met", 120), ("resolution", "running", 24 * 60 + 60)]
    run(cast.adam, promises.save_calendar, name="Office", timezone="UTC", week={**WEEK, "tuesday": ["12:00-17:00"]})
    _derive(cast, 90)
    assert _timers(cast, ref)[1] == ("resolution", "running", 24 * 60 + 240)
    run(
        cast.adam,
        promises.save_policy,
        name="Demo",
        calendar="Office",
        is_active=False,
        targets={"medium": {"resolution": HOUR}},
    )
    _derive(cast, 100)
    assert _timers(cast, ref) == [("first_response", "met", 120)], "what was met stays"


def test_no_promise_is_broken_before_it_is_made(cast: Cast) -> None:
    run(cast.adam, promises.delete_policy, "Demo")
    _derive(cast, 0)
    old, fresh = _file(cast, 0), _file(cast, 500)
    _policy(cast, "New")
    _derive(cast, 510)
    assert _timers(cast, old) == [] and len(_timers(cast, fresh)) == 2
    assert (
        run(cast.desk, lambda ctx: ctx.session.exec(select(Activity).where(Activity.kind == "sla.breached")).all())
        == []
    )


def test_what_is_late_stays_late_and_is_not_said_twice(cast: Cast) -> None:
    _policy(cast, targets={"medium": {"resolution": HOUR}})
    ref = _file(cast)
    _at(70, cast.desk, sla.sweep)
    _policy(cast, targets={"medium": {"resolution": HOUR / 2}})
    _derive(cast, 80)
    assert _timers(cast, ref) == [("resolution", "breached", 30)]
    _at(90, cast.desk, sla.sweep)
    said = run(cast.desk, lambda ctx: ctx.session.exec(select(Activity).where(Activity.kind == "sla.breached")).all())
    assert len(said) == 1
    _policy(cast, targets={"medium": {"resolution": 9 * HOUR}})
    _derive(cast, 95)
    assert _timers(cast, ref) == [("resolution", "running", 540)], "given more time, it is not late"


def test_a_policys_own_share_warns(cast: Cast) -> None:
    _policy(cast, warning_share=50, targets={"medium": {"resolution": HOUR}})
    _file(cast)
    assert _at(29, cast.desk, sla.sweep) == 0 and _at(30, cast.desk, sla.sweep) == 1


def test_clocks_follow_what_a_status_means(cast: Cast) -> None:
    _policy(cast)
    in_progress = next(row for row in run(cast.adam, statuses.listing) if row.slug == "in_progress")
    form = {"label": in_progress.label, "customer_label": in_progress.customer_label, "colour": in_progress.colour}
    ref, other = _file(cast), _file(cast)
    _at(10, cast.ada, tickets.take, ref)
    _at(10, cast.ada, tickets.change_status, ref, "in_progress")
    _at(10, cast.ada, tickets.take, other)
    untouched = _timers(cast, other)

    _at(60, cast.adam, statuses.save, in_progress.id, category="pending", **form)
    _derive(cast, 60)
    assert _timers(cast, ref)[1] == ("resolution", "paused", 240)
    assert _timers(cast, other) == untouched
    paused = run(cast.ada, tickets.one, ref)
    assert (paused.ticket.status_category, paused.ticket.sla_status) == (
        "pending",
        "breached",
    )  # the first answer is late

    _at(90, cast.adam, statuses.save, in_progress.id, category="open", **form)
    _derive(cast, 90)
    assert _timers(cast, ref)[1] == ("resolution", "running", 270), "what it stood still is added"
    told = _at(120, cast.ada, deadlines.explain, ref)[1]
    assert [one.text for one in told.steps if one.kind == "paused"] == [
        "Paused: Adam Admin set it to In progress (redefined as pending)"
    ]
    assert [row.kind for row in run(cast.ada, tickets.history, ref)].count("ticket.status_redefined") == 2


def test_a_ticket_moved_before_its_redefined_status_reached_it_stands_still_all_the_same(cast: Cast) -> None:
    _policy(cast)
    in_progress = next(row for row in run(cast.adam, statuses.listing) if row.slug == "in_progress")
    ref = _file(cast)
    _at(10, cast.ada, tickets.take, ref)
    _at(10, cast.ada, tickets.change_status, ref, "in_progress")
    form = {"label": in_progress.label, "customer_label": in_progress.customer_label, "colour": in_progress.colour}
    _at(60, cast.adam, statuses.save, in_progress.id, category="pending", **form)
    _at(61, cast.ada, tickets.change_status, ref, "on_hold")
    assert _timers(cast, ref)[1] == ("resolution", "paused", 240)
    _derive(cast, 62)
    assert _timers(cast, ref)[1] == ("resolution", "paused", 240)
    _at(91, cast.ada, tickets.change_status, ref, "open")
    assert _timers(cast, ref)[1] == ("resolution", "running", 270)


def test_a_deadline_explains_itself(cast: Cast) -> None:
    holidays = {"2026-11-25": "Founders' Day", "11-24": {"name": "Half day", "hours": ["12:00-24:00"]}}
    run(cast.adam, promises.save_calendar, name="Office", timezone="UTC", week=WEEK, holidays=holidays)
    _policy(cast, calendar="Office", targets={"medium": {"resolution": 14 * HOUR}})
    ref = _file(cast)
    _at(60, cast.ada, tickets.reply, ref, "Which printer?", then="waiting")
    _at(120, cast.rita, tickets.reply, ref, "The red one")
    [told] = _at(180, cast.ada, deadlines.explain, ref)
    assert (told.target, told.elapsed, told.remaining, told.calendar) == ("14h", "2h", "12h", "Office")
    assert [(one.kind, one.counted, one.total, one.is_future) for one in told.steps] == [
        ("counted", "+1h", "1h", False),
        ("paused", "", "1h", False),
        ("counted", "+1h", "2h", False),
        ("counted", "+5h", "7h", True),
        ("closed", "", "7h", True),
        ("counted", "+3h", "10h", True),
        ("holiday", "", "10h", True),
        ("holiday", "", "10h", True),
        ("closed", "", "10h", True),
        ("counted", "+4h", "14h", True),
    ]
    assert told.steps[1].text == "Paused: Ada Agent set it to Waiting on customer"
    assert told.steps[7].text == "Holiday: Founders' Day" and told.due_at.startswith("2026-11-26T13:00")
    _at(181, cast.ada, tickets.change_status, ref, "waiting")
    [paused] = _at(300, cast.ada, deadlines.explain, ref)
    assert paused.status == "paused" and paused.due_at == "" and paused.elapsed == "2h 1m"
    with pytest.raises(NotAllowed):
        run(cast.rita, deadlines.explain, ref)


def test_history_tells_the_same_as_the_clocks(cast: Cast) -> None:
    """What is derived afterwards is what was recorded at the time."""
    run(cast.adam, promises.save_calendar, name="Office", timezone="Europe/Berlin", week=WEEK)
    _policy(cast, calendar="Office")
    refs = [_file(cast, 10 * number, priority=("medium", "high")[number % 2]) for number in range(6)]
    deeds = [
        (cast.ada, tickets.reply, "Which printer?", "waiting"), (cast.rita, tickets.reply, "The red one", ""),
        (cast.ada, tickets.reply, "Done", "resolved"), (cast.rita, tickets.reply, "Not at all", ""),
        (cast.ada, tickets.reply, "Now?", ""), (cast.rita, tickets.reply, "No", ""), (cast.ada, tickets.reply, "Done", "resolved"),
    ]  # fmt: skip
    minute = 60
    for number, (who, verb, text, then) in enumerate(deeds):
        for at, ref in enumerate(refs[: len(refs) - number // 2]):
            minute += 7 + 11 * at
            while _at(minute, cast.desk, sla.sweep):
                pass
            _at(minute, who, verb, ref, text, **({"then": then} if then else {}))
        if number == 3:
            _at(minute, cast.ada, tickets.prioritise, refs[0], "high")
    while _at(minute + 1, cast.desk, sla.sweep):
        pass

    told = _at(minute + 1, cast.adam, simulator.start, days=30)
    assert told.is_finished and (told.total, told.done, told.changed, told.tickets) == (6, 6, 0, ())
    assert sum(row.met_then + row.late_then for row in told.rows) >= 14
    assert all((row.met_then, row.late_then) == (row.met_now, row.late_now) for row in told.rows)
    assert any(row.late_then for row in told.rows) and any(row.met_then for row in told.rows)


def test_a_draft_is_simulated_and_changes_nothing(cast: Cast) -> None:
    _policy(cast)
    late, kept = _file(cast), _file(cast)
    _at(30, cast.ada, tickets.reply, kept, "Hello")
    _at(90, cast.desk, sla.sweep)
    _at(90, cast.ada, tickets.reply, late, "Sorry")
    before = [_timers(cast, late), _timers(cast, kept)]
    policy_id = run(cast.adam, promises.policy_rows)[0].id
    draft = {"id": policy_id, "name": "Demo", "calendar": None, "is_active": True, "conditions": None,
             "targets": {"medium": {"first_response": 2 * HOUR}}}  # fmt: skip
    told = _at(100, cast.adam, simulator.start, days=30, policy=draft)
    first = next(row for row in told.rows if row.metric == "First response")
    assert (first.share_then, first.share_now) == ("50 %", "100 %")
    assert [(one.reference, one.then, one.now) for one in told.tickets if one.metric == "first response"] == [
        (late, "late", "met")
    ]
    assert {one.now for one in told.tickets if one.metric == "resolution"} == {"no promise"}
    run(cast.adam, promises.save_calendar, name="Mornings", timezone="UTC", week={"monday": ["09:00-09:45"]})
    run(
        cast.adam,
        promises.save_policy,
        name="Demo",
        calendar="Mornings",
        is_active=True,
        targets={"medium": {"first_response": HOUR}},
    )
    [row] = run(cast.adam, promises.calendar_rows)
    wide = {"id": row.id, "timezone": "UTC", "week": {}, "holidays": {}, "openings": {}}
    assert _at(100, cast.adam, simulator.start, days=90, calendar=wide).rows[0].share_now == "50 %"
    assert [_timers(cast, late), _timers(cast, kept)] == before
    with pytest.raises(Invalid):
        run(cast.adam, simulator.start, days=7)
    with pytest.raises(NotFound):
        run(cast.olga, simulator.progress, told.id)
    assert _at(100, cast.adam, simulator.progress, told.id) == told


def test_how_promises_are_kept(cast: Cast) -> None:
    _policy(cast)
    late, kept = _file(cast), _file(cast)
    _at(5, cast.ada, tickets.reply, kept, "Hello")
    _at(61, cast.desk, sla.sweep)
    [row] = _at(70, cast.adam, compliance.compliance, By.POLICY)
    assert (row.name, row.met, row.breached, row.running, row.share) == ("Demo", 1, 1, 2, "50 %")
    assert {one.name: one.share for one in _at(70, cast.max, compliance.compliance, By.METRIC)} == {
        "First response": "50 %", "Resolution": "",
    }  # fmt: skip
    assert [one.name for one in _at(70, cast.max, compliance.compliance, By.PRIORITY)] == ["Medium"]
    assert [one.name for one in _at(70, cast.max, compliance.compliance, By.TEAM)] == ["No team"]
    [breach] = _at(70, cast.max, compliance.recent_breaches)
    assert (breach.reference, breach.metric) == (late, "first response")
    with pytest.raises(NotAllowed):
        run(cast.rita, compliance.recent_breaches)


def test_broken_promises_are_listed_before_and_after_anybody_noticed(cast: Cast) -> None:
    _policy(cast)
    late = _file(cast)
    [seen] = _at(61, cast.max, compliance.late, is_noticed=False)
    assert (seen.reference, seen.metric, seen.target_seconds, seen.noticed_at) == (late, "first_response", 3600, "")
    assert _at(61, cast.max, compliance.late) == ()
    _at(61, cast.desk, sla.sweep)
    assert _at(62, cast.max, compliance.late, is_noticed=False) == ()
    [noticed] = _at(62, cast.max, compliance.late, metric="first_response")
    assert noticed.id == seen.id and noticed.noticed_at
    assert _at(62, cast.max, compliance.late, metric="resolution") == ()
    assert _at(62, cast.max, compliance.late, before=noticed.id) == ()
    with pytest.raises(NotAllowed):
        run(cast.ada, compliance.late)


def test_calendars_are_arranged_and_one_in_use_stays(cast: Cast) -> None:
    made = run(cast.adam, promises.save_calendar, name="Office", timezone="UTC", week=WEEK)
    _policy(cast, calendar="Office")
    with pytest.raises(Conflict, match="“Demo” uses the calendar “Office”"):
        run(cast.adam, promises.delete_calendar, "Office")
    run(cast.adam, promises.save_calendar, made, name="Bureau", timezone="UTC", week=WEEK)
    [row] = _at(0, cast.adam, promises.calendar_rows)
    assert (row.name, row.used_by, row.is_open, row.days[0], row.days[6]) == (
        "Bureau",
        ("Demo",),
        True,
        "09:00-17:00",
        "",
    )
    [row] = _at(9 * 60, cast.adam, promises.calendar_rows)
    assert not row.is_open and row.opens_at.startswith("2026-11-24T09:00")
    _policy(cast)
    run(cast.adam, promises.delete_calendar, "Bureau")
    said = run(
        cast.desk,
        lambda ctx: ctx.session.exec(
            select(Activity.kind).where(Activity.kind.startswith("calendar.")).order_by(Activity.id)  # type: ignore[attr-defined]
        ).all(),
    )  # type: ignore[attr-defined]
    assert said == ["calendar.created", "calendar.changed", "calendar.deleted"]


def test_presets_come_switched_off(cast: Cast) -> None:
    run(cast.adam, promises.add_preset, "enterprise")
    row = next(one for one in run(cast.adam, promises.policy_rows) if one.name == "Enterprise")
    assert (
        not row.is_active and row.targets["urgent/resolution"] == "4h" and row.targets["urgent/first_response"] == "1h"
    )
    run(cast.adam, promises.add_preset, "demo")
    demo = next(one for one in run(cast.adam, promises.policy_rows) if one.name == "Demo 2")
    assert demo.targets == {
        "urgent/resolution": "1m",
        "high/resolution": "1m",
        "medium/resolution": "4m",
        "low/resolution": "1h",
    }


def _mails(cast: Cast, minutes: float) -> list[tuple[str, str]]:
    ids = run(
        cast.desk, lambda ctx: list(ctx.session.exec(select(Activity.id).where(col(Activity.reacted_at).is_(None))))
    )
    _at(minutes, cast.desk, reactions.react, ids)

    def read(ctx: Context) -> list[tuple[str, str]]:
        found = ctx.session.exec(select(Delivery).where(col(Delivery.template).startswith("sla_"))).all()
        return sorted((one.template, one.to_address.partition("@")[0]) for one in found)

    return run(cast.desk, read)


def test_the_assignee_is_warned_and_managers_learn_of_breaches(cast: Cast) -> None:
    _policy(cast, targets={"medium": {"resolution": HOUR}})
    ref = _file(cast)
    _at(1, cast.ada, tickets.take, ref)
    _at(50, cast.desk, sla.sweep)
    assert _mails(cast, 50) == [("sla_warning", "ada")]
    _at(61, cast.desk, sla.sweep)
    assert _mails(cast, 61) == [("sla_breached", "ada"), ("sla_breached", "max"), ("sla_warning", "ada")]


def test_stopped_for_an_hour_the_sweep_catches_up_in_order(cast: Cast) -> None:
    _policy(cast, targets={"medium": {"resolution": HOUR}})
    refs = [_file(cast, minute) for minute in (3, 1, 2)]
    _at(120, cast.desk, sla.sweep)
    said = run(cast.desk, lambda ctx: [
        row.data["due_at"] for row in ctx.session.exec(select(Activity).where(Activity.kind == "sla.breached").order_by(col(Activity.id)))
    ])  # fmt: skip
    assert len(said) == len(refs) and said == sorted(said)


def test_what_a_policy_asks_for_is_not_deleted(cast: Cast) -> None:
    hardware = run(cast.adam, catalog.save_category, name="Hardware")
    _policy(
        cast,
        "VIP",
        conditions={"all": [["category", "is", str(hardware)], ["team", "is", str(cast.billing)]]},
        is_active=False,
    )
    with pytest.raises(Conflict, match="“VIP” asks for “Hardware”"):
        run(cast.adam, catalog.delete_category, hardware)
    with pytest.raises(Conflict, match="“VIP” asks for “Billing”"):
        run(cast.adam, teams.delete, cast.billing)


def test_a_policy_does_not_lose_its_last_promise_with_a_priority(cast: Cast) -> None:
    spare = run(cast.adam, priorities.save, label="Spare", rank=5)
    slug = next(row.slug for row in run(cast.adam, priorities.listing) if row.id == spare)
    _policy(cast, "Only spare", targets={slug: {"resolution": HOUR}}, is_active=False)
    with pytest.raises(Conflict, match="“Only spare” promises for “Spare” alone"):
        run(cast.adam, priorities.delete, spare)
    run(cast.adam, promises.delete_policy, "Only spare")
    run(cast.adam, priorities.delete, spare)


def test_what_an_escalation_policy_asks_for_or_tells_is_not_deleted(cast: Cast) -> None:
    tower = run(cast.adam, companies.save, name="Tower")
    vip = run(cast.adam, tags.save, name="vip")
    other = run(cast.adam, tags.save, name="other")
    idle = run(cast.adam, teams.save, name="Idle")
    where = from_json(
        {"any": [["company", "is", str(tower)], {"all": [["tag", "is", "vip"], ["priority", "is", "urgent"]]}]}
    )
    steps = [Step(Since.BREACH, timedelta(), (f"team:{idle}",))]
    run(cast.adam, escalations.save, name="Late", where=where, steps=steps)
    for verb, given, more in (
        (companies.delete, tower, {}), (tags.delete, vip, {}), (tags.merge, vip, {"into": other}), (tags.save, vip, {"name": "gold"}),
    ):  # fmt: skip
        with pytest.raises(Conflict, match="“Late” asks for"):
            run(cast.adam, verb, given, **more)
    run(cast.adam, tags.save, vip, name="vip", colour="red")
    with pytest.raises(Conflict, match="“Late” tells “Idle”"):
        run(cast.adam, teams.delete, idle)


def test_the_configuration_text_says_all_of_it(cast: Cast) -> None:
    run(cast.adam, catalog.save_category, name="Hardware")
    run(cast.adam, configuration.apply, """
format: 1
calendars:
  - name: Office
    timezone: Europe/Berlin
    week: {monday: ["09:00-12:00", "22:00-00:00"]}
    holidays: {2026-12-25: Christmas Day, 12-24: {name: Christmas Eve, hours: ["14:00-24:00"]}}
    openings: {2026-12-19: {name: Market, hours: ["10:00-14:00"]}}
sla_policies:
  - name: VIP
    calendar: Office
    warning_share: 60
    where: {all: [[category, any, Hardware], [channel, is, web]]}
    targets: {urgent: {next_response: 1h}}
""")  # fmt: skip
    text = run(cast.adam, configuration.export)
    assert "Hardware" in text.split("sla_policies:")[1] and "warning_share: 60" in text and "Market" in text
    assert run(cast.adam, configuration.differences, text) == []
    [row] = [one for one in run(cast.adam, promises.policy_rows) if one.name == "VIP"]
    assert row.conditions == {
        "all": [["category", "any", str(run(cast.adam, catalog.all_categories)[0].id)], ["channel", "is", "web"]]
    }
