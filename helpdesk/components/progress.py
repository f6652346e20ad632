"""Where a request stands, and how good the help was."""

from typing import Any

import reflex as rx

from helpdesk.components.base import Choice, Number, Text, shown
from helpdesk.components.icons import icon as draw

PORTAL_STEPS = ["Received", "In progress", "Waiting for you", "Resolved"]


def status_stepper(current: Number, *, steps: list[str] | None = None, text: Text = "") -> rx.Component:
    """The way of a request; `current` counts from 0. Steps before it are done."""
    names = PORTAL_STEPS if steps is None else steps
    return rx.el.div(
        rx.el.ol(*(_step(index, name, current) for index, name in enumerate(names)), class_name="hd-steps"),
        shown(text, rx.el.p(text, class_name="hd-steps-text")),
    )


def _step(index: int, name: str, current: Number) -> rx.Component:
    if isinstance(current, rx.Var):
        state: Any = rx.cond(current > index, "done", rx.cond(current == index, "here", "ahead"))
        here: Any = rx.cond(current == index, "step", "false")
    else:
        state = "done" if current > index else "here" if current == index else "ahead"
        here = "step" if current == index else "false"
    return rx.el.li(
        rx.el.span(draw("check", size=12), class_name="hd-step-mark"),
        rx.el.span(name, class_name="hd-step-name"),
        data_state=state,
        aria_current=here,
        class_name="hd-step",
    )


RATINGS = [
    Choice("1", "Bad"),
    Choice("2", "Not good"),
    Choice("3", "Okay"),
    Choice("4", "Good"),
    Choice("5", "Great"),
]


def star_rating(
    *, name: str = "score", value: Text = "", legend: Text = "How was our help?", **props: Any
) -> rx.Component:
    """One to five stars as radios: arrows move, the word under them says what they mean. Lives in a form."""
    stars = (
        rx.el.label(
            rx.el.input(
                type="radio",
                name=name,
                value=each.value,
                default_checked=value == each.value,
                required=True,
                aria_label=f"{each.value}: {each.label}",
                class_name="sr-only",
                **props,
            ),
            draw("star", size=28),
            rx.el.span(each.label, aria_hidden="true", class_name="hd-star-word"),
            class_name="hd-star",
        )
        for each in RATINGS
    )
    return rx.el.fieldset(rx.el.legend(legend, class_name="hd-label"), rx.el.div(*stars, class_name="hd-stars"))


THUMBS = [("5", "Good", "thumbs-up"), ("1", "Not good", "thumbs-down")]


def thumbs_rating(
    *, name: str = "score", value: Text = "", legend: Text = "How was our help?", **props: Any
) -> rx.Component:
    """Good or not, as two radios that are kept as five and one. Lives in a form."""
    thumbs = (
        rx.el.label(
            rx.el.input(
                type="radio",
                name=name,
                value=score,
                default_checked=value == score,
                required=True,
                class_name="sr-only",
                **props,
            ),
            draw(shape, size=22),
            rx.el.span(label),
            class_name="hd-thumb",
        )
        for score, label, shape in THUMBS
    )
    return rx.el.fieldset(rx.el.legend(legend, class_name="hd-label"), rx.el.div(*thumbs, class_name="hd-thumbs"))


def rating_choice(
    *, style: Text, name: str = "score", value: Text = "", legend: Text = "How was our help?", **props: Any
) -> rx.Component:
    """Stars or thumbs, whichever the organization asks by."""
    return shown(
        style == "thumbs",
        thumbs_rating(name=name, value=value, legend=legend, **props),
        star_rating(name=name, value=value, legend=legend, **props),
    )


def rating_shown(score: Number, *, style: Text = "stars") -> rx.Component:
    """A rating that was given, as stars or as a thumb."""
    good = rx.el.span(draw("thumbs-up", size=16), "Good", class_name="hd-inline")
    bad = rx.el.span(draw("thumbs-down", size=16), "Not good", class_name="hd-inline")
    return shown(style == "thumbs", shown(score > 3, good, bad), stars_shown(score))


def stars_shown(score: Number) -> rx.Component:
    """A rating that was given, to read."""
    return rx.el.span(
        *(draw("star", size=14) for _ in RATINGS),
        role="img",
        aria_label=f"{score} of 5 stars",
        data_score=score,
        class_name="hd-stars-shown",
    )
