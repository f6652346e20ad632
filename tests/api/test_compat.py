"""The addresses other desks used: every path and method of the list, with and without the slash, in their shapes."""

from typing import Any

import pytest
from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.models import Activity
from helpdesk.services import bell, catalog, reactions, tickets
from helpdesk.services.context import Context
from tests.api.client import Program, as_
from tests.cast import PASSWORD, Cast

LIST = {"count", "next", "previous", "results"}
MADE = {"id", "status", "created_at"}
COMMENT = {"id", "ticket_id", "user_id", "comment", "created_at"}
FILE = {"id", "ticket_id", "file_name", "file_size", "created_at"}
TICKET = {
    "id",
    "reference",
    "subject",
    "title",
    "status",
    "priority",
    "customer",
    "requester",
    "assigned_to",
    "assignee",
}
WHOLE = TICKET | {"description", "comments", "attachments"}
POLICY = {"id", "name", "is_active", "targets", "priority", "first_response_minutes", "resolution_minutes"}
COMPLIANCE = {"days", "by", "met", "breached", "running", "compliance_rate", "results"}
STATS = {"days", "new_tickets", "open_tickets", "resolved_tickets", "by_status", "by_priority", "by_category"}
SUMMARY = STATS | {"trend", "agents"}
USER = {"id", "email", "username", "full_name", "first_name", "last_name", "role", "is_active"}
ANSWER = {"query", "understood", "not_understood", "count", "more", "results"}
NOTIFICATION = {"id", "notification_type", "title", "message", "ticket", "is_read", "read_at", "created_at"}
PROBLEM = {"type", "title", "status", "detail"}

FILED = {"subject": "The lock is broken", "description": "It *closes* only.", "priority": "critical"}
SAID = {"comment": "We are on our way."}
PROMISED = {"name": "Locks", "priority": "critical", "first_response_minutes": 30, "resolution_minutes": 240}
LATE = {"name": "Late", "steps": [{"since": "created", "after": "4h", "whom": ["managers"]}]}
UPLOAD = {"files": {"file": ("lock.txt", b"broken", "text/plain")}}
OWNER, ADA = "olga@acme.example", "ada@acme.example"
SIGN_IN = {"email": ADA, "password": PASSWORD}

# Method, path, what is sent, the answer's status, the fields it has at least (of exactly those: as a tuple).
Expected = set[str] | tuple[str, ...]
TABLE: list[tuple[str, str, Any, int, Expected]] = [
    ("GET", "/help-desk/tickets/", None, 200, LIST),
    ("POST", "/help-desk/tickets/", FILED, 201, WHOLE),
    ("GET", "/help-desk/tickets/{ticket}/", None, 200, WHOLE),
    ("PATCH", "/help-desk/tickets/{ticket}/", {"status": "in_progress"}, 200, WHOLE),
    ("POST", "/help-desk/tickets/{ticket}/assign/", {"assigned_to": "{ada}"}, 200, TICKET),
    ("POST", "/help-desk/tickets/{ticket}/transition/", {"status": "resolved"}, 200, TICKET),
    ("POST", "/help-desk/tickets/{ticket}/comment/", SAID, 201, tuple(COMMENT)),
    ("POST", "/help-desk/tickets/{ticket}/attach/", UPLOAD, 201, tuple(FILE)),
    ("GET", "/help-desk/sla/policies/", None, 200, LIST),
    ("POST", "/help-desk/sla/policies/", PROMISED, 201, POLICY),
    ("GET", "/help-desk/sla/violations/", None, 200, LIST),
    ("GET", "/help-desk/sla/compliance/", None, 200, COMPLIANCE),
    ("GET", "/help-desk/escalations/", None, 200, LIST),
    ("POST", "/help-desk/escalations/", LATE, 201, {"id", "name", "steps"}),
    ("GET", "/help-desk/escalations/{ticket}/history/", None, 200, LIST),
    ("POST", "/help-desk/escalations/{ticket}/manual/", {"reason": "The customer waits."}, 200, TICKET),
    ("POST", "/help-desk/assistant/query/", {"query": "urgent tickets"}, 200, ANSWER),
    ("POST", "/help-desk/assistant/categorize/", {"text": "The lock"}, 501, PROBLEM),
    ("GET", "/help-desk/assistant/suggestions/", None, 501, PROBLEM),
    ("POST", "/api/v1/support/tickets/", FILED, 201, tuple(MADE)),
    ("GET", "/api/v1/support/tickets/", None, 200, LIST),
    ("GET", "/api/v1/support/tickets/{ticket}/", None, 200, WHOLE),
    ("PATCH", "/api/v1/support/tickets/{ticket}/", {"subject": "Another lock"}, 200, WHOLE),
    ("POST", "/api/v1/support/tickets/{ticket}/comment/", SAID, 201, tuple(COMMENT)),
    ("POST", "/api/v1/support/tickets/{ticket}/attachment/", UPLOAD, 201, tuple(FILE)),
    ("GET", "/api/v1/support/tickets/{ticket}/attachments/", None, 200, LIST),
    ("GET", "/api/v1/support/reports/", None, 200, SUMMARY),
    ("GET", "/api/v1/support/slas/", None, 200, LIST),
    ("GET", "/api/accounts/users/", None, 200, LIST),
    ("GET", "/api/accounts/users/{ada}/", None, 200, USER),
    ("GET", "/api/notifications/", None, 200, LIST),
    ("POST", "/api/notifications/mark_all_read/", {}, 200, {"marked", "unread_count"}),
    ("POST", "/api/notifications/{notification}/read/", None, 200, NOTIFICATION),
    ("PATCH", "/api/notifications/{notification}/read/", None, 200, NOTIFICATION),
    ("GET", "/api/accounts/users/me/", None, 200, USER | {"permissions"}),
    ("GET", "/api/accounts/users/agents/", None, 200, LIST),
    ("POST", "/api/accounts/token/", SIGN_IN, 200, ("access", "refresh")),
    ("POST", "/api/accounts/token/refresh/", {"refresh": "{refresh}"}, 200, ("access", "refresh")),
    ("GET", "/api/tickets/tickets/", None, 200, LIST),
    ("POST", "/api/tickets/tickets/", FILED, 201, WHOLE),
    ("GET", "/api/tickets/tickets/{ticket}/", None, 200, WHOLE),
    ("PATCH", "/api/tickets/tickets/{ticket}/", {"priority": "critical"}, 200, WHOLE),
    ("PUT", "/api/tickets/tickets/{ticket}/", FILED | {"description": "Filed."}, 200, WHOLE),
    ("DELETE", "/api/tickets/tickets/{ticket}/", None, 204, ()),
    ("POST", "/api/tickets/tickets/{ticket}/comment/", SAID, 201, tuple(COMMENT)),
    ("GET", "/api/tickets/tickets/{ticket}/comments/", None, 200, LIST),
    ("POST", "/api/tickets/tickets/{ticket}/assign/", {"assignee": "{ada}"}, 200, TICKET),
    ("POST", "/api/tickets/tickets/{ticket}/escalate/", {"reason": "The customer waits."}, 200, TICKET),
    ("GET", "/api/tickets/tickets/stats/", None, 200, STATS),
    ("GET", "/api/tickets/categories/", None, 200, LIST),
    ("GET", "/api/tickets/tags/", None, 200, LIST),
    ("GET", "/api/dashboard/stats/", None, 200, STATS),
    ("GET", "/api/sla/policies/", None, 200, LIST),
    ("POST", "/api/sla/policies/", PROMISED, 201, POLICY),
    ("GET", "/api/sla/policies/{policy}/", None, 200, POLICY),
    ("PATCH", "/api/sla/policies/{policy}/", {"resolution_minutes": 60}, 200, POLICY),
    ("PUT", "/api/sla/policies/{policy}/", PROMISED, 200, POLICY),
    ("DELETE", "/api/sla/policies/{policy}/", None, 204, ()),
    ("GET", "/api/sla/policies/stats/", None, 200, COMPLIANCE),
    ("GET", "/api/sla/breaches/", None, 200, LIST),
    ("GET", "/api/reports/ticket-summary/", None, 200, SUMMARY),
]
IDS = [f"{method} {path}" for method, path, *_ in TABLE]


@pytest.fixture
def owner(program: Program) -> Program:
    return program.signed_in(OWNER)


@pytest.fixture
def ada(program: Program) -> Program:
    return program.signed_in(ADA)


@pytest.fixture
def rita(program: Program) -> Program:
    return program.signed_in("rita@northwind.example")


@pytest.fixture
def ticket(cast: Cast) -> dict[str, Any]:
    """A ticket of Rita's, with a file and an answer."""
    reference = as_(cast.rita, tickets.create, title="The lock is broken", description="Filed.")
    as_(cast.ada, tickets.reply, reference, "We **look** at it.")
    return {"reference": reference, "id": as_(cast.ada, tickets.one, reference).ticket.id}


@pytest.mark.parametrize("ending", ["/", ""], ids=["slash", "none"])
@pytest.mark.parametrize(("method", "path", "sent", "status", "fields"), TABLE, ids=IDS)
def test_every_address_answers(
    method: str, path: str, sent: Any, status: int, fields: Expected, ending: str, owner: Program, cast: Cast,
    ticket: dict[str, Any],
) -> None:  # fmt: skip
    values = {"ticket": ticket["id"] if ending else ticket["reference"], "ada": cast.ada.person_id}
    if "{policy}" in path:
        values["policy"] = owner.post("/api/sla/policies/", PROMISED | {"name": "There"}).json()["id"]
    if "{notification}" in path:
        values["notification"] = _told(cast, ticket["reference"])
    if sent and "{refresh}" in sent.values():
        sent = {"refresh": owner.post("/api/accounts/token/", SIGN_IN).json()["refresh"]}
    more = (sent if "files" in sent else {"json": _filled(sent, cast)}) if sent else {}
    answer = owner.ask(method, path.rstrip("/").format(**values) + ending, **more)
    assert answer.status_code == status, answer.text
    if status == 204:
        assert not answer.content
        return
    found = answer.json()
    assert set(fields) == set(found) if isinstance(fields, tuple) else fields <= set(found)
    assert answer.headers["content-type"] == ("application/problem+json" if status == 501 else "application/json")


def _told(cast: Cast, reference: str) -> int:
    """Has the owner told of something; the notification's number."""

    def react(ctx: Context) -> int:
        ids = ctx.session.exec(select(Activity.id).where(col(Activity.reacted_at).is_(None))).all()
        reactions.react(ctx, ids)
        return 0

    as_(cast.desk, react)  # what was said before she watches
    as_(cast.ada, tickets.note, reference, "@Olga Owner please look")
    as_(cast.desk, react)
    return as_(cast.olga, bell.listing)[0].id  # type: ignore[no-any-return]


def test_notifications_are_filtered_by_whether_they_are_read(
    owner: Program, cast: Cast, ticket: dict[str, Any]
) -> None:
    number = _told(cast, ticket["reference"])
    unread = owner.get("/api/notifications/?is_read=false").json()["results"]
    assert [(one["id"], one["notification_type"], one["ticket"]) for one in unread] == [
        (number, "mention", ticket["reference"])
    ]
    assert owner.get("/api/v1/notifications/count").json() == {"unread": 1}
    assert owner.post(f"/api/notifications/{number}/read").json()["is_read"]
    assert owner.get("/api/notifications?is_read=false").json()["results"] == []
    assert [one["id"] for one in owner.get("/api/notifications/?is_read=true").json()["results"]] == [number]


def _filled(sent: dict[str, Any], cast: Cast) -> dict[str, Any]:
    return {name: cast.ada.person_id if value == "{ada}" else value for name, value in sent.items()}


def test_files_in_their_words_and_reads_in_both(ada: Program, cast: Cast) -> None:
    body = FILED | {"customer": "rita@northwind.example", "assigned_to": cast.ada.person_id, "tags": ["locks"]}
    made = ada.post("/api/v1/support/tickets/", body).json()
    assert isinstance(made["id"], int) and made["created_at"].endswith("Z")
    read = ada.get(f"/help-desk/tickets/{made['id']}/").json()
    assert read["subject"] == read["title"] == "The lock is broken"
    assert read["priority"] == "urgent"
    assert read["customer"] == read["requester"]["id"] == cast.rita.person_id
    assert read["assigned_to"] == read["assignee"]["id"] == cast.ada.person_id
    assert read["description"] == "It *closes* only."
    assert ada.get(f"/api/v1/tickets/{read['reference']}").json()["id"] == made["id"]


@pytest.mark.parametrize("customer", ["requester", "requester_id", "customer_id"])
def test_understands_whose_it_is_under_any_name(customer: str, ada: Program, cast: Cast) -> None:
    made = ada.post("/api/tickets/tickets/", FILED | {customer: cast.rita.person_id, "category": ""}).json()
    assert made["customer"] == cast.rita.person_id


def test_changes_under_their_names_and_records_it(ada: Program, cast: Cast, ticket: dict[str, Any]) -> None:
    number = as_(cast.adam, catalog.save_category, name="Doors and locks")
    body = {
        "subject": "Two locks",
        "status": "In-Progress",
        "assignee": cast.ada.person_id,
        "category": "doors and LOCKS",
    }
    read = ada.ask("PATCH", f"/api/tickets/tickets/{ticket['id']}", json=body)
    assert read.status_code == 200, read.text
    found = read.json()
    assert (found["title"], found["status"], found["category"]) == ("Two locks", "in_progress", number)
    assert found["assigned_to"] == cast.ada.person_id
    assert ActivityKind.TICKET_STATUS_CHANGED in _recorded(cast, ticket["id"])


def test_a_description_and_whose_it_is_stay(ada: Program, cast: Cast, ticket: dict[str, Any]) -> None:
    path = f"/api/tickets/tickets/{ticket['id']}/"
    same = {"subject": "A lock", "description": "Filed.", "customer": cast.rita.person_id, "status": "open"}
    assert ada.ask("PUT", path, json=same).status_code == 200
    for name, value in (("description", "Another"), ("customer", cast.zoe.person_id)):
        answer = ada.ask("PUT", path, json=same | {name: value})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [name])


def test_nothing_changes_what_somebody_changed_since(ada: Program, ticket: dict[str, Any]) -> None:
    path = f"/help-desk/tickets/{ticket['id']}/"
    seen = ada.get(path).headers["etag"]
    assert ada.ask("PATCH", path, json={"priority": "high"}, headers={"If-Match": seen}).status_code == 200
    assert ada.ask("PATCH", path, json={"priority": "low"}, headers={"If-Match": seen}).status_code == 412


def test_comments_as_they_were_written(ada: Program, rita: Program, cast: Cast, ticket: dict[str, Any]) -> None:
    path = f"/api/tickets/tickets/{ticket['id']}"
    said = ada.post(f"{path}/comment/", {"body": "It is **open**."}).json()
    assert (said["comment"], said["ticket_id"], said["user_id"]) == (
        "It is **open**.",
        ticket["id"],
        cast.ada.person_id,
    )
    ada.post(f"{path}/comment/", {"content": "Costs too much.", "is_internal": True})
    everything = ada.get(f"{path}/comments/").json()["results"]
    assert [one["is_internal"] for one in everything] == [False, False, True]
    assert [one["comment"] for one in rita.get(f"{path}/comments/").json()["results"]] == [
        "We **look** at it.", "It is **open**.",
    ]  # fmt: skip
    assert "Costs" not in rita.get(f"{path}/").text
    assert rita.post(f"{path}/comment/", {"comment": "x", "internal": True}).status_code == 403
    assert {ActivityKind.TICKET_REPLIED, ActivityKind.TICKET_NOTED} <= _recorded(cast, ticket["id"])


def test_the_same_key_comments_once(ada: Program, ticket: dict[str, Any]) -> None:
    path, key = f"/help-desk/tickets/{ticket['id']}/comment", {"Idempotency-Key": "once"}
    first, second = (ada.post(path, SAID, headers=key) for _ in range(2))
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"


def test_files_are_listed_as_they_were_sent(rita: Program, cast: Cast, ticket: dict[str, Any]) -> None:
    path = f"/api/v1/support/tickets/{ticket['reference']}"
    big = {"file": ("lock.txt", b"broken " * 300_000, "text/plain")}
    added = rita.ask("POST", f"{path}/attachment", files=big)
    assert added.status_code == 201, added.text
    assert (added.json()["file_name"], added.json()["file_size"]) == ("lock.txt", 2_100_000)
    assert rita.get(f"{path}/attachments").json()["results"] == [added.json()]
    assert ActivityKind.TICKET_FILES_ATTACHED in _recorded(cast, ticket["id"])


def test_assigns_moves_and_escalates(ada: Program, owner: Program, cast: Cast, ticket: dict[str, Any]) -> None:
    path = f"/help-desk/tickets/{ticket['id']}"
    assert ada.post(f"{path}/assign/", {"agent_id": cast.ada.person_id}).json()["assigned_to"] == cast.ada.person_id
    assert ada.post(f"{path}/assign/", {"assigned_to": None}).json()["assignee"] is None
    assert ada.post(f"{path}/transition/", {"to_status": "on-hold"}).json()["status"] == "on_hold"
    manual = f"/help-desk/escalations/{ticket['reference']}"
    found = ada.post(f"{manual}/manual/", {"reason": "She waits outside.", "level": 2}).json()
    assert (found["is_escalated"], found["escalation_level"]) == (True, 2)
    history = ada.get(f"{manual}/history/").json()
    assert history["count"] == 1 and "She waits outside." in history["results"][0]["what"]
    recorded = {ActivityKind.TICKET_ASSIGNED, ActivityKind.TICKET_STATUS_CHANGED, ActivityKind.TICKET_ESCALATED}
    assert recorded <= _recorded(cast, ticket["id"])


def test_deletes_into_the_trash(owner: Program, ada: Program, ticket: dict[str, Any]) -> None:
    path = f"/api/tickets/tickets/{ticket['id']}/"
    assert ada.ask("DELETE", path).status_code == 403
    assert owner.ask("DELETE", path).status_code == 204
    assert owner.get(path).status_code == 404
    assert [one["reference"] for one in owner.get("/trash").json()["items"]] == [ticket["reference"]]


def test_pages_go_on_where_next_says(ada: Program, cast: Cast) -> None:
    for number in range(5):
        as_(cast.rita, tickets.create, title=f"Ticket number {number}", description="Text")
    first = ada.get("/api/tickets/tickets?page_size=2&ordering=-created_at").json()
    assert (first["count"], first["previous"], len(first["results"])) == (5, None, 2)
    assert first["next"].startswith("http://acme.localhost/api/tickets/tickets/?")
    second = ada.get(first["next"].removeprefix("http://acme.localhost")).json()
    assert [one["subject"] for one in second["results"]] == ["Ticket number 2", "Ticket number 1"]
    back = ada.get(second["previous"].removeprefix("http://acme.localhost")).json()
    assert back["results"] == first["results"]
    assert ada.get("/api/tickets/tickets/?page=2").status_code == 422


def test_filters_in_their_words(ada: Program, cast: Cast) -> None:
    urgent = as_(cast.rita, tickets.create, title="Urgent lock", description="Text", priority="urgent")
    as_(cast.zoe, tickets.create, title="Other lock", description="Text", priority="low")
    as_(cast.ada, tickets.assign, urgent, to=cast.ada.person_id)
    as_(cast.ada, tickets.change_status, urgent, "in_progress")
    for asked in (
        "priority=critical", "assigned_to=me", f"assignee={cast.ada.person_id}", f"customer={cast.rita.person_id}",
        "status=in-progress", "search=urgent", f"requester={cast.rita.person_id}&ordering=-priority",
    ):  # fmt: skip
        found = ada.get(f"/help-desk/tickets/?{asked}").json()
        assert [one["reference"] for one in found["results"]] == [urgent], asked
        assert found["count"] == 1, asked
    assert ada.get("/help-desk/tickets/?colour=red").status_code == 422
    assert ada.get("/help-desk/tickets/?ordering=colour").status_code == 422
    assert ada.get("/help-desk/tickets/?priority=purple").status_code == 422


def test_questions_are_understood_as_in_the_queue(ada: Program, rita: Program, cast: Cast) -> None:
    urgent = as_(cast.rita, tickets.create, title="Urgent lock", description="Text", priority="urgent")
    as_(cast.zoe, tickets.create, title="Other lock", description="Text", priority="low")
    found = ada.post("/help-desk/assistant/query/", {"question": "urgent tickets"}).json()
    assert ([one["reference"] for one in found["results"]], found["count"]) == ([urgent], 1)
    assert found["understood"] and not found["not_understood"]
    assert [one["reference"] for one in ada.get(found["more"]).json()["items"]] == [urgent]
    assert rita.post("/help-desk/assistant/query/", {"query": "all low tickets"}).json()["count"] == 0


def test_customers_see_their_own_only(program: Program, rita: Program, ticket: dict[str, Any]) -> None:
    zoe = program.signed_in("zoe@home.example")
    for path in (f"/help-desk/tickets/{ticket['id']}/", f"/api/tickets/tickets/{ticket['reference']}/comments/"):
        assert rita.get(path).status_code == 200
        assert zoe.get(path).status_code == 404
    assert zoe.get("/api/v1/support/tickets/").json()["count"] == 0


def test_tokens_are_the_sessions_of_the_canonical_api(program: Program) -> None:
    made = program.post("/api/accounts/token", {"username": ADA, "password": PASSWORD}).json()
    me = Program(program.edge, made["access"]).get("/api/accounts/users/me/").json()
    assert (me["email"], me["first_name"], me["role"]) == (ADA, "Ada", "agent")
    following = program.post("/api/accounts/token/refresh", {"refresh": made["refresh"]}).json()
    assert Program(program.edge, following["access"]).get("/me").status_code == 200
    replayed = program.post("/api/accounts/token/refresh/", {"refresh": made["refresh"]})
    assert replayed.status_code == 401
    assert Program(program.edge, following["access"]).get("/me").status_code == 401
    wrong = program.post("/api/accounts/token/", {"email": ADA, "password": "no"})
    assert (wrong.status_code, wrong.headers["content-type"]) == (401, "application/problem+json")


def test_people_by_role_and_whether_they_are_active(owner: Program, cast: Cast) -> None:
    found = owner.get("/api/accounts/users/?role=customer&is_active=true").json()
    assert {one["role"] for one in found["results"]} == {"customer"}
    assert found["count"] == len(found["results"]) == 3
    first = owner.get("/api/accounts/users/?page_size=4").json()
    rest = owner.get(first["next"].removeprefix("http://acme.localhost")).json()
    assert not {one["id"] for one in first["results"]} & {one["id"] for one in rest["results"]}
    assert owner.get("/api/accounts/users/?is_active=false").json()["results"] == []
    agents = owner.get("/api/accounts/users/agents/").json()["results"]
    assert "customer" not in {one["role"] for one in agents} and cast.ada.person_id in {one["id"] for one in agents}


def test_promises_in_minutes(owner: Program) -> None:
    made = owner.post("/api/sla/policies/", PROMISED).json()
    assert made["targets"] == {"urgent": {"first_response": 1800, "resolution": 14400}}
    assert (made["priority"], made["first_response_minutes"], made["resolution_minutes"]) == ("urgent", 30, 240)
    path = f"/api/sla/policies/{made['id']}"
    changed = owner.ask("PATCH", path, json={"priority": "high", "resolution_minutes": 480, "is_active": False}).json()
    assert changed["targets"] == made["targets"] | {"high": {"resolution": 28800}}
    assert (changed["name"], changed["is_active"], changed["priority"]) == ("Locks", False, None)
    assert changed["id"] in [one["id"] for one in owner.get("/api/v1/support/slas").json()["results"]]
    assert owner.ask("DELETE", path).status_code == 204
    assert owner.get(path).status_code == 404
    assert owner.post("/api/sla/policies/", {"name": "Nothing"}).status_code == 422


def _recorded(cast: Cast, number: int) -> set[ActivityKind]:
    query = select(Activity.kind).where(Activity.ticket_id == number)
    return as_(cast.desk, lambda ctx: {ActivityKind(kind) for kind in ctx.session.exec(query)})
