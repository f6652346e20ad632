"""Files the scanner blocked: released, or deleted for good, each after a question."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.services import quarantine
from helpdesk.services.quarantine import BlockedRow
from helpdesk.state.admin.forms import number
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/blocked-files"
SIZE = 50
NOTHING = BlockedRow()


class BlockedFiles(PageState, rx.State):
    """The page."""

    rows: list[BlockedRow] = []
    chosen: BlockedRow = NOTHING
    # What is asked: "release", "delete", or nothing.
    asking: str = ""
    newest_href: str = ""
    older_href: str = ""
    _before: int = 0

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show what is blocked."""
        self._before = number(str(self.router.url.query_parameters.get("before", "")))
        self.asking = ""
        await self._fill()

    @rx.event
    @admin
    async def ask(self, file_id: int, what: str) -> None:
        """Ask before it is released, or deleted."""
        self.chosen = next((row for row in self.rows if row.id == file_id), NOTHING)
        self.asking = what if self.chosen.id and what in ("release", "delete") else ""

    @rx.event
    @admin
    async def spare(self) -> None:
        """Not now."""
        self.asking = ""

    @rx.event
    @admin
    async def release(self) -> EventSpec:
        """Release what was asked about."""
        self.asking = ""
        name = await self._run(quarantine.release, self.chosen.id)
        await self._fill()
        return toast_done(f"“{name}” can be opened now")

    @rx.event
    @admin
    async def delete(self) -> EventSpec:
        """Delete what was asked about, for good."""
        self.asking = ""
        name = await self._run(quarantine.delete, self.chosen.id)
        await self._fill()
        return toast_done(f"“{name}” is gone")

    async def _fill(self) -> None:
        found = await self._run(quarantine.listing, before=self._before or None, size=SIZE + 1)
        self.rows = found[:SIZE]
        self.older_href = f"{HOME}?before={found[SIZE - 1].id}" if len(found) > SIZE else ""
        self.newest_href = HOME if self._before else ""
