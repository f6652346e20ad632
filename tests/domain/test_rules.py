"""What conditions mean for one ticket, and what is a rule and what is not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.domain import durations, rules
from helpdesk.domain.conditions import Condition, Field, Operator, Use, as_json, from_json
from helpdesk.domain.errors import Invalid
from helpdesk.domain.rules import Action, Do, Facts, Trigger, holds

NOW = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)


def _some(*values: str) -> frozenset[str]:
    return frozenset(values)


TICKET = Facts(
    now=NOW,
    timezone="Europe/Berlin",  # where it is already the 22nd
    values={
        "status": _some("open"), "status_category": _some("open"), "priority": _some("urgent"), "category": _some("3"),
        "team": _some("4"), "tag": _some("vip", "beta"), "company": _some("9"), "channel": _some("email"),
        "requester": _some("5"), "sla": _some("none"), "snoozed": _some("no"), "escalation": _some("2"), "csat": _some("4"),
        "requester_email": _some("rita@northwind.example"), "requester_domain": _some("northwind.example"),
        "hours": _some("closed"), "by": _some("customer"), "said": _some("reply"), "field:12": _some("gold"),
        "field:13": _some("5"), "field:14": _some("2026-11-30"),
    },
    texts={
        "title": "Crème brûlée printer SMOKES", "description": "Since Monday", "comment": "I want a refund!",
        "text": "Crème brûlée printer SMOKES\nSince Monday\nI want a refund!", "field:12": "Gold plan",
    },
    dates={"created": NOW - timedelta(days=3), "updated": NOW, "due": NOW + timedelta(days=2)},
    was={"status": _some("new"), "status_category": _some("new"), "assignee": _some(), "field:12": _some("silver")},
)  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (["status", "is", "open"], True), (["status", "is", "OPEN"], True), (["status", "not", "open"], False),
        (["status", "any", "new", "open"], True), (["status", "is", "closed"], False), (["status", "not", "closed"], True),
        (["priority", "is", "Urgent"], True), (["priority", "any", "low", "high"], False),
        (["category", "is", "3"], True), (["category", "is", "none"], False), (["category", "not", "none"], True),
        (["assignee", "is", "none"], True), (["assignee", "is", "7"], False), (["assignee", "not", "7"], True),
        (["assignee", "not", "none"], False), (["assignee", "any", "7", "none"], True),
        (["tag", "is", "vip"], True), (["tag", "is", "VIP"], True), (["tag", "not", "vip"], False), (["tag", "is", "x"], False),
        (["tag", "any", "x", "beta"], True), (["tag", "not", "x", "y"], True), (["tag", "is", "none"], False),
        (["sla", "is", "none"], True), (["sla", "any", "at_risk", "breached"], False), (["snoozed", "is", "no"], True),
        (["channel", "is", "email"], True), (["company", "any", "8", "9"], True), (["requester", "is", "5"], True),
        (["escalation", "least", "2"], True), (["escalation", "least", "3"], False), (["escalation", "most", "2"], True),
        (["escalation", "is", "2.0"], True), (["csat", "most", "3"], False), (["csat", "is", "none"], False),
        (["requester_domain", "is", "Northwind.example"], True), (["requester_domain", "is", "wind.example"], False),
        (["requester_email", "contains", "@northwind"], True), (["requester_email", "is", "rita@northwind.example"], True),
        (["hours", "is", "closed"], True), (["hours", "is", "open"], False), (["by", "is", "customer"], True),
        (["by", "any", "staff", "desk"], False), (["said", "is", "reply"], True), (["said", "is", "note"], False),
        (["field:12", "is", "Gold"], True), (["field:12", "is", "silver"], False), (["field:99", "is", "none"], True),
        (["field:12", "not", "none"], True), (["field:12", "contains", "plan"], True), (["field:13", "is", "5.0"], True),
        (["field:13", "least", "4.5"], True), (["field:13", "most", "4"], False), (["field:14", "least", "2026-11-30"], True),
        (["field:14", "most", "2026-11-29"], False), (["field:14", "least", "5"], False), (["field:12", "least", "1"], False),
        (["title", "contains", "brulee"], True), (["title", "contains", "print smok"], True), (["title", "contains", "oke"], False),
        (["title", "contains", "refund"], False), (["text", "contains", "REFUND"], True), (["text", "contains", "monday refund"], True),
        (["comment", "contains", "want"], True), (["description", "contains", "since"], True), (["text", "contains", "!!"], False),
        (["created", "last", "3"], True), (["created", "last", "2"], False), (["created", "next", "1"], False),
        (["due", "next", "2"], True), (["due", "next", "1"], False), (["resolved", "last", "9"], False),
        (["updated", "is", "2026-11-22"], True), (["updated", "is", "2026-11-21"], False), (["updated", "before", "2026-11-22"], False),
        (["updated", "after", "2026-11-21"], True), (["created", "before", "2026-11-20"], True),
        (["status", "was", "new"], True), (["status", "was", "closed"], False), (["status", "was", "open", "new"], True),
        (["status", "changed", "yes"], True), (["status", "changed", "no"], False), (["priority", "changed", "no"], True),
        (["priority", "was", "low"], False), (["assignee", "was", "none"], True), (["assignee", "was", "7"], False),
        (["field:12", "was", "Silver"], True), (["field:12", "changed", "yes"], True), (["field:13", "changed", "no"], True),
    ],
)  # fmt: skip
def test_a_condition_of_one_ticket(condition: list[str], expected: bool) -> None:
    group = from_json({"all": [condition]}, Use.RULE)
    assert holds(group, TICKET) is expected
    assert (rules.failing(group, TICKET) is None) is expected


_TRUE, _FALSE = ["status", "is", "open"], ["status", "is", "closed"]


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"all": []}, True), ({"any": []}, True), ({"all": [_TRUE, _TRUE]}, True), ({"all": [_TRUE, _FALSE]}, False),
        ({"any": [_FALSE, _TRUE]}, True), ({"any": [_FALSE, _FALSE]}, False),
        ({"all": [_TRUE, {"any": [_FALSE, _TRUE]}]}, True), ({"all": [_TRUE, {"any": [_FALSE, {"all": [_FALSE]}]}]}, False),
        ({"any": [_FALSE, {"all": [_TRUE, {"any": [_TRUE]}]}]}, True), ({"all": [{"any": []}]}, True),
    ],
)  # fmt: skip
def test_groups_go_together(tree: dict[str, object], expected: bool) -> None:
    assert holds(from_json(tree, Use.RULE), TICKET) is expected


@given(st.sampled_from(["is", "any"]), st.sets(st.sampled_from(["open", "new", "closed"]), min_size=1, max_size=1))
def test_not_is_the_opposite_of_is(how: str, values: set[str]) -> None:
    said = from_json({"all": [["status", how, *values]]}, Use.RULE)
    assert holds(said, TICKET) is not holds(from_json({"all": [["status", "not", *values]]}, Use.RULE), TICKET)


def test_what_is_needed_is_what_is_asked_for() -> None:
    group = from_json(
        {"all": [["status", "is", "new"], {"any": [["text", "contains", "x"], ["field:1", "is", "y"]]}]}, Use.RULE
    )
    assert rules.needs([group]) == {Field.STATUS, Field.TEXT, Field.CUSTOM}


# --- The flat form ------------------------------------------------------------------------------------------------------

_NAMES = {
    (Field.CATEGORY, "billing"): "3", (Field.TEAM, "support"): "4", (Field.ASSIGNEE, "ada@acme.example"): "7",
    (Field.COMPANY, "northwind"): "9", (Field.CUSTOM, "plan"): "12",
}  # fmt: skip


def _find(about: Field, name: str) -> str | None:
    return _NAMES.get((about, name))


@pytest.mark.parametrize(
    ("flat", "tree"),
    [
        ({"priority": "urgent"}, [["priority", "is", "urgent"]]),
        ({"PRIORITY": "Urgent"}, [["priority", "is", "urgent"]]),
        ({"priority": "urgent", "category__name": "Billing"}, [["priority", "is", "urgent"], ["category", "is", "3"]]),
        ({"category": "billing"}, [["category", "is", "3"]]), ({"category__id": 5}, [["category", "is", "5"]]),
        ({"category": 5}, [["category", "is", "5"]]), ({"category": None}, [["category", "is", "none"]]),
        ({"priority__in": ["high", "urgent"]}, [["priority", "any", "high", "urgent"]]),
        ({"priority": ["high", "urgent"]}, [["priority", "any", "high", "urgent"]]),
        ({"status__not": "closed"}, [["status", "not", "closed"]]),
        ({"status__slug__not": ["closed", "new"]}, [["status", "not", "closed", "new"]]),
        ({"team__name__in": ["Support"]}, [["team", "any", "4"]]), ({"assignee__email": "Ada@acme.example"}, [["assignee", "is", "7"]]),
        ({"assignee": None}, [["assignee", "is", "none"]]), ({"assigned_to": None}, [["assignee", "is", "none"]]),
        ({"company__name": "Northwind"}, [["company", "is", "9"]]), ({"requester__company__name": "northwind"}, [["company", "is", "9"]]),
        ({"requester__email": "Rita@x.example"}, [["requester_email", "is", "rita@x.example"]]),
        ({"requester__email__contains": "@x."}, [["requester_email", "contains", "@x."]]),
        ({"requester__domain": "x.example"}, [["requester_domain", "is", "x.example"]]),
        ({"tags": "vip"}, [["tag", "is", "vip"]]), ({"tags__in": ["vip", "beta"]}, [["tag", "any", "vip", "beta"]]),
        ({"title__contains": "Refund"}, [["title", "contains", "Refund"]]), ({"subject": "Refund"}, [["title", "contains", "Refund"]]),
        ({"text__contains": "Refund"}, [["text", "contains", "Refund"]]), ({"csat_score__lte": 2}, [["csat", "most", "2"]]),
        ({"escalation_level__gte": 1}, [["escalation", "least", "1"]]), ({"status__was": "open"}, [["status", "was", "open"]]),
        ({"status__changed": True}, [["status", "changed", "yes"]]), ({"status__category": "open"}, [["status_category", "is", "open"]]),
        ({"custom__plan": "gold"}, [["field:12", "is", "gold"]]), ({"field:12": "gold"}, [["field:12", "is", "gold"]]),
        ({"custom__plan__in": ["gold", "iron"]}, [["field:12", "any", "gold", "iron"]]), ({}, []),
        ({"all": [["priority", "is", "low"]]}, [["priority", "is", "low"]]),
    ],
)  # fmt: skip
def test_the_flat_form(flat: dict[str, object], tree: list[list[str]]) -> None:
    assert as_json(rules.conditions(flat, _find)) == {"all": tree}


@pytest.mark.parametrize(
    ("flat", "said"),
    [
        ({"salary": 1}, "“salary”: There is no field"), ({"priority__like": "x"}, "“priority__like”: There is no field"),
        ({"category__name": "Bilge"}, "“category__name”: There is no category “Bilge”"),
        ({"custom__size": "x"}, "There is no custom field “size”"), ({"assignee": "me"}, "works for everybody"),
        ({"priority__in": []}, "Say what"), ({"status__contains": "x"}, "cannot be compared"),
        ([1], "A group"), ("x", "A group"),
    ],
)  # fmt: skip
def test_what_is_no_flat_form_is_refused_by_its_key(flat: object, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        rules.conditions(flat, _find)


# --- Whole rules --------------------------------------------------------------------------------------------------------


def test_a_rule_there_and_back_again() -> None:
    given = {
        "when": "stuck", "after": "1d 12h", "if": {"all": [["status_category", "is", "pending"], {"any": [["tag", "is", "vip"]]}]},
        "then": [["priority", "urgent"], ["assign", "7"], ["tag", "old", "vip"], ["due", "4h"], ["note", "Hello {{ requester.name }}"],
                 ["mail", "requester", "About {{ ticket.reference }}", "Still waiting"], ["stop"]],
    }  # fmt: skip
    rule = rules.parse(given)
    assert (rule.trigger, rule.after, rule.stops) == (Trigger.STUCK, timedelta(hours=36), True)
    assert rules.rule_json(rule) == given


def _refused(given: object) -> Invalid:
    with pytest.raises(Invalid) as refused:
        rules.parse(given)
    return refused.value


_THEN = [["priority", "low"]]


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ([], "", "when, if and then"), ({"when": "created", "then": _THEN, "else": 1}, "", "no “else”"),
        ({"when": "full moon", "then": _THEN}, "trigger", "Choose when"), ({"then": _THEN}, "trigger", "Choose when"),
        ({"when": "idle", "then": _THEN}, "after", "for how long"), ({"when": "created", "after": "2d", "then": _THEN}, "after", "Only rules"),
        ({"when": "idle", "after": "soon", "then": _THEN}, "after", "no length of time"),
        ({"when": "idle", "after": "0m", "then": _THEN}, "after", "between"), ({"when": "idle", "after": "-2d", "then": _THEN}, "after", "no length"),
        ({"when": "idle", "after": "9999d", "then": _THEN}, "after", "between"), ({"when": "idle", "after": "2", "then": _THEN}, "after", "no length"),
        ({"when": "created", "if": {"all": [["x", "is", "y"]]}, "then": _THEN}, "where", "Condition 1"),
        ({"when": "created", "if": {"salary": 5}, "then": _THEN}, "where", "salary"),
        ({"when": "created"}, "actions", "add an action"), ({"when": "created", "then": []}, "actions", "add an action"),
        ({"when": "created", "then": [["priority", "low"]] * 21}, "actions", "at most 20"),
        ({"when": "created", "then": [["explode"]]}, "actions", "Action 1: There is no action “explode”"),
        ({"when": "created", "then": [["stop"], "x"]}, "actions", "Action 2: An action is"),
        ({"when": "created", "then": [["stop", "x"]]}, "actions", "takes nothing"),
        ({"when": "created", "then": [["priority"]]}, "actions", "Say what"), ({"when": "created", "then": [["priority", " "]]}, "actions", "Say what"),
        ({"when": "created", "then": [["priority", "low", "high"]]}, "actions", "Say what"),
        ({"when": "created", "then": [["assign", "ada"]]}, "actions", "Choose what"), ({"when": "created", "then": [["watch", "none"]]}, "actions", "Choose"),
        ({"when": "created", "then": [["tag"]]}, "actions", "Name 1 to"), ({"when": "created", "then": [["tag", "x" * 61]]}, "actions", "60"),
        ({"when": "created", "then": [["escalate", "4"]]}, "actions", "Choose a level"), ({"when": "created", "then": [["take"]]}, "actions", "cannot be done here"),
        ({"when": "created", "then": [["due", "yesterday"]]}, "actions", "no length of time"),
        ({"when": "created", "then": [["note", ""]]}, "actions", "Write the text"),
        ({"when": "created", "then": [["note", "Hi {{ requester.salary }}"]]}, "actions", "Action 1: Line 1: there is no placeholder “requester.salary”"),
        ({"when": "created", "then": [["stop"], ["reply", "a\n{{ ticket"]]}, "actions", "Action 2: Line 2 cannot be read"),
        ({"when": "created", "then": [["mail", "nobody", "a", "b"]]}, "actions", "no e-mail address"),
        ({"when": "created", "then": [["mail", "requester", "a"]]}, "actions", "recipient, a subject"),
        ({"when": "created", "then": [["mail", "requester", "", "b"]]}, "actions", "subject of at most"),
        ({"when": "created", "then": [["mail", "requester", "{{ x }}", "b"]]}, "actions", "no placeholder “x”"),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused_with_the_place(given: object, field: str, said: str) -> None:
    refused = _refused(given)
    assert said in refused.message and list(refused.fields) == ([field] if field else [])


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (["priority", "URGENT"], Action(Do.PRIORITY, ("urgent",))), (["assign", 7], Action(Do.ASSIGN, ("7",))),
        (["assign", "none"], Action(Do.ASSIGN, ("none",))), (["tag", "VIP", " vip ", "b"], Action(Do.TAG, ("vip", "b"))),
        (["due", "none"], Action(Do.DUE, ("none",))), (["stop"], Action(Do.STOP)),
        (["mail", "Assignee", "s", "b"], Action(Do.MAIL, ("assignee", "s", "b"))),
    ],
)  # fmt: skip
def test_actions(given: list[object], wanted: Action) -> None:
    assert rules.action(given) == wanted


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
    st.sampled_from(["when", "if", "then", "after", "all", "any", "x"]), inner, max_size=4)))  # fmt: skip
def test_nothing_is_more_than_refused(given: object) -> None:
    try:
        rules.parse(given)
    except Invalid:
        pass


def test_lengths_of_time() -> None:
    for text, wanted in (("30m", timedelta(minutes=30)), ("4 hours", timedelta(hours=4)), ("2D", timedelta(days=2)), ("1w", timedelta(weeks=1)), ("1d 12h", timedelta(hours=36))):  # fmt: skip
        assert durations.wait(text) == wanted == durations.wait(durations.in_days(wanted))


def test_a_condition_knows_its_name() -> None:
    assert (
        Condition(Field.CUSTOM, Operator.IS, ("x",), 12).name == "field:12"
        and Condition(Field.TAG, Operator.IS, ("x",)).name == "tag"
    )
