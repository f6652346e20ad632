"""Conditions and their JSON are the same thing; anything else is refused with a reason."""

import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.domain.conditions import (
    FIELDS,
    OPERATORS,
    Condition,
    Field,
    Group,
    Kind,
    Match,
    Operator,
    Use,
    as_json,
    dump,
    from_json,
    load,
)
from helpdesk.domain.errors import Invalid
from helpdesk.domain.filters import TicketFilter, parse

_DAYS = st.dates().map(lambda day: day.isoformat())
_MOMENTS = st.datetimes(datetime.fromisoformat("1900-01-01")).map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%SZ}")
_NUMBERS = st.integers(1, 3650).map(str)


def _conditions(field: Field) -> st.SearchStrategy[Condition]:
    facts = FIELDS[field]
    values = {
        Kind.WORD: st.sampled_from(("new", "in_progress", "p1", "vip")),
        Kind.CHOICE: st.sampled_from(facts.words or ("x",)),
        Kind.ID: st.integers(1, 2**63 - 1).map(str) | st.sampled_from(facts.words or ("1",)),
        Kind.TEXT: st.sampled_from(("printer", "brûlée", "two words")),
        Kind.NAME: st.sampled_from(("northwind.example", "rita@northwind.example")),
        Kind.NUMBER: st.integers(-9, 9).map(str) | st.sampled_from(("2.5", *facts.words)),
        Kind.ANSWER: st.sampled_from(("7", "2026-11-30")),
    }
    number = 12 if field is Field.CUSTOM else 0

    def build(operator: Operator) -> st.SearchStrategy[Condition]:
        if facts.kind is Kind.DATE:
            one = _NUMBERS if operator in (Operator.LAST, Operator.NEXT) else _DAYS
            one = one | _MOMENTS if operator in (Operator.BEFORE, Operator.AFTER) else one
        else:
            one = values[facts.kind]
            if operator in (Operator.LEAST, Operator.MOST):
                one = one.filter(lambda value: value != "none")
        most = 3 if operator in (Operator.ANY, Operator.NOT) else 1
        return st.lists(one, min_size=1, max_size=most, unique=True).map(
            lambda v: Condition(field, operator, tuple(v), number)
        )

    return st.sampled_from(OPERATORS[facts.kind]).flatmap(build)


_CONDITION = st.sampled_from([one for one in Field if FIELDS[one].in_views]).flatmap(_conditions)
_LEAF = st.builds(Group, st.sampled_from(Match), st.lists(_CONDITION, max_size=3).map(tuple))
_GROUP = st.builds(Group, st.sampled_from(Match), st.lists(_CONDITION | _LEAF, max_size=4).map(tuple))


@given(_GROUP)
def test_there_and_back_again(group: Group) -> None:
    assert load(dump(group)) == group
    wanted = TicketFilter(where=group)
    assert parse({"where": dump(group)}) == wanted


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "group"), ({}, "group"), ({"none": []}, "group"), ({"all": [], "any": []}, "group"), ({"all": "x"}, "at most"),
        ({"all": [["status"]]}, "comparison"), ({"all": [["salary", "is", "1"]]}, "no field"),
        ({"all": [["status", "contains", "x"]]}, "cannot be compared"), ({"all": [["status", "is"]]}, "Say what"),
        ({"all": [["status", "is", ""]]}, "Say what"), ({"all": [["status", "is", "a", "b"]]}, "too many"),
        ({"all": [["assignee", "is", "ada"]]}, "no assignee"), ({"all": [["assignee", "is", "²"]]}, "no assignee"),
        ({"all": [["assignee", "is", str(2**63)]]}, "no assignee"), ({"all": [["channel", "is", "fax"]]}, "no channel"),
        ({"all": [["created", "last", "many"]]}, "number of days"), ({"all": [["created", "last", "0"]]}, "number of days"),
        ({"all": [["created", "before", "soon"]]}, "such as"), ({"all": [["created", "is", "2026-02-03T09:00"]]}, "such as"),
        ({"all": [["created", "after", "2026-02-30T09:00"]]}, "such as"), ({"all": [["created", "after", "0001-01-01T00:00+14:00"]]}, "such as"),
        ({"all": [["created", "before", "2026-02-30"]]}, "such as"),
        ({"all": [["status", "is", None]]}, "comparison"), ({"all": [["status", "is", ["x"]]]}, "comparison"),
        ({"all": [{"all": [{"all": [{"all": []}]}]}]}, "deep"), ({"all": [["tag", "is", "x"]] * 31}, "at most 30"),
        ({"all": [{"all": [["tag", "is", "x"]] * 16}, {"any": [["tag", "is", "x"]] * 16}]}, "at most 30"),
        ({"all": [["tag", "any", *map(str, range(51))]]}, "too many"),
        ({"all": [["text", "contains", "x"]]}, "Only rules"), ({"all": [["hours", "is", "open"]]}, "Only rules"),
        ({"all": [["requester_domain", "is", "x.example"]]}, "Only rules"), ({"all": [["by", "is", "staff"]]}, "Only rules"),
        ({"all": [["status", "was", "open"]]}, "Only rules"), ({"all": [["priority", "changed", "yes"]]}, "Only rules"),
        ({"all": [["field", "is", "x"]]}, "no field"), ({"all": [["field:0", "is", "x"]]}, "no field"),
        ({"all": [["field:x", "is", "x"]]}, "no field"), ({"all": [["status:4", "is", "x"]]}, "no field"),
        ({"all": [["csat", "least", "many"]]}, "not a number"), ({"all": [["csat", "least", "nan"]]}, "not a number"),
        ({"all": [["field:3", "least", "soon"]]}, "not a number"),
    ],
)  # fmt: skip
def test_what_is_no_condition_is_refused_with_a_reason(given: object, said: str) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        from_json(given)
    assert list(refused.value.fields) == ["where"]


@pytest.mark.parametrize(
    "raw", ["", "x", "[", "null", "1", "[" * 3000, '{"all":[' * 400, "{" * 5000, json.dumps("x" * 5000)]
)
def test_no_text_is_more_than_refused(raw: str) -> None:
    with pytest.raises(Invalid):
        load(raw)


def test_me_makes_it_personal_but_not_as_a_tag() -> None:
    assert from_json({"all": [{"any": [["assignee", "any", "5", "me"]]}]}).is_personal
    assert not from_json({"all": [["tag", "is", "me"]]}).is_personal
    assert TicketFilter(where=from_json({"all": [["team", "is", "me"]]})).is_personal and not TicketFilter().is_personal


_FOR_RULES = (
    ["text", "contains", "refund"], ["hours", "is", "closed"], ["requester_domain", "any", "a.example", "b.example"],
    ["requester_email", "contains", "@a."], ["by", "is", "customer"], ["said", "is", "reply"],
    ["status", "was", "open", "new"], ["priority", "changed", "yes"], ["field:12", "was", "gold"],
    ["escalation", "least", "2"], ["title", "changed", "no"],
)  # fmt: skip


@pytest.mark.parametrize("given", _FOR_RULES)
def test_rules_may_ask_for_more(given: list[str]) -> None:
    assert as_json(from_json({"all": [given]}, Use.RULE)) == {"all": [given]}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"all": [["tag", "is", "x"], ["salary", "is", "1"]]}, "Condition 2: There is no field"),
        ({"all": [["tag", "is", "x"], {"any": [["status", "contains", "1"]]}]}, "Condition 2.1: Status cannot"),
        ({"all": [["assignee", "is", "me"]]}, "Condition 1: A rule works for everybody"),
        ({"all": [["created", "was", "x"]]}, "Condition 1: Created cannot"),
        ({"all": [["title", "was", "x"]]}, "Condition 1: Subject cannot"),
        ({"all": [["status", "changed", "maybe"]]}, "Condition 1: Say “yes” or “no”"),
    ],
)
def test_rules_are_told_where_they_went_wrong(given: object, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        from_json(given, Use.RULE)
