"""Settings > Categories."""

import reflex as rx

from helpdesk.components.badge import tag_chip
from helpdesk.components.button import button
from helpdesk.components.dialog import confirm, sheet
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.form import form_actions, hidden, select_field, switch, text_field, textarea_field
from helpdesk.components.layout import page_header, section, stack
from helpdesk.components.order import order_form, order_handle
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.pages.admin.parts import colour_field, on_or_off, ticks
from helpdesk.pages.layout import admin_page
from helpdesk.services.catalog import COLOURS, CategoryRow
from helpdesk.state.admin.categories import HOME, Categories

_ORDER = "order-of-categories"


@admin_page(route="/admin/categories", title="Categories", section="categories", on_load=Categories.load)
def categories() -> rx.Component:
    """The list, and the drawer over it."""
    return rx.fragment(
        page_header(
            "Categories",
            button("New category", icon="plus", variant="primary", href=f"{HOME}?new=yes"),
            text="What requests are about. Customers choose one; it decides which team gets the ticket.",
        ),
        order_form(_ORDER, on_submit=Categories.reorder),
        rx.cond(
            Categories.is_loading,
            skeleton_table(rows=8, columns=4),
            rx.cond(
                Categories.problem != "",
                error_state(on_retry=Categories.load),
                rx.cond(Categories.rows.length() > 0, _list(), _nothing()),
            ),
        ),
        _drawer(),
    )


def _list() -> rx.Component:
    return data_table(
        [Column("Order", width="w-px"), Column("Category"), Column("Description"), Column("Team"), Column("State")],
        rx.foreach(Categories.rows, _row),
        label="Categories",
    )


def _row(row: rx.Var[CategoryRow]) -> rx.Component:
    return table_row(
        cell(order_handle(row.name, _ORDER), label="Order"),
        cell(tag_chip(row.name, row.colour), href=HOME + "?category=" + row.id.to(str)),
        cell(rx.el.span(row.description, class_name="hd-cell-quiet"), label="Description"),
        cell(
            rx.cond(row.team != "", row.team, rx.el.span("Anybody", class_name="hd-none")),
            label="Team",
        ),
        cell(on_or_off(row.is_active), label="State"),
        key=row.id,
        data_reorder_id=row.id.to(str),
    )


def _nothing() -> rx.Component:
    return empty_state(
        "No categories yet",
        "With categories, requests find the right team by themselves.",
        icon="folder-tree",
        action=button("New category", icon="plus", href=f"{HOME}?new=yes"),
    )


def _drawer() -> rx.Component:
    category, errors = Categories.category, Categories.errors
    delete = confirm(
        "Delete “" + category.name.to(str) + "”?",
        "Only a category that no ticket has can be deleted. One that is in use can be switched off.",
        confirm_label="Delete",
        on_confirm=Categories.delete(category.id),
        trigger=button("Delete…", variant="danger-ghost", icon="trash-2"),
        danger=True,
    )
    return sheet(
        rx.cond(category.id == 0, "New category", category.name),
        stack(rx.el.form(
            hidden("category_id", category.id.to(str)),
            text_field(
                "Name", name="name", default_value=category.name, required=True, max_length=120, auto_complete="off",
                error=errors["name"],
            ),
            textarea_field(
                "Description", name="description", rows=3, default_value=category.description, max_length=500, optional=True,
                help="Customers read it when they choose.", error=errors["description"],
            ),
            colour_field(COLOURS, value=category.colour, error=errors["colour"]),
            select_field(
                "Team", Categories.team_choices, name="team_id", placeholder="Anybody who is available", optional=True,
                default_value=rx.cond(category.team_id, category.team_id.to(str), ""), error=errors["team_id"],
                help="New tickets of this category go to its queue.",
            ),
            rx.cond(
                Categories.skill_choices.length() > 0,
                ticks(
                    "Skills it takes", "skill", Categories.skill_choices, Categories.skills, errors["skill_ids"],
                    help="Where the team gives out by skill, or without a team, who has all of them comes first.",
                ),
            ),
            switch(
                "Active", name="is_active", default_checked=category.is_active,
                help="A category that is off is no longer offered; tickets that have it keep it.",
            ),
            form_actions(button("Cancel", data_leaves="true", on_click=Categories.close), button("Save", variant="primary", type="submit")),
            key=Categories.opened.to(str),
            on_submit=Categories.save,
            class_name="hd-form",
        ), rx.cond(category.id != 0, section("Delete", delete)), gap=4),
        open=Categories.is_open,
        on_open_change=Categories.close,
    )  # fmt: skip
