"""The edge and the doors, over real HTTP: what is refused, what is redirected, what every answer carries."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlmodel import col, select

from helpdesk import rate_limit, redis_client, settings
from helpdesk.adapters.scanner import EICAR
from helpdesk.api import asgi, auth, requests
from helpdesk.domain.errors import TooManyTries
from helpdesk.models import Delivery
from helpdesk.services import sign_in, unit_of_work
from helpdesk.services.mail import inbound
from helpdesk.state import flash, identity
from helpdesk.state.doors import Doors
from helpdesk.state.kinds import Kind
from tests.cast import PASSWORD
from tests.served import Desk

pytestmark = pytest.mark.real_redis


def play(story: Any) -> None:
    """Run a story."""
    asyncio.run(asyncio.wait_for(story, 30))


class Browser:
    """Plain HTTP with a browser's manners: host, origin, cookies."""

    def __init__(self, desk: Desk, http: aiohttp.ClientSession, organization: str) -> None:
        self.desk, self.http = desk, http
        self.address = desk.address(organization)
        self.cookies: dict[str, str] = {}

    async def ask(self, method: str, path: str, **more: Any) -> aiohttp.ClientResponse:
        """A request; its answer, read."""
        headers = {"Host": self.address.removeprefix("http://"), "Origin": self.address} | more.pop("headers", {})
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self.http.request(method, self.desk.dial + path, headers=headers, allow_redirects=False, **more)
        await answer.read()
        for name, morsel in answer.cookies.items():
            if morsel.value:
                self.cookies[name] = morsel.value
            else:
                self.cookies.pop(name, None)
        return answer

    async def sign_in(self, email: str, **more: str) -> aiohttp.ClientResponse:
        """Through the door."""
        return await self.ask("POST", "/auth/sign-in", data={"email": email, "password": PASSWORD} | more)


@asynccontextmanager
async def browser(desk: Desk, organization: str = "acme") -> AsyncIterator[Browser]:
    """A browser."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Browser(desk, http, organization)


# Who is sent where.


def test_pages_find_their_kind_by_address() -> None:
    routes = [asgi.Route("/agent/tickets/[ref]", Kind.STAFF), asgi.Route("/agent/tickets/new", Kind.MANAGER)]
    edge = asgi.Edge(None, routes=routes, built=settings.ROOT)  # type: ignore[arg-type]
    assert edge.kind_of("/agent/tickets/ACME-7K3F9Q") is Kind.STAFF
    assert edge.kind_of("/agent/tickets/new/") is Kind.MANAGER
    assert edge.kind_of("/agent/tickets/a/b") is None


def test_visitors_of_pages_for_others_are_sent_to_the_door_and_back(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kinds = {"/": Kind.CUSTOMER, "/agent": Kind.STAFF, "/manager": Kind.MANAGER, "/login": Kind.PUBLIC}

    def kind_of(_edge: asgi.Edge, path: str) -> Kind | None:
        return Kind.STAFF if path.startswith("/agent/tickets/") else kinds.get(path)

    monkeypatch.setattr(asgi.Edge, "kind_of", kind_of)

    async def story() -> None:
        async with browser(desk) as visitor:
            answer = await visitor.ask("GET", "/agent/tickets/ACME-7K3F9Q?tab=sla")
            assert answer.status == 303
            assert answer.headers["Location"] == "/login?next=/agent/tickets/ACME-7K3F9Q%3Ftab%3Dsla"
            answer = await visitor.sign_in("ada@acme.example", next="/agent/tickets/ACME-7K3F9Q?tab=sla")
            assert answer.headers["Location"] == "/agent/tickets/ACME-7K3F9Q?tab=sla"
            assert (await visitor.ask("GET", "/agent")).status != 303
            assert (await visitor.ask("GET", "/manager")).headers["Location"] == "/forbidden"
            assert (await visitor.ask("GET", "/")).headers["Location"] == "/agent"
            assert (await visitor.ask("GET", "/favicon.svg")).status != 303
        async with browser(desk) as customer:
            assert (await customer.sign_in("rita@northwind.example")).headers["Location"] == "/"
            assert (await customer.ask("GET", "/agent")).headers["Location"] == "/"
        async with browser(desk) as manager:
            assert (await manager.sign_in("max@acme.example")).headers["Location"] == "/manager"

    play(story())


def test_who_follows_a_link_past_the_edge_is_sent_on_by_the_page(desk: Desk) -> None:
    async def story() -> None:
        for email, path, where in (
            ("rita@northwind.example", "/agent", "'/'"),
            ("ada@acme.example", "/agent", ""),
            ("", "/agent", "/login?next="),
        ):
            async with desk.tab(await desk.sign_in(email) if email else "") as tab:
                await tab.open("/login")
                await tab.quiet()
                await tab.navigate(path)
                went = [str(event) for update in await tab.quiet() for event in update.events]
                assert any(where in event for event in went) if where else not went, email

    play(story())


def test_the_door_leads_on_also_for_who_is_faster_than_the_page(desk: Desk) -> None:
    async def story() -> None:
        async with browser(desk) as one:
            page = {"Referer": f"{one.address}/login?next=/agent%3Fview%3Dall"}
            data = {"email": "ada@acme.example", "password": PASSWORD}
            answer = await one.ask("POST", "/auth/sign-in", data=data, headers=page)
            assert answer.headers["Location"] == "/agent?view=all"
            elsewhere = {"Referer": f"{one.address}/login?next=//evil.example"}
            answer = await one.ask("POST", "/auth/sign-in", data=data, headers=elsewhere)
            assert answer.headers["Location"] == "/agent"

    play(story())


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\nb",
        "\t//evil.example",
        "//[",
    ],
)
def test_the_door_leads_nowhere_else(next_: str) -> None:
    assert auth.local(next_) == ""
    assert auth.local("/agent?view=mine") == "/agent?view=mine"


def test_an_unknown_organization_is_not_here(desk: Desk) -> None:
    async def story() -> None:
        async with browser(desk, "nowhere") as lost:
            answer = await lost.ask("GET", "/login", headers={"Accept": "text/html"})
            assert answer.status == 404
            assert "no help desk at this address" in await answer.text()

    play(story())


# What every answer carries.


def test_every_answer_is_dressed(desk: Desk) -> None:
    async def story() -> None:
        async with browser(desk) as one:
            for path in ("/login", "/api/health", "/api/nothing", "/_upload", "/nothing", "/files/1"):
                answer = await one.ask("GET", path)
                headers = answer.headers
                assert headers["X-Content-Type-Options"] == "nosniff", path
                assert headers["X-Frame-Options"] == "DENY"
                assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
                assert headers["Referrer-Policy"] == "same-origin"
                assert re.fullmatch(r"[0-9a-f]{12}", headers["X-Request-ID"])
                assert headers["Cache-Control"]
            assert (await one.ask("GET", "/api/health")).headers["Cache-Control"] == "no-store"

    play(story())


def test_the_policy_names_the_inline_scripts_of_the_build(tmp_path: Any) -> None:
    one, two = "'sha256-AAAA='", "sha256-BBBB="
    (tmp_path / "csp.json").write_text(f'{{"index.html": ["{one}"], "login/index.html": ["{two}", "x; script-src *"]}}')
    edge = asgi.Edge(None, routes=[], built=tmp_path)  # type: ignore[arg-type]
    assert f"script-src 'self' 'unsafe-eval' {one} '{two}';" in edge.policy
    assert "script-src *" not in edge.policy
    bare = asgi.Edge(None, routes=[], built=tmp_path / "nothing")  # type: ignore[arg-type]
    assert "'unsafe-inline'; style-src" in bare.policy


def test_bodies_have_an_end(desk: Desk) -> None:
    async def story() -> None:
        async def endless() -> AsyncIterator[bytes]:
            for _ in range(40):
                yield b"x" * 65536

        async with browser(desk) as one:
            answer = await one.ask("POST", "/auth/sign-in", data=b"x" * (1024 * 1024 + 1))
            assert answer.status == 413
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = await one.ask("POST", "/auth/sign-in", data=endless(), headers=form)
            assert answer.status == 413

    play(story())


# The doors.


def test_a_wrong_password_is_explained_on_the_form_and_nowhere_in_the_address(desk: Desk) -> None:
    async def story() -> None:
        async with browser(desk) as one:
            answer = await one.sign_in("ada@acme.example", password="wrong", next="/agent")
            where = answer.headers["Location"]
            assert answer.status == 303
            assert re.fullmatch(r"/login\?tried=[\w-]+&next=%2Fagent", where)
            line = next(line for line in answer.headers.getall("Set-Cookie") if line.startswith(flash.COOKIE))
            assert "HttpOnly" in line
            assert "SameSite=lax" in line
            tab = desk.tab(headers={"Cookie": f"{flash.COOKIE}={one.cookies[flash.COOKIE]}"}, keep_frames=True)
            async with tab:
                await tab.open(where)
                assert "do not match an account" in tab.value(Doors, "message")
                assert tab.value(Doors, "values") == {"email": "ada@acme.example"}
                assert tab.value(Doors, "next") == "/agent"
                await tab.navigate("/login")
                await tab.until(lambda update: update.of(Doors).get("message") == "")

    play(story())


def test_nobody_else_puts_words_into_our_mouth(postgres: str) -> None:
    said = flash.Flash("Your account is closed. Call 555-1234.")
    packed = flash.pack(said)
    assert flash.unpack(packed, said.number) == said
    assert flash.unpack(packed, "other") is None
    assert flash.unpack(packed[:-1] + "0", said.number) is None or packed.endswith("0")
    assert flash.unpack("", "") is None
    assert flash.unpack("é.é", said.number) is None


def test_the_session_cookie_is_out_of_reach_of_scripts(desk: Desk) -> None:
    async def story() -> None:
        async with browser(desk) as one:
            answer = await one.sign_in("ada@acme.example")
            line = next(line for line in answer.headers.getall("Set-Cookie") if line.startswith(sign_in.COOKIE))
            assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(line.split("; "))
            assert "Max-Age" not in line
            answer = await one.sign_in("ada@acme.example", remember="yes")
            line = next(line for line in answer.headers.getall("Set-Cookie") if line.startswith(sign_in.COOKIE))
            assert f"Max-Age={settings.get().remember_absolute_days * 24 * 3600}" in line

    play(story())


def test_a_new_sign_in_ends_the_session_before(desk: Desk) -> None:
    async def story() -> None:
        async with browser(desk) as one:
            await one.sign_in("ada@acme.example")
            before = one.cookies[sign_in.COOKIE]
            await one.sign_in("rita@northwind.example")
            assert one.cookies[sign_in.COOKIE] != before
            assert sign_in.actor_of(before) is None

    play(story())


def _flash(one: Browser, answer: aiohttp.ClientResponse) -> flash.Flash:
    number = re.search(r"tried=([\w-]+)", answer.headers["Location"])
    said = flash.unpack(one.cookies[flash.COOKIE], number[1] if number else "")
    assert said is not None
    return said


def _token_mailed(desk: Desk, email: str) -> str:
    newest = select(Delivery.body_text).where(Delivery.to_address == email).order_by(col(Delivery.id).desc())
    found = unit_of_work.run(desk.cast.desk, lambda ctx: ctx.session.exec(newest).first())
    return str(found).rpartition("token=")[2].strip()


def test_who_registers_gets_in_by_the_link_in_the_mail(desk: Desk) -> None:
    async def story() -> None:
        async with browser(desk) as one:
            given = {"name": "Nora New", "email": "nora@new.example", "password": "short"}
            said = _flash(one, await one.ask("POST", "/auth/register", data=given))
            assert set(said.fields) == {"password"}
            assert said.values == {"name": "Nora New", "email": "nora@new.example"}
            given["password"] = "a short sentence"
            said = _flash(one, await one.ask("POST", "/auth/register", data=given))
            assert said.good and sign_in.COOKIE not in one.cookies
            # For somebody who has an account already, it looks the same.
            taken = await one.ask("POST", "/auth/register", data=given | {"email": "ada@acme.example"})
            assert _flash(one, taken).message == said.message
            refused = await one.ask(
                "POST", "/auth/sign-in", data={"email": given["email"], "password": given["password"]}
            )
            assert "Follow the link" in _flash(one, refused).message
            link = {"token": _token_mailed(desk, "nora@new.example")}
            wrong = await one.ask("POST", "/auth/confirm", data=link | {"password": "another sentence"})
            assert set(_flash(one, wrong).fields) == {"password"}
            assert f"token={link['token']}" in wrong.headers["Location"]
            answer = await one.ask("POST", "/auth/confirm", data=link | {"password": given["password"]})
            assert answer.headers["Location"] == "/"
            actor = await identity.of_token(one.cookies[sign_in.COOKIE], f"acme.localhost:{desk.port}")
            assert actor.name == "Nora New"
            again = await one.ask("POST", "/auth/confirm", data=link | {"password": given["password"]})
            assert set(_flash(one, again).fields) == {"token"}

    play(story())


def test_forgotten_passwords_are_answered_alike(desk: Desk) -> None:
    async def story() -> None:
        async with browser(desk) as one:
            for email in ("ada@acme.example", "nobody@nowhere.example"):
                answer = await one.ask("POST", "/auth/forgot", data={"email": email})
                number = re.search(r"tried=([\w-]+)", answer.headers["Location"])
                said = flash.unpack(one.cookies[flash.COOKIE], number[1] if number else "")
                assert said is not None
                assert said.good
                assert "If there is an account" in said.message
            answer = await one.ask("POST", "/auth/reset", data={"token": "made-up", "password": "a short sentence"})
            assert answer.headers["Location"].startswith("/reset?tried=")

    play(story())


def test_the_eleventh_try_in_a_minute_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    limited = settings.get().model_copy(update={"sign_in_tries_per_minute": 10})
    monkeypatch.setattr(settings, "get", lambda: limited)
    redis_client.connection().flushdb()

    async def story() -> None:
        async with browser(desk) as one:
            for number in range(1, 13):
                answer = await one.sign_in("nobody@acme.example", password="wrong-" * number)
                assert answer.status == (303 if number <= 10 else 429), number
            assert 1 <= int(answer.headers["Retry-After"]) <= 60
            assert "Too many tries" in await answer.text()
            assert (await one.sign_in("ada@acme.example")).status == 429  # not even the right one

    play(story())
    redis_client.connection().flushdb()


def test_without_redis_tries_are_counted_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit._attempts, "attempt", lambda _do: False)
    rate_limit.forget()
    for _ in range(3):
        rate_limit.count("door", "1.2.3.4", most=3)
    with pytest.raises(TooManyTries) as error:
        rate_limit.count("door", "1.2.3.4", most=3)
    assert 1 <= error.value.retry_after <= 61
    rate_limit.count("door", "5.6.7.8", most=3)


def _tries(door: str, who: str, *, most: int) -> tuple[int, int]:
    """How many tries pass before one is refused, and how often Redis was asked for them."""
    passed = asked = 0
    with suppress(TooManyTries):
        while passed < 10 * most:
            if not rate_limit.is_counted_here(door, who):
                asked += 1
                rate_limit.count(door, who, most=most)
            passed += 1
    return passed, asked


@pytest.mark.parametrize("has_redis", [True, False])
def test_a_busy_door_is_counted_exactly_without_asking_for_every_try(
    has_redis: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_redis:
        monkeypatch.setattr(rate_limit._attempts, "attempt", lambda _do: False)
    rate_limit.forget()
    passed, asked = _tries("busy", f"somebody-{has_redis}", most=120)
    assert passed == 120
    assert asked <= 42  # one in seven until 96, then each
    with pytest.raises(TooManyTries) as error:
        rate_limit.is_counted_here("busy", f"somebody-{has_redis}")
    assert 1 <= error.value.retry_after <= 60


def test_a_busy_door_of_another_process_counts_too() -> None:
    """What one process has let pass uncounted is what two may have too many."""
    rate_limit.forget()
    assert _tries("shared", "somebody", most=120)[0] == 120
    rate_limit.forget()  # another process knows nothing
    assert _tries("shared", "somebody", most=120) == (0, 1)


def test_only_our_own_proxies_say_where_a_request_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    scope = {"client": ("10.0.0.1", 1), "headers": [(b"x-forwarded-for", b"6.6.6.6, 1.2.3.4")]}
    found = settings.get()
    for hops, address in ((0, "10.0.0.1"), (1, "1.2.3.4"), (2, "6.6.6.6"), (3, "10.0.0.1")):
        changed = found.model_copy(update={"trusted_proxy_hops": hops})
        monkeypatch.setattr(settings, "get", lambda changed=changed: changed)
        assert requests.address(scope) == address


# Files.


def test_files_go_in_signed_in_and_come_out_fenced(desk: Desk) -> None:
    async def story() -> None:
        async with browser(desk) as rita:
            assert (await rita.ask("POST", "/files", data=_file("a.txt", b"hello"))).status == 401
            await rita.sign_in("rita@northwind.example")
            answer = await rita.ask("POST", "/files", data=_file('we"ird\u00fc; x.html', b"<script>alert(1)</script>"))
            kept = await answer.json()
            assert answer.status == 201, kept
            answer = await rita.ask("GET", f"/files/{kept['id']}?show=true")
            assert answer.status == 200
            assert await answer.read() == b"<script>alert(1)</script>"
            assert answer.headers["Content-Disposition"].startswith("attachment;")
            assert answer.headers["Content-Type"] == "application/octet-stream"
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            async with browser(desk) as ada:
                await ada.sign_in("ada@acme.example")
                assert (await ada.ask("GET", f"/files/{kept['id']}")).status == 404  # loose: its uploader's alone
            async with browser(desk, "evil") as eve:
                await eve.sign_in("eve@evil.example")
                assert (await eve.ask("GET", f"/files/{kept['id']}")).status == 404
            assert (await rita.ask("DELETE", f"/files/{kept['id']}")).status == 204
            answer = await rita.ask("GET", f"/files/{kept['id']}")
            assert answer.status == 404
            assert answer.headers["Content-Type"] == "application/problem+json"

    play(story())


def test_pictures_may_be_looked_at(desk: Desk) -> None:
    png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 60

    async def story() -> None:
        async with browser(desk) as rita:
            await rita.sign_in("rita@northwind.example")
            kept = await (await rita.ask("POST", "/files", data=_file("a.png", png))).json()
            assert kept["is_image"]
            answer = await rita.ask("GET", f"{kept['url']}?show=true")
            assert answer.headers["Content-Disposition"].startswith("inline;")
            assert answer.headers["Content-Type"] == "image/png"

    play(story())


def test_pictures_from_elsewhere_are_fetched_for_people_who_are_signed_in_and_only_if_a_mail_showed_them(
    desk: Desk,
) -> None:
    async def story() -> None:
        shown = inbound.remote_address("https://127.0.0.1:9/logo.png")  # nothing is there
        async with browser(desk) as rita:
            assert (await rita.ask("GET", shown)).status == 401
            await rita.sign_in("rita@northwind.example")
            for address in (shown, f"{shown}x", "/files/remote/https:--evil.example-logo.png"):
                assert (await rita.ask("GET", address)).status == 404

    play(story())


def test_a_picture_goes_in_small_and_comes_out_to_who_may_see_it(desk: Desk) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"\x00" * 60

    async def story() -> None:
        async with browser(desk) as rita:
            assert (await rita.ask("POST", "/files/picture", data=_file("a.png", png))).status == 401
            await rita.sign_in("rita@northwind.example")
            assert (await rita.ask("POST", "/files/picture", data=_file("a.png", b"<svg/>"))).status == 422
            assert (await rita.ask("POST", "/files/picture", data=_file("a.png", png * 40_000))).status == 413
            assert (await rita.ask("POST", "/files/picture", data={"no": "file"})).status == 422
            url = (await (await rita.ask("POST", "/files/picture", data=_file("a.png", png))).json())["url"]
            answer = await rita.ask("GET", url)
            assert (answer.status, answer.headers["Content-Type"], await answer.read()) == (200, "image/png", png)
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            async with browser(desk) as zoe:
                assert (await zoe.ask("GET", url)).status == 401
                await zoe.sign_in("zoe@home.example")
                assert (await zoe.ask("GET", url)).status == 404

    play(story())


def test_parts_of_files_can_be_asked_for(desk: Desk) -> None:
    async def story() -> None:
        async with browser(desk) as rita:
            await rita.sign_in("rita@northwind.example")
            kept = await (await rita.ask("POST", "/files", data=_file("a.txt", b"0123456789"))).json()
            for asked, status, body, said in (
                ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
                ("bytes=7-", 206, b"789", "bytes 7-9/10"),
                ("bytes=-3", 206, b"789", "bytes 7-9/10"),
                ("bytes=5-999", 206, b"56789", "bytes 5-9/10"),
                ("bytes=10-", 416, b"", "bytes */10"),
                ("bytes=5-2", 416, b"", "bytes */10"),
                ("bytes=0-1,4-5", 200, b"0123456789", None),
                ("words", 200, b"0123456789", None),
            ):
                answer = await rita.ask("GET", f"/files/{kept['id']}", headers={"Range": asked})
                assert (answer.status, await answer.read(), answer.headers.get("Content-Range")) == (status, body, said)
                assert "sandbox" in answer.headers["Content-Security-Policy"]

    play(story())


def test_blocked_files_are_opened_by_nobody(desk: Desk) -> None:
    async def story() -> None:
        async with browser(desk) as rita:
            await rita.sign_in("rita@northwind.example")
            kept = await (await rita.ask("POST", "/files", data=_file("a.jpg", EICAR))).json()
            assert (kept["scan"], kept["blocked"]) == ("infected", "blocked: it contains the EICAR test virus")
            answer = await rita.ask("GET", f"/files/{kept['id']}")
            assert answer.status == 403 and "is blocked" in (await answer.json(content_type=None))["detail"]

    play(story())


def test_files_have_limits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    small = settings.get().model_copy(update={"attachment_max_bytes": 2000, "attachment_types": "text/*"})
    monkeypatch.setattr(settings, "get", lambda: small)

    async def story() -> None:
        async with browser(desk) as rita:
            await rita.sign_in("rita@northwind.example")
            assert (await rita.ask("POST", "/files", data=_file("a.txt", b"x" * 2001))).status == 413
            assert (await rita.ask("POST", "/files", data=_file("a.txt", b"x" * 200_000))).status == 413
            assert (await rita.ask("POST", "/files", data=_file("a.exe", b"MZ\x90\x00" + b"\x00" * 99))).status == 422
            assert (await rita.ask("POST", "/files", data=_file("a.txt", b""))).status == 422
            assert (await rita.ask("POST", "/files", data={"no": "file"})).status == 422
            assert (await rita.ask("POST", "/files", data=b"nonsense")).status == 422

    play(story())


def test_problems_have_one_shape(desk: Desk) -> None:
    async def story() -> None:
        async with browser(desk) as one:
            for method, path, status in (
                ("GET", "/api/x", 404),
                ("GET", "/files/nan", 422),
                ("PUT", "/auth/sign-in", 405),
            ):
                answer = await one.ask(method, path)
                body = await answer.json(content_type="application/problem+json")
                assert (answer.status, body["status"]) == (status, status), path
                assert {"type", "title", "status"} <= set(body)

    play(story())


def _file(name: str, content: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=True)
    form.add_field("file", content, filename=name, content_type="text/plain")
    return form


def test_a_page_that_has_not_changed_keeps_the_policy_it_came_with(tmp_path: Path) -> None:
    async def unchanged(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 304, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def story() -> None:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        edge = asgi.Edge(unchanged, routes=[], built=tmp_path)
        await edge({"type": "http", "method": "GET", "path": "/logo.svg", "headers": []}, None, send)  # type: ignore[arg-type]
        # Browsers put a 304's headers over those they keep: a stricter policy would blank the page on reload.
        assert b"content-security-policy" not in dict(sent[0]["headers"])
        assert b"x-content-type-options" in dict(sent[0]["headers"])

    play(story())
