"""The help pages: articles by topic, and what a search finds. For visitors, too, where the organization lets them."""

import reflex as rx

from helpdesk.components.base import link
from helpdesk.components.button import button
from helpdesk.components.feedback import empty_state, error_state
from helpdesk.components.filters import search_field
from helpdesk.components.icons import icon
from helpdesk.components.layout import card, stack
from helpdesk.components.shells import portal_shell
from helpdesk.pages.layout import VIEWER, public_page
from helpdesk.pages.portal.parts import skeleton_list
from helpdesk.services.knowledge import Suggestion, Topic
from helpdesk.state.portal.help import HOME, Help
from helpdesk.state.session import Me


@public_page(route=HOME, title="Help", on_load=Help.load)
def help_pages() -> rx.Component:
    """Topics, or what was found."""
    return portal_shell(
        rx.cond(
            Help.is_loading,
            card(skeleton_list(4), flush=True),
            rx.cond(
                Help.problem != "",
                card(error_state(on_retry=Help.load)),
                rx.cond(
                    Help.text != "",
                    _found(),
                    rx.cond(Help.topics.length() > 0, stack(rx.foreach(Help.topics, _topic), gap=6), card(_nothing())),
                ),
            ),
        ),
        viewer=VIEWER,
        active="help",
        hero=_hero(),
        narrow=True,
        new_href=new_request(),
    )


def new_request() -> rx.Var[str]:
    """Where one asks a person: signed in or not."""
    return rx.cond(Me.is_signed_in, "/requests/new", "/public/new")


def _hero() -> rx.Component:
    return rx.el.section(
        rx.el.h1("Help", tab_index=-1, data_page_title="true", class_name="hd-hero-title"),
        rx.el.p("Answers to what others have asked.", class_name="hd-hero-text"),
        rx.el.form(
            # The key makes the field take the words the address brings after the first render.
            rx.fragment(
                search_field(name="text", placeholder="Search articles", value=Help.text, large=True, hotkey="/"),
                key=Help.text,
            ),
            on_submit=Help.search,
            class_name="hd-hero-search",
        ),
        class_name="hd-hero hd-hero-small",
    )


def _topic(topic: rx.Var[Topic]) -> rx.Component:
    return card(
        rx.cond(topic.description != "", rx.el.p(topic.description, class_name="hd-help hd-topic-text")),
        _lines(topic.articles.to(list[Suggestion]), label=topic.name),
        title=topic.name,
        flush=True,
        key=topic.name,
    )


def _lines(rows: rx.Var[list[Suggestion]], *, label: rx.Var[str] | str) -> rx.Component:
    return rx.el.ul(
        rx.foreach(rows, _line), aria_label=label, data_nav_list="true", class_name="hd-list",
    )  # fmt: skip


def _line(row: rx.Var[Suggestion]) -> rx.Component:
    return rx.el.li(
        link(
            rx.el.div(
                rx.el.div(row.title, class_name="hd-list-title"),
                rx.el.div(row.summary, class_name="hd-list-detail truncate"),
                class_name="min-w-0 grow",
            ),
            icon("chevron-right", class_name="hd-list-arrow"),
            href=f"{HOME}/" + row.slug.to(str),
            data_nav_item="true",
            class_name="hd-list-link",
        ),
        key=row.slug,
    )


def _found() -> rx.Component:
    return stack(
        rx.cond(
            Help.found.length() > 0,
            card(_lines(Help.found, label="Articles found"), title="Articles with “" + Help.text + "”", flush=True),
            card(
                empty_state(
                    "Nothing found", "No article has these words. Try fewer or other ones, or ask us.", icon="search-x",
                    action=rx.el.div(
                        button("All articles", href=HOME),
                        button("Send a request", variant="primary", href=new_request()),
                        class_name="hd-line hd-gap-2",
                    ),
                )
            ),
        ),
        rx.cond(
            Me.role == "customer",
            rx.el.p(
                link(
                    "Search my requests for “" + Help.text + "”",
                    href=Help.requests_href,
                    class_name="hd-link",
                ),
            ),
        ),
        gap=4,
    )  # fmt: skip


def _nothing() -> rx.Component:
    return empty_state(
        "No articles yet",
        "Ask us, and we answer you in person.",
        icon="book-open",
        action=button("Send a request", variant="primary", href=new_request()),
    )
