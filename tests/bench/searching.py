"""Search for a rare and for a common word at every size."""

from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.people import system
from helpdesk.services import tickets, unit_of_work
from tests.bench import fill
from tests.bench.lists import sizes
from tests.bench.measure import actor, cost, times
from tests.bench.report import Report

_WORDS = (
    ("rare word", fill.RARE_WORD, 30.0),
    ("common word", fill.COMMON_WORD, 80.0),
    ("two words", "vpn printer", 80.0),
    ("no such word", "xylophonist", 30.0),
)


def run(report: Report, *, quick: bool) -> None:
    """The figures of search."""
    for label, size in sizes(quick=quick):
        desk = system(fill.organization(label, size).id)
        for role, email in (
            ("manager", "manager@desk.example"),
            ("agent", "agent7@desk.example"),
            ("customer", "customer7@company.example"),
        ):
            who = actor(desk, email)
            for name, word, limit in _WORDS:
                wanted = TicketFilter(text=word)
                taken = times(
                    lambda who=who, wanted=wanted: unit_of_work.run(who, tickets.page, wanted), 15 if quick else 60
                )  # type: ignore[misc]
                spent = cost(who, tickets.page, wanted)
                rows = len(unit_of_work.run(who, tickets.page, wanted).rows)
                report.add(
                    f"{size:>9,}  {role}: {name}",
                    f"p50 {taken.p50:.1f}, p95 {taken.p95:.1f} ms, {spent.buffers} buffers, {rows} shown",
                    f"p95 <= {limit:.0f} ms", is_met=taken.p95 <= limit,
                )  # fmt: skip
