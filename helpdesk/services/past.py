"""Tickets that happened before: told as a history, written in bulk. For imports and the demo.

A `PastTicket` is told what happened in order and keeps row, clocks and log in step exactly as the verbs would have;
`write` puts many of them into the database with COPY. Nobody is mailed or nudged: every activity counts as reacted to.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from sqlalchemy import text
from sqlmodel import col, select

from helpdesk.domain import sla as rules
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.business_hours import ALWAYS_OPEN
from helpdesk.domain.people import ActorKind
from helpdesk.domain.sla import METRIC_LABELS, Metric, Pause, TimerState
from helpdesk.domain.text import excerpt, to_html
from helpdesk.domain.tickets import (
    DONE_CATEGORIES,
    OPEN_CATEGORIES,
    Channel,
    CommentKind,
    StatusCategory,
    new_reference,
)
from helpdesk.models import Ticket, Timer
from helpdesk.services import sla
from helpdesk.services.catalog import Catalog, CategoryRow, PriorityRow, StatusRow
from helpdesk.services.context import Context, step

_INDEXED = 60_000
Row = TypeVar("Row", Ticket, Timer)


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who did something, or the desk itself."""

    id: int | None
    name: str
    email: str = ""
    is_staff: bool = False
    company_id: int | None = None
    site_id: int | None = None
    kind: ActorKind = ActorKind.PERSON


DESK = Who(None, "The desk", kind=ActorKind.SYSTEM)


@dataclass(slots=True)
class _Happening:
    kind: ActivityKind
    at: datetime
    who: Who
    data: dict[str, Any]
    cause: "_Happening | None"
    comment: "_Said | None" = None
    id: int = 0


@dataclass(slots=True)
class _Said:
    at: datetime
    who: Who
    kind: CommentKind
    body: str
    channel: str
    id: int = 0


@dataclass(slots=True)
class _Rating:
    at: datetime
    score: int
    comment: str
    agent_id: int | None


@dataclass(slots=True)
class _Clocks:
    timers: list[Timer] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    pause_started: datetime | None = None


class PastTicket:
    """One ticket being told. Moments are aware and never go back."""

    def __init__(
        self,
        known: Catalog,
        *,
        title: str,
        description: str,
        requester: Who,
        at: datetime,
        priority: PriorityRow,
        category: CategoryRow | None = None,
        team_id: int | None = None,
        filed_by: Who | None = None,
        assignee: Who | None = None,
        reason: str = "",
        status: StatusRow | None = None,
        channel: str = Channel.WEB,
        reference: str = "",
        with_clocks: bool = True,
        **facts: Any,
    ) -> None:
        """
        Args:
            filed_by: who filed it; the requester unless given.
            assignee, reason: whom routing gave it to at once.
            with_clocks: whether SLA timers ran.
            facts: kept in the activity of its creation.
        """
        self.known = known
        self.requester = requester
        self.happenings: list[_Happening] = []
        self.said: list[_Said] = []
        self.tag_ids: set[int] = set()
        self.rating: _Rating | None = None
        self._clocks = _Clocks()
        filer = filed_by or requester
        first = status or known.first_status(StatusCategory.OPEN if assignee else StatusCategory.NEW)
        self.ticket = _bare(
            Ticket, reference=reference, title=title, description=description, description_html=to_html(description),
            preview=excerpt(description), status_id=first.id, status_category=first.category.value,
            is_open=first.category in OPEN_CATEGORIES, priority_id=priority.id, priority_rank=priority.rank,
            category_id=category.id if category else None, requester_id=requester.id or 0,
            company_id=requester.company_id, site_id=requester.site_id, team_id=team_id,
            assignee_id=assignee.id if assignee else None, created_by_id=filer.id, channel=str(channel),
            last_reply_by_customer=not requester.is_staff, created_at=at, updated_at=at, status_since=at,
        )  # fmt: skip
        created = self._record(
            ActivityKind.TICKET_CREATED, at, filer, reference=reference, title=title, priority=priority.slug,
            category=category.name if category else "", channel=str(channel), requester_id=requester.id,
            status=first.label, **facts,
        )  # fmt: skip
        if with_clocks:
            self._start_clocks(at)
        if assignee:
            self._record(
                ActivityKind.TICKET_ASSIGNED, at, DESK if reason else filer, cause=created,
                assignee=assignee.name, assignee_id=assignee.id, reason=reason,
            )  # fmt: skip

    @property
    def category(self) -> StatusCategory:
        """Where it stands."""
        return StatusCategory(self.ticket.status_category)

    def assign(
        self, at: datetime, by: Who, agent: Who, *, previous: Who | None = None, reason: str = "", opens: bool = True
    ) -> None:
        """Give it to somebody; a new ticket becomes open, unless the desk it comes from did not see it so."""
        self._pass(at)
        self.ticket.assignee_id = agent.id
        assigned = self._record(
            ActivityKind.TICKET_ASSIGNED, at, by, assignee=agent.name, assignee_id=agent.id,
            previous=previous.name if previous else "", previous_id=previous.id if previous else None, reason=reason,
        )  # fmt: skip
        if opens and self.category is StatusCategory.NEW:
            self.move(at, by, self.known.first_status(StatusCategory.OPEN), cause=assigned)

    def unassign(self, at: datetime, by: Who, previous: Who) -> None:
        """Take it from whoever has it."""
        self._pass(at)
        self.ticket.assignee_id = None
        self._record(ActivityKind.TICKET_UNASSIGNED, at, by, previous=previous.name, previous_id=previous.id)

    def move_to_team(self, at: datetime, by: Who, team_id: int | None) -> None:
        """Move it to another team's queue."""
        self._pass(at)
        teams = self.known.team_by_id
        before, self.ticket.team_id = self.ticket.team_id, team_id
        self._record(
            ActivityKind.TICKET_TEAM_CHANGED, at, by, before=teams[before].name if before else "",
            after=teams[team_id].name if team_id else "",
        )  # fmt: skip

    def reply(self, at: datetime, by: Who, body: str, *, then: StatusRow | None = None, channel: str = "web") -> None:
        """Say something in public; `then` sets a status with it. A customer's reply takes a waiting ticket back."""
        self._pass(at)
        said = self._say(at, by, CommentKind.REPLY, body, channel)
        self.ticket.preview = excerpt(body)
        by_staff = by.is_staff and by.id != self.requester.id
        self.ticket.last_reply_by_customer = not by_staff
        replied = self._record(
            ActivityKind.TICKET_REPLIED, at, by, comment_id=0, excerpt=excerpt(body, 200), files=[], by_staff=by_staff
        )
        replied.comment = said
        if by_staff:
            if self.ticket.first_responded_at is None:
                self.ticket.first_responded_at = at
                self._meet(Metric.FIRST_RESPONSE, at, replied)
            if then is None and self.category is StatusCategory.NEW:
                then = self.known.first_status(StatusCategory.OPEN)
            if then is not None:
                self.move(at, by, then, cause=replied)
        elif self.category in (StatusCategory.RESOLVED, StatusCategory.PENDING):
            self.reopen(at, by, cause=replied)

    def note(self, at: datetime, by: Who, body: str) -> None:
        """Write something only staff read."""
        self._pass(at)
        said = self._say(at, by, CommentKind.NOTE, body, Channel.WEB)
        noted = self._record(ActivityKind.TICKET_NOTED, at, by, comment_id=0, excerpt=excerpt(body, 200), files=[])
        noted.comment = said

    def reopen(self, at: datetime, by: Who, *, cause: _Happening | None = None) -> None:
        """Take it back to work."""
        target = self.known.first_status(StatusCategory.OPEN)
        if self.category in DONE_CATEGORIES:
            self.ticket.reopen_count += 1
            target = next((row for row in self.known.statuses if row.slug == "reopened"), target)
        self.move(at, by, target, cause=cause)

    def move(
        self, at: datetime, by: Who, target: StatusRow, *, cause: _Happening | None = None, reason: str = ""
    ) -> None:
        """Set the status; the clocks follow."""
        ticket = self.ticket
        if ticket.status_id == target.id:
            return
        self._pass(at)
        before = self.known.status_by_id[ticket.status_id]
        ticket.status_id, ticket.status_category = target.id, target.category.value
        ticket.is_open = target.category in OPEN_CATEGORIES
        ticket.status_since = at
        ticket.waiting_since = at if target.category is StatusCategory.PENDING else None
        if target.category is StatusCategory.RESOLVED:
            ticket.resolved_at = at
        elif target.category is StatusCategory.CLOSED:
            ticket.closed_at = at
            ticket.resolved_at = ticket.resolved_at or at
        else:
            ticket.resolved_at = ticket.closed_at = None
        changed = self._record(
            ActivityKind.TICKET_STATUS_CHANGED, at, by, cause=cause, before=before.label, after=target.label,
            before_category=before.category.value, after_category=target.category.value, after_slug=target.slug,
            after_customer_label=target.customer_label, reason=reason,
        )  # fmt: skip
        self._turn_clocks(at, before.category, target.category, changed)

    def prioritise(self, at: datetime, by: Who, target: PriorityRow) -> None:
        """Set the priority. Only before anything was promised, or without clocks: deadlines are not derived anew."""
        if self.ticket.priority_id == target.id:
            return
        self._pass(at)
        before = self.known.priority_by_id[self.ticket.priority_id]
        self.ticket.priority_id, self.ticket.priority_rank = target.id, target.rank
        self._record(
            ActivityKind.TICKET_PRIORITY_CHANGED, at, by, before=before.label, after=target.label,
            after_slug=target.slug,
        )  # fmt: skip

    def categorise(self, at: datetime, by: Who, target: CategoryRow | None) -> None:
        """Set the category."""
        self._pass(at)
        before = self.known.category_by_id.get(self.ticket.category_id or 0)
        self.ticket.category_id = target.id if target else None
        self._record(
            ActivityKind.TICKET_CATEGORY_CHANGED, at, by, before=before.name if before else "",
            after=target.name if target else "",
        )  # fmt: skip

    def tag(self, at: datetime, by: Who, tag_ids: Iterable[int]) -> None:
        """Set the tags."""
        self._pass(at)
        names = self.known.tag_by_id
        before, self.tag_ids = self.tag_ids, set(tag_ids)
        self._record(
            ActivityKind.TICKET_TAGS_CHANGED, at, by, before=sorted(names[one].name for one in before),
            after=sorted(names[one].name for one in self.tag_ids),
        )  # fmt: skip

    def rate(self, at: datetime, score: int, comment: str = "") -> None:
        """The customer says how good the help was."""
        self.rating = _Rating(at, score, comment, self.ticket.assignee_id)
        self.ticket.csat_score = score
        self._record(
            ActivityKind.TICKET_RATED, at, self.requester, touch=False, score=score, comment=comment,
            assignee_id=self.ticket.assignee_id,
        )  # fmt: skip

    def promise_was(self, *, kept: bool, at: datetime, by: Who = DESK) -> None:
        """Say whether a deadline nobody here watched was kept, as another desk told it."""
        kind = ActivityKind.SLA_MET if kept else ActivityKind.SLA_BREACHED
        self._record(kind, at, by, touch=False, metric=METRIC_LABELS[Metric.RESOLUTION], due_at="")
        self.ticket.sla_status = "met" if kept else "breached"
        self.ticket.breached_at = None if kept else at

    def until(self, now: datetime) -> None:
        """Let the clocks run until now, as the sweep would have."""
        self._sweep(now)

    @property
    def timers(self) -> list[Timer]:
        """The clocks as they stand."""
        return self._clocks.timers

    def words(self) -> tuple[str, str, str, str, str]:
        """What it is found by: subject, person, text, replies, notes."""
        ticket, who = self.ticket, self.requester
        replies = "\n".join(one.body for one in self.said if one.kind is not CommentKind.NOTE)
        notes = "\n".join(one.body for one in self.said if one.kind is CommentKind.NOTE)
        return (
            f"{ticket.title} {ticket.reference}", f"{who.name} {who.email}", ticket.description[:_INDEXED],
            replies[: 4 * _INDEXED], notes[: 4 * _INDEXED],
        )  # fmt: skip

    def _say(self, at: datetime, by: Who, kind: CommentKind, body: str, channel: str) -> _Said:
        said = _Said(at, by, kind, body, str(channel))
        self.said.append(said)
        self.ticket.comment_count += 1
        return said

    def _record(
        self,
        kind: ActivityKind,
        at: datetime,
        who: Who,
        *,
        cause: _Happening | None = None,
        touch: bool = True,
        **data: Any,
    ) -> _Happening:
        happening = _Happening(kind, at, who, data, cause)
        self.happenings.append(happening)
        if touch:
            self.ticket.updated_at = at
        return happening

    def _pass(self, at: datetime) -> None:
        """Time passes until something happens."""
        if at < self.happenings[-1].at:
            raise ValueError(f"{self.ticket.title}: {at} lies before what happened last.")
        self._sweep(at)

    # The clocks: what services.sla does, told after the fact.

    def _start_clocks(self, at: datetime) -> None:
        policy = self.known.usual_policy
        if policy is None:
            return
        for metric in (Metric.FIRST_RESPONSE, Metric.RESOLUTION):
            target = policy.targets.get((self.ticket.priority_id, metric))
            if target is not None:
                timer = _bare(
                    Timer, policy_id=policy.id, metric=metric.value, state=TimerState.RUNNING.value,
                    target_seconds=int(target.total_seconds()), started_at=at,
                )  # fmt: skip
                self._derive(timer, at)
                self.timers.append(timer)
        sla.summarise(self.ticket, self.timers)

    def _derive(self, timer: Timer, at: datetime) -> None:
        policy = next((one for one in self.known.policies if one.id == timer.policy_id), None)
        deadline = rules.derive(
            started_at=timer.started_at, target=timedelta(seconds=timer.target_seconds),
            calendar=policy.calendar if policy else ALWAYS_OPEN, pauses=self._clocks.pauses,
            warning_share=self.known.organization.warning_share, now=at,
        )  # fmt: skip
        timer.due_at, timer.warn_at = deadline.due_at, deadline.warn_at
        timer.next_at = timer.due_at if timer.warned_at else timer.warn_at

    def _sweep(self, until: datetime) -> None:
        """Warnings and breaches on the way, in order."""
        while True:
            due = [
                one for one in self.timers if one.state == TimerState.RUNNING and one.next_at and one.next_at <= until
            ]
            if not due:
                return
            timer = min(due, key=lambda one: one.next_at or until)
            at = timer.next_at or until
            facts: dict[str, Any] = {
                "metric": METRIC_LABELS[Metric(timer.metric)],
                "due_at": _iso(timer.due_at),
            }
            if timer.due_at and timer.due_at <= at:
                timer.state, timer.breached_at, timer.next_at = TimerState.BREACHED.value, timer.due_at, None
                self._record(ActivityKind.SLA_BREACHED, at, DESK, touch=False, **facts)
            else:
                timer.warned_at, timer.next_at = at, timer.due_at
                self._record(ActivityKind.SLA_WARNING, at, DESK, touch=False, **facts)
            sla.summarise(self.ticket, self.timers)

    def _meet(self, metric: Metric, at: datetime, cause: _Happening) -> None:
        for timer in self.timers:
            if timer.metric == metric and timer.met_at is None:
                timer.met_at, timer.next_at = at, None
                if timer.breached_at is None:
                    timer.state = TimerState.MET.value
                    facts: dict[str, Any] = {"metric": METRIC_LABELS[metric], "due_at": _iso(timer.due_at)}
                    self._record(ActivityKind.SLA_MET, at, DESK, cause=cause, touch=False, **facts)
                else:
                    timer.state = TimerState.BREACHED.value
        sla.summarise(self.ticket, self.timers)

    def _turn_clocks(self, at: datetime, before: StatusCategory, after: StatusCategory, cause: _Happening) -> None:
        clocks = self._clocks
        if not clocks.timers or before is after or (before in sla.COUNTING and after in sla.COUNTING):
            return
        if after in sla.COUNTING and clocks.pause_started is not None:
            clocks.pauses.append(Pause(clocks.pause_started, at))
            clocks.pause_started = None
        elif after not in sla.COUNTING and clocks.pause_started is None:
            clocks.pause_started = at
        if after in DONE_CATEGORIES:
            self._meet(Metric.RESOLUTION, at, cause)
        for timer in clocks.timers:
            if timer.met_at is not None and (timer.metric != Metric.RESOLUTION or after in DONE_CATEGORIES):
                continue
            if after in sla.COUNTING:
                timer.paused_at = timer.met_at = None
                self._derive(timer, at)
                timer.state = TimerState.RUNNING.value
                if timer.breached_at is not None:
                    timer.state, timer.next_at = TimerState.BREACHED.value, None
            elif timer.state == TimerState.RUNNING:
                timer.state, timer.paused_at, timer.next_at = TimerState.PAUSED.value, at, None
        sla.summarise(self.ticket, clocks.timers)


_TICKET_COLUMNS = tuple(name for name in Ticket.model_fields if name not in ("organization_id", "custom"))
_TIMER_COLUMNS = tuple(name for name in Timer.model_fields if name != "organization_id")
_DEFAULTS = {
    model: {name: None if info.is_required() else info.default for name, info in model.model_fields.items()}
    for model in (Ticket, Timer)
}
_ACTIVITY_COLUMNS = (
    "id",
    "kind",
    "ticket_id",
    "actor_kind",
    "actor_id",
    "actor_name",
    "data",
    "cause_id",
    "at",
    "reacted_at",
)
_COMMENT_COLUMNS = ("id", "ticket_id", "author_id", "kind", "body", "body_html", "channel", "created_at")
_RATING_COLUMNS = ("ticket_id", "person_id", "agent_id", "score", "comment", "created_at")


@step
def write(ctx: Context, told: Sequence[PastTicket]) -> None:
    """Put tickets with their histories into the database. Ids follow time, as timelines are read by id."""
    _name(ctx, told)
    for past, ticket_id in zip(told, _ids(ctx, "ticket", len(told)), strict=True):
        past.ticket.id = ticket_id
        past.happenings[0].data["reference"] = past.ticket.reference
    happened = sorted(
        ((one.at, number, past, one) for past in told for number, one in enumerate(past.happenings)),
        key=lambda each: each[:2],
    )
    for (_, _, _, one), activity_id in zip(happened, _ids(ctx, "activity", len(happened)), strict=True):
        one.id = activity_id
    said = sorted(((one.at, past.ticket.id, one) for past in told for one in past.said), key=lambda each: each[:2])
    for (_, _, comment), comment_id in zip(said, _ids(ctx, "comment", len(said)), strict=True):
        comment.id = comment_id
    timers = [(timer, past.ticket.id) for past in told for timer in past.timers]
    for (timer, ticket_id), timer_id in zip(timers, _ids(ctx, "timer", len(timers)), strict=True):
        timer.id, timer.ticket_id = timer_id, ticket_id

    copy(ctx, "ticket", _TICKET_COLUMNS, (_values(past.ticket, _TICKET_COLUMNS) for past in told))
    copy(ctx, "timer", _TIMER_COLUMNS, (_values(timer, _TIMER_COLUMNS) for timer, _ in timers))
    copy(ctx, "comment", _COMMENT_COLUMNS, (
        (one.id, ticket_id, one.who.id, one.kind.value, one.body, to_html(one.body), one.channel, one.at)
        for _, ticket_id, one in said
    ))  # fmt: skip
    copy(ctx, "activity", _ACTIVITY_COLUMNS, (_activity(past, one) for _, _, past, one in happened))
    copy(ctx, "csat_rating", _RATING_COLUMNS, (
        (past.ticket.id, past.requester.id, past.rating.agent_id, past.rating.score, past.rating.comment, past.rating.at)
        for past in told if past.rating
    ))  # fmt: skip
    copy(ctx, "ticket_tag", ("ticket_id", "tag_id"), (
        (past.ticket.id, tag_id) for past in told for tag_id in sorted(past.tag_ids)
    ))  # fmt: skip
    _index(ctx, told)


@step
def copy(ctx: Context, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert many rows; returns how many.

    COPY is refused on a table with row-level security, so it fills a temporary twin, and one INSERT takes the rows from
    there through the wall.
    """
    names = ", ".join(columns)
    connection = ctx.session.connection()
    connection.execute(text(f"CREATE TEMPORARY TABLE past_{table} AS SELECT {names} FROM {table} WITH NO DATA"))  # noqa: S608 - our own names
    written = copy_into(ctx, f"past_{table}", columns, rows)
    connection.execute(text(f"INSERT INTO {table} ({names}) SELECT {names} FROM past_{table}"))  # noqa: S608 - our own names
    connection.execute(text(f"DROP TABLE past_{table}"))
    return written


@step
def copy_into(ctx: Context, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY rows into a temporary table; returns how many."""
    driver: Any = ctx.session.connection().connection.driver_connection
    written = 0
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as target:
        for row in rows:
            target.write_row(row)
            written += 1
    return written


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _bare(model: type[Row], **values: Any) -> Row:
    """The columns of a row without the table's machinery, which makes tens of thousands of them four times as slow."""
    return cast(Row, SimpleNamespace(**(_DEFAULTS[model] | values)))


def _values(row: Ticket | Timer, columns: Sequence[str]) -> list[Any]:
    return [getattr(row, name) for name in columns]


def _activity(past: PastTicket, one: _Happening) -> tuple[Any, ...]:
    if one.comment is not None:
        one.data["comment_id"] = one.comment.id
    return (
        one.id, one.kind.value, past.ticket.id, one.who.kind.value, one.who.id, one.who.name,
        json.dumps(one.data, ensure_ascii=False, default=str), one.cause.id if one.cause else None, one.at, one.at,
    )  # fmt: skip


def _index(ctx: Context, told: Sequence[PastTicket]) -> None:
    ctx.session.connection().execute(
        text(
            "CREATE TEMPORARY TABLE past_words"
            " (ticket_id bigint, subject text, person text, body text, replies text, notes text)"
        )
    )
    columns = ("ticket_id", "subject", "person", "body", "replies", "notes")
    copy_into(ctx, "past_words", columns, ((past.ticket.id, *past.words()) for past in told))
    ctx.session.connection().execute(
        text(
            "INSERT INTO ticket_search (ticket_id, public_words, note_words) SELECT ticket_id,"
            " setweight(to_tsvector('desk', subject), 'A') || setweight(to_tsvector('desk', person), 'B')"
            " || setweight(to_tsvector('desk', body), 'C') || setweight(to_tsvector('desk', replies), 'D'),"
            " CASE WHEN notes <> '' THEN setweight(to_tsvector('desk', notes), 'D') END FROM past_words"
        )
    )
    ctx.session.connection().execute(text("DROP TABLE past_words"))


def _ids(ctx: Context, table: str, count: int) -> list[int]:
    rows = ctx.session.execute(
        text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)"),
        {"table": table, "count": count},
    )
    return [row[0] for row in rows]


def _name(ctx: Context, told: Sequence[PastTicket]) -> None:
    """Give a reference to every ticket that has none: one look at the database, however many there are."""
    nameless = [past.ticket for past in told if not past.ticket.reference]
    taken = {past.ticket.reference for past in told}
    prefix = ctx.session.execute(text("SELECT reference_prefix FROM organization")).scalar_one()
    while nameless:
        for ticket in nameless:
            while ticket.reference in taken:
                ticket.reference = new_reference(prefix)
            taken.add(ticket.reference)
        found = select(Ticket.reference).where(col(Ticket.reference).in_([one.reference for one in nameless]))
        used = set(ctx.session.exec(found).all())
        nameless = [ticket for ticket in nameless if ticket.reference in used]
