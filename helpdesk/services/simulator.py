"""What would have been: a draft of a policy or calendar over the last days of real tickets, beside what was recorded.

The same function tells both: clocks from the log, outcomes from clocks. So what stands now, simulated, is what was recorded.
Nothing is changed but the run's own row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from helpdesk.domain import calendars, rules
from helpdesk.domain import sla as clocks
from helpdesk.domain.activity import ActivityKind, Happened
from helpdesk.domain.business_hours import ALWAYS_OPEN, Calendar
from helpdesk.domain.conditions import Field, Group, Use, from_json
from helpdesk.domain.errors import Invalid, NotFound
from helpdesk.domain.permissions import Permission
from helpdesk.domain.sla import METRIC_LABELS, Happening, Metric, TimerState
from helpdesk.models import Activity, BusinessCalendar, SlaPolicy, SlaRun, Ticket, Timer
from helpdesk.services import catalog, facts, sla
from helpdesk.services.catalog import Catalog, Policy
from helpdesk.services.context import Context, requires, step

BATCH = 500
MOST_SHOWN = 50
DAYS = (30, 90)
_CHANGES = (
    ActivityKind.TICKET_PRIORITY_CHANGED, ActivityKind.TICKET_CATEGORY_CHANGED, ActivityKind.TICKET_TEAM_CHANGED,
    ActivityKind.TICKET_TAGS_CHANGED, ActivityKind.TICKET_FIELD_CHANGED, ActivityKind.TICKET_POLICY_CHANGED,
)  # fmt: skip
_OPEN = "open"


@dataclass(frozen=True, slots=True)
class SimulatedRow:
    """Promises of one metric and priority: how many were met and late as recorded, and as they would have been."""

    metric: str
    priority: str
    met_then: int
    late_then: int
    met_now: int
    late_now: int
    share_then: str
    share_now: str


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A ticket that would have gone another way."""

    reference: str
    title: str
    metric: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class SimulationRow:
    """A simulation as far as it is."""

    id: int = 0
    days: int = 30
    total: int = 0
    done: int = 0
    is_finished: bool = False
    changed: int = 0
    rows: tuple[SimulatedRow, ...] = ()
    tickets: tuple[ChangedRow, ...] = ()


@requires(Permission.CATALOG_MANAGE)
def start(
    ctx: Context,
    *,
    days: int,
    policy: Mapping[str, Any] | None = None,
    calendar: Mapping[str, Any] | None = None,
) -> SimulationRow:
    """Simulate a draft over the last days; neither: what stands now. Small ones are done at once, others become a job.

    Args:
        days: 30 or 90.
        policy: `id` (none: a new one, asked last), `name`, `calendar` (a name), `is_active`, `conditions`, and `targets`
            as priority slug -> metric -> timedelta.
        calendar: `id`, and `timezone`, `week`, `holidays`, `openings` as plain data.

    Raises:
        Invalid: a draft no clock could run by.
    """
    if days not in DAYS:
        raise Invalid(days="Simulate 30 or 90 days.")
    wanted: dict[str, Any] = {
        "days": days,
        "since": (ctx.now - timedelta(days=days)).isoformat(),
        "now": ctx.now.isoformat(),
    }
    if policy is not None:
        targets = {
            slug: {str(metric): int(length.total_seconds()) for metric, length in promised.items()}
            for slug, promised in policy["targets"].items()
        }
        wanted["policy"] = {**policy, "targets": targets}
    if calendar is not None:
        calendars.parse(name="draft", **{key: calendar[key] for key in ("timezone", "week", "holidays", "openings")})
        wanted["calendar"] = dict(calendar)
    _drafted(ctx, wanted)
    run = SlaRun(
        kind=sla.SIMULATE, person_id=ctx.actor.person_id, wanted=wanted, created_at=ctx.now, updated_at=ctx.now
    )
    run.total = ctx.session.exec(select(func.count()).select_from(Ticket).where(*_asked(run))).one()
    run.result = {"numbers": {}, "changed": 0, "tickets": []}
    ctx.session.add(run)
    ctx.session.flush()
    if simulate_some(ctx, run):
        ctx.jobs.append((sla.JOB, (ctx.organization_id, run.id)))
    else:
        run.finished_at = ctx.now
    return _row(ctx, run)


@requires(Permission.CATALOG_MANAGE)
def progress(ctx: Context, run_id: int) -> SimulationRow:
    """How far a simulation is, and what it found.

    Raises:
        NotFound: none of the actor's.
    """
    run = ctx.session.get(SlaRun, run_id)
    if run is None or run.kind != sla.SIMULATE or run.person_id != ctx.actor.person_id:
        raise NotFound("There is no such simulation of yours.")
    return _row(ctx, run)


@step
def simulate_some(ctx: Context, run: SlaRun, *, most: int = BATCH) -> bool:
    """Simulate the next tickets; whether there are more."""
    tickets = ctx.session.exec(
        select(Ticket).where(*_asked(run), col(Ticket.id) > run.cursor).order_by(col(Ticket.id)).limit(most)
    ).all()
    known, policies = catalog.current(ctx), _drafted(ctx, run.wanted)
    now = datetime.fromisoformat(run.wanted["now"])
    ids = [ticket.id for ticket in tickets]
    about = facts.of_many(ctx, tickets, wanted=rules.needs(one.conditions for one in policies) | {Field.PRIORITY})
    happened, changes, recorded = sla.history(ctx, ids), _changes(ctx, known, ids), _recorded(ctx, ids)
    result = {**run.result, "numbers": dict(run.result["numbers"]), "tickets": list(run.result["tickets"])}
    for ticket in tickets:
        own = happened.get(ticket.id, [])
        if not ticket.is_open and not any(one.is_done for one in own):
            continue  # its log begins elsewhere: it was imported
        for metric, priority, then, would in _compared(
            ticket, own, changes.get(ticket.id, ()), recorded.get(ticket.id, {}), about[ticket.id], policies, known, now
        ):
            _count(result, ticket, metric, priority, then, would)
    run.result = result
    run.done += len(tickets)
    run.cursor = ids[-1] if ids else run.cursor
    return len(tickets) == most


def _compared(
    ticket: Ticket,
    happened: Sequence[Happening],
    changes: Sequence[tuple[datetime, dict[str, frozenset[str]]]],
    recorded: Mapping[tuple[str, datetime], str],
    about: rules.Facts,
    policies: Sequence[Policy],
    known: Catalog,
    now: datetime,
) -> list[tuple[str, str, str, str]]:
    """(metric, priority, how it went, how it would have gone) of every clock that has either."""
    by_slug = {row.slug.lower(): row.id for row in known.priorities}
    found = []
    for clock in clocks.clocks(ticket.created_at, happened):
        # A promise goes by what the ticket was when it was kept, or is now.
        stood = _as_it_stood(about, changes, clock.met_at or now)
        priority = next(iter(stood.values.get(Field.PRIORITY, ())), "")
        policy = catalog.policy_among(policies, stood)
        target = policy.targets.get((by_slug.get(priority, 0), clock.metric)) if policy else None
        would = ""
        if policy is not None and target is not None:
            told = clocks.outcome(clock, happened, target=target, calendar=policy.calendar, now=now)
            would = _word(told.state)
        then = recorded.get((clock.metric.value, clock.started_at), "")
        if then or would:
            found.append((clock.metric.value, priority, then, would))
    return found


def _as_it_stood(
    about: rules.Facts, changes: Sequence[tuple[datetime, dict[str, frozenset[str]]]], at: datetime
) -> rules.Facts:
    """The facts of a ticket at a moment: what changed since, taken back, latest first."""
    values = dict(about.values)
    for changed_at, before in reversed(changes):
        if changed_at > at:
            values |= before
    return replace(about, values=values)


def _count(result: dict[str, Any], ticket: Ticket, metric: str, priority: str, then: str, would: str) -> None:
    numbers = list(result["numbers"].get(f"{metric}/{priority}", (0, 0, 0, 0)))
    for at, word in enumerate((then, would)):
        if word in (TimerState.MET, TimerState.BREACHED):
            numbers[2 * at + (word == TimerState.BREACHED)] += 1
    result["numbers"][f"{metric}/{priority}"] = numbers
    if then != would:
        result["changed"] += 1
        if len(result["tickets"]) < MOST_SHOWN:
            result["tickets"].append([ticket.reference, ticket.title[:120], metric, then, would])


def _asked(run: SlaRun) -> tuple[Any, ...]:
    return (
        col(Ticket.created_at) >= datetime.fromisoformat(run.wanted["since"]),
        col(Ticket.created_at) <= datetime.fromisoformat(run.wanted["now"]),
        col(Ticket.merged_into_id).is_(None),
    )


def _changes(
    ctx: Context, known: Catalog, ids: Sequence[int]
) -> dict[int, list[tuple[datetime, dict[str, frozenset[str]]]]]:
    rows = ctx.session.exec(
        select(Activity)
        .where(col(Activity.ticket_id).in_(ids), col(Activity.kind).in_(_CHANGES))
        .order_by(col(Activity.id))
    ).all()
    found: dict[int, list[tuple[datetime, dict[str, frozenset[str]]]]] = {}
    for row in rows:
        one = Happened(row.id, ActivityKind(row.kind), row.ticket_id, row.actor_id, row.actor_name, row.data)
        found.setdefault(row.ticket_id or 0, []).append((row.at, facts.former(known, one)))
    return found


def _recorded(ctx: Context, ids: Sequence[int]) -> dict[int, dict[tuple[str, datetime], str]]:
    found: dict[int, dict[tuple[str, datetime], str]] = {}
    for timer in ctx.session.exec(select(Timer).where(col(Timer.ticket_id).in_(ids))).all():
        word = TimerState.BREACHED.value if timer.breached_at is not None else _word(TimerState(timer.state))
        found.setdefault(timer.ticket_id, {})[timer.metric, timer.started_at] = word
    return found


def _word(state: TimerState) -> str:
    return state.value if state in (TimerState.MET, TimerState.BREACHED) else _OPEN


def _drafted(ctx: Context, wanted: Mapping[str, Any]) -> list[Policy]:
    """The active policies in order, with the draft in its place."""
    policies = list(catalog.current(ctx).policies)
    if draft := wanted.get("calendar"):
        drawn = calendars.parse(
            name="draft", **{key: draft[key] for key in ("timezone", "week", "holidays", "openings")}
        )
        users = set(ctx.session.exec(select(SlaPolicy.id).where(SlaPolicy.calendar_id == draft["id"])).all())
        policies = [replace(one, calendar=drawn) if one.id in users else one for one in policies]
    if draft := wanted.get("policy"):
        drawn_policy = _policy(ctx, draft)
        at = next((at for at, one in enumerate(policies) if one.id == drawn_policy.id), len(policies))
        policies[at : at + 1] = [drawn_policy] if draft.get("is_active", True) else []
    return policies


def _policy(ctx: Context, draft: Mapping[str, Any]) -> Policy:
    ids = {row.slug: row.id for row in catalog.current(ctx).priorities}
    targets = {
        (ids[slug], Metric(metric)): timedelta(seconds=seconds)
        for slug, promised in draft["targets"].items()
        if slug in ids
        for metric, seconds in promised.items()
    }
    conditions = from_json(dict(draft["conditions"]), Use.RULE) if draft.get("conditions") else Group()
    return Policy(
        draft.get("id") or 0, draft.get("name", ""), _calendar(ctx, draft.get("calendar")), targets, conditions
    )


def _calendar(ctx: Context, name: str | None) -> Calendar:
    row = ctx.session.exec(select(BusinessCalendar).where(BusinessCalendar.name == name)).first() if name else None
    return catalog.calendar_of(row) if row else ALWAYS_OPEN


def _row(ctx: Context, run: SlaRun) -> SimulationRow:
    labels = {row.slug.lower(): (row.rank, row.label) for row in catalog.current(ctx).priorities}
    metrics = [metric.value for metric in Metric]
    rows = []
    for key, (met_then, late_then, met_now, late_now) in run.result["numbers"].items():
        metric, _, slug = key.partition("/")
        rank, label = labels.get(slug, (0, slug))
        row = SimulatedRow(
            METRIC_LABELS[Metric(metric)].capitalize(), label, met_then, late_then, met_now, late_now,
            _share(met_then, late_then), _share(met_now, late_now),
        )  # fmt: skip
        rows.append(((metrics.index(metric), -rank), row))
    tickets = tuple(
        ChangedRow(ref, title, METRIC_LABELS[Metric(metric)], _WORDS.get(then, then), _WORDS.get(would, would))
        for ref, title, metric, then, would in run.result["tickets"]
    )
    return SimulationRow(
        run.id, run.wanted["days"], run.total, run.done, run.finished_at is not None, run.result["changed"],
        tuple(row for _, row in sorted(rows, key=lambda one: one[0])), tickets,
    )  # fmt: skip


def _share(met: int, late: int) -> str:
    return f"{met * 100 // (met + late)} %" if met + late else "–"


_WORDS = {"met": "met", "breached": "late", _OPEN: "still open", "": "no promise"}
