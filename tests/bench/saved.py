"""Saved views of every kind, the board, the palette and changes of fifty tickets, at every size."""

import json
from collections.abc import Callable

from helpdesk.domain.bulk import Action
from helpdesk.domain.conditions import load
from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.people import system
from helpdesk.services import search, tickets, unit_of_work, views
from helpdesk.services.tickets import bulk
from tests.bench import fill
from tests.bench.lists import sizes
from tests.bench.measure import actor, cost, times
from tests.bench.report import Report

_OPEN = ["status_category", "any", "new", "open", "pending"]
VIEWS = {
    "urgent and open": {"all": [_OPEN, ["priority", "is", "urgent"]]},
    "open, of nobody or with a tag": {"all": [_OPEN, {"any": [["assignee", "is", "none"], ["tag", "is", "tag1"]]}]},
    "created in the last 7 days": {"all": [["created", "last", "7"]]},
    "not closed, one company": {"all": [["status_category", "not", "closed"], ["company", "is", "0"]]},
    "a tag": {"all": [["tag", "is", "tag3"]]},
    "rare word of the subject": {"all": [["title", "contains", "quagga"]]},
    "common word of the subject": {"all": [["title", "contains", "printer"]]},
}


def run(report: Report, *, quick: bool) -> None:
    """The figures."""
    runs = 20 if quick else 60
    for label, size in sizes(quick=quick):
        desk = system(fill.organization(label, size).id)
        while unit_of_work.run(desk, search.learn):
            pass
        who = actor(desk, "manager@desk.example")
        company = str(next(iter(unit_of_work.run(who, tickets.filter_choices).companies)).value)
        for name, tree in VIEWS.items():
            wanted = TicketFilter(where=load(json.dumps(tree).replace('"0"', f'"{company}"')))
            _add(report, size, f"page: {name}", runs, 15, who, tickets.page, wanted)
            _add(report, size, f"count: {name}", runs, 30, who, tickets.matches, wanted)
        if not any(row.id for row in unit_of_work.run(who, views.listing)):
            for name, tree in VIEWS.items():
                unit_of_work.run(
                    who, views.create, name=name, where=load(json.dumps(tree).replace('"0"', f'"{company}"'))
                )
        _add(report, size, "all counts of the rail, with seven saved views", runs, 150, who, tickets.view_counts)
        _add(report, size, "board: all open", runs, 60, who, tickets.board, TicketFilter(open=True))
        _add(report, size, "palette: a word", runs, 60, who, tickets.anything, "printer")
        _add(report, size, "search: a mistyped word", runs, 80, who, tickets.page, TicketFilter(text="keybaord"))
        refs = [row.reference for row in unit_of_work.run(who, tickets.page, TicketFilter(open=True, size=50)).rows]
        _bulk(
            report,
            size,
            lambda value, who=who, refs=refs: unit_of_work.run(who, bulk.start, Action.PRIORITY, value, refs=refs),
        )  # type: ignore[misc]


def _add(
    report: Report, size: int, name: str, runs: int, limit: float, who: object, verb: Callable, *args: object
) -> None:  # type: ignore[type-arg]
    taken = times(lambda: unit_of_work.run(who, verb, *args), runs)  # type: ignore[arg-type]
    spent = cost(who, verb, *args)  # type: ignore[arg-type]
    report.add(
        f"{size:>9,}  {name}", f"p50 {taken.p50:.1f}, p95 {taken.p95:.1f} ms, {spent.buffers} buffers",
        f"p95 <= {limit:.0f} ms", is_met=taken.p95 <= limit,
    )  # fmt: skip


def _bulk(report: Report, size: int, change: Callable[[str], object]) -> None:
    values = iter(["low", "high"] * 20)
    taken = times(lambda: change(next(values)), 10)
    report.add(f"{size:>9,}  fifty tickets at once", f"p50 {taken.p50:.0f}, p95 {taken.p95:.0f} ms")
