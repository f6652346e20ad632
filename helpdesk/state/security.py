"""How one signs in: password and open sessions. The same for customers and for those who work here."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.domain.errors import Invalid
from helpdesk.services import account_security, identities
from helpdesk.services.account_security import SessionRow
from helpdesk.services.identities import WaysIn
from helpdesk.state.admin.forms import Form, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import signed_in

NOTHING_KNOWN = WaysIn()


class Security(PageState, rx.State):
    """The page."""

    sessions: list[SessionRow] = []
    has_others: bool = False
    ways: WaysIn = NOTHING_KNOWN
    # Counts changes of the password: the form with this key starts empty.
    version: int = 0

    @rx.event
    @signed_in
    @loads
    async def load(self) -> None:
        """Show one's sessions."""
        actor = await self._actor()
        self.errors = {}
        self.version += 1
        await self._fill()
        self._watch(f"sessions-{actor.person_id}", Security.refresh)

    @rx.event
    @signed_in
    async def refresh(self) -> None:
        """One signed in or out somewhere."""
        await self._fill()

    @rx.event
    @signed_in
    async def change_password(self, sent: Form) -> EventSpec:
        """Choose another password; nothing of it stays in the state."""
        form = typed(sent)
        await self._run(account_security.change_password, current=form.get("current", ""), new=form.get("password", ""))
        await self._fill()
        self.version += 1
        return toast_done("Your password is changed", description="Every other browser is signed out.")

    @rx.event
    @signed_in
    async def end(self, session_id: int) -> EventSpec:
        """Sign a browser out."""
        if session_id == (await self._actor()).session_id:
            raise Invalid("This is the browser you are using. Sign out from your menu.")
        await self._run(account_security.end_session, session_id)
        await self._fill()
        return toast_done("That browser is signed out")

    @rx.event
    @signed_in
    async def end_others(self) -> EventSpec:
        """Sign every other browser out."""
        ended = await self._run(account_security.end_other_sessions)
        await self._fill()
        return toast_done("Signed out everywhere else" if ended else "There was no other browser")

    @rx.event
    @signed_in
    async def unlink(self, identity_id: int) -> EventSpec:
        """Let another house's account open one's own no longer."""
        await self._run(identities.unlink, identity_id)
        await self._fill()
        return toast_done("The account is unlinked")

    async def _fill(self) -> None:
        self.ways = await self._run(identities.mine)
        self.sessions = await self._run(account_security.sessions)
        self.has_others = len(self.sessions) > 1
