"""What rules did can be taken back for a day, unless something newer stands in the way; after months it is forgotten."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from helpdesk import clock
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, NotAllowed, NotFound
from helpdesk.models import Activity, Ticket
from helpdesk.services import rule_runs, rules, tickets
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import Cast


def _rule(cast: Cast, then: list[list[str]], name: str = "VIP", **written: Any) -> int:
    given = {"when": "created", "if": {"all": []}, "then": then} | written
    return run(cast.adam, rules.save, name=name, written=given)


def _file(cast: Cast, **more: Any) -> str:
    return run(cast.rita, tickets.create, title="Printer", description="smokes", **more)


def _last(cast: Cast) -> rules.RunRow:
    return run(cast.adam, rules.runs)[0]


def _facts(cast: Cast, ref: str) -> dict[str, Any]:
    def read(ctx: Context) -> dict[str, Any]:
        one = ctx.session.exec(select(Ticket).where(Ticket.reference == ref)).one()
        names = ("status_id", "priority_id", "assignee_id", "team_id", "category_id", "due_at", "escalation_level")
        return {name: getattr(one, name) for name in names}

    shown = run(cast.max, tickets.one, ref).ticket
    watching = [one.name for one in run(cast.max, tickets.watchers, ref)]
    return run(cast.desk, read) | {"tags": [tag.name for tag in shown.tags], "watching": watching}


def test_undo_puts_everything_back_and_says_so(cast: Cast) -> None:
    plain = _facts(cast, _file(cast))
    _rule(
        cast,
        [
            ["team", str(cast.billing)], ["assign", str(cast.bob.person_id)], ["status", "waiting"], ["priority", "urgent"],
            ["tag", "vip"], ["due", "2d"], ["escalate", "2"], ["watch", str(cast.max.person_id)], ["note", "A VIP"],
        ],
    )  # fmt: skip
    ref = _file(cast)
    assert _facts(cast, ref) != plain
    assert _last(cast).may_undo
    assert run(cast.adam, rule_runs.undo, _last(cast).id) == "VIP"
    assert _facts(cast, ref) == plain
    assert (_last(cast).may_undo, _last(cast).is_undone) == (False, True)

    def undone(ctx: Context) -> tuple[Activity, Activity | None, set[str]]:
        query = select(Activity).where(Activity.kind == ActivityKind.RULE_UNDONE)
        one = ctx.session.exec(query).one()
        then = ctx.session.exec(select(Activity.kind).where(Activity.cause_id == one.id)).all()
        return one, ctx.session.get(Activity, one.cause_id), set(then)

    activity, cause, followed = run(cast.desk, undone)
    assert (activity.actor_id, activity.data) == (cast.adam.person_id, {"name": "VIP"})
    assert cause is not None and cause.kind == ActivityKind.RULE_APPLIED
    assert {ActivityKind.TICKET_PRIORITY_CHANGED, ActivityKind.TICKET_WATCHER_REMOVED} <= followed
    assert any(one.kind == "note" for one in run(cast.max, tickets.one, ref).comments), "what was said stays"
    with pytest.raises(Conflict, match="undone already"):
        run(cast.adam, rule_runs.undo, _last(cast).id)


def test_history_offers_it_to_an_agent_who_sees_the_ticket(cast: Cast) -> None:
    _rule(cast, [["priority", "urgent"]])
    ref = _file(cast)
    [line] = [one for one in run(cast.ada, tickets.history, ref) if one.undo_run]
    assert line.kind == ActivityKind.RULE_APPLIED
    run(cast.ada, rule_runs.undo, line.undo_run)
    assert run(cast.ada, tickets.one, ref).ticket.priority_slug == "medium"
    assert not any(one.undo_run for one in run(cast.ada, tickets.history, ref))


def test_the_rule_does_not_answer_to_its_own_undo(cast: Cast) -> None:
    _rule(cast, [["priority", "urgent"]], when="updated")
    ref = _file(cast)
    run(cast.ada, tickets.tag, ref, ["x"])
    run(cast.ada, rule_runs.undo, _last(cast).id)
    assert run(cast.ada, tickets.one, ref).ticket.priority_slug == "medium"


def test_something_newer_stands_in_the_way_and_is_named(cast: Cast) -> None:
    _rule(cast, [["priority", "urgent"], ["tag", "vip"]])
    ref = _file(cast)
    run(cast.max, tickets.prioritise, ref, "low")
    run(cast.rita, tickets.reply, ref, "Hello?")
    with pytest.raises(Conflict, match="Max Manager has changed the priority since"):
        run(cast.adam, rule_runs.undo, _last(cast).id)
    assert [one.name for one in run(cast.max, tickets.one, ref).ticket.tags] == ["vip"], "all of it or nothing"


def test_words_cannot_be_taken_back(cast: Cast) -> None:
    _rule(cast, [["note", "Hello"]])
    _file(cast)
    assert not _last(cast).may_undo
    with pytest.raises(Conflict, match="nothing to take back"):
        run(cast.adam, rule_runs.undo, _last(cast).id)


def test_after_a_day_it_is_too_late_and_after_months_forgotten(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    _rule(cast, [["priority", "urgent"]])
    _file(cast)
    assert run(cast.desk, rule_runs.prune) == 0
    later = clock.now() + timedelta(days=1, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert not _last(cast).may_undo
    with pytest.raises(Conflict, match="more than a day"):
        run(cast.adam, rule_runs.undo, _last(cast).id)
    months = later + rule_runs.KEPT
    monkeypatch.setattr(clock, "now", lambda: months)
    assert (run(cast.desk, rule_runs.prune), run(cast.desk, rule_runs.prune)) == (1, 0)
    assert run(cast.adam, rules.runs) == ()


def test_who_may_not(cast: Cast) -> None:
    _rule(cast, [["team", str(cast.billing)], ["assign", "none"], ["priority", "high"]])
    _file(cast)
    run_id = _last(cast).id
    for actor in (cast.ada, cast.eve):  # not of that team; not of this house
        with pytest.raises(NotFound):
            run(actor, rule_runs.undo, run_id)
    for actor in (cast.rita, cast.xena):
        with pytest.raises(NotAllowed):
            run(actor, rule_runs.undo, run_id)
    run(cast.bob, rule_runs.undo, run_id)
