"""The builder of conditions in an editor: lines under "all of these" and "any of these", changed where they stand."""

import reflex as rx

from helpdesk.components.base import Choice, Text
from helpdesk.components.button import icon_button
from helpdesk.components.filters import chooser
from helpdesk.components.form import select
from helpdesk.components.outline import outline, outline_line, outline_remove
from helpdesk.domain.conditions import Match
from helpdesk.state.admin.conditions import Conditions
from helpdesk.state.outline import Line

Editor = type[Conditions]


def conditions(editor: Editor) -> rx.Component:
    """The lines of an editor's state."""
    return outline(rx.foreach(editor.lines, lambda line: _line(editor, line)), label="Conditions")


def conditions_told(sentence: Text, matches: Text, note: Text, without: str) -> rx.Component:
    """The same as a sentence, how many tickets it is for now, or what is still missing; `without`: nothing is asked."""
    return rx.el.p(
        rx.cond(
            note != "",
            note,
            rx.fragment(
                rx.cond(sentence != "", sentence, without), ".",
                rx.cond(matches != "", rx.fragment(" Matches now: ", rx.el.strong(matches), "."),),
            ),
        ),
        aria_live="polite",
        class_name="hd-help",
    )  # fmt: skip


def _line(editor: Editor, line: rx.Var[Line]) -> rx.Component:
    key = editor.shape.to(str) + "-" + line.number.to(str)
    head = outline_line(
        select(
            [Choice(Match.ALL.value, "All of these hold"), Choice(Match.ANY.value, "Any of these holds")],
            value=line.match,
            on_change=lambda value: editor.set_match(line.number, value),
            aria_label="Which of the conditions must hold",
        ),
        icon_button("plus", "Add a condition", size="sm", on_click=editor.add(line.number)),
        rx.cond(
            line.depth < 2,
            icon_button("list-tree", "Add a group", size="sm", on_click=editor.add_group(line.number)),
        ),
        rx.cond(line.number > 0, outline_remove("Remove the group", editor.remove(line.number))),
        depth=line.depth,
        key=key,
    )
    condition = outline_line(
        select(
            editor.askable,
            value=line.field,
            on_change=lambda value: editor.set_field(line.number, value),
            aria_label="Field",
        ),
        select(
            editor.operators[line.field],
            value=line.operator,
            on_change=lambda value: editor.set_operator(line.number, value),
            aria_label="Comparison",
        ),
        rx.cond(line.operator == "changed", _changed(editor, line), _value(editor, line)),
        outline_remove("Remove the condition", editor.remove(line.number)),
        depth=line.depth,
        key=key,
    )
    return rx.cond(line.is_group, head, condition)


def _changed(editor: Editor, line: rx.Var[Line]) -> rx.Component:
    return chooser(
        line.text,
        [Choice("yes", "Yes"), Choice("no", "No")],
        None,
        chosen=line.picked,
        on_toggle=lambda value: editor.choose(line.number, value),
    )


def _value(editor: Editor, line: rx.Var[Line]) -> rx.Component:
    def typed(kind: str, label: str, **props: object) -> rx.Component:
        return rx.el.input(
            type=kind,
            name="line-" + line.number.to(str),
            default_value=line.text,
            key=editor.shape.to(str) + line.field.to(str) + line.input.to(str),
            on_blur=lambda value: editor.write(line.number, value),
            aria_label=label,
            class_name="hd-input hd-outline-value",
            **props,
        )

    return rx.match(
        line.input,
        ("date", typed("date", "Day")),
        ("days", typed("number", "Days", min="1", max="3650", placeholder="7")),
        ("text", typed("text", "Words", placeholder="Words, each as it begins", max_length=100)),
        ("words", typed("text", "Value", max_length=200)),
        (
            "person",
            chooser(
                line.text,
                [],
                editor.found,
                chosen=line.picked,
                on_toggle=lambda value: editor.choose(line.number, value),
                on_find=editor.look_for.debounce(250),
            ),
        ),
        chooser(
            line.text,
            [],
            editor.options[line.field],
            chosen=line.picked,
            on_toggle=lambda value: editor.choose(line.number, value),
        ),
    )
