"""Settings > Trash."""

import reflex as rx

from helpdesk.components.button import button
from helpdesk.components.dialog import confirm
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.layout import page_header
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.times import time_ago
from helpdesk.pages.layout import admin_page
from helpdesk.services.tickets import TrashRow
from helpdesk.state.admin.trash import Trash


@admin_page(route="/admin/trash", title="Trash", section="trash", on_load=Trash.load)
def trash() -> rx.Component:
    """The list."""
    return rx.fragment(
        page_header("Trash", text="Deleted tickets can be restored for 30 days; then they are gone for good."),
        rx.cond(
            Trash.is_loading,
            skeleton_table(rows=5, columns=4),
            rx.cond(
                Trash.problem != "",
                error_state(on_retry=Trash.load),
                rx.cond(
                    Trash.rows.length() > 0,
                    _list(),
                    empty_state("The trash is empty", "Tickets you delete appear here.", icon="trash-2"),
                ),
            ),
        ),
        confirm(
            rx.fragment("Delete ", Trash.doomed.reference, " for good?"),
            "The ticket, everything said on it and its files are gone. This cannot be undone.",
            confirm_label="Delete for good",
            on_confirm=Trash.purge,
            open=Trash.doomed.id > 0,
            on_open_change=Trash.spare,
            danger=True,
        ),
    )


def _list() -> rx.Component:
    return data_table(
        [
            Column("Ticket"),
            Column("Customer"),
            Column("Deleted by"),
            Column("Gone for good"),
            Column("", align="right"),
        ],
        rx.foreach(Trash.rows, _row),
        label="Deleted tickets",
    )


def _row(row: rx.Var[TrashRow]) -> rx.Component:
    return table_row(
        cell(rx.el.span(row.reference, class_name="hd-row-ref"), " ", row.title),
        cell(row.requester, label="Customer"),
        cell(row.deleted_by, " · ", time_ago(row.deleted_at, form="long"), label="Deleted by"),
        cell(time_ago(row.gone_at, form="long"), label="Gone for good"),
        cell(
            rx.el.span(
                button("Restore", icon="undo-2", size="sm", on_click=Trash.restore(row.id)),
                button("Delete for good", size="sm", variant="danger-ghost", on_click=Trash.ask(row.id)),
                class_name="hd-line hd-row-buttons",
            ),
            align="right",
        ),
        key=row.id.to(str),
    )
