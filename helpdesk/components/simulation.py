"""What a draft would have meant: numbers side by side, the tickets that would have gone another way, and progress."""

from typing import Any

import reflex as rx

from helpdesk.components.base import Child
from helpdesk.components.button import button
from helpdesk.components.layout import card, stack
from helpdesk.components.stats import meter
from helpdesk.components.table import Column, cell, data_table, table_row


def simulate_buttons(form_id: str) -> rx.Component:
    """Send the form as a simulation instead of saving it."""
    return rx.el.div(
        *(
            button(
                f"Last {days} days",
                size="sm",
                icon="history",
                data_submit_as=f"simulate-{days}",
                data_submit_form=form_id,
            )
            for days in (30, 90)
        ),
        class_name="hd-line hd-gap-2",
    )


def simulation(found: rx.Var[Any], *, buttons: Child) -> rx.Component:
    """The card: what was, what would have been."""
    columns = [
        Column("Promise"), Column("Priority"), Column("Recorded: met", align="right"), Column("late", align="right"),
        Column("Draft: met", align="right"), Column("late", align="right"), Column("Share", align="right"),
    ]  # fmt: skip
    percent = rx.cond(found.total > 0, (found.done * 100 / found.total).to(int).to(str) + "%", "100%")
    return card(
        stack(
            rx.el.p(
                "See what the promises as they stand in this form would have meant for real tickets. Nothing is changed.",
                class_name="hd-help",
            ),
            rx.cond(
                found.id != 0,
                stack(
                    rx.cond(
                        ~found.is_finished,
                        rx.el.div(meter(percent, label="Progress"), rx.el.span(percent + " of the tickets"), class_name="hd-line hd-gap-2"),
                    ),
                    rx.el.p(
                        rx.cond(found.changed == 0, "Nothing would have gone another way", found.changed.to(str) + " promises would have gone another way"),
                        " in the last ", found.days.to(str), " days (", found.done.to(str), " tickets).",
                        aria_live="polite",
                    ),
                    rx.cond(found.rows.length() > 0, data_table(columns, rx.foreach(found.rows, _row), label="Recorded and simulated")),
                    rx.cond(
                        found.tickets.length() > 0,
                        data_table(
                            [Column("Ticket"), Column("Subject"), Column("Promise"), Column("Recorded"), Column("Draft")],
                            rx.foreach(found.tickets, _ticket), label="Tickets that would have gone another way",
                        ),
                    ),
                ),
            ),
        ),
        title="Simulate",
        action=buttons,
    )  # fmt: skip


def _row(row: rx.Var[Any]) -> rx.Component:
    return table_row(
        cell(row.metric, label="Promise"),
        cell(row.priority, label="Priority"),
        cell(row.met_then, label="Recorded: met", align="right"),
        cell(row.late_then, label="Recorded: late", align="right"),
        cell(row.met_now, label="Draft: met", align="right"),
        cell(row.late_now, label="Draft: late", align="right"),
        cell(row.share_then.to(str) + " → " + row.share_now.to(str), label="Share", align="right"),
        key=row.metric.to(str) + row.priority.to(str),
    )


def _ticket(row: rx.Var[Any]) -> rx.Component:
    return table_row(
        cell(row.reference, href="/agent?ticket=" + row.reference.to(str)),
        cell(row.title, label="Subject"),
        cell(row.metric, label="Promise"),
        cell(row.then, label="Recorded"),
        cell(row.now, label="Draft"),
        key=row.reference.to(str) + row.metric.to(str),
    )
