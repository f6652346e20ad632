"""Whole screens with sample values, in the gallery: what the real pages look like before there is data."""

import reflex as rx

from helpdesk.components.badge import count, pill, priority_indicator, sla_chip, status_badge, tag_chip
from helpdesk.components.base import Choice, link
from helpdesk.components.button import button, icon_button
from helpdesk.components.composer import composer, dropzone
from helpdesk.components.feedback import banner
from helpdesk.components.filters import filter_bar, filter_chip, search_field
from helpdesk.components.form import form_actions, native_form, select_field, text_field, textarea_field
from helpdesk.components.icons import icon
from helpdesk.components.layout import (
    card,
    description_list,
    grid,
    page_header,
    pane_head,
    pane_scroll,
    pane_toggle,
    panes,
    row,
    section,
    stack,
)
from helpdesk.components.menu import picker
from helpdesk.components.person import avatar, person_line
from helpdesk.components.progress import star_rating, stars_shown, status_stepper
from helpdesk.components.shells import admin_shell, agent_shell, auth_shell, error_shell, manager_shell, portal_shell
from helpdesk.components.stats import chart_card, meter, stat_card, stat_cards
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.tabs import segmented, tab_panels
from helpdesk.components.thread import attachment, comment, day_divider, system_fold, system_line, thread
from helpdesk.components.times import time_ago
from helpdesk.pages.gallery_samples import CUSTOMER, PEOPLE, STATUSES, VIEWER, chart, hours, tickets

_HELLO = (
    "<p>Hello,</p><p>the invoice of <strong>October</strong> still shows our old address in Lyon. Could you send a new one "
    "before Friday? Our accounting closes the month then.</p><p>Thank you,<br>Rita</p>"
)


def workspace() -> rx.Component:
    """The agent's workspace."""
    return agent_shell(
        panes(_queue(), _ticket(), _context(), pane="main"), viewer=VIEWER, active="inbox", inbox_count=12
    )


def queue() -> rx.Component:
    """The workspace on a phone before a ticket is opened."""
    return agent_shell(panes(_queue(), _ticket(), _context(), pane="list"), viewer=VIEWER, active="inbox")


def _queue() -> rx.Component:
    views = [
        ("user-round", "My open", 12, True),
        ("inbox", "Unassigned", 3, False),
        ("alarm-clock", "SLA at risk", 2, False),
        ("hourglass", "Waiting", 7, False),
        ("layers", "All open", 140, False),
    ]
    nav = (
        link(
            icon(shape, size=15),
            rx.el.span(label, class_name="grow truncate"),
            count(number),
            href="/gallery/workspace",
            aria_current="page" if active else "false",
            class_name="hd-view",
        )
        for shape, label, number, active in views
    )
    return rx.el.div(
        rx.el.nav(*nav, aria_label="Views", class_name="hd-views"),
        pane_head(
            rx.el.h1("My open", class_name="hd-pane-title grow"),
            icon_button("arrow-up-down", "Sort"),
            icon_button("list-filter", "Filter", tip="left"),
        ),
        filter_bar(filter_chip("Priority", "High, Urgent", on_remove=rx.noop())),
        pane_scroll(tickets(current=0)),
        class_name="hd-list-pane",
    )


def _ticket() -> rx.Component:
    return rx.el.div(
        rx.el.header(
            pane_head(
                link(
                    icon("arrow-left"),
                    href="/gallery/queue",
                    aria_label="Back to the list",
                    data_hotkey="u",
                    class_name="hd-btn hd-btn-icon hd-btn-ghost hd-btn-md hd-back",
                ),
                rx.el.button("ACME-7K3F0Q", icon("copy", size=12), type="button", class_name="hd-ref"),
                rx.el.span(class_name="grow"),
                sla_chip("met", hours(-20), metric="First response"),
                sla_chip("ok", hours(1.5), metric="Resolution", warn_at=hours(1.2)),
                button("Resolve", icon="check", size="sm", hotkey="e"),
                pane_toggle(),
            ),
            rx.el.div(
                rx.el.h2("Invoice of October shows the old address", class_name="hd-ticket-title"),
                class_name="hd-ticket-title-line",
            ),
            class_name="hd-ticket-head",
        ),
        pane_scroll(
            thread(
                day_divider("Yesterday"),
                comment(
                    "Rita Levi",
                    hours(-26),
                    _HELLO,
                    channel="email",
                    attachments=attachment("invoice-2026-10.pdf", "/gallery", size="84 KB"),
                ),
                system_line("Routed to Ada Byron", hours(-26), icon="route", why="least loaded in Billing"),
                comment(
                    "Ada Byron",
                    hours(-25),
                    "<p>The address in their profile is still the old one. Changed it there, invoices follow the profile.</p>",
                    side="note",
                ),
                system_fold(
                    "3 changes by Ada Byron",
                    system_line("Priority set to High", hours(-25), icon="flag"),
                    system_line("Tag invoice added", hours(-25), icon="tag"),
                    system_line("Status set to In progress", hours(-25), icon="circle-dot"),
                ),
                day_divider("Today"),
                comment(
                    "Ada Byron",
                    hours(-3),
                    "<p>Hello Rita,</p><p>I corrected the address in your profile and attached the new invoice. "
                    "Is there anything else on it you would like changed?</p>",
                    side="agent",
                    detail="to rita@example.com",
                    attachments=attachment("invoice-2026-10-corrected.pdf", "/gallery", size="86 KB"),
                ),
                comment("Rita Levi", hours(-0.1), "<p>Perfect, only the VAT number is missing now.</p>", channel="web"),
            ),
            data_stick="bottom",
        ),
        composer(
            on_submit=rx.noop(),
            to="Rita Levi <rita@example.com>",
            warning="Max is writing a reply…",
            tools=icon_button("zap", "Macro", hotkey="m", tip="top"),
        ),
        class_name="hd-ticket",
    )


def _context() -> rx.Component:
    statuses = [Choice(label.lower(), label, tone=colour) for label, colour in STATUSES]
    priority = priority_indicator("High", 3, show_label=True)
    assignee = rx.el.span(avatar("Ada Byron", size="xs"), "Ada Byron", class_name="hd-inline")
    details = rx.el.div(
        description_list(
            (
                "Status",
                picker("Status", status_badge("Open", "indigo"), statuses, on_pick=lambda _: rx.noop(), hotkey="s"),
            ),
            ("Assignee", picker("Assignee", assignee, [], on_pick=lambda _: rx.noop(), hotkey="a")),
            ("Priority", picker("Priority", priority, [], on_pick=lambda _: rx.noop(), hotkey="p")),
            ("Category", "Billing"),
            ("Team", "Finance"),
            ("Tags", row(tag_chip("vip", "amber"), tag_chip("invoice", "teal"), gap=1)),
            ("Channel", "E-mail"),
            ("Created", time_ago(hours(-26), form="absolute")),
        ),
        section(
            "Service level",
            rx.el.div(rx.el.span("Resolution"), sla_chip("ok", hours(1.5)), class_name="hd-line hd-between"),
            rx.el.p("Standard, high priority: 8 h in business hours", class_name="hd-help"),
        ),
        class_name="hd-context-body",
    )
    customer = rx.el.div(
        person_line("Rita Levi", "rita@example.com", size="xl"),
        description_list(("Company", "Levi & Sons"), ("Phone", "+33 1 23 45 67 89"), ("Open tickets", "2")),
        class_name="hd-context-body",
    )
    return tab_panels(
        ("details", "Details", details),
        ("customer", "Customer", customer),
        ("history", "History", rx.el.div(system_line("Rita Levi wrote", hours(-0.1)), class_name="hd-context-body")),
        class_name="hd-context",
    )


def portal() -> rx.Component:
    """The customers' first page."""
    hero = rx.el.section(
        rx.el.h1("How can we help?", tab_index=-1, data_page_title="true", class_name="hd-hero-title"),
        rx.el.p("Search for an answer, or tell us what is wrong.", class_name="hd-hero-text"),
        rx.el.div(
            search_field(placeholder="Search articles and your requests", large=True), class_name="hd-hero-search"
        ),
        class_name="hd-hero",
    )
    requests = [
        ("Invoice of October shows the old address", "In progress", "violet", -0.1),
        ("Label printer prints every second label upside down", "Waiting for you", "amber", -20),
        ("Please add two people to the measurement project", "Received", "blue", -48),
    ]
    mine = card(
        rx.el.ul(*(_request(*one) for one in requests), class_name="hd-list"),
        title="My open requests",
        action=link("See all", href="/gallery/portal", class_name="hd-link"),
        flush=True,
    )
    return portal_shell(
        grid(
            mine,
            stack(
                card(
                    stack(
                        rx.el.p("Something does not work, or you need something?"),
                        button(
                            "Report a problem",
                            variant="primary",
                            size="lg",
                            icon="message-square-plus",
                            href="/gallery/request",
                        ),
                        gap=3,
                    ),
                    title="Get help",
                ),
                card(
                    rx.el.ul(
                        *(
                            rx.el.li(link(icon("file-text"), text, href="/gallery/portal", class_name="hd-list-link"))
                            for text in (
                                "Reset your password",
                                "Change the address on invoices",
                                "Connect a label printer",
                            )
                        ),
                        class_name="hd-list",
                    ),
                    title="Often read",
                    flush=True,
                ),
            ),
            class_name="hd-portal-split",
        ),
        viewer=CUSTOMER,
        hero=hero,
        notice=banner("We are closed until Monday, 9:00. Urgent requests are still read.", tone="blue", icon="moon"),
    )


def _request(title: str, status: str, colour: str, age: float) -> rx.Component:
    words = rx.el.div(
        rx.el.div(title, class_name="hd-list-title"),
        rx.el.div("ACME-7K3F9Q · ", time_ago(hours(age), form="long"), class_name="hd-list-detail"),
        class_name="min-w-0 grow",
    )
    return rx.el.li(link(words, pill(status, colour), href="/gallery/request", class_name="hd-list-link"))


def request() -> rx.Component:
    """A customer's request."""
    return portal_shell(
        page_header(
            "Invoice of October shows the old address",
            button("It’s solved", icon="check"),
            text="ACME-7K3F9Q",
        ),
        stack(
            card(status_stepper(1, text="We expect to be done by tomorrow 11:00.")),
            thread(
                comment("Rita Levi", hours(-26), _HELLO, side="customer"),
                comment("Ada Byron", hours(-3), "<p>Hello Rita, here is the corrected invoice.</p>", side="agent",
                        attachments=attachment("invoice-2026-10-corrected.pdf", "/gallery", size="86 KB")),
            ),
            composer(on_submit=rx.noop(), can_note=False, submits=(), placeholder="Write an answer…", large=True),
            card(star_rating()),
            gap=6,
        ),
        viewer=CUSTOMER,
        active="requests",
        narrow=True,
    )  # fmt: skip


def new_request() -> rx.Component:
    """A customer files a request."""
    form = native_form(
        select_field(
            "What is it about?", [("1", "Billing"), ("2", "Hardware")], name="category", placeholder="Choose one"
        ),
        text_field("In a few words", name="title", placeholder="Printer does not print"),
        textarea_field(
            "What happened?",
            name="text",
            rows=6,
            placeholder="What did you do, what did you expect, what came instead?",
        ),
        dropzone(),
        form_actions(
            button("Cancel", size="lg"), button("Send the request", variant="primary", size="lg", type="submit")
        ),
        action="/gallery",
        method="get",
        data_upload="true",
        class_name="hd-form",
    )
    return portal_shell(
        page_header("Report a problem", text="We answer within four business hours."),
        card(form),
        viewer=CUSTOMER,
        narrow=True,
    )


def overview() -> rx.Component:
    """What a manager sees first."""
    people = [(name, f"{30 + index * 14}%", 40 - index * 5) for index, name in enumerate(PEOPLE[:5])]
    return manager_shell(
        page_header(
            "Overview",
            segmented([("7", "7 days"), ("30", "30 days"), ("90", "90 days")], name="range", label="Range", value="30"),
            text="23 October to 21 November",
        ),
        stack(
            stat_cards(
                stat_card("New", "182", delta="12 %", direction="up", compared="than before", href="/gallery"),
                stat_card(
                    "Open",
                    "140",
                    delta="4 %",
                    direction="down",
                    meaning="good",
                    compared="than before",
                    href="/gallery",
                ),
                stat_card("SLA met", "96.4 %", delta="1.2", direction="up", meaning="good", compared="than before"),
                stat_card("First response", "42 m", detail="p90 3 h 10 m", delta="8 m", direction="up", meaning="bad"),
                stat_card("CSAT", "4.6", detail=stars_shown(5)),
            ),
            grid(
                chart_card("Created and resolved", chart(), text="Per day"),
                chart_card("By category", chart(), text="Open now"),
            ),
            data_table(
                [
                    Column("Agent", "name"),
                    Column("Capacity"),
                    Column("Solved", "solved", "right"),
                    Column("CSAT", "", "right"),
                ],
                rx.fragment(
                    *(
                        table_row(
                            cell(person_line(name), href="/gallery"),
                            cell(
                                meter(share, label=f"{share} of capacity"), label="Capacity", class_name="hd-td-meter"
                            ),
                            cell(str(solved), label="Solved", align="right"),
                            cell("4.6", label="CSAT", align="right"),
                        )
                        for name, share, solved in people
                    )
                ),
                label="Agents",
                sort="solved",
                descending=True,
                on_sort=lambda _: rx.noop(),
            ),
        ),
        viewer=VIEWER,
    )


def settings() -> rx.Component:
    """A settings page."""
    return admin_shell(
        page_header(
            "People", button("Add a person", variant="primary", icon="plus"), text="Who works here and who asks."
        ),
        data_table(
            [Column("Name", "name"), Column("Role", "role"), Column("Team"), Column("Last seen", "seen")],
            rx.fragment(
                *(
                    table_row(
                        cell(person_line(name, f"{name.split()[0].lower()}@example.com"), href="/gallery"),
                        cell(pill("Agent"), label="Role"),
                        cell("Finance", label="Team"),
                        cell(time_ago(hours(-index * 5 - 1)), label="Last seen"),
                    )
                    for index, name in enumerate(PEOPLE)
                )
            ),
            label="People",
            sort="name",
            on_sort=lambda _: rx.noop(),
        ),
        viewer=VIEWER,
        section="people",
    )


def sign_in() -> rx.Component:
    """The door."""
    return auth_shell(
        native_form(
            text_field("E-mail", name="email", type="email", auto_complete="username", auto_focus=True),
            text_field("Password", name="password", type="password", auto_complete="current-password"),
            button("Sign in", variant="primary", size="lg", type="submit", wide=True),
            action="/gallery",
            method="get",
            class_name="hd-form",
        ),
        title="Welcome back",
        text="Sign in to see your requests.",
        organization="Acme",
        footer=rx.fragment("New here? ", link("Create an account", href="/gallery", class_name="hd-link")),
    )


def missing() -> rx.Component:
    """Nothing here."""
    return error_shell(
        "This page does not exist",
        "The address may be mistyped, or what was here is gone.",
        button("Go to the start", variant="primary", href="/gallery"),
        button("Report a problem", href="/gallery"),
        code="404",
    )


MOCKS = [
    ("/gallery/workspace", workspace, "Workspace"),
    ("/gallery/queue", queue, "Queue"),
    ("/gallery/portal", portal, "Portal"),
    ("/gallery/request", request, "Request"),
    ("/gallery/new", new_request, "Report a problem"),
    ("/gallery/overview", overview, "Overview"),
    ("/gallery/settings", settings, "Settings"),
    ("/gallery/sign-in", sign_in, "Sign in"),
    ("/gallery/missing", missing, "Not found"),
]
