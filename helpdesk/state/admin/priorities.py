"""Priorities: the list by rank, and one of them in the drawer."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.services import priorities
from helpdesk.services.priorities import PriorityDetail
from helpdesk.state.admin.forms import Form, back_to, number, typed, words
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/priorities"
NEW = PriorityDetail(0, "", "", 5, "red")


class Priorities(PageState, rx.State):
    """The page."""

    rows: list[PriorityDetail] = []
    is_open: bool = False
    priority: PriorityDetail = NEW
    opened: int = 0

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the priorities, and the one the address names."""
        given = self.router.url.query_parameters
        actor = await self._actor()
        await self._fill()
        self._watch(f"org-{actor.organization_id}-catalog", Priorities.refresh)
        self.errors = {}
        wanted = str(given.get("priority", ""))
        found = next((row for row in self.rows if str(row.id) == wanted), None)
        self.is_open = found is not None or given.get("new") == "yes"
        if self.is_open:
            self.priority = found or NEW
            self.opened += 1

    @rx.event
    @admin
    async def refresh(self) -> None:
        """Somebody changed a priority."""
        await self._fill()

    @rx.event
    @admin
    async def close(self) -> list[EventSpec]:
        """Back to the list."""
        self.is_open = False
        return [rx.redirect(HOME), back_to("priority", self.priority.id)]

    @rx.event
    @admin
    async def save(self, sent: Form) -> list[EventSpec]:
        """Create a priority, or change the one the form names."""
        form = typed(sent)
        label = form.get("label", "")
        await self._run(
            priorities.save, number(form.get("priority_id", "")) or None, label=label,
            rank=number(form.get("rank", "")), colour=form.get("colour", ""), aliases=words(form.get("aliases", "")),
        )  # fmt: skip
        self.is_open = False
        return [toast_done(f"{label} is saved"), rx.redirect(HOME)]

    @rx.event
    @admin
    async def delete(self, priority_id: int) -> list[EventSpec]:
        """Remove one that no ticket has."""
        await self._run(priorities.delete, priority_id)
        self.is_open = False
        return [toast_done("The priority is deleted"), rx.redirect(HOME)]

    async def _fill(self) -> None:
        self.rows = await self._run(priorities.listing)
