"""All notifications, for everybody signed in."""

import reflex as rx

from helpdesk.components.base import link
from helpdesk.components.bell import notification_list
from helpdesk.components.button import button
from helpdesk.components.feedback import empty_state, error_state, skeleton_rows
from helpdesk.components.filters import pager
from helpdesk.components.layout import card, page_header
from helpdesk.pages.layout import own_page
from helpdesk.state.notifications import HOME, Notifications
from helpdesk.state.session import Me


@own_page(route=HOME, title="Notifications", on_load=Notifications.load)
def notifications() -> rx.Component:
    """The list with its three ways to look."""
    return rx.fragment(
        page_header(
            "Notifications",
            rx.cond(Me.unread > 0, button("Mark all as read", icon="check-check", on_click=Notifications.read_all)),
            button("Choose what you are told", icon="sliders-horizontal", href="/profile/notifications"),
        ),
        rx.el.div(_ways(), class_name="hd-list-tools"),
        rx.cond(
            Notifications.is_loading,
            card(skeleton_rows(6), flush=True),
            rx.cond(
                Notifications.problem != "",
                card(error_state(on_retry=Notifications.load)),
                rx.cond(Notifications.rows.length() > 0, _found(), card(_nothing())),
            ),
        ),
    )


def _ways() -> rx.Component:
    def way(label: str, value: str) -> rx.Component:
        here = rx.cond(Notifications.show == value, "true", "false")
        href = f"{HOME}?show={value}" if value else HOME
        return link(label, href=href, aria_current=here, class_name="hd-segment-link")

    return rx.el.nav(
        way("All", ""), way("Unread", "unread"), way("Read", "read"),
        aria_label="Which notifications", class_name="hd-segments",
    )  # fmt: skip


def _found() -> rx.Component:
    return rx.fragment(
        card(
            notification_list(
                Notifications.rows, on_read=Notifications.read, on_keep=Notifications.keep, label="Notifications"
            ),
            flush=True,
        ),
        rx.cond(
            (Notifications.newest_href != "") | (Notifications.older_href != ""),
            pager(newer=Notifications.newest_href, older=Notifications.older_href),
        ),
    )


def _nothing() -> rx.Component:
    return rx.cond(
        Notifications.show == "unread",
        empty_state("All read", "New ones appear here and on the bell.", icon="check-check"),
        empty_state("Nothing here", "What concerns you is told here, and on the bell.", icon="bell"),
    )
