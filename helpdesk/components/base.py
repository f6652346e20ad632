"""What every component leans on: the types of its arguments, optional parts, joined class names."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.vars import FunctionStringVar
from reflex_components_core.react_router import ReactRouterLink

# A component takes plain values and vars alike; it decides with rx.cond and rx.match, never with `if` on a var.
Text = str | rx.Var[str]
Flag = bool | rx.Var[bool]
Number = int | float | rx.Var[int] | rx.Var[float]
Child = str | rx.Var[Any] | rx.Component


@dataclass(frozen=True)
class Choice:
    """One option of a select, menu or filter. `tone` is a colour name, `hint` a quiet second text."""

    value: str = ""
    label: str = ""
    tone: str = ""
    hint: str = ""


Choices = list[Choice] | list[tuple[str, str]] | rx.Var[list[Choice]]


def shown(when: object, component: rx.Component, otherwise: rx.Component | None = None) -> rx.Component:
    """The component if the value, plain or var, is there; else the other one or nothing."""
    other = rx.fragment() if otherwise is None else otherwise
    if isinstance(when, rx.Var):
        return rx.cond(when, component, other)
    return component if when else other


def classes(*parts: object) -> list[Any]:
    """Class names without the empty ones; vars stay vars."""
    return [part for part in parts if isinstance(part, rx.Var) or part]


def when(flag: Flag, yes: str, no: str = "") -> Any:
    """A text that depends on a flag, plain or var."""
    if isinstance(flag, rx.Var):
        return rx.cond(flag, yes, no)
    return yes if flag else no


def link(*children: Child, href: Text, **props: Any) -> rx.Component:
    """A link inside the application: changes the page without loading it anew."""
    return ReactRouterLink.create(*children, to=href, **props)


def choices(items: Choices) -> list[Choice]:
    """Plain options in one shape; pairs are (value, label)."""
    if isinstance(items, rx.Var):
        raise TypeError("A var of choices is drawn with rx.foreach.")
    return [item if isinstance(item, Choice) else Choice(*item) for item in items]


def call_js(function: str, *arguments: Text) -> rx.Var[str]:
    """The text a small pure browser function makes of its arguments."""
    return FunctionStringVar.create(f"({function})").call(*arguments).to(str)
