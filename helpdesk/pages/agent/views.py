"""The dialogs of views: building one, and arranging all of them."""

from typing import Any

import reflex as rx

from helpdesk.components.base import Choice
from helpdesk.components.button import button, icon_button
from helpdesk.components.dialog import dialog
from helpdesk.components.filters import chooser
from helpdesk.components.form import checkbox, described, field, form_error, select, text_field
from helpdesk.components.icons import icon
from helpdesk.components.outline import outline, outline_line, outline_remove
from helpdesk.domain.conditions import FIELDS, OPERATOR_LABELS, Field, Match, Operator, operators
from helpdesk.domain.views import COLUMNS
from helpdesk.services.tickets import ViewCount
from helpdesk.state.agent.builder import Builder
from helpdesk.state.agent.queue import SORTS, Queue
from helpdesk.state.outline import Line

FORM = "view-builder"
_ME, _NONE = Choice("me", "Me"), Choice("none", "None")
_STAGES = [Choice("new", "New"), Choice("open", "Open"), Choice("pending", "Waiting"), Choice("resolved", "Resolved"), Choice("closed", "Closed")]  # fmt: skip
_SLA = [Choice("ok", "On time"), Choice("at_risk", "At risk"), Choice("breached", "Breached"), Choice("paused", "Paused"), Choice("met", "Met"), Choice("none", "None")]  # fmt: skip
_YES_NO = [Choice("yes", "Yes"), Choice("no", "No")]
# Field -> fixed choices, and the page's own.
_CHOICES: dict[Field, tuple[list[Choice], Any]] = {
    Field.STATUS: ([], Queue.status_choices),
    Field.STATUS_CATEGORY: (_STAGES, None),
    Field.PRIORITY: ([], Queue.priority_choices),
    Field.CATEGORY: ([_NONE], Queue.topic_choices),
    Field.ASSIGNEE: ([_ME, _NONE], Queue.assignee_choices),
    Field.TEAM: ([Choice("me", "Mine"), _NONE], Queue.team_choices),
    Field.TAG: ([_NONE], Queue.tag_choices),
    Field.COMPANY: ([_NONE], Queue.company_choices),
    Field.CHANNEL: ([], Queue.channel_choices),
    Field.SLA: (_SLA, None),
    **dict.fromkeys((Field.SNOOZED, Field.ANSWERED, Field.HAS_DUE, Field.ATTACHED), (_YES_NO, None)),
}

# What no line of these is about is one of the organization's own fields.
_OFFERED = tuple(one for one, facts in FIELDS.items() if facts.in_views and one is not Field.CUSTOM)


def builder_dialog() -> rx.Component:
    """Build a view: conditions, order, columns, name; says how many tickets it shows."""
    return dialog(
        rx.cond(Builder.slug != "", "Edit the view", "New view"),
        rx.el.form(
            form_error(Builder.errors.get("where", "")),
            outline(rx.foreach(Builder.lines, _line), label="Conditions"),
            rx.el.div(
                field(
                    "Sort by",
                    select(
                        [Choice(sort.value, label) for sort, label in SORTS],
                        value=Builder.sort,
                        on_change=Builder.order,
                        **described("view-sort"),
                    ),
                    id="view-sort",
                ),
                text_field(
                    "Name",
                    name="name",
                    id="view-name",
                    default_value=Builder.name,
                    on_blur=Builder.rename,
                    key=Builder.slug,
                    max_length=60,
                    auto_complete="off",
                    error=Builder.errors.get("name", ""),
                ),
                class_name="hd-grid hd-grid-2 hd-gap-4",
            ),
            rx.el.details(
                rx.el.summary("Columns in the table", class_name="hd-label"),
                rx.el.div(
                    *(
                        checkbox(
                            label,
                            checked=Builder.columns.contains(key),
                            on_change=lambda _, key=key: Builder.toggle_column(key),
                        )
                        for key, label in COLUMNS.items()
                    ),
                    class_name="hd-view-columns",
                ),
            ),
            rx.cond(
                Queue.may_share,
                checkbox(
                    "Share with my colleagues",
                    name="shared",
                    default_checked=Builder.is_shared,
                    key=Builder.slug + "-shared",
                ),
            ),
            id=FORM,
            on_submit=Builder.save,
            class_name="hd-stack hd-gap-4",
        ),
        text=rx.cond(
            Builder.note != "",
            Builder.note,
            rx.cond(Builder.count >= 1000, "Matches now: 999+", f"Matches now: {Builder.count}"),
        ),
        open=Builder.is_open,
        on_open_change=Builder.set_open,
        actions=[
            rx.cond(
                Builder.may_change,
                button("Delete", variant="danger-ghost", on_click=Builder.delete(Builder.slug)),
            ),
            rx.el.span(class_name="grow"),
            button("Show without saving", variant="ghost", on_click=Builder.show, disabled=Builder.note != ""),
            rx.cond(
                Builder.may_change,
                button("Save as new", variant="ghost", on_click=Builder.save_as, disabled=Builder.note != ""),
            ),
            rx.cond(
                Builder.may_change,
                button("Save", variant="primary", type="submit", form=FORM, disabled=Builder.note != ""),
                button("Save as view", variant="primary", type="submit", form=FORM, disabled=Builder.note != ""),
            ),
        ],
        width="lg",
    )


def _line(line: rx.Var[Line]) -> rx.Component:
    return rx.cond(
        line.is_group,
        outline_line(
            select(
                [Choice(Match.ALL.value, "All of these hold"), Choice(Match.ANY.value, "Any of these holds")],
                value=line.match,
                on_change=lambda value: Builder.set_match(line.number, value),
                aria_label="Which of the conditions must hold",
            ),
            icon_button("plus", "Add a condition", size="sm", on_click=Builder.add(line.number)),
            rx.cond(
                line.depth < 2,
                icon_button("list-tree", "Add a group", size="sm", on_click=Builder.add_group(line.number)),
            ),
            rx.cond(line.number > 0, outline_remove("Remove the group", Builder.remove(line.number))),
            depth=line.depth,
            key=line.number,
        ),
        outline_line(
            select(
                Queue.field_choices,
                value=line.field,
                on_change=lambda value: Builder.set_field(line.number, value),
                aria_label="Field",
            ),
            rx.match(
                line.field,
                *((one.value, _operators(line, one)) for one in _OFFERED),
                _operators(line, Field.CUSTOM),
            ),
            _value(line),
            outline_remove("Remove the condition", Builder.remove(line.number)),
            depth=line.depth,
            key=line.number,
        ),
    )


def _operators(line: rx.Var[Line], about: Field) -> rx.Component:
    labels = {Operator.LAST: "in the last days", Operator.NEXT: "in the next days"}
    return select(
        [Choice(one.value, labels.get(one, OPERATOR_LABELS[one])) for one in operators(about)],
        value=line.operator,
        on_change=lambda value: Builder.set_operator(line.number, value),
        aria_label="Comparison",
    )


def _value(line: rx.Var[Line]) -> rx.Component:
    def typed(kind: str, label: str, **props: object) -> rx.Component:
        return rx.el.input(
            type=kind,
            default_value=line.text,
            key=line.field.to(str) + line.input.to(str),
            on_change=lambda value: Builder.write(line.number, value).debounce(300),
            aria_label=label,
            class_name="hd-input hd-outline-value",
            **props,
        )

    menus = (
        (
            one.value,
            chooser(
                line.text,
                fixed,
                options,
                chosen=line.picked,
                on_toggle=lambda value: Builder.choose(line.number, value),
            ),
        )
        for one, (fixed, options) in _CHOICES.items()
    )
    return rx.match(
        line.input,
        ("date", typed("date", "Day")),
        ("days", typed("number", "Days", min="1", max="3650", placeholder="7")),
        ("text", typed("text", "Words", placeholder="Words of the subject", max_length=100)),
        ("words", typed("text", "Value", max_length=200)),
        ("person", _person(line)),
        rx.match(line.field, *menus, rx.fragment()),
    )


def _person(line: rx.Var[Line]) -> rx.Component:
    return chooser(
        line.text,
        [_ME],
        Builder.found,
        chosen=line.picked,
        on_toggle=lambda value: Builder.choose(line.number, value),
        on_find=Builder.look_for.debounce(250),
    )


def arrange_dialog() -> rx.Component:
    """Every view: its place, whether it is in the rail, which one opens first, and the way to change it."""
    return dialog(
        "Views",
        rx.el.ul(rx.foreach(Queue.views, _arranged), aria_label="All views", class_name="hd-arrange"),
        text="Your order and pins are yours alone. Shared views are the same for everybody.",
        open=Builder.is_arranging,
        on_open_change=Builder.set_arranging,
        actions=[button("New view", icon="plus", variant="primary", on_click=Builder.start_anew)],
        width="md",
    )


def _arranged(view: rx.Var[ViewCount]) -> rx.Component:
    name = view.label.to(str)
    return rx.el.li(
        rx.el.span(view.label, class_name="grow truncate"),
        rx.cond(view.is_shared, icon("users-round", size=14)),
        icon_button("arrow-up", "Move " + name + " up", size="sm", tip="none", on_click=Builder.move(view.slug, -1)),
        icon_button("arrow-down", "Move " + name + " down", size="sm", tip="none", on_click=Builder.move(view.slug, 1)),
        _switch("star", "Open first: " + name, view.is_default, Builder.make_default(view.slug)),
        _switch("pin", "In the rail: " + name, view.is_pinned, Builder.pin(view.slug, ~view.is_pinned)),
        rx.cond(
            view.may_change,
            icon_button("pencil", "Edit " + name, size="sm", tip="none", on_click=Builder.edit(view.slug)),
            rx.el.span(class_name="hd-arrange-gap"),
        ),
        key=view.slug,
        class_name="hd-arrange-line",
    )


def _switch(shape: str, label: rx.Var[str], on: rx.Var[bool], on_click: object) -> rx.Component:
    return rx.el.button(
        icon(shape, size=14),
        type="button",
        aria_label=label,
        aria_pressed=rx.cond(on, "true", "false"),
        on_click=on_click,
        class_name="hd-btn hd-btn-icon hd-btn-ghost hd-btn-sm hd-toggle",
    )
