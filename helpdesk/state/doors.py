"""The pages with the native sign-in forms: they show what the door answered and where to go afterwards."""

import json

import reflex as rx
from reflex.event import EventSpec

from helpdesk.services import identity_providers, organizations
from helpdesk.services.identity_providers import OfferedRow
from helpdesk.state import flash, identity, internals
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import public

# Puts what had been typed back into its fields, never over what is being typed now.
_FILL = """
for (const [name, text] of Object.entries(%s)) {
  const field = document.querySelector(`form input[name="${CSS.escape(name)}"]`);
  if (field && !field.value) field.value = text;
}
"""


class Doors(PageState, rx.State):
    """Shared by /login, /login/code, /register, /confirm, /forgot and /reset. `errors` carries the reasons per field."""

    # What the door said, and whether it is good news.
    message: str = ""
    is_good: bool = False
    # What had been typed, so that nobody types it twice. Never a password.
    values: dict[str, str] = {}
    # Where to go after signing in; the form sends it back in the hidden field `next`.
    next: str = ""
    # The reset link's token, for the hidden field `token`.
    token: str = ""
    # Whether a recovery code is asked for instead of one from the app.
    with_recovery: bool = False
    organization: str = ""
    has_public_form: bool = False
    # Whose accounts open this desk as well.
    providers: list[OfferedRow] = []

    @rx.event
    @public
    @loads
    async def load(self) -> EventSpec | None:
        """Read what the address and the door's answer say."""
        query = self.router.url.query_parameters
        found = flash.unpack(
            internals.handshake(self).get(identity.FLASH_HEADER, ""), str(query.get(flash.QUERY, ""))
        ) or flash.Flash()  # fmt: skip
        organization = await self._run(organizations.mine)
        self.providers = await self._run(identity_providers.offered)
        self.message, self.is_good = found.message, found.good
        self.values, self.errors = found.values, found.fields
        self.next, self.token = str(query.get("next", ""))[:1000], str(query.get("token", ""))[:200]
        self.with_recovery = query.get("recovery") == "yes"
        self.organization, self.has_public_form = organization.name, organization.public_form
        return rx.call_script(_FILL % json.dumps(found.values)) if found.values else None
