"""How one signs in: the password, the second factor, and the browsers one is signed in with."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import shown
from helpdesk.components.button import button
from helpdesk.components.dialog import confirm
from helpdesk.components.feedback import error_state, skeleton
from helpdesk.components.form import form_actions, hidden, native_form
from helpdesk.components.icons import icon
from helpdesk.components.layout import row
from helpdesk.components.password import password_field
from helpdesk.components.times import time_ago
from helpdesk.domain.passwords import SHORTEST
from helpdesk.pages.doors import GOOD_PASSWORD
from helpdesk.pages.layout import own_page
from helpdesk.pages.profile import own_head, part, waiting
from helpdesk.pages.two_factor import steps
from helpdesk.services.account_security import SessionRow
from helpdesk.services.identities import IdentityRow
from helpdesk.state.security import Security
from helpdesk.state.session import Me
from helpdesk.state.two_factor import TwoFactor


@own_page(route="/profile/security", title="Password and security", on_load=[Security.load, TwoFactor.load])
def security() -> rx.Component:
    """Password, second factor, sessions."""
    return rx.fragment(
        own_head("security"),
        rx.cond(
            Security.is_loading,
            waiting(),
            rx.cond(
                Security.problem != "",
                error_state(on_retry=Security.load),
                rx.el.div(_password(), _second_factor(), _identities(), _sessions(), class_name="hd-settings-form"),
            ),
        ),
    )


def _password() -> rx.Component:
    return rx.cond(Security.ways.has_password, _change(), _no_password())


def _no_password() -> rx.Component:
    return part(
        "Password",
        "You have none: you sign in with a linked account.",
        native_form(
            hidden("email", Me.email),
            rx.el.p("We send a link to your address with which you set one.", class_name="hd-help"),
            row(button("Send me the link", type="submit", icon="mail")),
            action="/auth/forgot",
            class_name="hd-form",
        ),
    )


def _change() -> rx.Component:
    errors = Security.errors
    return rx.el.form(
        part(
            "Password",
            "Every other browser is signed out when it changes.",
            password_field(
                "Present password", name="current", autocomplete="current-password", error=errors["current"]
            ),
            password_field(
                "New password",
                autocomplete="new-password",
                min_length=SHORTEST,
                help=GOOD_PASSWORD,
                error=errors["password"],
            ),
            form_actions(button("Change password", variant="primary", type="submit")),
        ),
        key="password-" + Security.version.to(str),
        on_submit=Security.change_password,
        no_validate=True,
    )


def _second_factor() -> rx.Component:
    return part(
        "Two-factor sign-in",
        "A code from your phone besides the password. Whoever learns your password still does not get in.",
        rx.cond(TwoFactor.is_loading, skeleton("h-8 w-1/2"), steps()),
    )


def _identities() -> rx.Component:
    """Only for those who have any: linking happens by signing in with one."""
    return rx.cond(
        Security.ways.identities.length() > 0,
        part(
            "Linked accounts",
            "Accounts elsewhere that open this one.",
            rx.el.ul(rx.foreach(Security.ways.identities, _identity), aria_label="Linked accounts", class_name="hd-sessions"),
        ),
    )  # fmt: skip


def _identity(one: rx.Var[IdentityRow]) -> rx.Component:
    unlink = confirm(
        "Unlink " + one.provider.to(str) + "?",
        "You then sign in in another way. Signing in with it again links it anew.",
        confirm_label="Unlink",
        on_confirm=Security.unlink(one.id),
        trigger=button("Unlink…", size="sm", aria_label="Unlink " + one.provider.to(str)),
        danger=True,
    )
    return rx.el.li(
        icon("key-round", size=18),
        rx.el.div(
            rx.el.div(rx.el.span(one.provider, class_name="hd-person-name"), class_name="hd-line hd-gap-2"),
            rx.el.div(
                rx.el.span(one.email),
                shown(one.last_used_at, rx.el.span("Last used ", time_ago(one.last_used_at, form="long"))),
                rx.el.span("Since ", time_ago(one.created_at, form="date")),
                class_name="hd-person-detail hd-dotted",
            ),
            class_name="min-w-0 grow",
        ),
        unlink,
        key=one.id,
        class_name="hd-session",
    )


def _sessions() -> rx.Component:
    everywhere_else = confirm(
        "Sign out everywhere else?",
        "Every browser but this one has to sign in again.",
        confirm_label="Sign out everywhere else",
        on_confirm=Security.end_others,
        trigger=button("Sign out everywhere else…", variant="danger-ghost", icon="log-out"),
        danger=True,
    )
    return part(
        "Signed in",
        "Browsers that can open the desk as you. End those you do not know, and change your password.",
        rx.el.ul(rx.foreach(Security.sessions, _session), aria_label="Open sessions", class_name="hd-sessions"),
        rx.cond(Security.has_others, row(everywhere_else)),
    )


def _session(one: rx.Var[SessionRow]) -> rx.Component:
    seen = rx.el.span("Last seen ", time_ago(one.last_seen_at, form="long"))
    end = button("Sign out", size="sm", aria_label="Sign out " + one.browser.to(str), on_click=Security.end(one.id))
    return rx.el.li(
        icon("monitor-smartphone", size=18),
        rx.el.div(
            rx.el.div(
                rx.el.span(one.browser, class_name="hd-person-name"),
                rx.cond(one.is_this, pill("This one", "green")),
                rx.cond(one.is_remembered, pill("Kept signed in", "gray")),
                class_name="hd-line hd-gap-2",
            ),
            rx.el.div(
                rx.cond(one.is_this, rx.el.span("In use now"), seen),
                shown(one.address, rx.el.span(one.address)),
                rx.el.span("Since ", time_ago(one.created_at, form="date")),
                class_name="hd-person-detail hd-dotted",
            ),
            class_name="min-w-0 grow",
        ),
        rx.cond(one.is_this, rx.fragment(), end),
        key=one.id,
        class_name="hd-session",
    )
