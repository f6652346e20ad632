"""Circles of rules: certain ones are found, uncertain ones are only possible, and what comes to rest is neither."""

from typing import Any

import pytest

from helpdesk.domain import loops
from helpdesk.domain.rules import Rule, parse

STAGES = {"new": "new", "open": "open", "waiting": "pending", "resolved": "resolved", "closed": "closed"}


def _rule(then: list[list[str]], *where: Any, when: str = "updated", match: str = "all") -> Rule:
    return parse({"when": when, "if": {match: list(where)}, "then": then})


def _rules(*rules: Rule) -> dict[int, Rule]:
    return dict(enumerate(rules, start=1))


UP = _rule([["priority", "urgent"]], ["priority", "is", "low"])
DOWN = _rule([["priority", "low"]], ["priority", "is", "urgent"])
WORDS = ["text", "contains", "printer"]

CERTAIN = [
    ("two that set the same to and fro", [UP, DOWN], {1, 2}),
    ("whoever of them is saved last", [DOWN, UP], {1, 2}),
    ("three in a row", [
        _rule([["status", "open"]], ["status", "is", "waiting"]), _rule([["status", "resolved"]], ["status", "is", "open"]),
        _rule([["status", "waiting"]], ["status", "is", "resolved"]),
    ], {1, 2, 3}),
    ("by the category of a status", [
        _rule([["status", "open"]], ["status_category", "is", "resolved"]), _rule([["status", "resolved"]], ["status", "is", "open"]),
    ], {1, 2}),
    ("tags to and fro", [_rule([["tag", "a"]], ["tag", "not", "a"]), _rule([["untag", "a"]], ["tag", "is", "a"])], {1, 2}),
    ("asking what it was", [
        _rule([["priority", "urgent"]], ["priority", "is", "low"], ["priority", "was", "urgent"]),
        _rule([["priority", "low"]], ["priority", "is", "urgent"]),
    ], {1, 2}),
    ("answering itself", [_rule([["note", "x"]], when="commented")], {1}),
    ("answering itself, when the desk says it", [_rule([["reply", "x"]], ["by", "is", "desk"], when="commented")], {1}),
    ("moving the due date because it was moved", [_rule([["due", "2d"]])], {1}),
    ("giving it to and fro", [
        _rule([["assign", "2"]], ["assignee", "is", "1"], ["status_category", "is", "open"], when="assigned"),
        _rule([["assign", "1"]], ["assignee", "is", "2"], ["status_category", "is", "open"], when="assigned"),
    ], {1, 2}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "rules", "circle"), CERTAIN, ids=[one[0] for one in CERTAIN])
def test_certain_circles(why: str, rules: list[Rule], circle: set[int]) -> None:
    assert set(loops.certain(_rules(*rules), 1, STAGES)) == circle
    assert set(loops.certain(_rules(*rules), len(rules), STAGES)) == circle


POSSIBLE = [
    ("words decide", [UP, _rule([["priority", "low"]], ["priority", "is", "urgent"], WORDS)]),
    ("any of two", [UP, _rule([["priority", "low"]], ["priority", "is", "urgent"], WORDS, match="any")]),
    ("nothing is asked", [_rule([["priority", "urgent"]]), _rule([["priority", "low"]])]),
    ("given to and fro, perhaps a new one", [
        _rule([["assign", "2"]], ["assignee", "is", "1"], ["status", "is", "new"]),
        _rule([["assign", "1"]], ["assignee", "is", "2"], ["status", "is", "new"]),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("why", "rules"), POSSIBLE, ids=[one[0] for one in POSSIBLE])
def test_what_is_only_possible_is_not_certain(why: str, rules: list[Rule]) -> None:
    known = _rules(*rules)
    if why != "any of two":
        assert loops.certain(known, 1, STAGES) == []
    assert loops.possible(known, 1, STAGES)


FINE = [
    ("one that sets what is so then", [_rule([["priority", "urgent"]])]),
    ("two that agree", [_rule([["priority", "urgent"]], ["tag", "is", "vip"]), _rule([["tag", "vip"]], ["priority", "is", "urgent"])]),
    ("a way in one direction", [_rule([["status", "open"]], ["status", "is", "new"]), _rule([["status", "resolved"]], ["status", "is", "open"])]),
    ("begun by customers only", [_rule([["reply", "x"]], ["by", "is", "customer"], when="commented")]),
    ("a note because of a reply", [_rule([["note", "x"]], ["said", "is", "reply"], when="commented")]),
    ("when it is created", [_rule([["priority", "urgent"]], when="created"), _rule([["priority", "low"]], ["priority", "is", "high"])]),
    ("told apart by another field", [
        _rule([["priority", "urgent"]], ["priority", "is", "low"], ["category", "is", "1"]),
        _rule([["priority", "low"]], ["priority", "is", "urgent"], ["category", "is", "2"]),
    ]),
    ("another field has changed", [UP, _rule([["priority", "low"]], ["priority", "is", "urgent"], ["status", "changed", "yes"])]),
]  # fmt: skip


@pytest.mark.parametrize(("why", "rules"), FINE, ids=[one[0] for one in FINE])
def test_what_comes_to_rest(why: str, rules: list[Rule]) -> None:
    known = _rules(*rules)
    for number in known:
        assert loops.certain(known, number, STAGES) == [] and loops.possible(known, number, STAGES) == []


def test_a_circle_of_others_is_not_the_new_rules_fault() -> None:
    known = {1: UP, 2: DOWN, 3: _rule([["priority", "low"]], ["priority", "is", "high"])}
    assert loops.certain(known, 3, STAGES) == []


def test_many_rules_are_looked_through_quickly() -> None:
    known = {
        number: _rule([["tag", f"t{number}"]], ["tag", "is", f"t{number - 1}"], ["tag", "not", f"t{number}"])
        for number in range(1, 200)
    }
    assert loops.certain(known, 1, STAGES) == []
