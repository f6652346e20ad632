"""The doors: native forms, so that the browser itself carries the cookie home. They work without any script."""

import reflex as rx

from helpdesk.components.base import Child, Text, call_js, link, shown
from helpdesk.components.button import button
from helpdesk.components.feedback import banner
from helpdesk.components.form import checkbox, form_error, hidden, native_form, text_field
from helpdesk.components.icons import icon
from helpdesk.components.password import password_field
from helpdesk.components.shells import auth_shell
from helpdesk.domain.passwords import SHORTEST
from helpdesk.pages.layout import public_page
from helpdesk.services.identity_providers import GOOGLE, OfferedRow
from helpdesk.state.doors import Doors

GOOD_PASSWORD = f"At least {SHORTEST} characters; a short sentence is a good password."


@public_page(route="/login", title="Sign in", on_load=Doors.load)
def login() -> rx.Component:
    """Sign in with e-mail address and password."""
    return _door(
        "Sign in",
        "/auth/sign-in",
        _email(),
        password_field(autocomplete="current-password", error=Doors.errors["password"]),
        rx.el.div(
            checkbox("Keep me signed in", name="remember", value="yes"),
            rx.el.a("Forgot password?", href="/forgot", class_name="hd-link"),
            class_name="hd-line hd-between",
        ),
        hidden("next", Doors.next),
        button("Sign in", type="submit", variant="primary", size="lg", wide=True),
        text=rx.cond(Doors.next != "", "Then you go on where you wanted to.", "To your requests, or to your work."),
        footer=rx.el.div(
            _way("New here?", "Create an account", "/register"),
            rx.cond(Doors.has_public_form, _way("No account needed:", "send a request", "/public/new")),
            class_name="hd-auth-ways",
        ),
        with_providers=True,
    )


@public_page(route="/login/code", title="Enter the code", on_load=Doors.load)
def code() -> rx.Component:
    """The second step of signing in."""
    of_app = text_field(
        "Code", name="code", auto_complete="one-time-code", input_mode="numeric", required=True, max_length=7,
        auto_focus=True, help="Six digits from your authenticator app.", error=Doors.errors["code"],
    )  # fmt: skip
    of_paper = rx.fragment(
        text_field(
            "Recovery code", name="code", auto_complete="off", required=True, max_length=40, auto_focus=True,
            spell_check=False, help="One of the ten you wrote down. Each works once.", error=Doors.errors["code"],
        ),
        hidden("recovery", "yes"),
    )  # fmt: skip
    with_next = rx.cond(Doors.next != "", "&next=" + call_js("encodeURIComponent", Doors.next), "")
    other = rx.cond(
        Doors.with_recovery,
        _way("Have your phone?", "Enter a code from the app", "/login/code?" + with_next),
        _way("No phone at hand?", "Use a recovery code", "/login/code?recovery=yes" + with_next),
    )
    return _door(
        "Enter the code",
        "/auth/code",
        rx.cond(Doors.with_recovery, of_paper, of_app),
        hidden("next", Doors.next),
        button("Sign in", type="submit", variant="primary", size="lg", wide=True),
        text="That was right. One more step.",
        footer=rx.el.div(other, _way("Not you?", "Start again", "/login"), class_name="hd-auth-ways"),
    )


@public_page(route="/register", title="Create an account", on_load=Doors.load)
def register() -> rx.Component:
    """Become a customer."""
    return _door(
        rx.cond(Doors.is_good, "Look into your mail", "Create an account"),
        "/auth/register",
        text_field(
            "Your name", name="name", auto_complete="name", required=True, max_length=200, auto_focus=True,
            error=Doors.errors["name"],
        ),
        _email(auto_focus=False),
        password_field(autocomplete="new-password", min_length=SHORTEST, help=GOOD_PASSWORD, error=Doors.errors["password"]),
        hidden("next", Doors.next),
        button("Create account", type="submit", variant="primary", size="lg", wide=True),
        text=rx.cond(Doors.is_good, "", "To report problems and follow them to the end."),
        footer=_way("Have an account?", "Sign in", "/login"),
        only_once=True,
        with_providers=True,
    )  # fmt: skip


@public_page(route="/confirm", title="Confirm your address", on_load=Doors.load)
def confirm() -> rx.Component:
    """Open a registered account with the link from the mail."""
    return _door(
        "Confirm your address",
        "/auth/confirm",
        password_field(autocomplete="current-password", auto_focus=True, error=Doors.errors["password"]),
        hidden("token", Doors.token),
        button("Confirm and sign in", type="submit", variant="primary", size="lg", wide=True),
        text="Enter the password you chose when you registered. That opens your account.",
        footer=rx.el.div(
            _way("Forgot it, or link too old?", "Register again", "/register"),
            rx.el.p("You did not register? Then do nothing: there will be no account."),
            class_name="hd-auth-ways",
        ),
    )


@public_page(route="/forgot", title="Forgot password", on_load=Doors.load)
def forgot() -> rx.Component:
    """Ask for a link to choose a new password."""
    return _door(
        "Forgot password",
        "/auth/forgot",
        _email(),
        button("Send the link", type="submit", variant="primary", size="lg", wide=True),
        text="Tell us your address, and we send you a link to choose a new one.",
        footer=_way("Remembered it?", "Sign in", "/login"),
    )


@public_page(route="/reset", title="Choose a new password", on_load=Doors.load)
def reset() -> rx.Component:
    """Choose a new password with a link's token."""
    return _door(
        "Choose a new password",
        "/auth/reset",
        password_field(
            "New password",
            autocomplete="new-password",
            min_length=SHORTEST,
            auto_focus=True,
            help=GOOD_PASSWORD,
            error=Doors.errors["password"],
        ),
        hidden("token", Doors.token),
        button("Change password", type="submit", variant="primary", size="lg", wide=True),
        text="You are signed out everywhere else, and sign in with the new one.",
        footer=_way("Link too old?", "Ask for a new one", "/forgot"),
    )


def _door(
    title: Text,
    action: str,
    *fields: rx.Component,
    text: str | rx.Var[str] = "",
    footer: Child = "",
    only_once: bool = False,
    with_providers: bool = False,
) -> rx.Component:
    said = rx.cond(Doors.is_good, banner(Doors.message, tone="green", icon="check"), form_error(Doors.message))
    form = native_form(*fields, action=action, class_name="hd-auth-form")
    if with_providers:
        form = rx.fragment(_providers(), form)
    return auth_shell(
        shown(Doors.message, said),
        rx.cond(Doors.is_good, rx.fragment(), form) if only_once else form,
        title=title,
        text=text,
        organization=Doors.organization,
        footer=footer,
    )


def _providers() -> rx.Component:
    """Other houses' accounts, above the form, when there are any."""
    return rx.cond(
        Doors.providers.length() > 0,
        rx.el.div(
            rx.foreach(Doors.providers, _provider),
            rx.el.p(rx.el.span("or with your e-mail address"), class_name="hd-auth-or"),
            class_name="hd-auth-providers",
        ),
    )


def _provider(one: rx.Var[OfferedRow]) -> rx.Component:
    with_next = rx.cond(Doors.next != "", "?next=" + call_js("encodeURIComponent", Doors.next), "")
    return link(
        rx.cond(
            one.kind == GOOGLE,
            rx.el.img(src="/google.svg", alt="", width="18", height="18"),
            icon("key-round", size=18),
        ),
        "Continue with " + one.name.to(str),
        href="/auth/oidc/" + one.id.to(str) + "/start" + with_next,
        rel="nofollow",
        reload_document=True,  # a door, not a page
        key=one.id,
        class_name="hd-btn hd-btn-secondary hd-btn-lg w-full",
    )


def _email(*, auto_focus: bool = True) -> rx.Component:
    return text_field(
        "E-mail address", name="email", type="email", auto_complete="username", required=True, max_length=320,
        auto_focus=auto_focus, error=Doors.errors["email"],
    )  # fmt: skip


def _way(question: str, label: str, href: Text) -> rx.Component:
    return rx.el.p(question, " ", rx.el.a(label, href=href, class_name="hd-link"))
