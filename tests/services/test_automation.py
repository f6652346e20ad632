"""Rules at work: they act as themselves, once, in order, and say what they did and why not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from helpdesk import clock
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed
from helpdesk.domain.people import Actor
from helpdesk.models import Activity, Delivery, SlaRun, Ticket
from helpdesk.services import (
    automation,
    configuration,
    deadlines,
    macros,
    people,
    promises,
    reactions,
    rule_runs,
    rules,
    sla,
    teams,
    tickets,
)
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import Cast

URGENT = [["priority", "urgent"]]


def _rule(cast: Cast, name: str = "VIP", **written: Any) -> int:
    given = {"when": "created", "if": {"all": []}, "then": URGENT} | written
    return run(cast.adam, rules.save, name=name, written=given)


def _file(actor: Actor, title: str = "Printer", **more: Any) -> str:
    return run(actor, tickets.create, title=title, description="smokes", **more)


def _ticket(cast: Cast, ref: str) -> tickets.TicketRow:
    return run(cast.max, tickets.one, ref).ticket


def _thread(cast: Cast, ref: str) -> list[tickets.CommentRow]:
    return list(run(cast.max, tickets.one, ref).comments)


def _said(cast: Cast, ref: str) -> list[Activity]:
    def read(ctx: Context) -> list[Activity]:
        query = select(Activity).join(Ticket, col(Ticket.id) == Activity.ticket_id).where(Ticket.reference == ref)
        return list(ctx.session.exec(query.order_by(col(Activity.id))).all())

    return run(cast.desk, read)


def _runs(cast: Cast, **wanted: Any) -> list[tuple[str, str, str]]:
    return [(one.rule, one.result, one.text) for one in run(cast.adam, rules.runs, **wanted)]


def test_a_rule_acts_as_itself_and_the_chain_tells_why(cast: Cast) -> None:
    _rule(cast, **{"if": {"all": [["title", "contains", "printer"]]}})
    ref, other = _file(cast.rita), _file(cast.rita, "Mouse")
    assert (_ticket(cast, ref).priority_slug, _ticket(cast, other).priority_slug) == ("urgent", "medium")
    by_kind = {one.kind: one for one in _said(cast, ref)}
    created, applied = by_kind[ActivityKind.TICKET_CREATED], by_kind[ActivityKind.RULE_APPLIED]
    changed = by_kind[ActivityKind.TICKET_PRIORITY_CHANGED]
    assert (applied.cause_id, changed.cause_id) == (created.id, applied.id)
    assert (changed.actor_kind, changed.actor_name, changed.actor_id) == ("rule", "Rule “VIP”", None)
    assert _runs(cast) == [("VIP", "success", "set the priority to Urgent")]


@pytest.mark.parametrize(
    ("days", "applies"),
    [
        ({"starts": "2026-03-02"}, True), ({"starts": "2026-03-03"}, False), ({"ends": "2026-03-02"}, True),
        ({"ends": "2026-03-01"}, False), ({"starts": "2026-03-01", "ends": "2026-03-31"}, True),
    ],
)  # fmt: skip
def test_a_rule_applies_between_its_days_only(cast: Cast, days: dict[str, str], applies: bool) -> None:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    with clock.frozen(at):
        _rule(cast, **days)
        [row] = run(cast.adam, rules.listing)
        assert (row.starts, row.ends, row.is_over) == (
            days.get("starts", ""),
            days.get("ends", ""),
            days.get("ends") == "2026-03-01",
        )
        ref = _file(cast.rita)
        assert bool(_runs(cast, reference=ref)) == applies


@pytest.mark.parametrize(
    ("days", "field"), [({"starts": "soon"}, "starts"), ({"starts": "2026-03-02", "ends": "2026-03-01"}, "ends")]
)
def test_days_that_are_none_are_refused(cast: Cast, days: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        _rule(cast, **days)
    assert list(refused.value.fields) == [field]


def test_history_tells_the_chain_from_the_beginning(cast: Cast) -> None:
    ref = _file(cast.rita)
    _rule(cast, when="commented", **{"if": {"all": [["by", "is", "customer"]]}})
    run(cast.rita, tickets.reply, ref, "It burns!")
    lines = {line.kind: line for line in run(cast.ada, tickets.history, ref)}
    assert lines[ActivityKind.TICKET_PRIORITY_CHANGED].because == (
        "Rita Requester replied", "Rule “VIP” applied"
    )  # fmt: skip
    assert lines[ActivityKind.TICKET_REPLIED].because == ()


def test_every_action(cast: Cast) -> None:
    _rule(
        cast,
        then=[
            ["team", str(cast.billing)], ["assign", str(cast.bob.person_id)], ["status", "waiting"], ["tag", "vip", "new"],
            ["untag", "new"], ["due", "2d"], ["watch", str(cast.max.person_id)], ["note", "{{ requester.name }} is a VIP"],
            ["reply", "Hello {{ requester.first_name }}, {{ ticket.reference }} has arrived."],
            ["mail", "requester", "About {{ ticket.title }}", "Thanks"], ["mail", "boss@acme.example", "VIP", "Look"], ["priority", "high"],
        ],
    )  # fmt: skip
    ref = _file(cast.rita)
    shown = _ticket(cast, ref)
    assert (shown.assignee_id, shown.team_id, shown.status_slug, shown.priority_slug) == (cast.bob.person_id, cast.billing, "waiting_on_customer", "high")  # fmt: skip
    assert [one.name for one in shown.tags] == ["vip"]
    assert [(one.kind, one.body_html.strip()) for one in _thread(cast, ref)[-2:]] == [
        ("note", "<p>Rita Requester is a VIP</p>"), ("reply", f"<p>Hello Rita, {ref} has arrived.</p>")
    ]  # fmt: skip
    assert [one.name for one in run(cast.max, tickets.watchers, ref)] == ["Max Manager"]

    def mails(ctx: Context) -> list[tuple[str, str]]:
        reactions.react(
            ctx, [one.id for one in ctx.session.exec(select(Activity).where(col(Activity.reacted_at).is_(None))).all()]
        )
        query = (
            select(Delivery.to_address, Delivery.subject)
            .where(Delivery.template == "written")
            .order_by(col(Delivery.id))
        )
        return [tuple(row) for row in ctx.session.exec(query).all()]

    assert run(cast.desk, mails) == [
        ("rita@northwind.example", f"[{ref}] About Printer"), ("boss@acme.example", f"[{ref}] VIP")
    ]  # fmt: skip
    assert [one.kind for one in _said(cast, ref)].count(ActivityKind.TICKET_DUE_CHANGED) == 1


def _mailed(cast: Cast, template: str) -> set[str]:
    def read(ctx: Context) -> set[str]:
        waiting = ctx.session.exec(select(Activity).where(col(Activity.reacted_at).is_(None))).all()
        reactions.react(ctx, [one.id for one in waiting])
        return set(ctx.session.exec(select(Delivery.to_address).where(Delivery.template == template)).all())

    return run(cast.desk, read)


@pytest.mark.parametrize(
    ("whom", "addresses"),
    [
        ("assignee", {"bob@acme.example"}), ("team", {"bob@acme.example"}), ("managers", {"max@acme.example"}),
        ("requester", {"rita@northwind.example"}), ("watchers", {"max@acme.example"}), ("person", {"ada@acme.example"}),
        ("team:", {"ada@acme.example"}),
    ],
)  # fmt: skip
def test_notify_writes_to_whom_it_names(cast: Cast, whom: str, addresses: set[str]) -> None:
    whom = {"person": f"person:{cast.ada.person_id}", "team:": f"team:{cast.support}"}.get(whom, whom)
    _rule(
        cast,
        then=[
            ["team", str(cast.billing)], ["assign", str(cast.bob.person_id)], ["watch", str(cast.max.person_id)],
            ["notify", whom, "Look at {{ ticket.reference }}"],
        ],
    )  # fmt: skip
    ref = _file(cast.rita)
    [told] = [one for one in _said(cast, ref) if one.kind == ActivityKind.TICKET_NOTIFIED]
    assert told.data["body"] == f"Look at {ref}"
    assert _mailed(cast, "notified") == addresses


def test_notify_tells_nobody_without_a_trace(cast: Cast) -> None:
    _rule(cast, then=[["notify", "team", "Look"]])
    _file(cast.rita)
    assert _runs(cast) == [("VIP", "skipped", "Everything it would do was so already.")]


def test_it_answers_with_the_text_of_a_macro(cast: Cast) -> None:
    ours = run(cast.max, macros.save, name="Thanks", scope="all", reply="Hello {{ requester.first_name }}!")
    own = run(cast.adam, macros.save, name="Mine", scope="me", reply="Psst")
    with pytest.raises(Invalid, match="shared macro"):
        _rule(cast, then=[["answer", str(own)]])
    _rule(cast, then=[["answer", str(ours)]])
    ref = _file(cast.rita)
    assert _thread(cast, ref)[-1].body_html.strip() == "<p>Hello Rita!</p>"
    assert run(cast.adam, rules.listing)[0].then == "reply with the macro Thanks"
    run(cast.max, macros.delete, ours)
    _file(cast.rita)
    assert _runs(cast)[0][1:] == ("failed", "Choose a shared macro that has a reply.")


@pytest.mark.parametrize("whom", ["boss", "team:0", "person:", "person:999999999", "team:999999999", "requester, team"])
def test_notify_refuses_whom_there_is_not(cast: Cast, whom: str) -> None:
    with pytest.raises(Invalid) as refused:
        _rule(cast, then=[["notify", whom, "Look"]])
    assert "actions" in refused.value.fields and "Action 1" in refused.value.fields["actions"]


def test_names_of_whom_and_macros_survive_the_configuration_text(cast: Cast) -> None:
    thanks = run(cast.max, macros.save, name="Thanks", scope="all", reply="Hello")
    then = [
        ["notify", f"person:{cast.ada.person_id}", "Look"],
        ["notify", f"team:{cast.billing}", "Look"],
        ["answer", str(thanks)],
    ]
    _rule(cast, then=then)
    text = run(cast.adam, configuration.export)
    assert "person: ada@acme.example" in text and "team: Billing" in text
    run(cast.adam, configuration.apply, text.replace("name: VIP", "name: Other"))
    assert run(cast.adam, rules.definition, run(cast.adam, rules.listing)[0].id)["then"] == then


def test_a_sentence_says_what_people_call_things(cast: Cast) -> None:
    where = [["status_category", "any", "new", "pending"], ["assignee", "is", "none"], ["hours", "is", "closed"], ["by", "is", "desk"],
             ["team", "is", str(cast.billing)], ["created", "last", "7"], ["sla", "is", "at_risk"]]  # fmt: skip
    _rule(cast, **{"if": {"all": where}})
    assert run(cast.adam, rules.listing)[0].where == (
        "Stage is any of New, Waiting and Assignee is nobody and Business hours is closed and Done by is the desk"
        " and Team is Billing and Created is within the last 7 days and SLA is at risk"
    )


def test_a_rule_puts_a_ticket_under_a_policy_until_conditions_decide_again(cast: Cast) -> None:
    hours = {"medium": {"resolution": timedelta(hours=1)}}
    own = run(cast.adam, promises.save_policy, name="VIPs", calendar=None, is_active=True, targets=hours,
              conditions={"all": [["tag", "is", "nobody-has-it"]]})  # fmt: skip
    plain = _file(cast.rita)
    rule_id = _rule(cast, then=[["sla", str(own)]])
    assert run(cast.adam, rules.listing)[0].then == "put it under the SLA policy VIPs"
    ref = _file(cast.rita)

    def under(one: str) -> set[str]:
        return {each.policy for each in run(cast.ada, deadlines.explain, one)}

    assert under(ref) == {"VIPs"} and "VIPs" not in under(plain)
    [changed] = [one for one in _said(cast, ref) if one.kind == ActivityKind.TICKET_POLICY_CHANGED]
    assert (changed.data["before"], changed.data["after"]) == ("what conditions say", "VIPs")
    run(cast.ada, tickets.prioritise, ref, "high")
    run(cast.ada, tickets.prioritise, ref, "medium")
    assert under(ref) == {"VIPs"}, "it stays there, whatever changes"
    run(cast.desk, sla.derive_some_anew, SlaRun(kind="derive", created_at=clock.now(), updated_at=clock.now()))
    assert under(ref) == {"VIPs"}
    run(cast.adam, rule_runs.undo, run(cast.adam, rules.runs)[0].id)
    assert under(ref) == under(plain)
    text = run(cast.adam, configuration.export)
    assert "[sla, VIPs]" in text
    run(cast.adam, configuration.apply, text.replace("[sla, VIPs]", "[sla, none]"))
    assert run(cast.adam, rules.definition, rule_id)["then"] == [["sla", "none"]]
    with pytest.raises(Invalid, match="SLA policies in use"):
        _rule(cast, "Other", then=[["sla", "999999"]])


def test_a_rule_escalates_and_another_hears_of_it(cast: Cast) -> None:
    _rule(cast, then=[["escalate", "2"]])
    _rule(
        cast,
        "then",
        when="updated",
        then=[["tag", "hot"]],
        **{"if": {"all": [["escalation", "least", "2"], ["escalation", "was", "0"]]}},
    )
    ref = _file(cast.rita)
    assert _ticket(cast, ref).escalation_level == 2
    assert [name for name, result, _ in _runs(cast) if result == "success"] == ["then", "VIP"]


def test_its_reply_is_ours_but_keeps_no_promise(cast: Cast) -> None:
    _rule(cast, then=[["reply", "We have it."]])
    ref = _file(cast.rita)
    shown = run(cast.rita, tickets.portal_request, ref).detail
    assert shown.comments[-1].by_staff and "VIP" not in shown.comments[-1].author
    assert _ticket(cast, ref).status_slug == "new"
    assert not any(one.kind == ActivityKind.SLA_MET for one in _said(cast, ref))


def test_old_and_new(cast: Cast) -> None:
    _rule(
        cast,
        when="updated",
        **{"if": {"all": [["status", "is", "resolved"], ["status", "was", "open", "in_progress"]]}},
    )
    ref, other = _file(cast.rita), _file(cast.rita)
    run(cast.max, tickets.assign, ref, to=cast.ada.person_id)  # opens it
    for one in (ref, other):
        run(cast.ada, tickets.change_status, one, "resolved")
    assert (_ticket(cast, ref).priority_slug, _ticket(cast, other).priority_slug) == ("urgent", "medium")


@pytest.mark.parametrize(
    ("when", "conditions"),
    [
        ("assigned", []), ("commented", [["by", "is", "staff"], ["said", "is", "reply"]]), ("updated", [["tag", "changed", "yes"]]),
        ("rated", [["csat", "most", "2"]]),
    ],
)  # fmt: skip
def test_triggers(cast: Cast, when: str, conditions: list[list[str]]) -> None:
    ref = _file(cast.rita)
    _rule(cast, when=when, then=[["tag", "seen"]], **{"if": {"all": conditions}})
    run(cast.rita, tickets.reply, ref, "customer words")
    assert _runs(cast) == []
    run(cast.max, tickets.assign, ref, to=cast.ada.person_id)
    run(cast.ada, tickets.tag, ref, ["x"])
    run(cast.ada, tickets.reply, ref, "staff words", then="resolved")
    run(cast.rita, tickets.rate, ref, 1)
    assert [result for _, result, _ in _runs(cast)] == ["success"]


def test_the_sweeps_warning_and_breach_begin_rules(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    _rule(cast, "warned", when="sla_warning", then=[["tag", "warned"]])
    _rule(cast, "late", when="sla_breached", then=[["tag", "late"]])
    ref = _file(cast.rita)

    def record(ctx: Context, kind: ActivityKind) -> None:
        ctx.record(kind, ctx.session.exec(select(Ticket).where(Ticket.reference == ref)).one(), metric="x", due_at="")

    run(cast.desk, record, ActivityKind.SLA_WARNING)
    run(cast.desk, record, ActivityKind.SLA_BREACHED)
    assert [name for name, _, _ in _runs(cast)] == ["late", "warned"]


def test_rules_apply_in_order_and_stop_stops(cast: Cast) -> None:
    first = _rule(cast, "first", then=[["priority", "high"], ["stop"]])
    second = _rule(cast, "second", then=[["priority", "low"]])
    assert _ticket(cast, _file(cast.rita)).priority_slug == "high"
    assert _runs(cast) == [
        ("second", "skipped", "The rule “first” said to apply no further rules."), ("first", "success", "set the priority to High")
    ]  # fmt: skip
    run(cast.adam, rules.reorder, [second, first])
    assert _ticket(cast, _file(cast.rita)).priority_slug == "high", "low, then high"


def test_rules_that_might_chase_each_other_are_warned_of_and_rest_after_one_round(cast: Cast) -> None:
    printer = ["text", "contains", "printer"]
    _rule(cast, "up", when="updated", then=[["priority", "urgent"]], **{"if": {"all": [["priority", "is", "low"]]}})
    down = {"when": "updated", "if": {"all": [["priority", "is", "urgent"], printer]}, "then": [["priority", "low"]]}
    assert run(cast.adam, rules.warning, 0, down) == "This rule and “up” may undo each other. Each applies once each time, then they rest."  # fmt: skip
    run(cast.adam, rules.save, name="down", written=down)
    ref = _file(cast.rita)
    run(cast.ada, tickets.prioritise, ref, "low")
    assert [name for name, result, _ in _runs(cast) if result == "success"] == ["down", "up"]
    assert _ticket(cast, ref).priority_slug == "low"


def test_rules_that_certainly_chase_each_other_are_refused(cast: Cast) -> None:
    up = _rule(cast, "up", when="updated", then=[["priority", "p1"]], **{"if": {"all": [["priority", "is", "low"]]}})
    down = {"when": "updated", "if": {"all": [["priority", "is", "urgent"]]}, "then": [["priority", "low"]]}
    with pytest.raises(Invalid) as refused:
        run(cast.adam, rules.save, name="down", written=down)
    assert "“down” → “up” → “down”" in refused.value.fields["actions"]
    resting = run(cast.adam, rules.save, name="down", written=down, is_active=False)
    with pytest.raises(Invalid, match="chase each other"):
        run(cast.adam, rules.switch, resting, is_active=True)
    run(cast.adam, rules.switch, up, is_active=False)
    run(cast.adam, rules.switch, resting, is_active=True)
    with pytest.raises(Invalid, match="would begin it again"):
        _rule(cast, "echo", when="commented", then=[["note", "Somebody said something"]])


def test_what_is_so_already_is_skipped_without_a_trace_on_the_ticket(cast: Cast) -> None:
    _rule(cast, then=[["priority", "medium"]])
    ref = _file(cast.rita)
    assert _runs(cast) == [("VIP", "skipped", "Everything it would do was so already.")]
    assert ActivityKind.RULE_APPLIED not in {one.kind for one in _said(cast, ref)}


def test_a_rule_that_fails_undoes_itself_alone_and_an_admin_is_told_once(cast: Cast) -> None:
    _rule(cast, "broken", then=[["priority", "urgent"], ["assign", str(cast.bob.person_id)]])
    _rule(cast, "fine", then=[["tag", "vip"]])
    run(cast.adam, people.deactivate, cast.bob.person_id)
    ref, other = _file(cast.rita), _file(cast.rita)
    assert _ticket(cast, ref).priority_slug == "medium"
    assert _runs(cast, reference=ref) == [
        ("fine", "success", "add the tags vip"), ("broken", "failed", "Bob Billing is deactivated. Choose somebody else.")
    ]  # fmt: skip
    kinds = [one.kind for each in (ref, other) for one in _said(cast, each)]
    assert kinds.count(ActivityKind.RULE_FAILED) == 1
    assert [row.problem for row in run(cast.adam, rules.listing)] == [
        "Bob Billing is deactivated. Choose somebody else.",
        "",
    ]

    def told(ctx: Context) -> set[str]:
        reactions.react(
            ctx, [one.id for one in ctx.session.exec(select(Activity).where(col(Activity.reacted_at).is_(None))).all()]
        )
        return set(ctx.session.exec(select(Delivery.to_address).where(Delivery.template == "rule_failed")).all())

    assert run(cast.desk, told) == {"adam@acme.example", "olga@acme.example"}


def test_a_team_deleted_since_makes_the_run_fail(cast: Cast) -> None:
    spare = run(cast.adam, teams.save, name="Spare")
    _rule(cast, **{"if": {"any": [["team", "is", str(spare)], ["priority", "is", "medium"]]}})
    run(cast.adam, teams.delete, spare)
    _file(cast.rita)
    [(_, result, why)] = _runs(cast)
    assert result == "failed" and "does not exist any more" in why


def test_for_a_day_a_rule_says_why_it_did_not_apply(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    rule_id = _rule(cast, **{"if": {"all": [["priority", "is", "urgent"]]}})
    _file(cast.rita)
    assert _runs(cast) == [], "not unless it is asked to"
    run(cast.adam, rules.explain, rule_id, is_on=True)
    _file(cast.rita)
    assert _runs(cast) == [("VIP", "skipped", "This did not hold: Priority is Urgent.")]
    assert run(cast.adam, rules.listing)[0].explains
    _later(monkeypatch, days=1, minutes=1)
    _file(cast.rita)
    assert len(_runs(cast)) == 1 and not run(cast.adam, rules.listing)[0].explains
    run(cast.adam, rules.explain, rule_id, is_on=True)
    run(cast.adam, rules.explain, rule_id, is_on=False)
    _file(cast.rita)
    assert len(_runs(cast)) == 1

    def told(ctx: Context) -> int:
        return len(ctx.session.exec(select(Activity).where(Activity.kind == ActivityKind.RULE_EXPLAINING)).all())

    assert run(cast.desk, told) == 3
    with pytest.raises(NotAllowed):
        run(cast.max, rules.explain, rule_id, is_on=True)


def test_a_rule_about_passing_time_says_why_not_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    rule_id = _rule(
        cast, when="idle", after="1h", **{"if": {"any": [["priority", "is", "urgent"], ["tag", "is", "vip"]]}}
    )
    _file(cast.rita)
    run(cast.adam, rules.explain, rule_id, is_on=True)
    _later(monkeypatch, hours=2)
    run(cast.desk, automation.sweep)
    assert [result for _, result, _ in _runs(cast)] == ["skipped"]


def test_rules_at_rest_do_nothing(cast: Cast) -> None:
    rule_id = _rule(cast)
    run(cast.adam, rules.switch, rule_id, is_active=False)
    assert _ticket(cast, _file(cast.rita)).priority_slug == "medium" and _runs(cast) == []
    run(cast.adam, rules.switch, rule_id, is_active=True)
    assert _ticket(cast, _file(cast.rita)).priority_slug == "urgent"


def _later(monkeypatch: pytest.MonkeyPatch, **ahead: int) -> None:
    moment = clock.now() + timedelta(**ahead)
    monkeypatch.setattr(clock, "now", lambda: moment)


def _sweep(cast: Cast) -> None:
    while run(cast.desk, automation.sweep):
        pass


def test_idle_tickets_once_until_something_happens(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    _rule(
        cast,
        when="idle",
        after="2d",
        then=[["note", "Still there?"]],
        **{"if": {"all": [["status_category", "is", "new"]]}},
    )
    ref = _file(cast.rita)
    _sweep(cast)
    assert _runs(cast) == []
    _later(monkeypatch, days=2, minutes=1)
    for _ in range(3):
        _sweep(cast)
    assert len(_runs(cast)) == 1 and _thread(cast, ref)[-1].kind == "note"
    _later(monkeypatch, days=3)
    _sweep(cast)
    assert len(_runs(cast)) == 1, "its own note is nothing that happened"
    run(cast.rita, tickets.reply, ref, "Hello?")
    _later(monkeypatch, days=3)
    _sweep(cast)
    assert len(_runs(cast)) == 2


def test_a_status_kept_too_long(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    _rule(
        cast, when="stuck", after="1d", then=[["status", "closed"]], **{"if": {"all": [["status", "is", "resolved"]]}}
    )
    ref, other = _file(cast.rita), _file(cast.rita)
    run(cast.ada, tickets.change_status, ref, "resolved")
    _later(monkeypatch, hours=23)
    run(cast.ada, tickets.note, ref, "no change of status")
    _sweep(cast)
    assert _ticket(cast, ref).status_slug == "resolved"
    _later(monkeypatch, hours=2)
    _sweep(cast)
    assert (_ticket(cast, ref).status_slug, _ticket(cast, other).status_slug) == ("closed", "new")


def test_many_that_come_due_together_are_all_met_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automation, "BATCH", 3)
    for number in range(8):
        _file(cast.rita, f"Ticket {number}")
    _rule(cast, when="idle", after="1h", then=[["tag", "old"]])
    _later(monkeypatch, hours=2)
    _sweep(cast)
    assert len(_runs(cast)) == 8 and run(cast.desk, automation.sweep) == 0
    assert cast.acme.id in automation.organizations_due() and cast.evil.id not in automation.organizations_due()


def test_who_may_write_rules(cast: Cast) -> None:
    for actor in (cast.ada, cast.max, cast.xena, cast.rita):
        for verb in (rules.listing, rules.runs):
            with pytest.raises(NotAllowed):
                run(actor, verb)
        with pytest.raises(NotAllowed):
            run(actor, rules.save, name="x", written={})


@pytest.mark.parametrize(
    ("written", "field", "said"),
    [
        ({"then": [["assign", "987654"]]}, "actions", "Action 1: Choose somebody"), ({"then": [["priority", "high"], ["status", "gone"]]}, "actions", "Action 2: There is no status"),
        ({"then": [["team", "987654"]]}, "actions", "Action 1: Choose one of the teams"), ({"then": [["category", "987654"]]}, "actions", "Choose one of the categories"),
        ({"if": {"all": [["team", "is", "987654"]]}}, "where", "does not exist any more"), ({"if": {"all": [["status", "is", "gone"]]}}, "where", "does not exist"),
        ({"if": {"all": [["assignee", "is", "987654"]]}}, "where", "does not exist"), ({"if": {"all": [["field:987654", "is", "x"]]}}, "where", "custom field"),
        ({"if": {"team__name": "Nobody"}}, "where", "There is no team “Nobody”"), ({"when": "updated", "if": {"all": [["priority", "changed", "yes"]]}}, "actions", "changes it itself"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_when_it_is_saved(
    cast: Cast, written: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        _rule(cast, **written)
    assert list(refused.value.fields) == [field]


def test_an_inactive_agent_is_refused(cast: Cast) -> None:
    run(cast.adam, people.deactivate, cast.bob.person_id)
    with pytest.raises(Invalid, match="Action 1: Bob Billing is deactivated"):
        _rule(cast, then=[["assign", str(cast.bob.person_id)]])


def test_the_flat_form_finds_ids_by_name(cast: Cast) -> None:
    rule_id = _rule(cast, **{"if": {"priority": "Medium", "team__name": "support", "requester__company__name": "Northwind", "assignee__email__not": "bob@acme.example"}})  # fmt: skip
    assert run(cast.adam, rules.definition, rule_id)["if"] == {
        "all": [["priority", "is", "medium"], ["team", "is", str(cast.support)], ["company", "is", str(cast.northwind)], ["assignee", "not", str(cast.bob.person_id)]]
    }  # fmt: skip
    [row] = run(cast.adam, rules.listing)
    assert (
        row.where == "Priority is Medium and Team is Support and Company is Northwind and Assignee is not Bob Billing"
    )
    assert (row.when, row.then, row.created_by) == ("a ticket is created", "set the priority to Urgent", "Adam Admin")


def test_a_name_is_taken_once_and_changes_are_in_the_audit(cast: Cast) -> None:
    rule_id = _rule(cast)
    with pytest.raises(Conflict):
        _rule(cast, "vip")
    run(cast.adam, rules.save, rule_id, name="VIPs", written={"when": "created", "then": [["tag", "vip"]]})
    run(cast.adam, rules.delete, rule_id)

    def kinds(ctx: Context) -> list[str]:
        query = select(Activity.kind).where(Activity.subject_id == rule_id, col(Activity.kind).startswith("rule."))
        return list(ctx.session.exec(query.order_by(col(Activity.id))).all())

    assert run(cast.desk, kinds) == ["rule.created", "rule.changed", "rule.deleted"]


def test_nobody_elses_rules(cast: Cast) -> None:
    run(cast.eve, rules.save, name="Evil", written={"when": "created", "then": [["priority", "low"]]})
    assert _ticket(cast, _file(cast.rita)).priority_slug == "medium" and run(cast.adam, rules.listing) == ()


def test_without_rules_nothing_is_read(cast: Cast) -> None:
    _rule(cast, "other", when="rated")

    def look(ctx: Context) -> bool:
        return automation.concerned(ctx, ActivityKind.TICKET_CREATED) or automation.concerned(
            ctx, ActivityKind.PERSON_SIGNED_IN
        )

    assert not run(cast.desk, look)
