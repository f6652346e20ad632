"""Tickets in columns by status; cards are dragged, or moved with the keyboard."""

import reflex as rx

from helpdesk.components.badge import count, priority_indicator, sla_chip
from helpdesk.components.base import link
from helpdesk.components.board import board, board_card, board_column
from helpdesk.components.bridge import hears
from helpdesk.components.button import button
from helpdesk.components.feedback import error_state, skeleton_rows
from helpdesk.components.form import select
from helpdesk.components.layout import pane_head
from helpdesk.components.person import avatar, nobody
from helpdesk.components.times import time_ago
from helpdesk.pages.layout import agent_page
from helpdesk.state.agent.board import Board, Column
from helpdesk.state.agent.queue import Row


@agent_page(route="/agent/board", title=Board.title, on_load=Board.load)
def board_page() -> rx.Component:
    """The board and the choice of its view."""
    return rx.el.div(
        pane_head(
            rx.el.h1("Board", tab_index=-1, data_page_title="true", class_name="hd-pane-title"),
            select(Board.view_choices, value=Board.view, on_change=Board.choose, aria_label="View"),
            rx.el.span(class_name="grow"),
            rx.el.span("Shift and arrows move a card", class_name="hd-help hd-wide-only"),
            button("List", icon="list", size="sm", href=Board.list_href),
        ),
        rx.cond(
            Board.is_loading,
            skeleton_rows(6),
            rx.cond(
                Board.problem != "",
                error_state(on_retry=Board.load),
                board(rx.foreach(Board.columns, _column)),
            ),
        ),
        hears("drop", Board.drop),
        class_name="hd-board-page",
    )


def _column(column: rx.Var[Column]) -> rx.Component:
    return board_column(
        rx.foreach(column.rows, _card),
        slug=column.slug,
        label=column.label,
        colour=column.colour,
        number=rx.cond(column.count >= 1000, rx.el.span("999+", class_name="hd-count"), count(column.count)),
    )


def _card(row: rx.Var[Row]) -> rx.Component:
    return board_card(
        rx.el.div(
            rx.el.span(row.requester, class_name="hd-row-customer"),
            rx.el.span(row.reference, class_name="hd-row-ref"),
            class_name="hd-row-line",
        ),
        link(row.title, href=Board.card_base + row.reference.to(str), data_nav_item="true", class_name="hd-card-link"),
        rx.el.div(
            rx.cond(row.priority_rank > 0, priority_indicator(row.priority, row.priority_rank)),
            rx.cond(
                row.sla != "",
                sla_chip(
                    row.sla,
                    row.sla_due_at,
                    what=row.sla_metric,
                    warn_at=row.sla_warn_at,
                    hours=row.sla_hours,
                    compact=True,
                ),
            ),
            time_ago(row.updated_at, class_name="hd-row-time"),
            rx.cond(row.assignee != "", avatar(row.assignee, size="xs"), nobody(size="xs")),
            class_name="hd-row-line hd-row-facts",
        ),
        reference=row.reference,
    )
