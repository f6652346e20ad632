"""Fifty agents and ten thousand waiting tickets, with really committed data and real connections."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from helpdesk import db
from helpdesk.domain.people import Actor, Role, system
from helpdesk.models import Activity, Person, Ticket
from helpdesk.services import catalog, organizations, people, sign_in, tickets
from helpdesk.services.context import Context
from helpdesk.services.tickets import assignment
from helpdesk.services.unit_of_work import run
from tests.cast import Cast

AGENTS, WAITING = 50, 10_000
_COPIED = [name for name in Ticket.model_fields if name not in ("id", "organization_id", "reference", "created_at")]


@pytest.fixture
def rush(assembled: Cast) -> Iterator[Actor]:
    """The desk of an organization with many agents who are not there yet, and many tickets that wait for them."""
    desk = system(organizations.create(label="rush", name="Rush", prefix="RUSH").id)
    customer = run(desk, people.create, name="Cleo Customer", email="cleo@rush.example", role=Role.CUSTOMER)
    run(desk, tickets.create, title="x", description="y", requester_id=customer)
    run(desk, _fill)
    yield desk
    with db.owner_session() as session:
        session.execute(text("DELETE FROM ticket WHERE organization_id = :id"), {"id": desk.organization_id})
        session.execute(text("DELETE FROM organization WHERE id = :id"), {"id": desk.organization_id})
        session.commit()
    catalog._kept.clear()
    organizations._known.clear()


def _fill(ctx: Context) -> None:
    columns = ", ".join(_COPIED)
    ctx.session.connection().exec_driver_sql(
        f"INSERT INTO ticket ({columns}, reference, created_at) SELECT {columns}, 'RUSH-' || i, created_at + i * interval '1 ms'"
        f" FROM ticket, generate_series(2, {WAITING}) i"
    )
    now = ctx.now
    ctx.session.add_all(
        Person(
            name=f"Agent {number}", email=f"a{number}@rush.example", role=Role.AGENT, capacity=1000, created_at=now, updated_at=now
        )
        for number in range(AGENTS)
    )  # fmt: skip


def _actors(ctx: Context) -> list[Actor]:
    found = ctx.session.exec(select(Person).where(Person.role == Role.AGENT).order_by(col(Person.id))).all()
    return [sign_in.actor_for(ctx, person) for person in found]


def _assigned(ctx: Context) -> tuple[Counter[int], Counter[int]]:
    """Open tickets by agent, and assignments recorded by ticket."""
    held = Counter(ctx.session.exec(select(Ticket.assignee_id).where(col(Ticket.assignee_id).is_not(None))).all())
    told = Counter(ctx.session.exec(select(Activity.ticket_id).where(Activity.kind == "ticket.assigned")).all())
    return held, told  # type: ignore[return-value]


def _oldest(ctx: Context, most: int) -> set[int]:
    return set(ctx.session.exec(select(Ticket.id).order_by(col(Ticket.created_at), col(Ticket.id)).limit(most)).all())


def test_fifty_come_to_work_at_once(rush: Actor) -> None:
    agents = run(rush, _actors)
    gate = threading.Barrier(AGENTS)

    def come(agent: Actor) -> None:
        gate.wait(20)
        run(agent, sign_in.set_availability, "available")

    with ThreadPoolExecutor(AGENTS) as pool:
        list(pool.map(come, agents))
    held, told = run(rush, _assigned)
    assert held == Counter(agent.person_id for agent in agents), "each has exactly one"
    assert told == Counter(dict.fromkeys(run(rush, _oldest, AGENTS), 1)), (
        "the oldest went, each once, none was passed over"
    )


def test_four_sweeps_share_what_waits(rush: Actor) -> None:
    run(rush, _all_there)
    rounds = 3

    def sweep(_: int) -> int:
        return sum(run(rush, assignment.serve_waiting) for _ in range(rounds))

    with ThreadPoolExecutor(4) as pool:
        number = sum(pool.map(sweep, range(4)))
    held, told = run(rush, _assigned)
    assert number == sum(held.values()) == len(told) > 0
    assert set(told.values()) == {1}
    assert set(told) == run(rush, _oldest, number), "in order, as far as anybody came"


def _all_there(ctx: Context) -> None:
    for agent in ctx.session.exec(select(Person).where(Person.role == Role.AGENT)).all():
        agent.availability = "available"
