"""Skills, working hours, coming and going: who gets which ticket, and why."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from helpdesk import clock
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.people import Actor
from helpdesk.models import Activity, BusinessCalendar, Delivery, Person, SignInSession, Ticket
from helpdesk.services import (
    catalog,
    offboarding,
    organizations,
    people,
    promises,
    reactions,
    sign_in,
    skills,
    teams,
    tickets,
)
from helpdesk.services.context import Context
from helpdesk.services.tickets import assignment
from helpdesk.services.unit_of_work import run
from tests.cast import Cast
from tests.conftest import Heard

SETTINGS = {
    "name": "Acme", "timezone": "UTC", "accent": "indigo", "public_form": True, "auto_close_hours": 48, "warning_share": 80,
}  # fmt: skip


def _file(cast: Cast, team_id: int | None = None, **more: object) -> str:
    return run(
        cast.max, tickets.create, title="x", description="y", requester_id=cast.rita.person_id, team_id=team_id, **more
    )


def _holder(cast: Cast, ref: str) -> str:
    return run(cast.max, tickets.one, ref).ticket.assignee


def _available(*actors: Actor) -> None:
    for actor in actors:
        run(actor, sign_in.set_availability, "available")


def _reasons(cast: Cast, ref: str, kind: str = "ticket.assigned") -> list[str]:
    def read(ctx: Context) -> list[str]:
        query = select(Activity).join(Ticket, col(Ticket.id) == Activity.ticket_id)
        rows = ctx.session.exec(query.where(Ticket.reference == ref, Activity.kind == kind).order_by(col(Activity.id)))
        return [row.data.get("reason", "") for row in rows]

    return run(cast.desk, read)


def _person(cast: Cast, actor: Actor, **facts: object) -> None:
    """Change what routing knows of somebody, and nothing else."""

    def write(ctx: Context) -> None:
        person = ctx.session.get_one(Person, actor.person_id)
        for name, value in facts.items():
            setattr(person, name, value)

    run(cast.desk, write)


def _change(cast: Cast, actor: Actor, **more: object) -> None:
    """What an administrator does to somebody of team Support."""
    known = run(cast.adam, people.one, actor.person_id)
    run(cast.adam, people.change, actor.person_id, name=known.name, email=known.email, team_ids=(cast.support,), **more)


@pytest.fixture
def speakers(cast: Cast) -> tuple[int, int]:
    """Ada and Bob are Support, which gives out by skill; only Bob speaks French. Returns French and a category asking for it."""
    french = run(cast.adam, skills.save, name="French")
    both = (cast.ada.person_id, cast.bob.person_id)
    run(cast.max, teams.save, cast.support, name="Support", strategy="skill", member_ids=both)
    _change(cast, cast.bob, skill_ids=(french,))
    category = run(cast.adam, catalog.save_category, name="Ventes", team_id=cast.support, skill_ids=[french])
    return french, category


def test_the_skills_of_a_category_choose_who_gets_it(cast: Cast, speakers: tuple[int, int]) -> None:
    _available(cast.ada, cast.bob)
    refs = [_file(cast, category_id=speakers[1]) for _ in range(3)]
    assert {_holder(cast, ref) for ref in refs} == {"Bob Billing"}
    assert _reasons(cast, refs[2]) == ["by skill: can do French; 2 open tickets"]
    plain = _file(cast, cast.support)
    assert _holder(cast, plain) == "Ada Agent" and _reasons(cast, plain) == ["least loaded: 0 open tickets"]


def test_all_skills_are_needed_the_teams_own_among_them(cast: Cast, speakers: tuple[int, int]) -> None:
    sales = run(cast.adam, skills.save, name="Sales")
    both = (cast.ada.person_id, cast.bob.person_id)
    run(cast.max, teams.save, cast.support, name="Support", strategy="skill", member_ids=both, skill_ids=(sales,))
    _change(cast, cast.ada, skill_ids=(sales, speakers[0]))
    _available(cast.ada, cast.bob)
    refs = [_file(cast, category_id=speakers[1]) for _ in range(2)]
    assert {_holder(cast, ref) for ref in refs} == {"Ada Agent"}
    assert "French and Sales" in _reasons(cast, refs[0])[0]


def test_without_anybody_who_can_the_team_gets_it(cast: Cast, speakers: tuple[int, int]) -> None:
    _available(cast.ada)
    ref = _file(cast, category_id=speakers[1])
    assert _holder(cast, ref) == "Ada Agent"
    assert _reasons(cast, ref) == ["by skill: nobody free can do French, so the least loaded: 0 open tickets"]


def test_who_can_and_is_full_is_nobody_who_can(cast: Cast, speakers: tuple[int, int]) -> None:
    _person(cast, cast.bob, capacity=1)
    _available(cast.ada, cast.bob)
    assert [_holder(cast, _file(cast, category_id=speakers[1])) for _ in range(2)] == ["Bob Billing", "Ada Agent"]


def test_skills_count_without_a_team_too(cast: Cast, speakers: tuple[int, int]) -> None:
    loose = run(cast.adam, catalog.save_category, name="Export", skill_ids=[speakers[0]])
    _available(cast.ada, cast.bob)
    assert {_holder(cast, _file(cast, category_id=loose)) for _ in range(2)} == {"Bob Billing"}


def test_skills_decide_nothing_where_a_team_goes_round(cast: Cast, speakers: tuple[int, int]) -> None:
    both = (cast.ada.person_id, cast.bob.person_id)
    run(cast.max, teams.save, cast.support, name="Support", strategy="round_robin", member_ids=both)
    _available(cast.ada, cast.bob)
    assert {_holder(cast, _file(cast, category_id=speakers[1])) for _ in range(2)} == {"Ada Agent", "Bob Billing"}


def _office(cast: Cast) -> int:
    run(cast.adam, promises.save_calendar, name="Office", timezone="UTC", week={"monday": ["09:00-17:00"]})
    return run(cast.desk, lambda ctx: ctx.session.exec(select(BusinessCalendar.id)).one())


MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def test_outside_their_working_hours_nobody_gets_anything(cast: Cast) -> None:
    _change(cast, cast.ada, calendar_id=_office(cast))
    with clock.frozen(MONDAY + timedelta(hours=8)):
        _available(cast.ada)
        early = _file(cast)
        assert _holder(cast, early) == "" and run(cast.desk, assignment.serve_waiting) == 0
    with clock.frozen(MONDAY + timedelta(hours=9)):
        assert run(cast.desk, assignment.serve_waiting) == 1
        assert _holder(cast, early) == "Ada Agent"
        assert _holder(cast, _file(cast)) == "Ada Agent"
    with clock.frozen(MONDAY + timedelta(hours=17)):
        assert _holder(cast, _file(cast)) == ""


def test_a_calendar_somebody_works_by_stays(cast: Cast) -> None:
    _change(cast, cast.ada, calendar_id=_office(cast))
    with pytest.raises(Conflict, match="Ada Agent"):
        run(cast.adam, promises.delete_calendar, "Office")
    with pytest.raises(Invalid):
        _change(cast, cast.ada, calendar_id=999_999)
    _change(cast, cast.ada, calendar_id=0)
    run(cast.adam, promises.delete_calendar, "Office")


def test_when_nothing_waits_the_newest_of_the_most_loaded_moves(cast: Cast) -> None:
    refs = [_file(cast, assignee_id=cast.bob.person_id) for _ in range(3)]
    other = _file(cast, assignee_id=cast.max.person_id)
    _available(cast.ada)
    assert [_holder(cast, ref) for ref in refs] == ["Bob Billing", "Bob Billing", "Ada Agent"]
    assert _holder(cast, other) == "Max Manager"
    assert _reasons(cast, refs[2])[-1] == "moved from Bob Billing, who had the most open tickets: 3"


def test_the_customer_is_told_of_the_move(cast: Cast, heard: Heard) -> None:
    for _ in range(2):
        _file(cast, assignee_id=cast.bob.person_id)
    heard.gathered_ids.clear()
    _available(cast.ada)
    ids = [one for gathered in heard.gathered_ids.values() for one in gathered]
    run(cast.desk, reactions.react, ids)
    query = select(Delivery.template).where(Delivery.to_address == "rita@northwind.example")
    assert "assigned_customer" in run(cast.desk, lambda ctx: list(ctx.session.exec(query).all()))


def test_one_ticket_is_nobodys_load(cast: Cast) -> None:
    ref = _file(cast, assignee_id=cast.bob.person_id)
    _available(cast.ada)
    assert _holder(cast, ref) == "Bob Billing"


def test_two_do_not_change_places(cast: Cast) -> None:
    refs = [_file(cast, assignee_id=cast.bob.person_id) for _ in range(2)]
    refs.append(_file(cast, assignee_id=cast.ada.person_id))
    _available(cast.ada)
    assert [_holder(cast, ref) for ref in refs] == ["Bob Billing", "Bob Billing", "Ada Agent"]


def test_a_ticket_moves_to_nobody_outside_its_team(cast: Cast) -> None:
    inside = [_file(cast, cast.billing, assignee_id=cast.bob.person_id) for _ in range(4)]
    common = [_file(cast, assignee_id=cast.max.person_id) for _ in range(2)]
    _available(cast.ada)
    assert {_holder(cast, ref) for ref in inside} == {"Bob Billing"}
    assert _holder(cast, common[1]) == "Ada Agent", "the next most loaded one's goes"


def test_waiting_tickets_come_before_moved_ones(cast: Cast) -> None:
    for _ in range(3):
        _file(cast, assignee_id=cast.bob.person_id)
    waiting = _file(cast)
    _available(cast.ada)
    assert _reasons(cast, waiting) == ["has waited longest"]
    assert run(cast.max, people.one, cast.bob.person_id).open_tickets == 3


def test_the_sweep_fills_whoever_has_room(cast: Cast) -> None:
    refs = [_file(cast) for _ in range(5)]
    _person(cast, cast.ada, capacity=3)
    _available(cast.ada)
    assert run(cast.desk, assignment.serve_waiting) == 2
    assert run(cast.desk, assignment.serve_waiting) == 0
    assert [_holder(cast, ref) for ref in refs] == ["Ada Agent"] * 3 + [""] * 2
    assert _reasons(cast, refs[2]) == ["waited; round robin: longest since the last assignment"]


def test_the_sweep_leaves_what_is_for_others_by_hand_or_put_aside(cast: Cast) -> None:
    by_hand = run(cast.max, teams.save, name="By hand", strategy="manual", member_ids=(cast.ada.person_id,))
    refs = [_file(cast, cast.billing), _file(cast, by_hand)]
    aside = _file(cast)
    run(cast.max, tickets.snooze, aside, until=clock.now() + timedelta(days=1))
    _available(cast.ada)
    run(cast.desk, assignment.serve_waiting)
    assert [_holder(cast, ref) for ref in (*refs, aside)] == ["", "", ""]


def test_the_sweep_goes_by_skill(cast: Cast, speakers: tuple[int, int]) -> None:
    refs = [_file(cast, category_id=speakers[1]) for _ in range(2)]
    _person(cast, cast.ada, availability="available")
    _person(cast, cast.bob, availability="available")
    assert run(cast.desk, assignment.serve_waiting) == 2
    assert {_holder(cast, ref) for ref in refs} == {"Bob Billing"}


def test_more_capacity_brings_the_next(cast: Cast) -> None:
    _person(cast, cast.ada, capacity=1)
    _available(cast.ada)
    first, second = _file(cast, cast.support), _file(cast, cast.support)
    assert (_holder(cast, first), _holder(cast, second)) == ("Ada Agent", "")
    _change(cast, cast.ada, capacity=2)
    assert _holder(cast, second) == "Ada Agent"


@pytest.mark.parametrize("gone", ["away", "offline"])
def test_a_team_may_take_tickets_back_from_who_goes(cast: Cast, heard: Heard, gone: str) -> None:
    both = (cast.ada.person_id, cast.bob.person_id)
    run(cast.max, teams.save, cast.support, name="Support", member_ids=both, hands_back=True)
    _available(cast.ada)
    back, common = _file(cast, cast.support), _file(cast)
    run(cast.ada, sign_in.set_availability, gone)
    assert (_holder(cast, back), _holder(cast, common)) == ("", "Ada Agent"), "only the team's"
    assert _reasons(cast, back, "ticket.unassigned") == [f"Ada Agent is {gone}"]
    assert (assignment.SERVE, (cast.acme.id,)) in heard.jobs
    _person(cast, cast.bob, availability="available")
    run(cast.desk, assignment.serve_waiting)
    assert _holder(cast, back) == "Bob Billing"


def test_other_teams_leave_tickets_where_they_are(cast: Cast) -> None:
    _available(cast.ada)
    ref = _file(cast, cast.support)
    run(cast.ada, sign_in.set_availability, "away")
    assert _holder(cast, ref) == "Ada Agent"


def _signed_in(cast: Cast) -> str:
    return run(
        cast.desk, sign_in.sign_in, email="ada@acme.example", password="correct horse battery", address="x", user_agent="y"
    )  # fmt: skip


def _availability(cast: Cast) -> str:
    return run(cast.max, people.one, cast.ada.person_id).availability


def test_who_does_nothing_for_long_is_away(cast: Cast) -> None:
    run(cast.adam, organizations.change, **SETTINGS, away_after_minutes=15)
    start = clock.now()
    token = _signed_in(cast)
    with clock.frozen(start + timedelta(minutes=10)):
        sign_in.actor_of(token)
    with clock.frozen(start + timedelta(minutes=20)):
        sign_in.actor_of(token, is_active=False)  # the page shows what is new
        assert run(cast.desk, sign_in.notice_absent) == 0
        assert sign_in.organizations_with_absent() == [], "nobody is asked for nothing"
    with clock.frozen(start + timedelta(minutes=26)):
        assert sign_in.organizations_with_absent() == [cast.acme.id]
        assert run(cast.desk, sign_in.notice_absent) == 1
        assert sign_in.organizations_with_absent() == []
        assert _availability(cast) == "away" and run(cast.desk, sign_in.notice_absent) == 0
        run(cast.ada, sign_in.set_availability, "available")
        assert run(cast.desk, sign_in.notice_absent) == 0, "they have just said that they are there"


def test_without_the_setting_nobody_is_sent_away(cast: Cast) -> None:
    _signed_in(cast)
    with clock.frozen(clock.now() + timedelta(minutes=50)):
        assert run(cast.desk, sign_in.notice_absent) == 0 and sign_in.organizations_with_absent() == []


def test_who_is_no_longer_signed_in_is_offline(cast: Cast) -> None:
    _available(cast.bob)  # never signed in through a door: nothing to go by
    _signed_in(cast)

    def expire(ctx: Context) -> None:
        for one in ctx.session.exec(select(SignInSession)).all():
            one.expires_at = ctx.now

    run(cast.desk, expire)
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        assert sign_in.organizations_with_absent() == [cast.acme.id]
        assert run(cast.desk, sign_in.notice_absent) == 1
    assert _availability(cast) == "offline"


@pytest.mark.parametrize("minutes", [-1, 4, 1441])
def test_absurd_minutes_are_refused(cast: Cast, minutes: int) -> None:
    with pytest.raises(Invalid) as refused:
        run(cast.adam, organizations.change, **SETTINGS, away_after_minutes=minutes)
    assert list(refused.value.fields) == ["away_after_minutes"]


def test_whose_account_is_closed_keeps_what_the_administrator_leaves_them(cast: Cast) -> None:
    run(cast.max, teams.save, cast.support, name="Support", member_ids=(cast.ada.person_id,), hands_back=True)
    _available(cast.ada)
    ref = _file(cast, cast.support)
    run(cast.adam, offboarding.deactivate, cast.ada.person_id, tickets="keep")
    assert _holder(cast, ref) == "Ada Agent"
