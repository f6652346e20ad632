"""Rules as administrators write them, and the log of what they did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from helpdesk.domain import durations, loops
from helpdesk.domain import rules as language
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.conditions import Field
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.models import Company, Person, Rule, RuleRun, Ticket
from helpdesk.services import access, actions, arranging, catalog, facts, organizations
from helpdesk.services.context import Context, requires, step

MOST_RULES = 200
RESULTS = ("success", "failed", "skipped")
PAGE = 50
# How long a rule says why it did not apply, once asked to.
EXPLAINING = timedelta(days=1)
_KINDS = (ActivityKind.RULE_CREATED, ActivityKind.RULE_CHANGED)
_RECENT = timedelta(days=7)
_WRITTEN = ("when", "after", "if", "then", "starts", "ends")


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule in the settings: as a sentence, and how it did in the last week."""

    id: int = 0
    name: str = ""
    when: str = ""
    where: str = ""
    then: str = ""
    is_active: bool = True
    problem: str = ""
    created_by: str = ""
    applied: int = 0
    failed: int = 0
    last_at: str = ""
    explains: bool = False
    starts: str = ""
    ends: str = ""
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class RunRow:
    """What a rule did to a ticket, or why not."""

    id: int
    rule_id: int
    rule: str
    reference: str
    title: str
    result: str
    text: str
    at: str
    may_undo: bool = False
    is_undone: bool = False


@requires(Permission.AUTOMATION_MANAGE)
def listing(ctx: Context) -> tuple[RuleRow, ...]:
    """Every rule in its order, with what it did in the last seven days."""
    query = select(Rule, Person.name).outerjoin(Person, col(Person.id) == Rule.created_by_id)
    rows = ctx.session.exec(query.order_by(col(Rule.position), col(Rule.id))).all()
    counted = ctx.session.exec(
        select(RuleRun.rule_id, RuleRun.result, func.count(), func.max(RuleRun.at))
        .where(col(RuleRun.at) >= ctx.now - _RECENT)
        .group_by(col(RuleRun.rule_id), col(RuleRun.result))
    ).all()
    today = catalog.today(ctx).isoformat()
    found: list[RuleRow] = []
    for row, creator in rows:
        starts, ends = (row.definition.get(one, "") for one in ("starts", "ends"))
        mine = {result: (number, at) for rule_id, result, number, at in counted if rule_id == row.id}
        last = max((at for _, at in mine.values()), default=None)
        found.append(
            RuleRow(
                row.id, row.name, *sentence(ctx, row.definition), row.is_active, row.problem, creator or "",
                mine.get("success", (0, None))[0], mine.get("failed", (0, None))[0], last.isoformat() if last else "",
                row.explains_until is not None and row.explains_until > ctx.now,
                starts=starts, ends=ends, is_over="" < ends < today,
            )
        )  # fmt: skip
    return tuple(found)


@requires(Permission.AUTOMATION_MANAGE)
def definition(ctx: Context, rule_id: int) -> dict[str, Any]:
    """A rule as it is written: when, after, if, then.

    Raises:
        NotFound: no such rule.
    """
    return dict(access.one(ctx, Rule, rule_id, what="rule").definition)


@requires(Permission.AUTOMATION_MANAGE)
def save(
    ctx: Context, rule_id: int | None = None, *, name: str, written: Mapping[str, Any], is_active: bool = True
) -> int:
    """Create a rule, or change the one with `rule_id`; returns its id. A new one comes last.

    Args:
        written: when, after, if, then, starts, ends, as `domain/rules.py` reads them; conditions may be flat.

    Raises:
        Invalid: says in which field, condition or action something is wrong.
        Conflict: another rule has the name, or there are too many.
        NotFound: no such rule.
    """
    name = arranging.checked_name(name, most=80, what="the rule")
    rule = checked(ctx, written)
    row = access.one(ctx, Rule, rule_id, what="rule") if rule_id else None
    twin = ctx.session.exec(select(Rule.id).where(func.lower(Rule.name) == name.lower())).first()
    if twin and (row is None or twin != row.id):
        raise Conflict(f"There is a rule “{name}” already.")
    if is_active:
        _refuse_circles(ctx, row.id if row else 0, name, rule)
    before = _facts(row) if row else None
    if row is None:
        number = ctx.session.exec(select(func.count()).select_from(Rule)).one()
        if number >= MOST_RULES:
            raise Conflict(f"There are {MOST_RULES} rules already. Delete one you no longer need.")
        row = Rule(
            name=name, position=number, created_by_id=ctx.actor.person_id, created_at=ctx.now, updated_at=ctx.now
        )
    kept = language.rule_json(rule)
    if row.definition != kept or (is_active and not row.is_active):
        row.swept_until = None  # what came due before is looked at again
    row.name, row.definition, row.is_active = name, kept, is_active
    ctx.session.add(row)
    ctx.session.flush()
    if arranging.wrote(ctx, _KINDS, row.id, name, before, _facts(row)):
        row.updated_at = ctx.now
    row.problem = ""
    _nudge(ctx)
    return row.id


@requires(Permission.AUTOMATION_MANAGE)
def switch(ctx: Context, rule_id: int, *, is_active: bool) -> None:
    """Let a rule work, or rest.

    Raises:
        Invalid: it cannot work as it is written; says why.
        NotFound: no such rule.
    """
    row = access.one(ctx, Rule, rule_id, what="rule")
    save(ctx, row.id, name=row.name, written=row.definition, is_active=is_active) if is_active else _rest(ctx, row)


@requires(Permission.AUTOMATION_MANAGE)
def explain(ctx: Context, rule_id: int, *, is_on: bool) -> None:
    """Have a rule write into the log, for a day, why it did not apply to a ticket; or no longer.

    Raises:
        NotFound: no such rule.
    """
    row = access.one(ctx, Rule, rule_id, what="rule")
    before = row.explains_until
    row.explains_until = ctx.now + EXPLAINING if is_on else None
    if row.explains_until == before:
        return
    organizations.catalog_changed(ctx)
    ctx.record(
        ActivityKind.RULE_EXPLAINING, subject_id=row.id, name=row.name,
        before={"explains_until": before.isoformat() if before else ""},
        after={"explains_until": row.explains_until.isoformat() if row.explains_until else ""},
    )  # fmt: skip
    _nudge(ctx)


@requires(Permission.AUTOMATION_MANAGE)
def reorder(ctx: Context, ids: Sequence[int]) -> None:
    """Apply the rules in this order.

    Raises:
        Conflict: the list has changed meanwhile.
    """
    rows = ctx.session.exec(select(Rule).order_by(col(Rule.position), col(Rule.id))).all()
    arranging.in_order(ctx, ActivityKind.RULE_ORDERED, rows, ids, label="name")
    _nudge(ctx)


@requires(Permission.AUTOMATION_MANAGE)
def delete(ctx: Context, rule_id: int) -> None:
    """Remove a rule; its log goes with it, what it did to tickets stays in their history.

    Raises:
        NotFound: no such rule.
    """
    row = access.one(ctx, Rule, rule_id, what="rule")
    before = _facts(row)
    ctx.session.delete(row)
    ctx.session.flush()
    arranging.deleted(ctx, ActivityKind.RULE_DELETED, rule_id, row.name, before)
    _nudge(ctx)


@requires(Permission.AUTOMATION_MANAGE)
def runs(
    ctx: Context, *, rule_id: int = 0, result: str = "", reference: str = "", before: int = 0
) -> tuple[RunRow, ...]:
    """What rules did and why not, newest first; one more than a page, if there is more.

    Args:
        rule_id: of one rule only.
        result: success, failed or skipped only.
        reference: of one ticket only.
        before: older than this run.
    """
    query = (
        select(RuleRun, Rule.name, Ticket.reference, Ticket.title)
        .join(Rule, col(Rule.id) == RuleRun.rule_id)
        .join(Ticket, col(Ticket.id) == RuleRun.ticket_id)
        .order_by(col(RuleRun.id).desc())
        .limit(PAGE + 1)
    )
    if rule_id:
        query = query.where(RuleRun.rule_id == rule_id)
    if result in RESULTS:
        query = query.where(RuleRun.result == result)
    if reference.strip():
        query = query.where(Ticket.reference == reference.strip().upper()[:16])
    if before:
        query = query.where(col(RuleRun.id) < before)
    return tuple(
        RunRow(
            run.id, run.rule_id, name, ref, title, run.result, _told(run), run.at.isoformat(),
            run.kept is not None and run.undone_at is None and run.at >= ctx.now - language.UNDO_WINDOW,
            run.undone_at is not None,
        )
        for run, name, ref, title in ctx.session.exec(query).all()
    )  # fmt: skip


@step
def checked(ctx: Context, written: Any) -> language.Rule:
    """A rule as it is written, with everything it names still there.

    Raises:
        Invalid: says in which field, condition or action something is wrong.
    """
    rule = language.parse(written, finder(ctx))
    actions.check_conditions(ctx, rule.where)
    actions.check(ctx, rule.actions)
    _refuse_chasing(rule)
    return rule


@step
def finder(ctx: Context) -> language.Find:
    """The id of something by its name, for conditions in the flat form."""
    known = facts.by_name(catalog.current(ctx))

    def find(about: Field, name: str) -> str | None:
        if about in (Field.ASSIGNEE, Field.REQUESTER):
            found = ctx.session.exec(select(Person.id).where(Person.email == name)).first()
            return str(found) if found else None
        if about is Field.COMPANY:
            found = ctx.session.exec(select(Company.id).where(func.lower(Company.name) == name)).first()
            return str(found) if found else None
        return known.get((about, name))

    return find


@step
def sentence(ctx: Context, written: Mapping[str, Any]) -> tuple[str, str, str]:
    """A rule as a person says it: when, if, then. What cannot be read is said to be so."""
    try:
        rule = language.parse(written)
    except Invalid as error:
        return ("cannot be read", "", error.message)
    known = catalog.current(ctx)
    asked: list[tuple[str, str]] = [(one.field, value) for one in rule.where for value in one.values]
    names = actions.named(ctx, asked + language.names_asked(rule.actions))
    when = language.TRIGGER_LABELS[rule.trigger]
    if rule.after is not None:
        when = f"{when} {durations.in_days(rule.after)}"
    where = actions.conditions_in_words(known, rule.where, names)
    return (when, where, ", ".join(actions.spoken(known, one, names) for one in rule.actions))


def _refuse_chasing(rule: language.Rule) -> None:
    """A rule that begins with a change and makes the very change it waits for would never rest."""
    if rule.trigger is not language.Trigger.UPDATED:
        return
    for one in rule.where:
        sets = {language.SETS[act.do]: act.values[0] for act in rule.actions if act.do in language.SETS}
        if one.operator == "changed" and one.values[0] == "yes" and one.field in sets and not _pins(rule, one.field):
            raise Invalid(actions=f"This rule waits for a change of {one.field.value} and changes it itself. Add a condition on what it is.")  # fmt: skip


@requires(Permission.AUTOMATION_MANAGE)
def warning(ctx: Context, rule_id: int, written: Mapping[str, Any]) -> str:
    """What might go wrong with a rule, in a sentence: rules it may go round with. Empty when nothing does.

    Raises:
        Invalid: it cannot work as it is written.
    """
    others = _others(ctx, rule_id)
    found = loops.possible(_with(ctx, others, rule_id, checked(ctx, written)), rule_id, _stages(ctx))
    if not found:
        return ""
    if len(found) == 1:
        return "This rule may begin itself and undo what it has done. It applies once each time, then it rests."
    names = ", ".join(f"“{others[one].name}”" for one in found if one != rule_id)
    return f"This rule and {names} may undo each other. Each applies once each time, then they rest."


def _refuse_circles(ctx: Context, rule_id: int, name: str, rule: language.Rule) -> None:
    """Rules that would certainly chase each other for ever are refused; nobody would know what they leave behind.

    Raises:
        Invalid: says which rules, and where to break the circle.
    """
    others = _others(ctx, rule_id)
    found = loops.certain(_with(ctx, others, rule_id, rule), rule_id, _stages(ctx))
    if not found:
        return
    if len(found) == 1:
        raise Invalid(actions="What this rule does would begin it again, for ever. Add a condition that no longer holds when it is done, such as Done by.")  # fmt: skip
    names = [name if one == rule_id else others[one].name for one in found]
    way = " → ".join(f"“{one}”" for one in [*names, names[0]])
    raise Invalid(actions=f"These rules would chase each other for ever: {way}. Change what one of them does, or add a condition that tells them apart.")  # fmt: skip


def _others(ctx: Context, rule_id: int) -> dict[int, catalog.RuleCard]:
    return {card.id: card for card in catalog.current(ctx).rules if card.id != rule_id}


def _with(
    ctx: Context, others: Mapping[int, catalog.RuleCard], rule_id: int, rule: language.Rule
) -> dict[int, language.Rule]:
    every = {number: card.rule for number, card in others.items()} | {rule_id: rule}
    return {
        number: replace(one, actions=tuple(_by_slug(ctx, each) for each in one.actions))
        for number, one in every.items()
    }


def _by_slug(ctx: Context, one: language.Action) -> language.Action:
    """An action may call a status or priority by another word than conditions do."""
    known = catalog.current(ctx)
    try:
        if one.do is language.Do.STATUS:
            return replace(one, values=(known.status(one.values[0]).slug,))
        if one.do is language.Do.PRIORITY:
            return replace(one, values=(known.priority(one.values[0]).slug,))
    except Invalid:
        pass  # gone since; its rule fails by itself
    return one


def _stages(ctx: Context) -> dict[str, str]:
    return {row.slug: str(row.category) for row in catalog.current(ctx).statuses}


def _pins(rule: language.Rule, field: Field) -> bool:
    return any(one.field is field and one.operator in ("is", "any", "not", "was") for one in rule.where)


def _rest(ctx: Context, row: Rule) -> None:
    before = _facts(row)
    row.is_active = False
    ctx.session.flush()
    if arranging.wrote(ctx, _KINDS, row.id, row.name, before, _facts(row)):
        row.updated_at = ctx.now
    _nudge(ctx)


def _facts(row: Rule) -> dict[str, Any]:
    return {"name": row.name, "active": row.is_active} | {key: row.definition.get(key, "") for key in _WRITTEN}


def _told(run: RuleRun) -> str:
    return ", ".join(run.did) if run.did else run.reason


def _nudge(ctx: Context) -> None:
    ctx.topics.add(f"org-{ctx.organization_id}-rules")
