"""Customers and companies: the two lists."""

import reflex as rx

from helpdesk.components.badge import pill
from helpdesk.components.base import link
from helpdesk.components.button import button
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.filters import search_field
from helpdesk.components.layout import page_header
from helpdesk.components.person import person_line
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.components.tabs import tab_link, tab_links
from helpdesk.components.times import time_ago
from helpdesk.pages.admin.parts import more, toolbar
from helpdesk.pages.layout import agent_page
from helpdesk.services.customers import CompanyLine, CustomerRow
from helpdesk.state.agent.customers import COMPANIES, HOME, CompanyList, Customers


@agent_page(route=HOME, title="Customers", on_load=Customers.load, active="customers")
def customers() -> rx.Component:
    """Everybody who asks."""
    return _list_page(
        "Customers",
        search_field(
            placeholder="Name, address or number", value=Customers.text, on_change=Customers.search.debounce(250)
        ),
        rx.cond(
            Customers.is_loading,
            skeleton_table(rows=10, columns=4),
            rx.cond(
                Customers.problem != "",
                error_state(on_retry=Customers.load),
                rx.cond(Customers.rows.length() > 0, _customers(), _nobody()),
            ),
        ),
        is_people=True,
    )


@agent_page(route=COMPANIES, title="Companies", on_load=CompanyList.load, active="customers")
def companies() -> rx.Component:
    """Whom they work for."""
    return _list_page(
        "Companies",
        search_field(placeholder="Name or domain", value=CompanyList.text, on_change=CompanyList.search.debounce(250)),
        rx.cond(
            CompanyList.is_loading,
            skeleton_table(rows=10, columns=4),
            rx.cond(
                CompanyList.problem != "",
                error_state(on_retry=CompanyList.load),
                rx.cond(CompanyList.rows.length() > 0, _companies(), _no_company()),
            ),
        ),
        is_people=False,
    )


def _list_page(title: str, search: rx.Component, content: rx.Component, *, is_people: bool) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            page_header(title, text="Who asks, whom they work for, and what you have done for them."),
            tab_links(
                tab_link("Customers", HOME, active=is_people),
                tab_link("Companies", COMPANIES, active=not is_people),
                label="Customers or companies",
            ),
            toolbar(search),
            content,
            class_name="hd-page",
        ),
        class_name="hd-scroll",
    )


def _customers() -> rx.Component:
    return rx.el.div(
        data_table(
            [Column("Customer"), Column("Company"), Column("Phone"), Column("Last activity")],
            rx.foreach(Customers.rows, _customer),
            label="Customers",
            footer=more(first=Customers.first_href, following=Customers.next_href),
        ),
        data_nav_list="true",
    )


def _customer(row: rx.Var[CustomerRow]) -> rx.Component:
    return table_row(
        rx.el.td(
            link(
                person_line(row.name, row.email, picture=row.picture, trailing=rx.cond(row.is_active, rx.fragment(), pill("Deactivated", "gray"))),
                href=HOME + "/" + row.id.to(str), data_nav_item="true", class_name="hd-cell-link",
            ),
            class_name="hd-td-main",
        ),
        cell(
            rx.cond(
                row.company_id > 0,
                rx.el.span(
                    link(row.company, href=COMPANIES + "/" + row.company_id.to(str), class_name="hd-link"),
                    rx.cond(row.is_company_manager, rx.el.span(" · manages it", class_name="hd-help")),
                ),
                rx.el.span("None", class_name="hd-none"),
            ),
            label="Company",
        ),
        cell(rx.cond(row.phone != "", row.phone, rx.el.span("None", class_name="hd-none")), label="Phone"),
        cell(_moment(row.last_at), label="Last activity"),
        key=row.id,
    )  # fmt: skip


def _companies() -> rx.Component:
    return rx.el.div(
        data_table(
            [Column("Company"), Column("Domains"), Column("People", align="right"), Column("Open tickets", align="right"), Column("Last activity")],
            rx.foreach(CompanyList.rows, _company),
            label="Companies",
            footer=more(first=CompanyList.first_href, following=CompanyList.next_href),
        ),
        data_nav_list="true",
    )  # fmt: skip


def _company(row: rx.Var[CompanyLine]) -> rx.Component:
    return table_row(
        rx.el.td(
            link(row.name, href=COMPANIES + "/" + row.id.to(str), data_nav_item="true", class_name="hd-cell-link"),
            class_name="hd-td-main",
        ),
        cell(rx.el.span(row.domains, class_name="hd-cell-quiet"), label="Domains"),
        cell(row.people, label="People", align="right"),
        cell(row.open, label="Open tickets", align="right"),
        cell(_moment(row.last_at), label="Last activity"),
        key=row.id,
    )


def _moment(at: rx.Var[str]) -> rx.Component:
    return rx.cond(at != "", time_ago(at), rx.el.span("Never", class_name="hd-none"))


def _nobody() -> rx.Component:
    return rx.cond(
        Customers.text != "",
        empty_state(
            "Nobody like that", "Try fewer letters, or part of the address.", icon="search-x",
            action=button("Show all", href=HOME),
        ),
        empty_state("No customers yet", "Whoever writes or registers appears here.", icon="contact-round"),
    )  # fmt: skip


def _no_company() -> rx.Component:
    return rx.cond(
        CompanyList.text != "",
        empty_state(
            "No company like that", "Try another part of the name or domain.", icon="search-x",
            action=button("Show all", href=COMPANIES),
        ),
        empty_state("No companies yet", "Administrators add them under Settings > Companies.", icon="briefcase"),
    )  # fmt: skip
