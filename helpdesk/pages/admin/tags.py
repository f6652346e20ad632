"""Settings > Tags."""

import reflex as rx

from helpdesk.components.badge import tag_chip
from helpdesk.components.button import button
from helpdesk.components.dialog import confirm, sheet
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.filters import search_field
from helpdesk.components.form import form_actions, hidden, select_field, text_field
from helpdesk.components.layout import page_header, section, stack
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.pages.admin.parts import colour_field, explained, toolbar
from helpdesk.pages.layout import admin_page
from helpdesk.services.arranging import COLOURS
from helpdesk.services.tags import TagDetail
from helpdesk.state.admin.tags import HOME, SIZE, Tags


@admin_page(route="/admin/tags", title="Tags", section="tags", on_load=Tags.load)
def tags() -> rx.Component:
    """The list, and the drawer over it."""
    return rx.fragment(
        page_header(
            "Tags",
            button("New tag", icon="plus", variant="primary", href=f"{HOME}?new=yes"),
            text="Free words on tickets. Agents make new ones as they go; here they are kept in order.",
        ),
        toolbar(search_field(placeholder="Search tags", value=Tags.text, on_change=Tags.search.debounce(300))),
        rx.cond(
            Tags.is_loading,
            skeleton_table(rows=8, columns=2),
            rx.cond(
                Tags.problem != "",
                error_state(on_retry=Tags.load),
                rx.cond(Tags.rows.length() > 0, _list(), _nothing()),
            ),
        ),
        _drawer(),
    )


def _list() -> rx.Component:
    return stack(
        data_table([Column("Tag"), Column("Tickets", align="right")], rx.foreach(Tags.rows, _row), label="Tags"),
        rx.cond(Tags.total > SIZE, explained("There are more. Search for part of the name.")),
        gap=3,
    )


def _row(row: rx.Var[TagDetail]) -> rx.Component:
    return table_row(
        cell(tag_chip(row.name, row.colour), href=HOME + "?tag=" + row.id.to(str)),
        cell(row.tickets, label="Tickets", align="right"),
        key=row.id,
    )


def _nothing() -> rx.Component:
    return rx.cond(
        Tags.text != "",
        empty_state("No tag like that", "Try another part of the name.", icon="search-x", action=button("Show all", href=HOME)),
        empty_state(
            "No tags yet", "Agents add them to tickets with the key t, or you make the first one here.", icon="tags",
            action=button("New tag", icon="plus", href=f"{HOME}?new=yes"),
        ),
    )  # fmt: skip


def _drawer() -> rx.Component:
    tag, errors = Tags.tag, Tags.errors
    form = rx.el.form(
        hidden("tag_id", tag.id.to(str)),
        text_field(
            "Name", name="name", default_value=tag.name, required=True, max_length=60, auto_complete="off",
            error=errors["name"],
        ),
        colour_field(COLOURS, value=tag.colour, error=errors["colour"]),
        form_actions(button("Cancel", data_leaves="true", on_click=Tags.close), button("Save", variant="primary", type="submit")),
        key=Tags.opened.to(str),
        on_submit=Tags.save,
        class_name="hd-form",
    )  # fmt: skip
    return sheet(
        rx.cond(tag.id == 0, "New tag", tag.name),
        stack(form, rx.cond(tag.id != 0, rx.fragment(section("Merge", _merge()), section("Delete", _delete()))), gap=4),
        open=Tags.is_open,
        on_open_change=Tags.close,
    )


def _merge() -> rx.Component:
    return rx.el.form(
        hidden("tag_id", Tags.tag.id.to(str)),
        select_field(
            "Merge into", Tags.others, name="into", placeholder="Choose the tag that stays", error=Tags.errors["into"],
            help="Every ticket with this tag gets the other one; this one is gone. This cannot be undone.",
        ),
        form_actions(button("Merge", icon="merge", type="submit")),
        key=Tags.opened.to(str),
        on_submit=Tags.merge,
        class_name="hd-form",
    )  # fmt: skip


def _delete() -> rx.Component:
    tag = Tags.tag
    return confirm(
        "Delete “" + tag.name.to(str) + "”?",
        "It is taken off "
        + rx.cond(tag.tickets == 1, "1 ticket", tag.tickets.to(str) + " tickets")
        + ". This cannot be undone.",
        confirm_label="Delete",
        on_confirm=Tags.delete(tag.id),
        trigger=button("Delete…", variant="danger-ghost", icon="trash-2"),
        danger=True,
    )
