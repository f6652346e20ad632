"""A page of 25, for every built-in view and role, at every size: it must stay flat."""

from helpdesk.domain.filters import BUILT_IN_VIEWS, TicketFilter
from helpdesk.domain.people import Actor, system
from helpdesk.services import tickets, unit_of_work
from tests.bench import fill
from tests.bench.measure import actor, cost, times
from tests.bench.report import Report

SIZES = (("ten", 10_000), ("hundred", 100_000), ("million", 1_000_000))
_ROLES = (("manager", "manager@desk.example"), ("agent", "agent7@desk.example"))


def sizes(*, quick: bool) -> tuple[tuple[str, int], ...]:
    """The organizations measured."""
    return SIZES[:2] if quick else SIZES


def run(report: Report, *, quick: bool) -> None:
    """The figures of lists."""
    runs = 40 if quick else 200
    smallest: dict[str, float] = {}
    for label, size in sizes(quick=quick):
        desk = system(fill.organization(label, size).id)
        for role, email in _ROLES:
            who = actor(desk, email)
            for view in BUILT_IN_VIEWS:
                _measure(report, smallest, f"{role}: {view.label}", size, who, view.filter, runs)
        customer = actor(desk, "customer7@company.example")
        _measure(report, smallest, "customer: their own", size, customer, TicketFilter(), runs)
        company = actor(desk, "customer20@company.example")
        _measure(report, smallest, "company manager: the company's", size, company, TicketFilter(), runs)
        for role, email in _ROLES:
            who = actor(desk, email)
            taken = times(lambda who=who: unit_of_work.run(who, tickets.view_counts), runs // 4)  # type: ignore[misc]
            spent = cost(who, tickets.view_counts)
            report.add(
                f"{size:>9,}  {role}: counts of all views",
                f"p50 {taken.p50:.1f}, p95 {taken.p95:.1f} ms, {spent.buffers} buffers, {spent.statements} statements",
            )


def _measure(
    report: Report, smallest: dict[str, float], name: str, size: int, who: Actor, wanted: TicketFilter, runs: int
) -> None:
    taken = times(lambda: unit_of_work.run(who, tickets.page, wanted), runs)
    spent = cost(who, tickets.page, wanted)
    base = smallest.setdefault(name, taken.p50)
    ratio = taken.p50 / base
    report.add(
        f"{size:>9,}  {name}",
        f"p50 {taken.p50:.1f}, p95 {taken.p95:.1f} ms, {spent.buffers} buffers, {spent.statements} statements, x{ratio:.2f}",
        "p95 <= 15 ms, x1.5", is_met=taken.p95 <= 15 and (ratio <= 1.5 or size == SIZES[0][1]),
    )  # fmt: skip
