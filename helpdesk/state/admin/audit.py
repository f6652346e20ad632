"""The audit: what administrators did, newest first."""

from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.services import audit
from helpdesk.services.audit import AuditRow
from helpdesk.state.admin.forms import day, number
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/audit"
SIZE = 50
_EXPORT = "/files/exports/audit.csv"
_FILTERS = ("person", "subject", "since", "until")


class Audit(PageState, rx.State):
    """The page."""

    rows: list[AuditRow] = []
    people: list[Choice] = []
    person: str = ""
    subject: str = ""
    since: str = ""
    until: str = ""
    is_filtered: bool = False
    export_href: str = _EXPORT
    newest_href: str = ""
    older_href: str = ""

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show what the address asks for."""
        given = {key: str(value) for key, value in self.router.url.query_parameters.items() if value}
        person = number(given.get("person", ""))
        self.person = str(person or "")
        self.subject = given.get("subject", "") if given.get("subject") in audit.SUBJECTS else ""
        self.since, self.until = day(given.get("since", "")), day(given.get("until", ""))
        before = number(given.get("before", "")) or None
        found = await self._run(
            audit.listing, person_id=person or None, subject=self.subject, since=self.since, until=self.until,
            before=before, size=SIZE + 1,
        )  # fmt: skip
        self.people = [Choice(str(key), name) for key, name in await self._run(audit.actors)]
        self.rows = found[:SIZE]
        self.older_href = self._href(before=str(found[SIZE - 1].id)) if len(found) > SIZE else ""
        self.newest_href = self._href() if before else ""
        self.is_filtered = self._href() != HOME
        self.export_href = self._href().replace(HOME, _EXPORT)

    @rx.event
    @admin
    async def of_person(self, person: str) -> EventSpec:
        """What one person did; empty for everybody."""
        return rx.redirect(self._href(person=person))

    @rx.event
    @admin
    async def of_subject(self, subject: str) -> EventSpec:
        """What was done to one kind of thing; empty for all."""
        return rx.redirect(self._href(subject=subject))

    @rx.event
    @admin
    async def from_day(self, since: str) -> EventSpec:
        """Since a day."""
        return rx.redirect(self._href(since=since))

    @rx.event
    @admin
    async def to_day(self, until: str) -> EventSpec:
        """Until a day."""
        return rx.redirect(self._href(until=until))

    def _href(self, **changes: str) -> str:
        now = {name: getattr(self, name) for name in _FILTERS}
        query = {key: value for key, value in (now | changes).items() if value}
        return f"{HOME}?{urlencode(query)}" if query else HOME
