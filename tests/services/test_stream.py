"""Following what happens: nothing is missed whatever the order in which transactions end, and nobody hears what is not theirs."""

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.people import Actor
from helpdesk.services import catalog, teams, tickets
from helpdesk.services.context import Context
from helpdesk.services.tickets import Place, Stretch
from helpdesk.services.unit_of_work import run, unit_of_work
from tests.cast import Cast
from tests.services.test_concurrency import Crowd, crowd

__all__ = ["crowd"]


def _told(actor: Actor, after: Place, *kinds: str) -> list[tuple[str, str]]:
    found = run(actor, tickets.happenings, after, kinds=kinds)
    return [(one.kind, one.reference) for one in found.happenings]


class Late:
    """A unit of work that records something and then takes its time."""

    def __init__(self, actor: Actor, *, writes_late: bool = False) -> None:
        self.actor, self.writes_late = actor, writes_late
        self.id = 0
        self._begun, self._may_end = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> "Late":
        self._thread.start()
        assert self._begun.wait(10)
        return self

    def end(self) -> None:
        self._may_end.set()
        self._thread.join(10)

    def __exit__(self, *_: object) -> None:
        self.end()

    def _work(self) -> None:
        with unit_of_work(self.actor) as ctx:
            drawn = "SELECT nextval(pg_get_serial_sequence('activity', 'id'))"
            self.id = ctx.session.execute(text(drawn)).scalar_one()
            ctx.activity_ids.append(self.id)
            if not self.writes_late:
                self._record(ctx)
            self._begun.set()
            assert self._may_end.wait(10)
            if self.writes_late:
                self._record(ctx)

    def _record(self, ctx: Context) -> None:
        ctx.record(ActivityKind.ORGANIZATION_CHANGED, name="slow", before={}, after={})
        ctx.flush()


@pytest.fixture
def here(crowd: Crowd) -> Iterator[Place]:
    """Where the crowd's story begins."""
    yield run(crowd.desk, tickets.happenings, None).place


@pytest.mark.parametrize("writes_late", [False, True])
def test_what_commits_late_is_told_though_its_number_is_lower(crowd: Crowd, here: Place, writes_late: bool) -> None:
    heard: list[int] = []
    place = here

    def listen() -> Stretch:
        nonlocal place
        found = run(crowd.desk, tickets.happenings, place)
        heard.extend(one.id for one in found.happenings)
        place = found.place
        return found

    with Late(crowd.desk, writes_late=writes_late) as late:
        crowd.file()  # begins later, has higher numbers, commits first
        first = listen()
        until = time.monotonic() + 10
        while writes_late and first.is_held_up and time.monotonic() < until:  # by other tests, in other databases
            time.sleep(0.05)
            first = listen()
        assert bool(heard) is writes_late, "what it has not written yet holds nobody up"
        assert first.is_held_up is not writes_late
        late.end()
    ids = run(
        crowd.desk,
        lambda ctx: set(
            ctx.session.execute(text("SELECT id FROM activity WHERE id >= :id"), {"id": late.id}).scalars()
        ),
    )
    until = time.monotonic() + 10
    while not ids <= set(heard) and time.monotonic() < until:
        listen()
        time.sleep(0.05)
    listen()
    assert late.id in heard and min(ids) == late.id, "its number is the lowest, and it was told"
    assert sorted(heard) == sorted(ids), "each once, none missed"


def test_goes_on_where_it_ended(crowd: Crowd, here: Place) -> None:
    refs = [crowd.file() for _ in range(3)]
    whole = run(crowd.desk, tickets.happenings, here, kinds=["ticket.created"]).happenings
    assert [one.reference for one in whole] == refs
    assert _told(crowd.desk, whole[0].place, "ticket.created") == [("ticket.created", ref) for ref in refs[1:]]
    assert _told(crowd.desk, whole[-1].place, "ticket.created") == []
    assert Place.of(str(whole[0].place)) == whole[0].place


def test_a_place_of_another_database_is_said_to_be_lost(cast: Cast) -> None:
    found = run(cast.max, tickets.happenings, Place(10**15))
    assert found.is_lost and not found.happenings and found.place.position < 10**15


@pytest.mark.parametrize("mark", ["", "x", "1", "1-", "-1-2", "1-2-3", "9" * 30 + "-1"])
def test_what_is_no_mark(mark: str) -> None:
    assert Place.of(mark) is None


def test_customers_learn_what_is_public_of_their_own(crowd: Crowd, here: Place) -> None:
    ref = crowd.file()
    agent = crowd.agents[0]
    run(agent, tickets.note, ref, "secret")
    run(agent, tickets.reply, ref, "hello")
    other = run(agent, tickets.create, title="Mine", description="x")
    told = run(crowd.customer, tickets.happenings, here).happenings
    assert {one.reference for one in told} == {ref} and other not in str(told)
    assert {one.kind for one in told} >= {"ticket.created", "ticket.replied"}
    assert "ticket.noted" not in {one.kind for one in told}
    assert all(one.data is None and not one.what and not one.actor for one in told)
    inside = run(agent, tickets.happenings, here).happenings
    assert {"ticket.created", "ticket.noted", "ticket.replied"} <= {one.kind for one in inside}


def test_what_administrators_do_is_for_who_may_read_the_audit(crowd: Crowd, here: Place) -> None:
    run(crowd.desk, catalog.save_category, name="Doors")
    assert _told(crowd.agents[0], here) == []
    assert ("category.created", "") in _told(crowd.desk, here)


def test_agents_hear_of_the_tickets_they_see(crowd: Crowd, here: Place, assembled: Cast) -> None:
    from_us = crowd.file()
    assert from_us in {ref for _, ref in _told(crowd.agents[0], here)}
    run(crowd.desk, _give, from_us, run(crowd.desk, teams.save, name="Others"))
    assert from_us not in {ref for _, ref in _told(crowd.agents[0], here)}
    assert _told(assembled.eve, here, "ticket.created") == [], "another organization's"


def _give(ctx: Context, reference: str, team_id: int) -> None:
    ctx.session.execute(
        text("UPDATE ticket SET team_id = :team, assignee_id = NULL WHERE reference = :ref"),
        {"team": team_id, "ref": reference},
    )


def test_following_along_takes_the_index(crowd: Crowd, here: Place) -> None:
    crowd.file()

    def plan(ctx: Context) -> str:
        for other in ("seqscan", "sort", "bitmapscan"):  # in a table as small as this they would win
            ctx.session.execute(text(f"SET LOCAL enable_{other} = off"))
        query = (
            "EXPLAIN SELECT * FROM activity WHERE position > 0 AND (position, id) > (:a, 0) AND position < :b "
            "ORDER BY position, id LIMIT 200"
        )
        found = ctx.session.execute(text(query), {"a": here.position, "b": here.position + 1000})
        return "\n".join(row[0] for row in found)

    assert "ix_activity_position" in run(crowd.desk, plan)
