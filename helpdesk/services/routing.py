"""Who gets a ticket now, and which ticket somebody who has become free gets. All under row locks."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, func, text
from sqlmodel import col, select

from helpdesk.domain import routing as rules
from helpdesk.domain.people import ASSIGNABLE, Availability
from helpdesk.domain.routing import Candidate
from helpdesk.domain.tickets import Strategy
from helpdesk.models import Person, TeamMember, Ticket
from helpdesk.services import catalog
from helpdesk.services.context import Context, step

# Candidates looked at for one ticket; more would not choose better.
_MOST = 50
_IN_LINE = text("SELECT pg_advisory_xact_lock(420198410, (:organization_id)::int)")


@dataclass(frozen=True, slots=True)
class Found:
    """The agent a ticket goes to, their row locked, and why."""

    id: int
    name: str
    reason: str


@step
def find_agent(ctx: Context, team_id: int | None) -> Found | None:
    """An available agent of the team (of anybody, without a team) with room for one more; None: the ticket waits.

    The agent's row is locked, and agents locked by someone else are passed over: two tickets filed at the same moment
    go to two people. Only when all are taken do we wait for one: a ticket must not lie about because its agent was
    just being given another.
    """
    strategy = Strategy.ROUND_ROBIN
    if team_id is not None:
        strategy = Strategy(catalog.current(ctx).team_by_id[team_id].strategy)
    if strategy is Strategy.MANUAL:
        return None
    asked = {
        "roles": [str(role) for role in ASSIGNABLE],
        "team_id": team_id,
        # Round robin needs only the first in line; the others compare loads.
        "most": 1 if strategy is Strategy.ROUND_ROBIN else _MOST,
    }
    ctx.session.flush()
    connection = ctx.session.connection()
    found = _first_with_room(connection, strategy, _LOCK_FREE, asked)
    if found or connection.exec_driver_sql(_candidates(""), asked | {"most": 1, "full": []}).first() is None:
        return found
    # Somebody fits and is taken this moment. One after another from here: each sees whom the one before has chosen.
    connection.execute(_IN_LINE, {"organization_id": ctx.organization_id})
    found = _first_with_room(connection, strategy, _LOCK_FREE, asked)
    return found or _first_with_room(connection, strategy, _LOCK, asked | {"most": 1})


@step
def oldest_waiting(ctx: Context, agent: Person) -> Ticket | None:
    """The ticket that has waited longest for somebody like this agent, locked; None when nothing waits or they are full."""
    if agent.availability != Availability.AVAILABLE or not agent.is_active or _load(ctx, agent) >= agent.capacity:
        return None
    teams = ctx.session.exec(select(TeamMember.team_id).where(TeamMember.person_id == agent.id)).all()
    automatic = [
        team.id for team in catalog.current(ctx).teams if team.id in set(teams) and team.strategy != Strategy.MANUAL
    ]
    return ctx.session.exec(
        select(Ticket)
        .where(
            col(Ticket.is_open),
            col(Ticket.assignee_id).is_(None),
            col(Ticket.team_id).is_(None) | col(Ticket.team_id).in_(automatic or [-1]),
        )
        .order_by(col(Ticket.created_at), col(Ticket.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()


def _first_with_room(connection: Connection, strategy: Strategy, lock: str, asked: dict[str, Any]) -> Found | None:
    full: list[int] = []
    # Past the ORM: every ticket takes this road.
    while rows := connection.exec_driver_sql(_candidates(lock), asked | {"full": full}).all():
        choice = rules.choose(
            strategy,
            [Candidate(row.id, row.name, row.load, row.last_assigned_at) for row in rows if row.load < row.capacity],
        )
        if choice is not None:
            return Found(choice.agent_id, next(row.name for row in rows if row.id == choice.agent_id), choice.reason)
        full += [row.id for row in rows]
    return None


# Not FOR UPDATE: whatever a person does refers to their row, and routing would take everybody at work for locked.
_LOCK = "FOR NO KEY UPDATE"
_LOCK_FREE = f"{_LOCK} SKIP LOCKED"


@cache
def _candidates(lock: str) -> str:
    """Who could take a ticket, in order, with what they have once they are locked. Counting stops where somebody is full:
    how much more than full they are decides nothing."""
    return f"""
        SELECT id, name, capacity, last_assigned_at, open_tickets(id, capacity) AS load FROM (
            SELECT id, name, capacity, last_assigned_at FROM person
            WHERE availability = 'available' AND is_active AND role = ANY(%(roles)s) AND id <> ALL(%(full)s::bigint[])
                AND (%(team_id)s::bigint IS NULL OR id IN (SELECT person_id FROM team_member WHERE team_id = %(team_id)s))
                AND capacity > (
                    SELECT count(*) FROM (SELECT FROM ticket WHERE assignee_id = person.id AND is_open LIMIT capacity) theirs)
            ORDER BY last_assigned_at NULLS FIRST, id LIMIT %(most)s {lock}
        ) candidate
    """  # noqa: S608 - our own words


def _load(ctx: Context, agent: Person) -> int:
    ctx.session.flush()
    query = select(func.count()).select_from(Ticket).where(Ticket.assignee_id == agent.id, col(Ticket.is_open))
    return ctx.session.exec(query).one()
