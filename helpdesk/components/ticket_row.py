"""A ticket in a list: one memoised row of plain elements, so that a list of 50 answers in a blink."""

from typing import Any

import reflex as rx

from helpdesk.components.badge import priority_indicator, sla_chip, status_badge
from helpdesk.components.base import Text, link
from helpdesk.components.feedback import marked
from helpdesk.components.icons import channel_icon, icon
from helpdesk.components.person import avatar, avatar_stack, nobody
from helpdesk.components.times import time_ago


@rx.memo
def ticket_row(
    reference: rx.Var[str],
    subject: rx.Var[str],
    href: rx.Var[str],
    customer: rx.Var[str],
    moment: rx.Var[str],
    status: rx.Var[str],
    status_colour: rx.Var[str],
    rest: rx.RestProp,
    channel: rx.Var[str] = "web",  # type: ignore[assignment]
    priority: rx.Var[str] = "",  # type: ignore[assignment]
    priority_rank: rx.Var[int] = 0,  # type: ignore[assignment]
    sla_state: rx.Var[str] = "",  # type: ignore[assignment]
    sla_due_at: rx.Var[str] = "",  # type: ignore[assignment]
    sla_warn_at: rx.Var[str] = "",  # type: ignore[assignment]
    sla_hours: rx.Var[str] = "",  # type: ignore[assignment]
    sla_metric: rx.Var[str] = "",  # type: ignore[assignment]
    assignee: rx.Var[str] = "",  # type: ignore[assignment]
    viewers: rx.Var[str] = "",  # type: ignore[assignment]
    snoozed_until: rx.Var[str] = "",  # type: ignore[assignment]
    escalation: rx.Var[int] = 0,  # type: ignore[assignment]
    activity: rx.Var[str] = "",  # type: ignore[assignment]
    typing: rx.Var[str] = "",  # type: ignore[assignment]
    unread: rx.Var[bool] = False,  # type: ignore[assignment]
    current: rx.Var[bool] = False,  # type: ignore[assignment]
    ticked: rx.Var[bool] = False,  # type: ignore[assignment]
    subject_pieces: rx.Var[list[str]] = [],  # type: ignore[assignment]  # noqa: B006
    excerpt_pieces: rx.Var[list[str]] = [],  # type: ignore[assignment]  # noqa: B006
) -> rx.Component:
    """One ticket. Wrap rows in `ticket_list`; pass `key=reference` inside rx.foreach.

    Args:
        moment: When something last happened, ISO 8601.
        viewers: Who else looks at it, a name a line; a text, so that a row is drawn anew only when it differs.
        activity: In place of the assignee's quiet corner: `Draft`.
        typing: In place of the reference, while it lasts: `Max is typing…`.
        current: The one open in the next pane.
        subject_pieces, excerpt_pieces: Of a search, plain and hit in turn.
        ticked: Selected. A tick is told to the page as `tick` (`bridge.hears`), with a + behind it for "up to here".
    """
    return rx.el.li(
        rx.el.div(
            avatar(customer, size="md"),
            rx.el.input(
                type="checkbox",
                checked=ticked,
                read_only=True,
                aria_label="Select " + reference,
                data_tick=reference,
                data_nav_select="true",
                tab_index=-1,
                class_name="hd-check hd-row-tick",
            ),
            class_name="hd-row-face",
        ),
        rx.el.div(
            rx.el.div(
                rx.el.span(customer, class_name="hd-row-customer"),
                channel_icon(channel, size=13),
                rx.cond(
                    typing != "",
                    rx.el.span(_activity(typing), class_name="hd-row-ref"),
                    rx.el.span(reference, class_name="hd-row-ref"),
                ),
                time_ago(moment, class_name="hd-row-time"),
                class_name="hd-row-line",
            ),
            link(
                rx.cond(subject_pieces.length() > 0, marked(subject_pieces), subject),
                href=href,
                data_nav_item="true",
                aria_current=rx.cond(current, "true", "false"),
                class_name="hd-row-link",
            ),
            rx.cond(excerpt_pieces.length() > 0, rx.el.p(marked(excerpt_pieces), class_name="hd-row-excerpt")),
            rx.el.div(
                status_badge(status, status_colour),
                rx.cond(priority_rank > 0, priority_indicator(priority, priority_rank)),
                rx.cond(
                    sla_state != "",
                    sla_chip(
                        sla_state,
                        sla_due_at,
                        what=sla_metric,
                        warn_at=sla_warn_at,
                        hours=sla_hours,
                        compact=True,
                    ),
                ),
                rx.cond(escalation > 0, _escalated(escalation)),
                rx.cond(snoozed_until != "", _snoozed(snoozed_until)),
                rx.cond(activity != "", _activity(activity)),
                rx.cond(viewers != "", _viewers(viewers)),
                rx.cond(assignee != "", avatar(assignee, size="xs"), nobody(size="xs")),
                class_name="hd-row-line hd-row-facts",
            ),
            class_name="hd-row-body",
        ),
        rest,
        class_name="hd-row",
        data_reference=reference,
        data_unread=rx.cond(unread, "true", "false"),
        data_ticked=rx.cond(ticked, "true", "false"),
    )


def ticket_list(rows: rx.Component, *, label: Text, **props: Any) -> rx.Component:
    """The list around ticket rows; j and k move in it, Enter opens."""
    return rx.el.ul(rows, aria_label=label, data_nav_list="true", class_name="hd-rows", **props)


def _snoozed(until: rx.Var[str]) -> rx.Component:
    return rx.el.span(
        icon("moon", size=11),
        rx.el.span("Snoozed", class_name="sr-only"),
        time_ago(until),
        class_name="hd-row-activity",
    )


def _escalated(level: rx.Var[int]) -> rx.Component:
    return rx.el.span(
        icon("siren", size=12),
        rx.el.span("Escalated to level ", class_name="sr-only"),
        level,
        title="Escalated to level " + level.to(str),
        class_name="hd-row-escalated",
    )


def _viewers(names: rx.Var[str]) -> rx.Component:
    return rx.el.span(
        rx.el.span("Looking at it: ", class_name="sr-only"),
        avatar_stack(names.split("\n")),
        class_name="hd-row-viewers",
    )


def _activity(text: rx.Var[str]) -> rx.Component:
    return rx.el.span(icon("pencil", size=11), rx.el.span(text, class_name="truncate"), class_name="hd-row-activity")
