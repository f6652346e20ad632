"""Settings > Sign-in providers."""

import reflex as rx

from helpdesk.components.base import shown
from helpdesk.components.button import button, icon_button
from helpdesk.components.dialog import confirm, sheet
from helpdesk.components.feedback import banner, empty_state, error_state, skeleton_table
from helpdesk.components.form import field, form_actions, hidden, select_field, text_field
from helpdesk.components.layout import description_list, page_header, row, section, stack
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.pages.admin.parts import explained, on_or_off
from helpdesk.pages.layout import admin_page
from helpdesk.services.identity_providers import GOOGLE, OPENID, ProviderRow
from helpdesk.state.admin.providers import HOME, Providers
from helpdesk.state.session import Me

_KINDS = [(GOOGLE, "Google"), (OPENID, "OpenID Connect")]


@admin_page(route="/admin/providers", title="Sign-in providers", section="providers", on_load=Providers.load)
def providers() -> rx.Component:
    """The list, and the drawer over it."""
    new = button("New provider", icon="plus", variant="primary", href=f"{HOME}?new=yes")
    return rx.fragment(
        page_header(
            "Sign-in providers",
            rx.cond(_may_manage(), new),
            text="Other houses whose accounts open this desk: Google, or anybody who speaks OpenID Connect.",
        ),
        rx.cond(
            Providers.is_loading,
            skeleton_table(rows=3, columns=4),
            rx.cond(
                Providers.problem != "",
                error_state(on_retry=Providers.load),
                stack(
                    rx.cond(
                        _may_manage(),
                        rx.fragment(),
                        explained("A provider vouches for everybody, so only the desk's owner changes this.", shape="lock"),
                    ),
                    rx.cond(Providers.rows.length() > 0, _list(), _nothing()),
                    gap=4,
                ),
            ),
        ),
        _drawer(),
    )  # fmt: skip


def _may_manage() -> rx.Var[bool]:
    return Me.permissions.contains("provider.manage")


def _list() -> rx.Component:
    return data_table(
        [Column("Name"), Column("Kind"), Column("Issuer"), Column("People"), Column("On the sign-in page")],
        rx.foreach(Providers.rows, _row),
        label="Sign-in providers",
    )


def _row(one: rx.Var[ProviderRow]) -> rx.Component:
    return table_row(
        cell(one.name, href=HOME + "?provider=" + one.id.to(str)),
        cell(rx.match(one.kind, *_KINDS, one.kind), label="Kind"),
        cell(rx.el.span(one.issuer, class_name="hd-cell-quiet"), label="Issuer"),
        cell(one.people, label="People"),
        cell(on_or_off(one.is_active, on="Shown"), label="On the sign-in page"),
        key=one.id,
    )


def _nothing() -> rx.Component:
    return empty_state(
        "No providers yet",
        "People sign in with their e-mail address and a password. Add Google or your own directory, and they need none.",
        icon="key-round",
        action=rx.cond(_may_manage(), button("New provider", icon="plus", href=f"{HOME}?new=yes")),
    )


def _drawer() -> rx.Component:
    one = Providers.provider
    is_there = one.id != 0
    return sheet(
        rx.cond(is_there, one.name, "New provider"),
        stack(
            rx.cond(is_there, _address()),
            rx.cond(_may_manage(), _form(), _facts()),
            rx.cond(is_there & _may_manage(), rx.fragment(_test(), _switch(), section("Delete", _delete()))),
            gap=4,
        ),
        open=Providers.is_open,
        on_open_change=Providers.close,
    )


def _address() -> rx.Component:
    """What the provider's own settings ask for."""
    one = Providers.provider
    return field(
        "Redirect address",
        rx.el.div(
            rx.el.input(
                value=one.redirect_uri, read_only=True, id="redirect", aria_describedby="redirect-help redirect-error",
                class_name="hd-input",
            ),
            icon_button("copy", "Copy the redirect address", data_copy=one.redirect_uri),
            class_name="flex items-center gap-2",
        ),
        id="redirect",
        help="Enter it in the provider's settings as the allowed redirect or callback address, exactly like this.",
    )  # fmt: skip


def _form() -> rx.Component:
    one, errors = Providers.provider, Providers.errors
    return rx.el.form(
        hidden("provider_id", one.id.to(str)),
        select_field(
            "Kind", _KINDS, name="kind", default_value=one.kind, on_change=Providers.choose, error=errors["kind"],
        ),
        text_field(
            "Name", name="name", default_value=one.name, required=True, max_length=60, auto_complete="off",
            placeholder="Google", help="The button says “Continue with” and this.", error=errors["name"],
        ),
        rx.cond(
            Providers.kind == OPENID,
            text_field(
                "Issuer", name="issuer", type="url", default_value=one.issuer, max_length=300, auto_complete="off",
                placeholder="https://login.example.com/realms/staff",
                help="The address the provider calls itself. Its discovery document lies beneath it.",
                error=errors["issuer"],
            ),
        ),
        text_field(
            "Client ID", name="client_id", default_value=one.client_id, required=True, max_length=300, auto_complete="off",
            spell_check=False, error=errors["client_id"],
        ),
        text_field(
            "Client secret", name="client_secret", type="password", auto_complete="new-password", max_length=500,
            help=rx.cond(one.id == 0, "Kept sealed, and never shown again.", "Kept sealed. Leave it empty to keep the one there is."),
            error=errors["client_secret"],
        ),
        text_field(
            "Place", name="position", type="number", min="0", max="99", default_value=one.position.to(str), input_mode="numeric",
            help="Lower numbers come first on the sign-in page.", error=errors["position"],
        ),
        form_actions(button("Cancel", data_leaves="true", on_click=Providers.close), button("Save", variant="primary", type="submit")),
        key=Providers.opened.to(str),
        on_submit=Providers.save,
        no_validate=True,
        class_name="hd-form",
    )  # fmt: skip


def _facts() -> rx.Component:
    """For administrators who may look and not change."""
    one = Providers.provider
    return description_list(
        ("Kind", rx.match(one.kind, *_KINDS, one.kind)), ("Issuer", one.issuer), ("Client ID", one.client_id)
    )


def _test() -> rx.Component:
    return section(
        "Connection",
        stack(
            row(button("Test the connection", icon="plug", on_click=Providers.test(Providers.provider.id))),
            rx.el.div(
                shown(
                    Providers.tested,
                    rx.cond(
                        Providers.is_good,
                        banner(Providers.tested, tone="green", icon="check"),
                        banner(Providers.tested, tone="red", icon="circle-alert"),
                    ),
                ),
                aria_live="polite",
            ),
            gap=3,
        ),
    )


def _switch() -> rx.Component:
    one = Providers.provider
    return section(
        "Sign-in page",
        rx.cond(
            one.is_active,
            button("Take it off the sign-in page", icon="eye-off", on_click=Providers.deactivate(one.id)),
            button("Put it on the sign-in page", icon="eye", variant="primary", on_click=Providers.activate(one.id)),
        ),
    )


def _delete() -> rx.Component:
    one = Providers.provider
    people = rx.cond(one.people == 1, "1 person signs", one.people.to(str) + " people sign")
    return confirm(
        "Delete “" + one.name.to(str) + "”?",
        rx.cond(
            one.people == 0,
            "Nobody signs in with it. This cannot be undone.",
            people + " in with it. Who has no password chooses one by “Forgot password”. This cannot be undone.",
        ),
        confirm_label="Delete",
        on_confirm=Providers.delete(one.id),
        trigger=button("Delete…", variant="danger-ghost", icon="trash-2"),
        danger=True,
    )
