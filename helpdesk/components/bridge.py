"""How assets/desk.js tells a page's state something that no element of its own can: a row was ticked, a card dropped."""

from typing import Any

import reflex as rx


def hears(name: str, on_change: Any) -> rx.Component:
    """Calls `on_change(text)` whenever desk.js says `tell(name, text)`. Nobody sees it, no key reaches it."""
    return rx.el.input(
        type="text",
        default_value="",
        on_change=on_change,
        data_hears=name,
        tab_index=-1,
        aria_hidden="true",
        auto_complete="off",
        class_name="hd-hidden-trigger",
    )
