"""The stream of events over a real socket, with a real Redis and real commits."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from helpdesk import db, live, settings
from helpdesk.api.v1 import stream
from helpdesk.services.unit_of_work import run
from tests.api.client import Program
from tests.cast import PASSWORD
from tests.served import Desk

SOON = 15.0


@dataclass
class Events:
    """What a program has heard."""

    answer: aiohttp.ClientResponse
    heard: list[dict[str, Any]] = field(default_factory=list)
    last_id: str = ""
    has_ended: bool = False

    async def listen(self) -> None:
        block: dict[str, str] = {}
        async for line in self.answer.content:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "id":
                self.last_id = value
            if name:
                block[name] = value
                continue
            if "data" in block:
                self.heard.append(json.loads(block["data"]) | {"event": block["event"], "mark": block.get("id", "")})
            block = {}
        self.has_ended = True

    async def until(self, enough: Callable[[], bool]) -> None:
        for _ in range(int(SOON / 0.02)):
            if enough():
                return
            await asyncio.sleep(0.02)
        raise TimeoutError(f"Only heard: {self.heard}")

    def of(self, reference: str) -> list[str]:
        return [one["kind"] for one in self.heard if one["reference"] == reference]


class Client:
    """Somebody's program on the served desk."""

    def __init__(self, desk: Desk, http: aiohttp.ClientSession, organization: str = "acme") -> None:
        self.desk, self.http, self.host = desk, http, {"Host": f"{organization}.localhost:{desk.port}"}

    async def sign_in(self, email: str) -> "Client":
        body = {"email": email, "password": PASSWORD}
        answer = await self.http.post(f"{self.desk.dial}/api/v1/auth/login", json=body, headers=self.host)
        self.host = self.host | {"Authorization": f"Bearer {(await answer.json())['access_token']}"}
        return self

    async def post(self, path: str, body: Any = None) -> Any:
        answer = await self.http.post(f"{self.desk.dial}/api/v1{path}", json=body, headers=self.host)
        return await answer.json() if answer.status != 204 else None

    async def open(self, query: str = "", **headers: str) -> aiohttp.ClientResponse:
        return await self.http.get(f"{self.desk.dial}/api/v1/stream{query}", headers=self.host | headers)

    @asynccontextmanager
    async def stream(self, query: str = "", **headers: str) -> AsyncIterator[Events]:
        answer = await self.open(query, **headers)
        assert answer.status == 200, await answer.text()
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        events = Events(answer)
        listening = asyncio.create_task(events.listen())
        try:
            await events.until(lambda: bool(events.last_id))
            yield events
        finally:
            listening.cancel()
            answer.close()


@pytest.fixture(autouse=True)
def _sign_in_as_often_as_we_like(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of these stories come from one address within a minute."""
    for limit in ("sign_in_tries_per_minute", "api_anonymous_per_minute", "api_requests_per_minute"):
        monkeypatch.setitem(settings.get().__dict__, limit, 10_000)


def play(desk: Desk, story: Callable[[Callable[..., Awaitable[Client]]], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with aiohttp.ClientSession() as http:

            async def enter(email: str, organization: str = "acme") -> Client:
                return await Client(desk, http, organization).sign_in(email)

            await story(enter)

    asyncio.run(asyncio.wait_for(whole(), 60))


FILED = {"title": "The lock is broken", "description": "It does not open."}


@pytest.mark.real_redis
def test_everybody_hears_what_they_may_see_and_goes_on_after_a_break(desk: Desk) -> None:
    async def story(enter: Callable[..., Awaitable[Client]]) -> None:
        max_, rita, zoe, eve = (
            await enter("max@acme.example"), await enter("rita@northwind.example"), await enter("zoe@home.example"),
            await enter("eve@evil.example", "evil"),
        )  # fmt: skip
        async with max_.stream() as staff, rita.stream() as hers, zoe.stream() as others, eve.stream() as foreign:
            reference = (await rita.post("/tickets", FILED))["reference"]
            await max_.post(f"/tickets/{reference}/comments", {"body": "Who has the key?", "kind": "note"})
            await max_.post(f"/tickets/{reference}/comments", {"body": "We come.", "kind": "reply"})
            await staff.until(lambda: "ticket.replied" in staff.of(reference))
            await hers.until(lambda: "ticket.replied" in hers.of(reference))
            assert {"ticket.created", "ticket.noted", "ticket.replied"} <= {*staff.of(reference)}
            assert "ticket.noted" not in hers.of(reference) and "data" not in hers.heard[0]
            assert others.heard == [] and foreign.heard == []
            created = next(one for one in staff.heard if one["kind"] == "ticket.created")
            assert created["event"] == "ticket.created" and created["actor"] == "Rita Requester"

        # Everything after the first, whether or not it was heard before; each once.
        async with max_.stream(**{"Last-Event-ID": created["mark"]}) as again:
            await again.until(lambda: "ticket.replied" in again.of(reference))
            after = [one["id"] for one in staff.heard if one["id"] > created["id"]]
            assert [one["id"] for one in again.heard if one["reference"] == reference] == after
        async with max_.stream("?kinds=ticket.noted&after=" + created["mark"]) as notes:
            await notes.until(lambda: bool(notes.heard))
            assert {one["kind"] for one in notes.heard} == {"ticket.noted"}

    play(desk, story)


@pytest.mark.real_redis
def test_nobody_holds_a_connection_while_waiting_and_nobody_listens_too_often(desk: Desk) -> None:
    async def story(enter: Callable[..., Awaitable[Client]]) -> None:
        max_ = await enter("max@acme.example")
        opened = [await max_.open() for _ in range(5)]
        assert [one.status for one in opened] == [200] * 5
        refused = await max_.open()
        assert refused.status == 429 and int(refused.headers["Retry-After"]) > 0
        await asyncio.sleep(0.5)
        assert db.app_engine().pool.checkedout() == 0  # type: ignore[attr-defined]
        for one in opened:
            one.close()
        for _ in range(int(SOON / 0.1)):
            freed = await max_.open()
            if freed.status == 200:
                break
            await asyncio.sleep(0.1)
        assert freed.status == 200
        freed.close()
        for number in range(200):
            if not stream._listeners.waiting:
                break
            await asyncio.sleep(0.1)
            assert number < 199, "who is gone is forgotten"

    heartbeat, stream._HEARTBEAT = stream._HEARTBEAT, 0.2
    try:
        play(desk, story)
    finally:
        stream._HEARTBEAT = heartbeat


@pytest.mark.real_redis
def test_ends_with_the_session_it_was_opened_with(desk: Desk) -> None:
    async def story(enter: Callable[..., Awaitable[Client]]) -> None:
        bob = await enter("bob@acme.example")
        async with bob.stream() as events:
            await bob.post("/auth/logout")
            await events.until(lambda: events.has_ended)
        admin, other = await enter("olga@acme.example"), await enter("adam@acme.example")
        made = await other.post("/me/tokens", {"name": "Live", "permissions": ["ticket.read"], "days": 1})
        other.host["Authorization"] = f"Bearer {made['secret']}"
        async with other.stream() as events:
            url = f"{admin.desk.dial}/api/v1/tokens/{made['id']}"
            assert (await admin.http.delete(url, headers=admin.host)).status == 204
            await events.until(lambda: events.has_ended)

    play(desk, story)


@pytest.mark.real_redis
def test_looks_by_itself_while_nobody_nudges(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def deaf(_: Any, on_state: Callable[[bool], Awaitable[None]]) -> None:
        await on_state(False)
        await asyncio.Event().wait()

    monkeypatch.setattr(live, "listen", deaf)
    monkeypatch.setattr(stream, "_LOOK", 0.3)

    async def story(enter: Callable[..., Awaitable[Client]]) -> None:
        max_, rita = await enter("max@acme.example"), await enter("rita@northwind.example")
        async with max_.stream() as events:
            reference = (await rita.post("/tickets", FILED))["reference"]
            await events.until(lambda: "ticket.created" in events.of(reference))

    play(desk, story)


@pytest.mark.real_redis
def test_what_is_held_up_by_a_slow_transaction_comes_when_that_ends(desk: Desk) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow(ctx: Any) -> None:
        ctx.record("organization.changed", name="slow", before={}, after={})
        ctx.session.flush()
        begun.set()
        may_end.wait(10)

    async def story(enter: Callable[..., Awaitable[Client]]) -> None:
        olga, rita = await enter("olga@acme.example"), await enter("rita@northwind.example")
        async with olga.stream() as events:
            working = threading.Thread(target=run, args=(desk.cast.adam, slow), daemon=True)
            working.start()
            await asyncio.to_thread(begun.wait, 10)
            reference = (await rita.post("/tickets", FILED))["reference"]
            await asyncio.sleep(0.6)
            assert events.of(reference) == [], "what was written before it must come first"
            may_end.set()
            await events.until(lambda: "ticket.created" in events.of(reference))
            kinds = [one["kind"] for one in events.heard]
            assert kinds.index("organization.changed") < kinds.index("ticket.created")

    play(desk, story)


def test_refusals(program: Program) -> None:
    max_ = program.signed_in("max@acme.example")
    assert max_.get("/stream?after=nonsense").status_code == 422
    assert max_.get("/stream?kinds=nonsense").status_code == 422
    assert max_.get("/stream?unknown=1").status_code == 422
    assert program.get("/stream").status_code == 401
    answer = max_.get("/stream?once=true&after=999999999999999-1")
    assert "event: lost" in answer.text and answer.headers["content-type"].startswith("text/event-stream")
    assert not stream._listeners.waiting, "who only looks once does not wait"
