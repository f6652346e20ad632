"""Setting up the second factor: a part of the security page, and a page of its own for who cannot go on without it."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import Text
from helpdesk.components.button import button
from helpdesk.components.feedback import error_state, skeleton
from helpdesk.components.form import form_actions, native_form, text_field
from helpdesk.components.layout import row, stack
from helpdesk.components.password import password_field
from helpdesk.components.shells import auth_shell
from helpdesk.components.times import time_ago
from helpdesk.pages.layout import enrolling_page
from helpdesk.state.two_factor import TwoFactor


@enrolling_page(route="/two-factor", title="Two-factor sign-in", on_load=TwoFactor.load)
def two_factor() -> rx.Component:
    """Before anything else, for roles that need it."""
    return auth_shell(
        rx.el.div(
            rx.cond(
                TwoFactor.is_loading,
                skeleton("h-8 w-full"),
                rx.cond(TwoFactor.problem != "", error_state(on_retry=TwoFactor.load), steps()),
            ),
            class_name="hd-auth-form mt-6",
        ),
        title="Two-factor sign-in",
        text="People with your role sign in with a code from their phone as well. Set it up once, and go on.",
        organization=TwoFactor.organization,
        footer=native_form(rx.el.button("Sign out", type="submit", class_name="hd-link"), action="/auth/sign-out"),
    )


def steps() -> rx.Component:
    """What stands and what can be done, and beneath it the step at hand. Every step is there, hidden: what is shown
    once is put into it by the browser."""
    return stack(
        _at("", _standing()),
        _at("start", _start()),
        _at("scan", _scan()),
        _at("codes", _codes()),
        _at("renew", _asks("Make new codes", TwoFactor.renew, text="Those you have now stop working.")),
        _at("off", _asks("Turn it off", TwoFactor.turn_off, text="Your password alone opens your account again.")),
        gap=4,
    )


def _at(stage: str, content: rx.Component) -> rx.Component:
    return rx.el.div(content, hidden=TwoFactor.stage != stage, data_stage=stage)


def _standing() -> rx.Component:
    factor = TwoFactor.factor
    on = stack(
        row(pill("On", "green", dot=True), rx.el.span("Since ", time_ago(factor.since, form="date"), class_name="hd-help")),
        rx.el.p(factor.codes_left.to(str) + " recovery codes left.", class_name="hd-help"),
        row(
            button("New recovery codes…", on_click=TwoFactor.choose("renew")),
            rx.cond(
                factor.is_required,
                rx.el.span("Your role has to use it.", class_name="hd-help"),
                button("Turn off…", variant="danger-ghost", on_click=TwoFactor.choose("off")),
            ),
        ),
        gap=3,
    )  # fmt: skip
    off = stack(
        row(pill("Off", "gray"), rx.cond(factor.is_required, rx.el.span("Your role has to use it.", class_name="hd-help"))),
        rx.el.p("You need an authenticator app on your phone, such as Aegis, FreeOTP or the one of your password manager.", class_name="hd-help"),
        row(button("Set it up", variant="primary", on_click=TwoFactor.choose("start"))),
        gap=3,
    )  # fmt: skip
    return rx.cond(factor.is_on, on, off)


def _start() -> rx.Component:
    return rx.cond(
        TwoFactor.factor.needs_password,
        _asks("Go on", TwoFactor.begin, text="So that nobody else does this on a browser you left open."),
        rx.el.form(
            rx.el.p("Open your authenticator app. The next step shows the code to scan.", class_name="hd-help"),
            form_actions(_give_up(), button("Show the code", variant="primary", type="submit")),
            on_submit=TwoFactor.begin,
            class_name="hd-form",
        ),
    )


def _scan() -> rx.Component:
    return rx.el.form(
        rx.el.img(alt="QR code for your authenticator app", data_once="qr", width="180", height="180", class_name="hd-qr"),
        rx.el.div(
            rx.el.p("Scan it with the app, or type this key into it:", class_name="hd-help"),
            row(rx.el.code(data_once="key", class_name="hd-once"), _copy("key", "Copy the key")),
        ),
        text_field(
            "Code", name="code", id="first-code", auto_complete="one-time-code", input_mode="numeric", max_length=7,
            required=True, help="The six digits the app shows now.", error=TwoFactor.errors["code"],
        ),
        form_actions(_give_up(), button("Turn it on", variant="primary", type="submit")),
        key="scan-" + TwoFactor.version.to(str),
        on_submit=TwoFactor.confirm,
        no_validate=True,
        class_name="hd-form",
    )  # fmt: skip


def _codes() -> rx.Component:
    return stack(
        rx.el.p("These are your recovery codes. Each lets you in once when your phone is not at hand. "
                "Keep them in a safe place: they are not shown again."),
        rx.el.pre(data_once="codes", tab_index=0, aria_label="Recovery codes", class_name="hd-once hd-once-block"),
        form_actions(_copy("codes", "Copy"), button("I have kept them", variant="primary", on_click=TwoFactor.finish)),
        gap=4,
    )  # fmt: skip


def _asks(label: str, on_submit: rx.EventHandler, *, text: Text) -> rx.Component:
    """The present password, before what matters."""
    name = label.lower().replace(" ", "-")
    return rx.el.form(
        rx.el.p(text, class_name="hd-help"),
        password_field("Your password", name="current", id=f"password-to-{name}", autocomplete="current-password", error=TwoFactor.errors["current"]),
        form_actions(_give_up(), button(label, variant="primary", type="submit")),
        key=f"{name}-" + TwoFactor.version.to(str),
        on_submit=on_submit,
        no_validate=True,
        class_name="hd-form",
    )  # fmt: skip


def _give_up() -> rx.Component:
    return button("Cancel", type="button", on_click=TwoFactor.choose(""))


def _copy(what: str, label: str) -> rx.Component:
    return button(label, type="button", icon="copy", data_once=what, data_copy="")
