"""The workspace: views and list on the left, the ticket in the middle, its context on the right."""

import reflex as rx

from helpdesk.components.badge import count
from helpdesk.components.base import Choice, link
from helpdesk.components.feedback import empty_state, error_state, skeleton_rows
from helpdesk.components.filters import filter_bar, filter_chip, filter_menu, pager
from helpdesk.components.form import select
from helpdesk.components.icons import icon
from helpdesk.components.layout import pane_head, pane_scroll, panes
from helpdesk.components.menu import popover
from helpdesk.components.ticket_row import ticket_list, ticket_row
from helpdesk.pages.agent.ticket import context_pane, ticket_pane
from helpdesk.pages.layout import agent_page
from helpdesk.services.tickets import ViewCount
from helpdesk.state.agent.queue import FILTERS, RANGES, SORTS, Chip, Queue, Row
from helpdesk.state.agent.ticket import OpenTicket

# The lucide name of each view's icon; icons are drawn by literal names, so that only these are shipped.
_VIEW_ICONS = {
    "mine": "user-round",
    "unassigned": "inbox",
    "at-risk": "alarm-clock",
    "waiting": "hourglass",
    "open": "layers",
    "solved": "check-check",
    "all": "archive",
}


@agent_page(
    route="/agent",
    title=Queue.page_title,
    on_load=[Queue.load, OpenTicket.load],
    on_search=Queue.search.debounce(300),
    search=Queue.text,
)
def workspace() -> rx.Component:
    """The agent's page."""
    return panes(
        _list_pane(),
        ticket_pane(),
        context_pane(),
        pane=rx.cond(Queue.current != "", "main", "list"),
    )


def _list_pane() -> rx.Component:
    return rx.el.div(
        _views(),
        pane_head(
            rx.el.h1(Queue.title, tab_index=-1, data_page_title="true", class_name="hd-pane-title grow truncate"),
            _sorting(),
            _filters(),
        ),
        rx.cond(
            Queue.chips.length() > 0,
            filter_bar(rx.foreach(Queue.chips, _chip)),
        ),
        pane_scroll(
            rx.cond(
                Queue.is_loading,
                skeleton_rows(8),
                rx.cond(Queue.problem != "", error_state(on_retry=Queue.load), _rows()),
            ),
            _pages(),
        ),
        class_name="hd-list-pane",
    )


def _views() -> rx.Component:
    return rx.el.nav(
        rx.foreach(Queue.views, _view),
        aria_label="Views",
        class_name="hd-views",
    )


def _view(view: rx.Var[ViewCount]) -> rx.Component:
    return link(
        rx.match(
            view.slug, *((slug, icon(name, size=15)) for slug, name in _VIEW_ICONS.items()), icon("list", size=15)
        ),
        rx.el.span(view.label, class_name="grow truncate"),
        rx.cond(view.count >= 1000, rx.el.span("999+", class_name="hd-count"), count(view.count)),
        href="/agent?view=" + view.slug.to(str),
        aria_current=rx.cond(Queue.view == view.slug, "page", "false"),
        class_name="hd-view",
    )


def _rows() -> rx.Component:
    return rx.cond(
        Queue.rows.length() > 0,
        ticket_list(rx.foreach(Queue.rows, _row), label=Queue.title),
        rx.cond(
            Queue.text != "",
            empty_state("Nothing found", "Try other words, or look in all tickets.", icon="search-x"),
            rx.cond(
                Queue.chips.length() > 0,
                empty_state("No ticket fits these filters", "Remove one to see more.", icon="filter-x"),
                empty_state("All done here", "New tickets appear by themselves.", icon="coffee"),
            ),
        ),
    )


def _row(row: rx.Var[Row]) -> rx.Component:
    return ticket_row(
        key=row.reference,
        reference=row.reference,
        subject=row.title,
        href=Queue.row_base + row.reference.to(str),
        customer=row.requester,
        moment=row.updated_at,
        status=row.status,
        status_colour=row.status_colour,
        channel=row.channel,
        priority=row.priority,
        priority_rank=row.priority_rank,
        sla_state=row.sla,
        sla_due_at=row.sla_due_at,
        assignee=row.assignee,
        snoozed_until=row.snoozed_until,
        activity=rx.cond(OpenTicket.drafted.contains(row.reference), "Draft", ""),
        unread=row.waits_for_us,
        current=Queue.current == row.reference,
    )


def _chip(chip: rx.Var[Chip]) -> rx.Component:
    return filter_chip(chip.label, chip.value, href=chip.href)


def _sorting() -> rx.Component:
    return select(
        [Choice(sort.value, label) for sort, label in SORTS],
        value=Queue.sort,
        on_change=Queue.order,
        aria_label="Sort by",
        class_name="hd-input-quiet",
    )


def _filters() -> rx.Component:
    trigger = rx.el.button(
        icon("list-filter"), type="button", aria_label="Filter", class_name="hd-btn hd-btn-icon hd-btn-ghost hd-btn-md"
    )
    menus = [
        filter_menu(
            label,
            getattr(Queue, f"{name}_choices"),
            on_toggle=lambda value, name=name: Queue.toggle(name, value),
            chosen=Queue.chosen[name],
        )
        for name, (label, _) in FILTERS.items()
    ]
    dates = [
        rx.el.label(
            rx.el.span(label, class_name="hd-label"),
            rx.el.input(
                type="date",
                value=Queue.ranges[name],
                on_change=lambda day, name=name: Queue.between(name, day),
                class_name="hd-input",
            ),
            class_name="hd-field",
        )
        for name, label in RANGES.items()
    ]
    return popover(
        trigger,
        rx.el.div(
            rx.el.div(*menus, class_name="hd-filter-menus"),
            rx.el.div(*dates, class_name="hd-filter-dates"),
            class_name="hd-stack hd-gap-3",
        ),
        align="end",
    )


def _pages() -> rx.Component:
    return rx.cond(
        (Queue.older_href != "") | (Queue.newer_href != ""),
        pager(newer=Queue.newer_href, older=Queue.older_href, size=Queue.size, on_size=Queue.resize),
    )
