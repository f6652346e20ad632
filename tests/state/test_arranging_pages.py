"""The settings' lists on a served desk: statuses, transitions, priorities, tags, skills, companies, the audit, presence."""

import urllib.error
import urllib.request
from typing import Any

import pytest

from helpdesk import threads
from helpdesk.services import (
    branding,
    catalog,
    companies,
    configuration,
    organizations,
    sign_in,
    skills,
    statuses,
    tags,
)
from helpdesk.state.admin.audit import Audit
from helpdesk.state.admin.categories import Categories
from helpdesk.state.admin.companies import Companies
from helpdesk.state.admin.configuration import Configuration
from helpdesk.state.admin.organization import OrganizationSettings
from helpdesk.state.admin.people import People
from helpdesk.state.admin.priorities import Priorities
from helpdesk.state.admin.sign_ins import SignIns
from helpdesk.state.admin.skills import Skills
from helpdesk.state.admin.statuses import Statuses
from helpdesk.state.admin.tags import Tags
from helpdesk.state.admin.transitions import Transitions
from helpdesk.state.presence import Colleagues
from tests.served import Desk, desk  # noqa: F401 - a fixture
from tests.state.test_admin_pages import ADMIN, MANAGER, OWNER, do, names, nudged, opened, play, run  # noqa: F401

pytestmark = pytest.mark.real_redis
STATUS = {
    "status_id": "0",
    "label": "In testing",
    "category": "open",
    "colour": "violet",
    "aliases": "qa, test",
    "is_active": "on",
}


def test_statuses_are_made_ordered_and_switched_off(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab, other = await opened(desk, ADMIN, "/admin/statuses?new=yes"), await opened(desk, OWNER, "/admin/statuses")
        assert tab.value(Statuses, "is_open") is True
        await do(tab, Statuses.save, sent=STATUS | {"aliases": "waiting"})
        assert list(tab.value(Statuses, "errors")) == ["aliases"]
        assert "In testing is saved" in await do(tab, Statuses.save, sent=STATUS)
        assert "In testing" in names(other, Statuses, "label"), "another admin's list follows by itself"
        ids = [row["id"] for row in tab.value(Statuses, "rows")]
        await do(tab, Statuses.reorder, sent={"order": ",".join(str(one) for one in (ids[-1], *ids[:-1]))})
        assert names(tab, Statuses, "label")[0] == "In testing"
        assert "has changed" in await do(tab, Statuses.reorder, sent={"order": "1,2"})
        closed = next(row for row in await run(desk.cast.adam, statuses.listing) if row.slug == "closed")
        await do(
            tab,
            Statuses.save,
            sent={"status_id": str(closed.id), "label": "Closed", "category": "closed", "colour": "gray"},
        )
        assert "only active status" in tab.value(Statuses, "errors")["is_active"]
        testing = next(row for row in await run(desk.cast.adam, statuses.listing) if row.slug == "in_testing")
        assert "deleted" in await do(tab, Statuses.delete, status_id=testing.id)
        await tab.close()
        await other.close()

    play(story())


def test_the_matrix_closes_ways(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, "/admin/transitions?role=technician")
        rows = tab.value(Transitions, "rows")
        ticked = {
            f"way-{row['from_id']}-{way['to_id']}": "on" for row in rows for way in row["ways"] if way["is_possible"]
        }
        gone = next(iter(ticked))
        ticked.pop(gone)
        assert "Saved" in await do(tab, Transitions.save, sent=ticked | {"role": "technician"})
        known = await run(desk.cast.desk, catalog.current)
        now, to = (int(part) for part in gone.split("-")[1:])
        assert known.is_barred("technician", now, to) and not known.is_barred("agent", now, to)
        assert "Use one of" in await do(tab, Transitions.save, sent={"role": "superadmin"})
        await tab.close()

    play(story())


def test_priorities_tags_and_skills_have_a_page(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, "/admin/priorities?new=yes")
        form = {"priority_id": "0", "label": "Blocker", "rank": "0", "colour": "red", "aliases": ""}
        await do(tab, Priorities.save, sent=form)
        assert list(tab.value(Priorities, "errors")) == ["rank"]
        await do(tab, Priorities.save, sent=form | {"rank": "9"})
        assert names(tab, Priorities, "label")[-1] == "Blocker"
        await tab.navigate("/admin/tags")
        await do(tab, Tags.save, sent={"tag_id": "0", "name": "Vip", "colour": "amber"})
        await do(tab, Tags.save, sent={"tag_id": "0", "name": "vip", "colour": "amber"})
        assert "merge" in tab.value(Tags, "errors")["name"]
        vip, gold = (
            await run(desk.cast.adam, tags.save, name="vip 2"),
            await run(desk.cast.adam, tags.save, name="gold"),
        )
        await do(tab, Tags.merge, sent={"tag_id": str(vip), "into": ""})
        assert list(tab.value(Tags, "errors")) == ["into"]
        assert "merged" in await do(tab, Tags.merge, sent={"tag_id": str(vip), "into": str(gold)})
        await tab.navigate("/admin/tags?text=vip")
        await tab.quiet(0.2)
        assert names(tab, Tags) == ["vip"]
        await tab.navigate("/admin/skills")
        await do(tab, Skills.save, sent={"skill_id": "0", "name": "German"})
        assert [row.name for row in await run(desk.cast.ada, skills.listing)] == ["German"]
        await tab.close()

    play(story())


def test_categories_are_put_in_order(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        first = await run(desk.cast.adam, catalog.save_category, name="One")
        second = await run(desk.cast.adam, catalog.save_category, name="Two")
        tab = await opened(desk, ADMIN, "/admin/categories")
        await do(tab, Categories.reorder, sent={"order": f"{second},{first}"})
        assert names(tab, Categories) == ["Two", "One"]
        assert "deleted" in await do(tab, Categories.delete, category_id=second)
        await tab.close()

    play(story())


def test_a_company_with_its_places_and_managers(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, "/admin/companies?new=yes")
        await do(tab, Companies.save, sent={"company_id": "0", "name": "Zola", "domains": "nodot"})
        assert list(tab.value(Companies, "errors")) == ["domains"]
        assert "company=" in await do(
            tab, Companies.save, sent={"company_id": "0", "name": "Zola", "domains": "zola.example"}
        )
        [zola] = await run(desk.cast.adam, companies.listing, text="zola")
        await tab.navigate(f"/admin/companies?company={zola.id}")
        await tab.quiet(0.2)
        await do(
            tab,
            Companies.save_site,
            sent={"company_id": str(zola.id), "site_id": "", "site_name": "Dock", "address": "Harbour"},
        )
        assert [site["name"] for site in tab.value(Companies, "company")["sites"]] == ["Dock"]
        northwind = desk.cast.northwind
        sent = {"company_id": str(northwind), f"manager-{desk.cast.rita.person_id}": "on"}
        await do(tab, Companies.save_managers, sent=sent)
        members = {one.name: one.is_manager for one in (await run(desk.cast.adam, companies.one, northwind)).members}
        assert members == {"Carl Company": False, "Rita Requester": True}
        await tab.close()

    play(story())


def test_people_are_narrowed_to_a_team_and_invited(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, f"/admin/people?team={desk.cast.support}")
        assert names(tab, People) == ["Ada Agent"]
        assert f"company={desk.cast.northwind}" in await do(tab, People.of_company, company=str(desk.cast.northwind))
        assert "has a password" in await do(tab, People.invite, person_id=desk.cast.ada.person_id)
        await tab.navigate(f"/admin/people?person={desk.cast.ada.person_id}")
        await tab.quiet(0.2)
        heirs = [one["label"] for one in tab.value(People, "heirs")]
        assert "Bob Billing" in heirs and "Ada Agent" not in heirs
        await tab.close()

    play(story())


def test_the_audit_and_the_sign_in_log_are_narrowed_and_exported(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        await run(desk.cast.adam, skills.save, name="French")
        tab = await opened(desk, ADMIN, "/admin/audit?subject=skill")
        assert "created the skill “French”" in names(tab, Audit, "what")
        assert tab.value(Audit, "export_href") == "/files/exports/audit.csv?subject=skill"
        assert "since=2026-01-01" in await do(tab, Audit.from_day, since="2026-01-01")
        await tab.navigate("/admin/sign-ins?address=203.0.113.")
        await tab.quiet(0.2)
        assert tab.value(SignIns, "rows") == []
        await tab.close()

    play(story())


def test_exports_are_for_who_may_have_them(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        for email, path, status in (
            (ADMIN, "/files/exports/audit.csv", 200), (MANAGER, "/files/exports/audit.csv", 403),
            (OWNER, "/files/exports/sign-ins.csv?outcome=success", 200), (ADMIN, "/files/exports/sign-ins.csv", 403),
            ("", "/files/exports/audit.csv", 401), (ADMIN, "/files/exports/audit.csv?since=soon", 422),
        ):  # fmt: skip
            cookie = await desk.sign_in(email) if email else ""
            assert (await run_get(desk, path, cookie))[0] == status, (email, path)

    play(story())


async def run_get(desk: Desk, path: str, cookie: str) -> tuple[int, bytes]:  # noqa: F811
    """A GET with a cookie."""

    def ask() -> tuple[int, bytes]:
        headers = {"Host": desk.address().partition("//")[2]} | (
            {"Cookie": f"{sign_in.COOKIE}={cookie}"} if cookie else {}
        )
        request = urllib.request.Request(desk.dial + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, b""

    return await threads.hop(ask)


def test_the_prefix_and_limits_are_saved(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, "/admin/organization")
        form: dict[str, Any] = {
            "name": "Acme Support", "timezone": "UTC", "accent": "indigo", "public_form": "on", "auto_close_hours": "48",
            "warning_share": "80", "reference_prefix": "A1", "attachment_megabytes": "0", "attachment_types": "image/*",
        }  # fmt: skip
        await do(tab, OrganizationSettings.save, sent=form)
        assert list(tab.value(OrganizationSettings, "errors")) == ["reference_prefix"]
        await do(tab, OrganizationSettings.save, sent=form | {"reference_prefix": "help"})
        mine = await run(desk.cast.adam, organizations.mine)
        assert (mine.reference_prefix, mine.attachment_types) == ("HELP", ("image/*",))
        await do(tab, OrganizationSettings.set_logo, sent={"logo": ""})
        assert list(tab.value(OrganizationSettings, "errors")) == ["logo"]
        assert await run(desk.cast.adam, branding.logo) is None
        await tab.close()

    play(story())


def test_colleagues_are_seen_live(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, "ada@acme.example", "/agent")
        await do(tab, Colleagues.opened, is_open=True)
        before = {row["name"]: row["availability"] for row in tab.value(Colleagues, "rows")}
        assert before["Bob Billing"] == "offline"
        await desk.sign_in("bob@acme.example")
        await tab.quiet(0.4)
        after = {row["name"]: row["availability"] for row in tab.value(Colleagues, "rows")}
        assert after["Bob Billing"] == "available"
        await tab.close()

    play(story())


def test_the_configuration_is_compared_applied_and_rolled_back(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, "/admin/configuration")
        text = tab.value(Configuration, "text")
        assert text == await run(desk.cast.adam, configuration.export)
        await do(tab, Configuration.compare, sent={"text": text})
        assert (tab.value(Configuration, "is_compared"), tab.value(Configuration, "changes")) == (True, [])
        await do(tab, Configuration.compare, sent={"text": text.replace("colour: teal", "colour: [")})
        assert tab.value(Configuration, "refused")[0].startswith("Line ")
        assert tab.value(Configuration, "is_compared") is False
        wanted = text.replace("label: On hold", "label: Parked")
        await do(tab, Configuration.compare, sent={"text": wanted})
        [change] = tab.value(Configuration, "changes")
        assert (change["section"], change["entry"], change["facts"][0]["after"]) == ("statuses", "on_hold", "Parked")
        assert "Applied: 1 changed" in await do(tab, Configuration.apply)
        assert await run(desk.cast.adam, configuration.export) == wanted
        applied, kept = tab.value(Configuration, "versions")[:2]
        await tab.navigate(f"/admin/configuration?version={kept['id']}")
        await tab.quiet(0.3)
        assert len(tab.value(Configuration, "changes")) == 1, "an older version opens compared with now"
        assert "Rolled back: 1 changed" in await do(tab, Configuration.roll_back, version_id=kept["id"])
        assert await run(desk.cast.adam, configuration.export) == text and applied["kind"] == "applied"
        await tab.close()

    play(story())
