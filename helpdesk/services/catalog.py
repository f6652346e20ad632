"""The catalog: statuses, priorities, categories, teams, tags and SLA policies, kept in memory under a version.

Every unit of work learns the organization's catalog version with its first statement; a process reads the catalog only
when the version it holds differs. So nothing is ever stale, and most units of work read nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from helpdesk import log
from helpdesk.domain import calendars, escalation
from helpdesk.domain import rules as language
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.business_hours import ALWAYS_OPEN, Calendar, Range
from helpdesk.domain.conditions import Field as ConditionField
from helpdesk.domain.conditions import Group, Use, from_json
from helpdesk.domain.custom_fields import Field, FieldKind
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.integrations import System
from helpdesk.domain.permissions import Permission
from helpdesk.domain.sla import Metric
from helpdesk.domain.text import one_line
from helpdesk.domain.tickets import StatusCategory, Strategy
from helpdesk.models import (
    BarredTransition,
    BusinessCalendar,
    Category,
    CustomField,
    EscalationPolicy,
    EscalationStep,
    Integration,
    Organization,
    Person,
    Priority,
    Rule,
    Skill,
    SlaPolicy,
    SlaTarget,
    Status,
    Tag,
    Team,
    Ticket,
    WebhookEndpoint,
)
from helpdesk.services import access, arranging, organizations
from helpdesk.services.context import Context, anyone, requires, step

COLOURS = arranging.COLOURS
_FACTS = ("name", "description", "colour", "is_active")
NO_CONDITIONS = Group()
_KINDS = (ActivityKind.CATEGORY_CREATED, ActivityKind.CATEGORY_CHANGED)


@dataclass(frozen=True, slots=True)
class StatusRow:
    """A status as shown."""

    id: int
    slug: str
    label: str
    customer_label: str
    category: StatusCategory
    colour: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class PriorityRow:
    """A priority as shown."""

    id: int
    slug: str
    label: str
    rank: int
    colour: str


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category as shown."""

    id: int
    name: str
    description: str = ""
    colour: str = "gray"
    team_id: int | None = None
    team: str = ""
    is_active: bool = True
    skill_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team as shown."""

    id: int
    name: str
    strategy: str = "round_robin"
    is_active: bool = True
    hands_back: bool = False
    skill_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag as shown."""

    id: int
    name: str
    colour: str = "gray"


@dataclass(frozen=True, slots=True)
class Policy:
    """An SLA policy: whom it is for, when its time counts, its targets by (priority id, metric), and when it warns.

    Args:
        warning_share: percent of a target; None: the organization's.
    """

    id: int
    name: str
    calendar: Calendar
    targets: Mapping[tuple[int, Metric], timedelta]
    conditions: Group = NO_CONDITIONS
    warning_share: int | None = None


@dataclass(frozen=True, slots=True)
class RuleCard:
    """An active rule, read and ready."""

    id: int
    name: str
    rule: language.Rule
    explains_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class HookCard:
    """An active webhook endpoint, and what it hears of."""

    id: int
    name: str
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class IntegrationCard:
    """An active integration, and what it is told of."""

    id: int
    system: str
    kinds: frozenset[str]
    team_ids: frozenset[int]
    least_rank: int

    @property
    def hears(self) -> frozenset[str]:
        """The kinds it listens for: an incident ends when the ticket is done, whether or not it asked for that."""
        is_incident = self.system == System.PAGERDUTY
        return self.kinds | {ActivityKind.TICKET_STATUS_CHANGED.value} if is_incident else self.kinds


@dataclass(frozen=True)
class Catalog:
    """One organization's arrangement at one version."""

    organization: organizations.OrganizationRow
    statuses: tuple[StatusRow, ...]
    priorities: tuple[PriorityRow, ...]
    categories: tuple[CategoryRow, ...]
    teams: tuple[TeamRow, ...]
    tags: tuple[TagRow, ...]
    policies: tuple[Policy, ...]
    # Those that are off too: what they promised goes on by their calendars.
    policy_by_id: dict[int, Policy]
    fields: tuple[Field, ...]
    # Active ones, with their steps.
    escalations: tuple[escalation.Policy, ...]
    # Names of skills by id.
    skills: dict[int, str]
    # The working hours people have, by their calendar's id.
    hours: dict[int, Calendar]
    # (role, from, to): the ways from one status to another that are closed to a role.
    barred: frozenset[tuple[str, int, int]]
    rules: tuple[RuleCard, ...]
    hooks: tuple[HookCard, ...]
    integrations: tuple[IntegrationCard, ...]
    # Business hours where no policy says otherwise: the organization's first calendar; always open without any.
    usual_hours: Calendar
    _words: dict[str, int]
    _priority_words: dict[str, int]

    @cached_property
    def status_by_id(self) -> dict[int, StatusRow]:
        """id -> status."""
        return {row.id: row for row in self.statuses}

    @cached_property
    def priority_by_id(self) -> dict[int, PriorityRow]:
        """id -> priority."""
        return {row.id: row for row in self.priorities}

    @cached_property
    def category_by_id(self) -> dict[int, CategoryRow]:
        """id -> category."""
        return {row.id: row for row in self.categories}

    @cached_property
    def field_by_id(self) -> dict[int, Field]:
        """id -> custom field."""
        return {row.id: row for row in self.fields}

    @cached_property
    def rules_by_trigger(self) -> dict[language.Trigger, tuple[RuleCard, ...]]:
        """trigger -> the active rules that wait for it, in their order."""
        return {one: tuple(card for card in self.rules if card.rule.trigger is one) for one in language.Trigger}

    @cached_property
    def integrated_kinds(self) -> frozenset[str]:
        """Kinds of activity some other system is told of."""
        return frozenset(kind for one in self.integrations for kind in one.hears)

    @cached_property
    def hooked_kinds(self) -> frozenset[str]:
        """Kinds of activity some webhook endpoint hears of."""
        return frozenset(kind for one in self.hooks for kind in one.kinds)

    @cached_property
    def team_by_id(self) -> dict[int, TeamRow]:
        """id -> team."""
        return {row.id: row for row in self.teams}

    @cached_property
    def tag_by_id(self) -> dict[int, TagRow]:
        """id -> tag."""
        return {row.id: row for row in self.tags}

    @cached_property
    def also_status(self) -> dict[int, tuple[str, ...]]:
        """id -> every word a status goes by, in lower case."""
        return _also(self._words)

    @cached_property
    def also_priority(self) -> dict[int, tuple[str, ...]]:
        """id -> every word a priority goes by, in lower case."""
        return _also(self._priority_words)

    def status(self, word: str) -> StatusRow:
        """A status by slug, label or alias, in any case.

        Raises:
            Invalid: no status by that name; lists those there are.
        """
        found = self._words.get(str(word).strip().lower())
        if found is None:
            raise Invalid(
                status=f"There is no status “{str(word)[:60]}”. Use one of: {', '.join(s.slug for s in self.statuses)}."
            )
        return self.status_by_id[found]

    def first_status(self, category: StatusCategory) -> StatusRow:
        """The first status in use of a category, in the organization's order."""
        return next(row for row in self.statuses if row.category is category and row.is_active)

    def is_barred(self, role: str | None, now_id: int, target_id: int) -> bool:
        """Whether the organization keeps a role from turning one status into another."""
        return role is not None and (str(role), now_id, target_id) in self.barred

    def priority(self, word: str) -> PriorityRow:
        """A priority by slug, label or alias, in any case.

        Raises:
            Invalid: no priority by that name; lists those there are.
        """
        found = self._priority_words.get(str(word).strip().lower())
        if found is None:
            raise Invalid(
                priority=f"There is no priority “{str(word)[:60]}”. Use one of: {', '.join(p.slug for p in self.priorities)}."
            )
        return self.priority_by_id[found]

    @property
    def default_priority(self) -> PriorityRow:
        """What a ticket gets when nobody chooses: medium, or whatever is in the middle without it."""
        middle = self.priorities[(len(self.priorities) - 1) // 2]
        return next((row for row in self.priorities if row.slug == "medium"), middle)

    def category(self, category_id: int | None) -> CategoryRow | None:
        """An active category by id; None for None.

        Raises:
            Invalid: no such category, or no longer in use.
        """
        if not category_id:
            return None
        found = self.category_by_id.get(int(category_id))
        if found is None or not found.is_active:
            raise Invalid(category="Choose one of the categories.")
        return found

    def skill_names(self, skill_ids: Sequence[int]) -> list[str]:
        """What skills are called, by name."""
        return sorted(self.skills[one] for one in skill_ids if one in self.skills)

    @cached_property
    def asked_for_policies(self) -> frozenset[ConditionField]:
        """What the conditions of the policies ask about a ticket."""
        return language.needs(policy.conditions for policy in self.policies)

    @cached_property
    def promises_next(self) -> bool:
        """Whether any policy promises when the customer's further questions are answered."""
        return any(metric is Metric.NEXT_RESPONSE for policy in self.policies for _, metric in policy.targets)

    @property
    def usual_policy(self) -> Policy | None:
        """The first policy that is for everybody."""
        return next((policy for policy in self.policies if not policy.conditions.parts), None)

    def policy_for(self, facts: language.Facts) -> Policy | None:
        """The policy a ticket falls under: the one it was put under, else the first active one whose conditions hold."""
        return policy_among(self.policies, facts)

    def warning_share(self, policy: Policy | None) -> int:
        """After which percent of a target to warn."""
        own = policy.warning_share if policy else None
        return self.organization.warning_share if own is None else own


@step
def policy_among(policies: Sequence[Policy], facts: language.Facts) -> Policy | None:
    """Which of some policies a ticket falls under: the one it was put under, else the first whose conditions hold."""
    chosen = facts.values.get(language.CHOSEN_POLICY, frozenset())
    found = next((one for one in policies if str(one.id) in chosen), None) if chosen else None
    return found or next((one for one in policies if language.holds(one.conditions, facts)), None)


_logger = log.get(__name__)
_kept: dict[int, tuple[int, Catalog]] = {}


@step
def current(ctx: Context) -> Catalog:
    """The organization's catalog as this unit of work sees it."""
    if ctx.catalog_changed:
        # Uncommitted: never kept, or a rollback would leave its number on something else.
        ctx.session.flush()
        return _load(ctx)
    kept = _kept.get(ctx.organization_id)
    if kept and kept[0] == ctx.catalog_version:
        return kept[1]
    loaded = _load(ctx)
    _kept[ctx.organization_id] = (ctx.catalog_version, loaded)
    return loaded


@step
def today(ctx: Context) -> date:
    """The day it is at the organization."""
    return ctx.now.astimezone(ZoneInfo(current(ctx).organization.timezone)).date()


@step
def keep_what_policies_ask(ctx: Context, field: ConditionField, value: str, name: str) -> None:
    """Refuse to delete what an SLA or escalation policy asks for: it would quietly be for nobody; or a team it tells.

    Raises:
        Conflict: the policy, by name.
    """
    sla = ctx.session.exec(select(SlaPolicy).order_by(col(SlaPolicy.position))).all()
    escalating = ctx.session.exec(select(EscalationPolicy).order_by(col(EscalationPolicy.position))).all()
    for kind, rows in (("SLA", sla), ("escalation", escalating)):
        for row in rows:
            if any(one.field is field and value in one.values for one in _conditions(row.conditions)):
                raise Conflict(f"The {kind} policy “{row.name}” asks for “{name}”. Change that first.")
    if field is ConditionField.TEAM:
        steps = escalation_steps(ctx) if escalating else {}
        for policy in escalating:
            if any(f"team:{value}" in step.whom for step in steps.get(policy.id, ())):
                raise Conflict(f"The escalation policy “{policy.name}” tells “{name}”. Change that first.")


@anyone
def categories(ctx: Context) -> tuple[CategoryRow, ...]:
    """The categories people may choose from."""
    return tuple(row for row in current(ctx).categories if row.is_active)


@requires(Permission.CATALOG_MANAGE)
def all_categories(ctx: Context) -> tuple[CategoryRow, ...]:
    """Every category, those out of use included."""
    return current(ctx).categories


@requires(Permission.CATALOG_MANAGE)
def save_category(
    ctx: Context,
    category_id: int | None = None,
    *,
    name: str,
    description: str = "",
    colour: str = "gray",
    team_id: int | None = None,
    is_active: bool = True,
    skill_ids: Sequence[int] = (),
) -> int:
    """Create a category, or change the one with `category_id`; returns its id.

    Args:
        skill_ids: what somebody must be able to do who is given such a ticket by skill.

    Raises:
        Invalid: no name, unknown colour, team or skill.
        Conflict: another category has the name.
        NotFound: no such category.
    """
    name = arranging.checked_name(name, most=120, what="the category")
    arranging.checked_colour(colour)
    teams = current(ctx).team_by_id
    if team_id and team_id not in teams:
        raise Invalid(team_id="Choose one of the teams.")
    wanted = checked_skills(ctx, skill_ids)
    twin = ctx.session.exec(select(Category.id).where(Category.name == name)).first()
    if twin and twin != category_id:
        raise Conflict(f"There is a category “{name}” already.")
    category = access.one(ctx, Category, category_id, what="category") if category_id else None
    before = _category_facts(ctx, category) if category else None
    category = category or Category(name=name, position=len(current(ctx).categories))
    category.name, category.description, category.colour = name, one_line(description)[:500], colour
    category.team_id, category.is_active, category.skill_ids = team_id or None, is_active, wanted
    ctx.session.add(category)
    ctx.session.flush()
    arranging.wrote(ctx, _KINDS, category.id, name, before, _category_facts(ctx, category))
    return category.id


@requires(Permission.CATALOG_MANAGE)
def reorder_categories(ctx: Context, ids: Sequence[int]) -> None:
    """Put the categories in the order customers choose from.

    Raises:
        Conflict: the list has changed meanwhile.
    """
    rows = ctx.session.exec(select(Category).order_by(col(Category.position), col(Category.id))).all()
    arranging.in_order(ctx, ActivityKind.CATEGORY_ORDERED, rows, ids, label="name")


@requires(Permission.CATALOG_MANAGE)
def delete_category(ctx: Context, category_id: int) -> None:
    """Remove a category no ticket has.

    Raises:
        Conflict: tickets have it, or a custom field is asked for it.
        NotFound: no such category.
    """
    category = access.one(ctx, Category, category_id, what="category")
    number = ctx.session.exec(select(func.count()).select_from(Ticket).where(Ticket.category_id == category.id)).one()
    if number:
        have = "1 ticket has" if number == 1 else f"{number} tickets have"
        raise Conflict(f"{have} the category “{category.name}”. Switch it off instead.")
    asks = next((one for one in current(ctx).fields if category.id in one.category_ids), None)
    if asks is not None:
        raise Conflict(f"The custom field “{asks.label}” is asked for “{category.name}”. Change that first.")
    keep_what_policies_ask(ctx, ConditionField.CATEGORY, str(category.id), category.name)
    before = _category_facts(ctx, category)
    ctx.session.delete(category)
    ctx.session.flush()
    arranging.deleted(ctx, ActivityKind.CATEGORY_DELETED, category.id, category.name, before)


def _category_facts(ctx: Context, category: Category) -> dict[str, Any]:
    known = current(ctx)
    team = known.team_by_id.get(category.team_id or 0)
    return arranging.facts(category, *_FACTS) | {
        "team": team.name if team else "", "skills": known.skill_names(category.skill_ids),
    }  # fmt: skip


@step
def checked_skills(ctx: Context, skill_ids: Sequence[int]) -> list[int]:
    """Skills that can be asked, by name.

    Raises:
        Invalid: one there is not.
    """
    known = current(ctx).skills
    wanted = {access.whole(one) for one in skill_ids}
    if wanted - known.keys():
        raise Invalid(skill_ids="Choose skills from the list.")
    return sorted(wanted, key=lambda one: known[one])


@step
def tag_ids(ctx: Context, names: list[str]) -> list[int]:
    """Ids of tags by name; unknown names become new tags.

    Raises:
        Invalid: an empty or too long name, or more than 20.
    """
    wanted = list(dict.fromkeys(one_line(name).lower() for name in names if one_line(name)))
    if len(wanted) > 20 or any(len(name) > 60 for name in wanted):
        raise Invalid(tags="Use at most 20 tags of at most 60 characters.")
    known = {row.name: row.id for row in current(ctx).tags}
    fresh = sorted(name for name in wanted if name not in known)
    if fresh:
        # Somebody else may be inventing the same word this moment.
        new = insert(Tag).values([{"name": name, "colour": "gray"} for name in fresh])
        ctx.session.execute(new.on_conflict_do_nothing(index_elements=["organization_id", "name"]))
        known |= dict(ctx.session.exec(select(Tag.name, Tag.id).where(col(Tag.name).in_(fresh))).all())
        organizations.catalog_changed(ctx)
    return [known[name] for name in wanted]


def _load(ctx: Context) -> Catalog:
    session = ctx.session
    statuses = session.exec(select(Status).order_by(col(Status.position), col(Status.id))).all()
    priorities = session.exec(select(Priority).order_by(col(Priority.rank))).all()
    categories_ = session.exec(select(Category).order_by(col(Category.position), col(Category.id))).all()
    teams = session.exec(select(Team).order_by(Team.name)).all()
    tags = session.exec(select(Tag).order_by(Tag.name)).all()
    policies = session.exec(select(SlaPolicy).order_by(col(SlaPolicy.position), col(SlaPolicy.id))).all()
    opening_hours = {row.id: calendar_of(row) for row in session.exec(select(BusinessCalendar)).all()}
    targets: dict[int, dict[tuple[int, Metric], timedelta]] = {}
    for target in session.exec(select(SlaTarget)).all():
        of_policy = targets.setdefault(target.policy_id, {})
        of_policy[(target.priority_id, Metric(target.metric))] = timedelta(seconds=target.seconds)
    team_names = {team.id: team.name for team in teams}
    barred = session.exec(select(BarredTransition)).all()
    organization = session.exec(select(Organization)).one()
    escalating = session.exec(
        select(EscalationPolicy)
        .where(col(EscalationPolicy.is_active))
        .order_by(col(EscalationPolicy.position), col(EscalationPolicy.id))
    ).all()
    steps = escalation_steps(ctx) if escalating else {}
    worked = session.exec(select(Person.calendar_id).where(col(Person.calendar_id).is_not(None)).distinct()).all()
    every_policy = [
        (
            Policy(
                p.id, p.name, opening_hours.get(p.calendar_id or 0, ALWAYS_OPEN), targets.get(p.id, {}),
                _conditions(p.conditions), p.warning_share,
            ),
            p.is_active,
        )
        for p in policies
    ]  # fmt: skip
    return Catalog(
        organization=organizations.row(organization),
        statuses=tuple(
            StatusRow(s.id, s.slug, s.label, s.customer_label, StatusCategory(s.category), s.colour, s.is_active)
            for s in statuses
        ),
        priorities=tuple(PriorityRow(p.id, p.slug, p.label, p.rank, p.colour) for p in priorities),
        categories=tuple(
            CategoryRow(
                c.id,
                c.name,
                c.description,
                c.colour,
                c.team_id,
                team_names.get(c.team_id or 0, ""),
                c.is_active,
                tuple(c.skill_ids),
            )
            for c in categories_
        ),
        teams=tuple(
            TeamRow(t.id, t.name, Strategy(t.strategy), t.is_active, t.hands_back, tuple(t.skill_ids)) for t in teams
        ),
        tags=tuple(TagRow(t.id, t.name, t.colour) for t in tags),
        policies=tuple(policy for policy, is_active in every_policy if is_active),
        policy_by_id={policy.id: policy for policy, _ in every_policy},
        fields=tuple(
            Field(
                f.id,
                f.label,
                FieldKind(f.kind),
                f.help,
                tuple(f.options),
                tuple(f.category_ids),
                f.is_required,
                f.is_public,
                f.is_active,
            )
            for f in session.exec(select(CustomField).order_by(col(CustomField.position), col(CustomField.id))).all()
        ),
        escalations=tuple(escalation_policy(one, steps.get(one.id, [])) for one in escalating),
        skills=dict(session.exec(select(Skill.id, Skill.name)).all()),
        hours={one: opening_hours[one] for one in worked if one in opening_hours},
        barred=frozenset((one.role, one.from_status_id, one.to_status_id) for one in barred),
        rules=tuple(
            _cards(
                session.exec(select(Rule).where(col(Rule.is_active)).order_by(col(Rule.position), col(Rule.id))).all()
            )
        ),
        usual_hours=opening_hours[min(opening_hours)] if opening_hours else ALWAYS_OPEN,
        hooks=tuple(
            HookCard(one.id, one.name, frozenset(one.kinds))
            for one in session.exec(select(WebhookEndpoint).where(col(WebhookEndpoint.is_active))).all()
        ),
        integrations=tuple(
            IntegrationCard(one.id, one.system, frozenset(one.kinds), frozenset(one.team_ids), one.least_rank)
            for one in session.exec(select(Integration).where(col(Integration.is_active))).all()
        ),
        _words=_words([(s.id, s.slug, s.label, s.aliases) for s in statuses]),
        _priority_words=_words([(p.id, p.slug, p.label, p.aliases) for p in priorities]),
    )


@step
def escalation_steps(ctx: Context) -> dict[int, list[EscalationStep]]:
    """The steps of every escalation policy, in order, by its id."""
    found: dict[int, list[EscalationStep]] = {}
    query = select(EscalationStep).order_by(col(EscalationStep.position), col(EscalationStep.id))
    for one in ctx.session.exec(query).all():
        found.setdefault(one.policy_id, []).append(one)
    return found


@step
def escalation_policy(row: EscalationPolicy, steps: Sequence[EscalationStep]) -> escalation.Policy:
    """A policy as it is evaluated."""
    return escalation.Policy(
        row.id,
        row.name,
        from_json(row.conditions, Use.RULE) if row.conditions else Group(),
        tuple(
            escalation.Step(
                escalation.Since(one.since), timedelta(seconds=one.after_seconds), tuple(one.whom), one.level, one.message,
                one.id,
            )
            for one in steps
        ),
    )  # fmt: skip


def _cards(rows: Sequence[Rule]) -> Iterator[RuleCard]:
    for row in rows:
        try:
            yield RuleCard(row.id, row.name, language.parse(row.definition), row.explains_until)
        except Invalid as error:
            # Written by a newer version, then rolled back: the others go on.
            _logger.warning("a rule cannot be read", rule=row.id, reason=error.message)


def _words(rows: list[tuple[int, str, str, list[str]]]) -> dict[str, int]:
    # Slugs win over labels, labels over aliases, when two rows claim a word.
    words: dict[str, int] = {}
    for row_id, _, _, aliases in rows:
        words |= {alias.lower(): row_id for alias in aliases}
    words |= {label.lower(): row_id for row_id, _, label, _ in reversed(rows)}
    words |= {slug.lower(): row_id for row_id, slug, _, _ in rows}
    return words


def _also(words: dict[str, int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for word, row_id in words.items():
        found[row_id] = (*found.get(row_id, ()), word)
    return found


def _conditions(kept: dict[str, Any]) -> Group:
    return from_json(kept, Use.RULE) if kept else NO_CONDITIONS


@step
def calendar_of(row: BusinessCalendar) -> Calendar:
    """The opening hours of a row."""
    # As it was saved, which is where it was checked: a row that is not quite right must not stop the desk.
    week = {int(day): tuple(Range(time.fromisoformat(start), time.fromisoformat(end)) for start, end in ranges)
            for day, ranges in row.week.items()}  # fmt: skip
    holidays, openings = calendars.special_days(row.holidays, row.openings)
    return Calendar(row.timezone, week, holidays, row.name, openings)
