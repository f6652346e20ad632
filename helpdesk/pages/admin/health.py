"""Settings > Health."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import link
from helpdesk.components.button import button
from helpdesk.components.feedback import banner, error_state, skeleton_rows
from helpdesk.components.layout import page_header, stack
from helpdesk.components.times import time_ago
from helpdesk.pages.layout import admin_page
from helpdesk.services.health import HealthRow
from helpdesk.state.admin.health import HOME, STATES, Health


@admin_page(route=HOME, title="Health", section="health", on_load=(Health.load, Health.ask))
def health() -> rx.Component:
    """The page."""
    return rx.fragment(
        page_header(
            "Health",
            button("Look again", icon="rotate-cw", on_click=Health.ask, busy=Health.is_asking),
            text="What the desk leans on, and what waits while something of it is away.",
        ),
        rx.cond(
            Health.is_loading,
            rx.el.div(skeleton_rows(6), class_name="hd-card"),
            rx.cond(
                Health.problem != "",
                error_state(on_retry=Health.load),
                stack(
                    rx.cond(
                        Health.trouble > 0,
                        banner(
                            "Something waits. Nothing is lost: it goes on by itself as soon as it can.",
                            tone="amber",
                            icon="hourglass",
                        ),
                    ),
                    rx.el.ul(rx.foreach(Health.rows, _row), class_name="hd-card hd-list hd-health"),
                    gap=3,
                ),
            ),
        ),
    )


def _row(one: rx.Var[HealthRow]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.h2(one.name, class_name="hd-list-title"),
            rx.match(one.state, *((key, pill(label, tone, dot=True)) for key, label, tone in STATES), pill(one.state)),
            class_name="hd-line hd-between",
        ),
        rx.el.p(one.told, class_name="hd-help"),
        rx.cond(
            (one.since != "") | (one.words != ""),
            rx.el.div(
                rx.cond(
                    one.since != "",
                    rx.el.span(
                        rx.cond(one.key == "mailboxes", "Last read ", "The oldest has waited since "),
                        time_ago(one.since, form="absolute"),
                        class_name="hd-help",
                    ),
                ),
                rx.cond(one.words != "", link(one.words, href=one.href, class_name="hd-link")),
                class_name="hd-line hd-gap-2",
            ),
        ),
        key=one.key,
    )
