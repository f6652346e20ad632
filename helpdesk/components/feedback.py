"""What a page says when it has nothing, has trouble, or is not there yet."""

from typing import Any, Literal

import reflex as rx
from reflex_components_sonner.toast import ToastAction

from helpdesk.components.base import Child, Flag, Text, classes, shown
from helpdesk.components.button import button
from helpdesk.components.icons import icon as draw


def empty_state(
    title: Text, text: Text = "", *, icon: str = "inbox", action: rx.Component | None = None, compact: bool = False
) -> rx.Component:
    """Nothing here: why, and what to do next."""
    return rx.el.div(
        rx.el.div(draw(icon, size=20), class_name="hd-empty-icon"),
        rx.el.p(title, class_name="hd-empty-title"),
        shown(text, rx.el.p(text, class_name="hd-empty-text")),
        action if action is not None else rx.fragment(),
        class_name=classes("hd-empty", "hd-empty-compact" if compact else ""),
    )


def error_state(
    text: Text = "Something went wrong on our side.", *, on_retry: Any = None, title: Text = "This did not load"
) -> rx.Component:
    """It failed: say so, offer to try again."""
    retry = button("Try again", icon="rotate-cw", on_click=on_retry) if on_retry is not None else rx.fragment()
    return rx.el.div(
        rx.el.div(draw("triangle-alert", size=20), class_name="hd-empty-icon tone-red"),
        rx.el.p(title, class_name="hd-empty-title"),
        rx.el.p(text, class_name="hd-empty-text"),
        retry,
        role="alert",
        class_name="hd-empty",
    )


def banner(
    text: Child,
    *,
    tone: Literal["blue", "amber", "red", "green", "gray"] = "blue",
    icon: str = "info",
    action: rx.Component | None = None,
    visible: Flag = True,
) -> rx.Component:
    """A line across the page that stays while it is true: live updates paused, out of hours."""
    return shown(
        visible,
        rx.el.div(
            draw(icon, size=16),
            rx.el.div(text, class_name="grow"),
            action if action is not None else rx.fragment(),
            role="status",
            class_name=f"hd-banner tone-{tone}",
        ),
    )


def skeleton(class_name: str = "") -> rx.Component:
    """One grey shape with the measures of what will stand there."""
    return rx.el.div(class_name=classes("hd-skeleton", class_name))


def skeleton_rows(rows: int = 8) -> rx.Component:
    """A list that is on its way."""
    return _waiting(*(_skeleton_row() for _ in range(rows)), class_name="hd-rows")


def skeleton_cards(cards: int = 5) -> rx.Component:
    """Stat cards that are on their way."""
    return _waiting(
        *(
            rx.el.div(
                skeleton("h-3 w-20"), skeleton("h-7 w-16 mt-3"), skeleton("h-3 w-28 mt-3"), class_name="hd-card p-4"
            )
            for _ in range(cards)
        ),
        class_name="hd-stats",
    )


def skeleton_thread() -> rx.Component:
    """A conversation that is on its way."""
    return _waiting(
        *(
            rx.el.div(
                skeleton("hd-skeleton-face"),
                rx.el.div(
                    skeleton("h-3 w-32"), skeleton("h-3 w-full mt-3"), skeleton(f"h-3 {last} mt-2"), class_name="grow"
                ),
                class_name="flex gap-3 p-4",
            )
            for last in ("w-3/4", "w-1/2", "w-2/3")
        )
    )


def skeleton_table(rows: int = 6, columns: int = 5) -> rx.Component:
    """A table that is on its way."""
    return _waiting(
        *(
            rx.el.div(*(skeleton("h-3 grow") for _ in range(columns)), class_name="flex gap-6 px-4 py-4 hd-line-below")
            for _ in range(rows)
        ),
        class_name="hd-card",
    )


def marked(pieces: rx.Var[list[str]]) -> rx.Component:
    """A text with its hits marked: pieces, plain and hit in turn (domain/marks.py). Never HTML."""
    return rx.fragment(
        rx.foreach(pieces, lambda piece, number: rx.cond(number % 2 == 1, rx.el.mark(piece), rx.el.span(piece)))
    )


def toast_done(text: Text, **props: Any) -> rx.event.EventSpec:
    """It worked; returned from a handler."""
    return rx.toast.success(text, **props)


def toast_failed(text: Text, **props: Any) -> rx.event.EventSpec:
    """It did not work; returned from a handler. Stays longer: people need time to read why."""
    return rx.toast.error(text, duration=8000, **props)


def toast_undo(text: Text, *, on_undo: Any, seconds: int = 10, **props: Any) -> rx.event.EventSpec:
    """It worked, and can be taken back for a while."""
    return rx.toast(text, duration=seconds * 1000, action=ToastAction(label="Undo", on_click=on_undo), **props)


def _skeleton_row() -> rx.Component:
    return rx.el.div(
        skeleton("hd-skeleton-face"),
        rx.el.div(skeleton("h-3 w-2/5"), skeleton("h-3 w-4/5 mt-2"), skeleton("h-3 w-3/5 mt-2"), class_name="grow"),
        class_name="flex gap-3 px-3 py-3 hd-line-below",
    )


def _waiting(*children: rx.Component, class_name: str = "") -> rx.Component:
    return rx.el.div(
        rx.el.span("Loading", class_name="sr-only"), *children, role="status", aria_busy=True, class_name=class_name
    )
