"""The doors: native forms, so that the browser itself carries the cookie home. They work without any script."""

import reflex as rx

from helpdesk.components.base import Child, shown
from helpdesk.components.button import button
from helpdesk.components.feedback import banner
from helpdesk.components.form import checkbox, form_error, hidden, native_form, text_field
from helpdesk.components.shells import auth_shell
from helpdesk.pages.layout import public_page
from helpdesk.state.doors import Doors


@public_page(route="/login", title="Sign in", on_load=Doors.load)
def login() -> rx.Component:
    """Sign in with e-mail address and password."""
    return _door(
        "Sign in",
        "/auth/sign-in",
        _email(),
        _password("current-password"),
        checkbox("Keep me signed in", name="remember", value="yes"),
        hidden("next", Doors.next),
        button("Sign in", type="submit", variant="primary", wide=True),
        footer=_ways(("Forgot password", "/forgot"), ("Create an account", "/register")),
    )


@public_page(route="/register", title="Create an account", on_load=Doors.load)
def register() -> rx.Component:
    """Become a customer."""
    return _door(
        "Create an account",
        "/auth/register",
        text_field(
            "Name", name="name", auto_complete="name", required=True, auto_focus=True, max_length=200,
            error=Doors.errors.get("name", ""), default_value=Doors.values.get("name", ""), key=Doors.values.get("name", ""),
        ),
        _email(auto_focus=False),
        _password("new-password", help="At least 10 characters; a short sentence is a good password."),
        hidden("next", Doors.next),
        button("Create account", type="submit", variant="primary", wide=True),
        text="To report problems and follow their progress.",
        footer=_ways(("Sign in instead", "/login")),
    )  # fmt: skip


@public_page(route="/forgot", title="Forgot password", on_load=Doors.load)
def forgot() -> rx.Component:
    """Ask for a link to choose a new password."""
    return _door(
        "Forgot password",
        "/auth/forgot",
        _email(),
        button("Send the link", type="submit", variant="primary", wide=True),
        text="We send you a link for choosing a new one.",
        footer=_ways(("Back to sign in", "/login")),
    )


@public_page(route="/reset", title="Choose a new password", on_load=Doors.load)
def reset() -> rx.Component:
    """Choose a new password with a link's token."""
    return _door(
        "Choose a new password",
        "/auth/reset",
        _password("new-password", help="At least 10 characters; a short sentence is a good password."),
        hidden("token", Doors.token),
        button("Change password", type="submit", variant="primary", wide=True),
        footer=_ways(("Ask for a new link", "/forgot"), ("Back to sign in", "/login")),
    )


def _door(title: str, action: str, *fields: rx.Component, text: str = "", footer: Child = "") -> rx.Component:
    said = rx.cond(Doors.is_good, banner(Doors.message), form_error(Doors.message))
    return auth_shell(
        shown(Doors.message, rx.el.div(said, class_name="mt-4")),
        native_form(*fields, action=action, class_name="flex flex-col gap-4"),
        title=title,
        text=text,
        organization=Doors.organization,
        footer=footer,
    )


def _email(*, auto_focus: bool = True) -> rx.Component:
    # The key makes React take the default value that arrives after the first render.
    return text_field(
        "E-mail address", name="email", type="email", auto_complete="username", required=True, auto_focus=auto_focus,
        error=Doors.errors.get("email", ""), default_value=Doors.values.get("email", ""),
        key=Doors.values.get("email", ""),
    )  # fmt: skip


def _password(autocomplete: str, *, help: str = "") -> rx.Component:
    return text_field(
        "Password", name="password", type="password", auto_complete=autocomplete, required=True, help=help,
        error=Doors.errors.get("password", ""),
    )  # fmt: skip


def _ways(*ways: tuple[str, str]) -> rx.Component:
    return rx.el.nav(*(rx.el.a(label, href=href) for label, href in ways), class_name="flex justify-center gap-4")
