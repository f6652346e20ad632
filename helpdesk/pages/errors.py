"""Pages that say why there is nothing to see."""

import reflex as rx

from helpdesk.components.button import button
from helpdesk.components.shells import error_shell
from helpdesk.pages.layout import public_page
from helpdesk.state.kinds import FORBIDDEN, SIGN_IN
from helpdesk.state.session import Me


@public_page(route="404", title="Not found")
def not_found() -> rx.Component:
    """An address without a page."""
    return error_shell(
        "There is nothing here",
        "The address may be mistyped, or what was here is gone.",
        _start_page(),
        code="404",
        organization=Me.organization,
    )


@public_page(route=FORBIDDEN, title="Not for you")
def forbidden() -> rx.Component:
    """A page for others."""
    return error_shell(
        "This page is not for your role",
        "If you need it, ask an administrator of your help desk. You can also sign in as somebody else.",
        _start_page(),
        button("Sign in as somebody else", href=SIGN_IN),
        icon="lock",
        code="403",
        organization=Me.organization,
    )


def _start_page() -> rx.Component:
    # A real navigation: the edge knows whose start page that is.
    return rx.el.a("Start page", href="/", class_name="hd-btn hd-btn-primary hd-btn-md")
