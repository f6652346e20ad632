"""Icons: lucide, thin, always beside a text or a label of their own."""

from typing import Any

import reflex as rx

from helpdesk.components.base import Text

CHANNELS: dict[str, tuple[str, str]] = {
    "web": ("globe", "Portal"),
    "email": ("mail", "E-mail"),
    "phone": ("phone", "Phone"),
    "chat": ("message-circle", "Chat"),
    "mobile": ("smartphone", "Mobile"),
    "api": ("braces", "API"),
}


def icon(name: str, *, size: int = 16, **props: Any) -> rx.Component:
    """A decorative icon by its lucide name, hidden from screen readers. The name is never a var: it is tree-shaken."""
    custom = {"aria-hidden": "true", "strokeWidth": "1.75", **props.pop("custom_attrs", {})}
    return rx.icon(name, size=size, custom_attrs=custom, class_name=["hd-icon", props.pop("class_name", "")], **props)


def channel_icon(channel: Text, *, size: int = 14) -> rx.Component:
    """How a ticket or comment came in."""
    shapes = {name: _labelled(shape, label, size) for name, (shape, label) in CHANNELS.items()}
    if isinstance(channel, rx.Var):
        return rx.match(channel, *shapes.items(), shapes["web"])
    return shapes.get(channel, shapes["web"])


def _labelled(shape: str, label: str, size: int) -> rx.Component:
    return rx.el.span(icon(shape, size=size), title=label, aria_label=label, role="img", class_name="hd-channel")
