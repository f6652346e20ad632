"""Dialogs and drawers: over the page, focus kept inside, Escape closes, focus returns."""

from typing import Any, Literal

import reflex as rx

from helpdesk.components.base import Child, Flag, Text, shown
from helpdesk.components.button import button, icon_button
from helpdesk.components.keys import WORKSPACE_SHORTCUTS, Shortcuts, shortcut_list


def dialog(
    title: Text,
    *children: Child,
    text: Text = "",
    trigger: rx.Component | None = None,
    open: Flag | None = None,
    on_open_change: Any = None,
    actions: list[rx.Component] | None = None,
    width: Literal["sm", "md", "lg"] = "md",
) -> rx.Component:
    """A question or a short form. Open it by its `trigger`, or hold `open` in the page's state."""
    return rx.dialog.root(
        rx.dialog.trigger(trigger) if trigger is not None else rx.fragment(),
        rx.dialog.content(
            rx.el.div(rx.dialog.title(title, class_name="hd-dialog-title"), class_name="hd-dialog-head"),
            rx.dialog.description(text, class_name="hd-dialog-text") if text is not None else rx.fragment(),
            rx.el.div(*children, class_name="hd-dialog-body"),
            rx.el.div(*actions, class_name="hd-dialog-actions") if actions else rx.fragment(),
            _close(),
            class_name=f"hd-dialog hd-dialog-{width}",
        ),
        **_opened(open, on_open_change),
    )


def confirm(
    title: Text,
    text: Text,
    *,
    confirm_label: str,
    on_confirm: Any,
    trigger: rx.Component | None = None,
    open: Flag | None = None,
    on_open_change: Any = None,
    danger: bool = False,
) -> rx.Component:
    """Asks before something that cannot be undone; the button repeats the verb."""
    act = button(confirm_label, variant="danger" if danger else "primary", on_click=on_confirm)
    return rx.alert_dialog.root(
        rx.alert_dialog.trigger(trigger) if trigger is not None else rx.fragment(),
        rx.alert_dialog.content(
            rx.alert_dialog.title(title, class_name="hd-dialog-title"),
            rx.alert_dialog.description(text, class_name="hd-dialog-text"),
            rx.el.div(
                rx.alert_dialog.cancel(button("Cancel")),
                rx.alert_dialog.action(act),
                class_name="hd-dialog-actions",
            ),
            class_name="hd-dialog hd-dialog-sm",
        ),
        **_opened(open, on_open_change),
    )


def sheet(
    title: Text,
    *children: Child,
    trigger: rx.Component | None = None,
    open: Flag | None = None,
    on_open_change: Any = None,
    actions: list[rx.Component] | None = None,
    side: Literal["right", "left", "bottom"] = "right",
) -> rx.Component:
    """A drawer from the edge: longer forms, filters on a phone, navigation."""
    return rx.dialog.root(
        rx.dialog.trigger(trigger) if trigger is not None else rx.fragment(),
        rx.dialog.content(
            rx.el.div(rx.dialog.title(title, class_name="hd-dialog-title"), class_name="hd-dialog-head"),
            rx.el.div(*children, class_name="hd-sheet-body"),
            shown(actions, rx.el.div(*(actions or []), class_name="hd-dialog-actions")),
            _close(),
            aria_describedby="",
            class_name=f"hd-sheet hd-sheet-{side}",
        ),
        **_opened(open, on_open_change),
    )


def _close() -> rx.Component:
    """The last thing in a dialog, so that the focus starts with what it is about; drawn in its corner."""
    return rx.el.div(
        rx.dialog.close(icon_button("x", "Close", tip="none", data_leaves="true")), class_name="hd-dialog-close"
    )


def shortcut_dialog(groups: Shortcuts = WORKSPACE_SHORTCUTS) -> rx.Component:
    """All shortcuts; `?` opens it from anywhere. Place it once per shell."""
    opener = rx.el.button(
        "Keyboard shortcuts",
        type="button",
        data_hotkey="?",
        tab_index=-1,
        aria_hidden="true",
        class_name="hd-hidden-trigger",
    )
    return dialog("Keyboard shortcuts", shortcut_list(groups), trigger=opener, width="lg")


def command_palette(
    children: rx.Component, *, on_query: Any, on_open_change: Any = None, placeholder: str = "Search or do…"
) -> rx.Component:
    """A frame for finding everything by typing: a field above whatever list the page puts in. Ctrl K opens it, arrows
    choose among `data-palette-item`s, Enter follows one."""
    opener = rx.el.button(
        "Command palette",
        type="button",
        data_hotkey="mod+k",
        tab_index=-1,
        aria_hidden="true",
        class_name="hd-hidden-trigger",
    )
    return rx.dialog.root(
        rx.dialog.trigger(opener),
        rx.dialog.content(
            rx.dialog.title("Command palette", class_name="sr-only"),
            rx.el.input(
                type="text",
                placeholder=placeholder,
                aria_label=placeholder,
                role="combobox",
                aria_expanded=True,
                aria_controls="palette-list",
                auto_focus=True,
                auto_complete="off",
                on_change=on_query,
                data_palette="true",
                class_name="hd-palette-input",
            ),
            rx.el.div(children, id="palette-list", role="listbox", aria_label="Results", class_name="hd-palette-list"),
            aria_describedby="",
            class_name="hd-dialog hd-palette",
        ),
        **_opened(None, on_open_change),
    )


def _opened(open: Flag | None, on_open_change: Any) -> dict[str, Any]:
    props: dict[str, Any] = {}
    if open is not None:
        props["open"] = open
    if on_open_change is not None:
        props["on_open_change"] = on_open_change
    return props
