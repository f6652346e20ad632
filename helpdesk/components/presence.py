"""Colleagues and whether they are there."""

from typing import Any

import reflex as rx

from helpdesk.components.base import Flag, Text, shown, when
from helpdesk.components.button import icon_button
from helpdesk.components.feedback import skeleton
from helpdesk.components.icons import icon
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


def company_line(text: Text, *, is_writing: Flag = False) -> rx.Component:
    """Who else is at what is open: quiet while they look, amber while they write. Nobody: nothing.

    Not a live region: people come and go, and a screen reader would tell all of it. The composer's warning is one.
    """
    return shown(
        text,
        rx.el.p(
            rx.el.span(rx.cond(is_writing, icon("pencil", size=13), icon("eye", size=13)), aria_hidden="true"),
            rx.el.span(text, class_name="truncate"),
            data_writing=when(is_writing, "true", "false"),
            class_name="hd-company",
        ),
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
