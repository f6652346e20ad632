"""Timers: started when a ticket is filed, derived anew from the log whenever something changes, watched by a sweep."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select as sql_select
from sqlalchemy import text
from sqlmodel import col, select

from helpdesk import clock, db
from helpdesk.domain import sla as rules
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.business_hours import ALWAYS_OPEN, add_working_time
from helpdesk.domain.conditions import Field
from helpdesk.domain.people import system
from helpdesk.domain.sla import METRIC_LABELS, Happening, Metric, Pause, SlaStatus, TimerState, Turn
from helpdesk.domain.tickets import DONE_CATEGORIES, StatusCategory
from helpdesk.models import Activity, Person, SlaRun, Ticket, Timer
from helpdesk.services import catalog, facts
from helpdesk.services.catalog import Policy
from helpdesk.services.context import Context, anyone, step

COUNTING = frozenset({StatusCategory.NEW, StatusCategory.OPEN})
BATCH = 200
# Due timers a sweep takes at once.
SWEPT = 500
# What `plan` decides of a timer, with the type of each column.
PLANNED = {
    "policy_id": "bigint", "metric": "text", "state": "text", "target_seconds": "integer",
    "started_at": "timestamptz", "warn_at": "timestamptz", "due_at": "timestamptz", "next_at": "timestamptz",
}  # fmt: skip
_FROM_THE_START = (Metric.FIRST_RESPONSE, Metric.RESOLUTION)
_STATUSES = (ActivityKind.TICKET_STATUS_CHANGED, ActivityKind.TICKET_STATUS_REDEFINED)
_TURNS = (*_STATUSES, ActivityKind.TICKET_REPLIED)
# Kinds of runs, and the job that does them.
DERIVE, SIMULATE = "derive", "simulate"
JOB = "helpdesk.jobs.sla.work"


@step
def policy_of(ctx: Context, ticket: Ticket) -> Policy | None:
    """The policy a ticket falls under; reads its facts only if some policy asks for them."""
    known = catalog.current(ctx)
    if not known.asked_for_policies and not ticket.chosen_policy_id:
        return known.policies[0] if known.policies else None
    return known.policy_for(facts.of(ctx, ticket, wanted=known.asked_for_policies))


@step
def plan(ctx: Context, ticket: Ticket) -> list[dict[str, Any]]:
    """The timers of a ticket about to be filed, by the columns of PLANNED: running, none of them late."""
    known = catalog.current(ctx)
    policy = known.policy_for(facts.assemble(ctx, ticket)) if known.asked_for_policies else policy_of(ctx, ticket)
    if policy is None:
        return []
    timers = []
    for metric in _FROM_THE_START:
        target = policy.targets.get((ticket.priority_id, metric))
        if target is None:
            continue
        deadline = rules.derive(
            started_at=ticket.created_at, target=target, calendar=policy.calendar, pauses=(),
            warning_share=known.warning_share(policy), now=ctx.now,
        )  # fmt: skip
        timers.append({
            "policy_id": policy.id, "metric": metric, "state": TimerState.RUNNING,
            "target_seconds": int(target.total_seconds()), "started_at": ticket.created_at,
            "warn_at": deadline.warn_at, "due_at": deadline.due_at, "next_at": deadline.warn_at,
        })  # fmt: skip
    return timers


@dataclass(frozen=True)
class _Summary:
    status: SlaStatus
    due_at: datetime | None
    breached_at: datetime | None


@step
def summarise(ticket: Ticket, timers: Sequence[Timer]) -> None:
    """Repeat on the ticket what its timers say, for the queue: the worst status and the next deadline."""
    found = _summary(timers)
    ticket.sla_status, ticket.sla_due_at, ticket.breached_at = found.status, found.due_at, found.breached_at


def _summary(timers: Sequence[Any]) -> _Summary:
    running = [timer for timer in timers if timer.state == TimerState.RUNNING]
    late = [timer for timer in timers if timer.state == TimerState.BREACHED]
    unanswered = [timer for timer in late if timer.met_at is None]
    due_at = min((timer.due_at for timer in unanswered or running if timer.due_at), default=None)
    breached_at = min((timer.breached_at for timer in late if timer.breached_at), default=None)
    if unanswered:
        status = SlaStatus.BREACHED
    elif running:
        status = SlaStatus.AT_RISK if any(timer.warned_at for timer in running) else SlaStatus.OK
    elif any(timer.state == TimerState.PAUSED for timer in timers):
        status = SlaStatus.PAUSED
    elif late:
        status = SlaStatus.BREACHED
    else:
        status = SlaStatus.MET if timers else SlaStatus.NONE
    return _Summary(status, due_at, breached_at)


@step
def answered(ctx: Context, ticket: Ticket) -> None:
    """A public staff reply meets the promise of a first answer, or of one to the customer's latest question."""
    timers = _timers(ctx, ticket)
    for timer in timers:
        if timer.metric in (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE) and timer.met_at is None:
            _meet(ctx, ticket, timer)
    summarise(ticket, timers)


@step
def asked(ctx: Context, ticket: Ticket) -> None:
    """The customer wrote again: a clock for the next answer starts, unless one runs since an earlier question or the
    first answer is still to come."""
    if ticket.first_responded_at is None or not catalog.current(ctx).promises_next:
        return
    policy = policy_of(ctx, ticket)
    target = policy.targets.get((ticket.priority_id, Metric.NEXT_RESPONSE)) if policy else None
    if policy is None or target is None:
        return
    timers = _timers(ctx, ticket)
    if any(timer.metric == Metric.NEXT_RESPONSE and timer.met_at is None for timer in timers):
        return
    timer = _new(ticket, Metric.NEXT_RESPONSE, ctx.now)
    timer.policy_id, timer.target_seconds = policy.id, int(target.total_seconds())
    ctx.session.add(timer)
    _place(ctx, ticket, timer, _pauses(ctx, ticket))
    summarise(ticket, [*timers, timer])


@step
def status_changed(ctx: Context, ticket: Ticket, before: StatusCategory, after: StatusCategory) -> None:
    """Pause, resume, meet or reopen the resolution clock after a change of status."""
    if before is after or (before in COUNTING and after in COUNTING):
        return
    timers = _timers(ctx, ticket)
    if after in COUNTING:
        for timer in timers:
            if timer.metric == Metric.RESOLUTION:
                timer.met_at = None
        if before in DONE_CATEGORIES:
            # Policies may have changed while nobody counted.
            _retarget(ctx, ticket, timers, policy_of(ctx, ticket), _pauses(ctx, ticket), makes=False)
        else:
            pauses = _pauses(ctx, ticket)
            for timer in _unmet(timers):
                _place(ctx, ticket, timer, pauses)
    else:
        for timer in _unmet(timers):
            if timer.metric == Metric.RESOLUTION and after in DONE_CATEGORIES:
                _meet(ctx, ticket, timer)
            else:
                _own_up(ctx, ticket, timer)
                if timer.state == TimerState.RUNNING:
                    timer.state, timer.next_at = TimerState.PAUSED, None
                timer.paused_at = timer.paused_at or ctx.now
    summarise(ticket, timers)


@step
def stop(ctx: Context, ticket: Ticket) -> list[dict[str, Any]]:
    """Take the promises off a ticket that is no longer worked on for itself, so that they count neither as kept nor as
    broken; what was late already stays late. Returns what `start_again` needs."""
    timers = _timers(ctx, ticket)
    for timer in timers:
        _own_up(ctx, ticket, timer)
    kept = [timer.model_dump(mode="json", exclude={"id", "organization_id"}) for timer in timers]
    for timer in list(timers):
        if timer.met_at is None and timer.breached_at is None:
            ctx.session.delete(timer)
            timers.remove(timer)
    ctx.session.flush()
    summarise(ticket, timers)
    return kept


@step
def start_again(ctx: Context, ticket: Ticket, kept: Sequence[dict[str, Any]]) -> None:
    """Put the promises back on; the time between counts as a pause, as the log says."""
    for timer in _timers(ctx, ticket):
        ctx.session.delete(timer)
    ctx.session.flush()
    timers = [Timer.model_validate(columns) for columns in kept]
    if StatusCategory(ticket.status_category) in COUNTING:
        pauses = _pauses(ctx, ticket)
        for timer in _unmet(timers):
            _place(ctx, ticket, timer, pauses)
    ctx.session.add_all(timers)
    summarise(ticket, timers)


@step
def reconsider(ctx: Context, ticket: Ticket, *changed: Field) -> None:
    """Something about a ticket changed: it may fall under another policy. Unmet clocks get the target that holds now,
    counted from the same start with the same pauses.

    Args:
        changed: what it was; if no policy asks for that, nothing happens. Nothing: the priority, which always matters.
    """
    if changed and catalog.current(ctx).asked_for_policies.isdisjoint(changed):
        return
    derive_anew(ctx, ticket)


@step
def derive_anew(ctx: Context, ticket: Ticket) -> None:
    """Give a ticket's unmet clocks what the policy it falls under now promises."""
    ctx.session.flush()
    timers = _timers(ctx, ticket)
    if ticket.merged_into_id is None:
        _retarget(ctx, ticket, timers, policy_of(ctx, ticket), _pauses(ctx, ticket), makes=True)
        summarise(ticket, timers)


@step
def derive_all_anew(ctx: Context) -> None:
    """Policies, calendars or what a status means changed: every clock that is not met is derived anew, in batches."""
    waiting = ctx.session.exec(
        select(SlaRun).where(SlaRun.kind == DERIVE, col(SlaRun.finished_at).is_(None), SlaRun.done == 0)
    ).first()
    if waiting is not None:
        return
    run = SlaRun(kind=DERIVE, person_id=ctx.actor.person_id, created_at=ctx.now, updated_at=ctx.now)
    ctx.session.add(run)
    ctx.session.flush()
    ctx.jobs.append((JOB, (ctx.organization_id, run.id)))


@step
def derive_some_anew(ctx: Context, run: SlaRun, *, most: int = BATCH) -> bool:
    """Derive the clocks of the next open tickets anew; whether there are more.

    A ticket that has no clock yet gets one only if it is not late already: nobody breaks a promise before it is made.
    """
    tickets = ctx.session.exec(
        select(Ticket)
        .where(col(Ticket.is_open), col(Ticket.merged_into_id).is_(None), col(Ticket.id) > run.cursor)
        .order_by(col(Ticket.id))
        .limit(most)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    known = catalog.current(ctx)
    ids = [ticket.id for ticket in tickets]
    ctx.limit += 4 * len(tickets)
    _redefine(ctx, run, tickets)
    about = facts.of_many(ctx, tickets, wanted=known.asked_for_policies)
    timers = _timers_of(ctx, ids)
    happened = history(ctx, ids)
    for ticket in tickets:
        own = timers.get(ticket.id, [])
        before = [(one.due_at, one.state) for one in own]
        _retarget(
            ctx, ticket, own, known.policy_for(about[ticket.id]), rules.pauses(happened.get(ticket.id, ())),
            makes=True, may_be_late=False,
        )  # fmt: skip
        if [(one.due_at, one.state) for one in own] != before:
            summarise(ticket, own)
            ctx.touch_ticket(ticket, is_public=False)
    run.done += len(tickets)
    run.cursor = ids[-1] if ids else run.cursor
    return len(tickets) == most


@step
def history(ctx: Context, ticket_ids: Sequence[int]) -> dict[int, list[Happening]]:
    """What happened to tickets that clocks care for, from the log, in order."""
    ctx.flush()
    columns = (Activity.ticket_id, Activity.kind, Activity.at, Activity.actor_name, col(Activity.data))
    rows = ctx.session.execute(
        sql_select(*columns)  # type: ignore[call-overload]
        .where(col(Activity.ticket_id).in_(ticket_ids), col(Activity.kind).in_(_TURNS))
        .order_by(col(Activity.id))
    ).all()
    found: dict[int, list[Happening]] = {}
    for ticket_id, kind, at, by, data in rows:
        if kind in _STATUSES:
            after, status = data.get("after_category"), str(data.get("after", ""))
            if kind == ActivityKind.TICKET_STATUS_REDEFINED:
                status = f"{status} (redefined as {after})"
            one = Happening(Turn.STATUS, at, after in COUNTING, after in DONE_CATEGORIES, by, status)
        else:
            one = Happening(Turn.ANSWERED if data.get("by_staff") else Turn.ASKED, at, by=by)
        found.setdefault(ticket_id or 0, []).append(one)
    return found


@anyone
def organizations_due() -> list[int]:
    """Organizations with a timer to look at now: one index scan over the due queue, as the owner."""
    with db.owner_session() as session:
        rows = session.execute(
            text(
                "SELECT DISTINCT organization_id FROM (SELECT organization_id FROM timer"
                " WHERE state = 'running' AND next_at <= :now ORDER BY next_at LIMIT 10000) due"
            ),
            {"now": clock.now()},
        )
        return [row[0] for row in rows]


@step
def sweep(ctx: Context) -> int:
    """Warn and record breaches for up to 500 due timers, oldest first; returns how many it looked at.

    Locked rows are skipped, so two sweeps share the work and never say the same thing twice. Read and written as sets, past
    the ORM: after an hour at rest thousands are due.
    """
    due = ctx.ask(_DUE, {"now": ctx.now, "most": SWEPT}, named=True)
    if not due:
        return 0
    tickets = list({one.id for one in due})
    ctx.ask(_MOVE_ON, {"now": ctx.now, "ids": [one.timer_id for one in due]})
    clocks: dict[int, list[Any]] = {}
    for one in ctx.ask(_CLOCKS, {"tickets": tickets}, named=True):
        clocks.setdefault(one.ticket_id, []).append(one)
    told = [{"id": ticket_id, **vars(_summary(clocks[ticket_id]))} for ticket_id in tickets]
    ctx.ask(_REPEAT, {"told": orjson.dumps(told).decode()})
    ctx.activity_ids += [number for (number,) in ctx.ask(_NUMBERS, {"most": len(due)})]
    ctx.limit += 2 * len(due)
    for one in due:
        kind = ActivityKind.SLA_BREACHED if one.due_at and one.due_at <= ctx.now else ActivityKind.SLA_WARNING
        ctx.record(kind, one, metric=METRIC_LABELS[Metric(one.metric)], due_at=_iso(one.due_at))
    return len(due)


# Timer and ticket are locked in one go: a verb holds its ticket while it changes the timers, and waiting for one while
# holding the other would be a deadlock.
_DUE = """
    SELECT timer.id AS timer_id, timer.metric, timer.due_at, ticket.id, ticket.assignee_id, ticket.requester_id,
        ticket.company_id
    FROM timer JOIN ticket ON ticket.id = timer.ticket_id
    WHERE timer.state = 'running' AND timer.next_at <= %(now)s
    ORDER BY timer.next_at LIMIT %(most)s FOR NO KEY UPDATE OF timer, ticket SKIP LOCKED
"""
_MOVE_ON = """
    UPDATE timer SET state = CASE WHEN due_at <= %(now)s THEN 'breached' ELSE state END,
        breached_at = CASE WHEN due_at <= %(now)s THEN due_at ELSE breached_at END,
        warned_at = CASE WHEN due_at <= %(now)s THEN warned_at ELSE %(now)s END,
        next_at = CASE WHEN due_at <= %(now)s THEN NULL ELSE due_at END
    WHERE id = ANY(%(ids)s)
"""
_CLOCKS = (
    "SELECT ticket_id, state, due_at, met_at, warned_at, breached_at FROM timer WHERE ticket_id = ANY(%(tickets)s)"
)
_REPEAT = """
    UPDATE ticket SET sla_status = told.status, sla_due_at = told.due_at, breached_at = told.breached_at
    FROM jsonb_to_recordset(%(told)s::jsonb) AS told (id bigint, status text, due_at timestamptz, breached_at timestamptz)
    WHERE ticket.id = told.id
"""
_NUMBERS = "SELECT nextval('activity_id_seq') FROM generate_series(1, %(most)s)"


def _redefine(ctx: Context, run: SlaRun, tickets: Sequence[Ticket]) -> None:
    """Tickets whose status means something else by now turn with it, as if somebody had moved each of them at this moment."""
    known = catalog.current(ctx)
    turned = [one for one in tickets if one.status_category != known.status_by_id[one.status_id].category]
    if not turned:
        return
    person = ctx.session.get(Person, run.person_id) if run.person_id else None
    with ctx.acting_as(replace(ctx.actor, name=person.name) if person else ctx.actor):
        for ticket in turned:
            status, before = known.status_by_id[ticket.status_id], ticket.status_category
            ticket.status_category = status.category
            ticket.waiting_since = ctx.now if status.category is StatusCategory.PENDING else None
            ticket.close_warned_at = None
            ctx.record(
                ActivityKind.TICKET_STATUS_REDEFINED, ticket, before_category=before,
                after=status.label, after_category=status.category.value,
            )  # fmt: skip


def _timers(ctx: Context, ticket: Ticket) -> list[Timer]:
    return list(ctx.session.exec(select(Timer).where(Timer.ticket_id == ticket.id).order_by(col(Timer.id))).all())


def _timers_of(ctx: Context, ticket_ids: Sequence[int]) -> dict[int, list[Timer]]:
    found: dict[int, list[Timer]] = {}
    query = select(Timer).where(col(Timer.ticket_id).in_(ticket_ids)).order_by(col(Timer.id))
    for timer in ctx.session.exec(query).all():
        found.setdefault(timer.ticket_id, []).append(timer)
    return found


def _pauses(ctx: Context, ticket: Ticket) -> tuple[Pause, ...]:
    """The stretches in which the ticket did not wait for us, from its log."""
    return rules.pauses(history(ctx, [ticket.id]).get(ticket.id, ()))


def _unmet(timers: Sequence[Timer]) -> list[Timer]:
    return [timer for timer in timers if timer.met_at is None]


def _new(ticket: Ticket, metric: Metric, started_at: datetime) -> Timer:
    return Timer(ticket_id=ticket.id, metric=metric, started_at=started_at, state=TimerState.RUNNING, target_seconds=0)


def _retarget(
    ctx: Context,
    ticket: Ticket,
    timers: list[Timer],
    policy: Policy | None,
    pauses: Sequence[Pause],
    *,
    makes: bool,
    may_be_late: bool = True,
) -> None:
    """Give every unmet clock the target of a policy; take away what it does not promise.

    Args:
        timers: the ticket's; changed with it.
        makes: whether a promise that has no clock yet gets one...
        may_be_late: ...even if it is broken already.
    """
    for metric in Metric:
        target = policy.targets.get((ticket.priority_id, metric)) if policy else None
        timer = next((one for one in timers if one.metric == metric and one.met_at is None), None)
        if timer is None:
            if target is None or not makes or metric not in _FROM_THE_START or _is_done(ticket, timers, metric):
                continue
            timer = _new(ticket, metric, ticket.created_at)
            timers.append(timer)
        if target is None:
            timers.remove(timer)
            if timer.id is not None:
                ctx.session.delete(timer)
            continue
        timer.policy_id = policy.id if policy else None
        timer.target_seconds = int(target.total_seconds())
        _place(ctx, ticket, timer, pauses)
        if timer.id is None and not may_be_late and timer.due_at is not None and timer.due_at <= ctx.now:
            timers.remove(timer)
        elif timer.id is None:
            ctx.session.add(timer)


def _is_done(ticket: Ticket, timers: Sequence[Timer], metric: Metric) -> bool:
    """Whether what a promise is about was done before anybody promised it, or the promise is met."""
    done = ticket.first_responded_at if metric is Metric.FIRST_RESPONSE else ticket.resolved_at
    return done is not None or any(timer.metric == metric for timer in timers)


def _place(ctx: Context, ticket: Ticket, timer: Timer, pauses: Sequence[Pause]) -> None:
    """Let an unmet timer run or stand still, as the ticket's status says, and say when it is due.

    A breach stays one while the deadline lies in the past; one that was said is not said again.
    """
    known = catalog.current(ctx)
    policy = known.policy_by_id.get(timer.policy_id or 0)
    deadline = rules.derive(
        started_at=timer.started_at, target=timedelta(seconds=timer.target_seconds),
        calendar=policy.calendar if policy else ALWAYS_OPEN, pauses=pauses,
        warning_share=known.warning_share(policy), now=ctx.now,
    )  # fmt: skip
    was_late, is_running = timer.breached_at is not None, StatusCategory(ticket.status_category) in COUNTING
    if deadline.due_at is None:
        timer.state, timer.breached_at, timer.next_at = TimerState.PAUSED, None, None
        timer.paused_at = max(timer.started_at, timer.paused_at or (pauses[-1].start if pauses else ctx.now))
        # When it would have been due had it gone on: how much is left can be told from that alone.
        left = timedelta(seconds=timer.target_seconds) - deadline.elapsed
        timer.due_at = add_working_time(policy.calendar if policy else ALWAYS_OPEN, timer.paused_at, left)
        return
    timer.due_at = deadline.due_at
    if deadline.due_at <= ctx.now and (was_late or not is_running):
        timer.state, timer.breached_at, timer.next_at = TimerState.BREACHED, deadline.due_at, None
        timer.paused_at = None if is_running else timer.paused_at
        if not was_late:
            _say(ctx, ActivityKind.SLA_BREACHED, ticket, timer)
        return
    timer.warn_at = deadline.warn_at
    if timer.warn_at is not None and timer.warn_at > ctx.now:
        timer.warned_at = None
    timer.state, timer.breached_at, timer.paused_at = TimerState.RUNNING, None, None
    timer.next_at = timer.due_at if timer.warned_at else timer.warn_at


def _meet(ctx: Context, ticket: Ticket, timer: Timer) -> None:
    _own_up(ctx, ticket, timer)
    timer.met_at, timer.next_at = ctx.now, None
    if timer.breached_at is not None:
        timer.state = TimerState.BREACHED
        return
    timer.state = TimerState.MET
    _say(ctx, ActivityKind.SLA_MET, ticket, timer)


def _own_up(ctx: Context, ticket: Ticket, timer: Timer) -> None:
    """Record a breach the sweep had not come by yet to see: it was late all the same."""
    if timer.state != TimerState.RUNNING or timer.due_at is None or timer.due_at >= ctx.now:
        return
    timer.state, timer.breached_at, timer.next_at = TimerState.BREACHED, timer.due_at, None
    _say(ctx, ActivityKind.SLA_BREACHED, ticket, timer)


def _say(ctx: Context, kind: ActivityKind, ticket: Ticket, timer: Timer) -> None:
    """Clocks speak for the desk, whoever's deed they follow from."""
    with ctx.acting_as(system(ctx.organization_id)):
        ctx.record(kind, ticket, metric=METRIC_LABELS[Metric(timer.metric)], due_at=_iso(timer.due_at))


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""
