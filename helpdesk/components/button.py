"""Buttons. One primary per view; the rest are secondary or ghost."""

from typing import Any, Literal

import reflex as rx

from helpdesk.components.base import Child, Flag, Text, classes, link, shown
from helpdesk.components.icons import icon as draw
from helpdesk.components.keys import kbd

Variant = Literal["primary", "secondary", "ghost", "danger", "danger-ghost"]
Size = Literal["sm", "md", "lg"]


def button(
    label: Child,
    *,
    variant: Variant = "secondary",
    size: Size = "md",
    icon: str | None = None,
    hotkey: str | None = None,
    show_hotkey: bool = False,
    href: Text | None = None,
    busy: Flag = False,
    wide: bool = False,
    **props: Any,
) -> rx.Component:
    """A button, or a link that looks like one when `href` is given.

    Args:
        label: What happens on a press, as a verb.
        hotkey: Key (`r`) or sequence (`g i`) that presses it outside of inputs.
        busy: Shows that it is working and refuses a second press.
    """
    names = classes(
        "hd-btn", f"hd-btn-{variant}", f"hd-btn-{size}", "w-full" if wide else "", props.pop("class_name", "")
    )
    parts = [
        shown(busy, rx.el.span(class_name="hd-spin", aria_hidden="true")),
        draw(icon, size=16) if icon else rx.fragment(),
        rx.el.span(label, class_name="hd-btn-label"),
        kbd(hotkey) if hotkey and show_hotkey else rx.fragment(),
    ]
    if hotkey:
        props["data_hotkey"] = hotkey
    if href is not None:
        return link(*parts, href=href, class_name=names, **props)
    return rx.el.button(
        *parts,
        type=props.pop("type", "button"),
        disabled=props.pop("disabled", busy),
        aria_busy=busy,
        class_name=names,
        **props,
    )


def icon_button(
    icon: str,
    label: str,
    *,
    variant: Variant = "ghost",
    size: Size = "md",
    hotkey: str | None = None,
    href: Text | None = None,
    tip: Literal["top", "bottom", "left", "right", "none"] = "bottom",
    **props: Any,
) -> rx.Component:
    """A button that is only an icon; its label is read aloud and shown on hover."""
    names = classes("hd-btn", "hd-btn-icon", f"hd-btn-{variant}", f"hd-btn-{size}", props.pop("class_name", ""))
    if hotkey:
        props["data_hotkey"] = hotkey
    if tip != "none":
        props |= {"data_tip": f"{label}  {hotkey.upper()}" if hotkey else label, "data_tip_side": tip}
    shape = draw(icon, size=14 if size == "sm" else 16)
    if href is not None:
        return link(shape, href=href, aria_label=label, class_name=names, **props)
    return rx.el.button(shape, type=props.pop("type", "button"), aria_label=label, class_name=names, **props)


def button_group(*buttons: rx.Component, label: str) -> rx.Component:
    """Buttons that belong together, joined."""
    return rx.el.div(*buttons, role="group", aria_label=label, class_name="hd-btn-group")
