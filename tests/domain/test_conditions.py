"""Conditions and their JSON are the same thing; anything else is refused with a reason."""

import json

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
    dump,
    from_json,
    load,
)
from helpdesk.domain.errors import Invalid
from helpdesk.domain.filters import TicketFilter, parse

_DAYS = st.dates().map(lambda day: day.isoformat())
_NUMBERS = st.integers(1, 3650).map(str)


def _conditions(field: Field) -> st.SearchStrategy[Condition]:
    facts = FIELDS[field]
    values = {
        Kind.WORD: st.sampled_from(("new", "in_progress", "p1", "vip")),
        Kind.CHOICE: st.sampled_from(facts.words or ("x",)),
        Kind.ID: st.integers(1, 2**63 - 1).map(str) | st.sampled_from(facts.words or ("1",)),
        Kind.TEXT: st.sampled_from(("printer", "brûlée", "two words")),
    }

    def build(operator: Operator) -> st.SearchStrategy[Condition]:
        if facts.kind is Kind.DATE:
            one = _NUMBERS if operator in (Operator.LAST, Operator.NEXT) else _DAYS
        else:
            one = values[facts.kind]
        most = 3 if operator in (Operator.ANY, Operator.NOT) else 1
        return st.lists(one, min_size=1, max_size=most, unique=True).map(lambda v: Condition(field, operator, tuple(v)))

    return st.sampled_from(OPERATORS[facts.kind]).flatmap(build)


_CONDITION = st.sampled_from(Field).flatmap(_conditions)
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
        ({"all": [["created", "before", "soon"]]}, "such as"), ({"all": [["created", "before", "2026-02-30"]]}, "such as"),
        ({"all": [["status", "is", None]]}, "comparison"), ({"all": [["status", "is", ["x"]]]}, "comparison"),
        ({"all": [{"all": [{"all": [{"all": []}]}]}]}, "deep"), ({"all": [["tag", "is", "x"]] * 31}, "at most 30"),
        ({"all": [{"all": [["tag", "is", "x"]] * 16}, {"any": [["tag", "is", "x"]] * 16}]}, "at most 30"),
        ({"all": [["tag", "any", *map(str, range(51))]]}, "too many"),
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
