"""The hub: one per web process. Hears which topics changed and has every page that shows one look again, as its user.

A page says what it shows with `_watch(topic, handler)` when it loads. A nudge runs the page's own handler through
Reflex's event processor, so the guard and the permissions of the person looking apply; no content crosses the bus.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from typing import Any

import reflex as rx
from reflex_base.event import Event
from reflex_base.event.processor import EventFuture

from helpdesk import live, log
from helpdesk.state import identity, internals

_logger = log.get(__name__)

# Nudges of one commit, or of a burst of commits, are answered together: at once after a quiet moment, else this often.
_FIRST = 0.01
_BETWEEN = 0.1
# After so many pages the loop lets the sockets send; else nobody would hear before everybody was served.
_BREATH = 8
_SWEEP = 60.0
SESSIONS = "sessions-"
# A change of any ticket is followed, once a second at most, by a nudge for those who show counts.
TICKETS, COUNTS = "-tickets", "-counts"
# So is a bell: a new ticket rings those of a whole team.
BELL, UNREAD = "-bell", "-unread"
_PATIENCE = 1.0


@dataclass(slots=True)
class _Page:
    """What one open tab shows."""

    socket: str
    topics: dict[str, list[Event]] = field(default_factory=dict)
    # A handler still at work on the nudge before: it runs once more when done, however many nudges came.
    at_work: dict[str, EventFuture] = field(default_factory=dict)


class Hub:
    """Who watches what, in this process."""

    def __init__(self) -> None:
        # Whether nudges arrive, and the state whose var `is_live` shows it in every open page (it imports us).
        self.is_live = True
        self.shown_by: type[rx.State] | None = None
        # Also told when a tab shows something else.
        self.on_forget: Callable[[str], None] | None = None
        # Counts answers to nudges; what pages read together is valid for one of them.
        self.round = 0
        self._pages: dict[str, _Page] = {}
        self._watchers: defaultdict[str, set[str]] = defaultdict(set)
        self._nudged: set[str] = set()
        self._waiting: set[str] = set()
        self._something = asyncio.Event()
        self._shared: dict[Hashable, asyncio.Future[Any]] = {}

    def watch(self, token: str, socket: str, topic: str, *events: Event) -> None:
        """Have a tab's handlers run whenever a topic changes, until the tab shows another page or is gone."""
        page = self._pages.get(token)
        if page is None or page.socket != socket:
            self.forget(token)
            page = self._pages[token] = _Page(socket)
        mine = page.topics.setdefault(topic, [])
        mine.extend(event for event in events if _key(event) not in {_key(known) for known in mine})
        self._watchers[topic].add(token)

    def forget(self, token: str) -> None:
        """A tab shows something else, or nothing any more."""
        if self.on_forget is not None:
            self.on_forget(token)
        page = self._pages.pop(token, None)
        for topic in page.topics if page else ():
            self._watchers[topic].discard(token)
            if not self._watchers[topic]:
                del self._watchers[topic]

    def watched(self, token: str) -> set[str]:
        """The topics a tab watches."""
        return set(self._pages[token].topics) if token in self._pages else set()

    @property
    def pages_connected(self) -> int:
        """How many tabs this process keeps up to date."""
        return len(self._pages)

    async def shared(self, key: Hashable, read: Callable[[], Awaitable[Any]]) -> Any:
        """Read something once per nudge for all pages of this process that ask for the same.

        Args:
            key: what is read and for whose eyes; two readers with equal keys must see the same.
        """
        key = (self.round, key)
        if (known := self._shared.get(key)) is None:
            known = self._shared[key] = asyncio.ensure_future(read())
        return await asyncio.shield(known)

    async def relay(self, app: rx.App) -> None:
        """Hear and answer nudges for as long as the process lives. A lifespan task."""
        self._something = asyncio.Event()

        async def on_topics(topics: frozenset[str]) -> None:
            self.nudge(topics)

        async def on_state(is_live: bool) -> None:
            await self.is_now(app, is_live=is_live)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(live.listen(on_topics, on_state))
            tasks.create_task(self._answer_forever(app))
            tasks.create_task(self._sweep_forever(app))

    def nudge(self, topics: frozenset[str] | set[str]) -> None:
        """These topics changed; who shows them looks again in a moment."""
        for topic in topics:
            if topic.startswith(SESSIONS) and topic[len(SESSIONS) :].isdigit():
                identity.forget_person(int(topic[len(SESSIONS) :]))
            if topic.endswith(TICKETS):
                self._soon(topic.removesuffix(TICKETS) + COUNTS)
            if topic.endswith(BELL):
                self._soon(topic.removesuffix(BELL) + UNREAD)
        self._nudged |= topics
        self._something.set()

    def _soon(self, topic: str) -> None:
        """Nudge a topic in a second, however often it is asked for until then: for what is dear to look at."""
        if topic in self._waiting or not self._watchers.get(topic):
            return
        self._waiting.add(topic)
        asyncio.get_running_loop().call_later(_PATIENCE, self._fire, topic)

    def _fire(self, topic: str) -> None:
        self._waiting.discard(topic)
        self.nudge({topic})

    async def is_now(self, app: rx.App, *, is_live: bool) -> None:
        """Redis was lost or is back: pages say so, and on its return everything looks again."""
        changed, self.is_live = self.is_live != is_live, is_live
        if changed:
            await self._show(app)
        if is_live and changed:
            self.nudge(set(self._watchers))

    async def _show(self, app: rx.App) -> None:
        if self.shown_by is not None:
            await internals.broadcast(app, self.shown_by, is_live=self.is_live)

    async def answer(self, app: rx.App, topics: set[str]) -> int:
        """Run the handlers of every page that shows one of the topics; returns how many pages."""
        self.round += 1
        self._shared.clear()
        tokens = set().union(*(self._watchers.get(topic, ()) for topic in topics))
        for number, token in enumerate(tokens, start=1):
            page = self._pages.get(token)
            if page is None:
                continue
            if internals.socket_of_token(app, token) != page.socket:
                self.forget(token)
                continue
            due = {_key(event): event for topic in topics for event in page.topics.get(topic, ())}
            for key, event in due.items():
                await self._run(app, token, page, key, event, topics)
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        return len(tokens)

    async def _run(self, app: rx.App, token: str, page: _Page, key: str, event: Event, topics: set[str]) -> None:
        before = page.at_work.get(key)
        if before is not None and not before.done():
            # One more look when this one is done sees everything that has changed meanwhile.
            mine = {topic for topic in topics if any(_key(one) == key for one in page.topics.get(topic, ()))}
            if not getattr(before, "_helpdesk_again", False):
                before._helpdesk_again = True  # type: ignore[attr-defined]
                before.add_done_callback(lambda _: self.nudge(mine))
            return
        page.at_work[key] = await internals.enqueue(app, token, event)

    async def _sweep_forever(self, app: rx.App) -> None:
        """Forget tabs that were closed; a quiet topic would keep them for ever."""
        while True:
            await asyncio.sleep(_SWEEP)
            for token, page in list(self._pages.items()):
                if internals.socket_of_token(app, token) != page.socket:
                    self.forget(token)

    async def _answer_forever(self, app: rx.App) -> None:
        last = 0.0
        while True:
            await self._something.wait()
            await asyncio.sleep(max(_FIRST, last + _BETWEEN - time.monotonic()))
            self._something.clear()
            topics, self._nudged = self._nudged, set()
            last = time.monotonic()
            try:
                await self.answer(app, topics)
            except Exception:
                # One page's trouble must not silence everybody; what was nudged is nudged again by the next change.
                _logger.exception("nudge_failed", topics=len(topics))


hub = Hub()
_tasks: set[asyncio.Task[None]] = set()


def soon(work: Coroutine[Any, Any, None]) -> None:
    """Have something done beside what is at hand; nobody waits for it."""
    task = asyncio.get_running_loop().create_task(work)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


def _key(event: Event) -> str:
    return f"{event.name} {sorted(event.payload.items())!r}"
