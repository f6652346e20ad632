"""The profile of somebody who came in with another house's account, before anything else is open to them."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.services import account, organizations
from helpdesk.state import answers, identity
from helpdesk.state.admin.forms import Form, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import enrolling
from helpdesk.state.kinds import local

# The browser knows where it is; nobody should have to look for their city.
_ZONE = """
const zone = document.getElementById("timezone");
if (zone && (!zone.value || zone.value === "UTC")) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
"""


class Welcome(PageState, rx.State):
    """The page."""

    name: str = ""
    email: str = ""
    phone: str = ""
    timezone: str = "UTC"
    company: str = ""
    organization: str = ""

    @rx.event
    @enrolling
    @loads
    async def load(self) -> EventSpec:
        """Show what is known."""
        self.organization = (await self._run(organizations.mine)).name
        own = await self._run(account.profile)
        self.name, self.email, self.phone = own.name, own.email, own.phone
        self.timezone, self.company = own.timezone, own.company
        return rx.call_script(f"setTimeout(() => {{{_ZONE}}}, 50)")

    @rx.event
    @enrolling
    async def save(self, sent: Form) -> EventSpec:
        """Complete the profile, and go on to where they wanted."""
        form = typed(sent)
        await self._run(
            account.complete_profile,
            name=form.get("name", ""),
            phone=form.get("phone", ""),
            timezone=form.get("timezone", ""),
        )
        actor = await self._actor()
        if actor.person_id is not None:
            identity.forget_person(actor.person_id)
        return answers.go(local(str(self.router.url.query_parameters.get("next", ""))[:1000]) or "/")
