"""Requests take turns: a process computes on one core, and threads that all want it at once only keep each other from it.

With thirty at work the API answered little more than half of what it answers with a few. Whoever takes longer than a
moment waits for something else (a lock, a slow report, a body that trickles in), and gives their turn up.
"""

import asyncio
from types import TracebackType

from anyio.lowlevel import RunVar

# At work at the same time: one computes while the others wait for the database.
MOST = 3
# Seconds until a turn is given up.
MOMENT = 0.1

_gate: RunVar[asyncio.Semaphore] = RunVar("helpdesk_turns")


class Turn:
    """A place among those at work: `async with Turn():`."""

    __slots__ = ("_gate", "_timer")

    def __init__(self) -> None:
        self._gate = _turns()
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> None:
        await self._gate.acquire()
        self._timer = asyncio.get_running_loop().call_later(MOMENT, self._give_up)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_up()

    def _give_up(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._gate.release()


def _turns() -> asyncio.Semaphore:
    try:
        return _gate.get()
    except LookupError:
        _gate.set(asyncio.Semaphore(MOST))
        return _gate.get()
