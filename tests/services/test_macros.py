"""Macros: previewed, applied to one ticket or many, taken back, and seen by those they are for."""

from typing import Any

import pytest

from helpdesk.domain.bulk import Action
from helpdesk.domain.errors import Invalid, NotAllowed, NotFound
from helpdesk.domain.people import Actor
from helpdesk.services import configuration, macros, tickets
from helpdesk.services.tickets import bulk
from helpdesk.services.unit_of_work import run
from tests.cast import Cast

DOES = [["take"], ["priority", "high"], ["tag", "vip"], ["status", "waiting"]]


def _macro(actor: Actor, name: str = "Ask back", **facts: Any) -> int:
    return run(actor, macros.save, name=name, **{"changes": DOES, "reply": "Hello {{ requester.first_name }}"} | facts)


@pytest.fixture
def ref(cast: Cast) -> str:
    """A new ticket of Rita's."""
    return run(cast.rita, tickets.create, title="Printer", description="smokes")


def _shown(cast: Cast, ref: str) -> tuple[str, str, str, list[str]]:
    row = run(cast.max, tickets.one, ref).ticket
    return row.assignee, row.priority_slug, row.status_slug, [one.name for one in row.tags]


def test_a_preview_shows_the_text_and_every_field_it_changes(cast: Cast, ref: str) -> None:
    macro_id = _macro(cast.ada, changes=[*DOES, ["category", "none"]])
    seen = run(cast.ada, macros.preview, ref, macro_id)
    assert seen.text == "Hello Rita"
    assert [(one.field, one.before, one.after) for one in seen.changes] == [
        ("Assignee", "Nobody", "Ada Agent"), ("Priority", "Medium", "High"), ("Tags", "None", "vip"),
        ("Status", "New", "Waiting on customer"),
    ]  # fmt: skip
    assert _shown(cast, ref) == ("", "medium", "new", []), "and changes nothing"


def test_on_one_ticket_the_reply_waits_and_the_changes_can_be_taken_back(cast: Cast, ref: str) -> None:
    macro_id = _macro(cast.ada)
    done = run(cast.ada, bulk.start, Action.MACRO_FIELDS, str(macro_id), refs=[ref])
    assert (done.label, done.changed) == ("Macro: Ask back", 1)
    assert _shown(cast, ref) == ("Ada Agent", "high", "waiting_on_customer", ["vip"])
    assert run(cast.ada, tickets.one, ref).comments == ()
    assert run(cast.ada, bulk.undo, done.id).changed == 1
    assert _shown(cast, ref) == ("", "medium", "new", [])


def test_on_many_it_replies_too_and_each_ticket_is_done_by_itself(cast: Cast, ref: str) -> None:
    other = run(cast.zoe, tickets.create, title="Mouse", description="x")
    closed = run(cast.rita, tickets.create, title="Old", description="x")
    run(cast.ada, tickets.change_status, closed, "closed")
    done = run(cast.ada, bulk.start, Action.MACRO, str(_macro(cast.ada)), refs=[ref, other, closed])
    assert (done.changed, done.refused) == (2, 1)
    bodies = [run(cast.ada, tickets.one, one).comments[-1].body_html.strip() for one in (ref, other)]
    assert bodies == ["<p>Hello Rita</p>", "<p>Hello Zoe</p>"]


def test_something_newer_stands_in_the_way_of_the_undo(cast: Cast, ref: str) -> None:
    done = run(cast.ada, bulk.start, Action.MACRO_FIELDS, str(_macro(cast.ada)), refs=[ref])
    run(cast.max, tickets.prioritise, ref, "low")
    undone = run(cast.ada, bulk.undo, done.id)
    assert undone.refused == 1 and "Max Manager has changed the priority since" in undone.refusals[0].reason


def test_who_sees_which(cast: Cast) -> None:
    _macro(cast.ada, "Ada's own")
    _macro(cast.max, "Support's", scope="team", team_id=cast.support)
    _macro(cast.adam, "Everybody's", scope="all")

    def names(actor: Actor) -> list[tuple[str, bool]]:
        return [(row.name, row.may_change) for row in run(actor, macros.listing)]

    assert names(cast.ada) == [("Ada's own", True), ("Everybody's", False), ("Support's", False)]
    assert names(cast.bob) == [("Everybody's", False)]
    assert names(cast.max) == [("Everybody's", True), ("Support's", True)] and names(cast.eve) == []
    for actor in (cast.rita, cast.xena):
        with pytest.raises(NotAllowed):
            run(actor, macros.listing)


def test_nobody_uses_or_changes_what_is_not_theirs(cast: Cast, ref: str) -> None:
    own, shared = _macro(cast.ada), _macro(cast.max, scope="all")
    for verb in (lambda: run(cast.bob, macros.preview, ref, own), lambda: run(cast.bob, macros.delete, own), lambda: run(cast.bob, bulk.start, Action.MACRO, str(own), refs=[ref])):  # fmt: skip
        with pytest.raises(NotFound):
            verb()
    with pytest.raises(NotAllowed):
        run(cast.ada, macros.delete, shared)
    with pytest.raises(NotAllowed):
        run(cast.ada, macros.save, shared, name="x", changes=DOES)
    with pytest.raises(NotAllowed):
        _macro(cast.ada, scope="all")
    run(cast.max, macros.delete, shared)
    assert [row.id for row in run(cast.ada, macros.listing)] == [own]


@pytest.mark.parametrize(
    ("facts", "field", "said"),
    [
        ({"name": " "}, "name", "name"), ({"changes": (), "reply": ""}, "actions", "would do nothing"), ({"changes": [["stop"]]}, "actions", "Action 1: “Apply no further rules” cannot be done here"),
        ({"changes": [["assign", "987654"]]}, "actions", "Action 1"), ({"reply": "{{ nonsense }}"}, "reply", "no placeholder"), ({"scope": "team"}, "team_id", "teams"), ({"scope": "world"}, "scope", "Choose"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused(cast: Cast, facts: dict[str, Any], field: str, said: str) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        run(cast.max, macros.save, **{"name": "Ask back", "changes": DOES} | facts)
    assert list(refused.value.fields) == [field]


def test_a_macro_is_offered_where_it_is_meant_for_and_refused_elsewhere(cast: Cast) -> None:
    waiting, plain = (run(cast.rita, tickets.create, title="Printer", description="smokes") for _ in range(2))
    run(cast.ada, tickets.change_status, waiting, "waiting")
    always = _macro(cast.max, "always", scope="all")
    picky = run(
        cast.max, macros.save, name="picky", scope="all", changes=DOES,
        offered={"all": [["status", "any", "waiting_on_customer"], ["team", "is", "none"]]},
    )  # fmt: skip

    def offered(*refs: str) -> list[int]:
        return [row.id for row in run(cast.ada, macros.offered, refs)]

    assert (offered(waiting), offered(plain)) == ([always, picky], [always])
    assert offered(plain, waiting) == [always, picky], "meant for at least one of them"
    assert offered("ACME-NOBODY") == [always] and offered() == [always]
    done = run(cast.ada, bulk.start, Action.MACRO_FIELDS, str(picky), refs=[waiting, plain])
    assert (done.changed, done.refused) == (1, 1)
    assert done.refusals[0].reference == plain and "not meant for this ticket" in done.refusals[0].reason
    assert run(cast.ada, macros.listing)[1].when == "Status is any of Waiting on customer and Team is no team"


@pytest.mark.parametrize(
    "offered",
    [
        {"all": [["status", "was", "open"]]}, {"all": [["by", "is", "customer"]]}, {"all": [["assignee", "is", "me"]]},
        {"all": [["status", "is", "nowhere"]]}, {"all": [["team", "is", "999999"]]}, {"nonsense": "x"}, [1],
    ],
)  # fmt: skip
def test_what_cannot_be_asked_of_a_ticket_is_refused(cast: Cast, offered: object) -> None:
    with pytest.raises(Invalid):
        run(cast.max, macros.save, name="picky", changes=DOES, offered=offered)


def test_when_it_is_offered_is_part_of_the_configuration(cast: Cast) -> None:
    run(
        cast.max,
        macros.save,
        name="picky",
        scope="all",
        reply="x",
        offered={"all": [["team", "is", str(cast.billing)]]},
    )
    text = run(cast.adam, configuration.export)
    assert "[team, is, Billing]" in text
    run(cast.adam, configuration.apply, text.replace("name: picky", "name: choosy"))
    [row] = run(cast.max, macros.listing)
    assert (row.name, run(cast.max, macros.meant_for, row.id)) == (
        "choosy",
        {"all": [["team", "is", str(cast.billing)]]},
    )
