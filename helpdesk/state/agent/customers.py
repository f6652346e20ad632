"""The list of customers and that of companies, as the staff looks somebody up."""

from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from helpdesk.services import customers
from helpdesk.services.customers import CompanyLine, CustomerRow
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import staff

HOME = "/agent/customers"
COMPANIES = "/agent/companies"
SIZE = 50


class Customers(PageState, rx.State):
    """The list of customers."""

    rows: list[CustomerRow] = []
    text: str = ""
    first_href: str = ""
    next_href: str = ""
    _after: str = ""

    @rx.event
    @staff
    @loads
    async def load(self) -> None:
        """Show what the address asks for."""
        given = {key: str(value) for key, value in self.router.url.query_parameters.items() if value}
        self.text, self._after = given.get("text", "")[:100], given.get("after", "")[:300]
        actor = await self._actor()
        self._watch(f"org-{actor.organization_id}-customers", Customers.refresh)
        await self._fill()

    @rx.event
    @staff
    async def refresh(self) -> None:
        """Two of them were merged."""
        await self._fill()

    @rx.event
    @staff
    async def search(self, text: str) -> EventSpec:
        """Customers with some words in name, address or number."""
        return rx.redirect(href(HOME, text=text.strip()[:100]), replace=True)

    async def _fill(self) -> None:
        found = await self._run(customers.listing, words=self.text, after=self._after, size=SIZE + 1)
        self.rows = found[:SIZE]
        last = self.rows[-1] if len(found) > SIZE else None
        self.next_href = href(HOME, text=self.text, after=f"{last.name}|{last.id}") if last else ""
        self.first_href = href(HOME, text=self.text) if self._after else ""


class CompanyList(PageState, rx.State):
    """The list of companies."""

    rows: list[CompanyLine] = []
    text: str = ""
    first_href: str = ""
    next_href: str = ""

    @rx.event
    @staff
    @loads
    async def load(self) -> None:
        """Show what the address asks for."""
        given = {key: str(value) for key, value in self.router.url.query_parameters.items() if value}
        self.text, after = given.get("text", "")[:100], given.get("after", "")[:200]
        found = await self._run(customers.companies, words=self.text, after=after, size=SIZE + 1)
        self.rows = found[:SIZE]
        self.next_href = href(COMPANIES, text=self.text, after=found[SIZE - 1].name) if len(found) > SIZE else ""
        self.first_href = href(COMPANIES, text=self.text) if after else ""

    @rx.event
    @staff
    async def search(self, text: str) -> EventSpec:
        """Companies with part of a name or domain."""
        return rx.redirect(href(COMPANIES, text=text.strip()[:100]), replace=True)


def href(path: str, **query: str) -> str:
    """An address with what there is to say."""
    given = {key: value for key, value in query.items() if value}
    return f"{path}?{urlencode(given)}" if given else path
