"""Teams: who shares a queue, and how tickets find an agent there."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.conditions import Field
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.people import ASSIGNABLE
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import one_line
from helpdesk.domain.tickets import Strategy
from helpdesk.models import Person, Team, TeamMember, Ticket
from helpdesk.services import access, arranging, catalog
from helpdesk.services.context import Context, requires

_KINDS = (ActivityKind.TEAM_CREATED, ActivityKind.TEAM_CHANGED)


@dataclass(frozen=True, slots=True)
class TeamDetail:
    """A team in the admin list."""

    id: int
    name: str
    strategy: str
    is_active: bool
    members: int = 0
    member_ids: tuple[int, ...] = ()
    member_names: str = ""
    hands_back: bool = False
    skill_ids: tuple[int, ...] = ()
    lead_ids: tuple[int, ...] = ()


@requires(Permission.PERSON_READ)
def listing(ctx: Context) -> list[TeamDetail]:
    """Every team with its members, by name."""
    leads = func.array_agg(Person.id).filter(col(TeamMember.is_lead))
    query = (
        select(Team, func.array_agg(Person.id), func.string_agg(Person.name, ", "), leads)
        .outerjoin(TeamMember, col(TeamMember.team_id) == Team.id)
        .outerjoin(Person, col(Person.id) == TeamMember.person_id)
        .group_by(col(Team.id))
        .order_by(Team.name)
    )
    rows = []
    for team, ids, names, lead_ids in ctx.session.exec(query).all():
        members = tuple(one for one in ids if one is not None)
        rows.append(
            TeamDetail(
                team.id, team.name, team.strategy, team.is_active, len(members), members, names or "", team.hands_back,
                tuple(team.skill_ids), tuple(lead_ids or ()),
            )
        )  # fmt: skip
    return rows


@requires(Permission.TEAM_MANAGE)
def to_manage(ctx: Context) -> list[TeamDetail]:
    """The same for who may change them."""
    return listing(ctx)


@requires(Permission.TEAM_MANAGE)
def save(
    ctx: Context,
    team_id: int | None = None,
    *,
    name: str,
    strategy: str = Strategy.ROUND_ROBIN,
    is_active: bool = True,
    member_ids: tuple[int, ...] = (),
    lead_ids: tuple[int, ...] = (),
    hands_back: bool = False,
    skill_ids: tuple[int, ...] = (),
) -> int:
    """Create a team, or change the one with `team_id`; returns its id.

    Args:
        lead_ids: members whom escalations go to first.
        hands_back: whether a member's open tickets wait for somebody else once they go away.
        skill_ids: what everybody must be able to do who is given one of its tickets by skill.

    Raises:
        Invalid: no name, unknown strategy or skill, a lead outside the team, or a member who cannot be given tickets.
        Conflict: another team has the name.
        NotFound: no such team.
    """
    name = one_line(name)[:120]
    if not name:
        raise Invalid(name="Give the team a name.")
    if strategy not in set(Strategy):
        raise Invalid(strategy="Choose how tickets are given out.")
    twin = ctx.session.exec(select(Team.id).where(Team.name == name)).first()
    if twin and twin != team_id:
        raise Conflict(f"There is a team “{name}” already.")
    team = access.one(ctx, Team, team_id, what="team") if team_id else Team(name=name, created_at=ctx.now)
    if not set(lead_ids) <= set(member_ids):
        raise Invalid(lead_ids="Only members can lead the team.")
    wanted = catalog.checked_skills(ctx, skill_ids)
    before = _facts(ctx, team) if team_id else None
    team.name, team.strategy, team.is_active = name, strategy, is_active
    team.hands_back, team.skill_ids = hands_back, wanted
    ctx.session.add(team)
    ctx.session.flush()
    _set_members(ctx, team, {int(one) for one in member_ids}, {int(one) for one in lead_ids})
    ctx.session.flush()
    arranging.wrote(ctx, _KINDS, team.id, name, before, _facts(ctx, team))
    return team.id


@requires(Permission.TEAM_MANAGE)
def delete(ctx: Context, team_id: int) -> None:
    """Remove a team that no ticket is in.

    Raises:
        Conflict: tickets are in its queue, or a policy asks for it or tells it.
        NotFound: no such team.
    """
    team = access.one(ctx, Team, team_id, what="team")
    number = ctx.session.exec(select(func.count()).select_from(Ticket).where(Ticket.team_id == team.id)).one()
    if number:
        have = "1 ticket belongs" if number == 1 else f"{number} tickets belong"
        raise Conflict(f"{have} to the team “{team.name}”. Switch it off instead.")
    catalog.keep_what_policies_ask(ctx, Field.TEAM, str(team.id), team.name)
    before = _facts(ctx, team)
    _set_members(ctx, team, set(), set())
    ctx.session.flush()
    ctx.session.delete(team)
    ctx.session.flush()
    arranging.deleted(ctx, ActivityKind.TEAM_DELETED, team.id, team.name, before)


def _facts(ctx: Context, team: Team) -> dict[str, Any]:
    members = (
        select(Person.name)
        .join(TeamMember, col(TeamMember.person_id) == Person.id)
        .where(TeamMember.team_id == team.id)
        .order_by(Person.name)
    )
    return arranging.facts(team, "name", "strategy", "is_active", "hands_back") | {
        "members": list(ctx.session.exec(members).all()),
        "leads": list(ctx.session.exec(members.where(col(TeamMember.is_lead))).all()),
        "skills": catalog.current(ctx).skill_names(team.skill_ids),
    }


def _set_members(ctx: Context, team: Team, wanted: set[int], leads: set[int]) -> None:
    fit = ctx.session.exec(
        select(Person.id).where(col(Person.id).in_(wanted or {-1}), col(Person.role).in_(ASSIGNABLE))
    ).all()
    if len(fit) != len(wanted):
        raise Invalid(member_ids="Only people who can be given tickets can be in a team.")
    members = ctx.session.exec(select(TeamMember).where(TeamMember.team_id == team.id)).all()
    for member in members:
        if member.person_id not in wanted:
            ctx.session.delete(member)
        else:
            member.is_lead = member.person_id in leads
    for person_id in wanted - {member.person_id for member in members}:
        ctx.session.add(TeamMember(team_id=team.id, person_id=person_id, is_lead=person_id in leads))
    ctx.topics |= {f"sessions-{person_id}" for person_id in wanted ^ {member.person_id for member in members}}
