"""Tickets over the API: what programs can do, and what the conventions promise."""

import json
from typing import Any

import pytest
from sqlmodel import select

from helpdesk.domain.activity import ActivityKind
from helpdesk.models import Activity, Ticket
from helpdesk.services import rules, teams, tickets
from tests.api.client import Program, as_
from tests.cast import Cast

FILED = {"title": "The lock is broken", "description": "It **closes** only."}


@pytest.fixture
def ada(program: Program) -> Program:
    return program.signed_in("ada@acme.example")


@pytest.fixture
def rita(program: Program) -> Program:
    return program.signed_in("rita@northwind.example")


def filed(who: Program, **more: Any) -> dict[str, Any]:
    answer = who.post("/tickets", FILED | more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_files_and_reads_a_ticket(ada: Program, cast: Cast) -> None:
    made = filed(ada, priority="critical", tags=["locks"], requester_email="rita@northwind.example")
    assert made["priority"]["slug"] == "urgent"
    assert (made["channel"], made["tags"]) == ("api", ["locks"])
    assert made["created_at"].endswith("Z")
    read = ada.get(f"/tickets/{made['reference']}").json()
    assert read["requester"]["id"] == cast.rita.person_id
    assert "<strong>closes</strong>" in read["description_html"]
    recorded = as_(
        cast.ada,
        lambda ctx: [a.kind for a in ctx.session.exec(select(Activity).where(Activity.ticket_id == made["id"]))],
    )
    assert ActivityKind.TICKET_CREATED in recorded


@pytest.mark.parametrize(
    "more",
    [
        {}, {"requester_email": "rita@northwind.example"}, {"requester_email": "somebody.new@elsewhere.example"},
        {"tags": ["locks"], "requester_email": "rita@northwind.example"}, {"priority": "critical"},
    ],
    ids=["own", "with a company", "new", "tagged", "urgent"],
)  # fmt: skip
def test_who_files_is_told_what_who_reads_is_told(
    ada: Program, rita: Program, cast: Cast, more: dict[str, Any]
) -> None:
    """Of a ticket just filed most is known; what is told then is what the database says afterwards."""
    made = filed(ada, assignee_id=cast.ada.person_id, **more)
    read = ada.get(f"/tickets/{made['reference']}").json()
    for promise in (*made["promises"], *read["promises"]):
        for name in ("elapsed", "elapsed_seconds", "remaining", "remaining_seconds"):
            promise.pop(name)  # a moment later it is another
    assert made == read
    assert made["promises"] and made["assignee"]
    mine = filed(rita)
    assert mine == rita.get(f"/tickets/{mine['reference']}").json()


def test_a_rule_that_acts_at_once_is_told_too(ada: Program, cast: Cast) -> None:
    as_(cast.adam, rules.save, name="Look", written={"when": "created", "then": [["note", "Look at the hinge first."]]})
    made = filed(ada, requester_email="rita@northwind.example")
    assert [one["kind"] for one in made["comments"]] == ["note"]


def test_who_files_or_hands_over_a_ticket_is_told_what_became_of_it(ada: Program, cast: Cast) -> None:
    """Even when it is out of their sight by then: an agent files for another team, or gives a ticket to it."""
    billing = next(team.id for team in as_(cast.adam, teams.listing) if team.name == "Billing")
    somebody = {"requester_email": "rita@northwind.example"}
    away = filed(ada, team_id=billing, assignee_id=cast.bob.person_id, **somebody)
    assert away["team"]["name"] == "Billing"
    assert ada.get(f"/tickets/{away['reference']}").status_code == 404
    mine = filed(ada, **somebody)["reference"]
    answer = ada.ask("PATCH", f"/tickets/{mine}", json={"team_id": billing, "assignee_id": cast.bob.person_id})
    assert answer.status_code == 200, answer.text
    assert answer.json()["assignee"]["id"] == cast.bob.person_id
    assert ada.get(f"/tickets/{mine}").status_code == 404


def test_an_answer_tells_what_rules_have_made_of_it(ada: Program, cast: Cast) -> None:
    calm = {"when": "created", "if": {"all": []}, "then": [["priority", "low"]]}
    as_(cast.adam, rules.save, name="Calm", written=calm)
    assert filed(ada, priority="urgent")["priority"]["slug"] == "low"


def test_a_token_that_may_only_file_is_told_of_what_it_filed(ada: Program) -> None:
    made = ada.post("/me/tokens", {"name": "Monitoring", "permissions": ["ticket.create"], "days": 1}).json()
    sensor = Program(ada.edge, made["secret"])
    reference = filed(sensor)["reference"]
    assert sensor.get(f"/tickets/{reference}").status_code == 403


def test_understands_the_words_of_other_desks(ada: Program, cast: Cast) -> None:
    body = {"subject": "A subject here", "description": "Text", "customer": "rita@northwind.example"}
    made = ada.post("/tickets", body)
    assert made.status_code == 201, made.text
    assert made.json()["title"] == "A subject here"
    assert made.json()["requester"]["id"] == cast.rita.person_id
    both = ada.post("/tickets", body | {"title": "Another"})
    assert both.status_code == 422


def test_unknown_fields_and_parameters_are_refused(ada: Program) -> None:
    answer = ada.post("/tickets", FILED | {"colour": "red"})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["colour"])
    answer = ada.get("/tickets?colour=red")
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["colour"])


def test_pages_follow_each_other_without_gaps(ada: Program, cast: Cast) -> None:
    for number in range(30):
        as_(cast.rita, tickets.create, title=f"Ticket number {number}", description="Text")
    first = ada.get("/tickets?size=25&fields=reference").json()
    assert len(first["items"]) == 25 and first["previous"] is None
    assert set(first["items"][0]) == {"reference"}
    answer = ada.get(first["next"])
    second = answer.json()
    assert 'rel="prev"' in answer.headers["link"]
    seen = [one["reference"] for one in first["items"] + second["items"]]
    assert len(set(seen)) == len(seen) >= 30
    assert [one["reference"] for one in ada.get(second["previous"]).json()["items"]] == seen[:25]


def test_filters_are_the_queues(ada: Program, cast: Cast) -> None:
    made = filed(ada, priority="high", requester_id=cast.rita.person_id)
    ada.post(f"/tickets/{made['reference']}/take")
    query = (
        f"/tickets?priority=high&assignee={cast.ada.person_id}&customer={cast.rita.person_id}&sort=-created&open=yes"
    )
    assert [one["reference"] for one in ada.get(query).json()["items"]] == [made["reference"]]
    assert ada.get("/tickets?priority=nonsense").status_code == 422
    assert ada.get("/tickets?size=7").json()["errors"]["size"]
    assert ada.get("/tickets?cursor=broken").status_code == 422


def test_selects_and_expands(ada: Program, cast: Cast) -> None:
    made = filed(ada, requester_id=cast.rita.person_id)
    where = f"/tickets/{made['reference']}"
    assert set(ada.get(f"{where}?fields=id,title").json()) == {"id", "title"}
    assert ada.get(f"{where}?fields=secret").status_code == 422
    assert ada.get(where).json()["requester"]["email"] is None
    assert ada.get(f"{where}?expand=requester").json()["requester"]["email"] == "rita@northwind.example"
    assert ada.get(f"{where}?expand=moon").status_code == 422


def test_a_list_tells_how_promises_stand_when_asked(ada: Program, rita: Program, cast: Cast) -> None:
    made = filed(ada, requester_id=cast.rita.person_id)
    [listed] = ada.get("/tickets?expand=promises,assignee").json()["items"]
    assert [(one["metric"], one["policy"], one["target"]) for one in listed["promises"]] == [
        ("resolution", "Demo", "4m")
    ]
    assert listed["promises"][0].keys() == ada.get(f"/tickets/{made['reference']}").json()["promises"][0].keys()
    assert {"elapsed", "remaining", "status", "breach_at"} <= listed["promises"][0].keys()
    assert ada.get("/tickets").json()["items"][0]["promises"] == []
    assert rita.get("/tickets?expand=promises").json()["items"][0]["promises"] == [], "not for customers"


def test_a_change_based_on_an_old_version_is_refused(ada: Program) -> None:
    made = filed(ada)
    where = f"/tickets/{made['reference']}"
    seen = ada.get(where).headers["etag"]
    assert ada.get(where, headers={"If-None-Match": seen}).status_code == 304
    answer = ada.ask("PATCH", where, json={"priority": "high"}, headers={"If-Match": seen})
    assert (answer.status_code, answer.json()["priority"]["slug"]) == (200, "high")
    assert answer.headers["etag"] != seen
    stale = ada.ask("PATCH", where, json={"title": "Another title"}, headers={"If-Match": seen})
    assert (stale.status_code, stale.headers["content-type"]) == (412, "application/problem+json")
    assert ada.get(where).json()["title"] == FILED["title"]


def test_a_change_is_whole_or_nothing(ada: Program) -> None:
    made = filed(ada)
    where = f"/tickets/{made['reference']}"
    answer = ada.ask("PATCH", where, json={"title": "Another title", "status": "nonsense"})
    assert answer.status_code == 422
    assert ada.get(where).json()["title"] == FILED["title"]
    answer = ada.ask(
        "PATCH", where, json={"title": "Another title", "status": "resolved", "tags": ["a", "b"], "assignee_id": None}
    )
    assert (answer.json()["status_category"], sorted(answer.json()["tags"])) == ("resolved", ["a", "b"])


def test_the_same_key_is_done_once(ada: Program, rita: Program, cast: Cast) -> None:
    headers = {"Idempotency-Key": "order-66"}
    one, two = (ada.post("/tickets", FILED, headers=headers) for _ in range(2))
    assert one.status_code == two.status_code == 201
    assert one.json() == two.json()
    assert (one.headers.get("idempotency-replayed"), two.headers["idempotency-replayed"]) == (None, "true")
    assert ada.post("/tickets", FILED | {"title": "Something else"}, headers=headers).status_code == 422
    assert rita.post("/tickets", FILED, headers=headers).json()["id"] != one.json()["id"]
    number = as_(cast.desk, lambda ctx: len(ctx.session.exec(select(Ticket.id)).all()))
    assert number == 2
    refused = {"Idempotency-Key": "bad"}
    assert ada.post("/tickets", {"title": "x"}, headers=refused).status_code == 422
    assert ada.post("/tickets", FILED, headers=refused).status_code == 201


def test_the_conversation(ada: Program, rita: Program) -> None:
    made = filed(rita)
    where = f"/tickets/{made['reference']}"
    assert ada.post(f"{where}/comments", {"body": "Only for us", "kind": "note"}).status_code == 201
    assert ada.post(f"{where}/comments", {"body": "We come", "then": "resolved"}).status_code == 201
    assert rita.post(f"{where}/comments", {"body": "x", "kind": "note"}).status_code == 403
    assert [one["kind"] for one in ada.get(f"{where}/comments").json()["items"]] == ["note", "reply"]
    theirs = rita.get(f"{where}/comments").json()["items"]
    assert [one["kind"] for one in theirs] == ["reply"]
    assert rita.get(where).json()["status_category"] == "resolved"


def test_files_go_up_and_down(rita: Program, ada: Program, program: Program) -> None:
    made = filed(rita)
    up = rita.ask(
        "POST", f"/tickets/{made['reference']}/attachments", files={"file": ("a.txt", b"some words", "text/plain")}
    )
    assert up.status_code == 201, up.text
    kept = ada.get(f"/tickets/{made['reference']}/attachments").json()["items"]
    assert [one["filename"] for one in kept] == ["a.txt"]
    assert ada.get(kept[0]["url"]).content == b"some words"
    assert program.signed_in("zoe@home.example").get(kept[0]["url"]).status_code == 404


def test_files_are_larger_than_other_bodies_and_sent_once(rita: Program) -> None:
    made = filed(rita)
    where, large = f"/tickets/{made['reference']}/attachments", b"words " * 350_000
    headers = {"Idempotency-Key": "file-1", "Content-Type": "multipart/form-data; boundary=x"}
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n'
        + large
        + b"\r\n--x--\r\n"
    )
    one, two = (rita.ask("POST", where, content=body, headers=headers) for _ in range(2))
    assert one.status_code == two.status_code == 201, one.text
    assert one.json() == two.json()
    assert len(rita.get(where).json()["items"]) == 1
    assert rita.ask("POST", where, files={"file": ("a.txt", b"x" * 12 * 2**20, "text/plain")}).status_code == 413


def test_everything_else_on_a_ticket(ada: Program, cast: Cast, program: Program) -> None:
    one, two = filed(ada)["reference"], filed(ada)["reference"]
    where = f"/tickets/{one}"
    assert ada.post(f"{where}/take").json()["assignee"]["id"] == cast.ada.person_id
    assert ada.post(f"{where}/assign", {"assignee_id": cast.bob.person_id}).json()["assignee"]["name"] == "Bob Billing"
    assert ada.post(f"{where}/transition", {"status": "pending"}).json()["status_category"] == "pending"
    assert ada.post(f"{where}/escalate", {"reason": "It burns"}).json()["escalation_level"] == 1
    assert ada.post(f"{where}/deescalate", {"reason": "It is out"}).json()["escalation_level"] == 0
    link = ada.post(f"{where}/links", {"other": two, "kind": "related"}).json()["id"]
    assert ada.get(f"{where}/links").json()["items"][0]["ticket"]["reference"] == two
    assert ada.ask("DELETE", f"{where}/links/{link}").status_code == 204
    assert ada.post(f"{where}/watch").status_code == 200
    assert ada.get(f"{where}/watchers").json()["items"][0]["is_me"] is True
    assert ada.ask("DELETE", f"{where}/watch").status_code == 204
    assert ada.post(f"{where}/time", {"spent": "45m"}).status_code == 201
    assert ada.get(f"{where}/time").json()["items"][0]["seconds"] == 2700
    kinds = {row["kind"] for row in ada.get(f"{where}/timeline").json()["items"]}
    assert {"ticket.created", "ticket.assigned", "ticket.escalated"} <= kinds
    assert ada.get(f"{where}/sla").status_code == ada.get(f"{where}/explain").status_code == 200
    assert ada.post(f"/tickets/{two}/merge", {"into": one}).json()["reference"] == one
    assert ada.get(f"/tickets/{two}").json()["merged_into"] == one
    assert ada.post(f"/tickets/{two}/unmerge").json()["reference"] == two
    run = ada.post("/bulk", {"action": "priority", "value": "high", "references": [one, two]})
    assert (run.status_code, run.json()["changed"]) == (202, 2)
    adam = program.signed_in("adam@acme.example")
    number = adam.ask("DELETE", f"/tickets/{two}").json()["id"]
    assert adam.get(f"/tickets/{two}").status_code == 404
    assert adam.post(f"/trash/{number}/restore").json()["reference"] == two


def test_nothing_of_another_organization(program: Program, ada: Program) -> None:
    made = filed(ada)
    eve = Program(program.edge, host="evil.localhost").signed_in("eve@evil.example")
    for method, path in (("GET", ""), ("PATCH", ""), ("POST", "/take"), ("GET", "/comments"), ("GET", "/timeline")):
        more = {"json": {"priority": "high"}} if method == "PATCH" else {}
        assert eve.ask(method, f"/tickets/{made['reference']}{path}", **more).status_code == 404
    assert eve.get("/tickets").json()["items"] == []


HOSTILE = [
    "'; DROP TABLE ticket; --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "%00",
    "\\u0000",
    "🦓" * 50,
    "\u202eevil",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_only_texts(ada: Program, text: str) -> None:
    made = filed(ada, title=f"Title {text}", description=text, tags=[])
    read = ada.get(f"/tickets/{made['reference']}").json()
    assert "<script" not in read["description_html"]
    for path in ("/tickets", "/tickets/x"):
        assert ada.get(path, params={"text": text} if path == "/tickets" else {}).status_code < 500
    assert ada.get(f"/tickets/{made['reference']}", params={"fields": text}).status_code == 422


def test_bodies_that_cannot_be_read_are_refused(ada: Program) -> None:
    kind = {"Content-Type": "application/json"}
    deep = b"[" * 10_000 + b"]" * 10_000
    bodies = [
        b"{", b"\xff\xfe\x00", b'{"title": "\xc3\x28"}', deep, b'{"title":' + deep + b"}", b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"null", b"[]", b'"text"', json.dumps({"title": "\x00abc", "description": "x"}).encode(),
        b'{"title": "\\ud800 abc", "description": "x"}', b'{"title": 7, "description": []}', b'{"title": NaN}',
        b'{"title":"abc","description":"x","answers":{"field_1":' + b"[" * 500 + b"]" * 500 + b"}}",
        b'{"title":"abc","description":"x","requester_id":99999999999999999999999999}',
    ]  # fmt: skip
    for body in bodies:
        answer = ada.ask("POST", "/tickets", content=body, headers=kind)
        assert 400 <= answer.status_code < 500, (body[:60], answer.status_code, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert ada.ask("POST", "/tickets", content=b"x" * 1_100_000, headers=kind).status_code == 413
    for path in (
        "/tickets/%00",
        "/tickets?text=%00",
        "/tickets/%ff%fe",
        "/tickets?cursor=%ff",
        "/tickets/" + "9" * 3000,
    ):
        assert 400 <= ada.get(path).status_code < 500, path
