"""What a sweep of clocks costs, which must follow what is due and not what runs; and how late warnings are."""

import multiprocessing
import time as clocks
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import text

from helpdesk import clock, db
from helpdesk.domain.people import Actor, system
from helpdesk.jobs.schedule import SCHEDULE
from helpdesk.jobs.tickets import sweep_sla
from helpdesk.services import sla, unit_of_work
from tests.bench import fill
from tests.bench.measure import Times, cost
from tests.bench.report import Report

SIZES = (10_000, 100_000, 1_000_000)
DUE = (0, 50, 5_000)
_TICKETS = 10_000
_A_MINUTE = 1_000
_COLUMNS = (
    "organization_id, ticket_id, metric, state, target_seconds, started_at, warn_at, due_at, next_at, paused_seconds"
)


def run(report: Report, *, quick: bool, sizes: Sequence[int] = ()) -> None:
    """The sweep at so many running clocks, with none, some and many due."""
    desk = system(fill.organization("clocks", _TICKETS).id)
    for running in sizes or (SIZES[:1] if quick else SIZES):
        for due in DUE:
            arrange(desk.organization_id, running, due)
            what = f"{running:>9,} running, {due:,} due"
            if due:
                for sweepers in (1, 2) if due >= 5_000 else (1,):
                    if sweepers > 1:
                        arrange(desk.organization_id, running, due)
                    rate = _together(desk, sweepers, due)
                    is_met = rate >= 5_000 if due >= 5_000 else None
                    goal = ">= 5,000/s" if due >= 5_000 else ""
                    report.add(f"{what}: touched by {sweepers}", f"{rate:,.0f}/s", goal, is_met=is_met)
                continue
            buffers = cost(desk, sla.sweep).buffers
            report.add(f"{what}: reads", f"{buffers} buffers", "<= 10 buffers", is_met=buffers <= 10)
            began = clocks.perf_counter()
            for _ in range(20):
                unit_of_work.run(desk, sla.sweep)
            took = (clocks.perf_counter() - began) / 20
            report.add(f"{what}: takes", f"{took * 1000:.1f} ms", "<= 3 ms", is_met=took <= 0.003)


def _together(desk: Actor, sweepers: int, due: int) -> float:
    """Due clocks a second, looked at by so many workers at once."""
    with multiprocessing.get_context("spawn").Pool(sweepers) as pool:
        pool.starmap(_warm, [(desk,)] * sweepers)
        began = clocks.perf_counter()
        done = sum(pool.starmap(_sweep, [(desk,)] * sweepers))
        taken = clocks.perf_counter() - began
    if done != due:
        raise RuntimeError(f"{due} clocks were due, {done} were looked at.")
    return due / taken


def _warm(desk: Actor) -> None:
    with db.session(desk.organization_id) as session:
        session.execute(text("SELECT 1"))


def _sweep(desk: Actor) -> int:
    done = 0
    while looked_at := unit_of_work.run(desk, sla.sweep):
        done += looked_at
    return done


def lateness(report: Report, *, quick: bool) -> None:
    """How long after its moment a warning is recorded, when so many become due each minute: swept as often as the schedule
    says, without the wait in the queue before."""
    desk = system(fill.organization("clocks", _TICKETS).id)
    every = next(one.every for one in SCHEDULE if one.job.endswith("sweep_sla"))
    length = 4 * every if quick else 60.0
    number = int(_A_MINUTE * length / 60)
    begin = clock.now()
    arrange(desk.organization_id, 0, number, since=begin, within=timedelta(seconds=length))
    until = begin + timedelta(seconds=length + every)
    while clock.now() < until:
        began = clocks.monotonic()
        sweep_sla()
        clocks.sleep(max(0.0, every - (clocks.monotonic() - began)))
    with db.session(desk.organization_id) as session:
        late = session.execute(
            text("SELECT extract(epoch FROM warned_at - warn_at) FROM timer WHERE warned_at IS NOT NULL")
        )
        taken = Times([float(one) for one in late.scalars()])
    if len(taken.seconds) != number:
        raise RuntimeError(f"{number} warnings were due, {len(taken.seconds)} were recorded.")
    for name, share in (("p50", 0.5), ("p95", 0.95), ("max", 1.0)):
        is_met = taken.at(share) <= 5_000
        report.add(
            f"warnings, {_A_MINUTE:,} a minute: lateness {name}",
            f"{taken.at(share) / 1000:.2f} s",
            "<= 5 s",
            is_met=is_met,
        )


def arrange(
    organization_id: int, running: int, due: int, *, since: datetime | None = None, within: timedelta = timedelta()
) -> None:
    """So many clocks that run until tomorrow, and so many that are late by an hour, or warn one after the other within a
    time. Each that is due has a ticket to itself; many of the others share one."""
    with db.owner_session() as session:
        session.execute(text("DELETE FROM timer WHERE organization_id = :id"), {"id": organization_id})
        find = text("SELECT id FROM ticket WHERE organization_id = :id ORDER BY id LIMIT :most")
        tickets = list(session.execute(find, {"id": organization_id, "most": _TICKETS}).scalars())
        # The tickets are there; looking each of them up a million times takes minutes. Needs a superuser.
        session.execute(text("SET LOCAL session_replication_role = replica"))
        cursor = session.connection().connection.cursor()
        with cursor.copy(f"COPY timer ({_COLUMNS}) FROM STDIN") as copy:  # type: ignore[attr-defined]
            for row in _rows(organization_id, tickets, running, due, since, within):
                copy.write_row(row)
        session.commit()
    with db.owner_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as server:
        server.execute(text("VACUUM ANALYZE timer, ticket"))


def _rows(
    organization_id: int, tickets: list[int], running: int, due: int, since: datetime | None, within: timedelta
) -> Iterator[tuple[object, ...]]:
    now = clock.now()
    if due >= len(tickets):
        raise ValueError(f"Only {len(tickets) - 1} clocks can be due at once.")
    for number in range(due):
        warn_at = now - timedelta(hours=1) if since is None else since + within * number / due
        due_at = warn_at if since is None else warn_at + timedelta(days=1)
        yield (organization_id, tickets[number], "resolution", "running", 3600, now, warn_at, due_at, warn_at, 0)
    rest, tomorrow = tickets[due:], now + timedelta(days=1)
    for number in range(running - due):
        metric = f"clock {number // len(rest)}"
        at = tomorrow + timedelta(seconds=number % 86_400)
        yield (organization_id, rest[number % len(rest)], metric, "running", 3600, now, at, at, at, 0)
