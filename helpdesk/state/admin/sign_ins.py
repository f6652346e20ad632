"""The sign-in log: who tried, from where, with what outcome. Newest first."""

from dataclasses import dataclass
from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from helpdesk.domain.browsers import browser_name
from helpdesk.services import sign_in
from helpdesk.services.sign_in import AttemptRow
from helpdesk.state.admin.forms import number
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
        before = number(given.get("before", "")) or None
        found = await self._run(sign_in.attempts, before=before, email=self.email, outcome=self.outcome, size=SIZE + 1)
        self.rows = [_shown(row) for row in found[:SIZE]]
        self.older_href = self._href(before=str(found[SIZE - 1].id)) if len(found) > SIZE else ""
        self.newest_href = self._href() if before else ""

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

    def _href(self, **changes: str) -> str:
        now = {"email": self.email, "outcome": self.outcome}
        query = {key: value for key, value in (now | changes).items() if value}
        return f"{HOME}?{urlencode(query)}" if query else HOME


def _shown(row: AttemptRow) -> Attempt:
    return Attempt(
        row.id, row.at, row.email, row.person, row.outcome, row.address, browser_name(row.user_agent), row.user_agent
    )
