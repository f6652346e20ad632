"""One's own pages on a served desk: what is shown, saved and refused."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from helpdesk.domain import notices
from helpdesk.state.notices import Notices
from helpdesk.state.profile import Profile
from helpdesk.state.security import Security
from helpdesk.state.session import Me
from tests.cast import PASSWORD
from tests.served import Desk
from tests.socket_client import SocketClient, event_name

pytestmark = pytest.mark.real_redis

FORM = {
    "name": "Rita Renamed",
    "phone": "+4930901820",
    "address": "",
    "department": "IT",
    "job_title": "",
    "timezone": "UTC",
}


def play(story: Coroutine[Any, Any, None]) -> None:
    """Run a story."""
    asyncio.run(asyncio.wait_for(story, 40))


async def opened(desk: Desk, email: str, path: str) -> SocketClient:
    """A tab with a page in it."""
    tab = desk.tab(await desk.sign_in(email) if email else "")
    await tab.connect()
    await tab.open(path)
    await tab.quiet(0.2)
    return tab


@pytest.mark.parametrize(("email", "staff"), [("rita@northwind.example", False), ("xena@acme.example", True)])
def test_the_profile_is_for_everybody_signed_in(desk: Desk, email: str, staff: bool) -> None:
    async def story() -> None:
        tab = await opened(desk, email, "/profile")
        assert tab.value(Profile, "profile")["email"] == email
        await tab.open("/profile/notifications")
        await tab.quiet(0.2)
        offered = [one["kind"] for one in tab.value(Notices, "lines")]
        assert offered == [one.kind.value for one in notices.of_house(staff=staff)]
        await tab.close()

    play(story())


def test_what_is_saved_shows_in_every_shell_and_what_is_wrong_beside_its_field(desk: Desk) -> None:
    async def story() -> None:
        tab = await opened(desk, "rita@northwind.example", "/profile")
        await tab.send(event_name(Profile.save), sent=FORM | {"phone": "030"})
        await tab.quiet(0.3)
        assert set(tab.value(Profile, "errors")) == {"phone"}
        await tab.send(event_name(Profile.save), sent=FORM)
        await tab.until(lambda update: update.of(Me).get("name") == "Rita Renamed")
        assert tab.value(Profile, "profile")["phone"] == "+49 30 901820"
        assert tab.value(Profile, "errors") == {}
        await tab.open("/profile/notifications")
        await tab.quiet(0.2)
        sent = {"wants_mail": "on", "notice-mail.comment_added": "on", "quiet_from": "22:00", "quiet_until": ""}
        await tab.send(event_name(Notices.save), sent=sent)
        await tab.quiet(0.3)
        assert set(tab.value(Notices, "errors")) == {"quiet_until"}
        await tab.send(event_name(Notices.save), sent=sent | {"quiet_until": "07:00"})
        await tab.quiet(0.3)
        lines = {one["kind"]: (one["in_app"], one["mail"]) for one in tab.value(Notices, "lines")}
        assert lines["comment_added"] == (False, True) and lines["ticket_resolved"] == (False, False)
        assert tab.value(Notices, "profile")["quiet_until"] == "07:00"
        await tab.close()

    play(story())


def test_visitors_are_sent_to_the_door(desk: Desk) -> None:
    async def story() -> None:
        tab = await opened(desk, "", "/login")
        await tab.send(event_name(Profile.save), sent=FORM)
        await tab.until(lambda update: "/login" in str(update.events))
        await tab.close()

    play(story())


def test_the_password_is_changed_and_other_browsers_leave(desk: Desk) -> None:
    async def story() -> None:
        here = await opened(desk, "tom@acme.example", "/profile/security")
        there = await opened(desk, "tom@acme.example", "/profile/security")
        await here.quiet(0.3)
        await here.send(event_name(Security.refresh))
        await here.until(lambda update: len(update.of(Security).get("sessions", [])) == 2)
        await here.send(event_name(Security.change_password), sent={"current": "no", "password": "short"})
        await here.quiet(0.3)
        assert set(here.value(Security, "errors")) == {"current"}
        assert len([one for one in here.value(Security, "sessions") if one["is_this"]]) == 1
        form = {"current": PASSWORD, "password": "a completely new sentence"}
        await here.send(event_name(Security.change_password), sent=form)
        await there.until(lambda update: "/login" in str(update.events))
        await here.quiet(0.3)
        assert len(here.value(Security, "sessions")) == 1
        await here.close()
        await there.close()

    play(story())
