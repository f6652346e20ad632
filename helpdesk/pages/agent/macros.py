"""The picker of macros: names on the left, and on the right the text and every field the chosen one will change."""

import reflex as rx

from helpdesk.components.button import button, icon_button
from helpdesk.components.dialog import dialog
from helpdesk.components.feedback import empty_state
from helpdesk.services.macros import Change, MacroRow
from helpdesk.state.agent.macros import MacroPicker

_FORM = "macro-picker"


def macro_button() -> rx.Component:
    """The lightning in the composer; m and / press it."""
    return icon_button("zap", "Macro", hotkey="m", tip="top", data_macros="true", on_click=MacroPicker.open)


def macro_dialog() -> rx.Component:
    """Choose, look, apply."""
    chosen = MacroPicker.chosen
    return dialog(
        "Apply a macro",
        rx.el.form(
            rx.el.input(
                type="search", placeholder="Find a macro", aria_label="Find a macro", auto_focus=True, auto_complete="off",
                on_change=MacroPicker.find.debounce(150), class_name="hd-input",
            ),
            rx.cond(
                MacroPicker.rows.length() > 0,
                rx.el.div(
                    rx.el.ul(rx.foreach(MacroPicker.rows, _row), aria_label="Macros", class_name="hd-macro-list"),
                    rx.el.div(
                        rx.cond(
                            MacroPicker.for_selection,
                            rx.el.p(rx.cond(MacroPicker.does != "", MacroPicker.does, "Changes nothing.")),
                            rx.cond(
                                chosen.changes.length() > 0,
                                rx.el.ul(rx.foreach(chosen.changes, _change), aria_label="What it changes", class_name="hd-before-after"),
                                rx.el.p("Changes nothing on this ticket.", class_name="hd-help"),
                            ),
                        ),
                        rx.cond(
                            chosen.text != "",
                            rx.el.div(
                                rx.el.p(
                                    rx.cond(
                                        MacroPicker.for_selection,
                                        "Is sent to the requester of every ticket. That cannot be taken back; the changes can.",
                                        "Goes into your answer; you send it.",
                                    ),
                                    class_name="hd-help",
                                ),
                                rx.el.div(chosen.text, class_name="hd-macro-text"),
                                class_name="hd-stack hd-gap-1",
                            ),
                        ),
                        aria_live="polite",
                        class_name="hd-macro-preview",
                    ),
                    class_name="hd-macros",
                ),
                empty_state("No macro", "There is none, or none with these words.", icon="zap"),
            ),
            id=_FORM,
            on_submit=MacroPicker.apply,
            class_name="hd-stack hd-gap-3",
        ),
        open=MacroPicker.is_open,
        on_open_change=MacroPicker.set_open,
        actions=[
            button("Manage macros", variant="ghost", href="/admin/macros"),
            rx.el.span(class_name="grow"),
            button(
                rx.cond(
                    MacroPicker.for_selection,
                    rx.cond(MacroPicker.number > 0, "Apply to " + MacroPicker.number.to(str), "Apply to all in this view"),
                    "Apply",
                ),
                variant="primary", type="submit", form=_FORM, disabled=chosen.id == 0,
            ),
        ],
        width="lg",
    )  # fmt: skip


def _row(row: rx.Var[MacroRow]) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            rx.el.span(row.name, class_name="block truncate font-medium"),
            rx.el.span(rx.cond(row.does != "", row.does, row.says), class_name="block truncate hd-help"),
            type="button",
            aria_current=rx.cond(MacroPicker.chosen.id == row.id, "true", "false"),
            on_click=MacroPicker.choose(row.id),
            on_focus=MacroPicker.choose(row.id),
            class_name="hd-macro",
        ),
        key=row.id.to(str),
    )


def _change(one: rx.Var[Change]) -> rx.Component:
    return rx.el.li(
        rx.el.span(one.field, ": ", class_name="hd-help"),
        rx.el.del_(one.before),
        " → ",
        rx.el.ins(one.after),
        key=one.field,
    )
