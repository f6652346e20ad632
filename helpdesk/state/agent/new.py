"""Filing a ticket for a customer: on the phone, at the counter, from a message that came elsewhere."""

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.base import Choice
from helpdesk.domain.errors import HelpdeskError
from helpdesk.services import people, tickets
from helpdesk.services.people import PersonRow
from helpdesk.services.tickets import FieldRow, FilterChoices, TicketRow
from helpdesk.state.admin.forms import Form, number, typed
from helpdesk.state.agent.queue import HOME, as_choices
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import staff


class NewTicket(PageState, rx.State):
    """The form and the customers it finds."""

    found: list[PersonRow] = []
    requester: PersonRow = PersonRow(0, "", "", "", "")
    looked_for: str = ""
    priorities: list[Choice] = []
    categories: list[Choice] = []
    teams: list[Choice] = []
    agents: list[Choice] = []
    is_busy: bool = False
    fields: list[FieldRow] = []
    # Tickets that may be about the same, by the subject as it is typed.
    alike: list[TicketRow] = []
    title: str = ""

    @rx.event
    @staff
    @loads
    async def load(self) -> None:
        """Offer what there is to choose from."""
        offered: FilterChoices = await self._run(tickets.filter_choices)
        self.priorities, self.categories = as_choices(offered.priorities), as_choices(offered.categories)
        self.teams, self.agents = as_choices(offered.teams), as_choices(offered.agents)
        self.found, self.requester, self.looked_for, self.errors = [], PersonRow(0, "", "", "", ""), "", {}
        self.alike, self.title = [], ""
        self.fields = list(await self._run(tickets.fields_asked, None))
        if customer := number(self.router.url.query_parameters.get("customer", "")):
            self.requester = await self._run(people.one, customer)

    @rx.event
    @staff
    async def choose_category(self, category: str) -> None:
        """Ask what the organization asks about this category."""
        self.fields = list(await self._run(tickets.fields_asked, number(category) or None))

    @rx.event
    @staff
    async def look_for_alike(self, title: str) -> None:
        """Look for tickets that may be about the same."""
        self.title = title[:300]
        await self._compare()

    async def _compare(self) -> None:
        given = self.requester.id or None
        self.alike = list(await self._run(tickets.possible_duplicates, title=self.title, requester_id=given))

    @rx.event
    @staff
    async def look_for(self, text: str) -> None:
        """Find customers by part of their name or address."""
        self.looked_for = text.strip()
        self.found = await self._run(people.customers, text) if len(text.strip()) > 1 else []

    @rx.event
    @staff
    async def choose(self, person_id: int) -> None:
        """The ticket is for this person."""
        self.requester = await self._run(people.one, person_id)
        self.found = []
        await self._compare()

    @rx.event
    @staff
    async def choose_nobody(self) -> None:
        """Look for somebody else."""
        self.requester = PersonRow(0, "", "", "", "")

    @rx.event
    @staff
    async def file(self, form: Form) -> EventSpec:
        """File it and open it. The organization's own fields come by their names."""
        sent = typed(form)
        self.is_busy = True
        try:
            ref = await self._run(
                tickets.create,
                title=sent.get("title", ""),
                description=sent.get("description", ""),
                priority=sent.get("priority", ""),
                category_id=number(sent.get("category", "")) or None,
                requester_id=number(sent.get("requester", "")) or None,
                requester_email=sent.get("new_email", ""),
                requester_name=sent.get("new_name", ""),
                team_id=number(sent.get("team", "")) or None,
                assignee_id=number(sent.get("assignee", "")) or None,
                channel=sent.get("channel", "") or "phone",
                answers={name: value for name, value in sent.items() if name.startswith("field_")},
                tags=[one for one in sent.get("tags", "").split(",") if one.strip()],
                attachment_ids=[
                    found for one in sent.get("attachments", "").split(",") if (found := number(one.strip()))
                ],
            )
        except HelpdeskError:
            self.is_busy = False
            raise
        self.is_busy = False
        return rx.redirect(f"{HOME}?ticket={ref}")
