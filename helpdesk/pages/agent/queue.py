"""The workspace: views and list on the left, the ticket in the middle, its context on the right."""

import reflex as rx

from helpdesk.components.badge import count, priority_indicator, sla_chip, status_badge
from helpdesk.components.base import Choice, link
from helpdesk.components.bridge import announcer, hears
from helpdesk.components.button import button, icon_button
from helpdesk.components.dialog import confirm
from helpdesk.components.feedback import empty_state, error_state, skeleton_rows
from helpdesk.components.filters import bulk_bar, filter_bar, filter_chip, filter_menu, pager
from helpdesk.components.form import checkbox, select
from helpdesk.components.icons import icon
from helpdesk.components.layout import pane_head, pane_scroll, panes
from helpdesk.components.menu import menu, menu_item, menu_label, popover
from helpdesk.components.person import avatar, nobody
from helpdesk.components.ticket_row import ticket_list, ticket_row
from helpdesk.components.times import time_ago
from helpdesk.domain.filters import BUILT_IN_VIEWS
from helpdesk.domain.views import COLUMNS
from helpdesk.pages.agent.answers import article_dialog
from helpdesk.pages.agent.macros import macro_dialog
from helpdesk.pages.agent.ticket import context_pane, ticket_pane
from helpdesk.pages.agent.views import arrange_dialog, builder_dialog
from helpdesk.pages.layout import agent_page
from helpdesk.services.tickets import ViewCount
from helpdesk.state.agent.builder import Builder
from helpdesk.state.agent.bulk import Bulk
from helpdesk.state.agent.macros import MacroPicker
from helpdesk.state.agent.presence import Presence
from helpdesk.state.agent.queue import FILTERS, RANGES, SORTS, Cell, Chip, Queue, Row, TableLine
from helpdesk.state.agent.ticket import OpenTicket

# Icons are drawn by literal names, so that only these are shipped.
_VIEW_ICONS = (*(view.icon for view in BUILT_IN_VIEWS), "users-round")


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
        wide=Queue.is_table,
        width=Queue.list_width,
    )


def _list_pane() -> rx.Component:
    return rx.el.div(
        _views(),
        rx.cond(
            Queue.selected.length() > 0,
            _bulk(),
            pane_head(
                rx.el.h1(Queue.title, tab_index=-1, data_page_title="true", class_name="hd-pane-title grow truncate"),
                _sorting(),
                _filters(),
                _looks(),
            ),
        ),
        _bulk_progress(),
        rx.cond(
            Queue.chips.length() > 0,
            filter_bar(rx.foreach(Queue.chips, _chip)),
        ),
        rx.cond(
            Queue.meant != "",
            rx.el.p(
                "Do you mean ",
                link(Queue.meant, href=Queue.meant_href, class_name="hd-link"),
                "?",
                role="status",
                class_name="hd-corrected",
            ),
        ),
        rx.cond(
            Queue.corrected != "",
            rx.el.p(
                "Showing tickets with ",
                rx.el.strong(Queue.corrected),
                " too.",
                role="status",
                class_name="hd-corrected",
            ),
        ),
        pane_scroll(
            rx.cond(
                Queue.is_loading,
                skeleton_rows(8),
                rx.cond(Queue.problem != "", error_state(on_retry=Queue.load), _rows()),
            ),
            _pages(),
        ),
        hears("tick", Queue.tick),
        hears("presence", Presence.beat),
        announcer(),
        hears("width", Queue.keep_width),
        builder_dialog(),
        macro_dialog(),
        article_dialog(),
        arrange_dialog(),
        class_name="hd-list-pane",
        data_density=Queue.density,
        data_ticking=rx.cond(Queue.selected.length() > 0, "true", "false"),
    )


def _views() -> rx.Component:
    return rx.el.nav(
        rx.el.div(
            rx.el.h2("Views", class_name="hd-overline grow"),
            icon_button("plus", "New view", size="sm", on_click=Builder.start_anew),
            icon_button("sliders-horizontal", "Arrange views", size="sm", on_click=Builder.set_arranging(True)),
            class_name="hd-views-head",
        ),
        rx.el.div(rx.foreach(Queue.views, _pinned), class_name="hd-views-list"),
        aria_label="Views",
        class_name="hd-views",
    )


def _pinned(view: rx.Var[ViewCount]) -> rx.Component:
    return rx.cond(view.is_pinned | (Queue.view == view.slug), _view(view))


def _view(view: rx.Var[ViewCount]) -> rx.Component:
    return link(
        rx.match(view.icon, *((name, icon(name, size=15)) for name in _VIEW_ICONS), icon("list-filter", size=15)),
        rx.el.span(view.label, class_name="grow truncate"),
        rx.cond(view.count >= 1000, rx.el.span("999+", class_name="hd-count"), count(view.count)),
        href="/agent?view=" + view.slug.to(str),
        aria_current=rx.cond(Queue.view == view.slug, "page", "false"),
        class_name="hd-view",
    )


def _bulk() -> rx.Component:
    """What can be done to the ticked rows."""
    everything = rx.cond(
        Queue.is_all_selected,
        rx.el.span("All in this view", class_name="hd-bulk-all"),
        rx.cond(
            (Queue.older_href != "") | (Queue.newer_href != ""),
            button("Select all in this view", variant="ghost", size="sm", on_click=Queue.tick_all),
            button("Select all", variant="ghost", size="sm", on_click=Queue.tick_page),
        ),
    )
    nobody, none = Choice("", "Nobody"), Choice("", "None")
    return rx.el.div(
        bulk_bar(Queue.selected.length(), everything, on_clear=Queue.untick),
        rx.el.div(
            _bulk_menu("user-round", "Assign", "assign", Queue.assignee_choices, nobody),
            _bulk_menu("users-round", "Team", "team", Queue.team_choices, none),
            _bulk_menu("circle-dot", "Status", "status", Queue.status_choices),
            _bulk_menu("signal-high", "Priority", "priority", Queue.priority_choices),
            _bulk_menu("folder", "Category", "category", Queue.topic_choices, none),
            _bulk_menu("tag", "Add a tag", "tag", Queue.tag_choices),
            icon_button("zap", "Apply a macro", size="sm", on_click=MacroPicker.open_for_selection),
            _bulk_menu("eraser", "Remove a tag", "untag", Queue.tag_choices),
            rx.cond(
                (Queue.selected.length() > 1) & ~Queue.is_all_selected,
                confirm(
                    "Merge the selected tickets?",
                    "All of them are merged into " + Queue.selected[0].to(str) + ", the one selected first.",
                    confirm_label="Merge",
                    on_confirm=Bulk.apply("merge", Queue.selected[0]),
                    trigger=rx.el.button(
                        icon("merge"),
                        type="button",
                        aria_label="Merge",
                        data_tip="Merge",
                        class_name="hd-btn hd-btn-icon hd-btn-ghost hd-btn-sm",
                    ),
                ),
            ),
            rx.el.span(class_name="grow"),
            icon_button("check-check", "Close", size="sm", on_click=Bulk.apply("close", "")),
            role="toolbar",
            aria_label="Change the selected tickets",
            class_name="hd-bulk-tools",
        ),
    )


def _bulk_menu(
    shape: str, label: str, action: str, options: rx.Var[list[Choice]], none: Choice | None = None
) -> rx.Component:
    def item(choice: Choice) -> rx.Component:
        return menu_item(choice.label, on_select=Bulk.apply(action, choice.value))

    trigger = rx.el.button(
        icon(shape),
        type="button",
        aria_label=label,
        data_tip=label,
        class_name="hd-btn hd-btn-icon hd-btn-ghost hd-btn-sm",
    )
    return menu(trigger, menu_label(label), *([item(none)] if none else []), rx.foreach(options, item))


def _bulk_progress() -> rx.Component:
    """How far a large change is, and what was refused of the last one."""
    return rx.fragment(
        rx.cond(
            Bulk.is_running,
            rx.el.div(
                rx.el.span(f"{Bulk.label}: {Bulk.done} of {Bulk.total}", class_name="truncate"),
                rx.el.progress(value=Bulk.done, max=Bulk.total, aria_label=Bulk.label, class_name="hd-progress"),
                role="status",
                class_name="hd-bulk-progress",
            ),
        ),
        rx.cond(
            Bulk.refused > 0,
            rx.el.div(
                rx.el.div(
                    rx.el.strong(f"{Bulk.refused} not changed", class_name="grow"),
                    icon_button("x", "Put away", size="sm", tip="none", on_click=Bulk.dismiss),
                    class_name="hd-line",
                ),
                rx.el.ul(
                    rx.foreach(
                        Bulk.refusals,
                        lambda one: rx.el.li(
                            rx.el.span(one.reference, class_name="hd-mono"), ": ", one.reason, key=one.reference
                        ),
                    )
                ),
                role="alert",
                class_name="hd-refusals",
            ),
        ),
    )


def _rows() -> rx.Component:
    return rx.cond(
        Queue.rows.length() > 0,
        rx.cond(
            Queue.is_table,
            _table(),
            ticket_list(rx.foreach(Queue.rows, _row), label=Queue.title, data_news=Queue.row_base),
        ),
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
        sla_warn_at=row.sla_warn_at,
        sla_hours=row.sla_hours,
        sla_metric=row.sla_metric,
        assignee=row.assignee,
        snoozed_until=row.snoozed_until,
        escalation=row.escalation,
        unread=row.waits_for_us,
        current=Queue.current == row.reference,
        subject_pieces=row.title_pieces,
        excerpt_pieces=row.excerpt_pieces,
        ticked=Queue.selected.contains(row.reference),
        viewers=rx.cond(Presence.viewers.contains(row.reference), Presence.viewers[row.reference], ""),
        typing=rx.cond(Presence.typing.contains(row.reference), Presence.typing[row.reference], ""),
        activity=rx.cond(OpenTicket.drafted.contains(row.reference), "Draft", ""),
    )


def _table() -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.caption(Queue.title, class_name="sr-only"),
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(
                        rx.el.input(
                            type="checkbox",
                            checked=(Queue.selected.length() > 0) & (Queue.selected.length() == Queue.rows.length()),
                            on_change=lambda _: Queue.tick_page(),
                            aria_label="Select the page",
                            class_name="hd-check",
                        ),
                        class_name="hd-th-check",
                    ),
                    rx.foreach(Queue.heads, lambda head: rx.el.th(head, scope="col")),
                )
            ),
            rx.el.tbody(rx.foreach(Queue.table, _table_line), data_nav_list="true", data_news=Queue.row_base),
            class_name="hd-table hd-queue-table",
        ),
        class_name="hd-table-scroll",
    )


def _table_line(line: rx.Var[TableLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.input(
                type="checkbox",
                checked=Queue.selected.contains(line.reference),
                read_only=True,
                aria_label="Select " + line.reference.to(str),
                data_tick=line.reference,
                data_nav_select="true",
                tab_index=-1,
                class_name="hd-check",
            ),
            class_name="hd-td-check",
        ),
        rx.foreach(line.cells, lambda cell: rx.el.td(_cell(cell, line), data_kind=cell.kind)),
        key=line.reference,
        data_reference=line.reference,
        data_unread=rx.cond(line.waits_for_us, "true", "false"),
        data_ticked=rx.cond(Queue.selected.contains(line.reference), "true", "false"),
    )


def _cell(cell: rx.Var[Cell], line: rx.Var[TableLine]) -> rx.Component:
    subject = link(
        cell.text,
        href=Queue.row_base + line.reference.to(str),
        data_nav_item="true",
        class_name="hd-cell-link truncate",
    )
    return rx.match(
        cell.kind,
        ("link", subject),
        ("ref", rx.el.span(cell.text, class_name="hd-row-ref hd-mono")),
        ("status", status_badge(cell.text, cell.tone)),
        ("priority", priority_indicator(cell.text, cell.more.to(int), show_label=True)),
        ("sla", rx.cond(cell.text != "", sla_chip(cell.text, cell.more, hours=cell.tone, compact=True))),
        (
            "person",
            rx.cond(
                cell.text != "",
                rx.el.span(
                    avatar(cell.text, size="xs"), rx.el.span(cell.text, class_name="truncate"), class_name="hd-inline"
                ),
                nobody(size="xs"),
            ),
        ),
        ("time", rx.cond(cell.text != "", time_ago(cell.text))),
        rx.el.span(cell.text, class_name="truncate"),
    )


def _looks() -> rx.Component:
    """How the list looks: list, table or board, dense or not, which columns."""
    trigger = rx.el.button(
        icon("layout-list"),
        type="button",
        aria_label="Layout",
        data_tip="Layout",
        class_name="hd-btn hd-btn-icon hd-btn-ghost hd-btn-md",
    )
    return popover(
        trigger,
        rx.el.div(
            rx.el.div(
                _look("List", "list", Queue.layout == "list", Queue.arrange("", "list")),
                _look("Table", "table-2", Queue.layout == "table", Queue.arrange("", "table")),
                link(
                    icon("columns-3", size=14),
                    "Board",
                    href="/agent/board?view=" + Queue.view,
                    class_name="hd-btn hd-btn-secondary hd-btn-sm",
                ),
                role="group",
                aria_label="Layout",
                class_name="hd-btn-group",
            ),
            rx.el.div(
                _look("Comfortable", "rows-2", Queue.density == "comfortable", Queue.arrange("comfortable", "")),
                _look("Compact", "rows-4", Queue.density == "compact", Queue.arrange("compact", "")),
                role="group",
                aria_label="Density",
                class_name="hd-btn-group",
            ),
            rx.cond(
                Queue.layout == "table",
                rx.el.div(
                    *(
                        checkbox(
                            label,
                            checked=Queue.columns.contains(key),
                            on_change=lambda _, key=key: Queue.toggle_column(key),
                        )
                        for key, label in COLUMNS.items()
                    ),
                    role="group",
                    aria_label="Columns",
                    class_name="hd-look-columns",
                ),
            ),
            class_name="hd-stack hd-gap-3",
        ),
        align="end",
    )


def _look(label: str, shape: str, on: rx.Var[bool], on_click: rx.event.EventType[()]) -> rx.Component:
    return rx.el.button(
        icon(shape, size=14),
        label,
        type="button",
        aria_pressed=rx.cond(on, "true", "false"),
        on_click=on_click,
        class_name="hd-btn hd-btn-secondary hd-btn-sm hd-toggle",
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
            button("Build a view…", icon="list-filter", size="sm", on_click=Builder.open),
            class_name="hd-stack hd-gap-3",
        ),
        align="end",
    )


def _pages() -> rx.Component:
    return rx.cond(
        (Queue.older_href != "") | (Queue.newer_href != ""),
        pager(newer=Queue.newer_href, older=Queue.older_href, size=Queue.size, on_size=Queue.resize),
    )
