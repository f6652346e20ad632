"""A customer's request: where it stands, the conversation, the way to answer, confirm and rate."""

import reflex as rx

from helpdesk.components.base import link, shown
from helpdesk.components.button import button, icon_button
from helpdesk.components.composer import composer
from helpdesk.components.dialog import dialog
from helpdesk.components.feedback import empty_state, error_state, skeleton, skeleton_thread
from helpdesk.components.form import form_actions, textarea_field
from helpdesk.components.icons import icon
from helpdesk.components.layout import breadcrumbs, card, page_header, stack
from helpdesk.components.progress import rating_choice, rating_shown, status_stepper
from helpdesk.components.thread import attachment, comment, system_line, thread
from helpdesk.components.times import time_ago
from helpdesk.domain.portal import STEPS
from helpdesk.pages.layout import portal_page
from helpdesk.pages.portal.parts import file_size
from helpdesk.services.attachments import AttachmentRow
from helpdesk.services.tickets import CommentRow
from helpdesk.state.portal.request import Request

T = Request.ticket


@portal_page(route="/requests/[reference]", title=Request.title, on_load=Request.load, active="requests", narrow=True)
def request() -> rx.Component:
    """One request."""
    return rx.cond(
        Request.is_loading,
        _waiting(),
        rx.match(
            Request.problem,
            ("missing", card(_missing())),
            ("failed", card(error_state(on_retry=Request.load))),
            stack(_head(), _standing(), _rating(), _own_fields(), _conversation(), _answer(), _correction(), gap=6),
        ),
    )


def _head() -> rx.Component:
    return page_header(
        T.title,
        crumbs=breadcrumbs(("Requests", "/requests"), (T.reference, "")),
        meta=rx.el.p(
            rx.el.button(
                T.reference,
                icon("copy", size=12),
                type="button",
                title="Copy the reference",
                aria_label="Copy the reference",
                data_copy=T.reference,
                class_name="hd-copy",
            ),
            rx.cond(T.category != "", rx.el.span(T.category)),
            rx.cond(Request.is_mine, rx.fragment(), rx.el.span("from ", T.requester)),
            rx.el.span("sent ", time_ago(T.created_at, form="long")),
            link("Print", href="/requests/" + T.reference.to(str) + "/print", class_name="hd-link"),
            class_name="hd-dotted hd-meta",
        ),
    )


def _standing() -> rx.Component:
    return card(
        status_stepper(Request.step, steps=list(STEPS)),
        rx.el.p(Request.standing, aria_live="polite", class_name="hd-standing"),
        rx.cond(
            Request.may_confirm,
            rx.el.div(
                rx.cond(Request.may_reopen, button("Still a problem", icon="rotate-ccw", on_click=Request.not_solved)),
                rx.cond(
                    Request.may_reopen,
                    button("It’s solved", icon="check", variant="primary", on_click=Request.solved),
                    button("It’s solved", icon="check", on_click=Request.solved),
                ),
                class_name="hd-standing-actions",
            ),
        ),
    )


def _rating() -> rx.Component:
    form = rx.el.form(
        rating_choice(style=Request.rating_style, value=Request.score.to_string()),
        textarea_field(
            "Anything we should know?", name="comment", rows=2, optional=True, default_value=Request.rating_comment,
            max_length=2000,
        ),
        rx.el.div(button("Send the rating", variant="primary", type="submit")),
        on_submit=Request.rate,
        class_name="hd-stack hd-gap-4",
    )  # fmt: skip
    given = rx.el.div(
        rx.el.div(
            rx.el.p(rx.cond(Request.is_mine, "Your rating", "Rating"), class_name="hd-label"),
            _stars(),
            shown(Request.rating_comment, rx.el.p(Request.rating_comment, class_name="hd-help")),
        ),
        rx.cond(Request.may_rate, button("Change", on_click=Request.rate_anew, size="sm")),
        class_name="hd-line hd-between",
    )
    return rx.cond(
        Request.is_rating,
        card(form, id="rating"),
        rx.cond(Request.score > 0, card(given, id="rating")),
    )


def _stars() -> rx.Component:
    return rating_shown(Request.score, style=Request.rating_style)


def _own_fields() -> rx.Component:
    return rx.cond(
        Request.fields.length() > 0,
        card(
            rx.el.dl(
                rx.foreach(
                    Request.fields,
                    lambda row: rx.el.div(
                        rx.el.dt(row.label),
                        rx.el.dd(rx.cond(row.shown != "", row.shown, "Not given")),
                        class_name="hd-fact",
                        key=row.name,
                    ),
                ),
                class_name="hd-facts",
            )
        ),
    )


def _conversation() -> rx.Component:
    return thread(
        comment(
            T.requester,
            T.created_at,
            Request.description_html,
            side="customer",
            attachments=rx.cond(Request.attachments.length() > 0, rx.fragment(rx.foreach(Request.attachments, _file))),
        ),
        rx.cond(
            Request.earlier_comments > 0,
            rx.el.p("Only the latest answers are shown here.", class_name="hd-system"),
        ),
        rx.foreach(Request.comments, _comment),
    )


def _comment(one: rx.Var[CommentRow]) -> rx.Component:
    return rx.cond(
        one.kind == "system",
        system_line(rx.html(one.body_html), one.created_at),
        comment(
            one.author,
            one.created_at,
            one.body_html,
            side=rx.cond(one.by_staff, "agent", "customer"),
            edited=rx.cond(one.edited_at != "", rx.el.span("edited", class_name="hd-help")),
            actions=rx.cond(
                one.editable_until != "",
                icon_button("pencil", "Correct", size="sm", on_click=Request.edit(one.id), tip="none"),
            ),
            picture=one.author_picture,
            attachments=rx.cond(one.attachments.length() > 0, rx.fragment(rx.foreach(one.attachments, _file))),
        ),
    )


def _correction() -> rx.Component:
    form = rx.el.form(
        textarea_field(
            "Text", name="body", id="edit-body", rows=6, default_value=Request.edited_text, hide_label=True,
            data_send="true", error=Request.errors["body"],
        ),
        form_actions(
            button("Cancel", data_leaves="true", on_click=Request.set_editing(False)),
            button("Save", variant="primary", type="submit"),
        ),
        key=Request.edited.to(str),
        on_submit=Request.save_edit,
        class_name="hd-stack hd-gap-4",
    )  # fmt: skip
    return dialog(
        "Correct your answer", form, text="For 15 minutes after sending it.", open=Request.edited > 0,
        on_open_change=Request.set_editing, width="lg",
    )  # fmt: skip


def _file(one: rx.Var[AttachmentRow]) -> rx.Component:
    return attachment(
        one.filename, f"/files/{one.id}?show=true", size=file_size(one), content_type=one.content_type,
        is_image=one.is_image, blocked=one.blocked,
    )  # fmt: skip


def _answer() -> rx.Component:
    box = composer(
        on_submit=Request.send,
        can_note=False,
        submits=(),
        large=True,
        busy=Request.is_busy,
        placeholder=rx.cond(
            T.status_category == "closed",
            "This request is closed. What you write here opens a new one that follows it.",
            rx.cond(
                Request.may_reopen, "Still something wrong? Write here, and we take it up again.", "Write an answer…"
            ),
        ),
    )
    closed = rx.el.p(
        icon("lock", size=16),
        "This request is closed. An answer becomes a new request that follows it.",
        class_name="hd-help hd-inline",
    )
    return rx.fragment(rx.cond(T.status_category == "closed", closed), box)


def _missing() -> rx.Component:
    return empty_state(
        "There is no such request",
        "The address may be mistyped, or the request belongs to somebody else.",
        icon="search-x",
        action=button("My requests", variant="primary", href="/requests"),
    )


def _waiting() -> rx.Component:
    return stack(
        rx.el.div(skeleton("h-3 w-40"), skeleton("h-8 w-3/5 mt-4"), class_name="hd-page-header"),
        card(skeleton("h-24 w-full")),
        card(skeleton_thread()),
        gap=6,
    )
