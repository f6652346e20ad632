"""The bell, the list behind it and the integrations' page on a served desk."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from sqlmodel import col, select

from helpdesk.models import Activity
from helpdesk.services import integrations, reactions, tickets
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from helpdesk.state.admin.integrations import Integrations
from helpdesk.state.bell import Bell
from helpdesk.state.notices import Notices
from helpdesk.state.notifications import Notifications
from helpdesk.state.session import Me
from tests.cast import Cast
from tests.served import Desk
from tests.socket_client import SocketClient, event_name

pytestmark = pytest.mark.real_redis


def play(story: Coroutine[Any, Any, None]) -> None:
    """Run a story."""
    asyncio.run(asyncio.wait_for(story, 40))


async def opened(desk: Desk, email: str, path: str) -> SocketClient:
    """A tab with a page in it."""
    tab = desk.tab(await desk.sign_in(email))
    await tab.connect()
    await tab.open(path)
    await tab.quiet(0.2)
    return tab


def _mention(cast: Cast, words: str = "@Max Manager please look") -> None:
    ref = run(cast.rita, tickets.create, title="Printer", description="x")
    run(cast.ada, tickets.note, ref, words)

    def react(ctx: Context) -> None:
        waiting = ctx.session.exec(select(Activity.id).where(col(Activity.reacted_at).is_(None))).all()
        reactions.react(ctx, waiting)

    run(cast.desk, react)


def test_the_bell_rings_by_itself_and_is_read(desk: Desk) -> None:
    async def story() -> None:
        tab = await opened(desk, "max@acme.example", "/notifications")
        before = tab.value(Me, "unread")
        _mention(desk.cast)
        await tab.until(lambda update: update.of(Me).get("unread", 0) > before)
        for _ in range(300):  # the number and the list come each in their own time
            if tab.value(Notifications, "rows"):
                break
            await asyncio.sleep(0.05)
        newest = tab.value(Notifications, "rows")[0]
        assert (newest["kind"], newest["read"]) == ("mention", False), "the list is live, too"
        await tab.send(event_name(Bell.opened), is_open=True)
        await tab.until(lambda update: bool(update.of(Bell).get("rows")))
        await tab.send(event_name(Bell.read), number=newest["id"])
        await tab.until(
            lambda update: any(one["id"] == newest["id"] and one["read"] for one in update.of(Bell).get("rows", []))
        )
        await tab.send(event_name(Notifications.read_all))
        await tab.until(lambda update: update.of(Me).get("unread") == 0)
        await tab.send(event_name(Notifications.keep), number=newest["id"])
        await tab.until(lambda update: update.of(Me).get("unread") == 1)
        await tab.close()

    play(story())


def test_the_list_shows_what_the_address_asks_for(desk: Desk) -> None:
    async def story() -> None:
        _mention(desk.cast)
        tab = await opened(desk, "max@acme.example", "/notifications?show=unread")
        assert tab.value(Notifications, "show") == "unread"
        assert not any(one["read"] for one in tab.value(Notifications, "rows"))
        await tab.open("/notifications?show=nonsense&before=x")
        await tab.quiet(0.3)
        assert tab.value(Notifications, "show") == ""
        await tab.close()

    play(story())


def test_a_browser_says_where_it_is_reached(desk: Desk) -> None:
    async def story() -> None:
        tab = await opened(desk, "rita@northwind.example", "/profile/notifications")
        assert len(tab.value(Notices, "push_key")) == 87
        for said in ("nonsense", "[]", "{}", '{"endpoint": "ftp://x", "p256dh": "x", "auth": "y"}'):
            await tab.send(event_name(Notices.browser_said), words=said)
            await tab.quiet(0.3)
            assert set(tab.value(Notices, "errors")) == {"browser"}, said
        await tab.close()

    play(story())


def test_administrators_connect_a_system_and_others_do_not(desk: Desk) -> None:
    async def story() -> None:
        tab = await opened(desk, "adam@acme.example", "/admin/integrations?new=slack")
        assert tab.value(Integrations, "is_open") and "ticket.escalated" in tab.value(Integrations, "chosen")
        form = {"system": "slack", "name": "Channel", "secret": "", "kinds-ticket.created": "on", "least_rank": "1"}
        await tab.send(event_name(Integrations.save), sent=form)
        await tab.quiet(0.4)
        assert set(tab.value(Integrations, "errors")) == {"secret"}
        await tab.send(event_name(Integrations.save), sent=form | {"secret": "https://hooks.slack.example/secret"})
        await tab.quiet(0.5)
        [row] = run(desk.cast.adam, integrations.listing)
        assert (row.name, row.address, row.kinds) == ("Channel", "hooks.slack.example", ("ticket.created",))
        await tab.open(f"/admin/integrations?integration={row.id}")
        await tab.quiet(0.3)
        assert "hooks.slack.example/secret" not in str(tab.value(Integrations, "rows"))
        await tab.send(event_name(Integrations.switch), integration_id=row.id, is_active=False)
        await tab.until(lambda update: any(not one["is_active"] for one in update.of(Integrations).get("rows", [])))
        max_ = await opened(desk, "max@acme.example", "/manager")
        await max_.send(event_name(Integrations.delete), integration_id=row.id)
        await max_.quiet(0.4)
        assert len(run(desk.cast.adam, integrations.listing)) == 1
        await tab.send(event_name(Integrations.delete), integration_id=row.id)
        await tab.quiet(0.5)
        assert run(desk.cast.adam, integrations.listing) == []
        await tab.close()
        await max_.close()

    play(story())
