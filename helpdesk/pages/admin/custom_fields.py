"""Settings > Custom fields."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import Choice
from helpdesk.components.button import button
from helpdesk.components.dialog import sheet
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.form import (
    checkbox,
    form_actions,
    hidden,
    select_field,
    switch,
    text_field,
    textarea_field,
)
from helpdesk.components.layout import page_header
from helpdesk.components.order import order_form, order_handle
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.domain.custom_fields import Field
from helpdesk.pages.admin.parts import on_or_off
from helpdesk.pages.layout import admin_page
from helpdesk.state.admin.custom_fields import HOME, KINDS, CustomFields

_ORDER = "order-of-custom-fields"


@admin_page(route="/admin/custom-fields", title="Custom fields", section="custom-fields", on_load=CustomFields.load)
def custom_fields() -> rx.Component:
    """The list, and the drawer over it."""
    return rx.fragment(
        page_header(
            "Custom fields",
            button("New field", icon="plus", variant="primary", href=f"{HOME}?new=yes"),
            text="What you ask about tickets beyond the usual: a serial number, a cost centre, a floor.",
        ),
        order_form(_ORDER, on_submit=CustomFields.reorder),
        rx.cond(
            CustomFields.is_loading,
            skeleton_table(rows=5, columns=4),
            rx.cond(
                CustomFields.problem != "",
                error_state(on_retry=CustomFields.load),
                rx.cond(CustomFields.rows.length() > 0, _list(), _nothing()),
            ),
        ),
        _drawer(),
    )


def _list() -> rx.Component:
    return data_table(
        [Column("Order", width="w-px"), Column("Field"), Column("Kind"), Column("Asked"), Column("State")],
        rx.foreach(CustomFields.rows, _row),
        label="Custom fields",
    )


def _row(row: rx.Var[Field]) -> rx.Component:
    kind = rx.match(row.kind, *((key.value, label) for key, label in KINDS), "Text")
    return table_row(
        cell(order_handle(row.label, _ORDER), label="Order"),
        cell(row.label, href=HOME + "?field=" + row.id.to(str)),
        cell(kind, label="Kind"),
        cell(
            rx.el.span(
                rx.cond(row.is_public, pill("Customers and staff", "blue"), pill("Staff only", "gray")),
                rx.cond(row.is_required, pill("Required", "amber")),
                rx.cond(row.category_ids.length() > 0, pill("Some categories", "gray")),
                class_name="hd-line hd-gap-1",
            ),
            label="Asked",
        ),
        cell(on_or_off(row.is_active), label="State"),
        key=row.id.to(str),
        data_reorder_id=row.id.to(str),
    )


def _nothing() -> rx.Component:
    return empty_state(
        "No fields of your own yet",
        "Ask for what your team needs to know, of every request or of some categories.",
        icon="text-cursor-input",
        action=button("New field", icon="plus", href=f"{HOME}?new=yes"),
    )


def _drawer() -> rx.Component:
    one, errors = CustomFields.field, CustomFields.errors
    return sheet(
        rx.cond(one.id == 0, "New field", one.label),
        rx.el.form(
            hidden("field_id", one.id.to(str)),
            text_field(
                "Name", name="label", default_value=one.label, required=True, max_length=80, auto_complete="off",
                error=errors["label"],
            ),
            rx.cond(
                one.id == 0,
                select_field(
                    "Kind", [Choice(key.value, label) for key, label in KINDS], name="kind", value=CustomFields.kind,
                    on_change=CustomFields.choose_kind, error=errors["kind"], help="It cannot be changed later.",
                ),
                hidden("kind", CustomFields.kind),
            ),
            rx.cond(
                CustomFields.kind == "choice",
                textarea_field(
                    "Options", name="options", rows=4, default_value=CustomFields.options, help="One a line.",
                    error=errors["options"],
                ),
            ),
            text_field(
                "Help", name="help", default_value=one.help, max_length=200, optional=True,
                help="A sentence under the field.", error=errors["help"],
            ),
            rx.cond(
                CustomFields.categories.length() > 0,
                rx.el.fieldset(
                    rx.el.legend("Asked for", class_name="hd-label"),
                    rx.el.p("None ticked: whatever the category.", class_name="hd-help"),
                    rx.foreach(
                        CustomFields.categories,
                        lambda choice: checkbox(
                            choice.label, name="category-" + choice.value.to(str),
                            default_checked=CustomFields.chosen.contains(choice.value), key=choice.value,
                        ),
                    ),
                    class_name="hd-field",
                ),
            ),
            switch("Required", name="is_required", default_checked=one.is_required,
                   help="A request cannot be sent without it."),
            switch("Customers see it", name="is_public", default_checked=one.is_public,
                   help="They are asked, and see the answer. Otherwise it is for staff only."),
            switch("Active", name="is_active", default_checked=one.is_active,
                   help="A field that is off is no longer asked; answers given are kept."),
            form_actions(button("Cancel", data_leaves="true", on_click=CustomFields.close), button("Save", variant="primary", type="submit")),
            key=CustomFields.opened.to(str),
            on_submit=CustomFields.save,
            class_name="hd-form",
        ),
        open=CustomFields.is_open,
        on_open_change=CustomFields.close,
    )  # fmt: skip
