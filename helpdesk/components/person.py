"""People: a face made of initials, and a name beside it."""

import json
from typing import Any, Literal

import reflex as rx

from helpdesk.components.base import Child, Text, call_js, shown
from helpdesk.components.theme import AVAILABILITY_TONES, AVATAR_TONES

# The same two functions twice: here for values known when the page is built, below for vars in the browser.


def initials(name: str) -> str:
    """Up to two letters: of the first and the last word."""
    words = name.split()
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper() if words else "?"


def avatar_tone(name: str) -> str:
    """A tone that is always the same for the same name."""
    number = 0
    for letter in name:
        number = (number * 31 + ord(letter)) % 2**32
    return AVATAR_TONES[number % len(AVATAR_TONES)]


_INITIALS_JS = (
    '(n) => { const w = (n ?? "").trim().split(/\\s+/).filter(Boolean);'
    ' return w.length ? ([...w[0]][0] + (w.length > 1 ? [...w.at(-1)][0] : "")).toUpperCase() : "?"; }'
)
_TONE_JS = (
    f"(n) => {json.dumps(AVATAR_TONES)}[[...(n ?? '')].reduce((a, c) => (Math.imul(a, 31) + c.codePointAt(0)) >>> 0, 0)"
    f" % {len(AVATAR_TONES)}]"
)


def avatar(
    name: Text,
    *,
    size: Literal["xs", "sm", "md", "lg", "xl"] = "md",
    picture: Text = "",
    presence: Text | None = None,
    **props: Any,
) -> rx.Component:
    """A face: the picture at the address `picture`, else initials. `presence` adds a dot: available, away or offline."""
    if isinstance(name, rx.Var):
        letters, tone = call_js(_INITIALS_JS, name), call_js(_TONE_JS, name)
    else:
        letters, tone = initials(name), avatar_tone(name)
    return rx.el.span(
        rx.el.span(letters, aria_hidden="true"),
        shown(picture, rx.el.img(src=picture, alt="", loading="lazy", class_name="hd-avatar-picture")),
        shown(presence, presence_dot("offline" if presence is None else presence)),
        title=name,
        class_name=[f"hd-avatar hd-avatar-{size}", f"tone-{tone}", props.pop("class_name", "")],
        **props,
    )


def nobody(*, size: Literal["xs", "sm", "md", "lg", "xl"] = "md", label: str = "Unassigned") -> rx.Component:
    """An empty seat."""
    return rx.el.span(
        title=label, aria_label=label, role="img", class_name=f"hd-avatar hd-avatar-{size} hd-avatar-empty"
    )


def presence_dot(presence: Text) -> rx.Component:
    """Whether somebody is there, as a dot with a word for those who cannot see it."""
    tones = list(AVAILABILITY_TONES.items())
    tone = (
        rx.match(presence, *tones, "gray") if isinstance(presence, rx.Var) else AVAILABILITY_TONES.get(presence, "gray")
    )
    return rx.el.span(rx.el.span(presence, class_name="sr-only"), class_name=f"hd-presence tone-{tone}")


def avatar_stack(names: rx.Var[list[str]], *, size: Literal["xs", "sm", "md"] = "xs") -> rx.Component:
    """Several people, overlapping: who else is looking."""
    return rx.el.span(rx.foreach(names, lambda name: avatar(name, size=size)), class_name="hd-avatars")


def person_line(
    name: Text,
    detail: Child = "",
    *,
    size: Literal["xs", "sm", "md", "lg", "xl"] = "md",
    picture: Text = "",
    presence: Text | None = None,
    trailing: rx.Component | None = None,
) -> rx.Component:
    """A face, a name, a quiet second line."""
    return rx.el.div(
        avatar(name, size=size, picture=picture, presence=presence),
        rx.el.div(
            rx.el.div(name, class_name="hd-person-name"),
            shown(detail, rx.el.div(detail, class_name="hd-person-detail")),
            class_name="min-w-0 grow",
        ),
        trailing if trailing is not None else rx.fragment(),
        class_name="hd-person",
    )
