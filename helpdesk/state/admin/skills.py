"""Skills: the list, and one of them in the drawer."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.services import skills
from helpdesk.services.skills import SkillRow
from helpdesk.state.admin.forms import Form, back_to, number, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/skills"
NEW = SkillRow(0, "")


class Skills(PageState, rx.State):
    """The page."""

    rows: list[SkillRow] = []
    is_open: bool = False
    skill: SkillRow = NEW
    opened: int = 0

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the skills, and the one the address names."""
        given = self.router.url.query_parameters
        actor = await self._actor()
        await self._fill()
        self._watch(f"org-{actor.organization_id}-catalog", Skills.refresh)
        self.errors = {}
        wanted = str(given.get("skill", ""))
        found = next((row for row in self.rows if str(row.id) == wanted), None)
        self.is_open = found is not None or given.get("new") == "yes"
        if self.is_open:
            self.skill = found or NEW
            self.opened += 1

    @rx.event
    @admin
    async def refresh(self) -> None:
        """Somebody changed a skill."""
        await self._fill()

    @rx.event
    @admin
    async def close(self) -> list[EventSpec]:
        """Back to the list."""
        self.is_open = False
        return [rx.redirect(HOME), back_to("skill", self.skill.id)]

    @rx.event
    @admin
    async def save(self, sent: Form) -> list[EventSpec]:
        """Create a skill, or rename the one the form names."""
        form = typed(sent)
        name = form.get("name", "")
        try:
            await self._run(skills.save, number(form.get("skill_id", "")) or None, name=name)
        except Conflict as conflict:
            raise Invalid(name=conflict.message) from None
        self.is_open = False
        return [toast_done(f"{name} is saved"), rx.redirect(HOME)]

    @rx.event
    @admin
    async def delete(self, skill_id: int) -> list[EventSpec]:
        """Remove a skill; nobody has it any more."""
        await self._run(skills.delete, skill_id)
        self.is_open = False
        return [toast_done("The skill is deleted"), rx.redirect(HOME)]

    async def _fill(self) -> None:
        self.rows = await self._run(skills.listing)
