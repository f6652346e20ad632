"""Custom fields: the list in the order they are asked, and one of them in the drawer."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done
from helpdesk.domain.custom_fields import Field, FieldKind
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.services import custom_fields, tickets
from helpdesk.state.admin.forms import Form, back_to, number, numbers, ticked, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import admin

HOME = "/admin/custom-fields"
NEW = Field(0, "", FieldKind.TEXT)
KINDS = (
    (FieldKind.TEXT, "Text"), (FieldKind.NUMBER, "Number"), (FieldKind.DATE, "Date"), (FieldKind.CHOICE, "Choice"),
    (FieldKind.CHECKBOX, "Checkbox"),
)  # fmt: skip


class CustomFields(PageState, rx.State):
    """The page."""

    rows: list[Field] = []
    categories: list[Choice] = []
    is_open: bool = False
    field: Field = NEW
    kind: str = FieldKind.TEXT.value
    options: str = ""
    chosen: list[str] = []
    opened: int = 0

    @rx.event
    @admin
    @loads
    async def load(self) -> None:
        """Show the fields, and the one the address names."""
        given = self.router.url.query_parameters
        actor = await self._actor()
        await self._fill()
        self._watch(f"org-{actor.organization_id}-catalog", CustomFields.refresh)
        self.errors = {}
        found = next((row for row in self.rows if str(row.id) == str(given.get("field", ""))), None)
        self.is_open = found is not None or given.get("new") == "yes"
        if self.is_open:
            self.categories = [Choice(one.value, one.label) for one in await self._run(tickets.category_options)]
            self.field = found or NEW
            self.kind, self.options = self.field.kind.value, "\n".join(self.field.options)
            self.chosen = [str(one) for one in self.field.category_ids]
            self.opened += 1

    @rx.event
    @admin
    async def refresh(self) -> None:
        """Somebody changed a field."""
        await self._fill()

    @rx.event
    @admin
    async def choose_kind(self, kind: str) -> None:
        """A choice needs its options."""
        self.kind = kind if kind in set(FieldKind) else FieldKind.TEXT.value

    @rx.event
    @admin
    async def close(self) -> list[EventSpec]:
        """Back to the list."""
        self.is_open = False
        return [rx.redirect(HOME), back_to("field", self.field.id)]

    @rx.event
    @admin
    async def reorder(self, sent: Form) -> None:
        """Ask the fields in the order the form names."""
        await self._run(custom_fields.reorder, numbers(typed(sent).get("order", "")))
        await self._fill()

    @rx.event
    @admin
    async def save(self, sent: Form) -> list[EventSpec]:
        """Create a field, or change the one the form names."""
        form = typed(sent)
        label = form.get("label", "")
        try:
            await self._run(
                custom_fields.save, number(form.get("field_id", "")) or None,
                label=label, kind=form.get("kind", ""), help=form.get("help", ""),
                options=form.get("options", "").splitlines(), category_ids=ticked(form, "category"),
                is_required="is_required" in form, is_public="is_public" in form, is_active="is_active" in form,
            )  # fmt: skip
        except Conflict as conflict:
            raise Invalid(label=conflict.message) from None
        self.is_open = False
        return [toast_done(f"{label} is saved"), rx.redirect(HOME)]

    async def _fill(self) -> None:
        self.rows = list(await self._run(custom_fields.listing))
