"""One article as customers and visitors read it."""

import reflex as rx

from helpdesk.components.base import link
from helpdesk.components.button import button
from helpdesk.components.feedback import empty_state, error_state, skeleton
from helpdesk.components.layout import breadcrumbs, card, page_header, stack
from helpdesk.components.shells import portal_shell
from helpdesk.components.thread import prose
from helpdesk.components.times import time_ago
from helpdesk.pages.layout import VIEWER, public_page
from helpdesk.pages.portal.help import new_request
from helpdesk.state.portal.article import HelpArticle
from helpdesk.state.portal.help import HOME

A = HelpArticle.article


@public_page(route=f"{HOME}/[article]", title=HelpArticle.title, on_load=HelpArticle.load)
def article() -> rx.Component:
    """The text, whether it helped, and where to go if not."""
    return portal_shell(
        rx.cond(
            HelpArticle.is_loading,
            card(skeleton("h-7 w-2/3"), skeleton("h-3 w-full mt-6"), skeleton("h-3 w-full mt-3"), skeleton("h-3 w-1/2 mt-3")),
            rx.match(
                HelpArticle.problem,
                ("", stack(_head(), card(prose(A.html), class_name="hd-article"), _helped(), gap=5)),
                ("missing", card(_missing())),
                card(error_state(on_retry=HelpArticle.load)),
            ),
        ),
        viewer=VIEWER,
        active="help",
        narrow=True,
        new_href=new_request(),
    )  # fmt: skip


def _head() -> rx.Component:
    return page_header(
        A.title,
        crumbs=breadcrumbs(("Help", HOME), (rx.cond(A.category != "", A.category, "Article"), "")),
        meta=rx.el.p(
            rx.cond(A.state != "published", rx.el.strong("Not published: only staff read this.")),
            rx.el.span("Updated ", time_ago(A.updated_at, form="long")),
            class_name="hd-dotted hd-meta",
        ),
    )


def _helped() -> rx.Component:
    ask = link("Send a request", href=new_request(), class_name="hd-link")
    question = rx.el.div(
        rx.el.p("Was this helpful?", class_name="font-medium"),
        rx.el.div(
            button("Yes", icon="thumbs-up", on_click=HelpArticle.rate("yes")),
            button("No", icon="thumbs-down", on_click=HelpArticle.rate("no")),
            class_name="hd-line hd-gap-2",
        ),
        class_name="hd-line hd-between flex-wrap hd-gap-2",
    )
    return card(
        rx.el.div(
            rx.match(
                HelpArticle.said,
                ("yes", rx.el.p("Thank you, glad it helped.")),
                ("no", rx.el.p("Thank you for telling us. ", ask, " and we help you in person.")),
                rx.cond(A.state == "published", question, rx.fragment()),
            ),
            aria_live="polite",
        ),
    )


def _missing() -> rx.Component:
    return empty_state(
        "This article is not here",
        "It may have been renamed or taken back. Look for its topic, or ask us.",
        icon="book-x",
        action=rx.el.div(
            button("All articles", href=HOME),
            button("Send a request", variant="primary", href=new_request()),
            class_name="hd-line hd-gap-2",
        ),
    )
