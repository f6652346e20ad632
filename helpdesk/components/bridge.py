"""How assets/desk.js tells a page's state something that no element of its own can: a row was ticked, a card dropped."""

from typing import Any

import reflex as rx


def announcer() -> rx.Component:
    """Where desk.js says what came to the list marked `data-news` ("3 new tickets"), every ten seconds at most."""
    return rx.el.p(role="status", data_announce="true", class_name="sr-only")


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
