"""What an organization can arrange, section by section: how each is read, saved, removed and put in order.

A new thing to arrange is one entry in SECTIONS; `configuration.py` does the rest. Entries refer to each other by names, so that a
text means the same in another organization. Left out: what is a secret or a file (sign-in providers, the logo) and what people
arrange for themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StrictBool
from sqlmodel import col, select

from helpdesk.domain import calendars, durations, escalation
from helpdesk.domain.conditions import DEEPEST, FIELDS, NONE, Field, Kind, Use, from_json
from helpdesk.domain.custom_fields import FieldKind
from helpdesk.domain.errors import Invalid
from helpdesk.domain.escalation import Since, Whom
from helpdesk.domain.filters import Sort
from helpdesk.domain.people import ASSIGNABLE, Role
from helpdesk.domain.rules import BY_ID, ENDPOINT, MACRO, POLICY, Do, whom_named
from helpdesk.domain.tickets import StatusCategory
from helpdesk.models import (
    Category,
    Company,
    CustomField,
    EscalationPolicy,
    Macro,
    Person,
    Priority,
    Rule,
    Skill,
    SlaPolicy,
    Status,
    Tag,
    Team,
    TeamMember,
    View,
    WebhookEndpoint,
)
from helpdesk.services import (
    access,
    catalog,
    custom_fields,
    escalations,
    macros,
    organizations,
    priorities,
    promises,
    rules,
    skills,
    statuses,
    tags,
    teams,
    views,
)
from helpdesk.services.context import Context
from helpdesk.services.tickets import narrowing


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
    away_after_minutes: int = 0
    escalates: StrictBool = True
    waiting_close_hours: int = 0
    waiting_notice_hours: int = 24
    waiting_status: str = "waiting_on_customer"
    answers_with_articles: StrictBool = False
    undo_seconds: int = 0
    shows_typing: StrictBool = False
    keep_originals_days: int = 0
    attachments_per_message: int = 20
    storage_megabytes: int = 0
    csat_after: str = "resolved"
    csat_style: str = "stars"
    csat_delay_hours: int = 1
    csat_reminder_days: int = 3
    notices_off: list[str] = []


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
    skills: list[str] = []
    active: StrictBool = True


class _Field(_Entry):
    label: str
    kind: FieldKind
    help: str = ""
    options: list[str] = []
    categories: list[str] = []
    required: StrictBool = False
    public: StrictBool = False
    active: StrictBool = True


def _normal_where(node: Any) -> Any:
    """Conditions with texts for all values, lower case where case means nothing, so that equal ones are equal."""
    return _each_value(node, lambda field, value: value.lower() if _ignores_case(field) else value)


def _ignores_case(field: Field) -> bool:
    return FIELDS[field].kind in (Kind.WORD, Kind.CHOICE) or field in (Field.ASSIGNEE, Field.REQUESTER)


def _normal_after(text: str) -> str:
    try:
        return escalation.after_label(escalation.after(text))
    except Invalid as error:
        raise ValueError(error.fields["after"]) from None


class _View(_Entry):
    name: str
    sort: Sort = Sort.UPDATED
    columns: list[str] = []
    where: Annotated[Any, AfterValidator(_normal_where)] = {"all": []}


def _words_only(given: Any) -> Any:
    """Lists of words, so that equal ones are equal; what is none is left for `domain/rules.py` to refuse."""
    if not isinstance(given, list):
        raise ValueError("a list of actions, each what to do and with what")
    if not all(isinstance(one, list) and one for one in given):
        raise ValueError("each action is a list: what to do, and with what")
    return [[str(word).strip() for word in one] for one in given]


class _Rule(_Entry):
    name: str
    when: str
    after: str = ""
    where: Annotated[Any, AfterValidator(_normal_where)] = {"all": []}
    then: Annotated[Any, AfterValidator(_words_only)]
    starts: str = ""
    ends: str = ""
    active: StrictBool = True


class _Macro(_Entry):
    name: str
    team: str | None = None
    changes: Annotated[Any, AfterValidator(_words_only)] = []
    reply: str = ""
    offered: Annotated[Any, AfterValidator(_normal_where)] = {"all": []}


class _Step(_Entry):
    since: Since
    after: Annotated[str, AfterValidator(_normal_after)] = escalation.AT_ONCE
    whom: list[str]
    level: int = 1
    message: str = ""


class _Escalation(_Entry):
    name: str
    active: StrictBool = True
    where: Annotated[Any, AfterValidator(_normal_where)] = {"all": []}
    steps: list[_Step] = []


class _Tag(_Entry):
    name: str
    colour: str = "gray"


class _Team(_Entry):
    name: str
    strategy: str
    active: StrictBool = True
    members: list[str] = []
    leads: list[str] = []
    skills: list[str] = []
    hands_back: StrictBool = False


class _Skill(_Entry):
    name: str


def _normal_range(text: str) -> str:
    """A range as it is kept, so that 22:00-00:00 and 22:00-24:00 are one; what is none is left to be refused."""
    try:
        return calendars.show_range(calendars.parse_range(text))
    except ValueError:
        return text


class _Hours(_Entry):
    name: str = ""
    hours: list[Annotated[str, AfterValidator(_normal_range)]] = []


# 2026-12-25, or "12-25" for every year.
_Day = Annotated[str, BeforeValidator(lambda key: key.isoformat() if isinstance(key, date) else key)]


class _Calendar(_Entry):
    name: str
    timezone: str
    week: dict[str, list[Annotated[str, AfterValidator(_normal_range)]]] = {}
    holidays: dict[_Day, str | _Hours] = {}
    openings: dict[_Day, _Hours] = {}


def _normal_span(text: str) -> str:
    return durations.exact(durations.written(text))


class _Policy(_Entry):
    name: str
    calendar: str | None = None
    active: StrictBool = True
    warning_share: int | None = None
    where: Annotated[Any, AfterValidator(_normal_where)] = {}
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


# ---- The sections: how each is read, saved, removed and put in order -------------------------------------------------


def _organization_now(ctx: Context) -> dict[str, Any]:
    now = organizations.mine(ctx)
    return {name: getattr(now, name) for name in _Organization.model_fields} | {
        "two_factor_roles": list(now.two_factor_roles),
        "attachment_types": list(now.attachment_types),
        "notices_off": list(now.notices_off),
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
    known = catalog.current(ctx)
    rows = ctx.session.exec(
        select(Category, Team.name)
        .outerjoin(Team, col(Team.id) == Category.team_id)
        .order_by(col(Category.position), col(Category.id))
    ).all()
    return [
        {
            "name": c.name, "description": c.description, "colour": c.colour, "team": team,
            "skills": known.skill_names(c.skill_ids), "active": c.is_active,
        }
        for c, team in rows
    ]  # fmt: skip


def _save_category(ctx: Context, wanted: _Category) -> None:
    known = ctx.session.exec(select(Category.id).where(Category.name == wanted.name)).first()
    team_id = ctx.session.exec(select(Team.id).where(Team.name == wanted.team)).first() if wanted.team else None
    if wanted.team and team_id is None:
        raise Invalid(team=f"There is no team “{wanted.team}”.")
    catalog.save_category(
        ctx, known, name=wanted.name, description=wanted.description, colour=wanted.colour, team_id=team_id,
        is_active=wanted.active, skill_ids=_skill_ids(ctx, wanted.skills),
    )  # fmt: skip


def _fields_now(ctx: Context) -> list[dict[str, Any]]:
    names = {row.id: row.name for row in catalog.current(ctx).categories}
    return [
        {
            "label": f.label, "kind": f.kind.value, "help": f.help, "options": list(f.options),
            "categories": [names[one] for one in f.category_ids if one in names], "required": f.is_required,
            "public": f.is_public, "active": f.is_active,
        }
        for f in custom_fields.listing(ctx)
    ]  # fmt: skip


def _save_field(ctx: Context, wanted: _Field) -> None:
    known = ctx.session.exec(select(CustomField).where(CustomField.label == wanted.label)).first()
    if known is not None and known.kind != wanted.kind:
        raise Invalid(kind=f"“{wanted.label}” is a {known.kind} field; answers were given as such. Use another name.")
    ids = dict(ctx.session.exec(select(Category.name, Category.id)).all())
    if missing := [name for name in wanted.categories if name not in ids]:
        raise Invalid(categories=f"There is no category “{missing[0]}”.")
    custom_fields.save(
        ctx, known.id if known else None, label=wanted.label, kind=wanted.kind, help=wanted.help, options=wanted.options,
        category_ids=[ids[name] for name in wanted.categories], is_required=wanted.required, is_public=wanted.public,
        is_active=wanted.active,
    )  # fmt: skip


def _order_fields(ctx: Context, labels: list[str]) -> None:
    rows = ctx.session.exec(select(CustomField).order_by(col(CustomField.position), col(CustomField.id))).all()
    place = {label: number for number, label in enumerate(labels)}
    custom_fields.reorder(ctx, [row.id for row in sorted(rows, key=lambda row: place.get(row.label, len(place)))])


# What a condition's number stands for, and the name a text has for it.
_NAMED: dict[str, tuple[Any, Any]] = {
    Field.CATEGORY: (Category.id, Category.name), Field.TEAM: (Team.id, Team.name),
    Field.COMPANY: (Company.id, Company.name), Field.ASSIGNEE: (Person.id, Person.email),
    Field.REQUESTER: (Person.id, Person.email), MACRO: (Macro.id, Macro.name),
    ENDPOINT: (WebhookEndpoint.id, WebhookEndpoint.name),
    POLICY: (SlaPolicy.id, SlaPolicy.name),
}  # fmt: skip


def _shared_views(ctx: Context) -> list[View]:
    query = access.visible(ctx, View).where(col(View.is_shared))
    return list(ctx.session.exec(query.order_by(View.name)).all())


def _views_now(ctx: Context) -> list[dict[str, Any]]:
    rows = _shared_views(ctx)
    told = _by_name(ctx, [row.conditions for row in rows])
    return [
        {"name": row.name, "sort": row.sort, "columns": list(row.columns), "where": where}
        for row, where in zip(rows, told, strict=True)
    ]


def _by_name(ctx: Context, trees: Sequence[Any]) -> list[Any]:
    """Conditions with names for numbers."""
    asked: list[tuple[Field, str]] = []

    def note(field: Field, value: str) -> str:
        asked.append((field, value))
        return value

    for tree in trees:
        _each_value(tree, note)
    names = _names(ctx, asked)
    labels = {f"{Field.CUSTOM}:{one.id}": f"{Field.CUSTOM}:{one.label}" for one in catalog.current(ctx).fields}
    return [
        _each_value(tree, lambda field, value: names.get((field, value), value), lambda name: labels.get(name, name))
        for tree in trees
    ]


def _names(ctx: Context, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    ids: dict[str, set[int]] = {}
    for field, value in asked:
        if field in _NAMED and value.isdigit():
            ids.setdefault(field, set()).add(int(value))
    return {
        (field, str(number)): name
        for field, numbers in ids.items()
        for number, name in ctx.session.exec(select(*_NAMED[field]).where(_NAMED[field][0].in_(numbers))).all()
    }


def _number(ctx: Context, field: str, value: str, where: str = "where") -> str:
    about = FIELDS.get(field)  # type: ignore[call-overload]
    if field not in _NAMED or value.lower() in (about.words if about else (NONE,)):
        return value
    found = ctx.session.exec(select(_NAMED[field][0]).where(_NAMED[field][1] == value)).first()
    if found is None:
        raise Invalid(**{where: f"There is no {about.label.lower() if about else field} “{value[:80]}”."})
    return str(found)


def _by_id(ctx: Context, tree: Any) -> Any:
    """Conditions with numbers for names."""
    fields = {f"{Field.CUSTOM}:{one.label}": f"{Field.CUSTOM}:{one.id}" for one in catalog.current(ctx).fields}

    def own(name: str) -> str:
        if name.startswith(f"{Field.CUSTOM}:") and name not in fields:
            raise Invalid(where=f"There is no custom field “{name.partition(':')[2][:80]}”.")
        return fields.get(name, name)

    return _each_value(tree, lambda field, value: _number(ctx, field, value), own)


def _rules_now(ctx: Context) -> list[dict[str, Any]]:
    rows = list(ctx.session.exec(select(Rule).order_by(col(Rule.position), col(Rule.id))).all())
    told = _by_name(ctx, [row.definition.get("if") for row in rows])
    done = _actions_by_names(ctx, [row.definition.get("then") or [] for row in rows])
    return [
        {
            "name": row.name, "when": row.definition.get("when", ""), "after": row.definition.get("after", ""),
            "where": where, "then": then, "starts": row.definition.get("starts", ""), "ends": row.definition.get("ends", ""),
            "active": row.is_active,
        }
        for row, where, then in zip(rows, told, done, strict=True)
    ]  # fmt: skip


def _save_rule(ctx: Context, wanted: _Rule) -> None:
    known = ctx.session.exec(select(Rule.id).where(Rule.name == wanted.name)).first()
    written = {"when": wanted.when, "if": _by_id(ctx, wanted.where), "then": _actions_by_numbers(ctx, wanted.then)}
    written |= {name: day for name in ("after", "starts", "ends") if (day := getattr(wanted, name))}
    rules.save(ctx, known, name=wanted.name, written=written, is_active=wanted.active)


def _shared_macros(ctx: Context) -> list[Macro]:
    return list(ctx.session.exec(select(Macro).where(Macro.scope != "me").order_by(Macro.name)).all())


def _macros_now(ctx: Context) -> list[dict[str, Any]]:
    rows = _shared_macros(ctx)
    teams_ = catalog.current(ctx).team_by_id
    done = _actions_by_names(ctx, [row.actions for row in rows])
    meant = _by_name(ctx, [row.offered or {"all": []} for row in rows])
    return [
        {
            "name": row.name, "team": teams_[row.team_id].name if row.team_id in teams_ else None, "changes": changes,
            "reply": row.reply, "offered": offered,
        }
        for row, changes, offered in zip(rows, done, meant, strict=True)
    ]  # fmt: skip


def _save_macro(ctx: Context, wanted: _Macro) -> None:
    known = next((row.id for row in _shared_macros(ctx) if row.name == wanted.name), None)
    team = next((row.id for row in catalog.current(ctx).teams if row.name == wanted.team), None)
    if wanted.team and team is None:
        raise Invalid(team=f"There is no team “{wanted.team[:80]}”.")
    macros.save(
        ctx, known, name=wanted.name, scope="team" if team else "all", team_id=team, reply=wanted.reply,
        changes=_actions_by_numbers(ctx, wanted.changes, "changes"), offered=_by_id(ctx, wanted.offered),
    )  # fmt: skip


def _delete_macro(ctx: Context, name: str) -> None:
    macros.delete(ctx, next(row.id for row in _shared_macros(ctx) if row.name == name))


def _actions_by_names(ctx: Context, lists: Sequence[Sequence[Sequence[str]]]) -> list[list[list[str]]]:
    asked: list[tuple[str, str]] = []
    for acts in lists:
        for do, *values in acts:
            if do == Do.NOTIFY:
                asked += [named for word in values[:1] if (named := whom_named(word))]
            elif _names_by_id(do):
                asked += [(BY_ID[Do(do)], value) for value in values]
    names = _names(ctx, asked)

    def told(whom: str) -> str:
        named = whom_named(whom)
        return f"{whom.partition(':')[0]}: {names.get(named, named[1])}" if named else whom

    return [
        [
            [do, told(values[0]), *values[1:]] if do == Do.NOTIFY and values
            else [do, *(names.get((BY_ID[Do(do)], value), value) if _names_by_id(do) else value for value in values)]
            for do, *values in acts
        ]
        for acts in lists
    ]  # fmt: skip


def _actions_by_numbers(ctx: Context, acts: Sequence[Sequence[str]], where: str = "then") -> list[list[str]]:
    return [
        [do, _whom(ctx, values[0], where), *values[1:]] if do == Do.NOTIFY and values
        else [do, *(_number(ctx, BY_ID[Do(do)], value, where) if _names_by_id(do) else value for value in values)]
        for do, *values in acts
    ]  # fmt: skip


def _names_by_id(do: str) -> bool:
    return do in tuple(Do) and Do(do) in BY_ID


def _save_view(ctx: Context, wanted: _View) -> None:
    group = from_json(_by_id(ctx, wanted.where))
    narrowing.check(ctx, group)
    known = next((row for row in _shared_views(ctx) if row.name == wanted.name), None)
    if known is None:
        views.create(ctx, name=wanted.name, where=group, sort=wanted.sort, columns=wanted.columns, is_shared=True)
    else:
        views.change(ctx, f"v{known.id}", where=group, sort=wanted.sort, columns=wanted.columns)


def _escalations_now(ctx: Context) -> list[dict[str, Any]]:
    plain = escalations.plain(ctx)
    where = _by_name(ctx, [one["where"] for one in plain])
    words = {word for one in plain for step in one["steps"] for word in step["whom"]}
    emails = _people_named(ctx, words)
    teams_ = {str(row.id): row.name for row in catalog.current(ctx).teams}

    def spelled(word: str) -> str:
        kind, _, number = word.partition(":")
        named = {Whom.TEAM: teams_, Whom.PERSON: emails}.get(kind)  # type: ignore[call-overload]
        return f"{kind}: {named.get(number, number)}" if named is not None else word

    return [
        one | {
            "where": conditions,
            "steps": [step | {"whom": [spelled(word) for word in step["whom"]]} for step in one["steps"]],
        }
        for one, conditions in zip(plain, where, strict=True)
    ]  # fmt: skip


def _people_named(ctx: Context, words: set[str]) -> dict[str, str]:
    ids = [int(word.partition(":")[2]) for word in words if word.startswith(f"{Whom.PERSON}:")]
    found = ctx.session.exec(select(Person.id, Person.email).where(col(Person.id).in_(ids or [0]))).all()
    return {str(person_id): email for person_id, email in found}


def _save_escalation(ctx: Context, wanted: _Escalation) -> None:
    known = ctx.session.exec(select(EscalationPolicy.id).where(EscalationPolicy.name == wanted.name)).first()
    steps = [
        escalation.Step(
            one.since, escalation.after(one.after), tuple(_whom(ctx, word) for word in one.whom), one.level, one.message
        )
        for one in wanted.steps
    ]
    escalations.save(
        ctx,
        known,
        name=wanted.name,
        where=from_json(_by_id(ctx, wanted.where), Use.RULE),
        steps=steps,
        is_active=wanted.active,
    )


def _whom(ctx: Context, word: str, where: str = "whom") -> str:
    kind, colon, name = (part.strip() for part in word.partition(":"))
    if not colon:
        return kind
    if kind == Whom.TEAM:
        found = ctx.session.exec(select(Team.id).where(Team.name == name)).first()
    else:
        found = ctx.session.exec(select(Person.id).where(Person.email == name.lower())).first()
    if found is None:
        raise Invalid(**{where: f"There is no {kind} “{name[:80]}”."})
    return f"{kind}:{found}"


def _delete_view(ctx: Context, name: str) -> None:
    views.delete(ctx, f"v{next(row.id for row in _shared_views(ctx) if row.name == name)}")


def _each_value(node: Any, told: Callable[[Field, str], str], named: Callable[[str], str] = str, depth: int = 0) -> Any:
    """Conditions with each value and field told anew. What is none is left for `conditions.from_json` to refuse."""
    if isinstance(node, dict) and depth <= DEEPEST:
        return {
            key: [_each_value(one, told, named, depth + 1) for one in parts] if isinstance(parts, list) else parts
            for key, parts in node.items()
        }
    if isinstance(node, list) and len(node) > 2 and (field := _about(str(node[0]))) is not None:
        return [named(str(node[0])), str(node[1]), *(told(field, str(value)) for value in node[2:])]
    return node


def _about(name: str) -> Field | None:
    kind = name.partition(":")[0]
    return Field(kind) if kind in tuple(Field) else None


def _tags_now(ctx: Context) -> list[dict[str, Any]]:
    return [{"name": t.name, "colour": t.colour} for t in ctx.session.exec(select(Tag).order_by(Tag.name)).all()]


def _save_tag(ctx: Context, wanted: _Tag) -> None:
    known = ctx.session.exec(select(Tag.id).where(Tag.name == wanted.name)).first()
    tags.save(ctx, known, name=wanted.name, colour=wanted.colour)


def _teams_now(ctx: Context) -> list[dict[str, Any]]:
    known = catalog.current(ctx)
    members: dict[int, list[str]] = {}
    leads: dict[int, list[str]] = {}
    rows = ctx.session.exec(
        select(TeamMember.team_id, Person.email, TeamMember.is_lead)
        .join(Person, col(Person.id) == TeamMember.person_id)
        .order_by(Person.email)
    ).all()
    for team_id, email, is_lead in rows:
        members.setdefault(team_id, []).append(email)
        if is_lead:
            leads.setdefault(team_id, []).append(email)
    return [
        {
            "name": t.name, "strategy": t.strategy, "active": t.is_active, "members": members.get(t.id, []),
            "leads": leads.get(t.id, []), "skills": known.skill_names(t.skill_ids), "hands_back": t.hands_back,
        }
        for t in ctx.session.exec(select(Team).order_by(Team.name)).all()
    ]  # fmt: skip


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
    leads = {email.lower() for email in wanted.leads}
    if strangers := sorted(leads - emails):
        raise Invalid(leads=f"{strangers[0]} leads the team and is no member of it.")
    teams.save(
        ctx, known, name=wanted.name, strategy=wanted.strategy, is_active=wanted.active,
        member_ids=tuple(found.values()), lead_ids=tuple(found[email] for email in leads),
        hands_back=wanted.hands_back, skill_ids=tuple(_skill_ids(ctx, wanted.skills)),
    )  # fmt: skip


def _skill_ids(ctx: Context, names: list[str]) -> list[int]:
    ids = {name: one for one, name in catalog.current(ctx).skills.items()}
    if missing := [name for name in names if name not in ids]:
        raise Invalid(skills=f"There is no skill “{missing[0]}”.")
    return [ids[name] for name in names]


def _skills_now(ctx: Context) -> list[dict[str, Any]]:
    return [{"name": name} for name in ctx.session.exec(select(Skill.name).order_by(Skill.name)).all()]


def _save_skill(ctx: Context, wanted: _Skill) -> None:
    skills.save(ctx, name=wanted.name)


def _save_calendar(ctx: Context, wanted: _Calendar) -> None:
    promises.save_calendar(ctx, **wanted.model_dump())


def _save_policy(ctx: Context, wanted: _Policy) -> None:
    targets = {
        slug: {metric: durations.written(length) for metric, length in promised.items()}
        for slug, promised in wanted.targets.items()
    }
    promises.save_policy(
        ctx, name=wanted.name, calendar=wanted.calendar, is_active=wanted.active, targets=targets,
        conditions=_by_id(ctx, wanted.where), warning_share=wanted.warning_share,
    )  # fmt: skip


def _policies_now(ctx: Context) -> list[dict[str, Any]]:
    rows = promises.policies(ctx)
    where = _by_name(ctx, [row["where"] for row in rows])
    return [row | {"where": told} for row, told in zip(rows, where, strict=True)]


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
        "teams", "Who shares a queue. Members and leads by e-mail address; strategies are manual, round_robin, least_loaded and skill.", _Team, _teams_now, _save_team, "name",
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
        "custom_fields",
        "What tickets are asked beyond the usual, in order. One that is not named here stays: tickets may have answers.",
        _Field, _fields_now, _save_field, "label", order=_order_fields,
    ),
    Section(
        "tags", "Tags and their colours. Tags that are not named here stay: agents make them as they go.", _Tag,
        _tags_now, _save_tag, "name",
    ),
    Section(
        "calendars", "When time counts. An empty week counts around the clock; a holiday without a year is one every year.",
        _Calendar, promises.calendars,
        _save_calendar, "name", remove=promises.delete_calendar,
    ),
    Section(
        "sla_policies", "What is promised, by priority, and for whom; the first that fits a ticket is its policy.", _Policy,
        _policies_now,
        _save_policy, "name", remove=promises.delete_policy, order=promises.reorder_policies,
    ),
    Section(
        "escalation_policies",
        "Who is told when a ticket waits too long. Whom: agent, lead, managers, team: its name, person: their address.",
        _Escalation, _escalations_now, _save_escalation, "name",
        remove=lambda ctx, name: escalations.remove(ctx, _id_of(ctx, EscalationPolicy, EscalationPolicy.name, name)),
    ),
    Section(
        "shared_views", "Views everybody on the staff has. Conditions name teams, categories and companies; people by address.",
        _View, _views_now, _save_view, "name", remove=_delete_view,
    ),
    Section(
        "macros", "Macros everybody or a team shares. People's own are not part of this text.", _Macro, _macros_now,
        _save_macro, "name", remove=_delete_macro,
    ),
    Section(
        "rules", "What the desk does by itself, in order: when, where, then. Names as in views; people by address.", _Rule,
        _rules_now, _save_rule, "name",
        remove=lambda ctx, name: rules.delete(ctx, _id_of(ctx, Rule, Rule.name, name)),
        order=lambda ctx, names: rules.reorder(ctx, [_id_of(ctx, Rule, Rule.name, one) for one in names]),
    ),
)  # fmt: skip
