"""Whose ticket it is."""

from sqlalchemy import text
from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.conditions import Field
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.people import Availability, system
from helpdesk.domain.permissions import Permission, may
from helpdesk.domain.routing import WAITED
from helpdesk.domain.tickets import StatusCategory
from helpdesk.models import Person, TeamMember, Ticket
from helpdesk.services import access, catalog, routing, sla
from helpdesk.services.context import MOST_ACTIVITIES, Context, requires, step
from helpdesk.services.tickets import status

SERVE, HAND_BACK = "helpdesk.jobs.routing.serve", "helpdesk.jobs.routing.hand_back"


@requires(Permission.TICKET_ASSIGN)
def assign(ctx: Context, ref: str, *, to: int | None) -> None:
    """Give a ticket to an agent, or to nobody.

    Args:
        ref: the ticket's reference.
        to: the agent's id; None takes it from whoever has it.

    Raises:
        NotFound: no such ticket for the actor.
        Invalid: nobody active by that id.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    if not to:
        release(ctx, ticket)
        return
    give(ctx, ticket, access.agent(ctx, to))


@requires(Permission.TICKET_TAKE)
def take(ctx: Context, ref: str) -> None:
    """Make it one's own.

    Raises:
        NotFound: no such ticket for the actor.
        Conflict: a technician or agent who may not assign takes what somebody else has.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    if ctx.actor.person_id is None:
        raise Invalid(assignee="Only a person can take a ticket.")
    if ticket.assignee_id not in (None, ctx.actor.person_id) and not may(ctx.actor, Permission.TICKET_ASSIGN):
        raise Conflict("Somebody else has this ticket. Ask them, or a colleague who may assign it.")
    give(ctx, ticket, access.agent(ctx, ctx.actor.person_id))


@requires(Permission.TICKET_ASSIGN)
def move_to_team(ctx: Context, ref: str, *, team_id: int | None) -> None:
    """Move a ticket to another team's queue; an assignee outside that team loses it, and the team's routing applies.

    Raises:
        Invalid: no such team.
    """
    move(ctx, access.ticket(ctx, ref, lock=True), team_id=int(team_id) if team_id else None)


@step
def move(ctx: Context, ticket: Ticket, *, team_id: int | None) -> None:
    """The same for a ticket at hand."""
    teams = catalog.current(ctx).team_by_id
    if team_id is not None and (team_id not in teams or not teams[team_id].is_active):
        raise Invalid(team="Choose one of the teams.")
    if ticket.team_id == team_id:
        return
    before, ticket.team_id, ticket.updated_at = ticket.team_id, team_id, ctx.now
    moved = ctx.record(
        ActivityKind.TICKET_TEAM_CHANGED, ticket,
        before=teams[before].name if before else "", after=teams[team_id].name if team_id else "",
    )  # fmt: skip
    with ctx.because(moved):
        sla.reconsider(ctx, ticket, Field.TEAM)
        if (
            ticket.assignee_id
            and ticket.is_open
            and team_id is not None
            and not _is_member(ctx, ticket.assignee_id, team_id)
        ):
            release(ctx, ticket)
        if (
            ticket.assignee_id is None
            and ticket.is_open
            and (found := routing.find_agent(ctx, team_id, ticket.category_id))
        ):
            give(ctx, ticket, ctx.session.get_one(Person, found.id), reason=found.reason)


@step
def give(ctx: Context, ticket: Ticket, agent: Person, *, reason: str = "") -> None:
    """Set the assignee and write it down; a new ticket becomes open. Nothing when it is theirs already."""
    if ticket.assignee_id == agent.id:
        return
    if ticket.status_category == StatusCategory.CLOSED:
        raise Conflict("This ticket is closed. Reopen it first.")
    previous = ctx.session.get(Person, ticket.assignee_id) if ticket.assignee_id else None
    if previous:
        ctx.topics.add(f"user-{previous.id}")
    ticket.assignee_id, ticket.updated_at, agent.last_assigned_at = agent.id, ctx.now, ctx.now
    assigned = ctx.record(
        ActivityKind.TICKET_ASSIGNED, ticket, assignee=agent.name, assignee_id=agent.id,
        previous=previous.name if previous else "", previous_id=previous.id if previous else None, reason=reason,
    )  # fmt: skip
    if ticket.status_category == StatusCategory.NEW:
        with ctx.because(assigned):
            status.move(ctx, ticket, catalog.current(ctx).first_status(StatusCategory.OPEN))


@step
def serve(ctx: Context, agent_id: int) -> bool:
    """Somebody has room: the ticket that has waited longest for them becomes theirs. Returns whether there was one."""
    agent = _at_work(ctx, agent_id)
    ticket = routing.oldest_waiting(ctx, agent) if agent else None
    if agent is None or ticket is None:
        return False
    with ctx.acting_as(system(ctx.organization_id)):
        give(ctx, ticket, agent, reason=WAITED)
    return True


@step
def welcome(ctx: Context, agent_id: int) -> None:
    """Somebody became available: the ticket that has waited longest for them becomes theirs; if none waits, the newest
    one of whoever has the most."""
    if serve(ctx, agent_id):
        return
    agent = _at_work(ctx, agent_id)
    found = routing.newest_of_the_most_loaded(ctx, agent) if agent else None
    if agent is not None and found is not None:
        with ctx.acting_as(system(ctx.organization_id)):
            give(ctx, found[0], agent, reason=found[1])


@step
def serve_waiting(ctx: Context) -> int:
    """Give waiting tickets, the oldest first, to agents who have room; returns how many, at most 50."""
    given = routing.shared_out(ctx)
    ctx.limit = max(ctx.limit, MOST_ACTIVITIES + 4 * len(given))
    # With ids at hand the causes need no flush each: all is written at once in the end.
    drawn = ctx.session.execute(
        text("SELECT nextval('activity_id_seq') FROM generate_series(1, :n)"), {"n": 2 * len(given)}
    )
    ctx.activity_ids += drawn.scalars().all()
    for one in given:
        give(ctx, one.ticket, one.agent, reason=one.reason)
    return len(given)


@step
def hand_back(ctx: Context, agent_id: int) -> int:
    """Somebody went away: their open tickets of teams that want it so wait for somebody else. Returns how many.

    What somebody is at work on this moment is passed over, and a job comes back for it. Who leaves for good is not meant:
    whoever closes their account says what becomes of their tickets.
    """
    teams = [team.id for team in catalog.current(ctx).teams if team.hands_back]
    agent = ctx.session.get(Person, agent_id)
    if not teams or agent is None or not agent.is_active or agent.availability == Availability.AVAILABLE:
        return 0
    ctx.session.flush()
    theirs = (
        select(Ticket)
        .where(Ticket.assignee_id == agent.id, col(Ticket.is_open), col(Ticket.team_id).in_(teams))
        .order_by(col(Ticket.id))
    )
    found = ctx.session.exec(theirs.with_for_update(skip_locked=True).execution_options(populate_existing=True)).all()
    ctx.limit = max(ctx.limit, MOST_ACTIVITIES + 2 * len(found))
    with ctx.acting_as(system(ctx.organization_id)):
        for ticket in found:
            release(ctx, ticket, reason=f"{agent.name} is {agent.availability}")
    ctx.session.flush()
    if ctx.session.exec(theirs.limit(1)).first() is not None:
        ctx.jobs.append((HAND_BACK, (ctx.organization_id, agent.id)))
    if found:
        ctx.jobs.append((SERVE, (ctx.organization_id,)))
    return len(found)


def _at_work(ctx: Context, agent_id: int) -> Person | None:
    query = select(Person).where(Person.id == agent_id).with_for_update(key_share=True)
    agent = ctx.session.exec(query).first()
    return agent if agent is not None and routing.is_at_work(ctx, agent) else None


def _is_member(ctx: Context, person_id: int, team_id: int) -> bool:
    query = select(TeamMember).where(TeamMember.team_id == team_id, TeamMember.person_id == person_id)
    return ctx.session.exec(query).first() is not None


@step
def release(ctx: Context, ticket: Ticket, *, reason: str = "") -> None:
    """Take a ticket from whoever has it, and write it down."""
    if ticket.assignee_id is None:
        return
    previous = ctx.session.get_one(Person, ticket.assignee_id)
    ctx.topics.add(f"user-{previous.id}")
    ticket.assignee_id, ticket.updated_at = None, ctx.now
    ctx.record(ActivityKind.TICKET_UNASSIGNED, ticket, previous=previous.name, previous_id=previous.id, reason=reason)
