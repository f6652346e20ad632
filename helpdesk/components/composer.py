"""Where an answer is written. Reply and Note are radios in the form itself, so switching costs no round trip."""

from typing import Any

import reflex as rx

from helpdesk.components.base import Child, Flag, Text, shown
from helpdesk.components.button import button
from helpdesk.components.icons import icon as draw
from helpdesk.components.menu import menu, menu_item


def composer(
    *,
    on_submit: Any,
    id: str = "composer",
    draft: Text = "",
    draft_key: Text = "",
    to: Text = "",
    warning: Child = "",
    tools: Child = "",
    busy: Flag = False,
    can_note: bool = True,
    on_draft: Any = None,
    draft_kind: Text = "",
    on_kind: Any = None,
    mentions: rx.Component | None = None,
    newest: Text = "",
    submits: tuple[tuple[str, str], ...] = (("resolve", "Send & resolve"), ("wait", "Send & wait for the customer")),
    placeholder: str = "Write a reply…",
    send_label: str = "Send",
    large: bool = False,
) -> rx.Component:
    """The form docked under a conversation.

    It submits `kind` (reply or note), `body`, `then` (empty or a key of `submits`) and `attachments` (ids, comma-separated:
    files are uploaded to /files as they are dropped, pasted or picked). Ctrl+Enter sends. The page empties it
    (`form.reset()`) once that has worked.

    Args:
        draft_key: What the text belongs to, as the ticket's reference. The browser keeps an unsent text under it, so that
            looking at another ticket and coming back, or a reload, loses nothing and mixes nothing up.
        draft: What the server kept of it, for another device; `draft_kind` says whether it was a note, which must never
            come back as a reply.
        on_draft: Called with the text, a moment after typing has paused.
        on_kind: Called with reply or note when that is switched.
        mentions: Options by name; typing @ offers them.
        newest: The last thing somebody else wrote. When it changes under a text, the first Send shows it instead.
    """
    return rx.el.form(
        rx.el.div(
            _kinds(id, on_kind) if can_note else rx.el.input(type="hidden", name="kind", value="reply", read_only=True),
            shown(to, rx.el.span("To ", to, class_name="hd-composer-to")),
            class_name="hd-composer-head",
        ),
        shown(
            warning,
            rx.el.div(draw("pencil", size=14), warning, role="status", class_name="hd-composer-warning tone-amber"),
        ),
        rx.el.textarea(
            id=f"{id}-body",
            name="body",
            placeholder=placeholder,
            aria_label="Your text",
            required=True,
            rows="2",
            data_autosize="true",
            data_draft=draft_key,
            data_draft_kept=draft,
            data_draft_kind=draft_kind,
            data_send="true",
            data_upload_paste="true",
            class_name="hd-composer-text",
            **({} if on_draft is None else {"on_change": on_draft}),
            **({} if mentions is None else {"data_mentions": f"{id}-mentions"}),
        ),
        rx.fragment() if mentions is None else rx.el.datalist(mentions, id=f"{id}-mentions"),
        upload_list(),
        rx.el.input(type="hidden", name="then", data_then="true"),
        rx.el.div(
            upload_button(),
            camera_button(),
            tools,
            rx.el.span(class_name="grow"),
            button("Review new message", icon="eye", data_review_now="true", class_name="hd-composer-review"),
            _send(send_label, submits, id, busy),
            class_name="hd-composer-foot",
        ),
        id=id,
        on_submit=on_submit,
        data_upload="true",
        data_newest=newest,
        class_name=["hd-composer", "hd-composer-large" if large else ""],
    )


def dropzone(
    *, name: str = "attachments", hint: str = "Drop files here, paste a screenshot, or", takes_photos: bool = True
) -> rx.Component:
    """Files in an ordinary form: drop, paste, pick or, on a phone, take a photo. Put `data_upload="true"` on the form; it
    submits ids as `name`."""
    return rx.el.div(
        rx.el.div(
            draw("upload", size=18),
            rx.el.span(hint),
            _picker("choose files", "hd-link"),
            rx.el.label("or take a photo", _camera(), class_name="hd-link hd-touch-only")
            if takes_photos
            else rx.fragment(),
            class_name="hd-dropzone",
        ),
        upload_list(name),
    )


def upload_button(label: str = "Attach files") -> rx.Component:
    """A paper clip that opens the file picker."""
    return rx.el.label(
        draw("paperclip"),
        rx.el.span(label, class_name="sr-only"),
        rx.el.input(type="file", multiple=True, data_upload_input="true", class_name="sr-only"),
        data_tip=label,
        data_tip_side="top",
        class_name="hd-btn hd-btn-icon hd-btn-ghost hd-btn-md",
    )


def camera_button(label: str = "Take a photo") -> rx.Component:
    """Opens the camera of a phone; elsewhere it is not there."""
    return rx.el.label(
        draw("camera"),
        rx.el.span(label, class_name="sr-only"),
        _camera(),
        class_name="hd-btn hd-btn-icon hd-btn-ghost hd-btn-md hd-touch-only",
    )


def upload_list(name: str = "attachments") -> rx.Component:
    """Where uploaded files appear with their progress (drawn by desk.js), and the field that carries their ids."""
    return rx.fragment(
        rx.el.input(type="hidden", name=name, data_upload_ids="true"),
        rx.el.ul(data_upload_list="true", aria_live="polite", class_name="hd-uploads"),
    )


def _kinds(id: str, on_kind: Any) -> rx.Component:
    return rx.el.div(
        _kind("reply", "Reply", "reply", "r", id, on_kind, checked=True),
        _kind("note", "Internal note", "lock", "n", id, on_kind, checked=False),
        role="radiogroup",
        aria_label="Reply or note",
        class_name="hd-kinds",
    )


def _kind(value: str, label: str, shape: str, hotkey: str, id: str, on_kind: Any, *, checked: bool) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="kind",
            value=value,
            default_checked=checked,
            data_hotkey=hotkey,
            data_hotkey_focus=f"{id}-body",
            class_name="sr-only",
            **({} if on_kind is None else {"on_change": on_kind(value)}),
        ),
        draw(shape, size=14),
        label,
        class_name="hd-kind",
    )


def _send(label: str, submits: tuple[tuple[str, str], ...], id: str, busy: Flag) -> rx.Component:
    main = button(label, variant="primary", type="submit", busy=busy, data_tip="Ctrl Enter", data_tip_side="top")
    if not submits:
        return main
    more = rx.el.button(
        draw("chevron-down"),
        type="button",
        aria_label="More ways to send",
        class_name="hd-btn hd-btn-icon hd-btn-primary hd-btn-md",
    )
    items = (menu_item(text, custom_attrs={"data-submit-as": key, "data-submit-form": id}) for key, text in submits)
    return rx.el.div(main, menu(more, *items, align="end"), class_name="hd-split")


def _camera() -> rx.Component:
    return rx.el.input(
        type="file",
        accept="image/*",
        custom_attrs={"capture": "environment"},
        data_upload_input="true",
        class_name="sr-only",
    )


def _picker(label: str, class_name: str) -> rx.Component:
    return rx.el.label(
        label,
        rx.el.input(type="file", multiple=True, data_upload_input="true", class_name="sr-only"),
        class_name=class_name,
    )
