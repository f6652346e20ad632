"""Colleagues and whether they are there."""

from typing import Any

import reflex as rx

from helpdesk.components.button import icon_button
from helpdesk.components.feedback import skeleton
from helpdesk.components.person import person_line

_WORDS = (("available", "Available"), ("away", "Away"), ("offline", "Offline"))


def colleagues(rows: Any, *, is_loading: rx.Var[bool], on_open: Any) -> rx.Component:
    """A button that opens the list. Rows have name, availability and open_tickets."""
    return rx.popover.root(
        rx.popover.trigger(icon_button("users", "Colleagues", tip="left")),
        rx.popover.content(
            rx.el.h2("Colleagues", class_name="hd-overline"),
            rx.cond(is_loading, rx.el.div(skeleton("h-8 w-full"), skeleton("h-8 w-full mt-2")), presence_list(rows)),
            align="end",
            side_offset=4,
            class_name="hd-popover hd-presence-popover",
        ),
        on_open_change=on_open,
    )


def presence_list(rows: Any) -> rx.Component:
    """Who is there first."""
    return rx.el.ul(rx.foreach(rows, _row), class_name="hd-presence-list")


def _row(row: Any) -> rx.Component:
    tickets = rx.cond(row.open_tickets == 1, "1 open ticket", row.open_tickets.to(str) + " open tickets")
    return rx.el.li(
        person_line(
            row.name,
            tickets,
            presence=row.availability,
            trailing=rx.el.span(rx.match(row.availability, *_WORDS, row.availability), class_name="hd-help"),
        ),
        key=row.id,
    )
