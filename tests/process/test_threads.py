"""Threads for what blocks: what they answer, and what becomes of what nobody waits for any more."""

import asyncio
import threading
import time
from contextvars import ContextVar

import pytest

from helpdesk import settings, threads

said: ContextVar[str] = ContextVar("said", default="nothing")


def test_answers_raises_and_knows_whose_request_it_is() -> None:
    async def story() -> None:
        said.set("mine")
        assert await threads.hop(lambda one, more: (one, more, said.get()), 1, more=2) == (1, 2, "mine")
        with pytest.raises(LookupError, match="gone"):
            await threads.hop(_raise, LookupError("gone"))
        with pytest.raises(RuntimeError, match="StopIteration"):
            await threads.hop(_raise, StopIteration())
        assert await threads.hop(threading.get_ident) != threading.get_ident()

    asyncio.run(story())


def test_as_many_at_once_as_there_are_connections_and_no_more() -> None:
    most = settings.get().database_pool
    lock, at_work, highest, all_there = threading.Lock(), 0, 0, threading.Event()

    def work() -> None:
        nonlocal at_work, highest
        with lock:
            at_work += 1
            highest = max(highest, at_work)
            if at_work == most:
                all_there.set()
        assert all_there.wait(10)
        time.sleep(0.02)
        with lock:
            at_work -= 1

    async def story() -> None:
        await asyncio.gather(*(threads.hop(work) for _ in range(3 * most)))

    asyncio.run(story())
    assert highest == most


def test_who_is_cancelled_ends_when_it_has_ended_however_often_they_are() -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        may_end.wait(10)
        ended.set()

    async def story() -> None:
        task = asyncio.create_task(threads.hop(work))
        await asyncio.to_thread(begun.wait, 10)
        for _ in range(2):
            task.cancel()
            await asyncio.sleep(0.02)
            assert not task.done()
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()

    asyncio.run(story())


def test_what_has_not_begun_never_does() -> None:
    may_end, ran = threading.Event(), []

    async def story() -> None:
        busy = [asyncio.create_task(threads.hop(may_end.wait, 10)) for _ in range(settings.get().database_pool)]
        await asyncio.sleep(0.1)  # a thread each
        late = asyncio.create_task(threads.hop(lambda: ran.append(1)))
        await asyncio.sleep(0.02)
        late.cancel()
        with pytest.raises(asyncio.CancelledError):
            await late
        may_end.set()
        await asyncio.gather(*busy)
        assert await threads.hop(lambda: "the next") == "the next"

    asyncio.run(story())
    assert not ran


def _raise(error: BaseException) -> None:
    raise error
