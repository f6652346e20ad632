"""What somebody is told of, and how."""

from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.domain import notices
from helpdesk.domain.notices import Channel
from helpdesk.services import account
from helpdesk.services.account import SUMMARISED, ProfileRow
from helpdesk.state.admin.forms import Form, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import signed_in
from helpdesk.state.profile import NOBODY


@dataclass(frozen=True)
class Line:
    """A kind of notification, and by which ways it comes."""

    kind: str
    label: str
    in_app: bool
    mail: bool


class Notices(PageState, rx.State):
    """The page."""

    profile: ProfileRow = NOBODY
    lines: list[Line] = []
    # Whether there is a daily summary for them.
    has_digest: bool = False
    # Counts what was loaded and saved: a form with such a key starts anew.
    version: int = 0

    @rx.event
    @signed_in
    @loads
    async def load(self) -> None:
        """Show what comes."""
        actor = await self._actor()
        self.has_digest = actor.role in SUMMARISED
        self._show(await self._run(account.profile), staff=actor.is_staff)
        self.errors = {}

    @rx.event
    @signed_in
    async def save(self, sent: Form) -> EventSpec:
        """Save what comes."""
        form = typed(sent)
        actor = await self._actor()
        wanted = {name.removeprefix("notice-") for name in form if name.startswith("notice-")}
        # What this form does not offer stays as it is.
        wanted |= {name for name in self.profile.wanted_notices if name.startswith(f"{Channel.PUSH}.")}
        row = await self._run(
            account.change_notices, wants_mail="wants_mail" in form, wanted=wanted,
            quiet_from=form.get("quiet_from", ""), quiet_until=form.get("quiet_until", ""),
            digest_at=form.get("digest_at", ""),
        )  # fmt: skip
        self._show(row, staff=actor.is_staff)
        return toast_done("Notifications saved")

    def _show(self, row: ProfileRow, *, staff: bool) -> None:
        self.profile = row
        wanted = set(row.wanted_notices)
        self.lines = [
            Line(
                one.kind.value, one.label,
                *(notices.key(channel, one.kind) in wanted for channel in (Channel.IN_APP, Channel.MAIL)),
            )
            for one in notices.of_house(staff=staff)
        ]  # fmt: skip
        self.version += 1
