"""Badges: small facts in a row. Colour carries meaning and never stands alone."""

from typing import Any

import reflex as rx

from helpdesk.components.base import Number, Text, classes, shown
from helpdesk.components.icons import icon as draw


def pill(label: Text, tone: Text = "gray", *, dot: bool = False, icon: str | None = None, **props: Any) -> rx.Component:
    """A short word on a soft ground; `tone` is a colour name as rows carry it."""
    return rx.el.span(
        rx.el.span(class_name="hd-dot", aria_hidden="true") if dot else rx.fragment(),
        draw(icon, size=12) if icon else rx.fragment(),
        rx.el.span(label, class_name="truncate"),
        class_name=classes("hd-pill", f"tone-{tone}", props.pop("class_name", "")),
        **props,
    )


def status_badge(label: Text, colour: Text) -> rx.Component:
    """The status of a ticket, in the colour of its row."""
    return pill(label, colour, dot=True)


def priority_indicator(label: Text, rank: Number, *, show_label: bool = False) -> rx.Component:
    """Priority as bars by rank (1 low to 4 urgent); only high and urgent take colour."""
    return rx.el.span(
        rx.el.span(rx.el.i(), rx.el.i(), rx.el.i(), class_name="hd-bars", data_rank=rank, aria_hidden="true"),
        rx.el.span(label, class_name="" if show_label else "sr-only"),
        title=label,
        class_name="hd-priority",
    )


def tag_chip(label: Text, colour: Text = "gray", *, on_remove: Any = None, href: Text | None = None) -> rx.Component:
    """A tag; with `on_remove` it ends in a cross."""
    remove = (
        rx.el.button(
            draw("x", size=12),
            type="button",
            aria_label=f"Remove {label}",
            on_click=on_remove,
            class_name="hd-chip-remove",
        )
        if on_remove is not None
        else rx.fragment()
    )
    text = rx.el.a(label, href=href) if href is not None else rx.el.span(label, class_name="truncate")
    return rx.el.span(
        rx.el.span(class_name="hd-dot", aria_hidden="true"), text, remove, class_name=f"hd-tag tone-{colour}"
    )


def count(number: Number, *, tone: Text | None = None, label: str = "") -> rx.Component:
    """How many, beside the name of a view; nothing when there are none."""
    names = ["hd-count", "" if tone is None else f"hd-count-tone tone-{tone}"]
    return shown(number, rx.el.span(number, rx.el.span(label, class_name="sr-only"), class_name=names))


def sla_chip(
    state: Text,
    due_at: Text,
    *,
    metric: Text = "",
    what: Text = "",
    warn_at: Text = "",
    hours: Text = "",
    target: Number = 0,
    compact: bool = False,
    **props: Any,
) -> rx.Component:
    """A running promise; the browser counts down and turns it amber and red when its moments pass.

    Args:
        state: ok (or running), at_risk, breached, paused, met.
        due_at: ISO 8601 with a zone.
        metric: What is promised, as `First response`; left out in lists.
        what: The same, only told on hover: for lists.
        warn_at: When ok becomes at_risk without a word from the server.
        hours: The opening hours until then (`domain.sla.hours_until`); the time left is the time in them.
        target: The seconds promised; told on hover.
    """
    return rx.el.span(
        rx.el.span(class_name="hd-sla-mark", aria_hidden="true"),
        shown(metric, rx.el.span(metric, class_name="hd-sla-metric")),
        rx.el.span(data_due_text="true", class_name="hd-sla-text"),
        data_due_at=due_at,
        data_warn_at=warn_at,
        data_hours=hours,
        data_target=target,
        data_what=what,
        data_state=state,
        class_name=classes("hd-sla", "hd-sla-compact" if compact else "", props.pop("class_name", "")),
        **props,
    )
