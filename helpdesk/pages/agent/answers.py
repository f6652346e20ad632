"""The picker of articles: what may answer the ticket first, anything else by its words."""

import reflex as rx

from helpdesk.components.button import button, icon_button
from helpdesk.components.dialog import dialog
from helpdesk.components.feedback import empty_state
from helpdesk.services.knowledge import Suggestion
from helpdesk.state.agent.answers import ArticlePicker


def article_button() -> rx.Component:
    """The book in the composer."""
    return icon_button("book-open", "Insert an article", tip="top", on_click=ArticlePicker.open)


def article_dialog() -> rx.Component:
    """Look, and press one."""
    return dialog(
        "Insert an article",
        rx.el.div(
            rx.el.input(
                type="search", placeholder="Find an article", aria_label="Find an article", auto_focus=True, auto_complete="off",
                on_change=ArticlePicker.find.debounce(150), class_name="hd-input",
            ),
            rx.cond(ArticlePicker.fits, rx.el.p("May answer this ticket", class_name="hd-overline")),
            rx.cond(
                ArticlePicker.rows.length() > 0,
                rx.el.ul(
                    rx.foreach(ArticlePicker.rows, _row), aria_label="Articles", aria_live="polite",
                    class_name="hd-macro-list hd-answer-list",
                ),
                empty_state("No article", "There is no published one with these words.", icon="book-open", compact=True),
            ),
            class_name="hd-stack hd-gap-3",
        ),
        open=ArticlePicker.is_open,
        on_open_change=ArticlePicker.set_open,
        actions=[button("Write an article", variant="ghost", href="/agent/articles/new"), rx.el.span(class_name="grow")],
        width="lg",
    )  # fmt: skip


def _row(row: rx.Var[Suggestion]) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            rx.el.span(row.title, class_name="block truncate font-medium"),
            rx.el.span(row.summary, class_name="block truncate hd-help"),
            type="button",
            on_click=ArticlePicker.insert(row.id),
            class_name="hd-macro",
        ),
        key=row.id.to(str),
    )
