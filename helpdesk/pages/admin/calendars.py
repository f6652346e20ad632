"""Settings > Calendars: the list, and the editor of one: its week as a strip, holidays, extra openings."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.button import button, icon_button
from helpdesk.components.dialog import confirm
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.form import checkbox, form_error, hidden, switch, text_field, text_input
from helpdesk.components.icons import icon
from helpdesk.components.layout import breadcrumbs, card, page_header, stack
from helpdesk.components.simulation import simulate_buttons, simulation
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.times import time_ago
from helpdesk.components.week import week_day, week_hours
from helpdesk.pages.admin.parts import zone_field
from helpdesk.pages.layout import admin_page
from helpdesk.services.promises import CalendarRow, DayRow
from helpdesk.state.admin.calendars import HOME, Calendars, WeekDay

_FORM = "calendar"


@admin_page(route="/admin/calendars", title="Calendars", section="calendars", on_load=Calendars.load)
def calendars() -> rx.Component:
    """The list, or one calendar."""
    return rx.cond(Calendars.is_editing, _editor(), _all())


def _all() -> rx.Component:
    return rx.fragment(
        page_header(
            "Calendars",
            button("New calendar", icon="plus", variant="primary", href=f"{HOME}?new=yes"),
            text="When time counts for the promises you make. An SLA policy without a calendar counts around the clock.",
        ),
        rx.cond(
            Calendars.is_loading,
            skeleton_table(rows=3, columns=4),
            rx.cond(
                Calendars.problem != "",
                error_state(on_retry=Calendars.load),
                rx.cond(Calendars.rows.length() > 0, _list(), _nothing()),
            ),
        ),
    )


def _list() -> rx.Component:
    columns = [
        Column("Calendar"),
        Column("Now"),
        Column("Time zone"),
        Column("Holidays", align="right"),
        Column("Used by"),
    ]
    return data_table(columns, rx.foreach(Calendars.rows, _row), label="Calendars")


def _row(row: rx.Var[CalendarRow]) -> rx.Component:
    return table_row(
        cell(row.name, href=HOME + "?calendar=" + row.id.to(str)),
        cell(
            rx.cond(
                row.is_open,
                pill("Open", "green"),
                rx.el.span(pill("Closed", "gray"), " opens ", time_ago(row.opens_at), class_name="hd-line hd-gap-1"),
            ),
            label="Now",
        ),
        cell(row.timezone, label="Time zone"),
        cell(row.holidays.length(), label="Holidays", align="right"),
        cell(rx.cond(row.used_by.length() > 0, row.used_by.join(", "), "No policy"), label="Used by"),
        key=row.id.to(str),
    )


def _nothing() -> rx.Component:
    return empty_state(
        "No calendars yet",
        "Without one, promises count every hour of every day. Make one with your opening hours.",
        icon="calendar-clock",
        action=button("New calendar", icon="plus", href=f"{HOME}?new=yes"),
    )


def _editor() -> rx.Component:
    one = Calendars.calendar
    return rx.fragment(
        page_header(
            rx.cond(one.id == 0, "New calendar", one.name),
            rx.cond(
                one.id != 0,
                confirm(
                    "Delete this calendar?", "A calendar an SLA policy uses cannot be deleted.",
                    trigger=button("Delete", variant="danger-ghost"), confirm_label="Delete", danger=True,
                    on_confirm=Calendars.delete(one.id),
                ),
            ),
            button("Save", variant="primary", type="submit", form=_FORM),
            crumbs=breadcrumbs(("Calendars", HOME), (rx.cond(one.id == 0, "New calendar", one.name), "")),
        ),
        stack(
            form_error(Calendars.errors.get("week", "")),
            form_error(Calendars.errors.get("calendar", "")),
            card(_hours_form(), title="Opening hours"),
            card(_holidays(), title="Holidays"),
            card(_openings(), title="Extra openings"),
            rx.cond(one.id != 0, simulation(Calendars.simulated, buttons=simulate_buttons(_FORM))),
            gap=4,
        ),
    )  # fmt: skip


def _hours_form() -> rx.Component:
    errors = Calendars.errors
    return rx.el.form(
        rx.el.div(
            text_field(
                "Name", name="name", default_value=Calendars.calendar.name, required=True, max_length=120,
                auto_complete="off", error=errors["name"],
            ),
            zone_field(
                error=errors["timezone"], default_value=Calendars.timezone,
                on_change=Calendars.set_timezone.debounce(400),
            ),
            class_name="hd-grid hd-grid-2 hd-gap-4",
        ),
        switch("Around the clock", checked=Calendars.is_always, on_change=Calendars.set_always,
               help="Every hour of every day counts, holidays excepted."),
        rx.cond(
            Calendars.is_always,
            rx.fragment(),
            rx.el.div(
                week_hours(),
                rx.foreach(Calendars.week, _day),
                button("Monday's hours for all workdays", variant="ghost", size="sm", icon="copy",
                       on_click=Calendars.copy_to_workdays),
                rx.el.p(
                    "Several ranges with commas between them. A range such as 22:00-06:00 goes on the next morning; "
                    "nothing means closed.", class_name="hd-help",
                ),
                class_name="hd-week",
            ),
        ),
        _next_opening(),
        rx.el.input(type="hidden", name="then", data_then="true"),
        id=_FORM,
        key=Calendars.opened.to(str),
        on_submit=Calendars.save,
        data_guard="true",
        class_name="hd-stack hd-gap-4",
    )  # fmt: skip


def _day(day: rx.Var[WeekDay]) -> rx.Component:
    return week_day(
        day.label,
        day.spans,
        text_input(
            name="day-" + day.number.to(str),
            default_value=day.hours,
            on_change=lambda value: Calendars.set_hours(day.number, value).debounce(400),
            placeholder="Closed",
            aria_label=day.label.to(str) + " hours",
            auto_complete="off",
        ),
        key=day.number.to(str),
    )


def _next_opening() -> rx.Component:
    return rx.el.p(
        rx.cond(
            Calendars.note != "",
            rx.el.span(icon("circle-alert", size=14), Calendars.note, class_name="hd-line hd-gap-1 hd-error"),
            rx.cond(
                Calendars.is_open_now,
                rx.fragment(pill("Open now", "green")),
                rx.fragment("Opens next: ", time_ago(Calendars.opens_at, form="absolute")),
            ),
        ),
        aria_live="polite",
        class_name="hd-help",
    )


def _holidays() -> rx.Component:
    return stack(
        form_error(Calendars.errors.get("holidays", "")),
        rx.cond(
            Calendars.holidays.length() > 0,
            rx.el.ul(rx.foreach(Calendars.holidays, _holiday), aria_label="Holidays", class_name="hd-days"),
            rx.el.p("No holidays yet: add them one by one, or from a file.", class_name="hd-help"),
        ),
        _day_form("holiday", "Holiday", "Christmas Day", "All day, or 14:00-24:00", yearly=True),
        rx.el.form(
            rx.el.textarea(name="ics", class_name="sr-only", tab_index=-1, aria_label="Contents of the file"),
            rx.el.label(
                icon("file-up"), "Open an .ics file",
                rx.el.input(type="file", accept=".ics,text/calendar", data_file_into="ics", class_name="sr-only"),
                class_name="hd-btn hd-btn-secondary hd-btn-md",
            ),
            button("Add its holidays", type="submit", icon="calendar-plus"),
            form_error(Calendars.errors.get("ics", "")),
            key="ics" + Calendars.added.to(str),
            on_submit=Calendars.import_ics,
            class_name="hd-line hd-gap-2",
        ),
        gap=4,
    )  # fmt: skip


def _openings() -> rx.Component:
    return stack(
        form_error(Calendars.errors.get("openings", "")),
        rx.cond(
            Calendars.openings.length() > 0,
            rx.el.ul(rx.foreach(Calendars.openings, _opening), aria_label="Extra openings", class_name="hd-days"),
            rx.el.p("Hours that are open once, a Saturday of extra work for example.", class_name="hd-help"),
        ),
        _day_form("opening", "Extra opening", "Stocktaking", "10:00-14:00", yearly=False),
        gap=4,
    )


def _day_form(what: str, label: str, name: str, hours: str, *, yearly: bool) -> rx.Component:
    return rx.el.form(
        hidden("what", what),
        text_field("Day", name="day", id=f"{what}-day", type="date", required=True),
        text_field("Name", name="name", id=f"{what}-name", placeholder=name, max_length=120, required=yearly),
        text_field("Hours", name="hours", id=f"{what}-hours", placeholder=hours, auto_complete="off", required=not yearly),
        checkbox("Every year", name="yearly") if yearly else rx.fragment(),
        button(f"Add {label.lower()}", type="submit", icon="plus"),
        key=what + Calendars.added.to(str),
        on_submit=Calendars.add_day,
        data_guard="off",
        class_name="hd-day-form",
    )  # fmt: skip


def _holiday(row: rx.Var[DayRow]) -> rx.Component:
    return _day_line(row, Calendars.drop_holiday(row.day))


def _opening(row: rx.Var[DayRow]) -> rx.Component:
    return _day_line(row, Calendars.drop_opening(row.day))


def _day_line(row: rx.Var[DayRow], on_drop: rx.event.EventType[()]) -> rx.Component:
    return rx.el.li(
        rx.el.span(row.label, class_name="hd-days-day"),
        rx.el.span(row.name, class_name="grow truncate"),
        rx.cond(
            row.hours != "", rx.el.span(row.hours, class_name="hd-help"), rx.el.span("all day", class_name="hd-help")
        ),
        icon_button("x", "Remove " + row.name.to(str), size="sm", tip="none", on_click=on_drop),
        key=row.day,
        class_name="hd-days-line",
    )
