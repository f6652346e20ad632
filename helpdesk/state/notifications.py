"""All one was told, the newest first. The address is the truth."""

from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.services import bell
from helpdesk.services.bell import SHOWN, NotificationRow
from helpdesk.state.admin.forms import number
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import signed_in
from helpdesk.state.live import UNREAD

HOME = "/notifications"
_SHOW = {"unread": False, "read": True}


class Notifications(PageState, rx.State):
    """The list."""

    rows: list[NotificationRow] = []
    # Empty: all; else unread or read.
    show: str = ""
    newest_href: str = ""
    older_href: str = ""
    _before: int = 0

    @rx.event
    @signed_in
    @loads
    async def load(self) -> None:
        """Show what the address asks for."""
        given = self.router.url.query_parameters
        actor = await self._actor()
        self.show = str(given.get("show", "")) if given.get("show") in _SHOW else ""
        self._before = number(str(given.get("before", "")))
        self._watch(f"user-{actor.person_id}{UNREAD}", Notifications.refresh)
        await self._fill()

    @rx.event
    @signed_in
    @loads
    async def refresh(self) -> None:
        """Something was told or read."""
        await self._fill()

    @rx.event
    @signed_in
    async def read(self, number: int) -> None:
        """Have read one."""
        await self._run(bell.mark_read, number)
        await self._fill()

    @rx.event
    @signed_in
    async def keep(self, number: int) -> None:
        """Keep one for later."""
        await self._run(bell.mark_unread, number)
        await self._fill()

    @rx.event
    @signed_in
    async def read_all(self) -> EventSpec:
        """Have read everything."""
        marked = await self._run(bell.mark_all_read)
        await self._fill()
        return toast_done("1 marked as read" if marked == 1 else f"{marked} marked as read")

    async def _fill(self) -> None:
        found = await self._read_mine(
            bell.listing, read=_SHOW.get(self.show), before=self._before or None, size=SHOWN + 1
        )
        if found[:SHOWN] != self.rows:
            self.rows = found[:SHOWN]
        self.older_href = self._href(before=found[SHOWN - 1].id) if len(found) > SHOWN else ""
        self.newest_href = self._href() if self._before else ""

    def _href(self, *, before: int = 0) -> str:
        query = {name: value for name, value in (("show", self.show), ("before", before)) if value}
        return f"{HOME}?{urlencode(query)}" if query else HOME
