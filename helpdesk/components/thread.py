"""The conversation: what people wrote, and the quiet lines of what the desk did."""

from typing import Any, Literal

import reflex as rx

from helpdesk.components.base import Child, Flag, Text, classes, shown
from helpdesk.components.icons import channel_icon
from helpdesk.components.icons import icon as draw
from helpdesk.components.person import avatar
from helpdesk.components.times import time_ago

# What a picture is marked with whose address waits (domain/mail_html.py).
HELD_BACK = ' data-remote="'


def comment(
    author: Text,
    moment: Text,
    html: Text,
    *,
    side: Literal["customer", "agent", "note"] | rx.Var[str] = "customer",
    channel: Text | None = None,
    attachments: Child = "",
    actions: Child = "",
    detail: Text = "",
    edited: Child | None = None,
    picture: Text = "",
    **props: Any,
) -> rx.Component:
    """One thing somebody wrote.

    Args:
        html: Already sanitised by the server (nh3); drawn as it is.
        side: customer stands left, agent right and tinted, note yellow with a lock.
        picture: The address of the author's face.
        detail: After the name: `to rita@example.com`, `via e-mail`.
        edited: After the time: that it was corrected, and the way to what it said before.
    """
    is_note = side == "note"
    return rx.el.article(
        avatar(author, size="lg", picture=picture, class_name="hd-comment-face"),
        rx.el.div(
            rx.el.header(
                rx.el.span(author, class_name="hd-comment-author"),
                shown(is_note, rx.el.span(draw("lock", size=12), "Internal note", class_name="hd-note-mark")),
                shown(detail, rx.el.span(detail, class_name="hd-comment-detail")),
                channel_icon(channel) if channel is not None else rx.fragment(),
                time_ago(moment, form="long", class_name="hd-comment-time", aria_live="off"),
                edited if edited is not None else rx.fragment(),
                rx.el.span(actions, class_name="hd-comment-actions"),
                class_name="hd-comment-head",
            ),
            prose(html),
            _held_back(html),
            shown(attachments, rx.el.div(attachments, class_name="hd-files")),
            class_name="hd-bubble",
        ),
        data_side=side,
        class_name=classes("hd-comment", props.pop("class_name", "")),
        **props,
    )


def prose(html: Text) -> rx.Component:
    """Text people typed, sanitised by the server, in readable measures; quoted mail folds behind an ellipsis."""
    return rx.el.div(rx.html(html), class_name="hd-prose")


def _held_back(html: Text) -> rx.Component:
    """Pictures elsewhere tell their server who looks at them, and when: they come when somebody asks for them."""
    button = rx.el.button(
        draw("image", size=14), "Show pictures from elsewhere", type="button", data_show_pictures="true",
        class_name="hd-btn hd-btn-ghost hd-btn-sm hd-pictures",
    )  # fmt: skip
    if isinstance(html, rx.Var):
        return rx.cond(html.to(str).contains(HELD_BACK), button)
    return button if HELD_BACK in str(html) else rx.fragment()


def attachment(
    name: Text,
    href: Text,
    *,
    size: Text = "",
    content_type: Text = "",
    is_image: Flag = False,
    blocked: Text = "",
) -> rx.Component:
    """A file to open, with its size as text. Pictures are shown small, and large in front of the page when clicked.

    Args:
        blocked: Why it cannot be opened: "being checked for viruses", "blocked: it contains macros". Shown by name alone.
    """
    return shown(
        blocked,
        rx.el.span(
            draw("shield-alert", size=14),
            rx.el.span(name, class_name="truncate"),
            rx.el.span(blocked, class_name="hd-file-blocked"),
            title=blocked,
            class_name="hd-file hd-file-closed",
        ),
        shown(is_image, _picture(name, href), _paper(name, href, size, content_type)),
    )


def _paper(name: Text, href: Text, size: Text, content_type: Text) -> rx.Component:
    return rx.el.a(
        draw("paperclip", size=14),
        rx.el.span(name, class_name="truncate"),
        shown(size, rx.el.span(size, class_name="hd-file-size")),
        href=href,
        target="_blank",
        rel="noopener",
        title=name,
        data_type=content_type,
        class_name="hd-file",
    )


def _picture(name: Text, href: Text) -> rx.Component:
    # A link without script; desk.js shows it in front of the page.
    return rx.el.a(
        rx.el.img(src=href, alt=name, loading="lazy", decoding="async", class_name="hd-file-picture"),
        rx.el.span(name, class_name="hd-file-caption truncate"),
        href=href,
        target="_blank",
        rel="noopener",
        title=name,
        data_lightbox=name,
        class_name="hd-file-thumb",
    )


def system_line(text: Child, moment: Text, *, icon: str = "dot", why: Text = "") -> rx.Component:
    """What the desk did, in one line: `Max assigned this to Ada`."""
    return rx.el.div(
        rx.el.span(draw(icon, size=13), class_name="hd-system-mark"),
        rx.el.span(text, shown(why, rx.el.span(why, class_name="hd-system-why")), class_name="min-w-0"),
        time_ago(moment, class_name="hd-system-time", aria_live="off"),
        class_name="hd-system",
    )


def system_fold(summary: Text, *lines: Child) -> rx.Component:
    """Several system lines behind one sentence: `5 changes`."""
    return rx.el.details(
        rx.el.summary(draw("chevron-right", size=13), summary, class_name="hd-system hd-fold-summary"),
        *lines,
        class_name="hd-fold",
    )


def day_divider(text: Text) -> rx.Component:
    """Between two days of a conversation."""
    return rx.el.div(rx.el.span(text), role="separator", class_name="hd-divider")


def thread(*children: Child, label: str = "Conversation") -> rx.Component:
    """The whole conversation; new entries are announced politely."""
    return rx.el.div(*children, role="log", aria_label=label, aria_live="polite", class_name="hd-thread")
