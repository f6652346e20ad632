"""Settings > Automation > one rule: a sentence to fill in, and its dry run."""

from typing import Any

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import Choice, link
from helpdesk.components.button import button, icon_button
from helpdesk.components.dialog import confirm
from helpdesk.components.feedback import banner, error_state, skeleton_table
from helpdesk.components.form import form_actions, form_error, select, switch, text_field, text_input
from helpdesk.components.layout import breadcrumbs, card, page_header, stack
from helpdesk.components.outline import outline, outline_line, outline_remove
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.times import time_ago
from helpdesk.domain.rules import ACTION_LABELS, BY_RULES, TRIGGER_LABELS
from helpdesk.domain.templates import KNOWN
from helpdesk.pages.admin.conditions import conditions
from helpdesk.pages.admin.parts import explained
from helpdesk.pages.layout import admin_page
from helpdesk.services.rehearsal import Rehearsed
from helpdesk.state.admin.acts import Act
from helpdesk.state.admin.automation import EDITOR, HOME, LOG
from helpdesk.state.admin.rule import RuleEditor

_DAYS = [Choice("1", "the last day"), Choice("7", "the last 7 days"), Choice("30", "the last 30 days"), Choice("90", "the last 90 days")]  # fmt: skip
_RECIPIENTS = ("requester", "assignee")


@admin_page(route=EDITOR, title="Rule", section="automation", on_load=RuleEditor.load)
def rule() -> rx.Component:
    """The sentence, and the dry run beneath it."""
    return rx.fragment(
        page_header(
            rx.cond(RuleEditor.rule_id == 0, "New rule", RuleEditor.name),
            crumbs=breadcrumbs(
                ("Automation", HOME), (rx.cond(RuleEditor.rule_id == 0, "New rule", RuleEditor.name), "")
            ),
        ),
        rx.cond(
            RuleEditor.is_loading,
            skeleton_table(rows=6, columns=2),
            rx.cond(
                RuleEditor.problem != "", error_state(on_retry=RuleEditor.load), stack(_form(), _trial(), _end(), gap=5)
            ),
        ),
    )


def _form() -> rx.Component:
    errors = RuleEditor.errors
    return rx.el.form(
        text_field(
            "Name", name="name", default_value=RuleEditor.name, key=RuleEditor.rule_id.to(str), required=True, max_length=80,
            auto_complete="off", error=errors.get("name", ""),
        ),
        _part(
            "When",
            rx.el.div(
                select(
                    [Choice(one.value, label) for one, label in TRIGGER_LABELS.items()], value=RuleEditor.trigger,
                    on_change=RuleEditor.set_trigger, aria_label="When",
                ),
                rx.cond(
                    RuleEditor.is_waiting,
                    text_input(
                        name="after", default_value=RuleEditor.after, on_blur=RuleEditor.write_after, key=RuleEditor.trigger,
                        placeholder="2d, 4h, 30m", aria_label="For how long", class_name="hd-rule-span", max_length=40,
                    ),
                ),
                class_name="hd-rule-line",
            ),
            form_error(errors.get("trigger", "") + errors.get("after", "")),
        ),
        _part(
            "If",
            conditions(RuleEditor),
            rx.cond(RuleEditor.lines.length() <= 1, explained("Without a condition the rule applies every time.")),
            form_error(errors.get("where", "")),
        ),
        _part(
            "Then",
            outline(rx.foreach(RuleEditor.acts, _act), label="Actions"),
            rx.el.div(button("Add an action", icon="plus", size="sm", on_click=RuleEditor.add_act)),
            form_error(errors.get("actions", "")),
            banner(RuleEditor.warning, tone="amber", icon="triangle-alert", visible=RuleEditor.warning != ""),
            rx.el.details(
                rx.el.summary("Placeholders for texts", class_name="hd-label"),
                rx.el.p(*(rx.el.code("{{ " + one + " }}") for one in KNOWN), class_name="hd-placeholders"),
            ),
        ),
        rx.el.div(
            text_field("First day", name="starts", type="date", default_value=RuleEditor.starts, optional=True, error=errors.get("starts", ""),
                       key=RuleEditor.rule_id.to(str) + "-starts", help="Nothing: from now on."),
            text_field("Last day", name="ends", type="date", default_value=RuleEditor.ends, optional=True, error=errors.get("ends", ""),
                       key=RuleEditor.rule_id.to(str) + "-ends", help="Nothing: for good."),
            class_name="hd-grid hd-grid-2 hd-gap-4",
        ),
        switch("On", name="is_active", default_checked=RuleEditor.is_active, key=RuleEditor.rule_id.to(str) + "-on",
               help="A rule that is off is kept, and does nothing."),
        form_actions(button("Cancel", href=HOME), button("Save", variant="primary", type="submit")),
        on_submit=RuleEditor.save,
        class_name="hd-form hd-rule-form",
    )  # fmt: skip


def _part(word: str, *children: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.h2(word, class_name="hd-rule-word"),
        rx.el.div(*children, class_name="hd-stack hd-gap-2 grow"),
        class_name="hd-rule-part",
    )


def _act(act: rx.Var[Act]) -> rx.Component:
    return outline_line(
        select(
            [Choice(one.value, ACTION_LABELS[one]) for one in BY_RULES],
            value=act.do,
            on_change=lambda value: RuleEditor.set_do(act.number, value),
            aria_label="What to do",
        ),
        rx.match(
            act.input,
            ("words", _typed(act, "value", "Tags", act.value, RuleEditor.set_value, placeholder="vip, printer", max_length=400)),
            ("span", _typed(act, "value", "In how long", act.value, RuleEditor.set_value, placeholder="2d, 4h, or none", max_length=40)),
            ("text", _text(act)),
            ("mail", _mail(act)),
            ("notify", _notify(act)),
            ("nothing", rx.el.span(class_name="grow")),
            select(
                RuleEditor.targets[act.do], placeholder="Choose…", value=act.value,
                on_change=lambda value: RuleEditor.set_value(act.number, value), aria_label="With what",
            ),
        ),
        rx.el.span(
            icon_button("arrow-up", "Earlier", size="sm", tip="none", on_click=RuleEditor.move_act(act.number, -1)),
            icon_button("arrow-down", "Later", size="sm", tip="none", on_click=RuleEditor.move_act(act.number, 1)),
            outline_remove("Remove the action", RuleEditor.remove_act(act.number)),
            class_name="hd-rule-tools",
        ),
        depth=0,
        key=RuleEditor.shape.to(str) + "-" + act.number.to(str),
    )  # fmt: skip


def _typed(act: rx.Var[Act], part: str, label: str, value: rx.Var[str], on_blur: Any, **props: Any) -> rx.Component:
    return rx.el.input(
        name="act-" + act.number.to(str) + f"-{part}",
        default_value=value,
        key=RuleEditor.shape.to(str) + act.do.to(str) + part,
        on_blur=lambda typed: on_blur(act.number, typed),
        aria_label=label,
        class_name="hd-input hd-outline-value",
        **props,
    )


def _text(act: rx.Var[Act]) -> rx.Component:
    return rx.el.textarea(
        name="act-" + act.number.to(str) + "-value",
        default_value=act.value,
        key=RuleEditor.shape.to(str) + act.do.to(str),
        on_blur=lambda typed: RuleEditor.set_value(act.number, typed),
        rows="3",
        data_autosize="true",
        placeholder="Hello {{ requester.first_name }}, …",
        aria_label="Text",
        class_name="hd-input hd-textarea hd-outline-value",
    )


def _mail(act: rx.Var[Act]) -> rx.Component:
    return rx.el.div(
        rx.el.datalist(*(rx.el.option(value=one) for one in _RECIPIENTS), id="rule-recipients"),
        _typed(act, "recipient", "To: requester, assignee or an address", act.recipient, RuleEditor.set_recipient, list="rule-recipients", placeholder="requester, assignee or an address"),
        _typed(act, "subject", "Subject", act.subject, RuleEditor.set_subject, placeholder="Subject", max_length=200),
        _text(act),
        class_name="hd-stack hd-gap-1 hd-outline-value",
    )  # fmt: skip


def _notify(act: rx.Var[Act]) -> rx.Component:
    whom = select(
        RuleEditor.targets["notify"],
        value=act.recipient,
        on_change=lambda value: RuleEditor.set_recipient(act.number, value),
        aria_label="Whom",
    )
    # In a box of its own: a select grows along the line it stands in, which here is a column.
    return rx.el.div(rx.el.div(whom), _text(act), class_name="hd-stack hd-gap-1 hd-outline-value")


def _trial() -> rx.Component:
    tried = RuleEditor.tried
    return card(
        stack(
        rx.el.p(
            "What the rule above would have done, saved or not. Tickets are judged as they stand today, with what changed then; "
            "nothing is changed and nobody is written to.",
            class_name="hd-help",
        ),
        rx.el.div(
            select(_DAYS, value=RuleEditor.days, on_change=RuleEditor.choose_days, aria_label="How far back"),
            button("Dry run", icon="flask-conical", on_click=RuleEditor.rehearse, busy=RuleEditor.is_trying),
            class_name="hd-rule-line",
        ),
        rx.cond(
            RuleEditor.has_tried,
            stack(
                rx.el.p(
                    pill(tried.tickets.to(str) + " tickets", "blue"),
                    pill(tried.mails.to(str) + " mails and replies", "gray"),
                    rx.cond(tried.conflicts > 0, pill(tried.conflicts.to(str) + " conflicts", "amber")),
                    rx.el.span("of ", tried.looked_at.to(str), " looked at", rx.cond(tried.is_partial, " (there were more)", ""), class_name="hd-help"),
                    class_name="hd-line hd-gap-2",
                    role="status",
                ),
                rx.cond(
                    tried.failing.length() > 0,
                    rx.el.details(
                        rx.el.summary("What kept the others away", class_name="hd-label"),
                        rx.el.ul(rx.foreach(tried.failing, lambda one: rx.el.li(one[0], ": ", one[1].to(str))), class_name="hd-plain-list"),
                    ),
                ),
                rx.cond(tried.rows.length() > 0, _tickets()),
                gap=3,
            ),
        ), gap=3),
        title="Dry run",
    )  # fmt: skip


def _tickets() -> rx.Component:
    return data_table(
        [Column("Ticket"), Column("When"), Column("It would")],
        rx.foreach(RuleEditor.tried.rows, _ticket),
        label="What the rule would have done",
    )


def _ticket(row: rx.Var[Rehearsed]) -> rx.Component:
    return table_row(
        cell(
            rx.el.div(
                link(row.reference, href="/agent?ticket=" + row.reference.to(str)),
                rx.el.span(row.title, class_name="hd-help"),
                class_name="hd-two-lines",
            ),
            label="Ticket",
        ),
        cell(time_ago(row.at), label="When"),
        cell(
            rx.el.div(
                row.would, rx.cond(row.conflict != "", rx.el.span(row.conflict, class_name="hd-rule-problem")),
                class_name="hd-two-lines",
            ),
            label="It would",
        ),
        key=row.reference,
    )  # fmt: skip


def _end() -> rx.Component:
    return rx.cond(
        RuleEditor.rule_id != 0,
        stack(
            switch(
                "Log why it does not apply", checked=RuleEditor.explains, key=RuleEditor.rule_id.to(str) + "-why",
                on_change=lambda is_on: RuleEditor.explain(RuleEditor.rule_id, is_on),
                help="For a day the log names the condition that kept it away, for each ticket it was asked about.",
            ),
            rx.el.div(link("What it did, and why not", href=LOG + "?rule=" + RuleEditor.rule_id.to(str), class_name="hd-link")),
            _delete(),
            gap=4,
        ),
    )  # fmt: skip


def _delete() -> rx.Component:
    return confirm(
        "Delete “" + RuleEditor.name.to(str) + "”?",
        "Its log goes with it. What it did to tickets stays in their history.",
        confirm_label="Delete",
        on_confirm=RuleEditor.delete,
        trigger=button("Delete this rule…", variant="danger-ghost", icon="trash-2"),
        danger=True,
    )
