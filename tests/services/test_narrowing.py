"""Conditions find what they say, among what one may see, and nothing breaks on words that are gone."""

from datetime import timedelta

import pytest

from helpdesk import clock
from helpdesk.domain.conditions import Field, from_json
from helpdesk.domain.errors import Invalid
from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.people import Actor
from helpdesk.services import search, tickets
from helpdesk.services.tickets import narrowing
from helpdesk.services.unit_of_work import run
from tests.cast import Cast


def _found(actor: Actor, *conditions: object, match: str = "all") -> list[str]:
    wanted = TicketFilter(where=from_json({match: list(conditions)}))
    return [row.reference for row in run(actor, tickets.page, wanted).rows]


@pytest.fixture
def ref(cast: Cast) -> str:
    """A ticket of Rita's: urgent, with Ada, tagged, in no team and no category."""
    made = run(cast.rita, tickets.create, title="Crème brûlée printer smokes", description="y", priority="urgent")
    run(cast.ada, tickets.tag, made, ["VIP"])
    run(cast.max, tickets.assign, made, to=cast.ada.person_id)
    return made


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (["status", "is", "open"], True), (["status", "not", "open"], False), (["status", "any", "new", "open"], True),
        (["status_category", "is", "open"], True), (["status_category", "not", "closed", "resolved"], True),
        (["priority", "any", "high", "urgent"], True), (["priority", "not", "urgent"], False),
        (["category", "is", "none"], True), (["category", "not", "none"], False), (["category", "not", "5"], True),
        (["assignee", "is", "me"], True), (["assignee", "is", "none"], False), (["assignee", "any", "none", "me"], True),
        (["assignee", "not", "me"], False), (["assignee", "not", "none"], True), (["assignee", "not", "none", "me"], False),
        (["team", "is", "none"], True), (["team", "is", "me"], False), (["team", "not", "me"], True),
        (["tag", "is", "vip"], True), (["tag", "is", "cold"], False), (["tag", "not", "vip"], False),
        (["tag", "is", "none"], False), (["tag", "not", "none"], True), (["tag", "any", "none", "vip"], True),
        (["company", "is", "none"], False), (["company", "not", "none"], True), (["channel", "is", "web"], True),
        (["requester", "is", "me"], False), (["created", "last", "1"], True), (["created", "next", "1"], False),
        (["created", "before", "2020-01-01"], False), (["created", "after", "2020-01-01"], True),
        (["due", "next", "7"], False), (["due", "before", "2100-01-01"], False), (["sla", "any", "ok", "none"], True),
        (["sla", "is", "breached"], False), (["sla", "not", "breached"], True), (["title", "contains", "brulee"], True),
        (["title", "contains", "PRINT smoke"], True), (["title", "contains", "brulee fax"], False),
        (["title", "contains", "'; --"], False), (["title", "contains", "%"], False),
        # Gone since the view was saved.
        (["status", "is", "nonsense"], False), (["priority", "is", "nonsense"], False), (["status", "not", "nonsense"], True),
    ],
)  # fmt: skip
def test_conditions(cast: Cast, ref: str, condition: list[str], found: bool) -> None:
    assert _found(cast.ada, condition) == ([ref] if found else [])


def test_days_begin_where_the_reader_is(cast: Cast, ref: str) -> None:
    today = clock.now().date()
    assert _found(cast.ada, ["created", "is", today.isoformat()]) == [ref]
    assert _found(cast.ada, ["created", "after", today.isoformat()]) == []
    assert _found(cast.ada, ["created", "before", (today + timedelta(days=1)).isoformat()]) == [ref]


def test_groups_go_together(cast: Cast, ref: str) -> None:
    no, yes = ["priority", "is", "low"], ["priority", "is", "urgent"]
    assert _found(cast.ada, no, yes) == [] and _found(cast.ada, no, yes, match="any") == [ref]
    assert _found(cast.ada, yes, {"any": [no, {"all": [yes, ["tag", "is", "vip"]]}]}) == [ref]
    assert _found(cast.ada) == [ref] and _found(cast.ada, match="any") == [ref], "no condition refuses nothing"


def test_conditions_show_nobody_more(cast: Cast, ref: str) -> None:
    run(cast.max, tickets.move_to_team, ref, team_id=cast.support)
    for actor in (cast.bob, cast.zoe, cast.eve):
        assert _found(actor, ["priority", "is", "urgent"], ["priority", "is", "low"], match="any") == []


def test_customers_learn_nothing_by_conditions(cast: Cast, ref: str) -> None:
    assert _found(cast.rita, ["tag", "is", "nonsense"]) == [ref] == _found(cast.rita, ["tag", "is", "vip"])
    for hidden in (
        ["sla", "is", "breached"],
        ["escalation", "least", "1"],
        ["attached", "is", "yes"],
        ["team", "is", "none"],
    ):
        assert _found(cast.rita, hidden) == [ref], "not asked at all"
        assert (
            _found(cast.rita, {"all": [hidden]})
            == [ref]
            == _found(cast.rita, ["status", "is", "closed"], hidden, match="any")
        )


def test_customers_may_ask_for_what_they_are_shown(cast: Cast, ref: str) -> None:
    assert _found(cast.rita, ["status", "not", "open"]) == [] and _found(cast.rita, ["priority", "is", "urgent"]) == [
        ref
    ]
    assert _found(cast.rita, ["status", "is", "closed"], ["created", "last", "1"], match="any") == [ref]
    assert _found(cast.rita, ["tag", "is", "vip"], {"all": [["priority", "is", "low"]]}) == []


def test_a_changed_title_is_found(cast: Cast, ref: str) -> None:
    run(cast.ada, tickets.retitle, ref, "Espresso")
    assert _found(cast.ada, ["title", "contains", "espresso"]) == [ref]


@pytest.mark.parametrize("field", [Field.STATUS, Field.PRIORITY, Field.TAG, Field.TEAM, Field.CATEGORY])
def test_unknown_words_are_refused_before_they_are_saved(cast: Cast, field: Field) -> None:
    group = from_json({"all": [{"any": [[field.value, "is", "987654321"]]}]})
    with pytest.raises(Invalid) as refused:
        run(cast.ada, narrowing.check, group)
    assert "987654321" in refused.value.fields["where"]


def test_words_too_common_to_list_are_found_all_the_same(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = run(cast.rita, tickets.create, title="Espresso machine", description="It leaks.")
    monkeypatch.setattr(search, "_LISTED", 0)
    assert _found(cast.ada, ["title", "contains", "espre"]) == [ref]
    assert _found(cast.ada, ["title", "contains", "leaks"]) == []
