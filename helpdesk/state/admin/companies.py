"""Companies: the list, and one of them in the drawer with its places and managers."""

from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.domain.errors import Conflict, Invalid, NotFound
from helpdesk.services import companies
from helpdesk.services.companies import CompanyDetail, CompanyRow
from helpdesk.state.admin.forms import Form, back_to, number, ticked, typed, words
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/companies"
NEW = CompanyDetail(0, "")
SIZE = 50


class Companies(PageState, rx.State):
    """The page."""

    rows: list[CompanyRow] = []
    text: str = ""
    first_href: str = ""
    next_href: str = ""
    is_open: bool = False
    company: CompanyDetail = NEW
    # Counts what was opened and saved: forms with this key start anew.
    opened: int = 0
    _after: str = ""

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the companies, and the one the address names."""
        given = {key: str(value) for key, value in self.router.url.query_parameters.items() if value}
        self.text, self._after = given.get("text", "")[:100], given.get("after", "")[:200]
        await self._fill()
        self.errors = {}
        wanted = number(given.get("company", ""))
        self.is_open = given.get("new") == "yes"
        self.company = NEW
        self.opened += 1
        if wanted:
            try:
                self.company, self.is_open = await self._run(companies.one, wanted), True
            except NotFound:
                self.is_open = False

    @rx.event
    @admin
    async def search(self, text: str) -> EventSpec:
        """Companies with part of a name or domain."""
        return rx.redirect(_href(text=text.strip()))

    @rx.event
    @admin
    async def close(self) -> list[EventSpec]:
        """Back to the list."""
        self.is_open = False
        return [rx.redirect(_href(text=self.text, after=self._after)), back_to("company", self.company.id)]

    @rx.event
    @admin
    async def save(self, sent: Form) -> list[EventSpec]:
        """Create a company, or change the one the form names."""
        form = typed(sent)
        name = form.get("name", "")
        try:
            company_id = await self._run(
                companies.save, number(form.get("company_id", "")) or None, name=name,
                domains=words(form.get("domains", "")),
            )  # fmt: skip
        except Conflict as conflict:
            raise Invalid(name=conflict.message) from None
        return [toast_done(f"{name} is saved"), rx.redirect(f"{HOME}?company={company_id}")]

    @rx.event
    @admin
    async def save_managers(self, sent: Form) -> EventSpec:
        """Say who sees everything the company has filed."""
        form = typed(sent)
        company_id = number(form.get("company_id", ""))
        await self._run(companies.set_managers, company_id, person_ids=ticked(form, "manager"))
        await self._show(company_id)
        return toast_done("Saved")

    @rx.event
    @admin
    async def save_site(self, sent: Form) -> EventSpec:
        """Add a place to the company the form names, or change one."""
        form = typed(sent)
        company_id, name = number(form.get("company_id", "")), form.get("site_name", "")
        await self._run(
            companies.save_site, company_id, number(form.get("site_id", "")) or None, name=name,
            address=form.get("address", ""),
        )  # fmt: skip
        await self._show(company_id)
        return toast_done(f"{name} is saved")

    @rx.event
    @admin
    async def delete_site(self, company_id: int, site_id: int) -> EventSpec:
        """Remove a place."""
        await self._run(companies.delete_site, site_id)
        await self._show(company_id)
        return toast_done("The place is deleted")

    @rx.event
    @admin
    async def delete(self, company_id: int) -> list[EventSpec]:
        """Remove a company without a history."""
        await self._run(companies.delete, company_id)
        self.is_open = False
        return [toast_done("The company is deleted"), rx.redirect(HOME)]

    async def _fill(self) -> None:
        found = await self._run(companies.listing, text=self.text, after=self._after, size=SIZE + 1)
        self.rows = found[:SIZE]
        self.next_href = _href(text=self.text, after=found[SIZE - 1].name) if len(found) > SIZE else ""
        self.first_href = _href(text=self.text) if self._after else ""

    async def _show(self, company_id: int) -> None:
        self.company = await self._run(companies.one, company_id)
        self.opened += 1
        await self._fill()


def _href(**query: str) -> str:
    given = {key: value for key, value in query.items() if value}
    return f"{HOME}?{urlencode(given)}" if given else HOME
