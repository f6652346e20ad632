"""How promises are kept: met, broken and running, by policy, priority, team or metric, over a time."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import func, or_, select
from sqlmodel import col

from helpdesk.domain.permissions import Permission
from helpdesk.domain.sla import METRIC_LABELS, Metric, TimerState
from helpdesk.models import Priority, SlaPolicy, Team, Ticket, Timer
from helpdesk.services import access
from helpdesk.services.context import Context, requires, step

MOST_BREACHES = 8


class By(StrEnum):
    """What to tell apart."""

    POLICY = "policy"
    PRIORITY = "priority"
    TEAM = "team"
    METRIC = "metric"


@dataclass(frozen=True, slots=True)
class ComplianceRow:
    """How promises of one kind are kept. `share` is the percentage met of those that are decided; empty for none."""

    id: int
    name: str
    met: int = 0
    breached: int = 0
    running: int = 0
    share: str = ""


@dataclass(frozen=True, slots=True)
class LateRow:
    """A promise that was broken, or is overdue and nobody noticed yet (`noticed_at` is empty)."""

    id: int
    ticket_id: int
    reference: str
    title: str
    metric: str
    policy_id: int
    policy: str
    target_seconds: int
    due_at: str
    noticed_at: str


@dataclass(frozen=True, slots=True)
class BreachRow:
    """A promise that was broken."""

    reference: str
    title: str
    metric: str
    policy: str
    at: str


@requires(Permission.REPORT_READ)
def compliance(ctx: Context, by: By, *, days: int = 30) -> tuple[ComplianceRow, ...]:
    """What was decided in the last days, and what runs now, of the tickets the actor sees.

    Args:
        by: what to tell apart.
        days: how far back, 1-366.
    """
    since = ctx.now - timedelta(days=max(1, min(days, 366)))
    visible = access.visible(ctx, Ticket).subquery()
    key, label = {
        By.POLICY: (col(Timer.policy_id), col(SlaPolicy.name)),
        By.PRIORITY: (visible.c.priority_id, col(Priority.label)),
        By.TEAM: (visible.c.team_id, col(Team.name)),
        By.METRIC: (col(Timer.metric), col(Timer.metric)),
    }[By(by)]
    met = col(Timer.state) == TimerState.MET
    late = col(Timer.breached_at).is_not(None)
    goes_on = col(Timer.met_at).is_(None) & col(Timer.breached_at).is_(None)
    query = (
        select(
            key,
            label,
            func.count().filter(met & (col(Timer.met_at) >= since)),
            func.count().filter(late & (col(Timer.breached_at) >= since)),
            func.count().filter(goes_on),
        )
        .select_from(Timer)
        .join(visible, visible.c.id == Timer.ticket_id)
        .outerjoin(SlaPolicy, col(SlaPolicy.id) == Timer.policy_id)
        .outerjoin(Priority, col(Priority.id) == visible.c.priority_id)
        .outerjoin(Team, col(Team.id) == visible.c.team_id)
        .where(or_(goes_on, col(Timer.met_at) >= since, col(Timer.breached_at) >= since))
        .group_by(key, label)
        .order_by(label)
    )
    return tuple(
        ComplianceRow(
            number if isinstance(number, int) else 0, _named(by, name), kept, broken, running, share(kept, broken)
        )
        for number, name, kept, broken, running in ctx.session.execute(query)
    )


@requires(Permission.REPORT_READ)
def recent_breaches(ctx: Context) -> tuple[BreachRow, ...]:
    """The latest promises that were broken, newest first."""
    visible = access.visible(ctx, Ticket).subquery()
    query = (
        select(visible.c.reference, visible.c.title, col(Timer.metric), col(SlaPolicy.name), col(Timer.breached_at))
        .select_from(Timer)
        .join(visible, visible.c.id == Timer.ticket_id)
        .outerjoin(SlaPolicy, col(SlaPolicy.id) == Timer.policy_id)
        .where(col(Timer.breached_at).is_not(None), col(Timer.breached_at) >= ctx.now - timedelta(days=90))
        .order_by(col(Timer.breached_at).desc())
        .limit(MOST_BREACHES)
    )
    return tuple(
        BreachRow(reference, title, METRIC_LABELS[Metric(metric)], policy or "", at.isoformat())
        for reference, title, metric, policy, at in ctx.session.execute(query)
    )


@requires(Permission.REPORT_READ)
def late(
    ctx: Context, *, metric: str = "", is_noticed: bool = True, before: int | None = None, size: int = 25
) -> tuple[LateRow, ...]:
    """Promises broken in the last 90 days, those made last first.

    Args:
        metric: one only.
        is_noticed: those that were noticed, and told; else those overdue that the next sweep will notice.
        before: keyset, the id of the last one of the page before.
        size: 1-100.
    """
    visible = access.visible(ctx, Ticket).subquery()
    query = (
        select(Timer, visible.c.reference, visible.c.title, col(SlaPolicy.name))
        .join(visible, visible.c.id == Timer.ticket_id)
        .outerjoin(SlaPolicy, col(SlaPolicy.id) == Timer.policy_id)
        .order_by(col(Timer.id).desc())
        .limit(max(1, min(size, 100)))
    )
    if is_noticed:
        query = query.where(col(Timer.breached_at) >= ctx.now - timedelta(days=90))
    else:
        query = query.where(col(Timer.state) == TimerState.RUNNING, col(Timer.breached_at).is_(None))
        query = query.where(col(Timer.next_at).is_not(None), col(Timer.due_at) < ctx.now)
    if metric:
        query = query.where(col(Timer.metric) == metric)
    if before is not None:
        query = query.where(col(Timer.id) < before)
    return tuple(
        LateRow(
            timer.id, timer.ticket_id, reference, title, timer.metric, timer.policy_id or 0, policy or "",
            timer.target_seconds, timer.due_at.isoformat() if timer.due_at else "",
            timer.breached_at.isoformat() if timer.breached_at else "",
        )
        for timer, reference, title, policy in ctx.session.execute(query)
    )  # fmt: skip


@step
def share(met: int, breached: int) -> str:
    """How many percent were met; a promise broken once in a thousand is not 100 %."""
    decided = met + breached
    return f"{met * 100 // decided} %" if decided else ""


def _named(by: By, name: str | None) -> str:
    if by is By.METRIC:
        return METRIC_LABELS[Metric(name or "")].capitalize()
    return name or {By.TEAM: "No team", By.POLICY: "No policy any more"}.get(by, "")
