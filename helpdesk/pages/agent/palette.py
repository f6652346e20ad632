"""The command palette, on every page of the staff."""

import reflex as rx

from helpdesk.components.base import link
from helpdesk.components.dialog import command_palette
from helpdesk.components.icons import icon
from helpdesk.components.keys import kbd_of
from helpdesk.state.agent.palette import Item, Palette

_ICONS = {
    "recent": "history", "ticket": "ticket", "person": "user-round", "view": "list-filter", "page": "panel-left",
    "action": "zap", "search": "search",
}  # fmt: skip


def palette() -> rx.Component:
    """Placed once per page; Ctrl K opens it."""
    return command_palette(
        rx.foreach(Palette.items, _item), on_query=Palette.look.debounce(60), on_open_change=Palette.opened
    )


def _item(item: rx.Var[Item], number: rx.Var[int]) -> rx.Component:
    parts = [
        rx.match(item.kind, *((kind, icon(shape, size=15)) for kind, shape in _ICONS.items()), icon("dot", size=15)),
        rx.el.span(item.label, class_name="grow truncate"),
        rx.cond(item.press != "", kbd_of(item.detail), rx.el.span(item.detail, class_name="hd-menu-hint truncate")),
    ]
    shared = {"data_palette_item": "true", "id": "palette-" + number.to_string(), "role": "option", "tab_index": -1, "class_name": "hd-palette-item"}  # fmt: skip
    return rx.fragment(
        rx.cond(item.group != "", rx.el.div(item.group, role="presentation", class_name="hd-menu-label")),
        rx.cond(
            item.href != "",
            rx.dialog.close(link(*parts, href=item.href, **shared)),
            rx.dialog.close(rx.el.button(*parts, type="button", data_palette_press=item.press, **shared)),
        ),
        key=item.kind + item.href + item.label,
    )
