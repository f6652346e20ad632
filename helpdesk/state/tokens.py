"""One's own API tokens. A new one is shown once, and goes past the vars."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.domain.permissions import IN_WORDS, Permission
from helpdesk.services import api_tokens
from helpdesk.services.api_tokens import ApiTokenRow
from helpdesk.services.tickets import Option
from helpdesk.state import identity, once
from helpdesk.state.admin.forms import Form, number, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import signed_in

_PLACES = ("token",)
_FOCUS = """setTimeout(() => document.querySelector('[data-once="token"]')?.focus(), 80);"""


class Tokens(PageState, rx.State):
    """The page. `made` is the name of the token that was just made."""

    rows: list[ApiTokenRow] = []
    offered: list[Option] = []
    made: str = ""
    # Counts tokens made: the form with this key starts empty.
    version: int = 0

    @rx.event
    @signed_in
    @loads
    async def load(self) -> EventSpec:
        """Show one's tokens."""
        actor = await self._actor()
        self.errors, self.made = {}, ""
        self.version += 1
        grantable = await self._run(api_tokens.grantable)
        self.offered = [Option(one, IN_WORDS[Permission(one)]) for one in grantable]
        await self._fill()
        self._watch(f"sessions-{actor.person_id}", Tokens.refresh)
        return rx.call_script(once.shown(_PLACES))

    @rx.event
    @signed_in
    async def refresh(self) -> None:
        """One was made or revoked somewhere."""
        await self._fill()

    @rx.event
    @signed_in
    async def create(self, sent: Form) -> EventSpec:
        """Make a token, and show it once."""
        form = typed(sent)
        chosen = [name.removeprefix("may-") for name in form if name.startswith("may-")]
        made = await self._run(
            api_tokens.create, name=form.get("name", ""), permissions=chosen, days=number(form.get("days", ""))
        )
        self.made = made.name
        self.version += 1
        await self._fill()
        return rx.call_script(once.shown(_PLACES, token=made.secret) + _FOCUS)

    @rx.event
    @signed_in
    async def kept(self) -> EventSpec:
        """The new one is in a safe place."""
        self.made = ""
        return rx.call_script(once.shown(_PLACES))

    @rx.event
    @signed_in
    async def revoke(self, token_id: int) -> EventSpec:
        """Make one worthless."""
        await self._run(api_tokens.revoke, token_id)
        identity.forget_person((await self._actor()).person_id or 0)
        await self._fill()
        return toast_done("The token is revoked")

    async def _fill(self) -> None:
        self.rows = list(await self._run(api_tokens.listing))
