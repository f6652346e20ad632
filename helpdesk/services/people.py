"""People as colleagues and admins see them: lists, profiles, creation, roles, activation."""

import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete as sql_delete
from sqlalchemy import func, or_
from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed
from helpdesk.domain.people import ASSIGNABLE, STAFF, Availability, Role, initials
from helpdesk.domain.permissions import Permission, may
from helpdesk.domain.text import one_line
from helpdesk.models import (
    BusinessCalendar,
    Company,
    Person,
    PersonSkill,
    Site,
    Skill,
    Team,
    TeamMember,
    Ticket,
    Watcher,
)
from helpdesk.services import access, arranging, bell, catalog, organizations, second_factor, sign_in
from helpdesk.services.context import Context, anyone, requires, step

INVITATION_LIFE = timedelta(days=7)
MOST_TICKETS = 500
# Who may give which role: admins up to manager, the owner every role.
_ADMIN_GIVES = frozenset({Role.CUSTOMER, Role.AGENT, Role.TECHNICIAN, Role.MANAGER, Role.EXECUTIVE})


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person in a list."""

    id: int
    name: str
    email: str
    role: str
    initials: str
    is_active: bool = True
    availability: str = "offline"
    company: str = ""
    teams: str = ""
    phone: str = ""
    job_title: str = ""
    timezone: str = "UTC"
    last_seen_at: str = ""
    created_at: str = ""
    company_id: int = 0
    is_company_manager: bool = False
    capacity: int = 0
    skill_ids: tuple[int, ...] = ()
    site_id: int = 0
    open_tickets: int = 0
    has_password: bool = True
    picture: str = ""
    has_second_factor: bool = False
    calendar_id: int = 0
    bounce_reason: str = ""  # why mail to them comes back; empty: it does not


@dataclass(frozen=True, slots=True)
class AgentRow:
    """Somebody a ticket can be given to."""

    id: int
    name: str
    initials: str
    availability: str
    open_tickets: int = 0


@dataclass(frozen=True, slots=True)
class MeRow:
    """What shells show of the signed-in person."""

    id: int
    name: str
    email: str
    role: str
    initials: str
    availability: str
    theme: str
    timezone: str
    organization: str
    organization_slug: str
    accent: str
    permissions: tuple[str, ...] = ()
    is_staff: bool = False
    picture: str = ""
    single_keys: bool = True
    unread: int = 0


@anyone
def me(ctx: Context) -> MeRow | None:
    """The signed-in person, or nobody."""
    if ctx.actor.person_id is None:
        return None
    # One query: every page asks it, and again whenever the bell rings.
    found = ctx.session.exec(
        select(Person, bell.unread_count(ctx)).where(col(Person.id) == ctx.actor.person_id)
    ).first()
    if found is None:
        return None
    person, unread = found
    organization = catalog.current(ctx).organization
    granted = tuple(sorted(permission.value for permission in Permission if may(ctx.actor, permission)))
    return MeRow(
        person.id, person.name, person.email, person.role, initials(person.name), person.availability, person.theme,
        person.timezone, organization.name, organization.slug, organization.accent, granted, person.role in STAFF,
        picture_of(person), person.single_keys, unread,
    )  # fmt: skip


@requires(Permission.PERSON_READ)
def agents(ctx: Context) -> list[AgentRow]:
    """Active people a ticket can be given to, by name."""
    rows = ctx.session.exec(
        select(Person).where(col(Person.role).in_(ASSIGNABLE), col(Person.is_active)).order_by(Person.name)
    ).all()
    return [AgentRow(row.id, row.name, initials(row.name), row.availability) for row in rows]


@requires(Permission.PERSON_READ)
def listing(
    ctx: Context,
    *,
    text: str = "",
    role: str = "",
    active: bool | None = None,
    team_id: int | None = None,
    company_id: int | None = None,
    after: str = "",
    size: int = 50,
) -> list[PersonRow]:
    """People by name.

    Args:
        text: part of the name or address.
        role: one role only; "staff" for everybody who works here.
        team_id, company_id: only who belongs to it.
        after: keyset: only people after "name|id".
    """
    query = (
        select(Person, Company.name)
        .outerjoin(Company, col(Company.id) == Person.company_id)
        .where(access.sees(ctx.actor, Person))
        .order_by(Person.name, col(Person.id))
        .limit(min(size, 200))
    )
    if part := one_line(text)[:100]:
        query = query.where(
            or_(
                col(Person.name).icontains(part, autoescape=True),
                col(Person.email).icontains(part.lower(), autoescape=True),
            )
        )
    if role == "staff":
        query = query.where(col(Person.role).in_(STAFF))
    elif role:
        query = query.where(Person.role == role)
    if active is not None:
        query = query.where(col(Person.is_active).is_(active))
    if team_id:
        query = query.where(col(Person.id).in_(select(TeamMember.person_id).where(TeamMember.team_id == team_id)))
    if company_id:
        query = query.where(Person.company_id == company_id)
    name, _, last = one_line(after).rpartition("|")
    if last.isdecimal():
        query = query.where(or_(col(Person.name) > name, (col(Person.name) == name) & (col(Person.id) > int(last))))
    found = ctx.session.exec(query).all()
    teams = _team_names(ctx, [person.id for person, _ in found])
    return [row(person, company or "", teams.get(person.id, "")) for person, company in found]


@requires(Permission.PERSON_READ)
def one(ctx: Context, person_id: int) -> PersonRow:
    """One person.

    Raises:
        NotFound: nobody by that id.
    """
    person = access.person(ctx, person_id)
    company = ctx.session.get(Company, person.company_id) if person.company_id else None
    shown = row(person, company.name if company else "", _team_names(ctx, [person.id]).get(person.id, ""))
    skills_ = ctx.session.exec(select(PersonSkill.skill_id).where(PersonSkill.person_id == person.id)).all()
    theirs = select(func.count()).select_from(Ticket).where(Ticket.assignee_id == person.id, col(Ticket.is_open))
    return replace(
        shown,
        skill_ids=tuple(skills_),
        open_tickets=ctx.session.exec(theirs).one(),
        has_second_factor=second_factor.of(ctx, person.id) is not None,
    )


@requires(Permission.PERSON_READ)
def some(ctx: Context, ids: Sequence[int]) -> list[PersonRow]:
    """People by their ids; those there are not are left out."""
    query = (
        select(Person, Company.name)
        .outerjoin(Company, col(Company.id) == Person.company_id)
        .where(access.sees(ctx.actor, Person), col(Person.id).in_([access.whole(one) for one in ids]))
    )
    found = ctx.session.exec(query).all()
    teams = _team_names(ctx, [person.id for person, _ in found])
    return [row(person, company or "", teams.get(person.id, "")) for person, company in found]


@requires(Permission.PERSON_READ)
def colleagues(ctx: Context) -> list[AgentRow]:
    """Everybody active who takes tickets, those who are there first, with their open tickets."""
    theirs = select(func.count()).select_from(Ticket).where(Ticket.assignee_id == Person.id, col(Ticket.is_open))
    load = theirs.correlate(Person).scalar_subquery()
    rows = ctx.session.exec(
        select(Person, load).where(col(Person.role).in_(ASSIGNABLE), col(Person.is_active)).order_by(Person.name)
    ).all()
    order = [state.value for state in Availability]
    shown = [AgentRow(one.id, one.name, initials(one.name), one.availability, number) for one, number in rows]
    return sorted(shown, key=lambda one: order.index(one.availability))


@requires(Permission.TICKET_CREATE_FOR_OTHERS)
def customers(ctx: Context, text: str, *, size: int = 8) -> list[PersonRow]:
    """People a ticket can be filed for, by part of name or address."""
    return listing(ctx, text=text, active=True, size=size)


@requires(Permission.PERSON_READ)
def names(ctx: Context, ids: Sequence[int]) -> dict[str, str]:
    """What people are called, by their id as a text."""
    found = ctx.session.exec(access.visible(ctx, Person).where(col(Person.id).in_(ids))).all()
    return {str(person.id): person.name for person in found}


@requires(Permission.PERSON_READ)
def companies(ctx: Context) -> list[tuple[int, str]]:
    """Companies as (id, name), by name."""
    return [(c.id, c.name) for c in ctx.session.exec(select(Company).order_by(Company.name)).all()]


@requires(Permission.PERSON_READ)
def hours(ctx: Context) -> list[tuple[int, str]]:
    """Calendars that can be somebody's working hours as (id, name), by name."""
    return list(
        ctx.session.exec(select(BusinessCalendar.id, BusinessCalendar.name).order_by(BusinessCalendar.name)).all()
    )


@requires(Permission.PERSON_MANAGE)
def create(
    ctx: Context,
    *,
    name: str,
    email: str,
    role: str = Role.CUSTOMER,
    password: str = "",
    phone: str = "",
    job_title: str = "",
    timezone: str = "",
    company_id: int | None = None,
    site_id: int | None = None,
    team_ids: tuple[int, ...] = (),
    skill_ids: tuple[int, ...] = (),
    capacity: int | None = None,
    calendar_id: int | None = None,
) -> int:
    """Create a person; without a password a mail invites them to choose one. Returns their id.

    Args:
        capacity: the most open tickets routing gives them.
        calendar_id: their working hours; without, whenever they are available.

    Raises:
        Invalid: a field cannot be accepted.
        NotAllowed: the role is not the actor's to give.
        Conflict: the address has an account already.
    """
    name, email = one_line(name)[:200], sign_in.checked_email(email)
    if len(name) < 2:
        raise Invalid(name="Give a name.")
    _check_role(ctx, role)
    if password:
        sign_in.check_password(ctx, password, email=email, name=name)
    if ctx.session.exec(select(Person.id).where(Person.email == email)).first():
        raise Conflict(f"There is an account for {email} already.")
    _check_place(ctx, company_id, site_id)
    person = Person(
        name=name, email=email, role=role, phone=one_line(phone)[:40], job_title=one_line(job_title)[:120],
        timezone=_zone(timezone) or catalog.current(ctx).organization.timezone,
        company_id=company_id or sign_in.company_of(ctx, email), site_id=site_id,
        password_hash=sign_in.hashed(password) if password else None, created_at=ctx.now, updated_at=ctx.now,
    )  # fmt: skip
    if capacity is not None:
        person.capacity = _capacity(capacity)
    _work(ctx, person, calendar_id)
    ctx.session.add(person)
    ctx.session.flush()
    _join(ctx, person, team_ids)
    _learn(ctx, person, skill_ids)
    ctx.record(
        ActivityKind.PERSON_CREATED, subject_id=person.id, name=name, role=role, before={}, after=_facts(ctx, person)
    )
    if not password:
        _invite(ctx, person)
    return person.id


@requires(Permission.PERSON_MANAGE)
def change(
    ctx: Context,
    person_id: int,
    *,
    name: str,
    email: str,
    phone: str = "",
    job_title: str = "",
    timezone: str = "",
    company_id: int | None = None,
    site_id: int | None = None,
    is_company_manager: bool = False,
    team_ids: tuple[int, ...] = (),
    skill_ids: tuple[int, ...] | None = None,
    capacity: int | None = None,
    calendar_id: int | None = None,
) -> None:
    """Change a person's details, teams, skills, capacity and working hours (None: as they are).

    Args:
        calendar_id: 0 for no working hours.

    Raises:
        Invalid, Conflict, NotFound: as `create`.
    """
    person = access.person(ctx, person_id, lock=True)
    _check_rank(ctx, person)
    name, email = one_line(name)[:200], sign_in.checked_email(email)
    if len(name) < 2:
        raise Invalid(name="Give a name.")
    twin = ctx.session.exec(select(Person.id).where(Person.email == email)).first()
    if twin and twin != person.id:
        raise Conflict(f"There is another account for {email}.")
    _check_place(ctx, company_id, site_id)
    before = _facts(ctx, person)
    if email != person.email:
        sign_in.void_resets(ctx, person.id)  # they went to the old address
    person.name, person.email = name, email
    person.phone, person.job_title = one_line(phone)[:40], one_line(job_title)[:120]
    person.timezone, person.company_id, person.site_id = _zone(timezone) or person.timezone, company_id, site_id
    person.is_company_manager = is_company_manager and company_id is not None
    if capacity is not None:
        person.capacity = _capacity(capacity)
    if calendar_id is not None:
        _work(ctx, person, calendar_id)
    _join(ctx, person, team_ids)
    if skill_ids is not None:
        _learn(ctx, person, skill_ids)
    after = _facts(ctx, person)
    if before == after:
        return
    person.updated_at = ctx.now
    ctx.record(ActivityKind.PERSON_CHANGED, subject_id=person.id, name=name, before=before, after=after)
    ctx.topics.add(f"sessions-{person.id}")


@requires(Permission.PERSON_MANAGE)
def invite(ctx: Context, person_id: int) -> None:
    """Send somebody who has no password yet the mail that lets them choose one; older ones become worthless.

    Raises:
        Conflict: they have a password, or are deactivated.
        NotFound: nobody by that id.
    """
    person = access.person(ctx, person_id, lock=True)
    _check_rank(ctx, person)
    if person.password_hash is not None:
        raise Conflict(f"{person.name} has a password already. They can use “Forgot password”.")
    if not person.is_active:
        raise Conflict(f"{person.name} is deactivated. Activate them first.")
    _invite(ctx, person)


@requires(Permission.ROLE_MANAGE)
def change_role(ctx: Context, person_id: int, *, role: str) -> None:
    """Give a person another role; their sessions end, so that no open page keeps the old one.

    Raises:
        Invalid: no such role, or one's own.
    """
    person = access.person(ctx, person_id, lock=True)
    if person.id == ctx.actor.person_id:
        raise Invalid(role="You cannot change your own role. Ask another owner.")
    _check_role(ctx, role)
    if person.role == role:
        return
    if person.merged_into_id is not None:
        raise Conflict(f"{person.name} was merged into another account. Take the merge back first.")
    before, person.role, person.updated_at = person.role, role, ctx.now
    if role not in ASSIGNABLE:
        _join(ctx, person, ())
    if role == Role.CUSTOMER:
        # A customer who watches a ticket reads along: what somebody watched as a colleague is no longer theirs to see.
        ctx.session.execute(sql_delete(Watcher).where(col(Watcher.person_id) == person.id))
    sign_in.end_sessions(ctx, person)
    ctx.record(
        ActivityKind.PERSON_ROLE_CHANGED, subject_id=person.id, name=person.name, before={"role": before},
        after={"role": role},
    )  # fmt: skip


@requires(Permission.PERSON_MANAGE)
def deactivate(ctx: Context, person_id: int) -> None:
    """Close an account: no sign-in, no new tickets; what they did stays.

    Raises:
        Invalid: one's own account.
    """
    person = access.person(ctx, person_id, lock=True)
    _check_rank(ctx, person)
    if person.id == ctx.actor.person_id:
        raise Invalid("You cannot deactivate yourself.")
    if not person.is_active:
        return
    person.is_active, person.updated_at = False, ctx.now
    sign_in.end_sessions(ctx, person)
    ctx.record(
        ActivityKind.PERSON_DEACTIVATED, subject_id=person.id, name=person.name, before={"is_active": True},
        after={"is_active": False},
    )  # fmt: skip


@requires(Permission.PERSON_MANAGE)
def activate(ctx: Context, person_id: int) -> None:
    """Open a closed account again.

    Raises:
        Conflict: it was merged into another one.
    """
    person = access.person(ctx, person_id, lock=True)
    _check_rank(ctx, person)
    if person.merged_into_id is not None:
        into = ctx.session.get_one(Person, person.merged_into_id)
        raise Conflict(f"{person.name} was merged into {into.name} ({into.email}). Take the merge back instead.")
    if person.is_active:
        return
    person.is_active, person.updated_at = True, ctx.now
    ctx.record(
        ActivityKind.PERSON_ACTIVATED, subject_id=person.id, name=person.name, before={"is_active": False},
        after={"is_active": True},
    )  # fmt: skip


@requires(Permission.PERSON_MANAGE)
def reset_second_factor(ctx: Context, person_id: int) -> None:
    """Let somebody who lost their phone and their recovery codes sign in with the password alone; they are signed out.

    Raises:
        Invalid: one's own; turning that off asks for the password.
        Conflict: they have none.
    """
    person = access.person(ctx, person_id, lock=True)
    _check_rank(ctx, person)
    if person.id == ctx.actor.person_id:
        raise Invalid("Turn off your own in your profile.")
    if not second_factor.remove(ctx, person):
        raise Conflict(f"{person.name} signs in without a second factor.")
    sign_in.end_sessions(ctx, person)
    ctx.record(ActivityKind.PERSON_TWO_FACTOR_RESET, subject_id=person.id, name=person.name)
    sign_in.tell(ctx, person, "An administrator has reset your two-factor sign-in")


@step
def find_or_create_customer(ctx: Context, *, email: str, name: str) -> Person:
    """The person with an address; a new customer without a password when there is none. The address of an account that was
    merged is one of the account it was merged into."""
    email = sign_in.checked_email(email)
    person = ctx.session.exec(select(Person).where(Person.email == email)).first()
    if person is not None:
        return sign_in.survivor(ctx, person)
    person = Person(
        email=email, name=one_line(name)[:200] or email.split("@")[0], role=Role.CUSTOMER,
        company_id=sign_in.company_of(ctx, email), created_at=ctx.now, updated_at=ctx.now,
    )  # fmt: skip
    ctx.session.add(person)
    ctx.session.flush()
    ctx.record(ActivityKind.PERSON_CREATED, subject_id=person.id, name=person.name, role=person.role)
    return person


@requires(Permission.PERSON_MANAGE)
def reach_again(ctx: Context, person_id: int) -> None:
    """Have mail sent to somebody again whose address could not be reached. Twice is once.

    Raises:
        NotFound: nobody by that id.
    """
    person = access.person(ctx, person_id, lock=True)
    if person.bounced_at is None:
        return
    person.bounced_at, person.bounce_reason = None, ""
    ctx.record(ActivityKind.PERSON_REACHABLE, subject_id=person.id, name=person.name)


@step
def row(person: Person, company: str, teams: str) -> PersonRow:
    """A person as shown."""
    return PersonRow(
        person.id, person.name, person.email, person.role, initials(person.name), person.is_active, person.availability,
        company, teams, person.phone, person.job_title, person.timezone,
        person.last_seen_at.isoformat() if person.last_seen_at else "", person.created_at.isoformat(),
        person.company_id or 0, person.is_company_manager, person.capacity, site_id=person.site_id or 0,
        picture=picture_of(person),
        has_password=person.password_hash is not None, calendar_id=person.calendar_id or 0,
        bounce_reason=(person.bounce_reason or "It comes back.") if person.bounced_at else "",
    )  # fmt: skip


def _facts(ctx: Context, person: Person) -> dict[str, Any]:
    ctx.session.flush()
    company = ctx.session.get(Company, person.company_id) if person.company_id else None
    site = ctx.session.get(Site, person.site_id) if person.site_id else None
    hours = ctx.session.get(BusinessCalendar, person.calendar_id) if person.calendar_id else None
    skills_ = (
        select(Skill.name)
        .join(PersonSkill, col(PersonSkill.skill_id) == Skill.id)
        .where(PersonSkill.person_id == person.id)
        .order_by(Skill.name)
    )
    names = ("name", "email", "role", "phone", "job_title", "timezone", "is_company_manager", "capacity")
    return arranging.facts(person, *names) | {
        "company": company.name if company else "",
        "site": site.name if site else "",
        "hours": hours.name if hours else "",
        "teams": _team_names(ctx, [person.id]).get(person.id, ""),
        "skills": list(ctx.session.exec(skills_).all()),
    }


def _invite(ctx: Context, person: Person) -> None:
    sign_in.void_resets(ctx, person.id)
    token = sign_in.reset_token(ctx, person, INVITATION_LIFE)
    ctx.record(ActivityKind.PERSON_INVITED, subject_id=person.id, name=person.name)
    ctx.letters.append(("invitation", person.id, {"token": token, "inviter": ctx.actor.name}))


def _capacity(number: int) -> int:
    if not 0 <= number <= MOST_TICKETS:
        raise Invalid(capacity=f"Use 0 to {MOST_TICKETS} tickets.")
    return number


def _work(ctx: Context, person: Person, calendar_id: int | None) -> None:
    """Give them working hours; processes keep in mind which calendars are anybody's."""
    if (calendar_id or None) == person.calendar_id:
        return
    if person.role not in ASSIGNABLE:
        raise Invalid(calendar_id="Only people who can be given tickets have working hours.")
    if calendar_id and ctx.session.get(BusinessCalendar, access.whole(calendar_id)) is None:
        raise Invalid(calendar_id="Choose one of the calendars.")
    person.calendar_id = calendar_id or None
    organizations.catalog_changed(ctx)


def _check_place(ctx: Context, company_id: int | None, site_id: int | None) -> None:
    if company_id:
        access.one(ctx, Company, company_id, what="company")
    if site_id and access.one(ctx, Site, site_id, what="site").company_id != company_id:
        raise Invalid(site_id="Choose one of the company's sites.")


def _learn(ctx: Context, person: Person, skill_ids: tuple[int, ...]) -> None:
    wanted = {int(one) for one in skill_ids}
    if len(ctx.session.exec(select(Skill.id).where(col(Skill.id).in_(wanted or {-1}))).all()) != len(wanted):
        raise Invalid(skill_ids="Choose skills from the list.")
    if wanted and person.role not in ASSIGNABLE:
        raise Invalid(skill_ids="Only people who can be given tickets have skills.")
    known = ctx.session.exec(select(PersonSkill).where(PersonSkill.person_id == person.id)).all()
    for one in known:
        if one.skill_id not in wanted:
            ctx.session.delete(one)
    for skill_id in wanted - {one.skill_id for one in known}:
        ctx.session.add(PersonSkill(person_id=person.id, skill_id=skill_id))


@step
def picture_of(person: Person) -> str:
    """The address of somebody's picture, another one whenever it changes; empty for initials."""
    return picture_at(person.id, person.picture_key)


@step
def picture_at(person_id: int, picture_key: str) -> str:
    """The same, by what it is made of."""
    return f"/files/people/{person_id}?v={picture_key[:8]}" if picture_key else ""


@step
def sees_picture(ctx: Context, person_id: int, role: str) -> bool:
    """Whether the actor may see somebody's picture: customers see those who work here, and themselves."""
    return ctx.actor.is_staff or role in STAFF or person_id == ctx.actor.person_id


def _check_role(ctx: Context, role: str) -> None:
    if role not in set(Role):
        raise Invalid(role="Choose one of the roles.")
    if role not in _ADMIN_GIVES and not may(ctx.actor, Permission.ROLE_MANAGE):
        raise NotAllowed("Only an owner can make somebody an administrator.")


def _check_rank(ctx: Context, person: Person) -> None:
    outranked = person.role not in _ADMIN_GIVES and not may(ctx.actor, Permission.ROLE_MANAGE)
    if outranked and person.id != ctx.actor.person_id:
        raise NotAllowed("Only an owner can change an administrator.")


def _zone(timezone: str) -> str:
    if timezone and timezone not in zoneinfo.available_timezones():
        raise Invalid(timezone="Choose a time zone from the list.")
    return timezone


def _join(ctx: Context, person: Person, team_ids: tuple[int, ...]) -> None:
    wanted = {int(one) for one in team_ids}
    if wanted - set(catalog.current(ctx).team_by_id):
        raise Invalid(team_ids="Choose teams from the list.")
    if wanted and person.role not in ASSIGNABLE:
        raise Invalid(team_ids="Only people who can be given tickets can be in a team.")
    members = ctx.session.exec(select(TeamMember).where(TeamMember.person_id == person.id)).all()
    for member in members:
        if member.team_id not in wanted:
            ctx.session.delete(member)
    for team_id in wanted - {member.team_id for member in members}:
        ctx.session.add(TeamMember(team_id=team_id, person_id=person.id))


def _team_names(ctx: Context, person_ids: list[int]) -> dict[int, str]:
    if not person_ids:
        return {}
    query = (
        select(TeamMember.person_id, func.string_agg(Team.name, ", "))
        .join(Team, col(Team.id) == TeamMember.team_id)
        .where(col(TeamMember.person_id).in_(person_ids))
        .group_by(col(TeamMember.person_id))
    )
    return dict(ctx.session.exec(query).all())
