"""Reporting a problem."""

import reflex as rx

from helpdesk.components.base import link
from helpdesk.components.button import button
from helpdesk.components.composer import dropzone
from helpdesk.components.feedback import error_state, skeleton
from helpdesk.components.form import form_actions, select_field, text_field, textarea_field
from helpdesk.components.icons import icon
from helpdesk.components.layout import card, page_header, stack
from helpdesk.pages.fields import alike, own_field
from helpdesk.pages.layout import portal_page
from helpdesk.pages.portal.parts import answers, category_cards, next_steps
from helpdesk.state.portal.new import NewRequest
from helpdesk.state.session import Me


@portal_page(route="/requests/new", title="Report a problem", on_load=NewRequest.load, active="new", narrow=True)
def new() -> rx.Component:
    """The form, or what happens next."""
    return rx.cond(
        NewRequest.is_loading,
        rx.fragment(page_header("Report a problem"), card(_waiting())),
        rx.cond(
            NewRequest.problem != "",
            card(error_state(on_retry=NewRequest.load)),
            rx.cond(NewRequest.sent.id > 0, _sent(), rx.fragment(page_header("Report a problem"), card(_form()))),
        ),
    )


def _form() -> rx.Component:
    return rx.el.form(
        stack(
            category_cards(
                NewRequest.categories, error=NewRequest.errors["category"], on_choose=NewRequest.choose_category
            ),
            text_field(
                "In a few words",
                name="title",
                placeholder="Printer does not print",
                max_length=300,
                required=True,
                auto_complete="off",
                default_value=NewRequest.title,
                on_change=NewRequest.look_for_alike.debounce(500),
                error=NewRequest.errors["title"],
            ),
            answers(NewRequest.answers),
            alike(NewRequest.alike, "/requests/"),
            textarea_field(
                "What happened?",
                name="description",
                rows=7,
                placeholder="What did you do, what did you expect, what came instead?",
                required=True,
                default_value=NewRequest.description,
                error=NewRequest.errors["description"],
            ),
            select_field(
                "How urgent is it?",
                NewRequest.priorities,
                name="priority",
                placeholder="I cannot say",
                error=NewRequest.errors["priority"],
            ),
            rx.foreach(NewRequest.fields, lambda row: own_field(row, error=NewRequest.errors[row.name])),
            rx.el.div(
                rx.el.p(
                    "Screenshots and files", rx.el.span("Optional", class_name="hd-optional"), class_name="hd-label"
                ),
                dropzone(),
                class_name="hd-field",
            ),
            form_actions(
                button("Cancel", size="lg", href="/requests"),
                button("Send the request", variant="primary", size="lg", type="submit", busy=NewRequest.is_busy),
            ),
            gap=6,
        ),
        on_submit=NewRequest.send,
        data_upload="true",
        data_guard="true",
    )


def _sent() -> rx.Component:
    row = NewRequest.sent
    return card(
        rx.el.div(
            rx.el.div(icon("check", size=24), class_name="hd-sent-mark"),
            rx.el.h1("We have your request", tab_index=-1, data_page_title="true", class_name="hd-title"),
            rx.el.p(row.title, class_name="hd-sent-title"),
            rx.el.button(
                row.reference,
                icon("copy", size=14),
                type="button",
                title="Copy the reference",
                data_copy=row.reference,
                class_name="hd-sent-ref",
            ),
            next_steps(
                NewRequest.standing,
                rx.fragment("A receipt is on its way to ", rx.el.strong(Me.email), "."),
                "Our answer comes by e-mail and stands on the request’s page, where you can reply.",
            ),
            rx.el.div(
                button("Open the request", variant="primary", size="lg", href="/requests/" + row.reference.to(str)),
                link("Report something else", href="/requests/new", class_name="hd-btn hd-btn-secondary hd-btn-lg"),
                class_name="hd-sent-actions",
            ),
            class_name="hd-sent",
        )
    )


def _waiting() -> rx.Component:
    return stack(
        skeleton("h-4 w-40"), skeleton("h-16 w-full"), skeleton("h-10 w-full"), skeleton("h-40 w-full"), gap=6,
        role="status", aria_busy=True,
    )  # fmt: skip
