"""Tabs: as links when the choice belongs into the address, as panels when it is only a look."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from helpdesk.components.badge import count
from helpdesk.components.base import Flag, Number, Text, link, when


def tab_links(*tabs: rx.Component, label: str) -> rx.Component:
    """A row of `tab_link`s."""
    return rx.el.nav(*tabs, aria_label=label, class_name="hd-tabs")


def tab_link(label: Text, href: Text, *, active: bool | rx.Var[bool] = False, number: Number = 0) -> rx.Component:
    """One tab that is an address of its own."""
    return link(label, count(number), href=href, aria_current=when(active, "page", "false"), class_name="hd-tab")


def tab_panels(
    *tabs: tuple[str, str, rx.Component],
    default: str | None = None,
    reveals: Mapping[str, str] | None = None,
    disabled: Mapping[str, Flag] | None = None,
    **props: Any,
) -> rx.Component:
    """Panels as (value, label, content); arrows move between the tabs. Unseen panels are not drawn.

    Args:
        reveals: by a tab's value, the keys that press something in its panel: they show it first.
        disabled: by a tab's value, when it cannot be opened.
    """
    keys, barred = reveals or {}, disabled or {}
    return rx.tabs.root(
        rx.tabs.list(
            *(
                rx.tabs.trigger(
                    label,
                    value=value,
                    disabled=barred.get(value, False),
                    class_name="hd-tab",
                    custom_attrs={"data-reveals": keys.get(value, "")},
                )
                for value, label, _ in tabs
            ),
            class_name="hd-tabs",
        ),
        *(rx.tabs.content(content, value=value, class_name="hd-tab-panel") for value, _, content in tabs),
        default_value=default or tabs[0][0],
        class_name=["hd-tab-panels", props.pop("class_name", "")],
        **props,
    )


def segmented(
    options: list[tuple[str, str]], *, name: str, label: str, value: Text = "", on_change: Any = None
) -> rx.Component:
    """Two to five choices in one strip: 7, 30 or 90 days. Radios underneath."""
    handler = {} if on_change is None else {"on_change": on_change}
    return rx.el.div(
        *(
            rx.el.label(
                rx.el.input(type="radio", name=name, value=key, checked=value == key, class_name="sr-only", **handler)
                if on_change is not None
                else rx.el.input(
                    type="radio", name=name, value=key, default_checked=value == key, class_name="sr-only"
                ),
                rx.el.span(text),
                class_name="hd-segment",
            )
            for key, text in options
        ),
        role="radiogroup",
        aria_label=label,
        class_name="hd-segments",
    )
