"""Where things stand: page header, cards, columns, facts, the three panes of the workspace."""

from typing import Any, Literal

import reflex as rx

from helpdesk.components.base import Child, Flag, Number, Text, classes, link, shown, when
from helpdesk.components.icons import icon as draw

Gap = Literal[1, 2, 3, 4, 5, 6, 8]


def stack(*children: Child, gap: Gap = 4, **props: Any) -> rx.Component:
    """Beneath each other, `gap` steps of 4 px apart."""
    return rx.el.div(*children, class_name=classes("hd-stack", f"hd-gap-{gap}", props.pop("class_name", "")), **props)


def row(*children: Child, gap: Gap = 2, **props: Any) -> rx.Component:
    """Beside each other, centred, wrapping when there is no room."""
    return rx.el.div(*children, class_name=classes("hd-line", f"hd-gap-{gap}", props.pop("class_name", "")), **props)


def grid(*children: Child, columns: Literal[2, 3, 4] = 2, gap: Gap = 4, **props: Any) -> rx.Component:
    """Equal columns; one on a phone."""
    names = classes("hd-grid", f"hd-grid-{columns}", f"hd-gap-{gap}", props.pop("class_name", ""))
    return rx.el.div(*children, class_name=names, **props)


def page_header(
    title: Text,
    *actions: rx.Component,
    text: Text = "",
    crumbs: rx.Component | None = None,
    meta: rx.Component | None = None,
) -> rx.Component:
    """The top of a page: where it is, what it is, what can be done. Focus lands on the title after navigation."""
    return rx.el.header(
        crumbs if crumbs is not None else rx.fragment(),
        rx.el.div(
            rx.el.div(
                rx.el.h1(title, tab_index=-1, data_page_title="true", class_name="hd-title"),
                shown(text, rx.el.p(text, class_name="hd-subtitle")),
                meta if meta is not None else rx.fragment(),
                class_name="min-w-0",
            ),
            rx.el.div(*actions, class_name="hd-actions") if actions else rx.fragment(),
            class_name="hd-page-header-line",
        ),
        class_name="hd-page-header",
    )


def breadcrumbs(*steps: tuple[Text, Text]) -> rx.Component:
    """The way here as (text, href); the last is this page and no link."""
    *way, (here, _) = steps
    parts = [
        rx.el.li(link(text, href=href), draw("chevron-right", size=12), class_name="hd-crumb") for text, href in way
    ]
    return rx.el.nav(
        rx.el.ol(*parts, rx.el.li(rx.el.span(here, aria_current="page"), class_name="hd-crumb")),
        aria_label="You are here",
        class_name="hd-crumbs",
    )


def card(
    *children: Child, title: Text = "", action: rx.Component | None = None, flush: bool = False, **props: Any
) -> rx.Component:
    """A surface with a hairline. `flush` gives its edges to the content: tables, lists."""
    head = rx.el.div(
        rx.el.h2(title, class_name="hd-card-title"),
        action if action is not None else rx.fragment(),
        class_name="hd-card-head",
    )
    return rx.el.section(
        shown(title, head),
        rx.el.div(*children, class_name="" if flush else "hd-card-body"),
        class_name=classes("hd-card", props.pop("class_name", "")),
        **props,
    )


def description_list(*facts: tuple[Text, Child]) -> rx.Component:
    """Names and values, as in the details of a ticket."""
    return rx.el.dl(
        *(rx.el.div(rx.el.dt(name), rx.el.dd(value), class_name="hd-fact") for name, value in facts),
        class_name="hd-facts",
    )


def section(title: Text, *children: Child, action: rx.Component | None = None) -> rx.Component:
    """A named part of a side panel."""
    return rx.el.section(
        rx.el.div(
            rx.el.h3(title, class_name="hd-overline"),
            action if action is not None else rx.fragment(),
            class_name="hd-section-head",
        ),
        *children,
        class_name="hd-section",
    )


def divider(label: Text = "") -> rx.Component:
    """A hairline, with or without a word in it."""
    return shown(
        label, rx.el.div(rx.el.span(label), role="separator", class_name="hd-divider"), rx.el.hr(class_name="hd-rule")
    )


def panes(
    listing: rx.Component,
    main: rx.Component,
    side: rx.Component | None = None,
    *,
    pane: Text = "list",
    wide: Flag = False,
    width: Number = 0,
    labels: tuple[str, str, str] = ("Tickets", "Ticket", "Details"),
) -> rx.Component:
    """List, work and context beside each other; the handle between the first two is dragged, its place remembered.

    `wide` gives the list all the room there is; `width` is what was remembered of the list's, told as `width`
    (`bridge.hears`) when it is dragged. Under 1280 px the context is a drawer (`pane_toggle`), under 768 px one pane shows at a time: `pane` (list, main or side).
    """
    return rx.el.div(
        rx.el.section(listing, aria_label=labels[0], class_name="hd-pane hd-pane-list"),
        rx.el.div(
            role="separator",
            tab_index=0,
            aria_orientation="vertical",
            aria_label="Width of the list",
            aria_valuenow=320,
            aria_valuemin=260,
            aria_valuemax=460,
            data_resize="true",
            class_name="hd-resize",
        ),
        rx.el.section(main, aria_label=labels[1], class_name="hd-pane hd-pane-main"),
        rx.el.aside(side, aria_label=labels[2], id="pane-side", class_name="hd-pane hd-pane-side")
        if side is not None
        else rx.fragment(),
        rx.el.div(data_side_close="true", aria_hidden="true", class_name="hd-pane-scrim"),
        data_panes="true",
        data_wide=when(wide, "true", "false"),
        data_width=width,
        data_pane=pane,
        class_name="hd-panes",
    )


def pane_toggle(label: str = "Details") -> rx.Component:
    """Opens and closes the context where it is a drawer."""
    return rx.el.button(
        draw("panel-right"),
        type="button",
        aria_label=label,
        aria_controls="pane-side",
        aria_expanded=False,
        data_side_toggle="true",
        data_tip=label,
        class_name="hd-btn hd-btn-icon hd-btn-ghost hd-btn-md hd-pane-toggle",
    )


def pane_head(*children: Child, **props: Any) -> rx.Component:
    """The line on top of a pane that stays while its content scrolls."""
    return rx.el.div(*children, class_name=classes("hd-pane-head", props.pop("class_name", "")), **props)


def pane_scroll(*children: Child, **props: Any) -> rx.Component:
    """The part of a pane that scrolls."""
    return rx.el.div(*children, class_name=classes("hd-pane-scroll", props.pop("class_name", "")), **props)
