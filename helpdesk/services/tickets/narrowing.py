"""What a view's conditions mean in SQL. The only place; queries put it beside `access.visible`, never instead of it.

What conditions mean for one ticket, in Python, is in `domain/rules.py`; the two must agree.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, BigInteger, Numeric, and_, case, false, func, not_, or_, text, true
from sqlalchemy import cast as sql_cast
from sqlalchemy import select as sql_select
from sqlmodel import col, select

from helpdesk.domain.conditions import (
    FIELDS,
    ME,
    NONE,
    YES_NO,
    Condition,
    Field,
    Group,
    Kind,
    Match,
    Operator,
    moment_of,
)
from helpdesk.domain.custom_fields import FieldKind
from helpdesk.domain.errors import Invalid
from helpdesk.domain.tickets import OPEN_CATEGORIES
from helpdesk.models import Attachment, Ticket, TicketTag
from helpdesk.services import catalog, search
from helpdesk.services.context import Context, step

_COLUMNS: dict[Field, Any] = {
    Field.STATUS: Ticket.status_id,
    Field.STATUS_CATEGORY: Ticket.status_category,
    Field.PRIORITY: Ticket.priority_id,
    Field.CATEGORY: Ticket.category_id,
    Field.ASSIGNEE: Ticket.assignee_id,
    Field.TEAM: Ticket.team_id,
    Field.COMPANY: Ticket.company_id,
    Field.CHANNEL: Ticket.channel,
    Field.REQUESTER: Ticket.requester_id,
    Field.CREATED: Ticket.created_at,
    Field.UPDATED: Ticket.updated_at,
    Field.DUE: Ticket.due_at,
    Field.RESOLVED: Ticket.resolved_at,
    Field.CLOSED: Ticket.closed_at,
    Field.SLA: Ticket.sla_status,
    Field.ESCALATION: Ticket.escalation_level,
    Field.CSAT: Ticket.csat_score,
}
# Fields whose index ends in the order of the queue.
_ROADS = {Field.STATUS, Field.STATUS_CATEGORY, Field.PRIORITY, Field.CATEGORY, Field.ASSIGNEE, Field.TEAM, Field.COMPANY, Field.REQUESTER}  # fmt: skip
_NOTHING = -1


@step
def conjuncts(ctx: Context, group: Group) -> list[Any]:
    """The conditions a ticket must meet, one by one, so that PostgreSQL finds its index among them."""
    if group.match is Match.ANY or len(group.parts) == 0:
        return [_any(ctx, group)] if group.parts else []
    return [_part(ctx, part) for part in group.parts]


@step
def road(ctx: Context, group: Group) -> list[Any]:
    """Those of them that an index in the order of the queue answers: where counting may begin to read."""
    if group.match is Match.ANY:
        return []
    return [
        _part(ctx, part)
        for part in group.parts
        if isinstance(part, Condition) and part.field in _ROADS and part.operator is not Operator.NOT
    ]


@step
def check(ctx: Context, group: Group) -> None:
    """Refuse words and ids the organization does not know, before a view is saved with them.

    Raises:
        Invalid: says which.
    """
    for one in group:
        if one.number and one.number not in catalog.current(ctx).field_by_id:
            raise Invalid(where="A custom field of these conditions does not exist any more. Choose another one.")
        known = _words(ctx, one.field)
        unknown = [value for value in one.values if value not in FIELDS[one.field].words]
        if known is not None and (strange := [value for value in unknown if value not in known]):
            raise Invalid(where=f"There is no {FIELDS[one.field].label.lower()} “{strange[0]}” any more.")


def _part(ctx: Context, part: Condition | Group) -> Any:
    if isinstance(part, Condition):
        return _COMPILED[FIELDS[part.field].kind](ctx, part)
    return and_(true(), *(_part(ctx, one) for one in part.parts)) if part.match is Match.ALL else _any(ctx, part)


def _any(ctx: Context, group: Group) -> Any:
    return or_(false(), *(_part(ctx, one) for one in group.parts)) if group.parts else true()


def _chosen(ctx: Context, one: Condition) -> Any:
    if one.field is Field.TAG:
        return _tagged(ctx, one)
    if FIELDS[one.field].words == YES_NO:
        return _yes_or_no(ctx, one)
    values = [value for value in one.values if value != NONE or one.field is Field.SLA]
    column = col(_COLUMNS[one.field])
    found: Any = column.in_(_numbers(ctx, one.field, values)) if values else false()
    if len(values) < len(one.values):
        found = or_(column.is_(None), found) if values else column.is_(None)
    if one.operator is Operator.NOT:
        # Nobody is not Ada either.
        return not_(found) if len(values) < len(one.values) else or_(column.is_(None), not_(found))
    if one.field is Field.STATUS_CATEGORY and set(values) <= set(OPEN_CATEGORIES):
        # All that is open is one index in the order of the queue; said twice, PostgreSQL may take another.
        return col(Ticket.is_open) if set(values) == set(OPEN_CATEGORIES) else and_(found, col(Ticket.is_open))
    return found


def _numbers(ctx: Context, field: Field, values: list[str]) -> list[Any]:
    """What the column holds for each value; a word nobody knows any more matches nothing."""
    known = catalog.current(ctx)
    if field is Field.STATUS:
        by_slug = {row.slug: row.id for row in known.statuses}
        return [by_slug.get(value, _NOTHING) for value in values]
    if field is Field.PRIORITY:
        by_slug = {row.slug: row.id for row in known.priorities}
        return [by_slug.get(value, _NOTHING) for value in values]
    if FIELDS[field].kind is Kind.CHOICE:
        return list(values)
    mine = ctx.actor.team_ids if field is Field.TEAM else (ctx.actor.person_id or _NOTHING,)
    return [number for value in values for number in (mine if value == ME else (int(value),))] or [_NOTHING]


def _counted(_ctx: Context, one: Condition) -> Any:
    column = col(_COLUMNS[one.field])
    numbers = [float(value) for value in one.values if value != NONE]
    if one.operator is Operator.LEAST:
        return column >= numbers[0] if numbers else false()
    if one.operator is Operator.MOST:
        return column <= numbers[0] if numbers else false()
    found: Any = or_(
        false(), column.in_(numbers) if numbers else false(), column.is_(None) if NONE in one.values else false()
    )
    return (
        or_(column.is_(None) if NONE not in one.values else false(), not_(found))
        if one.operator is Operator.NOT
        else found
    )


def _answered(ctx: Context, one: Condition) -> Any:
    """An answer to one of the organization's own fields. Numbers are kept as numbers: 5 is 5.0."""
    kept, said = col(Ticket.custom)[str(one.number)], func.lower(col(Ticket.custom)[str(one.number)].astext)
    number = case((func.jsonb_typeof(kept) == "number", sql_cast(said, Numeric)))
    if one.operator in (Operator.LEAST, Operator.MOST):
        [value] = one.values
        side: Any = said if value[4:5] == "-" else number
        with_: Any = value if side is said else float(value)
        return func.coalesce(side >= with_ if one.operator is Operator.LEAST else side <= with_, false())
    if one.operator is Operator.CONTAINS:
        folded = func.unaccent(said)
        words = [func.unaccent(word) for word in re.findall(r"\w+", one.values[0])]
        return and_(
            false() if not words else true(), *(folded.regexp_match(func.concat(r"\m", word)) for word in words)
        )
    field = catalog.current(ctx).field_by_id.get(one.number)
    values = [value for value in one.values if value != NONE]
    if field is not None and field.kind is FieldKind.CHECKBOX:
        values += [str(value == "yes").lower() for value in values if value in YES_NO]
    found = or_(
        said.in_(values), number.in_([float(value) for value in values if _is_number(value)]),
        kept.is_(None) if NONE in one.values else false(),
    )  # fmt: skip
    found = func.coalesce(found, false())
    return not_(found) if one.operator is Operator.NOT else found


def _is_number(value: str) -> bool:
    try:
        return abs(float(value)) < 10**15
    except ValueError:
        return False


def _tagged(ctx: Context, one: Condition) -> Any:
    ids = {row.name.lower(): row.id for row in catalog.current(ctx).tags}
    wanted = [ids.get(value, _NOTHING) for value in one.values if value != NONE]
    found: Any = false()
    if wanted:
        found = col(Ticket.id).in_(select(TicketTag.ticket_id).where(col(TicketTag.tag_id).in_(wanted)))
    if NONE in one.values:
        bare = ~select(TicketTag.tag_id).where(TicketTag.ticket_id == Ticket.id).correlate(Ticket).exists()
        found = or_(found, bare)
    return not_(found) if one.operator is Operator.NOT else found


_SET = {Field.SNOOZED: Ticket.snoozed_until, Field.ANSWERED: Ticket.first_responded_at, Field.HAS_DUE: Ticket.due_at}


def _yes_or_no(ctx: Context, one: Condition) -> Any:
    wanted = set(YES_NO) - set(one.values) if one.operator is Operator.NOT else set(one.values)
    if one.field is Field.ATTACHED:
        # One look into the index of attachments for each ticket on the way down the list.
        has: Any = select(Attachment.id).where(Attachment.ticket_id == Ticket.id).correlate(Ticket).exists()
        either = {"yes": has, "no": ~has}
    else:
        column = col(_SET[one.field])
        either = {"yes": column.is_not(None), "no": column.is_(None)}
    return or_(false(), *(either[word] for word in sorted(wanted)))


def _dated(ctx: Context, one: Condition) -> Any:
    column = col(_COLUMNS[one.field])
    [value] = one.values
    if one.operator is Operator.LAST:
        return and_(column >= ctx.now - timedelta(days=int(value)), column <= ctx.now)
    if one.operator is Operator.NEXT:
        return and_(column >= ctx.now, column <= ctx.now + timedelta(days=int(value)))
    if moment := moment_of(value):
        return column < moment if one.operator is Operator.BEFORE else column >= moment
    day = _midnight(ctx, date.fromisoformat(value))
    if one.operator is Operator.BEFORE:
        return column < day
    after = _midnight(ctx, date.fromisoformat(value) + timedelta(days=1))
    return column >= after if one.operator is Operator.AFTER else and_(column >= day, column < after)


def _midnight(ctx: Context, day: date) -> datetime:
    """When a day begins for whoever looks."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ctx.actor.timezone))


def _said(ctx: Context, one: Condition) -> Any:
    """Words of the subject. Rare ones come as the tickets that have them; tickets with common ones are met soon enough
    on the way down the list."""
    query = search.beginnings(one.values[0])
    if not query:
        return false()
    ids = search.titled(ctx, query)
    if ids is None:
        config = text("'desk'")
        # With the weight that titles have among a ticket's words, which the query asks for.
        titled = func.setweight(func.to_tsvector(config, Ticket.title), text("'A'"))
        return titled.op("@@")(func.to_tsquery(config, query))
    return col(Ticket.id).in_(sql_select(func.unnest(sql_cast(ids, ARRAY(BigInteger)))))


def _words(ctx: Context, field: Field) -> set[str] | None:
    known = catalog.current(ctx)
    if field is Field.STATUS:
        return {row.slug for row in known.statuses}
    if field is Field.PRIORITY:
        return {row.slug for row in known.priorities}
    if field is Field.TAG:
        return {row.name.lower() for row in known.tags}
    if field is Field.TEAM:
        return {str(row.id) for row in known.teams}
    if field is Field.CATEGORY:
        return {str(row.id) for row in known.categories}
    return None


_COMPILED: dict[Kind, Callable[[Context, Condition], Any]] = {
    Kind.WORD: _chosen, Kind.CHOICE: _chosen, Kind.ID: _chosen, Kind.DATE: _dated, Kind.TEXT: _said,
    Kind.NUMBER: _counted, Kind.ANSWER: _answered,
}  # fmt: skip
