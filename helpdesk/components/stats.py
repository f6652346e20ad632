"""Figures: a number that says whether it got better, a chart with its numbers behind it."""

from typing import Literal

import reflex as rx

from helpdesk.components.base import Child, Text, classes, link, shown
from helpdesk.components.icons import icon as draw


def stat_cards(*cards: Child) -> rx.Component:
    """A row of figures; wraps on narrow screens."""
    return rx.el.div(*cards, class_name="hd-stats")


def stat_card(
    label: Text,
    value: Child,
    *,
    delta: Text = "",
    meaning: Literal["good", "bad", "neutral"] | rx.Var[str] = "neutral",
    direction: Literal["up", "down", "flat"] | rx.Var[str] = "flat",
    compared: Text = "",
    detail: Child = "",
    href: Text | None = None,
    icon: str | None = None,
) -> rx.Component:
    """One figure with its change.

    Args:
        delta: The change as text, `12 %`; empty when there is nothing to compare with.
        meaning: Whether that is good: more solved is, more breached is not.
        compared: `than the 30 days before`.
        href: The list of exactly what was counted.
    """
    arrow = (
        rx.match(
            direction, ("up", draw("arrow-up", size=13)), ("down", draw("arrow-down", size=13)), draw("minus", size=13)
        )
        if isinstance(direction, rx.Var)
        else draw({"up": "arrow-up", "down": "arrow-down"}.get(direction, "minus"), size=13)
    )
    change = rx.el.span(arrow, delta, data_meaning=meaning, class_name="hd-delta")
    parts = [
        rx.el.div(draw(icon, size=15) if icon else rx.fragment(), label, class_name="hd-stat-label"),
        rx.el.div(value, class_name="hd-stat-value"),
        rx.el.div(
            shown(delta, change),
            shown(compared, rx.el.span(compared, class_name="truncate")),
            shown(detail, rx.el.span(detail)),
            class_name="hd-stat-detail",
        ),
    ]
    names = classes("hd-card", "hd-stat", "hd-card-link" if href is not None else "")
    if href is not None:
        return link(*parts, href=href, class_name=names)
    return rx.el.div(*parts, class_name=names)


def chart_card(
    title: Text,
    chart: rx.Component,
    *,
    table: rx.Component | None = None,
    action: Child = "",
    text: Text = "",
    tall: bool = False,
) -> rx.Component:
    """A chart with its title, and its numbers as a table for those who cannot or will not read the chart."""
    numbers = (
        rx.el.details(rx.el.summary(draw("table-2", size=13), "Show as a table", class_name="hd-chart-toggle"), table)
        if table is not None
        else rx.fragment()
    )
    return rx.el.section(
        rx.el.div(
            rx.el.div(
                rx.el.h2(title, class_name="hd-card-title"),
                shown(text, rx.el.p(text, class_name="hd-help")),
                class_name="min-w-0",
            ),
            rx.el.div(action),
            class_name="hd-card-head",
        ),
        rx.el.div(chart, class_name=classes("hd-chart", "hd-chart-tall" if tall else "")),
        numbers,
        class_name="hd-card",
    )


def meter(value: Text, *, label: Text, tone: Text = "indigo") -> rx.Component:
    """How full: capacity of an agent, share of a target. `value` is a percentage such as `62%`."""
    return rx.el.span(
        rx.el.span(class_name="hd-meter-fill", style={"width": value}),
        role="img",
        aria_label=label,
        title=label,
        class_name=f"hd-meter tone-{tone}",
    )
