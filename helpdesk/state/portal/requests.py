"""A customer's requests, and those of the company for who manages it. The address is the truth."""

from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from helpdesk.domain.filters import Sort, TicketFilter
from helpdesk.domain.people import Actor
from helpdesk.services import tickets
from helpdesk.services.tickets import TicketPage, TicketRow
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import customer

HOME = "/requests"
COMPANY = "company"
ALL = "all"


class Requests(PageState, rx.State):
    """The list."""

    rows: list[TicketRow] = []
    newer_href: str = ""
    older_href: str = ""
    whose: str = ""  # mine, or the company's
    show: str = ""  # open ones, or all
    text: str = ""
    # Where the tabs and the two ways to look lead, keeping what else is chosen.
    mine_href: str = HOME
    company_href: str = HOME
    open_href: str = HOME
    all_href: str = HOME
    manages_company: bool = False

    @rx.event
    @customer
    @loads
    async def load(self) -> None:
        """Show what the address asks for."""
        given = self.router.url.query_parameters
        actor = await self._actor()
        self.manages_company = actor.is_company_manager and actor.company_id is not None
        self.whose = COMPANY if given.get("whose") == COMPANY and self.manages_company else ""
        self.show = ALL if given.get("show") == ALL else ""
        self.text = str(given.get("text", ""))[:200]
        self.mine_href, self.company_href = self._href(whose=""), self._href(whose=COMPANY)
        self.open_href, self.all_href = self._href(show=""), self._href(show=ALL)
        cursor = str(given.get("cursor", ""))
        self._watch(f"portal-{actor.person_id}", Requests.refresh(cursor))
        if self.whose:
            self._watch(f"portal-company-{actor.company_id}", Requests.refresh(cursor))
        await self._fill(actor, cursor)

    @rx.event
    @customer
    @loads
    async def refresh(self, cursor: str) -> None:
        """One of them changed: the same page again."""
        await self._fill(await self._actor(), cursor)

    @rx.event
    @customer
    async def search(self, form: dict[str, str]) -> EventSpec:
        """Look for words; none shows all again."""
        return rx.redirect(self._href(text=form.get("text", "").strip()))

    async def _fill(self, actor: Actor, cursor: str) -> None:
        # In the order they came: the time of the last change moves with what only staff may know of.
        wanted = TicketFilter(
            text=self.text, open=None if self.show == ALL else True, sort=Sort.UPDATED if self.text else Sort.CREATED
        )
        if self.whose == COMPANY and actor.is_company_manager and actor.company_id is not None:
            wanted = wanted.but(company=(actor.company_id,))
        else:
            wanted = wanted.but(requester=(actor.person_id or 0,))
        found: TicketPage = await self._run(tickets.page, wanted, cursor=cursor)
        if self.rows != list(found.rows):
            self.rows = list(found.rows)
        self.older_href = self._href(cursor=found.older) if found.older else ""
        self.newer_href = self._href(cursor=found.newer) if found.newer else ""

    def _href(self, **changes: str) -> str:
        """The address with something changed; always the first page of it."""
        now = {"whose": self.whose, "show": self.show, "text": self.text, "cursor": ""}
        query = {name: value for name, value in {**now, **changes}.items() if value}
        return f"{HOME}?{urlencode(query)}" if query else HOME
