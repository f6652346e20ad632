"""A page without a frame: what is printed."""

import reflex as rx

from helpdesk.components.badge import status_badge
from helpdesk.components.base import Child, Text, link
from helpdesk.components.button import button
from helpdesk.components.feedback import empty_state, error_state, skeleton_thread
from helpdesk.components.icons import icon
from helpdesk.components.layout import description_list
from helpdesk.components.thread import prose
from helpdesk.components.times import time_ago
from helpdesk.services.attachments import AttachmentRow
from helpdesk.services.tickets import CommentRow, FieldRow
from helpdesk.state.printed import PrintedTicket


def printed_ticket(state: type[PrintedTicket], back: Text, facts: list[tuple[Text, Child]]) -> rx.Component:
    """A ticket on paper: its facts, then the whole conversation."""
    t = state.ticket
    return rx.el.main(
        rx.el.div(
            link(icon("arrow-left"), "Back", href=back, class_name="hd-btn hd-btn-ghost hd-btn-md"),
            rx.el.span(class_name="grow"),
            button("Print", icon="printer", variant="primary", on_click=rx.call_script("window.print()")),
            class_name="hd-line hd-no-print",
        ),
        rx.cond(
            state.is_loading,
            skeleton_thread(),
            rx.match(
                state.problem,
                ("missing", empty_state("There is no such ticket", icon="search-x")),
                ("failed", error_state(on_retry=state.load)),
                rx.fragment(
                    rx.el.p(t.reference, " · ", state.organization, class_name="hd-help"),
                    rx.el.h1(t.title, tab_index=-1, data_page_title="true", class_name="hd-title"),
                    description_list(
                        ("Status", status_badge(t.status, t.status_colour)),
                        ("Priority", t.priority),
                        ("Category", rx.cond(t.category != "", t.category, "None")),
                        ("From", t.requester),
                        *facts,
                        ("Filed", time_ago(t.created_at, form="absolute")),
                    ),
                    rx.foreach(state.fields, _own_field),
                    _said(t.requester, t.created_at, state.description_html, state.attachments),
                    rx.cond(
                        state.earlier_comments > 0,
                        rx.el.p(state.earlier_comments, " earlier entries are left out.", class_name="hd-help"),
                    ),
                    rx.foreach(state.comments, _comment),
                ),
            ),
        ),
        id="main",
        data_time_zone=state.zone,
        class_name="hd-print",
    )


def _comment(one: rx.Var[CommentRow]) -> rx.Component:
    return _said(one.author, one.created_at, one.body_html, one.attachments, is_note=one.kind == "note")


def _said(
    author: Text, moment: Text, html: Text, files: rx.Var[list[AttachmentRow]], *, is_note: rx.Var[bool] | bool = False
) -> rx.Component:
    return rx.el.article(
        rx.el.header(
            rx.el.strong(author),
            rx.cond(is_note, rx.el.span("Internal note", class_name="hd-note-mark")),
            time_ago(moment, form="absolute"),
            class_name="hd-line hd-between",
        ),
        prose(html),
        rx.foreach(
            files, lambda file: rx.el.p(icon("paperclip", size=12), file.filename, class_name="hd-inline hd-help")
        ),
        class_name="hd-print-said",
    )


def _own_field(row: rx.Var[FieldRow]) -> rx.Component:
    return rx.cond(
        row.shown != "",
        rx.el.dl(rx.el.div(rx.el.dt(row.label), rx.el.dd(row.shown), class_name="hd-fact"), class_name="hd-facts"),
    )
