"""What an agent does around the open ticket: watching, links, merging, snoozing, time, drafts, deleting."""

from collections.abc import AsyncIterator
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import reflex as rx
from reflex.event import EventSpec

from helpdesk import clock
from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done, toast_undo
from helpdesk.domain import snoozes
from helpdesk.domain.errors import Invalid, NotFound
from helpdesk.domain.escalation import HIGHEST
from helpdesk.domain.filters import TicketFilter
from helpdesk.services import people, tickets, time_tracking
from helpdesk.services.tickets import (
    Colleague,
    EarlierText,
    FieldRow,
    LinkKind,
    LinkRow,
    MergedRow,
    Surroundings,
    TicketRow,
    WaitingRow,
    WatcherRow,
)
from helpdesk.services.time_tracking import TimeRow
from helpdesk.state.admin.forms import Form, number, numbers, typed
from helpdesk.state.base import PageState
from helpdesk.state.composing import compose, files_kept
from helpdesk.state.guard import staff

HOME = "/agent"
DIALOGS = (
    "merge", "link", "forward", "snooze", "delete", "resolve", "edit", "history", "time", "escalate", "deescalate", "later",
)  # fmt: skip
_FOUND = 8


class Around(PageState, mixin=True):
    """A part of the open ticket's state, which says what `_fill` shows."""

    ref: str = ""
    ticket: TicketRow = TicketRow(0, "", "")
    watchers: list[WatcherRow] = []
    is_watching: bool = False
    colleagues: list[Colleague] = []
    links: list[LinkRow] = []
    merged: list[MergedRow] = []
    time_entries: list[TimeRow] = []
    time_total: str = ""
    running_since: str = ""
    fields: list[FieldRow] = []
    # The text that was being written when the ticket was opened, and what kind it is.
    draft: str = ""
    draft_kind: str = "reply"
    draft_files: str = "[]"
    # Replies that wait for their moment.
    waiting: list[WaitingRow] = []
    drafted: list[str] = []
    may_merge: bool = False
    may_delete: bool = False
    may_track: bool = False
    # Where an escalated ticket can go, and to which levels.
    hand_to: list[Choice] = []
    levels: list[Choice] = []
    # Which dialog is open, and what it holds.
    dialog: str = ""
    looked_for: str = ""
    found: list[TicketRow] = []
    chosen: str = ""
    open_children: list[TicketRow] = []
    # What was sent last from here.
    _sent: str = ""
    edited: int = 0
    edited_text: str = ""
    earlier: list[EarlierText] = []
    entry: TimeRow = TimeRow(0, "", 0, "", "", "")

    async def _fill(self, ref: str) -> None:
        raise NotImplementedError

    @rx.event
    @staff
    async def open_dialog(self, name: str) -> None:
        """Open one of the ticket's dialogs."""
        if name in DIALOGS and self.ref:
            self.looked_for, self.found, self.chosen, self.errors = "", [], "", {}
            if name == "escalate":
                teams = [
                    Choice(f"team:{one.value}", f"Team {one.label}") for one in await self._run(tickets.team_options)
                ]
                agents = [Choice(f"person:{one.id}", one.name) for one in await self._run(people.agents)]
                self.hand_to = [*teams, *agents]
                self.levels = [
                    Choice(str(level), f"Level {level}")
                    for level in range(self.ticket.escalation_level + 1, HIGHEST + 1)
                ]
            self.dialog = name

    @rx.event
    @staff
    async def close_dialog(self) -> None:
        """Close whichever dialog is open."""
        self.dialog = ""

    @rx.event
    @staff
    async def toggle_watch(self) -> EventSpec:
        """Watch the ticket, or stop."""
        was_watching = self.is_watching
        await self._run(tickets.unwatch if was_watching else tickets.watch, self.ref)
        await self._fill(self.ref)
        return toast_done("You no longer watch this ticket" if was_watching else "You watch this ticket now")

    # ---- Links and merging ------------------------------------------------------------------------------------

    @rx.event
    @staff
    async def look_for(self, text: str) -> None:
        """Find the other ticket by its reference or words."""
        self.looked_for = text.strip()[:200]
        rows: list[TicketRow] = []
        if len(self.looked_for) > 1:
            page = await self._run(tickets.page, TicketFilter(text=self.looked_for))
            rows = [one for one in page.rows if one.reference != self.ref][:_FOUND]
        self.found = rows

    @rx.event
    @staff
    async def choose(self, ref: str) -> None:
        """This is the other ticket."""
        self.chosen = ref[:40].upper()

    @rx.event
    @staff
    async def link(self, form: Form) -> EventSpec:
        """Link the chosen ticket."""
        other = self._other()
        await self._run(tickets.link, self.ref, other, kind=typed(form).get("kind", ""))
        self.dialog = ""
        await self._fill(self.ref)
        return toast_done(f"{other} is linked")

    @rx.event
    @staff
    async def unlink(self, link_id: int) -> None:
        """Remove a link."""
        await self._run(tickets.unlink, self.ref, link_id)
        await self._fill(self.ref)

    @rx.event
    @staff
    async def merge(self) -> list[EventSpec]:
        """Merge the open ticket into the chosen one, and go there."""
        source = self.ref
        target = await self._run(tickets.merge, source, into=self._other())
        self.dialog = ""
        undo = type(self).unmerge(source)  # type: ignore[call-arg,arg-type]
        return [self._way_to(target), toast_undo(f"{source} was merged into {target}", on_undo=undo)]

    @rx.event
    @staff
    async def unmerge(self, ref: str) -> list[EventSpec]:
        """Take a merged ticket out again, and show it."""
        await self._run(tickets.unmerge, ref)
        return [self._way_to(ref.upper()), toast_done(f"{ref} stands by itself again")]

    @rx.event
    @staff
    async def follow_up(self) -> EventSpec:
        """File a ticket that follows this closed one, and go there."""
        return self._way_to(await self._run(tickets.follow_up, self.ref))

    # ---- Children of what is done -------------------------------------------------------------------------------

    @rx.event
    @staff
    async def finish_children(self) -> EventSpec:
        """The open children of what was resolved or closed take its status as well."""
        self.dialog = ""
        followed = await self._run(tickets.change_status_with_children, self.ref, self.ticket.status_slug)
        await self._fill(self.ref)
        return toast_done(f"{followed} more {'is' if followed == 1 else 'are'} {self.ticket.status.lower()}")

    def _offer_children(self) -> None:
        """Ask about the open children of a ticket that has just been resolved or closed."""
        done = ("resolved", "closed")
        children = [one.ticket for one in self.links if one.kind == LinkKind.CHILD]
        self.open_children = [one for one in children if one.status_category not in done]
        if self.open_children and self.ticket.status_category in done:
            self.dialog = "resolve"

    # ---- Snoozing -----------------------------------------------------------------------------------------------

    @rx.event
    @staff
    async def snooze_for(self, preset: str) -> EventSpec:
        """Put the ticket aside until a usual moment."""
        actor = await self._actor()
        if preset not in snoozes.PRESETS:
            raise Invalid(until="Choose a moment in the future.")
        return await self._snooze(snoozes.until(preset, clock.now(), actor.timezone))

    @rx.event
    @staff
    async def snooze_until(self, form: Form) -> EventSpec:
        """Put the ticket aside until a moment of one's own, in one's own zone."""
        actor = await self._actor()
        try:
            moment = datetime.fromisoformat(typed(form).get("until", "")).replace(tzinfo=ZoneInfo(actor.timezone))
        except ValueError:
            raise Invalid(until="Choose a date and a time.") from None
        return await self._snooze(moment)

    @rx.event
    @staff
    async def wake(self) -> None:
        """Bring it back now."""
        await self._run(tickets.wake, self.ref)
        await self._fill(self.ref)

    async def _snooze(self, until: datetime) -> EventSpec:
        await self._run(tickets.snooze, self.ref, until)
        self.dialog = ""
        await self._fill(self.ref)
        return toast_undo(f"{self.ref} is snoozed", on_undo=type(self).wake)

    # ---- Forwarding ---------------------------------------------------------------------------------------------

    @rx.event
    @staff
    async def forward(self, form: Form) -> EventSpec:
        """Mail it to somebody outside."""
        sent = typed(form)
        await self._run(
            tickets.forward, self.ref, to=sent.get("to", ""), body=sent.get("body", ""), with_thread="thread" in sent
        )
        self.dialog = ""
        await self._fill(self.ref)
        return toast_done(f"{self.ref} is on its way")

    # ---- Escalating ---------------------------------------------------------------------------------------------

    @rx.event
    @staff
    async def escalate(self, form: Form) -> EventSpec:
        """Bring somebody in: raise the level, and hand the ticket on if the form says so."""
        sent = typed(form)
        before = self.ticket.escalation_level
        kind, _, raw = sent.get("to", "").partition(":")
        level = await self._run(
            tickets.escalate, self.ref, reason=sent.get("reason", ""), level=number(sent.get("level", "")) or None,
            team_id=number(raw) if kind == "team" else None, person_id=number(raw) if kind == "person" else None,
        )  # fmt: skip
        self.dialog = ""
        ref = self.ref
        try:
            await self._fill(ref)
        except NotFound:
            # It is another team's now, which one is not in.
            return rx.toast.success(f"{ref} is at level {level}, with the other team")
        said = f"{ref} is at level {level} now"
        if kind:
            return toast_done(said)  # whoever has it now decides
        return toast_undo(said, on_undo=type(self).undo_escalation(ref, before))  # type: ignore[call-arg,arg-type]

    @rx.event
    @staff
    async def undo_escalation(self, ref: str, level: int) -> EventSpec:
        """It was not meant: back to the level before."""
        await self._run(tickets.deescalate, ref, reason="Undone", level=level)
        if ref == self.ref:
            await self._fill(ref)
        return toast_done(f"{ref} is as it was")

    @rx.event
    @staff
    async def deescalate(self, form: Form) -> EventSpec:
        """Take the escalation back."""
        await self._run(tickets.deescalate, self.ref, reason=typed(form).get("reason", ""))
        self.dialog = ""
        await self._fill(self.ref)
        return toast_done(f"{self.ref} is no longer escalated")

    # ---- Own comments -------------------------------------------------------------------------------------------

    @rx.event
    @staff
    async def edit(self, comment_id: int) -> None:
        """Open one's own comment for correction."""
        self.edited_text = await self._run(tickets.written, comment_id)
        self.edited, self.dialog = comment_id, "edit"

    @rx.event
    @staff
    async def save_edit(self, form: Form) -> EventSpec:
        """Save the correction."""
        await self._run(tickets.edit_comment, self.edited, typed(form).get("body", ""))
        self.dialog = ""
        await self._fill(self.ref)
        return toast_done("The comment is corrected")

    @rx.event
    @staff
    async def show_earlier(self, comment_id: int) -> None:
        """What a comment said before."""
        self.earlier = list(await self._run(tickets.earlier_texts, comment_id))
        self.dialog = "history"

    # ---- Time ---------------------------------------------------------------------------------------------------

    @rx.event
    @staff
    async def toggle_timer(self) -> None:
        """Start one's timer on this ticket, or stop it."""
        if self.running_since:
            await self._run(time_tracking.stop)
        else:
            await self._run(time_tracking.start, self.ref)
        await self._fill(self.ref)

    @rx.event
    @staff
    async def log_time(self, form: Form) -> EventSpec:
        """Write down time by hand."""
        sent = typed(form)
        await self._run(time_tracking.log, self.ref, sent.get("time", ""), note=sent.get("note", ""))
        await self._fill(self.ref)
        return rx.call_script("document.getElementById('time-form')?.reset()")

    @rx.event
    @staff
    async def edit_time(self, entry_id: int) -> None:
        """Open one of one's own entries."""
        self.entry = next((one for one in self.time_entries if one.id == entry_id), self.entry)
        self.errors, self.dialog = {}, "time"

    @rx.event
    @staff
    async def save_time(self, form: Form) -> None:
        """Save the corrected entry."""
        sent = typed(form)
        await self._run(time_tracking.change, self.entry.id, sent.get("time", ""), note=sent.get("note", ""))
        self.dialog = ""
        await self._fill(self.ref)

    @rx.event
    @staff
    async def remove_time(self, entry_id: int) -> None:
        """Remove one of one's own entries."""
        await self._run(time_tracking.remove, entry_id)
        self.dialog = ""
        await self._fill(self.ref)

    # ---- Drafts -------------------------------------------------------------------------------------------------

    @rx.event
    @staff
    async def keep_draft(self, body: str) -> None:
        """Keep what is being written, for other devices. A pause in typing may be told of after it was sent."""
        if self.ref and (not body.strip() or body.strip() != self._sent):
            await self._run(tickets.keep_draft, self.ref, body, kind=self.draft_kind)
            others = [one for one in self.drafted if one != self.ref]
            self.drafted = [self.ref, *others] if body.strip() else others

    @rx.event
    @staff
    async def keep_files(self, told: str) -> None:
        """Keep the files that come with it: the ticket's reference and their ids."""
        ref, _, ids = told.strip().partition(" ")
        if self.ref and ref == self.ref:
            await self._run(tickets.keep_files, ref, numbers(ids))
            # A reload draws what is here before it has looked anew.
            self.draft_files = files_kept(await self._run(tickets.draft, ref))

    # ---- Replies that wait --------------------------------------------------------------------------------------

    @rx.event
    @staff
    async def take_back(self, waiting_id: int) -> list[EventSpec]:
        """Undo, or Edit: a waiting reply comes back into the composer, with its files."""
        ref = await self._run(tickets.take_back, waiting_id)
        if ref != self.ref:
            return [self._way_to(ref)]
        kept = await self._run(tickets.draft, ref)
        self._sent = ""
        await self._fill(ref)
        return [compose(kept)]

    @rx.event
    @staff
    async def send_now(self, waiting_id: int) -> EventSpec:
        """Send a scheduled reply at once."""
        await self._run(tickets.send_now, waiting_id)
        await self._fill(self.ref)
        return toast_done("It is on its way")

    @rx.event
    @staff
    async def cancel_reply(self, waiting_id: int) -> EventSpec:
        """Do not send a scheduled reply."""
        await self._run(tickets.cancel, waiting_id)
        await self._fill(self.ref)
        undo = type(self).restore_reply(waiting_id)  # type: ignore[call-arg,arg-type]
        return toast_undo("The reply is cancelled", on_undo=undo)

    @rx.event
    @staff
    async def restore_reply(self, waiting_id: int) -> None:
        """It waits again."""
        await self._run(tickets.restore_reply, waiting_id)
        if self.ref:
            await self._fill(self.ref)

    async def _moment(self, word: str) -> datetime:
        """The moment the composer asks for: a usual one, or one's own in one's own zone."""
        actor = await self._actor()
        kind, _, value = word.partition(":")
        if kind == "later" and value in snoozes.PRESETS:
            return snoozes.until(value, clock.now(), actor.timezone)
        try:
            return datetime.fromisoformat(value).replace(tzinfo=ZoneInfo(actor.timezone))
        except ValueError:
            raise Invalid(at="Choose a date and a time.") from None

    @rx.event
    @staff
    async def write_as(self, kind: str) -> None:
        """It is a reply, or a note."""
        self.draft_kind = "note" if kind == "note" else "reply"
        if self.ref in self.drafted:
            kept = await self._run(tickets.draft, self.ref)
            await self._run(tickets.keep_draft, self.ref, kept.body, kind=self.draft_kind)

    # ---- The organization's own fields, deleting ----------------------------------------------------------------

    @rx.event
    @staff
    async def answer_field(self, form: Form) -> None:
        """Set one of the organization's own fields."""
        sent = typed(form)
        field_id = number(sent.get("field_id", ""))
        await self._run(tickets.answer_field, self.ref, field_id, sent.get(f"field_{field_id}", ""))
        await self._fill(self.ref)

    @rx.event
    @staff
    async def delete(self) -> AsyncIterator[EventSpec]:
        """Put the ticket into the trash, and go back to the list."""
        ref = self.ref
        ticket_id = await self._run(tickets.delete, ref)
        self.dialog = ""
        yield self._way_to("")
        yield toast_undo(f"{ref} is in the trash", on_undo=type(self).restore(ticket_id))  # type: ignore[call-arg,arg-type]

    @rx.event
    @staff
    async def restore(self, ticket_id: int) -> EventSpec:
        """Take it out of the trash again."""
        return self._way_to(await self._run(tickets.restore, ticket_id))

    def _other(self) -> str:
        # A reference typed in full needs no click on what was found.
        other = self.chosen or self.looked_for
        if not other:
            raise Invalid(other="Choose the other ticket.")
        return other

    def _way_to(self, ref: str) -> EventSpec:
        query = {key: value for key, value in self.router.url.query_parameters.items() if value and key != "ticket"}
        if ref:
            query["ticket"] = ref
        return rx.redirect(f"{HOME}?{urlencode(query)}" if query else HOME)

    def _surround(self, found: Surroundings) -> dict[str, object]:
        """What `_fill` shows of it. The draft is read once, when the ticket is opened: later it is what one types."""
        return {
            "watchers": list(found.watchers), "is_watching": any(one.is_me for one in found.watchers),
            "colleagues": list(found.colleagues), "links": list(found.links), "merged": list(found.merged),
            "time_entries": list(found.time.entries), "time_total": found.time.total,
            "waiting": list(found.waiting), "running_since": found.time.running_since, "drafted": list(found.drafted), "may_merge": found.may_merge,
            "may_delete": found.may_delete, "may_track": found.may_track,
        }  # fmt: skip
