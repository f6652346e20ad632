"""Forms: every input has a label, its help and its error are tied to it for screen readers."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.forms import Form

from helpdesk.components.base import Choice, Choices, Flag, Text, choices, classes, shown, when
from helpdesk.components.icons import icon as draw


class NativeForm(Form):
    """A form the browser itself sends; Reflex's own form always prevents that."""

    @classmethod
    def create(cls, *children: Any, **props: Any) -> rx.Component:
        """Skips Form.create, which adds a handler that prevents the default."""
        return super(Form, cls).create(*children, **props)


def native_form(*children: rx.Component, action: Text, method: str = "post", **props: Any) -> rx.Component:
    """A form that really POSTs: sign-in, sign-out, all doors that set a cookie."""
    return NativeForm.create(*children, action=action, method=method, **props)


def hidden(name: str, value: Text) -> rx.Component:
    """A value sent along unseen."""
    return rx.el.input(type="hidden", name=name, value=value, read_only=True)


def field(
    label: Text,
    control: rx.Component,
    *,
    id: str,
    help: Text = "",
    error: Text = "",
    optional: bool = False,
    hide_label: bool = False,
) -> rx.Component:
    """A label, one control that carries `described(id, ...)`, help and error beneath."""
    return rx.el.div(
        rx.el.label(
            label,
            rx.el.span("Optional", class_name="hd-optional") if optional else rx.fragment(),
            html_for=id,
            class_name="sr-only" if hide_label else "hd-label",
        ),
        control,
        shown(help, rx.el.p(help, id=f"{id}-help", class_name="hd-help")),
        rx.el.div(
            shown(error, rx.el.p(draw("circle-alert", size=14), rx.el.span(error), class_name="hd-error")),
            id=f"{id}-error",
            aria_live="polite",
        ),
        class_name="hd-field",
    )


def described(id: str, *, error: Text = "") -> dict[str, Any]:
    """The attributes that tie a control to its help and error."""
    return {
        "id": id,
        "aria_describedby": f"{id}-help {id}-error",
        "aria_invalid": rx.cond(error, "true", "false") if isinstance(error, rx.Var) else str(bool(error)).lower(),
    }


def text_field(
    label: Text,
    *,
    name: str,
    id: str | None = None,
    type: str = "text",
    help: Text = "",
    error: Text = "",
    optional: bool = False,
    hide_label: bool = False,
    icon: str | None = None,
    **props: Any,
) -> rx.Component:
    """One line of text: also e-mail, password, number, date."""
    key = id or name
    control = text_input(name=name, type=type, icon=icon, **described(key, error=error), **props)
    return field(label, control, id=key, help=help, error=error, optional=optional, hide_label=hide_label)


def text_input(*, icon: str | None = None, **props: Any) -> rx.Component:
    """The bare input; give it a label with `field` or `aria_label`."""
    names = classes("hd-input", props.pop("class_name", ""))
    if icon is None:
        return rx.el.input(class_name=names, **props)
    return rx.el.div(draw(icon), rx.el.input(class_name=names, **props), class_name="hd-input-icon")


def textarea_field(
    label: Text,
    *,
    name: str,
    id: str | None = None,
    rows: int = 4,
    help: Text = "",
    error: Text = "",
    optional: bool = False,
    hide_label: bool = False,
    **props: Any,
) -> rx.Component:
    """Several lines of text; grows with what is typed."""
    key = id or name
    names = classes("hd-input hd-textarea", props.pop("class_name", ""))
    control = rx.el.textarea(
        name=name, rows=str(rows), data_autosize="true", class_name=names, **described(key, error=error), **props
    )
    return field(label, control, id=key, help=help, error=error, optional=optional, hide_label=hide_label)


def select_field(
    label: Text,
    options: Choices,
    *,
    name: str,
    id: str | None = None,
    placeholder: str = "",
    help: Text = "",
    error: Text = "",
    optional: bool = False,
    hide_label: bool = False,
    **props: Any,
) -> rx.Component:
    """One of a few; the browser's own select, best on phones and keyboards."""
    key = id or name
    control = select(options, name=name, placeholder=placeholder, **described(key, error=error), **props)
    return field(label, control, id=key, help=help, error=error, optional=optional, hide_label=hide_label)


def select(options: Choices, *, placeholder: str = "", **props: Any) -> rx.Component:
    """The bare select; give it a label with `field` or `aria_label`."""
    items = (
        rx.foreach(options, _option) if isinstance(options, rx.Var) else [_option(each) for each in choices(options)]
    )
    first = [rx.el.option(placeholder, value="")] if placeholder else []
    names = classes("hd-input hd-select", props.pop("class_name", ""))
    rest = items if isinstance(items, list) else [items]
    return rx.el.div(
        rx.el.select(*first, *rest, class_name=names, **props), draw("chevron-down"), class_name="hd-select-box"
    )


def _option(choice: Choice) -> rx.Component:
    return rx.el.option(choice.label, value=choice.value)


def checkbox(label: Text, *, hide_label: bool = False, help: Text = "", **props: Any) -> rx.Component:
    """A tick box with its text beside it."""
    return rx.el.label(
        rx.el.input(type="checkbox", class_name="hd-check", **props),
        rx.el.span(
            rx.el.span(label, class_name="sr-only" if hide_label else ""),
            shown(help, rx.el.span(help, class_name="hd-help block")),
        ),
        class_name="hd-choice",
    )


def switch(label: Text, *, hide_label: bool = False, help: Text = "", **props: Any) -> rx.Component:
    """On or off, taking effect at once."""
    return rx.el.label(
        rx.el.span(
            rx.el.span(label, class_name="sr-only" if hide_label else "font-medium"),
            shown(help, rx.el.span(help, class_name="hd-help block")),
            class_name="grow",
        ),
        rx.el.input(type="checkbox", role="switch", class_name="hd-switch", **props),
        class_name="hd-choice",
    )


def radio_cards(legend: Text, options: list[Choice], *, name: str, value: Text = "", **props: Any) -> rx.Component:
    """One of two to five, each with a sentence of its own."""
    return rx.el.fieldset(
        rx.el.legend(legend, class_name="hd-label"),
        rx.el.div(*(_card(each, name, value, props) for each in options), class_name="hd-radio-cards"),
        class_name="hd-field",
    )


def _card(choice: Choice, name: str, value: Text, props: dict[str, Any]) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name=name,
            value=choice.value,
            default_checked=value == choice.value,
            class_name="hd-radio",
            **props,
        ),
        rx.el.span(
            rx.el.span(choice.label, class_name="font-medium block"),
            rx.el.span(choice.hint, class_name="hd-help block") if choice.hint else rx.fragment(),
        ),
        class_name="hd-radio-card",
    )


def form_error(message: Text) -> rx.Component:
    """What is wrong with the whole form, above it."""
    return shown(
        message, rx.el.div(draw("circle-alert"), rx.el.span(message), role="alert", class_name="hd-form-error")
    )


def form_actions(*buttons: rx.Component, sticky: Flag = False) -> rx.Component:
    """The buttons that end a form; the last one is the primary."""
    return rx.el.div(*buttons, class_name=classes("hd-form-actions", when(sticky, "hd-sticky")))
