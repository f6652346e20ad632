"""One request: where it stands, what was said, answering, confirming, rating."""

from collections.abc import AsyncIterator

import reflex as rx
from reflex.event import EventSpec
from typing_extensions import TypedDict

from helpdesk.domain.errors import Invalid
from helpdesk.services import tickets
from helpdesk.services.attachments import AttachmentRow
from helpdesk.services.tickets import CommentRow, FieldRow, PortalRequest, TicketRow
from helpdesk.state.base import PageState, loads
from helpdesk.state.guard import customer

_EMPTY_COMPOSER = "document.getElementById('composer')?.reset()"
# The page may not have drawn the form yet when this arrives.
_TO_RATING = "setTimeout(() => document.getElementById('rating')?.scrollIntoView({block: 'center'}), 150)"
_NOTHING = TicketRow(0, "", "")


class Answer(TypedDict, total=False):
    """What the reply box sends."""

    body: str
    attachments: str


class Rating(TypedDict, total=False):
    """What the stars send."""

    score: str
    comment: str


class Request(PageState, rx.State):
    """The request the address names. Handlers take its reference from here; which it is, is checked by the verbs."""

    ref: str = ""
    ticket: TicketRow = _NOTHING
    title: str = "Request"
    description_html: str = ""
    comments: list[CommentRow] = []
    attachments: list[AttachmentRow] = []
    earlier_comments: int = 0
    step: int = 0
    standing: str = ""
    score: int = 0
    rating_comment: str = ""
    rating_style: str = "stars"
    is_mine: bool = True
    may_reply: bool = False
    may_rate: bool = False
    may_reopen: bool = False
    may_confirm: bool = False
    fields: list[FieldRow] = []
    merged_into: str = ""
    is_rating: bool = False  # the stars are shown, to rate or to rate anew
    is_busy: bool = False
    # The answer that is being corrected.
    edited: int = 0
    edited_text: str = ""

    @rx.event
    @customer
    @loads
    async def load(self) -> EventSpec | None:
        """Show the request the address names; `?rate=1` leads to the stars."""
        ref = self.router.url.path.rstrip("/").rpartition("/")[2].upper()[:40]
        if ref != self.ref:
            self._clear(ref)
        await self._fill(ref)
        if self.merged_into:
            return rx.redirect(f"/requests/{self.merged_into}")
        self._watch(f"portal-ticket-{self.ticket.id}", Request.refresh(ref))
        self.is_rating = self.may_rate and (self.score == 0 or self._wants_rating())
        return rx.call_script(_TO_RATING) if self.is_rating and self._wants_rating() else None

    @rx.event
    @customer
    @loads
    async def refresh(self, ref: str) -> None:
        """It changed: look again, if it is still the open one."""
        if ref == self.ref:
            await self._fill(ref)

    @rx.event
    @customer
    async def send(self, answer: Answer) -> AsyncIterator[EventSpec | None]:
        """Answer. The box is emptied only when that has worked, so nothing typed is lost."""
        ref = self.ref
        files = [int(one) for one in answer.get("attachments", "").split(",") if one.strip().isdigit()]
        self.is_busy = True
        yield None
        try:
            landed = await self._run(tickets.answer, ref, answer.get("body", ""), attachment_ids=files)
        finally:
            self.is_busy = False
        yield rx.call_script(_EMPTY_COMPOSER)
        if landed.is_new:
            yield rx.redirect(f"/requests/{landed.reference}")
            yield rx.toast.success("We opened a new request for it", position="top-center")
            return
        await self._fill(ref)

    @rx.event
    @customer
    async def edit(self, comment_id: int) -> None:
        """Open one's own answer for correction."""
        self.edited_text = await self._run(tickets.written, comment_id)
        self.errors, self.edited = {}, comment_id

    @rx.event
    @customer
    async def set_editing(self, is_open: bool) -> None:
        """The correction was put away."""
        if not is_open:
            self.edited = 0

    @rx.event
    @customer
    async def save_edit(self, form: Answer) -> EventSpec:
        """Save the corrected answer."""
        await self._run(tickets.edit_comment, self.edited, form.get("body", ""))
        self.edited = 0
        await self._fill(self.ref)
        return rx.toast.success("Your answer is corrected", position="top-center")

    @rx.event
    @customer
    async def solved(self) -> EventSpec:
        """It's solved: thank them, and ask how the help was."""
        await self._run(tickets.confirm, self.ref)
        await self._fill(self.ref)
        if not self.may_rate or self.score:
            return rx.toast.success("Glad it is solved.", position="top-center")
        self.is_rating = True
        return rx.call_script(_TO_RATING)

    @rx.event
    @customer
    async def not_solved(self) -> list[EventSpec]:
        """Still a problem: it is open again, and they can say what is wrong."""
        await self._run(tickets.still_a_problem, self.ref)
        self.is_rating = False
        await self._fill(self.ref)
        return [
            rx.toast.success(
                "We are on it again", description="Tell us below what still does not work.", position="top-center"
            ),
            rx.set_focus("composer-body"),
        ]

    @rx.event
    @customer
    async def rate(self, form: Rating) -> EventSpec:
        """Rate the help; a second rating replaces the first."""
        if not form.get("score", "").isdigit():
            raise Invalid(score="Choose one to five stars.")
        await self._run(tickets.rate, self.ref, int(form.get("score", "")), form.get("comment", ""))
        await self._fill(self.ref)
        self.is_rating = False
        return rx.toast.success("Thank you for your rating.", position="top-center")

    @rx.event
    @customer
    async def rate_anew(self) -> None:
        """Show the stars again."""
        self.is_rating = self.may_rate

    def _wants_rating(self) -> bool:
        return bool(self.router.url.query_parameters.get("rate"))

    async def _fill(self, ref: str) -> None:
        found: PortalRequest = await self._run(tickets.portal_request, ref)
        detail = found.detail
        actor = await self._actor()
        self._show(
            ref=ref, ticket=detail.ticket, title=f"{detail.ticket.title} · {detail.ticket.reference}",
            description_html=detail.description_html, comments=list(detail.comments),
            attachments=list(detail.attachments), earlier_comments=detail.earlier_comments, step=found.step,
            standing=found.standing, score=found.score, rating_comment=found.rating_comment, rating_style=found.rating_style,
            is_mine=detail.ticket.requester_id == actor.person_id, may_reply=detail.may_reply,
            fields=list(detail.fields), merged_into=detail.merged_into, may_rate=detail.may_rate, may_reopen=detail.may_reopen, may_confirm=detail.may_confirm,
        )  # fmt: skip
        if not self.may_rate:
            self._show(is_rating=False)
        elif self.score == 0:
            self._show(is_rating=True)

    def _show(self, **facts: object) -> None:
        # Only what differs: an equal value assigned is sent again, and the thread is long.
        for name, value in facts.items():
            if getattr(self, name) != value:
                setattr(self, name, value)

    def _clear(self, ref: str) -> None:
        self.is_loading = True
        self._show(
            ref=ref, ticket=_NOTHING, title="Request", comments=[], attachments=[], description_html="", standing="",
            score=0, rating_comment="", is_rating=False, is_busy=False, edited=0,
            errors={},
        )  # fmt: skip
