"""The overview on a served desk: figures follow the desk and the address, calmly, and only for those it is for."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import pytest

from helpdesk import live as bus
from helpdesk import threads
from helpdesk.services import catalog, tickets, unit_of_work
from helpdesk.state.manager import overview
from helpdesk.state.manager.overview import ManagerOverview
from tests.served import Desk, desk  # noqa: F401 - a fixture
from tests.socket_client import SocketClient, event_name

pytestmark = pytest.mark.real_redis


@pytest.fixture(scope="module", autouse=True)
def nudged(desk: Desk) -> None:  # noqa: F811
    """Another module's outage of Redis is forgotten: for a second nobody would try again."""
    for _ in range(40):
        if bus.publish(["overview-tests"]):
            return
        time.sleep(0.1)


def play(story: Coroutine[Any, Any, None]) -> None:
    """Run a story."""
    asyncio.run(asyncio.wait_for(story, 40))


async def run(actor: Any, verb: Any, *args: Any, **kwargs: Any) -> Any:
    """A verb, committed, as another process would."""
    return await threads.hop(unit_of_work.run, actor, verb, *args, **kwargs)


async def opened(desk: Desk, email: str, path: str = "/manager") -> SocketClient:  # noqa: F811
    """A tab with the overview in it."""
    tab = desk.tab(await desk.sign_in(email))
    await tab.connect()
    await tab.open(path)
    await tab.quiet(0.3)
    return tab


def count(tab: SocketClient, key: str) -> int:
    """The number of tickets behind a card."""
    return int(next(card["count"] for card in tab.value(ManagerOverview, "cards") if card["key"] == key))


def test_a_new_ticket_is_counted_without_a_reload_and_a_burst_is_one_or_two_looks(
    desk: Desk,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(overview, "CALM", 1.0)

    async def story() -> None:
        tab = await opened(desk, "max@acme.example")
        before = count(tab, "new")
        await run(desk.cast.rita, tickets.create, title="One", description="x")
        started = time.monotonic()
        await tab.until(lambda update: "cards" in update.of(ManagerOverview))
        assert time.monotonic() - started < 1, "the first look comes at once"
        assert count(tab, "new") == before + 1
        for number in range(10):
            await run(desk.cast.rita, tickets.create, title=f"More {number}", description="x")
        updates = await tab.quiet(1.6)
        assert count(tab, "new") == before + 11, "what came during the rest is not forgotten"
        assert len([one for one in updates if "cards" in one.of(ManagerOverview)]) <= 2
        assert tab.value(ManagerOverview, "trend_figure")["data"][0]["customdata"][-1].startswith("created_from=")
        await tab.close()

    play(story())


def test_nothing_is_sent_when_no_figure_changed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(overview, "CALM", 0.1)

    async def story() -> None:
        ref = await run(desk.cast.rita, tickets.create, title="Quiet", description="x")
        tab = await opened(desk, "max@acme.example")
        await run(desk.cast.ada, tickets.note, ref, "Only a note.")
        assert not [one for one in await tab.quiet(0.6) if one.of(ManagerOverview)]
        await tab.close()

    play(story())


def test_filters_live_in_the_address(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        kind = await run(desk.cast.adam, catalog.save_category, name="Overviews", team_id=desk.cast.support)
        await run(desk.cast.rita, tickets.create, title="Mine", description="x", category_id=kind)
        tab = await opened(desk, "xena@acme.example", f"/manager?range=7&team={desk.cast.support}&category={kind}")
        assert (count(tab, "new"), tab.value(ManagerOverview, "days")) == (1, "7")
        assert len(tab.value(ManagerOverview, "trend")) == 7
        await tab.send(event_name(ManagerOverview.over), days="90")
        update = await tab.until(lambda update: bool(update.events))
        assert f"range=90&team={desk.cast.support}&category={kind}" in str(update.events)
        await tab.close()

    play(story())


@pytest.mark.parametrize(
    "query", ["range=8", "range=x&team=abc", "team=-1", "team=99999999999999999999", "category=%27"]
)
def test_a_crooked_address_breaks_nothing(desk: Desk, query: str) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, "max@acme.example", f"/manager?{query}")
        assert tab.value(ManagerOverview, "is_loading") is False
        assert tab.value(ManagerOverview, "problem") in ("", "failed")
        await tab.close()

    play(story())


@pytest.mark.parametrize("email", ["ada@acme.example", "rita@northwind.example", ""])
def test_others_are_told_nothing(desk: Desk, email: str) -> None:  # noqa: F811
    async def story() -> None:
        tab = desk.tab(await desk.sign_in(email) if email else "")
        await tab.connect()
        await tab.open("/login")
        for handler in (ManagerOverview.load, ManagerOverview.refresh):
            await tab.send(event_name(handler))
        await tab.quiet(0.3)
        assert not tab.value(ManagerOverview, "cards") and tab.value(ManagerOverview, "trend_figure") is None
        await tab.close()

    play(story())
