"""The hub on a served desk: pages look again when something changes, once, as who they are; and know when they cannot."""

import asyncio
import time
from typing import Any, ClassVar

import pytest
import reflex as rx

from helpdesk import live as bus
from helpdesk import threads
from helpdesk.services import people, unit_of_work
from helpdesk.services.context import Context, anyone
from helpdesk.state import identity, live
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import public, signed_in
from helpdesk.state.session import Me
from tests.bench.measure import statements
from tests.served import Desk
from tests.socket_client import event_name

pytestmark = pytest.mark.real_redis


class Window(PageState, rx.State):
    """A page that watches."""

    looks: int = 0
    name: str = ""

    @rx.event
    @public
    @loads
    async def load(self, topic: str = "window") -> None:
        self._watch(topic, Window.look)

    @rx.event
    @signed_in
    async def look(self) -> None:
        await asyncio.sleep(Reads.pause)
        me = await self._run(people.me)
        self.looks += 1
        self.name = me.name if me else ""

    @rx.event
    @signed_in
    async def load_together(self) -> None:
        self._watch("together", Window.look_together)

    @rx.event
    @signed_in
    async def look_together(self) -> None:
        self.name = await self._read_together(read, "x")
        self.looks += 1


class Reads:
    """How often the database was asked, and how slow a look is."""

    count: ClassVar[int] = 0
    pause: ClassVar[float] = 0.0


@anyone
def read(ctx: Context, what: str) -> str:
    """Something everybody with the same eyes sees alike."""
    Reads.count += 1
    time.sleep(0.02)
    return f"{what} {ctx.actor.role}"


@pytest.fixture(autouse=True)
def fresh() -> None:
    Reads.count, Reads.pause = 0, 0.0


def play(story: Any) -> None:
    """Run a story."""
    asyncio.run(asyncio.wait_for(story, 40))


async def _watching(desk: Desk, email: str, handler: Any = None) -> Any:
    tab = desk.tab(await desk.sign_in(email))
    await tab.connect()
    await tab.open("/login")
    await tab.send(event_name(handler or Window.load))
    await tab.quiet(0.2)
    return tab


def test_a_commit_anywhere_has_the_page_look_again_as_its_own_person(desk: Desk) -> None:
    async def story() -> None:
        ada, rita = await _watching(desk, "ada@acme.example"), await _watching(desk, "rita@northwind.example")
        started = time.monotonic()
        assert await threads.hop(bus.publish, ["window"])
        for tab, name in ((ada, "Ada Agent"), (rita, "Rita Requester")):
            await tab.until(lambda update, name=name: update.of(Window).get("name") == name)
        assert time.monotonic() - started < 2
        await threads.hop(bus.publish, ["another-topic"])
        assert not await ada.quiet(0.2)
        await ada.close()
        await rita.close()

    play(story())


def test_a_burst_of_nudges_is_one_look_and_a_slow_look_is_followed_by_one_more(desk: Desk) -> None:
    async def story() -> None:
        ada = await _watching(desk, "ada@acme.example")
        for _ in range(20):
            await threads.hop(bus.publish, ["window"])
        await ada.quiet(0.4)
        assert 1 <= ada.value(Window, "looks") <= 3
        before = ada.value(Window, "looks")
        Reads.pause = 0.5
        for _ in range(8):
            await threads.hop(bus.publish, ["window"])
            await asyncio.sleep(0.12)
        await ada.quiet(1.2)
        assert 2 <= ada.value(Window, "looks") - before <= 3
        await ada.close()

    play(story())


def test_who_everybody_is_is_asked_once_and_not_page_by_page(desk: Desk) -> None:
    async def story() -> None:
        cookies = [await desk.sign_in(f"{name}@acme.example") for name in ("ada", "max", "bob")]
        for cookie in cookies:
            identity.forget(cookie)
        with statements() as heard:
            actors = await asyncio.gather(*(identity.of_token(cookie, "acme.localhost") for cookie in cookies * 20))
        assert [actor.name for actor in actors[:3]] == ["Ada Agent", "Max Manager", "Bob Billing"]
        assert len({actor.person_id for actor in actors}) == 3
        assert len([one for one in heard if one.sql.startswith("SELECT sign_in_session")]) == 1

    play(story())


def test_pages_with_equal_eyes_share_one_read(desk: Desk) -> None:
    async def story() -> None:
        everybody = ["max@acme.example"] * 3 + ["adam@acme.example", "ada@acme.example", "bob@acme.example"]
        tabs = [await _watching(desk, email, Window.load_together) for email in everybody]
        await threads.hop(bus.publish, ["together"])
        for tab in tabs:
            await tab.until(lambda update: update.of(Window).get("looks") == 1)
        assert [tab.value(Window, "name") for tab in tabs] == ["x manager"] * 3 + ["x admin", "x agent", "x agent"]
        assert Reads.count == 4  # the managers together; each agent sees queues of their own
        await threads.hop(bus.publish, ["together"])
        await tabs[0].until(lambda update: update.of(Window).get("looks") == 2)
        assert Reads.count > 4
        for tab in tabs:
            await tab.close()

    play(story())


def test_another_page_watches_something_else(desk: Desk) -> None:
    async def story() -> None:
        ada = await _watching(desk, "ada@acme.example")
        assert "window" in live.hub.watched(ada.token)
        await ada.navigate("/forgot")
        await ada.quiet()
        assert "window" not in live.hub.watched(ada.token)
        assert {topic.partition("-")[0] for topic in live.hub.watched(ada.token)} == {"user", "sessions"}
        await ada.close()
        await asyncio.sleep(0.1)
        await threads.hop(bus.publish, [f"user-{desk.cast.ada.person_id}"])
        await asyncio.sleep(0.3)
        assert not live.hub.watched(ada.token)

    play(story())


def test_a_changed_role_ends_what_is_open_at_once(desk: Desk) -> None:
    async def story() -> None:
        tom = await _watching(desk, "tom@acme.example")
        who = desk.cast.tom.person_id
        await threads.hop(unit_of_work.run, desk.cast.olga, people.change_role, who, role="manager")
        await tom.until(lambda update: "/login" in str(update.events))
        await tom.close()
        again = await _watching(desk, "tom@acme.example")
        assert again.value(Me, "is_manager") is True
        await threads.hop(unit_of_work.run, desk.cast.olga, people.change_role, who, role="technician")
        await again.close()

    play(story())


def test_pages_know_when_redis_is_away_and_catch_up_when_it_is_back(desk: Desk) -> None:
    async def story() -> None:
        ada = await _watching(desk, "ada@acme.example")
        assert ada.value(Me, "is_live") is True
        desk.valkey.stop()
        await ada.until(lambda update: update.of(Me).get("is_live") is False, seconds=10)
        before = ada.value(Window, "looks")
        assert not await threads.hop(bus.publish, ["window"])
        # A page opened meanwhile knows, too; and it can be worked with.
        late = desk.tab(await desk.sign_in("max@acme.example"))
        async with late:
            await late.open("/login")
            assert late.value(Me, "is_live") is False
            await late.send(event_name(Me.set_theme), theme="dark")
            await late.until(lambda update: update.of(Me).get("theme") == "dark")
        desk.valkey.start()
        await ada.until(lambda update: update.of(Me).get("is_live") is True, seconds=10)
        await ada.until(lambda update: update.of(Window).get("looks") == before + 1)
        await ada.close()

    play(story())
