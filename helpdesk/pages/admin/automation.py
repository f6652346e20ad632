"""Settings > Automation: the rules, and the log of what they did."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import Choice, link
from helpdesk.components.button import button
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.form import select, switch, text_input
from helpdesk.components.layout import breadcrumbs, page_header
from helpdesk.components.order import order_form, order_handle
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.times import time_ago
from helpdesk.pages.admin.parts import older, toolbar
from helpdesk.pages.layout import admin_page
from helpdesk.services.rules import RuleRow, RunRow
from helpdesk.state.admin.automation import EDITOR, HOME, LOG, Automation, RuleLog

_ORDER = "order-of-rules"
_NEW = f"{EDITOR}?new=yes"
_RESULTS = (("success", "Applied", "green"), ("failed", "Failed", "red"), ("skipped", "Skipped", "gray"))


@admin_page(route=HOME, title="Automation", section="automation", on_load=Automation.load)
def automation() -> rx.Component:
    """The rules in their order."""
    return rx.fragment(
        page_header(
            "Automation",
            button("Log", icon="scroll-text", href=LOG),
            button("New rule", icon="plus", variant="primary", href=_NEW),
            text="When something happens, if conditions hold, then do something. Rules apply from top to bottom.",
        ),
        order_form(_ORDER, on_submit=Automation.reorder),
        rx.cond(
            Automation.is_loading,
            skeleton_table(rows=5, columns=4),
            rx.cond(
                Automation.problem != "",
                error_state(on_retry=Automation.load),
                rx.cond(Automation.rows.length() > 0, _list(), _nothing()),
            ),
        ),
    )


def _list() -> rx.Component:
    return data_table(
        [Column("Order", width="w-px"), Column("Rule"), Column("Last seven days"), Column("On")],
        rx.foreach(Automation.rows, _row),
        label="Rules",
    )


def _row(row: rx.Var[RuleRow]) -> rx.Component:
    return table_row(
        cell(order_handle(row.name, _ORDER), label="Order"),
        cell(
            rx.el.div(
                rx.el.span(row.name, class_name="font-medium"),
                rx.el.span(
                    rx.el.b("When "), row.when,
                    rx.cond(row.where != "", rx.fragment(rx.el.b(" if "), row.where)),
                    rx.el.b(" then "), row.then, ".",
                    class_name="hd-rule-sentence",
                ),
                rx.cond(
                    (row.starts != "") | (row.ends != ""),
                    rx.el.span(
                        rx.cond(row.is_over, "Over: was valid", "Valid"), rx.cond(row.starts != "", " from " + row.starts.to(str), ""),
                        rx.cond(row.ends != "", " until " + row.ends.to(str), ""), ".", class_name="hd-help",
                    ),
                ),
                rx.cond(row.problem != "", rx.el.span("Does not work: ", row.problem, class_name="hd-rule-problem")),
                class_name="hd-two-lines",
            ),
            href=EDITOR + "?rule=" + row.id.to(str),
        ),
        cell(
            link(
                rx.cond(row.applied > 0, pill(row.applied.to(str) + " applied", "green"), pill("not applied", "gray")),
                rx.cond(row.failed > 0, pill(row.failed.to(str) + " failed", "red")),
                rx.cond(row.last_at != "", time_ago(row.last_at, class_name="hd-help")),
                href=LOG + "?rule=" + row.id.to(str),
                aria_label="What " + row.name.to(str) + " did",
                class_name="hd-line hd-gap-1",
            ),
            label="Last seven days",
        ),
        cell(
            switch(
                "“" + row.name.to(str) + "” is on", hide_label=True, checked=row.is_active,
                on_change=lambda is_active: Automation.switch(row.id, is_active),
            ),
            label="On",
        ),
        key=row.id.to(str),
        data_reorder_id=row.id.to(str),
    )  # fmt: skip


def _nothing() -> rx.Component:
    return empty_state(
        "No rules yet",
        "Let the desk do what you would do every time: raise what a VIP writes, remind of what lies idle, answer at night.",
        icon="workflow",
        action=button("New rule", icon="plus", href=_NEW),
    )


@admin_page(route=LOG, title="Log of rules", section="automation", on_load=RuleLog.load)
def rule_log() -> rx.Component:
    """What rules did, and why not."""
    return rx.fragment(
        page_header(
            "Log of rules",
            text="What each rule did to a ticket, or why it did not.",
            crumbs=breadcrumbs(("Automation", HOME), ("Log", "")),
        ),
        toolbar(
            select(RuleLog.rules, placeholder="All rules", value=RuleLog.rule, on_change=RuleLog.of_rule, aria_label="Rule"),
            select(
                [Choice("", "All results"), *(Choice(key, label) for key, label, _ in _RESULTS)],
                value=RuleLog.result, on_change=RuleLog.of_result, aria_label="Result",
            ),
            text_input(
                default_value=RuleLog.reference, on_change=RuleLog.of_ticket.debounce(600), key=RuleLog.reference,
                placeholder="Ticket, such as ACME-7K3F9Q", aria_label="Ticket", class_name="hd-rule-ref", max_length=16,
            ),
        ),
        rx.cond(
            RuleLog.is_loading,
            skeleton_table(rows=10, columns=4),
            rx.cond(
                RuleLog.problem != "",
                error_state(on_retry=RuleLog.load),
                rx.cond(RuleLog.rows.length() > 0, _log(), _no_runs()),
            ),
        ),
    )  # fmt: skip


def _log() -> rx.Component:
    return data_table(
        [
            Column("When"),
            Column("Rule"),
            Column("Ticket"),
            Column("Result"),
            Column("What, or why not"),
            Column("Undo", width="w-px"),
        ],
        rx.foreach(RuleLog.rows, _run),
        label="Log of rules",
        footer=older(newest=RuleLog.newest_href, following=RuleLog.older_href),
    )


def _run(row: rx.Var[RunRow]) -> rx.Component:
    return table_row(
        cell(time_ago(row.at, form="long"), label="When"),
        cell(link(row.rule, href=EDITOR + "?rule=" + row.rule_id.to(str)), label="Rule"),
        cell(
            link(row.reference, href="/agent?ticket=" + row.reference.to(str)),
            " ",
            rx.el.span(row.title, class_name="hd-help"),
            label="Ticket",
        ),
        cell(
            rx.match(
                row.result, *((key, pill(label, tone)) for key, label, tone in _RESULTS), pill(row.result, "gray")
            ),
            label="Result",
        ),
        cell(row.text, label="What, or why not"),
        cell(
            rx.cond(
                row.may_undo,
                button("Undo", icon="undo-2", size="sm", on_click=RuleLog.undo(row.id),
                       aria_label="Undo what " + row.rule.to(str) + " did to " + row.reference.to(str)),
                rx.cond(row.is_undone, rx.el.span("Undone", class_name="hd-help")),
            ),
            label="Undo",
        ),
        key=row.id.to(str),
    )  # fmt: skip


def _no_runs() -> rx.Component:
    return rx.cond(
        RuleLog.is_filtered,
        empty_state("Nothing like that", "Look at another rule, result or ticket.", icon="search-x", action=button("Show all", href=LOG)),
        empty_state("Nothing here yet", "As soon as a rule applies, it says here what it did.", icon="scroll-text"),
    )  # fmt: skip
