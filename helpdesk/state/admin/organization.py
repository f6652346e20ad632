"""The organization's own settings."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.domain.errors import Invalid
from helpdesk.domain.people import Role
from helpdesk.services import organizations
from helpdesk.services.organizations import OrganizationRow
from helpdesk.state.admin.forms import Form, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

NONE = OrganizationRow(0, "", "", "", "UTC", "indigo", public_form=False, auto_close_hours=48, warning_share=80)


class OrganizationSettings(PageState, rx.State):
    """The page."""

    organization: OrganizationRow = NONE
    # Counts what was loaded and saved: the form with this key starts anew, and nothing in it is unsaved.
    version: int = 0
    # Somebody else saved while this form was open.
    is_stale: bool = False

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the settings."""
        actor = await self._actor()
        self.organization = await self._run(organizations.mine)
        self.errors, self.is_stale = {}, False
        self.version += 1
        self._watch(f"org-{actor.organization_id}-catalog", OrganizationSettings.refresh)

    @rx.event
    @admin
    async def refresh(self) -> None:
        """Somebody saved: what is being typed here stays, and the page says so."""
        self.is_stale = await self._run(organizations.mine) != self.organization

    @rx.event
    @admin
    async def save(self, sent: Form) -> EventSpec:
        """Save the settings."""
        form = typed(sent)
        self.organization = await self._run(
            organizations.change, name=form.get("name", ""), timezone=form.get("timezone", ""),
            accent=form.get("accent", ""), public_form="public_form" in form,
            auto_close_hours=_whole(form, "auto_close_hours", "Use 1 to 8760 hours."),
            two_factor_roles=[role.value for role in Role if f"two_factor-{role.value}" in form],
            warning_share=_whole(form, "warning_share", "Use 1 to 99 percent."),
        )  # fmt: skip
        self.version += 1
        self.is_stale = False
        return toast_done("Settings saved")


def _whole(form: dict[str, str], name: str, otherwise: str) -> int:
    raw = form.get(name, "").strip()
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 9):
        raise Invalid(**{name: otherwise})
    return int(raw)
