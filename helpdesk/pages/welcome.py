"""The first page of somebody who came in with another house's account."""

import reflex as rx

from helpdesk.components.base import shown
from helpdesk.components.button import button
from helpdesk.components.feedback import error_state, skeleton
from helpdesk.components.form import native_form, text_field
from helpdesk.components.shells import auth_shell
from helpdesk.pages.admin.parts import zone_field
from helpdesk.pages.layout import enrolling_page
from helpdesk.state.welcome import Welcome


@enrolling_page(route="/welcome", title="Welcome", on_load=Welcome.load)
def welcome() -> rx.Component:
    """Who they are, once."""
    return auth_shell(
        rx.cond(
            Welcome.is_loading,
            rx.el.div(skeleton("h-8 w-full"), skeleton("h-8 w-full"), class_name="hd-auth-form mt-6"),
            rx.cond(Welcome.problem != "", error_state(on_retry=Welcome.load), _form()),
        ),
        title="Welcome",
        text="Tell us who you are, so that we know whom we help.",
        organization=Welcome.organization,
        footer=native_form(
            rx.el.button("Not you? Sign out", type="submit", class_name="hd-link"), action="/auth/sign-out"
        ),
    )


def _form() -> rx.Component:
    errors = Welcome.errors
    return rx.el.form(
        rx.el.p(
            Welcome.email,
            shown(Welcome.company, rx.el.span(" · " + Welcome.company.to(str))),
            class_name="hd-help",
        ),
        text_field(
            "Your name", name="name", default_value=Welcome.name, auto_complete="name", required=True, max_length=200,
            error=errors["name"],
        ),
        text_field(
            "Phone", name="phone", type="tel", default_value=Welcome.phone, auto_complete="tel", max_length=40, optional=True,
            help="With the country's code, such as +49 30 901820.", error=errors["phone"],
        ),
        zone_field(error=errors["timezone"], default_value=Welcome.timezone, required=True),
        button("Go on", type="submit", variant="primary", size="lg", wide=True),
        on_submit=Welcome.save,
        no_validate=True,
        class_name="hd-auth-form",
    )  # fmt: skip
