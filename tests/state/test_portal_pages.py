"""The portal's pages on a served desk: what customers see, live, and what they cannot reach."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import pytest

from helpdesk import live as bus
from helpdesk import redis_client, threads
from helpdesk.domain.errors import NotFound
from helpdesk.domain.filters import TicketFilter
from helpdesk.services import catalog, custom_fields, organizations, tickets, unit_of_work
from helpdesk.state.portal.home import Home
from helpdesk.state.portal.new import NewRequest
from helpdesk.state.portal.public import MOST, PublicRequest
from helpdesk.state.portal.request import Request
from helpdesk.state.portal.requests import Requests
from tests.served import Desk, desk  # noqa: F401 - a fixture
from tests.socket_client import SocketClient, event_name

pytestmark = pytest.mark.real_redis


@pytest.fixture(scope="module", autouse=True)
def nudged(desk: Desk) -> None:  # noqa: F811
    """Another module's outage of Redis is forgotten: for a second nobody would try again."""
    for _ in range(40):
        if bus.publish(["portal-tests"]):
            return
        time.sleep(0.1)


def play(story: Coroutine[Any, Any, None]) -> None:
    """Run a story."""
    asyncio.run(asyncio.wait_for(story, 40))


async def run(actor: Any, verb: Any, *args: Any, **kwargs: Any) -> Any:
    """A verb, committed, as another process would."""
    return await threads.hop(unit_of_work.run, actor, verb, *args, **kwargs)


async def file(actor: Any, title: str = "Printer on fire") -> str:
    """File a request."""
    return str(await run(actor, tickets.create, title=title, description="It burns."))


async def opened(desk: Desk, email: str, path: str) -> SocketClient:  # noqa: F811
    """A tab with a page in it."""
    tab = desk.tab(await desk.sign_in(email) if email else "")
    await tab.connect()
    await tab.open(path)
    await tab.quiet(0.2)
    return tab


def references(tab: SocketClient, state: Any, name: str) -> list[str]:
    """The references of the rows a var holds."""
    return [row["reference"] for row in tab.value(state, name)]


def test_the_first_page_follows_what_happens(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        cast = desk.cast
        ref = await file(cast.zoe)
        tab = await opened(desk, "zoe@home.example", "/")
        assert references(tab, Home, "open_requests") == [ref]
        await run(cast.ada, tickets.change_status, ref, "resolved")
        await tab.until(lambda update: "to_rate" in update.of(Home))
        assert (references(tab, Home, "to_rate"), references(tab, Home, "open_requests")) == ([ref], [])
        await run(cast.zoe, tickets.rate, ref, 5)
        await tab.until(lambda update: update.of(Home).get("to_rate") == [])
        await tab.close()

    play(story())


def test_the_list_follows_the_address_and_the_company_is_for_its_manager(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        cast = desk.cast
        open_one, solved = await file(cast.rita, "Open"), await file(cast.rita, "Giraffe")
        await run(cast.ada, tickets.change_status, solved, "resolved")
        rita = await opened(desk, "rita@northwind.example", "/requests")
        assert references(rita, Requests, "rows") == [open_one]
        await rita.navigate("/requests?show=all")
        await rita.quiet(0.2)
        assert references(rita, Requests, "rows") == [solved, open_one]
        await rita.navigate("/requests?show=all&text=giraffe")
        await rita.quiet(0.2)
        assert references(rita, Requests, "rows") == [solved]
        carl = await opened(desk, "carl@northwind.example", "/requests?whose=company")
        assert references(carl, Requests, "rows") == [open_one]
        await file(cast.rita, "One more")
        await carl.until(lambda update: len(update.of(Requests).get("rows", [])) == 2)
        await rita.navigate("/requests?whose=company")
        await rita.quiet(0.2)
        assert rita.value(Requests, "manages_company") is False
        assert {row["requester"] for row in rita.value(Requests, "rows")} == {"Rita Requester"}
        await rita.navigate("/requests?cursor=broken")
        await rita.quiet(0.2)
        assert rita.value(Requests, "problem") == "failed"
        await rita.close()
        await carl.close()

    play(story())


def test_a_reply_appears_at_once_and_a_note_never(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        cast = desk.cast
        ref = await file(cast.rita)
        tab = await opened(desk, "rita@northwind.example", f"/requests/{ref.lower()}")
        assert (tab.value(Request, "ref"), tab.value(Request, "problem")) == (ref, "")
        await run(cast.ada, tickets.note, ref, "She is a VIP, careful")
        assert not await tab.quiet(0.3)
        before = time.monotonic()
        await run(cast.ada, tickets.reply, ref, "We are on it")
        await tab.until(lambda update: len(update.of(Request).get("comments", [])) == 1)
        assert time.monotonic() - before < 1
        assert "VIP" not in str(tab.vars)
        await tab.close()

    play(story())


def test_answering_confirming_reopening_and_rating(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        cast = desk.cast
        ref = await file(cast.rita)
        tab = await opened(desk, "rita@northwind.example", f"/requests/{ref}")
        await tab.send(event_name(Request.send), answer={"body": "And it smokes", "attachments": ""})
        await tab.quiet(0.3)
        assert "And it smokes" in tab.value(Request, "comments")[0]["body_html"]
        assert tab.value(Request, "is_busy") is False
        await tab.send(event_name(Request.send), answer={"body": " "})
        await tab.quiet(0.3)
        assert (len(tab.value(Request, "comments")), tab.value(Request, "is_busy")) == (1, False)
        await tab.send(event_name(Request.solved))
        await tab.quiet(0.3)
        assert (tab.value(Request, "step"), tab.value(Request, "is_rating")) == (3, True)
        await tab.send(event_name(Request.not_solved))
        await tab.quiet(0.3)
        assert (tab.value(Request, "step"), tab.value(Request, "is_rating")) == (1, False)
        await tab.send(event_name(Request.rate), form={"score": "5"})
        await tab.quiet(0.3)
        assert tab.value(Request, "score") == 0, "nothing to rate before it is solved"
        await tab.send(event_name(Request.solved))
        await tab.quiet(0.3)
        await tab.send(event_name(Request.rate), form={"score": "4", "comment": "Quick"})
        await tab.quiet(0.3)
        assert (tab.value(Request, "score"), tab.value(Request, "is_rating")) == (4, False)
        await tab.close()

    play(story())


def test_somebody_elses_request_does_not_exist(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        ref = await file(desk.cast.rita)
        zoe = await opened(desk, "zoe@home.example", f"/requests/{ref}")
        assert (zoe.value(Request, "problem"), zoe.value(Request, "comments")) == ("missing", [])
        for handler, payload in (
            (Request.refresh, {"ref": ref}),
            (Request.send, {"answer": {"body": "Let me in"}}),
            (Request.solved, {}),
            (Request.rate, {"form": {"score": "1"}}),
        ):
            await zoe.send(event_name(handler), **payload)
        await zoe.quiet(0.3)
        assert "Printer on fire" not in str(zoe.vars)
        seen = await run(desk.cast.max, tickets.one, ref)
        assert (seen.comments, seen.ticket.csat_score) == ((), 0)
        assert seen.ticket.status_category != "resolved"
        await zoe.close()

    play(story())


def test_a_new_request_is_sent_and_told_of(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        cast = desk.cast
        category = str(await run(cast.adam, catalog.save_category, name="Hardware"))
        tab = await opened(desk, "zoe@home.example", "/requests/new")
        assert [card["label"] for card in tab.value(NewRequest, "categories")] == ["Hardware"]
        await tab.send(event_name(NewRequest.send), form={"title": "Screen", "description": "Black"})
        await tab.quiet(0.3)
        assert "category" in tab.value(NewRequest, "errors")
        await tab.send(event_name(NewRequest.send), form={"category": category, "title": "Screen"})
        await tab.quiet(0.3)
        assert list(tab.value(NewRequest, "errors")) == ["description"]
        assert tab.value(NewRequest, "is_busy") is False
        form = {"category": category, "title": "Screen", "description": "Black", "priority": "high"}
        await tab.send(event_name(NewRequest.send), form=form)
        update = await tab.until(lambda update: "/requests/new?sent=" in str(update.events))
        ref = str(update.events).partition("sent=")[2][:11]
        row = (await run(cast.zoe, tickets.one, ref)).ticket
        assert (row.title, row.priority, row.category) == ("Screen", "High", "Hardware")
        await tab.navigate(f"/requests/new?sent={ref}")
        await tab.quiet(0.2)
        assert tab.value(NewRequest, "sent")["reference"] == ref
        await run(cast.adam, catalog.save_category, int(category), name="Hardware", is_active=False)
        await tab.close()

    play(story())


def test_an_answer_is_corrected_by_who_wrote_it(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        cast = desk.cast
        ref = await file(cast.zoe)
        own = await run(cast.zoe, tickets.reply, ref, "It is on the thrid floor.")
        theirs = await run(cast.ada, tickets.reply, ref, "We come.")
        tab = await opened(desk, "zoe@home.example", f"/requests/{ref}")
        assert [bool(row["editable_until"]) for row in tab.value(Request, "comments")] == [True, False]
        await tab.send(event_name(Request.edit), comment_id=theirs)
        await tab.quiet(0.3)
        assert tab.value(Request, "edited") == 0
        await tab.send(event_name(Request.edit), comment_id=own)
        await tab.until(lambda update: update.of(Request).get("edited") == own)
        assert tab.value(Request, "edited_text") == "It is on the thrid floor."
        await tab.send(event_name(Request.save_edit), form={"body": "It is on the third floor."})
        await tab.until(lambda update: "comments" in update.of(Request))
        assert "third floor" in tab.value(Request, "comments")[0]["body_html"]
        assert tab.value(Request, "edited") == 0
        await tab.close()

    play(story())


def test_the_public_form_asks_what_the_organization_asks(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        field = {"label": "Serial number", "is_required": True}
        asked = await run(desk.cast.adam, custom_fields.save, **field, is_public=True)
        await run(desk.cast.adam, custom_fields.save, label="Cost centre", is_required=True)
        try:
            tab = await opened(desk, "", "/public/new")
            assert [row["label"] for row in tab.value(PublicRequest, "fields")] == ["Serial number"]
            form = {"name": "Pia", "email": "pia@serial.example", "title": "Screen", "description": "It is dark."}
            await tab.send(event_name(PublicRequest.send), form=form)
            await tab.until(lambda update: bool(update.of(PublicRequest).get("errors")))
            assert list(tab.value(PublicRequest, "errors")) == [f"field_{asked}"]
            await tab.send(event_name(PublicRequest.send), form=form | {f"field_{asked}": "S-1"})
            await tab.until(lambda update: bool(update.of(PublicRequest).get("reference")))
            seen = await run(desk.cast.max, tickets.one, tab.value(PublicRequest, "reference"))
            assert [(row.label, row.shown) for row in seen.fields] == [("Serial number", "S-1"), ("Cost centre", "")]
            await tab.close()
        finally:
            await run(desk.cast.adam, custom_fields.save, asked, **field, is_public=True, is_active=False)
            redis_client.connection().delete(*redis_client.connection().keys("helpdesk:tries:public-request:*"))

    play(story())


def test_a_visitor_sends_a_request_a_program_does_not(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, "", "/public/new")
        form = {"name": "Pia", "email": "pia@public.example", "title": "Hello", "description": "World"}
        await tab.send(event_name(PublicRequest.send), form=form | {"website": "https://buy.example"})
        await tab.quiet(0.3)
        assert (tab.value(PublicRequest, "is_sent"), tab.value(PublicRequest, "reference")) == (True, "")
        await tab.send(event_name(PublicRequest.send), form=form | {"email": "nonsense"})
        await tab.quiet(0.3)
        assert list(tab.value(PublicRequest, "errors")) == ["email"]
        await tab.send(event_name(PublicRequest.send), form=form)
        await tab.until(lambda update: bool(update.of(PublicRequest).get("reference")))
        ref = tab.value(PublicRequest, "reference")
        seen = (await run(desk.cast.max, tickets.one, ref)).ticket
        assert (seen.requester, seen.title) == ("Pia", "Hello")
        with pytest.raises(NotFound):
            await run(desk.cast.zoe, tickets.one, ref)
        for _ in range(MOST):
            await tab.send(event_name(PublicRequest.send), form=form)
        await tab.quiet(0.4)
        assert tab.value(PublicRequest, "is_busy") is False
        filed = await run(desk.cast.max, tickets.page, TicketFilter(text="Hello"))
        assert len(filed.rows) == MOST - 1, "the misspelt one counts as a try"
        await tab.close()

    play(story())


def test_a_closed_form_says_so(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        acme = desk.cast.acme
        settings = {
            "name": acme.name, "timezone": acme.timezone, "accent": acme.accent,
            "auto_close_hours": acme.auto_close_hours, "warning_share": acme.warning_share,
        }  # fmt: skip
        await run(desk.cast.adam, organizations.change, **settings, public_form=False)
        tab = await opened(desk, "", "/public/new")
        assert tab.value(PublicRequest, "is_allowed") is False
        await run(desk.cast.adam, organizations.change, **settings, public_form=True)
        await tab.close()

    play(story())


def test_staff_have_a_house_of_their_own(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        ref = await file(desk.cast.rita)
        ada = await opened(desk, "ada@acme.example", f"/requests/{ref}")
        for handler in (Home.load, Requests.load, NewRequest.load, Request.load, Request.solved):
            await ada.send(event_name(handler))
        await ada.quiet(0.3)
        assert (ada.value(Request, "ref"), ada.value(Requests, "rows")) == ("", [])
        assert (await run(desk.cast.max, tickets.one, ref)).ticket.status_category != "resolved"
        await ada.close()

    play(story())
