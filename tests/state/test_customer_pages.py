"""Customers and companies on a served desk: looked up, written about, merged and taken apart; and the company's manager."""

import pytest

from helpdesk.services import people, person_merging, tickets
from helpdesk.state.agent.customer import CompanyPage, Customer
from helpdesk.state.agent.customers import CompanyList, Customers
from helpdesk.state.agent.new import NewTicket
from helpdesk.state.agent.palette import Palette
from helpdesk.state.portal.request import Request
from helpdesk.state.portal.requests import Requests
from tests.cast import PASSWORD
from tests.served import Desk, desk  # noqa: F401 - a fixture
from tests.state.test_admin_pages import do, opened, play, run

pytestmark = pytest.mark.real_redis
AGENT, MANAGER, RITA, CARL = "ada@acme.example", "max@acme.example", "rita@northwind.example", "carl@northwind.example"


def test_a_customer_is_looked_up_and_written_about(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        rita = desk.cast.rita
        ref = await run(rita, tickets.create, title="The lock jams", description="Since Monday.")
        listed = await opened(desk, AGENT, "/agent/customers?text=requester")
        assert [row["name"] for row in listed.value(Customers, "rows")] == ["Rita Requester"]
        tab = await opened(desk, AGENT, f"/agent/customers/{rita.person_id}")
        assert ref in [row["reference"] for row in tab.value(Customer, "rows")]
        await do(tab, Customer.note, form={"note_id": "", "body": ""})
        assert "body" in tab.value(Customer, "errors")
        assert "saved" in await do(tab, Customer.note, form={"note_id": "", "body": "Likes *calls*"})
        note = tab.value(Customer, "who")["notes"][0]
        assert "<em>calls</em>" in note["body_html"]
        await do(tab, Customer.edit_note, note_id=note["id"], body=note["body"])
        await do(tab, Customer.note, form={"note_id": str(note["id"]), "body": "Likes mail"})
        await do(tab, Customer.delete_note, note_id=note["id"])
        assert tab.value(Customer, "who")["notes"] == []
        await do(tab, Customer.restore_note, note_id=note["id"])
        assert tab.value(Customer, "who")["notes"][0]["body"] == "Likes mail"
        everything = await opened(desk, AGENT, f"/agent/customers/{rita.person_id}?show=all")
        assert everything.value(Customer, "show") == "all"
        filing = await opened(desk, AGENT, f"/agent/new?customer={rita.person_id}")
        assert filing.value(NewTicket, "requester")["id"] == rita.person_id
        missing = await opened(desk, AGENT, "/agent/customers/999999")
        assert missing.value(Customer, "problem") == "missing"
        await do(missing, Palette.look, text="rita req")
        assert f"/agent/customers/{rita.person_id}" in [item["href"] for item in missing.value(Palette, "items")]
        for one in (listed, tab, everything, filing, missing):
            await one.close()

    play(story())


def test_a_company_shows_its_people_and_what_they_ask(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        ref = await run(desk.cast.rita, tickets.create, title="The key bends", description="Since Monday.")
        listed = await opened(desk, AGENT, "/agent/companies?text=northw")
        assert [row["name"] for row in listed.value(CompanyList, "rows")] == ["Northwind"]
        tab = await opened(desk, AGENT, f"/agent/companies/{desk.cast.northwind}")
        assert ref in [row["reference"] for row in tab.value(CompanyPage, "rows")]
        assert "Rita Requester" in [one["name"] for one in tab.value(CompanyPage, "company")["members"]]
        await do(tab, CompanyPage.note, form={"note_id": "", "body": "Pays late"})
        assert tab.value(CompanyPage, "company")["notes"][0]["body"] == "Pays late"
        for one in (listed, tab):
            await one.close()

    play(story())


def test_two_accounts_become_one_and_two_again(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        zoe = desk.cast.zoe
        twin = await run(desk.cast.adam, people.create, name="Zoe Zola", email="zoe@work.example", password=PASSWORD)
        tab = await opened(desk, MANAGER, f"/agent/customers/{zoe.person_id}")
        assert [(one["id"], one["why"]) for one in tab.value(Customer, "suggested")] == [(twin, "Similar address")]
        await do(tab, Customer.compare, source_id=twin, target_id=zoe.person_id)
        assert tab.value(Customer, "preview")["source"]["email"] == "zoe@work.example"
        assert "are one" in await do(tab, Customer.merge, source_id=twin, target_id=zoe.person_id)
        assert tab.value(Customer, "who")["other_emails"] == ["zoe@work.example"]
        await do(tab, Customer.unmerge, source_id=twin)
        assert (await run(desk.cast.max, person_merging.duplicates, zoe.person_id))[0].id == twin
        agent = await opened(desk, AGENT, f"/agent/customers/{zoe.person_id}")
        assert agent.value(Customer, "suggested") == [] and not agent.value(Customer, "who")["may_merge"]
        assert "role does not allow" in await do(agent, Customer.merge, source_id=twin, target_id=zoe.person_id)
        for one in (tab, agent):
            await one.close()

    play(story())


def test_the_companys_manager_sees_and_answers_what_colleagues_ask(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        mine = await run(desk.cast.carl, tickets.create, title="Mine", description="x")
        theirs = await run(desk.cast.rita, tickets.create, title="Hers", description="x")
        others = await run(desk.cast.zoe, tickets.create, title="Nobody's", description="x")
        tab = await opened(desk, CARL, "/requests")
        assert tab.value(Requests, "manages_company")
        assert theirs not in [row["reference"] for row in tab.value(Requests, "rows")]
        company = await opened(desk, CARL, "/requests?whose=company")
        shown = {row["reference"]: row["requester"] for row in company.value(Requests, "rows")}
        assert shown[theirs] == "Rita Requester" and mine in shown and others not in shown
        hers = await opened(desk, CARL, f"/requests/{theirs}")
        assert not hers.value(Request, "is_mine") and hers.value(Request, "may_reply")
        await do(hers, Request.send, answer={"body": "We need it today.", "attachments": ""})
        assert (await run(desk.cast.rita, tickets.one, theirs)).comments[-1].author == "Carl Company"
        foreign = await opened(desk, CARL, f"/requests/{others}")
        assert foreign.value(Request, "problem") == "missing"
        # Who manages nothing gets nothing by writing the address.
        rita = await opened(desk, RITA, "/requests?whose=company")
        assert not rita.value(Requests, "manages_company")
        assert mine not in [row["reference"] for row in rita.value(Requests, "rows")]
        his = await opened(desk, RITA, f"/requests/{mine}")
        assert his.value(Request, "problem") == "missing"
        for one in (tab, company, hers, foreign, rita, his):
            await one.close()

    play(story())
