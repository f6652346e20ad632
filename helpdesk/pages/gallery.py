"""Every component in every variant, with sample values: for developers, at /gallery, never in production."""

import reflex as rx

from helpdesk.components.badge import count, pill, priority_indicator, sla_chip, status_badge, tag_chip
from helpdesk.components.base import Choice
from helpdesk.components.button import button, button_group, icon_button
from helpdesk.components.composer import composer, dropzone
from helpdesk.components.dialog import confirm, dialog, sheet
from helpdesk.components.feedback import (
    banner,
    empty_state,
    error_state,
    skeleton_cards,
    skeleton_rows,
    skeleton_table,
    skeleton_thread,
    toast_done,
    toast_failed,
)
from helpdesk.components.filters import bulk_bar, filter_bar, filter_chip, filter_menu, pager, search_field
from helpdesk.components.form import (
    checkbox,
    form_actions,
    form_error,
    native_form,
    radio_cards,
    select_field,
    switch,
    text_field,
    textarea_field,
)
from helpdesk.components.icons import channel_icon
from helpdesk.components.keys import WORKSPACE_SHORTCUTS, kbd, shortcut_list
from helpdesk.components.layout import (
    breadcrumbs,
    card,
    description_list,
    divider,
    grid,
    page_header,
    row,
    section,
    stack,
)
from helpdesk.components.menu import menu, menu_item, menu_label, menu_separator, picker, popover
from helpdesk.components.person import avatar, avatar_stack, nobody, person_line
from helpdesk.components.progress import star_rating, stars_shown, status_stepper
from helpdesk.components.shells import manager_shell
from helpdesk.components.stats import chart_card, meter, stat_card, stat_cards
from helpdesk.components.table import Column, cell, data_table, row_check, table_row
from helpdesk.components.tabs import segmented, tab_link, tab_links, tab_panels
from helpdesk.components.theme import LIGHT_TONES
from helpdesk.components.thread import attachment, comment, day_divider, system_fold, system_line, thread
from helpdesk.components.times import countdown, time_ago
from helpdesk.pages.gallery_mocks import MOCKS
from helpdesk.pages.gallery_samples import PEOPLE, PRIORITIES, STATUSES, VIEWER, chart, hours, tickets

CHANNELS = ("web", "email", "phone", "chat", "mobile", "api")


def gallery() -> rx.Component:
    """All components on one page."""
    return manager_shell(
        page_header(
            "Gallery",
            button("Workspace", href="/gallery/workspace", icon="inbox"),
            button("Portal", href="/gallery/portal", icon="life-buoy"),
            button("Overview", href="/gallery/overview", icon="chart-no-axes-column"),
            text="Every component with sample values. Pages replace the values by vars.",
            crumbs=breadcrumbs(("Design", "/gallery"), ("Gallery", "/gallery")),
        ),
        stack(
            _buttons(),
            _badges(),
            _people(),
            _forms(),
            _menus(),
            _lists(),
            _conversation(),
            _figures(),
            _progress(),
            _feedback(),
            gap=6,
        ),
        viewer=VIEWER,
        active="none",
        inbox_count=12,
    )


def _buttons() -> rx.Component:
    return card(
        stack(
            *(
                row(
                    button("Primary", variant="primary", size=size),
                    button("Secondary", size=size),
                    button("Ghost", variant="ghost", size=size),
                    button("Delete", variant="danger", size=size, icon="trash-2"),
                    button("Remove", variant="danger-ghost", size=size),
                    button("With icon", icon="plus", size=size),
                    button("Sending", variant="primary", busy=True, size=size),
                    button("Off", disabled=True, size=size),
                    icon_button("settings", "Settings", size=size),
                    icon_button("filter", "Filter", variant="secondary", size=size),
                )
                for size in ("sm", "md", "lg")
            ),
            row(
                button("Reply", icon="reply", hotkey="r", show_hotkey=True),
                button_group(button("Day"), button("Week"), button("Month"), label="Range"),
                segmented(
                    [("7", "7 days"), ("30", "30 days"), ("90", "90 days")], name="range", label="Range", value="30"
                ),
                kbd("g i"),
                kbd("Ctrl Enter"),
            ),
        ),
        title="Buttons",
    )


def _badges() -> rx.Component:
    return card(
        stack(
            row(*(status_badge(label, colour) for label, colour in STATUSES)),
            row(*(priority_indicator(label, rank, show_label=True) for label, rank in PRIORITIES), gap=5),
            row(
                *(
                    sla_chip(state, hours(due), metric="First response", warn_at=hours(warn))
                    for state, due, warn in _SLA
                ),
            ),
            row(*(sla_chip(state, hours(due), warn_at=hours(warn), compact=True) for state, due, warn in _SLA)),
            row(*(tag_chip(name, name) for name in LIGHT_TONES), tag_chip("billing", "green", on_remove=rx.noop())),
            row(*(pill(name, name) for name in LIGHT_TONES)),
            row(*(channel_icon(channel) for channel in CHANNELS), count(7), count(3, tone="red"), gap=4),
            row(
                time_ago(hours(-0.01)),
                time_ago(hours(-3)),
                time_ago(hours(-50), form="long"),
                time_ago(hours(-500), form="date"),
                time_ago(hours(-3), form="absolute"),
                countdown(hours(0.02)),
                gap=4,
            ),
        ),
        title="Badges and times",
    )


_SLA = [("ok", 6, 4), ("ok", 1, -0.1), ("at_risk", 0.3, -1), ("breached", -2, -4), ("paused", 5, 4), ("met", -1, -2)]


def _people() -> rx.Component:
    return card(
        grid(
            stack(
                row(
                    *(
                        avatar(name, size=size)
                        for name, size in zip(PEOPLE, ("xs", "sm", "md", "lg", "xl"), strict=False)
                    )
                ),
                row(
                    avatar("Ada Byron", size="lg", presence="available"),
                    avatar("Max Planck", size="lg", presence="away"),
                    avatar("Rita Levi", size="lg", presence="offline"),
                    nobody(size="lg"),
                    avatar_stack(rx.Var.create(PEOPLE[:3])),
                ),
                person_line("Rita Levi", "rita@example.com", presence="available", size="lg"),
                person_line("Max Planck", "Manager", trailing=pill("You", "indigo")),
            ),
            description_list(
                ("Requester", person_line("Rita Levi", size="sm")),
                ("Company", "Acme Tools"),
                ("Created", time_ago(hours(-26), form="absolute")),
                ("Category", "Billing"),
                ("Tags", row(tag_chip("vip", "amber"), tag_chip("invoice", "teal"), gap=1)),
            ),
        ),
        title="People and facts",
    )


def _forms() -> rx.Component:
    return card(
        native_form(
            form_error("Please correct the two fields below."),
            grid(
                text_field(
                    "E-mail",
                    name="email",
                    type="email",
                    placeholder="you@example.com",
                    icon="mail",
                    auto_complete="email",
                ),
                text_field("Subject", name="subject", error="Say in a few words what happened.", default_value=""),
                select_field(
                    "Category", [("1", "Billing"), ("2", "Hardware")], name="category", placeholder="Choose one"
                ),
                text_field("Due date", name="due", type="date", help="When you need it at the latest.", optional=True),
            ),
            textarea_field(
                "Description",
                name="description",
                placeholder="What did you do, what did you expect, what came instead?",
            ),
            dropzone(),
            grid(
                stack(
                    checkbox("Tell me about replies by e-mail", default_checked=True),
                    checkbox("Weekly summary", help="Every Monday morning."),
                    gap=2,
                ),
                switch(
                    "Customers may file without signing in", help="The public form stays open.", default_checked=True
                ),
            ),
            radio_cards(
                "Routing",
                [
                    Choice("round_robin", "In turn", hint="Everyone gets the next one."),
                    Choice("least_loaded", "Least loaded", hint="Whoever has the fewest open."),
                ],
                name="routing",
                value="round_robin",
            ),
            form_actions(button("Cancel"), button("Save changes", variant="primary", type="submit")),
            action="/gallery",
            method="get",
            data_upload="true",
            class_name="hd-form",
        ),
        title="Forms",
    )


def _menus() -> rx.Component:
    statuses = [Choice(label.lower(), label, tone=colour) for label, colour in STATUSES]
    return card(
        stack(
            row(
                menu(
                    button("Menu", icon="ellipsis"),
                    menu_label("Ticket"),
                    menu_item("Assign to me", icon="user-check", hotkey="i"),
                    menu_item("Snooze", icon="alarm-clock", hint="until Monday"),
                    menu_separator(),
                    menu_item("Delete", icon="trash-2", danger=True),
                ),
                picker(
                    "Status",
                    status_badge("Open", "blue"),
                    statuses,
                    on_pick=lambda _: rx.noop(),
                    value="open",
                    hotkey="s",
                ),
                popover(button("Popover", icon="info"), rx.el.p("Anything fits in here.")),
                dialog(
                    "Rename the view",
                    text_field("Name", name="view", default_value="My open"),
                    text="Everybody who shares it sees the new name.",
                    trigger=button("Dialog"),
                    actions=[button("Save", variant="primary")],
                ),
                confirm(
                    "Deactivate Ada Byron?",
                    "She can no longer sign in. Her 12 open tickets go back to the queue.",
                    confirm_label="Deactivate",
                    on_confirm=rx.noop(),
                    trigger=button("Confirm", variant="danger-ghost"),
                    danger=True,
                ),
                sheet("Filters", text_field("Contains", name="contains"), trigger=button("Sheet", icon="panel-right")),
                button("Toast", on_click=toast_done("Saved.")),
                button("Failed", on_click=toast_failed("This ticket was merged into ACME-7K3F9Q.")),
            ),
            tab_links(
                tab_link("Open", "/gallery", active=True, number=12),
                tab_link("Waiting", "/gallery", number=3),
                tab_link("All", "/gallery"),
                label="Views",
            ),
            tab_panels(
                ("details", "Details", rx.el.p("Fields, tags, watchers.", class_name="py-3")),
                ("customer", "Customer", rx.el.p("Profile and last tickets.", class_name="py-3")),
                ("history", "History", rx.el.p("What happened and why.", class_name="py-3")),
            ),
            shortcut_list(WORKSPACE_SHORTCUTS),
        ),
        title="Menus, dialogs, tabs, shortcuts",
    )


def _lists() -> rx.Component:
    categories = [Choice("billing", "Billing"), Choice("hardware", "Hardware"), Choice("access", "Access")]
    columns = [
        Column("Name", "name"),
        Column("Role", "role"),
        Column("Last seen", "seen"),
        Column("Open", "open", "right"),
    ]
    people = [("Ada Byron", "Agent", -1, 12), ("Max Planck", "Manager", -30, 0), ("Rita Levi", "Customer", -200, 3)]
    return stack(
        card(
            bulk_bar(12, button("Assign", size="sm"), button("Resolve", size="sm"), on_clear=rx.noop()),
            filter_bar(
                search_field(placeholder="Search people"),
                filter_chip("Status", "Open, In progress", on_remove=rx.noop()),
                filter_menu("Category", categories, on_toggle=lambda _: rx.noop(), chosen=["billing"]),
            ),
            tickets(),
            pager(newer="", older="/gallery", shown_text="1–25 of many", size="25", on_size=rx.noop()),
            title="A list of tickets",
            flush=True,
        ),
        data_table(
            columns,
            rx.fragment(
                *(
                    table_row(
                        cell(person_line(name, f"{name.split()[0].lower()}@example.com"), href="/gallery"),
                        cell(pill(role), label="Role"),
                        cell(time_ago(hours(seen)), label="Last seen"),
                        cell(str(number), label="Open", align="right"),
                        check=row_check(f"Select {name}", checked=False, on_change=rx.noop()),
                    )
                    for name, role, seen, number in people
                )
            ),
            label="People",
            sort="name",
            on_sort=lambda _: rx.noop(),
            on_check_all=rx.noop(),
            footer=pager(older="/gallery", shown_text="1–25"),
        ),
    )


def _conversation() -> rx.Component:
    return card(
        thread(
            day_divider("Yesterday"),
            comment(
                "Rita Levi",
                hours(-26),
                "<p>Hello, the invoice of <strong>October</strong> shows the old address. Could you send a new one?</p>",
                channel="email",
                attachments=attachment("invoice-2026-10.pdf", "/gallery", size="84 KB"),
            ),
            system_line("Routed to Ada Byron", hours(-26), icon="route", why="Least loaded in Billing"),
            system_fold(
                "3 changes",
                system_line("Ada Byron set the priority to High", hours(-25), icon="flag"),
                system_line("Ada Byron added the tag invoice", hours(-25), icon="tag"),
            ),
            comment("Ada Byron", hours(-24), "<p>The address in their profile is still the old one.</p>", side="note"),
            comment(
                "Ada Byron",
                hours(-23),
                "<p>Hello Rita, here is the corrected invoice.</p>",
                side="agent",
                detail="to Rita",
            ),
        ),
        composer(on_submit=rx.noop(), id="gallery-composer", to="Rita Levi", warning="Max is writing a reply…"),
        title="Conversation and composer",
        flush=True,
    )


def _figures() -> rx.Component:
    return stack(
        stat_cards(
            stat_card("New", "182", delta="12 %", direction="up", compared="than before", href="/gallery"),
            stat_card(
                "SLA met",
                "96.4 %",
                delta="1.2",
                direction="up",
                meaning="good",
                compared="than before",
                href="/gallery",
            ),
            stat_card(
                "Breached", "7", delta="3", direction="up", meaning="bad", compared="than before", href="/gallery"
            ),
            stat_card("First response", "42 m", detail="p90 3 h 10 m", delta="8 m", direction="down", meaning="good"),
            stat_card("CSAT", "4.6", detail=stars_shown(5)),
        ),
        grid(
            chart_card("Created and resolved", chart(), text="Last 30 days", table=rx.el.p("Numbers as a table.")),
            card(
                stack(
                    *(
                        rx.el.div(
                            person_line(name, size="sm"),
                            meter(share, label=f"{share} of capacity", tone=tone),
                            class_name="grid grid-cols-2 items-center gap-4",
                        )
                        for name, share, tone in (("Ada Byron", "62%", "indigo"), ("Max Planck", "94%", "amber"))
                    )
                ),
                title="Capacity",
            ),
        ),
    )


def _progress() -> rx.Component:
    return card(
        stack(
            status_stepper(1, text="We expect to be done by tomorrow 11:00."),
            status_stepper(3),
            divider("and then"),
            star_rating(value="4"),
            gap=6,
        ),
        title="Steps and rating",
    )


def _feedback() -> rx.Component:
    return stack(
        banner("Live updates are paused. The page catches up by itself.", tone="amber", icon="wifi-off"),
        banner("We are closed. We are back on Monday at 9:00.", tone="blue", icon="moon"),
        banner("Saved.", tone="green", icon="circle-check"),
        banner(
            "Mail could not be sent for an hour.",
            tone="red",
            icon="triangle-alert",
            action=button("Details", size="sm"),
        ),
        grid(
            card(
                empty_state(
                    "No open tickets",
                    "Enjoy the quiet, or look at what others work on.",
                    action=button("Show all open", href="/gallery"),
                )
            ),
            card(error_state(on_retry=rx.noop())),
        ),
        skeleton_cards(),
        grid(card(skeleton_rows(3), flush=True), card(skeleton_thread(), flush=True)),
        skeleton_table(3),
        section("Section", rx.el.p("With an overline.")),
    )


# Every page of the gallery as (route, component, title); helpdesk/app.py adds them in development only.
PAGES = [("/gallery", gallery, "Gallery"), *MOCKS]
