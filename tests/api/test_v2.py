"""/api/v2/helpdesk: the list of tickets, and asking for them in plain words."""

import pytest

from helpdesk.services import tags, tickets
from tests.api.client import Program, as_
from tests.cast import Cast

LIST, SEARCH = "/api/v2/helpdesk/tickets", "/api/v2/helpdesk/tickets/search"


@pytest.fixture
def filed(cast: Cast) -> dict[str, str]:
    """Reference -> name."""
    as_(cast.adam, tags.save, name="vip")
    ada = cast.ada.person_id
    made = {
        "lock": as_(cast.rita, tickets.create, title="Broken lock at the door", description="x", priority="urgent"),
        "second": as_(cast.rita, tickets.create, title="Another broken lock", description="x", priority="low"),
        "invoice": as_(cast.zoe, tickets.create, title="Wrong invoice", description="y", priority="low"),
        "mine": as_(
            cast.max, tickets.create, title="Screen", description="z", assignee_id=ada,
            requester_id=cast.rita.person_id, tags=["vip"],
        ),
    }  # fmt: skip
    return {ref: name for name, ref in made.items()}


@pytest.mark.parametrize("end", ["", "/"])
def test_lists_with_filters_fields_and_pages(program: Program, filed: dict[str, str], end: str) -> None:
    ada = program.signed_in("max@acme.example")
    answer = ada.get(f"{LIST}{end}?priority=low&sort=created&fields=reference,title")
    assert answer.status_code == 200, answer.text
    assert [filed[one["reference"]] for one in answer.json()["items"]] == ["second", "invoice"]
    assert {*answer.json()["items"][0]} == {"reference", "title"}
    assert ada.get(f"{LIST}{end}?nonsense=1").status_code == 422
    assert ada.get(f"{LIST}{end}?fields=nonsense").status_code == 422
    assert program.get(f"{LIST}{end}").status_code == 401


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("urgent tickets", ["lock"]), ("tickets about broken locks, oldest first", ["lock", "second"]),
        ("tickets about broken locks, newest first", ["second", "lock"]), ("vip tickets assigned to Ada", ["mine"]),
        ("tickets from Zoe Zolla", ["invoice"]), ("tickets from Northwnd", ["lock", "mine", "second"]),
        ("low priority tickets sorted by created ascending", ["second", "invoice"]), ("the oldest ticket", ["lock"]),
        ("lowest priority first", ["second", "invoice", "mine", "lock"]), ("unanswered urgent tickets", ["lock"]),
        ("urgent or assigned to Ada", ["lock", "mine"]), ("low priority tickets from Zoe or about nothing", []),
        ("tickets from Zoe Zolla or tagged vip", ["invoice", "mine"]), ("low priority and vip tickets or urgent ones", ["lock"]),
        ("tickets with attachments", []), ("low priority tickets without attachments", ["invoice", "second"]),
        ("urgent tickets with no due date", ["lock"]), ("tickets created since 00:00 yesterday by Zoe", ["invoice"]),
        ("the last closed tickets", []), ("how is your family", []), ("delete all tickets", []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["", "/"])
def test_finds_what_is_asked_for(
    program: Program, filed: dict[str, str], query: str, expected: list[str], end: str
) -> None:
    answer = program.signed_in("max@acme.example").post(f"{SEARCH}{end}", {"query": query})
    assert answer.status_code == 200, answer.text
    found = [filed[one["reference"]] for one in answer.json()["items"]]
    is_sorted = "first" in query or "sorted" in query
    assert (found if is_sorted else sorted(found)) == (expected if is_sorted else sorted(expected))
    assert answer.json()["count"] == len(expected)


def test_says_how_it_understood_and_what_it_did_not(program: Program, filed: dict[str, str]) -> None:
    answer = program.signed_in("max@acme.example").post(f"{SEARCH}/", {"q": "how many urgent blorf tickets from Rita"})
    body = answer.json()
    assert {one["label"]: one["value"] for one in body["understood"]} == {
        "Priority": "Urgent",
        "Requester": "Rita Requester",
    }
    assert (body["not_understood"], body["is_count"], body["count"]) == (["blorf"], True, 0)
    assert body["filters"]["text"] == "blorf" and body["filters"]["priority"] == "urgent"
    assert "I did not understand “blorf”" in body["message"]


def test_the_filters_it_answers_are_those_of_the_list(program: Program, filed: dict[str, str]) -> None:
    max_ = program.signed_in("max@acme.example")
    asked = max_.post(f"{SEARCH}/", {"query": "low priority tickets, oldest first"}).json()
    listed = max_.get(f"{LIST}/", params=asked["filters"]).json()
    assert [one["id"] for one in listed["items"]] == [one["id"] for one in asked["items"]] != []


def test_goes_on_page_by_page(program: Program, filed: dict[str, str]) -> None:
    max_ = program.signed_in("max@acme.example")
    first = max_.post(f"{SEARCH}/?fields=id", {"query": "all tickets", "size": 3}).json()
    assert (len(first["items"]), first["count"]) == (3, 4)
    last = max_.post(f"{SEARCH}/", {"query": "all tickets", "size": 3, "cursor": first["cursor"]}).json()
    assert (len(last["items"]), last["cursor"]) == (1, None)
    assert {one["id"] for one in first["items"]}.isdisjoint(one["id"] for one in last["items"])


def test_customers_find_their_own_alone(program: Program, filed: dict[str, str]) -> None:
    rita = program.signed_in("zoe@home.example")
    found = rita.post(f"{SEARCH}/", {"query": "all tickets"}).json()
    assert [filed[one["reference"]] for one in found["items"]] == ["invoice"]
    assert rita.post(f"{SEARCH}/", {"query": "tickets assigned to Ada"}).json()["items"] == []
