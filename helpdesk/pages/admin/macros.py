"""Settings > Macros: one's own, and those colleagues share."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import Choice
from helpdesk.components.button import button
from helpdesk.components.dialog import confirm, sheet
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.form import (
    checkbox,
    form_actions,
    form_error,
    hidden,
    select,
    select_field,
    text_field,
    textarea_field,
)
from helpdesk.components.layout import page_header, section, stack
from helpdesk.components.outline import outline, outline_line, outline_remove
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.domain.rules import ACTION_LABELS, BY_HAND
from helpdesk.domain.templates import KNOWN
from helpdesk.pages.admin.parts import explained
from helpdesk.pages.layout import admin_page
from helpdesk.services.macros import SCOPES, MacroRow
from helpdesk.state.admin.acts import Act
from helpdesk.state.admin.macros import HOME, Macros
from helpdesk.state.kinds import Kind


@admin_page(route=HOME, title="Macros", section="macros", on_load=Macros.load, kind=Kind.STAFF)
def macros() -> rx.Component:
    """The list, and the drawer over it."""
    return rx.fragment(
        page_header(
            "Macros",
            button("New macro", icon="plus", variant="primary", href=f"{HOME}?new=yes"),
            text="What you do again and again: changes and a reply under one name. Press m on a ticket, or / in an empty answer.",
        ),
        rx.cond(
            Macros.is_loading,
            skeleton_table(rows=5, columns=3),
            rx.cond(
                Macros.problem != "",
                error_state(on_retry=Macros.load),
                rx.cond(Macros.rows.length() > 0, _list(), _nothing()),
            ),
        ),
        _drawer(),
    )


def _list() -> rx.Component:
    return data_table([Column("Macro"), Column("Does"), Column("For")], rx.foreach(Macros.rows, _row), label="Macros")


def _row(row: rx.Var[MacroRow]) -> rx.Component:
    return table_row(
        cell(row.name, href=HOME + "?macro=" + row.id.to(str)),
        cell(
            rx.el.div(
                rx.cond(row.does != "", rx.el.span(row.does)),
                rx.cond(row.says != "", rx.el.span("“", row.says, "”", class_name="hd-help")),
                rx.cond(row.when != "", rx.el.span("Offered where ", row.when, class_name="hd-help")),
                class_name="hd-two-lines",
            ),
            label="Does",
        ),
        cell(
            rx.match(
                row.scope, ("all", pill("Everybody", "blue")), ("team", pill(row.team, "teal")), pill("Only me", "gray")
            ),
            label="For",
        ),
        key=row.id.to(str),
    )


def _nothing() -> rx.Component:
    return empty_state(
        "No macros yet",
        "Answer what everybody asks with one key: a reply with placeholders, and the changes that belong to it.",
        icon="zap",
        action=button("New macro", icon="plus", href=f"{HOME}?new=yes"),
    )


def _drawer() -> rx.Component:
    one, errors = Macros.macro, Macros.errors
    form = rx.el.form(
        hidden("macro_id", one.id.to(str)),
        text_field("Name", name="name", default_value=one.name, required=True, max_length=80, auto_complete="off", error=errors["name"]),
        rx.cond(
            Macros.may_share,
            select_field(
                "For", [Choice(key, label) for key, label in SCOPES.items()], name="scope", value=Macros.scope,
                on_change=Macros.choose_scope, error=errors["scope"],
            ),
            hidden("scope", "me"),
        ),
        rx.cond(
            Macros.scope == "team",
            select_field(
                "Team", Macros.teams, name="team_id", default_value=one.team_id.to(str), placeholder="Choose…",
                error=errors["team_id"],
            ),
        ),
        textarea_field(
            "Reply", name="reply", rows=6, default_value=one.reply, optional=True, error=errors["reply"],
            help="Waits in the answer of a ticket, to be read before it is sent. With many tickets at once it is sent.",
        ),
        rx.el.details(
            rx.el.summary("Placeholders", class_name="hd-label"),
            rx.el.p(*(rx.el.code("{{ " + each + " }}") for each in KNOWN), class_name="hd-placeholders"),
        ),
        rx.el.fieldset(
            rx.el.legend("Changes", class_name="hd-label"),
            outline(rx.foreach(Macros.acts, _act), label="Changes"),
            rx.el.div(button("Add a change", icon="plus", size="sm", on_click=Macros.add)),
            form_error(errors.get("actions", "")),
            class_name="hd-field hd-rule-part-plain",
        ),
        _when(errors),
        form_actions(
            button("Cancel", data_leaves="true", on_click=Macros.close), button("Save", variant="primary", type="submit"),
        ),
        key=Macros.opened.to(str),
        on_submit=Macros.save,
        class_name="hd-form hd-rule-form",
    )  # fmt: skip
    delete = confirm(
        "Delete “" + one.name.to(str) + "”?",
        "What it did to tickets stays.",
        confirm_label="Delete",
        on_confirm=Macros.delete(one.id),
        trigger=button("Delete…", variant="danger-ghost", icon="trash-2"),
        danger=True,
    )
    shared = explained("Colleagues use this macro, too. Ask a manager to change it.")
    return sheet(
        rx.cond(one.id == 0, "New macro", one.name),
        rx.cond(
            one.may_change,
            stack(form, rx.cond(one.id != 0, section("Delete", delete)), gap=4),
            stack(shared, rx.el.p(one.does), rx.el.div(one.reply, class_name="hd-macro-text"), gap=3),
        ),
        open=Macros.is_open,
        on_open_change=Macros.close,
    )


def _when(errors: rx.Var[dict[str, str]]) -> rx.Component:
    """For which tickets it is offered."""
    groups = (
        ("Statuses", "status", Macros.statuses),
        ("Categories", "category", Macros.categories),
        ("Teams", "team", Macros.teams),
    )
    return rx.el.fieldset(
        rx.el.legend("Offered for", class_name="hd-label"),
        rx.cond(
            Macros.is_written,
            explained("Tickets where " + Macros.macro.when.to(str) + ". The configuration text says so; it stays as it is."),
            rx.fragment(
                *(_kind(*group) for group in groups),
                rx.el.p("Without a tick it is offered everywhere; of several kinds, all must fit.", class_name="hd-help"),
            ),
        ),
        form_error(errors.get("offered", "")),
        class_name="hd-field hd-rule-part-plain",
    )  # fmt: skip


def _kind(title: str, kind: str, choices: rx.Var[list[Choice]]) -> rx.Component:
    number = Macros.numbers[kind]
    return rx.el.details(
        rx.el.summary(title, ": ", rx.cond(number > 0, number, "any"), class_name="hd-label"),
        rx.el.div(
            rx.foreach(
                choices,
                lambda one: checkbox(
                    one.label, name=f"{kind}-" + one.value.to(str),
                    default_checked=Macros.ticked.contains(f"{kind}-" + one.value.to(str)),
                ),
            ),
            class_name="hd-checks",
        ),
    )  # fmt: skip


def _act(act: rx.Var[Act]) -> rx.Component:
    return outline_line(
        select(
            [Choice(one.value, ACTION_LABELS[one]) for one in BY_HAND],
            value=act.do,
            on_change=lambda value: Macros.set_do(act.number, value),
            aria_label="What to change",
        ),
        rx.match(
            act.input,
            (
                "words",
                rx.el.input(
                    name="act-" + act.number.to(str) + "-value",
                    default_value=act.value,
                    key=Macros.shape.to(str) + act.do.to(str),
                    on_blur=lambda typed: Macros.set_value(act.number, typed),
                    aria_label="Tags",
                    placeholder="vip, printer",
                    max_length=400,
                    class_name="hd-input hd-outline-value",
                ),
            ),
            ("nothing", rx.el.span(class_name="grow")),
            select(
                Macros.targets[act.do],
                placeholder="Choose…",
                value=act.value,
                on_change=lambda value: Macros.set_value(act.number, value),
                aria_label="To what",
            ),
        ),
        outline_remove("Remove the change", Macros.remove(act.number)),
        depth=0,
        key=Macros.shape.to(str) + "-" + act.number.to(str),
    )
