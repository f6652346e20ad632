"""Everything an organization can arrange, as one text: written, compared with now, applied whole or not at all, rolled back.

A new thing to arrange is one entry in SECTIONS. Applying goes through the same verbs as the settings' pages, and only for
what differs: so permissions, checks and the audit are the same, and applying what was exported changes nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StrictBool, TypeAdapter, ValidationError
from sqlmodel import col, select

from helpdesk.domain import configuration as texts
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.configuration import Change, Problem, Refused, Text
from helpdesk.domain.errors import Conflict, HelpdeskError, Invalid
from helpdesk.domain.people import ASSIGNABLE, Role
from helpdesk.domain.permissions import Permission
from helpdesk.domain.tickets import StatusCategory
from helpdesk.models import (
    Category,
    ConfigurationVersion,
    Organization,
    Person,
    Priority,
    Skill,
    Status,
    Tag,
    Team,
    TeamMember,
)
from helpdesk.services import access, catalog, organizations, priorities, promises, skills, statuses, tags, teams
from helpdesk.services.context import Context, requires

FORMAT = 1
MOST_CHANGES = 2000
MOST_ENTRIES = 1000
APPLIED, ROLLED_BACK, KEPT = "applied", "rolled back", "kept"


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A configuration as it once was."""

    id: int
    at: str
    who: str
    kind: str
    changes: tuple[str, ...] = ()


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, coerce_numbers_to_str=True)


class _Organization(_Entry):
    name: str
    reference_prefix: str
    timezone: str
    accent: str
    public_form: StrictBool
    auto_close_hours: int
    warning_share: int
    two_factor_roles: list[Role] = []
    attachment_megabytes: int = 0
    attachment_types: list[str] = []


class _Status(_Entry):
    slug: str
    label: str
    customer_label: str
    category: StatusCategory
    colour: str
    aliases: list[str] = []
    active: StrictBool = True


class _Ways(_Entry):
    role: str
    closed: list[str]


class _Priority(_Entry):
    slug: str
    label: str
    rank: int
    colour: str
    aliases: list[str] = []


class _Category(_Entry):
    name: str
    description: str = ""
    colour: str = "gray"
    team: str | None = None
    active: StrictBool = True


class _Tag(_Entry):
    name: str
    colour: str = "gray"


class _Team(_Entry):
    name: str
    strategy: str
    active: StrictBool = True
    members: list[str] = []


class _Skill(_Entry):
    name: str


class _Calendar(_Entry):
    name: str
    timezone: str
    week: dict[str, list[str]] = {}
    holidays: dict[date, str] = {}


def _normal_span(text: str) -> str:
    return texts.span(texts.duration(text))


class _Policy(_Entry):
    name: str
    calendar: str | None = None
    active: StrictBool = True
    targets: dict[str, dict[str, Annotated[str, AfterValidator(_normal_span)]]] = {}


@dataclass(frozen=True)
class Section:
    """One part of the text.

    Args:
        read: what stands now, as plain data; a mapping, or a list of mappings with `key`.
        save: creates or changes one entry.
        remove: deletes one by its key; without it, what the text does not name stays.
        order: puts the entries in the order of their keys.
    """

    name: str
    about: str
    model: type[_Entry]
    read: Callable[[Context], Any]
    save: Callable[[Context, Any], None]
    key: str = ""
    remove: Callable[[Context, str], None] | None = None
    order: Callable[[Context, list[str]], None] | None = None


@requires(Permission.CONFIGURATION_MANAGE)
def export(ctx: Context) -> str:
    """Everything as one text."""
    values: dict[str, Any] = {"format": FORMAT} | {section.name: section.read(ctx) for section in SECTIONS}
    about = {"format": f"The arrangements of {catalog.current(ctx).organization.name}."}
    return texts.write(values, about | {section.name: section.about for section in SECTIONS})


@requires(Permission.CONFIGURATION_MANAGE)
def differences(ctx: Context, text: str) -> list[Change]:
    """What applying a text would change. Sections it leaves out stay as they are.

    Raises:
        Refused: the text cannot be read, or says something that cannot be; with its lines.
    """
    return _differences(ctx, _read(text))


@requires(Permission.CONFIGURATION_MANAGE)
def apply(ctx: Context, text: str, *, expected: str = "") -> list[Change]:
    """Arrange everything as a text says, in one transaction; returns what was changed.

    Args:
        expected: the fingerprint of the changes somebody has looked at.

    Raises:
        Refused: something cannot be; nothing was changed. Names the line.
        Conflict: the desk has changed since somebody looked.
    """
    return _apply(ctx, text, APPLIED, expected)


@requires(Permission.CONFIGURATION_MANAGE)
def versions(ctx: Context, *, size: int = 100) -> list[VersionRow]:
    """Every configuration that was applied, newest first."""
    rows = ctx.session.exec(
        select(ConfigurationVersion).order_by(col(ConfigurationVersion.id).desc()).limit(size)
    ).all()
    return [VersionRow(row.id, row.at.isoformat(), row.actor_name, row.kind, tuple(row.changes)) for row in rows]


@requires(Permission.CONFIGURATION_MANAGE)
def version(ctx: Context, version_id: int) -> str:
    """The text of a version.

    Raises:
        NotFound: there is none.
    """
    return access.one(ctx, ConfigurationVersion, version_id, what="version").text


@requires(Permission.CONFIGURATION_MANAGE)
def roll_back(ctx: Context, version_id: int) -> list[Change]:
    """Arrange everything as it stood after a version; returns what was changed.

    Raises:
        Refused: something that has come since stands in the way, such as tickets with a new status.
        NotFound: no such version.
    """
    return _apply(ctx, access.one(ctx, ConfigurationVersion, version_id, what="version").text, ROLLED_BACK, "")


def _apply(ctx: Context, text: str, kind: str, expected: str) -> list[Change]:
    # Two who apply at the same moment would mix what they want.
    ctx.session.exec(select(Organization).with_for_update(key_share=True)).one()
    read = _read(text)
    changes = _differences(ctx, read)
    if expected and expected != texts.fingerprint(changes):
        raise Conflict("The desk has changed since you looked. Look at the difference again.")
    if not changes:
        return []
    if len(changes) > MOST_CHANGES:
        raise Refused([Problem(1, "", f"That is {len(changes)} changes; apply at most {MOST_CHANGES} at once.")])
    ctx.limit = max(ctx.limit, 3 * len(changes) + 100)
    _keep(ctx, KEPT, [])
    applied = ctx.record(ActivityKind.CONFIGURATION_APPLIED, summary=texts.summary(changes), before={}, after={})
    with ctx.because(applied):
        for stage in ("added", "changed", "removed", "ordered"):
            # What is removed may be used by later sections until they have changed.
            for section in SECTIONS if stage != "removed" else reversed(SECTIONS):
                _settle(
                    ctx, section, read, [one for one in changes if one.section == section.name and one.kind == stage]
                )
    ctx.session.flush()
    _keep(ctx, kind, [str(change) for change in changes])
    return changes


def _settle(ctx: Context, section: Section, read: "_Read", changes: Sequence[Change]) -> None:
    entries: Any = read.entries.get(section.name)
    for change in changes:
        with _told(read.text, section, change.entry, entries):
            if not section.key:
                section.save(ctx, entries)
            elif change.kind == "removed":
                assert section.remove is not None
                section.remove(ctx, change.entry)
            elif change.kind == "ordered":
                assert section.order is not None
                section.order(ctx, [getattr(one, section.key) for one in entries])
            else:
                section.save(ctx, next(one for one in entries if getattr(one, section.key) == change.entry))
        ctx.session.flush()


@contextmanager
def _told(text: Text, section: Section, entry: str, entries: Any) -> Iterator[None]:
    """What a verb refuses is told with the line that asked for it."""
    try:
        yield
    except Refused:
        raise
    except HelpdeskError as error:
        path: texts.Path = (section.name,)
        if section.key and isinstance(entries, list):
            place = next((number for number, one in enumerate(entries) if getattr(one, section.key) == entry), None)
            path = path if place is None else (*path, place)
        fields = error.fields if isinstance(error, Invalid) else {}
        line = text.line((*path, next(iter(fields)))) if fields else text.line(path)
        raise Refused([Problem(line, _where(section.name, entry), error.message)]) from None


def _keep(ctx: Context, kind: str, changes: list[str]) -> None:
    text = export(ctx)
    if kind == KEPT:
        newest = ctx.session.exec(select(ConfigurationVersion).order_by(col(ConfigurationVersion.id).desc())).first()
        if newest is not None and newest.text == text:
            return
    ctx.session.add(
        ConfigurationVersion(
            text=text, changes=changes, kind=kind, actor_id=ctx.actor.person_id, actor_name=ctx.actor.name, at=ctx.now
        )
    )
    ctx.session.flush()


@dataclass(frozen=True)
class _Read:
    text: Text
    entries: dict[str, Any]


def _read(text: str) -> _Read:
    """A text whose sections have the right shape."""
    found = texts.parse(text)
    problems, entries = [], {}
    by_name = {section.name: section for section in SECTIONS}
    if found.values.get("format") != FORMAT:
        problems.append(Problem(found.line(("format",)), "format", f"The text must begin with “format: {FORMAT}”."))
    for name, value in found.values.items():
        if name == "format":
            continue
        section = by_name.get(name)
        if section is None:
            known = ", ".join(by_name)
            problems.append(Problem(found.line((name,)), name, f"There is no such section. There are: {known}."))
            continue
        try:
            entries[name] = _shape(section, value)
        except ValidationError as error:
            problems += _problems(found, section, value, error)
            continue
        problems += _doubles(found, section, entries[name])
    if problems:
        raise Refused(problems)
    return _Read(found, entries)


def _shape(section: Section, value: Any) -> Any:
    if not section.key:
        return section.model.model_validate(value)
    # "tags:" with nothing below is an empty list.
    model: Any = section.model
    return TypeAdapter(list[model]).validate_python([] if value is None else value)


def _problems(found: Text, section: Section, value: Any, error: ValidationError) -> Iterator[Problem]:
    for one in error.errors(include_url=False, include_context=False):
        loc = tuple(part for part in one["loc"] if part != "[key]")
        entry = ""
        if section.key and loc and isinstance(loc[0], int) and isinstance(value, list):
            raw = value[loc[0]]
            entry = (
                str(raw.get(section.key, f"number {loc[0] + 1}")) if isinstance(raw, dict) else f"number {loc[0] + 1}"
            )
        field = " › ".join(str(part) for part in loc if not isinstance(part, int))
        what = _SAID.get(one["type"], one["msg"].removeprefix("Value error, "))
        yield Problem(found.line((section.name, *loc)), _where(section.name, entry, field), what)


_SAID = {
    "missing": "This is missing.",
    "extra_forbidden": "There is no such field here.",
    "bool_type": "Use true or false.",
    "int_parsing": "Use a whole number.",
    "int_type": "Use a whole number.",
    "list_type": "Use a list: lines that begin with “- ”.",
    "model_type": "Use fields and values, such as “name: Support”.",
}


def _doubles(found: Text, section: Section, entries: Any) -> Iterator[Problem]:
    if not section.key:
        return
    if len(entries) > MOST_ENTRIES:
        yield Problem(found.line((section.name,)), section.name, f"Use at most {MOST_ENTRIES} entries.")
    seen: set[str] = set()
    for number, entry in enumerate(entries):
        name = getattr(entry, section.key)
        if name in seen:
            yield Problem(found.line((section.name, number)), _where(section.name, name), "It stands here twice.")
        seen.add(name)


def _where(section: str, entry: str, field: str = "") -> str:
    return " › ".join(part for part in (section, entry, field) if part)


def _differences(ctx: Context, read: _Read) -> list[Change]:
    changes = []
    for section in SECTIONS:
        if section.name not in read.entries:
            continue
        then = read.entries[section.name]
        changes += texts.compare(
            section.name, _plain(section, _shape(section, section.read(ctx))), _plain(section, then), key=section.key,
            is_ordered=section.order is not None, keeps_absent=section.remove is None,
        )  # fmt: skip
    return changes


def _plain(section: Section, entries: Any) -> Any:
    if not section.key:
        return entries.model_dump(mode="json")
    return [one.model_dump(mode="json") for one in entries]


# ---- The sections: how each is read, saved, removed and put in order -------------------------------------------------


def _organization_now(ctx: Context) -> dict[str, Any]:
    now = organizations.mine(ctx)
    return {name: getattr(now, name) for name in _Organization.model_fields} | {
        "two_factor_roles": list(now.two_factor_roles),
        "attachment_types": list(now.attachment_types),
    }


def _save_organization(ctx: Context, wanted: _Organization) -> None:
    organizations.change(ctx, **wanted.model_dump())


def _statuses_now(ctx: Context) -> list[dict[str, Any]]:
    rows = ctx.session.exec(select(Status).order_by(col(Status.position), col(Status.id))).all()
    return [
        {
            "slug": s.slug, "label": s.label, "customer_label": s.customer_label, "category": s.category,
            "colour": s.colour, "aliases": list(s.aliases), "active": s.is_active,
        }
        for s in rows
    ]  # fmt: skip


def _save_status(ctx: Context, wanted: _Status) -> None:
    known = ctx.session.exec(select(Status.id).where(Status.slug == wanted.slug)).first()
    made = statuses.save(
        ctx, known, label=wanted.label, customer_label=wanted.customer_label, category=wanted.category.value,
        colour=wanted.colour, aliases=wanted.aliases, is_active=wanted.active, slug=wanted.slug,
    )  # fmt: skip
    _check_slug(wanted.slug, ctx.session.get_one(Status, made).slug)


def _ways_now(ctx: Context) -> list[dict[str, Any]]:
    barred = statuses.barred_ways(ctx)
    return [
        {"role": role.value, "closed": [f"{now} -> {to}" for now, to in barred[role.value]]}
        for role in statuses.ROLES
        if role.value in barred
    ]


def _save_ways(ctx: Context, wanted: _Ways) -> None:
    pairs = set()
    for line in wanted.closed:
        now, arrow, to = (part.strip() for part in line.partition("->"))
        if not arrow:
            raise Invalid(closed=f"“{line[:80]}” is no way. Write one such as open -> closed.")
        pairs.add((now, to))
    statuses.bar_ways(ctx, wanted.role, pairs)


def _priorities_now(ctx: Context) -> list[dict[str, Any]]:
    rows = ctx.session.exec(select(Priority).order_by(col(Priority.rank), col(Priority.id))).all()
    return [
        {"slug": p.slug, "label": p.label, "rank": p.rank, "colour": p.colour, "aliases": list(p.aliases)} for p in rows
    ]


def _save_priority(ctx: Context, wanted: _Priority) -> None:
    known = ctx.session.exec(select(Priority.id).where(Priority.slug == wanted.slug)).first()
    made = priorities.save(ctx, known, **wanted.model_dump())
    _check_slug(wanted.slug, ctx.session.get_one(Priority, made).slug)


def _categories_now(ctx: Context) -> list[dict[str, Any]]:
    rows = ctx.session.exec(
        select(Category, Team.name)
        .outerjoin(Team, col(Team.id) == Category.team_id)
        .order_by(col(Category.position), col(Category.id))
    ).all()
    return [
        {"name": c.name, "description": c.description, "colour": c.colour, "team": team, "active": c.is_active}
        for c, team in rows
    ]


def _save_category(ctx: Context, wanted: _Category) -> None:
    known = ctx.session.exec(select(Category.id).where(Category.name == wanted.name)).first()
    team_id = ctx.session.exec(select(Team.id).where(Team.name == wanted.team)).first() if wanted.team else None
    if wanted.team and team_id is None:
        raise Invalid(team=f"There is no team “{wanted.team}”.")
    catalog.save_category(
        ctx, known, name=wanted.name, description=wanted.description, colour=wanted.colour, team_id=team_id,
        is_active=wanted.active,
    )  # fmt: skip


def _tags_now(ctx: Context) -> list[dict[str, Any]]:
    return [{"name": t.name, "colour": t.colour} for t in ctx.session.exec(select(Tag).order_by(Tag.name)).all()]


def _save_tag(ctx: Context, wanted: _Tag) -> None:
    known = ctx.session.exec(select(Tag.id).where(Tag.name == wanted.name)).first()
    tags.save(ctx, known, name=wanted.name, colour=wanted.colour)


def _teams_now(ctx: Context) -> list[dict[str, Any]]:
    members: dict[int, list[str]] = {}
    rows = ctx.session.exec(
        select(TeamMember.team_id, Person.email)
        .join(Person, col(Person.id) == TeamMember.person_id)
        .order_by(Person.email)
    ).all()
    for team_id, email in rows:
        members.setdefault(team_id, []).append(email)
    return [
        {"name": t.name, "strategy": t.strategy, "active": t.is_active, "members": members.get(t.id, [])}
        for t in ctx.session.exec(select(Team).order_by(Team.name)).all()
    ]


def _save_team(ctx: Context, wanted: _Team) -> None:
    known = ctx.session.exec(select(Team.id).where(Team.name == wanted.name)).first()
    emails = {email.lower() for email in wanted.members}
    found = dict(
        ctx.session.exec(
            select(Person.email, Person.id).where(
                col(Person.email).in_(emails or {""}), col(Person.role).in_(ASSIGNABLE)
            )
        ).all()
    )
    if missing := sorted(emails - set(found)):
        raise Invalid(members=f"Nobody who can be given tickets has the address {missing[0]}.")
    teams.save(
        ctx, known, name=wanted.name, strategy=wanted.strategy, is_active=wanted.active,
        member_ids=tuple(found.values()),
    )  # fmt: skip


def _skills_now(ctx: Context) -> list[dict[str, Any]]:
    return [{"name": name} for name in ctx.session.exec(select(Skill.name).order_by(Skill.name)).all()]


def _save_skill(ctx: Context, wanted: _Skill) -> None:
    skills.save(ctx, name=wanted.name)


def _save_calendar(ctx: Context, wanted: _Calendar) -> None:
    promises.save_calendar(ctx, **wanted.model_dump())


def _save_policy(ctx: Context, wanted: _Policy) -> None:
    targets = {
        slug: {metric: texts.duration(length) for metric, length in promised.items()}
        for slug, promised in wanted.targets.items()
    }
    promises.save_policy(ctx, name=wanted.name, calendar=wanted.calendar, is_active=wanted.active, targets=targets)


def _check_slug(wanted: str, made: str) -> None:
    if wanted != made:
        raise Invalid(slug=f"Use lower-case letters, digits and underscores, such as {made}.")


def _id_of(ctx: Context, model: Any, column: Any, value: str) -> int:
    found: int = ctx.session.exec(select(model.id).where(column == value)).one()
    return found


# In the order of the text, and in the order they are applied: what others refer to comes first.
SECTIONS: tuple[Section, ...] = (
    Section(
        "organization", "The organization's own settings. Its logo is not part of this text.", _Organization,
        _organization_now, _save_organization,
    ),
    Section(
        "skills", "What people can do.", _Skill, _skills_now, _save_skill, "name",
        remove=lambda ctx, name: skills.delete(ctx, _id_of(ctx, Skill, Skill.name, name)),
    ),
    Section(
        "teams", "Who shares a queue. Members by e-mail address.", _Team, _teams_now, _save_team, "name",
        remove=lambda ctx, name: teams.delete(ctx, _id_of(ctx, Team, Team.name, name)),
    ),
    Section(
        "statuses", "Where tickets stand, in order. The slug is what stays when the label changes.", _Status,
        _statuses_now, _save_status, "slug",
        remove=lambda ctx, slug: statuses.delete(ctx, _id_of(ctx, Status, Status.slug, slug)),
        order=lambda ctx, slugs: statuses.reorder(ctx, [_id_of(ctx, Status, Status.slug, one) for one in slugs]),
    ),
    Section(
        "transitions", "Ways from one status to another that are closed to a role; every other way is open.", _Ways,
        _ways_now, _save_ways, "role", remove=lambda ctx, role: statuses.bar_ways(ctx, role, set()),
    ),
    Section(
        "priorities", "How urgent something is; a higher rank is more urgent.", _Priority, _priorities_now,
        _save_priority, "slug",
        remove=lambda ctx, slug: priorities.delete(ctx, _id_of(ctx, Priority, Priority.slug, slug)),
    ),
    Section(
        "categories", "What requests are about, in the order customers choose from.", _Category, _categories_now,
        _save_category, "name",
        remove=lambda ctx, name: catalog.delete_category(ctx, _id_of(ctx, Category, Category.name, name)),
        order=lambda ctx, names: catalog.reorder_categories(
            ctx, [_id_of(ctx, Category, Category.name, one) for one in names]
        ),
    ),
    Section(
        "tags", "Tags and their colours. Tags that are not named here stay: agents make them as they go.", _Tag,
        _tags_now, _save_tag, "name",
    ),
    Section(
        "calendars", "When time counts. An empty week counts around the clock.", _Calendar, promises.calendars,
        _save_calendar, "name", remove=promises.delete_calendar,
    ),
    Section(
        "sla_policies", "What is promised, by priority. Running clocks go on as they began.", _Policy, promises.policies,
        _save_policy, "name", remove=promises.delete_policy, order=promises.reorder_policies,
    ),
)  # fmt: skip
