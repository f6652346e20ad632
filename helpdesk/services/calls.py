"""Calls to other houses, webhooks and integrations alike: claimed, settled, tried again with growing pauses, shown, forgotten;
and who was called in vain for a day is switched off.

A call is made in no transaction: it is claimed in one, made, and settled in another. A worker that dies in between leaves
it to be made again, so others may hear of something twice; the delivery's number is the same then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete as sql_delete
from sqlalchemy import func, text
from sqlmodel import col, select

from helpdesk import clock, db
from helpdesk.adapters.http import Answer
from helpdesk.domain import webhooks as rules
from helpdesk.domain.errors import Conflict
from helpdesk.models import Ticket
from helpdesk.services import access
from helpdesk.services.context import Context, step

BATCH = 10
SHOWN = 25
KEPT = timedelta(days=30)
PENDING, DELIVERED, FAILED = "pending", "delivered", "failed"
# How long a claimed batch may take before somebody else takes it over.
_LEASE = timedelta(minutes=10)
_RECENT = timedelta(days=7)
_MOST_FORGOTTEN = 1000


@dataclass(frozen=True, slots=True)
class Log:
    """Where a kind of call is written down.

    Args:
        delivery: the table of calls; `called` is its column that says who.
        receiver: the table of those who are called.
        name: what people call one of them.
        job: what makes the calls.
        topic: what pages watch that show them.
    """

    delivery: type[Any]
    receiver: type[Any]
    called: str
    name: str
    job: str
    topic: str

    def column(self, name: str) -> Any:
        """A column of the calls."""
        return col(getattr(self.delivery, name))


@step
def counted(ctx: Context, log: Log) -> dict[int, tuple[int, int]]:
    """How many calls each took and missed in the last seven days."""
    who, state = log.column(log.called), log.column("state")
    query = select(who, state, func.count()).where(log.column("created_at") >= ctx.now - _RECENT)
    found: dict[int, dict[str, int]] = {}
    for receiver_id, how, number in ctx.session.exec(query.group_by(who, state)).all():
        found.setdefault(receiver_id, {})[how] = number
    return {one: (numbers.get(DELIVERED, 0), numbers.get(FAILED, 0)) for one, numbers in found.items()}


@step
def page(ctx: Context, log: Log, receiver_id: int, *, before: int, size: int) -> Sequence[tuple[Any, str]]:
    """Calls and the references of their tickets, newest first; one more than a page, if there is more."""
    number = log.column("id")
    query = (
        select(log.delivery, Ticket.reference)
        .outerjoin(Ticket, col(Ticket.id) == log.column("ticket_id"))
        .where(log.column(log.called) == access.whole(receiver_id))
        .order_by(number.desc())
        .limit(min(size, 200) + 1)
    )
    if before:
        query = query.where(number < before)
    return [(one, reference or "") for one, reference in ctx.session.exec(query).all()]


@step
def switch(receiver: Any, *, is_active: bool) -> None:
    """Call somebody, or no longer. Switching on forgets the failures."""
    receiver.is_active = is_active
    if is_active:
        _is_well(receiver)


@step
def repeat(ctx: Context, log: Log, delivery: Any, receiver: Any) -> None:
    """Have a call made once more.

    Raises:
        Conflict: it is about to be made already, or the receiver is switched off.
    """
    if delivery.state == PENDING and delivery.attempts == 0:
        raise Conflict("This is about to be sent.")
    if not receiver.is_active:
        raise Conflict(f"Switch the {log.name} on first.")
    delivery.state, delivery.attempts, delivery.next_attempt_at, delivery.done_at = PENDING, 0, ctx.now, None
    set_off(ctx, log)


@step
def organizations_due(log: Log) -> list[int]:
    """Organizations with calls to make now, asked as the owner."""
    due = f"SELECT DISTINCT organization_id FROM {log.delivery.__tablename__} WHERE state = 'pending' AND next_attempt_at <= :now"  # noqa: S608 - our own names
    with db.owner_session() as session:
        return [row[0] for row in session.execute(text(due), {"now": clock.now()})]


@step
def due(ctx: Context, log: Log) -> list[tuple[Any, Any]]:
    """The next calls that are due and whom they go to, locked. What one that is off should have heard has failed."""
    at, number = log.column("next_attempt_at"), log.column("id")
    found = ctx.session.exec(
        select(log.delivery, log.receiver)
        .join(log.receiver, col(log.receiver.id) == log.column(log.called))
        .where(log.column("state") == PENDING, at <= ctx.now)
        .order_by(at, number)
        .limit(BATCH)
        .with_for_update(of=log.delivery, skip_locked=True)
    ).all()
    ready = []
    for delivery, receiver in found:
        if receiver.is_active or delivery.kind == rules.TEST:
            ready.append((delivery, receiver))
            continue
        delivery.state, delivery.done_at, delivery.next_attempt_at = FAILED, ctx.now, None
        delivery.answer = f"The {log.name} was switched off."
    return ready


@step
def take(ctx: Context, delivery: Any) -> None:
    """Take a call upon oneself; nobody else makes it meanwhile."""
    delivery.attempts += 1
    delivery.next_attempt_at = ctx.now + _LEASE


@dataclass(frozen=True, slots=True)
class Settled:
    """How a call went.

    Args:
        is_given_up: the receiver is switched off by it; say so to administrators.
    """

    delivery: Any
    receiver: Any
    is_good: bool
    is_given_up: bool = False


@step
def settle(ctx: Context, log: Log, delivery_id: int, answer: Answer) -> Settled | None:
    """Write down how a call went: taken, to be tried again, or given up; and with it, how its receiver does. Nothing when it
    was settled before."""
    query = select(log.delivery).where(log.column("id") == delivery_id).with_for_update()
    delivery = ctx.session.exec(query.execution_options(populate_existing=True)).first()
    if delivery is None or delivery.state != PENDING:
        return None
    locked = select(log.receiver).where(col(log.receiver.id) == getattr(delivery, log.called)).with_for_update()
    receiver = ctx.session.exec(locked.execution_options(populate_existing=True)).one()
    delivery.status_code, delivery.answer = answer.status or None, _shown(answer)
    nudge(ctx, log)
    if answer.is_good:
        delivery.state, delivery.done_at, delivery.next_attempt_at = DELIVERED, ctx.now, None
        _is_well(receiver)
        return Settled(delivery, receiver, True)
    is_test = delivery.kind == rules.TEST
    delivery.next_attempt_at = None if is_test else rules.next_attempt(delivery.attempts, ctx.now)
    if delivery.next_attempt_at is None:
        delivery.state, delivery.done_at = FAILED, ctx.now
    if is_test:
        return Settled(delivery, receiver, False)
    receiver.failures += 1
    receiver.failing_since = receiver.failing_since or ctx.now
    is_over = receiver.is_active and rules.is_given_up(receiver.failures, receiver.failing_since, ctx.now)
    if is_over:
        receiver.is_active, receiver.problem, receiver.updated_at = False, delivery.answer[:300], ctx.now
    return Settled(delivery, receiver, False, is_over)


@step
def prune(ctx: Context, log: Log, *only: Any) -> int:
    """Forget a batch of calls that are older than the log is kept; returns how many.

    Args:
        only: conditions they must meet besides.
    """
    at = log.column("created_at")
    old = select(log.column("id")).where(at < ctx.now - KEPT, *only).order_by(at).limit(_MOST_FORGOTTEN)
    gone = ctx.session.execute(sql_delete(log.delivery).where(log.column("id").in_(old)))
    return int(gone.rowcount)  # type: ignore[attr-defined]


@step
def set_off(ctx: Context, log: Log) -> None:
    """Have what is due called as soon as this is committed."""
    if (log.job, (ctx.organization_id,)) not in ctx.jobs:
        ctx.jobs.append((log.job, (ctx.organization_id,)))
    nudge(ctx, log)


@step
def nudge(ctx: Context, log: Log) -> None:
    """Have the pages that show these calls look again."""
    ctx.topics.add(f"org-{ctx.organization_id}-{log.topic}")


def _is_well(receiver: Any) -> None:
    receiver.failures, receiver.failing_since, receiver.problem = 0, None, ""


def _shown(answer: Answer) -> str:
    if 300 <= answer.status < 400:
        return "It answered with a redirect. Use the address it leads to."
    return " ".join(answer.text.split())[:500]
