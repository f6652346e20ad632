"""What is known of a ticket, for conditions: rules, SLA and escalation policies ask it through `domain/rules.py`.

Below tickets and SLA, so that both can ask. Most of it is in the ticket and the cached catalog; what is not (tags, the
requester's address, what was said last) is one statement for any number of tickets, and only if somebody asks for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy import select as sql_select
from sqlmodel import col, select

from helpdesk.domain import custom_fields
from helpdesk.domain.activity import ActivityKind, Happened
from helpdesk.domain.business_hours import is_open
from helpdesk.domain.conditions import Field
from helpdesk.domain.rules import CHOSEN_POLICY, Facts
from helpdesk.domain.tickets import CommentKind
from helpdesk.models import Attachment, Comment, Person, Tag, Ticket, TicketTag
from helpdesk.services import catalog
from helpdesk.services.catalog import Catalog
from helpdesk.services.context import Context, step

EVERYTHING = frozenset(Field)
# What is not in the ticket itself.
_BESIDE = frozenset(
    {Field.TAG, Field.ATTACHED, Field.REQUESTER_EMAIL, Field.REQUESTER_DOMAIN, Field.COMMENT, Field.TEXT}
)


@dataclass(frozen=True, slots=True)
class Beside:
    """What is kept beside a ticket."""

    tags: tuple[str, ...] = ()
    email: str = ""
    comment: str = ""
    is_attached: bool = False


_NOTHING = Beside()


@step
def of(
    ctx: Context, ticket: Ticket, happened: Happened | None = None, *, wanted: frozenset[Field] = EVERYTHING
) -> Facts:
    """The facts of one ticket, in at most one statement.

    Args:
        happened: what just happened to it, for “was” and “has just changed”.
        wanted: what will be asked for (`rules.needs`); nothing else is read.
    """
    beside = _beside(ctx, [ticket.id]) if _read_for(ctx, wanted) else {}
    return assemble(ctx, ticket, beside.get(ticket.id, _NOTHING), happened, wanted=wanted)


@step
def of_many(ctx: Context, tickets: Sequence[Ticket], *, wanted: frozenset[Field] = EVERYTHING) -> dict[int, Facts]:
    """The facts of many tickets by their id, in at most one statement."""
    beside = _beside(ctx, [one.id for one in tickets]) if tickets and _read_for(ctx, wanted) else {}
    return {one.id: assemble(ctx, one, beside.get(one.id, _NOTHING), wanted=wanted) for one in tickets}


@step
def assemble(
    ctx: Context,
    ticket: Ticket,
    beside: Beside = _NOTHING,
    happened: Happened | None = None,
    *,
    wanted: frozenset[Field] = EVERYTHING,
) -> Facts:
    """The facts of a ticket whose surroundings are known: one about to be filed, for example. Reads nothing."""
    known = catalog.current(ctx)
    said = f"{ticket.title}\n{ticket.description}\n{beside.comment}"
    facts = Facts(
        now=ctx.now,
        timezone=known.organization.timezone,
        values=_values(known, ticket, beside) | _doer(ctx, ticket, happened),
        texts={
            Field.TITLE: ticket.title, Field.DESCRIPTION: ticket.description, Field.COMMENT: beside.comment,
            Field.TEXT: said, **_answers(known, ticket.custom or {}),
        },
        dates=_dates(
            created=ticket.created_at, updated=ticket.updated_at, due=ticket.due_at, resolved=ticket.resolved_at,
            closed=ticket.closed_at,
        ),
        was=former(known, happened) if happened else {},
    )  # fmt: skip
    if Field.HOURS not in wanted:
        return facts
    # By the calendar of the ticket's policy; a policy that asks for business hours itself is passed over in finding it.
    policy = known.policy_for(facts)
    hours = "open" if is_open(policy.calendar if policy else known.usual_hours, ctx.now) else "closed"
    return replace(facts, values={**facts.values, Field.HOURS: _some(hours)})


def _read_for(ctx: Context, wanted: frozenset[Field]) -> bool:
    """Whether what is beside a ticket must be read: it is asked for, or decides on the policy, which decides on the hours."""
    asked = wanted | catalog.current(ctx).asked_for_policies if Field.HOURS in wanted else wanted
    return not asked.isdisjoint(_BESIDE)


@step
def former(known: Catalog, happened: Happened) -> dict[str, frozenset[str]]:
    """What an activity changed, by field, and what that was before."""
    data = happened.data
    before = data.get("before")
    match happened.kind:
        case ActivityKind.TICKET_STATUS_CHANGED:
            slugs = [row.slug for row in known.statuses if row.label == before]
            found: dict[str, frozenset[str]] = {Field.STATUS: _some(*slugs[:1])}
            if data.get("before_category") != data.get("after_category"):
                found[Field.STATUS_CATEGORY] = _some(data.get("before_category"))
            return found
        case ActivityKind.TICKET_PRIORITY_CHANGED:
            return {Field.PRIORITY: _some(*[row.slug for row in known.priorities if row.label == before][:1])}
        case ActivityKind.TICKET_CATEGORY_CHANGED:
            return {Field.CATEGORY: _some(*[row.id for row in known.categories if row.name == before][:1])}
        case ActivityKind.TICKET_TEAM_CHANGED:
            return {Field.TEAM: _some(*[row.id for row in known.teams if row.name == before][:1])}
        case ActivityKind.TICKET_ASSIGNED | ActivityKind.TICKET_UNASSIGNED:
            return {Field.ASSIGNEE: _some(data.get("previous_id"))}
        case ActivityKind.TICKET_TAGS_CHANGED:
            return {Field.TAG: _some(*(before or ()))}
        case ActivityKind.TICKET_TITLE_CHANGED:
            return {Field.TITLE: _some(before)}
        case ActivityKind.TICKET_DUE_CHANGED:
            return {Field.DUE: _some(before)}
        case ActivityKind.TICKET_ESCALATED | ActivityKind.TICKET_DEESCALATED if before != data.get("after"):
            return {Field.ESCALATION: _some(before)}
        case ActivityKind.TICKET_POLICY_CHANGED:
            return {CHOSEN_POLICY: _some(data.get("before_id"))}
        case ActivityKind.TICKET_FIELD_CHANGED:
            return {f"{Field.CUSTOM}:{data.get('field_id')}": _some(before)}
    return {}


@step
def latter(known: Catalog, happened: Happened) -> dict[str, frozenset[str]]:
    """What an activity made of the fields it changed."""
    data = happened.data
    after = data.get("after")
    match happened.kind:
        case ActivityKind.TICKET_STATUS_CHANGED:
            slug, stage = data.get("after_slug"), data.get("after_category")
            return {Field.STATUS: _some(slug), Field.STATUS_CATEGORY: _some(stage)}
        case ActivityKind.TICKET_PRIORITY_CHANGED:
            return {Field.PRIORITY: _some(data.get("after_slug"))}
        case ActivityKind.TICKET_CATEGORY_CHANGED:
            return {Field.CATEGORY: _some(*[row.id for row in known.categories if row.name == after][:1])}
        case ActivityKind.TICKET_TEAM_CHANGED:
            return {Field.TEAM: _some(*[row.id for row in known.teams if row.name == after][:1])}
        case ActivityKind.TICKET_ASSIGNED:
            return {Field.ASSIGNEE: _some(data.get("assignee_id"))}
        case ActivityKind.TICKET_UNASSIGNED:
            return {Field.ASSIGNEE: frozenset()}
        case ActivityKind.TICKET_TAGS_CHANGED:
            return {Field.TAG: _some(*(after or ()))}
        case ActivityKind.TICKET_FIELD_CHANGED:
            return {f"{Field.CUSTOM}:{data.get('field_id')}": _some(after)}
        case ActivityKind.TICKET_ESCALATED | ActivityKind.TICKET_DEESCALATED:
            return {Field.ESCALATION: _some(after)}
        case ActivityKind.TICKET_RATED:
            return {Field.CSAT: _some(data.get("score"))}
        case ActivityKind.TICKET_CREATED:
            return {
                Field.PRIORITY: _some(data.get("priority")),
                Field.STATUS: _some(*[row.slug for row in known.statuses if row.label == data.get("status")][:1]),
            }
    return {}


@step
def doer(ctx: Context, ticket: Ticket, happened: Happened) -> dict[str, frozenset[str]]:
    """Who did it, and whether they said it in public."""
    return _doer(ctx, ticket, happened)


def _beside(ctx: Context, ids: Sequence[int]) -> dict[int, Beside]:
    tags = (
        select(func.array_agg(func.lower(Tag.name)))
        .join(TicketTag, col(TicketTag.tag_id) == Tag.id)
        .where(TicketTag.ticket_id == Ticket.id)
        .correlate(Ticket)
        .scalar_subquery()
    )
    latest = (
        select(Comment.body)
        .where(Comment.ticket_id == Ticket.id, Comment.kind != CommentKind.SYSTEM)
        .order_by(col(Comment.id).desc())
        .limit(1)
        .correlate(Ticket)
        .scalar_subquery()
    )
    attached = select(Attachment.id).where(Attachment.ticket_id == Ticket.id).correlate(Ticket).exists()
    query = (
        sql_select(col(Ticket.id), col(Person.email), tags, latest, attached)
        .join(Person, col(Person.id) == Ticket.requester_id)
        .where(col(Ticket.id).in_(ids))
    )
    return {
        ticket_id: Beside(tuple(names or ()), email or "", comment or "", is_attached)
        for ticket_id, email, names, comment, is_attached in ctx.session.execute(query)
    }


def _values(known: Catalog, ticket: Ticket, beside: Beside) -> dict[str, frozenset[str]]:
    status, priority = known.status_by_id.get(ticket.status_id), known.priority_by_id.get(ticket.priority_id)
    email = beside.email.lower()
    found: dict[str, frozenset[str]] = {
        Field.STATUS: _some(status.slug if status else None),
        Field.STATUS_CATEGORY: _some(ticket.status_category),
        Field.PRIORITY: _some(priority.slug if priority else None),
        Field.CATEGORY: _some(ticket.category_id),
        Field.ASSIGNEE: _some(ticket.assignee_id),
        Field.TEAM: _some(ticket.team_id),
        Field.TAG: _some(*beside.tags),
        Field.COMPANY: _some(ticket.company_id),
        Field.CHANNEL: _some(ticket.channel),
        Field.REQUESTER: _some(ticket.requester_id),
        Field.SLA: _some(ticket.sla_status),
        Field.SNOOZED: _some("yes" if ticket.snoozed_until else "no"),
        Field.ANSWERED: _some("yes" if ticket.first_responded_at else "no"),
        Field.HAS_DUE: _some("yes" if ticket.due_at else "no"),
        Field.ATTACHED: _some("yes" if beside.is_attached else "no"),
        Field.ESCALATION: _some(str(ticket.escalation_level or 0)),
        Field.CSAT: _some(ticket.csat_score),
        CHOSEN_POLICY: _some(ticket.chosen_policy_id),
        Field.REQUESTER_EMAIL: _some(email),
        Field.REQUESTER_DOMAIN: _some(email.rpartition("@")[2]),
    }
    for name, answer in _answers(known, ticket.custom or {}).items():
        found[name] = _some(answer)
    return found


def _answers(known: Catalog, custom: Mapping[str, Any]) -> dict[str, str]:
    """Answers to the organization's own fields as people spell them."""
    return {
        f"{Field.CUSTOM}:{one.id}": spelled.lower()
        for one in known.fields
        if str(one.id) in custom and (spelled := custom_fields.spelled(one, custom[str(one.id)]))
    }


def _doer(ctx: Context, ticket: Ticket, happened: Happened | None) -> dict[str, frozenset[str]]:
    if happened is None:
        return {}
    if happened.actor_id is None:
        by = "desk"
    elif happened.actor_id == ctx.actor.person_id:
        by = "customer" if ctx.actor.is_customer or happened.actor_id == ticket.requester_id else "staff"
    else:
        by = (
            "customer"
            if happened.data.get("by_staff") is False or happened.actor_id == ticket.requester_id
            else "staff"
        )
    said = {ActivityKind.TICKET_REPLIED: "reply", ActivityKind.TICKET_NOTED: "note"}.get(happened.kind)
    return {Field.BY: _some(by), Field.SAID: _some(said)}


def _dates(**moments: datetime | None) -> dict[str, datetime]:
    return {name: at for name, at in moments.items() if at is not None}


def _some(*values: object) -> frozenset[str]:
    return frozenset(str(value).lower() for value in values if value not in (None, ""))


@step
def by_name(known: Catalog, rows: Iterable[tuple[Field, str, str]] = ()) -> dict[tuple[Field, str], str]:
    """(field, name in lower case) -> id, for conditions in the flat form; `rows` adds what is not in the catalog."""
    found = {(about, name.lower()): number for about, name, number in rows}
    found |= {(Field.CATEGORY, row.name.lower()): str(row.id) for row in known.categories}
    found |= {(Field.TEAM, row.name.lower()): str(row.id) for row in known.teams}
    found |= {(Field.CUSTOM, row.label.lower()): str(row.id) for row in known.fields}
    return found
