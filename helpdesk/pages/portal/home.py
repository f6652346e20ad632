"""The customers' first page."""

import reflex as rx

from helpdesk.components.base import link
from helpdesk.components.button import button
from helpdesk.components.feedback import empty_state, error_state
from helpdesk.components.filters import search_field
from helpdesk.components.icons import icon
from helpdesk.components.layout import card, stack
from helpdesk.components.times import time_ago
from helpdesk.pages.layout import portal_page
from helpdesk.pages.portal.parts import answers, request_list, skeleton_list
from helpdesk.services.tickets import TicketRow
from helpdesk.state.portal.home import Home


def _hero() -> rx.Component:
    return rx.el.section(
        rx.el.h1("How can we help?", tab_index=-1, data_page_title="true", class_name="hd-hero-title"),
        rx.el.p("Find an answer, tell us what is wrong, or look up a request you sent.", class_name="hd-hero-text"),
        rx.el.form(
            search_field(
                name="text", placeholder="Search articles and your requests", large=True, hotkey="/",
                on_change=Home.look.debounce(300),
            ),
            on_submit=Home.search,
            class_name="hd-hero-search",
        ),
        rx.el.div(answers(Home.answers, title="Articles"), class_name="hd-hero-answers"),
        rx.el.p(
            button(
                "Report a problem", icon="message-square-plus", variant="primary", size="lg", href="/requests/new",
                data_hotkey="n",
            ),
            class_name="hd-hero-action",
        ),
        class_name="hd-hero",
    )  # fmt: skip


@portal_page(route="/", title="Help desk", on_load=Home.load, active="home", hero=_hero(), narrow=True)
def home() -> rx.Component:
    """Search, report, what is open, what waits for a rating."""
    return rx.cond(
        Home.is_loading,
        card(skeleton_list(), title="My open requests", flush=True),
        rx.cond(Home.problem != "", card(error_state(on_retry=Home.load)), stack(_to_rate(), _open(), gap=6)),
    )


def _open() -> rx.Component:
    return card(
        rx.cond(
            Home.open_requests.length() > 0,
            request_list(Home.open_requests, label="My open requests"),
            rx.cond(
                Home.has_any,
                empty_state("Nothing open", "All your requests are solved.", icon="check-check", compact=True),
                empty_state(
                    "No requests yet",
                    "What you report appears here, with where it stands and our answers.",
                    icon="inbox",
                    compact=True,
                ),
            ),
        ),
        title="My open requests",
        action=rx.cond(
            Home.has_any,
            link(
                rx.cond(Home.open_count > Home.open_requests.length(), f"See all {Home.open_count}", "See all"),
                href=rx.cond(Home.open_count > 0, "/requests", "/requests?show=all"),
                class_name="hd-link",
            ),
        ),
        flush=True,
    )


def _to_rate() -> rx.Component:
    return rx.cond(
        Home.to_rate.length() > 0,
        card(
            rx.el.ul(rx.foreach(Home.to_rate, _unrated), aria_label="Recently solved", class_name="hd-list"),
            title="Recently solved: how was our help?",
            flush=True,
        ),
    )


def _unrated(row: rx.Var[TicketRow]) -> rx.Component:
    return rx.el.li(
        link(
            rx.el.div(
                rx.el.div(row.title, class_name="hd-list-title"),
                rx.el.div(
                    rx.el.span(row.reference, class_name="tabular-nums"),
                    rx.el.span("solved ", time_ago(row.resolved_at, form="long")),
                    class_name="hd-list-detail hd-dotted",
                ),
                class_name="min-w-0 grow",
            ),
            rx.el.span(icon("star", size=15), "Rate", class_name="hd-btn hd-btn-secondary hd-btn-md"),
            href="/requests/" + row.reference.to(str) + "?rate=1",
            class_name="hd-list-link",
        ),
        key=row.reference,
    )
