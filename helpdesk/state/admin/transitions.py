"""Transitions: for one role at a time, which status may follow which."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.services import statuses
from helpdesk.services.statuses import Ways
from helpdesk.state.admin.forms import Form, number, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/transitions"


class Transitions(PageState, rx.State):
    """The page."""

    role: str = "agent"
    rows: list[Ways] = []
    # Counts what was loaded and saved: the form with this key starts anew.
    version: int = 0

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the role the address names."""
        given = str(self.router.url.query_parameters.get("role", ""))
        self.role = given if given in {role.value for role in statuses.ROLES} else "agent"
        await self._fill()

    @rx.event
    @admin
    async def save(self, sent: Form) -> EventSpec:
        """Open the ways that are ticked to the role the form names, and close the others."""
        form = typed(sent)
        pairs = [name.split("-")[1:] for name in form if name.startswith("way-")]
        allowed = [(number(pair[0]), number(pair[1])) for pair in pairs if len(pair) == 2]
        self.role = form.get("role", "")
        await self._run(statuses.change_transitions, self.role, allowed=allowed)
        await self._fill()
        return toast_done("Saved")

    async def _fill(self) -> None:
        self.rows = await self._run(statuses.transitions, self.role)
        self.version += 1
