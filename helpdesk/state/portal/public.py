"""Sending a request without signing in, where the organization allows it."""

from collections.abc import AsyncIterator

import reflex as rx
from reflex.event import EventSpec
from typing_extensions import TypedDict

from helpdesk import rate_limit
from helpdesk.domain.errors import Invalid
from helpdesk.services import tickets
from helpdesk.services.tickets import CategoryCard, RequestForm
from helpdesk.state import identity
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import public

# Requests per address in so many seconds.
MOST, WINDOW = 10, 600


class Sent(TypedDict, total=False):
    """What the form sends. Nobody sees `website`: who fills it in is no person."""

    name: str
    email: str
    category: str
    title: str
    description: str
    website: str


class PublicRequest(PageState, rx.State):
    """The form, and where the answer goes once it was sent."""

    is_allowed: bool = True
    categories: list[CategoryCard] = []
    reference: str = ""
    email: str = ""
    is_sent: bool = False
    is_busy: bool = False

    @rx.event
    @public
    @loads
    async def load(self) -> None:
        """Offer the form, if the organization takes requests this way."""
        form: RequestForm = await self._run(tickets.request_form)
        self.is_allowed, self.categories = form.is_public, list(form.categories)
        self.errors, self.reference, self.email, self.is_sent, self.is_busy = {}, "", "", False, False

    @rx.event
    @public
    async def send(self, form: Sent) -> AsyncIterator[EventSpec | None]:
        """File it. The address is not proved to be theirs, so nothing but the receipt goes there until staff answer."""
        self.is_busy = True
        yield None
        try:
            self.reference = await self._file(form)
        finally:
            self.is_busy = False
        self.email, self.is_sent = form.get("email", "").strip(), True
        yield rx.call_script("scrollTo(0, 0)")

    @rx.event
    @public
    async def another(self) -> None:
        """The form again."""
        self.is_sent, self.reference = False, ""

    async def _file(self, form: Sent) -> str:
        if form.get("website"):
            return ""
        if self.categories and not form.get("category", "").isdigit():
            raise Invalid(category="Choose what it is about.")
        actor = await self._actor()
        where = f"{actor.organization_id}:{self.router.session.client_ip}"
        await identity.hop(rate_limit.count, "public-request", where, most=MOST, window=WINDOW)
        return await self._run(
            tickets.create_from_public_form,
            name=form.get("name", ""),
            email=form.get("email", ""),
            title=form.get("title", ""),
            description=form.get("description", ""),
            category_id=int(form.get("category", "")) if form.get("category", "").isdigit() else None,
        )
