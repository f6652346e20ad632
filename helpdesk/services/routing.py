"""Who gets a ticket now, and which ticket somebody who has become free gets. All under row locks.

Who waits for an agent's row holds no other agent's: two that give out tickets can wait for each other, but never in a
circle. Giving out many at once (`shared_out`) therefore takes only the agents nobody else holds, and waits for none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import func, text, tuple_
from sqlmodel import col, select

from helpdesk import db
from helpdesk.domain import routing as rules
from helpdesk.domain.business_hours import is_open
from helpdesk.domain.people import ASSIGNABLE, Availability
from helpdesk.domain.routing import Asked, Candidate
from helpdesk.domain.tickets import Strategy
from helpdesk.models import Person, PersonSkill, TeamMember, Ticket
from helpdesk.services import catalog
from helpdesk.services.context import Context, anyone, step

# Candidates looked at for one ticket; more would not choose better.
_MOST = 50
# Agents and tickets taken at once when waiting ones are shared out: the others are left to whoever does the same.
_AGENTS_AT_ONCE = 10
TICKETS_AT_ONCE = 50
# Agents asked in turn for a ticket to move, the most loaded first.
_GIVERS = 5
_IN_LINE = text("SELECT pg_advisory_xact_lock(420198410, (:organization_id)::int)")


@dataclass(frozen=True, slots=True)
class Found:
    """The agent a ticket goes to, their row locked, and why."""

    id: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Given:
    """A waiting ticket and who gets it, both locked, and why."""

    ticket: Ticket
    agent: Person
    reason: str


@dataclass(slots=True)
class _Worker:
    """Somebody with room, locked, as tickets are shared out."""

    agent: Person
    room: int
    team_ids: frozenset[int]
    skill_ids: frozenset[int]

    @property
    def candidate(self) -> Candidate:
        agent = self.agent
        return Candidate(agent.id, agent.name, agent.capacity - self.room, agent.last_assigned_at)


@step
def find_agent(ctx: Context, team_id: int | None, category_id: int | None = None) -> Found | None:
    """An available agent of the team (of anybody, without a team) with room for one more; None: the ticket waits.

    The agent's row is locked, and agents locked by someone else are passed over: two tickets filed at the same moment
    go to two people. Only when all are taken do we wait for one: a ticket must not lie about because its agent was
    just being given another.
    """
    asked = asked_of(ctx, team_id, category_id)
    if asked.strategy is Strategy.MANUAL:
        return None
    ctx.session.flush()
    if asked.skill_ids and (found := _somebody(ctx, team_id, asked)):
        return found
    return _somebody(ctx, team_id, replace(asked, skill_ids=()))


@step
def asked_of(ctx: Context, team_id: int | None, category_id: int | None) -> Asked:
    """How a ticket of a team and category finds somebody. Without a team it goes round, or by the skills it asks for."""
    known = catalog.current(ctx)
    team = known.team_by_id.get(team_id or 0)
    category = known.category_by_id.get(category_id or 0)
    skills = {*(category.skill_ids if category else ()), *(team.skill_ids if team else ())}
    without = Strategy.SKILL if skills else Strategy.ROUND_ROBIN
    strategy = Strategy(team.strategy) if team else without
    if strategy is not Strategy.SKILL or not skills:
        return Asked(strategy)
    return Asked(strategy, tuple(sorted(skills)), tuple(known.skill_names(sorted(skills))))


@step
def is_at_work(ctx: Context, agent: Person) -> bool:
    """Whether tickets may come to somebody: available, and within their working hours if they have any."""
    hours = catalog.current(ctx).hours.get(agent.calendar_id or 0)
    return (
        agent.is_active and agent.availability == Availability.AVAILABLE and (hours is None or is_open(hours, ctx.now))
    )


@step
def oldest_waiting(ctx: Context, agent: Person) -> Ticket | None:
    """The ticket that has waited longest for somebody like this agent, locked; None when nothing waits or they are full.

    Whatever skills it asks for: had somebody with them been free, it would not wait.
    """
    if not is_at_work(ctx, agent) or load_of(ctx, agent) >= agent.capacity:
        return None
    return ctx.session.exec(_waiting(_automatic(ctx, agent)).limit(1).with_for_update(skip_locked=True)).first()


@step
def newest_of_the_most_loaded(ctx: Context, agent: Person) -> tuple[Ticket, str] | None:
    """The newest open ticket of whoever has the most and more than one, locked, and why it moves to `agent`; None when
    nobody has so many more, or none of theirs is for one of the agent's teams."""
    mine = load_of(ctx, agent)
    if not is_at_work(ctx, agent) or mine >= agent.capacity:
        return None
    asked = {"me": agent.id, "teams": _automatic(ctx, agent), "most": _GIVERS, "mine": mine}
    found = ctx.ask(_NEWEST, asked, named=True)
    offers = {(row.id, row.assignee_id): row for row in found if rules.evens_out(giver=row.load, taker=mine)}
    if not offers:
        return None
    # Somebody may be at work on one of them: then the next.
    order = func.array_position([row.id for row in offers.values()], col(Ticket.id))
    ticket = ctx.session.exec(
        select(Ticket)
        .where(tuple_(col(Ticket.id), col(Ticket.assignee_id)).in_(list(offers)), col(Ticket.is_open))
        .order_by(order)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).first()
    if ticket is None:
        return None
    offer = offers[ticket.id, ticket.assignee_id or 0]
    return ticket, rules.moved(offer.name, offer.load)


@step
def shared_out(ctx: Context) -> list[Given]:
    """Waiting tickets, the oldest first, with who gets each: for some of the agents who have room and are not just being
    given something else. Everything is locked, nothing is waited for."""
    ctx.session.flush()
    workers = _workers(ctx)
    automatic = {team.id for team in catalog.current(ctx).teams if team.strategy != Strategy.MANUAL}
    served = automatic & frozenset[int]().union(*(worker.team_ids for worker in workers))
    room = sum(worker.room for worker in workers)
    if not room:
        return []
    waiting = ctx.session.exec(
        _waiting(sorted(served)).limit(min(room, TICKETS_AT_ONCE)).with_for_update(skip_locked=True)
    ).all()
    elsewhere = _skilled_elsewhere(ctx, workers) if waiting else []
    given = []
    for ticket in waiting:
        asked = asked_of(ctx, ticket.team_id, ticket.category_id)
        fit = [one for one in workers if one.room > 0 and (ticket.team_id is None or ticket.team_id in one.team_ids)]
        choice = _choose(asked, fit, [one for one in elsewhere if ticket.team_id is None or ticket.team_id in one[0]])
        if choice is None:
            continue
        worker = next(one for one in fit if one.agent.id == choice.agent_id)
        worker.room -= 1
        worker.agent.last_assigned_at = ctx.now
        given.append(Given(ticket, worker.agent, f"waited; {choice.reason}"))
    return given


@step
def load_of(ctx: Context, agent: Person) -> int:
    """How many open tickets somebody has."""
    ctx.session.flush()
    query = select(func.count()).select_from(Ticket).where(Ticket.assignee_id == agent.id, col(Ticket.is_open))
    return ctx.session.exec(query).one()


@anyone
def organizations_waiting() -> list[int]:
    """Organizations where a ticket waits and somebody is available, as the owner."""
    with db.owner_session() as session:
        rows = session.execute(
            text("""
                SELECT id FROM organization WHERE is_active
                AND EXISTS (SELECT FROM person p WHERE p.organization_id = organization.id
                    AND p.availability = 'available' AND p.is_active)
                AND EXISTS (SELECT FROM ticket t WHERE t.organization_id = organization.id
                    AND t.is_open AND t.assignee_id IS NULL)
            """)
        )
        return [row[0] for row in rows]


def _somebody(ctx: Context, team_id: int | None, asked: Asked) -> Found | None:
    """Somebody who has all skills asked for, if any are."""
    parameters = {
        "team_id": team_id,
        "closed": _closed(ctx),
        "skills": list(asked.skill_ids),
        "but": [],
        # Round robin needs only the first in line; the others compare loads.
        "most": 1 if asked.strategy is Strategy.ROUND_ROBIN else _MOST,
    }
    found = _first_with_room(ctx, asked, _LOCK_FREE, parameters)
    by_skill = bool(asked.skill_ids)
    if found or ctx.ask_first(_candidates("", by_skill), parameters | {"most": 1}) is None:
        return found
    # Somebody fits and is taken this moment. One after another from here: each sees whom the one before has chosen.
    ctx.session.execute(_IN_LINE, {"organization_id": ctx.organization_id})
    found = _first_with_room(ctx, asked, _LOCK_FREE, parameters)
    return found or _first_with_room(ctx, asked, _LOCK, parameters | {"most": 1})


def _first_with_room(ctx: Context, asked: Asked, lock: str, parameters: dict[str, Any]) -> Found | None:
    # Past the ORM: every ticket takes this road.
    statement = _candidates(lock, bool(asked.skill_ids))
    rows = ctx.ask(statement, parameters)
    while any(moved_on for *_, moved_on in rows):
        # Changed since the statement began, perhaps given something, and further back in line now; ours until we commit.
        rows = ctx.ask(statement, parameters)
    candidates = [Candidate(*row[:4]) for row in rows]  # whose fields are the first four columns
    choice = rules.choose(
        asked.strategy, candidates,
        has=asked.skills if asked.skill_ids else (), lacks=() if asked.skill_ids else asked.skills,
    )  # fmt: skip
    if choice is None:
        return None
    return Found(choice.agent_id, next(one.name for one in candidates if one.id == choice.agent_id), choice.reason)


# Not FOR UPDATE: whatever a person does refers to their row, and routing would take everybody at work for locked.
_LOCK = "FOR NO KEY UPDATE OF person"
_LOCK_FREE = f"{_LOCK} SKIP LOCKED"
_ROLES = ", ".join(f"'{role}'" for role in sorted(ASSIGNABLE))
_BY_SKILL = """AND (SELECT count(*) FROM person_skill WHERE person_id = person.id AND skill_id = ANY(%(skills)s::bigint[]))
                    = cardinality(%(skills)s::bigint[])"""


@cache
def _candidates(lock: str, by_skill: bool) -> str:
    """Who could take a ticket, in order, with what they have once they are locked. Counting stops where somebody is full:
    how much more than full they are decides nothing.

    A row that changed between the look and the lock is locked as it is now, in the place it had before, and what was counted
    is of before: it has `moved_on`, as the same row read once more still shows the look.
    """
    return f"""
        SELECT id, name, load, last_assigned_at, capacity,
            version IS DISTINCT FROM (SELECT seen.ctid FROM person seen WHERE seen.id = candidate.id) AS moved_on
        FROM (
            SELECT id, name, capacity, last_assigned_at, load, person.ctid AS version
            FROM person CROSS JOIN LATERAL (
                SELECT count(*) AS load
                FROM (SELECT FROM ticket WHERE assignee_id = person.id AND is_open LIMIT capacity) theirs
            ) counted
            WHERE availability = 'available' AND is_active AND role IN ({_ROLES}) AND id <> ALL(%(but)s::bigint[])
                AND (calendar_id IS NULL OR calendar_id <> ALL(%(closed)s::bigint[]))
                AND (%(team_id)s::bigint IS NULL OR id IN (SELECT person_id FROM team_member WHERE team_id = %(team_id)s))
                AND load < capacity
                {_BY_SKILL if by_skill else ""}
            ORDER BY last_assigned_at NULLS FIRST, id LIMIT %(most)s {lock}
        ) candidate
    """  # noqa: S608 - our own words


# The most loaded first, each with the newest ticket that the one who has become available may have.
_NEWEST = """
    SELECT newest.id, loaded.assignee_id, loaded.load, person.name FROM (
        SELECT assignee_id, count(*) AS load FROM ticket WHERE is_open AND assignee_id IS NOT NULL AND assignee_id <> %(me)s
        GROUP BY assignee_id HAVING count(*) > greatest(1, %(mine)s::bigint + 1)
    ) loaded
    CROSS JOIN LATERAL (
        SELECT id FROM ticket
        WHERE assignee_id = loaded.assignee_id AND is_open AND (team_id IS NULL OR team_id = ANY(%(teams)s::bigint[]))
        ORDER BY created_at DESC, id DESC LIMIT 1
    ) newest
    JOIN person ON person.id = loaded.assignee_id
    ORDER BY loaded.load DESC, loaded.assignee_id LIMIT %(most)s
"""


def _waiting(team_ids: Sequence[int]) -> Any:
    return (
        select(Ticket)
        .where(
            col(Ticket.is_open),
            col(Ticket.assignee_id).is_(None),
            col(Ticket.snoozed_until).is_(None),
            col(Ticket.team_id).is_(None) | col(Ticket.team_id).in_(team_ids or [-1]),
        )
        .order_by(col(Ticket.created_at), col(Ticket.id))
        .execution_options(populate_existing=True)
    )


def _automatic(ctx: Context, agent: Person) -> list[int]:
    """The agent's teams whose tickets are given out by the desk."""
    theirs = set(ctx.session.exec(select(TeamMember.team_id).where(TeamMember.person_id == agent.id)).all())
    return [team.id for team in catalog.current(ctx).teams if team.id in theirs and team.strategy != Strategy.MANUAL]


def _closed(ctx: Context) -> list[int]:
    """The calendars whose people are off now."""
    return [one for one, calendar in catalog.current(ctx).hours.items() if not is_open(calendar, ctx.now)]


def _workers(ctx: Context) -> list[_Worker]:
    parameters = {
        "team_id": None, "closed": _closed(ctx), "skills": [], "but": [],
        "most": _AGENTS_AT_ONCE,
    }  # fmt: skip
    rows = ctx.ask(_candidates(_LOCK_FREE, False), parameters, named=True)
    room = {row.id: row.capacity - row.load for row in rows if not row.moved_on}
    if not room:
        return []
    people = ctx.session.exec(
        select(Person).where(col(Person.id).in_(room)).execution_options(populate_existing=True)
    ).all()
    teams: dict[int, set[int]] = {}
    for team_id, person_id in ctx.session.exec(
        select(TeamMember.team_id, TeamMember.person_id).where(col(TeamMember.person_id).in_(room))
    ).all():
        teams.setdefault(person_id, set()).add(team_id)
    skills: dict[int, set[int]] = {}
    for skill_id, person_id in ctx.session.exec(
        select(PersonSkill.skill_id, PersonSkill.person_id).where(col(PersonSkill.person_id).in_(room))
    ).all():
        skills.setdefault(person_id, set()).add(skill_id)
    return [
        _Worker(one, room[one.id], frozenset(teams.get(one.id, ())), frozenset(skills.get(one.id, ())))
        for one in people
    ]


def _skilled_elsewhere(ctx: Context, workers: Sequence[_Worker]) -> list[tuple[frozenset[int], frozenset[int]]]:
    """Teams and skills of those who have room and are not among the workers: they may come next."""
    known = catalog.current(ctx)
    if not any(one.skill_ids for one in known.teams) and not any(one.skill_ids for one in known.categories):
        return []
    parameters = {
        "team_id": None, "closed": _closed(ctx), "skills": [],
        "but": [one.agent.id for one in workers], "most": 1000,
    }  # fmt: skip
    ids = [row.id for row in ctx.ask(_candidates("", False), parameters, named=True)]
    if not ids:
        return []
    teams = select(func.array_agg(TeamMember.team_id)).where(TeamMember.person_id == Person.id).scalar_subquery()
    skills = select(func.array_agg(PersonSkill.skill_id)).where(PersonSkill.person_id == Person.id).scalar_subquery()
    found = ctx.session.exec(select(teams, skills).select_from(Person).where(col(Person.id).in_(ids))).all()
    return [(frozenset(team_ids or ()), frozenset(skill_ids or ())) for team_ids, skill_ids in found]


def _choose(
    asked: Asked, fit: Sequence[_Worker], elsewhere: Sequence[tuple[frozenset[int], frozenset[int]]]
) -> rules.Choice | None:
    wanted = set(asked.skill_ids)
    able = [one.candidate for one in fit if wanted <= one.skill_ids]
    if able or not wanted:
        return rules.choose(asked.strategy, able, has=asked.skills)
    if any(wanted <= skill_ids for _, skill_ids in elsewhere):
        return None  # somebody who can do it has room, and is left to the next round
    return rules.choose(asked.strategy, [one.candidate for one in fit], lacks=asked.skills)
