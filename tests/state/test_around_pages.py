"""Around the open ticket on a served desk: what an agent presses, and where merged and closed requests lead customers."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk import live as bus
from helpdesk.services import custom_fields, tickets
from helpdesk.state.admin.custom_fields import CustomFields
from helpdesk.state.admin.trash import Trash
from helpdesk.state.agent.new import NewTicket
from helpdesk.state.agent.ticket import OpenTicket
from helpdesk.state.portal.new import NewRequest
from helpdesk.state.portal.request import Request
from helpdesk.state.printed import PrintedTicket
from tests.served import Desk, desk  # noqa: F401 - a fixture
from tests.socket_client import SocketClient, event_name
from tests.state.test_portal_pages import file, opened, play, run

pytestmark = pytest.mark.real_redis


@pytest.fixture(scope="module", autouse=True)
def nudged(desk: Desk) -> None:  # noqa: F811
    """Another module's outage of Redis is forgotten."""
    for _ in range(40):
        if bus.publish(["around-tests"]):
            return
        time.sleep(0.1)


async def press(tab: SocketClient, handler: object, **payload: object) -> None:
    """Send an event and wait until the page is quiet."""
    await tab.send(event_name(handler), **payload)  # type: ignore[arg-type]
    await tab.quiet(0.4)


def test_an_agent_works_around_a_ticket(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        cast = desk.cast
        ref, other = await file(cast.rita), await file(cast.rita, "Printer smokes")
        tab = await opened(desk, "ada@acme.example", f"/agent?ticket={ref}")
        assert tab.value(OpenTicket, "ref") == ref
        await press(tab, OpenTicket.toggle_watch)
        assert tab.value(OpenTicket, "is_watching") is True
        await press(tab, OpenTicket.write_as, kind="note")
        await press(tab, OpenTicket.keep_draft, body="Ask @Max Manager")
        assert tab.value(OpenTicket, "drafted") == [ref]
        assert (await run(cast.ada, tickets.draft, ref)).kind == "note"
        await press(tab, OpenTicket.send, written={"kind": "note", "body": "Ask @Max Manager"})
        assert [one["name"] for one in tab.value(OpenTicket, "watchers")] == ["Ada Agent", "Max Manager"]
        assert tab.value(OpenTicket, "drafted") == []
        said = tab.value(OpenTicket, "comments")[-1]["id"]
        await press(tab, OpenTicket.edit, comment_id=said)
        assert (tab.value(OpenTicket, "dialog"), tab.value(OpenTicket, "edited_text")) == ("edit", "Ask @Max Manager")
        await press(tab, OpenTicket.save_edit, form={"body": "Ask @Max Manager today"})
        await press(tab, OpenTicket.show_earlier, comment_id=said)
        assert len(tab.value(OpenTicket, "earlier")) == 1
        await press(tab, OpenTicket.snooze_for, preset="tomorrow")
        assert tab.value(OpenTicket, "ticket")["snoozed_until"]
        await press(tab, OpenTicket.wake)
        await press(tab, OpenTicket.snooze_until, form={"until": "nonsense"})
        assert tab.value(OpenTicket, "errors") == {"until": "Choose a date and a time."}
        await press(tab, OpenTicket.log_time, form={"time": "1:30", "note": "phone"})
        assert tab.value(OpenTicket, "time_total") == "1h 30m"
        await press(tab, OpenTicket.toggle_timer)
        assert tab.value(OpenTicket, "running_since")
        await press(tab, OpenTicket.toggle_timer)
        await press(tab, OpenTicket.open_dialog, name="link")
        await press(tab, OpenTicket.look_for, text=other)
        assert [one["reference"] for one in tab.value(OpenTicket, "found")] == [other]
        await press(tab, OpenTicket.choose, ref=other)
        await press(tab, OpenTicket.link, form={"kind": "child", "other": ""})
        await press(tab, OpenTicket.resolve)
        assert tab.value(OpenTicket, "dialog") == "resolve"
        await press(tab, OpenTicket.finish_children)
        assert (await run(cast.ada, tickets.one, other)).ticket.status == "Resolved"
        await tab.close()

    play(story())


def test_a_merged_ticket_leads_on(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        cast = desk.cast
        source, target = await file(cast.rita), await file(cast.rita, "The same again")
        tab = await opened(desk, "ada@acme.example", f"/agent?view=open&ticket={source}")
        await press(tab, OpenTicket.merge)
        assert tab.value(OpenTicket, "errors") == {"other": "Choose the other ticket."}
        await press(tab, OpenTicket.choose, ref=target)
        await press(tab, OpenTicket.merge)
        assert (await run(cast.ada, tickets.one, source)).merged_into == target
        await tab.navigate(f"/agent?ticket={target}")
        await tab.quiet(0.3)
        assert [one["reference"] for one in tab.value(OpenTicket, "merged")] == [source]
        customer = await opened(desk, "rita@northwind.example", f"/requests/{source}")
        assert customer.value(Request, "merged_into") == target
        await press(tab, OpenTicket.unmerge, ref=source)
        assert (await run(cast.ada, tickets.one, source)).merged_into == ""
        await tab.close()
        await customer.close()

    play(story())


def test_an_answer_to_a_closed_request_opens_a_new_one(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        cast = desk.cast
        ref = await file(cast.zoe)
        await run(cast.ada, tickets.change_status, ref, "closed")
        tab = await opened(desk, "zoe@home.example", f"/requests/{ref}")
        await press(tab, Request.send, answer={"body": "It burns again"})
        links = await run(cast.ada, tickets.linked, ref)
        assert [row.kind for row in links] == ["follow_up"] and links[0].ticket.requester == "Zoe Zola"
        await tab.close()

    play(story())


def test_both_forms_ask_own_fields_and_show_what_is_alike(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        cast = desk.cast
        await file(cast.zoe, "Giraffe costume is torn")
        number = await run(cast.adam, custom_fields.save, label="Size", kind="number", is_public=True)
        customer = await opened(desk, "zoe@home.example", "/requests/new")
        await press(customer, NewRequest.look_for_alike, title="torn giraffe costume")
        assert [one["title"] for one in customer.value(NewRequest, "alike")] == ["Giraffe costume is torn"]
        assert [one["label"] for one in customer.value(NewRequest, "fields")] == ["Size"]
        form = {"category": "", "title": "Torn", "description": "x", f"field_{number}": "big"}
        await press(customer, NewRequest.send, form=form)
        assert customer.value(NewRequest, "errors") == {f"field_{number}": "Write a number."}
        agent = await opened(desk, "ada@acme.example", "/agent/new")
        await press(agent, NewTicket.look_for_alike, title="torn giraffe costume")
        assert len(agent.value(NewTicket, "alike")) == 1
        await run(cast.adam, custom_fields.save, number, label="Size", is_active=False)
        await customer.close()
        await agent.close()

    play(story())


def test_admins_define_fields_and_empty_the_trash(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        cast = desk.cast
        ref = await file(cast.zoe, "Spam")
        tab = await opened(desk, "adam@acme.example", f"/agent?ticket={ref}")
        await press(tab, OpenTicket.delete)
        await tab.navigate("/admin/trash")
        await tab.quiet(0.3)
        [row] = [one for one in tab.value(Trash, "rows") if one["reference"] == ref]
        await press(tab, Trash.ask, ticket_id=row["id"])
        assert tab.value(Trash, "doomed")["reference"] == ref
        await press(tab, Trash.purge)
        assert ref not in [one["reference"] for one in tab.value(Trash, "rows")]
        await tab.navigate("/admin/custom-fields?new=yes")
        await tab.quiet(0.3)
        await press(
            tab, CustomFields.save, sent={"label": "Floor", "kind": "choice", "options": "One", "is_active": "on"}
        )
        assert "options" in tab.value(CustomFields, "errors")
        form = {"label": "Floor", "kind": "choice", "options": "One\nTwo"}
        await press(tab, CustomFields.save, sent=form)
        assert "Floor" in [one.label for one in await run(cast.adam, custom_fields.listing)]
        await tab.close()

    play(story())


def test_paper_shows_each_what_is_theirs(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        cast = desk.cast
        ref = await file(cast.rita)
        await run(cast.ada, tickets.note, ref, "zebra secret")
        await run(cast.ada, tickets.snooze, ref, datetime.now(UTC) + timedelta(days=1))
        staff = await opened(desk, "ada@acme.example", f"/agent/print/{ref}")
        assert "zebra" in str(staff.value(PrintedTicket, "comments"))
        customer = await opened(desk, "rita@northwind.example", f"/requests/{ref}/print")
        assert customer.value(PrintedTicket, "ticket")["reference"] == ref
        assert "zebra" not in str(customer.vars) and not customer.value(PrintedTicket, "ticket")["snoozed_until"]
        await staff.close()
        await customer.close()

    play(story())


def test_an_agent_escalates_and_takes_it_back(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        cast = desk.cast
        ref = await file(cast.rita)
        tab = await opened(desk, "ada@acme.example", f"/agent?ticket={ref}")
        await press(tab, OpenTicket.open_dialog, name="escalate")
        offered = [one["value"] for one in tab.value(OpenTicket, "hand_to")]
        assert f"team:{cast.support}" in offered and f"person:{cast.bob.person_id}" in offered
        assert [one["value"] for one in tab.value(OpenTicket, "levels")] == ["1", "2", "3"]
        await press(tab, OpenTicket.escalate, form={"reason": " ", "level": "1", "to": ""})
        assert list(tab.value(OpenTicket, "errors")) == ["reason"]
        await press(tab, OpenTicket.escalate, form={"reason": "Called twice", "level": "2", "to": ""})
        assert (tab.value(OpenTicket, "ticket")["escalation_level"], tab.value(OpenTicket, "dialog")) == (2, "")
        await press(tab, OpenTicket.undo_escalation, ref=ref, level=0)
        assert tab.value(OpenTicket, "ticket")["escalation_level"] == 0
        await press(
            tab, OpenTicket.escalate, form={"reason": "Needs Bob", "level": "", "to": f"person:{cast.bob.person_id}"}
        )
        assert tab.value(OpenTicket, "ticket")["assignee"] == "Bob Billing"
        await press(tab, OpenTicket.deescalate, form={"reason": "Solved by phone"})
        assert tab.value(OpenTicket, "ticket")["escalation_level"] == 0
        await tab.close()

    play(story())
