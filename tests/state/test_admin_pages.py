"""The settings on a served desk: what admins do there, what it tells them, and who gets nowhere."""

import asyncio
import time
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest

from helpdesk import live as bus
from helpdesk import threads
from helpdesk.domain.conditions import from_json
from helpdesk.domain.escalation import Since, Step
from helpdesk.domain.people import Role
from helpdesk.models import Delivery
from helpdesk.services import catalog, escalations, organizations, people, sign_in, skills, teams, unit_of_work
from helpdesk.services.context import Context
from helpdesk.state.admin.categories import Categories
from helpdesk.state.admin.escalation import Escalations
from helpdesk.state.admin.mail import Mail
from helpdesk.state.admin.organization import OrganizationSettings
from helpdesk.state.admin.people import People
from helpdesk.state.admin.sign_ins import SignIns
from helpdesk.state.admin.start import Start
from helpdesk.state.admin.teams import Teams
from tests.cast import PASSWORD
from tests.served import Desk, desk  # noqa: F401 - a fixture
from tests.socket_client import SocketClient, event_name

pytestmark = pytest.mark.real_redis
ADMIN, OWNER, MANAGER = "adam@acme.example", "olga@acme.example", "max@acme.example"


@pytest.fixture(scope="module", autouse=True)
def nudged(desk: Desk) -> None:  # noqa: F811
    """Another module's outage of Redis is forgotten: for a second nobody would try again."""
    for _ in range(40):
        if bus.publish(["admin-tests"]):
            return
        time.sleep(0.1)


def play(story: Coroutine[Any, Any, None]) -> None:
    """Run a story."""
    asyncio.run(asyncio.wait_for(story, 40))


async def run(actor: Any, verb: Any, *args: Any, **kwargs: Any) -> Any:
    """A verb, committed, as another process would."""
    return await threads.hop(unit_of_work.run, actor, verb, *args, **kwargs)


async def opened(desk: Desk, email: str, path: str) -> SocketClient:  # noqa: F811
    """A tab with a page in it."""
    tab = desk.tab(await desk.sign_in(email) if email else "")
    await tab.connect()
    await tab.open(path)
    await tab.quiet(0.2)
    return tab


async def do(tab: SocketClient, handler: Any, **arguments: Any) -> str:
    """Call a handler; what the browser was told to do."""
    await tab.quiet(0.1)
    await tab.send(event_name(handler), **arguments)
    return str([update.events for update in await tab.quiet(0.3)])


def names(tab: SocketClient, state: Any, field: str = "name") -> list[str]:
    """A field of every row."""
    return [row[field] for row in tab.value(state, "rows")]


def person(**more: str | None) -> dict[str, str | None]:
    """A person's form."""
    return {
        "person_id": "",
        "name": "Nora New",
        "email": "nora@acme.example",
        "role": "agent",
        "company_id": None,
    } | more


def test_people_are_found_by_word_role_and_whether_they_are_active(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, "/admin/people?text=rita")
        assert names(tab, People) == ["Rita Requester"]
        await tab.navigate("/admin/people?role=executive")
        await tab.quiet(0.2)
        assert names(tab, People) == ["Xena Executive"]
        await tab.navigate("/admin/people?active=no&text=rita")
        await tab.quiet(0.2)
        assert names(tab, People) == []
        assert "role=manager" in await do(tab, People.of_role, role="manager")
        await tab.close()

    play(story())


def test_people_come_page_by_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr("helpdesk.state.admin.people.SIZE", 3)

    async def story() -> None:
        everybody = [row.name for row in await run(desk.cast.adam, people.listing, size=200)]
        tab = await opened(desk, ADMIN, "/admin/people")
        shown: list[str] = []
        while True:
            shown += names(tab, People)
            if not (following := tab.value(People, "next_href")):
                break
            await tab.navigate(following)
            await tab.quiet(0.2)
        assert shown == everybody and tab.value(People, "first_href") == "/admin/people"
        await tab.close()

    play(story())


def test_a_person_is_created_with_reasons_beside_the_fields_until_it_works(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, "/admin/people?new=yes")
        assert tab.value(People, "is_open") is True
        for form, field in (
            (person(email="nora"), "email"),
            (person(email="ada@acme.example"), "email"),
            (person(name=" "), "name"),
            (person(timezone="Mars/Base"), "timezone"),
            (person(role="king"), "role"),
            (person(password="short"), "password"),
            (person(role="customer", **{f"team-{desk.cast.support}": "on"}), "team_ids"),
        ):
            await do(tab, People.save, sent=form)
            assert list(tab.value(People, "errors")) == [field]
        said = await do(tab, People.save, sent=person(**{f"team-{desk.cast.support}": "on"}))
        assert "Nora New was sent an invitation" in said and tab.value(People, "is_open") is False
        [nora] = await run(desk.cast.adam, people.listing, text="nora@")
        assert (nora.role, nora.teams) == ("agent", "Support")
        await tab.navigate(f"/admin/people?person={nora.id}")
        await tab.until(lambda update: "person_teams" in update.of(People))
        assert tab.value(People, "person_teams") == [str(desk.cast.support)]
        await do(tab, People.save, sent=person(person_id=str(nora.id), name="Nora Newer"))
        changed = await run(desk.cast.adam, people.one, nora.id)
        assert (changed.name, changed.teams) == ("Nora Newer", "")
        await tab.close()

    play(story())


def test_accounts_are_closed_and_opened_and_roles_given_by_owners_only(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        person_id = await run(
            desk.cast.olga,
            people.create,
            name="Otto Off",
            email="otto@acme.example",
            role=Role.AGENT,
            password=PASSWORD,
        )
        admin, owner = await opened(desk, ADMIN, "/admin/people"), await opened(desk, OWNER, "/admin/people")
        assert "can no longer sign in" in await do(admin, People.deactivate, sent={"person_id": str(person_id)})
        assert not (await run(desk.cast.adam, people.one, person_id)).is_active
        assert "can sign in again" in await do(admin, People.activate, person_id=person_id)
        form = {"person_id": str(person_id), "role": "manager"}
        assert "role does not allow" in await do(admin, People.give_role, sent=form)
        assert (await run(desk.cast.adam, people.one, person_id)).role == "agent"
        assert "is now: Manager" in await do(owner, People.give_role, sent=form)
        await do(owner, People.give_role, sent={"person_id": str(desk.cast.olga.person_id), "role": "agent"})
        assert "your own role" in owner.value(People, "errors")["role"]
        assert "yourself" in await do(admin, People.deactivate, sent={"person_id": str(desk.cast.adam.person_id)})
        await admin.close()
        await owner.close()

    play(story())


def test_managers_arrange_teams_live(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab, other = await opened(desk, MANAGER, "/admin/teams?new=yes"), await opened(desk, ADMIN, "/admin/teams")
        await do(tab, Teams.save, sent={"team_id": "0", "name": "Support", "strategy": "manual"})
        assert list(tab.value(Teams, "errors")) == ["name"]
        await do(tab, Teams.save, sent={"team_id": "0", "name": "Night", "strategy": "dice"})
        assert list(tab.value(Teams, "errors")) == ["strategy"]
        form = {"team_id": "0", "name": "Night", "strategy": "least_loaded", "is_active": "on"}
        assert "Night is saved" in await do(tab, Teams.save, sent=form | {f"member-{desk.cast.ada.person_id}": "on"})
        assert "Night" in names(other, Teams), "another admin's list follows by itself"
        night = next(team for team in await run(desk.cast.max, teams.listing) if team.name == "Night")
        assert (night.strategy, night.member_names, night.is_active) == ("least_loaded", "Ada Agent", True)
        await do(tab, Teams.save, sent={"team_id": str(night.id), "name": "Night", "strategy": "manual"})
        night = next(team for team in await run(desk.cast.max, teams.listing) if team.name == "Night")
        assert (night.strategy, night.members, night.is_active) == ("manual", 0, False)
        await tab.close()
        await other.close()

    play(story())


def test_an_executive_may_open_the_teams_page_and_sees_nothing(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, "xena@acme.example", "/admin/teams")
        assert (tab.value(Teams, "problem"), tab.value(Teams, "rows")) == ("forbidden", [])
        await tab.close()

    play(story())


def test_categories_are_made_and_changed(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, "/admin/categories?new=yes")
        form = {"category_id": "0", "name": "Gardens", "description": "Green", "colour": "green", "is_active": "on"}
        await do(tab, Categories.save, sent=form | {"colour": "mauve"})
        assert list(tab.value(Categories, "errors")) == ["colour"]
        await do(tab, Categories.save, sent=form | {"team_id": "999999"})
        assert list(tab.value(Categories, "errors")) == ["team_id"]
        assert "Gardens is saved" in await do(tab, Categories.save, sent=form | {"team_id": str(desk.cast.billing)})
        found = next(row for row in await run(desk.cast.adam, catalog.all_categories) if row.name == "Gardens")
        assert (found.team, found.colour) == ("Billing", "green")
        await tab.navigate(f"/admin/categories?category={found.id}")
        await tab.quiet(0.2)
        assert tab.value(Categories, "category")["name"] == "Gardens"
        await do(tab, Categories.save, sent={"category_id": str(found.id), "name": "Gardens", "colour": "red"})
        found = next(row for row in await run(desk.cast.adam, catalog.all_categories) if row.name == "Gardens")
        assert (found.team_id, found.colour, found.is_active) == (None, "red", False)
        await tab.close()

    play(story())


def test_the_organization_is_changed_and_others_are_told(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        before = await run(desk.cast.adam, organizations.mine)
        form: dict[str, Any] = {
            "name": before.name, "timezone": before.timezone, "accent": before.accent, "public_form": "on",
            "auto_close_hours": "72", "warning_share": "70", "reference_prefix": before.reference_prefix,
            "attachment_megabytes": "0", "attachment_types": "",
        }  # fmt: skip
        tab = await opened(desk, ADMIN, "/admin/organization")
        other = await opened(desk, OWNER, "/admin/organization")
        for bad, field in (
            ({"auto_close_hours": "0"}, "auto_close_hours"), ({"auto_close_hours": "1.5"}, "auto_close_hours"),
            ({"warning_share": "100"}, "warning_share"), ({"timezone": "Berlin"}, "timezone"), ({"accent": "x"}, "accent"),
            ({"name": ""}, "name"), ({"auto_close_hours": None}, "auto_close_hours"),
        ):  # fmt: skip
            await do(tab, OrganizationSettings.save, sent=form | bad)
            assert list(tab.value(OrganizationSettings, "errors")) == [field]
        assert "Settings saved" in await do(tab, OrganizationSettings.save, sent=form)
        after = await run(desk.cast.adam, organizations.mine)
        assert (after.auto_close_hours, after.warning_share, after.public_form) == (72, 70, True)
        await other.quiet(0.2)
        assert other.value(OrganizationSettings, "is_stale") is True
        assert tab.value(OrganizationSettings, "is_stale") is False
        await tab.close()
        await other.close()

    play(story())


def test_the_sign_in_log_is_read_by_outcome_and_address(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr("helpdesk.state.admin.sign_ins.SIZE", 2)

    async def story() -> None:
        for number in range(5):
            with pytest.raises(sign_in.SignInRefused):
                await run(
                    desk.cast.desk, sign_in.sign_in, email="who@nowhere.example", password=f"no {number}",
                    address="10.0.0.9", user_agent="Mozilla/5.0 (Windows NT 10.0) Chrome/150.0 Safari/537.36",
                )  # fmt: skip
        tab = await opened(desk, ADMIN, "/admin/sign-ins?outcome=failed&email=WHO@")
        seen = []
        while True:
            rows = tab.value(SignIns, "rows")
            seen += [row["id"] for row in rows]
            assert {(row["outcome"], row["address"], row["browser"]) for row in rows} == {
                ("failed", "10.0.0.9", "Chrome on Windows")
            }
            if not (older := tab.value(SignIns, "older_href")):
                break
            await tab.navigate(older)
            await tab.quiet(0.2)
        assert len(seen) == 5 and seen == sorted(seen, reverse=True)
        await tab.navigate("/admin/sign-ins?outcome=nonsense&before=x")
        await tab.quiet(0.2)
        assert tab.value(SignIns, "problem") == "" and len(tab.value(SignIns, "rows")) == 2
        await tab.close()

    play(story())


def _letter(ctx: Context, state: str) -> int:
    delivery = Delivery(
        template="replied", to_address="rita@northwind.example", subject="Hello", body_text="See /reset?token=secret",
        body_html="", message_id=f"<{state}@x>", state=state, attempts=12, last_error="no route", created_at=ctx.now,
    )  # fmt: skip
    ctx.session.add(delivery)
    ctx.session.flush()
    ctx.topics.add(f"org-{ctx.organization_id}-mail")
    return delivery.id


def test_mail_is_read_and_what_failed_is_sent_again(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, "/admin/mail?state=failed")
        failed = await run(desk.cast.desk, _letter, "failed")
        await tab.until(lambda update: "rows" in update.of(Mail))
        assert failed in [row["id"] for row in tab.value(Mail, "rows")], "the list follows by itself"
        await tab.navigate(f"/admin/mail?mail={failed}")
        await tab.quiet(0.2)
        assert tab.value(Mail, "reading")["body_text"] == "See /reset?token=…"
        assert "on its way again" in await do(tab, Mail.send_again, mail_id=failed)
        assert tab.value(Mail, "reading")["state"] == "queued"
        assert "Only a mail that failed" in await do(tab, Mail.send_again, mail_id=failed)
        await tab.navigate("/admin/mail?mail=999999999&before=x&state=x")
        await tab.quiet(0.2)
        assert (tab.value(Mail, "problem"), tab.value(Mail, "reading")["id"]) == ("", 0)
        await tab.close()

    play(story())


def test_the_settings_begin_with_people(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, "/login")
        assert "/admin/people" in await do(tab, Start.load)
        await tab.close()

    play(story())


EVERYTHING = (
    (People.load, {}), (People.refresh, {}), (People.save, {"sent": person(email="mine@acme.example", role="customer")}),
    (People.deactivate, {"sent": {"person_id": "1"}}), (People.give_role, {"sent": {"person_id": "1", "role": "superadmin"}}),
    (Teams.load, {}), (Teams.save, {"sent": {"name": "Mine", "strategy": "manual"}}), (Categories.load, {}),
    (Categories.save, {"sent": {"name": "Mine", "colour": "red"}}), (OrganizationSettings.load, {}),
    (OrganizationSettings.save, {"sent": {}}), (SignIns.load, {}), (Mail.load, {}), (Mail.refresh, {"reading": 1}),
    (Mail.send_again, {"mail_id": 1}),
)  # fmt: skip


@pytest.mark.parametrize("email", ["ada@acme.example", "rita@northwind.example", ""])
def test_nobody_else_gets_anywhere(desk: Desk, email: str) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, email, "/login")
        for handler, arguments in EVERYTHING:
            await tab.send(event_name(handler), **arguments)
        await tab.quiet(0.4)
        for state in (People, Teams, Categories, SignIns, Mail):
            assert not tab.value(state, "rows")
        assert tab.value(OrganizationSettings, "organization")["id"] == 0
        assert not await run(desk.cast.adam, people.listing, text="mine@")
        assert not [one for one in await run(desk.cast.max, teams.listing) if one.name == "Mine"]
        await tab.close()

    play(story())


def test_teams_give_out_by_skill_and_have_leads(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        ada = desk.cast.ada.person_id
        dutch = await run(desk.cast.adam, skills.save, name="Dutch")
        tab = await opened(desk, ADMIN, "/admin/teams?new=yes")
        form = {"team_id": "0", "name": "Holland", "strategy": "skill", "is_active": "on", "hands_back": "on"}
        form |= {
            f"member-{ada}": "on",
            f"lead-{ada}": "on",
            f"lead-{desk.cast.bob.person_id}": "on",
            f"skill-{dutch}": "on",
        }
        assert "Holland is saved" in await do(tab, Teams.save, sent=form)
        team = next(team for team in await run(desk.cast.max, teams.listing) if team.name == "Holland")
        assert (team.strategy, team.hands_back, team.lead_ids, team.skill_ids) == ("skill", True, (ada,), (dutch,))
        await tab.open(f"/admin/teams?team={team.id}")
        assert tab.value(Teams, "skills") == [str(dutch)]
        await tab.close()

    play(story())


def test_escalation_policies_are_made_step_by_step(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, "/admin/escalation?new=yes")
        [first] = tab.value(Escalations, "steps")
        await do(tab, Escalations.add_step)
        second = tab.value(Escalations, "steps")[1]
        form = {"policy_id": "0", "name": "Late", "is_active": "on"}
        await do(tab, Escalations.add, under=0)
        await do(tab, Escalations.set_field, at=1, field="priority")
        await do(tab, Escalations.choose, at=1, value="urgent")
        for step, after, whom in ((first, "at once", "lead"), (second, "soon", "managers")):
            key = step["key"]
            form |= {f"after-{key}": after, f"since-{key}": "breach", f"level-{key}": "1", f"whom-{key}-{whom}": "on"}
        await do(tab, Escalations.save, sent=form)
        assert "Step 2" in tab.value(Escalations, "errors")["steps"]
        assert "Late is saved" in await do(tab, Escalations.save, sent=form | {f"after-{second['key']}": "2h"})
        [row] = tab.value(Escalations, "rows")
        assert (row["name"], row["who"], row["steps"], row["level"]) == ("Late", "Priority is Urgent", 2, 1)
        await tab.open(f"/admin/escalation?policy={row['id']}")
        assert [one["picked"] for one in tab.value(Escalations, "lines")] == [[], ["urgent"]]
        assert [step["after"] for step in tab.value(Escalations, "steps")] == ["at once", "2h"]
        await do(tab, Escalations.remove_step, key=tab.value(Escalations, "steps")[0]["key"])
        assert [step["number"] for step in tab.value(Escalations, "steps")] == [1]
        assert "any more" in await do(tab, Escalations.turn, is_on=False)
        assert not (await run(desk.cast.adam, organizations.mine)).escalates
        await do(tab, Escalations.turn, is_on=True)
        assert "deleted" in await do(tab, Escalations.delete, policy_id=row["id"])
        await tab.open("/admin/escalation")
        assert tab.value(Escalations, "rows") == []
        await tab.close()

    play(story())


def test_nested_conditions_of_a_policy_stay_as_they_are(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        where = from_json(
            {"any": [["priority", "is", "urgent"], {"all": [["channel", "is", "phone"], ["team", "is", "none"]]}]}
        )
        steps = [Step(Since.BREACH, timedelta(), ("lead",))]
        policy = await run(desk.cast.adam, escalations.save, name="Odd", where=where, steps=steps)
        tab = await opened(desk, ADMIN, f"/admin/escalation?policy={policy}")
        assert tab.value(Escalations, "sentence") == "Priority is Urgent or (Channel is Phone and Team is None)"
        [step] = tab.value(Escalations, "steps")
        key = step["key"]
        form = {
            "policy_id": str(policy),
            "name": "Odder",
            f"after-{key}": "",
            f"since-{key}": "breach",
            f"level-{key}": "2",
        }
        await do(tab, Escalations.save, sent=form | {f"whom-{key}-lead": "on"})
        [row] = await run(desk.cast.adam, escalations.listing)
        assert (row.name, row.where, row.is_active, row.steps[0].level) == ("Odder", where, False, 2)
        await run(desk.cast.adam, escalations.remove, policy)
        await tab.close()

    play(story())
