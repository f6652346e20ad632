"""Statuses: the list in its order, and one of them in the drawer."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.tickets import StatusCategory
from helpdesk.services import statuses
from helpdesk.services.statuses import StatusDetail
from helpdesk.state.admin.forms import Form, back_to, number, numbers, typed, words
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/statuses"
NEW = StatusDetail(0, "", "", "", StatusCategory.OPEN.value, "blue")
# What a category means: for the list, and for whoever chooses.
CATEGORIES = (
    (StatusCategory.NEW, "New", "the clock runs, nobody has looked"),
    (StatusCategory.OPEN, "Open", "the clock runs, somebody works on it"),
    (StatusCategory.PENDING, "Pending", "the clock stands still"),
    (StatusCategory.RESOLVED, "Resolved", "the clock ends, can be reopened"),
    (StatusCategory.CLOSED, "Closed", "the clock has ended"),
)


class Statuses(PageState, rx.State):
    """The page."""

    rows: list[StatusDetail] = []
    is_open: bool = False
    status: StatusDetail = NEW
    opened: int = 0

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the statuses, and the one the address names."""
        given = self.router.url.query_parameters
        actor = await self._actor()
        await self._fill()
        self._watch(f"org-{actor.organization_id}-catalog", Statuses.refresh)
        self.errors = {}
        wanted = str(given.get("status", ""))
        found = next((row for row in self.rows if str(row.id) == wanted), None)
        self.is_open = found is not None or given.get("new") == "yes"
        if self.is_open:
            self.status = found or NEW
            self.opened += 1

    @rx.event
    @admin
    async def refresh(self) -> None:
        """Somebody changed a status."""
        await self._fill()

    @rx.event
    @admin
    async def close(self) -> list[EventSpec]:
        """Back to the list."""
        self.is_open = False
        return [rx.redirect(HOME), back_to("status", self.status.id)]

    @rx.event
    @admin
    async def save(self, sent: Form) -> list[EventSpec]:
        """Create a status, or change the one the form names."""
        form = typed(sent)
        label = form.get("label", "")
        try:
            await self._run(
                statuses.save, number(form.get("status_id", "")) or None, label=label,
                customer_label=form.get("customer_label", ""), category=form.get("category", ""),
                colour=form.get("colour", ""), aliases=words(form.get("aliases", "")), is_active="is_active" in form,
            )  # fmt: skip
        except Conflict as conflict:
            raise Invalid(is_active=conflict.message) from None
        self.is_open = False
        return [toast_done(f"{label} is saved"), rx.redirect(HOME)]

    @rx.event
    @admin
    async def reorder(self, sent: Form) -> None:
        """Put the statuses in the order the form names."""
        await self._run(statuses.reorder, numbers(typed(sent).get("order", "")))
        await self._fill()

    @rx.event
    @admin
    async def delete(self, status_id: int) -> list[EventSpec]:
        """Remove one that no ticket has."""
        await self._run(statuses.delete, status_id)
        self.is_open = False
        return [toast_done("The status is deleted"), rx.redirect(HOME)]

    async def _fill(self) -> None:
        self.rows = await self._run(statuses.listing)
