"""Settings > SLA: the policies in the order they are asked, how they are kept, and the editor of one."""

import reflex as rx

from helpdesk.components.base import Choice
from helpdesk.components.button import button
from helpdesk.components.dialog import confirm
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.form import form_error, select, select_field, switch, text_field, text_input
from helpdesk.components.layout import breadcrumbs, card, page_header, stack
from helpdesk.components.menu import menu, menu_item
from helpdesk.components.order import order_form, order_handle
from helpdesk.components.simulation import simulate_buttons, simulation
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.times import time_ago
from helpdesk.domain.sla import METRIC_LABELS, Metric
from helpdesk.pages.admin.conditions import conditions, conditions_told
from helpdesk.pages.admin.parts import on_or_off
from helpdesk.pages.layout import admin_page
from helpdesk.services.compliance import BreachRow, By, ComplianceRow
from helpdesk.state.admin.sla import HOME, PERIODS, Cell, PolicyLine, PriorityLine, SlaPolicies

_ORDER = "order-of-policies"
_FORM = "policy"
_BY = [
    Choice(By.METRIC.value, "By promise"),
    Choice(By.PRIORITY.value, "By priority"),
    Choice(By.TEAM.value, "By team"),
    Choice(By.POLICY.value, "By policy"),
]
_PERIODS = [Choice(days, f"The last {label}") for days, label in PERIODS.items()]
_PRESETS = (
    ("standard", "Standard", "30 minutes to 8 hours to answer"),
    ("enterprise", "Enterprise", "urgent answered in 1 h, solved in 4 h"),
    ("demo", "Demo", "runs out while you watch"),
)


@admin_page(route="/admin/sla", title="SLA", section="sla", on_load=SlaPolicies.load)
def sla() -> rx.Component:
    """The list, or one policy."""
    return rx.cond(SlaPolicies.is_editing, _editor(), _all())


def _all() -> rx.Component:
    return rx.fragment(
        page_header(
            "SLA",
            menu(
                button("Add a preset", icon="layers"),
                *(menu_item(name, hint=hint, on_click=SlaPolicies.add_preset(key)) for key, name, hint in _PRESETS),
                align="end",
            ),
            button("New policy", icon="plus", variant="primary", href=f"{HOME}?new=yes"),
            text="What you promise, and to whom. The first policy that fits a ticket is the one it falls under.",
        ),
        order_form(_ORDER, on_submit=SlaPolicies.reorder),
        rx.cond(
            SlaPolicies.is_loading,
            skeleton_table(rows=3, columns=5),
            rx.cond(
                SlaPolicies.problem != "",
                error_state(on_retry=SlaPolicies.load),
                stack(
                    rx.cond(SlaPolicies.rows.length() > 0, _list(), _nothing()),
                    rx.el.div(_kept(), _breaches(), class_name="hd-grid hd-grid-2 hd-gap-4"),
                    gap=4,
                ),
            ),
        ),
    )


def _list() -> rx.Component:
    columns = [
        Column("Order", width="w-px"), Column("Policy"), Column("For"), Column("Calendar"),
        Column("Met, 30 days", align="right"), Column("Late, 30 days", align="right"), Column("Running", align="right"), Column("State"),
    ]  # fmt: skip
    return data_table(columns, rx.foreach(SlaPolicies.rows, _row), label="SLA policies")


def _row(row: rx.Var[PolicyLine]) -> rx.Component:
    return table_row(
        cell(order_handle(row.name, _ORDER), label="Order"),
        cell(row.name, href=HOME + "?policy=" + row.id.to(str)),
        cell(row.who, label="For"),
        cell(row.calendar, label="Calendar"),
        cell(rx.cond(row.share != "", row.share, "–"), label="Met, 30 days", align="right"),
        cell(row.breached, label="Late, 30 days", align="right"),
        cell(row.running, label="Running", align="right"),
        cell(on_or_off(row.is_active), label="State"),
        key=row.id.to(str),
        data_reorder_id=row.id.to(str),
    )


def _nothing() -> rx.Component:
    return empty_state(
        "No promises yet",
        "Add a preset to begin with, or write down what you promise.",
        icon="timer",
        action=button("New policy", icon="plus", href=f"{HOME}?new=yes"),
    )


def _kept() -> rx.Component:
    columns = [
        Column("What"),
        Column("Met", align="right"),
        Column("Late", align="right"),
        Column("Running", align="right"),
        Column("Share", align="right"),
    ]
    return _part(
        "How promises are kept",
        rx.el.div(
            select(_BY, value=SlaPolicies.kept_by, on_change=SlaPolicies.tell_apart, aria_label="Tell apart by"),
            select(
                _PERIODS, value=SlaPolicies.kept_days, on_change=SlaPolicies.choose_period, aria_label="How far back"
            ),
            class_name="hd-line hd-gap-2",
        ),
        rx.cond(
            SlaPolicies.kept.length() > 0,
            data_table(columns, rx.foreach(SlaPolicies.kept, _counted), label="How promises were kept"),
            rx.el.p("No promise was due in this time, and none runs.", class_name="hd-help"),
        ),
    )


def _part(title: str, *content: rx.Component) -> rx.Component:
    return rx.el.section(rx.el.h2(title, class_name="hd-card-title"), *content, class_name="hd-stack hd-gap-2")


def _counted(row: rx.Var[ComplianceRow]) -> rx.Component:
    return table_row(
        cell(row.name, label="What"),
        cell(row.met, label="Met", align="right"),
        cell(row.breached, label="Late", align="right"),
        cell(row.running, label="Running", align="right"),
        cell(rx.cond(row.share != "", row.share, "–"), label="Share", align="right"),
        key=row.id.to(str) + row.name.to(str),
    )


def _breaches() -> rx.Component:
    return _part(
        "Latest breaches",
        rx.cond(
            SlaPolicies.breaches.length() > 0,
            data_table(
                [Column("Ticket"), Column("Promise"), Column("Late since")],
                rx.foreach(SlaPolicies.breaches, _breach),
                label="Latest breaches",
            ),
            rx.el.p("Nothing was late in the last 90 days.", class_name="hd-help"),
        ),
    )


def _breach(row: rx.Var[BreachRow]) -> rx.Component:
    return table_row(
        cell(row.reference, href="/agent?ticket=" + row.reference.to(str)),
        cell(row.metric, label="Promise"),
        cell(time_ago(row.at), label="Late since"),
        key=row.reference.to(str) + row.metric.to(str) + row.at.to(str),
    )


def _editor() -> rx.Component:
    one, errors = SlaPolicies.policy, SlaPolicies.errors
    title = rx.cond(one.id == 0, "New policy", one.name)
    return rx.fragment(
        page_header(
            title,
            rx.cond(
                one.id != 0,
                confirm(
                    "Delete this policy?", "Open tickets it is for go by the next policy that fits. What was met or late stays.",
                    trigger=button("Delete", variant="danger-ghost"), confirm_label="Delete", danger=True,
                    on_confirm=SlaPolicies.delete(one.id),
                ),
            ),
            button("Save", variant="primary", type="submit", form=_FORM),
            crumbs=breadcrumbs(("SLA", HOME), (title, "")),
        ),
        rx.el.form(
            form_error(errors.get("targets", "")),
            card(_facts(), title="Policy"),
            card(_conditions(), title="For"),
            card(_matrix(), title="Promises"),
            rx.el.input(type="hidden", name="then", data_then="true"),
            id=_FORM,
            key=SlaPolicies.opened.to(str),
            on_submit=SlaPolicies.save,
            data_guard="true",
            class_name="hd-stack hd-gap-4",
        ),
        rx.el.div(simulation(SlaPolicies.simulated, buttons=simulate_buttons(_FORM)), class_name="mt-4"),
    )  # fmt: skip


def _facts() -> rx.Component:
    one, errors = SlaPolicies.policy, SlaPolicies.errors
    return stack(
        rx.el.div(
            text_field("Name", name="name", default_value=one.name, required=True, max_length=120, auto_complete="off",
                       error=errors["name"]),
            select_field("Calendar", SlaPolicies.calendar_choices, name="calendar", default_value=one.calendar_id.to(str),
                         error=errors["calendar"], help="When time counts. Make calendars in Settings > Calendars."),
            class_name="hd-grid hd-grid-2 hd-gap-4",
        ),
        rx.el.div(
            text_field("Warn after", name="warning_share", optional=True, placeholder="80",
                       default_value=rx.cond(one.warning_share, one.warning_share.to(str), ""),
                       error=errors["warning_share"], help="Percent of the time. Nothing: as for the organization."),
            switch("Active", name="is_active", default_checked=one.is_active, help="A policy that is off is never asked."),
            class_name="hd-grid hd-grid-2 hd-gap-4",
        ),
        gap=4,
    )  # fmt: skip


def _conditions() -> rx.Component:
    return stack(
        conditions(SlaPolicies),
        form_error(SlaPolicies.errors.get("where", "")),
        conditions_told(
            SlaPolicies.sentence, SlaPolicies.matches, SlaPolicies.note, "Every ticket that no policy above is for"
        ),
        gap=4,
    )


def _matrix() -> rx.Component:
    columns = [Column("Priority"), *(Column(METRIC_LABELS[metric].capitalize()) for metric in Metric)]
    return stack(
        rx.el.p(
            "How long it may take: 90 (minutes), 1h 30m or 4 hours. Nothing: no promise. A day is 24 hours of the calendar.",
            class_name="hd-help",
        ),
        data_table(columns, rx.foreach(SlaPolicies.matrix, _line), label="Promises"),
        gap=4,
    )


def _line(line: rx.Var[PriorityLine]) -> rx.Component:
    return rx.el.tr(
        cell(line.label, label="Priority"),
        rx.foreach(line.cells.to(list[Cell]), _target),
        key=line.slug,
    )


def _target(one: rx.Var[Cell]) -> rx.Component:
    name = "target-" + one.name.replace("/", "-")
    return cell(
        text_input(name=name, default_value=one.text, placeholder="–", aria_label=one.label, auto_complete="off"),
        rx.el.p(SlaPolicies.errors.get(name, ""), class_name="hd-error", aria_live="polite"),
        label=one.metric,
        key=one.name,
    )
