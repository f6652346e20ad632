"""What is not sent yet, on a served desk: undo, send later, drafts with their files in both houses, and who is writing."""

import json
from collections.abc import Iterator

import pytest

from helpdesk.domain.presence import Doing
from helpdesk.services import attachments, organizations, tickets, unit_of_work
from helpdesk.state.agent.presence import Presence
from helpdesk.state.agent.ticket import OpenTicket
from helpdesk.state.portal.presence import Answering
from helpdesk.state.portal.request import Request
from tests.served import Desk, desk  # noqa: F401 - a fixture
from tests.socket_client import event_name
from tests.state.test_admin_pages import do, opened, play, run

pytestmark = pytest.mark.real_redis
AGENT, CUSTOMER, MANAGER = "ada@acme.example", "rita@northwind.example", "max@acme.example"
SETTINGS = {
    "name": "Acme Support", "timezone": "UTC", "accent": "indigo", "public_form": True, "auto_close_hours": 48, "warning_share": 80,
}  # fmt: skip


@pytest.fixture
def patient(desk: Desk) -> Iterator[Desk]:  # noqa: F811
    """A desk whose replies wait a minute, and whose customers see that somebody writes."""
    unit_of_work.run(desk.cast.adam, organizations.change, **SETTINGS, undo_seconds=60, shows_typing=True)
    yield desk
    unit_of_work.run(desk.cast.adam, organizations.change, **SETTINGS, undo_seconds=0, shows_typing=False)


async def _filed(desk: Desk) -> str:  # noqa: F811
    return await run(desk.cast.rita, tickets.create, title="The lock jams", description="Since Monday.")


async def _file(desk: Desk, who: str) -> int:  # noqa: F811
    actor = getattr(desk.cast, who)
    return (await run(actor, attachments.store, filename="a.txt", content_type="text/plain", stream=[b"x"])).id


def test_a_reply_is_taken_back_and_scheduled(patient: Desk) -> None:
    async def story() -> None:
        ref, file = await _filed(patient), await _file(patient, "ada")
        tab = await opened(patient, AGENT, f"/agent?view=all&ticket={ref}")
        await do(tab, OpenTicket.send, written={"kind": "reply", "body": "Oops", "then": "", "attachments": str(file)})
        waiting = tab.value(OpenTicket, "waiting")
        assert [(one["is_mine"], one["is_scheduled"], one["files"]) for one in waiting] == [(True, False, ["a.txt"])]
        seen = await opened(patient, CUSTOMER, f"/requests/{ref}")
        assert seen.value(Request, "comments") == []
        said = await do(tab, OpenTicket.take_back, waiting_id=waiting[0]["id"])
        assert "desk:compose" in said and "Oops" in said and "a.txt" in said
        assert tab.value(OpenTicket, "waiting") == []
        sent = {"kind": "reply", "body": "How is it?", "then": "later:tomorrow", "attachments": str(file)}
        await do(tab, OpenTicket.send, written=sent)
        scheduled = tab.value(OpenTicket, "waiting")[0]
        assert scheduled["is_scheduled"]
        await do(tab, OpenTicket.cancel_reply, waiting_id=scheduled["id"])
        assert tab.value(OpenTicket, "waiting") == []
        await do(tab, OpenTicket.restore_reply, waiting_id=scheduled["id"])
        await do(tab, OpenTicket.send_now, waiting_id=scheduled["id"])
        assert not tab.value(OpenTicket, "waiting")[0]["is_scheduled"]
        refused = await do(tab, OpenTicket.send, written={"kind": "note", "body": "x", "then": "later:tomorrow"})
        assert "Only replies" in refused
        refused = await do(tab, OpenTicket.send, written={"kind": "reply", "body": "x", "then": "at:yesterday"})
        assert "date and a time" in refused
        for one in (tab, seen):
            await one.close()

    play(story())


def test_a_draft_comes_back_with_its_files_on_another_device(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        ref = await _filed(desk)
        for who, email, page, state in (
            ("ada", AGENT, f"/agent?view=all&ticket={ref}", OpenTicket), ("rita", CUSTOMER, f"/requests/{ref}", Request),
        ):  # fmt: skip
            file = await _file(desk, who)
            tab = await opened(desk, email, page)
            await do(tab, state.keep_files, told=f"{ref} {file}")
            await do(tab, state.keep_draft, body="See the picture")
            await do(tab, state.keep_files, told="ACME-NOTHERE 1")
            other = await opened(desk, email, page)
            assert other.value(state, "draft") == "See the picture"
            assert json.loads(other.value(state, "draft_files")) == [{"id": file, "filename": "a.txt"}]
            for one in (tab, other):
                await one.close()
        mine = await opened(desk, CUSTOMER, f"/requests/{ref}")
        await do(mine, Request.send, answer={"body": "See the picture", "attachments": ""})
        again = await opened(desk, CUSTOMER, f"/requests/{ref}")
        assert again.value(Request, "draft") == "" and again.value(Request, "newest") == ""
        await run(desk.cast.ada, tickets.reply, ref, "Thank you")
        await again.until(lambda update: update.of(Request).get("newest"))
        for one in (mine, again):
            await one.close()

    play(story())


def test_customers_see_that_somebody_writes_if_they_may(patient: Desk) -> None:
    async def story() -> None:
        ref = await _filed(patient)
        max_ = await opened(patient, MANAGER, f"/agent?view=all&ticket={ref}")
        rita = await opened(patient, CUSTOMER, f"/requests/{ref}")
        await max_.send(event_name(Presence.beat), doing=Doing.NOTING.value)
        await rita.quiet(1.5)
        assert not rita.value(Answering, "is_written"), "of a note they learn nothing"
        await max_.send(event_name(Presence.beat), doing=Doing.REPLYING.value)
        await rita.until(lambda update: update.of(Answering).get("is_written") is True)
        assert "Max" not in json.dumps(rita.value(Answering, "is_written"))
        await max_.send(event_name(Presence.beat), doing=Doing.STOPPED.value)
        await rita.until(lambda update: update.of(Answering).get("is_written") is False)
        for one in (max_, rita):
            await one.close()

    play(story())


def test_customers_see_nothing_unless_the_organization_says_so(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        ref = await _filed(desk)
        max_ = await opened(desk, MANAGER, f"/agent?view=all&ticket={ref}")
        rita = await opened(desk, CUSTOMER, f"/requests/{ref}")
        await max_.send(event_name(Presence.beat), doing=Doing.REPLYING.value)
        await rita.quiet(1.5)
        assert not rita.value(Answering, "is_written")
        for one in (max_, rita):
            await one.close()

    play(story())
