"""Every internal of Reflex we lean on (`helpdesk/state/internals.py` and what is said of it there), exercised once.

Pinned to reflex==0.10.1; when a newer one breaks something, it breaks here first and says what.
"""

import asyncio
import gc
import importlib.metadata
import json
import logging
import pickle
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory
from reflex.state import State, StateUpdate
from reflex_base.constants import RouteVar
from reflex_base.event import Event
from reflex_base.event.context import EventContext
from reflex_base.event.processor import BaseStateEventProcessor
from reflex_base.utils.format import format_event_handler
from reflex_base.utils.format import json_dumps as reflex_json

from helpdesk import collecting
from helpdesk.app import app, collect_rarely
from helpdesk.state import internals
from helpdesk.state.base import PageState
from helpdesk.state.guard import mark_of, public, staff
from helpdesk.state.kinds import Kind


class Shelf(PageState, rx.State):
    """Public and private vars, a default nobody may share, a handler of each sort."""

    shown: str = "nothing"
    things: list[str] = []
    _kept: str = ""

    @rx.event
    @public
    async def fill(self, word: str) -> Any:
        self.shown = self._kept = word
        self.things.append(word)
        return Shelf.look

    @rx.event
    @staff
    async def look(self) -> None:
        Seen.pushes.append(internals.is_push())
        Seen.sockets.append(internals.socket_of_event())
        Seen.tokens.append(internals.token_at_hand())

    @rx.event
    @staff
    def at_once(self) -> None:
        self.shown = "at once"


class Seen:
    """What handlers saw."""

    pushes: list[bool] = []
    sockets: list[str] = []
    tokens: list[str] = []
    updates: list[tuple[Any, str]] = []


class Namespace:
    """Where updates go instead of a socket."""

    async def emit_update(self, update: Any, token: str) -> None:
        """Note it."""
        Seen.updates.append((update, token))


ROUTER = {RouteVar.SESSION_ID: "socket-1", RouteVar.HEADERS: {"host": "acme.localhost", "x-helpdesk-session": "h"}}


async def processed(*events: Event) -> StateManagerMemory:
    """Let Reflex process events of the token `tok`, without sockets; returns its state manager."""
    manager = StateManagerMemory()
    processor = BaseStateEventProcessor(middleware=None, backend_exception_handler=None)
    async with processor.configure(state_manager=manager, event_namespace=Namespace()):
        for event in events:
            future = await processor.enqueue("tok", event)
            await future.wait_all()
    return manager


def call(handler: Any, router: dict[str, Any] | None = None, **payload: Any) -> Event:
    """An event as it comes from a browser, or with no router data from the server."""
    return Event(name=format_event_handler(handler), payload=payload, router_data=router or {})


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    for seen in (Seen.pushes, Seen.sockets, Seen.tokens, Seen.updates):
        seen.clear()


def test_the_version_is_the_one_all_this_was_read_in() -> None:
    assert importlib.metadata.version("reflex") == "0.10.1"


def test_browser_events_and_what_they_chain_are_told_from_pushes() -> None:
    asyncio.run(processed(call(Shelf.fill, dict(ROUTER), word="x"), call(Shelf.look)))
    assert Seen.pushes == [False, True]
    assert Seen.sockets == ["socket-1", ""]
    assert Seen.tokens == ["tok", "tok"]


def test_outside_of_an_event_nothing_is_at_hand() -> None:
    assert not internals.is_push()
    assert internals.token_at_hand() == internals.socket_of_event() == ""


def test_a_state_knows_the_last_handshake_also_during_a_push() -> None:
    async def story() -> None:
        manager = await processed(call(Shelf.fill, dict(ROUTER), word="x"), call(Shelf.look))
        root = next(iter(manager.states.values()))
        shelf = await root.get_state(Shelf)
        assert internals.handshake(shelf)["x-helpdesk-session"] == "h"
        assert internals.socket_of_state(shelf) == "socket-1"

    asyncio.run(story())


def test_emptying_a_tab_reaches_private_and_mutable_vars_but_not_its_address() -> None:
    async def story() -> None:
        manager = await processed(call(Shelf.fill, dict(ROUTER), word="x"))
        root = next(iter(manager.states.values()))
        shelf = await root.get_state(Shelf)
        assert (shelf.shown, shelf._kept, list(shelf.things)) == ("x", "x", ["x"])
        await internals.empty(shelf)
        assert (shelf.shown, shelf._kept, list(shelf.things)) == ("nothing", "", [])
        assert internals.handshake(shelf)["host"] == "acme.localhost"

    asyncio.run(story())


def test_marks_survive_what_reflex_does_to_handlers() -> None:
    found = {name: mark_of(Shelf.event_handlers[name].fn) for name in ("fill", "look", "at_once")}
    assert found == {"fill": Kind.PUBLIC, "look": Kind.STAFF, "at_once": Kind.STAFF}
    assert list(Shelf.event_handlers["fill"].get_parameters()) == ["self", "word"]
    assert internals.registered(format_event_handler(Shelf.fill)).handler.fn is Shelf.event_handlers["fill"].fn


def test_private_vars_are_not_sent() -> None:
    async def story() -> None:
        await processed(call(Shelf.fill, dict(ROUTER), word="secret-or-not"))
        sent = str([update.delta for update, _ in Seen.updates])
        assert "shown" in sent
        assert "_kept" not in sent

    asyncio.run(story())


def test_reflex_own_states_are_told_from_ours() -> None:
    assert internals.is_reflex_own(State)
    assert not internals.is_reflex_own(Shelf)
    assert Shelf in set(internals.every_state())
    assert all(not name.startswith("_") for name, _ in internals.every_handler())


def test_the_app_has_what_the_hub_needs() -> None:
    assert app.event_namespace is not None
    assert app.sio is not None
    manager = app.event_namespace._token_manager
    assert manager.token_to_socket == {}
    assert manager.instance_id
    assert internals.socket_of_token(app, "nobody") == ""


def test_a_broadcast_names_vars_as_deltas_do(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []

    async def emit(event: str, update: Any, **where: Any) -> None:
        sent.append((event, update.delta, where))

    monkeypatch.setattr(app.sio, "emit", emit)
    asyncio.run(internals.broadcast(app, Shelf, shown="all"))
    assert sent == [
        ("event", {Shelf.get_full_name(): {"shown_rx_state_": "all"}}, {"room": None, "namespace": "/_event"})
    ]

    async def delta() -> Any:
        await processed(call(Shelf.fill, dict(ROUTER), word="all"))
        return next(u.delta[Shelf.get_full_name()] for u, _ in Seen.updates if Shelf.get_full_name() in u.delta)

    assert "shown_rx_state_" in asyncio.run(delta())


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Line:
    name: str = ""
    colour: Colour = Colour.RED
    parts: tuple[int, ...] = ()


@pytest.mark.parametrize(
    "value",
    [
        {"rows": [Line("Größe ✓ \u2028", parts=(1, 2))], 3: None, "set": {1}, "deep": {"a": [Line()]}},
        {"at": datetime(2026, 11, 21, 9, 30, tzinfo=UTC), "day": date(2026, 11, 21), "path": Path("a/b")},
        {"big": 2**70, "half": 0.5, "colour": Colour.RED, "yes": True},
        {"alone": "\ud800"},
        ["event", StateUpdate(delta={"state": {"x_rx_state_": [Line("a")]}}, events=internals.events_of(Shelf.fill))],
        ["event", StateUpdate(delta={}, events=[], final=True)],
    ],
)
def test_what_goes_to_browsers_reads_the_same(value: object) -> None:
    theirs = reflex_json(value, separators=(",", ":"))
    assert json.loads(internals.dumps(value, separators=(",", ":"))) == json.loads(theirs)


def test_a_number_that_is_none_is_written_as_nothing() -> None:
    assert internals.dumps({"a": float("nan")}) == '{"a":null}', "browsers know no NaN in JSON"


def test_the_socket_writes_with_it() -> None:
    assert app.sio is not None and app.sio.packet_class.json.dumps is internals.dumps
    assert app.sio.packet_class.json.loads('["event"]') == ["event"]


def test_answers_are_events_the_browser_runs() -> None:
    update = internals.answer(rx.toast.error("no"))
    assert update.delta == {}
    assert [event.name for event in update.events] == ["_call_function"]
    assert internals.answer().events == []


def test_contexts_have_the_fields_we_read() -> None:
    assert {"token", "router_data"} <= set(EventContext.__slots__)


def test_the_log_is_told_nothing_of_what_browsers_send(caplog: pytest.LogCaptureFixture) -> None:
    internals.log_discreetly()

    async def story() -> None:
        with caplog.at_level(logging.INFO):
            await asyncio.wait_for(processed(call(Shelf.fill, dict(ROUTER), word="x")), 5)
            processor = BaseStateEventProcessor(middleware=None, backend_exception_handler=None)
            async with processor.configure(state_manager=StateManagerMemory(), event_namespace=Namespace()):
                await processor.enqueue(
                    "tok", Event(name="no.such", payload={"password": "hunter2"}, router_data=ROUTER)
                )
                await asyncio.sleep(0.05)

    asyncio.run(story())
    assert "A browser sent no event of ours." in caplog.text
    assert "hunter2" not in caplog.text


def test_a_list_nobody_changes_is_written_once_and_reads_the_same() -> None:
    rows = internals.Written([{"a": 1}, {"a": "ä"}])
    update = StateUpdate(delta={"root.queue": {"rows_rx_state_": rows, "title_rx_state_": "Open"}})
    plain = StateUpdate(delta={"root.queue": {"rows_rx_state_": list(rows), "title_rx_state_": "Open"}})
    assert json.loads(internals.dumps(["event", update])) == json.loads(internals.dumps(["event", plain]))
    assert rows.fragment is rows.fragment and update.delta["root.queue"]["rows_rx_state_"] is rows
    assert pickle.loads(pickle.dumps(rows)) == rows
    assert "\ufffd" not in internals.dumps(["event", update])


def test_the_web_process_looks_through_everything_rarely() -> None:
    before = gc.get_threshold()
    try:
        asyncio.run(collect_rarely())
        assert gc.get_threshold() == collecting.THRESHOLDS and gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
    assert collect_rarely in app.get_lifespan_tasks()
