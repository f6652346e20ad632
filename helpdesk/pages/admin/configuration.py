"""Settings > Configuration."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import link
from helpdesk.components.button import button
from helpdesk.components.dialog import confirm
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.form import form_actions, textarea_field
from helpdesk.components.icons import icon
from helpdesk.components.layout import card, page_header, stack
from helpdesk.components.person import person_line
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.times import time_ago
from helpdesk.domain.configuration import Fact
from helpdesk.pages.admin.parts import explained
from helpdesk.pages.layout import admin_page
from helpdesk.services.configuration import APPLIED, KEPT, ROLLED_BACK, VersionRow
from helpdesk.state.admin.configuration import HOME, Configuration, Shown

_KINDS = (
    ("added", "Added", "green"),
    ("changed", "Changed", "amber"),
    ("removed", "Removed", "red"),
    ("ordered", "Order", "blue"),
)
_VERSIONS = ((APPLIED, "Applied", "green"), (ROLLED_BACK, "Rolled back", "amber"), (KEPT, "As it stood before", "gray"))


@admin_page(route="/admin/configuration", title="Configuration", section="configuration", on_load=Configuration.load)
def configuration() -> rx.Component:
    """The text, what it would change, and what it was."""
    return rx.fragment(
        page_header(
            "Configuration",
            rx.el.a(
                icon("download"), "Export", href="/files/exports/configuration.yaml",
                class_name="hd-btn hd-btn-secondary hd-btn-md",
            ),
            text="Everything arranged in these settings, as one text: to keep, to review, to carry to another desk.",
        ),
        rx.cond(
            Configuration.is_loading,
            skeleton_table(rows=10, columns=1),
            rx.match(
                Configuration.problem,
                ("", stack(_editor(), _refused(), _changes(), _versions(), gap=4)),
                (
                    "missing",
                    empty_state(
                        "There is no such version", "It may belong to another desk.", icon="search-x",
                        action=button("Show what stands now", href=HOME),
                    ),
                ),
                error_state(on_retry=Configuration.load),
            ),
        ),
    )  # fmt: skip


def _editor() -> rx.Component:
    return rx.el.form(
        rx.cond(
            Configuration.looking_at != 0,
            explained(
                rx.fragment("This is an older version. ", link("Show what stands now", href=HOME, class_name="hd-link")),
                shape="history",
            ),
        ),
        textarea_field(
            "The text", name="text", rows=18, default_value=Configuration.text, spell_check=False, class_name="hd-code",
            help="YAML. Leave a section out and it stays as it is; leave an entry out of a section and it is removed.",
        ),
        form_actions(
            rx.el.label(
                icon("file-up"), "Open a file",
                rx.el.input(type="file", accept=".yaml,.yml,text/plain", data_file_into="text", class_name="sr-only"),
                class_name="hd-btn hd-btn-secondary hd-btn-md",
            ),
            button("Compare with now", variant="primary", icon="git-compare", type="submit"),
        ),
        key=Configuration.opened.to(str),
        on_submit=Configuration.compare,
        class_name="hd-form hd-card hd-card-body",
    )  # fmt: skip


def _refused() -> rx.Component:
    return rx.cond(
        Configuration.refused.length() > 0,
        rx.el.div(
            icon("circle-alert"),
            rx.el.ul(
                rx.foreach(Configuration.refused, lambda line: rx.el.li(line, key=line)), class_name="hd-problems"
            ),
            role="alert",
            class_name="hd-form-error",
        ),
    )


def _changes() -> rx.Component:
    apply = confirm(
        "Apply these changes?",
        "All of them together, or none. What stands now is kept as a version to go back to.",
        confirm_label="Apply",
        on_confirm=Configuration.apply,
        trigger=button("Apply…", variant="primary", icon="check"),
    )
    return rx.cond(
        Configuration.is_compared,
        rx.cond(
            Configuration.changes.length() > 0,
            card(
                rx.el.ul(rx.foreach(Configuration.changes, _change), class_name="hd-changes"),
                title="Applying would change: " + Configuration.summary.to(str),
                action=apply,
            ),
            explained("Nothing would change: this is how the desk is arranged now.", shape="check"),
        ),
    )


def _change(change: rx.Var[Shown]) -> rx.Component:
    return rx.el.li(
        rx.match(change.kind, *((key, pill(label, tone)) for key, label, tone in _KINDS), pill(change.kind)),
        rx.el.div(
            rx.el.div(
                rx.el.span(change.section, class_name="hd-help"),
                rx.cond(change.entry != "", rx.el.strong(" ", change.entry)),
            ),
            rx.cond(
                change.facts.length() > 0, rx.el.div(rx.foreach(change.facts, _fact), class_name="hd-before-after")
            ),
            class_name="min-w-0",
        ),
    )


def _fact(fact: rx.Var[Fact]) -> rx.Component:
    return rx.el.div(
        rx.el.span(fact.field, ": ", class_name="hd-help"),
        rx.cond(fact.before != "", rx.fragment(rx.el.del_(fact.before), " → ")),
        rx.el.ins(rx.cond(fact.after != "", fact.after, "nothing")),
        key=fact.field,
    )


def _versions() -> rx.Component:
    return stack(
        rx.el.h2("Versions", class_name="hd-card-title"),
        rx.cond(
            Configuration.versions.length() > 0,
            data_table(
                [Column("When"), Column("Who"), Column("What"), Column("Changes"), Column("")],
                rx.foreach(Configuration.versions, _version),
                label="Versions",
            ),
            explained("Every configuration that is applied is kept here."),
        ),
        gap=3,
    )


def _version(row: rx.Var[VersionRow]) -> rx.Component:
    back = confirm(
        "Go back to this version?",
        "Everything is arranged as it stood then. What stands now is kept as a version, too.",
        confirm_label="Roll back",
        on_confirm=Configuration.roll_back(row.id),
        trigger=button("Roll back…", size="sm", icon="undo-2"),
    )
    return table_row(
        cell(time_ago(row.at, form="absolute"), href=HOME + "?version=" + row.id.to(str)),
        cell(person_line(row.who, size="sm"), label="Who"),
        cell(
            rx.match(row.kind, *((key, pill(label, tone)) for key, label, tone in _VERSIONS), pill(row.kind)),
            label="What",
        ),
        cell(
            rx.cond(
                row.changes.length() > 0,
                rx.el.details(
                    rx.el.summary(
                        rx.cond(row.changes.length() == 1, "1 change", row.changes.length().to(str) + " changes")
                    ),
                    rx.el.ul(rx.foreach(row.changes, lambda line: rx.el.li(line)), class_name="hd-problems"),
                ),
                rx.el.span("–", class_name="hd-none"),
            ),
            label="Changes",
        ),
        cell(back, align="right"),
        key=row.id,
    )
