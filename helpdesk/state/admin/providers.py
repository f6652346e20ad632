"""Sign-in providers: the list, and one of them in the drawer. The client secret goes in and never comes out."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.services import identity_providers
from helpdesk.services.identity_providers import OPENID, ProviderRow
from helpdesk.state.admin.forms import Form, back_to, number, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/providers"
NEW = ProviderRow(0)


class Providers(PageState, rx.State):
    """The page."""

    rows: list[ProviderRow] = []
    is_open: bool = False
    provider: ProviderRow = NEW
    # What is chosen in the form, which asks for more of a provider other than Google.
    kind: str = NEW.kind
    # What testing the connection found: nothing yet, good or bad.
    tested: str = ""
    is_good: bool = False
    opened: int = 0

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the providers, and the one the address names."""
        given = self.router.url.query_parameters
        actor = await self._actor()
        await self._fill()
        self._watch(f"org-{actor.organization_id}-catalog", Providers.refresh)
        self.errors = {}
        wanted = str(given.get("provider", ""))
        found = next((row for row in self.rows if str(row.id) == wanted), None)
        self.is_open = found is not None or given.get("new") == "yes"
        if self.is_open:
            self.provider = found or NEW
            self.kind = self.provider.kind
            self.tested = ""
            self.opened += 1

    @rx.event
    @admin
    async def refresh(self) -> None:
        """Somebody changed a provider."""
        await self._fill()

    @rx.event
    @admin
    async def close(self) -> list[EventSpec]:
        """Back to the list."""
        self.is_open = False
        return [rx.redirect(HOME), back_to("provider", self.provider.id)]

    @rx.event
    @admin
    async def choose(self, kind: str) -> None:
        """Ask for what this kind needs."""
        self.kind = kind if kind == OPENID else NEW.kind

    @rx.event
    @admin
    async def save(self, sent: Form) -> list[EventSpec]:
        """Create a provider, or change the one the form names. A new one stays open: it is set up on its other side next."""
        form = typed(sent)
        provider_id = number(form.get("provider_id", ""))
        try:
            saved = await self._run(
                identity_providers.save,
                provider_id or None,
                kind=form.get("kind", ""),
                name=form.get("name", ""),
                issuer=form.get("issuer", ""),
                client_id=form.get("client_id", ""),
                client_secret=form.get("client_secret", ""),
                position=number(form.get("position", "")),
            )
        except Conflict as conflict:
            raise Invalid(**{"issuer" if "issuer" in conflict.message else "name": conflict.message}) from None
        done = toast_done(f"{form.get('name', '')} is saved")
        if not provider_id:
            return [done, rx.redirect(f"{HOME}?provider={saved}")]
        self.is_open = False
        return [done, rx.redirect(HOME)]

    @rx.event
    @admin
    async def test(self, provider_id: int) -> None:
        """Ask the provider whether it is there and knows this desk."""
        try:
            await self._run(identity_providers.check, provider_id)
        except Conflict as conflict:
            self.tested, self.is_good = conflict.message, False
        else:
            self.tested, self.is_good = "It answers, and accepts the client ID and secret.", True

    @rx.event
    @admin
    async def activate(self, provider_id: int) -> EventSpec:
        """Offer it on the sign-in page."""
        await self._run(identity_providers.activate, provider_id)
        await self._fill()
        return toast_done("It is on the sign-in page now")

    @rx.event
    @admin
    async def deactivate(self, provider_id: int) -> EventSpec:
        """Offer it no more."""
        await self._run(identity_providers.deactivate, provider_id)
        await self._fill()
        return toast_done("It is no longer on the sign-in page")

    @rx.event
    @admin
    async def delete(self, provider_id: int) -> list[EventSpec]:
        """Forget it, and everybody's link to it."""
        await self._run(identity_providers.delete, provider_id)
        self.is_open = False
        return [toast_done("The provider is deleted"), rx.redirect(HOME)]

    async def _fill(self) -> None:
        self.rows = await self._run(identity_providers.listing)
        self.provider = next((row for row in self.rows if row.id == self.provider.id), self.provider)
