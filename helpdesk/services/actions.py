"""What rules and macros do to a ticket: each action through the verb people use, and what it means in words."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlmodel import col, select

from helpdesk.domain import durations, templates
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.conditions import FIELDS, NONE, Condition, Field, Group, Match, Operator, called
from helpdesk.domain.errors import Invalid
from helpdesk.domain.escalation import Whom
from helpdesk.domain.people import system
from helpdesk.domain.rules import (
    ACTION_LABELS,
    ASSIGNEE,
    BY_ID,
    ENDPOINT,
    MACRO,
    NOTIFIED,
    POLICY,
    REQUESTER,
    Action,
    Do,
    names_asked,
    whom_named,
)
from helpdesk.domain.text import excerpt
from helpdesk.models import Company, Macro, Person, Tag, Ticket, TicketTag, WebhookEndpoint
from helpdesk.services import access, catalog
from helpdesk.services.catalog import Catalog, HookCard
from helpdesk.services.context import Context, step
from helpdesk.services.tickets import assignment, conversation, escalating, fields, status, watching


@step
def apply(ctx: Context, ticket: Ticket, action: Action) -> None:
    """Do one thing to a ticket, as whoever acts.

    Raises:
        HelpdeskError: what the verb says.
    """
    _VERBS[action.do](ctx, ticket, action.values)


@step
def check(ctx: Context, actions: Iterable[Action]) -> None:
    """Refuse actions that name what is not there or not in use.

    Raises:
        Invalid: says which action, and why.
    """
    for place, one in enumerate(actions, start=1):
        problem = _problem(ctx, one)
        if problem:
            raise Invalid(actions=f"Action {place}: {problem}")


@step
def check_conditions(ctx: Context, group: Group) -> None:
    """Refuse conditions that name what is not there any more.

    Raises:
        Invalid: says which.
    """
    known = catalog.current(ctx)
    offered: dict[Field, set[str]] = {
        Field.STATUS: {row.slug for row in known.statuses}, Field.PRIORITY: {row.slug for row in known.priorities},
        Field.CATEGORY: {str(row.id) for row in known.categories}, Field.TEAM: {str(row.id) for row in known.teams},
    }  # fmt: skip
    people = {Field.ASSIGNEE: Person, Field.REQUESTER: Person, Field.COMPANY: Company}
    for one in group:
        if one.number and one.number not in known.field_by_id:
            raise Invalid(where="A condition asks for a custom field that does not exist any more.")
        if one.operator == "changed":
            continue
        wanted = [value for value in one.values if value not in FIELDS[one.field].words]
        if one.field in people and wanted:
            model: Any = people[one.field]
            ids = select(model.id).where(col(model.id).in_(map(int, wanted)))
            offered[one.field] = {str(found) for found in ctx.session.exec(ids)}
        if one.field in offered and (gone := [value for value in wanted if value not in offered[one.field]]):
            raise Invalid(where=f"A condition asks for a {FIELDS[one.field].label.lower()} that does not exist any more: {gone[0]}.")  # fmt: skip


@step
def in_words(ctx: Context, action: Action) -> str:
    """An action as a person says it: "set the priority to Urgent"."""
    return spoken(catalog.current(ctx), action, named(ctx, names_asked([action])))


@step
def spoken(known: Catalog, action: Action, names: dict[tuple[str, str], str]) -> str:
    """The same, with the names of people and companies found before."""
    label, values = ACTION_LABELS[action.do], action.values
    if action.do in (Do.STOP, Do.TAKE):
        return label
    if action.do in (Do.NOTE, Do.REPLY):
        return f"{label}: “{excerpt(values[0], 80)}”"
    if action.do is Do.MAIL:
        to = {REQUESTER: "the requester", ASSIGNEE: "the assignee"}.get(values[0], values[0])
        return f"{label} {to}: “{excerpt(values[1], 80)}”"
    if action.do is Do.NOTIFY:
        of = whom_named(values[0])
        to = NOTIFIED.get(values[0]) or (names.get(of, "somebody who is gone") if of else values[0])
        return f"{label} {to}: “{excerpt(values[1], 80)}”"
    return f"{label} {', '.join(_word(known, action.do, value, names) for value in values)}"


@step
def named(ctx: Context, asked: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """What people call ids of teams, categories, people, companies and macros: (what, id) -> name."""
    known = catalog.current(ctx)
    wanted = {(field, value) for field, value in asked if value.isdigit()}
    found: dict[tuple[str, str], str] = {(Field.TEAM, str(row.id)): row.name for row in known.teams}
    found |= {(Field.CATEGORY, str(row.id)): row.name for row in known.categories}
    found |= {(POLICY, str(row_id)): one.name for row_id, one in known.policy_by_id.items()}
    kinds: tuple[tuple[tuple[str, ...], Any], ...] = (
        ((Field.ASSIGNEE, Field.REQUESTER), Person), ((Field.COMPANY,), Company), ((MACRO,), Macro),
        ((ENDPOINT,), WebhookEndpoint),
    )  # fmt: skip
    for fields_, model in kinds:
        ids = {int(value) for field, value in wanted if field in fields_}
        if ids:
            rows = ctx.session.exec(select(model.id, model.name).where(col(model.id).in_(ids))).all()
            found |= {(field, str(row_id)): name for row_id, name in rows for field in fields_}
    return found


@step
def condition_in_words(known: Catalog, one: Condition, names: dict[tuple[str, str], str]) -> str:
    """A condition as a person says it: "Priority is any of High, Urgent"."""
    label = FIELDS[one.field].label
    if one.number:
        field = known.field_by_id.get(one.number)
        label = field.label if field else "A custom field that is gone"
    slugs = {row.slug: row.label for row in known.statuses} | {row.slug: row.label for row in known.priorities}
    own = one.field in (Field.STATUS, Field.PRIORITY)
    shown = ", ".join(
        slugs.get(value, value) if own else names.get((one.field, value)) or called(one.field, value)
        for value in one.values
    )
    if one.operator in (Operator.LAST, Operator.NEXT):
        return f"{label} is within the {one.operator.value} {shown} days"
    return f"{label} {_HOW.get(one.operator, one.operator.value)} {shown}".strip() if one.operator is not Operator.CHANGED else (
        f"{label} has {'' if one.values[0] == 'yes' else 'not '}just changed"
    )  # fmt: skip


@step
def conditions_in_words(known: Catalog, group: Group, names: dict[tuple[str, str], str]) -> str:
    """A tree of conditions as a person says it; nothing for none."""
    parts = [
        f"({conditions_in_words(known, part, names)})"
        if isinstance(part, Group)
        else condition_in_words(known, part, names)
        for part in group.parts
    ]
    return (" and " if group.match is Match.ALL else " or ").join(parts)


_HOW = {
    "is": "is", "any": "is any of", "not": "is not", "before": "is before", "after": "is after",
    "contains": "contains", "least": "is at least", "most": "is at most", "was": "was until now",
}  # fmt: skip


@step
def values_for(ctx: Context, ticket: Ticket) -> dict[str, dict[str, str]]:
    """What the placeholders of a text stand for on a ticket."""
    known = catalog.current(ctx)
    query = (
        select(Person.name, Person.email, Company.name)
        .outerjoin(Company, col(Company.id) == Person.company_id)
        .where(Person.id == ticket.requester_id)
    )
    name, email, company = ctx.session.exec(query).one()
    # Whoever writes; a rule writes for whoever has the ticket.
    agent_id = ctx.actor.person_id if ctx.actor.is_staff else ticket.assignee_id
    agent = ctx.session.get(Person, agent_id) if agent_id else None
    agent_name = agent.name if agent else ""
    category, team = known.category_by_id.get(ticket.category_id or 0), known.team_by_id.get(ticket.team_id or 0)
    return {
        "ticket": {
            "reference": ticket.reference, "title": ticket.title,
            "status": known.status_by_id[ticket.status_id].customer_label,
            "priority": known.priority_by_id[ticket.priority_id].label, "category": category.name if category else "",
            "team": team.name if team else "",
        },
        "requester": {"name": name, "first_name": name.split()[0] if name else "", "email": email or "", "company": company or ""},
        "agent": {"name": agent_name, "first_name": agent_name.split()[0] if agent_name else ""},
        "organization": {"name": known.organization.name},
    }  # fmt: skip


@step
def tags_of(ctx: Context, ticket: Ticket) -> set[str]:
    """The names of a ticket's tags."""
    query = select(Tag.name).join(TicketTag, col(TicketTag.tag_id) == Tag.id).where(TicketTag.ticket_id == ticket.id)
    return set(ctx.session.exec(query).all())


def _word(known: Catalog, do: Do, value: str, names: dict[tuple[str, str], str]) -> str:
    if value == NONE:
        return {Do.ASSIGN: "nobody", Do.TEAM: "no team", Do.SLA: "its conditions say"}.get(do, "none")
    if do is Do.STATUS:
        return next((row.label for row in known.statuses if row.slug == value), value)
    if do is Do.PRIORITY:
        return next((row.label for row in known.priorities if row.slug == value), value)
    return names.get((BY_ID[do], value), f"#{value}") if do in BY_ID else value


def _problem(ctx: Context, one: Action) -> str:
    known = catalog.current(ctx)
    value = one.values[0] if one.values else ""
    try:
        if one.do is Do.PRIORITY:
            known.priority(value)
        elif one.do is Do.STATUS and not known.status(value).is_active:
            return f"The status “{known.status(value).label}” is no longer in use."
        elif value == NONE:
            return ""
        elif one.do is Do.CATEGORY:
            known.category(int(value))
        elif one.do is Do.TEAM and not getattr(known.team_by_id.get(int(value)), "is_active", False):
            return "Choose one of the teams in use."
        elif one.do in (Do.ASSIGN, Do.WATCH):
            access.agent(ctx, int(value))
        elif one.do is Do.ANSWER:
            _shared_macro(ctx, value)
        elif one.do is Do.SLA and int(value) not in {policy.id for policy in known.policies}:
            return "Choose one of the SLA policies in use."
        elif one.do is Do.WEBHOOK:
            _endpoint(ctx, value)
        elif one.do is Do.NOTIFY:
            of = whom_named(value)
            if of and of[0] == Field.TEAM and not getattr(known.team_by_id.get(int(of[1])), "is_active", False):
                return "Choose one of the teams in use."
            if of and of[0] == Field.ASSIGNEE:
                access.agent(ctx, int(of[1]))
            templates.check(one.values[1])
        elif one.do in (Do.NOTE, Do.REPLY, Do.MAIL):
            for text in one.values:
                templates.check(text)
    except Invalid as error:
        return error.message
    return ""


def _assign(ctx: Context, ticket: Ticket, values: tuple[str, ...]) -> None:
    if values[0] == NONE:
        assignment.release(ctx, ticket)
    elif ticket.assignee_id != int(values[0]):
        assignment.give(ctx, ticket, access.agent(ctx, int(values[0])))


def _tag(ctx: Context, ticket: Ticket, values: tuple[str, ...]) -> None:
    present = tags_of(ctx, ticket)
    if not present.issuperset(values):
        fields.tag(ctx, ticket.reference, sorted(present.union(values)))


def _untag(ctx: Context, ticket: Ticket, values: tuple[str, ...]) -> None:
    present = tags_of(ctx, ticket)
    if not present.isdisjoint(values):
        fields.tag(ctx, ticket.reference, sorted(present.difference(values)))


def _due(ctx: Context, ticket: Ticket, values: tuple[str, ...]) -> None:
    fields.schedule(ctx, ticket.reference, None if values[0] == NONE else ctx.now + durations.wait(values[0]))


def _watch(ctx: Context, ticket: Ticket, values: tuple[str, ...]) -> None:
    person = access.agent(ctx, int(values[0]))
    if watching.follow(ctx, ticket, person.id):
        ctx.record(ActivityKind.TICKET_WATCHER_ADDED, ticket, subject_id=person.id, name=person.name)


def _escalate(ctx: Context, ticket: Ticket, values: tuple[str, ...]) -> None:
    if ticket.escalation_level < int(values[0]):
        escalating.escalate(ctx, ticket.reference, reason=ctx.actor.name, level=int(values[0]))


def _note(ctx: Context, ticket: Ticket, values: tuple[str, ...]) -> None:
    conversation.note(ctx, ticket.reference, templates.fill(values[0], values_for(ctx, ticket)))


def _reply(ctx: Context, ticket: Ticket, values: tuple[str, ...]) -> None:
    _say(ctx, ticket, templates.fill(values[0], values_for(ctx, ticket)))


def _answer(ctx: Context, ticket: Ticket, values: tuple[str, ...]) -> None:
    _say(ctx, ticket, templates.fill(_shared_macro(ctx, values[0]).reply, values_for(ctx, ticket)))


def _shared_macro(ctx: Context, macro_id: str) -> Macro:
    found = ctx.session.get(Macro, access.whole(macro_id))
    if found is None or found.scope == "me" or not found.reply:
        raise Invalid(actions="Choose a shared macro that has a reply.")
    return found


def _say(ctx: Context, ticket: Ticket, body: str) -> None:
    # Customers know the organization; what our rules are called is no business of theirs.
    us = system(ctx.organization_id, catalog.current(ctx).organization.name) if ctx.actor.is_desk else ctx.actor
    with ctx.acting_as(us):
        conversation.reply(ctx, ticket.reference, body)


def _notify(ctx: Context, ticket: Ticket, values: tuple[str, ...]) -> None:
    """Write down who is told what; the mails follow from that (services/notifications.py)."""
    told = _told(ctx, ticket, values[0])
    if told:
        ctx.record(
            ActivityKind.TICKET_NOTIFIED, ticket, told=[name for _, name in told], told_ids=[number for number, _ in told],
            body=templates.fill(values[1], values_for(ctx, ticket)),
        )  # fmt: skip


def _webhook(ctx: Context, ticket: Ticket, values: tuple[str, ...]) -> None:
    """Write it down; the call follows from that (services/webhooks.py)."""
    endpoint = _endpoint(ctx, values[0])
    ctx.record(
        ActivityKind.TICKET_WEBHOOK_CALLED, ticket, subject_id=endpoint.id, name=endpoint.name, by=ctx.actor.name
    )


def _endpoint(ctx: Context, endpoint_id: str) -> HookCard:
    found = next((one for one in catalog.current(ctx).hooks if str(one.id) == endpoint_id), None)
    if found is None:
        raise Invalid(actions="Choose a webhook that is there and switched on.")
    return found


def _sla(ctx: Context, ticket: Ticket, values: tuple[str, ...]) -> None:
    fields.promise(ctx, ticket.reference, None if values[0] == NONE else int(values[0]))


def _told(ctx: Context, ticket: Ticket, whom: str) -> list[tuple[int, str]]:
    if whom == REQUESTER:
        requester = ctx.session.get(Person, ticket.requester_id)
        return [(requester.id, requester.name)] if requester is not None else []
    if whom == "watchers":
        return [(one.id, one.name) for one in watching.watchers_of(ctx, ticket)]
    if whom == "team" and not ticket.team_id:
        return []
    word = {ASSIGNEE: Whom.AGENT.value, "team": f"{Whom.TEAM}:{ticket.team_id}"}.get(whom, whom)
    return [(one.id, one.name) for one in escalating.people(ctx, ticket, [word])]


def _mail(ctx: Context, ticket: Ticket, values: tuple[str, ...]) -> None:
    """Write it down; the mail follows from that (services/notifications.py)."""
    to, subject, body = values
    person_id = {REQUESTER: ticket.requester_id, ASSIGNEE: ticket.assignee_id}.get(to)
    person = ctx.session.get(Person, person_id) if person_id else None
    if to in (REQUESTER, ASSIGNEE) and person is None:
        return  # nobody has it: there is nobody to write to
    known = values_for(ctx, ticket)
    ctx.record(
        ActivityKind.TICKET_MAIL_WRITTEN, ticket, to=person.name if person else to, address="" if person else to,
        person_id=person.id if person else None, subject=templates.fill(subject, known), body=templates.fill(body, known),
    )  # fmt: skip


def _status(ctx: Context, ticket: Ticket, values: tuple[str, ...]) -> None:
    status.follow(ctx, ticket, catalog.current(ctx).status(values[0]))


def _category(ctx: Context, ticket: Ticket, values: tuple[str, ...]) -> None:
    fields.categorise(ctx, ticket.reference, None if values[0] == NONE else int(values[0]))


def _team(ctx: Context, ticket: Ticket, values: tuple[str, ...]) -> None:
    assignment.move_to_team(ctx, ticket.reference, team_id=None if values[0] == NONE else int(values[0]))


_VERBS: dict[Do, Callable[[Context, Ticket, tuple[str, ...]], None]] = {
    Do.ASSIGN: _assign, Do.TEAM: _team, Do.CATEGORY: _category, Do.STATUS: _status, Do.TAG: _tag, Do.UNTAG: _untag,
    Do.PRIORITY: lambda ctx, ticket, values: fields.prioritise(ctx, ticket.reference, values[0]),
    Do.ANSWER: _answer, Do.NOTIFY: _notify, Do.SLA: _sla, Do.WEBHOOK: _webhook, Do.ESCALATE: _escalate, Do.DUE: _due, Do.WATCH: _watch, Do.NOTE: _note, Do.REPLY: _reply, Do.MAIL: _mail,
    Do.STOP: lambda ctx, ticket, values: None,
    Do.TAKE: lambda ctx, ticket, values: assignment.take(ctx, ticket.reference),
}  # fmt: skip
