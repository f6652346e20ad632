"""The page behind a mail's link, without signing in, and the managers' page of ratings, on a served desk."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from helpdesk import threads
from helpdesk.models import CsatRequest, Ticket
from helpdesk.services import tickets, unit_of_work
from helpdesk.services.context import Context
from helpdesk.services.tickets import rating
from helpdesk.state.manager.satisfaction import ManagerSatisfaction
from helpdesk.state.portal.rate import RateByLink
from tests.served import Desk, desk  # noqa: F401 - a fixture
from tests.socket_client import SocketClient, event_name

pytestmark = pytest.mark.real_redis


def play(story: Coroutine[Any, Any, None]) -> None:
    """Run a story."""
    asyncio.run(asyncio.wait_for(story, 40))


async def run(actor: Any, verb: Any, *args: Any, **kwargs: Any) -> Any:
    """A verb, committed, as another process would."""
    return await threads.hop(unit_of_work.run, actor, verb, *args, **kwargs)


def _asked(ctx: Context, ref: str) -> str:
    """Ask about a ticket; the secret of the mail."""
    ticket = ctx.session.exec(select(Ticket).where(Ticket.reference == ref)).one()
    asked = {"asked_at": ctx.now, "expires_at": ctx.now + timedelta(days=14), "created_at": ctx.now}
    ctx.session.add(CsatRequest(ticket_id=ticket.id, person_id=ticket.requester_id, **asked))
    ctx.session.flush()
    return rating.token_for(ctx, ticket)


async def _opened(desk: Desk, path: str, cookie: str = "") -> SocketClient:  # noqa: F811
    tab = desk.tab(cookie)
    await tab.connect()
    await tab.open(path)
    await tab.quiet(0.3)
    return tab


def test_the_link_shows_what_was_chosen_and_one_button_rates(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        cast = desk.cast
        ref = await run(cast.rita, tickets.create, title="Lamp", description="dark")
        await run(cast.max, tickets.change_status, ref, "resolved")
        token = await run(cast.desk, _asked, ref)
        tab = await _opened(desk, f"/rate?token={token}&score=4")
        assert (tab.value(RateByLink, "stage"), tab.value(RateByLink, "chosen")) == ("open", "4")
        assert tab.value(RateByLink, "reference") == ref and token not in str(tab.vars[RateByLink.get_full_name()])
        assert (await run(cast.max, tickets.one, ref)).ticket.csat_score == 0, "opening rates nothing"
        await tab.send(event_name(RateByLink.rate), form={"score": "9"})
        await tab.quiet(0.3)
        assert tab.value(RateByLink, "stage") == "open" and "score" in tab.value(RateByLink, "errors")
        await tab.send(event_name(RateByLink.rate), form={"score": "2", "comment": "Slow"})
        await tab.quiet(0.3)
        assert (tab.value(RateByLink, "stage"), tab.value(RateByLink, "score")) == ("done", 2)
        assert await run(cast.max, tickets.csat_comment, ref) == (2, "Slow")
        again = await _opened(desk, f"/rate?token={token}&score=5")
        assert again.value(RateByLink, "stage") == "used"
        await again.send(event_name(RateByLink.rate), form={"score": "5"})
        await again.quiet(0.3)
        assert await run(cast.max, tickets.csat_comment, ref) == (2, "Slow")
        wrong = await _opened(desk, "/rate?token=nonsense&score=bananas")
        assert wrong.value(RateByLink, "problem") == "missing"
        manager = await _opened(desk, "/manager/satisfaction?range=7", await desk.sign_in("max@acme.example"))
        assert manager.value(ManagerSatisfaction, "said")[0]["comment"] == "Slow"
        assert manager.value(ManagerSatisfaction, "days") == "7" and not manager.value(ManagerSatisfaction, "is_empty")
        for one in (tab, again, wrong, manager):
            await one.close()

    play(story())


def test_the_report_is_for_managers(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await _opened(desk, "/manager/satisfaction", await desk.sign_in("ada@acme.example"))
        await tab.send(event_name(ManagerSatisfaction.load))
        await tab.quiet(0.3)
        assert not tab.value(ManagerSatisfaction, "cards")
        await tab.close()

    play(story())
