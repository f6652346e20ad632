"""Deadlines per second, and what a sweep costs: it must follow what is due, not what runs."""

import time as clocks
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import text

from helpdesk import clock, db
from helpdesk.domain.business_hours import Calendar, Range, add_working_time
from helpdesk.domain.people import system
from helpdesk.services import sla, unit_of_work
from tests.bench import fill
from tests.bench.measure import cost
from tests.bench.report import Report

_START = datetime(2026, 11, 23, 9, tzinfo=UTC)
_OFFICE = Calendar("Europe/Berlin", {day: (Range(time(9), time(17)),) for day in range(5)}, name="office")


def run(report: Report, *, quick: bool) -> None:
    """The figures of clocks."""
    _deadlines(report, 50_000 if quick else 500_000)
    for running in (10_000,) if quick else (10_000, 100_000):
        _sweeps(report, running)


def _deadlines(report: Report, number: int) -> None:
    starts = [_START + timedelta(minutes=13 * one) for one in range(1000)]
    for start in starts:
        add_working_time(_OFFICE, start, timedelta(hours=30))
    began = clocks.perf_counter()
    for one in range(number):
        add_working_time(_OFFICE, starts[one % 1000], timedelta(hours=one % 30))
    rate = number / (clocks.perf_counter() - began)
    report.add("deadlines, a plain calendar", f"{rate:,.0f}/s", ">= 250,000/s", is_met=rate >= 250_000)


def _sweeps(report: Report, running: int) -> None:
    desk = system(fill.organization(f"clocks{running}", running).id)
    with clock.frozen(_START):
        for due in (0, 50, 5_000):
            _arrange(desk.organization_id, due)
            spent = cost(desk, sla.sweep)
            report.add(f"{running:>9,} running, {due:,} due: one sweep reads", f"{spent.buffers} buffers")
            _arrange(desk.organization_id, due)
            began, done = clocks.perf_counter(), 0
            while looked_at := unit_of_work.run(desk, sla.sweep):
                done += looked_at
            took = clocks.perf_counter() - began
            if done:
                rate = done / took
                report.add(f"{running:>9,} running, {due:,} due", f"{rate:,.0f}/s", ">= 5,000/s", is_met=rate >= 5_000)
            else:
                report.add(f"{running:>9,} running, none due", f"{took * 1000:.1f} ms", "<= 3 ms", is_met=took <= 0.003)


def _arrange(organization_id: int, due: int) -> None:
    """A clock that runs on every ticket, so many of them late by now."""
    facts = {"organization": organization_id, "due": due, "now": _START}
    with db.owner_session() as session:
        session.execute(text("DELETE FROM timer WHERE organization_id = :organization"), facts)
        session.execute(text(_TIMERS), facts)
        session.commit()
    with db.owner_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as server:
        server.execute(text("VACUUM ANALYZE timer"))


_TIMERS = """
    INSERT INTO timer (organization_id, ticket_id, metric, state, target_seconds, started_at, warn_at, due_at, next_at,
                       paused_seconds)
    SELECT :organization, id, 'resolution', 'running', 3600, CAST(:now AS timestamptz) - interval '1 day', at, at, at, 0
    FROM (
        SELECT id, CAST(:now AS timestamptz) + CASE WHEN row_number() OVER (ORDER BY id) <= :due
               THEN interval '-1 hour' ELSE interval '1 day' END AS at
        FROM ticket WHERE organization_id = :organization
    ) clock
"""
