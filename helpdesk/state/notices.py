"""What somebody is told of, and how."""

import json
from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.domain import notices
from helpdesk.domain.browsers import browser_name
from helpdesk.domain.errors import Invalid
from helpdesk.domain.notices import Channel
from helpdesk.services import account, push
from helpdesk.services.account import SUMMARISED, ProfileRow
from helpdesk.services.push import BrowserRow
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
    push: bool


class Notices(PageState, rx.State):
    """The page."""

    profile: ProfileRow = NOBODY
    lines: list[Line] = []
    # Whether there is a daily summary for them.
    has_digest: bool = False
    # What a browser is given to know our pushes by, and the browsers that were.
    push_key: str = ""
    browsers: list[BrowserRow] = []
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
        self.push_key = await self._run(push.public_key)
        self.browsers = await self._run(push.browsers)
        self.errors = {}

    @rx.event
    @signed_in
    async def browser_said(self, words: str) -> None:
        """This browser can be notified now, or no longer."""
        try:
            said = json.loads(words)
            if "gone" in said:
                await self._run(push.unsubscribe, endpoint=str(said["gone"]))
            else:
                keys = {name: str(said[name]) for name in ("endpoint", "p256dh", "auth")}
                agent = str(self.router.headers.user_agent or "")
                await self._run(push.subscribe, **keys, browser=browser_name(agent))
        except (ValueError, TypeError, KeyError):
            raise Invalid(browser="This browser's keys cannot be read.") from None
        self.browsers = await self._run(push.browsers)

    @rx.event
    @signed_in
    async def remove_browser(self, browser_id: int) -> EventSpec:
        """Notify no more in one of them."""
        await self._run(push.unsubscribe, browser_id=browser_id)
        self.browsers = await self._run(push.browsers)
        return toast_done("You are not notified there any more")

    @rx.event
    @signed_in
    async def save(self, sent: Form) -> EventSpec:
        """Save what comes."""
        form = typed(sent)
        actor = await self._actor()
        wanted = {name.removeprefix("notice-") for name in form if name.startswith("notice-")}
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
                *(notices.key(channel, one.kind) in wanted for channel in Channel),
            )
            for one in notices.of_house(staff=staff)
        ]  # fmt: skip
        self.version += 1
