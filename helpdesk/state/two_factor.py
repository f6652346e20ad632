"""The second factor: setting it up, its recovery codes, turning it off. On one's security page, and on a page of its own
for those whose role needs it and who have none yet.

The secret and the recovery codes go to the browser once, in an event, and never through a var: vars are kept.
"""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.services import account_security, organizations
from helpdesk.services.account_security import FactorRow
from helpdesk.state import answers, identity, once
from helpdesk.state.admin.forms import Form, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import enrolling

NONE = FactorRow()
# The button that was pressed is gone with its step: go on with the first thing of the next one.
_FOCUS = """
setTimeout(() => {
  const stage = document.querySelector(`[data-stage="%s"]`);
  ["input", "pre", "button"].map((what) => stage?.querySelector(what)).find(Boolean)?.focus();
}, 80);
"""
_PLACES = ("qr", "key", "codes")


class TwoFactor(PageState, rx.State):
    """The part of a page. `stage` says what is being done: "", start, scan, codes, renew or off."""

    factor: FactorRow = NONE
    stage: str = ""
    organization: str = ""
    # Counts stages: a form with this key starts empty.
    version: int = 0

    @rx.event
    @enrolling
    @loads
    async def load(self) -> EventSpec:
        """How it stands."""
        self.organization = (await self._run(organizations.mine)).name
        self.factor = await self._run(account_security.factor)
        self.stage, self.errors = "", {}
        return rx.call_script(once.shown(_PLACES))

    @rx.event
    @enrolling
    async def choose(self, stage: str) -> EventSpec:
        """Begin something, or give up."""
        self.errors = {}
        self.factor = await self._run(account_security.factor)
        return self._at(stage if stage in ("start", "renew", "off") else "")

    @rx.event
    @enrolling
    async def begin(self, sent: Form) -> EventSpec:
        """Show the QR code."""
        enrolment = await self._run(account_security.begin_enrolment, password=typed(sent).get("current", ""))
        return self._at("scan", qr=enrolment.qr, key=enrolment.key)

    @rx.event
    @enrolling
    async def confirm(self, sent: Form) -> EventSpec:
        """Turn it on with a first code, and show the recovery codes."""
        codes = await self._run(account_security.confirm_enrolment, code=typed(sent).get("code", ""))
        await self._changed()
        return self._at("codes", codes="\n".join(codes))

    @rx.event
    @enrolling
    async def renew(self, sent: Form) -> EventSpec:
        """Show new recovery codes."""
        codes = await self._run(
            account_security.renew_recovery_codes, password=typed(sent).get("current", "")
        )  # fmt: skip
        await self._changed()
        return self._at("codes", codes="\n".join(codes))

    @rx.event
    @enrolling
    async def turn_off(self, sent: Form) -> list[EventSpec]:
        """Sign in with the password alone again."""
        await self._run(account_security.turn_off_second_factor, password=typed(sent).get("current", ""))
        await self._changed()
        return [self._at(""), toast_done("Two-factor sign-in is off")]

    @rx.event
    @enrolling
    async def finish(self) -> list[EventSpec]:
        """The codes are in a safe place: on to one's work, if that was waited for."""
        is_page = self.router.url.path.rstrip("/") == "/two-factor"
        return [self._at(""), answers.go("/") if is_page else toast_done("Two-factor sign-in is set up")]

    async def _changed(self) -> None:
        """This process must not believe any longer that the person has yet to set it up."""
        actor = await self._actor()
        if actor.person_id is not None:
            identity.forget_person(actor.person_id)
        self.factor = await self._run(account_security.factor)

    def _at(self, stage: str, **shown: str) -> EventSpec:
        self.stage = stage
        self.version += 1
        return rx.call_script(once.shown(_PLACES, **shown) + _FOCUS % stage)
