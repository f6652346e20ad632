"""An outline of conditions: lines that are indented, changed where they stand, and taken out."""

import reflex as rx

from helpdesk.components.base import Child, Number, Text
from helpdesk.components.icons import icon as draw


def outline(*lines: Child, label: str) -> rx.Component:
    """The lines beneath each other."""
    return rx.el.ol(*lines, aria_label=label, class_name="hd-outline")


def outline_line(*controls: Child, depth: Number, key: Text | Number = "") -> rx.Component:
    """One line; `depth` says how far to the right it begins."""
    return rx.el.li(*controls, key=key, data_depth=depth, class_name="hd-outline-line")


def outline_remove(label: Text, on_click: rx.event.EventType[()]) -> rx.Component:
    """The cross that ends a line."""
    return rx.el.button(
        draw("x", size=14),
        type="button",
        aria_label=label,
        on_click=on_click,
        class_name="hd-btn hd-btn-icon hd-btn-ghost hd-btn-sm hd-outline-remove",
    )
