"""Menus: a button that opens a list of things to do or to pick."""

from typing import Any

import reflex as rx

from helpdesk.components.base import Choice, Flag, Text, link, shown
from helpdesk.components.icons import icon as draw
from helpdesk.components.keys import kbd


def menu(trigger: rx.Component, *items: rx.Component, align: str = "start", width: str = "hd-menu-md") -> rx.Component:
    """A list that opens at its trigger; arrows move, letters jump, Escape closes. The trigger must carry no on_click."""
    return rx.dropdown_menu.root(
        rx.dropdown_menu.trigger(trigger),
        rx.dropdown_menu.content(*items, align=align, side_offset=4, class_name=f"hd-menu {width}"),
        modal=False,
    )


def menu_item(
    label: Text,
    *,
    icon: str | None = None,
    tone: Text | None = None,
    hint: Text = "",
    hotkey: str | None = None,
    href: Text | None = None,
    checked: Flag = False,
    danger: bool = False,
    **props: Any,
) -> rx.Component:
    """One thing to do (`on_select` or `on_click`), to go to (`href`), or to pick (`checked`)."""
    parts = [
        draw(icon, size=15) if icon else rx.fragment(),
        rx.el.span(class_name=f"hd-dot tone-{tone}", aria_hidden="true") if tone is not None else rx.fragment(),
        rx.el.span(label, class_name="grow truncate"),
        shown(hint, rx.el.span(hint, class_name="hd-menu-hint")),
        shown(checked, draw("check", size=14)),
        kbd(hotkey) if hotkey else rx.fragment(),
    ]
    names = ["hd-menu-item", "hd-menu-danger" if danger else ""]
    if href is None:
        return rx.dropdown_menu.item(*parts, class_name=names, **props)
    return rx.dropdown_menu.item(
        link(*parts, href=href, class_name="hd-menu-link"), as_child=False, class_name=names, **props
    )


def menu_separator() -> rx.Component:
    """A hairline between groups."""
    return rx.dropdown_menu.separator(class_name="hd-menu-rule")


def menu_label(text: Text) -> rx.Component:
    """The name of a group."""
    return rx.el.div(text, class_name="hd-menu-label")


def picker(
    label: str,
    current: rx.Component,
    options: rx.Var[list[Choice]] | list[Choice],
    *,
    on_pick: Any,
    value: Text = "",
    hotkey: str | None = None,
) -> rx.Component:
    """A fact that is changed where it stands: status, priority, assignee. `on_pick` is called with the value."""
    trigger = rx.el.button(
        rx.el.span(f"{label}: ", class_name="sr-only"),
        current,
        draw("chevron-down", size=13),
        type="button",
        class_name="hd-picker",
        **({"data_hotkey": hotkey} if hotkey else {}),
    )

    def item(choice: Choice) -> rx.Component:
        tone = choice.tone if isinstance(options, rx.Var) or choice.tone else None
        return menu_item(
            choice.label,
            tone=tone,
            hint=choice.hint,
            checked=choice.value == value,
            on_select=lambda: on_pick(choice.value),
        )

    items = [rx.foreach(options, item)] if isinstance(options, rx.Var) else [item(each) for each in options]
    return menu(trigger, menu_label(label), *items)


def popover(trigger: rx.Component, *children: rx.Component, align: str = "start") -> rx.Component:
    """A small surface with anything in it, at its trigger."""
    return rx.popover.root(
        rx.popover.trigger(trigger),
        rx.popover.content(*children, align=align, side_offset=4, class_name="hd-popover"),
    )
