"""One customer or one company: who they are, their tickets, what colleagues wrote down; and merging duplicates."""

from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from helpdesk.components.feedback import toast_done, toast_undo
from helpdesk.domain.errors import NotFound
from helpdesk.domain.filters import TicketFilter
from helpdesk.services import customer_notes, customers, person_merging, tickets
from helpdesk.services.customers import CompanyOverview, CustomerDetail, CustomerRow
from helpdesk.services.person_merging import Duplicate, MergePreview
from helpdesk.state.admin.forms import Form, number, typed
from helpdesk.state.agent.customers import COMPANIES, HOME, href
from helpdesk.state.agent.queue import Row, lines_of
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import staff

ALL = "all"
_SIZE = 25
_NOBODY = Duplicate(0, "", "")


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the tickets' tabs and pages lead."""

    open: str = ""
    all: str = ""
    newer: str = ""
    older: str = ""


class _Notes(PageState, mixin=True):
    """Their tickets and the notes about them; the two pages below are this and who it is about."""

    about: int = 0
    show: str = ""
    rows: list[Row] = []
    ways: Ways = Ways()
    edited: int = 0
    edited_text: str = ""
    # Counts what was saved: the form with this key starts anew.
    written: int = 0
    _cursor: str = ""

    async def _look(self) -> None:
        raise NotImplementedError

    async def _write(self, body: str) -> int:
        raise NotImplementedError

    @rx.event
    @staff
    async def refresh(self, asked: int) -> None:
        """Something about them changed: look again, if they are still who is shown."""
        if asked == self.about:
            await self._look()

    @rx.event
    @staff
    async def note(self, form: Form) -> EventSpec:
        """Write a note, or correct the one the form names."""
        sent = typed(form)
        note_id, body = number(sent.get("note_id", "")), sent.get("body", "")
        if note_id:
            await self._run(customer_notes.edit, note_id, body)
        else:
            await self._write(body)
        self.edited, self.edited_text = 0, ""
        self.written += 1
        await self._look()
        return toast_done("The note is saved")

    @rx.event
    @staff
    async def edit_note(self, note_id: int, body: str) -> None:
        """Correct a note; 0 for none."""
        self.errors, self.edited, self.edited_text = {}, note_id, body

    @rx.event
    @staff
    async def delete_note(self, note_id: int) -> EventSpec:
        """Delete a note; it can be brought back."""
        await self._run(customer_notes.delete, note_id)
        await self._look()
        return toast_undo("The note is deleted", on_undo=type(self).restore_note(note_id))  # type: ignore[call-arg,arg-type]

    @rx.event
    @staff
    async def restore_note(self, note_id: int) -> None:
        """Bring a note back."""
        await self._run(customer_notes.restore, note_id)
        await self._look()

    def _asked(self) -> int:
        """Whom the address names."""
        given = {key: str(value) for key, value in self.router.url.query_parameters.items() if value}
        asked = number(self.router.url.path.rstrip("/").rpartition("/")[2])
        if not asked:
            raise NotFound("There is nobody like that.")
        self.show = ALL if given.get("show") == ALL else ""
        self._cursor = given.get("cursor", "")[:400]
        self.errors, self.edited, self.edited_text = {}, 0, ""
        return asked

    async def _tickets(self, path: str, wanted: TicketFilter) -> None:
        found = await self._run(
            tickets.page, wanted.but(open=None if self.show else True, size=_SIZE), cursor=self._cursor
        )
        self.rows = lines_of(found.rows)
        self.ways = Ways(
            path, href(path, show=ALL), href(path, show=self.show, cursor=found.newer) if found.newer else "",
            href(path, show=self.show, cursor=found.older) if found.older else "",
        )  # fmt: skip


class Customer(_Notes, rx.State):
    """A customer."""

    who: CustomerDetail = CustomerDetail(0, "", "")
    title: str = "Customer"
    new_href: str = "/agent/new"
    # Merging: who may be the same, who was found, and what would move.
    suggested: list[Duplicate] = []
    is_merging: bool = False
    looked_for: str = ""
    found: list[CustomerRow] = []
    has_preview: bool = False
    preview: MergePreview = MergePreview(_NOBODY, _NOBODY)

    @rx.event
    @staff
    @loads
    async def load(self) -> None:
        """Show the customer the address names."""
        asked = self._asked()
        if asked != self.about:
            self.is_loading, self.suggested = True, []
        self.about, self.is_merging, self.has_preview = asked, False, False
        await self._look()
        actor = await self._actor()
        self._watch(f"portal-{asked}", Customer.refresh(asked))  # type: ignore[arg-type, call-arg]
        self._watch(f"org-{actor.organization_id}-customers", Customer.refresh(asked))  # type: ignore[arg-type, call-arg]

    @rx.event
    @staff
    async def merge_dialog(self, is_open: bool) -> None:
        """Open or close merging."""
        self.is_merging, self.has_preview, self.looked_for, self.found, self.errors = is_open, False, "", [], {}

    @rx.event
    @staff
    async def look_for(self, text: str) -> None:
        """Find the other account."""
        self.looked_for = text.strip()[:100]
        rows = await self._run(customers.listing, words=self.looked_for, size=8) if len(self.looked_for) > 1 else []
        self.found = [one for one in rows if one.id != self.about]

    @rx.event
    @staff
    async def compare(self, source_id: int, target_id: int) -> None:
        """Show what would move from one to the other."""
        self.preview = await self._run(person_merging.preview, source_id, into=target_id)
        self.is_merging = self.has_preview = True

    @rx.event
    @staff
    async def merge(self, source_id: int, target_id: int) -> list[EventSpec]:
        """Merge the two, and show the one that goes on."""
        await self._run(person_merging.merge, source_id, into=target_id)
        self.is_merging = self.has_preview = False
        undo = Customer.unmerge(source_id)  # type: ignore[arg-type, call-arg]
        shown = toast_undo("The two accounts are one", on_undo=undo)
        if target_id == self.about:
            await self._look()
            return [shown]
        return [rx.redirect(f"{HOME}/{target_id}"), shown]

    @rx.event
    @staff
    async def unmerge(self, source_id: int) -> list[EventSpec]:
        """Take a merged account out again, and show it."""
        await self._run(person_merging.unmerge, source_id)
        if source_id == self.about:
            await self._look()
            return [toast_done("They stand by themselves again")]
        return [rx.redirect(f"{HOME}/{source_id}"), toast_done("They stand by themselves again")]

    async def _look(self) -> None:
        self.who = await self._run(customers.one, self.about)
        self.title = self.who.name
        self.new_href = f"/agent/new?customer={self.about}"
        self.suggested = list(await self._run(person_merging.duplicates, self.about)) if self.who.may_merge else []
        await self._tickets(f"{HOME}/{self.about}", TicketFilter(requester=(self.about,)))

    async def _write(self, body: str) -> int:
        return await self._run(customer_notes.write_about_person, self.about, body)


class CompanyPage(_Notes, rx.State):
    """A company."""

    company: CompanyOverview = CompanyOverview(0, "")
    title: str = "Company"

    @rx.event
    @staff
    @loads
    async def load(self) -> None:
        """Show the company the address names."""
        asked = self._asked()
        if asked != self.about:
            self.is_loading = True
        self.about = asked
        await self._look()
        actor = await self._actor()
        self._watch(f"portal-company-{asked}", CompanyPage.refresh(asked))  # type: ignore[arg-type, call-arg]
        self._watch(f"org-{actor.organization_id}-customers", CompanyPage.refresh(asked))  # type: ignore[arg-type, call-arg]

    async def _look(self) -> None:
        self.company = await self._run(customers.company, self.about)
        self.title = self.company.name
        await self._tickets(f"{COMPANIES}/{self.about}", TicketFilter(company=(self.about,)))

    async def _write(self, body: str) -> int:
        return await self._run(customer_notes.write_about_company, self.about, body)
