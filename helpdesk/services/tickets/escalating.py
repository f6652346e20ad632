"""Bringing somebody in: a ticket's level is raised and people are told, or that is taken back."""

from collections.abc import Iterable, Sequence

from sqlmodel import col, select

from helpdesk.domain import escalation as rules
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.escalation import Whom
from helpdesk.domain.people import ASSIGNABLE, Role
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import one_line
from helpdesk.models import Activity, Escalation, Person, TeamMember, Ticket
from helpdesk.services import access
from helpdesk.services.context import Context, requires, step
from helpdesk.services.tickets import assignment

LONGEST_REASON = 500


@requires(Permission.TICKET_ESCALATE)
def escalate(
    ctx: Context,
    ref: str,
    *,
    reason: str,
    level: int | None = None,
    team_id: int | None = None,
    person_id: int | None = None,
) -> int:
    """Bring somebody in by hand; returns the level the ticket has now.

    Args:
        level: 1 to 3; the next one when left out.
        team_id: whose ticket it is from now on; that team's lead is told.
        person_id: the specialist who gets it.
            Without either it stays where it is, and the team's lead is told; without a lead, all managers are.

    Raises:
        NotFound: no such ticket for the actor.
        Invalid: no reason, no higher level, or nobody by that id.
        Conflict: the ticket is closed.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    said = _checked_reason(reason)
    if not ticket.is_open:
        raise Conflict("This ticket is done. Reopen it before you escalate it.")
    target = rules.raised(ticket.escalation_level, level)
    agent = access.agent(ctx, person_id) if person_id else None
    told = [agent] if agent else _others(ctx, ticket, f"team:{team_id}" if team_id else Whom.LEAD.value)
    raised = raise_to(ctx, ticket, target, told=told, reason=said)
    with ctx.because(raised):
        if team_id:
            assignment.move(ctx, ticket, team_id=team_id)
        if agent:
            assignment.give(ctx, ticket, agent, reason=f"escalated: {said}")
    return target


@requires(Permission.TICKET_ESCALATE)
def deescalate(ctx: Context, ref: str, *, reason: str, level: int = 0) -> None:
    """Take an escalation back, wholly or to a lower level; nothing when it is there already.

    Raises:
        NotFound: no such ticket for the actor.
        Invalid: no reason, or a level that is not lower.
    """
    ticket = access.ticket(ctx, ref, lock=True)
    if ticket.escalation_level == level == 0:
        return
    said = _checked_reason(reason)
    if not 0 <= level < ticket.escalation_level:
        raise Invalid(level="Choose a level below the present one.")
    before, ticket.escalation_level, ticket.updated_at = ticket.escalation_level, level, ctx.now
    ctx.record(
        ActivityKind.TICKET_DEESCALATED, ticket, before=before, after=level, reason=said,
        what="took the escalation back" if level == 0 else f"took the escalation back to level {level}",
    )  # fmt: skip
    _keep(ctx, ticket, before, said, told=())


@step
def raise_to(
    ctx: Context, ticket: Ticket, level: int, *, told: Sequence[Person], reason: str, message: str = ""
) -> Activity:
    """Raise a ticket's level, never lower it, and write down who is told of it and why.

    Args:
        message: what they are told, ready to read; empty for the desk's own words.
    """
    before, ticket.escalation_level = ticket.escalation_level, max(ticket.escalation_level, level)
    ticket.updated_at = ctx.now
    activity = told_of(ctx, ticket, before, told=told, reason=reason, message=message)
    _keep(ctx, ticket, before, reason, told)
    return activity


@step
def told_of(
    ctx: Context,
    ticket: Ticket,
    before: int,
    *,
    told: Sequence[Person],
    reason: str,
    message: str = "",
    policy: str = "",
) -> Activity:
    """Write down that people are told of a ticket, and that its level was raised if it was."""
    level = ticket.escalation_level
    return ctx.record(
        ActivityKind.TICKET_ESCALATED, ticket, before=before, after=level, reason=reason, policy=policy, message=message,
        what=f"escalated it to level {level}" if level > before else "called for attention",
        told=[one.name for one in told] or ["nobody"], told_ids=[one.id for one in told],
    )  # fmt: skip


@step
def people(ctx: Context, ticket: Ticket, whom: Iterable[str], *, leads_only: bool = False) -> list[Person]:
    """Who is meant, each once, as far as they still work here.

    A lead is whoever leads the ticket's team, without a team whoever leads one of the agent's; where there is none,
    all managers.

    Args:
        whom: as `domain.escalation.Whom` says.
        leads_only: of a team only its leads, if it has any.
    """
    found: dict[int, Person] = {}
    for word in whom:
        kind, _, number = word.partition(":")
        match Whom(kind):
            case Whom.AGENT:
                some = _by_ids(ctx, [ticket.assignee_id or 0])
            case Whom.LEAD:
                some = _leads(ctx, ticket) or _managers(ctx)
            case Whom.MANAGERS:
                some = _managers(ctx)
            case Whom.TEAM:
                some = (_members(ctx, [int(number)], leads=True) if leads_only else []) or _members(ctx, [int(number)])
            case Whom.PERSON:
                some = _by_ids(ctx, [int(number)])
        found |= {one.id: one for one in some}
    return list(found.values())


def _others(ctx: Context, ticket: Ticket, whom: str) -> list[Person]:
    """Who is meant besides the one who asks: a lead who escalates needs somebody above them."""
    for word in (whom, Whom.MANAGERS.value):
        found = [one for one in people(ctx, ticket, [word], leads_only=True) if one.id != ctx.actor.person_id]
        if found:
            return found
    return []


def _leads(ctx: Context, ticket: Ticket) -> list[Person]:
    if ticket.team_id:
        return _members(ctx, [ticket.team_id], leads=True)
    if not ticket.assignee_id:
        return []
    teams = ctx.session.exec(select(TeamMember.team_id).where(TeamMember.person_id == ticket.assignee_id)).all()
    return _members(ctx, teams, leads=True)


def _members(ctx: Context, team_ids: Sequence[int], *, leads: bool = False) -> list[Person]:
    of_teams = select(TeamMember.person_id).where(col(TeamMember.team_id).in_(team_ids or [0]))
    if leads:
        of_teams = of_teams.where(col(TeamMember.is_lead))
    return _active(ctx, col(Person.id).in_(of_teams))


def _managers(ctx: Context) -> list[Person]:
    """All managers; a small house without any has administrators."""
    return _active(ctx, Person.role == Role.MANAGER) or _active(
        ctx, col(Person.role).in_([Role.ADMIN, Role.SUPERADMIN])
    )


def _by_ids(ctx: Context, ids: Sequence[int]) -> list[Person]:
    return _active(ctx, col(Person.id).in_(ids), col(Person.role).in_(ASSIGNABLE))


def _active(ctx: Context, *conditions: object) -> list[Person]:
    query = select(Person).where(col(Person.is_active), *conditions).order_by(Person.name, col(Person.id))  # type: ignore[arg-type]
    return list(ctx.session.exec(query).all())


def _checked_reason(reason: str) -> str:
    said = one_line(reason)
    if not said:
        raise Invalid(reason="Say why, for whoever looks at it next.")
    if len(said) > LONGEST_REASON:
        raise Invalid(reason=f"Use at most {LONGEST_REASON} characters.")
    return said


def _keep(ctx: Context, ticket: Ticket, before: int, reason: str, told: Sequence[Person]) -> None:
    ctx.session.add(
        Escalation(
            ticket_id=ticket.id, level_before=before, level_after=ticket.escalation_level, reason=reason[:LONGEST_REASON],
            actor_id=ctx.actor.person_id, actor_name=ctx.actor.name, told=[one.name for one in told], at=ctx.now,
        )
    )  # fmt: skip
