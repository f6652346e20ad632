"""Settings > Escalation: who is brought in when a ticket waits too long, step by step."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import Choice
from helpdesk.components.button import button, icon_button
from helpdesk.components.dialog import confirm, sheet
from helpdesk.components.feedback import banner, empty_state, error_state, skeleton_table
from helpdesk.components.form import checkbox, form_actions, hidden, select, switch, text_field, text_input
from helpdesk.components.layout import page_header, section, stack
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.domain.escalation import HIGHEST, MOST_STEPS, SINCE_LABELS, Since
from helpdesk.pages.admin.conditions import conditions, conditions_told
from helpdesk.pages.admin.parts import on_or_off
from helpdesk.pages.layout import admin_page
from helpdesk.state.admin.escalation import HOME, Escalations, PolicyLine, StepForm

_SINCE = [Choice(one.value, SINCE_LABELS[one]) for one in Since]
_LEVELS = [
    Choice("0", "Tell people only"),
    *(Choice(str(level), f"Raise to level {level}") for level in range(1, HIGHEST + 1)),
]


@admin_page(route="/admin/escalation", title="Escalation", section="escalation", on_load=Escalations.load)
def escalation() -> rx.Component:
    """The list, and the drawer over it."""
    return rx.fragment(
        page_header(
            "Escalation",
            button("New policy", icon="plus", variant="primary", href=f"{HOME}?new=yes"),
            text="Who is brought in when a ticket waits too long. Agents can escalate by hand at any time.",
        ),
        rx.cond(
            Escalations.is_loading,
            skeleton_table(rows=4, columns=5),
            rx.cond(
                Escalations.problem != "",
                error_state(on_retry=Escalations.load),
                stack(
                    banner(
                        "Policies are switched off: nothing is escalated by itself.",
                        tone="amber", icon="pause", visible=~Escalations.is_on,
                        action=button("Switch on", size="sm", on_click=Escalations.turn(True)),
                    ),
                    rx.cond(Escalations.rows.length() > 0, _list(), _nothing()),
                    rx.cond(
                        Escalations.is_on & (Escalations.rows.length() > 0),
                        rx.el.div(button("Switch all policies off", variant="ghost", icon="pause", on_click=Escalations.turn(False))),
                    ),
                    gap=4,
                ),
            ),
        ),
        _drawer(),
    )  # fmt: skip


def _list() -> rx.Component:
    return data_table(
        [
            Column("Policy"),
            Column("For"),
            Column("First"),
            Column("Steps", align="right"),
            Column("Up to"),
            Column("Last 30 days", align="right"),
            Column("State"),
        ],
        rx.foreach(Escalations.rows, _row),
        label="Escalation policies",
    )


def _row(row: rx.Var[PolicyLine]) -> rx.Component:
    return table_row(
        cell(row.name, href=HOME + "?policy=" + row.id.to(str)),
        cell(
            rx.el.div(
                rx.el.span(row.who, title=row.who, class_name="hd-cell-quiet"),
                rx.cond(row.problem != "", rx.el.span("Does not work: ", row.problem, class_name="hd-rule-problem")),
                class_name="hd-two-lines",
            ),
            label="For",
        ),
        cell(rx.el.span(row.first, title=row.first, class_name="hd-cell-quiet"), label="First"),
        cell(row.steps, label="Steps", align="right"),
        cell(_level(row.level), label="Up to"),
        cell(row.lately, label="Last 30 days", align="right"),
        cell(on_or_off(row.is_active), label="State"),
        key=row.id,
    )


def _level(level: rx.Var[int]) -> rx.Component:
    return rx.match(
        level,
        (0, rx.el.span("Tells only", class_name="hd-none")),
        (1, pill("Level 1", "amber")),
        (2, pill("Level 2", "orange")),
        pill("Level 3", "red"),
    )


def _nothing() -> rx.Component:
    return empty_state(
        "No policies yet",
        "A policy tells the team's lead when a deadline is missed, for example, and all managers an hour later.",
        icon="siren",
        action=button("New policy", icon="plus", href=f"{HOME}?new=yes"),
    )


def _drawer() -> rx.Component:
    form = rx.el.form(
        hidden("policy_id", Escalations.policy_id.to(str)),
        text_field(
            "Name", name="name", default_value=Escalations.name, required=True, max_length=120, auto_complete="off",
            error=Escalations.errors["name"],
        ),
        _conditions(),
        rx.el.fieldset(
            rx.el.legend("Steps", class_name="hd-label"),
            rx.el.ol(rx.foreach(Escalations.steps, _step), class_name="hd-stairs"),
            rx.cond(
                Escalations.steps.length() < MOST_STEPS,
                rx.el.div(button("Add a step", icon="plus", size="sm", type="button", on_click=Escalations.add_step)),
            ),
            rx.el.p(Escalations.errors["steps"], class_name="hd-error", aria_live="polite"),
            class_name="hd-field",
        ),
        switch("Active", name="is_active", default_checked=Escalations.is_active),
        form_actions(
            button("Cancel", data_leaves="true", on_click=Escalations.close), button("Save", variant="primary", type="submit")
        ),
        key=Escalations.opened.to(str),
        on_submit=Escalations.save,
        class_name="hd-form",
    )  # fmt: skip
    delete = confirm(
        "Delete “" + Escalations.name.to(str) + "”?",
        "What it has done stays in the tickets' histories.",
        confirm_label="Delete",
        on_confirm=Escalations.delete(Escalations.policy_id),
        trigger=button("Delete…", variant="danger-ghost", icon="trash-2"),
        danger=True,
    )
    return sheet(
        rx.cond(Escalations.policy_id == 0, "New escalation policy", Escalations.name),
        stack(form, rx.cond(Escalations.policy_id != 0, section("Delete", delete)), gap=4),
        open=Escalations.is_open,
        on_open_change=Escalations.close,
    )


def _conditions() -> rx.Component:
    """For which tickets; without a condition, all."""
    return rx.el.fieldset(
        rx.el.legend("For which tickets", class_name="hd-label"),
        conditions(Escalations),
        conditions_told(Escalations.sentence, Escalations.matches, Escalations.note, "Every ticket"),
        rx.el.p(Escalations.errors["where"], class_name="hd-error", aria_live="polite"),
        class_name="hd-field",
    )


def _step(one: rx.Var[StepForm]) -> rx.Component:
    key = one.key.to(str)
    return rx.el.li(
        rx.el.div(
            rx.el.span("Step ", one.number, class_name="hd-stair-title"),
            icon_button(
                "x", "Remove step " + one.number.to(str), size="sm", type="button", on_click=Escalations.remove_step(one.key),
            ),
            class_name="hd-line hd-between",
        ),
        rx.el.div(
            _labelled(
                "After",
                text_input(
                    name="after-" + key, default_value=one.after, placeholder="30m, 4h, 1d", auto_complete="off", max_length=40,
                ),
            ),
            _labelled("Since", select(_SINCE, name="since-" + key, default_value=one.since)),
            class_name="hd-stair-when",
        ),
        rx.el.div(
            rx.el.span("Tell", class_name="hd-label", aria_hidden="true"),
            rx.el.div(
                rx.foreach(
                    Escalations.whom_choices,
                    lambda who: checkbox(
                        who.label, name="whom-" + key + "-" + who.value.to(str),
                        default_checked=one.whom.contains(who.value),
                    ),
                ),
                class_name="hd-checks hd-stair-whom",
            ),
            role="group",
            aria_label="Who is told in step " + one.number.to(str),
            class_name="hd-field",
        ),
        _labelled("Level", select(_LEVELS, name="level-" + key, default_value=one.level)),
        rx.el.details(
            rx.el.summary("A message of your own", class_name="hd-label"),
            rx.el.textarea(
                name="message-" + key, rows="3", default_value=one.message, max_length=2000, data_autosize="true",
                aria_label="Message of step " + one.number.to(str), class_name="hd-input hd-textarea",
            ),
            rx.el.p(
                "Empty: the desk's own words. Placeholders such as {{ ticket.reference }}, {{ ticket.title }},"
                " {{ requester.name }} and {{ agent.name }} are filled in.",
                class_name="hd-help",
            ),
            open=one.message != "",
        ),
        key=key,
        class_name="hd-stair",
    )  # fmt: skip


def _labelled(label: str, control: rx.Component) -> rx.Component:
    """A label around its control: steps come and go, and ids would have to as well."""
    return rx.el.label(rx.el.span(label, class_name="hd-label"), control, class_name="hd-field")
