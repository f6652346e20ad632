"""Settings > Sent mail: the list, and beside it the one being read."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import Choice, link
from helpdesk.components.button import button
from helpdesk.components.feedback import empty_state, error_state, skeleton_rows
from helpdesk.components.filters import search_field
from helpdesk.components.form import select
from helpdesk.components.icons import icon
from helpdesk.components.layout import description_list, page_header
from helpdesk.components.times import time_ago
from helpdesk.pages.admin.parts import older, toolbar
from helpdesk.pages.layout import admin_page
from helpdesk.services.mail.outbound import DeliveryRow
from helpdesk.state.admin.mail import HOME, STATES, Mail


@admin_page(route="/admin/mail", title="Sent mail", section="mail", on_load=Mail.load)
def mail() -> rx.Component:
    """The page."""
    return rx.fragment(
        page_header("Sent mail", text="What the desk has written to people, and whether it left."),
        toolbar(
            search_field(
                placeholder="Search addresses and subjects", value=Mail.text, on_change=Mail.search.debounce(300)
            ),
            select(
                [Choice("", "Every state"), *(Choice(key, label) for key, label, *_ in STATES)],
                value=Mail.state,
                on_change=Mail.of_state,
                aria_label="State",
            ),
        ),
        rx.cond(
            Mail.is_loading,
            rx.el.div(skeleton_rows(8), class_name="hd-card"),
            rx.cond(
                Mail.problem != "",
                error_state(on_retry=Mail.load),
                rx.cond(Mail.rows.length() > 0, _desk(), _nothing()),
            ),
        ),
    )


def _desk() -> rx.Component:
    return rx.el.div(
        rx.el.section(
            rx.el.ul(rx.foreach(Mail.rows, _row), data_nav_list="true", class_name="hd-mails"),
            older(newest=Mail.newest_href, following=Mail.older_href),
            aria_label="Mails",
            class_name="hd-card hd-mail-list",
        ),
        rx.el.section(
            rx.cond(
                Mail.reading.id == 0,
                empty_state("Choose a mail to read it", "j and k move through the list.", icon="mail-open"),
                _reading(),
            ),
            aria_label="The mail",
            class_name="hd-card hd-mail-pane",
        ),
        data_reading=rx.cond(Mail.reading.id == 0, "no", "yes"),
        class_name="hd-mail-desk",
    )


def _row(row: rx.Var[DeliveryRow]) -> rx.Component:
    return rx.el.li(
        link(
            rx.el.span(
                rx.el.span(row.to_address, class_name="grow truncate"),
                time_ago(row.created_at, class_name="hd-row-time"),
                class_name="hd-mail-line hd-mail-who",
            ),
            rx.el.span(row.subject, class_name="hd-mail-subject truncate"),
            rx.el.span(
                _state(row),
                rx.cond(row.last_error != "", rx.el.span(row.last_error, class_name="truncate hd-help")),
                class_name="hd-mail-line",
            ),
            href=Mail.row_base + row.id.to(str),
            aria_current=rx.cond(Mail.reading.id == row.id, "true", "false"),
            data_nav_item="true",
            class_name="hd-mail",
        ),
        key=row.id,
    )


def _state(row: rx.Var[DeliveryRow]) -> rx.Component:
    return rx.match(row.state, *((key, pill(label, tone, dot=True)) for key, label, tone, _ in STATES), pill(row.state))


def _reading() -> rx.Component:
    row = Mail.reading
    meaning = rx.match(row.state, *((key, text) for key, _, _, text in STATES), "")
    return rx.fragment(
        rx.el.div(
            link(
                icon("arrow-left"),
                "All mails",
                href=Mail.list_href,
                class_name="hd-btn hd-btn-ghost hd-btn-sm hd-mail-back",
            ),
            rx.el.h2(row.subject, class_name="hd-mail-title"),
            description_list(
                ("To", rx.el.span(row.to_address)),
                (
                    "State",
                    rx.el.span(_state(row), rx.el.span(meaning, class_name="hd-help"), class_name="hd-line hd-gap-2"),
                ),
                (
                    "Written",
                    rx.el.span(time_ago(row.created_at, form="absolute"), " · ", time_ago(row.created_at, form="long")),
                ),
                (
                    "Left",
                    rx.cond(
                        row.sent_at != "",
                        rx.el.span(time_ago(row.sent_at, form="absolute"), " · ", time_ago(row.sent_at, form="long")),
                        rx.el.span("Not yet", class_name="hd-none"),
                    ),
                ),
                ("Tries", rx.el.span(row.attempts)),
                (
                    "Ticket",
                    rx.cond(
                        row.reference != "",
                        link(row.reference, href="/agent?ticket=" + row.reference.to(str), class_name="hd-link"),
                        rx.el.span("None", class_name="hd-none"),
                    ),
                ),
            ),
            rx.cond(
                row.last_error != "",
                rx.el.div(icon("circle-alert"), rx.el.span(row.last_error), role="alert", class_name="hd-form-error"),
            ),
            rx.cond(
                row.state == "failed",
                rx.el.div(button("Send again", icon="rotate-cw", variant="primary", on_click=Mail.send_again(row.id))),
            ),
            class_name="hd-mail-head",
        ),
        rx.el.pre(row.body_text, class_name="hd-mail-body", tab_index=0, aria_label="Text of the mail"),
    )


def _nothing() -> rx.Component:
    return rx.cond(
        (Mail.text != "") | (Mail.state != ""),
        empty_state(
            "No mail like that",
            "Try other words, or every state.",
            icon="search-x",
            action=button("Show all", href=HOME),
        ),
        empty_state("No mail yet", "What the desk writes to people appears here.", icon="send"),
    )
