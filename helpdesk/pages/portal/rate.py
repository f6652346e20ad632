"""The page behind the link of a mail that asks how the help was: the rating chosen there, a comment, one button."""

import reflex as rx

from helpdesk.components.button import button
from helpdesk.components.feedback import empty_state, error_state, skeleton
from helpdesk.components.form import textarea_field
from helpdesk.components.icons import icon
from helpdesk.components.layout import card, page_header
from helpdesk.components.progress import rating_choice, rating_shown
from helpdesk.components.shells import portal_shell
from helpdesk.pages.layout import VIEWER, public_page
from helpdesk.state.portal.rate import RateByLink


@public_page(route="/rate", title="How was our help?", on_load=RateByLink.load)
def rate() -> rx.Component:
    """The question, thanks, or why there is nothing to answer."""
    return portal_shell(
        rx.cond(
            RateByLink.is_loading,
            card(skeleton("h-8 w-3/5"), skeleton("h-24 w-full mt-4")),
            rx.match(
                RateByLink.problem,
                ("", _stage()),
                ("missing", card(_nothing("This link is not complete", "Open it from the mail again, all of it."))),
                card(error_state(on_retry=RateByLink.load)),
            ),
        ),
        viewer=VIEWER,
        active="",
        narrow=True,
    )


def _stage() -> rx.Component:
    return rx.match(
        RateByLink.stage,
        ("open", _question()),
        ("done", card(_thanks())),
        (
            "used",
            card(
                _nothing(
                    "You have rated this already", "To change it, sign in and open the request; for a week you can."
                )
            ),
        ),
        (
            "reopened",
            card(_nothing("We are on it again", "You can rate the help once your request is solved.")),
        ),
        card(_nothing("This link has expired", "You can still rate the help on the page of your request.")),
    )


def _question() -> rx.Component:
    return rx.fragment(
        page_header(
            "How was our help?",
            meta=rx.el.p(
                RateByLink.title,
                rx.el.span(" · ", RateByLink.reference, class_name="tabular-nums"),
                rx.cond(RateByLink.agent != "", rx.fragment(" · helped by ", RateByLink.agent)),
                class_name="hd-help",
            ),
        ),
        card(
            rx.el.form(
                rating_choice(style=RateByLink.style, value=RateByLink.chosen, legend="Your rating"),
                rx.cond(
                    RateByLink.errors["score"] != "",
                    rx.el.p(RateByLink.errors["score"], role="alert", class_name="hd-error"),
                ),
                textarea_field(
                    "Anything we should know?", name="comment", rows=3, optional=True, max_length=2000,
                ),
                rx.el.div(
                    button("Send the rating", variant="primary", size="lg", type="submit", busy=RateByLink.is_busy)
                ),
                on_submit=RateByLink.rate,
                class_name="hd-stack hd-gap-5",
            )
        ),
    )  # fmt: skip


def _thanks() -> rx.Component:
    return rx.el.div(
        rx.el.div(icon("check", size=24), class_name="hd-sent-mark"),
        rx.el.h1("Thank you", tab_index=-1, data_page_title="true", class_name="hd-title"),
        rating_shown(RateByLink.score, style=RateByLink.style),
        rx.el.p("We read every rating. You can close this page.", class_name="hd-help"),
        role="status",
        class_name="hd-sent",
    )


def _nothing(title: str, text: str) -> rx.Component:
    return empty_state(title, text, icon="star", action=button("My requests", variant="primary", href="/requests"))
