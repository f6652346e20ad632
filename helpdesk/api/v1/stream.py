"""Live for programs: what happens, as server-sent events, from where somebody stopped listening.

Nobody holds a database connection while waiting. Nudges wake who waits; without Redis, and for what nobody is nudged of, they look
by themselves every now and then.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Header, Query, Request
from fastapi.responses import StreamingResponse

from helpdesk import live, log, settings, threads
from helpdesk.api.v1.caller import Caller, CallerOf, again
from helpdesk.api.v1.routing import Router
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import HelpdeskError, Invalid, TooManyTries
from helpdesk.domain.permissions import Permission
from helpdesk.services import tickets
from helpdesk.services.tickets import Happening, Place, Stretch
from helpdesk.state import identity

router = Router("Live")

_logger = log.get(__name__)
# Seconds: between signs of life while nudges arrive, and between looks while they do not; how soon after an answer the next
# one may come; what something that is held up by a transaction still at work waits at first and at most.
_HEARTBEAT, _LOOK, _PACE = 10.0, 2.0, 0.2
_HELD_UP, _LONGEST_HELD_UP = 0.05, 1.0
# After this long the program is sent to connect anew: no process waits longer for it when it ends.
_LONGEST = 3600.0
_MOST = 500


@dataclass(eq=False)
class _Listener:
    """Somebody who waits."""

    caller: CallerOf
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def hears(self, topics: frozenset[str]) -> bool:
        actor = self.caller.actor
        if f"sessions-{actor.person_id}" in topics:
            return True
        ours = f"org-{actor.organization_id}-"
        return any(one.startswith("portal-" if actor.is_customer else ours) for one in topics)


class _Listeners:
    """Who waits in this process, and the one task that hears nudges for them; it runs while there is anybody."""

    def __init__(self) -> None:
        self.waiting: set[_Listener] = set()
        self.of_person: Counter[tuple[int, int]] = Counter()
        self.is_live = False
        self._hearing: asyncio.Task[None] | None = None

    def enter(self, caller: CallerOf) -> _Listener:
        """Let somebody wait.

        Raises:
            TooManyTries: they, or all together, listen often enough.
        """
        who = _who(caller)
        if self.of_person[who] >= settings.get().api_streams_per_person or len(self.waiting) >= _MOST:
            raise TooManyTries(retry_after=30)
        listener = _Listener(caller)
        self.of_person[who] += 1
        self.waiting.add(listener)
        if self._hearing is None or self._hearing.done() or self._hearing.get_loop() is not asyncio.get_running_loop():
            self._hearing = asyncio.create_task(live.listen(self._on_topics, self._on_state))
        return listener

    def leave(self, listener: _Listener) -> None:
        """They wait no longer."""
        if listener not in self.waiting:
            return
        self.waiting.discard(listener)
        who = _who(listener.caller)
        self.of_person[who] -= 1
        if not self.of_person[who]:
            del self.of_person[who]
        if not self.waiting and self._hearing is not None:
            self._hearing.cancel()
            self._hearing, self.is_live = None, False

    async def _on_topics(self, topics: frozenset[str]) -> None:
        for listener in self.waiting:
            if listener.hears(topics):
                if f"sessions-{listener.caller.actor.person_id}" in topics and listener.caller.actor.person_id:
                    identity.forget_person(listener.caller.actor.person_id)
                listener.woken.set()

    async def _on_state(self, is_live: bool) -> None:
        self.is_live = is_live
        for listener in self.waiting:
            listener.woken.set()


_listeners = _Listeners()


@router.op(
    "GET", "/stream", Permission.TICKET_READ, "Follow what happens", selects=False, response_class=StreamingResponse
)
async def stream(
    request: Request,
    caller: Caller,
    last_event_id: Annotated[str, Header(max_length=60, description="The id of the last event that arrived.")] = "",
    after: Annotated[str, Query(max_length=60, description="The same, for who cannot send headers.")] = "",
    kinds: Annotated[
        str, Query(max_length=2000, description="Only activities of these kinds, with commas between.")
    ] = "",
    once: Annotated[bool, Query(description="Answer what there is by now, and end.")] = False,
) -> StreamingResponse:
    """Server-sent events, one per activity the caller may see: of the tickets they see, customers of what is public there. Each
    has the activity's kind as `event`, and JSON as `data`: `id`, `kind`, `at`, `ticket_id`, `reference`; for staff also `what`,
    `actor`, `actor_kind`, `cause_id`, `data`. Send the last `id` as Last-Event-ID to go on after it: nothing is told twice or
    left out. Without it, the stream begins now. Lines that begin with a colon are signs of life. An event `lost` says that the
    place asked for is unknown here, and that the stream begins now. It ends with the session or token it was opened with, and
    every hour: connect again. A person may listen to a few at once."""
    mark = after or last_event_id
    place = Place.of(mark)
    if mark and place is None:
        raise Invalid(after="Send the id of an event, such as 812-4711, or leave it out.")
    wanted = [one.strip() for one in kinds.split(",") if one.strip()]
    if strange := [one for one in wanted if one not in tuple(ActivityKind)]:
        raise Invalid(kinds=f"There is no kind of activity “{strange[0][:60]}”.")
    listener = _listeners.enter(caller)
    try:
        # Before the answer begins: whoever may not ask is told so.
        first = await threads.hop(caller.run, tickets.happenings, place, kinds=wanted)
    except BaseException:
        _listeners.leave(listener)
        raise
    told = _once(first) if once else _told(request, listener, first, wanted)
    if once:
        _listeners.leave(listener)
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return _Stream(told, listener, headers)


class _Stream(StreamingResponse):
    """An answer that goes on; however it ends, its place is free again."""

    def __init__(self, told: AsyncIterator[str], listener: _Listener, headers: dict[str, str]) -> None:
        super().__init__(told, media_type="text/event-stream", headers=headers)
        self._listener = listener

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        """ASGI."""
        try:
            await super().__call__(scope, receive, send)  # type: ignore[arg-type]
        finally:
            _listeners.leave(self._listener)


async def _once(first: Stretch) -> AsyncIterator[str]:
    yield _shown(first)


async def _told(request: Request, listener: _Listener, stretch: Stretch, kinds: list[str]) -> AsyncIterator[str]:
    until = time.monotonic() + _LONGEST
    yield "retry: 2000\n\n" + _shown(stretch)
    held_up = 0.0
    while time.monotonic() < until:
        held_up = min(max(_HELD_UP, held_up * 2), _LONGEST_HELD_UP) if stretch.is_held_up else 0.0
        if not stretch.has_more:
            await _wait(listener, held_up or (_HEARTBEAT if _listeners.is_live else _LOOK))
        try:
            # Who they are may have changed, or the session be over.
            listener.caller = await again(request, listener.caller)
            stretch = await threads.hop(listener.caller.run, tickets.happenings, stretch.place, kinds=kinds)
        except HelpdeskError as error:
            yield f": {error.title}\n\n"
            return
        if stretch.happenings or not held_up:
            yield _shown(stretch)
    yield ": connect again\n\n"


async def _wait(listener: _Listener, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(listener.woken.wait(), seconds)
        # What comes in a burst is told together.
        await asyncio.sleep(_PACE)
    listener.woken.clear()


def _shown(stretch: Stretch) -> str:
    lost = "event: lost\ndata: {}\n\n" if stretch.is_lost else ""
    told = "".join(
        f"id: {one.place}\nevent: {one.kind}\ndata: {json.dumps(_facts(one), ensure_ascii=False)}\n\n"
        for one in stretch.happenings
    )
    # An id without data tells nobody anything, but is where a program goes on after a long silence.
    return f"{lost}{told}: here\nid: {stretch.place}\n\n"


def _facts(one: Happening) -> dict[str, object]:
    facts: dict[str, object] = {
        "id": one.id, "kind": one.kind, "at": one.at, "ticket_id": one.ticket_id, "reference": one.reference or None,
    }  # fmt: skip
    if one.data is None:
        return facts
    return facts | {
        "what": one.what, "actor": one.actor, "actor_kind": one.actor_kind, "cause_id": one.cause_id, "data": one.data,
    }  # fmt: skip


def _who(caller: CallerOf) -> tuple[int, int]:
    return caller.actor.organization_id, caller.actor.person_id or 0
