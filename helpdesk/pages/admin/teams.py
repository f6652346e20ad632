"""Settings > Teams. Also for managers, who see nothing else of the settings."""

import reflex as rx

from helpdesk.components.base import Choice
from helpdesk.components.button import button
from helpdesk.components.dialog import sheet
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.form import form_actions, hidden, radio_cards, switch, text_field
from helpdesk.components.layout import page_header
from helpdesk.components.person import person_line
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.pages.admin.parts import on_or_off, ticks
from helpdesk.pages.layout import admin_page
from helpdesk.services.people import AgentRow
from helpdesk.services.teams import TeamDetail
from helpdesk.state.admin.teams import HOME, STRATEGIES, Teams
from helpdesk.state.kinds import Kind


@admin_page(route="/admin/teams", title="Teams", section="teams", on_load=Teams.load, kind=Kind.MANAGER)
def teams() -> rx.Component:
    """The list, and the drawer over it."""
    return rx.fragment(
        page_header(
            "Teams",
            rx.cond(
                Teams.problem == "",
                button("New team", icon="plus", variant="primary", href=f"{HOME}?new=yes"),
            ),
            text="People who share a queue, and how its tickets find one of them.",
        ),
        rx.cond(
            Teams.is_loading,
            skeleton_table(rows=5, columns=4),
            rx.match(
                Teams.problem,
                ("", rx.cond(Teams.rows.length() > 0, _list(), _nothing())),
                (
                    "forbidden",
                    empty_state("Not for your role", "Managers and administrators arrange teams.", icon="lock"),
                ),
                error_state(on_retry=Teams.load),
            ),
        ),
        _drawer(),
    )


def _list() -> rx.Component:
    return data_table(
        [Column("Team"), Column("Tickets are given out"), Column("Members"), Column("State")],
        rx.foreach(Teams.rows, _row),
        label="Teams",
    )


def _row(row: rx.Var[TeamDetail]) -> rx.Component:
    names = {key.value: name for key, name, _ in STRATEGIES}
    return table_row(
        cell(row.name, href=HOME + "?team=" + row.id.to(str)),
        cell(rx.match(row.strategy, *names.items(), row.strategy), label="Tickets are given out"),
        cell(
            rx.cond(
                row.members == 0,
                rx.el.span("Nobody yet", class_name="hd-none"),
                rx.el.span(
                    rx.el.span(row.members, class_name="hd-members"),
                    rx.el.span(row.member_names, title=row.member_names, class_name="hd-cell-quiet"),
                    class_name="hd-inline",
                ),
            ),
            label="Members",
        ),
        cell(on_or_off(row.is_active), label="State"),
        key=row.id,
    )


def _nothing() -> rx.Component:
    return empty_state(
        "No teams yet",
        "Without a team, tickets go to anybody who is available.",
        icon="users-round",
        action=button("New team", icon="plus", href=f"{HOME}?new=yes"),
    )


def _drawer() -> rx.Component:
    return sheet(
        rx.cond(Teams.team.id == 0, "New team", Teams.team.name),
        rx.el.form(
            hidden("team_id", Teams.team.id.to(str)),
            text_field(
                "Name", name="name", default_value=Teams.team.name, required=True, max_length=120, auto_complete="off",
                error=Teams.errors["name"],
            ),
            _strategy(),
            rx.cond(
                Teams.skill_choices.length() > 0,
                ticks(
                    "Skills every ticket takes", "skill", Teams.skill_choices, Teams.skills, Teams.errors["skill_ids"],
                    help="When tickets are given out by skill: besides those of the ticket's category.",
                ),
            ),
            rx.el.fieldset(
                rx.el.legend("Members", class_name="hd-label"),
                rx.el.div(rx.foreach(Teams.agents, _member), class_name="hd-checks hd-checks-tall"),
                rx.el.p("Leads are told first when a ticket is escalated.", class_name="hd-help"),
                rx.el.p(Teams.errors["member_ids"], class_name="hd-error", aria_live="polite"),
                class_name="hd-field",
            ),
            switch(
                "Hand tickets back when somebody goes away", name="hands_back", default_checked=Teams.team.hands_back,
                help="Open tickets of a member who goes away or signs out go to whoever is next.",
            ),
            switch(
                "Active", name="is_active", default_checked=Teams.team.is_active,
                help="A team that is off is offered to nobody; its tickets stay where they are.",
            ),
            form_actions(button("Cancel", data_leaves="true", on_click=Teams.close), button("Save", variant="primary", type="submit")),
            key=Teams.opened.to(str),
            on_submit=Teams.save,
            class_name="hd-form",
        ),
        open=Teams.is_open,
        on_open_change=Teams.close,
    )  # fmt: skip


def _strategy() -> rx.Component:
    """Radio cards know their chosen one when the page is built; here a var does, so there is one set per strategy."""
    sets = [
        (
            chosen[0].value,
            radio_cards(
                "How tickets are given out",
                [Choice(key.value, name, hint=hint) for key, name, hint in STRATEGIES],
                name="strategy",
                value=chosen[0].value,
            ),
        )
        for chosen in STRATEGIES
    ]
    return rx.match(Teams.team.strategy, *sets, sets[0][1])


def _member(agent: rx.Var[AgentRow]) -> rx.Component:
    return rx.el.div(
        rx.el.label(
            rx.el.input(
                type="checkbox",
                name="member-" + agent.id.to(str),
                default_checked=Teams.team.member_ids.contains(agent.id),
                class_name="hd-check",
            ),
            person_line(agent.name, size="sm", presence=agent.availability),
            class_name="hd-choice grow",
        ),
        rx.el.label(
            rx.el.input(
                type="checkbox",
                name="lead-" + agent.id.to(str),
                default_checked=Teams.team.lead_ids.contains(agent.id),
                aria_label=agent.name + " leads the team",
                class_name="hd-check",
            ),
            rx.el.span("Lead", class_name="hd-help"),
            class_name="hd-choice",
        ),
        class_name="hd-line hd-gap-2",
    )
