"""Paths and names other desks used: one test per path and method, with and without the slash."""

from collections.abc import Callable

import pytest

from tests.api.client import Program
from tests.cast import Cast

FILED = {"subject": "The lock is broken", "description": "It closes only.", "priority": "critical"}


@pytest.fixture(params=["/", ""], ids=["slash", "no slash"])
def at(request: pytest.FixtureRequest) -> Callable[[str], str]:
    return lambda path: f"/support/{path}{request.param}"


@pytest.fixture
def ada(program: Program) -> Program:
    return program.signed_in("ada@acme.example")


def filed(who: Program, at: Callable[[str], str]) -> int:
    answer = who.post(at("tickets"), FILED)
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["id"]
    return number


def test_tickets_post(ada: Program, at: Callable[[str], str]) -> None:
    made = ada.post(at("tickets"), FILED).json()
    assert set(made) == {"id", "status", "created_at"}
    assert made["status"] == "new"


def test_tickets_get(ada: Program, at: Callable[[str], str]) -> None:
    number = filed(ada, at)
    found = ada.get(at("tickets") + "?priority=urgent").json()["items"]
    assert [one["id"] for one in found] == [number]


def test_ticket_get(ada: Program, at: Callable[[str], str], program: Program) -> None:
    number = filed(ada, at)
    found = ada.get(at(f"tickets/{number}")).json()
    assert found["priority"]["slug"] == "urgent"
    assert ada.get(at(f"tickets/{found['reference']}")).json()["id"] == number
    assert program.signed_in("rita@northwind.example").get(at(f"tickets/{number}")).status_code == 404


def test_ticket_patch(ada: Program, at: Callable[[str], str], cast: Cast) -> None:
    number = filed(ada, at)
    change = {"status": "resolved", "assigned_to": cast.ada.person_id}
    found = ada.ask("PATCH", at(f"tickets/{number}"), json=change).json()
    assert (found["status_category"], found["assignee"]["id"]) == ("resolved", cast.ada.person_id)


def test_comment_post(ada: Program, at: Callable[[str], str], cast: Cast) -> None:
    number = filed(ada, at)
    said = ada.post(at(f"tickets/{number}/comment"), {"comment": "We come"}).json()
    assert set(said) == {"id", "ticket_id", "user_id", "comment", "created_at"}
    assert (said["ticket_id"], said["user_id"], said["comment"]) == (number, cast.ada.person_id, "We come")
    assert ada.post(at(f"tickets/{number}/comment"), {"comment": "x", "is_internal": True}).status_code == 201


def test_attachment_post_and_attachments_get(ada: Program, at: Callable[[str], str]) -> None:
    number = filed(ada, at)
    kept = ada.ask("POST", at(f"tickets/{number}/attachment"), files={"file": ("a.txt", b"words", "text/plain")}).json()
    assert set(kept) == {"id", "ticket_id", "file_name", "file_size", "created_at"}
    assert (kept["file_name"], kept["file_size"]) == ("a.txt", 5)
    assert ada.get(at(f"tickets/{number}/attachments")).json()["items"] == [kept]


def test_reports_get(program: Program, at: Callable[[str], str]) -> None:
    assert program.signed_in("max@acme.example").get(at("reports")).json()["cards"]
    assert program.signed_in("ada@acme.example").get(at("reports")).status_code == 403


def test_slas_get(program: Program, at: Callable[[str], str]) -> None:
    assert program.signed_in("adam@acme.example").get(at("slas")).json()["items"]
