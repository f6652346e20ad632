"""A customer's requests, and the company's."""

import reflex as rx

from helpdesk.components.base import link
from helpdesk.components.button import button
from helpdesk.components.feedback import empty_state, error_state
from helpdesk.components.filters import pager, search_field
from helpdesk.components.layout import card, page_header
from helpdesk.components.tabs import tab_link, tab_links
from helpdesk.pages.layout import portal_page
from helpdesk.pages.portal.parts import request_list, skeleton_list
from helpdesk.state.portal.requests import Requests


@portal_page(route="/requests", title="My requests", on_load=Requests.load, active="requests")
def requests() -> rx.Component:
    """The list with its two ways to look."""
    return rx.fragment(
        page_header("Requests"),
        rx.cond(
            Requests.manages_company,
            tab_links(
                tab_link("Mine", Requests.mine_href, active=Requests.whose == ""),
                tab_link("My company", Requests.company_href, active=Requests.whose == "company"),
                label="Whose requests",
            ),
        ),
        rx.el.div(_ways(), _search(), class_name="hd-list-tools"),
        rx.cond(
            Requests.is_loading,
            card(skeleton_list(6), flush=True),
            rx.cond(
                Requests.problem != "",
                card(error_state(on_retry=Requests.load)),
                rx.cond(Requests.rows.length() > 0, _found(), card(_nothing())),
            ),
        ),
    )


def _ways() -> rx.Component:
    def way(label: str, href: rx.Var[str], value: str) -> rx.Component:
        here = rx.cond(Requests.show == value, "true", "false")
        return link(label, href=href, aria_current=here, class_name="hd-segment-link")

    return rx.el.nav(
        way("Open", Requests.open_href, ""),
        way("All", Requests.all_href, "all"),
        aria_label="Which requests",
        class_name="hd-segments",
    )


def _search() -> rx.Component:
    return rx.el.form(
        # The key makes the field take the words the address brings after the first render.
        rx.fragment(
            search_field(name="text", placeholder="Search requests", value=Requests.text, hotkey="/"),
            key=Requests.text,
        ),
        on_submit=Requests.search,
        class_name="hd-list-search",
    )


def _found() -> rx.Component:
    return rx.fragment(
        card(
            rx.cond(
                Requests.whose == "company",
                request_list(Requests.rows, label="Requests", show_requester=True),
                request_list(Requests.rows, label="Requests"),
            ),
            flush=True,
        ),
        rx.cond(
            (Requests.newer_href != "") | (Requests.older_href != ""),
            pager(newer=Requests.newer_href, older=Requests.older_href),
        ),
    )


def _nothing() -> rx.Component:
    report = button("Report a problem", icon="message-square-plus", variant="primary", href="/requests/new")
    return rx.cond(
        Requests.text != "",
        empty_state(
            "Nothing found",
            "No request has these words. Try fewer or other ones.",
            icon="search-x",
            action=rx.cond(
                Requests.show == "",
                button("Search in solved ones, too", href=Requests.all_href),
                button("Show all", href="/requests?show=all"),
            ),
        ),
        rx.cond(
            Requests.show == "",
            empty_state(
                "Nothing open",
                "Solved requests are under All.",
                icon="check-check",
                action=rx.el.div(button("Show all", href=Requests.all_href), report, class_name="hd-line hd-gap-2"),
            ),
            empty_state("No requests yet", "What you report appears here.", icon="inbox", action=report),
        ),
    )
