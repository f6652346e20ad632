"""Everything that happens at the desk happens in here: one transaction, then the log's consequences.

When the verb returns: the NOW lane runs inside the transaction until nothing new is recorded; commit; the LATER lane
gets one job with the activities' ids; open pages are nudged. If Redis is down the write stands all the same: the
activities' rows are the outbox, and a sweep sends what nobody reacted to.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Concatenate, ParamSpec, TypeVar

import orjson
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session

from helpdesk import background, clock, db, live, log, metrics
from helpdesk.domain.errors import HelpdeskError, Stale
from helpdesk.domain.people import Actor
from helpdesk.services import reactions
from helpdesk.services.context import Context, step

Params = ParamSpec("Params")
Result = TypeVar("Result")
Told = TypeVar("Told")

_COLLISIONS = frozenset({"40P01", "23505"})  # deadlock, unique violation
_TRIES = 3
# The loser lets the winner go on first: whoever starts over at once takes the same row again before the winner, who is still
# waking up, and both meet once more.
_LET_PASS_SECONDS = 0.02
REACT = "helpdesk.jobs.reactions.react"
_logger = log.get(__name__)


@step
def run(
    actor: Actor, verb: Callable[Concatenate[Context, Params], Result], /, *args: Params.args, **kwargs: Params.kwargs
) -> Result:
    """Open a unit of work, call the verb, commit, and see to the consequences. Blocking: call it from a thread.

    Two units of work that lock the same rows in different order are told apart by the database; the loser starts over.
    So does one that makes what somebody else has just made: the second time it finds it, and says so or uses it.
    """

    def once() -> Result:
        with unit_of_work(actor) as ctx:
            return verb(ctx, *args, **kwargs)

    return _repeated(once, verb)


@step
def run_and_tell(
    actor: Actor,
    verb: Callable[Concatenate[Context, Params], Result],
    tell: Callable[[Context, Result], Told],
    /,
    *args: Params.args,
    **kwargs: Params.kwargs,
) -> Told:
    """The same, and what became of it: read in the same transaction, after what the verb causes at once.

    Args:
        tell: reads it, given what the verb returned.
    """

    def once() -> Told:
        with unit_of_work(actor) as ctx:
            return told(ctx, verb, tell, *args, **kwargs)

    return _repeated(once, verb)


@step
def told(
    ctx: Context,
    verb: Callable[Concatenate[Context, Params], Result],
    tell: Callable[[Context, Result], Told],
    /,
    *args: Params.args,
    **kwargs: Params.kwargs,
) -> Told:
    """The same within the unit of work at hand."""
    result = verb(ctx, *args, **kwargs)
    reactions.now(ctx)
    return tell(ctx, result)


def _repeated(once: Callable[[], Result], verb: Callable[..., object]) -> Result:
    for attempt in range(_TRIES):
        try:
            return once()
        except (OperationalError, IntegrityError) as error:
            if getattr(error.orig, "sqlstate", "") not in _COLLISIONS or attempt == _TRIES - 1:
                raise
            _logger.info("collision, starting over", verb=getattr(verb, "__name__", "?"))
            time.sleep(_LET_PASS_SECONDS * (attempt + 1))
    raise AssertionError("unreachable")


@contextmanager
def unit_of_work(actor: Actor, *, session: Session | None = None) -> Iterator[Context]:
    """One transaction of one actor.

    Args:
        session: a session that already belongs to the organization; the caller commits. For tests.
    """
    if session is not None:
        yield from _work(actor, session, db.enter(session, actor.organization_id), commit=session.flush)
        return
    with Session(db.app_engine(), expire_on_commit=False) as opened:
        version = db.enter(opened, actor.organization_id)
        yield from _work(actor, opened, version, commit=opened.commit)


# Somebody else changed it first; somebody else holds it, and waits for us.
_OVERTAKEN = frozenset({"40001", "40P01"})


@contextmanager
def steady(actor: Actor) -> Iterator[Context]:
    """One transaction of one actor that sees one moment from beginning to end.

    Raises:
        Stale: somebody else changed the same meanwhile.
    """
    try:
        with Session(db.app_engine(), expire_on_commit=False) as opened:
            version = db.enter_steadily(opened, actor.organization_id)
            yield from _work(actor, opened, version, commit=opened.commit)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") not in _OVERTAKEN:
            raise
        raise Stale("Somebody changed this since you read it. Read it again and repeat your change.") from error


def _work(actor: Actor, session: Session, version: int, *, commit: Callable[[], None]) -> Iterator[Context]:
    ctx = Context(session, actor, clock.now(), version)
    try:
        yield ctx
        reactions.now(ctx)
        _write_log(ctx)
    except HelpdeskError as error:
        if error.keeps_work:
            commit()
            _afterwards(ctx)
        raise
    commit()
    _afterwards(ctx)


_LOGGED = (
    "id",
    "kind",
    "ticket_id",
    "subject_id",
    "actor_kind",
    "actor_id",
    "actor_name",
    "data",
    "cause_id",
    "at",
    "reacted_at",
)
_LOG = f"""
    INSERT INTO activity ({", ".join(_LOGGED)})
    SELECT {", ".join(_LOGGED)} FROM jsonb_populate_recordset(NULL::activity, %s::jsonb)
"""  # noqa: S608 - our own names


def _write_log(ctx: Context) -> None:
    """Write activities whose ids were drawn ahead past the ORM, which has nothing to give them: the road of every new ticket."""
    if not ctx.unwritten:
        return
    # Not by getattr, which asks the ORM for each of them.
    facts = [{name: told.get(name) for name in _LOGGED} for told in map(vars, ctx.unwritten)]
    ctx.unwritten.clear()
    ctx.ask(_LOG, (orjson.dumps(facts, default=str).decode(),))


def _afterwards(ctx: Context) -> None:
    for activity in ctx.activities:
        metrics.ACTIVITIES.labels(activity.kind).inc()
    ids = [activity.id for activity in ctx.activities if activity.reacted_at is None]
    if ids:
        background.enqueue_for(REACT, ctx.organization_id, ids, topics=ctx.topics)
    else:
        live.publish(ctx.topics)
    for job, arguments in ctx.jobs:
        background.enqueue(job, *arguments)
    for job, arguments in sorted(ctx.jobs_once):
        background.enqueue_once(job, *arguments)
