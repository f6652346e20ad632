"""Many tickets at once: each through its verb, with one cause, refused one by one, undone in one."""

import pytest
from sqlmodel import col, select

from helpdesk.domain import bulk as rules
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.bulk import Action
from helpdesk.domain.conditions import from_json
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from helpdesk.domain.filters import TicketFilter
from helpdesk.jobs import bulk as jobs
from helpdesk.models import Activity
from helpdesk.services import catalog, tickets
from helpdesk.services.context import Context
from helpdesk.services.tickets import TicketRow, bulk
from helpdesk.services.unit_of_work import run
from tests.cast import Cast
from tests.conftest import Heard


def _file(cast: Cast, count: int = 3, **more: object) -> list[str]:
    return [run(cast.rita, tickets.create, title=f"x {n}", description="y", **more) for n in range(count)]


def _row(cast: Cast, ref: str) -> TicketRow:
    return run(cast.max, tickets.one, ref).ticket


def _activities(ctx: Context, *kinds: ActivityKind) -> list[Activity]:
    return list(
        ctx.session.exec(select(Activity).where(col(Activity.kind).in_(kinds)).order_by(col(Activity.id))).all()
    )


def test_a_selection_is_changed_with_one_cause(cast: Cast) -> None:
    refs = _file(cast)
    done = run(cast.ada, bulk.start, Action.PRIORITY, "high", refs=refs)
    assert (done.label, done.total, done.changed, done.refused, done.is_finished) == ("Priority: High", 3, 3, 0, True)
    assert {_row(cast, ref).priority for ref in refs} == {"High"}
    [started] = run(cast.max, _activities, ActivityKind.BULK_STARTED)
    assert (started.data, started.subject_id) == ({"what": "Priority: High", "total": 3}, done.id)
    changed = run(cast.max, _activities, ActivityKind.TICKET_PRIORITY_CHANGED)
    assert [one.cause_id for one in changed] == [started.id] * 3


@pytest.mark.parametrize(
    ("action", "value", "field", "after"),
    [
        (Action.ASSIGN, "ada", "assignee", "Ada Agent"), (Action.TEAM, "support", "team", "Support"), (Action.STATUS, "on_hold", "status", "On hold"),
        (Action.PRIORITY, "p1", "priority", "Urgent"), (Action.CLOSE, "", "status", "Closed"), (Action.CATEGORY, "topic", "category", "Hardware"),
    ],
)  # fmt: skip
def test_every_action_and_its_undo(cast: Cast, action: Action, value: str, field: str, after: str) -> None:
    topic = run(cast.adam, catalog.save_category, name="Hardware")
    value = {"ada": str(cast.ada.person_id), "support": str(cast.support), "topic": str(topic)}.get(value, value)
    [ref] = _file(cast, 1)
    before = _row(cast, ref)
    done = run(cast.max, bulk.start, action, value, refs=[ref])
    assert getattr(_row(cast, ref), field) == after and done.changed == 1
    undone = run(cast.max, bulk.undo, done.id)
    assert (undone.changed, undone.refused, undone.is_undo) == (1, 0, True)
    now = _row(cast, ref)
    facts = ("status", "assignee", "team", "priority", "category", "tags", "resolved_at")
    assert [getattr(now, name) for name in facts] == [getattr(before, name) for name in facts]
    [activity] = run(cast.max, _activities, ActivityKind.BULK_UNDONE)
    assert any(one.cause_id == activity.id for one in run(cast.max, _activities, *ActivityKind))
    with pytest.raises(Conflict):
        run(cast.max, bulk.undo, done.id)


def test_several_are_merged_into_one_and_taken_apart_again(cast: Cast) -> None:
    first, *others = _file(cast)
    done = run(cast.ada, bulk.start, Action.MERGE, first, refs=[first, *others])
    assert (done.label, done.changed, done.refused) == (f"Merge into {first}", 2, 0)
    assert {_row(cast, ref).status for ref in others} == {"Closed"} and _row(cast, first).status != "Closed"
    undone = run(cast.ada, bulk.undo, done.id)
    assert (undone.changed, undone.refused) == (2, 0) and "Closed" not in {_row(cast, ref).status for ref in others}
    with pytest.raises(NotFound):
        run(cast.ada, bulk.start, Action.MERGE, "ACME-NOBODY", refs=others)


def test_tags_are_added_and_taken_away_beside_others(cast: Cast) -> None:
    refs = _file(cast, 2)
    run(cast.ada, tickets.tag, refs[0], ["keep"])
    added = run(cast.ada, bulk.start, Action.TAG, "vip, fire", refs=refs)
    assert [chip.name for chip in _row(cast, refs[0]).tags] == ["keep", "vip", "fire"] or len(
        _row(cast, refs[0]).tags
    ) == 3
    run(cast.ada, bulk.start, Action.UNTAG, "FIRE", refs=refs)
    assert {chip.name for chip in _row(cast, refs[0]).tags} == {"keep", "vip"}
    undone = run(cast.ada, bulk.undo, added.id)
    assert (undone.changed, undone.refused) == (0, 2), "the tags were changed again since"


def test_refused_one_by_one_with_the_reason(cast: Cast) -> None:
    refs = _file(cast)
    run(cast.ada, tickets.change_status, refs[1], "closed")
    done = run(cast.ada, bulk.start, Action.STATUS, "on_hold", refs=refs)
    assert (done.changed, done.refused) == (2, 1)
    assert [(one.reference, "closed" in one.reason) for one in done.refusals] == [(refs[1], True)]
    again = run(cast.ada, bulk.start, Action.STATUS, "on_hold", refs=refs)
    assert (again.changed, again.refused) == (0, 1), "what stands that way already is no change"


def test_undo_leaves_what_is_newer_and_says_whose_it_is(cast: Cast) -> None:
    refs = _file(cast)
    done = run(cast.ada, bulk.start, Action.PRIORITY, "high", refs=refs)
    run(cast.bob, tickets.prioritise, refs[0], "urgent")
    run(cast.bob, tickets.retitle, refs[1], "Another thing")
    undone = run(cast.ada, bulk.undo, done.id)
    assert (undone.changed, undone.refused) == (2, 1)
    assert undone.refusals == (bulk.Refusal(refs[0], "Bob Billing has changed the priority since."),)
    assert [_row(cast, ref).priority for ref in refs] == ["Urgent", "Medium", "Medium"]


def test_only_what_one_sees_and_may(cast: Cast) -> None:
    refs = _file(cast, 2)
    run(cast.max, tickets.move_to_team, refs[0], team_id=cast.support)
    done = run(cast.bob, bulk.start, Action.PRIORITY, "low", refs=refs)
    assert done.total == 1
    for actor in (cast.rita, cast.xena):
        with pytest.raises(NotAllowed):
            run(actor, bulk.start, Action.PRIORITY, "low", refs=refs)
    for actor in (cast.ada, cast.max, cast.eve):
        for verb in (bulk.undo, bulk.progress):
            with pytest.raises(NotFound):
                run(actor, verb, done.id)
    # A technician may edit, but not assign: the verb itself says no.
    refused = run(cast.tom, bulk.start, Action.ASSIGN, str(cast.ada.person_id), refs=refs[1:])
    assert (refused.changed, refused.refused) == (0, 1)


@pytest.mark.parametrize(
    ("action", "value"),
    [(Action.STATUS, "nonsense"), (Action.PRIORITY, ""), (Action.ASSIGN, "²"), (Action.TEAM, "-1"), (Action.CATEGORY, "99999999"), (Action.TAG, " , ")],
)  # fmt: skip
def test_what_does_not_exist_is_refused_before_any_ticket(cast: Cast, action: Action, value: str) -> None:
    with pytest.raises(Invalid):
        run(cast.ada, bulk.start, action, value, refs=_file(cast, 1))


def test_nothing_selected_is_said(cast: Cast) -> None:
    with pytest.raises(Invalid, match="Select"):
        run(cast.ada, bulk.start, Action.CLOSE, refs=["ACME-NOTHIN"])


def test_a_large_run_is_a_job_with_progress(cast: Cast, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    refs = _file(cast, 4)
    _file(cast, 1, priority="low")
    wanted = TicketFilter(where=from_json({"all": [["priority", "is", "medium"]]}))
    begun = run(cast.ada, bulk.start, Action.PRIORITY, "urgent", wanted=wanted)
    assert (begun.total, begun.done, begun.is_finished) == (4, 0, False)
    assert (bulk.JOB, (cast.acme.id, begun.id)) in heard.jobs
    with pytest.raises(Conflict):
        run(cast.ada, bulk.undo, begun.id)
    monkeypatch.setattr(bulk.proceed, "__kwdefaults__", {"most": 3})
    assert jobs.work(cast.acme.id, begun.id) == 2 and f"bulk-{cast.ada.person_id}" in heard.topics
    done = run(cast.ada, bulk.progress, begun.id)
    assert (done.done, done.changed, done.is_finished) == (4, 4, True)
    assert jobs.work(cast.acme.id, begun.id) == 0 and {_row(cast, ref).priority for ref in refs} == {"Urgent"}


def test_a_lost_job_is_found_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    begun = run(cast.ada, bulk.start, Action.CLOSE, refs=_file(cast, 2))
    assert bulk.forgotten() == []
    monkeypatch.setattr(bulk, "_PATIENCE", -bulk._PATIENCE)
    assert bulk.forgotten() == [(cast.acme.id, begun.id)]
    assert jobs.sweep_bulk() == 1 and run(cast.ada, bulk.progress, begun.id).changed == 2


def test_fifty_tickets_are_changed_at_once(cast: Cast) -> None:
    refs = _file(cast, rules.AT_ONCE)
    done = run(cast.max, bulk.start, Action.ASSIGN, str(cast.ada.person_id), refs=refs)
    assert done.is_finished and done.changed == rules.AT_ONCE
