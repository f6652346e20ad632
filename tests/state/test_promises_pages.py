"""Settings > Calendars and Settings > SLA on a served desk, and the explanation on a ticket."""

import pytest

from helpdesk.services import promises, tickets
from helpdesk.state.admin.calendars import Calendars
from helpdesk.state.admin.sla import SlaPolicies
from helpdesk.state.agent.ticket import OpenTicket
from tests.served import Desk, desk  # noqa: F401 - a fixture
from tests.state.test_admin_pages import ADMIN, MANAGER, do, names, opened, play, run

pytestmark = pytest.mark.real_redis
_ICS = "\r\n".join(
    (
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//", "BEGIN:VEVENT", "UID:1", "SUMMARY:New Year",
        "DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=YEARLY", "END:VEVENT", "END:VCALENDAR",
    )
)  # fmt: skip


def test_a_calendar_is_drawn_previewed_and_saved(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, "/admin/calendars?new=yes")
        await do(tab, Calendars.set_timezone, timezone="Europe/Berlin")
        await do(tab, Calendars.set_hours, at=0, hours="09:00-12:00, 13:00-17:00")
        assert len(tab.value(Calendars, "week")[0]["spans"]) == 2 and tab.value(Calendars, "opens_at")
        await do(tab, Calendars.set_hours, at=0, hours="nine to five")
        assert "is no range" in tab.value(Calendars, "note")
        await do(tab, Calendars.set_hours, at=0, hours="22:00-06:00")
        await do(
            tab,
            Calendars.add_day,
            sent={
                "what": "holiday",
                "day": "2026-12-24",
                "name": "Christmas Eve",
                "hours": "14:00-24:00",
                "yearly": "on",
            },
        )
        await do(
            tab,
            Calendars.add_day,
            sent={"what": "opening", "day": "2026-12-19", "name": "Market", "hours": "10:00-14:00"},
        )
        await do(tab, Calendars.import_ics, sent={"ics": _ICS})
        assert [row["day"] for row in tab.value(Calendars, "holidays")] == ["01-01", "12-24"]
        await do(tab, Calendars.import_ics, sent={"ics": "nonsense"})
        assert "ics" in tab.value(Calendars, "errors")
        told = await do(tab, Calendars.save, sent={"name": "Nights", **{f"day-{at}": "22:00-06:00" for at in range(7)}})
        assert "/admin/calendars" in told
        [made] = [one for one in await run(desk.cast.adam, promises.calendar_rows) if one.name == "Nights"]
        assert made.days == ("22:00-06:00",) * 7 and made.openings[0].name == "Market" and len(made.holidays) == 2
        await do(tab, Calendars.delete, row_id=made.id)
        assert "Nights" not in [one.name for one in await run(desk.cast.adam, promises.calendar_rows)]
        await tab.close()

    play(story())


def test_a_policy_is_written_simulated_and_saved(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, "/admin/sla?new=yes")
        await do(tab, SlaPolicies.add, under=0)
        await do(tab, SlaPolicies.set_operator, at=1, operator="any")
        await do(tab, SlaPolicies.choose, at=1, value="urgent")
        assert tab.value(SlaPolicies, "sentence") == "Priority is Urgent"
        assert tab.value(SlaPolicies, "matches").endswith("open tickets")
        form = {
            "name": "Gold",
            "calendar": "0",
            "warning_share": "70",
            "is_active": "on",
            "target-urgent-resolution": "2 hours",
        }
        await do(tab, SlaPolicies.save, sent=form | {"target-urgent-resolution": "soon"})
        assert "target-urgent-resolution" in tab.value(SlaPolicies, "errors")
        await do(tab, SlaPolicies.save, sent=form | {"then": "simulate-30"})
        assert tab.value(SlaPolicies, "simulated")["is_finished"]
        assert "/admin/sla" in await do(tab, SlaPolicies.save, sent=form | {"then": ""})
        await tab.navigate("/admin/sla")
        await tab.quiet(0.3)
        assert "Gold" in names(tab, SlaPolicies)
        gold = next(row for row in tab.value(SlaPolicies, "rows") if row["name"] == "Gold")
        assert gold["who"] == "Priority is Urgent"
        ref = await run(desk.cast.rita, tickets.create, title="Slow", description="x", priority="urgent")
        for by, days, name in (
            ("priority", "7", "Urgent"),
            ("team", "365", "No team"),
            ("nonsense", "0", "Resolution"),
        ):
            await do(tab, SlaPolicies.tell_apart, by=by)
            await do(tab, SlaPolicies.choose_period, days=days)
            assert name in [row["name"] for row in tab.value(SlaPolicies, "kept")]
        assert (tab.value(SlaPolicies, "kept_by"), tab.value(SlaPolicies, "kept_days")) == ("metric", "30")
        ticket = await opened(desk, "ada@acme.example", f"/agent?view=all&ticket={ref}")
        await do(ticket, OpenTicket.explain)
        assert [one["target"] for one in ticket.value(OpenTicket, "explanations")] in (["2h"], ["1m"])
        await ticket.close()
        await do(tab, SlaPolicies.delete, row_id=gold["id"])
        assert "Gold" not in [one.name for one in await run(desk.cast.adam, promises.policy_rows)]
        await tab.close()

    play(story())


def test_nested_conditions_are_edited_where_they_are(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, ADMIN, "/admin/sla?new=yes")
        await do(tab, SlaPolicies.add, under=0)
        form = {"name": "Nested", "calendar": "0", "is_active": "on", "target-urgent-resolution": "2 hours"}
        assert "Say what priority is compared with." in tab.value(SlaPolicies, "note")
        await do(tab, SlaPolicies.save, sent=form)
        assert "compared with" in tab.value(SlaPolicies, "errors")["where"], "refused, and said where"
        await do(tab, SlaPolicies.choose, at=1, value="urgent")
        await do(tab, SlaPolicies.add_group, under=0)
        await do(tab, SlaPolicies.set_field, at=3, field="channel")
        await do(tab, SlaPolicies.choose, at=3, value="phone")
        await do(tab, SlaPolicies.add, under=2)
        await do(tab, SlaPolicies.set_field, at=4, field="team")
        await do(tab, SlaPolicies.choose, at=4, value=str(desk.cast.support))
        said = "Priority is Urgent and (Channel is Phone or Team is Support)"
        assert tab.value(SlaPolicies, "sentence") == said
        assert "/admin/sla" in await do(tab, SlaPolicies.save, sent=form)
        await tab.navigate("/admin/sla")
        await tab.quiet(0.3)
        row = next(one for one in tab.value(SlaPolicies, "rows") if one["name"] == "Nested")
        assert row["who"] == said
        await tab.open(f"/admin/sla?policy={row['id']}")
        assert [(one["depth"], one["is_group"]) for one in tab.value(SlaPolicies, "lines")] == [
            (0, True), (1, False), (1, True), (2, False), (2, False)
        ]  # fmt: skip
        await do(tab, SlaPolicies.delete, row_id=row["id"])
        await tab.close()

    play(story())


def test_managers_do_not_arrange_promises(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, MANAGER, "/agent")
        for handler in (SlaPolicies.load, Calendars.load):
            await do(tab, handler)
        assert not tab.value(SlaPolicies, "rows") and not tab.value(Calendars, "rows")
        await tab.close()

    play(story())
