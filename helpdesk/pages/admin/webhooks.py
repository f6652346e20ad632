"""Settings > Webhooks."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import link
from helpdesk.components.button import button, icon_button
from helpdesk.components.dialog import confirm, sheet
from helpdesk.components.feedback import banner, empty_state, error_state, skeleton_table
from helpdesk.components.form import field, form_actions, hidden, switch, text_field
from helpdesk.components.layout import page_header, row, section, stack
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.times import time_ago
from helpdesk.pages.admin.parts import explained, older, on_or_off, ticks
from helpdesk.pages.layout import admin_page
from helpdesk.services.webhooks import DeliveryRow, EndpointRow
from helpdesk.state.admin.webhooks import HOME, Webhooks

_STATES = (("pending", "Waiting", "blue"), ("delivered", "Delivered", "green"), ("failed", "Failed", "red"))


@admin_page(route=HOME, title="Webhooks", section="webhooks", on_load=Webhooks.load)
def webhooks() -> rx.Component:
    """The list, and the drawer over it."""
    new = button("New webhook", icon="plus", variant="primary", href=f"{HOME}?new=yes")
    return rx.fragment(
        page_header("Webhooks", new, text="Other systems that are told what happens, at once and signed."),
        rx.cond(
            Webhooks.is_loading,
            skeleton_table(rows=3, columns=4),
            rx.cond(
                Webhooks.problem != "",
                error_state(on_retry=Webhooks.load),
                rx.cond(Webhooks.rows.length() > 0, _list(), _nothing()),
            ),
        ),
        _drawer(),
    )


def _list() -> rx.Component:
    return data_table(
        [Column("Name"), Column("Address"), Column("Hears of"), Column("Last seven days"), Column("State")],
        rx.foreach(Webhooks.rows, _row),
        label="Webhooks",
    )


def _row(one: rx.Var[EndpointRow]) -> rx.Component:
    return table_row(
        cell(one.name, href=HOME + "?webhook=" + one.id.to(str)),
        cell(rx.el.span(one.address, title=one.address, class_name="hd-cell-quiet truncate"), label="Address"),
        cell(
            rx.cond(
                one.kinds.length() == 0,
                rx.el.span("Rules only", class_name="hd-none"),
                rx.cond(one.kinds.length() == 1, "1 kind", one.kinds.length().to(str) + " kinds"),
            ),
            label="Hears of",
        ),
        cell(
            rx.el.span(
                pill(one.delivered.to(str) + " delivered", rx.cond(one.delivered > 0, "green", "gray")),
                rx.cond(one.failed > 0, pill(one.failed.to(str) + " failed", "red")),
                class_name="hd-line hd-gap-1",
            ),
            label="Last seven days",
        ),
        cell(
            rx.cond(
                one.is_active & (one.failures > 0),
                pill("Not answering", "amber"),
                on_or_off(one.is_active, on="On"),
            ),
            label="State",
        ),
        key=one.id.to(str),
    )


def _nothing() -> rx.Component:
    return empty_state(
        "No webhooks yet",
        "Have your chat, your billing or your own code called when something happens to a ticket.",
        icon="webhook",
        action=button("New webhook", icon="plus", href=f"{HOME}?new=yes"),
    )


def _drawer() -> rx.Component:
    one = Webhooks.endpoint
    is_there = one.id != 0
    return sheet(
        rx.cond(is_there, one.name, "New webhook"),
        stack(
            rx.cond(Webhooks.secret != "", _secret()),
            rx.cond(
                one.problem != "",
                banner("Switched off, because it did not answer for a day: " + one.problem.to(str), tone="red", icon="circle-alert"),
            ),
            _form(),
            rx.cond(is_there, rx.fragment(_state(), _calls(), section("Delete", _delete()))),
            gap=4,
        ),
        open=Webhooks.is_open,
        on_open_change=Webhooks.close,
    )  # fmt: skip


def _secret() -> rx.Component:
    return field(
        "Secret",
        rx.el.div(
            rx.el.input(
                value=Webhooks.secret, read_only=True, id="secret", aria_describedby="secret-help secret-error",
                class_name="hd-input",
            ),
            icon_button("copy", "Copy the secret", data_copy=Webhooks.secret),
            class_name="flex items-center gap-2",
        ),
        id="secret",
        help="Copy it now: it is never shown again. Your system checks the signature of each call with it.",
    )  # fmt: skip


def _form() -> rx.Component:
    one, errors = Webhooks.endpoint, Webhooks.errors
    return rx.el.form(
        hidden("endpoint_id", one.id.to(str)),
        text_field(
            "Name", name="name", default_value=one.name, required=True, max_length=80, auto_complete="off",
            error=errors["name"],
        ),
        text_field(
            "Address", name="address", type="url", default_value=one.address, required=True, max_length=500,
            auto_complete="off", placeholder="https://hooks.example.com/helpdesk", spell_check=False,
            help="It gets a POST with JSON. No redirects; addresses in private networks are refused.", error=errors["address"],
        ),
        ticks(
            "Hears of", "kinds", Webhooks.kinds, Webhooks.chosen, errors["kinds"],
            help="Leave all out for one that only rules call.",
        ),
        form_actions(button("Cancel", data_leaves="true", on_click=Webhooks.close), button("Save", variant="primary", type="submit")),
        key=Webhooks.opened.to(str),
        on_submit=Webhooks.save,
        no_validate=True,
        class_name="hd-form",
    )  # fmt: skip


def _state() -> rx.Component:
    one = Webhooks.endpoint
    return section(
        "Connection",
        stack(
            switch("On", checked=one.is_active, on_change=lambda is_active: Webhooks.switch(one.id, is_active)),
            row(
                button("Send a test", icon="plug", on_click=Webhooks.test(one.id)),
                confirm(
                    "Make a new secret?",
                    "The one there is stops working at once.",
                    confirm_label="Make a new secret",
                    on_confirm=Webhooks.renew(one.id),
                    trigger=button("New secret…", icon="key-round"),
                ),
            ),
            gap=3,
        ),
    )


def _calls() -> rx.Component:
    return section(
        "Calls",
        rx.cond(
            Webhooks.calls.length() > 0,
            data_table(
                [Column("What"), Column("State"), Column("When"), Column("Again", width="w-px")],
                rx.foreach(Webhooks.calls, _call),
                label="Calls",
                footer=older(newest=Webhooks.newest_href, following=Webhooks.older_href),
            ),
            explained("Nothing yet. Send a test to see whether it answers."),
        ),
    )


def _call(one: rx.Var[DeliveryRow]) -> rx.Component:
    code = rx.cond(one.status_code > 0, one.status_code.to(str) + " ", "")
    return table_row(
        cell(
            rx.el.div(
                rx.el.span(one.what),
                rx.cond(
                    one.reference != "",
                    link(one.reference, href="/agent?ticket=" + one.reference.to(str), class_name="hd-link"),
                ),
                class_name="hd-two-lines",
            ),
            label="What",
        ),
        cell(
            rx.el.div(
                rx.el.span(
                    rx.match(
                        one.state, *((key, pill(label, tone, dot=True)) for key, label, tone in _STATES), pill(one.state)
                    ),
                    rx.cond(one.attempts > 1, rx.el.span(one.attempts.to(str) + " tries", class_name="hd-help")),
                    class_name="hd-line hd-gap-1",
                ),
                rx.cond(
                    (one.state != "delivered") & (one.attempts > 0),
                    rx.el.span(code, one.answer, class_name="hd-rule-problem"),
                    rx.cond(one.status_code > 0, rx.el.span(code, class_name="hd-help")),
                ),
                rx.cond(
                    (one.state == "pending") & (one.attempts > 0),
                    rx.el.span("Again ", time_ago(one.next_at), class_name="hd-help"),
                ),
                class_name="hd-two-lines",
            ),
            label="State",
        ),
        cell(time_ago(one.created_at), label="When"),
        cell(
            rx.cond(
                (one.state != "pending") | (one.attempts > 0),
                icon_button("rotate-cw", "Call again", size="sm", on_click=Webhooks.redeliver(one.id)),
            ),
            label="Again",
        ),
        key=one.id.to(str),
    )  # fmt: skip


def _delete() -> rx.Component:
    one = Webhooks.endpoint
    return confirm(
        "Delete “" + one.name.to(str) + "”?",
        "It is told nothing any more, and the log of its calls goes with it.",
        confirm_label="Delete",
        on_confirm=Webhooks.delete(one.id),
        trigger=button("Delete…", variant="danger-ghost", icon="trash-2"),
        danger=True,
    )
