"""Deadlines per second."""

import time as clocks
from datetime import UTC, datetime, time, timedelta

from helpdesk.domain.business_hours import Calendar, Range, add_working_time
from tests.bench.report import Report

_START = datetime(2026, 11, 23, 9, tzinfo=UTC)
_OFFICE = Calendar("Europe/Berlin", {day: (Range(time(9), time(17)),) for day in range(5)}, name="office")


def run(report: Report, *, quick: bool) -> None:
    """The figures of clocks."""
    _deadlines(report, 50_000 if quick else 500_000)


def _deadlines(report: Report, number: int) -> None:
    starts = [_START + timedelta(minutes=13 * one) for one in range(1000)]
    for start in starts:
        add_working_time(_OFFICE, start, timedelta(hours=30))
    began = clocks.perf_counter()
    for one in range(number):
        add_working_time(_OFFICE, starts[one % 1000], timedelta(hours=one % 30))
    rate = number / (clocks.perf_counter() - began)
    report.add("deadlines, a plain calendar", f"{rate:,.0f}/s", ">= 250,000/s", is_met=rate >= 250_000)
