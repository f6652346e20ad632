"""What active rules add to a change of a ticket: none, ten and a hundred of them, in turns within one run."""

import itertools
from collections.abc import Callable

from sqlalchemy import text
from sqlmodel import col, select

from helpdesk.domain.people import Actor, system
from helpdesk.models import Ticket
from helpdesk.services import organizations, rules, tickets, unit_of_work
from helpdesk.services.context import Context
from tests.bench import fill
from tests.bench.measure import Times, statements, times
from tests.bench.report import Report

NUMBERS = (0, 10, 100)
ROUNDS = 3
_NAME = "Bench rule"
# What rules ask in practice: fields of the ticket, what it was, words, and what lies beside it. None of them holds.
_ASKED = (
    [["priority", "is", "urgent"], ["status_category", "any", "new", "open"]],
    [["priority", "was", "urgent"], ["category", "is", "none"], ["channel", "is", "phone"]],
    [["title", "contains", "zeppelin"], ["priority", "any", "low", "high"]],
    [["tag", "is", "nobody-has-this"], ["assignee", "not", "none"]],
    [["requester_domain", "is", "nowhere.example"], ["status", "changed", "yes"]],
)


def run(report: Report, *, quick: bool) -> None:
    """The cost of a change under rules that do not apply, and under a hundred of which one does."""
    organization = fill.organization("ten", 10_000)
    desk = system(organization.id)
    change = _change(desk)
    runs = 30 if quick else 200
    taken: dict[str, list[Times]] = {}
    asked: dict[str, int] = {}
    for _ in range(1 if quick else ROUNDS):
        for number in NUMBERS:
            _arrange(desk, number)
            _measure(f"{number} rules", change, runs, taken, asked)
        _arrange(desk, NUMBERS[-1], applying=True)
        _measure(f"{NUMBERS[-1]} rules, one applies", change, runs, taken, asked)
    _arrange(desk, 0)
    # The best of the rounds: what disturbs a machine only ever makes it slower.
    best = {name: min(one.p50 for one in some) for name, some in taken.items()}
    none = best["0 rules"]
    for name, p50 in best.items():
        report.add(f"{name}: a change", f"p50 {p50:.2f} ms, {asked[name]} statements")
        if name != "0 rules":
            report.add(f"{name}: ratio to none", f"{p50 / none:.2f}")


def _measure(
    name: str, change: Callable[[], object], runs: int, taken: dict[str, list[Times]], asked: dict[str, int]
) -> None:
    taken.setdefault(name, []).append(times(change, runs))
    with statements() as heard:
        change()
    asked[name] = len(heard)


def _change(desk: Actor) -> Callable[[], object]:
    """Turn the priority of one open ticket from low to high and back."""

    def pick(ctx: Context) -> str:
        query = select(Ticket.reference).where(col(Ticket.is_open))
        return ctx.session.exec(query.order_by(col(Ticket.id)).limit(1)).one()

    ref, priorities = unit_of_work.run(desk, pick), itertools.cycle(("low", "high"))
    return lambda: unit_of_work.run(desk, tickets.prioritise, ref, next(priorities))


def _arrange(desk: Actor, number: int, *, applying: bool = False) -> None:
    """As many active rules, and no others."""
    unit_of_work.run(desk, _clear)
    for place in range(number):
        is_last = applying and place == number - 1
        where = [["priority", "changed", "yes"]] if is_last else _ASKED[place % len(_ASKED)]
        then = [["due", "2d"]] if is_last else [["tag", f"bench-{place}"]]
        written = {"when": "updated", "if": {"all": where}, "then": then}
        unit_of_work.run(desk, rules.save, name=f"{_NAME} {place}", written=written)


def _clear(ctx: Context) -> None:
    ctx.session.execute(text("DELETE FROM rule"))
    organizations.catalog_changed(ctx)
