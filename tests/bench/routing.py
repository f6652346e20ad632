"""Giving waiting tickets out, against the bare loop that sets an assignee."""

import multiprocessing
import time

from sqlalchemy import text
from sqlmodel import Session

from helpdesk import db
from helpdesk.domain.people import Actor, system
from helpdesk.services import unit_of_work
from helpdesk.services.tickets import assignment
from tests.bench import fill
from tests.bench.report import Report

WORKERS = (1, 4, 8)
AT_ONCE = 50
_PAUSE = 0.02
_WAIT = """
    UPDATE ticket SET assignee_id = NULL, team_id = NULL, is_open = true, snoozed_until = NULL, status_category = 'new',
        status_id = (SELECT id FROM status WHERE slug = 'new')
    WHERE id IN (SELECT id FROM ticket ORDER BY id DESC LIMIT :most)
"""
_TAKE = """
    UPDATE ticket SET assignee_id = %(agent)s WHERE id IN (
        SELECT id FROM ticket WHERE is_open AND assignee_id IS NULL AND snoozed_until IS NULL
        ORDER BY created_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
    )
"""
_ASSIGNED = "SELECT count(*), count(DISTINCT ticket_id) FROM activity WHERE kind = 'ticket.assigned' AND at >= :since"


def run(report: Report, *, quick: bool) -> None:
    """Assignments per second with 1, 4 and 8 workers, and whether any ticket was given out twice."""
    organization = fill.organization("ten", 10_000)
    desk = system(organization.id)
    waiting = 1_000 if quick else 8_000
    for workers in WORKERS:
        rate = _together(desk, workers, waiting, is_bare=False)
        bare = _together(desk, workers, waiting, is_bare=True)
        goal = ">= 1500/s" if workers == max(WORKERS) else ""
        report.add(f"{workers} workers: give out", f"{rate:.0f}/s", goal, is_met=rate >= 1500 if goal else None)
        report.add(f"{workers} workers: bare UPDATE ... SKIP LOCKED", f"{bare:.0f}/s")
        report.add(f"{workers} workers: ratio", f"{bare / rate:.1f}")


def _together(desk: Actor, workers: int, waiting: int, *, is_bare: bool) -> float:
    with db.session(desk.organization_id) as session:
        session.execute(text("UPDATE ticket SET is_open = false, status_category = 'closed' WHERE is_open"))
        session.execute(text(_WAIT), {"most": waiting})
        since = session.execute(text("SELECT now()")).scalar_one()
        session.commit()
    with db.owner_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ticket, person"))
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers) as pool:
        pool.starmap(_warm, [(desk,)] * workers)
        began = time.perf_counter()
        given = sum(pool.starmap(_worker, [(desk, is_bare)] * workers))
        taken = time.perf_counter() - began
    with db.session(desk.organization_id) as session:
        total, distinct = session.execute(text(_ASSIGNED), {"since": since}).one()
    if given != waiting or (not is_bare and not total == distinct == waiting):
        raise RuntimeError(f"{waiting} tickets waited, {given} were given out, {total} times to {distinct}.")
    return given / taken


def _warm(desk: Actor) -> None:
    with db.session(desk.organization_id) as session:
        session.execute(text("SELECT 1"))


def _worker(desk: Actor, is_bare: bool) -> int:
    return _bare(desk) if is_bare else _give_out(desk)


def _give_out(desk: Actor) -> int:
    total, idle = 0, 0
    while idle < 4:
        done = unit_of_work.run(desk, assignment.serve_waiting)
        total, idle = total + done, 0 if done else idle + 1
        if not done:
            time.sleep(_PAUSE)  # a job that found nothing to give out is followed by another one later
    return total


def _bare(desk: Actor) -> int:
    total = 0
    with Session(db.app_engine()) as session:
        while True:
            db.enter(session, desk.organization_id)
            agent = session.execute(text("SELECT min(id) FROM person WHERE role = 'agent'")).scalar_one()
            done = session.connection().exec_driver_sql(_TAKE, {"agent": agent, "most": AT_ONCE}).rowcount
            session.commit()
            if not done:
                return total
            total += done
