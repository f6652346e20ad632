"""The configuration as text: written, compared with now, applied, and every version of it."""

from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.domain import configuration as texts
from helpdesk.domain.configuration import Change, Fact, Refused
from helpdesk.services import configuration
from helpdesk.services.configuration import VersionRow
from helpdesk.state.admin.forms import Form, number, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/configuration"
MOST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Shown:
    """A change as the page shows it."""

    section: str
    kind: str
    entry: str
    facts: tuple[Fact, ...] = ()


class Configuration(PageState, rx.State):
    """The page."""

    # What the editor starts with; what is typed stays in the browser until it is compared.
    text: str = ""
    # Which version the editor starts with; 0 for what stands now.
    looking_at: int = 0
    versions: list[VersionRow] = []
    changes: list[Shown] = []
    summary: str = ""
    refused: list[str] = []
    is_compared: bool = False
    # Counts what was loaded: the editor with this key starts anew.
    opened: int = 0
    _compared: str = ""
    _seen: str = ""

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show what stands now, or the version the address names, compared with now."""
        self.looking_at = number(str(self.router.url.query_parameters.get("version", "")))
        self._forget()
        self.versions = await self._run(configuration.versions)
        if self.looking_at:
            self.text = await self._run(configuration.version, self.looking_at)
            await self._compare(self.text)
        else:
            self.text = await self._run(configuration.export)
        self.opened += 1

    @rx.event
    @admin
    async def compare(self, sent: Form) -> None:
        """Show what applying the text would change."""
        self._forget()
        await self._compare(typed(sent).get("text", ""))

    @rx.event
    @admin
    async def apply(self) -> list[EventSpec]:
        """Apply the text whose changes are on screen."""
        changes = await self._run(configuration.apply, self._compared, expected=self._seen)
        return await self._anew(f"Applied: {texts.summary(changes)}")

    @rx.event
    @admin
    async def roll_back(self, version_id: int) -> list[EventSpec]:
        """Go back to a version."""
        changes = await self._run(configuration.roll_back, version_id)
        return await self._anew(f"Rolled back: {texts.summary(changes)}")

    async def _compare(self, text: str) -> None:
        try:
            found = await self._run(configuration.differences, text)
        except Refused as refused:
            self.refused = [str(one) for one in refused.problems]
            return
        self._compared, self._seen = text, texts.fingerprint(found)
        self.changes = [_shown(one) for one in found[:MOST_SHOWN]]
        self.summary, self.is_compared = texts.summary(found), True

    async def _anew(self, said: str) -> list[EventSpec]:
        self._forget()
        self.versions = await self._run(configuration.versions)
        self.text, self.looking_at = await self._run(configuration.export), 0
        self.opened += 1
        return [toast_done(said), rx.redirect(HOME)]

    def _forget(self) -> None:
        self.changes, self.refused, self.is_compared, self.summary = [], [], False, ""
        self._compared = self._seen = ""
        self.errors = {}


def _shown(change: Change) -> Shown:
    return Shown(change.section.replace("_", " "), change.kind, change.entry, change.facts)
