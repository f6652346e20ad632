"""Lists people put in order: by dragging a handle, or with the arrow keys on it (assets/desk.js)."""

from typing import Any

import reflex as rx

from helpdesk.components.base import Text
from helpdesk.components.icons import icon as draw


def order_form(form_id: str, *, on_submit: Any) -> rx.Component:
    """Takes the new order as `order`, ids with commas; place it once beside the list."""
    return rx.el.form(
        rx.el.input(type="hidden", name="order", default_value=""), id=form_id, on_submit=on_submit, class_name="hidden"
    )


def order_handle(label: Text, form_id: str) -> rx.Component:
    """What is dragged. Its row carries `data_reorder_id`."""
    return rx.el.button(
        draw("grip-vertical", size=15),
        rx.el.span("Move ", label, " with the arrow keys", class_name="sr-only"),
        type="button",
        data_reorder=form_id,
        class_name="hd-grip",
    )
