"""Settings > Sign-in log."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import Choice
from helpdesk.components.button import button
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.filters import search_field
from helpdesk.components.form import select
from helpdesk.components.icons import icon
from helpdesk.components.layout import page_header
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.times import time_ago
from helpdesk.pages.admin.parts import older, range_fields, toolbar
from helpdesk.pages.layout import admin_page
from helpdesk.state.admin.sign_ins import HOME, OUTCOMES, Attempt, SignIns
from helpdesk.state.session import Me

# The export's address when no filter is set.
_ALL = "/files/exports/sign-ins.csv?email=&outcome=&address=&since=&until="


@admin_page(route="/admin/sign-ins", title="Sign-in log", section="sign-ins", on_load=SignIns.load)
def sign_ins() -> rx.Component:
    """The log."""
    return rx.fragment(
        page_header(
            "Sign-in log",
            button("Look again", icon="rotate-cw", on_click=SignIns.load),
            rx.cond(
                Me.permissions.contains("sign_in.export"),
                rx.el.a(
                    icon("download"), "Export", href=SignIns.export_href, class_name="hd-btn hd-btn-secondary hd-btn-md"
                ),
            ),
            text="Every try to sign in, whether it worked or not.",
        ),
        toolbar(
            search_field(
                placeholder="Search names and e-mail addresses",
                value=SignIns.email,
                on_change=SignIns.search.debounce(300),
            ),
            select(
                [Choice("", "Every outcome"), *(Choice(key, label) for key, label, _ in OUTCOMES)],
                value=SignIns.outcome,
                on_change=SignIns.of_outcome,
                aria_label="Outcome",
            ),
            search_field(
                name="address",
                placeholder="Network address",
                value=SignIns.address,
                on_change=SignIns.from_address.debounce(300),
            ),
            range_fields(since=SignIns.since, until=SignIns.until, on_since=SignIns.from_day, on_until=SignIns.to_day),
        ),
        rx.cond(
            SignIns.is_loading,
            skeleton_table(rows=10, columns=5),
            rx.cond(
                SignIns.problem != "",
                error_state(on_retry=SignIns.load),
                rx.cond(SignIns.rows.length() > 0, _list(), _nothing()),
            ),
        ),
    )


def _list() -> rx.Component:
    return data_table(
        [Column("When"), Column("Who"), Column("Outcome"), Column("From"), Column("With")],
        rx.foreach(SignIns.rows, _row),
        label="Tries to sign in",
        footer=older(newest=SignIns.newest_href, following=SignIns.older_href),
    )


def _row(row: rx.Var[Attempt]) -> rx.Component:
    return table_row(
        cell(
            rx.el.div(
                time_ago(row.at, form="long"),
                time_ago(row.at, form="absolute", class_name="hd-person-detail"),
                class_name="hd-two-lines",
            ),
            label="When",
        ),
        cell(
            rx.el.div(
                rx.cond(row.person != "", rx.el.span(row.person, class_name="hd-person-name")),
                rx.el.span(row.email, class_name=rx.cond(row.person != "", "hd-person-detail", "")),
                class_name="hd-two-lines",
            ),
            label="Who",
        ),
        cell(
            rx.match(
                row.outcome, *((key, pill(label, tone, dot=True)) for key, label, tone in OUTCOMES), pill(row.outcome)
            ),
            label="Outcome",
        ),
        cell(rx.el.span(row.address, class_name="hd-mono"), label="From"),
        cell(rx.el.span(row.browser, title=row.user_agent, class_name="hd-cell-quiet"), label="With"),
        key=row.id,
    )


def _nothing() -> rx.Component:
    return rx.cond(
        SignIns.export_href != _ALL,
        empty_state(
            "No try like that",
            "Look at other outcomes or addresses.",
            icon="search-x",
            action=button("Show all", href=HOME),
        ),
        empty_state("Nothing here yet", "Tries to sign in appear here.", icon="shield-check"),
    )
