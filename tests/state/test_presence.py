"""Company on a served desk: colleagues see each other at a ticket, nobody sees more than they may, and all of it ends."""

import asyncio
from typing import Any

import pytest

from helpdesk import clock, presence, threads
from helpdesk.domain.presence import Doing, Sighting
from helpdesk.services import tickets, unit_of_work
from helpdesk.state.agent.presence import Presence
from helpdesk.state.lookout import lookout
from tests.served import Desk
from tests.socket_client import event_name

pytestmark = pytest.mark.real_redis


def play(story: Any) -> None:
    asyncio.run(asyncio.wait_for(story, 40))


async def _at(desk: Desk, email: str, ref: str) -> Any:
    tab = desk.tab(await desk.sign_in(email))
    await tab.connect()
    await tab.open(f"/agent?view=all&ticket={ref}")
    await tab.quiet(0.3)
    return tab


async def _filed(desk: Desk) -> str:
    return await threads.hop(
        unit_of_work.run, desk.cast.max, tickets.create, title="Printer on fire", description="It burns."
    )


def test_colleagues_see_who_looks_and_who_writes_and_when_they_leave(desk: Desk) -> None:
    async def story() -> None:
        ref = await _filed(desk)
        ada, max_ = await _at(desk, "ada@acme.example", ref), await _at(desk, "max@acme.example", ref)
        await ada.until(lambda update: update.of(Presence).get("line") == "Max Manager is viewing")
        await ada.quiet(1)
        assert ada.value(Presence, "viewers") == {ref: "Max Manager"}
        await max_.send(event_name(Presence.beat), doing="replying")
        await ada.until(lambda update: update.of(Presence).get("line") == "Max Manager is writing a reply…")
        assert ada.value(Presence, "typing") == {ref: "Max is typing…"}
        assert ada.value(Presence, "warning").startswith("Max Manager is writing to the customer")
        await max_.send(event_name(Presence.beat), doing="stopped")
        await ada.until(lambda update: update.of(Presence).get("line") == "Max Manager is viewing")
        await max_.close()
        await ada.until(lambda update: update.of(Presence).get("line") == "")
        await ada.close()

    play(story())


def test_a_beat_without_a_ticket_or_of_nonsense_tells_nobody(desk: Desk) -> None:
    async def story() -> None:
        tab = desk.tab(await desk.sign_in("max@acme.example"))
        await tab.connect()
        await tab.open("/agent?view=all")
        before = {one.tab for one, _ in await threads.hop(presence.recall, clock.now())}
        await tab.send(event_name(Presence.beat), doing="replying")
        await tab.send(event_name(Presence.beat), doing="hovering")
        await tab.quiet(0.3)
        assert {one.tab for one, _ in await threads.hop(presence.recall, clock.now())} <= before, "nobody new"
        await tab.close()

    play(story())


def test_customers_and_other_organizations_show_and_see_nobody(desk: Desk) -> None:
    async def story() -> None:
        ref = await _filed(desk)
        max_ = await _at(desk, "max@acme.example", ref)
        rita = desk.tab(await desk.sign_in("rita@northwind.example"))
        await rita.connect()
        await rita.open("/portal")
        await rita.send(event_name(Presence.beat), doing="viewing")
        await rita.quiet(1)
        assert rita.token not in lookout._tabs
        assert not rita.value(Presence, "viewers")
        other = Sighting((desk.cast.eve.organization_id, ref), "x", 99, "Eve", Doing.VIEWING)
        await threads.hop(presence.tell, other, clock.now())
        await max_.quiet(1.2)
        assert max_.value(Presence, "line") == ""
        await max_.close()
        await rita.close()

    play(story())


def test_a_process_that_begins_to_listen_learns_who_is_there(desk: Desk) -> None:
    here = Sighting((1, "ACME-2"), "tab-of-another-process", 5, "James", Doing.VIEWING)
    now = clock.now()
    assert presence.tell(here, now)
    assert (here, now) in presence.recall(now)
    later = now + presence.LOOKS_FOR
    assert presence.recall(later) == []
    assert presence.recall(now) == []  # forgotten for everybody
