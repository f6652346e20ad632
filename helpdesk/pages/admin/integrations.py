"""Settings > Integrations."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import link
from helpdesk.components.button import button, icon_button
from helpdesk.components.dialog import confirm, sheet
from helpdesk.components.feedback import banner, empty_state, error_state, skeleton_table
from helpdesk.components.form import form_actions, hidden, select_field, switch, text_field
from helpdesk.components.layout import page_header, row, section, stack
from helpdesk.components.menu import menu, menu_item
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.times import time_ago
from helpdesk.domain.integrations import NAMES, PAGERDUTY_ADDRESS, System
from helpdesk.pages.admin.parts import explained, older, on_or_off, ticks
from helpdesk.pages.layout import admin_page
from helpdesk.services.integrations import IntegrationRow, ToldRow
from helpdesk.state.admin.integrations import HOME, Integrations

_STATES = (("pending", "Waiting", "blue"), ("delivered", "Taken", "green"), ("failed", "Failed", "red"))
_SHAPES = {
    System.SLACK: "hash", System.TEAMS: "messages-square", System.PAGERDUTY: "bell-ring", System.JIRA: "square-kanban",
}  # fmt: skip
_SECRETS = (
    (
        "slack",
        "Webhook address",
        "In Slack: Apps > Incoming Webhooks > Add to a channel. The address is as good as a password.",
    ),
    (
        "teams",
        "Webhook address",
        "In Teams: the channel's Workflows > “Post to a channel when a webhook request is received”.",
    ),
    ("pagerduty", "Integration key", "In PagerDuty: the service's Integrations > Events API v2."),
    ("jira", "API token", "In Jira: Account settings > Security > API tokens."),
)


@admin_page(route=HOME, title="Integrations", section="integrations", on_load=Integrations.load)
def integrations() -> rx.Component:
    """The list, and the drawer over it."""
    return rx.fragment(
        page_header("Integrations", _new(), text="Slack, Microsoft Teams, PagerDuty and Jira are told what happens."),
        rx.cond(
            Integrations.is_loading,
            skeleton_table(rows=3, columns=4),
            rx.cond(
                Integrations.problem != "",
                error_state(on_retry=Integrations.load),
                rx.cond(Integrations.rows.length() > 0, _list(), _nothing()),
            ),
        ),
        _drawer(),
    )


def _new() -> rx.Component:
    return menu(
        rx.el.button("New integration", type="button", class_name="hd-btn hd-btn-primary hd-btn-md"),
        *(menu_item(NAMES[one], icon=_SHAPES[one], href=f"{HOME}?new={one.value}") for one in System),
        align="end",
    )


def _list() -> rx.Component:
    return data_table(
        [Column("Name"), Column("System"), Column("Where"), Column("Last seven days"), Column("State")],
        rx.foreach(Integrations.rows, _row),
        label="Integrations",
    )


def _row(one: rx.Var[IntegrationRow]) -> rx.Component:
    return table_row(
        cell(one.name, href=HOME + "?integration=" + one.id.to(str)),
        cell(rx.match(one.system, *((key.value, name) for key, name in NAMES.items()), one.system), label="System"),
        cell(rx.el.span(one.address, title=one.address, class_name="hd-cell-quiet truncate"), label="Where"),
        cell(
            rx.el.span(
                pill(one.delivered.to(str) + " taken", rx.cond(one.delivered > 0, "green", "gray")),
                rx.cond(one.failed > 0, pill(one.failed.to(str) + " failed", "red")),
                class_name="hd-line hd-gap-1",
            ),
            label="Last seven days",
        ),
        cell(
            rx.cond(
                one.is_active & (one.failures > 0), pill("Not answering", "amber"), on_or_off(one.is_active, on="On")
            ),
            label="State",
        ),
        key=one.id.to(str),
    )


def _nothing() -> rx.Component:
    return empty_state(
        "No integrations yet",
        "Tell a channel of new tickets, wake whoever is on call, make an issue of what is escalated.",
        icon="plug",
        action=_new(),
    )


def _drawer() -> rx.Component:
    one = Integrations.integration
    is_there = one.id != 0
    return sheet(
        rx.cond(is_there, one.name, rx.match(one.system, *((key.value, f"New: {name}") for key, name in NAMES.items()), "New")),
        stack(
            rx.cond(
                one.problem != "",
                banner("Switched off, because it did not answer for a day: " + one.problem.to(str), tone="red", icon="circle-alert"),
            ),
            _form(),
            rx.cond(is_there, rx.fragment(_state(), _log(), section("Delete", _delete()))),
            gap=4,
        ),
        open=Integrations.is_open,
        on_open_change=Integrations.close,
    )  # fmt: skip


def _form() -> rx.Component:
    one, errors = Integrations.integration, Integrations.errors
    return rx.el.form(
        hidden("integration_id", one.id.to(str)),
        hidden("system", one.system),
        text_field(
            "Name", name="name", default_value=one.name, required=True, max_length=80, auto_complete="off",
            error=errors["name"],
        ),
        rx.match(one.system, ("jira", _jira()), ("pagerduty", _pagerduty()), rx.fragment()),
        rx.match(one.system, *((key, _secret(label, help_)) for key, label, help_ in _SECRETS), rx.fragment()),
        ticks("Tell it when", "kinds", Integrations.kinds, Integrations.chosen, errors["kinds"]),
        select_field(
            "Priorities", Integrations.priorities, name="least_rank", default_value=one.least_rank.to(str),
            error=errors["least_rank"],
        ),
        rx.cond(
            Integrations.teams.length() > 0,
            ticks(
                "Teams", "teams", Integrations.teams, Integrations.chosen_teams, errors["team_ids"],
                help="Leave all out for tickets of every team.",
            ),
        ),
        form_actions(
            button("Cancel", data_leaves="true", on_click=Integrations.close),
            button(rx.cond(one.id != 0, "Save", "Connect"), variant="primary", type="submit"),
        ),
        key=Integrations.opened.to(str),
        on_submit=Integrations.save,
        no_validate=True,
        class_name="hd-form",
    )  # fmt: skip


def _secret(label: str, help_: str) -> rx.Component:
    one = Integrations.integration
    return text_field(
        label, name="secret", type="password", auto_complete="off", max_length=2000, error=Integrations.errors["secret"],
        placeholder=rx.cond(one.id != 0, "Leave empty to keep the one there is", ""), help=help_,
    )  # fmt: skip


def _jira() -> rx.Component:
    one, errors = Integrations.integration, Integrations.errors
    return rx.fragment(
        text_field(
            "Address", name="address", type="url", default_value=one.address, required=True, max_length=500, auto_complete="off",
            placeholder="https://acme.atlassian.net", spell_check=False, error=errors["address"],
        ),
        text_field(
            "E-mail address", name="account", type="email", default_value=one.account, required=True, max_length=254,
            auto_complete="off", help="Of the account the API token belongs to.", error=errors["account"],
        ),
        text_field(
            "Project", name="project", default_value=one.project, required=True, max_length=20, auto_complete="off",
            placeholder="OPS", help="The key before its issues' numbers.", error=errors["project"], class_name="hd-input-number",
        ),
        text_field(
            "Kind of issue", name="issue_type", default_value=one.issue_type, required=True, max_length=60, auto_complete="off",
            error=errors["issue_type"],
        ),
    )  # fmt: skip


def _pagerduty() -> rx.Component:
    one, errors = Integrations.integration, Integrations.errors
    return text_field(
        "Address", name="address", type="url", default_value=rx.cond(one.address != "", one.address, PAGERDUTY_ADDRESS),
        max_length=500, auto_complete="off", spell_check=False, error=errors["address"],
        help="Another one only for accounts outside the United States.",
    )  # fmt: skip


def _state() -> rx.Component:
    one = Integrations.integration
    return section(
        "Connection",
        stack(
            switch("On", checked=one.is_active, on_change=lambda is_active: Integrations.switch(one.id, is_active)),
            row(button("Send a test", icon="plug", on_click=Integrations.test(one.id))),
            rx.cond(one.system == "jira", explained("In Jira a test makes an issue. Delete it there.")),
            gap=3,
        ),
    )


def _log() -> rx.Component:
    return section(
        "What it was told",
        rx.cond(
            Integrations.told.length() > 0,
            data_table(
                [Column("What"), Column("State"), Column("When"), Column("Again", width="w-px")],
                rx.foreach(Integrations.told, _told),
                label="What it was told",
                footer=older(newest=Integrations.newest_href, following=Integrations.older_href),
            ),
            explained("Nothing yet. Send a test to see whether it answers."),
        ),
    )


def _told(one: rx.Var[ToldRow]) -> rx.Component:
    code = rx.cond(one.status_code > 0, one.status_code.to(str) + " ", "")
    return table_row(
        cell(
            rx.el.div(
                rx.el.span(one.what),
                rx.cond(
                    one.reference != "",
                    link(one.reference, href="/agent?ticket=" + one.reference.to(str), class_name="hd-link"),
                ),
                rx.cond(one.issue != "", rx.el.span(one.issue, class_name="hd-help")),
                class_name="hd-two-lines",
            ),
            label="What",
        ),
        cell(
            rx.el.div(
                rx.el.span(
                    rx.match(
                        one.state, *((key, pill(label, tone, dot=True)) for key, label, tone in _STATES), pill(one.state)
                    ),
                    rx.cond(one.attempts > 1, rx.el.span(one.attempts.to(str) + " tries", class_name="hd-help")),
                    class_name="hd-line hd-gap-1",
                ),
                rx.cond(
                    (one.state != "delivered") & (one.attempts > 0),
                    rx.el.span(code, one.answer, class_name="hd-rule-problem"),
                ),
                rx.cond(
                    (one.state == "pending") & (one.attempts > 0),
                    rx.el.span("Again ", time_ago(one.next_at), class_name="hd-help"),
                ),
                class_name="hd-two-lines",
            ),
            label="State",
        ),
        cell(time_ago(one.created_at), label="When"),
        cell(
            rx.cond(
                one.state == "failed",
                icon_button("rotate-cw", "Tell it again", size="sm", on_click=Integrations.tell_again(one.id)),
            ),
            label="Again",
        ),
        key=one.id.to(str),
    )  # fmt: skip


def _delete() -> rx.Component:
    one = Integrations.integration
    return confirm(
        "Delete “" + one.name.to(str) + "”?",
        "It is told nothing any more, and the log of what it was told goes with it.",
        confirm_label="Delete",
        on_confirm=Integrations.delete(one.id),
        trigger=button("Delete…", variant="danger-ghost", icon="trash-2"),
        danger=True,
    )
