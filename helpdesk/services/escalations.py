"""Escalation by itself: policies as administrators keep them, what is due for which ticket, and the sweep over it.

What will be due is kept in a queue of (ticket, step, moment), written anew in a worker whenever something happens that
policies care for; filing and answering tickets cost nothing for it. The sweep reads only what is due, asks once more whether
it still holds, and writes each step down under a key that exists once: two sweeps at once cannot do it twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import case, delete, func, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from helpdesk import clock, db, log
from helpdesk.domain import escalation as rules
from helpdesk.domain import templates
from helpdesk.domain.activity import ActivityKind, Happened
from helpdesk.domain.conditions import FIELDS, ME, Field, Group, Kind, Operator, as_json
from helpdesk.domain.errors import Conflict, HelpdeskError, Invalid
from helpdesk.domain.escalation import Moments, Policy, Since, Step, Whom
from helpdesk.domain.people import ASSIGNABLE, Role
from helpdesk.domain.permissions import Permission
from helpdesk.domain.rules import holds, needs
from helpdesk.domain.text import clean
from helpdesk.domain.tickets import CommentKind, StatusCategory
from helpdesk.models import (
    Comment,
    Company,
    Escalation,
    EscalationDue,
    EscalationPolicy,
    EscalationStep,
    Organization,
    Person,
    Ticket,
    Timer,
)
from helpdesk.services import access, arranging, catalog, facts, organizations
from helpdesk.services.context import Context, anyone, requires, step
from helpdesk.services.tickets import escalating, narrowing

_logger = log.get(__name__)
BATCH = 50
REVIEWED_AT_ONCE = 200
_KINDS = (ActivityKind.ESCALATION_POLICY_CREATED, ActivityKind.ESCALATION_POLICY_CHANGED)
_K = ActivityKind
# Whatever is done to a ticket may begin or end a wait, or make conditions hold. Who watches it and what time it took does not.
_ASIDE = frozenset(
    {
        _K.TICKET_ESCALATED, _K.TICKET_WATCHED, _K.TICKET_UNWATCHED, _K.TICKET_MENTIONED, _K.TICKET_DELETED, _K.TICKET_PURGED,
        _K.TICKET_TIME_LOGGED, _K.TICKET_TIME_CHANGED, _K.TICKET_TIME_REMOVED, _K.TICKET_RATED, _K.TICKET_RATING_ASKED,
    }
)  # fmt: skip
HEARD = frozenset(kind for kind in _K if kind.startswith(("ticket.", "sla."))) - _ASIDE


# ---- As administrators keep them -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step as shown."""

    since: str
    after: str
    whom: tuple[str, ...]
    level: int = 1
    message: str = ""
    why: str = ""
    names: str = ""


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A policy in the list and the editor."""

    id: int
    name: str
    is_active: bool = True
    where: Group = field(default_factory=Group)
    steps: tuple[StepRow, ...] = ()
    # How often it has happened in the last thirty days.
    lately: int = 0
    # Why it does not work any more.
    problem: str = ""


@requires(Permission.CATALOG_MANAGE)
def listing(ctx: Context) -> list[PolicyRow]:
    """Every policy, in order."""
    since = ctx.now - timedelta(days=30)
    lately = dict(
        ctx.session.exec(
            select(Escalation.policy_id, func.count())
            .where(col(Escalation.at) >= since, col(Escalation.policy_id).is_not(None))
            .group_by(col(Escalation.policy_id))
        ).all()
    )
    names = _names(ctx)
    return [
        PolicyRow(
            row.id, row.name, row.is_active, policy.where, tuple(_step_row(one, names) for one in policy.steps),
            lately.get(row.id, 0), row.problem,
        )
        for row, policy in _all(ctx)
    ]  # fmt: skip


@requires(Permission.CATALOG_MANAGE)
def save(
    ctx: Context,
    policy_id: int | None = None,
    *,
    name: str,
    where: Group,
    steps: Sequence[Step],
    is_active: bool = True,
) -> int:
    """Create a policy, or change the one with `policy_id`; returns its id. Open tickets are looked at with it soon.

    Raises:
        Invalid: no name, conditions that name what is not there, or a step that makes no sense; says which.
        Conflict: another policy has the name.
        NotFound: no such policy.
    """
    name = arranging.checked_name(name, most=120, what="the policy")
    _check_where(ctx, where)
    wanted = rules.checked(steps)
    _check_whom(ctx, wanted)
    twin = ctx.session.exec(select(EscalationPolicy.id).where(EscalationPolicy.name == name)).first()
    if twin and twin != policy_id:
        raise Conflict(f"There is an escalation policy “{name}” already.")
    row = access.one(ctx, EscalationPolicy, policy_id, what="escalation policy") if policy_id else None
    before = _facts(ctx, row) if row else None
    if row is None:
        number = ctx.session.exec(select(func.count()).select_from(EscalationPolicy)).one()
        row = EscalationPolicy(name=name, position=number, created_at=ctx.now)
    row.name, row.conditions, row.is_active = name, as_json(where), is_active
    had_problem, row.problem = row.problem, ""
    ctx.session.add(row)
    ctx.session.flush()
    _write_steps(ctx, row, wanted)
    if arranging.wrote(ctx, _KINDS, row.id, name, before, _facts(ctx, row)) or had_problem:
        _review_all(ctx)
    return row.id


@requires(Permission.CATALOG_MANAGE)
def remove(ctx: Context, policy_id: int) -> None:
    """Delete a policy. What it has done stays in the tickets' histories.

    Raises:
        NotFound: no such policy.
    """
    row = access.one(ctx, EscalationPolicy, policy_id, what="escalation policy")
    before = _facts(ctx, row)
    ctx.session.delete(row)
    ctx.session.flush()
    arranging.deleted(ctx, ActivityKind.ESCALATION_POLICY_DELETED, row.id, row.name, before)


@requires(Permission.ORGANIZATION_MANAGE)
def switch(ctx: Context, *, is_on: bool) -> None:
    """Have tickets be escalated by themselves, or not. By hand they always can be."""
    organization = ctx.session.exec(select(Organization).with_for_update(key_share=True)).one()
    before = organizations.facts(organization)
    organization.escalates = is_on
    organizations.changed(ctx, before, organization)
    if is_on:
        _review_all(ctx)


@step
def plain(ctx: Context) -> list[dict[str, Any]]:
    """Every policy as plain data, in order, for the configuration text."""
    return [
        {
            "name": row.name, "active": row.is_active, "where": as_json(policy.where),
            "steps": [
                {
                    "since": one.since.value, "after": rules.after_label(one.after), "whom": list(one.whom),
                    "level": one.level, "message": one.message,
                }
                for one in policy.steps
            ],
        }
        for row, policy in _all(ctx)
    ]  # fmt: skip


# ---- What is due ---------------------------------------------------------------------------------------------------------


@step
def hears(ctx: Context, kind: str) -> bool:
    """Whether this organization's policies care for a kind; not where there are none, or they are switched off."""
    if kind not in HEARD:
        return False
    known = catalog.current(ctx)
    return bool(known.escalations) and known.organization.escalates


@step
def listen(ctx: Context, happened: Happened) -> None:
    """Something happened to a ticket: what will be due for it is written anew."""
    if happened.ticket_id is None or not hears(ctx, happened.kind):
        return
    ticket = ctx.session.get(Ticket, happened.ticket_id, populate_existing=True)
    if ticket is not None:
        review(ctx, [ticket])


@step
def review(ctx: Context, tickets: Sequence[Ticket]) -> None:
    """Write anew what will be due for some tickets."""
    known = catalog.current(ctx)
    policies = known.escalations if known.organization.escalates else ()
    open_ = [one for one in tickets if one.is_open]
    wanted: dict[tuple[int, int], rules.Due] = {}
    if policies and open_:
        told = facts.of_many(ctx, open_, wanted=needs(one.where for one in policies))
        moments = _moments(ctx, open_)
        for ticket in open_:
            for policy in policies:
                if not holds(policy.where, told[ticket.id]):
                    continue
                for one in policy.steps:
                    if due := rules.due(one, moments[ticket.id]):
                        wanted[ticket.id, one.id] = due
    ids = [one.id for one in tickets]
    ctx.session.flush()
    happened = set(
        ctx.session.exec(
            select(Escalation.ticket_id, Escalation.step_id, Escalation.since_at).where(
                col(Escalation.ticket_id).in_(ids), col(Escalation.step_id).is_not(None)
            )
        ).all()
    )
    pending = {(t, s): due for (t, s), due in wanted.items() if (t, s, due.since) not in happened}
    present = ctx.session.exec(select(EscalationDue).where(col(EscalationDue.ticket_id).in_(ids))).all()
    gone = [(row.ticket_id, row.step_id) for row in present if (row.ticket_id, row.step_id) not in pending]
    if gone:
        key = tuple_(col(EscalationDue.ticket_id), col(EscalationDue.step_id))
        ctx.session.execute(delete(EscalationDue).where(key.in_(gone)).execution_options(synchronize_session=False))
    if pending:
        # In one order for everybody: two that write the same rows would wait for each other.
        rows = [
            {"ticket_id": t, "step_id": s, "since_at": due.since, "due_at": due.at}
            for (t, s), due in sorted(pending.items(), key=lambda one: one[0])
        ]
        query = insert(EscalationDue).values(rows)
        changed = {"since_at": query.excluded.since_at, "due_at": query.excluded.due_at}
        ctx.session.execute(query.on_conflict_do_update(index_elements=["ticket_id", "step_id"], set_=changed))


@step
def review_some(ctx: Context) -> int:
    """After policies have changed: look at up to 200 more open tickets with them; returns how many there were."""
    organization = ctx.session.exec(
        select(Organization).where(col(Organization.escalations_reviewed).is_not(None)).with_for_update(key_share=True, skip_locked=True)
    ).first()  # fmt: skip
    if organization is None or organization.escalations_reviewed is None:
        return 0
    tickets = ctx.session.exec(
        select(Ticket)
        .where(col(Ticket.id) > organization.escalations_reviewed, col(Ticket.is_open))
        .order_by(col(Ticket.id))
        .limit(REVIEWED_AT_ONCE)
    ).all()
    review(ctx, tickets)
    organization.escalations_reviewed = tickets[-1].id if len(tickets) == REVIEWED_AT_ONCE else None
    return len(tickets)


@anyone
def organizations_due() -> list[int]:
    """Organizations where a step is due or changed policies have to be looked at with, asked as the owner."""
    with db.owner_session() as session:
        rows = session.execute(
            text(
                "SELECT DISTINCT organization_id FROM (SELECT organization_id FROM escalation_due"
                " WHERE due_at <= :now ORDER BY due_at LIMIT 10000) due"
                " UNION SELECT id FROM organization WHERE escalations_reviewed IS NOT NULL AND is_active"
            ),
            {"now": clock.now()},
        )
        return [row[0] for row in rows]


@step
def sweep(ctx: Context) -> int:
    """Take up to 50 steps that are due, the longest first; returns how many it looked at. Locked ones are skipped."""
    found = ctx.session.exec(
        select(EscalationDue, Ticket)
        .join(Ticket, col(Ticket.id) == EscalationDue.ticket_id)
        .where(col(EscalationDue.due_at) <= ctx.now)
        .order_by(col(EscalationDue.due_at), col(EscalationDue.ticket_id), col(EscalationDue.step_id))
        .limit(BATCH)
        .with_for_update(of=[EscalationDue, Ticket], key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    if not found:
        return 0
    known = catalog.current(ctx)
    policies = known.escalations if known.organization.escalates else ()
    by_step = {one.id: (policy, number, one) for policy in policies for number, one in enumerate(policy.steps, start=1)}
    tickets = list({ticket.id: ticket for _, ticket in found if ticket.is_open}.values())
    told = facts.of_many(ctx, tickets, wanted=needs(one.where for one in policies))
    moments = _moments(ctx, tickets)
    broken = {one.id: reason for one in policies if (reason := _broken(ctx, one))}
    ctx.limit += 2 * len(found)
    for row, ticket in found:
        policy, number, one = by_step.get(row.step_id, (None, 0, None))
        due = None
        if policy and one and ticket.is_open and (policy.id in broken or holds(policy.where, told[ticket.id])):
            due = rules.due(one, moments[ticket.id])
        if due is not None and due.at > ctx.now:
            row.since_at, row.due_at = due.since, due.at  # something has happened since
            continue
        ctx.session.delete(row)
        if due is not None and policy and one:
            reason = broken.get(policy.id) or _try(ctx, ticket, policy, number, one, due)
            if reason:
                _own_up(ctx, ticket, policy, number, reason)
    ctx.session.flush()
    return len(found)


def _broken(ctx: Context, policy: Policy) -> str:
    """Why a policy's conditions cannot be asked any more; empty: they can."""
    try:
        narrowing.check(ctx, policy.where)
    except Invalid as error:
        return next(iter(error.fields.values()), error.message)
    return ""


def _try(ctx: Context, ticket: Ticket, policy: Policy, number: int, one: Step, due: rules.Due) -> str:
    """Take a step; why it could not be taken. Whatever goes wrong stays with this policy: others are due as well."""
    known, topics = len(ctx.activities), set(ctx.topics)
    try:
        with ctx.session.begin_nested():
            _take(ctx, ticket, policy, number, one, due)
            ctx.session.flush()
        return ""
    except HelpdeskError as error:
        reason = error.message
    except Exception:
        _logger.exception("an escalation failed", policy=policy.id, ticket=ticket.id)
        reason = "Something went wrong inside the desk; the log has the details."
    del ctx.activities[known:]
    ctx.topics = topics
    ctx.session.refresh(ticket)
    return reason


def _own_up(ctx: Context, ticket: Ticket, policy: Policy, number: int, reason: str) -> None:
    """The ticket's history says that a step failed; an administrator is told the first time. Saving the policy begins again."""
    row = ctx.session.get(EscalationPolicy, policy.id)
    if row is None:
        return
    is_first, row.problem = not row.problem, reason[:300]
    ctx.record(
        ActivityKind.ESCALATION_FAILED, ticket, subject_id=policy.id, name=policy.name, step=number, reason=row.problem,
        is_first=is_first,
    )  # fmt: skip
    ctx.topics.add(f"org-{ctx.organization_id}-catalog")


def _take(ctx: Context, ticket: Ticket, policy: Policy, number: int, one: Step, due: rules.Due) -> None:
    """Tell people and raise the level, once for the moment the step counts from. It is no work on the ticket: what
    was last done stays when it was."""
    before = ticket.escalation_level
    # Whoever was named may be gone since; somebody must hear of it all the same.
    people = escalating.people(ctx, ticket, one.whom) or escalating.people(ctx, ticket, [Whom.MANAGERS.value])
    reason = f"{policy.name}, step {number}: {rules.why(one)}"
    once = insert(Escalation).values(
        ticket_id=ticket.id, policy_id=policy.id, step_id=one.id, since_at=due.since, level_before=before,
        level_after=max(before, one.level), reason=reason[:500], actor_name=ctx.actor.name,
        told=[person.name for person in people], at=ctx.now,
    )  # fmt: skip
    if ctx.session.scalars(once.on_conflict_do_nothing().returning(col(Escalation.id))).first() is None:
        return
    ticket.escalation_level = max(before, one.level)
    escalating.told_of(
        ctx, ticket, before, told=people, reason=reason, policy=policy.name, message=_message(ctx, ticket, one.message)
    )


def _message(ctx: Context, ticket: Ticket, message: str) -> str:
    if not clean(message):
        return ""
    known = catalog.current(ctx)
    requester = ctx.session.get(Person, ticket.requester_id)
    agent = ctx.session.get(Person, ticket.assignee_id) if ticket.assignee_id else None
    company = ctx.session.get(Company, ticket.company_id) if ticket.company_id else None
    category, team = known.category_by_id.get(ticket.category_id or 0), known.team_by_id.get(ticket.team_id or 0)
    return templates.fill(
        message,
        {
            "ticket": {
                "reference": ticket.reference, "title": ticket.title,
                "status": known.status_by_id[ticket.status_id].label,
                "priority": known.priority_by_id[ticket.priority_id].label, "category": category.name if category else "",
                "team": team.name if team else "",
            },
            "requester": {
                "name": requester.name if requester else "", "email": requester.email if requester else "",
                "first_name": requester.name.split(" ")[0] if requester else "", "company": company.name if company else "",
            },
            "agent": {"name": agent.name if agent else "", "first_name": agent.name.split(" ")[0] if agent else ""},
            "organization": {"name": known.organization.name},
        },
    )  # fmt: skip


def _moments(ctx: Context, tickets: Sequence[Ticket]) -> dict[int, Moments]:
    """What steps count from, for some tickets, in two statements."""
    ids = [one.id for one in tickets]
    if not ids:
        return {}
    ctx.session.flush()
    promised = {
        ticket_id: (breached, warned)
        for ticket_id, breached, warned in ctx.session.exec(
            select(Timer.ticket_id, func.min(Timer.breached_at), func.min(Timer.warned_at))
            .where(col(Timer.ticket_id).in_(ids), col(Timer.met_at).is_(None))
            .group_by(col(Timer.ticket_id))
        ).all()
    }
    said = _said(ctx, ids)
    found = {}
    for one in tickets:
        answered, asked = said.get(one.id, (None, None))
        breached, warned = promised.get(one.id, (None, None))
        waiting = rules.waiting_since(
            created_at=one.created_at, answered_at=answered, asked_at=asked,
            is_customers_turn=not one.last_reply_by_customer or one.status_category == StatusCategory.PENDING,
        )  # fmt: skip
        found[one.id] = Moments(one.created_at, one.updated_at, breached, warned, waiting)
    return found


def _said(ctx: Context, ids: Sequence[int]) -> dict[int, tuple[Any, Any]]:
    """When staff last answered each ticket, and when the customer first wrote after that."""
    by_staff = case((col(Person.role) != Role.CUSTOMER, Comment.created_at))
    answered = (
        select(col(Comment.ticket_id).label("ticket_id"), func.max(by_staff).label("at"))
        .join(Person, col(Person.id) == Comment.author_id)
        .where(col(Comment.ticket_id).in_(ids), Comment.kind == CommentKind.REPLY)
        .group_by(col(Comment.ticket_id))
        .subquery()
    )
    asked = (
        select(func.min(Comment.created_at))
        .join(Person, col(Person.id) == Comment.author_id)
        .where(
            Comment.ticket_id == answered.c.ticket_id, Comment.kind == CommentKind.REPLY, Person.role == Role.CUSTOMER,
            col(Comment.created_at) > answered.c.at,
        )
        .correlate(answered)
        .scalar_subquery()
    )  # fmt: skip
    rows = ctx.session.exec(select(answered.c.ticket_id, answered.c.at, asked)).all()
    return {ticket_id: (at, asked_at) for ticket_id, at, asked_at in rows}


def _review_all(ctx: Context) -> None:
    ctx.session.exec(select(Organization)).one().escalations_reviewed = 0


def _all(ctx: Context) -> list[tuple[EscalationPolicy, Policy]]:
    rows = ctx.session.exec(
        select(EscalationPolicy).order_by(col(EscalationPolicy.position), col(EscalationPolicy.id))
    ).all()
    steps = catalog.escalation_steps(ctx)
    return [(row, catalog.escalation_policy(row, steps.get(row.id, []))) for row in rows]


def _facts(ctx: Context, row: EscalationPolicy) -> dict[str, Any]:
    ctx.session.flush()
    policy = next(policy for one, policy in _all(ctx) if one.id == row.id)
    names = _names(ctx)
    return {
        "name": row.name, "is_active": row.is_active, "conditions": as_json(policy.where),
        "steps": [
            f"{rules.why(one)}: tell {_told(one, names)}, level {one.level}{', with a message' if one.message else ''}"
            for one in policy.steps
        ],
    }  # fmt: skip


def _step_row(one: Step, names: Callable[[str], str]) -> StepRow:
    return StepRow(
        one.since.value,
        rules.after_label(one.after),
        one.whom,
        one.level,
        one.message,
        rules.why(one),
        _told(one, names),
    )


def _told(one: Step, names: Callable[[str], str]) -> str:
    return ", ".join(names(word) for word in one.whom)


def _names(ctx: Context) -> Callable[[str], str]:
    """How `whom` is read out."""
    teams = {f"team:{row.id}": f"team {row.name}" for row in catalog.current(ctx).teams}
    people = {
        f"person:{person_id}": name
        for person_id, name in ctx.session.exec(
            select(Person.id, Person.name).where(col(Person.role).in_(ASSIGNABLE))
        ).all()
    }
    known = {word.value: label for word, label in rules.WHOM_LABELS.items()} | teams | people
    return lambda word: known.get(word, "somebody who is gone")


# What the conditions of a policy can ask: how a ticket stands, not what has just happened to it.
ASKS = frozenset(FIELDS) - {Field.BY, Field.SAID}


def _check_where(ctx: Context, where: Group) -> None:
    """Refuse what a policy cannot ask: it looks at a ticket as it stands, for nobody in particular."""
    for one in where:
        label = FIELDS[one.field].label
        if one.operator in (Operator.WAS, Operator.CHANGED) or one.field not in ASKS:
            raise Invalid(where=f"{label}: a policy knows how a ticket stands, not what has just happened to it.")
        if ME in one.values and FIELDS[one.field].kind is Kind.ID:
            raise Invalid(where=f"{label}: “me” is nobody here. Name somebody.")
    narrowing.check(ctx, where)


def _check_whom(ctx: Context, steps: Sequence[Step]) -> None:
    teams = catalog.current(ctx).team_by_id
    for number, one in enumerate(steps, start=1):
        for word in one.whom:
            kind, _, raw = word.partition(":")
            if kind == Whom.TEAM and (int(raw) not in teams or not teams[int(raw)].is_active):
                raise Invalid(steps=f"Step {number}: choose one of the teams.")
            if kind == Whom.PERSON:
                try:
                    access.agent(ctx, int(raw))
                except Invalid as error:
                    raise Invalid(steps=f"Step {number}: {error.fields['assignee']}") from None


def _write_steps(ctx: Context, row: EscalationPolicy, wanted: Sequence[Step]) -> None:
    """Steps keep their ids as far as they count from the same: what has happened by them is not repeated."""
    present = list(ctx.session.exec(select(EscalationStep).where(EscalationStep.policy_id == row.id)).all())
    for number, one in enumerate(wanted):
        same = next((old for old in present if (old.since, old.after_seconds) == _counts(one)), None)
        kept = same or EscalationStep(policy_id=row.id, since=one.since.value)
        if same:
            present.remove(same)
        kept.position, (kept.since, kept.after_seconds) = number, _counts(one)
        kept.whom, kept.level, kept.message = list(one.whom), one.level, clean(one.message)
        ctx.session.add(kept)
    for old in present:
        ctx.session.delete(old)
    ctx.session.flush()


def _counts(one: Step) -> tuple[str, int]:
    return one.since.value, int(one.after.total_seconds())


__all__ = [
    "PolicyRow", "Since", "StepRow", "hears", "listen", "listing", "organizations_due", "plain", "remove", "review",
    "review_some", "save", "sweep", "switch",
]  # fmt: skip
