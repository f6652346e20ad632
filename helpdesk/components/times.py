"""Moments: the browser fills them in and keeps them current (assets/desk.js), so no page re-renders for a clock."""

from typing import Any, Literal

import reflex as rx

from helpdesk.components.base import Text


def time_ago(
    moment: Text, *, form: Literal["short", "long", "date", "absolute"] = "short", **props: Any
) -> rx.Component:
    """A moment relative to now: `short` 4m, `long` 4 minutes ago; `date` and `absolute` stand still. Hover shows it whole.

    Args:
        moment: ISO 8601 with a zone; empty shows nothing.
    """
    names = ["hd-time", props.pop("class_name", "")]
    return rx.el.time(date_time=moment, data_time=moment, data_form=form, class_name=names, **props)


def countdown(due_at: Text, **props: Any) -> rx.Component:
    """Time left until a moment, ticking: 2h 14m, then 6m over."""
    names = ["hd-time", props.pop("class_name", "")]
    return rx.el.time(date_time=due_at, data_due_at=due_at, class_name=names, **props)
