"""Settings > Priorities."""

import reflex as rx

from helpdesk.components.badge import pill, priority_indicator
from helpdesk.components.button import button
from helpdesk.components.dialog import confirm, sheet
from helpdesk.components.feedback import error_state, skeleton_table
from helpdesk.components.form import form_actions, hidden, text_field
from helpdesk.components.layout import page_header, section, stack
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.pages.admin.parts import colour_field, explained
from helpdesk.pages.layout import admin_page
from helpdesk.services.arranging import COLOURS
from helpdesk.services.priorities import HIGHEST, PriorityDetail
from helpdesk.state.admin.priorities import HOME, Priorities


@admin_page(route="/admin/priorities", title="Priorities", section="priorities", on_load=Priorities.load)
def priorities() -> rx.Component:
    """The list, and the drawer over it."""
    return rx.fragment(
        page_header(
            "Priorities",
            button("New priority", icon="plus", variant="primary", href=f"{HOME}?new=yes"),
            text="How urgent something is. The higher the rank, the further up in the queue.",
        ),
        rx.cond(
            Priorities.is_loading,
            skeleton_table(rows=4, columns=4),
            rx.cond(Priorities.problem != "", error_state(on_retry=Priorities.load), _list()),
        ),
        _drawer(),
    )


def _list() -> rx.Component:
    return data_table(
        [
            Column("Priority"),
            Column("Rank", align="right"),
            Column("Colour"),
            Column("Other words"),
            Column("Tickets", align="right"),
        ],
        rx.foreach(Priorities.rows, _row),
        label="Priorities",
    )


def _row(row: rx.Var[PriorityDetail]) -> rx.Component:
    return table_row(
        cell(priority_indicator(row.label, row.rank, show_label=True), href=HOME + "?priority=" + row.id.to(str)),
        cell(row.rank, label="Rank", align="right"),
        cell(pill(row.colour, row.colour, dot=True), label="Colour"),
        cell(rx.el.span(row.aliases, class_name="hd-cell-quiet"), label="Other words"),
        cell(row.tickets, label="Tickets", align="right"),
        key=row.id,
    )


def _drawer() -> rx.Component:
    priority, errors = Priorities.priority, Priorities.errors
    form = rx.el.form(
        hidden("priority_id", priority.id.to(str)),
        text_field(
            "Name", name="label", default_value=priority.label, required=True, max_length=60, auto_complete="off",
            error=errors["label"],
        ),
        text_field(
            "Rank", name="rank", type="number", default_value=priority.rank.to(str), min=1, max=HIGHEST, step=1, required=True,
            help="1 is the least urgent. From 4 on it is shown as urgent.", error=errors["rank"], class_name="hd-input-number",
        ),
        colour_field(COLOURS, value=priority.colour, error=errors["colour"]),
        text_field(
            "Other words for it", name="aliases", default_value=priority.aliases, optional=True, auto_complete="off",
            help="With commas. Imports, mail and the API understand them.", error=errors["aliases"],
        ),
        form_actions(button("Cancel", data_leaves="true", on_click=Priorities.close), button("Save", variant="primary", type="submit")),
        key=Priorities.opened.to(str),
        on_submit=Priorities.save,
        class_name="hd-form",
    )  # fmt: skip
    delete = rx.cond(
        priority.tickets == 0,
        confirm(
            "Delete “" + priority.label.to(str) + "”?",
            "No ticket has it. What SLA policies promise for it goes with it.",
            confirm_label="Delete",
            on_confirm=Priorities.delete(priority.id),
            trigger=button("Delete…", variant="danger-ghost", icon="trash-2"),
            danger=True,
        ),
        explained("Tickets have this priority. Give them another one before you delete it."),
    )
    return sheet(
        rx.cond(priority.id == 0, "New priority", priority.label),
        stack(form, rx.cond(priority.id != 0, section("Delete", delete)), gap=4),
        open=Priorities.is_open,
        on_open_change=Priorities.close,
    )
