"""Settings > Companies."""

import reflex as rx

from helpdesk.components.base import link
from helpdesk.components.button import button
from helpdesk.components.dialog import confirm, dialog, sheet
from helpdesk.components.feedback import empty_state, error_state, skeleton_table
from helpdesk.components.filters import search_field
from helpdesk.components.form import form_actions, hidden, text_field
from helpdesk.components.layout import page_header, section, stack
from helpdesk.components.person import person_line
from helpdesk.components.table import Column, cell, data_table, table_row
from helpdesk.pages.admin.parts import explained, more, toolbar
from helpdesk.pages.layout import admin_page
from helpdesk.services.companies import CompanyRow, MemberRow, SiteRow
from helpdesk.state.admin.companies import HOME, Companies

_LOST = "People and tickets of it stay, without a place."


@admin_page(route="/admin/companies", title="Companies", section="companies", on_load=Companies.load)
def companies() -> rx.Component:
    """The list, and the drawer over it."""
    return rx.fragment(
        page_header(
            "Companies",
            button("New company", icon="plus", variant="primary", href=f"{HOME}?new=yes"),
            text="Who your customers work for. Whoever registers with an address at a company's domain belongs to it.",
        ),
        toolbar(
            search_field(placeholder="Search companies", value=Companies.text, on_change=Companies.search.debounce(300))
        ),
        rx.cond(
            Companies.is_loading,
            skeleton_table(rows=6, columns=4),
            rx.cond(
                Companies.problem != "",
                error_state(on_retry=Companies.load),
                rx.cond(Companies.rows.length() > 0, _list(), _nothing()),
            ),
        ),
        _drawer(),
    )


def _list() -> rx.Component:
    return data_table(
        [Column("Company"), Column("Domains"), Column("People", align="right"), Column("Places", align="right")],
        rx.foreach(Companies.rows, _row),
        label="Companies",
        footer=more(first=Companies.first_href, following=Companies.next_href),
    )


def _row(row: rx.Var[CompanyRow]) -> rx.Component:
    return table_row(
        cell(row.name, href=HOME + "?company=" + row.id.to(str)),
        cell(rx.el.span(row.domains, class_name="hd-cell-quiet"), label="Domains"),
        cell(row.people, label="People", align="right"),
        cell(row.sites, label="Places", align="right"),
        key=row.id,
    )


def _nothing() -> rx.Component:
    return rx.cond(
        Companies.text != "",
        empty_state(
            "No company like that", "Try another part of the name or domain.", icon="search-x",
            action=button("Show all", href=HOME),
        ),
        empty_state(
            "No companies yet", "With companies, colleagues of a customer can be shown together.", icon="briefcase",
            action=button("New company", icon="plus", href=f"{HOME}?new=yes"),
        ),
    )  # fmt: skip


def _drawer() -> rx.Component:
    company, errors = Companies.company, Companies.errors
    form = rx.el.form(
        hidden("company_id", company.id.to(str)),
        text_field(
            "Name", name="name", default_value=company.name, required=True, max_length=200, auto_complete="off",
            error=errors["name"],
        ),
        text_field(
            "Domains", name="domains", default_value=company.domains, optional=True, auto_complete="off",
            help="With commas, such as northwind.example, northwind.co.uk.", error=errors["domains"],
        ),
        form_actions(button("Save", variant="primary", type="submit")),
        on_submit=Companies.save,
        class_name="hd-form",
    )  # fmt: skip
    known = rx.fragment(
        section("People", _members()), section("Places", _sites(), action=_site_dialog()), section("Delete", _delete())
    )
    return sheet(
        rx.cond(company.id == 0, "New company", company.name),
        stack(form, rx.cond(company.id != 0, known), gap=4, key=Companies.opened.to(str)),
        open=Companies.is_open,
        on_open_change=Companies.close,
    )


def _members() -> rx.Component:
    company = Companies.company
    return rx.cond(
        company.members.length() > 0,
        rx.el.form(
            hidden("company_id", company.id.to(str)),
            rx.el.fieldset(
                rx.el.legend("Ticked: sees everything the company has filed", class_name="hd-help"),
                rx.el.div(rx.foreach(company.members, _member), class_name="hd-checks hd-checks-tall"),
                rx.el.p(Companies.errors["managers"], class_name="hd-error", aria_live="polite"),
                class_name="hd-field",
            ),
            form_actions(
                link("Open in People", href="/admin/people?company=" + company.id.to(str), class_name="hd-link"),
                button("Save managers", type="submit"),
            ),
            on_submit=Companies.save_managers,
            class_name="hd-form",
        ),
        explained("Nobody belongs to it yet. Give people their company in Settings > People, or a domain here."),
    )


def _member(member: rx.Var[MemberRow]) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            name="manager-" + member.id.to(str),
            default_checked=member.is_manager,
            class_name="hd-check",
        ),
        person_line(member.name, member.email, size="sm"),
        class_name="hd-choice",
    )


def _sites() -> rx.Component:
    return rx.cond(
        Companies.company.sites.length() > 0,
        rx.el.ul(rx.foreach(Companies.company.sites, _site), class_name="hd-plain-list"),
        explained("No places yet. Technicians travel to them."),
    )


def _site(site: rx.Var[SiteRow]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.div(site.name, class_name="hd-person-name"),
            rx.el.div(site.address, class_name="hd-person-detail"),
            class_name="min-w-0 grow",
        ),
        _site_dialog(site),
        confirm(
            "Delete “" + site.name.to(str) + "”?", _LOST, confirm_label="Delete", danger=True,
            on_confirm=Companies.delete_site(Companies.company.id, site.id),
            trigger=button("Delete", variant="danger-ghost", size="sm"),
        ),
        key=site.id,
        class_name="hd-line hd-gap-2",
    )  # fmt: skip


def _site_dialog(site: rx.Var[SiteRow] | None = None) -> rx.Component:
    return dialog(
        "New place" if site is None else "Change the place",
        rx.el.form(
            hidden("company_id", Companies.company.id.to(str)),
            hidden("site_id", "" if site is None else site.id.to(str)),
            text_field(
                "Name", name="site_name", default_value="" if site is None else site.name, required=True, max_length=200,
                auto_complete="off", error=Companies.errors["site_name"],
            ),
            text_field(
                "Address", name="address", default_value="" if site is None else site.address, optional=True,
                max_length=500, auto_complete="off",
            ),
            form_actions(button("Save", variant="primary", type="submit")),
            on_submit=Companies.save_site,
            class_name="hd-form",
        ),
        trigger=button("Add", icon="plus", size="sm") if site is None else button("Change", size="sm"),
        width="sm",
    )  # fmt: skip


def _delete() -> rx.Component:
    company = Companies.company
    return rx.cond(
        (company.members.length() == 0) & (company.tickets == 0),
        confirm(
            "Delete “" + company.name.to(str) + "”?", "Its places go with it.", confirm_label="Delete", danger=True,
            on_confirm=Companies.delete(company.id),
            trigger=button("Delete…", variant="danger-ghost", icon="trash-2"),
        ),
        explained("People or requests belong to it: a company with a history stays."),
    )  # fmt: skip
