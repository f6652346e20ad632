"""Times, statements and buffers of what a verb does."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, event

from helpdesk import db
from helpdesk.domain.people import Actor
from helpdesk.models import Person
from helpdesk.services import sign_in, unit_of_work
from helpdesk.services.context import Context


@dataclass
class Times:
    """Seconds of many runs."""

    seconds: list[float] = field(default_factory=list)

    def at(self, share: float) -> float:
        """A percentile in milliseconds."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(int(len(ordered) * share), len(ordered) - 1)]

    @property
    def p50(self) -> float:
        """The median in milliseconds."""
        return self.at(0.5)

    @property
    def p95(self) -> float:
        """The 95th percentile in milliseconds."""
        return self.at(0.95)


def times(work: Callable[[], object], runs: int) -> Times:
    """How long `work` takes, after three runs to warm up."""
    for _ in range(3):
        work()
    taken = Times()
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.seconds.append(time.perf_counter() - began)
    return taken


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as it went to the database."""

    sql: str
    values: Any


@contextmanager
def statements() -> Iterator[list[Statement]]:
    """What the pool of everyday work is asked inside the block."""
    heard: list[Statement] = []

    def listen(_connection: Connection, _cursor: Any, sql: str, values: Any, _context: Any, _many: bool) -> None:
        heard.append(Statement(sql, values))

    event.listen(db.app_engine(), "before_cursor_execute", listen)
    try:
        yield heard
    finally:
        event.remove(db.app_engine(), "before_cursor_execute", listen)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a piece of work asks of the database."""

    statements: int
    buffers: int
    nodes: frozenset[str]  # "Index Scan ix_ticket_open", "Seq Scan ticket" ...


def cost(actor: Actor, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Cost:
    """Statements and shared buffers of a reading verb, by running each of its statements once more under EXPLAIN."""
    unit_of_work.run(actor, verb, *args, **kwargs)
    with statements() as heard:
        unit_of_work.run(actor, verb, *args, **kwargs)
    buffers, nodes = unit_of_work.run(
        actor, _explained, [one for one in heard if one.sql.lstrip().startswith(("SELECT", "WITH"))]
    )
    return Cost(len(heard), buffers, nodes)


def _explained(ctx: Context, asked: list[Statement]) -> tuple[int, frozenset[str]]:
    buffers, nodes = 0, set()
    connection = ctx.session.connection()
    for one in asked:
        if "set_config" in one.sql:
            continue
        plan = connection.exec_driver_sql(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {one.sql}", one.values
        ).scalar_one()[0]["Plan"]
        buffers += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        nodes |= _nodes(plan)
    return buffers, frozenset(nodes)


def _nodes(plan: dict[str, Any]) -> set[str]:
    name = plan.get("Index Name") or plan.get("Relation Name")
    found = {f"{plan['Node Type']} {name}"} if name else set()
    return found.union(*(_nodes(one) for one in plan.get("Plans", ())))


def actor(organization: Actor, email: str) -> Actor:
    """Somebody of a filled organization, as they act."""

    def find(ctx: Context) -> Actor:
        person = ctx.session.query(Person).filter(Person.email == email).one()  # type: ignore[arg-type]
        return sign_in.actor_for(ctx, person)

    return unit_of_work.run(organization, find)
