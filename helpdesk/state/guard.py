"""Who may call which handler. Every public method of a state can be called by any browser, with anything as arguments;
so every one of ours wears a mark, and one middleware refuses whatever the mark does not allow. Default is no.

The mark says which *kind* of person may call it. What they may do to which ticket is decided in the services' verbs.
"""

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from typing import Any, TypeVar, get_type_hints

import reflex as rx
from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError
from reflex.event import EventSpec
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from reflex_base.registry import RegisteredEventHandler

from helpdesk import log
from helpdesk.domain.errors import HelpdeskError, Invalid, NotAllowed, NotFound, SignedOut
from helpdesk.domain.people import Actor
from helpdesk.state import answers, identity, internals, live
from helpdesk.state.kinds import Kind, allows, instead

Handler = TypeVar("Handler", bound=Callable[..., Any])

_logger = log.get(__name__)
# What an open page sends by itself: nobody need sit before it.
_HEARTBEATS = frozenset({"beat"})


def mark_of(function: Callable[..., Any]) -> Kind | None:
    """The mark a handler wears, if any."""
    return getattr(function, "_helpdesk_kind", None)


def _mark(kind: Kind) -> Callable[[Handler], Handler]:
    def mark(handler: Handler) -> Handler:
        guarded = _translating(handler)
        guarded._helpdesk_kind = kind  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return mark


# The marks. They stand below `@rx.event`:  @rx.event / @staff / async def take(self, ref: str) -> None: ...
public = _mark(Kind.PUBLIC)
signed_in = _mark(Kind.SIGNED_IN)
enrolling = _mark(Kind.ENROLLING)
customer = _mark(Kind.CUSTOMER)
staff = _mark(Kind.STAFF)
manager = _mark(Kind.MANAGER)
admin = _mark(Kind.ADMIN)


class Session(rx.State):
    """What a tab's state belongs to. Never sent: both names begin with an underscore."""

    # Host and handle of the session the state was filled for; another one finds it empty.
    _owner: str = ""
    # The socket the owner last spoke on; nudges for an older one are dropped.
    _socket: str = ""


class Guard(Middleware):
    """The one middleware: every event passes here, from browsers, from chains and from the hub."""

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """Let an event pass (None), or answer in its place."""
        found = internals.registered(event.name)
        if found is None:
            return internals.answer()
        name = event.name.rpartition(".")[2]
        if internals.is_push():
            if (update := await self._push(app, state, event)) is not None:
                return update
        elif self._is_late(app):
            return internals.answer()
        else:
            await self._own(state)
        if internals.is_reflex_own(found.states[0]):
            return self._reflex_own(name)
        try:
            is_active = not internals.is_push() and name not in _HEARTBEATS
            actor = await identity.of_headers(internals.handshake(state), is_active=is_active)
        except NotFound as error:
            return internals.answer(answers.refused(error))
        log.bind(actor=actor.person_id, organization=actor.organization_id, handler=event.name[-80:])
        return self._judge(app, state, event, found, actor)

    async def _push(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """An event of the hub: only for the connection that asked for it, and only into a state that still lives."""
        session = await state.get_state(Session)
        token = internals.token_at_hand()
        if session._owner != _owner(state):
            # The state has expired (a handler run on the defaults would blank the page), or somebody else's late event
            # has passed through it. The browser asks anew instead, as who it is.
            await internals.bounce(app, token, event)
            return internals.answer()
        if session._socket != internals.socket_of_token(app, token):
            return internals.answer()
        return None

    def _is_late(self, app: rx.App) -> bool:
        """Whether the tab has a newer connection than the one this event, or the chain it ends, came from. Its answer
        would go to whoever sits there now."""
        now = internals.socket_of_token(app, internals.token_at_hand())
        return bool(now) and now != internals.socket_of_event()

    async def _own(self, state: BaseState) -> None:
        """Bind the tab's state to the session; what another session left in it is emptied first."""
        owner = _owner(state)
        session = await state.get_state(Session)
        if session._owner != owner:
            if session._owner:
                await internals.empty(state)
                live.hub.forget(internals.token_at_hand())
                session = await state.get_state(Session)
            session._owner = owner
        if session._socket != internals.socket_of_state(state):
            session._socket = internals.socket_of_state(state)

    def _reflex_own(self, name: str) -> StateUpdate | None:
        if name not in internals.OWN_EVENTS:
            return internals.answer()
        if name in internals.PAGE_EVENTS:
            live.hub.forget(internals.token_at_hand())
        return None

    def _judge(
        self, app: rx.App, state: BaseState, event: Event, found: RegisteredEventHandler, actor: Actor
    ) -> StateUpdate | None:
        kind = None if event.name.endswith(".setvar") else mark_of(found.handler.fn)
        if kind is not None and allows(kind, actor):
            return None
        if kind is not None and actor.role is None:
            return internals.answer(answers.refused(SignedOut()))
        if kind is not None and (actor.is_held or internals.loads_page(app, state, event)):
            # They followed a link inside the browser, past the edge; or two factors are asked of them from now on.
            return internals.answer(answers.go(instead(kind, actor)))
        _logger.warning("handler_refused", kind=kind)
        return internals.answer(answers.refused(NotAllowed("This is not for your role.")))


def _owner(state: BaseState) -> str:
    headers = internals.handshake(state)
    return f"{headers.get('host', '')} {headers.get(identity.SESSION_HEADER, 'visitor')}"


# Set while a handler runs, so that a handler calling another sees its errors instead of a toast.
_inside: ContextVar[bool] = ContextVar("helpdesk_inside_handler", default=False)


@contextmanager
def _outermost() -> Iterator[bool]:
    is_outermost = not _inside.get()
    reset = _inside.set(True)
    try:
        yield is_outermost
    finally:
        _inside.reset(reset)


def _translating(handler: Callable[..., Any]) -> Callable[..., Any]:
    """The handler with its arguments checked against their types, and expected errors shown instead of raised."""
    if inspect.isgeneratorfunction(handler):
        raise TypeError(f"{handler.__qualname__}: write generators as `async def`, so that they can reach services.")
    if inspect.isasyncgenfunction(handler):

        @wraps(handler)
        async def stream(self: Any, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            events = None
            with _outermost() as is_outermost:
                try:
                    events = handler(self, **_checked(handler, self, args, kwargs))
                except HelpdeskError as error:
                    if not is_outermost:
                        raise
                    yield answers.show(self, error)
            if events is None:
                return
            while True:
                # The mark is set around each step only: between them the generator's consumer runs.
                with _outermost() as is_outermost:
                    try:
                        event = await anext(events)
                    except StopAsyncIteration:
                        return
                    except HelpdeskError as error:
                        if not is_outermost:
                            raise
                        event, events = answers.show(self, error), _nothing()
                yield event

        return stream
    if inspect.iscoroutinefunction(handler):

        @wraps(handler)
        async def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            with _outermost() as is_outermost:
                try:
                    return await handler(self, **_checked(handler, self, args, kwargs))
                except HelpdeskError as error:
                    if not is_outermost:
                        raise
                    return answers.show(self, error)

        return call

    @wraps(handler)
    def call_at_once(self: Any, *args: Any, **kwargs: Any) -> Any:
        with _outermost() as is_outermost:
            try:
                return handler(self, **_checked(handler, self, args, kwargs))
            except HelpdeskError as error:
                if not is_outermost:
                    raise
                return answers.show(self, error)

    return call_at_once


async def _nothing() -> AsyncIterator[EventSpec]:
    return
    yield


def _checked(handler: Callable[..., Any], state: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments, by name and of the types the handler declares. Reflex itself only logs when they are not."""
    signature, adapters = _expectations(handler)
    try:
        given = signature.bind(state, *args, **kwargs).arguments
        return {
            name: adapters[name].validate_python(value) for name, value in list(given.items())[1:] if name in adapters
        }
    except (TypeError, ValidationError):
        raise Invalid("The page sent something this desk does not understand. Reload the page and try again.") from None


@lru_cache(maxsize=4096)
def _expectations(handler: Callable[..., Any]) -> tuple[inspect.Signature, dict[str, TypeAdapter[Any]]]:
    signature = inspect.signature(handler)
    hints = get_type_hints(handler, include_extras=True)
    for parameter in list(signature.parameters.values())[1:]:
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL) or parameter.name not in hints:
            raise TypeError(f"{handler.__qualname__}: give {parameter.name} a name and a type; browsers send anything.")
    names = list(signature.parameters)[1:]
    return signature, {name: _adapter(hints[name]) for name in names}


def expectations(handler: Callable[..., Any]) -> None:
    """Make sure a handler's arguments can be checked; for the contract test and for pages being registered.

    Raises:
        TypeError: an argument has no type, or swallows any.
    """
    _expectations(inspect.unwrap(handler))


def _adapter(hint: Any) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(hint, config=ConfigDict(coerce_numbers_to_str=True, arbitrary_types_allowed=True))
    except PydanticUserError:
        return TypeAdapter(hint)  # dataclasses and typed dicts bring their own configuration
