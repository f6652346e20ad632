"""Settings > Mailboxes."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import Choice, Text, link
from helpdesk.components.button import button, icon_button
from helpdesk.components.dialog import confirm, sheet
from helpdesk.components.feedback import banner, empty_state, error_state, skeleton_table
from helpdesk.components.form import (
    checkbox,
    field,
    form_actions,
    hidden,
    select_field,
    switch,
    text_field,
    textarea_field,
)
from helpdesk.components.layout import page_header, row, section, stack
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.times import time_ago
from helpdesk.pages.admin.parts import explained, on_or_off
from helpdesk.pages.layout import admin_page
from helpdesk.services.mail.mailboxes import MailboxRow
from helpdesk.state.admin.mailboxes import HOME, Mailboxes

_TLS = [Choice("tls", "TLS from the start"), Choice("starttls", "STARTTLS"), Choice("none", "Not encrypted")]


@admin_page(route=HOME, title="Mailboxes", section="mailboxes", on_load=Mailboxes.load)
def mailboxes() -> rx.Component:
    """The list, and the drawer over it."""
    new = button("New mailbox", icon="plus", variant="primary", href=f"{HOME}?new=yes")
    return rx.fragment(
        page_header("Mailboxes", new, text="Addresses people write to: their mails become tickets, and answers leave from there."),
        rx.cond(
            Mailboxes.is_loading,
            skeleton_table(rows=3, columns=4),
            rx.cond(
                Mailboxes.problem != "",
                error_state(on_retry=Mailboxes.load),
                rx.cond(Mailboxes.rows.length() > 0, _list(), _nothing()),
            ),
        ),
        _drawer(),
    )  # fmt: skip


def _list() -> rx.Component:
    return data_table(
        [Column("Address"), Column("Team"), Column("Comes in by"), Column("Last read"), Column("State")],
        rx.foreach(Mailboxes.rows, _row),
        label="Mailboxes",
    )


def _row(one: rx.Var[MailboxRow]) -> rx.Component:
    return table_row(
        cell(one.address, href=HOME + "?mailbox=" + one.id.to(str)),
        cell(rx.cond(one.team != "", one.team, rx.el.span("None", class_name="hd-none")), label="Team"),
        cell(
            rx.cond(
                one.imap_host != "",
                rx.el.span(one.imap_host, class_name="hd-cell-quiet truncate"),
                rx.cond(one.has_hook_secret, "Handed over", rx.el.span("Nothing yet", class_name="hd-none")),
            ),
            label="Comes in by",
        ),
        cell(
            rx.cond(one.succeeded_at != "", time_ago(one.succeeded_at), rx.el.span("Not yet", class_name="hd-none")),
            label="Last read",
        ),
        cell(
            rx.cond(
                one.is_active & (one.last_error != ""),
                rx.el.span(
                    pill("Not working", "red", dot=True),
                    rx.el.span(one.last_error, class_name="hd-rule-problem"),
                    class_name="hd-two-lines",
                ),
                on_or_off(one.is_active, on="On"),
            ),
            label="State",
        ),
        key=one.id.to(str),
    )


def _nothing() -> rx.Component:
    return empty_state(
        "No mailboxes yet",
        "Add the address your customers write to. The desk reads it every minute, makes tickets of mails, and answers from it; "
        "customers never need to sign in.",
        icon="inbox",
        action=button("New mailbox", icon="plus", href=f"{HOME}?new=yes"),
    )


def _drawer() -> rx.Component:
    one = Mailboxes.box
    is_there = one.id != 0
    return sheet(
        rx.cond(is_there, one.address, "New mailbox"),
        stack(
            rx.cond(is_there, _standing()),
            _form(),
            rx.cond(is_there, rx.fragment(_handing_over(), section("Delete", _delete()))),
            gap=4,
        ),
        open=Mailboxes.is_open,
        on_open_change=Mailboxes.close,
    )


def _standing() -> rx.Component:
    one, tested = Mailboxes.box, Mailboxes.tested
    return stack(
        switch("On", checked=one.is_active, on_change=lambda is_active: Mailboxes.switch(one.id, is_active)),
        rx.cond(
            one.last_error != "",
            banner(rx.el.span(one.last_error, " · ", time_ago(one.failed_at, form="long")), tone="red", icon="circle-alert"),
        ),
        rx.cond(
            one.succeeded_at != "", rx.el.p("Last read ", time_ago(one.succeeded_at, form="long"), class_name="hd-help")
        ),
        row(
            button("Test connection", icon="plug", busy=Mailboxes.is_testing, on_click=Mailboxes.test(one.id)),
            rx.cond(
                one.is_active & (one.imap_host != ""),
                button("Read now", icon="rotate-cw", on_click=Mailboxes.read_now(one.id)),
            ),
            link("Received mail", href="/admin/received", class_name="hd-link"),
        ),
        rx.cond(Mailboxes.is_testing, rx.el.p("Trying to read and to send …", role="status", class_name="hd-help")),
        rx.cond(tested.reading != "", _outcome("Reading", tested.reading, tested.reading_works)),
        rx.cond(tested.sending != "", _outcome("Sending", tested.sending, tested.sending_works)),
        gap=3,
    )  # fmt: skip


def _outcome(what: str, text: Text, works: rx.Var[bool]) -> rx.Component:
    said = rx.el.span(rx.el.strong(f"{what}: "), text)
    return rx.cond(
        works, banner(said, tone="green", icon="circle-check"), banner(said, tone="red", icon="circle-alert")
    )


def _form() -> rx.Component:
    one, errors = Mailboxes.box, Mailboxes.errors

    def words(label: str, name: str, value: Text, *, help: str = "", **more: object) -> rx.Component:
        return text_field(
            label, name=name, default_value=value, error=errors[name], help=help, auto_complete="off", spell_check=False, **more
        )  # fmt: skip

    def secret(label: str, name: str, is_there: rx.Var[bool], *, help: str = "") -> rx.Component:
        return text_field(
            label, name=name, type="password", auto_complete="new-password", error=errors[name], help=help,
            placeholder=rx.cond(is_there, "Leave empty to keep it", ""),
        )  # fmt: skip

    def pick(label: str, name: str, options: rx.Var[list[Choice]], value: rx.Var[int], none: str) -> rx.Component:
        return select_field(
            label, options, name=name, placeholder=none, default_value=rx.cond(value > 0, value.to(str), ""), error=errors[name]
        )  # fmt: skip

    return rx.el.form(
        hidden("mailbox_id", one.id.to(str)),
        words("Address", "address", one.address, type="email", required=True, placeholder="support@acme.example"),
        words("Name", "name", one.name, help="As whom answers come. Empty: the organization's name.", max_length=120),
        pick("Team", "team_id", Mailboxes.teams, one.team_id, "As the category says"),
        pick("Category", "category_id", Mailboxes.categories, one.category_id, "None"),
        select_field(
            "Priority", Mailboxes.priorities, name="priority_id", placeholder="As usual", error=errors["priority_id"],
            default_value=rx.cond(one.priority_id > 0, one.priority_id.to(str), ""),
        ),
        textarea_field(
            "Signature", name="signature", rows=3, default_value=one.signature, error=errors["signature"], max_length=2000,
            help="Below answers. Markdown.",
        ),
        checkbox(
            "Unknown senders become customers", name="allows_strangers", default_checked=one.allows_strangers,
            help="Otherwise their mail waits under Received mail.",
        ),
        section(
            "Reading",
            stack(
                words("IMAP server", "imap_host", one.imap_host, placeholder="imap.acme.example", help="Empty: mail is handed over, see below."),
                row(
                    words("Port", "imap_port", one.imap_port.to(str), input_mode="numeric"),
                    select_field("Encryption", _TLS, name="imap_tls", default_value=one.imap_tls, error=errors["imap_tls"]),
                ),
                words("User name", "imap_user", one.imap_user, help="Empty: the address."),
                secret("Password or refresh token", "imap_secret", one.has_imap_secret),
                words("Folder", "imap_folder", one.imap_folder),
                rx.el.details(
                    rx.el.summary("OAuth 2, trust", class_name="hd-label"),
                    stack(
                        words("Token address", "token_address", one.token_address, type="url", help="With one, the desk signs in with OAuth 2, and what stands above is the refresh token."),
                        words("Client ID", "client_id", one.client_id),
                        secret("Client secret", "client_secret", one.has_imap_secret),
                        words("Trusted server", "trusted_server", one.trusted_server, help="Its name in Authentication-Results. What it says is forged waits under Received mail."),
                        gap=3,
                    ),
                ),
                gap=3,
            ),
        ),
        section(
            "Sending",
            stack(
                words("SMTP server", "smtp_host", one.smtp_host, placeholder="smtp.acme.example", help="Empty: the desk's own mail server sends."),
                row(
                    words("Port", "smtp_port", one.smtp_port.to(str), input_mode="numeric"),
                    select_field("Encryption", _TLS, name="smtp_tls", default_value=one.smtp_tls, error=errors["smtp_tls"]),
                ),
                words("User name", "smtp_user", one.smtp_user),
                secret("Password", "smtp_secret", one.has_smtp_secret),
                gap=3,
            ),
        ),
        form_actions(button("Cancel", data_leaves="true", on_click=Mailboxes.close), button("Save", variant="primary", type="submit")),
        key=Mailboxes.opened.to(str),
        on_submit=Mailboxes.save,
        no_validate=True,
        class_name="hd-form",
    )  # fmt: skip


def _handing_over() -> rx.Component:
    one = Mailboxes.box
    made = field(
        "Secret",
        rx.el.div(
            rx.el.input(
                value=Mailboxes.secret, read_only=True, id="secret", aria_describedby="secret-help secret-error", class_name="hd-input"
            ),
            icon_button("copy", "Copy the secret", data_copy=Mailboxes.secret),
            class_name="flex items-center gap-2",
        ),
        id="secret",
        help="Copy it now: it is never shown again.",
    )  # fmt: skip
    return section(
        "Handed over by a provider",
        stack(
            explained("A provider can post mail to /api/v1/inbound/mail, signed with a secret; docs/mail.md says how."),
            rx.cond(Mailboxes.secret != "", made),
            rx.cond(
                one.has_hook_secret,
                confirm(
                    "Make a new secret?", "The one there is stops working at once.", confirm_label="Make a new secret",
                    on_confirm=Mailboxes.renew(one.id), trigger=button("New secret…", icon="key-round"),
                ),
                button("Make a secret", icon="key-round", on_click=Mailboxes.renew(one.id)),
            ),
            gap=3,
        ),
    )  # fmt: skip


def _delete() -> rx.Component:
    one = Mailboxes.box
    return confirm(
        "Delete “" + one.address.to(str) + "”?",
        "It is read no more. The mail that came through it stays, and so do its tickets.",
        confirm_label="Delete",
        on_confirm=Mailboxes.delete(one.id),
        trigger=button("Delete…", variant="danger-ghost", icon="trash-2"),
        danger=True,
    )
