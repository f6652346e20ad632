"""Every route of the canonical API, from the route table itself: without credentials, as a customer, as an executive, as
the owner and as an agent of another organization. A new route says what it needs, or does not get past this."""

import re
from typing import Any

import pytest
from sqlalchemy import text

from helpdesk.api import document
from helpdesk.api.v1 import everything
from helpdesk.api.v1.routing import NEEDS, Need
from helpdesk.domain.people import Role, system
from helpdesk.domain.permissions import GRANTED, Permission
from helpdesk.models import Person
from helpdesk.services import attachments, tickets, time_tracking
from helpdesk.services.context import Context
from tests.api.client import Program, as_
from tests.cast import Cast

OPERATIONS = [(method, path, operation) for path, method, operation in document.operations(document.document())]
IDS = [f"{method.upper()} {path}" for method, path, _ in OPERATIONS]

# What refuses a role that has the permission of the route, each for a reason of the verb.
STRICTER = {
    "change_ticket": "each change asks for its own permission",
    "create_macro": "only managers share",
    **dict.fromkeys(
        ("help_desk_change_ticket", "support_change_ticket", "tickets_change_ticket", "tickets_put_ticket"),
        "each change asks for its own permission",
    ),
}
# What anybody's own things are, whatever the address says: nothing of Acme can be reached.
OWN = {"list_view_tickets"}


def test_every_route_of_ours_is_in_the_document_and_declares_its_need() -> None:
    routes = everything.routes()
    assert len(routes) == len(OPERATIONS) > 150
    known = {one.value for one in Permission} | {one.name.lower() for one in Need}
    for route in routes:
        assert (route.openapi_extra or {}).get(NEEDS) in known, route.path
    names = [route.operation_id for route in routes]
    assert len(set(names)) == len(names)


def asked(path: str, operation: dict[str, Any], reference: str, number: int) -> tuple[str, dict[str, Any]]:
    """An address of this operation, and a body that fits it."""
    values = {"reference": reference, "slug": "view-999999"}
    address = re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], str(number)), path)
    if operation["operationId"] == "stream":
        address += "?once=true"  # else it would go on for an hour
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        return address, {"files": {"file": ("a.txt", b"words", "text/plain")}}
    if "application/json" in content:
        schemas = document.document()["components"]["schemas"]
        return address, {"json": document.sample(content["application/json"]["schema"], schemas)}
    return address, {}


@pytest.fixture
def acme(cast: Cast) -> str:
    """A ticket of Acme's with something of everything on it; its reference."""
    files = [
        as_(cast.rita, attachments.store, filename="a.txt", content_type="text/plain", stream=[b"acme secret"]).id
        for _ in range(2)
    ]
    reference: str = as_(
        cast.rita, tickets.create, title="Zebra", description="secret stripes", attachment_ids=files[:1]
    )
    as_(cast.adam, time_tracking.log, reference, "45m")
    as_(cast.adam, tickets.reply, reference, "zebra answer")
    return reference


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=IDS)
def test_what_everybody_gets(
    method: str, path: str, operation: dict[str, Any], program: Program, cast: Cast, acme: str
) -> None:
    needs, name = operation[NEEDS], operation["operationId"]
    address, more = asked(path, operation, acme, 1)
    answer = program.ask(method.upper(), address, **more)
    if needs == "nothing":
        assert answer.status_code < 500
        return
    assert answer.status_code == 401, answer.text
    assert answer.headers["content-type"] == "application/problem+json"

    for email, role in (("rita@northwind.example", Role.CUSTOMER), ("xena@acme.example", Role.EXECUTIVE)):
        answer = program.signed_in(email).ask(method.upper(), address, **more)
        assert answer.status_code < 500, answer.text
        if needs != "signed_in" and Permission(needs) not in GRANTED[role]:
            assert answer.status_code == 403, (role, answer.text)
        elif name not in STRICTER:
            assert answer.status_code not in (401, 403), (role, answer.text)

    # Of another organization: who may do everything there, and an agent.
    _hire(cast)
    for email, theirs in (("eve@evil.example", Role.SUPERADMIN), ("ivan@evil.example", Role.AGENT)):
        stranger = Program(program.edge, host="evil.localhost").signed_in(email)
        if name == "logout":
            return
        answer = stranger.ask(method.upper(), address, **more)
        assert answer.status_code < 500, answer.text
        assert not re.search(r"zebra|acme|northwind", answer.text.lower().replace(acme.lower(), "")), answer.text
        may_ask = needs == "signed_in" or needs in GRANTED[theirs]
        if not may_ask:
            assert answer.status_code == 403, (theirs, answer.text)
        elif "{" in path and name not in OWN:
            # Numbers are nobody's twice: what has the number 1 is Acme's, or nobody's.
            expected = (404,) if method == "get" else (404, 409, 412, 422)
            if theirs is Role.AGENT and name in STRICTER:
                expected = (*expected, 403)
            assert answer.status_code in expected, (theirs, answer.status_code, answer.text)


def _hire(cast: Cast) -> None:
    """An agent of Evil Corp, with Eve's password: hashing another takes longer than all the rest."""

    def hire(ctx: Context) -> None:
        columns = ", ".join(
            one.name
            for one in Person.__table__.columns  # type: ignore[attr-defined]
            if one.computed is None and one.name not in ("id", "organization_id", "role", "email", "name")
        )
        ctx.session.execute(
            text(
                f"INSERT INTO person (role, email, name, {columns})"
                f" SELECT 'agent', 'ivan@evil.example', 'Ivan Intruder', {columns}"
                " FROM person WHERE email = 'eve@evil.example'"
            )
        )

    as_(system(cast.evil.id), hire)
