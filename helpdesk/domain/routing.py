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


@dataclass(frozen=True, slots=True)
class Asked:
    """How a ticket finds somebody.

    Args:
        strategy: how one is chosen.
        skill_ids: what somebody must be able to do, all of it; only by skill.
        skills: the same by name, for the reason.
    """

    strategy: Strategy
    skill_ids: tuple[int, ...] = ()
    skills: tuple[str, ...] = ()


WAITED = "has waited longest"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def choose(
    strategy: Strategy, candidates: Sequence[Candidate], *, has: Sequence[str] = (), lacks: Sequence[str] = ()
) -> Choice | None:
    """The agent who gets the ticket, or nobody.

    Args:
        strategy: the team's; manual never chooses.
        candidates: available agents below their capacity.
        has: skills the ticket asks for and every candidate has.
        lacks: skills the ticket asks for and nobody there has: the rest of the team gets it all the same.
    """
    if strategy is Strategy.MANUAL or not candidates:
        return None
    if strategy is Strategy.ROUND_ROBIN:
        best = min(candidates, key=lambda one: (one.last_assigned_at or _LONG_AGO, one.id))
        return Choice(best.id, "round robin: longest since the last assignment")
    best = min(candidates, key=lambda one: (one.open_tickets, one.last_assigned_at or _LONG_AGO, one.id))
    load = "1 open ticket" if best.open_tickets == 1 else f"{best.open_tickets} open tickets"
    if has:
        return Choice(best.id, f"by skill: can do {_listed(has)}; {load}")
    if lacks:
        return Choice(best.id, f"by skill: nobody free can do {_listed(lacks)}, so the least loaded: {load}")
    return Choice(best.id, f"least loaded: {load}")


def evens_out(*, giver: int, taker: int) -> bool:
    """Whether one ticket of somebody with `giver` open tickets should move to somebody with `taker`: the giver keeps one,
    and neither the two change places nor a ticket goes back and forth."""
    return giver > 1 and giver - taker > 1


def moved(giver: str, load: int) -> str:
    """Why the newest ticket of the most loaded agent moves to whoever has just become available."""
    return f"moved from {giver}, who had the most open tickets: {load}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
