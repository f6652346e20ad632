"""Tables for lists of people, teams, logs: sortable, sticky head, cards on a phone."""

from dataclasses import dataclass
from typing import Any, Literal

import reflex as rx

from helpdesk.components.base import Child, Flag, Text, classes, link, when
from helpdesk.components.icons import icon as draw


@dataclass(frozen=True)
class Column:
    """A head cell. `sort` is the key in the address; numbers stand right."""

    label: str
    sort: str = ""
    align: Literal["left", "right"] = "left"
    width: str = ""


def data_table(
    columns: list[Column],
    rows: rx.Component,
    *,
    label: str,
    sort: Text = "",
    descending: Flag = False,
    on_sort: Any = None,
    on_check_all: Any = None,
    all_checked: Flag = False,
    footer: rx.Component | None = None,
) -> rx.Component:
    """A table around `rx.foreach(rows, lambda r: table_row(...))`.

    Args:
        sort: The key sorted by now.
        on_sort: Called with the key of the pressed head.
        on_check_all: Adds a column of tick boxes; give `table_row` its `check`.
    """
    tick = (
        rx.el.th(
            rx.el.input(
                type="checkbox",
                checked=all_checked,
                on_change=on_check_all,
                aria_label="Select all",
                class_name="hd-check",
            ),
            class_name="hd-th-check",
        )
        if on_check_all is not None
        else rx.fragment()
    )
    return rx.el.div(
        rx.el.div(
            rx.el.table(
                rx.el.caption(label, class_name="sr-only"),
                rx.el.thead(rx.el.tr(tick, *(_head(column, sort, descending, on_sort) for column in columns))),
                rx.el.tbody(rows),
                class_name="hd-table",
            ),
            tab_index=0,
            role="region",
            aria_label=label,
            class_name="hd-table-scroll",
        ),
        footer if footer is not None else rx.fragment(),
        class_name="hd-card hd-table-card",
    )


def table_row(*cells: rx.Component, check: rx.Component | None = None, **props: Any) -> rx.Component:
    """One row of `cell`s; `check` is a bare tick box (`row_check`)."""
    tick = rx.el.td(check, class_name="hd-td-check") if check is not None else rx.fragment()
    return rx.el.tr(tick, *cells, **props)


def row_check(label: Text, *, checked: Flag, on_change: Any) -> rx.Component:
    """The tick box of a row."""
    return rx.el.input(type="checkbox", checked=checked, on_change=on_change, aria_label=label, class_name="hd-check")


def cell(
    *children: Child, label: str = "", align: Literal["left", "right"] = "left", href: Text | None = None, **props: Any
) -> rx.Component:
    """One value. `label` names it on a phone, where a row becomes a card; `href` makes it the row's link."""
    content = [link(*children, href=href, class_name="hd-cell-link")] if href is not None else children
    names = classes(
        "hd-td-right" if align == "right" else "", "hd-td-main" if href is not None else "", props.pop("class_name", "")
    )
    return rx.el.td(*content, data_label=label, class_name=names, **props)


def _head(column: Column, sort: Text, descending: Flag, on_sort: Any) -> rx.Component:
    names = classes("hd-td-right" if column.align == "right" else "", column.width)
    if not column.sort or on_sort is None:
        return rx.el.th(column.label, scope="col", class_name=names)
    is_sorted = sort == column.sort
    direction = when(descending, "descending", "ascending")
    state = (
        rx.cond(is_sorted, direction, "none")
        if isinstance(is_sorted, rx.Var) or isinstance(direction, rx.Var)
        else (direction if is_sorted else "none")
    )
    return rx.el.th(
        rx.el.button(
            column.label, draw("arrow-up", size=12), type="button", on_click=on_sort(column.sort), class_name="hd-sort"
        ),
        scope="col",
        aria_sort=state,
        class_name=names,
    )
