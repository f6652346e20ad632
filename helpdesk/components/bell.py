"""The bell with its number, what drops down from it, and a notification as a row."""

from typing import Any

import reflex as rx

from helpdesk.components.base import Flag, Number, Text, link, shown
from helpdesk.components.button import button, icon_button
from helpdesk.components.feedback import empty_state, error_state, skeleton
from helpdesk.components.icons import icon
from helpdesk.components.times import time_ago

_SHAPES = {
    "ticket_created": "inbox", "ticket_assigned": "user-check", "ticket_updated": "pencil", "ticket_resolved": "circle-check",
    "comment_added": "message-square", "status_change": "circle-dot", "priority_change": "signal-high",
    "sla_warning": "timer", "sla_breach": "alarm-clock", "escalation": "siren", "mention": "at-sign",
    "automation": "workflow",
}  # fmt: skip
_TONES = (
    ("sla_breach", "red"),
    ("sla_warning", "amber"),
    ("escalation", "red"),
    ("mention", "blue"),
    ("ticket_resolved", "green"),
)


def bell(
    rows: Any,
    *,
    unread: Number,
    is_loading: Flag,
    problem: Text,
    on_open: Any,
    on_read: Any,
    on_keep: Any,
    on_all: Any,
) -> rx.Component:
    """The button that says how many are new, and the newest behind it. `rows` are what `notification_row` takes."""
    number = rx.cond(unread > 99, "99+", unread.to(str)) if isinstance(unread, rx.Var) else str(unread)
    trigger = rx.el.button(
        icon("bell", size=16),
        rx.el.span("Notifications", class_name="sr-only"),
        shown(
            unread,
            rx.el.span(number, rx.el.span(" unread", class_name="sr-only"), data_unread=number, class_name="hd-count hd-bell-count"),
        ),
        type="button",
        data_bell="true",
        class_name="hd-btn hd-btn-icon hd-btn-ghost hd-btn-md hd-bell",
    )  # fmt: skip
    head = rx.el.div(
        rx.el.h2("Notifications", class_name="hd-bell-title"),
        shown(unread, button("Mark all as read", variant="ghost", size="sm", on_click=on_all)),
        class_name="hd-bell-head",
    )
    nothing = empty_state("Nothing yet", "What concerns you is told here.", icon="bell")
    found = notification_list(rows, on_read=on_read, on_keep=on_keep, label="Newest notifications", in_popover=True)
    body = shown(
        problem,
        error_state(on_retry=on_open(True)),
        rx.cond(is_loading, _waiting(), rx.cond(rows.length() > 0, found, nothing)),
    )
    foot = rx.el.div(
        rx.popover.close(link("All notifications", href="/notifications", class_name="hd-link")),
        rx.popover.close(link("Choose what you are told", href="/profile/notifications", class_name="hd-link")),
        class_name="hd-bell-foot",
    )
    return rx.popover.root(
        rx.popover.trigger(trigger),
        rx.popover.content(
            head,
            body,
            foot,
            align="end",
            side_offset=4,
            aria_label="Notifications",
            class_name="hd-popover hd-bell-popover",
        ),
        on_open_change=on_open,
    )


def notification_list(rows: Any, *, on_read: Any, on_keep: Any, label: str, in_popover: bool = False) -> rx.Component:
    """Rows in a list that j, k and the arrows walk through."""
    return rx.el.ul(
        rx.foreach(rows, lambda row: notification_row(row, on_read=on_read, on_keep=on_keep, in_popover=in_popover)),
        aria_label=label,
        data_nav_list="true",
        class_name="hd-notes",
    )


def notification_row(row: Any, *, on_read: Any, on_keep: Any, in_popover: bool = False) -> rx.Component:
    """What somebody was told: the whole row leads to the ticket and marks it as read. `row` has kind, title, message,
    reference, subject, href, created_at and read."""
    words = link(
        rx.el.span(
            rx.cond(row.read, "", rx.el.span("Unread. ", class_name="sr-only")),
            row.title,
            class_name="hd-note-title",
        ),
        shown(row.message, rx.el.span(row.message, class_name="hd-note-text")),
        shown(
            row.reference,
            rx.el.span(
                rx.el.span(row.reference, class_name="hd-note-ref"), rx.el.span(row.subject, class_name="truncate"),
                class_name="hd-note-ticket",
            ),
        ),
        href=rx.cond(row.href != "", row.href, "/notifications"),
        data_nav_item="true",
        on_click=on_read(row.id),
        class_name="hd-note-link",
    )  # fmt: skip
    return rx.el.li(
        rx.el.span(
            rx.match(row.kind, *((kind, icon(shape, size=15)) for kind, shape in _SHAPES.items()), icon("info", size=15)),
            class_name=["hd-note-icon", rx.match(row.kind, *((kind, f"tone-{tone}") for kind, tone in _TONES), "tone-gray")],
        ),
        rx.popover.close(words) if in_popover else words,
        rx.el.span(
            time_ago(row.created_at),
            rx.cond(
                row.read,
                icon_button("mail", "Mark as unread", size="sm", tip="left", on_click=on_keep(row.id)),
                icon_button("mail-open", "Mark as read", size="sm", tip="left", on_click=on_read(row.id)),
            ),
            class_name="hd-note-side",
        ),
        key=row.id.to(str),
        data_read=rx.cond(row.read, "true", "false"),
        class_name="hd-note",
    )  # fmt: skip


def _waiting() -> rx.Component:
    return rx.el.div(*(skeleton("h-8 w-full mt-2") for _ in range(4)), class_name="hd-bell-waiting")
