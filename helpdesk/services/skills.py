"""What agents can do. Who can do what is said where people are."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict
from helpdesk.domain.permissions import Permission
from helpdesk.models import Person, PersonSkill, Skill
from helpdesk.services import access, arranging, catalog
from helpdesk.services.context import Context, requires

_KINDS = (ActivityKind.SKILL_CREATED, ActivityKind.SKILL_CHANGED)


@dataclass(frozen=True, slots=True)
class SkillRow:
    """A skill and who has it."""

    id: int
    name: str
    people: int = 0
    names: str = ""


@requires(Permission.PERSON_READ)
def listing(ctx: Context) -> list[SkillRow]:
    """Every skill by name, with who has it."""
    query = (
        select(Skill, func.count(col(Person.id)), func.string_agg(Person.name, ", "))
        .outerjoin(PersonSkill, col(PersonSkill.skill_id) == Skill.id)
        .outerjoin(Person, col(Person.id) == PersonSkill.person_id)
        .group_by(col(Skill.id))
        .order_by(Skill.name)
    )
    return [SkillRow(one.id, one.name, number, names or "") for one, number, names in ctx.session.exec(query).all()]


@requires(Permission.PERSON_MANAGE)
def save(ctx: Context, skill_id: int | None = None, *, name: str) -> int:
    """Create a skill, or rename the one with `skill_id`; returns its id.

    Raises:
        Invalid: no name, or too long.
        Conflict: another skill has the name.
        NotFound: no such skill.
    """
    name = arranging.checked_name(name, most=60, what="the skill")
    twin = ctx.session.exec(select(Skill.id).where(func.lower(Skill.name) == name.lower())).first()
    if twin and twin != skill_id:
        raise Conflict(f"There is a skill “{name}” already.")
    skill = access.one(ctx, Skill, skill_id, what="skill") if skill_id else None
    before = arranging.facts(skill, "name") if skill else None
    skill = skill or Skill(name=name)
    skill.name = name
    ctx.session.add(skill)
    ctx.session.flush()
    arranging.wrote(ctx, _KINDS, skill.id, name, before, {"name": name})
    return skill.id


@requires(Permission.PERSON_MANAGE)
def delete(ctx: Context, skill_id: int) -> None:
    """Remove a skill; nobody has it any more.

    Raises:
        Conflict: a category or team asks for it.
        NotFound: no such skill.
    """
    skill = access.one(ctx, Skill, skill_id, what="skill")
    known = catalog.current(ctx)
    asking = [(one.name, one.skill_ids) for one in known.categories] + [
        (one.name, one.skill_ids) for one in known.teams
    ]
    asks = next((name for name, skill_ids in asking if skill.id in skill_ids), None)
    if asks is not None:
        raise Conflict(f"“{asks}” asks for the skill “{skill.name}”. Change that first.")
    had = (
        select(Person.name)
        .join(PersonSkill, col(PersonSkill.person_id) == Person.id)
        .where(PersonSkill.skill_id == skill.id)
        .order_by(Person.name)
    )
    before = {"name": skill.name, "people": list(ctx.session.exec(had).all())}
    ctx.session.delete(skill)
    ctx.session.flush()
    arranging.deleted(ctx, ActivityKind.SKILL_DELETED, skill.id, skill.name, before)
