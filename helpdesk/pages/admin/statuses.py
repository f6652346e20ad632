"""Settings > Statuses."""

import reflex as rx

from helpdesk.components.badge import status_badge
from helpdesk.components.base import Choice
from helpdesk.components.button import button
from helpdesk.components.dialog import confirm, sheet
from helpdesk.components.feedback import error_state, skeleton_table
from helpdesk.components.form import form_actions, hidden, select_field, switch, text_field
from helpdesk.components.layout import page_header, section, stack
from helpdesk.components.order import order_form, order_handle
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.domain.tickets import StatusCategory
from helpdesk.pages.admin.parts import colour_field, explained, on_or_off
from helpdesk.pages.layout import admin_page
from helpdesk.services.arranging import COLOURS
from helpdesk.services.statuses import StatusDetail
from helpdesk.state.admin.statuses import CATEGORIES, HOME, Statuses

_ORDER = "order-of-statuses"


@admin_page(route="/admin/statuses", title="Statuses", section="statuses", on_load=Statuses.load)
def statuses() -> rx.Component:
    """The list, and the drawer over it."""
    return rx.fragment(
        page_header(
            "Statuses",
            button("New status", icon="plus", variant="primary", href=f"{HOME}?new=yes"),
            text="Where a ticket stands. People choose in this order; the first of a category is what tickets get by"
            " themselves.",
        ),
        order_form(_ORDER, on_submit=Statuses.reorder),
        rx.cond(
            Statuses.is_loading,
            skeleton_table(rows=8, columns=5),
            rx.cond(Statuses.problem != "", error_state(on_retry=Statuses.load), _list()),
        ),
        _drawer(),
    )


def _list() -> rx.Component:
    return data_table(
        [
            Column("Order", width="w-px"),
            Column("Status"),
            Column("Customers read"),
            Column("Category"),
            Column("Clock"),
            Column("Tickets", align="right"),
            Column("State"),
        ],
        rx.foreach(Statuses.rows, _row),
        label="Statuses",
    )


def _row(row: rx.Var[StatusDetail]) -> rx.Component:
    clocks = {
        StatusCategory.NEW: "Runs",
        StatusCategory.OPEN: "Runs",
        StatusCategory.PENDING: "Stands still",
        StatusCategory.RESOLVED: "Ends",
        StatusCategory.CLOSED: "Ends",
    }
    return table_row(
        cell(order_handle(row.label, _ORDER), label="Order"),
        cell(status_badge(row.label, row.colour), href=HOME + "?status=" + row.id.to(str)),
        cell(rx.el.span(row.customer_label, class_name="hd-cell-quiet"), label="Customers read"),
        cell(rx.match(row.category, *((key.value, name) for key, name, _ in CATEGORIES), ""), label="Category"),
        cell(rx.match(row.category, *((key.value, text) for key, text in clocks.items()), ""), label="Clock"),
        cell(row.tickets, label="Tickets", align="right"),
        cell(on_or_off(row.is_active), label="State"),
        key=row.id,
        data_reorder_id=row.id.to(str),
    )


def _drawer() -> rx.Component:
    status, errors = Statuses.status, Statuses.errors
    form = rx.el.form(
        hidden("status_id", status.id.to(str)),
        text_field(
            "Name", name="label", default_value=status.label, required=True, max_length=60, auto_complete="off",
            error=errors["label"],
        ),
        text_field(
            "Customers read", name="customer_label", default_value=status.customer_label, max_length=60, optional=True,
            auto_complete="off", help="Plain words for the portal and mails. Empty: the name.",
            error=errors["customer_label"],
        ),
        select_field(
            "Category", [Choice(key.value, f"{name}: {text}") for key, name, text in CATEGORIES], name="category",
            default_value=status.category, error=errors["category"],
            help="Decides what the status means: rules, reports and the clock go by it.",
        ),
        colour_field(COLOURS, value=status.colour, error=errors["colour"]),
        text_field(
            "Other words for it", name="aliases", default_value=status.aliases, optional=True, auto_complete="off",
            help="With commas. Imports, mail and the API understand them.", error=errors["aliases"],
        ),
        switch(
            "Active", name="is_active", default_checked=status.is_active,
            help="A status that is off is no longer offered; tickets that have it keep it.",
        ),
        rx.el.p(errors["is_active"], class_name="hd-error", aria_live="polite"),
        form_actions(button("Cancel", data_leaves="true", on_click=Statuses.close), button("Save", variant="primary", type="submit")),
        key=Statuses.opened.to(str),
        on_submit=Statuses.save,
        class_name="hd-form",
    )  # fmt: skip
    return sheet(
        rx.cond(status.id == 0, "New status", status.label),
        stack(form, rx.cond(status.id != 0, section("Delete", _delete())), gap=4),
        open=Statuses.is_open,
        on_open_change=Statuses.close,
    )


def _delete() -> rx.Component:
    status = Statuses.status
    return rx.cond(
        status.tickets == 0,
        confirm(
            "Delete “" + status.label.to(str) + "”?",
            "No ticket has it. The history of tickets that once had it still names it.",
            confirm_label="Delete",
            on_confirm=Statuses.delete(status.id),
            trigger=button("Delete…", variant="danger-ghost", icon="trash-2"),
            danger=True,
        ),
        explained("Tickets have this status: it can be switched off, not deleted."),
    )
