"""One's own API tokens: what programs of one's own carry."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import shown
from helpdesk.components.button import button
from helpdesk.components.dialog import confirm
from helpdesk.components.feedback import error_state
from helpdesk.components.form import checkbox, form_actions, select_field, text_field
from helpdesk.components.icons import icon
from helpdesk.components.layout import row, stack
from helpdesk.components.times import time_ago
from helpdesk.pages.layout import own_page
from helpdesk.pages.profile import own_head, part, waiting
from helpdesk.services.api_tokens import ApiTokenRow
from helpdesk.state.tokens import Tokens

_LIVES = [("7", "A week"), ("30", "30 days"), ("90", "90 days"), ("365", "A year")]


@own_page(route="/profile/tokens", title="API tokens", on_load=Tokens.load)
def tokens() -> rx.Component:
    """What there is, and a form for another one."""
    return rx.fragment(
        own_head("tokens"),
        rx.cond(
            Tokens.is_loading,
            waiting(),
            rx.cond(
                Tokens.problem != "",
                error_state(on_retry=Tokens.load),
                rx.el.div(_new(), _list(), class_name="hd-settings-form"),
            ),
        ),
    )


def _new() -> rx.Component:
    return part(
        "New token",
        rx.fragment(
            "For a program that works here as you, in as much as you choose. ",
            rx.el.a("How the API works", href="/api/docs", target="_blank", class_name="hd-link"),
        ),
        rx.el.div(_form(), class_name=rx.cond(Tokens.made == "", "", "hidden")),
        # Always there: the token goes past the vars, into what the page shows already.
        rx.el.div(_once(), class_name=rx.cond(Tokens.made == "", "hidden", "")),
    )


def _form() -> rx.Component:
    errors = Tokens.errors
    return rx.el.form(
        text_field(
            "Name", name="name", required=True, max_length=80, auto_complete="off", placeholder="Monitoring",
            help="What it is for, so that you know it later.", error=errors["name"],
        ),
        select_field("Good for", _LIVES, name="days", default_value="90", error=errors["days"]),
        rx.el.fieldset(
            rx.el.legend("It may", class_name="hd-label"),
            rx.el.div(
                rx.foreach(Tokens.offered, lambda one: checkbox(one.label, name="may-" + one.value.to(str))),
                class_name="hd-checks",
            ),
            rx.el.p(errors["permissions"], role="alert", class_name="hd-error"),
            class_name="hd-field",
        ),
        form_actions(button("Make token", variant="primary", type="submit")),
        key="token-" + Tokens.version.to(str),
        on_submit=Tokens.create,
        no_validate=True,
        class_name="hd-form",
    )  # fmt: skip


def _once() -> rx.Component:
    return stack(
        rx.el.p("This is the token “", Tokens.made, "”. Keep it in a safe place: it is not shown again."),
        rx.el.pre(data_once="token", tab_index=0, aria_label="The new token", class_name="hd-once hd-once-block"),
        form_actions(
            button("Copy", type="button", icon="copy", data_once="token", data_copy=""),
            button("I have kept it", variant="primary", on_click=Tokens.kept),
        ),
        gap=4,
    )


def _list() -> rx.Component:
    return part(
        "Your tokens",
        "Revoke those you do not know or need. A token never does more than your role may.",
        rx.cond(
            Tokens.rows.length() > 0,
            rx.el.ul(rx.foreach(Tokens.rows, _token), aria_label="Your tokens", class_name="hd-sessions"),
            rx.el.p("You have none.", class_name="hd-help"),
        ),
    )


def _token(one: rx.Var[ApiTokenRow]) -> rx.Component:
    revoke = confirm(
        "Revoke “" + one.name.to(str) + "”?",
        "Programs that carry it stop working at once. This cannot be undone.",
        confirm_label="Revoke",
        on_confirm=Tokens.revoke(one.id),
        trigger=button("Revoke…", size="sm", aria_label="Revoke " + one.name.to(str)),
        danger=True,
    )
    return rx.el.li(
        icon("key-square", size=18),
        rx.el.div(
            row(
                rx.el.span(one.name, class_name="hd-person-name"),
                rx.cond(one.is_expired, pill("Expired", "gray")),
                gap=2,
            ),
            rx.el.div(one.does, class_name="hd-help"),
            rx.el.div(
                rx.el.span("…", one.ending),
                rx.cond(
                    one.last_used_at != "",
                    rx.el.span("Last used ", time_ago(one.last_used_at, form="long")),
                    rx.el.span("Never used"),
                ),
                shown(one.last_address, rx.el.span(one.last_address)),
                rx.el.span("Until ", time_ago(one.expires_at, form="date")),
                class_name="hd-person-detail hd-dotted",
            ),
            class_name="min-w-0 grow",
        ),
        revoke,
        key=one.id,
        class_name="hd-session",
    )
