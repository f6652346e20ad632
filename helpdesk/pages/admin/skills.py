"""Settings > Skills."""

import reflex as rx

from helpdesk.components.button import button
from helpdesk.components.dialog import confirm, sheet
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.form import form_actions, hidden, text_field
from helpdesk.components.layout import page_header, section, stack
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.pages.layout import admin_page
from helpdesk.services.skills import SkillRow
from helpdesk.state.admin.skills import HOME, Skills


@admin_page(route="/admin/skills", title="Skills", section="skills", on_load=Skills.load)
def skills() -> rx.Component:
    """The list, and the drawer over it."""
    new = button("New skill", icon="plus", variant="primary", href=f"{HOME}?new=yes")
    return rx.fragment(
        page_header("Skills", new, text="What your people can do. Give skills to somebody in Settings > People."),
        rx.cond(
            Skills.is_loading,
            skeleton_table(rows=5, columns=2),
            rx.cond(
                Skills.problem != "",
                error_state(on_retry=Skills.load),
                rx.cond(Skills.rows.length() > 0, _list(), _nothing()),
            ),
        ),
        _drawer(),
    )


def _list() -> rx.Component:
    return data_table([Column("Skill"), Column("Who has it")], rx.foreach(Skills.rows, _row), label="Skills")


def _row(row: rx.Var[SkillRow]) -> rx.Component:
    return table_row(
        cell(row.name, href=HOME + "?skill=" + row.id.to(str)),
        cell(
            rx.cond(
                row.people == 0,
                rx.el.span("Nobody yet", class_name="hd-none"),
                rx.el.span(
                    rx.el.span(row.people, class_name="hd-members"),
                    rx.el.span(row.names, title=row.names, class_name="hd-cell-quiet"),
                    class_name="hd-inline",
                ),
            ),
            label="Who has it",
        ),
        key=row.id,
    )


def _nothing() -> rx.Component:
    return empty_state(
        "No skills yet",
        "Languages, products, machines: whatever decides who can help.",
        icon="wrench",
        action=button("New skill", icon="plus", href=f"{HOME}?new=yes"),
    )


def _drawer() -> rx.Component:
    skill = Skills.skill
    form = rx.el.form(
        hidden("skill_id", skill.id.to(str)),
        text_field(
            "Name", name="name", default_value=skill.name, required=True, max_length=60, auto_complete="off",
            error=Skills.errors["name"],
        ),
        form_actions(button("Cancel", data_leaves="true", on_click=Skills.close), button("Save", variant="primary", type="submit")),
        key=Skills.opened.to(str),
        on_submit=Skills.save,
        class_name="hd-form",
    )  # fmt: skip
    delete = confirm(
        "Delete “" + skill.name.to(str) + "”?",
        rx.cond(skill.people > 0, "It is taken from " + skill.names.to(str) + ".", "Nobody has it."),
        confirm_label="Delete",
        on_confirm=Skills.delete(skill.id),
        trigger=button("Delete…", variant="danger-ghost", icon="trash-2"),
        danger=True,
    )
    return sheet(
        rx.cond(skill.id == 0, "New skill", skill.name),
        stack(form, rx.cond(skill.id != 0, section("Delete", delete)), gap=4),
        open=Skills.is_open,
        on_open_change=Skills.close,
    )
