"""What all routes keep to: methods, pages, order, fields, versions, doing things once."""

import asyncio
from typing import Any

import aiohttp
import pytest

from helpdesk.api import document
from helpdesk.services import tickets
from tests.api.client import Program, as_
from tests.api.test_matrix import asked
from tests.cast import PASSWORD, Cast
from tests.served import Desk

OPERATIONS = [(method, path, one) for path, method, one in document.operations(document.document())]
LISTS = [
    (path, one)
    for method, path, one in OPERATIONS
    if method == "get"
    and {each["name"] for each in one.get("parameters", [])} >= {"cursor", "size", "sort"}
    and not path.endswith(("/tickets", "/tickets/"))
]


@pytest.fixture
def owner(program: Program) -> Program:
    return program.signed_in("olga@acme.example")


def test_a_wrong_method_is_405_and_says_which_are_right(program: Program) -> None:
    for path, methods in document.document()["paths"].items():
        there = {name.upper() for name in methods}
        address = path.replace("{", "").replace("}", "")
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - there:
            answer = program.ask(method, address)
            # A fixed address may also fit one with a variable part: then that one answers.
            if answer.status_code != 405:
                assert answer.status_code in (401, 404, 422), (method, path, answer.text)
                continue
            assert there <= {*answer.headers["Allow"].split(", ")}, (method, path)
            assert answer.headers["content-type"] == "application/problem+json"
    assert program.ask("DELETE", "/api/v1/tickets").status_code == 405
    assert program.ask("DELETE", "/api/v1/tickets").headers["Allow"] == "GET, POST"
    assert program.ask("HEAD", "/api/v1/tickets").status_code == 405
    assert program.ask("OPTIONS", "/api/v1/tickets").headers["Allow"] == "GET, POST, OPTIONS"
    assert program.ask("PUT", "/help-desk/tickets").status_code == 405
    for method in ("GET", "POST", "DELETE"):
        answer = program.ask(method, "/api/v1/nothing/here")
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is nothing at /api/v1/nothing/here.")


def test_every_list_has_pages(owner: Program, cast: Cast) -> None:
    """By the document: a list goes on with `next`, from `cursor` or the id of the last row."""
    for method, path, one in OPERATIONS:
        content = one["responses"].get("200", {}).get("content", {}).get("application/json")
        if method != "get" or not content or "/v1/" not in path or "/support/" in path:
            continue
        schema = document._named(content["schema"], document.document()["components"]["schemas"])
        if "items" in schema.get("properties", {}):
            names = {each["name"] for each in one.get("parameters", [])}
            assert names & {"cursor", "before", "after"}, path
            assert "fields" in names, path


def test_short_lists_are_read_page_by_page(owner: Program) -> None:
    whole = [one["slug"] for one in owner.get("/statuses").json()["items"]]
    found: list[str] = []
    where = "/statuses?size=3&fields=slug"
    while where:
        answer = owner.get(where).json()
        assert len(answer["items"]) <= 3 and {*answer["items"][0]} == {"slug"}
        found += [one["slug"] for one in answer["items"]]
        where = answer["next"]
    assert found == whole and len(whole) > 6


def test_short_lists_are_sorted_by_their_fields(owner: Program) -> None:
    labels = [one["label"] for one in owner.get("/statuses?sort=label").json()["items"]]
    assert labels == sorted(labels, key=str.lower)
    assert [one["label"] for one in owner.get("/statuses?sort=-label").json()["items"]] == labels[::-1]
    for wrong in ("sort=nonsense", "size=0", "size=201", "size=x", "cursor=nonsense", "cursor=bnVsbA", "sort=aliases"):
        assert owner.get(f"/statuses?{wrong}").status_code == 422, wrong


def test_a_page_goes_on_behind_its_last_row_though_others_came_or_went(owner: Program) -> None:
    for name in ("a", "b", "c", "d"):
        owner.post("/tags", {"name": f"tag-{name}"})
    first = owner.get("/tags?size=2&sort=name").json()
    assert [one["name"] for one in first["items"]] == ["tag-a", "tag-b"]
    owner.post("/tags", {"name": "tag-0"})
    assert [one["name"] for one in owner.get(first["next"]).json()["items"]] == ["tag-c", "tag-d"]


@pytest.mark.parametrize(("path", "operation"), LISTS, ids=[one[0] for one in LISTS])
def test_every_short_list_takes_its_parameters(path: str, operation: Any, owner: Program, cast: Cast) -> None:
    reference = as_(cast.rita, tickets.create, title="Lock", description="x")
    address, _ = asked(path, operation, reference, 1)
    address += "?words=lock&size=1" if path.endswith("search") else "?size=1"
    answer = owner.get(address)
    assert answer.status_code in (200, 404), answer.text
    if answer.status_code == 200:
        assert len(answer.json()["items"]) <= 1


def test_lists_of_other_desks_choose_fields_too(owner: Program, cast: Cast) -> None:
    as_(cast.rita, tickets.create, title="Lock", description="x")
    for path in ("/help-desk/tickets/", "/api/v1/support/tickets/", "/api/tickets/tickets/"):
        assert owner.get(f"{path}?fields=id,subject").json()["results"][0].keys() == {"id", "subject"}
    assert {*owner.get("/api/accounts/users/?fields=email").json()["results"][0]} == {"email"}
    assert owner.get("/help-desk/tickets/?fields=nonsense").status_code == 422


@pytest.mark.parametrize("path", ["/auth/login", "/api/accounts/token/"])
def test_tokens_are_never_answered_twice(program: Program, path: str) -> None:
    key = {"Idempotency-Key": "same"}
    body = {"email": "ada@acme.example", "password": PASSWORD}
    first, second = (program.post(path, body, headers=key) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.json() != second.json() and "idempotency-replayed" not in second.headers
    assert program.post(path, body | {"password": "wrong"}, headers=key).status_code == 401
    ada = program.signed_in("ada@acme.example")
    assert "idempotency-replayed" not in ada.post(path, body, headers=key).headers
    assert "idempotency-replayed" not in ada.post(path, body, headers=key).headers


def test_the_same_key_for_another_question_is_refused(owner: Program) -> None:
    key = {"Idempotency-Key": "one"}
    assert owner.post("/api/v2/helpdesk/tickets/search", {"query": "open"}, headers=key).status_code == 200
    assert owner.post("/api/v2/helpdesk/tickets/search?fields=id", {"query": "open"}, headers=key).status_code == 422


VERSIONED = [
    ("PUT", "/tags/{tag}", "/tags/{tag}", {"name": "doors"}),
    ("PUT", "/people/{rita}/role", "/people/{rita}", {"role": "agent"}),
    ("PUT", "/me/notifications", "/me/profile", {"wants_mail": False, "wanted": []}),
    ("PUT", "/webhooks/{hook}", "/webhooks/{hook}", {"name": "B", "address": "https://hooks.example.com/b"}),
]


@pytest.mark.parametrize(("method", "path", "read", "body"), VERSIONED, ids=[one[1] for one in VERSIONED])
def test_nobodys_work_is_lost(owner: Program, cast: Cast, method: str, path: str, read: str, body: Any) -> None:
    numbers = {
        "{tag}": owner.post("/tags", {"name": "locks"}).json()["id"], "{rita}": cast.rita.person_id,
        "{hook}": owner.post("/webhooks", {"name": "A", "address": "https://hooks.example.com/a"}).json()["id"],
    }  # fmt: skip
    for name, number in numbers.items():
        path, read = path.replace(name, str(number)), read.replace(name, str(number))
    seen = owner.get(read)
    assert seen.status_code == 200, seen.text
    old = {"If-Match": seen.headers["ETag"]}
    assert owner.ask(method, path, json=body, headers={"If-Match": '"another"'}).status_code == 412
    assert owner.get(read).headers["ETag"] == seen.headers["ETag"]
    changed = owner.ask(method, path, json=body, headers=old)
    assert changed.status_code == 200, changed.text
    assert owner.get(read).headers["ETag"] != seen.headers["ETag"]
    assert owner.ask(method, path, json=body, headers=old).status_code == 412


@pytest.mark.real_redis
def test_of_many_who_change_the_same_version_at_once_one_succeeds(desk: Desk) -> None:
    async def story() -> None:
        host = {"Host": f"acme.localhost:{desk.port}"}
        base = f"{desk.dial}/api/v1"
        async with aiohttp.ClientSession(headers=host) as http:
            who = {"email": "olga@acme.example", "password": PASSWORD}
            pair = await (await http.post(f"{base}/auth/login", json=who)).json()
            bearer = {"Authorization": f"Bearer {pair['access_token']}"}
            made = await (await http.post(f"{base}/tags", json={"name": "start"}, headers=bearer)).json()
            where = f"{base}/tags/{made['id']}"
            for turn in range(5):
                version = (await http.get(where, headers=bearer)).headers["ETag"]

                async def change(number: int, version: str = version, turn: int = turn) -> int:
                    body = {"name": f"turn-{turn}-{number}"}
                    answer = await http.put(where, json=body, headers=bearer | {"If-Match": version})
                    return answer.status

                codes = sorted(await asyncio.gather(*(change(number) for number in range(6))))
                assert codes == [200, 412, 412, 412, 412, 412], codes

    asyncio.run(asyncio.wait_for(story(), 60))


HOSTILE = "'; DROP TABLE ticket; -- <script>alert(1)</script> {{7*7}} \u202eevil"
WRITES = [
    (method, path, one)
    for method, path, one in OPERATIONS
    if "application/json" in one.get("requestBody", {}).get("content", {})
    and not one["operationId"].startswith("logout")
]


def _spoilt(body: Any, spoil: Any) -> Any:
    """A body with every text in it replaced."""
    if isinstance(body, dict):
        return {name: _spoilt(value, spoil) for name, value in body.items()}
    if isinstance(body, list):
        return [_spoilt(value, spoil) for value in body]
    return spoil(body)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda value: HOSTILE if isinstance(value, str) else value,
        lambda value: {"a": [value]},
        lambda value: [] if isinstance(value, int) else 7,
        lambda value: None,
        lambda value: 2**70 if isinstance(value, int) else "\x00",
        lambda value: "x" * 20_000 if isinstance(value, str) else -1,
    ],
    ids=["SQL and HTML", "objects", "other types", "nothing", "beyond every bound", "long"],
)
def test_no_body_breaks_anything(owner: Program, cast: Cast, spoil: Any) -> None:
    reference = as_(cast.rita, tickets.create, title="Zebra", description="stripes")
    for method, path, operation in WRITES:
        address, more = asked(path, operation, reference, 1)
        answer = owner.ask(method.upper(), address, json=_spoilt(more["json"], spoil))
        assert answer.status_code < 500, (method, path, answer.text)
        assert "<script" not in answer.text.replace("\\u003cscript", "") or answer.headers["content-type"].startswith(
            ("application/json", "application/problem+json")
        ), (method, path)
    assert owner.get(f"/tickets/{reference}").json()["title"]


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe\x00", b'{"name": "\xc3\x28"}', b"[" * 10_000 + b"]" * 10_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b"null"],
    ids=["broken off", "no UTF-8", "broken UTF-8", "deep lists", "deep objects", "null"],
)  # fmt: skip
def test_no_route_reads_what_is_no_json(owner: Program, cast: Cast, body: bytes) -> None:
    reference = as_(cast.rita, tickets.create, title="Zebra", description="stripes")
    for method, path, operation in WRITES:
        address, _ = asked(path, operation, reference, 1)
        answer = owner.ask(method.upper(), address, content=body, headers={"Content-Type": "application/json"})
        assert 400 <= answer.status_code < 500, (method, path, answer.status_code, answer.text)
