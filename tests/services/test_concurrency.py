"""Races, with really committed data and real threads, in an organization of their own."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from helpdesk import clock, db
from helpdesk.domain.conditions import Group
from helpdesk.domain.escalation import Since, Step
from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.people import Actor, Role, system
from helpdesk.models import Activity, Delivery, Escalation, Person, Tag, Ticket
from helpdesk.services import (
    catalog,
    escalations,
    organizations,
    people,
    routing,
    sign_in,
    sla,
    teams,
    tickets,
    unit_of_work,
)
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import PASSWORD, Cast


@dataclass
class Crowd:
    """An organization full of people who all act at once."""

    organization: organizations.OrganizationRow
    agents: list[Actor] = field(default_factory=list)
    customer: Actor = None  # type: ignore[assignment]

    @property
    def desk(self) -> Actor:
        return system(self.organization.id)

    def available(self, count: int, *, capacity: int = 20) -> list[Actor]:
        """That many agents say they are there."""
        for agent in self.agents[:count]:
            run(self.desk, _set, agent.person_id, capacity)
            run(agent, sign_in.set_availability, "available")
        return self.agents[:count]

    def file(self, **more: Any) -> str:
        return run(self.customer, tickets.create, title="All at once", description="Everybody calls.", **more)

    def holders(self) -> list[str]:
        return [row.assignee for row in run(self.desk, tickets.page, TicketFilter(size=100)).rows]

    def kinds(self, kind: str) -> int:
        return run(self.desk, lambda ctx: len(ctx.session.exec(select(Activity).where(Activity.kind == kind)).all()))


@pytest.fixture
def crowd(assembled: Cast) -> Iterator[Crowd]:
    """Committed for real, and removed afterwards."""
    made = Crowd(organizations.create(label="crowd", name="Crowd", prefix="CROW"))

    def actor(name: str, role: Role) -> Actor:
        form = {
            "name": name,
            "email": f"{name.lower().replace(' ', '.')}@crowd.example",
            "role": role,
            "password": PASSWORD,
        }
        person_id = run(made.desk, people.create, **form)
        return run(made.desk, lambda ctx: sign_in.actor_for(ctx, ctx.session.get_one(Person, person_id)))

    made.agents = [actor(f"Agent {number}", Role.AGENT) for number in range(4)]
    made.customer = actor("Cleo Customer", Role.CUSTOMER)
    yield made
    with db.owner_session() as session:
        session.execute(text("DELETE FROM ticket WHERE organization_id = :id"), {"id": made.organization.id})
        session.execute(text("DELETE FROM organization WHERE id = :id"), {"id": made.organization.id})
        session.commit()
    catalog._kept.clear()
    organizations._known.clear()


def _set(ctx: Context, person_id: int, capacity: int) -> None:
    ctx.session.get_one(Person, person_id).capacity = capacity


def _at_once(count: int, do: Callable[[int], Any]) -> list[Any]:
    """Call `do` from that many threads, all waiting at one gate; raises what any of them raised."""
    gate = threading.Barrier(count)

    def wait_and_do(number: int) -> Any:
        gate.wait(10)
        return do(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(wait_and_do, range(count)))


def test_two_tickets_at_once_go_to_two_agents(crowd: Crowd) -> None:
    for _ in range(5):
        crowd.available(2)
        refs = _at_once(2, lambda _: crowd.file())
        holders = {run(crowd.desk, tickets.one, ref).ticket.assignee for ref in refs}
        assert holders == {"Agent 0", "Agent 1"}


def test_an_agent_given_another_ticket_between_the_look_and_the_lock_is_passed_over(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd.available(2)
    candidates, slow = routing._candidates, threading.Event()

    def looked_long(lock: str, by_skill: bool) -> str:
        query = candidates(lock, by_skill)
        if slow.is_set():
            return query
        slow.set()
        return query.replace("WHERE availability", "WHERE pg_sleep(0.5) IS NOT NULL AND availability")

    monkeypatch.setattr(routing, "_candidates", looked_long)
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(crowd.file)
        assert slow.wait(5)
        time.sleep(0.2)
        meanwhile = crowd.file()
        late = looking.result(timeout=10)
    holders = [run(crowd.desk, tickets.one, ref).ticket.assignee for ref in (meanwhile, late)]
    assert holders == ["Agent 0", "Agent 1"]


def test_twenty_tickets_at_once_are_shared_out_and_none_waits(crowd: Crowd) -> None:
    crowd.available(4)
    _at_once(20, lambda _: crowd.file())
    holders = crowd.holders()
    assert "" not in holders
    assert len(set(holders)) == 4, "in a rush the turns blur, but nobody is left out"


def test_a_rush_on_one_agent_fills_them_to_capacity_and_not_beyond(crowd: Crowd) -> None:
    crowd.available(1, capacity=5)
    _at_once(12, lambda _: crowd.file())
    assert sorted(crowd.holders()) == [""] * 7 + ["Agent 0"] * 5


def test_an_agent_at_work_is_not_overlooked(crowd: Crowd) -> None:
    """What a person does holds a share lock on their row; routing must not take that for somebody else's claim."""
    [agent] = crowd.available(1)
    first = crowd.file()
    with unit_of_work.unit_of_work(agent) as ctx:
        tickets.note(ctx, first, "In the middle of something")
        ctx.session.flush()
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(crowd.file).result(timeout=10)
    assert run(crowd.desk, tickets.one, second).ticket.assignee == "Agent 0"


def test_one_waiting_ticket_is_served_to_one_of_many(crowd: Crowd) -> None:
    ref = crowd.file()
    _at_once(4, lambda number: run(crowd.agents[number], sign_in.set_availability, "available"))
    assert run(crowd.desk, tickets.one, ref).ticket.assignee.startswith("Agent")
    assert crowd.kinds("ticket.assigned") == 1


def test_several_waiting_tickets_are_served_to_several(crowd: Crowd) -> None:
    refs = [crowd.file() for _ in range(3)]
    _at_once(4, lambda number: run(crowd.agents[number], sign_in.set_availability, "available"))
    holders = [run(crowd.desk, tickets.one, ref).ticket.assignee for ref in refs]
    assert len(set(holders)) == 3 and "" not in holders


def test_twenty_takers_of_one_ticket_leave_one_story(crowd: Crowd) -> None:
    ref = crowd.file()
    _at_once(20, lambda number: run(crowd.agents[number % 4], tickets.take, ref))
    log = run(
        crowd.desk,
        lambda ctx: [
            (row.data["previous"], row.data["assignee"])
            for row in ctx.session.exec(
                select(Activity).where(Activity.kind == "ticket.assigned").order_by(Activity.id)
            )
        ],
    )
    assert log[0][0] == "" and all(left[1] == right[0] for left, right in pairwise(log))
    assert run(crowd.desk, tickets.one, ref).ticket.assignee == log[-1][1]


def test_no_reply_is_lost_in_the_count(crowd: Crowd) -> None:
    ref = crowd.file()
    _at_once(12, lambda number: run(crowd.agents[number % 4], tickets.reply, ref, f"Answer {number}"))
    seen = run(crowd.desk, tickets.one, ref)
    assert seen.ticket.comment_count == len(seen.comments) == 12
    assert crowd.kinds("ticket.status_changed") == 1 and crowd.kinds("sla.met") <= 1


def test_the_same_new_words_at_once(crowd: Crowd) -> None:
    refs = [crowd.file() for _ in range(8)]
    _at_once(
        8, lambda number: run(crowd.agents[number % 4], tickets.tag, refs[number], ["same", f"own {number}", "fresh"])
    )
    names = run(crowd.desk, lambda ctx: sorted(ctx.session.exec(select(Tag.name)).all()))
    assert names == sorted(["same", "fresh", *(f"own {number}" for number in range(8))])
    assert all(len(run(crowd.desk, tickets.one, ref).ticket.tags) == 3 for ref in refs)


def test_filing_with_new_words_at_once(crowd: Crowd) -> None:
    def file(number: int) -> str:
        return run(
            crowd.agents[number % 4], tickets.create, title="Tagged", description="x", requester_id=crowd.customer.person_id,
            tags=["same", "fresh"],
        )  # fmt: skip

    refs = _at_once(8, file)
    assert all(len(run(crowd.desk, tickets.one, ref).ticket.tags) == 2 for ref in refs)


def test_the_same_stranger_writes_twice_at_once(crowd: Crowd) -> None:
    form = {"name": "Stan Stranger", "email": "stan@home.example", "title": "Hello", "description": "Twice"}
    refs = _at_once(6, lambda _: run(crowd.desk, tickets.create_from_public_form, **form))
    assert len(set(refs)) == 6
    assert len(run(crowd.desk, people.listing, text="stan@")) == 1


def test_the_same_registration_is_confirmed_twice_at_once(crowd: Crowd) -> None:
    run(crowd.desk, sign_in.register, name="Stan Stranger", email="stan@home.example", password=PASSWORD)
    newest = (
        select(Delivery.body_text).where(Delivery.to_address == "stan@home.example").order_by(col(Delivery.id).desc())
    )
    token = run(crowd.desk, lambda ctx: ctx.session.exec(newest).first()).rpartition("token=")[2].strip()

    def confirm(_: int) -> str:
        try:
            return run(crowd.desk, sign_in.confirm, token=token, password=PASSWORD)
        except Exception as refused:
            return type(refused).__name__

    outcomes = _at_once(4, confirm)
    assert outcomes.count("Invalid") == 3
    assert len(run(crowd.desk, people.listing, text="stan@home")) == 1


def test_the_same_team_is_made_twice_at_once(crowd: Crowd) -> None:
    def make(_: int) -> str:
        try:
            return str(run(crowd.desk, teams.save, name="Twins"))
        except Exception as refused:
            return type(refused).__name__

    assert _at_once(3, make).count("Conflict") == 2


def test_eight_wrong_passwords_at_once_lock_all_the_same(crowd: Crowd) -> None:
    def try_(_: int) -> None:
        with pytest.raises(sign_in.SignInRefused):
            run(crowd.desk, sign_in.sign_in, email="agent.0@crowd.example", password="wrong password")

    _at_once(8, try_)
    with pytest.raises(sign_in.SignInRefused):
        run(crowd.desk, sign_in.sign_in, email="agent.0@crowd.example", password=PASSWORD)


def test_a_reset_link_works_for_one_of_two(crowd: Crowd) -> None:
    run(crowd.desk, sign_in.forgot, email="agent.0@crowd.example")
    token = run(
        crowd.desk,
        lambda ctx: (
            ctx.session.execute(text("SELECT body_text FROM delivery")).scalar_one().rpartition("token=")[2].strip()
        ),
    )

    def reset(number: int) -> str:
        try:
            run(crowd.desk, sign_in.reset, token=token, password=f"sentence number {number}")
        except Exception as refused:
            return type(refused).__name__
        return "done"

    assert sorted(_at_once(3, reset)) == ["Invalid", "Invalid", "done"]


@pytest.mark.parametrize(("kind", "seconds"), [("sla.warning", 55), ("sla.breached", 300)])
def test_two_sweeps_at_once_say_each_warning_and_breach_once(crowd: Crowd, kind: str, seconds: int) -> None:
    began = clock.now()
    with clock.frozen(began):
        refs = [crowd.file(priority="urgent") for _ in range(30)]
    later = began + timedelta(seconds=seconds)

    def sweep(_: int) -> int:
        with clock.frozen(later):
            return run(crowd.desk, sla.sweep)

    assert sum(_at_once(4, sweep)) + sweep(0) == len(refs)
    assert crowd.kinds(kind) == len(refs)


def test_a_sweep_waits_for_nobody(crowd: Crowd) -> None:
    """A ticket somebody is working on is skipped; its breach is said on the next round."""
    busy, other = crowd.file(priority="urgent"), crowd.file(priority="urgent")
    later = clock.now() + timedelta(minutes=5)

    def sweep() -> int:
        with clock.frozen(later):
            return run(crowd.desk, sla.sweep)

    with unit_of_work.unit_of_work(crowd.agents[0]) as ctx:
        tickets.note(ctx, busy, "Working on it")
        ctx.session.flush()
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(sweep).result(timeout=10) == 1
    assert run(crowd.desk, tickets.one, other).ticket.sla_status == "breached"
    assert sweep() == 1 and run(crowd.desk, tickets.one, busy).ticket.sla_status == "breached"


def test_verbs_and_sweeps_do_not_deadlock(crowd: Crowd) -> None:
    refs = [crowd.file(priority="urgent") for _ in range(8)]
    later = clock.now() + timedelta(minutes=5)

    def work(number: int) -> None:
        with clock.frozen(later):
            if number < 2:
                run(crowd.desk, sla.sweep)
            else:
                run(crowd.agents[number % 4], tickets.reply, refs[number % 8], "Done", then="resolved")

    _at_once(10, work)
    work(0)
    assert crowd.kinds("sla.breached") == len(refs)


def test_crossing_units_of_work_start_over(crowd: Crowd) -> None:
    """Two that lock the same tickets in opposite order: the database picks a loser, which starts over."""
    first, second = crowd.file(), crowd.file()
    gate = threading.Barrier(2)
    tries: list[int] = []

    def both(ctx: Context, one: str, other: str) -> None:
        tries.append(1)
        tickets.note(ctx, one, "first")
        ctx.session.flush()
        if len(tries) <= 2:
            gate.wait(10)
        tickets.note(ctx, other, "second")

    def cross(number: int) -> None:
        run(crowd.agents[number], both, *((first, second) if number else (second, first)))

    _at_once(2, cross)
    assert len(tries) == 3 and crowd.kinds("ticket.noted") == 4


def test_what_one_process_changes_another_sees_next(crowd: Crowd) -> None:
    run(crowd.desk, tickets.category_options)
    run(crowd.desk, catalog.save_category, name="Hardware")
    with ThreadPoolExecutor(1) as pool:
        seen = pool.submit(run, crowd.desk, tickets.category_options).result()
    assert [option.label for option in seen] == ["Hardware"]


def test_references_stay_unique_when_luck_runs_out(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    """One letter to choose from: filers meet taken references and try the next."""
    letters = iter("AABBCCDDEEFFGGHH" * 50)
    lock = threading.Lock()

    def new_reference(prefix: str) -> str:
        with lock:
            return f"{prefix}-{next(letters) * 6}"

    monkeypatch.setattr("helpdesk.services.tickets.creation.new_reference", new_reference)
    refs = _at_once(4, lambda _: crowd.file())
    assert len(set(refs)) == 4
    assert run(crowd.desk, lambda ctx: len(ctx.session.exec(select(Ticket.id)).all())) == 4


def test_two_sweeps_escalate_once(crowd: Crowd) -> None:
    steps = [Step(Since.CREATED, timedelta(minutes=minutes), ("managers",), 1) for minutes in (1, 2, 3)]
    run(crowd.desk, escalations.save, name="Late", where=Group(), steps=steps)
    for _ in range(8):
        crowd.file()
    run(crowd.desk, escalations.review_some)
    later = clock.now() + timedelta(minutes=5)

    def sweep(_: int) -> None:
        with clock.frozen(later):
            while run(crowd.desk, escalations.sweep):
                pass

    _at_once(4, sweep)
    sweep(0)
    assert crowd.kinds("ticket.escalated") == 24
    assert run(crowd.desk, lambda ctx: len(ctx.session.exec(select(Escalation.id)).all())) == 24
