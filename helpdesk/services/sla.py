"""Timers: started when a ticket is filed, derived anew from the log whenever something changes, watched by a sweep."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import col, select

from helpdesk import clock, db
from helpdesk.domain import sla as rules
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.business_hours import ALWAYS_OPEN
from helpdesk.domain.people import system
from helpdesk.domain.sla import METRIC_LABELS, Metric, Pause, SlaStatus, TimerState
from helpdesk.domain.tickets import StatusCategory
from helpdesk.models import Activity, Ticket, Timer
from helpdesk.services import catalog
from helpdesk.services.context import Context, anyone, step

COUNTING = frozenset({StatusCategory.NEW, StatusCategory.OPEN})
BATCH = 200
# What `plan` decides of a timer, with the type of each column.
PLANNED = {
    "policy_id": "bigint", "metric": "text", "state": "text", "target_seconds": "integer",
    "started_at": "timestamptz", "warn_at": "timestamptz", "due_at": "timestamptz", "next_at": "timestamptz",
}  # fmt: skip
_METRICS = (Metric.FIRST_RESPONSE, Metric.RESOLUTION)


@step
def plan(ctx: Context, priority_id: int, started_at: datetime) -> list[dict[str, Any]]:
    """The timers of a ticket about to be filed, by the columns of PLANNED: running, none of them late."""
    policy = catalog.current(ctx).policy_for(priority_id)
    if policy is None:
        return []
    timers = []
    for metric in _METRICS:
        target = policy.targets.get((priority_id, metric))
        if target is None:
            continue
        deadline = rules.derive(
            started_at=started_at, target=target, calendar=policy.calendar, pauses=(),
            warning_share=catalog.current(ctx).organization.warning_share, now=ctx.now,
        )  # fmt: skip
        timers.append({
            "policy_id": policy.id, "metric": metric, "state": TimerState.RUNNING,
            "target_seconds": int(target.total_seconds()), "started_at": started_at,
            "warn_at": deadline.warn_at, "due_at": deadline.due_at, "next_at": deadline.warn_at,
        })  # fmt: skip
    return timers


@step
def summarise(ticket: Ticket, timers: Sequence[Timer]) -> None:
    """Repeat on the ticket what its timers say, for the queue: the worst status and the next deadline."""
    running = [timer for timer in timers if timer.state == TimerState.RUNNING]
    late = [timer for timer in timers if timer.state == TimerState.BREACHED]
    unanswered = [timer for timer in late if timer.met_at is None]
    ticket.sla_due_at = min((timer.due_at for timer in running if timer.due_at), default=None)
    ticket.breached_at = min((timer.breached_at for timer in late if timer.breached_at), default=None)
    if unanswered:
        ticket.sla_status = SlaStatus.BREACHED
        ticket.sla_due_at = min(timer.due_at for timer in unanswered if timer.due_at)
    elif running:
        ticket.sla_status = SlaStatus.AT_RISK if any(timer.warned_at for timer in running) else SlaStatus.OK
    elif any(timer.state == TimerState.PAUSED for timer in timers):
        ticket.sla_status = SlaStatus.PAUSED
    elif late:
        ticket.sla_status = SlaStatus.BREACHED
    elif timers:
        ticket.sla_status = SlaStatus.MET
    else:
        ticket.sla_status = SlaStatus.NONE


@step
def answered(ctx: Context, ticket: Ticket) -> None:
    """The first public staff reply meets the first-response promise."""
    timers = _timers(ctx, ticket)
    for timer in timers:
        if timer.metric == Metric.FIRST_RESPONSE and timer.met_at is None:
            _meet(ctx, ticket, timer)
    summarise(ticket, timers)


@step
def status_changed(ctx: Context, ticket: Ticket, before: StatusCategory, after: StatusCategory) -> None:
    """Pause, resume, meet or reopen the resolution clock after a change of status."""
    if before is after or (before in COUNTING and after in COUNTING):
        return
    timers = _timers(ctx, ticket)
    pauses = _pauses(ctx, ticket) if after in COUNTING else ()
    for timer in timers:
        if timer.metric == Metric.RESOLUTION and after in (StatusCategory.RESOLVED, StatusCategory.CLOSED):
            if timer.met_at is None:
                _meet(ctx, ticket, timer)
        elif timer.metric == Metric.RESOLUTION or timer.met_at is None:
            if after not in COUNTING:
                _own_up(ctx, ticket, timer)
            _stand(ctx, timer, after, pauses)
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
    timers = [Timer.model_validate(facts) for facts in kept]
    pauses = _pauses(ctx, ticket)
    for timer in timers:
        if timer.met_at is None and StatusCategory(ticket.status_category) in COUNTING:
            _stand(ctx, timer, StatusCategory(ticket.status_category), pauses)
    ctx.session.add_all(timers)
    summarise(ticket, timers)


@step
def priority_changed(ctx: Context, ticket: Ticket) -> None:
    """Give every unmet timer the new priority's target, counted from the same start with the same pauses."""
    policy = catalog.current(ctx).policy_for(ticket.priority_id)
    timers = _timers(ctx, ticket)
    pauses = _pauses(ctx, ticket)
    known = {timer.metric: timer for timer in timers}
    for metric in _METRICS:
        target = policy.targets.get((ticket.priority_id, metric)) if policy else None
        timer = known.get(metric)
        if timer is not None and timer.met_at is not None:
            continue
        if target is None:
            if timer is not None:
                ctx.session.delete(timer)
                timers.remove(timer)
            continue
        if timer is None:
            if (ticket.first_responded_at if metric is Metric.FIRST_RESPONSE else ticket.resolved_at) is not None:
                continue  # done before anybody promised it
            timer = Timer(
                ticket_id=ticket.id,
                metric=metric,
                started_at=ticket.created_at,
                state=TimerState.RUNNING,
                target_seconds=0,
            )
            ctx.session.add(timer)
            timers.append(timer)
        timer.policy_id = policy.id if policy else None
        timer.target_seconds, timer.state = int(target.total_seconds()), TimerState.RUNNING
        timer.warned_at = timer.breached_at = None
        _stand(ctx, timer, StatusCategory(ticket.status_category), pauses)
    summarise(ticket, timers)


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
    """Warn and record breaches for up to 200 due timers, oldest first; returns how many it looked at.

    Locked rows are skipped, so two sweeps share the work and never say the same thing twice.
    """
    # Timer and ticket in one go: a verb holds its ticket while it changes the timers, and waiting for one while
    # holding the other would be a deadlock.
    found = ctx.session.exec(
        select(Timer, Ticket)
        .join(Ticket, col(Ticket.id) == Timer.ticket_id)
        .where(Timer.state == TimerState.RUNNING, col(Timer.next_at) <= ctx.now)
        .order_by(col(Timer.next_at))
        .limit(BATCH)
        .with_for_update(of=[Timer, Ticket], key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    if not found:
        return 0
    due = [timer for timer, _ in found]
    tickets = {ticket.id: ticket for _, ticket in found}
    ids = set(tickets)
    ctx.limit += 2 * len(due)
    siblings: dict[int, list[Timer]] = {}
    for timer in ctx.session.exec(select(Timer).where(col(Timer.ticket_id).in_(ids))).all():
        siblings.setdefault(timer.ticket_id, []).append(timer)
    for timer in due:
        ticket = tickets[timer.ticket_id]
        metric, due_at = METRIC_LABELS[Metric(timer.metric)], _iso(timer.due_at)
        if timer.due_at and timer.due_at <= ctx.now:
            timer.state, timer.breached_at, timer.next_at = TimerState.BREACHED, timer.due_at, None
            ctx.record(ActivityKind.SLA_BREACHED, ticket, metric=metric, due_at=due_at)
        else:
            timer.warned_at, timer.next_at = ctx.now, timer.due_at
            ctx.record(ActivityKind.SLA_WARNING, ticket, metric=metric, due_at=due_at)
        summarise(ticket, siblings[ticket.id])
    return len(due)


def _timers(ctx: Context, ticket: Ticket) -> list[Timer]:
    return list(ctx.session.exec(select(Timer).where(Timer.ticket_id == ticket.id)).all())


def _pauses(ctx: Context, ticket: Ticket) -> tuple[Pause, ...]:
    """The stretches in which the ticket did not wait for us, from its log."""
    ctx.session.flush()
    changes = ctx.session.exec(
        select(Activity)
        .where(Activity.ticket_id == ticket.id, Activity.kind == ActivityKind.TICKET_STATUS_CHANGED)
        .order_by(col(Activity.id))
    ).all()
    pauses: list[Pause] = []
    started: datetime | None = None
    for change in changes:
        counts = change.data.get("after_category") in COUNTING
        if not counts and started is None:
            started = change.at
        elif counts and started is not None:
            pauses.append(Pause(started, change.at))
            started = None
    if started is not None:
        pauses.append(Pause(started))
    return tuple(pauses)


def _stand(ctx: Context, timer: Timer, category: StatusCategory, pauses: Sequence[Pause]) -> None:
    """Let an unmet timer run or stand still, as the ticket's status says."""
    if category in COUNTING:
        timer.paused_at, timer.met_at = None, None
        _derive(ctx, timer, pauses)
        if timer.breached_at is None:
            timer.state = TimerState.RUNNING
        else:
            timer.state, timer.next_at = TimerState.BREACHED, None
    elif timer.state == TimerState.RUNNING:
        timer.state, timer.paused_at, timer.next_at = TimerState.PAUSED, ctx.now, None


def _derive(ctx: Context, timer: Timer, pauses: Sequence[Pause]) -> None:
    known = catalog.current(ctx)
    calendar = next((policy.calendar for policy in known.policies if policy.id == timer.policy_id), ALWAYS_OPEN)
    deadline = rules.derive(
        started_at=timer.started_at, target=timedelta(seconds=timer.target_seconds), calendar=calendar, pauses=pauses,
        warning_share=known.organization.warning_share, now=ctx.now,
    )  # fmt: skip
    timer.due_at, timer.warn_at = deadline.due_at, deadline.warn_at
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
