"""Typing a password, with a way to look at it."""

from typing import Any

import reflex as rx

from helpdesk.components.base import Text
from helpdesk.components.form import described, field
from helpdesk.components.icons import icon as draw


def password_field(
    label: Text = "Password",
    *,
    autocomplete: str,
    name: str = "password",
    id: str | None = None,
    help: Text = "",
    error: Text = "",
    **props: Any,
) -> rx.Component:
    """A password with an eye that shows and hides it (assets/desk.js). `autocomplete`: current- or new-password."""
    key = id or name
    control = rx.el.div(
        rx.el.input(
            type="password",
            name=name,
            auto_complete=autocomplete,
            required=True,
            max_length=200,
            class_name="hd-input",
            **described(key, error=error),
            **props,
        ),
        rx.el.button(
            draw("eye", class_name="hd-eye-open"),
            draw("eye-off", class_name="hd-eye-shut"),
            type="button",
            aria_label="Show the password",
            aria_pressed="false",
            aria_controls=key,
            data_reveal=key,
            class_name="hd-reveal",
        ),
        class_name="hd-password",
    )
    return field(label, control, id=key, help=help, error=error)
