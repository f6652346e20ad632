"""One's own profile: details, picture, notifications. The same for customers and for those who work here."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.domain import notices
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
    # The notices of one's own house, and the keys of those that are on.
    notices: list[Choice] = []
    wanted: list[str] = []
    # Count what was loaded and saved: a form with such a key starts anew.
    version: int = 0
    notices_version: int = 0

    @rx.event
    @signed_in
    @loads
    async def load(self) -> None:
        """Show oneself."""
        actor = await self._actor()
        self._show(await self._run(account.profile))
        self.notices = [Choice(one.key, one.label) for one in notices.of_house(staff=actor.is_staff)]
        self.errors = {}
        self.version += 1
        self.notices_version += 1
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
    async def save_notices(self, sent: Form) -> EventSpec:
        """Save which mails come."""
        form = typed(sent)
        wanted = {name.removeprefix("notice-") for name in form if name.startswith("notice-")}
        self._show(await self._run(account.change_notices, wants_mail="wants_mail" in form, wanted=wanted))
        self.notices_version += 1
        return toast_done("Notifications saved")

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
        self.wanted = [one.key for one in notices.NOTICES if one.key not in row.muted_notices]
