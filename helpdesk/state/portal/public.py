"""Sending a request without signing in, where the organization allows it."""

from collections.abc import AsyncIterator

import reflex as rx
from reflex.event import EventSpec

from helpdesk import rate_limit, threads
from helpdesk.domain.errors import Invalid
from helpdesk.services import knowledge, tickets
from helpdesk.services.knowledge import Suggestion
from helpdesk.services.tickets import CategoryCard, FieldRow, RequestForm
from helpdesk.state.admin.forms import Form, number, typed
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import public

# Requests per address in so many seconds.
MOST, WINDOW = 10, 600


class PublicRequest(PageState, rx.State):
    """The form, and where the answer goes once it was sent."""

    is_allowed: bool = True
    categories: list[CategoryCard] = []
    fields: list[FieldRow] = []
    reference: str = ""
    email: str = ""
    is_sent: bool = False
    is_busy: bool = False
    # Articles that may answer what is being asked.
    answers: list[Suggestion] = []

    @rx.event
    @public
    @loads
    async def load(self) -> None:
        """Offer the form, if the organization takes requests this way."""
        form: RequestForm = await self._run(tickets.request_form)
        self.is_allowed, self.categories = form.is_public, list(form.categories)
        self.fields = list(await self._run(tickets.public_fields_asked, None))
        self.answers = []
        self.errors, self.reference, self.email, self.is_sent, self.is_busy = {}, "", "", False, False

    @rx.event
    @public
    async def choose_category(self, category: str) -> None:
        """Ask what the organization asks about this category."""
        self.fields = list(await self._run(tickets.public_fields_asked, number(category) or None))

    @rx.event(supersedes=True)
    @public
    async def look_for_answers(self, title: str) -> None:
        """Look for articles that answer it."""
        self.answers = await self._run(knowledge.suggestions, title)

    @rx.event
    @public
    async def send(self, form: Form) -> AsyncIterator[EventSpec | None]:
        """File it. The address is not proved to be theirs, so nothing but the receipt goes there until staff answer.
        The organization's own fields come by their names. Nobody sees `website`: who fills it in is no person."""
        sent = typed(form)
        self.is_busy = True
        yield None
        try:
            self.reference = await self._file(sent)
        finally:
            self.is_busy = False
        self.email, self.is_sent = sent.get("email", "").strip(), True
        yield rx.call_script("scrollTo(0, 0)")

    @rx.event
    @public
    async def another(self) -> None:
        """The form again."""
        self.is_sent, self.reference = False, ""

    async def _file(self, sent: dict[str, str]) -> str:
        if sent.get("website"):
            return ""
        category = number(sent.get("category", ""))
        if self.categories and not category:
            raise Invalid(category="Choose what it is about.")
        actor = await self._actor()
        where = f"{actor.organization_id}:{self.router.session.client_ip}"
        await threads.hop(rate_limit.count, "public-request", where, most=MOST, window=WINDOW)
        return await self._run(
            tickets.create_from_public_form,
            name=sent.get("name", ""),
            email=sent.get("email", ""),
            title=sent.get("title", ""),
            description=sent.get("description", ""),
            category_id=category or None,
            answers={name: value for name, value in sent.items() if name.startswith("field_")},
        )
