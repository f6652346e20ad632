"""Whatever fits the document, and much that does not: never a 5xx, and every answer as the document says. Bounded in time."""

import collections
import itertools
import time
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from helpdesk.api import document
from helpdesk.domain.permissions import Permission
from helpdesk.services import api_tokens, attachments, tickets
from tests.api.client import Program, as_
from tests.cast import Cast

SECONDS = 55.0
EXAMPLES = 4
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SCHEMA = schemathesis.openapi.from_dict(document.document())


@pytest.fixture
def owner(program: Program, cast: Cast) -> Program:
    """Who may do everything, with a token that may as well; and something to find."""
    for number in range(3):
        ref = as_(cast.rita, tickets.create, title=f"Broken lock {number}", description="It does **not** open.")
        as_(cast.ada, tickets.reply, ref, "We come")
    as_(cast.ada, attachments.store, filename="a.txt", content_type="text/plain", stream=[b"words"])
    signed_in = program.signed_in("olga@acme.example")
    wanted = [one for one in as_(cast.olga, api_tokens.grantable) if one in set(Permission)]
    made = signed_in.post("/me/tokens", {"name": "Everything", "permissions": wanted, "days": 1}).json()
    return Program(program.edge, made["secret"])


def test_answers_are_as_the_document_says(owner: Program) -> None:
    until = time.monotonic() + SECONDS
    references = [one["reference"] for one in owner.get("/tickets?fields=reference").json()["items"]]
    turns = itertools.count()
    seen: collections.Counter[int] = collections.Counter()

    def found(case: Any) -> str:
        """The address with things that are there."""
        values = {"reference": references[next(turns) % len(references)], "slug": "all"}
        path = case.operation.full_path
        for name in case.path_parameters or {}:
            there = values.get(name, 1 + next(turns) % 3)
            path = path.replace(f"{{{name}}}", quote(str(there), safe=""))
        return f"http://acme.localhost{path}"

    # Those would take away what we ask with, go on for an hour, or take a whole mail.
    ours = ("/{token_id}", "/stream", "/inbound/mail")
    operations = [one.ok() for one in SCHEMA.get_all_operations() if not one.ok().label.endswith(ours)]
    problems: list[str] = []
    asked = 0

    def play(case: Any) -> None:
        nonlocal asked
        if time.monotonic() > until:
            return
        wanted = case.as_transport_kwargs(base_url="http://acme.localhost")
        wanted["url"] = found(case) if mode is GenerationMode.POSITIVE else wanted["url"]
        address = wanted["url"].removeprefix("http://acme.localhost")
        sent = dict(wanted.get("headers") or {}).items()
        headers = {str(name): str(value).encode() for name, value in sent if str(name).lower() != "authorization"}
        given_ = {
            name: wanted[name]
            for name in ("params", "json", "data", "files", "content")
            if wanted.get(name) is not None
        }
        if isinstance(given_.get("data"), bytes | str):
            given_["content"] = given_.pop("data")
        try:
            answer = owner.ask(case.operation.method.upper(), address, headers=headers, **given_)
        except (ValueError, TypeError, UnicodeError):
            return  # no client could send this
        asked += 1
        seen[answer.status_code] += 1
        if answer.status_code == 401 and not case.operation.label.endswith(("login", "refresh", "token/", "refresh/")):
            problems.append(f"{case.operation.label}: the token is not valid any more")
        answer.request = httpx.Request(answer.request.method, answer.request.url)  # a form's body was a stream
        try:
            case.validate_response(answer, checks=CHECKS)
        except BaseExceptionGroup as group:
            problems.append(f"{case.operation.label}: " + "; ".join(str(one)[:600] for one in group.exceptions))
        except AssertionError as error:
            problems.append(f"{case.operation.label}: {str(error)[:900]}")

    rules = settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        verbosity=Verbosity.quiet, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        for operation in operations:
            try:
                rules(given(case=operation.as_strategy(generation_mode=mode))(lambda case: play(case)))()
            except Exception as error:
                if type(error).__name__ not in ("Unsatisfiable", "SkipTest"):
                    raise
    assert not problems, f"{len(problems)} problems\n" + "\n\n".join(dict.fromkeys(problems))
    assert asked > 300
    assert sum(number for code, number in seen.items() if code < 300) > 100, seen
