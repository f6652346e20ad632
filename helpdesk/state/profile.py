"""One's own profile: details and picture. The same for customers and for those who work here."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.services import account
from helpdesk.services.account import ProfileRow
from helpdesk.state.admin.forms import Form, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import signed_in

NOBODY = ProfileRow(0, "", "", "")
_FIELDS = ("name", "phone", "address", "department", "job_title", "timezone")


class Profile(PageState, rx.State):
    """The page."""

    profile: ProfileRow = NOBODY
    # Count what was loaded and saved: a form with such a key starts anew.
    version: int = 0

    @rx.event
    @signed_in
    @loads
    async def load(self) -> None:
        """Show oneself."""
        actor = await self._actor()
        self._show(await self._run(account.profile))
        self.errors = {}
        self.version += 1
        self._watch(f"user-{actor.person_id}", Profile.refresh)

    @rx.event
    @signed_in
    async def refresh(self) -> None:
        """Something about oneself changed; what is being typed stays."""
        self._show(await self._run(account.profile))

    @rx.event
    @signed_in
    async def save(self, sent: Form) -> EventSpec:
        """Save the details."""
        form = typed(sent)
        self._show(await self._run(account.change_profile, **{name: form.get(name, "") for name in _FIELDS}))
        self.version += 1
        return toast_done("Profile saved")

    @rx.event
    @signed_in
    async def picture_taken(self) -> EventSpec:
        """The browser has sent a picture."""
        self._show(await self._run(account.profile))
        return toast_done("Your picture is changed")

    @rx.event
    @signed_in
    async def remove_picture(self) -> EventSpec:
        """Back to initials."""
        await self._run(account.remove_picture)
        self._show(await self._run(account.profile))
        return toast_done("Your picture is removed")

    def _show(self, row: ProfileRow) -> None:
        self.profile = row
