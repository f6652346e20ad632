"""The OpenAPI document: complete, current, good enough for generators, and readable offline."""

import json
import re
from typing import Any

import httpx2
import pytest
from aiopenapi3 import OpenAPI

from helpdesk.api import document
from helpdesk.settings import ROOT
from tests.api.client import Program

DOCUMENT = document.document()
OPERATIONS = list(document.operations(DOCUMENT))


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=[f"{one[1]} {one[0]}" for one in OPERATIONS])
def test_an_operation_says_everything(path: str, method: str, operation: dict[str, Any]) -> None:
    assert operation["summary"] and not operation["summary"].endswith(".")
    assert operation["description"]
    codes = set(operation["responses"])
    assert {"422", "429"} <= codes
    for code, answer in operation["responses"].items():
        if int(code) >= 400:
            assert list(answer["content"]) == ["application/problem+json"]
        elif code == "204":
            assert not answer.get("content")
        elif "application/json" in answer.get("content", {}):
            assert answer["content"]["application/json"]["example"] is not None
            assert answer["content"]["application/json"]["schema"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        schema = document._named(body["schema"], DOCUMENT["components"]["schemas"])
        assert schema["examples"], schema.get("title")
        assert schema["additionalProperties"] is False


def test_the_page_in_the_docs_is_current() -> None:
    assert (ROOT / "docs/api.md").read_text() == document.as_markdown(), document.GENERATED


def test_it_is_served_and_read_without_any_other_server(program: Program) -> None:
    assert program.get("/api/openapi.json").json()["openapi"] == "3.1.0"
    page = program.get("/api/docs")
    assert page.status_code == 200
    assert "unsafe-eval" not in page.headers["content-security-policy"]
    assert not re.search(r"https?://", page.text)
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        answer = program.get(address)
        assert answer.status_code == 200 and len(answer.content) > 100, address
    assert program.get("/api/docs/secret.js").status_code == 404


def test_a_generated_client_files_a_ticket(program: Program) -> None:
    ada = program.signed_in("ada@acme.example")

    def carry(request: httpx2.Request) -> httpx2.Response:
        kept = {"content-type", "authorization"}
        headers = {name: value for name, value in request.headers.items() if name.lower() in kept}
        answer = ada.ask(request.method, request.url.raw_path.decode(), content=request.read(), headers=headers)
        return httpx2.Response(
            answer.status_code, headers=dict(answer.headers), content=answer.content, request=request
        )

    def session(*args: Any, **kwargs: Any) -> httpx2.Client:
        kwargs["transport"] = httpx2.MockTransport(carry)
        return httpx2.Client(*args, **kwargs)

    client = OpenAPI.loads("http://acme.localhost/api/openapi.json", json.dumps(DOCUMENT), session_factory=session)
    client.authenticate(bearer=ada.token)
    filing = client._.create_ticket
    made = filing(
        data=filing.data.get_type()(title="From a client", description="It was generated.", priority="critical")
    )
    assert made.priority.slug == "urgent"
    read = client._.get_ticket(parameters={"reference": made.reference})
    assert read.title == "From a client"
    listed = client._.list_tickets(parameters={"priority": "urgent"})
    assert [one.reference for one in listed.items] == [made.reference]
