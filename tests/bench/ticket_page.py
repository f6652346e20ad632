"""A ticket with 50 comments: everything its page reads, at every size."""

from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.people import Actor, system
from helpdesk.services import tickets, unit_of_work
from tests.bench import fill
from tests.bench.lists import sizes
from tests.bench.measure import actor, cost, times
from tests.bench.report import Report

COMMENTS = 50


def run(report: Report, *, quick: bool) -> None:
    """The figures of a ticket's page."""
    for label, size in sizes(quick=quick):
        _measure(report, size, system(fill.organization(label, size).id), runs=50 if quick else 300)


def _measure(report: Report, size: int, desk: Actor, *, runs: int) -> None:
    customer, manager = actor(desk, "customer7@company.example"), actor(desk, "manager@desk.example")
    reference = unit_of_work.run(customer, tickets.create, title="A long story", description="It began on Monday.")
    for number in range(COMMENTS):
        who = manager if number % 2 else customer
        unit_of_work.run(
            who, tickets.reply, reference, f"Answer {number}: still the same, **sorry**.\n\n- tried\n- twice"
        )
    for name, verb in (
        ("ticket with thread", tickets.one),
        ("customer beside it", tickets.requester),
        ("history", tickets.history),
    ):
        taken = times(lambda verb=verb: unit_of_work.run(manager, verb, reference), runs)  # type: ignore[misc]
        spent = cost(manager, verb, reference)
        told = f"p50 {taken.p50:.1f}, p95 {taken.p95:.1f} ms, {spent.buffers} buffers, {spent.statements} statements"
        report.add(f"{size:>9,}  {name}", told, "p95 <= 12 ms", is_met=taken.p95 <= 12)
    taken = times(lambda: unit_of_work.run(manager, tickets.page, TicketFilter()), runs)
    report.add(f"{size:>9,}  the queue beside it", f"p50 {taken.p50:.1f}, p95 {taken.p95:.1f} ms")
