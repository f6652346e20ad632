"""May I see this? The only starting point of a query, and the only way to get one row.

What may not be seen is NotFound, never "forbidden": its existence is nobody's business. Organizations are kept apart by
the database itself; this module is about people within one.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

import orjson
from sqlalchemy import ColumnElement, DateTime, and_, or_, true
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from helpdesk.domain.errors import Invalid, NotFound
from helpdesk.domain.people import ASSIGNABLE, SEES_ALL, Actor
from helpdesk.domain.text import one_line
from helpdesk.domain.tickets import CommentKind
from helpdesk.models import Activity, Attachment, Comment, Person, Ticket, View, Watcher
from helpdesk.models.base import row
from helpdesk.services.context import Context, step

Row = TypeVar("Row", bound=SQLModel)


@step
def visible(ctx: Context, model: type[Row]) -> SelectOfScalar[Row]:
    """A query over the rows of `model` the actor may see."""
    return select(model).where(sees(ctx.actor, model))


@step
def sees(actor: Actor, model: type[SQLModel]) -> ColumnElement[bool]:
    """The condition under which the actor sees a row of `model`."""
    if model is Ticket:
        return _sees_ticket(actor)
    if model is Comment:
        of_visible_ticket = col(Comment.ticket_id).in_(select(Ticket.id).where(_sees_ticket(actor)))
        if _is_inside(actor):
            return of_visible_ticket
        return and_(of_visible_ticket, col(Comment.kind) != CommentKind.NOTE)
    if model is Attachment:
        return _sees_attachment(actor)
    if model is Activity:
        return true() if _is_inside(actor) else col(Activity.id).is_(None)
    if model is View:
        mine = col(View.owner_id) == actor.person_id
        return and_(col(View.deleted_at).is_(None), or_(mine, col(View.is_shared) if _is_inside(actor) else mine))
    if model is Person:
        return true() if _is_inside(actor) else col(Person.id) == actor.person_id
    return true() if _is_inside(actor) else col(_key(model)).is_(None)


@step
def ticket(ctx: Context, reference: str, *, lock: bool = False) -> Ticket:
    """The ticket with a reference.

    Args:
        reference: as people write it, any case.
        lock: hold the row until the unit of work ends; every verb that changes a ticket does.

    Raises:
        NotFound: there is none the actor may see.
    """
    wanted = tidy(reference)
    if not lock and (at_hand := held(ctx, wanted)) is not None:
        return at_hand
    found = _read(ctx, wanted, lock=lock)
    if found is None and ctx.actor.is_customer:
        found = _joined(ctx, col(Ticket.reference) == wanted, lock=lock)
    if found is None:
        raise NotFound(f"There is no ticket {str(reference)[:40]} that you can see.")
    if lock:
        hold(ctx, found)
    return found


# Every verb about a ticket begins with reading it: as one piece of JSON, which costs half of what the ORM takes for it.
_COLUMNS = tuple(column.name for column in Ticket.__table__.c)  # type: ignore[attr-defined]
_MOMENTS = tuple(column.name for column in Ticket.__table__.c if isinstance(column.type, DateTime))  # type: ignore[attr-defined]
_READ = f"SELECT {', '.join(_COLUMNS)} FROM ticket WHERE reference = %(reference)s AND ({{}})"  # noqa: S608 - our own names


@step
def reading(ctx: Context, reference: str) -> tuple[str, dict[str, Any]]:
    """The statement that reads the ticket with a reference, if the actor sees it, and its parameters; for whoever reads
    more in the same breath.

    Args:
        reference: as `tidy` writes it.
    """
    condition, facts = _as_sql(ctx.actor) if held(ctx, reference) is None else ("true", {})
    return _READ.format(condition), facts | {"reference": reference}


@step
def known(ctx: Context, told: str) -> Ticket:
    """The ticket that the database told as JSON, to be read: the session keeps it only if it has it already."""
    facts = _facts(told)
    return ctx.at_hand(Ticket, facts["id"]) or row(Ticket, facts)


@step
def tidy(reference: str) -> str:
    """A reference as tickets have it, from however people write it."""
    return one_line(str(reference))[:40].upper()


def _facts(told: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(told)
    for name in _MOMENTS:
        if found[name] is not None:
            found[name] = datetime.fromisoformat(found[name])
    return found


@lru_cache(maxsize=4096)
def _as_sql(actor: Actor) -> tuple[str, dict[str, Any]]:
    """Which tickets an actor sees, as the text and the parameters of a condition."""
    compiled = _sees_ticket(actor).compile(dialect=PGDialect_psycopg(), compile_kwargs={"render_postcompile": True})
    return str(compiled), dict(compiled.params)


def _read(ctx: Context, reference: str, *, lock: bool) -> Ticket | None:
    statement, asked = reading(ctx, reference)
    statement = f"SELECT row_to_json(one)::text FROM ({statement} {'FOR UPDATE' if lock else ''}) AS one"  # noqa: S608
    found = ctx.ask_first(statement, asked)
    if found is None:
        return None
    facts = _facts(found[0])
    ticket = ctx.stored(Ticket, facts)
    if lock:  # known from before, perhaps, and another by now
        for name, value in facts.items():
            set_committed_value(ticket, name, value)
    return ticket


@step
def hold(ctx: Context, ticket: Ticket) -> None:
    """Have the actor read this ticket for the rest of the unit of work: they have just filed or locked it."""
    ctx.held[ctx.actor.kind, ctx.actor.person_id, ticket.reference] = ticket


@step
def held(ctx: Context, reference: str) -> Ticket | None:
    """The ticket with a reference (as `tidy` writes it), if the actor has just filed or locked it."""
    return ctx.held.get((ctx.actor.kind, ctx.actor.person_id, reference))


@step
def merged_into(ctx: Context, source: Ticket, *, lock: bool = False) -> Ticket:
    """The ticket a merged one continues as.

    Raises:
        NotFound: the actor may not see that one.
    """
    wanted = col(Ticket.id) == source.merged_into_id
    query = visible(ctx, Ticket).where(wanted)
    if lock:
        query = query.with_for_update(of=Ticket)
    found = ctx.session.exec(query.execution_options(populate_existing=lock)).first()
    if found is None and ctx.actor.is_customer:
        found = _joined(ctx, wanted, lock=lock)
    if found is None:
        raise NotFound(f"{source.reference} was merged into a ticket of another team.")
    return found


@step
def holding(ctx: Context, comment: Comment) -> Ticket:
    """The ticket of a comment the actor sees, locked."""
    query = select(Ticket).where(col(Ticket.id) == comment.ticket_id).with_for_update()
    return ctx.session.exec(query.execution_options(populate_existing=True)).one()


@step
def agent(ctx: Context, agent_id: int) -> Person:
    """An active person a ticket can be given to.

    Raises:
        Invalid: nobody by that id, inactive, or not staff.
    """
    person = ctx.session.get(Person, whole(agent_id))
    if person is None or person.role not in ASSIGNABLE:
        raise Invalid(assignee="Choose somebody who works here.")
    if not person.is_active:
        raise Invalid(assignee=f"{person.name} is deactivated. Choose somebody else.")
    return person


@step
def person(ctx: Context, person_id: int, *, lock: bool = False) -> Person:
    """A person the actor may see.

    Raises:
        NotFound: nobody.
    """
    query = visible(ctx, Person).where(col(Person.id) == whole(person_id))
    if lock:
        query = query.with_for_update()
    found = ctx.session.exec(query).first()
    if found is None:
        raise NotFound("There is no such person.")
    return found


@step
def one(ctx: Context, model: type[Row], row_id: int, *, what: str) -> Row:
    """A row by id.

    Raises:
        NotFound: none the actor may see; names `what`.
    """
    found = ctx.session.exec(visible(ctx, model).where(col(_key(model)) == whole(row_id))).first()
    if found is None:
        raise NotFound(f"There is no such {what}.")
    return found


def _joined(ctx: Context, wanted: ColumnElement[bool], *, lock: bool) -> Ticket | None:
    """A ticket that a customer's own was merged into, or that they read along with. Lists do not show it."""
    query = select(Ticket).where(wanted, _reads_along(ctx.actor, col(Ticket.id)))
    if lock:
        query = query.with_for_update(of=Ticket)
    return ctx.session.exec(query.execution_options(populate_existing=lock)).first()


def _reads_along(actor: Actor, ticket_id: ColumnElement[int] | Any) -> ColumnElement[bool]:
    merged = select(Ticket.merged_into_id).where(_sees_ticket(actor), col(Ticket.merged_into_id).is_not(None))
    copied = select(Watcher.ticket_id).where(Watcher.person_id == actor.person_id)
    return or_(ticket_id.in_(merged), ticket_id.in_(copied))


def _is_inside(actor: Actor) -> bool:
    return actor.is_staff or actor.is_desk


def _sees_ticket(actor: Actor) -> ColumnElement[bool]:
    if actor.is_desk or actor.role in SEES_ALL:
        return true()
    mine = col(Ticket.requester_id) == actor.person_id
    if actor.is_staff:
        return or_(
            col(Ticket.team_id).is_(None),
            col(Ticket.team_id).in_(actor.team_ids or (-1,)),
            col(Ticket.assignee_id) == actor.person_id,
            mine,
        )
    return or_(*roads(actor))


@step
def roads(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """The conditions under any one of which the actor sees a ticket, each with an index that ends in the order of the
    queue; none for those who see everything."""
    if actor.is_desk or actor.role in SEES_ALL:
        return ()
    mine = col(Ticket.requester_id) == actor.person_id
    if actor.is_staff:
        assigned = col(Ticket.assignee_id) == actor.person_id
        teams = (col(Ticket.team_id) == team_id for team_id in actor.team_ids)
        return (
            mine, and_(assigned, col(Ticket.is_open)), and_(assigned, ~col(Ticket.is_open)),
            col(Ticket.team_id).is_(None), *teams,
        )  # fmt: skip
    if actor.is_company_manager and actor.company_id:
        return (mine, col(Ticket.company_id) == actor.company_id)
    return (mine,)


def _sees_attachment(actor: Actor) -> ColumnElement[bool]:
    tickets = select(Ticket.id).where(_sees_ticket(actor))
    own_and_loose = and_(col(Attachment.ticket_id).is_(None), col(Attachment.uploaded_by_id) == actor.person_id)
    if _is_inside(actor):
        return or_(col(Attachment.ticket_id).in_(tickets), own_and_loose)
    public = or_(
        col(Attachment.comment_id).is_(None),
        col(Attachment.comment_id).in_(select(Comment.id).where(col(Comment.kind) == CommentKind.REPLY)),
    )
    here = or_(col(Attachment.ticket_id).in_(tickets), _reads_along(actor, col(Attachment.ticket_id)))
    return or_(and_(here, public), own_and_loose)


def _key(model: type[SQLModel]) -> Any:
    return model.__table__.primary_key.columns[0]  # type: ignore[attr-defined]


@step
def whole(value: Any) -> int:
    """An id from outside as a number the database accepts; anything else matches nothing."""
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return -1
    return number if 0 < number < 2**63 else -1
