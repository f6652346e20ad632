"""Pages that say why there is nothing to see, and what to do next.

Their ways out load the page anew (`A` is a plain link, `rx.el.a` the router's): where "/" leads depends on who one is,
and the server knows.
"""

import reflex as rx
from reflex_base.vars import Var
from reflex_components_core.base.error_boundary import ErrorBoundary
from reflex_components_core.el.elements.inline import A

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
        _start(),
        rx.cond(
            Me.is_signed_in,
            rx.cond(
                Me.is_staff,
                _way("Search the tickets", "/agent?view=all"),
                _way("My requests", "/requests?show=all"),
            ),
            _way("Sign in", SIGN_IN),
        ),
        code="404",
        organization=Me.organization,
    )


@public_page(route=FORBIDDEN, title="Not for you")
def forbidden() -> rx.Component:
    """A page for others."""
    return error_shell(
        "This page is not for your role",
        "If you need it, ask an administrator of your help desk. You can also sign in as somebody else.",
        _start(),
        _way("Sign in as somebody else", SIGN_IN),
        icon="lock",
        code="403",
        organization=Me.organization,
    )


def broken(stateful: bool) -> rx.Component:
    """In place of a page whose drawing failed. Plain elements: whatever broke may be among the components."""
    said = rx.el.main(
        rx.el.div(
            rx.el.p("Something broke", class_name="hd-error-code"),
            rx.el.h1("This page stopped working", class_name="hd-auth-title"),
            rx.el.p(
                "We have written down what happened. Loading it anew usually helps; nothing you sent is lost.",
                class_name="hd-auth-text",
            ),
            rx.el.div(
                A.create("Load it anew", href="", class_name="hd-btn hd-btn-primary hd-btn-lg"),
                A.create("Start page", href="/", class_name="hd-btn hd-btn-secondary hd-btn-lg"),
                class_name="hd-error-actions",
            ),
            role="alert",
            class_name="hd-error-box",
        ),
        class_name="hd-auth hd-broken",
    )
    silent = {} if stateful else {"on_error": rx.noop()}
    return ErrorBoundary.create(fallback_render=Var.create(said), **silent)


def _start() -> rx.Component:
    return A.create("Start page", href="/", class_name="hd-btn hd-btn-primary hd-btn-lg")


def _way(label: str, href: str) -> rx.Component:
    return A.create(label, href=href, class_name="hd-btn hd-btn-secondary hd-btn-lg")
