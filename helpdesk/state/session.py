"""Who is signed in, as every shell shows it."""

from typing import Any

import reflex as rx

from helpdesk.domain.people import Role
from helpdesk.services import organizations, people, sign_in
from helpdesk.state import live
from helpdesk.state.base import PageState
from helpdesk.state.guard import enrolling, public, staff
from helpdesk.state.kinds import ROLES, Kind


class Me(PageState, rx.State):
    """Facts for display. Nothing here is proof of anything: the guard and the verbs ask the session itself."""

    person_id: int = 0
    name: str = ""
    email: str = ""
    role: str = ""
    initials: str = ""
    picture: str = ""
    availability: str = ""
    # Empty until it is known; the browser then follows it.
    theme: str = ""
    # Whether keys like r or j work by themselves.
    single_keys: bool = True
    # What the bell says.
    unread: int = 0
    timezone: str = "UTC"
    organization: str = ""
    organization_slug: str = ""
    accent: str = "indigo"
    permissions: list[str] = []
    is_signed_in: bool = False
    is_staff: bool = False
    # Which doors a shell shows: the workspace, the reports, the settings.
    is_agent: bool = False
    is_manager: bool = False
    is_admin: bool = False
    # False while nudges cannot arrive; shells then say "live updates paused".
    is_live: bool = True

    @rx.event
    @public
    async def load(self) -> None:
        """Say who is looking; first of every page's loading handlers."""
        self._set_live()
        await self._fill()
        if self.person_id:
            for topic in (
                f"user-{self.person_id}", f"user-{self.person_id}{live.UNREAD}", f"{live.SESSIONS}{self.person_id}",
            ):  # fmt: skip
                self._watch(topic, Me.refresh)

    @rx.event
    @enrolling
    async def refresh(self) -> None:
        """The same again, after a nudge."""
        await self._fill()

    @rx.event
    @staff
    async def set_availability(self, availability: str) -> None:
        """Say whether new tickets may come."""
        await self._run(sign_in.set_availability, availability)
        await self._fill()

    @rx.event
    @enrolling
    async def set_theme(self, theme: str) -> None:
        """Remember light, dark or system."""
        await self._run(sign_in.set_theme, theme)
        self.theme = theme

    @rx.event
    @enrolling
    async def set_single_keys(self, on: bool) -> None:
        """Turn keys that work by themselves on or off, everywhere."""
        await self._run(sign_in.set_single_keys, on)
        self.single_keys = on

    async def _fill(self) -> None:
        me = await self._read_mine(people.me)
        if me is None:
            organization = await self._run(organizations.mine)
            self._show(
                **_NOBODY, organization=organization.name, organization_slug=organization.slug,
                accent=organization.accent,
            )  # fmt: skip
            return
        role = Role(me.role)
        self._show(
            person_id=me.id, name=me.name, email=me.email, role=me.role, initials=me.initials, picture=me.picture,
            is_signed_in=True,
            availability=me.availability, theme=me.theme, single_keys=me.single_keys, unread=me.unread, timezone=me.timezone, organization=me.organization,
            organization_slug=me.organization_slug, accent=me.accent, permissions=list(me.permissions),
            is_staff=me.is_staff, is_agent=me.is_staff and role is not Role.EXECUTIVE,
            is_manager=role in ROLES[Kind.MANAGER], is_admin=role in ROLES[Kind.ADMIN],
        )  # fmt: skip

    def _show(self, **facts: Any) -> None:
        for name, value in facts.items():
            # An equal value assigned is sent again; on every nudge that would be every page's whole shell.
            if getattr(self, name) != value:
                setattr(self, name, value)

    def _set_live(self) -> None:
        self._show(is_live=live.hub.is_live)


_NOBODY: dict[str, Any] = {
    "person_id": 0, "name": "", "email": "", "role": "", "initials": "", "picture": "", "availability": "", "theme": "",
    "permissions": [], "single_keys": True, "unread": 0,
    "is_signed_in": False, "is_staff": False, "is_agent": False, "is_manager": False, "is_admin": False,
}  # fmt: skip

live.hub.shown_by = Me
