"""The manager's overview. Every figure leads to exactly its tickets, by click and, in the tables, by link."""

from typing import Any

import reflex as rx

from helpdesk.components.base import link
from helpdesk.components.button import button
from helpdesk.components.chart import chart
from helpdesk.components.feedback import empty_state, error_state, skeleton, skeleton_cards
from helpdesk.components.form import select
from helpdesk.components.layout import grid, page_header, stack
from helpdesk.components.person import person_line
from helpdesk.components.stats import chart_card, stat_card, stat_cards
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.tabs import segmented
from helpdesk.pages.layout import manager_page
from helpdesk.services.reports.overview import AgentLine, Card, Day, Slice
from helpdesk.state.manager.overview import LISTS, PERIODS, ManagerOverview
from helpdesk.state.session import Me


@manager_page(route="/manager", title="Overview", on_load=ManagerOverview.load)
def overview() -> rx.Component:
    """The page."""
    return rx.fragment(
        page_header(
            "Overview", _tools(), text="What came in, what was solved, and how well. Figures follow the desk live."
        ),
        rx.cond(
            ManagerOverview.is_loading,
            waiting(),
            rx.cond(
                ManagerOverview.problem != "",
                error_state(on_retry=ManagerOverview.load),
                rx.cond(ManagerOverview.is_empty, _nothing(), _figures()),
            ),
        ),
    )


def _tools() -> rx.Component:
    return rx.el.div(
        select(
            ManagerOverview.team_choices,
            placeholder="All teams",
            value=ManagerOverview.team,
            on_change=ManagerOverview.of_team,
            aria_label="Team",
        ),
        select(
            ManagerOverview.category_choices,
            placeholder="All categories",
            value=ManagerOverview.category,
            on_change=ManagerOverview.of_category,
            aria_label="Category",
        ),
        segmented(
            [(days, f"{days} days") for days in PERIODS],
            name="range",
            label="Period",
            value=ManagerOverview.days,
            on_change=ManagerOverview.over,
        ),
        button("Satisfaction", icon="star", variant="ghost", href="/manager/satisfaction"),
        rx.cond(
            Me.permissions.contains("team.manage"),
            button("Teams", icon="users-round", variant="ghost", href="/admin/teams"),
        ),
        role="group",
        aria_label="What the figures are about",
        class_name="hd-report-tools",
    )


def _figures() -> rx.Component:
    return stack(
        stat_cards(rx.foreach(ManagerOverview.cards, card_of)),
        chart_card(
            "Created and solved",
            plot(ManagerOverview.trend_figure, "Tickets created and solved per day"),
            table=number_table(
                ["Day", "Created", "Solved"], rx.foreach(ManagerOverview.trend, _day), "Created and solved per day"
            ),
            text="Per day, in the organization's time zone.",
        ),
        grid(
            _slices("Open by status", ManagerOverview.status_figure, ManagerOverview.by_status, "Right now."),
            _slices("Open by priority", ManagerOverview.priority_figure, ManagerOverview.by_priority, "Right now."),
            _slices(
                "New by category", ManagerOverview.category_figure, ManagerOverview.by_category, "Filed in the period."
            ),
            chart_card(
                "Solved per agent",
                plot(ManagerOverview.agents_figure, "Tickets solved per agent"),
                text="In the period; the table below tells more.",
            ),
            columns=2,
            class_name="hd-report-charts",
        ),
        _agents(),
        gap=4,
        class_name="hd-report",
    )


def card_of(card: rx.Var[Card]) -> rx.Component:
    """One figure with its change, and the way to its tickets."""
    return stat_card(
        card.label,
        card.value,
        delta=card.change,
        direction=card.direction,
        meaning=card.meaning,
        compared=rx.cond(
            (card.change != "") | (card.key == "csat") | (card.key == "ratings") | (card.key == "asked"), card.hint, ""
        ),
        href=LISTS + card.query.to(str),
    )


def plot(figure: rx.Var[Any], label: str) -> rx.Component:
    """A figure whose bars and points lead to their tickets."""
    return rx.cond(
        figure,
        chart(figure, label=label, on_pick=lambda query: rx.redirect(LISTS + query)),
        empty_state(
            "Nothing in this period", "Choose a longer one, or another team.", icon="chart-no-axes-column", compact=True
        ),
    )


def _slices(title: str, figure: rx.Var[Any], slices: rx.Var[list[Slice]], text: str) -> rx.Component:
    rows = rx.foreach(slices, lambda one: number_row(one.label, (one.count, one.query)))
    return chart_card(title, plot(figure, title), table=number_table([title, "Tickets"], rows, title), text=text)


def _day(day: rx.Var[Day]) -> rx.Component:
    return number_row(day.day, (day.created, day.created_query), (day.resolved, day.resolved_query))


def number_row(name: rx.Var[str], *numbers: tuple[rx.Var[int], rx.Var[str]]) -> rx.Component:
    """A row of numbers that lead to their tickets."""
    return rx.el.tr(
        rx.el.th(name, scope="row"),
        *(rx.el.td(link(number, href=LISTS + query.to(str), class_name="hd-link")) for number, query in numbers),
    )


def number_table(heads: list[str], rows: rx.Component, label: str) -> rx.Component:
    """The numbers behind a figure."""
    return rx.el.div(
        rx.el.table(
            rx.el.caption(label, class_name="sr-only"),
            rx.el.thead(rx.el.tr(*(rx.el.th(head, scope="col") for head in heads))),
            rx.el.tbody(rows),
            class_name="hd-numbers",
        ),
        class_name="hd-numbers-scroll",
    )


def _agents() -> rx.Component:
    return stack(
        rx.el.h2("Agents", class_name="hd-report-title"),
        rx.cond(
            ManagerOverview.agents.length() > 0,
            data_table(
                [
                    Column("Agent"),
                    Column("Solved", align="right"),
                    Column("Open now", align="right"),
                    Column("Median resolution", align="right"),
                    Column("Satisfaction", align="right"),
                ],
                rx.foreach(ManagerOverview.agents, _agent),
                label="Agents",
            ),
            empty_state("Nobody has tickets yet", "Agents appear with their first one.", icon="users", compact=True),
        ),
        gap=2,
    )


def _agent(line: rx.Var[AgentLine]) -> rx.Component:
    def number(value: rx.Var[int], query: rx.Var[str]) -> rx.Component:
        return link(value, href=LISTS + query.to(str), class_name="hd-link")

    return table_row(
        cell(person_line(line.name, presence=line.availability)),
        cell(number(line.closed, line.query), label="Solved", align="right"),
        cell(number(line.open, line.open_query), label="Open now", align="right"),
        cell(line.median_resolution, label="Median resolution", align="right"),
        cell(line.csat, label="Satisfaction", align="right"),
        key=line.id,
    )


def _nothing() -> rx.Component:
    return empty_state(
        "No tickets to count",
        "When tickets come in, their figures appear here by themselves. A longer period or all teams may show more.",
        icon="chart-no-axes-column",
    )


def waiting(cards: int = 7) -> rx.Component:
    """The page before its figures."""
    box = lambda: rx.el.div(skeleton("h-3 w-40"), skeleton("hd-skeleton-chart mt-4"), class_name="hd-card p-4")  # noqa: E731
    return stack(skeleton_cards(cards), box(), grid(box(), box(), columns=2), gap=4, class_name="hd-report")
