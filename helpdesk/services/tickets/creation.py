"""Filing a ticket: its row, its clocks, its agent, in one go."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from helpdesk.domain import custom_fields
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed
from helpdesk.domain.people import Actor, ActorKind, Role, system
from helpdesk.domain.permissions import Permission, may
from helpdesk.domain.sla import SlaStatus
from helpdesk.domain.text import clean, excerpt, one_line, to_html
from helpdesk.domain.tickets import BODY_LENGTH, TITLE_LENGTH, Channel, StatusCategory, new_reference
from helpdesk.models import Person, Ticket, TicketTag
from helpdesk.models.base import row
from helpdesk.services import access, attachments, catalog, people, routing, search, sign_in, sla
from helpdesk.services.catalog import CategoryRow
from helpdesk.services.context import Context, anyone, requires, step
from helpdesk.services.standing import Clock
from helpdesk.services.tickets import gathering
from helpdesk.services.tickets.gathering import Somebody

_TRIES = 5


class Filer(NamedTuple):
    """What of somebody is asked when a ticket is filed for them.

    Args:
        company: its name, where that was read.
    """

    id: int
    name: str
    email: str
    role: str
    company_id: int | None
    site_id: int | None
    company: str | None = None


_FILER = (
    "SELECT id, name, email, role, company_id, site_id, (SELECT name FROM company WHERE id = company_id) FROM person"
)
_ONESELF = f"{_FILER} WHERE id = %s"
_KNOWN = f"{_FILER} WHERE email = %s AND merged_into_id IS NULL"


@requires(Permission.TICKET_CREATE)
def create(
    ctx: Context,
    *,
    title: str,
    description: str,
    priority: str = "",
    category_id: int | None = None,
    requester_id: int | None = None,
    requester_email: str = "",
    requester_name: str = "",
    team_id: int | None = None,
    assignee_id: int | None = None,
    due_at: datetime | None = None,
    tags: Sequence[str] = (),
    attachment_ids: Sequence[int] = (),
    channel: str = Channel.WEB,
    answers: Mapping[str, object] | None = None,
) -> str:
    """File a ticket; it is routed and its SLA clocks start at once. Returns its reference.

    Args:
        priority: slug, label or alias; medium when empty. Customers' wishes count.
        requester_id: the person it is for, when staff file it for somebody.
        requester_email, requester_name: the same for somebody who may not be known yet.
        team_id, assignee_id, due_at, tags: for staff.
        answers: to the organization's own fields, by their names; None where the door cannot ask (mail): then even
            required ones stay open.

    Raises:
        Invalid: a field cannot be accepted; names it.
        NotAllowed: a customer set what only staff may.
    """
    if requester_email and not requester_id:
        _check_may_file_for_others(ctx)
        requester = _whose(ctx, requester_email, requester_name)
    else:
        requester = _requester(ctx, requester_id)
    if not may(ctx.actor, Permission.TICKET_EDIT) and (team_id or assignee_id or due_at or tags):
        raise NotAllowed("Only staff can choose the team, the agent, the due date and tags.")
    ticket = _file(
        ctx, requester, title=title, description=description, priority=priority, category_id=category_id,
        team_id=team_id, assignee_id=assignee_id, due_at=due_at, channel=channel, answers=answers,
    )  # fmt: skip
    for tag_id in catalog.tag_ids(ctx, list(tags)) if tags else ():
        ctx.session.add(TicketTag(ticket_id=ticket.id, tag_id=tag_id))
    attachments.claim(ctx, attachment_ids, ticket, None)
    if tags or attachment_ids:
        gathering.forget(ctx, ticket)
    return ticket.reference


@anyone
def create_from_public_form(
    ctx: Context,
    *,
    name: str,
    email: str,
    title: str,
    description: str,
    category_id: int | None = None,
    answers: Mapping[str, object] | None = None,
) -> str:
    """File a ticket without signing in, where the organization allows it. Returns its reference.

    Args:
        answers: to the organization's own public fields, by their names; without any, required ones are missing.

    Raises:
        NotAllowed: the organization has closed its public form.
        Invalid: a field cannot be accepted; names it.
    """
    if not catalog.current(ctx).organization.public_form:
        raise NotAllowed("Please sign in to send a request.")
    if not one_line(name):
        raise Invalid(name="Tell us your name.")
    requester = people.find_or_create_customer(ctx, email=email, name=name)
    if not requester.is_active:
        raise NotAllowed("This address cannot send requests. Please contact us another way.")
    # The form proves no identity: the request is filed, and answers go to the address, never to the browser.
    with ctx.acting_as(Actor(ActorKind.ANONYMOUS, ctx.organization_id, name=one_line(name)[:200])):
        filed = _file(
            ctx, _filer(requester), title=title, description=description, category_id=category_id, answers=answers or {}
        )
    return filed.reference


@step
def create_from_mail(
    ctx: Context,
    requester: Person,
    *,
    title: str,
    description: str,
    description_html: str,
    mailbox_id: int | None,
    priority: str = "",
    category_id: int | None = None,
    team_id: int | None = None,
    attachment_ids: Sequence[int] = (),
) -> Ticket:
    """File a ticket for whoever wrote a mail; they are acting. What the mailbox says about team, category and priority
    counts, not the role of the writer.

    Args:
        description: what they wrote, as plain text.
        description_html: the same and what they quoted, safe to show.

    Raises:
        Invalid: a field cannot be accepted; names it.
    """
    ticket = _file(
        ctx, _filer(requester), title=title, description=description, priority=priority, category_id=category_id,
        team_id=team_id, channel=Channel.EMAIL, more={"description_html": description_html, "mailbox_id": mailbox_id},
    )  # fmt: skip
    attachments.claim(ctx, attachment_ids, ticket, None, is_mail=True)
    gathering.forget(ctx, ticket)
    return ticket


def _requester(ctx: Context, requester_id: int | None) -> Filer:
    if requester_id is None or requester_id == ctx.actor.person_id:
        found = ctx.ask_first(_ONESELF, (ctx.actor.person_id,))
        if found is None:
            raise Invalid(requester="Choose the person the ticket is for.")
        return Filer(*found)
    _check_may_file_for_others(ctx)
    person = access.person(ctx, requester_id)
    if not person.is_active:
        raise Invalid(requester=f"{person.name} is deactivated.")
    return _filer(person)


def _whose(ctx: Context, email: str, name: str) -> Filer:
    """The person with an address; a new customer when there is none."""
    known = ctx.ask_first(_KNOWN, (sign_in.checked_email(email),))
    return Filer(*known) if known else _filer(people.find_or_create_customer(ctx, email=email, name=name))


def _filer(person: Person) -> Filer:
    return Filer(person.id, person.name, person.email, person.role, person.company_id, person.site_id)


def _check_may_file_for_others(ctx: Context) -> None:
    if not may(ctx.actor, Permission.TICKET_CREATE_FOR_OTHERS):
        raise NotAllowed("You can only file tickets for yourself.")


def _file(
    ctx: Context,
    requester: Filer,
    *,
    title: str,
    description: str,
    priority: str = "",
    category_id: int | None = None,
    team_id: int | None = None,
    assignee_id: int | None = None,
    due_at: datetime | None = None,
    channel: str = Channel.WEB,
    answers: Mapping[str, object] | None = None,
    more: Mapping[str, object] | None = None,
) -> Ticket:
    known = catalog.current(ctx)
    title, description = checked(title, description)
    if channel not in set(Channel):
        raise Invalid(channel=f"Use one of: {', '.join(Channel)}.")
    if due_at is not None and due_at.tzinfo is None:
        raise Invalid(due_at="Give the due date with its time zone.")
    chosen_priority = known.priority(priority) if priority else known.default_priority
    category = known.category(category_id)
    asked = custom_fields.asked(
        known.fields, category.id if category else None, for_staff=ctx.actor.is_staff or ctx.actor.is_desk
    )
    custom = custom_fields.answers(asked, answers) if answers is not None else {}
    team_id = _team(known, team_id, category)
    agent_id, agent_name, reason = None, "", ""
    if assignee_id:
        agent = access.agent(ctx, assignee_id)
        agent_id, agent_name = agent.id, agent.name
    elif found := routing.find_agent(ctx, team_id, category.id if category else None):
        agent_id, agent_name, reason = found.id, found.name, found.reason
    status = known.first_status(StatusCategory.OPEN if agent_id else StatusCategory.NEW)
    facts = _BLANK | {
        "title": title, "description": description, "description_html": "" if more else to_html(description),
        "preview": excerpt(description), "status_id": status.id, "status_category": status.category, "is_open": True,
        "priority_id": chosen_priority.id, "priority_rank": chosen_priority.rank,
        "category_id": category.id if category else None, "requester_id": requester.id,
        "company_id": requester.company_id, "site_id": requester.site_id, "team_id": team_id, "assignee_id": agent_id,
        "created_by_id": ctx.actor.person_id, "channel": channel, "due_at": due_at,
        "custom": custom,
        "last_reply_by_customer": requester.role == Role.CUSTOMER, "created_at": ctx.now, "updated_at": ctx.now,
        "status_since": ctx.now,
    } | dict(more or {})  # fmt: skip
    timers = sla.plan(ctx, row(Ticket, facts))
    facts["sla_status"] = SlaStatus.OK if timers else SlaStatus.NONE
    facts["sla_due_at"] = min((timer["due_at"] for timer in timers), default=None)
    happened = [
        ctx.draft(
            ActivityKind.TICKET_CREATED,
            {
                "reference": "", "title": title, "priority": chosen_priority.slug,
                "category": category.name if category else "", "channel": channel, "requester_id": requester.id,
                "status": status.label,
            },
        )
    ]  # fmt: skip
    if agent_id:
        # Routing is the desk's decision; an agent chosen in the form is the filer's.
        with ctx.acting_as(system(ctx.organization_id) if reason else ctx.actor):
            given = {"assignee": agent_name, "assignee_id": agent_id, "reason": reason}
            happened.append(ctx.draft(ActivityKind.TICKET_ASSIGNED, given))
    ticket = _insert(ctx, facts, known.organization.reference_prefix, timers, requester, happened)
    _note_what_is_around(ctx, ticket, requester, agent_name, timers)
    return ticket


def _note_what_is_around(
    ctx: Context, ticket: Ticket, requester: Filer, agent_name: str, timers: Sequence[dict[str, Any]]
) -> None:
    """Whoever filed it is told what became of it: for that, nothing need be read that is known."""
    if requester.company_id and requester.company is None:
        return
    known = {requester.id: Somebody(requester.name, requester.email, requester.role)}
    if ticket.assignee_id and ticket.assignee_id not in known:
        known[ticket.assignee_id] = Somebody(agent_name)
    clocks = [
        Clock(one["policy_id"], one["metric"], one["state"], one["target_seconds"], one["warn_at"], one["due_at"], None, None, None)
        for one in timers
    ]  # fmt: skip
    gathering.note(ctx, ticket, known, requester.company or "", clocks)


@step
def checked(title: str, description: str) -> tuple[str, str]:
    """Title and description, cleaned.

    Raises:
        Invalid: missing or too long.
    """
    title, description = one_line(title), clean(description)
    problems = {}
    if not title:
        problems["title"] = "Say in a few words what it is about."
    elif len(title) > TITLE_LENGTH:
        problems["title"] = f"Use at most {TITLE_LENGTH} characters; the rest fits into the description."
    if not description:
        problems["description"] = "Describe what happened and what you expected."
    elif len(description) > BODY_LENGTH:
        problems["description"] = f"Use at most {BODY_LENGTH:,} characters, or attach the text as a file."
    if problems:
        raise Invalid(**problems)
    return title, description


def _team(known: catalog.Catalog, team_id: int | None, category: CategoryRow | None) -> int | None:
    if team_id is not None:
        team = known.team_by_id.get(team_id)
        if team is None or not team.is_active:
            raise Invalid(team="Choose one of the teams.")
        return team_id
    if category and category.team_id and known.team_by_id[category.team_id].is_active:
        return category.team_id
    return None


# Ticket, clocks, words, log and whose turn it was in one statement: the road every ticket takes. Through the ORM it costs five
# round trips and most of the time of filing one. Of the log, the first activity caused the second.
_COLUMNS = tuple(name for name in Ticket.model_fields if name not in ("id", "organization_id"))
_BLANK = {name: Ticket.model_fields[name].get_default() for name in _COLUMNS} | {"custom": {}}
_LOGGED = {"kind": "text", "actor_kind": "text", "actor_id": "bigint", "actor_name": "text", "data": "jsonb"}
_INSERT = f"""
    WITH filed AS (
        INSERT INTO ticket ({", ".join(_COLUMNS)})
        SELECT {", ".join(_COLUMNS)} FROM jsonb_populate_record(NULL::ticket, %(ticket)s::jsonb)
        ON CONFLICT (organization_id, reference) DO NOTHING RETURNING id
    ), clocks AS (
        INSERT INTO timer (ticket_id, {", ".join(sla.PLANNED)}, paused_seconds)
        SELECT filed.id, {", ".join(f"clock.{name}" for name in sla.PLANNED)}, 0
        FROM filed, jsonb_to_recordset(%(clocks)s::jsonb) AS clock({", ".join(map(" ".join, sla.PLANNED.items()))})
    ), words AS (
        INSERT INTO ticket_search (ticket_id, public_words) SELECT filed.id, {search.TICKET_WORDS} FROM filed
    ), number AS MATERIALIZED (
        SELECT nextval('activity_id_seq') AS of_first, nextval('activity_id_seq') AS of_second
    ), log AS (
        INSERT INTO activity (id, cause_id, ticket_id, at, {", ".join(_LOGGED)})
        SELECT CASE WHEN told.is_first THEN number.of_first ELSE number.of_second END,
            CASE WHEN told.is_first THEN told.cause_id ELSE number.of_first END,
            filed.id, %(now)s, {", ".join(f"told.{name}" for name in _LOGGED)}
        FROM filed, number, jsonb_to_recordset(%(log)s::jsonb)
            AS told(is_first boolean, cause_id bigint, {", ".join(map(" ".join, _LOGGED.items()))})
    ), turn AS (
        UPDATE person SET last_assigned_at = %(now)s FROM filed WHERE person.id = %(assignee)s
    )
    SELECT filed.id, number.of_first, number.of_second FROM filed, number
"""  # noqa: S608 - our own names


def _as_json(facts: object) -> str:
    return orjson.dumps(facts, default=str).decode()


def _insert(
    ctx: Context,
    facts: dict[str, Any],
    prefix: str,
    timers: Sequence[dict[str, Any]],
    requester: Filer,
    happened: Sequence[dict[str, Any]],
) -> Ticket:
    written = {"clocks": _as_json(timers), "now": ctx.now, "assignee": facts["assignee_id"]}
    first, *others = happened
    # 29^6 references: at a million tickets one insert in six hundred meets a taken one, and the next is tried.
    for _ in range(_TRIES):
        facts["reference"] = first["data"]["reference"] = new_reference(prefix)
        words = search.ticket_words(
            facts["reference"], facts["title"], facts["description"], f"{requester.name} {requester.email}"
        )
        # One parameter for sixty columns: the driver looks at each of its own.
        log = _as_json([one | {"is_first": one is first} for one in happened])
        filed = ctx.ask_first(_INSERT, {"ticket": _as_json(facts), "log": log} | written | words)
        if filed is not None:
            ticket_id, number, next_number = filed
            ticket = ctx.stored(Ticket, facts | {"id": ticket_id, "organization_id": ctx.organization_id})
            access.hold(ctx, ticket)
            ctx.recorded(first | {"id": number}, ticket)
            for one in others:
                ctx.recorded(one | {"id": next_number, "cause_id": number}, ticket)
            return ticket
    raise Conflict("No free reference was found. Try again.")
