"""The organization's own settings."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.domain.errors import Invalid
from helpdesk.domain.notices import SWITCHES
from helpdesk.domain.people import Role
from helpdesk.domain.satisfaction import MOST_DELAY_HOURS, MOST_REMINDER_DAYS
from helpdesk.domain.tickets import StatusCategory
from helpdesk.services import attachments, branding, organizations, statuses
from helpdesk.services.organizations import OrganizationRow
from helpdesk.state.admin.forms import Form, number, typed, words
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
    logo_version: int = 0
    # How much of the room for files is used, in words.
    room: str = ""
    # The statuses a request can wait in.
    pending: list[Choice] = []

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the settings."""
        actor = await self._actor()
        self.organization = await self._run(organizations.mine)
        self.pending = [
            Choice(one.slug, one.label)
            for one in await self._run(statuses.listing)
            if one.category == StatusCategory.PENDING and one.is_active
        ]
        self.room = _room(*await self._run(attachments.usage), self.organization.storage_megabytes)
        self.logo_version += 1
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
            reference_prefix=form.get("reference_prefix", ""),
            attachment_megabytes=_whole(form, "attachment_megabytes", f"Use 0 to {organizations.most_megabytes()} MB."),
            away_after_minutes=_whole(form, "away_after_minutes", "Use 5 to 1440 minutes, or 0 for never.")
            if "away_after_minutes" in form
            else None,
            attachments_per_message=_whole(
                form, "attachments_per_message", f"Use 1 to {organizations.MOST_ATTACHMENTS} files."
            )
            if "attachments_per_message" in form
            else None,
            storage_megabytes=_whole(form, "storage_megabytes", "Use a number of megabytes, or 0 for any amount.")
            if "storage_megabytes" in form
            else None,
            csat_after=form.get("csat_after"),
            csat_style=form.get("csat_style"),
            csat_delay_hours=_whole(form, "csat_delay_hours", f"Use 0 to {MOST_DELAY_HOURS} hours.")
            if "csat_delay_hours" in form
            else None,
            csat_reminder_days=_whole(
                form, "csat_reminder_days", f"Use 1 to {MOST_REMINDER_DAYS} days, or 0 for no reminder."
            )
            if "csat_reminder_days" in form
            else None,
            attachment_types=words(form.get("attachment_types", "")),
            waiting_close_hours=_whole(form, "waiting_close_hours", "Use 2 to 8760 hours, or 0 for never.")
            if "waiting_close_hours" in form
            else None,
            waiting_notice_hours=_whole(form, "waiting_notice_hours", "Use 1 to 8759 hours.")
            if "waiting_notice_hours" in form
            else None,
            waiting_status=form.get("waiting_status"),
            answers_with_articles="answers_with_articles" in form,
            undo_seconds=_whole(form, "undo_seconds", "Use 1 to 60 seconds, or 0 for sending at once.")
            if "undo_seconds" in form
            else None,
            shows_typing="shows_typing" in form,
            keep_originals_days=_whole(form, "keep_originals_days", "Use 30 to 3650 days, or 0 to keep them for good.")
            if "keep_originals_days" in form
            else None,
            notices_off=[name for name in SWITCHES if f"notices_on-{name}" not in form]
            if "notices_shown" in form
            else None,
        )  # fmt: skip
        self.room = _room(*await self._run(attachments.usage), self.organization.storage_megabytes)
        self.version += 1
        self.is_stale = False
        return toast_done("Settings saved")

    @rx.event
    @admin
    async def set_logo(self, sent: Form) -> list[EventSpec]:
        """Use the picture just uploaded as the logo."""
        ids = [number(one.strip()) for one in typed(sent).get("logo", "").split(",")]
        if not ids[-1]:
            raise Invalid(logo="Choose a picture first.")
        await self._run(branding.set_logo, ids[-1])
        return [await self._shown_anew(), toast_done("This is the logo now"), _look_again()]

    @rx.event
    @admin
    async def remove_logo(self) -> list[EventSpec]:
        """Go back to the desk's own logo."""
        await self._run(branding.remove_logo)
        return [await self._shown_anew(), toast_done("The desk's own logo is back"), _look_again()]

    async def _shown_anew(self) -> EventSpec:
        self.organization = await self._run(organizations.mine)
        self.logo_version += 1
        return rx.call_script("document.querySelector('form[data-upload]')?.reset()")


def _room(files: int, size: int, megabytes: int) -> str:
    used = f"{files:,} files fill {size / 2**20:,.1f} MB" if files != 1 else f"1 file fills {size / 2**20:,.1f} MB"
    share = f", {size / (megabytes * 2**20):.0%} of the room" if megabytes else ""
    return f"{used}{share}. 0 for any amount."


def _look_again() -> EventSpec:
    """The pictures in the frame are drawn already; a new address has the browser ask for them again."""
    return rx.call_script(
        "for (const one of document.querySelectorAll('.hd-logo')) one.src = '/files/logo?' + Date.now()"
    )


def _whole(form: dict[str, str], name: str, otherwise: str) -> int:
    raw = form.get(name, "").strip()
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 9):
        raise Invalid(**{name: otherwise})
    return int(raw)
