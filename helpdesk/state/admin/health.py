"""What the desk leans on: how it stands at once, and what the servers say as soon as they have been asked."""

import reflex as rx

from helpdesk import threads
from helpdesk.services import health
from helpdesk.services.health import Answers, HealthRow
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/health"
STATES = (
    ("well", "Well", "green"),
    ("waiting", "Waiting", "amber"),
    ("away", "Away", "red"),
    ("off", "Not set up", "gray"),
    ("asking", "Asking", "gray"),
)


class Health(PageState, rx.State):
    """The page."""

    rows: list[HealthRow] = []
    trouble: int = 0
    is_asking: bool = False
    _answers: Answers = health.UNASKED

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show how everything stands."""
        actor = await self._actor()
        for topic in ("mail", "mailboxes", "received"):
            self._watch(f"org-{actor.organization_id}-{topic}", Health.ask)
        await self._fill()

    @rx.event(background=True)
    @admin
    async def ask(self) -> None:
        """Ask each server, while the page goes on."""
        async with self:
            if self.is_asking:
                return
            self.is_asking = True
        found = await threads.hop(health.asked)
        async with self:
            self._answers, self.is_asking = found, False
            await self._fill()

    async def _fill(self) -> None:
        found = await self._run(health.look, self._answers)
        if self.rows != found:
            self.rows = found
        self.trouble = sum(row.state in (health.WAITING, health.AWAY) for row in found)
