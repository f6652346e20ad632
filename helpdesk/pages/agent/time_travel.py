"""The slider in a ticket's history, and the ticket as it stood."""

import reflex as rx

from helpdesk.components.badge import priority_indicator, status_badge, tag_chip
from helpdesk.components.base import Child
from helpdesk.components.button import button
from helpdesk.components.icons import icon
from helpdesk.components.layout import description_list, pane_scroll
from helpdesk.components.person import avatar
from helpdesk.components.thread import comment, system_line, thread
from helpdesk.components.times import time_ago
from helpdesk.services.tickets import CommentRow
from helpdesk.state.agent.ticket import OpenTicket
from helpdesk.state.agent.time_travel import TimeTravel

IS_PAST = (TimeTravel.ref != "") & (TimeTravel.ref == OpenTicket.ref)
_PAST = TimeTravel.past
_LINES = OpenTicket.history.length()
_LONG = rx.cond(IS_PAST, TimeTravel.lines, _LINES)
SLIDER = "time-slider"


def slider() -> rx.Component:
    """Above the history: every stop is one of its lines. Arrows, Home and End move it."""
    return rx.cond(
        _LINES > 1,
        rx.el.div(
            rx.el.label("As it stood", html_for=SLIDER, class_name="hd-overline"),
            rx.el.input(
                type="range",
                id=SLIDER,
                min="1",
                max=_LONG.to(str),
                step="1",
                default_value=_LONG.to(str),
                # Counted from the newest line, which new lines must not move while one is in the past.
                on_change=lambda stop: TimeTravel.go(
                    OpenTicket.ref, OpenTicket.history[_LINES - stop.to(int)].id, _LINES
                ).debounce(80),
                aria_valuetext=rx.cond(IS_PAST, _PAST.who + " " + _PAST.what, "Now"),
                class_name="hd-slider",
                key=OpenTicket.ref + "-" + TimeTravel.journeys.to(str) + "-" + _LONG.to(str),
            ),
            rx.el.div(
                rx.cond(IS_PAST, time_ago(_PAST.at, form="absolute"), rx.el.span("Now")),
                rx.cond(IS_PAST, _back("ghost")),
                class_name="hd-line hd-between hd-slider-date",
            ),
            class_name="hd-time-slider",
        ),
    )


def past_ticket() -> rx.Component:
    """In place of the ticket while one looks at its past. Nothing on it can be changed."""
    return rx.cond(
        IS_PAST,
        rx.el.section(
            rx.el.div(
                icon("history", size=16),
                rx.el.div(
                    rx.el.strong("As it stood on ", time_ago(_PAST.at, form="absolute")),
                    rx.el.p("After ", _PAST.who, " ", _PAST.what, class_name="truncate"),
                    role="status",
                    class_name="grow min-w-0",
                ),
                _back("secondary", hotkey=True),
                class_name="hd-past-banner",
            ),
            rx.el.div(
                rx.el.h2(_PAST.title, class_name="hd-ticket-title"),
                description_list(
                    ("Status", status_badge(_PAST.status, _PAST.status_colour)),
                    ("Priority", priority_indicator(_PAST.priority, _PAST.priority_rank, show_label=True)),
                    ("Assignee", _or_none(_PAST.assignee, avatar(_PAST.assignee, size="xs"), _PAST.assignee)),
                    ("Team", _or_none(_PAST.team, _PAST.team)),
                    ("Category", _or_none(_PAST.category, _PAST.category)),
                    ("Tags", _or_none(_PAST.tags.length() > 0, rx.foreach(_PAST.tags, lambda one: tag_chip(one.name, one.colour)))),
                    ("Due", _or_none(_PAST.due_at, time_ago(_PAST.due_at, form="absolute"))),
                ),
                class_name="hd-past-facts",
            ),
            pane_scroll(
                thread(
                    comment(
                        OpenTicket.ticket.requester, OpenTicket.ticket.created_at, OpenTicket.description_html,
                        side="customer", channel=OpenTicket.ticket.channel,
                    ),
                    rx.foreach(_PAST.comments, _comment),
                    label="Conversation as it stood",
                ),
            ),
            aria_label="The ticket as it stood",
            class_name="hd-past",
        ),
    )  # fmt: skip


def _back(variant: str, *, hotkey: bool = False) -> rx.Component:
    keys = {"data_hotkey": "Escape", "data_hotkey_focus": SLIDER, "data_tip": "Esc"} if hotkey else {}
    return button("Back to now", size="sm", variant=variant, on_click=TimeTravel.back, data_focus_next=SLIDER, **keys)


def _or_none(given: rx.Var, *parts: Child) -> rx.Component:
    return rx.cond(given, rx.el.span(*parts, class_name="hd-inline"), rx.el.span("None", class_name="hd-none"))


def _comment(one: rx.Var[CommentRow]) -> rx.Component:
    return rx.cond(
        one.kind == "system",
        system_line(rx.html(one.body_html), one.created_at),
        comment(
            one.author,
            one.created_at,
            one.body_html,
            side=rx.cond(one.kind == "note", "note", rx.cond(one.by_staff, "agent", "customer")),
        ),
    )
