"""Keyboard: the hint beside a button, and the list of all shortcuts behind `?`."""

from typing import Any

import reflex as rx

from helpdesk.components.base import Text, link

Shortcuts = list[tuple[str, list[tuple[str, str]]]]

# All there are. The dialog shows those that the page at hand has (assets/desk.js looks), a contract test that each is here.
WORKSPACE_SHORTCUTS: Shortcuts = [
    (
        "Move",
        [
            ("j k", "Next, previous ticket"),
            ("Enter", "Open the ticket"),
            ("x", "Select the ticket"),
            ("Shift x", "Select up to here"),
            ("u", "Back to the list"),
            ("Esc", "Leave the text, close what is open"),
        ],
    ),
    (
        "Go to",
        [
            ("g i", "Inbox"),
            ("g m", "My open tickets"),
            ("g u", "Unassigned tickets"),
            ("g p", "Customers"),
            ("g n", "Notifications"),
            ("g k", "Knowledge"),
            ("g r", "Reports"),
            ("g s", "Settings"),
            ("/", "Search"),
            ("mod+k", "Find or do anything"),
        ],
    ),
    (
        "Ticket",
        [
            ("a", "Assign"),
            ("i", "Assign to me"),
            ("s", "Status"),
            ("p", "Priority"),
            ("t", "Tags"),
            ("e", "Resolve"),
            ("Shift+E", "Resolve and next"),
            ("z", "Snooze"),
            ("w", "Watch"),
            ("!", "Escalate"),
            ("l", "Link"),
            ("#", "Merge"),
            ("f", "Forward by e-mail"),
            ("m", "Apply a macro"),
            (".", "Copy the reference"),
        ],
    ),
    ("Write", [("r", "Reply"), ("n", "Internal note"), ("Ctrl Enter", "Send")]),
    ("Desk", [("c", "New ticket"), ("d", "Dark or light"), ("?", "This list")]),
]


def kbd(keys: str) -> rx.Component:
    """A key or sequence as it is printed on the keyboard, for eyes only."""
    return rx.el.span(
        *(rx.el.kbd(_printed(key), class_name="hd-kbd") for key in keys.replace("Shift+", "Shift ").split()),
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


def key_link(key: str, label: str, href: Text) -> rx.Component:
    """A key that leads somewhere other ways lead, too."""
    return link(label, href=href, data_hotkey=key, tab_index=-1, aria_hidden="true", class_name="hd-hidden-trigger")


def shortcut_list(groups: Shortcuts) -> rx.Component:
    """All shortcuts by group; goes into a dialog."""
    return rx.el.div(*(_group(title, keys) for title, keys in groups), class_name="hd-shortcuts")


def _group(title: str, keys: list[tuple[str, str]]) -> rx.Component:
    rows = (
        rx.el.div(rx.el.dt(text), rx.el.dd(kbd(key)), data_shortcut=key, class_name="hd-shortcut") for key, text in keys
    )
    return rx.el.section(rx.el.h3(title, class_name="hd-overline"), rx.el.dl(*rows))


def _printed(key: str) -> str:
    if key == "mod+k":
        return "Ctrl K"
    return key.upper() if len(key) == 1 else key
