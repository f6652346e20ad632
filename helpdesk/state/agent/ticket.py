"""The ticket in the middle, the customer and its history beside it, and everything an agent does to it."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import reflex as rx
from reflex.event import EventSpec
from typing_extensions import TypedDict

from helpdesk.components.base import Choice
from helpdesk.components.feedback import toast_done, toast_undo
from helpdesk.domain.errors import Invalid
from helpdesk.services import deadlines, rule_runs, tickets
from helpdesk.services.attachments import AttachmentRow
from helpdesk.services.context import Context
from helpdesk.services.deadlines import Explanation
from helpdesk.services.standing import TimerRow
from helpdesk.services.tickets import (
    CommentRow,
    Requester,
    Surroundings,
    TicketDetail,
    TicketRow,
    TimelineRow,
)
from helpdesk.state.admin.forms import number
from helpdesk.state.agent import presence
from helpdesk.state.agent.around import Around
from helpdesk.state.agent.queue import Queue, as_choices
from helpdesk.state.base import loads
from helpdesk.state.composing import EMPTY, files_kept, newest
from helpdesk.state.guard import staff

# What the composer's "more ways to send" set: key -> status.
# Not over the button that sends the next one.
_ASIDE = "top-center"
THEN = {"": "", "resolve": "resolved", "wait": "waiting_on_customer"}


class Written(TypedDict, total=False):
    """What the composer sends."""

    kind: str
    body: str
    then: str
    attachments: str


class _Whole(NamedTuple):
    detail: TicketDetail
    requester: Requester
    around: Surroundings
    history: list[TimelineRow]
    rating: tuple[int, str]


class OpenTicket(Around, rx.State):
    """The one ticket that is open. Every handler takes its reference: state may have been lost, the page knows it."""

    description_html: str = ""
    requester_email: str = ""
    comments: list[CommentRow] = []
    attachments: list[AttachmentRow] = []
    timers: list[TimerRow] = []
    explanations: list[Explanation] = []
    is_explaining: bool = False
    history: list[TimelineRow] = []
    requester: Requester = Requester(0, "", "", "")
    rating_comment: str = ""
    status_choices: list[Choice] = []
    earlier_comments: int = 0
    may_reply: bool = False
    may_note: bool = False
    may_edit: bool = False
    may_assign: bool = False
    merged_into: str = ""
    is_busy: bool = False
    # The last thing somebody else wrote; who is composing should read it first.
    newest: str = ""

    @rx.event
    @staff
    @loads
    async def load(self) -> list[EventSpec] | None:
        """Show the ticket the address names; none is fine. One that was merged leads to where it continues."""
        ref = self.router.url.query_parameters.get("ticket", "").upper()[:40]
        is_other = ref != self.ref
        self.dialog = ""
        if is_other:
            self._clear()
            self.ref = ref
        if not ref:
            await presence.opens(self, "")
            return None
        await self._fill(ref, is_opened=True)
        if self.merged_into:
            return [self._way_to(self.merged_into), rx.toast.info(f"{ref} was merged into {self.merged_into}")]
        self._watch(f"ticket-{self.ticket.id}", OpenTicket.refresh(ref))
        await presence.opens(self, ref)
        return None

    @rx.event
    @staff
    @loads
    async def refresh(self, ref: str) -> None:
        """The ticket changed: look again, if it is still the open one."""
        if ref == self.ref:
            await self._fill(ref)

    @rx.event
    @staff
    async def send(self, written: Written) -> AsyncIterator[EventSpec | None]:
        """Send what the composer holds; it is emptied only when that has worked, so nothing typed is lost."""
        body, ref = written.get("body", ""), self.ref
        files = [found for one in written.get("attachments", "").split(",") if (found := number(one.strip()))]
        said: EventSpec | None = None
        self.is_busy = True
        yield None
        try:
            if written.get("kind") == "note":
                if written.get("then", "").startswith(("later:", "at:")):
                    raise Invalid(at="Only replies can be sent later. A note is read at once.")
                await self._run(tickets.note, ref, body, attachment_ids=files)
            else:
                said = await self._reply(ref, body, files, written.get("then", ""))
        finally:
            self.is_busy = False
        self.dialog = ""
        self.draft, self.draft_kind, self.draft_files, self._sent = "", "reply", "[]", body.strip()
        yield rx.call_script(EMPTY)
        if said is not None:
            yield said
        await self._fill(ref)
        self._offer_children()

    async def _reply(self, ref: str, body: str, files: list[int], then: str) -> EventSpec | None:
        """Send a reply now or later; what to say about it, if it can be taken back."""
        if then.startswith(("later:", "at:")):
            at = await self._moment(then)
            waiting = await self._run(tickets.send_later, ref, body, at=at, attachment_ids=files)
            return toast_undo("The reply is scheduled", position=_ASIDE, on_undo=OpenTicket.take_back(waiting))  # type: ignore[call-arg, arg-type]
        sent = await self._run(tickets.send, ref, body, attachment_ids=files, then=THEN.get(then, ""))
        if not sent.waiting_id:
            return None
        undo = OpenTicket.take_back(sent.waiting_id)  # type: ignore[call-arg, arg-type]
        return toast_undo("Sent", on_undo=undo, seconds=sent.seconds, position=_ASIDE)

    @rx.event
    @staff
    async def set_status(self, status: str) -> None:
        """Change the status."""
        await self._do(tickets.change_status, status)
        self._offer_children()

    @rx.event
    @staff
    async def resolve(self) -> EventSpec:
        """Mark it resolved; the customer is told."""
        await self._do(tickets.change_status, "resolved")
        self._offer_children()
        return rx.toast.success(f"{self.ref} is resolved")

    @rx.event
    @staff
    async def resolve_and_next(self) -> list[EventSpec]:
        """Mark it resolved and open the one below it in the list, unless its children have to be asked about."""
        queue = await self.get_state(Queue)
        refs = [row.reference for row in queue.rows]
        following = refs[refs.index(self.ref) + 1 :][:1] if self.ref in refs else refs[:1]
        done = [await self.resolve()]
        if self.dialog or not following:
            return done
        return [*done, rx.redirect(queue.row_base + following[0])]

    @rx.event
    @staff
    async def set_priority(self, priority: str) -> None:
        """Change the priority."""
        await self._do(tickets.prioritise, priority)

    @rx.event
    @staff
    async def set_category(self, category: str) -> None:
        """Change the category; empty clears it."""
        await self._do(tickets.categorise, number(category) or None)

    @rx.event
    @staff
    async def set_team(self, team: str) -> None:
        """Move it to another team."""
        await self._run(tickets.move_to_team, self.ref, team_id=number(team) or None)
        await self._fill(self.ref)

    @rx.event
    @staff
    async def set_assignee(self, agent: str) -> None:
        """Give it to somebody, or to nobody."""
        await self._run(tickets.assign, self.ref, to=number(agent) or None)
        await self._fill(self.ref)

    @rx.event
    @staff
    async def take(self) -> EventSpec:
        """Make it one's own."""
        await self._do(tickets.take)
        return rx.toast.success(f"{self.ref} is yours")

    @rx.event
    @staff
    async def set_tags(self, form: dict[str, str]) -> None:
        """Replace the tags by a comma-separated list."""
        await self._do(tickets.tag, form.get("tags", "").split(","))

    @rx.event
    @staff
    async def rename(self, form: dict[str, str]) -> None:
        """Change the subject."""
        await self._do(tickets.retitle, form.get("title", ""))

    @rx.event
    @staff
    async def set_due(self, form: dict[str, str]) -> None:
        """Set the due date, given as local time in one's own zone; empty clears it."""
        given = form.get("due", "").strip()
        actor = await self._actor()
        try:
            due = datetime.fromisoformat(given).replace(tzinfo=ZoneInfo(actor.timezone)) if given else None
        except ValueError:
            raise Invalid(due_at="Choose a date and a time.") from None
        await self._do(tickets.schedule, due)

    @rx.event
    @staff
    async def undo_rule(self, run_id: int) -> EventSpec:
        """Take back what a rule did to the ticket."""
        name = await self._run(rule_runs.undo, run_id)
        await self._fill(self.ref)
        return toast_done(f"What “{name}” did is taken back")

    @rx.event
    @staff
    async def explain(self) -> None:
        """Say why each promise is due when it is."""
        self.explanations = list(await self._run(deadlines.explain, self.ref))
        self.is_explaining = True

    @rx.event
    @staff
    async def set_explaining(self, is_explaining: bool) -> None:
        """The explanation was closed."""
        self.is_explaining = is_explaining

    async def _do(self, verb: Callable[..., None], *args: object) -> None:
        await self._run(verb, self.ref, *args)
        await self._fill(self.ref)

    async def _fill(self, ref: str, *, is_opened: bool = False) -> None:
        whole: _Whole = await self._run(_read, ref)
        detail = whole.detail
        if is_opened:
            kept = whole.around.draft
            self._show(draft=kept.body, draft_kind=kept.kind, draft_files=files_kept(kept))
        self._show(
            ticket=detail.ticket, description_html=detail.description_html, requester_email=detail.requester_email,
            comments=list(detail.comments), attachments=list(detail.attachments), timers=list(detail.timers),
            status_choices=as_choices(detail.statuses), earlier_comments=detail.earlier_comments,
            may_reply=detail.may_reply, may_note=detail.may_note, may_edit=detail.may_edit,
            may_assign=detail.may_assign, requester=whole.requester, history=whole.history,
            newest=newest(detail.comments),
            rating_comment=whole.rating[1], merged_into=detail.merged_into, fields=list(detail.fields),
            **self._surround(whole.around),
        )  # fmt: skip

    def _show(self, **facts: object) -> None:
        # Only what differs: an equal value assigned is sent again, and the thread is long.
        for name, value in facts.items():
            if getattr(self, name) != value:
                setattr(self, name, value)

    def _clear(self) -> None:
        self.is_loading = True
        self._show(
            ticket=TicketRow(0, "", ""), comments=[], timers=[], history=[], attachments=[], description_html="",
            explanations=[], is_explaining=False, watchers=[], links=[], merged=[], time_entries=[], fields=[], dialog="", draft="", draft_kind="reply",
            draft_files="[]", waiting=[],
        )  # fmt: skip


def _read(ctx: Context, ref: str) -> _Whole:
    """Everything the three panes show of one ticket, in one unit of work."""
    return _Whole(
        tickets.one(ctx, ref),
        tickets.requester(ctx, ref),
        tickets.around(ctx, ref),
        tickets.history(ctx, ref),
        tickets.csat_comment(ctx, ref),
    )
