"""Tags: the list, and one of them in the drawer, to rename, merge or delete."""

from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.services import tags
from helpdesk.services.tags import TagDetail
from helpdesk.state.admin.forms import Form, back_to, number, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/tags"
NEW = TagDetail(0, "", "gray")
SIZE = 200


class Tags(PageState, rx.State):
    """The page."""

    rows: list[TagDetail] = []
    text: str = ""
    total: int = 0
    is_open: bool = False
    tag: TagDetail = NEW
    others: list[Choice] = []
    opened: int = 0

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the tags, and the one the address names."""
        given = {key: str(value) for key, value in self.router.url.query_parameters.items() if value}
        actor = await self._actor()
        self.text = given.get("text", "")[:60].strip().lower()
        everything = await self._fill()
        self._watch(f"org-{actor.organization_id}-catalog", Tags.refresh)
        self.errors = {}
        found = next((row for row in everything if str(row.id) == given.get("tag", "")), None)
        self.is_open = found is not None or given.get("new") == "yes"
        if self.is_open:
            self.tag = found or NEW
            self.others = [Choice(str(row.id), row.name) for row in everything if row != found]
            self.opened += 1

    @rx.event
    @admin
    async def refresh(self) -> None:
        """Somebody changed a tag."""
        await self._fill()

    @rx.event
    @admin
    async def search(self, text: str) -> EventSpec:
        """Tags with part of a name."""
        return rx.redirect(f"{HOME}?{urlencode({'text': text.strip()})}" if text.strip() else HOME)

    @rx.event
    @admin
    async def close(self) -> list[EventSpec]:
        """Back to the list."""
        self.is_open = False
        return [rx.redirect(HOME), back_to("tag", self.tag.id)]

    @rx.event
    @admin
    async def save(self, sent: Form) -> list[EventSpec]:
        """Create a tag, or change the one the form names."""
        form = typed(sent)
        name = form.get("name", "")
        try:
            await self._run(tags.save, number(form.get("tag_id", "")) or None, name=name, colour=form.get("colour", ""))
        except Conflict as conflict:
            raise Invalid(name=conflict.message) from None
        self.is_open = False
        return [toast_done(f"{name} is saved"), rx.redirect(HOME)]

    @rx.event
    @admin
    async def merge(self, sent: Form) -> list[EventSpec]:
        """Make the tag the form names one with another."""
        form = typed(sent)
        into = number(form.get("into", ""))
        if not into:
            raise Invalid(into="Choose the tag that stays.")
        await self._run(tags.merge, number(form.get("tag_id", "")), into=into)
        self.is_open = False
        return [toast_done("The tags are merged"), rx.redirect(HOME)]

    @rx.event
    @admin
    async def delete(self, tag_id: int) -> list[EventSpec]:
        """Remove a tag from every ticket."""
        await self._run(tags.delete, tag_id)
        self.is_open = False
        return [toast_done("The tag is deleted"), rx.redirect(HOME)]

    async def _fill(self) -> list[TagDetail]:
        everything = await self._run(tags.listing)
        found = [row for row in everything if self.text in row.name]
        self.total, self.rows = len(found), found[:SIZE]
        return everything
