"""Who gets a ticket now, and which ticket somebody who has become free gets. All under row locks."""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import BigInteger, bindparam, func, text
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

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
    """The agent a ticket goes to, and why."""

    agent: Person
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
    # Round robin needs only the first in line; the others compare loads.
    query = _available(team_id is not None, 1 if strategy is Strategy.ROUND_ROBIN else _MOST)
    team = {} if team_id is None else {"team_id": team_id}
    # Not FOR UPDATE: whatever a person does refers to their row, and routing would take everybody at work for locked.
    free = query.with_for_update(of=Person, key_share=True, skip_locked=True)
    found = _first_with_room(ctx, strategy, free, team)
    if found is not None or ctx.session.exec(query.limit(1), params=team).first() is None:
        return found
    # Somebody fits and is taken this moment. One after another from here: each sees whom the one before has chosen.
    ctx.session.execute(_IN_LINE, {"organization_id": ctx.organization_id})
    found = _first_with_room(ctx, strategy, free, team)
    return found or _first_with_room(ctx, strategy, query.limit(1).with_for_update(of=Person, key_share=True), team)


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


def _first_with_room(
    ctx: Context, strategy: Strategy, query: Select[Person, int], team: dict[str, int]
) -> Found | None:
    full: list[int] = []
    while rows := ctx.session.exec(query.where(col(Person.id).not_in(full)) if full else query, params=team).all():
        choice = rules.choose(
            strategy, [Candidate(person.id, person.name, count, person.last_assigned_at) for person, count in rows]
        )
        if choice is None:
            return None
        agent = next(person for person, _ in rows if person.id == choice.agent_id)
        # The count may be older than the lock.
        if _load(ctx, agent) < agent.capacity:
            return Found(agent, choice.reason)
        full.append(agent.id)
    return None


def _load(ctx: Context, agent: Person) -> int:
    return ctx.session.exec(_LOAD, params={"agent_id": agent.id}).one()


@cache
def _available(of_team: bool, most: int) -> Select[Person, int]:
    """Who could take a ticket, in order. Built once: building it takes longer than asking it."""
    # Counting stops where the agent is full: how much more than full they are decides nothing.
    theirs = (
        select(Ticket.id)
        .where(Ticket.assignee_id == Person.id, col(Ticket.is_open))
        .limit(col(Person.capacity))
        .correlate(Person)
        .subquery()
    )
    load = select(func.count()).select_from(theirs).scalar_subquery()
    query = (
        select(Person, load)
        .where(
            Person.availability == Availability.AVAILABLE,
            col(Person.is_active),
            col(Person.role).in_(ASSIGNABLE),
            load < Person.capacity,
        )
        .order_by(col(Person.last_assigned_at).asc().nulls_first(), col(Person.id))
        .limit(most)
    )
    if of_team:
        members = select(TeamMember.person_id).where(TeamMember.team_id == bindparam("team_id", type_=BigInteger))
        query = query.where(col(Person.id).in_(members))
    return query


_LOAD = (
    select(func.count())
    .select_from(Ticket)
    .where(Ticket.assignee_id == bindparam("agent_id", type_=BigInteger), col(Ticket.is_open))
)
