"""Settings > Blocked files."""

import reflex as rx

from helpdesk.components.base import link
from helpdesk.components.button import button
from helpdesk.components.dialog import confirm
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.layout import page_header
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.times import time_ago
from helpdesk.pages.admin.parts import older
from helpdesk.pages.layout import admin_page
from helpdesk.services.quarantine import BlockedRow
from helpdesk.state.admin.blocked import HOME, BlockedFiles


@admin_page(route=HOME, title="Blocked files", section="blocked-files", on_load=BlockedFiles.load)
def blocked_files() -> rx.Component:
    """The list, and the two questions."""
    return rx.fragment(
        page_header("Blocked files", text="What the virus scanner has set aside. Nobody can open it, and who sent it was told."),
        rx.cond(
            BlockedFiles.is_loading,
            skeleton_table(rows=5, columns=5),
            rx.cond(
                BlockedFiles.problem != "",
                error_state(on_retry=BlockedFiles.load),
                rx.cond(
                    BlockedFiles.rows.length() > 0,
                    _list(),
                    empty_state("Nothing is blocked", "Files with a virus, a program or a macro appear here.", icon="shield-check"),
                ),
            ),
        ),
        confirm(
            rx.fragment("Release “", BlockedFiles.chosen.filename, "” anyway?"),
            rx.fragment(
                "The scanner says that ", BlockedFiles.chosen.why,
                ". Everybody who sees the conversation can open it then. Release it only if you know where it comes from.",
            ),
            confirm_label="Release anyway",
            on_confirm=BlockedFiles.release,
            open=BlockedFiles.asking == "release",
            on_open_change=BlockedFiles.spare,
            danger=True,
        ),
        confirm(
            rx.fragment("Delete “", BlockedFiles.chosen.filename, "” for good?"),
            "Its bytes are gone; the conversation stays. Who sent it is told. This cannot be undone.",
            confirm_label="Delete for good",
            on_confirm=BlockedFiles.delete,
            open=BlockedFiles.asking == "delete",
            on_open_change=BlockedFiles.spare,
            danger=True,
        ),
    )  # fmt: skip


def _list() -> rx.Component:
    return data_table(
        [Column("File"), Column("Why"), Column("Sent by"), Column("Ticket"), Column("When"), Column("", align="right")],
        rx.foreach(BlockedFiles.rows, _row),
        label="Blocked files",
        footer=older(newest=BlockedFiles.newest_href, following=BlockedFiles.older_href),
    )


def _row(one: rx.Var[BlockedRow]) -> rx.Component:
    return table_row(
        cell(rx.el.span(one.filename, title=one.content_type, class_name="truncate")),
        cell(one.why, label="Why"),
        cell(rx.cond(one.uploader != "", one.uploader, "Nobody named"), label="Sent by"),
        cell(
            rx.cond(
                one.reference != "",
                link(one.reference, href="/agent?ticket=" + one.reference.to(str), class_name="hd-link"),
                rx.el.span("Not sent", class_name="hd-none"),
            ),
            label="Ticket",
        ),
        cell(time_ago(one.created_at), label="When"),
        cell(
            rx.el.span(
                button("Release anyway", size="sm", on_click=BlockedFiles.ask(one.id, "release")),
                button("Delete", size="sm", variant="danger-ghost", on_click=BlockedFiles.ask(one.id, "delete")),
                class_name="hd-line hd-row-buttons",
            ),
            align="right",
        ),
        key=one.id.to(str),
    )
