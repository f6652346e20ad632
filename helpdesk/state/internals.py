"""Every internal of Reflex 0.10.1 we lean on, in one place; `tests/contracts/test_reflex_internals.py` exercises each.

Raising Reflex means making that test green again, and nothing else should break.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import orjson
import reflex as rx
from reflex.state import BaseState, StateUpdate
from reflex_base.constants import RouteVar
from reflex_base.event import Event
from reflex_base.event.context import EventContext
from reflex_base.event.processor import EventFuture
from reflex_base.registry import RegisteredEventHandler, RegistrationContext
from reflex_base.utils.format import json_dumps
from reflex_base.utils.serializers import serialize

# What `@rx.event` makes of a method: a handler, or one with arguments. Reflex's stubs call it something else.
EventLike = Any

NAMESPACE = "/_event"
_FIELD_SUFFIX = "_rx_state_"

# The only events of Reflex's own states a browser may send; all else of Reflex's is refused.
OWN_EVENTS = frozenset(
    {"hydrate", "hydrate_and_load", "set_is_hydrated", "on_load_internal", "handle_frontend_exception"}
)
# Those that begin a page: what the page before watched is forgotten.
PAGE_EVENTS = frozenset({"hydrate", "hydrate_and_load", "on_load_internal"})


def is_push() -> bool:
    """Whether the event at hand was queued by the server itself, not sent (or caused) by a browser."""
    try:
        return not EventContext.get().router_data
    except LookupError:
        return False


def token_at_hand() -> str:
    """The client token of the event at hand; empty outside of one."""
    try:
        return EventContext.get().token
    except LookupError:
        return ""


def handshake(state: BaseState) -> Mapping[str, str]:
    """The headers of the websocket's handshake, as of the last event the browser sent; names in lower case."""
    headers: Mapping[str, str] = state.router_data.get(RouteVar.HEADERS, {})
    return headers


def socket_of_state(state: BaseState) -> str:
    """The id of the socket the state's last event came from."""
    return str(state.router_data.get(RouteVar.SESSION_ID, ""))


def socket_of_event() -> str:
    """The id of the socket the event at hand (or the one that caused it) came from; empty for the server's own."""
    try:
        return str(EventContext.get().router_data.get(RouteVar.SESSION_ID, ""))
    except LookupError:
        return ""


def socket_of_token(app: rx.App, token: str) -> str:
    """The id of the socket a client token is connected with here; empty when it is not."""
    namespace = app.event_namespace
    if namespace is None:
        return ""
    record = namespace._token_manager.token_to_socket.get(token)
    if record is None or record.instance_id != namespace._token_manager.instance_id:
        return ""
    return str(record.sid)


def registered(event_name: str) -> RegisteredEventHandler | None:
    """The handler an event's name stands for."""
    return RegistrationContext.get().event_handlers.get(event_name)


def loads_page(app: rx.App, state: BaseState, event: Event) -> bool:
    """Whether an event is one of those that load the page its browser shows."""
    loaders = app.get_load_events(state._get_root_state().rx_router_url.path)
    return event.name in {one.name for one in events_of(*loaders)}


def every_handler() -> Iterator[tuple[str, RegisteredEventHandler]]:
    """Every handler a browser can call by name."""
    yield from RegistrationContext.get().event_handlers.items()


def is_reflex_own(state: type[BaseState]) -> bool:
    """Whether a state is part of Reflex, not ours."""
    return state.__module__.partition(".")[0] in ("reflex", "reflex_base") or state.__module__.startswith("reflex_")


def every_state() -> Iterator[type[BaseState]]:
    """Every state class below the root, parents first."""
    waiting = list(rx.State.get_substates())
    while waiting:
        state = waiting.pop(0)
        yield state
        waiting.extend(state.get_substates())


def events_of(*specs: EventLike) -> list[Event]:
    """What handlers, with or without arguments, look like on the wire."""
    return Event.from_event_type(list(specs))


def answer(*specs: EventLike) -> StateUpdate:
    """An answer in place of the handler's: these events, no change of state."""
    return StateUpdate(delta={}, events=events_of(*specs) if specs else [])


async def enqueue(app: rx.App, token: str, event: Event) -> EventFuture:
    """Have a page's own handler run, as if by itself."""
    return await app.event_processor.enqueue(token, Event(name=event.name, payload=event.payload))


async def bounce(app: rx.App, token: str, event: Event) -> None:
    """Have the browser send the event itself: for when the server's state of the page is gone."""
    if app.event_namespace is not None:
        again = Event(name=event.name, payload=event.payload)
        await app.event_namespace.emit_update(StateUpdate(delta={}, events=[again]), token)


async def broadcast(app: rx.App, state: type[BaseState], /, *, to: str | None = None, **values: Any) -> None:
    """Show values in the browsers of a room (or all of this process) without touching the server's states."""
    if app.sio is not None:
        delta = {state.get_full_name(): {name + _FIELD_SUFFIX: value for name, value in values.items()}}
        await app.sio.emit("event", StateUpdate(delta=delta), room=to, namespace=NAMESPACE)


async def empty(state: BaseState, *, classes: Iterable[type[BaseState]] | None = None) -> None:
    """Put every var of every state of a tab back to its default, also those a manager has not loaded yet."""
    root = state._get_root_state()
    for each in classes if classes is not None else every_state():
        await root.get_state(each)
    root.reset()


def write_fast(app: rx.App) -> None:
    """Have what goes to browsers written by orjson: a nudged list of 25 rows goes to every page that shows it, and
    Reflex's encoder asks Python about each row."""
    if app.sio is not None:
        app.sio.packet_class.json = SimpleNamespace(dumps=dumps, loads=app.sio.packet_class.json.loads)


def dumps(value: Any, **options: Any) -> str:
    """Like Reflex's own, to which what orjson does not know is left."""
    # A packet: the event's name and the update, which has a serializer of its own.
    plain = [_plain(one) if isinstance(one, StateUpdate) else one for one in value] if type(value) is list else value
    try:
        return orjson.dumps(plain, default=_serialized, option=_AS_REFLEX).decode()
    except TypeError:
        return json_dumps(value, **options)


class Written(list[Any]):
    """A list nobody changes any more: written for browsers once, however many pages show it."""

    @cached_property
    def fragment(self) -> orjson.Fragment:
        """Its JSON."""
        return orjson.Fragment(orjson.dumps(list(self), default=_serialized, option=_AS_REFLEX))

    def __reduce__(self) -> tuple[type, tuple[list[Any]]]:
        """A state that is put away takes the list along, not its JSON."""
        return Written, (list(self),)


def _plain(update: StateUpdate) -> Any:
    found: Any = serialize(update)
    if "delta" in found:
        found["delta"] = {
            state: {name: value.fragment if isinstance(value, Written) else value for name, value in values.items()}
            for state, values in found["delta"].items()
        }
    return found


def _serialized(value: Any) -> Any:
    found = serialize(value)
    if found is None and value is not None:
        raise TypeError
    return found


_AS_REFLEX = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


class _Discreet(logging.Filter):
    """What Reflex logs about a strange event holds the whole event: headers, arguments, somebody's text. One short
    line is left, and nothing of what an argument was: the guard has refused it and told its sender."""

    def filter(self, record: logging.LogRecord) -> bool:
        """See logging.Filter."""
        text = record.getMessage()
        if text.startswith("Error transforming event payload"):
            return False
        if "No registered handler" in str(record.exc_info and record.exc_info[1]) or text.startswith("Received event"):
            record.msg, record.args, record.exc_info, record.exc_text = (
                "A browser sent no event of ours.",
                (),
                None,
                None,
            )
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True


def log_discreetly() -> None:
    """Keep what browsers send out of the log."""
    for name in (
        "reflex.app",
        "reflex_base.event.processor.event_processor",
        "reflex_base.event.processor.base_state_processor",
    ):
        logger = logging.getLogger(name)
        if not any(isinstance(one, _Discreet) for one in logger.filters):
            logger.addFilter(_Discreet())
