"""Who gets which ticket."""

import pytest
from sqlmodel import select

from helpdesk.domain.errors import Conflict
from helpdesk.domain.people import Actor, Availability, Role
from helpdesk.models import Activity, Person
from helpdesk.services import catalog, people, sign_in, teams, tickets
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import PASSWORD, Cast


def _agents(cast: Cast, count: int, *, strategy: str = "round_robin", capacity: int = 20) -> int:
    """A team of its own whose category leads there; nobody else is available."""
    ids = tuple(
        run(cast.olga, people.create, name=f"Agent {number}", email=f"a{number}@acme.example", role=Role.AGENT, password=PASSWORD)
        for number in range(count)
    )  # fmt: skip

    def make_available(ctx: Context) -> None:
        for person_id in ids:
            person = ctx.session.get_one(Person, person_id)
            person.availability, person.capacity = "available", capacity

    run(cast.desk, make_available)
    return run(cast.olga, teams.save, name="Squad", strategy=strategy, member_ids=ids)


def _file(cast: Cast, team_id: int | None = None, **more: object) -> str:
    return run(
        cast.max, tickets.create, title="x", description="y", requester_id=cast.rita.person_id, team_id=team_id, **more
    )


def _holder(cast: Cast, ref: str) -> str:
    return run(cast.max, tickets.one, ref).ticket.assignee


def _available(actor: Actor) -> None:
    run(actor, sign_in.set_availability, "available")


def test_round_robin_is_fair(cast: Cast) -> None:
    squad = _agents(cast, 3)
    holders = [_holder(cast, _file(cast, squad)) for _ in range(9)]
    assert holders[:3] == ["Agent 0", "Agent 1", "Agent 2"] and holders == holders[:3] * 3


def test_least_loaded_evens_out(cast: Cast) -> None:
    squad = _agents(cast, 2, strategy="least_loaded")
    first, second = _file(cast, squad), _file(cast, squad)
    run(cast.max, tickets.change_status, first, "resolved")
    free = _holder(cast, first)
    assert _holder(cast, second) != free
    assert _holder(cast, _file(cast, squad)) == free


def test_manual_teams_give_nothing_out(cast: Cast) -> None:
    squad = _agents(cast, 2, strategy="manual")
    ref = _file(cast, squad)
    assert _holder(cast, ref) == ""
    run(cast.desk, _set_offline, "Agent 0")
    run(cast.desk, lambda ctx: sign_in.become(ctx, _person(ctx, "Agent 0"), Availability.AVAILABLE))
    assert _holder(cast, ref) == "", "neither to whoever becomes available"


def _person(ctx: Context, name: str) -> Person:
    return ctx.session.exec(select(Person).where(Person.name == name)).one()


def _set_offline(ctx: Context, name: str) -> None:
    _person(ctx, name).availability = "offline"


def test_nobody_gets_more_than_they_can_carry(cast: Cast) -> None:
    squad = _agents(cast, 2, capacity=2)
    holders = [_holder(cast, _file(cast, squad)) for _ in range(5)]
    assert sorted(holders) == ["", "Agent 0", "Agent 0", "Agent 1", "Agent 1"]


def test_resolved_tickets_weigh_nothing(cast: Cast) -> None:
    squad = _agents(cast, 1, capacity=1)
    first = _file(cast, squad)
    run(cast.max, tickets.change_status, first, "resolved")
    assert _holder(cast, _file(cast, squad)) == "Agent 0"


@pytest.mark.parametrize("availability", ["away", "offline"])
def test_who_is_away_gets_nothing(cast: Cast, availability: str) -> None:
    _available(cast.ada)
    run(cast.ada, sign_in.set_availability, availability)
    assert _holder(cast, _file(cast)) == ""


def test_who_is_deactivated_or_signed_out_gets_nothing(cast: Cast) -> None:
    _available(cast.ada)
    run(cast.adam, people.deactivate, cast.ada.person_id)
    assert _holder(cast, _file(cast)) == ""


def test_a_teams_tickets_stay_in_the_team(cast: Cast) -> None:
    _available(cast.bob)
    ref = _file(cast, cast.support)
    assert _holder(cast, ref) == ""
    _available(cast.ada)
    assert _holder(cast, ref) == "Ada Agent"


def test_the_category_leads_to_the_team(cast: Cast) -> None:
    invoices = run(cast.adam, catalog.save_category, name="Invoices", team_id=cast.billing)
    _available(cast.ada)
    _available(cast.bob)
    ref = run(cast.rita, tickets.create, title="x", description="y", category_id=invoices)
    assert run(cast.max, tickets.one, ref).ticket.team == "Billing" and _holder(cast, ref) == "Bob Billing"


def test_a_closed_team_is_led_to_by_nothing(cast: Cast) -> None:
    invoices = run(cast.adam, catalog.save_category, name="Invoices", team_id=cast.billing)
    run(cast.adam, teams.save, cast.billing, name="Billing", is_active=False, member_ids=(cast.bob.person_id,))
    ref = run(cast.rita, tickets.create, title="x", description="y", category_id=invoices)
    assert run(cast.max, tickets.one, ref).ticket.team == ""


def test_the_oldest_waiting_ticket_of_ones_teams_comes_first(cast: Cast) -> None:
    foreign = _file(cast, cast.billing)
    older, newer = _file(cast, cast.support), _file(cast)
    _available(cast.ada)
    assert [_holder(cast, ref) for ref in (foreign, older, newer)] == ["", "Ada Agent", ""]


def test_resolved_tickets_do_not_wait(cast: Cast) -> None:
    done = _file(cast)
    run(cast.max, tickets.change_status, done, "closed")
    _available(cast.ada)
    assert _holder(cast, done) == ""


def test_becoming_available_twice_serves_once(cast: Cast) -> None:
    first, second = _file(cast), _file(cast)
    for _ in range(3):
        _available(cast.ada)
    assert (_holder(cast, first), _holder(cast, second)) == ("Ada Agent", "")


def test_every_assignment_says_why_and_by_whom(cast: Cast) -> None:
    ref = _file(cast)
    _available(cast.ada)
    routed = _file(cast)
    chosen = _file(cast, assignee_id=cast.bob.person_id)

    def log(ctx: Context) -> list[tuple[str, str, str]]:
        rows = ctx.session.exec(select(Activity).where(Activity.kind == "ticket.assigned").order_by(Activity.id))
        return [(row.actor_name, row.data["assignee"], row.data.get("reason", "")) for row in rows]

    assert run(cast.desk, log) == [
        ("The desk", "Ada Agent", "has waited longest"),
        ("The desk", "Ada Agent", "round robin: longest since the last assignment"),
        ("Max Manager", "Bob Billing", ""),
    ]
    assert _holder(cast, ref) and _holder(cast, routed) and _holder(cast, chosen)


def test_moving_to_another_team_takes_it_from_outsiders_and_routes_anew(cast: Cast) -> None:
    ref = _file(cast, cast.support, assignee_id=cast.ada.person_id)
    run(cast.max, tickets.move_to_team, ref, team_id=cast.billing)
    assert _holder(cast, ref) == "", "Ada is not in Billing"
    run(cast.max, tickets.move_to_team, ref, team_id=cast.support)
    _available(cast.bob)
    run(cast.max, tickets.move_to_team, ref, team_id=cast.billing)
    assert _holder(cast, ref) == "Bob Billing"
    run(cast.max, tickets.move_to_team, ref, team_id=None)
    assert _holder(cast, ref) == "Bob Billing", "the common queue is everybody's"


def test_a_technician_takes_what_is_free_and_nothing_else(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.tom, tickets.take, ref)
    assert _holder(cast, ref) == "Tom Technician"
    run(cast.ada, tickets.take, ref)
    with pytest.raises(Conflict):
        run(cast.tom, tickets.take, ref)
    assert _holder(cast, ref) == "Ada Agent"
