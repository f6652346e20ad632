"""Requests take turns, and whoever waits for something else keeps nobody waiting."""

import asyncio

import pytest

from helpdesk.api import turns
from helpdesk.api.turns import Turn


def test_few_are_at_work_at_the_same_time() -> None:
    at_work, most = 0, 0

    async def one() -> None:
        nonlocal at_work, most
        async with Turn():
            at_work += 1
            most = max(most, at_work)
            await asyncio.sleep(0)
            at_work -= 1

    async def story() -> None:
        await asyncio.gather(*(one() for _ in range(40)))

    asyncio.run(story())
    assert most == turns.MOST


def test_who_waits_for_something_else_gives_the_turn_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MOMENT", 0.01)

    async def story() -> None:
        report = asyncio.Event()

        async def slow() -> None:
            async with Turn():
                await report.wait()

        waiting = [asyncio.create_task(slow()) for _ in range(2 * turns.MOST)]
        await asyncio.sleep(0)
        async with Turn():  # while all of them still wait
            report.set()
        await asyncio.gather(*waiting)
        assert turns._turns()._value == turns.MOST  # each turn came back once

    asyncio.run(asyncio.wait_for(story(), 30))


def test_a_turn_comes_back_when_a_request_fails() -> None:
    async def story() -> None:
        for _ in range(2 * turns.MOST):
            with pytest.raises(ZeroDivisionError):
                async with Turn():
                    _ = 1 // 0
        assert turns._turns()._value == turns.MOST

    asyncio.run(asyncio.wait_for(story(), 30))
