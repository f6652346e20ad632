"""Exports of other desks: what comes in, what is left out and why, and that a second run adds nothing."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from helpdesk.domain.errors import Invalid
from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.people import Role
from helpdesk.models import Activity, Person, Ticket, Timer
from helpdesk.services import importing, tickets, unit_of_work
from helpdesk.services.importing import mapping as mappings
from tests.cast import Cast

SIMPLE: dict[str, Any] = {
    "source": "old-desk",
    "fields": {
        "remote_id": "Number", "title": "Subject", "description": "Text", "priority": {"column": "Prio", "values": {"3 - Moderate": "medium", "1": "urgent"}},
        "status": {"column": "State", "default": "new"}, "category": "Topic", "team": "Group", "requester": "From",
        "requester_email": "Mail", "assignee": "Owner", "created_at": "Opened", "resolved_at": "Solved", "closed_at": "Closed",
    },
    "keep": ["Prio"],
    "timezone": "Europe/Berlin",
    "date_formats": ["%d.%m.%Y %H:%M"],
}  # fmt: skip
HEAD = "Number,Subject,Text,Prio,State,Topic,Group,From,Mail,Owner,Opened,Solved,Closed\n"
GOOD = "T1,No network,Since Monday,3 - Moderate,closed,Network,Second line,Rita,rita@northwind.example,Joe Old,01.07.2026 10:00,01.07.2026 12:00,03.07.2026 09:00\n"
OPEN = "T2,Printer,It smokes,1,,Printing,,Zed,,,02.07.2026 08:15,,\n"


def _file(directory: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = directory / "export.csv"
    path.write_bytes(text.encode(encoding))
    return path


def _run(path: Path, told: dict[str, Any] = SIMPLE, *, dry_run: bool = False) -> importing.ImportReport:
    return importing.run_import("acme", path, mappings.parse(told), dry_run=dry_run)


def _ticket(cast: Cast, remote_id: str) -> Ticket:
    return unit_of_work.run(
        cast.desk, lambda ctx: ctx.session.exec(select(Ticket).where(Ticket.remote_id == remote_id)).one()
    )


def test_tickets_come_in_with_their_people_teams_and_times(cast: Cast, tmp_path: Path) -> None:
    report = _run(_file(tmp_path, HEAD + GOOD + OPEN))
    assert (report.created, report.present, report.skipped) == (2, 0, [])
    done, fresh = _ticket(cast, "T1"), _ticket(cast, "T2")
    assert done.requester_id == cast.rita.person_id  # known by her address
    assert str(done.created_at) == "2026-07-01 08:00:00+00:00"
    assert str(done.closed_at) == "2026-07-03 07:00:00+00:00"
    assert (done.status_category, done.is_open, fresh.status_category, fresh.is_open) == ("closed", False, "new", True)
    assert (fresh.sla_status, fresh.priority_rank) == ("none", 4)
    people = unit_of_work.run(
        cast.desk, lambda ctx: ctx.session.exec(select(Person).where(Person.source == "old-desk")).all()
    )
    joe = next(one for one in people if one.name == "Joe Old")
    assert joe.role == Role.AGENT
    assert not joe.is_active
    assert all(one.password_hash is None and one.email.endswith(".import.invalid") for one in people)
    assert unit_of_work.run(cast.desk, lambda ctx: ctx.session.exec(select(Timer)).all()) == []


def test_its_past_reads_as_a_history_and_nobody_is_mailed(cast: Cast, tmp_path: Path) -> None:
    _run(_file(tmp_path, HEAD + GOOD))
    lines = unit_of_work.run(cast.max, tickets.history, _ticket(cast, "T1").reference)
    assert [line.what for line in reversed(lines)] == [
        "filed the ticket", "assigned it to Joe Old", "changed the status from New to Resolved",
        "changed the status from Resolved to Closed",
    ]  # fmt: skip
    log = unit_of_work.run(cast.desk, lambda ctx: ctx.session.exec(select(Activity)).all())
    assert all(one.reacted_at for one in log)
    assert [one.data["created"] for one in log if one.kind == "import.finished"] == [1]


def test_imported_tickets_are_found_by_their_words(cast: Cast, tmp_path: Path) -> None:
    _run(_file(tmp_path, HEAD + GOOD))
    found = unit_of_work.run(cast.max, lambda ctx: tickets.page(ctx, TicketFilter(text="Monday")))
    assert [row.title for row in found.rows] == ["No network"]


def test_a_second_run_adds_nothing_and_a_longer_file_only_the_rest(cast: Cast, tmp_path: Path) -> None:
    _run(_file(tmp_path, HEAD + GOOD))
    again = _run(_file(tmp_path, HEAD + GOOD + OPEN))
    assert (again.created, again.present) == (1, 1)


def test_a_dry_run_says_the_same_and_writes_nothing(cast: Cast, tmp_path: Path) -> None:
    report = _run(_file(tmp_path, HEAD + GOOD + OPEN + "T3,,,1,,,,,,,,,\n"), dry_run=True)
    assert (report.created, len(report.skipped)) == (2, 1)
    assert unit_of_work.run(cast.desk, lambda ctx: ctx.session.exec(select(Ticket)).all()) == []


def test_bad_rows_are_named_and_never_stop_the_rest(cast: Cast, tmp_path: Path) -> None:
    bad = (
        "T5,Short row,x\n"
        "T6,Bad date,x,1,,,,,,,31.02.2026 10:00,,\n"
        "T7,Bad state,x,1,simmering,,,,,,,,\n"
        "T8,From the future,x,1,,,,,,,01.07.2099 10:00,,\n"
        ",No number,x,1,,,,,,,,,\n"
    )
    report = _run(_file(tmp_path, HEAD + bad + GOOD))
    assert report.created == 1
    assert [one.line for one in report.skipped] == [2, 3, 4, 5, 6]
    reasons = "\n".join(one.reason for one in report.skipped)
    for told in ("3 cells", "31.02.2026", "simmering", "future", "remote id"):
        assert told in reasons
    assert Path(report.saved_to).read_text().count("\n") == 6


def test_a_missing_column_is_told_with_those_there_are(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"no column Number.*It has: Nummer, Subject"):
        _run(_file(tmp_path, "Nummer,Subject\n1,x\n"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_whatever_the_encoding_and_delimiter(encoding: str, cast: Cast, tmp_path: Path) -> None:
    text = HEAD.replace(",", ";") + "T9;Überlauf „Tür“;Größe;1;;;;Jörg;;;;;\n"
    assert _run(_file(tmp_path, text, encoding=encoding)).created == 1
    assert _ticket(cast, "T9").title == "Überlauf „Tür“"


def test_packed_files_and_rows_without_an_id(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "export.csv.gz"
    path.write_bytes(gzip.compress(b"text\nsame words\nsame words\n\x00odd\x00 words\n"))
    told = {"source": "plain", "fields": {"description": "text", "status": {"constant": "closed"}}}
    assert _run(path, told).created == 3  # two alike are two
    assert _run(path, told).created == 0


def test_rows_of_one_number_are_one_ticket_with_its_history(cast: Cast, tmp_path: Path) -> None:
    told = {
        "source": "events", "rows": "events", "empty": ["?"], "date_formats": ["%Y-%m-%d %H:%M"],
        "fields": {
            "remote_id": "n", "title": {"template": "Incident {n}"}, "status": "state", "team": "team", "assignee": "who",
            "requester": "caller", "updated_by": "by", "created_at": "opened", "updated_at": "at", "resolved_at": "solved",
            "reopen_count": "reopened", "made_sla": "kept",
        },
    }  # fmt: skip
    head = "n,state,team,who,caller,by,opened,at,solved,reopened,kept\n"
    rows = [
        "I1,new,A,?,C,B,2026-01-05 08:00,2026-01-05 08:00,2026-01-07 09:00,0,True",
        "I1,closed,A,Pia,C,B,2026-01-05 08:00,2026-01-09 09:00,2026-01-07 09:00,1,False",
        "I1,in_progress,A,Pia,C,B,2026-01-05 08:00,2026-01-06 10:00,2026-01-07 09:00,1,True",
        "I1,resolved,A,Pia,C,B,2026-01-05 08:00,2026-01-05 09:30,2026-01-07 09:00,0,True",
        "I1,in_progress,B,?,C,B,2026-01-05 08:00,2026-01-06 11:00,2026-01-07 09:00,1,True",
    ]
    report = _run(_file(tmp_path, head + "\n".join(rows) + "\n"), told)
    assert (report.rows, report.tickets, report.created) == (5, 1, 1)
    ticket = _ticket(cast, "I1")
    assert (ticket.reopen_count, ticket.sla_status, ticket.status_category) == (1, "breached", "closed")
    assert str(ticket.resolved_at) == "2026-01-07 09:00:00+00:00"
    lines = unit_of_work.run(cast.max, tickets.history, ticket.reference)
    assert [line.what for line in reversed(lines)] == [
        "filed the ticket", "assigned it to Pia", "changed the status from New to Resolved",
        "changed the status from Resolved to In progress", "moved it from team A to B", "took it from Pia",
        "moved it from team B to A", "assigned it to Pia", "changed the status from In progress to Closed",
        "recorded a breach: the resolution is late",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"source": "x", "fields": {"titel": "a"}}, "Unknown field: titel"),
        ({"fields": {"title": "a"}}, "Name the source"),
        ({"source": "x", "fields": {"team": "a"}}, "title or the description"),
        ({"source": "x", "rows": "events", "fields": {"title": "a"}}, "needs remote_id"),
        ({"source": "x", "timezone": "Mars/Base", "fields": {"title": "a"}}, "no time zone"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(told: dict[str, Any], why: str) -> None:
    with pytest.raises(Invalid, match=why):
        mappings.parse(told)


@pytest.mark.parametrize("name", ["servicenow", "it_service_tickets", "banking77"])
def test_the_shipped_mappings_are_sound(name: str) -> None:
    assert mappings.load(name).columns()
