"""Integrations: the list, one of them in the drawer, and the log of what it was told. Secrets go in and never come out."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.integrations import NAMES, USUAL, System
from helpdesk.domain.webhooks import KINDS
from helpdesk.services import catalog_view, integrations, teams
from helpdesk.services.calls import SHOWN
from helpdesk.services.integrations import IntegrationRow, ToldRow
from helpdesk.state.admin.forms import Form, back_to, number, ticked, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/integrations"
NEW = IntegrationRow()


class Integrations(PageState, rx.State):
    """The page."""

    rows: list[IntegrationRow] = []
    kinds: list[Choice] = []
    teams: list[Choice] = []
    priorities: list[Choice] = []
    is_open: bool = False
    integration: IntegrationRow = NEW
    chosen: list[str] = []
    chosen_teams: list[str] = []
    told: list[ToldRow] = []
    newest_href: str = ""
    older_href: str = ""
    opened: int = 0
    _before: int = 0

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the integrations, and the one the address names."""
        given = self.router.url.query_parameters
        actor = await self._actor()
        wanted, self._before = number(str(given.get("integration", ""))), number(str(given.get("before", "")))
        new = str(given.get("new", ""))
        self.kinds = [Choice(kind.value, label) for kind, label in KINDS.items()]
        self.teams = [Choice(str(one.id), one.name) for one in await self._run(teams.listing)]
        ranks = {one.rank: one.label for one in await self._run(catalog_view.priorities)}
        self.priorities = [
            Choice(str(rank), "All" if rank == min(ranks) else f"{ranks[rank]} and above") for rank in sorted(ranks)
        ]
        self.rows = await self._run(integrations.listing)
        self._watch(f"org-{actor.organization_id}-integrations", Integrations.refresh)
        self.errors = {}
        found = next((row for row in self.rows if row.id == wanted), None)
        self.is_open = found is not None or new in tuple(System)
        if self.is_open:
            self.integration = found or _fresh(System(new))
            self.chosen = list(self.integration.kinds)
            self.chosen_teams = [str(one) for one in self.integration.team_ids]
            self.opened += 1
            await self._read_told()

    @rx.event
    @admin
    async def refresh(self) -> None:
        """An integration was changed or told something."""
        await self._fill()

    @rx.event
    @admin
    async def close(self) -> list[EventSpec]:
        """Back to the list."""
        self.is_open = False
        return [rx.redirect(HOME), back_to("integration", self.integration.id)]

    @rx.event
    @admin
    async def save(self, sent: Form) -> list[EventSpec]:
        """Add an integration, or change the one the form names."""
        form = typed(sent)
        integration_id, name = number(form.get("integration_id", "")), form.get("name", "")
        given: dict[str, Any] = {
            one: form.get(one, "") for one in ("name", "secret", "address", "account", "project", "issue_type")
        }
        given["kinds"] = [key.removeprefix("kinds-") for key in form if key.startswith("kinds-")]
        given["team_ids"], given["least_rank"] = ticked(form, "teams"), number(form.get("least_rank", "")) or 1
        try:
            if integration_id:
                await self._run(integrations.change, integration_id, **given)
                self.is_open = False
                return [toast_done(f"{name} is saved"), rx.redirect(HOME)]
            integration_id = await self._run(integrations.create, system=form.get("system", ""), **given)
        except Conflict as conflict:
            raise Invalid(name=conflict.message) from None
        # It stays open: the next thing to do is to send a test.
        return [toast_done(f"{name} is connected. Send a test"), rx.redirect(f"{HOME}?integration={integration_id}")]

    @rx.event
    @admin
    async def switch(self, integration_id: int, is_active: bool) -> EventSpec:
        """Tell it, or no longer."""
        await self._run(integrations.switch, integration_id, is_active=is_active)
        await self._fill()
        return toast_done("The integration is on" if is_active else "The integration is off")

    @rx.event
    @admin
    async def test(self, integration_id: int) -> EventSpec:
        """Tell it now that this works."""
        await self._run(integrations.send_test, integration_id)
        await self._fill()
        return toast_done("A test is on its way; the log below shows how it went")

    @rx.event
    @admin
    async def tell_again(self, delivery_id: int) -> EventSpec:
        """Tell something once more."""
        await self._run(integrations.tell_again, delivery_id)
        await self._fill()
        return toast_done("It is on its way again")

    @rx.event
    @admin
    async def delete(self, integration_id: int) -> list[EventSpec]:
        """Remove it, with its log."""
        await self._run(integrations.delete, integration_id)
        self.is_open = False
        return [toast_done("The integration is deleted"), rx.redirect(HOME)]

    async def _fill(self) -> None:
        self.rows = await self._run(integrations.listing)
        self.integration = next((row for row in self.rows if row.id == self.integration.id), self.integration)
        await self._read_told()

    async def _read_told(self) -> None:
        if not self.integration.id:
            self.told, self.older_href, self.newest_href = [], "", ""
            return
        found = await self._run(integrations.deliveries, self.integration.id, before=self._before)
        base = f"{HOME}?integration={self.integration.id}"
        self.told = found[:SHOWN]
        self.older_href = f"{base}&before={found[SHOWN - 1].id}" if len(found) > SHOWN else ""
        self.newest_href = base if self._before else ""


def _fresh(system: System) -> IntegrationRow:
    return IntegrationRow(system=system.value, name=NAMES[system], kinds=tuple(kind.value for kind in USUAL[system]))
