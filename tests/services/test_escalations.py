"""Who is brought in when a ticket has waited too long: by policies, and by hand."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from helpdesk import clock
from helpdesk.domain.conditions import Group, from_json
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed
from helpdesk.domain.escalation import Since, Step
from helpdesk.models import Activity, Delivery, Escalation, EscalationDue, EscalationPolicy, Ticket
from helpdesk.services import catalog, escalations, organizations, people, reactions, sla, teams, tickets
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import Cast
from tests.conftest import Heard

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def start(cast: Cast) -> datetime:
    """Ada leads Support."""
    ids = (cast.ada.person_id, cast.bob.person_id)
    run(cast.max, teams.save, cast.support, name="Support", member_ids=ids, lead_ids=ids[:1], strategy="manual")
    return clock.now()


def _policy(cast: Cast, *steps: Step, where: Any = None, **more: Any) -> int:
    group = from_json(where) if where else Group()
    return run(cast.adam, escalations.save, name=more.pop("name", "Late"), where=group, steps=steps, **more)


def _file(cast: Cast, **more: Any) -> str:
    return run(cast.rita, tickets.create, title="It burns", description="y", **more)


def _in_support(cast: Cast, **more: Any) -> str:
    return run(
        cast.max, tickets.create, title="It burns", description="y", requester_id=cast.rita.person_id, team_id=cast.support, **more
    )  # fmt: skip


def _react(cast: Cast, heard: Heard) -> None:
    """What the worker does after each commit."""
    for ids in heard.gathered_ids.values():
        run(cast.desk, reactions.react, ids)
    heard.gathered_ids.clear()


def _sweep(cast: Cast) -> int:
    return run(cast.desk, escalations.sweep)


def _level(cast: Cast, ref: str) -> int:
    return run(
        cast.desk, lambda ctx: ctx.session.exec(select(Ticket.escalation_level).where(Ticket.reference == ref)).one()
    )


def _told(cast: Cast, ref: str) -> list[tuple[int, list[str], str]]:
    def read(ctx: Context) -> list[tuple[int, list[str], str]]:
        query = select(Escalation).join(Ticket, col(Ticket.id) == Escalation.ticket_id).where(Ticket.reference == ref)
        rows = ctx.session.exec(query.order_by(col(Escalation.id))).all()
        return [(row.level_after, row.told, row.reason) for row in rows]

    return run(cast.desk, read)


def _pending(cast: Cast) -> int:
    return run(cast.desk, lambda ctx: len(ctx.session.exec(select(EscalationDue.step_id)).all()))


def test_steps_follow_each_other_once_each(cast: Cast, heard: Heard, start: datetime) -> None:
    _policy(cast, Step(Since.NO_REPLY, HOUR, ("lead",), 1), Step(Since.NO_REPLY, 2 * HOUR, ("managers",), 2))
    ref = _in_support(cast)
    _react(cast, heard)
    assert _sweep(cast) == 0
    with clock.frozen(start + 61 * MINUTE):
        assert _sweep(cast) == 1 and _sweep(cast) == 0
        assert _level(cast, ref) == 1
    with clock.frozen(start + 3 * HOUR):
        _sweep(cast)
        _react(cast, heard)
        assert _sweep(cast) == 0, "what has happened is not due again"
    assert _told(cast, ref) == [
        (1, ["Ada Agent"], "Late, step 1: 1h after the customer wrote and nobody answered"),
        (2, ["Max Manager"], "Late, step 2: 2h after the customer wrote and nobody answered"),
    ]
    lines = [line.what for line in run(cast.ada, tickets.history, ref) if "escalated" in line.what]
    assert len(lines) == 2 and any("level 2 and told Max Manager" in line for line in lines)


def test_those_concerned_get_a_mail_with_the_policys_words(cast: Cast, heard: Heard, start: datetime) -> None:
    message = "{{ ticket.reference }} of {{ requester.first_name }} waits."
    _policy(cast, Step(Since.CREATED, HOUR, ("lead", f"person:{cast.bob.person_id}"), 1, message))
    ref = _in_support(cast)
    _react(cast, heard)
    with clock.frozen(start + 2 * HOUR):
        _sweep(cast)
        _react(cast, heard)

    def mails(ctx: Context) -> list[Delivery]:
        query = select(Delivery).where(Delivery.template == "escalated").order_by(Delivery.to_address)
        return list(ctx.session.exec(query).all())

    found = run(cast.desk, mails)
    assert [mail.to_address for mail in found] == ["ada@acme.example", "bob@acme.example"]
    assert (
        f"{ref} of Rita waits." in found[0].body_text
        and "step 1: 1h after the ticket was created" in found[0].body_text
    )
    assert "Escalated to level 1" in found[0].subject


def test_an_answer_in_time_ends_the_wait(cast: Cast, heard: Heard, start: datetime) -> None:
    _policy(cast, Step(Since.NO_REPLY, HOUR, ("lead",)))
    ref = _in_support(cast)
    _react(cast, heard)
    run(cast.ada, tickets.reply, ref, "We are on it")
    with clock.frozen(start + 2 * HOUR):
        assert _sweep(cast) == 1, "nobody has written the queue anew yet"
        assert _level(cast, ref) == 0 and _pending(cast) == 0
        run(cast.rita, tickets.reply, ref, "And now?")
        _react(cast, heard)
    with clock.frozen(start + 2 * HOUR + 59 * MINUTE):
        assert _sweep(cast) == 0
    with clock.frozen(start + 4 * HOUR):
        _sweep(cast)
        assert _level(cast, ref) == 1, "another wait, another escalation"


def test_whatever_is_done_puts_idleness_off(cast: Cast, heard: Heard, start: datetime) -> None:
    _policy(cast, Step(Since.UPDATED, HOUR, ("agent",), 0))
    ref = _in_support(cast, assignee_id=cast.ada.person_id)
    _react(cast, heard)
    with clock.frozen(start + 50 * MINUTE):
        run(cast.ada, tickets.note, ref, "Waiting for parts")
    with clock.frozen(start + 61 * MINUTE):
        _sweep(cast)
        assert _told(cast, ref) == [] and _pending(cast) == 1
    with clock.frozen(start + 2 * HOUR):
        _sweep(cast)
        assert _told(cast, ref) == [(0, ["Ada Agent"], "Late, step 1: 1h after anything was done")]
        _react(cast, heard)
        assert _sweep(cast) == 0, "escalating is no work on the ticket"


def test_breach_and_warning_are_followed_until_the_promise_is_kept(cast: Cast, heard: Heard, start: datetime) -> None:
    _policy(cast, Step(Since.WARNING, timedelta(), ("agent",), 0), Step(Since.BREACH, timedelta(), ("managers",), 2),
            Step(Since.BREACH, 5 * HOUR, ("managers",), 3))  # fmt: skip
    ref = _in_support(cast, priority="high", assignee_id=cast.ada.person_id)  # one minute to resolve it
    _react(cast, heard)
    with clock.frozen(start + 50 * timedelta(seconds=1)):
        run(cast.desk, sla.sweep)
        _react(cast, heard)
        _sweep(cast)
        assert _told(cast, ref)[0][1] == ["Ada Agent"]
    with clock.frozen(start + 2 * MINUTE):
        run(cast.desk, sla.sweep)
        _react(cast, heard)
        _sweep(cast)
        assert _level(cast, ref) == 2
        run(cast.ada, tickets.change_status, ref, "resolved")
        _react(cast, heard)
    with clock.frozen(start + 6 * HOUR):
        assert _sweep(cast) == 0 and _level(cast, ref) == 2


def test_conditions_choose_and_are_asked_again_when_it_is_time(cast: Cast, heard: Heard, start: datetime) -> None:
    _policy(cast, Step(Since.CREATED, HOUR, ("lead",)), where={"all": [["priority", "is", "urgent"]]})
    calm, hot, cooled = _in_support(cast), _in_support(cast), _in_support(cast, priority="urgent")
    _react(cast, heard)
    assert _pending(cast) == 1
    run(cast.ada, tickets.prioritise, hot, "urgent")
    _react(cast, heard)
    run(cast.ada, tickets.prioritise, cooled, "low")
    with clock.frozen(start + 2 * HOUR):
        _sweep(cast)
    assert [_level(cast, ref) for ref in (calm, hot, cooled)] == [0, 1, 0]


def test_a_new_policy_looks_at_what_is_open(cast: Cast, heard: Heard, start: datetime) -> None:
    ref, done = _in_support(cast), _in_support(cast)
    run(cast.max, tickets.change_status, done, "closed")
    _policy(cast, Step(Since.CREATED, HOUR, ("lead",)))
    assert run(cast.desk, escalations.review_some) == 1 and run(cast.desk, escalations.review_some) == 0
    with clock.frozen(start + 2 * HOUR):
        _sweep(cast)
    assert (_level(cast, ref), _level(cast, done)) == (1, 0)


def test_a_changed_policy_does_not_repeat_itself(cast: Cast, heard: Heard, start: datetime) -> None:
    policy = _policy(cast, Step(Since.CREATED, HOUR, ("lead",)))
    ref = _in_support(cast)
    _react(cast, heard)
    with clock.frozen(start + 2 * HOUR):
        _sweep(cast)
        steps = [Step(Since.CREATED, HOUR, ("managers",)), Step(Since.CREATED, 90 * MINUTE, ("managers",), 2)]
        run(cast.adam, escalations.save, policy, name="Late", where=Group(), steps=steps)
        run(cast.desk, escalations.review_some)
        _sweep(cast)
    assert [level for level, *_ in _told(cast, ref)] == [1, 2]


def test_switched_off_nothing_happens(cast: Cast, heard: Heard, start: datetime) -> None:
    _policy(cast, Step(Since.CREATED, HOUR, ("lead",)))
    ref = _in_support(cast)
    _react(cast, heard)
    run(cast.adam, escalations.switch, is_on=False)
    with clock.frozen(start + 2 * HOUR):
        _sweep(cast)
        assert _level(cast, ref) == 0
        run(cast.adam, escalations.switch, is_on=True)
        run(cast.desk, escalations.review_some)
        _sweep(cast)
        assert _level(cast, ref) == 1


def test_without_a_lead_managers_are_told(cast: Cast, heard: Heard, start: datetime) -> None:
    _policy(cast, Step(Since.CREATED, HOUR, ("lead",)))
    loose = _file(cast)
    _react(cast, heard)
    with clock.frozen(start + 2 * HOUR):
        _sweep(cast)
    assert _told(cast, loose)[0][1] == ["Max Manager"]


def test_who_was_named_and_has_left_is_stood_in_for(cast: Cast, heard: Heard, start: datetime) -> None:
    _policy(cast, Step(Since.CREATED, HOUR, (f"person:{cast.bob.person_id}",)))
    ref = _in_support(cast)
    _react(cast, heard)
    run(cast.adam, people.deactivate, cast.bob.person_id)
    with clock.frozen(start + 2 * HOUR):
        _sweep(cast)
    assert _told(cast, ref)[0][1] == ["Max Manager"]


def test_without_policies_nothing_is_heard(cast: Cast, heard: Heard) -> None:
    ref = _file(cast)
    heard.gathered_ids.clear()
    run(cast.max, tickets.tag, ref, ["vip"])
    assert not heard.gathered_ids


@pytest.mark.parametrize(
    "where",
    [[["team", "is", "999999"]], [["priority", "is", "dire"]], [["assignee", "is", "me"]], [["status", "was", "open"]],
     [["by", "is", "customer"]]],
)  # fmt: skip
def test_conditions_that_make_no_sense_are_refused(cast: Cast, where: list[list[str]]) -> None:
    with pytest.raises(Invalid) as refused:
        run(cast.adam, escalations.save, name="Odd", where=catalog.from_json({"all": where}, catalog.Use.RULE),
            steps=[Step(Since.CREATED, HOUR, ("lead",))])  # fmt: skip
    assert list(refused.value.fields) == ["where"]


@pytest.mark.parametrize("whom", ["team:999999", "person:999999"])
def test_whom_there_is_not_is_refused(cast: Cast, whom: str) -> None:
    with pytest.raises(Invalid, match="Step 1"):
        _policy(cast, Step(Since.CREATED, HOUR, (whom,)))


def test_a_name_is_given_once_and_admins_alone_write_policies(cast: Cast) -> None:
    step = Step(Since.CREATED, HOUR, ("lead",))
    policy = _policy(cast, step)
    with pytest.raises(Conflict):
        _policy(cast, step)
    for actor in (cast.max, cast.ada, cast.rita):
        with pytest.raises(NotAllowed):
            run(actor, escalations.save, policy, name="Mine", where=Group(), steps=[step])
    [row] = run(cast.adam, escalations.listing)
    assert row.steps[0].names == "the team's lead" and row.steps[0].after == "1h"
    run(cast.adam, escalations.remove, policy)
    assert run(cast.adam, escalations.listing) == []
    kinds = [f"escalation_policy.{what}" for what in ("created", "deleted")]

    def read(ctx: Context) -> list[str]:
        return list(
            ctx.session.exec(
                select(Activity.kind).where(col(Activity.kind).in_(kinds)).order_by(col(Activity.id))
            ).all()
        )

    assert run(cast.desk, read) == kinds


# ---- By hand -------------------------------------------------------------------------------------------------------------


def test_by_hand_with_a_reason_the_lead_is_told(cast: Cast, heard: Heard, start: datetime) -> None:
    ref = _in_support(cast)
    heard.gathered_ids.clear()
    assert run(cast.max, tickets.escalate, ref, reason="The customer has called twice") == 1
    assert _told(cast, ref) == [(1, ["Ada Agent"], "The customer has called twice")]
    line = run(cast.ada, tickets.history, ref)[0].what
    assert line == "escalated it to level 1 and told Ada Agent (The customer has called twice)"
    _react(cast, heard)
    query = select(Delivery.body_text).where(Delivery.template == "escalated")
    [body] = run(cast.desk, lambda ctx: ctx.session.exec(query).all())
    assert "Max Manager asks you to look at it." in body


def test_to_a_specialist_and_to_a_team(cast: Cast, start: datetime) -> None:
    ref = _in_support(cast)
    assert run(cast.ada, tickets.escalate, ref, reason="Needs Bob", level=2, person_id=cast.bob.person_id) == 2
    assert run(cast.max, tickets.one, ref).ticket.assignee == "Bob Billing"
    run(cast.ada, tickets.escalate, ref, reason="Money", team_id=cast.billing)
    ticket = run(cast.max, tickets.one, ref).ticket
    assert (ticket.team, ticket.escalation_level) == ("Billing", 3)
    with pytest.raises(Invalid):
        run(cast.max, tickets.escalate, ref, reason="More")


def test_taking_it_back(cast: Cast, start: datetime) -> None:
    ref = _in_support(cast)
    run(cast.ada, tickets.escalate, ref, reason="x", level=3)
    run(cast.ada, tickets.deescalate, ref, reason="Half as bad", level=1)
    assert _level(cast, ref) == 1
    run(cast.ada, tickets.deescalate, ref, reason="All good")
    run(cast.ada, tickets.deescalate, ref, reason="Twice is once")
    assert [level for level, *_ in _told(cast, ref)] == [3, 1, 0]
    assert run(cast.ada, tickets.history, ref)[0].what == "took the escalation back (All good)"


@pytest.mark.parametrize(
    "asked", [{"reason": " "}, {"reason": "x" * 501}, {"reason": "x", "level": 4}, {"reason": "x", "level": 0},
              {"reason": "x", "person_id": 999_999}, {"reason": "x", "team_id": 999_999}],
)  # fmt: skip
def test_bad_escalations_change_nothing(cast: Cast, start: datetime, asked: dict[str, Any]) -> None:
    ref = _in_support(cast)
    with pytest.raises(Invalid):
        run(cast.ada, tickets.escalate, ref, **asked)
    assert _level(cast, ref) == 0 and _told(cast, ref) == []


def test_what_is_done_is_not_escalated_and_customers_do_not_escalate(cast: Cast, start: datetime) -> None:
    ref = _in_support(cast)
    with pytest.raises(NotAllowed):
        run(cast.rita, tickets.escalate, ref, reason="Now!")
    run(cast.max, tickets.change_status, ref, "closed")
    with pytest.raises(Conflict):
        run(cast.ada, tickets.escalate, ref, reason="x")


def test_a_lead_who_escalates_needs_somebody_above_them(cast: Cast, start: datetime) -> None:
    ref = _in_support(cast)
    run(cast.ada, tickets.escalate, ref, reason="Beyond me")
    assert _told(cast, ref)[0][1] == ["Max Manager"]


def test_idle_once_more_is_escalated_once_more(cast: Cast, heard: Heard, start: datetime) -> None:
    _policy(cast, Step(Since.UPDATED, HOUR, ("lead",), 1))
    ref = _in_support(cast)
    _react(cast, heard)
    with clock.frozen(start + 2 * HOUR):
        _sweep(cast)
        run(cast.ada, tickets.note, ref, "Looked into it")
        _react(cast, heard)
        assert _sweep(cast) == 0
    with clock.frozen(start + 4 * HOUR):
        _sweep(cast)
    assert len(_told(cast, ref)) == 2


def test_what_becomes_invalid_later_fails_in_the_history_and_an_admin_is_told_once(
    cast: Cast, heard: Heard, start: datetime
) -> None:
    policy = _policy(cast, Step(Since.CREATED, HOUR, ("lead",)))
    _policy(cast, Step(Since.CREATED, HOUR, ("managers",)), name="Fine")
    refs = [_in_support(cast) for _ in range(2)]
    _react(cast, heard)

    def breaks(ctx: Context) -> None:
        row = ctx.session.get_one(EscalationPolicy, policy)
        row.conditions = {"any": [["team", "is", "999999"], ["priority", "not", "urgent"]]}
        organizations.catalog_changed(ctx)

    run(cast.desk, breaks)
    heard.gathered_ids.clear()
    with clock.frozen(start + 2 * HOUR):
        _sweep(cast)
        assert [len(_told(cast, ref)) for ref in refs] == [1, 1], "the other policy goes on"
        [row, fine] = run(cast.adam, escalations.listing)
        assert row.problem == "There is no team “999999” any more." and not fine.problem
        lines = [line.what for ref in refs for line in run(cast.ada, tickets.history, ref)]
        assert sum("could not escalate" in line for line in lines) == 2
        _react(cast, heard)

        def told(ctx: Context) -> list[str]:
            return sorted(
                ctx.session.exec(select(Delivery.to_address).where(Delivery.template == "escalation_failed")).all()
            )

        assert run(cast.desk, told) == ["adam@acme.example", "olga@acme.example"], "once, for two tickets"
        where = from_json({"all": [["priority", "not", "urgent"]]})
        run(
            cast.adam,
            escalations.save,
            policy,
            name=row.name,
            where=where,
            steps=[Step(Since.CREATED, HOUR, ("lead",))],
        )
        assert run(cast.adam, escalations.listing)[0].problem == ""
        while run(cast.desk, escalations.review_some):
            pass
        _sweep(cast)
    assert [len(_told(cast, ref)) for ref in refs] == [2, 2], "mended, it does what was due"
