"""Settings > People."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import Choice
from helpdesk.components.button import button
from helpdesk.components.dialog import confirm, dialog, sheet
from helpdesk.components.feedback import banner, empty_state, error_state, skeleton_table
from helpdesk.components.filters import search_field
from helpdesk.components.form import checkbox, form_actions, hidden, select, select_field, text_field
from helpdesk.components.layout import page_header, section, stack
from helpdesk.components.person import person_line
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.times import time_ago
from helpdesk.domain.people import Role
from helpdesk.pages.admin.parts import explained, more, on_or_off, role_pill, ticks, toolbar, zone_field
from helpdesk.pages.layout import admin_page
from helpdesk.services.people import PersonRow
from helpdesk.state.admin.people import HOME, IN_TEAMS, ROLES, People
from helpdesk.state.session import Me

_MAY_GIVE_ROLES = Me.permissions.contains("role.manage")
_GIVEN_BY_ADMINS = [Choice(role.value, name) for role, name, _ in ROLES if role not in (Role.ADMIN, Role.SUPERADMIN)]
_ALL_ROLES = [Choice(role.value, name) for role, name, _ in ROLES]


@admin_page(route="/admin/people", title="People", section="people", on_load=People.load)
def people() -> rx.Component:
    """The list, and the drawer over it."""
    return rx.fragment(
        page_header(
            "People",
            button("New person", icon="plus", variant="primary", href=People.new_href),
            text="Everybody with an account: those who work here and those who ask for help.",
        ),
        _filters(),
        rx.cond(
            People.is_loading,
            skeleton_table(rows=8, columns=4),
            rx.cond(
                People.problem != "",
                error_state(on_retry=People.load),
                rx.cond(People.rows.length() > 0, _list(), _nothing()),
            ),
        ),
        _drawer(),
    )


def _filters() -> rx.Component:
    return toolbar(
        search_field(placeholder="Search people", value=People.text, on_change=People.search.debounce(300)),
        select(
            [Choice("", "Every role"), Choice("staff", "Everybody who works here"), *_ALL_ROLES],
            value=People.role,
            on_change=People.of_role,
            aria_label="Role",
        ),
        select(
            [Choice("", "Active or not"), Choice("yes", "Active"), Choice("no", "Deactivated")],
            value=People.active,
            on_change=People.of_active,
            aria_label="Active",
        ),
        select(
            People.team_choices,
            placeholder="Every team",
            value=People.team,
            on_change=People.of_team,
            aria_label="Team",
        ),
        select(
            People.company_choices,
            placeholder="Every company",
            value=People.company,
            on_change=People.of_company,
            aria_label="Company",
        ),
    )


def _list() -> rx.Component:
    return data_table(
        [
            Column("Name"),
            Column("Role"),
            Column("Teams or company"),
            Column("Last seen", align="right"),
            Column("Account"),
        ],
        rx.foreach(People.rows, _row),
        label="People",
        footer=more(first=People.first_href, following=People.next_href),
    )


def _row(row: rx.Var[PersonRow]) -> rx.Component:
    presence = rx.cond(row.role == Role.CUSTOMER.value, "offline", row.availability)
    return table_row(
        cell(
            rx.cond(
                row.role == Role.CUSTOMER.value,
                person_line(row.name, row.email, picture=row.picture),
                person_line(row.name, row.email, picture=row.picture, presence=presence),
            ),
            href=People.row_base + row.id.to(str),
        ),
        cell(role_pill(row.role), label="Role"),
        cell(
            rx.el.span(rx.cond(row.role == Role.CUSTOMER.value, row.company, row.teams), class_name="hd-cell-quiet"),
            label="Teams or company",
        ),
        cell(
            rx.cond(
                row.last_seen_at != "",
                time_ago(row.last_seen_at, form="long"),
                rx.el.span("Never", class_name="hd-none"),
            ),
            label="Last seen",
            align="right",
        ),
        cell(
            rx.cond(
                row.is_active & (row.bounce_reason != ""),
                pill("Mail comes back", "amber", title=row.bounce_reason),
                on_or_off(row.is_active, off="Deactivated"),
            ),
            label="Account",
        ),
        key=row.id,
    )


def _nothing() -> rx.Component:
    return empty_state(
        "Nobody found",
        "Try a part of the name or address, or look in every role.",
        icon="search-x",
        action=button("Show everybody", href=HOME),
    )


def _drawer() -> rx.Component:
    return sheet(
        rx.cond(People.person.id == 0, "New person", People.person.name),
        rx.fragment(
            rx.cond(People.person.id == 0, _new(), _known()),
            key=People.opened.to(str) + "-" + People.person.id.to(str),
        ),
        open=People.is_open,
        on_open_change=People.close,
    )


def _new() -> rx.Component:
    return rx.el.form(
        hidden("person_id", ""),
        _name_and_address(),
        rx.cond(
            _MAY_GIVE_ROLES,
            select_field("Role", _ALL_ROLES, name="role", value=People.new_role, on_change=People.choose_role, error=People.errors["role"]),
            select_field(
                "Role", _GIVEN_BY_ADMINS, name="role", value=People.new_role, on_change=People.choose_role,
                error=People.errors["role"], help="Only an owner can make somebody an administrator.",
            ),
        ),
        _belonging(People.new_role),
        text_field(
            "Password", name="password", type="password", auto_complete="new-password", optional=True,
            help="Leave it empty: a mail invites them to choose one.", error=People.errors["password"],
        ),
        zone_field(error=People.errors["timezone"]),
        form_actions(button("Create", variant="primary", type="submit")),
        on_submit=People.save,
        class_name="hd-form",
    )  # fmt: skip


def _known() -> rx.Component:
    person = People.person
    outranked = ((person.role == Role.ADMIN.value) | (person.role == Role.SUPERADMIN.value)) & (
        ~_MAY_GIVE_ROLES & (person.id != Me.person_id)
    )
    return stack(
        rx.cond(outranked, explained("Only an owner can change an administrator.", shape="lock")),
        rx.cond(
            person.bounce_reason != "",
            banner(
                "Mail to this address comes back, so none is sent: " + person.bounce_reason.to(str),
                tone="amber",
                icon="mail-warning",
                action=button("Send again", size="sm", on_click=People.reach_again(person.id)),
            ),
        ),
        rx.el.form(
            hidden("person_id", person.id.to(str)),
            _name_and_address(),
            _belonging(person.role),
            zone_field(error=People.errors["timezone"], default_value=person.timezone),
            form_actions(button("Save", variant="primary", type="submit")),
            on_submit=People.save,
            class_name="hd-form",
        ),
        section("Role", _role()),
        section("Account", _account()),
        gap=4,
    )


def _name_and_address() -> rx.Component:
    person, errors = People.person, People.errors
    return rx.fragment(
        text_field("Name", name="name", default_value=person.name, auto_complete="off", required=True, max_length=200, error=errors["name"]),
        text_field("E-mail", name="email", type="email", default_value=person.email, auto_complete="off", required=True, error=errors["email"]),
        text_field("Phone", name="phone", type="tel", default_value=person.phone, optional=True, max_length=40, error=errors["phone"]),
        text_field("Job title", name="job_title", default_value=person.job_title, optional=True, max_length=120, error=errors["job_title"]),
    )  # fmt: skip


def _belonging(role: rx.Var[str]) -> rx.Component:
    """Where they belong: customers to a company, staff to teams."""
    company = rx.fragment(
        select_field(
            "Company",
            People.company_choices,
            name="company_id",
            placeholder="None",
            default_value=rx.cond(People.person.company_id == 0, "", People.person.company_id.to(str)),
            optional=True,
        ),
        rx.cond(
            People.site_choices.length() > 0,
            select_field(
                "Place",
                People.site_choices,
                name="site_id",
                placeholder="None",
                optional=True,
                default_value=rx.cond(People.person.site_id == 0, "", People.person.site_id.to(str)),
                error=People.errors["site_id"],
            ),
        ),
        rx.cond(
            People.person.id != 0,
            checkbox(
                "Manages the company's requests",
                name="is_company_manager",
                default_checked=People.person.is_company_manager,
                help="Sees what everybody of the company has filed.",
            ),
        ),
    )
    at_work = rx.fragment(
        ticks("Teams", "team", People.team_choices, People.person_teams, People.errors["team_ids"]),
        rx.cond(
            People.skill_choices.length() > 0,
            ticks("Skills", "skill", People.skill_choices, People.person_skills, People.errors["skill_ids"]),
        ),
        text_field(
            "Open tickets at most", name="capacity", type="number", min=0, max=500, step=1,
            default_value=People.person.capacity.to(str), class_name="hd-input-number",
            help="Routing gives them no more than that. People still can.", error=People.errors["capacity"],
        ),
        rx.cond(
            People.hour_choices.length() > 0,
            select_field(
                "Working hours", People.hour_choices, name="calendar_id", placeholder="Whenever they are available",
                default_value=rx.cond(People.person.calendar_id == 0, "", People.person.calendar_id.to(str)), optional=True,
                help="Outside these hours routing gives them nothing.", error=People.errors["calendar_id"],
            ),
        ),
    )  # fmt: skip
    return rx.cond(
        role == Role.CUSTOMER.value, company, rx.match(role, *((each, at_work) for each in IN_TEAMS), rx.fragment())
    )


def _role() -> rx.Component:
    person = People.person
    hints = rx.match(person.role, *((role.value, hint) for role, _, hint in ROLES), "")
    change = rx.el.form(
        hidden("person_id", person.id.to(str)),
        select_field(
            "Role",
            _ALL_ROLES,
            name="role",
            id="new-role",
            default_value=person.role,
            hide_label=True,
            help="They are signed out, so that no open page keeps the old role.",
            error=People.errors["role"],
        ),
        form_actions(button("Change role", type="submit")),
        key=person.role,
        on_submit=People.give_role,
        class_name="hd-form",
    )
    return stack(
        rx.el.div(role_pill(person.role), rx.el.span(hints, class_name="hd-help"), class_name="hd-line hd-gap-2"),
        rx.cond(
            person.id == Me.person_id,
            explained("You cannot change your own role. Another owner can."),
            rx.cond(
                _MAY_GIVE_ROLES, change, explained("Only an owner can change roles. Ask one of yours.", shape="lock")
            ),
        ),
        gap=3,
    )


def _account() -> rx.Component:
    person = People.person
    close = dialog(
        "Deactivate " + person.name.to(str) + "?",
        rx.el.form(
            hidden("person_id", person.id.to(str)),
            rx.cond(
                person.open_tickets > 0,
                select_field(
                    "Their open tickets", People.heirs, name="tickets", id="heir",
                    help=rx.cond(
                        person.open_tickets == 1, "One ticket is theirs.", person.open_tickets.to(str) + " tickets are theirs."
                    ),
                ),
            ),
            form_actions(rx.dialog.close(button("Deactivate", variant="danger", type="submit"))),
            on_submit=People.deactivate,
            class_name="hd-form",
        ),
        text="They are signed out at once and cannot sign in any more. What they did stays.",
        trigger=button("Deactivate…", variant="danger-ghost", icon="user-x"),
        width="sm",
    )  # fmt: skip
    again = rx.cond(
        ~person.has_password & person.is_active,
        stack(
            explained("They have not chosen a password yet."),
            rx.el.div(button("Send the invitation again", icon="send", on_click=People.invite(person.id))),
            gap=3,
        ),
    )
    reopen = confirm(
        "Activate " + person.name.to(str) + "?",
        person.name.to(str) + " can sign in again with the same password.",
        confirm_label="Activate",
        on_confirm=People.activate(person.id),
        trigger=button("Activate…", icon="user-check"),
    )
    unlock = confirm(
        "Reset the two-factor sign-in of " + person.name.to(str) + "?",
        person.name.to(str)
        + " is signed out, and signs in with the password alone until they set it up anew. Make sure"
        " that it is really them who ask.",
        confirm_label="Reset",
        on_confirm=People.reset_second_factor(person.id),
        trigger=button("Reset two-factor sign-in…", variant="danger-ghost", icon="shield-off"),
        danger=True,
    )
    return stack(
        rx.el.div(
            on_or_off(person.is_active, off="Deactivated"),
            rx.cond(person.has_second_factor, pill("Two factors", "green", icon="shield-check")),
            rx.el.span("Since ", time_ago(person.created_at, form="date"), class_name="hd-help"),
            class_name="hd-line hd-gap-2",
        ),
        rx.cond(
            person.id == Me.person_id,
            explained("This is you. Somebody else has to deactivate you."),
            stack(
                again,
                rx.el.div(rx.cond(person.is_active, close, reopen), rx.cond(person.has_second_factor, unlock)),
                gap=3,
            ),
        ),
        gap=3,
    )
