"""Who follows a ticket: watchers by choice, and colleagues brought in with an @. None of it is for customers."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Invalid
from helpdesk.domain.mentions import mentioned
from helpdesk.domain.people import SEES_ALL, STAFF, Role, initials
from helpdesk.domain.permissions import Permission
from helpdesk.models import Comment, Mention, Person, TeamMember, Ticket, Watcher
from helpdesk.services import access
from helpdesk.services.context import Context, requires, step


@dataclass(frozen=True, slots=True)
class WatcherRow:
    """Somebody who watches a ticket."""

    id: int
    name: str
    initials: str
    is_me: bool = False


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who can be mentioned."""

    id: int
    name: str
    role: str


@requires(Permission.TICKET_WATCH)
def watch(ctx: Context, ref: str) -> None:
    """Be told what happens to a ticket. Undone by `unwatch`.

    Raises:
        NotFound: no such ticket for the actor.
        Invalid: nobody is acting.
    """
    ticket = access.ticket(ctx, ref)
    if ctx.actor.person_id is None:
        raise Invalid(watcher="Only a person can watch a ticket.")
    if follow(ctx, ticket, ctx.actor.person_id):
        ctx.record(ActivityKind.TICKET_WATCHED, ticket)


@requires(Permission.TICKET_WATCH)
def unwatch(ctx: Context, ref: str) -> None:
    """Be told no more.

    Raises:
        NotFound: no such ticket for the actor.
    """
    ticket = access.ticket(ctx, ref)
    row = ctx.session.get(Watcher, (ticket.id, ctx.actor.person_id)) if ctx.actor.person_id else None
    if row is not None:
        ctx.session.delete(row)
        ctx.record(ActivityKind.TICKET_UNWATCHED, ticket)


@requires(Permission.CUSTOMER_READ)
def watchers(ctx: Context, ref: str) -> tuple[WatcherRow, ...]:
    """Who watches a ticket, by name.

    Raises:
        NotFound: no such ticket for the actor.
    """
    return watchers_of(ctx, access.ticket(ctx, ref))


@step
def watchers_of(ctx: Context, ticket: Ticket) -> tuple[WatcherRow, ...]:
    """Who watches a ticket, by name."""
    query = (
        select(Person.id, Person.name)
        .join(Watcher, col(Watcher.person_id) == Person.id)
        .where(Watcher.ticket_id == ticket.id)
        .order_by(Person.name)
    )
    return tuple(
        WatcherRow(person_id, name, initials(name), person_id == ctx.actor.person_id)
        for person_id, name in ctx.session.exec(query).all()
    )


@requires(Permission.TICKET_NOTE)
def colleagues(ctx: Context, ref: str) -> tuple[Colleague, ...]:
    """Everybody who can be mentioned on a ticket: active staff who may see it, by name.

    Raises:
        NotFound: no such ticket for the actor.
    """
    return colleagues_on(ctx, access.ticket(ctx, ref))


@step
def colleagues_on(ctx: Context, ticket: Ticket) -> tuple[Colleague, ...]:
    """Everybody of the staff but oneself who sees a ticket, by name."""
    query = (
        select(Person.id, Person.name, Person.role)
        .where(*sees(ticket), col(Person.id) != ctx.actor.person_id)
        .order_by(Person.name)
    )
    return tuple(Colleague(*row) for row in ctx.session.exec(query).all())


@step
def nameable(ctx: Context, ticket: Ticket, body: str) -> dict[int, str]:
    """id -> name of everybody a text may mention; nobody, and no query, for a text without an @."""
    if "@" not in body or not ctx.actor.is_staff:
        return {}
    return dict(ctx.session.exec(select(Person.id, Person.name).where(*sees(ticket))).all())


@step
def mention(ctx: Context, ticket: Ticket, comment: Comment, body: str, people: dict[int, str]) -> None:
    """Bring in whom a comment names: they are told, and watch the ticket from now on."""
    for person_id in mentioned(body, people):
        row = insert(Mention).values(ticket_id=ticket.id, comment_id=comment.id, person_id=person_id, at=ctx.now)
        if ctx.session.scalars(row.on_conflict_do_nothing().returning(col(Mention.id))).first() is None:
            continue  # named before the comment was edited
        ctx.topics.add(f"user-{person_id}")
        if person_id != ctx.actor.person_id:
            follow(ctx, ticket, person_id)
        ctx.record(
            ActivityKind.TICKET_MENTIONED, ticket, subject_id=person_id, name=people[person_id], comment_id=comment.id
        )


@step
def follow(ctx: Context, ticket: Ticket, person_id: int) -> bool:
    """Make somebody a watcher; whether they were none before."""
    row = insert(Watcher).values(ticket_id=ticket.id, person_id=person_id, since=ctx.now)
    return ctx.session.scalars(row.on_conflict_do_nothing().returning(col(Watcher.person_id))).first() is not None


@step
def told(ctx: Context, ticket: Ticket) -> list[int]:
    """The watchers who may still see the ticket: roles and teams change."""
    query = select(Person.id).join(Watcher, col(Watcher.person_id) == Person.id).where(Watcher.ticket_id == ticket.id)
    return list(ctx.session.exec(query.where(*sees(ticket)).order_by(col(Person.id))).all())


@step
def customers_along(ctx: Context, ticket: Ticket) -> list[int]:
    """The customers who were sent a copy of a mail and read along since."""
    query = select(Person.id).join(Watcher, col(Watcher.person_id) == Person.id)
    query = query.where(Watcher.ticket_id == ticket.id, Person.role == Role.CUSTOMER, col(Person.is_active))
    return list(ctx.session.exec(query.order_by(col(Person.id))).all())


@step
def sees(ticket: Ticket) -> tuple[Any, ...]:
    """The people of the staff who see a ticket: `access` the other way round."""
    active: tuple[Any, ...] = (col(Person.is_active), col(Person.role).in_(STAFF))
    if ticket.team_id is None:
        return active
    members = select(TeamMember.person_id).where(TeamMember.team_id == ticket.team_id)
    return (
        *active,
        or_(
            col(Person.role).in_(SEES_ALL),
            col(Person.id).in_(members),
            col(Person.id) == ticket.assignee_id,
            col(Person.id) == ticket.requester_id,
        ),
    )
