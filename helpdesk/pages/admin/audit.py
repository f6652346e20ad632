"""Settings > Audit."""

import reflex as rx

from helpdesk.components.base import Choice
from helpdesk.components.button import button
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.form import select
from helpdesk.components.icons import icon
from helpdesk.components.layout import page_header
from helpdesk.components.person import person_line
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.times import time_ago
from helpdesk.pages.admin.parts import older, range_fields, toolbar
from helpdesk.pages.layout import admin_page
from helpdesk.services.audit import SUBJECTS, AuditRow, Difference
from helpdesk.state.admin.audit import HOME, Audit

_NAMES = {"person": "People", "category": "Categories", "company": "Companies", "status": "Statuses", "priority": "Priorities",
          "policy": "SLA policies", "transitions": "Transitions", "mail": "Mail", "organization": "Organization",
          "import": "Imports", "configuration": "Configuration"}  # fmt: skip


@admin_page(route="/admin/audit", title="Audit", section="audit", on_load=Audit.load)
def audit() -> rx.Component:
    """The log."""
    subjects = sorted((_NAMES.get(key, f"{key.capitalize()}s"), key) for key in SUBJECTS)
    return rx.fragment(
        page_header(
            "Audit",
            rx.el.a(
                icon("download"), "Export", href=Audit.export_href, class_name="hd-btn hd-btn-secondary hd-btn-md"
            ),
            text="What administrators changed: who, what, before and after.",
        ),
        toolbar(
            select(
                Audit.people, placeholder="Everybody", value=Audit.person, on_change=Audit.of_person, aria_label="Person"
            ),
            select(
                [Choice("", "Everything"), *(Choice(key, name) for name, key in subjects)], value=Audit.subject,
                on_change=Audit.of_subject, aria_label="What it is about",
            ),
            range_fields(since=Audit.since, until=Audit.until, on_since=Audit.from_day, on_until=Audit.to_day),
        ),
        rx.cond(
            Audit.is_loading,
            skeleton_table(rows=10, columns=4),
            rx.cond(
                Audit.problem != "",
                error_state(on_retry=Audit.load),
                rx.cond(Audit.rows.length() > 0, _list(), _nothing()),
            ),
        ),
    )  # fmt: skip


def _list() -> rx.Component:
    return data_table(
        [Column("When"), Column("Who"), Column("What"), Column("Before → after")],
        rx.foreach(Audit.rows, _row),
        label="What administrators changed",
        footer=older(newest=Audit.newest_href, following=Audit.older_href),
    )


def _row(row: rx.Var[AuditRow]) -> rx.Component:
    return table_row(
        cell(
            rx.el.div(
                time_ago(row.at, form="long"),
                time_ago(row.at, form="absolute", class_name="hd-person-detail"),
                class_name="hd-two-lines",
            ),
            label="When",
        ),
        cell(person_line(row.who, size="sm"), label="Who"),
        cell(row.what, label="What"),
        cell(rx.el.div(rx.foreach(row.differences, _difference), class_name="hd-before-after"), label="Before → after"),
        key=row.id,
    )


def _difference(one: rx.Var[Difference]) -> rx.Component:
    return rx.el.div(
        rx.el.span(one.field, ": ", class_name="hd-help"),
        rx.cond(one.before != "", rx.fragment(rx.el.del_(one.before), " → ")),
        rx.el.ins(rx.cond(one.after != "", one.after, "nothing")),
        key=one.field,
    )


def _nothing() -> rx.Component:
    return rx.cond(
        Audit.is_filtered,
        empty_state(
            "Nothing like that", "Look at another person, kind or range of days.", icon="search-x",
            action=button("Show all", href=HOME),
        ),
        empty_state("Nothing here yet", "What administrators change appears here.", icon="scroll-text"),
    )  # fmt: skip
