"""Simulating what an editor holds: for the pages of policies and of calendars."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from helpdesk.services import simulator
from helpdesk.services.simulator import SimulationRow
from helpdesk.state.admin.forms import number
from helpdesk.state.base import PageState
from helpdesk.state.guard import admin


class Simulating(PageState, mixin=True):
    """A part of an editor's state."""

    simulated: SimulationRow = SimulationRow()

    @rx.event
    @admin
    async def look_at_simulation(self) -> None:
        """A simulation went on."""
        if self.simulated.id and not self.simulated.is_finished:
            self.simulated = await self._run(simulator.progress, self.simulated.id)

    async def _simulate(self, form: dict[str, str], **draft: dict[str, Any]) -> None:
        self.simulated = await self._run(simulator.start, days=_days(form), **draft)
        if not self.simulated.is_finished:
            self._watch(f"sla-run-{self.simulated.id}", type(self).look_at_simulation)


def name_of(rows: Sequence[Any], row_id: object) -> str:
    """What the row with an id is called."""
    return next((row.name for row in rows if row.id == number(str(row_id))), "")


def is_simulation(form: dict[str, str]) -> bool:
    """Whether a form was sent to be simulated instead of saved."""
    return bool(_days(form))


def _days(form: dict[str, str]) -> int:
    word, _, days = form.get("then", "").partition("-")
    return number(days) if word == "simulate" else 0
