"""Calendars: the list, and one of them with its week, its holidays and its extra openings."""

from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.services import promises
from helpdesk.services.promises import CalendarRow, DayRow, Span
from helpdesk.services.simulator import SimulationRow
from helpdesk.state.admin.forms import Form, typed
from helpdesk.state.admin.simulating import Simulating, is_simulation, name_of
from helpdesk.state.base import loads
from helpdesk.state.guard import admin

HOME = "/admin/calendars"
_OFFICE = ("09:00-17:00",) * 5 + ("", "")
NEW = CalendarRow(0, "", days=_OFFICE)


@dataclass(frozen=True, slots=True)
class WeekDay:
    """A day of the week as edited: its hours as text, and where they lie in the day."""

    number: int = 0
    label: str = ""
    hours: str = ""
    spans: tuple[Span, ...] = ()


class Calendars(Simulating, rx.State):
    """The page."""

    rows: list[CalendarRow] = []
    is_editing: bool = False
    calendar: CalendarRow = NEW
    week: list[WeekDay] = []
    is_always: bool = False
    timezone: str = "UTC"
    holidays: list[DayRow] = []
    openings: list[DayRow] = []
    opens_at: str = ""
    is_open_now: bool = False
    note: str = ""
    opened: int = 0
    added: int = 0

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the calendars, or the one the address names."""
        given = self.router.url.query_parameters
        actor = await self._actor()
        await self._fill()
        self._watch(f"org-{actor.organization_id}-catalog", Calendars.refresh)
        self.errors = {}
        found = next((row for row in self.rows if str(row.id) == str(given.get("calendar", ""))), None)
        self.is_editing = found is not None or given.get("new") == "yes"
        if self.is_editing:
            self.calendar = found or NEW
            self.timezone = found.timezone if found else actor.timezone or "UTC"
            self.is_always = found is not None and found.is_always
            self.holidays, self.openings = list(self.calendar.holidays), list(self.calendar.openings)
            days = _OFFICE if self.is_always else self.calendar.days
            self.week = [WeekDay(at, label, days[at]) for at, label in enumerate(promises.DAY_LABELS)]
            self.opened += 1
            self.simulated = SimulationRow()
            await self._preview()

    @rx.event
    @admin
    async def refresh(self) -> None:
        """Somebody changed a calendar."""
        await self._fill()

    @rx.event
    @admin
    async def set_hours(self, at: int, hours: str) -> None:
        """The hours of a day were typed."""
        if 0 <= at < len(self.week):
            self._set_day(at, hours)
            await self._preview()

    @rx.event
    @admin
    async def copy_to_workdays(self) -> None:
        """Monday's hours for Tuesday to Friday."""
        for at in range(1, min(5, len(self.week))):
            self._set_day(at, self.week[0].hours)
        self.opened += 1
        await self._preview()

    @rx.event
    @admin
    async def set_always(self, is_always: bool) -> None:
        """Around the clock, or by the week."""
        self.is_always = is_always
        await self._preview()

    @rx.event
    @admin
    async def set_timezone(self, timezone: str) -> None:
        """Another zone was typed."""
        self.timezone = timezone.strip()[:64]
        await self._preview()

    @rx.event
    @admin
    async def add_day(self, sent: Form) -> None:
        """Add a holiday, or an extra opening."""
        form = typed(sent)
        if form.get("what") == "opening":
            row = await self._run(
                promises.opening_row, form.get("day", ""), form.get("name", ""), form.get("hours", "")
            )
            self.openings = [*(one for one in self.openings if one.day != row.day), row]
        else:
            row = await self._run(
                promises.holiday_row, form.get("day", ""), form.get("name", ""), form.get("hours", ""),
                is_yearly="yearly" in form,
            )  # fmt: skip
            self.holidays = sorted([*(one for one in self.holidays if one.day != row.day), row], key=_by_day)
        self.added += 1
        await self._preview()

    @rx.event
    @admin
    async def drop_holiday(self, day: str) -> None:
        """Take a holiday off the list."""
        self.holidays = [one for one in self.holidays if one.day != day]
        await self._preview()

    @rx.event
    @admin
    async def drop_opening(self, day: str) -> None:
        """Take an extra opening off the list."""
        self.openings = [one for one in self.openings if one.day != day]
        await self._preview()

    @rx.event
    @admin
    async def import_ics(self, sent: Form) -> EventSpec:
        """Add the holidays of a file."""
        found = await self._run(promises.read_ics, typed(sent).get("ics", ""), timezone=self.timezone)
        fresh = {row.day for row in found}
        self.holidays = sorted([*(one for one in self.holidays if one.day not in fresh), *found], key=_by_day)
        self.added += 1
        await self._preview()
        return toast_done(f"{len(found)} {'holiday' if len(found) == 1 else 'holidays'} added. Save to keep them")

    @rx.event
    @admin
    async def save(self, sent: Form) -> list[EventSpec]:
        """Create a calendar, or change the one that is open."""
        form = typed(sent)
        name = form.get("name", "")
        for day in self.week:
            if f"day-{day.number}" in form:
                self._set_day(day.number, form[f"day-{day.number}"])
        if is_simulation(form):
            await self._simulate(form, calendar=self._written() | {"id": self.calendar.id})
            return []
        try:
            await self._run(promises.save_calendar, self.calendar.id or None, name=name, **self._written())
        except Conflict as conflict:
            raise Invalid(name=conflict.message) from None
        self.is_editing = False
        return [toast_done(f"{name} is saved"), rx.redirect(HOME)]

    @rx.event
    @admin
    async def delete(self, row_id: int) -> list[EventSpec]:
        """Delete a calendar no policy uses."""
        name = name_of(self.rows, row_id)
        await self._run(promises.delete_calendar, name)
        self.is_editing = False
        return [toast_done(f"{name} is deleted"), rx.redirect(HOME)]

    def _set_day(self, at: int, hours: str) -> None:
        self.week = [
            WeekDay(day.number, day.label, hours[:200] if day.number == at else day.hours, tuple(day.spans))
            for day in self.week
        ]

    def _written(self) -> dict:  # type: ignore[type-arg]
        days = {} if self.is_always else {promises.DAYS[day.number]: [day.hours] for day in self.week}
        return {
            "timezone": self.timezone, "week": days,
            "holidays": promises.written_days(self.holidays), "openings": promises.written_days(self.openings),
        }  # fmt: skip

    async def _preview(self) -> None:
        """How the week looks, and when it opens next; or what is wrong with it."""
        try:
            row = await self._run(promises.preview_calendar, **self._written())
        except Invalid as error:
            self.note, self.opens_at = error.message, ""
            return
        self.note, self.opens_at, self.is_open_now = "", row.opens_at, row.is_open
        self.week = [WeekDay(day.number, day.label, day.hours, row.strip[day.number]) for day in self.week]

    async def _fill(self) -> None:
        self.rows = list(await self._run(promises.calendar_rows))


def _by_day(row: DayRow) -> tuple[bool, str]:
    return (len(row.day) > 5, row.day)
