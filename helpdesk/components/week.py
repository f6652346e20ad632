"""A week as a strip: for each day a bar of its 24 hours, filled where it is open."""

from typing import Any

import reflex as rx

from helpdesk.components.base import Child, Text

_MARKS = ("0", "6", "12", "18", "24")


def week_hours() -> rx.Component:
    """The hours above the bars."""
    return rx.el.div(
        rx.el.span(),
        rx.el.div(*(rx.el.span(mark) for mark in _MARKS), class_name="hd-week-marks"),
        rx.el.span(),
        aria_hidden="true",
        class_name="hd-week-day",
    )


def week_day(label: Text, spans: rx.Var[Any], control: Child, *, key: Text) -> rx.Component:
    """A day: its name, its bar, and what changes it. Spans have `left`, `width` (percentages) and `text`."""
    return rx.el.div(
        rx.el.span(label, class_name="hd-week-name"),
        rx.el.div(
            rx.foreach(
                spans,
                lambda span: rx.el.span(
                    title=span.text, style={"left": span.left, "width": span.width}, class_name="hd-week-open"
                ),
            ),
            aria_hidden="true",
            class_name="hd-week-bar",
        ),
        control,
        key=key,
        class_name="hd-week-day",
    )
