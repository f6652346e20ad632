"""Webhooks: the list, one of them in the drawer, and the log of its calls. A secret is shown once, when it is made."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.webhooks import KINDS
from helpdesk.services import webhooks
from helpdesk.services.calls import SHOWN
from helpdesk.services.webhooks import DeliveryRow, EndpointRow
from helpdesk.state.admin.forms import Form, back_to, number, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/webhooks"
NEW = EndpointRow()


class Webhooks(PageState, rx.State):
    """The page."""

    rows: list[EndpointRow] = []
    kinds: list[Choice] = []
    is_open: bool = False
    endpoint: EndpointRow = NEW
    chosen: list[str] = []
    # Just made, shown until the drawer is closed.
    secret: str = ""
    calls: list[DeliveryRow] = []
    newest_href: str = ""
    older_href: str = ""
    opened: int = 0
    _before: int = 0

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the endpoints, and the one the address names."""
        given = self.router.url.query_parameters
        actor = await self._actor()
        wanted, self._before = number(str(given.get("webhook", ""))), number(str(given.get("before", "")))
        if wanted != self.endpoint.id:
            self.secret = ""
        self.kinds = [Choice(kind.value, label) for kind, label in KINDS.items()]
        self.rows = await self._run(webhooks.listing)
        self._watch(f"org-{actor.organization_id}-webhooks", Webhooks.refresh)
        self.errors = {}
        found = next((row for row in self.rows if row.id == wanted), None)
        self.is_open = found is not None or given.get("new") == "yes"
        if self.is_open:
            self.endpoint = found or NEW
            self.chosen = list(self.endpoint.kinds)
            self.opened += 1
            await self._read_calls()

    @rx.event
    @admin
    async def refresh(self) -> None:
        """An endpoint was changed or called."""
        await self._fill()

    @rx.event
    @admin
    async def close(self) -> list[EventSpec]:
        """Back to the list."""
        self.is_open, self.secret = False, ""
        return [rx.redirect(HOME), back_to("webhook", self.endpoint.id)]

    @rx.event
    @admin
    async def save(self, sent: Form) -> list[EventSpec]:
        """Add an endpoint, or change the one the form names. A new one stays open: its secret is shown now or never."""
        form = typed(sent)
        endpoint_id = number(form.get("endpoint_id", ""))
        name, address = form.get("name", ""), form.get("address", "")
        kinds = [key.removeprefix("kinds-") for key in form if key.startswith("kinds-")]
        try:
            if endpoint_id:
                await self._run(webhooks.change, endpoint_id, name=name, address=address, kinds=kinds)
            else:
                endpoint_id, self.secret = await self._run(webhooks.create, name=name, address=address, kinds=kinds)
        except Conflict as conflict:
            raise Invalid(name=conflict.message) from None
        done = toast_done(f"{name} is saved")
        if self.secret:
            self.endpoint = EndpointRow(endpoint_id)
            return [done, rx.redirect(f"{HOME}?webhook={endpoint_id}")]
        self.is_open = False
        return [done, rx.redirect(HOME)]

    @rx.event
    @admin
    async def switch(self, endpoint_id: int, is_active: bool) -> EventSpec:
        """Call it, or no longer."""
        await self._run(webhooks.switch, endpoint_id, is_active=is_active)
        await self._fill()
        return toast_done("The webhook is on" if is_active else "The webhook is off")

    @rx.event
    @admin
    async def renew(self, endpoint_id: int) -> None:
        """Make a new secret and show it."""
        self.secret = await self._run(webhooks.renew_secret, endpoint_id)

    @rx.event
    @admin
    async def test(self, endpoint_id: int) -> EventSpec:
        """Have it called now."""
        await self._run(webhooks.send_test, endpoint_id)
        await self._fill()
        return toast_done("A test is on its way; the log below shows how it went")

    @rx.event
    @admin
    async def redeliver(self, call_id: int) -> EventSpec:
        """Make a call once more."""
        await self._run(webhooks.redeliver, call_id)
        await self._fill()
        return toast_done("It is on its way again")

    @rx.event
    @admin
    async def delete(self, endpoint_id: int) -> list[EventSpec]:
        """Remove it, with the log of its calls."""
        await self._run(webhooks.delete, endpoint_id)
        self.is_open, self.secret = False, ""
        return [toast_done("The webhook is deleted"), rx.redirect(HOME)]

    async def _fill(self) -> None:
        self.rows = await self._run(webhooks.listing)
        self.endpoint = next((row for row in self.rows if row.id == self.endpoint.id), self.endpoint)
        await self._read_calls()

    async def _read_calls(self) -> None:
        if not self.endpoint.id:
            self.calls, self.older_href, self.newest_href = [], "", ""
            return
        found = await self._run(webhooks.deliveries, self.endpoint.id, before=self._before)
        base = f"{HOME}?webhook={self.endpoint.id}"
        self.calls = found[:SHOWN]
        self.older_href = f"{base}&before={found[SHOWN - 1].id}" if len(found) > SHOWN else ""
        self.newest_href = base if self._before else ""
