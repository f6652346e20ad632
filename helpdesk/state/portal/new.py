"""Sending a new request, signed in."""

from collections.abc import AsyncIterator

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.domain.errors import Invalid
from helpdesk.services import knowledge, tickets
from helpdesk.services.knowledge import Suggestion
from helpdesk.services.tickets import CategoryCard, FieldRow, Option, RequestForm, TicketRow
from helpdesk.state.admin.forms import Form, number, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import customer

HOME = "/requests/new"
# What a customer means by a priority, by its place from the lowest up.
_MEANINGS = ("no hurry", "it slows me down", "I cannot do my work", "everything stands still")


class NewRequest(PageState, rx.State):
    """The form, and what happens next once it was sent."""

    categories: list[CategoryCard] = []
    priorities: list[Choice] = []
    # What the form starts with: a follow-up of a closed request names it.
    title: str = ""
    description: str = ""
    # The request that was sent; the address says which.
    sent: TicketRow = TicketRow(0, "", "")
    standing: str = ""
    is_busy: bool = False
    fields: list[FieldRow] = []
    # Requests of one's own that may be about the same.
    alike: list[TicketRow] = []
    # Articles that may answer it.
    answers: list[Suggestion] = []

    @rx.event
    @customer
    @loads
    async def load(self) -> None:
        """Offer what there is to choose from, or tell of the request just sent."""
        given = self.router.url.query_parameters
        self.errors, self.sent, self.standing, self.is_busy = {}, TicketRow(0, "", ""), "", False
        if ref := str(given.get("sent", "")):
            found = await self._run(tickets.portal_request, ref)
            self.sent, self.standing = found.detail.ticket, found.standing
            return
        form: RequestForm = await self._run(tickets.request_form)
        self.categories, self.priorities = list(form.categories), meant(form.priorities)
        self.title = self.description = ""
        self.answers, self.alike, self.fields = [], [], list(await self._run(tickets.fields_asked, None))
        if ref := str(given.get("about", "")):
            before = (await self._run(tickets.portal_request, ref)).detail.ticket
            self.title, self.description = before.title, f"This follows {before.reference}.\n\n"

    @rx.event
    @customer
    async def choose_category(self, category: str) -> None:
        """Ask what the organization asks about this category."""
        self.fields = list(await self._run(tickets.fields_asked, number(category) or None))

    @rx.event
    @customer
    async def look_for_alike(self, title: str) -> None:
        """Look for articles that answer it, and for one's own requests that may be about the same."""
        self.answers = await self._run(knowledge.suggestions, title)
        self.alike = list(await self._run(tickets.possible_duplicates, title=title))

    @rx.event
    @customer
    async def send(self, form: Form) -> AsyncIterator[EventSpec | None]:
        """File it, and say what happens next. The organization's own fields come by their names."""
        sent = typed(form)
        self.is_busy = True
        yield None
        try:
            category = number(sent.get("category", ""))
            if self.categories and not category:
                raise Invalid(category="Choose what it is about.")
            ref = await self._run(
                tickets.create,
                title=sent.get("title", ""),
                description=sent.get("description", ""),
                priority=sent.get("priority", ""),
                answers={name: value for name, value in sent.items() if name.startswith("field_")},
                category_id=category or None,
                attachment_ids=[int(one) for one in sent.get("attachments", "").split(",") if one.strip().isdigit()],
            )
        finally:
            self.is_busy = False
        yield rx.redirect(f"{HOME}?sent={ref}")


def meant(options: tuple[Option, ...]) -> list[Choice]:
    """Priorities with what they mean to who waits."""
    words = _MEANINGS if len(options) == len(_MEANINGS) else ("",) * len(options)
    return [
        Choice(option.value, f"{option.label}: {word}" if word else option.label)
        for option, word in zip(options, words, strict=True)
    ]
