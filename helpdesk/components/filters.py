"""Narrowing a list: chips that say what is chosen, and pages by keyset."""

from typing import Any

import reflex as rx

from helpdesk.components.base import Child, Choice, Number, Text, call_js, link, shown
from helpdesk.components.form import checkbox
from helpdesk.components.icons import icon as draw
from helpdesk.components.menu import popover


def filter_bar(*children: Child, label: str = "Filters") -> rx.Component:
    """The line above a list with its chips."""
    return rx.el.div(*children, role="group", aria_label=label, class_name="hd-filters")


def filter_chip(label: Text, value: Text, *, on_remove: Any = None, href: Text | None = None) -> rx.Component:
    """One condition in force: `Status: Open ×`. The cross is a handler, or a link to the address without it."""
    words = [rx.el.span(label, class_name="hd-filter-name"), rx.el.span(value, class_name="truncate")]
    name = f"Remove filter {label}"
    if href is not None:
        cross = link(draw("x", size=12), href=href, aria_label=name, class_name="hd-chip-remove")
    else:
        cross = rx.el.button(
            draw("x", size=12), type="button", aria_label=name, on_click=on_remove, class_name="hd-chip-remove"
        )
    return rx.el.span(*words, cross, class_name="hd-filter hd-filter-on")


def filter_menu(
    label: str, options: rx.Var[list[Choice]] | list[Choice], *, on_toggle: Any, chosen: rx.Var[list[str]] | list[str]
) -> rx.Component:
    """A condition to add: opens its options as tick boxes. `on_toggle(value)` is called for each change."""
    trigger = rx.el.button(draw("plus", size=12), label, type="button", class_name="hd-filter")

    def option(choice: Choice) -> rx.Component:
        ticked = chosen.contains(choice.value) if isinstance(chosen, rx.Var) else choice.value in chosen
        return checkbox(choice.label, checked=ticked, on_change=lambda _: on_toggle(choice.value))

    items = (
        rx.foreach(options, option) if isinstance(options, rx.Var) else rx.fragment(*(option(each) for each in options))
    )
    return popover(trigger, rx.el.div(items, role="group", aria_label=label, class_name="hd-filter-options"))


def chooser(
    shown_text: Text,
    fixed: list[Choice],
    options: rx.Var[list[Choice]] | None,
    *,
    chosen: rx.Var[list[str]],
    on_toggle: Any,
    on_find: Any = None,
    label: str = "Values",
) -> rx.Component:
    """One or several values of a condition: a field that opens its options as tick boxes, with a search when there are too many to list."""
    trigger = rx.el.button(
        rx.el.span(rx.cond(shown_text != "", shown_text, "Choose…"), class_name="grow truncate"),
        draw("chevron-down", size=13),
        type="button",
        class_name="hd-input hd-chooser",
    )

    def option(choice: Choice) -> rx.Component:
        return checkbox(
            choice.label, checked=chosen.contains(choice.value), on_change=lambda _: on_toggle(choice.value)
        )

    search = (
        rx.el.input(type="search", placeholder="Find…", aria_label="Find", on_change=on_find, class_name="hd-input")
        if on_find is not None
        else rx.fragment()
    )
    return popover(
        trigger,
        search,
        rx.el.div(
            *(option(each) for each in fixed),
            rx.foreach(options, option) if options is not None else rx.fragment(),
            role="group",
            aria_label=label,
            class_name="hd-filter-options",
        ),
    )


def search_field(
    *,
    name: str = "q",
    placeholder: str = "Search",
    value: Text = "",
    on_change: Any = None,
    hotkey: str | None = None,
    large: bool = False,
) -> rx.Component:
    """A search box. Debounce the handler (`S.search.debounce(250)`)."""
    props: dict[str, Any] = {} if on_change is None else {"on_change": on_change}
    if hotkey:
        props["data_hotkey"] = hotkey
    return rx.el.div(
        draw("search"),
        rx.el.input(
            type="search",
            name=name,
            placeholder=placeholder,
            aria_label=placeholder,
            default_value=value,
            auto_complete="off",
            class_name="hd-input",
            **props,
        ),
        rx.el.kbd(hotkey, class_name="hd-kbd") if hotkey else rx.fragment(),
        role="search",
        class_name=["hd-input-icon hd-search", "hd-search-large" if large else ""],
    )


def pager(
    *, newer: Text = "", older: Text = "", shown_text: Text = "", size: Text = "", on_size: Any = None
) -> rx.Component:
    """Keyset pages: addresses of the newer and older page, empty when there is none."""
    sizes = (
        rx.el.select(
            *(rx.el.option(f"{each} per page", value=each) for each in ("25", "50", "100")),
            value=size,
            on_change=on_size,
            aria_label="Rows per page",
            class_name="hd-pager-size",
        )
        if on_size is not None
        else rx.fragment()
    )
    return rx.el.nav(
        rx.el.span(shown_text, class_name="hd-pager-text"),
        sizes,
        _step("chevron-left", "Newer", newer),
        _step("chevron-right", "Older", older, after=True),
        aria_label="Pages",
        class_name="hd-pager",
    )


def _step(shape: str, label: str, href: Text, *, after: bool = False) -> rx.Component:
    parts = [rx.el.span(label), draw(shape, size=14)] if after else [draw(shape, size=14), rx.el.span(label)]
    names = "hd-btn hd-btn-secondary hd-btn-sm"
    return shown(
        href,
        link(*parts, href=href, class_name=names),
        rx.el.span(*parts, aria_disabled=True, class_name=f"{names} hd-btn-off"),
    )


def bulk_bar(selected: Number, *actions: rx.Component, on_clear: Any = None) -> rx.Component:
    """Replaces the head of a list while rows are ticked."""
    words = call_js('(n) => n + " selected"', selected) if isinstance(selected, rx.Var) else f"{selected} selected"
    clear = (
        rx.el.button(
            draw("x", size=14),
            type="button",
            aria_label="Clear the selection",
            on_click=on_clear,
            class_name="hd-btn hd-btn-icon hd-btn-ghost hd-btn-sm",
        )
        if on_clear is not None
        else rx.fragment()
    )
    bar = rx.el.div(
        clear,
        rx.el.strong(words),
        rx.el.span(class_name="grow"),
        *actions,
        role="toolbar",
        aria_label="Selected rows",
        class_name="hd-bulk",
    )
    return shown(selected, bar)
