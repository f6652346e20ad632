"""Why a promise is due when it is: each stretch of its clock, with running totals."""

import reflex as rx

from helpdesk.components.badge import pill, sla_chip
from helpdesk.components.dialog import dialog
from helpdesk.components.layout import description_list, stack
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.times import time_ago
from helpdesk.services.deadlines import Explanation, Step
from helpdesk.state.agent.ticket import OpenTicket


def explanation_dialog() -> rx.Component:
    """One part per promise on the ticket."""
    return dialog(
        "Why is it due then?",
        stack(rx.foreach(OpenTicket.explanations, _explanation), gap=6),
        text="The time that counted adds up to what was promised.",
        open=OpenTicket.is_explaining,
        on_open_change=OpenTicket.set_explaining,
        width="lg",
    )


def _explanation(one: rx.Var[Explanation]) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h3(one.metric, class_name="hd-card-title"),
            rx.cond(
                (one.status == "breached") & (one.met_at != ""),
                pill("Late", "red"),
                sla_chip(one.status, one.due_at, hours=one.hours),
            ),
            class_name="hd-line hd-between",
        ),
        description_list(
            ("Promised", one.target.to(str) + rx.cond(one.policy != "", " by “" + one.policy.to(str) + "”", "")),
            ("Calendar", one.calendar),
            ("Counted", one.elapsed.to(str) + rx.cond(one.met_at != "", "", ", " + one.remaining.to(str) + " left")),
            ("Due", rx.cond(one.due_at != "", time_ago(one.due_at, form="absolute"), rx.fragment("Once it goes on"))),
        ),
        data_table(
            [
                Column("What"),
                Column("From"),
                Column("Until"),
                Column("Counted", align="right"),
                Column("Total", align="right"),
            ],
            rx.foreach(one.steps, _step),
            label="Stretches of the clock",
        ),
        key=one.metric.to(str) + one.started_at.to(str),
        class_name="hd-stack hd-gap-2",
    )


def _step(one: rx.Var[Step]) -> rx.Component:
    tone = rx.match(one.kind, ("counted", "green"), ("paused", "amber"), ("holiday", "violet"), "gray")
    return table_row(
        cell(
            rx.el.span(
                rx.el.span(class_name="hd-dot tone-" + tone.to(str), aria_hidden="true"),
                one.text,
                class_name="hd-state",
            ),
            rx.cond(one.is_future, rx.el.span(" to come", class_name="hd-help")),
            label="What",
        ),
        cell(time_ago(one.since, form="absolute"), label="From"),
        cell(time_ago(one.until, form="absolute"), label="Until"),
        cell(one.counted, label="Counted", align="right", class_name="whitespace-nowrap"),
        cell(one.total, label="Total", align="right", class_name="whitespace-nowrap"),
        key=one.since.to(str) + one.until.to(str),
    )
