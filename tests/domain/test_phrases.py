"""Questions in plain words: what each means, and what is not understood."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.domain.conditions import as_json
from helpdesk.domain.date_phrases import PERIOD, ago, period
from helpdesk.domain.phrases import Name, Names, Phrase, read

# A Wednesday.
NOW = datetime(2026, 11, 18, 14, 30, tzinfo=UTC)


def _people(*names: str, first: int) -> tuple[Name, ...]:
    return tuple(
        Name(str(number), name, (name.split()[0], name.split()[-1])) for number, name in enumerate(names, start=first)
    )


NAMES = Names(
    statuses=tuple(Name(one, one.replace("_", " ")) for one in ("new", "open", "in_progress", "pending", "resolved", "closed")),
    priorities=tuple(Name(one, one) for one in ("low", "medium", "high", "urgent")),
    categories=(Name("1", "IT Support"), Name("2", "Facilities"), Name("3", "Billing & contracts", ("billing",)), Name("4", "Other")),
    teams=(Name("5", "Service Desk"), Name("6", "Network")),
    tags=(Name("vip", "vip"), Name("follow-up", "follow-up")),
    agents=_people("Ada Agent", "Ben O'Brien", first=10),
    customers=_people("Rita Requester", "Carl Company", first=20),
    companies=(Name("30", "Northwind Trading", ("northwind",)), Name("31", "Initech")),
)  # fmt: skip


def _read(phrase: str) -> Phrase:
    return read(phrase, NAMES, now=NOW)


def _query(phrase: str) -> dict[str, object]:
    found = _read(phrase).filter
    plain = {
        name: getattr(found, name)
        for name in ("status", "priority", "topic", "team", "assignee", "requester", "company", "channel")
    }
    shown: dict[str, object] = {name: list(value) for name, value in plain.items() if value}
    shown |= {name: str(getattr(found, name)) for name in ("whose",) if getattr(found, name)}
    shown |= {
        name: getattr(found, name) for name in ("open", "breached", "snoozed", "mentioned") if getattr(found, name)
    }
    shown |= {"text": found.text} if found.text else {}
    if found.where:
        shown["where"] = as_json(found.where)["all"]
    for end in ("created_from", "created_to", "updated_to", "resolved_from", "resolved_to", "closed_from", "closed_to"):
        if moment := getattr(found, end):
            shown[end] = f"{moment:%m-%d %H:%M}"
    return shown


@pytest.mark.parametrize(
    ("phrase", "meaning"),
    [
        ("urgent tickets assigned to me", {"priority": ["urgent"], "whose": "me"}),
        ("Show me all HIGH priority tickets, please!", {"priority": ["high"]}),
        ("unresolved facilities tickets from last week", {"open": True, "topic": [2], "created_from": "11-09 00:00", "created_to": "11-16 00:00"}),
        ("tickets about broken locks", {"text": "broken locks"}),
        ("tickets about the closed gate from last week", {"text": "closed gate", "created_from": "11-09 00:00", "created_to": "11-16 00:00"}),
        ('tickets containing "Open Sesame"', {"text": '"Open Sesame"'}),
        ("critical tickets nobody owns", {"priority": ["urgent"], "whose": "none"}),
        ("P2 requests without an owner", {"priority": ["high"], "whose": "none"}),
        ("medium or higher", {"priority": ["medium", "high", "urgent"]}),
        ("anything below high priority", {"priority": ["low", "medium"]}),
        ("non-urgent tickets", {"where": [["priority", "not", "urgent"]]}),
        ("everything from Initech except low priority", {"company": [31], "where": [["priority", "not", "low"]]}),
        ("neither resolved nor closed", {"where": [["status", "not", "resolved", "closed"]]}),
        ("resolved or closed billing tickets", {"status": ["resolved", "closed"], "topic": [3]}),
        ("Ada's open tickets", {"assignee": [10], "status": ["open"]}),
        ("tickets assigned to Ada or Ben O'Brien", {"assignee": [10, 11]}),
        ("tickets not assigned to Ada", {"where": [["assignee", "not", "10"]]}),
        ("tickets opened by Rita", {"requester": [20]}),
        ("tickets I filed", {"where": [["requester", "is", "me"]]}),
        ("closed tickets from Carl in October", {"status": ["closed"], "requester": [21], "created_from": "10-01 00:00", "created_to": "11-01 00:00"}),
        ("tickets resolved by Ada yesterday", {"assignee": [10], "resolved_from": "11-17 00:00", "resolved_to": "11-18 00:00"}),
        ("tickets closed last month", {"closed_from": "10-01 00:00", "closed_to": "11-01 00:00"}),
        ("tickets created before Monday", {"created_to": "11-16 00:00"}),
        ("tickets since 1 November", {"created_from": "11-01 00:00"}),
        ("open tickets older than a fortnight", {"status": ["open"], "created_to": "11-04 14:30"}),
        ("not updated in 3 days", {"updated_to": "11-15 14:30"}),
        ("tickets from the last 24 hours", {"created_from": "11-17 14:30"}),
        ("tickets between 2026-11-01 and 2026-11-07", {"created_from": "11-01 00:00", "created_to": "11-08 00:00"}),
        ("due tomorrow", {"where": [["due", "after", "2026-11-18"], ["due", "before", "2026-11-20"]]}),
        ("due before Friday", {"where": [["due", "before", "2026-11-20"]]}),
        ("overdue tickets", {"breached": True}),
        ("billing tickets past their SLA", {"topic": [3], "breached": True}),
        ("tickets about to breach", {"where": [["sla", "is", "at_risk"]]}),
        ("Network tickets by phone", {"team": [6], "channel": ["phone"]}),
        ("emails from Northwind", {"channel": ["email"], "company": [30]}),
        ("tickets tagged vip", {"where": [["tag", "is", "vip"]]}),
        ("follow up tickets", {"where": [["tag", "is", "follow-up"]]}),
        ("IT tickets", {"topic": [1]}),
        ("is it open", {"status": ["open"]}),
        ("Other category", {"topic": [4]}),
        ("escalated tickets", {"where": [["escalation", "least", "1"]]}),
        ("snoozed tickets", {"snoozed": True}),
        ("hihg priorty ticktes", {"priority": ["high"]}),
        ("asigned to Ada", {"assignee": [10]}),
        ("all tickets", {}),
    ],
)  # fmt: skip
def test_what_it_means(phrase: str, meaning: dict[str, object]) -> None:
    assert _query(phrase) == meaning
    assert _read(phrase).unknown == ()


@pytest.mark.parametrize(
    ("phrase", "limit", "is_count", "sort"),
    [
        ("20 newest IT support tickets", 20, False, "-created"),
        ("the 3 oldest open tickets", 3, False, "created"),
        ("top 5 urgent tickets sorted by due date", 5, False, "due"),
        ("open tickets, highest priority first", 0, False, "-priority"),
        ("how many tickets came in by phone today", 0, True, "-updated"),
        ("last 10 tickets", 10, False, "-created"),
    ],
)
def test_how_many_and_in_which_order(phrase: str, limit: int, is_count: bool, sort: str) -> None:
    found = _read(phrase)
    assert (found.limit, found.is_count, found.filter.sort.value) == (limit, is_count, sort)


@pytest.mark.parametrize(
    ("phrase", "unknown", "text"),
    [
        ("make me a sandwich", ("make me a sandwich",), "make me a sandwich"),
        ("delete all tickets", ("delete all tickets",), "delete all tickets"),
        ("assign everything to Ada", ("assign everything to Ada",), "assign everything to Ada"),
        ("urgent printer tickets", ("printer",), "printer"),
        ("purple elephants", ("purple", "elephants"), "purple elephants"),
    ],
)
def test_what_is_not_understood_is_said_and_looked_for(phrase: str, unknown: tuple[str, ...], text: str) -> None:
    found = _read(phrase)
    assert (found.unknown, found.filter.text) == (unknown, text)


def test_says_how_it_understood() -> None:
    found = _read("urgent Facilities tickets from Rita since Monday")
    said = {one.label: one.value for one in found.understood}
    assert said == {
        "Priority": "urgent",
        "Category": "Facilities",
        "Requester": "Rita Requester",
        "Created": "since 16 Nov 2026",
    }


def test_days_begin_where_the_reader_is() -> None:
    late = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    found = read("tickets created today", Names(), now=late, zone="Europe/Berlin").filter
    assert found.created_from == datetime(2026, 11, 18, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("last monday", "2026-11-16", "2026-11-17"), ("wednesday", "2026-11-18", "2026-11-19"), ("last wednesday", "2026-11-11", "2026-11-12"),
        ("this quarter", "2026-10-01", "2027-01-01"), ("last year", "2025-01-01", "2026-01-01"), ("december", "2025-12-01", "2026-01-01"),
        ("5 november", "2026-11-05", "2026-11-06"), ("november 3rd", "2026-11-03", "2026-11-04"), ("q3", "2026-07-01", "2026-10-01"),
        ("two weeks ago", "2026-11-04", "2026-11-05"), ("last weekend", "2026-11-14", "2026-11-16"), ("2025", "2025-01-01", "2026-01-01"),
    ],
)  # fmt: skip
def test_periods(words: str, first: str, last: str) -> None:
    found = period(words, NOW, "UTC")
    assert found.since and found.until and (f"{found.since:%Y-%m-%d}", f"{found.until:%Y-%m-%d}") == (first, last)


def test_a_month_ago_from_its_last_day() -> None:
    assert ago("a month", datetime(2026, 3, 31, tzinfo=UTC)) == datetime(2026, 2, 28, tzinfo=UTC)


@settings(max_examples=150, deadline=2000)
@given(st.lists(st.sampled_from([
    "tickets", "not", "open", "urgent", "or", "and", "assigned to", "me", "Ada", "from", "last", "week", "31 february", "about", "\"", "high",
    "priority", "between", "2026-13-45", "Monday", "overdue", "20", "newest", "|", "((", "vip", "-", "without", "in", "IT", "ñandú", "*",
]), max_size=25))  # fmt: skip
def test_anything_can_be_said(words: list[str]) -> None:
    found = _read(" ".join(words))
    assert len(found.filter.text) <= 200
    assert PERIOD
