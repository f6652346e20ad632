"""Settings > API tokens."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.button import button
from helpdesk.components.dialog import confirm
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.layout import page_header
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.times import time_ago
from helpdesk.pages.layout import admin_page
from helpdesk.services.api_tokens import ApiTokenRow
from helpdesk.state.admin.api_tokens import ApiTokens


@admin_page(route="/admin/api-tokens", title="API tokens", section="api-tokens", on_load=ApiTokens.load)
def api_tokens() -> rx.Component:
    """The list."""
    return rx.fragment(
        page_header(
            "API tokens",
            button("Read the API", icon="book-open", href="/api/docs", target="_blank"),
            text="What programs carry to work here as somebody. Everybody makes their own, in their profile.",
        ),
        rx.cond(
            ApiTokens.is_loading,
            skeleton_table(rows=4, columns=5),
            rx.cond(
                ApiTokens.problem != "",
                error_state(on_retry=ApiTokens.load),
                rx.cond(
                    ApiTokens.rows.length() > 0,
                    _list(),
                    empty_state("Nobody has a token", "Those people make for their programs appear here.", icon="key-square"),
                ),
            ),
        ),
    )  # fmt: skip


def _list() -> rx.Component:
    return data_table(
        [
            Column("Token"), Column("Whose"), Column("It may"), Column("Last used"), Column("Good until"),
            Column("", align="right"),
        ],
        rx.foreach(ApiTokens.rows, _row),
        label="API tokens",
    )  # fmt: skip


def _row(one: rx.Var[ApiTokenRow]) -> rx.Component:
    revoke = confirm(
        "Revoke “" + one.name.to(str) + "”?",
        "Programs that carry it stop working at once. This cannot be undone.",
        confirm_label="Revoke",
        on_confirm=ApiTokens.revoke(one.id),
        trigger=button("Revoke…", size="sm", variant="danger-ghost", aria_label="Revoke " + one.name.to(str)),
        danger=True,
    )
    used = rx.cond(one.last_used_at != "", time_ago(one.last_used_at, form="long"), "Never")
    return table_row(
        cell(one.name, " ", rx.el.span("…", one.ending, class_name="hd-cell-quiet")),
        cell(one.owner, label="Whose"),
        cell(rx.el.span(one.does, class_name="hd-cell-quiet"), label="It may"),
        cell(used, label="Last used"),
        cell(
            rx.cond(one.is_expired, pill("Expired", "gray"), time_ago(one.expires_at, form="date")), label="Good until"
        ),
        cell(revoke, align="right"),
        key=one.id,
    )
