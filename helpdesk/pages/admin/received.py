"""Settings > Received mail: the list, and beside it what became of one."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import Choice, link
from helpdesk.components.button import button
from helpdesk.components.feedback import empty_state, error_state, skeleton_rows
from helpdesk.components.filters import search_field
from helpdesk.components.form import select
from helpdesk.components.icons import icon
from helpdesk.components.layout import description_list, page_header, row
from helpdesk.components.times import time_ago
from helpdesk.pages.admin.parts import older, toolbar
from helpdesk.pages.layout import admin_page
from helpdesk.services.mail.inbound import ReceivedRow
from helpdesk.state.admin.received import HOME, STATES, Received

_DOORS = (("imap", "Read from the mailbox"), ("api", "Handed over by a provider"), ("command", "The command line"))


@admin_page(route=HOME, title="Received mail", section="received", on_load=Received.load)
def received() -> rx.Component:
    """The page."""
    return rx.fragment(
        page_header("Received mail", text="Every mail as it came, what became of it, and why nothing did."),
        toolbar(
            search_field(
                placeholder="Search senders and subjects", value=Received.text, on_change=Received.search.debounce(300)
            ),
            select(
                [Choice("", "Every state"), *(Choice(key, label) for key, label, *_ in STATES)],
                value=Received.state,
                on_change=Received.of_state,
                aria_label="State",
            ),
        ),
        rx.cond(
            Received.is_loading,
            rx.el.div(skeleton_rows(8), class_name="hd-card"),
            rx.cond(
                Received.problem != "",
                error_state(on_retry=Received.load),
                rx.cond(Received.rows.length() > 0, _desk(), _nothing()),
            ),
        ),
    )


def _desk() -> rx.Component:
    return rx.el.div(
        rx.el.section(
            rx.el.ul(rx.foreach(Received.rows, _row), data_nav_list="true", class_name="hd-mails"),
            older(newest=Received.newest_href, following=Received.older_href),
            aria_label="Mails",
            class_name="hd-card hd-mail-list",
        ),
        rx.el.section(
            rx.cond(
                Received.reading.id == 0,
                empty_state("Choose a mail", "See what became of it. j and k move through the list.", icon="mail-open"),
                _reading(),
            ),
            aria_label="The mail",
            class_name="hd-card hd-mail-pane",
        ),
        data_reading=rx.cond(Received.reading.id == 0, "no", "yes"),
        class_name="hd-mail-desk",
    )


def _row(one: rx.Var[ReceivedRow]) -> rx.Component:
    told = rx.cond(one.error != "", one.error, rx.cond(one.reason != "", one.reason, one.reference))
    return rx.el.li(
        link(
            rx.el.span(
                rx.el.span(
                    rx.cond(one.from_address != "", one.from_address, "Nobody named"), class_name="grow truncate"
                ),
                time_ago(one.received_at, class_name="hd-row-time"),
                class_name="hd-mail-line hd-mail-who",
            ),
            rx.el.span(_subject(one), class_name="hd-mail-subject truncate"),
            rx.el.span(_state(one), rx.el.span(told, class_name="truncate hd-help"), class_name="hd-mail-line"),
            href=Received.row_base + one.id.to(str),
            aria_current=rx.cond(Received.reading.id == one.id, "true", "false"),
            data_nav_item="true",
            class_name="hd-mail",
        ),
        key=one.id,
    )


def _subject(one: rx.Var[ReceivedRow]) -> rx.Var[str]:
    return rx.cond(one.subject != "", one.subject, "(no subject)").to(str)


def _state(one: rx.Var[ReceivedRow]) -> rx.Component:
    return rx.match(one.state, *((key, pill(label, tone, dot=True)) for key, label, tone, _ in STATES), pill(one.state))


def _reading() -> rx.Component:
    one = Received.reading
    meaning = rx.match(one.state, *((key, text) for key, _, _, text in STATES), "")
    sender = rx.cond(one.from_name != "", one.from_name + " <" + one.from_address.to(str) + ">", one.from_address)
    return rx.el.div(
        link(
            icon("arrow-left"),
            "All mails",
            href=Received.list_href,
            class_name="hd-btn hd-btn-ghost hd-btn-sm hd-mail-back",
        ),
        rx.el.h2(_subject(one), class_name="hd-mail-title"),
        description_list(
            ("From", rx.cond(one.from_address != "", rx.el.span(sender), rx.el.span("Nobody named", class_name="hd-none"))),
            (
                "State",
                rx.el.span(_state(one), rx.el.span(meaning, class_name="hd-help"), class_name="hd-line hd-gap-2"),
            ),
            (
                "Ticket",
                rx.cond(
                    one.reference != "",
                    link(one.reference, href="/agent?ticket=" + one.reference.to(str), class_name="hd-link"),
                    rx.el.span("None", class_name="hd-none"),
                ),
            ),
            (
                "Mailbox",
                rx.cond(one.mailbox != "", rx.el.span(one.mailbox), rx.el.span("None", class_name="hd-none")),
            ),
            ("Came by", rx.el.span(rx.match(one.door, *_DOORS, one.door))),
            ("Came", rx.el.span(time_ago(one.received_at, form="absolute"))),
            ("Size", rx.el.span((one.size + 1023) // 1024, " KB")),
        ),
        rx.cond(one.reason != "", rx.el.p(icon("info", size=14), rx.el.span(one.reason), class_name="hd-explained")),
        rx.cond(
            one.error != "",
            rx.el.div(icon("circle-alert"), rx.el.span(one.error), role="alert", class_name="hd-form-error"),
        ),
        rx.cond(
            (one.state == "failed") & (one.next_try_at != ""),
            rx.el.p("It is tried again ", time_ago(one.next_try_at), ".", class_name="hd-help"),
        ),
        row(
            rx.cond(
                one.state == "failed",
                button("Retry", icon="rotate-cw", variant="primary", on_click=Received.read_again(one.id)),
            ),
            rx.cond(
                (one.state == "ignored") & (one.forgotten_at == ""),
                button("Let it in", icon="log-in", variant="primary", on_click=Received.let_in(one.id)),
            ),
            rx.cond(
                one.forgotten_at == "",
                rx.el.a(
                    icon("download", size=14), "Original", href="/files/received/" + one.id.to(str) + ".eml",
                    class_name="hd-btn hd-btn-secondary hd-btn-md",
                ),
                rx.el.p("The original was deleted ", time_ago(one.forgotten_at, form="absolute"), ".", class_name="hd-help"),
            ),
        ),
        class_name="hd-mail-head",
    )  # fmt: skip


def _nothing() -> rx.Component:
    return rx.cond(
        (Received.text != "") | (Received.state != ""),
        empty_state(
            "No mail like that",
            "Try other words, or every state.",
            icon="search-x",
            action=button("Show all", href=HOME),
        ),
        empty_state(
            "No mail has come in yet",
            "Tell the desk which mailbox people write to, and their mails become tickets.",
            icon="inbox",
            action=button("Mailboxes", href="/admin/mailboxes"),
        ),
    )
