"""A board: columns beside each other, cards that are dragged between them or moved with Shift and arrows."""

import reflex as rx

from helpdesk.components.base import Child, Text


def board(columns: rx.Component) -> rx.Component:
    """The columns; a dropped card is told to the page as `drop`: "reference column" (`bridge.hears`)."""
    return rx.el.div(columns, data_board="true", class_name="hd-board")


def board_column(cards: rx.Component, *, slug: Text, label: Text, colour: Text, number: rx.Component) -> rx.Component:
    """One column and what it is called."""
    return rx.el.section(
        rx.el.div(
            rx.el.span(class_name=["hd-dot", "tone-" + colour], aria_hidden="true"),
            rx.el.h2(label, class_name="grow truncate"),
            number,
            class_name="hd-board-head",
        ),
        rx.el.ul(cards, data_nav_list="true", aria_label=label, class_name="hd-board-cards"),
        key=slug,
        data_drop=slug,
        aria_label=label,
        class_name="hd-board-column",
    )


def board_card(*children: Child, reference: Text) -> rx.Component:
    """One card; holds a link with `data_nav_item`."""
    return rx.el.li(*children, key=reference, draggable=True, data_card=reference, class_name="hd-board-card")
