"""What several pages of the portal show alike."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from helpdesk.components.badge import status_badge
from helpdesk.components.base import Text, call_js, link
from helpdesk.components.feedback import skeleton
from helpdesk.components.icons import icon
from helpdesk.components.times import time_ago
from helpdesk.services.attachments import AttachmentRow
from helpdesk.services.knowledge import Suggestion
from helpdesk.services.tickets import CategoryCard, TicketRow

_SIZE = "(n) => n < 1024 ? n + ' B' : n < 1048576 ? Math.round(n / 1024) + ' KB' : (n / 1048576).toFixed(1) + ' MB'"


def request_list(rows: rx.Var[list[TicketRow]], *, label: str, show_requester: bool = False) -> rx.Component:
    """Requests as lines to open; j and k move, Enter opens."""
    return rx.el.ul(
        rx.foreach(rows, _line_for(show_requester=show_requester)),
        aria_label=label,
        data_nav_list="true",
        class_name="hd-list",
    )


def _line_for(*, show_requester: bool) -> Callable[[rx.Var[TicketRow]], rx.Component]:
    def line(row: rx.Var[TicketRow]) -> rx.Component:
        return rx.el.li(
            link(
                rx.el.div(
                    rx.el.div(row.title, class_name="hd-list-title"),
                    rx.el.div(
                        rx.el.span(row.reference, class_name="tabular-nums"),
                        rx.el.span(row.requester) if show_requester else rx.fragment(),
                        time_ago(row.updated_at, form="long"),
                        class_name="hd-list-detail hd-dotted",
                    ),
                    class_name="min-w-0 grow",
                ),
                status_badge(row.status, row.status_colour),
                icon("chevron-right", class_name="hd-list-arrow"),
                href="/requests/" + row.reference.to(str),
                data_nav_item="true",
                class_name="hd-list-link",
            ),
            key=row.reference,
        )

    return line


def skeleton_list(lines: int = 3) -> rx.Component:
    """Requests that are on their way."""
    return rx.el.div(
        rx.el.span("Loading", class_name="sr-only"),
        *(
            rx.el.div(
                rx.el.div(skeleton("h-4 w-3/5"), skeleton("h-3 w-2/5 mt-2"), class_name="grow"),
                skeleton("h-6 w-24"),
                class_name="hd-list-link",
            )
            for _ in range(lines)
        ),
        role="status",
        aria_busy=True,
    )


def category_cards(cards: rx.Var[list[CategoryCard]], *, error: Text, on_choose: Any = None) -> rx.Component:
    """The first question of a request: what it is about."""
    return rx.cond(
        cards.length() > 0,
        rx.el.fieldset(
            rx.el.legend("What is it about?", class_name="hd-label"),
            rx.el.div(rx.foreach(cards, lambda card: _card(card, on_choose)), class_name="hd-radio-cards"),
            rx.el.div(
                rx.cond(error, rx.el.p(icon("circle-alert", size=14), rx.el.span(error), class_name="hd-error")),
                id="category-error",
                aria_live="polite",
            ),
            aria_describedby="category-error",
            class_name="hd-field",
        ),
    )


def _card(card: rx.Var[CategoryCard], on_choose: Any) -> rx.Component:
    chosen = {} if on_choose is None else {"on_change": on_choose(card.value)}
    return rx.el.label(
        rx.el.input(type="radio", name="category", value=card.value, required=True, class_name="hd-radio", **chosen),
        rx.el.span(
            rx.el.span(card.label, class_name="font-medium block"),
            rx.cond(card.hint != "", rx.el.span(card.hint, class_name="hd-help block")),
        ),
        key=card.value,
        class_name="hd-radio-card",
    )


def answers(rows: rx.Var[list[Suggestion]], *, title: str = "These may help at once") -> rx.Component:
    """Articles that may answer what is being asked; they open beside, so that nothing typed is lost."""
    return rx.el.div(
        rx.cond(
            rows.length() > 0,
            rx.el.div(
                rx.el.p(title, class_name="hd-label"),
                rx.el.ul(
                    rx.foreach(
                        rows,
                        lambda row: rx.el.li(
                            link(
                                rx.el.span(row.title, class_name="hd-link block"),
                                rx.el.span(row.summary, class_name="hd-help block truncate"),
                                href="/help/" + row.slug.to(str),
                                target="_blank",
                                class_name="block min-w-0",
                            ),
                            key=row.slug,
                        ),
                    ),
                    class_name="hd-recent",
                ),
                class_name="hd-alike",
            ),
        ),
        aria_live="polite",
    )


def file_size(file: rx.Var[AttachmentRow]) -> rx.Var[str]:
    """A file's size in words."""
    return call_js(_SIZE, file.size.to(str))


def next_steps(*steps: rx.Component | str) -> rx.Component:
    """What happens next, in order."""
    return rx.el.ol(*(rx.el.li(rx.el.span(step)) for step in steps), class_name="hd-next")
