"""Categories: the list, and one of them in the drawer."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.services import catalog, skills, tickets
from helpdesk.services.catalog import CategoryRow
from helpdesk.state.admin.forms import Form, back_to, number, numbers, ticked, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/categories"
NEW = CategoryRow(0, "", colour="blue")


class Categories(PageState, rx.State):
    """The page."""

    rows: list[CategoryRow] = []
    team_choices: list[Choice] = []
    skill_choices: list[Choice] = []
    skills: list[str] = []
    is_open: bool = False
    category: CategoryRow = NEW
    opened: int = 0

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the categories, and the one the address names."""
        given = self.router.url.query_parameters
        actor = await self._actor()
        await self._fill()
        self._watch(f"org-{actor.organization_id}-catalog", Categories.refresh)
        self.errors = {}
        wanted = str(given.get("category", ""))
        found = next((row for row in self.rows if str(row.id) == wanted), None)
        self.is_open = found is not None or given.get("new") == "yes"
        if self.is_open:
            offered = [Choice(one.value, one.label) for one in await self._run(tickets.team_options)]
            if found and found.team_id and str(found.team_id) not in {choice.value for choice in offered}:
                offered.append(Choice(str(found.team_id), f"{found.team} (off)"))
            self.team_choices, self.category = offered, found or NEW
            self.skill_choices = [Choice(str(one.id), one.name) for one in await self._run(skills.listing)]
            self.skills = [str(one) for one in self.category.skill_ids]
            self.opened += 1

    @rx.event
    @admin
    async def refresh(self) -> None:
        """Somebody changed a category."""
        await self._fill()

    @rx.event
    @admin
    async def close(self) -> list[EventSpec]:
        """Back to the list."""
        self.is_open = False
        return [rx.redirect(HOME), back_to("category", self.category.id)]

    @rx.event
    @admin
    async def save(self, sent: Form) -> list[EventSpec]:
        """Create a category, or change the one the form names."""
        form = typed(sent)
        name = form.get("name", "")
        try:
            await self._run(
                catalog.save_category, number(form.get("category_id", "")) or None,
                name=name, description=form.get("description", ""), colour=form.get("colour", ""),
                team_id=number(form.get("team_id", "")) or None, is_active="is_active" in form,
                skill_ids=ticked(form, "skill"),
            )  # fmt: skip
        except Conflict as conflict:
            raise Invalid(name=conflict.message) from None
        self.is_open = False
        return [toast_done(f"{name} is saved"), rx.redirect(HOME)]

    @rx.event
    @admin
    async def reorder(self, sent: Form) -> None:
        """Put the categories in the order the form names."""
        await self._run(catalog.reorder_categories, numbers(typed(sent).get("order", "")))
        await self._fill()

    @rx.event
    @admin
    async def delete(self, category_id: int) -> list[EventSpec]:
        """Remove one that no ticket has."""
        await self._run(catalog.delete_category, category_id)
        self.is_open = False
        return [toast_done("The category is deleted"), rx.redirect(HOME)]

    async def _fill(self) -> None:
        self.rows = list(await self._run(catalog.all_categories))
