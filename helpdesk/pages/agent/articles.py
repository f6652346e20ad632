"""Knowledge: the articles the desk has written."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import link
from helpdesk.components.button import button
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.filters import search_field
from helpdesk.components.layout import page_header
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.times import time_ago
from helpdesk.pages.admin.parts import older, toolbar
from helpdesk.pages.layout import agent_page
from helpdesk.services.knowledge import ArticleRow
from helpdesk.state.agent.articles import HOME, STATES, Articles


@agent_page(route=HOME, title="Knowledge", on_load=Articles.load, active="knowledge")
def articles() -> rx.Component:
    """The list."""
    return rx.el.div(
        rx.el.div(
            page_header(
                "Knowledge",
                button("See the help pages", icon="external-link", variant="ghost", href="/help"),
                button("New article", icon="plus", variant="primary", href=f"{HOME}/new"),
                text="What you answer again and again, written down once. Customers find it while they ask.",
            ),
            toolbar(
                rx.fragment(
                    search_field(placeholder="Search articles", value=Articles.text, on_change=Articles.search.debounce(300)),
                ),
                rx.el.nav(*(_way(key, label) for key, label in STATES), aria_label="Which articles", class_name="hd-segments"),
            ),
            rx.cond(
                Articles.is_loading,
                skeleton_table(rows=8, columns=4),
                rx.cond(
                    Articles.problem != "",
                    error_state(on_retry=Articles.load),
                    rx.cond(Articles.rows.length() > 0, _list(), _nothing()),
                ),
            ),
            class_name="hd-page",
        ),
        class_name="hd-scroll",
    )  # fmt: skip


def state_pill(state: rx.Var[str]) -> rx.Component:
    """Draft, published or archived."""
    return rx.match(
        state, ("published", pill("Published", "green", dot=True)), ("archived", pill("Archived", "gray", dot=True)),
        pill("Draft", "amber", dot=True),
    )  # fmt: skip


def _way(key: str, label: str) -> rx.Component:
    return link(
        label, href=Articles.hrefs[key], aria_current=rx.cond(Articles.state == key, "true", "false"),
        class_name="hd-segment-link",
    )  # fmt: skip


def _list() -> rx.Component:
    columns = [
        Column("Article"),
        Column("Category"),
        Column("State"),
        Column("Helped", align="right"),
        Column("Changed"),
    ]
    return rx.el.div(
        data_table(columns, rx.foreach(Articles.rows, _row), label="Articles"),
        older(newest=Articles.newest_href, following=Articles.older_href),
        data_nav_list="true",
    )


def _row(row: rx.Var[ArticleRow]) -> rx.Component:
    return table_row(
        rx.el.td(
            link(
                rx.el.span(row.title, class_name="block truncate"),
                rx.el.span(row.summary, class_name="block truncate hd-help"),
                href=f"{HOME}/" + row.id.to(str), data_nav_item="true", class_name="hd-cell-link",
            ),
            class_name="hd-td-main hd-article-cell",
        ),
        cell(rx.cond(row.category != "", row.category, "None"), label="Category"),
        cell(state_pill(row.state), label="State"),
        cell(
            rx.cond(
                row.helpful + row.unhelpful > 0,
                rx.el.span(row.helpful, " of ", row.helpful + row.unhelpful),
                rx.el.span("Nobody said", class_name="hd-help"),
            ),
            label="Helped", align="right", class_name="tabular-nums",
        ),
        cell(
            rx.el.span(time_ago(row.updated_at), rx.cond(row.author != "", rx.el.span(" · ", row.author, class_name="hd-help"))),
            label="Changed",
        ),
        key=row.id.to(str),
    )  # fmt: skip


def _nothing() -> rx.Component:
    return rx.cond(
        (Articles.text != "") | (Articles.state != ""),
        empty_state("Nothing here", "No article fits. Try other words, or all states.", icon="search-x", action=button("Show all", href=HOME)),
        empty_state(
            "No articles yet",
            "Begin with the question you answered most often this week.",
            icon="book-open",
            action=button("New article", icon="plus", variant="primary", href=f"{HOME}/new"),
        ),
    )  # fmt: skip
