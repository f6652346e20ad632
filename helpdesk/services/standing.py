"""How the promises on tickets stand: the same row for a chip in a list, the panel of a ticket, and the API.

Worked out from the timer's own columns and the compiled calendar its policy has in the catalog; the log is not read again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import col, select

from helpdesk.domain import durations
from helpdesk.domain import sla as rules
from helpdesk.domain.business_hours import ALWAYS_OPEN
from helpdesk.domain.permissions import Permission
from helpdesk.domain.sla import METRIC_LABELS, Metric, TimerState
from helpdesk.models import Ticket, Timer
from helpdesk.services import access, catalog
from helpdesk.services.context import Context, requires, step


@dataclass(frozen=True, slots=True)
class TimerRow:
    """A promise on a ticket, and how it stands now. Lengths are working time.

    Args:
        status: ok, at_risk, breached, paused or met.
        elapsed: what has counted; beyond the target, when it is late.
        remaining: what is left of the target.
        breach_at: when it is due, or was; while it is paused, when it would have been.
        hours: the opening hours until then, for a countdown (`domain.sla.hours_until`).
    """

    metric: str
    label: str
    status: str
    breach_at: str
    target_seconds: int
    policy: str = ""
    met_at: str = ""
    target: str = ""
    elapsed: str = ""
    remaining: str = ""
    elapsed_seconds: int = 0
    remaining_seconds: int = 0
    warn_at: str = ""
    hours: str = ""


NONE = TimerRow("", "", "none", "", 0)


class Clock(NamedTuple):
    """The columns of a timer that its row needs."""

    policy_id: int | None
    metric: str
    state: str
    target_seconds: int
    warn_at: datetime | None
    due_at: datetime | None
    warned_at: datetime | None
    met_at: datetime | None
    paused_at: datetime | None


@requires(Permission.CUSTOMER_READ)
def promises(ctx: Context, ref: str) -> tuple[TimerRow, ...]:
    """How each promise on a ticket stands; for staff.

    Raises:
        NotFound: no such ticket for the actor.
    """
    ticket = access.ticket(ctx, ref)
    return of_tickets(ctx, [ticket.id]).get(ticket.id, ())


@requires(Permission.CUSTOMER_READ)
def promises_of(ctx: Context, ticket_ids: Sequence[int]) -> dict[int, tuple[TimerRow, ...]]:
    """The same for many tickets, by their ids; those the actor may not see have none."""
    visible = access.visible(ctx, Ticket).where(col(Ticket.id).in_(ticket_ids))
    return of_tickets(ctx, [ticket.id for ticket in ctx.session.exec(visible).all()])


@step
def of_tickets(ctx: Context, ticket_ids: Sequence[int]) -> dict[int, tuple[TimerRow, ...]]:
    """The same for many tickets, by their ids: one query, however many there are."""
    found: dict[int, tuple[TimerRow, ...]] = {}
    query = select(Timer).where(col(Timer.ticket_id).in_(ticket_ids)).order_by(col(Timer.id))
    for timer in ctx.session.exec(query).all():
        found[timer.ticket_id] = (*found.get(timer.ticket_id, ()), row(ctx, timer))
    return found


@step
def row(ctx: Context, timer: Timer | Clock) -> TimerRow:
    """How one stands."""
    policy = catalog.current(ctx).policy_by_id.get(timer.policy_id or 0)
    calendar = policy.calendar if policy else ALWAYS_OPEN
    target = timedelta(seconds=timer.target_seconds)
    stopped = [moment for moment in (timer.met_at, timer.paused_at) if moment is not None]
    at = rules.progress(
        target=target, due_at=timer.due_at, stands_at=min(stopped, default=ctx.now), calendar=calendar
    )  # fmt: skip
    status = rules.status(TimerState(timer.state), warned=timer.warned_at is not None)
    is_running = timer.state == TimerState.RUNNING
    return TimerRow(
        timer.metric, METRIC_LABELS[Metric(timer.metric)].capitalize(), status, _iso(timer.due_at), timer.target_seconds,
        policy.name if policy else "", _iso(timer.met_at), durations.exact(target), durations.to_minute(at.elapsed),
        durations.to_minute(at.remaining), int(at.elapsed.total_seconds()), int(at.remaining.total_seconds()),
        _iso(timer.warn_at) if is_running else "",
        rules.hours_until(calendar, ctx.now, timer.due_at) if is_running else "",
    )  # fmt: skip


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""
