"""Satisfaction for managers. Every figure leads to exactly its tickets, by click and, in the tables, by link."""

import reflex as rx

from helpdesk.components.base import link, shown
from helpdesk.components.button import button
from helpdesk.components.feedback import empty_state, error_state
from helpdesk.components.form import select
from helpdesk.components.layout import grid, page_header, stack
from helpdesk.components.progress import stars_shown
from helpdesk.components.stats import chart_card, stat_cards
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.tabs import segmented
from helpdesk.components.times import time_ago
from helpdesk.pages.layout import manager_page
from helpdesk.pages.manager.overview import card_of, number_row, number_table, plot, waiting
from helpdesk.services.reports.overview import Slice
from helpdesk.services.reports.satisfaction import DayOfRatings, RatedLine, Said
from helpdesk.state.manager.overview import LISTS
from helpdesk.state.manager.satisfaction import PERIODS, ManagerSatisfaction
from helpdesk.state.session import Me


@manager_page(route="/manager/satisfaction", title="Satisfaction", on_load=ManagerSatisfaction.load)
def satisfaction() -> rx.Component:
    """The page."""
    return rx.fragment(
        page_header(
            "Satisfaction",
            _tools(),
            text="What customers said of tickets solved in the period.",
            crumbs=link("Overview", href="/manager", class_name="hd-link"),
        ),
        rx.cond(
            ManagerSatisfaction.is_loading,
            waiting(5),
            rx.cond(
                ManagerSatisfaction.problem != "",
                error_state(on_retry=ManagerSatisfaction.load),
                rx.cond(ManagerSatisfaction.is_empty, _nothing(), _figures()),
            ),
        ),
    )


def _tools() -> rx.Component:
    return rx.el.div(
        select(
            ManagerSatisfaction.team_choices, placeholder="All teams", value=ManagerSatisfaction.team,
            on_change=ManagerSatisfaction.of_team, aria_label="Team",
        ),
        select(
            ManagerSatisfaction.category_choices, placeholder="All categories", value=ManagerSatisfaction.category,
            on_change=ManagerSatisfaction.of_category, aria_label="Category",
        ),
        select(
            ManagerSatisfaction.agent_choices, placeholder="All agents", value=ManagerSatisfaction.agent,
            on_change=ManagerSatisfaction.of_agent, aria_label="Agent",
        ),
        segmented(
            [(days, f"{days} days") for days in PERIODS], name="range", label="Period",
            value=ManagerSatisfaction.days, on_change=ManagerSatisfaction.over,
        ),
        role="group",
        aria_label="What the figures are about",
        class_name="hd-report-tools",
    )  # fmt: skip


def _figures() -> rx.Component:
    return stack(
        stat_cards(rx.foreach(ManagerSatisfaction.cards, card_of)),
        grid(
            chart_card(
                "Ratings per day",
                plot(ManagerSatisfaction.trend_figure, "Good, okay and low ratings per day"),
                table=number_table(
                    ["Day", "Good", "Okay", "Low"], rx.foreach(ManagerSatisfaction.trend, _day), "Ratings per day"
                ),
                text="By the day the ticket was solved.",
            ),
            chart_card(
                "Ratings by score",
                plot(ManagerSatisfaction.score_figure, "Ratings by score"),
                table=number_table(
                    ["Score", "Tickets"], rx.foreach(ManagerSatisfaction.by_score, _score), "Ratings by score"
                ),
                text="Thumbs count as five and one.",
            ),
            columns=2,
            class_name="hd-report-charts",
        ),
        _said(),
        _lines("Agents", "Agent", ManagerSatisfaction.agents),
        _lines("Teams", "Team", ManagerSatisfaction.teams),
        _lines("Categories", "Category", ManagerSatisfaction.categories),
        gap=4,
        class_name="hd-report",
    )


def _day(day: rx.Var[DayOfRatings]) -> rx.Component:
    return number_row(
        day.day, (day.good, day.good_query), (day.fair, day.fair_query), (day.low, day.low_query)
    )  # fmt: skip


def _score(one: rx.Var[Slice]) -> rx.Component:
    return number_row(one.label, (one.count, one.query))


def _lines(title: str, head: str, lines: rx.Var[list[RatedLine]]) -> rx.Component:
    columns = [
        Column(head), Column("Ratings", align="right"), Column("Average", align="right"),
        Column("Satisfied", align="right"), Column("Low", align="right"),
    ]  # fmt: skip
    return rx.cond(
        lines.length() > 0,
        stack(
            rx.el.h2(title, class_name="hd-report-title"),
            data_table(columns, rx.foreach(lines, _line), label=title),
            gap=2,
        ),
    )


def _line(line: rx.Var[RatedLine]) -> rx.Component:
    def number(value: rx.Var[int], query: rx.Var[str]) -> rx.Component:
        return link(value, href=LISTS + query.to(str), class_name="hd-link")

    return table_row(
        cell(line.label),
        cell(number(line.ratings, line.query), label="Ratings", align="right"),
        cell(line.average, label="Average", align="right"),
        cell(line.satisfied, label="Satisfied", align="right"),
        cell(number(line.low, line.low_query), label="Low", align="right"),
        key=line.query,
    )


def _said() -> rx.Component:
    return rx.cond(
        ManagerSatisfaction.said.length() > 0,
        stack(
            rx.el.h2("What they wrote", class_name="hd-report-title"),
            rx.el.ul(
                rx.foreach(ManagerSatisfaction.said, _one_said),
                aria_label="What they wrote",
                class_name="hd-card hd-list",
            ),
            gap=2,
        ),
    )


def _one_said(one: rx.Var[Said]) -> rx.Component:
    return rx.el.li(
        link(
            rx.el.div(
                rx.el.div(one.comment, class_name="hd-list-title"),
                rx.el.div(
                    rx.el.span(one.customer),
                    shown(one.agent, rx.el.span("helped by ", one.agent)),
                    rx.el.span(one.reference, " ", one.title, class_name="truncate"),
                    time_ago(one.at, form="long"),
                    class_name="hd-list-detail hd-dotted",
                ),
                class_name="min-w-0 grow",
            ),
            stars_shown(one.score),
            href="/agent?ticket=" + one.reference.to(str),
            class_name="hd-list-link",
        ),
        key=one.reference,
    )


def _nothing() -> rx.Component:
    return empty_state(
        "No ratings yet",
        "They appear as customers answer. A longer period, or all teams, categories and agents may show more.",
        icon="star",
        action=rx.cond(
            Me.is_admin, button("How customers are asked", href="/admin/organization", icon="settings")
        ),
    )  # fmt: skip
