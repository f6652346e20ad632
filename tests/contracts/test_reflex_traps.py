"""The traps Reflex sets for a product, one section each (docs/architecture.md says why). Each has its guard, held here."""

import ast
import asyncio
import logging
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import reflex as rx
from reflex_base.config import get_config

from helpdesk import log
from helpdesk.app import app
from helpdesk.domain.errors import Invalid, NotFound
from helpdesk.pages.layout import PAGES
from helpdesk.services import sign_in
from helpdesk.state import guard, identity, internals, live
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin, customer, manager, mark_of, public, signed_in, staff
from helpdesk.state.session import Me
from tests.served import Desk
from tests.socket_client import HYDRATE, ROOT, Refused, event_name

pytestmark = pytest.mark.real_redis

HOUSE = Path(__file__).resolve().parent.parent.parent
SOURCES = sorted((HOUSE / "helpdesk").rglob("*.py"))
STATES = sorted((HOUSE / "helpdesk" / "state").rglob("*.py"))


class Room(PageState, rx.State):
    """A page's state as they come, with every kind of handler."""

    word: str = ""
    _hidden: str = ""
    loaded: int = 0

    @rx.event
    @public
    @loads
    async def load(self) -> None:
        self.loaded += 1
        self._watch("room", Room.look)

    @rx.event
    @signed_in
    async def look(self) -> None:
        actor = await self._actor()
        self.word = f"{actor.name} looks"

    @rx.event
    @staff
    async def put(self, word: str, times: int = 1) -> None:
        self.word = self._hidden = word * times

    @rx.event
    @signed_in
    async def tell(self) -> None:
        self.word = f"hidden: {self._hidden}"

    @rx.event
    @customer
    async def for_customers(self) -> None:
        self.word = "customer"

    @rx.event
    @manager
    async def for_managers(self) -> None:
        self.word = "manager"

    @rx.event
    @admin
    async def for_admins(self) -> None:
        self.word = "admin"

    @rx.event
    async def unmarked(self) -> None:
        self.word = "unmarked"

    def set_word(self, value: str) -> None:
        self.word = value

    @rx.event
    @staff
    async def lose(self) -> None:
        raise NotFound("There is no such ticket.")

    @rx.event
    @staff
    async def misspell(self) -> None:
        raise Invalid(title="Give it a title.")

    @rx.event
    @staff
    async def nest(self) -> None:
        try:
            await self.lose()
        except NotFound:
            self.word = "the caller saw it"

    @rx.event
    @staff
    async def stream(self) -> Any:
        self.word = "first"
        yield
        self.word = "second"
        yield
        raise NotFound("There is no third.")

    @rx.event
    @staff
    async def linger(self) -> Any:
        await asyncio.sleep(0.6)
        return Room.put("Ada's late word")

    @rx.event
    @staff
    async def burst(self) -> None:
        raise RuntimeError("a bug with a secret in it")


def play(story: Any) -> None:
    """Run a story."""
    asyncio.run(asyncio.wait_for(story, 30))


# 1. Every public method of every state can be called by any browser, with anything.


def test_every_handler_wears_a_mark_and_types() -> None:
    for name, found in internals.every_handler():
        if internals.is_reflex_own(found.states[0]) or name.endswith(".setvar") or found.states[0] is Room:
            continue
        assert mark_of(found.handler.fn), f"{name} wears no mark of helpdesk.state.guard"
        guard.expectations(found.handler.fn)


def test_every_public_method_of_a_state_is_meant_to_be_called() -> None:
    """Reads the source, so that a method is found before anything registers it."""
    for path in STATES:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ClassDef) or not _is_state(node):
                continue
            for item in node.body:
                if not isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) or item.name.startswith("_"):
                    continue
                marks = [ast.unparse(one) for one in item.decorator_list]
                if any(mark.startswith(("rx.var", "property", "classmethod", "staticmethod")) for mark in marks):
                    continue
                where = f"{path.relative_to(HOUSE)}: {node.name}.{item.name}"
                assert marks and marks[0].startswith("rx.event"), f"{where}: begin with @rx.event, or with _"
                kinds = {"public", "signed_in", "enrolling", "customer", "staff", "manager", "admin"}
                assert kinds & {mark.rpartition(".")[2] for mark in marks}, f"{where} wears no mark"


def test_states_are_flat() -> None:
    for state in internals.every_state():
        if not internals.is_reflex_own(state):
            assert state.get_parent_state() is rx.State, (
                f"{state.__name__} is nested: every event would load its parents"
            )


def test_a_visitor_calls_nothing(desk: Desk) -> None:
    handlers = {Room.put, Room.look, Room.for_customers, Room.for_managers, Room.for_admins, Room.unmarked}
    play(_called_by(desk, "", handlers, set()))


def test_each_kind_of_person_calls_only_what_is_theirs(desk: Desk) -> None:
    everything = {Room.put, Room.look, Room.for_customers, Room.for_managers, Room.for_admins, Room.unmarked}
    allowed = {
        "rita@northwind.example": {Room.look, Room.for_customers},
        "ada@acme.example": {Room.look, Room.put},
        "tom@acme.example": {Room.look, Room.put},
        "max@acme.example": {Room.look, Room.put, Room.for_managers},
        "xena@acme.example": {Room.look, Room.put, Room.for_managers},
        "adam@acme.example": {Room.look, Room.put, Room.for_managers, Room.for_admins},
        "olga@acme.example": {Room.look, Room.put, Room.for_managers, Room.for_admins},
    }
    for email, theirs in allowed.items():
        play(_called_by(desk, email, everything - theirs, theirs))


async def _called_by(desk: Desk, email: str, refused: set[Any], allowed: set[Any]) -> None:
    cookie = await desk.sign_in(email) if email else ""
    async with desk.tab(cookie) as tab:
        await tab.open("/login")
        await tab.quiet(0.1)
        for handler in refused:
            before = tab.value(Room, "word")
            await tab.send(event_name(handler), **({"word": "x"} if handler is Room.put else {}))
            answer = await tab.until(lambda update: bool(update.events))
            assert "/login" in str(answer.events) or "not for your role" in str(answer.events)
            assert tab.value(Room, "word") == before
        for handler in allowed:
            await tab.send(event_name(handler), **({"word": "x"} if handler is Room.put else {}))
            await tab.until(lambda update: "word" in update.of(Room))


def test_private_methods_and_unknown_names_lead_nowhere(desk: Desk) -> None:
    async def story() -> None:
        async with desk.tab(await desk.sign_in("olga@acme.example")) as tab:
            await tab.open("/login")
            await tab.quiet()
            for name in ("_run", "_watch", "_actor", "get_state", "reset", "__init__", "nothing"):
                await tab.send(f"{Room.get_full_name()}.{name}")
            assert not [update for update in await tab.quiet() if update.delta]

    play(story())


def test_arguments_are_what_the_handler_says(desk: Desk) -> None:
    async def story() -> None:
        async with desk.tab(await desk.sign_in("ada@acme.example")) as tab:
            await tab.open("/login")
            await tab.quiet()
            for payload in (
                {"word": ["x"]},
                {"word": {"a": 1}},
                {},
                {"word": "x", "more": 1},
                {"word": "x", "times": "y"},
            ):
                await tab.send(event_name(Room.put), **payload)
                answer = await tab.until(lambda update: bool(update.events))
                assert "does not understand" in str(answer.events), payload
            await tab.send(event_name(Room.put), word=7, times=2.0)
            await tab.until(lambda update: update.of(Room).get("word") == "77")

    play(story())


def test_setvar_is_denied(desk: Desk) -> None:
    async def story() -> None:
        async with desk.tab(await desk.sign_in("olga@acme.example")) as tab:
            await tab.open("/login")
            await tab.quiet()
            for state in (Room, Me, rx.State):
                await tab.send(f"{state.get_full_name()}.setvar", var_name="word", value="pwned")
            await tab.send(f"{Room.get_full_name()}.set_word", value="pwned")
            update_vars = f"{ROOT}.reflex___state____update_vars_internal_state.update_vars_internal"
            await tab.send(update_vars, vars={f"{Room.get_full_name()}.word": "pwned"})
            assert "pwned" not in str(await tab.quiet())

    play(story())


def test_of_reflex_only_what_a_page_needs_can_be_called() -> None:
    own = {
        name.rpartition(".")[2] for name, found in internals.every_handler() if internals.is_reflex_own(found.states[0])
    }
    assert own >= internals.OWN_EVENTS
    assert own - internals.OWN_EVENTS == {"setvar", "update_vars_internal"}, "a new one: allow it, or add it here"


# 2. Reflex's Markdown component runs what people type.


def test_what_people_type_reaches_no_component_that_runs_it() -> None:
    for path in SOURCES:
        source = path.read_text()
        for banned in (r"rx\.markdown", r"rx\.upload\b", r"rx\.script\(", r"dangerously_set", r"\bLocalStorage\b"):
            assert not re.search(banned, source), f"{path.relative_to(HOUSE)} uses {banned}"


# 3. The websocket and the API open to any origin.


def test_there_is_no_cors() -> None:
    assert get_config().cors_allowed_origins == ()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://evil.localhost:1", "https://acme.localhost"])
def test_another_site_opens_no_websocket(desk: Desk, origin: str) -> None:
    async def story() -> None:
        with pytest.raises(Refused) as refused:
            await desk.tab(await desk.sign_in("ada@acme.example"), origin=origin).connect()
        assert refused.value.status == 403

    play(story())


def test_another_site_posts_nothing_and_reads_no_answer(desk: Desk) -> None:
    async def story() -> None:
        async with aiohttp.ClientSession() as http:
            for path in ("/auth/sign-in", "/auth/sign-out", "/files", "/api/v1/tickets"):
                headers = {"Host": f"acme.localhost:{desk.port}", "Origin": "http://evil.example"}
                async with http.post(desk.dial + path, headers=headers, data={"a": "b"}) as answer:
                    assert answer.status == 403, path
                    assert "access-control-allow-origin" not in {name.lower() for name in answer.headers}
            headers = {"Host": f"acme.localhost:{desk.port}", "Sec-Fetch-Site": "cross-site"}
            async with http.post(f"{desk.dial}/auth/sign-out", headers=headers, allow_redirects=False) as answer:
                assert answer.status == 403

    play(story())


# 4. Reflex's own upload door.


def test_the_upload_door_is_shut(desk: Desk) -> None:
    async def story() -> None:
        async with aiohttp.ClientSession() as http:
            for path in ("/_upload", "/_upload/", "/_upload/x", "/_all_routes"):
                for method in ("GET", "POST"):
                    async with http.request(method, desk.dial + path) as answer:
                        assert answer.status == 404, path

    play(story())


# 5. A handler that blocks stops everybody.


def test_no_state_blocks_the_loop() -> None:
    """Services are called through `_run` only; nothing in a state opens a unit of work by itself, sleeps or connects."""
    for path in STATES:
        if path.name in ("base.py", "identity.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in ("unit_of_work.run", "time.sleep", "open", "db.session"), f"{path.name}: {called}"


# 6. A state expires while its page is open.


def test_a_push_into_an_expired_state_asks_the_browser_to_look_again(desk: Desk) -> None:
    async def story() -> None:
        async with desk.tab(await desk.sign_in("ada@acme.example")) as tab:
            await tab.open("/login")
            await tab.send(event_name(Room.load))
            await tab.until(lambda update: update.of(Room).get("loaded") == 1)
            await tab.quiet()
            _expire(tab.token)
            desk.inside(_nudge("room"))
            # The browser is asked to send the event itself; nothing of the empty state reaches the page before it does.
            bounced = await tab.until(lambda update: bool(update.events or update.delta))
            assert [event["name"] for event in bounced.events] == [event_name(Room.look)]
            await tab.until(lambda update: update.of(Room).get("word") == "Ada Agent looks")

    play(story())


def _expire(token: str) -> None:
    manager = app.state_manager
    for key in [key for key in manager.states if key.startswith(token)]:
        del manager.states[key]


async def _nudge(*topics: str) -> None:
    live.hub.nudge(set(topics))


# 7. Figures as defaults cost every connection.


def test_no_state_begins_with_a_figure() -> None:
    for state in internals.every_state():
        for name, var in state.get_fields().items():
            default = var.default_value() if callable(getattr(var, "default_value", None)) else None
            assert type(default).__module__.partition(".")[0] != "plotly", f"{state.__name__}.{name}: use None"


# 8. A tab used again by somebody else; a token guessed or stolen.


def test_a_tab_used_again_by_somebody_else_starts_empty(desk: Desk) -> None:
    async def story() -> None:
        ada = desk.tab(await desk.sign_in("ada@acme.example"))
        async with ada:
            await ada.open("/login")
            await ada.send(event_name(Room.put), word="for Ada's eyes")
            await ada.until(lambda update: update.of(Room).get("word") == "for Ada's eyes")
        for cookie in (await desk.sign_in("rita@northwind.example"), ""):
            async with desk.tab(cookie, token=ada.token, keep_frames=True) as next_one:
                await next_one.open("/login")
                if cookie:
                    await next_one.send(event_name(Room.tell))
                await next_one.quiet()
                assert "Ada's eyes" not in str(next_one.frames)

    play(story())


def test_somebody_else_who_does_not_hydrate_finds_nothing_either(desk: Desk) -> None:
    async def story() -> None:
        async with desk.tab(await desk.sign_in("ada@acme.example")) as ada:
            await ada.open("/login")
            await ada.send(event_name(Room.put), word="for Ada's eyes")
            await ada.send(event_name(Room.load))
            await ada.quiet()
        async with desk.tab(await desk.sign_in("rita@northwind.example"), token=ada.token, keep_frames=True) as rita:
            await rita.send(event_name(Room.tell))
            desk.inside(_nudge("room"))
            await rita.quiet()
            assert rita.value(Room, "word") == "hidden: "
            assert "Ada" not in str(rita.frames)

    play(story())


def test_a_nudge_meant_for_a_closed_tab_reaches_nobody_with_its_token(desk: Desk) -> None:
    async def story() -> None:
        ada = desk.tab(await desk.sign_in("ada@acme.example"))
        async with ada:
            await ada.open("/login")
            await ada.send(event_name(Room.load))
            await ada.quiet()
        async with desk.tab("", token=ada.token, keep_frames=True) as thief:
            await thief._socket.send_str("40/_event,")
            await thief._is_connected.wait()
            desk.inside(_nudge("room"))
            await thief.quiet()
            assert "Ada" not in str(thief.frames)

    play(story())


def test_a_late_handler_answers_nobody_who_came_after(desk: Desk) -> None:
    async def story() -> None:
        ada, rita = await desk.sign_in("ada@acme.example"), await desk.sign_in("rita@northwind.example")
        async with desk.tab(ada) as first:
            await first.open("/login")
            await first.send(event_name(Room.linger))
            await asyncio.sleep(0.1)
        async with desk.tab(rita, token=first.token, keep_frames=True) as second:
            await second.open("/login")
            await second.send(event_name(Room.load))
            await asyncio.sleep(0.8)
            desk.inside(_nudge("room"))
            await second.until(lambda update: update.of(Room).get("word") == "Rita Requester looks")
            await second.quiet()
            assert "Ada" not in str(second.frames)

    play(story())


def test_strange_tokens_are_refused(desk: Desk) -> None:
    async def story() -> None:
        for token in ("*", "a" * 100, "../x", "x%00y"):
            with pytest.raises(Refused):
                await desk.tab(token=token).connect()

    play(story())


# 9. Starting does not build: held by tests/process.

# 10. The cookie in pickles, in logs and in the browser.


def test_the_cookie_never_enters_reflex(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        cookie = await desk.sign_in("ada@acme.example")
        async with desk.tab(cookie, keep_frames=True) as tab:
            await tab.open("/login")
            with caplog.at_level(logging.DEBUG):
                await tab.send("no.such.handler", secret=cookie)
                await tab.send(event_name(Room.put), word=[cookie])
                await tab.send(event_name(Room.burst))
                await tab.until(lambda update: "Something went wrong on our side" in str(update.events))
            assert cookie not in str(tab.frames)
            assert "a bug with a secret" not in str(tab.frames)
            for key, state in app.state_manager.states.items():
                if key.startswith(tab.token):
                    assert cookie not in str(state.router_data)
                    assert sign_in.COOKIE not in str(state.router_data)
        written = " ".join(
            str(log.redact(None, "", {"event": record.getMessage(), "exc": record.exc_text or ""}))
            for record in caplog.records
            if record.name != "tests"
        )
        assert cookie not in written

    play(story())


def test_a_browser_cannot_hand_itself_a_session(desk: Desk) -> None:
    async def story() -> None:
        cookie = await desk.sign_in("ada@acme.example")
        handle = identity._hash(cookie)
        async with desk.tab(cookie) as ada:
            await ada.open("/login")
            async with desk.tab(headers={identity.SESSION_HEADER: handle}) as thief:
                await thief.open("/login")
                assert thief.value(Me, "person_id") == 0
                thief_says = {"headers": {identity.SESSION_HEADER: handle, "host": f"acme.localhost:{desk.port}"}}
                event = thief._event(HYDRATE, {})
                event["router_data"] |= thief_says
                await thief._send(event)
                await thief.quiet()
                assert thief.value(Me, "person_id") == 0

    play(story())


# What else the guard promises.


def test_errors_are_shown_once_where_they_belong(desk: Desk) -> None:
    async def story() -> None:
        async with desk.tab(await desk.sign_in("ada@acme.example")) as tab:
            await tab.open("/login")
            await tab.quiet()
            await tab.send(event_name(Room.lose))
            assert "There is no such ticket" in str((await tab.until(lambda update: bool(update.events))).events)
            await tab.send(event_name(Room.misspell))
            await tab.until(lambda update: update.of(Room).get("errors") == {"title": "Give it a title."})
            await tab.send(event_name(Room.nest))
            await tab.until(lambda update: update.of(Room).get("word") == "the caller saw it")
            await tab.send(event_name(Room.stream))
            for expected in ("first", "second"):
                await tab.until(lambda update, expected=expected: update.of(Room).get("word") == expected)
            assert "There is no third" in str((await tab.until(lambda update: bool(update.events))).events)

    play(story())


def test_another_organization_is_another_world(desk: Desk) -> None:
    async def story() -> None:
        cookie = await desk.sign_in("ada@acme.example")
        async with desk.tab(cookie, organization="evil") as tab:
            await tab.open("/login")
            assert (tab.value(Me, "person_id"), tab.value(Me, "organization")) == (0, "Evil Corp")
            await tab.quiet()
            await tab.send(event_name(Room.put), word="x")
            assert "/login" in str(await tab.quiet())
        with pytest.raises(Refused):
            await desk.tab(cookie, organization="nowhere").connect()

    play(story())


def test_who_signs_out_is_out_everywhere_at_once(desk: Desk) -> None:
    async def story() -> None:
        cookie = await desk.sign_in("ada@acme.example")
        async with desk.tab(cookie) as tab:
            await tab.open("/login")
            await tab.send(event_name(Room.put), word="in")
            await tab.until(lambda update: update.of(Room).get("word") == "in")
            await tab.quiet()
            async with aiohttp.ClientSession() as http:
                headers = {"Host": f"acme.localhost:{desk.port}", "Cookie": f"{sign_in.COOKIE}={cookie}"}
                async with http.post(f"{desk.dial}/auth/sign-out", headers=headers, allow_redirects=False) as answer:
                    assert answer.status == 303
            # Other tabs hear of it by themselves.
            await tab.until(lambda update: "/login" in str(update.events))
            await tab.send(event_name(Room.put), word="still in?")
            await tab.until(lambda update: "/login" in str(update.events))
            assert tab.value(Room, "word") == "in"

    play(story())


def test_a_flood_is_hung_up_on(desk: Desk) -> None:
    async def story() -> None:
        async with desk.tab(await desk.sign_in("ada@acme.example")) as tab:
            await tab.open("/login")
            try:
                for _ in range(3000):
                    await tab.send(event_name(Room.look))
            except (ConnectionError, aiohttp.ClientError):
                return
            for _ in range(150):
                if tab.is_closed:
                    return
                await asyncio.sleep(0.1)
            raise AssertionError("3000 events in a moment were welcome")

    play(story())


def test_every_page_is_registered_with_loaders_for_its_people() -> None:
    assert {"/login", "/register", "/forgot", "/reset", "404", "/forbidden"} <= {page.route for page in PAGES}
    assert all(Me.load in page.on_load for page in PAGES if not page.route.startswith("/gallery"))


def _is_state(node: ast.ClassDef) -> bool:
    return any(ast.unparse(base) in ("rx.State", "State", "PageState") for base in node.bases)
