"""Settings > API tokens: everybody's."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.services import api_tokens
from helpdesk.services.api_tokens import ApiTokenRow
from helpdesk.state import identity
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin


class ApiTokens(PageState, rx.State):
    """The page."""

    rows: list[ApiTokenRow] = []

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show them."""
        await self._fill()

    @rx.event
    @admin
    async def revoke(self, token_id: int) -> EventSpec:
        """Make one worthless."""
        owner = next((row.owner_id for row in self.rows if row.id == token_id), 0)
        await self._run(api_tokens.withdraw, token_id)
        identity.forget_person(owner)
        await self._fill()
        return toast_done("The token is revoked")

    async def _fill(self) -> None:
        self.rows = list(await self._run(api_tokens.everyones))
