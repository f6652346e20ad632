"""Keyboard: the hint beside a button, and the list of all shortcuts behind `?`."""

from typing import Any

import reflex as rx

from helpdesk.components.base import Text

Shortcuts = list[tuple[str, list[tuple[str, str]]]]

WORKSPACE_SHORTCUTS: Shortcuts = [
    (
        "Move",
        [
            ("j k", "Next, previous ticket"),
            ("Enter", "Open the ticket"),
            ("u", "Back to the list"),
            ("/", "Search"),
            ("Ctrl K", "Find or do anything"),
            ("x", "Select the ticket"),
            ("Shift x", "Select up to here"),
            ("g i", "Go to the inbox"),
            ("g r", "Go to the reports"),
        ],
    ),
    (
        "Ticket",
        [
            ("r", "Reply"),
            ("n", "Internal note"),
            ("a", "Assign"),
            ("i", "Assign to me"),
            ("s", "Status"),
            ("p", "Priority"),
            ("e", "Resolve"),
            ("t", "Tags"),
            ("w", "Watch, or stop"),
            ("z", "Snooze"),
            ("l", "Link"),
            ("#", "Merge"),
            (".", "Copy the reference"),
        ],
    ),
    ("Write", [("Ctrl Enter", "Send"), ("Esc", "Leave the text")]),
    ("Desk", [("c", "New ticket"), ("d", "Dark or light"), ("?", "This list")]),
]


def kbd(keys: str) -> rx.Component:
    """A key or sequence as it is printed on the keyboard, for eyes only."""
    return rx.el.span(
        *(rx.el.kbd(_printed(key), class_name="hd-kbd") for key in keys.split()),
        class_name="hd-kbds",
        aria_hidden="true",
    )


def kbd_of(key: Text) -> rx.Component:
    """One key that is a var, for eyes only."""
    return rx.el.kbd(key, aria_hidden="true", class_name="hd-kbd")


def key_only(key: str, label: str, on_click: Any) -> rx.Component:
    """A key that works wherever one looks, for an act whose button is not always drawn. Eyes and screen readers have that button."""
    return rx.el.button(
        label,
        type="button",
        data_hotkey=key,
        tab_index=-1,
        aria_hidden="true",
        on_click=on_click,
        class_name="hd-hidden-trigger",
    )


def shortcut_list(groups: Shortcuts) -> rx.Component:
    """All shortcuts by group; goes into a dialog."""
    return rx.el.div(*(_group(title, keys) for title, keys in groups), class_name="hd-shortcuts")


def _group(title: str, keys: list[tuple[str, str]]) -> rx.Component:
    rows = (rx.el.div(rx.el.dt(text), rx.el.dd(kbd(key)), class_name="hd-shortcut") for key, text in keys)
    return rx.el.section(rx.el.h3(title, class_name="hd-overline"), rx.el.dl(*rows))


def _printed(key: str) -> str:
    return key.upper() if len(key) == 1 else key
