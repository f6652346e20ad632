"""The facts of a ticket, and that one ticket's conditions mean what a view's do."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from helpdesk import clock, db
from helpdesk.domain.activity import ActivityKind, Happened
from helpdesk.domain.business_hours import is_open
from helpdesk.domain.conditions import Field, Use, from_json
from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.rules import Facts, holds
from helpdesk.services import access, attachments, catalog, custom_fields, facts, promises, tickets
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import Cast


@pytest.fixture
def plan(cast: Cast) -> int:
    """A custom field of every ticket."""
    return run(cast.adam, custom_fields.save, label="Plan", kind="choice", options=("Gold", "Iron"))


@pytest.fixture
def seats(cast: Cast) -> int:
    """Another, a number."""
    return run(cast.adam, custom_fields.save, label="Seats", kind="number")


@pytest.fixture
def vip(cast: Cast) -> int:
    """Another, to tick."""
    return run(cast.adam, custom_fields.save, label="VIP", kind="checkbox")


@pytest.fixture
def ref(cast: Cast, plan: int, seats: int, vip: int) -> str:
    """A ticket of Rita's: urgent, with Ada, tagged, in no team and no category."""
    made = run(cast.rita, tickets.create, title="Crème brûlée printer smokes", description="y", priority="urgent")
    run(cast.ada, tickets.tag, made, ["VIP"])
    run(cast.max, tickets.assign, made, to=cast.ada.person_id)
    run(cast.ada, tickets.answer_field, made, plan, "Gold")
    run(cast.ada, tickets.answer_field, made, seats, "5")
    run(cast.ada, tickets.answer_field, made, vip, "yes")
    return made


def _facts(ctx: Context, ref: str, happened: Happened | None = None) -> Facts:
    return facts.of(ctx, access.ticket(ctx, ref), happened)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (["status", "is", "open"], True), (["status", "not", "open"], False), (["status", "any", "new", "open"], True),
        (["status_category", "is", "open"], True), (["status_category", "not", "closed", "resolved"], True),
        (["priority", "any", "high", "urgent"], True), (["priority", "not", "urgent"], False),
        (["category", "is", "none"], True), (["category", "not", "none"], False), (["category", "not", "5"], True),
        (["assignee", "is", "none"], False), (["assignee", "not", "none"], True), (["assignee", "is", "ADA"], True),
        (["assignee", "not", "ADA"], False), (["team", "is", "none"], True), (["team", "not", "SUPPORT"], True),
        (["tag", "is", "vip"], True), (["tag", "is", "cold"], False), (["tag", "not", "vip"], False),
        (["tag", "is", "none"], False), (["tag", "not", "none"], True), (["tag", "any", "none", "vip"], True),
        (["company", "is", "none"], False), (["company", "not", "none"], True), (["channel", "is", "web"], True),
        (["created", "last", "1"], True), (["created", "next", "1"], False), (["created", "before", "2020-01-01"], False),
        (["created", "after", "2020-01-01"], True), (["due", "next", "7"], False), (["due", "before", "2100-01-01"], False),
        (["sla", "any", "ok", "none"], True), (["sla", "is", "breached"], False), (["sla", "not", "breached"], True),
        (["snoozed", "is", "no"], True), (["snoozed", "not", "no"], False),
        (["answered", "is", "no"], True), (["answered", "not", "no"], False), (["has_due", "is", "no"], True),
        (["has_due", "any", "yes", "no"], True), (["attached", "is", "yes"], False), (["attached", "not", "yes"], True),
        (["closed", "after", "2020-01-01"], False), (["created", "after", "2020-01-01T09:30:00Z"], True),
        (["created", "before", "2020-01-01T09:30:00+02:00"], False), (["created", "before", "2100-01-01T00:00"], True),
        (["title", "contains", "brulee"], True), (["title", "contains", "PRINT smoke"], True),
        (["title", "contains", "brulee fax"], False), (["title", "contains", "'; --"], False), (["title", "contains", "%"], False),
        (["escalation", "least", "1"], False), (["escalation", "is", "0"], True), (["escalation", "most", "0"], True),
        (["csat", "is", "none"], True), (["csat", "not", "none"], False), (["csat", "least", "1"], False), (["csat", "not", "3"], True),
        (["PLAN", "is", "gold"], True), (["PLAN", "is", "GOLD"], True), (["PLAN", "any", "iron", "gold"], True),
        (["PLAN", "not", "gold"], False), (["PLAN", "not", "iron"], True), (["PLAN", "is", "none"], False),
        (["PLAN", "not", "none"], True), (["PLAN", "contains", "gol"], True), (["PLAN", "contains", "old"], False),
        (["SEATS", "is", "5"], True), (["SEATS", "least", "5"], True), (["SEATS", "least", "5.5"], False), (["SEATS", "most", "4"], False),
        (["SEATS", "most", "2026-01-01"], False), (["PLAN", "least", "3"], False), (["TICKED", "is", "yes"], True),
        (["TICKED", "is", "no"], False), (["field:987654", "is", "none"], True), (["field:987654", "is", "x"], False),
        (["field:987654", "not", "x"], True), (["status", "is", "nonsense"], False), (["status", "not", "nonsense"], True),
    ],
)  # fmt: skip
def test_a_ticket_and_a_view_agree(
    cast: Cast, ref: str, plan: int, seats: int, vip: int, condition: list[str], expected: bool
) -> None:
    names = {
        "ADA": str(cast.ada.person_id), "SUPPORT": str(cast.support), "PLAN": f"field:{plan}", "SEATS": f"field:{seats}",
        "TICKED": f"field:{vip}",
    }  # fmt: skip
    said = [names.get(word, word) for word in condition]
    known = run(cast.desk, _facts, ref)
    assert holds(from_json({"all": [said]}, Use.RULE), known) is expected
    found = run(cast.max, tickets.page, TicketFilter(where=from_json({"all": [said]}))).rows
    assert [row.reference for row in found] == ([ref] if expected else [])


def test_what_only_rules_know(cast: Cast, ref: str) -> None:
    run(cast.ada, tickets.reply, ref, "We will refund you.")
    known = run(cast.desk, _facts, ref)
    for said in (
        ["requester_domain", "is", "northwind.example"], ["requester_email", "contains", "rita@"],
        ["comment", "contains", "refund"], ["text", "contains", "brulee refund"], ["hours", "is", "open"],
    ):  # fmt: skip
        assert holds(from_json({"all": [said]}, Use.RULE), known)


def test_it_takes_one_statement_and_none_when_nothing_beside_is_asked_for(cast: Cast, ref: str) -> None:
    def count(ctx: Context) -> tuple[int, int]:
        ticket = access.ticket(ctx, ref)
        facts.of(ctx, ticket)  # the catalog is warm
        seen: list[str] = []
        hear = lambda _c, _cur, statement, *_: seen.append(statement)  # noqa: E731
        event.listen(db.app_engine(), "before_cursor_execute", hear)
        try:
            facts.of_many(ctx, [ticket, ticket])
            all_of_it = len(seen)
            facts.of(ctx, ticket, wanted=frozenset({Field.STATUS, Field.CUSTOM, Field.TITLE}))
        finally:
            event.remove(db.app_engine(), "before_cursor_execute", hear)
        return all_of_it, len(seen) - all_of_it

    assert run(cast.desk, count) == (1, 0)


@pytest.mark.parametrize(
    ("kind", "data", "condition"),
    [
        (ActivityKind.TICKET_STATUS_CHANGED, {"before": "New", "before_category": "new", "after_category": "open"}, ["status", "was", "new"]),
        (ActivityKind.TICKET_STATUS_CHANGED, {"before": "New", "before_category": "new", "after_category": "open"}, ["status_category", "changed", "yes"]),
        (ActivityKind.TICKET_STATUS_CHANGED, {"before": "Open", "before_category": "open", "after_category": "open"}, ["status_category", "changed", "no"]),
        (ActivityKind.TICKET_PRIORITY_CHANGED, {"before": "Low"}, ["priority", "was", "low"]),
        (ActivityKind.TICKET_ASSIGNED, {"previous_id": None}, ["assignee", "was", "none"]),
        (ActivityKind.TICKET_UNASSIGNED, {"previous_id": 7}, ["assignee", "was", "7"]),
        (ActivityKind.TICKET_TAGS_CHANGED, {"before": ["Old", "x"]}, ["tag", "was", "old"]),
        (ActivityKind.TICKET_TITLE_CHANGED, {"before": "x"}, ["title", "changed", "yes"]),
        (ActivityKind.TICKET_FIELD_CHANGED, {"field_id": 12, "before": "Iron"}, ["field:12", "was", "iron"]),
        (ActivityKind.TICKET_REPLIED, {"by_staff": False}, ["by", "is", "customer"]),
        (ActivityKind.TICKET_REPLIED, {"by_staff": True}, ["by", "is", "staff"]),
        (ActivityKind.TICKET_NOTED, {}, ["said", "is", "note"]),
    ],
)  # fmt: skip
def test_what_just_changed(
    cast: Cast, ref: str, kind: ActivityKind, data: dict[str, object], condition: list[str]
) -> None:
    happened = Happened(1, kind, 1, cast.ada.person_id, "x", data)
    assert holds(from_json({"all": [condition]}, Use.RULE), run(cast.desk, _facts, ref, happened))
    assert not holds(
        from_json({"all": [["category", "changed", "yes"]]}, Use.RULE), run(cast.desk, _facts, ref, happened)
    )


def test_business_hours_are_those_of_the_tickets_policy_else_the_first_calendar(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    run(cast.adam, promises.save_calendar, name="Days", timezone="UTC", week={key: ["09:00-17:00"] for key in days})
    run(cast.adam, promises.save_calendar, name="Nights", timezone="UTC", week={key: ["18:00-23:00"] for key in days})
    for name in [one["name"] for one in run(cast.adam, promises.policies)]:
        run(cast.adam, promises.delete_policy, name)
    urgent = {"all": [["priority", "is", "urgent"]]}
    targets = {"urgent": {"resolution": timedelta(hours=4)}}
    run(
        cast.adam,
        promises.save_policy,
        name="VIPs",
        calendar="Nights",
        is_active=True,
        conditions=urgent,
        targets=targets,
    )
    evening = datetime(2026, 3, 2, 20, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: evening)
    refs = [run(cast.rita, tickets.create, title="x", description="y", priority=one) for one in ("urgent", "low")]
    hours = [run(cast.desk, _facts, one).values[Field.HOURS] for one in refs]
    assert hours[0] == {"open"}, "by the calendar of its policy"
    first = run(cast.desk, lambda ctx: catalog.current(ctx).usual_hours)
    assert hours[1] == {"open" if is_open(first, evening) else "closed"}, "without a policy by the first calendar"


def test_a_file_counts_for_a_ticket_and_a_view(cast: Cast, ref: str) -> None:
    file = run(cast.ada, attachments.store, filename="smoke.txt", content_type="text/plain", stream=[b"It smokes."])
    run(cast.ada, tickets.note, ref, "See the file.", attachment_ids=[file.id])
    has = from_json({"all": [["attached", "is", "yes"]]})
    assert holds(has, run(cast.desk, _facts, ref))
    assert [row.reference for row in run(cast.max, tickets.page, TicketFilter(where=has)).rows] == [ref]
    assert not run(cast.max, tickets.page, TicketFilter(where=from_json({"all": [["attached", "is", "no"]]}))).rows
