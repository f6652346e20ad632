"""One customer, one company: facts and notes beside their tickets."""

from typing import Any

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import Child, link
from helpdesk.components.button import button, icon_button
from helpdesk.components.dialog import dialog
from helpdesk.components.feedback import banner, empty_state, error_state, skeleton
from helpdesk.components.filters import pager
from helpdesk.components.form import hidden, text_field, textarea_field
from helpdesk.components.icons import icon
from helpdesk.components.layout import breadcrumbs, card, description_list, page_header, stack
from helpdesk.components.person import avatar, person_line
from helpdesk.components.progress import stars_shown
from helpdesk.components.stats import stat_card, stat_cards
from helpdesk.components.tabs import tab_link, tab_links
from helpdesk.components.thread import prose
from helpdesk.components.ticket_row import ticket_list, ticket_row
from helpdesk.components.times import time_ago
from helpdesk.pages.layout import agent_page
from helpdesk.services.companies import SiteRow
from helpdesk.services.customers import CustomerRow, NoteRow, RatingRow
from helpdesk.services.person_merging import Duplicate
from helpdesk.state.agent.customer import CompanyPage, Customer
from helpdesk.state.agent.customers import COMPANIES, HOME
from helpdesk.state.agent.queue import Row

W = Customer.who
C = CompanyPage.company
_SPLIT = "grid grid-cols-1 lg:grid-cols-[minmax(0,1fr)_340px] gap-4 items-start mt-4"


@agent_page(route=f"{HOME}/[customer]", title=Customer.title, on_load=Customer.load, active="customers")
def customer() -> rx.Component:
    """A customer."""
    return _frame(
        Customer,
        "There is no such customer",
        HOME,
        _customer_head(),
        _figures(W.figures),
        rx.el.div(_tickets(Customer), _customer_side(), class_name=_SPLIT),
        _merge_dialog(),
    )


@agent_page(route=f"{COMPANIES}/[company]", title=CompanyPage.title, on_load=CompanyPage.load, active="customers")
def company() -> rx.Component:
    """A company."""
    return _frame(
        CompanyPage,
        "There is no such company",
        COMPANIES,
        _company_head(),
        _figures(C.figures),
        rx.el.div(_tickets(CompanyPage), _company_side(), class_name=_SPLIT),
    )


def _frame(state: Any, missing: str, home: str, *content: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.cond(
                state.is_loading,
                rx.fragment(skeleton("h-10 w-1/3"), skeleton("h-20 w-full mt-6"), skeleton("h-64 w-full mt-4")),
                rx.match(
                    state.problem,
                    ("", rx.fragment(*content)),
                    (
                        "missing",
                        empty_state(
                            missing, "It may have been removed, or the address is mistyped.", icon="search-x",
                            action=button("Show all", href=home),
                        ),
                    ),
                    error_state(on_retry=state.load),
                ),
            ),
            class_name="hd-page",
        ),
        class_name="hd-scroll",
    )  # fmt: skip


def _customer_head() -> rx.Component:
    return rx.fragment(
        page_header(
            W.name,
            rx.cond(W.may_merge & (W.merged_into == 0), button("Merge…", icon="merge", on_click=Customer.merge_dialog(True))),
            rx.cond(W.may_manage, button("Edit", icon="pencil", href="/admin/people?person=" + W.id.to(str))),
            rx.cond(W.may_file, button("New ticket", icon="plus", variant="primary", href=Customer.new_href)),
            crumbs=breadcrumbs(("Customers", HOME), (W.name, "")),
            meta=rx.el.div(
                avatar(W.name, size="lg", picture=W.picture),
                rx.el.a(W.email, href="mailto:" + W.email.to(str), class_name="hd-link"),
                rx.cond(W.is_company_manager, pill("Manages the company", "blue")),
                rx.cond(W.role != "customer", pill("Works here", "violet")),
                rx.cond(W.is_active | (W.merged_into > 0), rx.fragment(), pill("Deactivated", "gray")),
                class_name="hd-line hd-gap-2",
            ),
        ),
        rx.cond(
            W.merged_into > 0,
            stack(
                banner(
                    rx.fragment(
                        "Merged into ",
                        link(W.merged_into_name, href=HOME + "/" + W.merged_into.to(str), class_name="hd-link"),
                        ". Mail from this address finds them there.",
                    ),
                    icon="merge",
                    action=rx.cond(W.may_merge, button("Take it back", size="sm", on_click=Customer.unmerge(W.id))),
                ),
                class_name="mb-4",
            ),
        ),
        rx.cond(
            Customer.suggested.length() > 0,
            card(
                rx.el.ul(rx.foreach(Customer.suggested, _suggestion), class_name="hd-recent"),
                title="Perhaps the same person",
                class_name="mb-4",
            ),
        ),
    )  # fmt: skip


def _suggestion(one: rx.Var[Duplicate]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            link(person_line(one.name, one.email, size="sm"), href=HOME + "/" + one.id.to(str), class_name="hd-person-link grow min-w-0"),
            pill(one.why, "amber"),
            button("Compare", size="sm", on_click=Customer.compare(one.id, W.id)),
            class_name="hd-line hd-gap-3",
        ),
        key=one.id,
    )  # fmt: skip


def _company_head() -> rx.Component:
    return page_header(
        C.name,
        rx.cond(C.may_manage, button("Edit", icon="pencil", href="/admin/companies?company=" + C.id.to(str))),
        crumbs=breadcrumbs(("Companies", COMPANIES), (C.name, "")),
        meta=rx.el.p(
            rx.foreach(C.domains, lambda one: rx.el.span(one)),
            rx.el.span(C.member_count, rx.cond(C.member_count == 1, " person", " people")),
            class_name="hd-dotted hd-meta",
        ),
    )


def _figures(figures: Any) -> rx.Component:
    def number(value: Any) -> rx.Component:
        return rx.cond(value >= 1000, "1000+", value.to(str))

    return stat_cards(
        stat_card("Open tickets", number(figures.open), icon="inbox"),
        stat_card("All tickets", number(figures.total), icon="layers"),
        stat_card(
            "Satisfaction",
            rx.cond(figures.ratings > 0, figures.average.to(str) + " of 5", "No ratings"),
            detail=rx.cond(
                figures.ratings > 0, rx.el.span(figures.ratings, rx.cond(figures.ratings == 1, " rating", " ratings"))
            ),
            icon="star",
        ),
        stat_card("Time spent", rx.cond(figures.spent != "", figures.spent, "None"), icon="timer"),
        stat_card(
            "Last activity", rx.cond(figures.last_at != "", time_ago(figures.last_at, form="long"), "Never"), icon="activity"
        ),
    )  # fmt: skip


def _tickets(state: Any) -> rx.Component:
    return card(
        rx.el.div(
            tab_links(
                tab_link("Open", state.ways.open, active=state.show == ""),
                tab_link("All", state.ways.all, active=state.show == "all"),
                label="Which tickets",
            ),
            class_name="px-4 pt-2",
        ),
        rx.cond(
            state.rows.length() > 0,
            rx.fragment(
                ticket_list(rx.foreach(state.rows, _ticket), label="Tickets"),
                rx.cond(
                    (state.ways.newer != "") | (state.ways.older != ""), pager(newer=state.ways.newer, older=state.ways.older)
                ),
            ),
            rx.cond(
                state.show == "",
                empty_state("Nothing open", "What is solved is under All.", icon="check-check"),
                empty_state("No tickets yet", "None that you can see.", icon="inbox"),
            ),
        ),
        flush=True,
        class_name="hd-plain-rows",
    )  # fmt: skip


def _ticket(row: rx.Var[Row]) -> rx.Component:
    return ticket_row(
        key=row.reference, reference=row.reference, subject=row.title, href="/agent?ticket=" + row.reference.to(str),
        customer=row.requester, moment=row.updated_at, status=row.status, status_colour=row.status_colour,
        channel=row.channel, priority=row.priority, priority_rank=row.priority_rank, sla_state=row.sla,
        sla_due_at=row.sla_due_at, sla_warn_at=row.sla_warn_at, sla_hours=row.sla_hours, sla_metric=row.sla_metric,
        assignee=row.assignee, snoozed_until=row.snoozed_until, escalation=row.escalation, unread=row.waits_for_us,
    )  # fmt: skip


def _customer_side() -> rx.Component:
    return stack(
        card(
            description_list(
                (
                    "Company",
                    rx.cond(
                        W.company_id > 0,
                        link(W.company, href=COMPANIES + "/" + W.company_id.to(str), class_name="hd-link"),
                        _none(),
                    ),
                ),
                ("Site", _or_none(W.site)),
                ("Title", _or_none(W.job_title)),
                ("Phone", rx.cond(W.phone != "", rx.el.a(W.phone, href="tel:" + W.phone.to(str), class_name="hd-link"), _none())),
                ("Also", rx.cond(W.other_emails.length() > 0, rx.el.div(rx.foreach(W.other_emails, rx.el.div)), _none())),
                ("Time zone", _or_none(W.timezone)),
                ("Customer since", time_ago(W.since, form="date")),
                ("Last seen", rx.cond(W.last_seen_at != "", time_ago(W.last_seen_at, form="long"), _none("Never"))),
            ),
            title="Profile",
        ),
        _sites(W.sites, "Sites of the company"),
        _notes(Customer, W.notes, W.may_note),
        _ratings(W.ratings),
    )  # fmt: skip


def _company_side() -> rx.Component:
    return stack(
        card(
            rx.cond(
                C.members.length() > 0,
                rx.el.ul(rx.foreach(C.members, _member), class_name="hd-recent"),
                rx.el.p("Nobody belongs to it yet.", class_name="hd-help"),
            ),
            rx.cond(
                C.member_count > C.members.length(),
                rx.el.p("The first ", C.members.length(), " of ", C.member_count, " are shown.", class_name="hd-help"),
            ),
            title="People",
        ),
        _sites(C.sites, "Sites"),
        _notes(CompanyPage, C.notes, C.may_note),
        _ratings(C.ratings),
    )


def _member(one: rx.Var[CustomerRow]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            link(
                person_line(one.name, one.email, size="sm", picture=one.picture),
                href=HOME + "/" + one.id.to(str), class_name="hd-person-link grow min-w-0",
            ),
            rx.cond(one.is_company_manager, pill("Manager", "blue")),
            class_name="hd-line hd-gap-2",
        ),
        key=one.id,
    )  # fmt: skip


def _sites(sites: rx.Var[Any], title: str) -> rx.Component:
    def site(one: rx.Var[SiteRow]) -> rx.Component:
        return rx.el.li(rx.el.span(one.name), rx.el.span(one.address, class_name="hd-help"), key=one.id)

    return rx.cond(sites.length() > 0, card(rx.el.ul(rx.foreach(sites, site), class_name="hd-recent"), title=title))


def _notes(state: Any, notes: rx.Var[Any], may_note: rx.Var[bool]) -> rx.Component:
    def note(one: rx.Var[NoteRow]) -> rx.Component:
        return rx.el.li(
            prose(one.body_html),
            rx.el.div(
                rx.el.span(
                    one.author, " · ", time_ago(one.created_at, form="long"), rx.cond(one.edited_at != "", " · edited", ""),
                    class_name="hd-help grow",
                ),
                rx.cond(
                    one.may_change,
                    rx.fragment(
                        icon_button("pencil", "Correct the note", size="sm", tip="none", on_click=state.edit_note(one.id, one.body)),
                        icon_button("trash-2", "Delete the note", size="sm", tip="none", on_click=state.delete_note(one.id)),
                    ),
                ),
                class_name="hd-line hd-gap-1",
            ),
            key=one.id,
        )  # fmt: skip

    form = rx.el.form(
        hidden("note_id", rx.cond(state.edited > 0, state.edited.to(str), "")),
        textarea_field(
            rx.cond(state.edited > 0, "Correct the note", "New note"), name="body", rows=3, hide_label=True, id="customer-note",
            default_value=state.edited_text, placeholder="What should colleagues know?", max_length=5000,
            error=state.errors["body"], data_send="true",
        ),
        rx.el.div(
            rx.el.span(icon("lock", size=12), " Only the staff reads notes.", class_name="hd-help grow"),
            rx.cond(state.edited > 0, button("Cancel", size="sm", on_click=state.edit_note(0, ""))),
            button("Save the note", size="sm", type="submit"),
            class_name="hd-line hd-gap-2",
        ),
        key=state.edited.to(str) + "-" + state.written.to(str),
        on_submit=state.note,
        class_name="hd-stack hd-gap-2",
    )  # fmt: skip
    return card(
        rx.cond(may_note, form),
        rx.cond(
            notes.length() > 0,
            rx.el.ul(rx.foreach(notes, note), class_name="hd-recent mt-3", aria_label="Notes"),
            rx.cond(may_note, rx.fragment(), rx.el.p("No notes yet.", class_name="hd-help")),
        ),
        title="Notes",
    )


def _ratings(ratings: rx.Var[Any]) -> rx.Component:
    def rating(one: rx.Var[RatingRow]) -> rx.Component:
        return rx.el.li(
            rx.el.div(
                stars_shown(one.score), rx.el.span(class_name="grow"), time_ago(one.at), class_name="hd-line hd-gap-2"
            ),
            rx.cond(one.comment != "", rx.el.span(one.comment)),
            link(one.title, href="/agent?ticket=" + one.reference.to(str), class_name="hd-link truncate"),
            key=one.reference,
        )

    return rx.cond(
        ratings.length() > 0, card(rx.el.ul(rx.foreach(ratings, rating), class_name="hd-recent"), title="Last ratings")
    )


def _merge_dialog() -> rx.Component:
    return dialog(
        "Merge two accounts of one person",
        rx.cond(Customer.has_preview, _preview(), _finder()),
        open=Customer.is_merging,
        on_open_change=Customer.merge_dialog,
        width="lg",
    )


def _finder() -> rx.Component:
    def candidate(one: rx.Var[CustomerRow]) -> rx.Component:
        return rx.el.li(
            rx.el.button(
                person_line(one.name, one.email, size="sm", picture=one.picture),
                type="button", on_click=Customer.compare(one.id, W.id), class_name="hd-candidate w-full text-left",
            ),
            key=one.id,
        )  # fmt: skip

    return rx.el.form(
        text_field(
            "The other account", name="other", id="other-account", icon="search", placeholder="Name, address or number",
            auto_focus=True, auto_complete="off", on_change=Customer.look_for.debounce(250),
        ),
        rx.cond(
            Customer.found.length() > 0,
            rx.el.ul(rx.foreach(Customer.found, candidate), class_name="hd-plain-list hd-candidates"),
            rx.cond(Customer.looked_for != "", rx.el.p("Nobody found.", class_name="hd-help")),
        ),
        data_guard="off",
        class_name="hd-stack hd-gap-3",
    )  # fmt: skip


def _preview() -> rx.Component:
    p = Customer.preview

    def count(number: Any, one: str, many: str) -> rx.Component:
        return rx.cond(number > 0, rx.el.li(number, " ", rx.cond(number == 1, one, many)))

    def side(label: str, one: rx.Var[Duplicate]) -> rx.Component:
        return rx.el.div(
            rx.el.p(label, class_name="hd-overline"),
            person_line(one.name, one.email),
            rx.el.p(one.company, rx.cond((one.company != "") & (one.phone != ""), " · ", ""), one.phone, class_name="hd-help"),
            class_name="hd-stack hd-gap-2 min-w-0",
        )  # fmt: skip

    return stack(
        rx.el.div(
            side("Ends", p.source),
            icon_button("arrow-right-left", "The other way round", on_click=Customer.compare(p.target.id, p.source.id), tip="top"),
            side("Goes on", p.target),
            class_name="grid grid-cols-1 sm:grid-cols-[1fr_auto_1fr] gap-4 items-center",
        ),
        rx.el.div(
            rx.el.p("What moves", class_name="hd-overline"),
            rx.el.ul(
                count(p.tickets, "ticket", "tickets"), count(p.comments, "comment", "comments"),
                count(p.ratings, "rating", "ratings"), count(p.notes, "note", "notes"),
                count(p.watching, "watched ticket", "watched tickets"),
                count(p.identities, "account to sign in with", "accounts to sign in with"),
                rx.foreach(p.fills, lambda one: rx.el.li("the ", one, ", which the other lacks")),
                rx.el.li("the address ", p.source.email, ": mail from it finds the one that goes on"),
                class_name="list-disc pl-5",
            ),
        ),
        rx.cond(
            p.other_company,
            banner("They belong to different companies. Tickets stay with the company they were filed for.", tone="amber", icon="triangle-alert"),
        ),
        rx.el.p(
            "The account that ends is closed and signed out. You can take the merge back for 30 days.", class_name="hd-help"
        ),
        rx.el.div(
            button("Back", variant="ghost", on_click=Customer.merge_dialog(True)),
            rx.el.span(class_name="grow"),
            button("Merge", icon="merge", variant="primary", on_click=Customer.merge(p.source.id, p.target.id)),
            class_name="hd-line hd-gap-2",
        ),
    )  # fmt: skip


def _none(word: str = "None") -> rx.Component:
    return rx.el.span(word, class_name="hd-none")


def _or_none(text: rx.Var[str]) -> Child:
    return rx.cond(text != "", rx.el.span(text), _none())
