"""What the settings' pages share."""

import zoneinfo
from collections.abc import Sequence
from typing import Any

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import Child, Choice, Text, link
from helpdesk.components.form import checkbox, described, field, text_input
from helpdesk.components.icons import icon
from helpdesk.state.admin.people import ROLES

# Places people know; the rest are old names of the same.
_ZONES = sorted(
    name
    for name in zoneinfo.available_timezones()
    if name == "UTC" or ("/" in name and not name.startswith(("Etc/", "posix/", "right/", "SystemV/", "US/")))
)


def toolbar(*children: Child) -> rx.Component:
    """The line above a list: search and filters."""
    return rx.el.div(*children, role="group", aria_label="Filters", class_name="hd-toolbar")


def range_fields(*, since: Text, until: Text, on_since: Any, on_until: Any) -> rx.Component:
    """From a day to a day."""

    def field_of(label: str, name: str, value: Text, on_change: Any) -> rx.Component:
        return rx.el.label(
            rx.el.span(label, class_name="hd-help"),
            text_input(type="date", name=name, default_value=value, on_change=on_change, key=value),
            class_name="hd-day",
        )

    return rx.fragment(
        field_of("From", "since", since, on_since.debounce(600)), field_of("To", "until", until, on_until.debounce(600))
    )


def more(*, first: Text, following: Text) -> rx.Component:
    """Pages of a list by name: back to the first, on to the next."""
    return _ways(("First page", first), ("Next page", following))


def older(*, newest: Text, following: Text) -> rx.Component:
    """Pages of a list by time: back to the newest, on to older ones."""
    return _ways(("Newest", newest), ("Older", following))


def _ways(*ways: tuple[str, Text]) -> rx.Component:
    return rx.cond(
        (ways[0][1] != "") | (ways[1][1] != ""),
        rx.el.nav(
            rx.el.span(class_name="grow"),
            *(_way(label, href) for label, href in ways),
            aria_label="Pages",
            class_name="hd-pager",
        ),
    )


def _way(label: str, href: Text) -> rx.Component:
    names = "hd-btn hd-btn-secondary hd-btn-sm"
    return rx.cond(
        href != "",
        link(label, href=href, class_name=names),
        rx.el.span(label, aria_disabled=True, class_name=f"{names} hd-btn-off"),
    )


def zone_field(*, error: Text, **props: Any) -> rx.Component:
    """A time zone: typed, with the world's zones offered."""
    control = rx.el.div(
        text_input(name="timezone", list="zones", auto_complete="off", **described("timezone", error=error), **props),
        rx.el.datalist(*(rx.el.option(value=name) for name in _ZONES), id="zones"),
    )
    return field(
        "Time zone",
        control,
        id="timezone",
        help="Type a city, such as Berlin, and choose it from the list.",
        error=error,
    )


def role_pill(role: Text) -> rx.Component:
    """A role in a word."""
    tones = {"admin": "violet", "superadmin": "violet", "manager": "blue", "executive": "blue", "customer": "gray"}
    return rx.match(
        role, *((key.value, pill(name, tones.get(key.value, "teal"))) for key, name, _ in ROLES), pill(role, "gray")
    )


def on_or_off(flag: rx.Var[bool], *, on: str = "Active", off: str = "Off") -> rx.Component:
    """Whether something is in use."""
    in_use = rx.el.span(rx.el.span(class_name="hd-dot tone-green", aria_hidden="true"), on, class_name="hd-state")
    return rx.cond(flag, in_use, pill(off, "gray"))


def explained(text: Child, *, shape: str = "info") -> rx.Component:
    """Why something cannot be done here, in a sentence."""
    return rx.el.p(icon(shape, size=14), rx.el.span(text), class_name="hd-explained")


def colour_field(
    colours: Sequence[str], *, value: rx.Var[str], error: Text, name: str = "colour", label: str = "Colour"
) -> rx.Component:
    """One of the desk's colours, as named dots."""
    return rx.el.fieldset(
        rx.el.legend(label, class_name="hd-label"),
        rx.el.div(*(_dot(name, each, value) for each in colours), class_name="hd-colours"),
        rx.el.p(error, class_name="hd-error", aria_live="polite"),
        class_name="hd-field",
    )


def ticks(
    legend: str,
    name: str,
    choices: rx.Var[list[Choice]],
    chosen: rx.Var[list[str]],
    error: Text,
    *,
    help: str = "",
) -> rx.Component:
    """Any number of a few, each sent as `<name>-<value>`."""
    return rx.el.fieldset(
        rx.el.legend(legend, class_name="hd-label"),
        rx.el.div(
            rx.foreach(
                choices,
                lambda one: checkbox(
                    one.label, name=name + "-" + one.value.to(str), default_checked=chosen.contains(one.value)
                ),
            ),
            class_name="hd-checks",
        ),
        rx.el.p(help, class_name="hd-help") if help else rx.fragment(),
        rx.el.p(error, class_name="hd-error", aria_live="polite"),
        class_name="hd-field",
    )


def _dot(name: str, colour: str, value: rx.Var[str]) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="radio", name=name, value=colour, default_checked=value == colour, class_name="sr-only"),
        rx.el.span(class_name=f"hd-colour tone-{colour}", aria_hidden="true"),
        rx.el.span(colour.capitalize(), class_name="sr-only"),
        title=colour.capitalize(),
        class_name="hd-colour-choice",
    )
