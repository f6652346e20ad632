"""The sign-in log: who tried, from where, with what outcome. Newest first."""

from dataclasses import dataclass
from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from helpdesk.domain.browsers import browser_name
from helpdesk.services import audit
from helpdesk.services.audit import AttemptRow
from helpdesk.state.admin.forms import day, number
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/sign-ins"
SIZE = 50
OUTCOMES = (
    ("success", "Signed in", "green"),
    ("failed", "Wrong password", "amber"),
    ("code_asked", "Code asked for", "gray"),
    ("code_failed", "Wrong code", "amber"),
    ("recovery", "Recovery code used", "blue"),
    ("locked", "Locked", "red"),
    ("limited", "Too many tries", "red"),
    ("deactivated", "Deactivated", "gray"),
    ("register_asked", "Wants to register", "gray"),
    ("unconfirmed", "Address not confirmed", "gray"),
    ("registered", "Registered", "blue"),
    ("linked", "Account linked", "blue"),
    ("refused_by_provider", "Refused at a provider", "amber"),
    ("unverified", "E-mail not verified", "amber"),
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try as the page shows it."""

    id: int
    at: str
    email: str
    person: str
    outcome: str
    address: str
    browser: str
    user_agent: str


class SignIns(PageState, rx.State):
    """The page."""

    rows: list[Attempt] = []
    email: str = ""
    outcome: str = ""
    address: str = ""
    since: str = ""
    until: str = ""
    export_href: str = ""
    newest_href: str = ""
    older_href: str = ""

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show what the address asks for."""
        given = {key: str(value) for key, value in self.router.url.query_parameters.items() if value}
        self.email = given.get("email", "")[:254]
        self.outcome = given.get("outcome", "") if given.get("outcome") in {key for key, *_ in OUTCOMES} else ""
        self.address = given.get("address", "")[:64]
        self.since, self.until = day(given.get("since", "")), day(given.get("until", ""))
        before = number(given.get("before", "")) or None
        found = await self._run(audit.attempts, before=before, size=SIZE + 1, **self._filters())
        self.rows = [_shown(row) for row in found[:SIZE]]
        self.older_href = self._href(before=str(found[SIZE - 1].id)) if len(found) > SIZE else ""
        self.newest_href = self._href() if before else ""
        self.export_href = f"/files/exports/sign-ins.csv?{urlencode(self._filters())}"

    @rx.event
    @admin
    async def search(self, email: str) -> EventSpec:
        """Tries with part of an e-mail address."""
        return rx.redirect(self._href(email=email.strip()))

    @rx.event
    @admin
    async def of_outcome(self, outcome: str) -> EventSpec:
        """One outcome only; empty for all."""
        return rx.redirect(self._href(outcome=outcome))

    @rx.event
    @admin
    async def from_address(self, address: str) -> EventSpec:
        """Tries from a network address."""
        return rx.redirect(self._href(address=address.strip()))

    @rx.event
    @admin
    async def from_day(self, since: str) -> EventSpec:
        """Tries since a day."""
        return rx.redirect(self._href(since=since))

    @rx.event
    @admin
    async def to_day(self, until: str) -> EventSpec:
        """Tries until a day."""
        return rx.redirect(self._href(until=until))

    def _filters(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in ("email", "outcome", "address", "since", "until")}

    def _href(self, **changes: str) -> str:
        query = {key: value for key, value in (self._filters() | changes).items() if value}
        return f"{HOME}?{urlencode(query)}" if query else HOME


def _shown(row: AttemptRow) -> Attempt:
    return Attempt(
        row.id, row.at, row.email, row.person, row.outcome, row.address, browser_name(row.user_agent), row.user_agent
    )
