"""The form for people who have no account, where the organization allows it."""

import reflex as rx

from helpdesk.components.base import shown
from helpdesk.components.button import button
from helpdesk.components.feedback import empty_state, error_state
from helpdesk.components.form import form_actions, text_field, textarea_field
from helpdesk.components.icons import icon
from helpdesk.components.layout import card, grid, page_header, stack
from helpdesk.components.shells import portal_shell
from helpdesk.pages.fields import own_field
from helpdesk.pages.layout import VIEWER, public_page
from helpdesk.pages.portal.parts import answers, category_cards, next_steps
from helpdesk.state.portal.public import PublicRequest
from helpdesk.state.session import Me


@public_page(route="/public/new", title="Send a request", on_load=PublicRequest.load)
def public() -> rx.Component:
    """The form, where the answer goes, or why there is none."""
    return portal_shell(
        rx.cond(
            PublicRequest.problem != "",
            card(error_state(on_retry=PublicRequest.load)),
            rx.cond(
                PublicRequest.is_allowed,
                rx.cond(
                    PublicRequest.is_sent,
                    card(_sent()),
                    rx.fragment(
                        page_header("Send a request", text="No account needed. We answer to your e-mail address."),
                        _hint(),
                        card(_form()),
                    ),
                ),
                card(_shut()),
            ),
        ),
        viewer=VIEWER,
        active="",
        narrow=True,
        new_href=rx.cond(Me.is_signed_in, "/requests/new", "/public/new"),
    )


def _hint() -> rx.Component:
    return rx.cond(
        Me.is_signed_in,
        rx.fragment(),
        rx.el.p(
            "Have an account? ",
            rx.el.a("Sign in", href="/login?next=/requests/new", class_name="hd-link"),
            " to attach files and follow your request.",
            class_name="hd-hint",
        ),
    )


def _form() -> rx.Component:
    return rx.el.form(
        stack(
            grid(
                text_field(
                    "Your name", name="name", auto_complete="name", required=True, max_length=200,
                    error=PublicRequest.errors["name"],
                ),
                text_field(
                    "E-mail address", name="email", type="email", auto_complete="email", required=True, max_length=320,
                    error=PublicRequest.errors["email"],
                ),
            ),
            category_cards(
                PublicRequest.categories, error=PublicRequest.errors["category"],
                on_choose=PublicRequest.choose_category,
            ),
            text_field(
                "In a few words", name="title", placeholder="Printer does not print", max_length=300, required=True,
                auto_complete="off", on_change=PublicRequest.look_for_answers.debounce(500), error=PublicRequest.errors["title"],
            ),
            answers(PublicRequest.answers),
            textarea_field(
                "What happened?", name="description", rows=7, required=True,
                placeholder="What did you do, what did you expect, what came instead?",
                error=PublicRequest.errors["description"],
            ),
            rx.foreach(PublicRequest.fields, lambda row: own_field(row, error=PublicRequest.errors[row.name])),
            _trap(),
            form_actions(
                button("Send the request", variant="primary", size="lg", type="submit", busy=PublicRequest.is_busy)
            ),
            gap=6,
        ),
        on_submit=PublicRequest.send,
        data_guard="true",
    )  # fmt: skip


def _trap() -> rx.Component:
    """A field only programs fill in."""
    return rx.el.div(
        rx.el.label("Leave this empty", rx.el.input(name="website", tab_index=-1, auto_complete="off")),
        aria_hidden="true",
        class_name="hd-trap",
    )


def _sent() -> rx.Component:
    return rx.el.div(
        rx.el.div(icon("check", size=24), class_name="hd-sent-mark"),
        rx.el.h1("We have your request", tab_index=-1, data_page_title="true", class_name="hd-title"),
        shown(
            PublicRequest.reference,
            rx.el.button(
                PublicRequest.reference,
                icon("copy", size=14),
                type="button",
                title="Copy the reference",
                data_copy=PublicRequest.reference,
                class_name="hd-sent-ref",
            ),
        ),
        next_steps(
            rx.fragment("A receipt is on its way to ", rx.el.strong(PublicRequest.email), "."),
            "Our answers go to that address, too.",
            rx.fragment(
                "To reply and follow it here, ",
                rx.el.a("choose a password", href="/forgot", class_name="hd-link"),
                " for that address and sign in.",
            ),
        ),
        rx.el.div(
            button("Send another request", size="lg", on_click=PublicRequest.another), class_name="hd-sent-actions"
        ),
        class_name="hd-sent",
    )


def _shut() -> rx.Component:
    return empty_state(
        "Please sign in to send a request",
        "This help desk takes requests from people with an account. Creating one takes a minute.",
        icon="lock",
        action=rx.el.div(
            rx.el.a("Sign in", href="/login?next=/requests/new", class_name="hd-btn hd-btn-primary hd-btn-lg"),
            rx.el.a("Create an account", href="/register", class_name="hd-btn hd-btn-secondary hd-btn-lg"),
            class_name="hd-sent-actions",
        ),
    )
