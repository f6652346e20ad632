"""What reading and filing cost in statements, buffers and indexes. Times are for `bin/bench`."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from helpdesk import db
from helpdesk.domain.conditions import from_json
from helpdesk.domain.filters import BUILT_IN_VIEWS, BuiltInView, TicketFilter
from helpdesk.domain.people import Actor, Availability, Role, system
from helpdesk.models import Person
from helpdesk.services import people, routing, search, sla, tickets, time_tracking, unit_of_work
from helpdesk.services.context import Context
from tests.bench import fill, sweeping
from tests.bench.measure import actor, cost, statements
from tests.cast import Cast

TICKETS = 20_000
ROADS = {
    "mine": "ix_ticket_assignee", "unassigned": ("ix_ticket_unassigned", "ix_ticket_waiting", "ix_ticket_assignee"), "at-risk": "ix_ticket_at_risk",
    "waiting": "ix_ticket_status_category", "snoozed": "ix_ticket_put_aside", "open": "ix_ticket_open", "solved": "ix_ticket_status_category",
    "all": "ix_ticket_updated", "mentioned": ("ix_mention_person", " mention"),
}  # fmt: skip


@pytest.fixture(scope="module")
def desk(postgres: str) -> Iterator[Actor]:
    """An organization with 20,000 tickets, gone again after these tests."""
    organization = fill.organization("costs", TICKETS)
    yield system(organization.id)
    with db.owner_session() as session:
        session.execute(text("DELETE FROM organization WHERE id = :id"), {"id": organization.id})
        session.commit()


@pytest.fixture(scope="module")
def manager(desk: Actor) -> Actor:
    return actor(desk, "manager@desk.example")


def test_a_ticket_is_filed_in_few_statements(cast: Cast) -> None:
    unit_of_work.run(cast.desk, _come_to_work, cast.ada.person_id)
    unit_of_work.run(cast.rita, tickets.create, title="First", description="Fills what is kept in memory.")
    with statements() as heard:
        unit_of_work.run(cast.rita, tickets.create, title="Second", description="Routed, with clocks and words.")
    asked = [one for one in heard if not one.sql.startswith(("SET ROLE", "SAVEPOINT", "RELEASE"))]
    assert len(asked) <= 12, "\n".join(one.sql for one in asked)


def test_the_next_in_line_is_found_without_counting_what_everybody_has(desk: Actor) -> None:
    spent = cost(desk, routing.find_agent, None)
    assert spent.statements <= 3 and spent.buffers <= 50
    assert any(node.endswith("ix_person_available") for node in spent.nodes), spent.nodes


def test_a_person_is_found_by_their_address_without_reading_everybody(desk: Actor) -> None:
    spent = cost(desk, people.find_or_create_customer, email="Customer7@Company.example", name="")
    assert spent.nodes == {"Index Scan uq_person_email"} and spent.buffers <= 6


@pytest.mark.parametrize("view", BUILT_IN_VIEWS, ids=lambda view: view.slug)
def test_a_view_reads_its_own_index_and_about_a_hundred_pages(view: BuiltInView, manager: Actor, desk: Actor) -> None:
    who = actor(desk, "agent7@desk.example") if view.slug == "mine" else manager
    spent = cost(who, tickets.page, view.filter)
    assert spent.statements <= 6
    assert spent.buffers <= 200
    assert any(node.endswith(ROADS[view.slug]) for node in spent.nodes), spent.nodes
    assert "Seq Scan ticket" not in spent.nodes


@pytest.mark.parametrize("email", ["agent7@desk.example", "customer7@company.example", "customer20@company.example"])
def test_no_role_reads_everything_to_see_its_own(email: str, desk: Actor) -> None:
    who = actor(desk, email)
    for wanted in (TicketFilter(), TicketFilter(open=True)):
        spent = cost(who, tickets.page, wanted)
        assert "Seq Scan ticket" not in spent.nodes
        assert spent.statements <= 7


CONDITIONS = {
    "ix_ticket_priority": ["priority", "is", "urgent"],
    "ix_ticket_open": ["status_category", "any", "new", "open", "pending"],
    "ix_ticket_status": ["status", "any", "in_progress"],
    "ix_ticket_created": ["created", "last", "3"],
}


@pytest.mark.parametrize(("index", "condition"), CONDITIONS.items())
def test_a_view_of_conditions_takes_the_same_roads(index: str, condition: list[str], manager: Actor) -> None:
    wanted = TicketFilter(where=from_json({"all": [condition]}))
    spent = cost(manager, tickets.page, wanted)
    assert spent.statements <= 6 and spent.buffers <= 400
    assert "Seq Scan ticket" not in spent.nodes
    assert index == "ix_ticket_created" or any(node.endswith(index) for node in spent.nodes), spent.nodes


def test_whatever_a_view_asks_its_count_reads_only_so_far(manager: Actor) -> None:
    wanted = TicketFilter(where=from_json({"any": [["title", "contains", "nothing"], ["tag", "is", "none"]]}))
    spent = cost(manager, tickets.matches, wanted.but(where=from_json({"any": [["channel", "is", "phone"]]})))
    assert spent.statements <= 3 and "Seq Scan ticket" not in spent.nodes
    assert cost(manager, tickets.matches, wanted).statements <= 3


def test_rare_words_of_a_title_are_looked_up(manager: Actor) -> None:
    unit_of_work.run(manager, tickets.retitle, _some(manager), "Quagga in the office")
    wanted = TicketFilter(where=from_json({"all": [["title", "contains", "quag"]]}))
    assert len(unit_of_work.run(manager, tickets.page, wanted).rows) == 1
    spent = cost(manager, tickets.page, wanted)
    assert "Seq Scan ticket" not in spent.nodes and spent.buffers <= 300


def test_the_board_reads_its_cards(manager: Actor) -> None:
    spent = cost(manager, tickets.board, TicketFilter(open=True))
    assert spent.statements <= 6 and spent.buffers <= 6000
    assert "Seq Scan ticket" not in spent.nodes


def test_a_typing_error_costs_two_look_ups_more(manager: Actor, desk: Actor) -> None:
    while unit_of_work.run(desk, search.learn):
        pass
    page = unit_of_work.run(manager, tickets.page, TicketFilter(text="keybaord"))
    assert page.corrected == "keyboard" and len(page.rows) == 25
    spent = cost(manager, tickets.page, TicketFilter(text="keybaord"))
    assert spent.statements <= 10 and "Seq Scan ticket_search" not in spent.nodes


def test_the_palette_asks_little(manager: Actor) -> None:
    assert cost(manager, tickets.anything, "keyboard").statements <= 6


@pytest.fixture
def no_clocks_after(desk: Actor) -> Iterator[None]:
    """Clocks made up by the thousand are gone again."""
    yield
    sweeping.arrange(desk.organization_id, 0, 0)


@pytest.mark.usefixtures("no_clocks_after")
def test_an_empty_sweep_reads_the_same_however_many_clocks_run(desk: Actor) -> None:
    read = []
    for running in (0, 1_000, 100_000):
        sweeping.arrange(desk.organization_id, running, due=0)
        spent = cost(desk, sla.sweep)
        assert "Seq Scan timer" not in spent.nodes or running < 100_000
        read.append(spent.buffers)
    assert max(read) <= 10 and max(read) - min(read) <= 3, "a level of the index more, at most"


@pytest.mark.usefixtures("no_clocks_after")
def test_of_a_hundred_thousand_clocks_a_sweep_touches_the_fifty_that_are_due(desk: Actor) -> None:
    sweeping.arrange(desk.organization_id, 100_000, due=50)
    assert sla.organizations_due() == [desk.organization_id]
    assert [unit_of_work.run(desk, sla.sweep) for _ in range(2)] == [50, 0]
    with db.session(desk.organization_id) as session:
        late = text("SELECT count(*) FROM timer WHERE state = 'breached'")
        assert session.execute(late).scalar_one() == 50
        said = text("SELECT count(*), count(DISTINCT ticket_id) FROM activity WHERE kind = 'sla.breached'")
        assert tuple(session.execute(said).one()) == (50, 50)


def _some(manager: Actor) -> str:
    return unit_of_work.run(manager, tickets.page, TicketFilter()).rows[0].reference


def test_counting_the_views_is_one_statement(manager: Actor) -> None:
    assert cost(manager, tickets.view_counts).statements == 3  # entering, the views, counting


@pytest.mark.parametrize(("word", "found"), [(fill.RARE_WORD, 5), (fill.COMMON_WORD, 25), ("xylophonist", 0)])
def test_search_reads_what_it_shows(word: str, found: int, manager: Actor) -> None:
    wanted = TicketFilter(text=word)
    assert len(unit_of_work.run(manager, tickets.page, wanted).rows) == found
    spent = cost(manager, tickets.page, wanted)
    assert spent.statements <= 8
    assert spent.buffers <= 4500
    assert "Seq Scan ticket_search" not in spent.nodes


def test_a_ticket_with_fifty_comments_takes_no_more_statements_than_with_one(cast: Cast) -> None:
    short = unit_of_work.run(cast.rita, tickets.create, title="Short", description="One answer.")
    long = unit_of_work.run(cast.rita, tickets.create, title="Long", description="Fifty answers.")
    unit_of_work.run(cast.max, tickets.reply, short, "Here it is.")
    for number in range(50):
        unit_of_work.run(cast.max if number % 2 else cast.rita, tickets.reply, long, f"Answer {number}.")
    assert _asked(cast.max, long) <= _asked(cast.max, short) <= 10


def _asked(who: Actor, reference: str) -> int:
    with statements() as heard:
        unit_of_work.run(who, tickets.one, reference)
    return len([one for one in heard if not one.sql.startswith(("SET ROLE", "SAVEPOINT", "RELEASE"))])


def _come_to_work(ctx: Context, person_id: int) -> None:
    person = ctx.session.get_one(Person, person_id)
    assert person.role == Role.AGENT
    person.availability = Availability.AVAILABLE


def test_what_stands_around_a_ticket_is_read_in_the_same_statements_however_much_it_is(cast: Cast) -> None:
    bare = unit_of_work.run(cast.rita, tickets.create, title="Bare", description="Nothing around it.")
    full = unit_of_work.run(cast.rita, tickets.create, title="Full", description="Much around it.")
    for number in range(6):
        other = unit_of_work.run(cast.rita, tickets.create, title=f"Other {number}", description="Linked.")
        unit_of_work.run(cast.max, tickets.link, full, other, kind="child" if number % 2 else "related")
        unit_of_work.run(cast.max, time_tracking.log, full, "5")
    for who in (cast.ada, cast.max):
        unit_of_work.run(who, tickets.watch, full)
        unit_of_work.run(who, tickets.keep_draft, full, "Dear Rita")
    # Three more for the linked tickets' rows: themselves, their people, their tags.
    assert _around(cast.max, full) <= _around(cast.max, bare) + 4 <= 14


def _around(who: Actor, reference: str) -> int:
    with statements() as heard:
        unit_of_work.run(who, tickets.around, reference)
    return len([one for one in heard if not one.sql.startswith(("SET ROLE", "SAVEPOINT", "RELEASE"))])
