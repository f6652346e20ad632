"""Who gets a ticket: pure choice among candidates, with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from helpdesk.domain.tickets import Strategy


@dataclass(frozen=True, slots=True)
class Candidate:
    """An available agent with room for one more."""

    id: int
    name: str
    open_tickets: int
    last_assigned_at: datetime | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Who, and why; the reason goes into the assignment's activity."""

    agent_id: int
    reason: str


_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def choose(strategy: Strategy, candidates: Sequence[Candidate]) -> Choice | None:
    """The agent who gets the ticket, or nobody.

    Args:
        strategy: the team's; manual never chooses.
        candidates: available agents below their capacity.
    """
    if strategy is Strategy.MANUAL or not candidates:
        return None
    if strategy is Strategy.ROUND_ROBIN:
        best = min(candidates, key=lambda one: (one.last_assigned_at or _LONG_AGO, one.id))
        return Choice(best.id, "round robin: longest since the last assignment")
    best = min(candidates, key=lambda one: (one.open_tickets, one.last_assigned_at or _LONG_AGO, one.id))
    return Choice(best.id, f"least loaded: {best.open_tickets} open tickets")
