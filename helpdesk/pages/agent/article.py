"""Writing an article: the text on the left, what it will look like on the right."""

import reflex as rx

from helpdesk.components.base import link
from helpdesk.components.button import button
from helpdesk.components.feedback import empty_state, error_state, skeleton
from helpdesk.components.form import form_actions, hidden, select_field, text_field, textarea_field
from helpdesk.components.icons import icon
from helpdesk.components.layout import breadcrumbs, card, page_header, stack
from helpdesk.components.menu import menu, menu_item
from helpdesk.components.thread import prose
from helpdesk.components.times import time_ago
from helpdesk.domain.articles import TITLE_LENGTH
from helpdesk.pages.agent.articles import state_pill
from helpdesk.pages.layout import agent_page
from helpdesk.state.agent.article import ArticleEditor
from helpdesk.state.agent.articles import HOME

_FORM = "article"
A = ArticleEditor.article


@agent_page(route=f"{HOME}/[article]", title=ArticleEditor.title, on_load=ArticleEditor.load, active="knowledge")
def article() -> rx.Component:
    """The page."""
    return rx.el.div(
        rx.el.div(
            rx.cond(
                ArticleEditor.is_loading,
                card(skeleton("h-8 w-2/3"), skeleton("h-40 w-full mt-6")),
                rx.match(
                    ArticleEditor.problem,
                    ("", rx.fragment(_head(), _form())),
                    (
                        "missing",
                        empty_state(
                            "There is no such article",
                            "It may have another address.",
                            icon="book-x",
                            action=button("All articles", href=HOME),
                        ),
                    ),
                    error_state(on_retry=ArticleEditor.load),
                ),
            ),
            class_name="hd-page",
        ),
        class_name="hd-scroll",
    )


def _head() -> rx.Component:
    return page_header(
        rx.cond(A.id > 0, A.title, "New article"),
        rx.cond(
            A.state == "published",
            link(icon("external-link"), "See it", href="/help/" + A.slug.to(str), class_name="hd-btn hd-btn-ghost hd-btn-md"),
        ),
        rx.cond(A.id > 0, _more()),
        crumbs=breadcrumbs(("Knowledge", HOME), (rx.cond(A.id > 0, A.title, "New article"), "")),
        meta=rx.cond(
            A.id > 0,
            rx.el.p(
                rx.el.span(state_pill(A.state)),
                rx.el.span("/help/", A.slug),
                rx.el.span("changed ", time_ago(A.updated_at, form="long")),
                rx.cond(A.author != "", rx.el.span("by ", A.author)),
                rx.cond(A.helpful + A.unhelpful > 0, rx.el.span("helped ", A.helpful, " of ", A.helpful + A.unhelpful)),
                class_name="hd-dotted hd-meta",
            ),
        ),
    )  # fmt: skip


def _more() -> rx.Component:
    trigger = rx.el.button("More", icon("chevron-down"), type="button", class_name="hd-btn hd-btn-secondary hd-btn-md")
    draft = menu_item("Make it a draft again", icon="pencil", on_click=ArticleEditor.move(A.id, "draft"))
    archive = menu_item("Archive", icon="archive", on_click=ArticleEditor.move(A.id, "archived"))
    return menu(
        trigger,
        rx.cond(A.state != "draft", draft),
        rx.cond(A.state != "archived", archive),
        align="end",
    )


def _form() -> rx.Component:
    errors = ArticleEditor.errors
    return rx.el.form(
        hidden("article_id", A.id.to(str)),
        hidden("seen", A.updated_at),
        rx.el.input(type="hidden", name="then", data_then="true"),
        rx.el.div(
            stack(
                text_field(
                    "Title", name="title", default_value=A.title, required=True, max_length=TITLE_LENGTH, auto_complete="off",
                    placeholder="How do I reset my password?", help="The question as your customers would ask it.",
                    error=errors["title"],
                ),
                select_field(
                    "Category", ArticleEditor.categories, name="category_id", default_value=A.category_id.to(str),
                    placeholder="None", error=errors["category"],
                ),
                textarea_field(
                    "Text", name="body", rows=16, default_value=A.body, required=True,
                    on_change=ArticleEditor.look.debounce(300), error=errors["body"],
                    help="Markdown: **bold**, # heading, - list, 1. steps, [words](address).",
                ),
                gap=5,
                class_name="min-w-0",
            ),
            rx.el.section(
                rx.el.h2("Preview", class_name="hd-overline"),
                rx.cond(
                    ArticleEditor.html != "",
                    prose(ArticleEditor.html),
                    rx.el.p("What you write appears here as customers will read it.", class_name="hd-help"),
                ),
                aria_label="Preview",
                class_name="hd-card hd-article-preview",
            ),
            class_name="hd-article-desk",
        ),
        form_actions(
            button("Cancel", type="button", data_leaves="true", href=HOME),
            rx.cond(
                A.state == "published",
                button("Save", variant="primary", type="submit"),
                button(rx.cond(A.state == "archived", "Save", "Save draft"), type="submit"),
            ),
            rx.cond(
                A.state == "published",
                rx.fragment(),
                button(
                    "Publish", variant="primary", type="button", icon="send", data_submit_as="publish", data_submit_form=_FORM,
                ),
            ),
        ),
        id=_FORM,
        key=ArticleEditor.version.to(str),
        on_submit=ArticleEditor.save,
        data_guard="true",
        class_name="hd-form",
    )  # fmt: skip
