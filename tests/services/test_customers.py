"""Customers and companies as the staff sees them, notes about them, and duplicates merged."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from helpdesk import clock, db
from helpdesk.domain.activity import ActivityKind, sentence
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from helpdesk.domain.people import Actor, Role, system
from helpdesk.models import Activity, Person, SignInSession
from helpdesk.services import (
    customer_notes,
    customers,
    people,
    person_merging,
    search,
    sign_in,
    tickets,
    time_tracking,
)
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.bench import fill
from tests.bench.measure import actor, cost
from tests.cast import PASSWORD, Cast


def _kinds(cast: Cast, subject_id: int | None) -> list[str]:
    def read(ctx: Context) -> list[str]:
        query = select(Activity).where(Activity.subject_id == subject_id).order_by(col(Activity.id))
        return [sentence(ActivityKind(one.kind), one.data) for one in ctx.session.exec(query).all()]

    return run(cast.desk, read)


def _another(cast: Cast, name: str = "Rita Requester", email: str = "rita@home.example", **more: object) -> Actor:
    person_id = run(cast.adam, people.create, name=name, email=email, password=PASSWORD, **more)
    return run(cast.desk, lambda ctx: sign_in.actor_for(ctx, ctx.session.get_one(Person, person_id)))


def _filed(who: Actor, title: str = "The lock jams") -> str:
    return run(who, tickets.create, title=title, description="Since Monday.")


# ---- The pages ------------------------------------------------------------------------------------------------------


def test_customers_are_listed_by_name_and_found_by_any_part(cast: Cast) -> None:
    found = run(cast.ada, customers.listing)
    assert [one.name for one in found] == ["Carl Company", "Rita Requester", "Zoe Zola"]
    assert {one.company for one in found} == {"Northwind", ""}
    for words in ("requester", "RITA north", "rita@north"):
        assert [one.name for one in run(cast.ada, customers.listing, words=words)] == ["Rita Requester"]
    assert run(cast.ada, customers.listing, words="100%_'") == []
    first = run(cast.ada, customers.listing, size=1)[0]
    after = f"{first.name}|{first.id}"
    assert [one.name for one in run(cast.ada, customers.listing, after=after)] == ["Rita Requester", "Zoe Zola"]
    assert [one.name for one in run(cast.ada, customers.listing, words="northwind", after=after)] == ["Rita Requester"]


def test_a_customer_has_figures_ratings_and_time(cast: Cast) -> None:
    first, second = _filed(cast.rita), _filed(cast.rita, "The key bends")
    run(cast.ada, tickets.change_status, first, "resolved")
    run(cast.rita, tickets.rate, first, 4, "Quick.")
    run(cast.ada, time_tracking.log, second, "1h 30m")
    seen = run(cast.ada, customers.one, cast.rita.person_id)
    assert (seen.figures.open, seen.figures.total, seen.figures.ratings, seen.figures.average) == (1, 2, 1, "4.0")
    assert seen.figures.spent == "1h 30m" and seen.figures.last_at
    assert [(one.reference, one.score, one.comment) for one in seen.ratings] == [(first, 4, "Quick.")]
    assert seen.company == "Northwind" and not seen.may_manage and not seen.may_merge and seen.may_note
    whole = run(cast.max, customers.company, cast.northwind)
    assert whole.figures == seen.figures and whole.managers == ("Carl Company",)
    assert [one.name for one in whole.members] == ["Carl Company", "Rita Requester"]
    line = run(cast.ada, customers.companies, words="northw")[0]
    assert (line.name, line.people, line.open) == ("Northwind", 2, 1) and line.last_at


def test_figures_count_only_what_one_sees(cast: Cast) -> None:
    ref = _filed(cast.rita)
    run(cast.max, tickets.move_to_team, ref, team_id=cast.billing)
    run(cast.max, tickets.assign, ref, to=None)
    assert run(cast.ada, customers.one, cast.rita.person_id).figures.total == 0
    assert run(cast.bob, customers.one, cast.rita.person_id).figures.total == 1


def test_the_pages_are_for_staff(cast: Cast) -> None:
    for verb, argument in ((customers.one, cast.rita.person_id), (customers.company, cast.northwind)):
        with pytest.raises(NotAllowed):
            run(cast.carl, verb, argument)
        with pytest.raises(NotFound):
            run(cast.eve, verb, argument)
    for verb in (customers.listing, customers.companies):
        with pytest.raises(NotAllowed):
            run(cast.rita, verb)
    assert [one.name for one in run(cast.eve, customers.listing)] == ["Mallory Malice"]
    assert run(cast.eve, customers.listing, words="rita") == []


# ---- Notes ----------------------------------------------------------------------------------------------------------


def test_a_note_is_written_corrected_deleted_and_brought_back(cast: Cast) -> None:
    note_id = run(cast.ada, customer_notes.write_about_person, cast.rita.person_id, "Prefers **calls**")
    run(cast.ada, customer_notes.edit, note_id, "Prefers mail")
    note = run(cast.max, customers.one, cast.rita.person_id).notes[0]
    assert (note.author, note.body, note.may_change) == ("Ada Agent", "Prefers mail", False) and note.edited_at
    run(cast.ada, customer_notes.delete, note_id)
    run(cast.ada, customer_notes.delete, note_id)
    assert run(cast.ada, customers.one, cast.rita.person_id).notes == ()
    run(cast.ada, customer_notes.restore, note_id)
    assert len(run(cast.ada, customers.one, cast.rita.person_id).notes) == 1
    assert _kinds(cast, cast.rita.person_id)[-4:] == [
        "wrote a note about Rita Requester", "edited a note about Rita Requester", "deleted a note about Rita Requester",
        "brought back a note about Rita Requester",
    ]  # fmt: skip


def test_notes_are_the_authors_and_the_staffs(cast: Cast) -> None:
    note_id = run(cast.ada, customer_notes.write_about_company, cast.northwind, "Pays late")
    with pytest.raises(Conflict, match="who wrote"):
        run(cast.bob, customer_notes.edit, note_id, "Pays early")
    run(cast.adam, customer_notes.edit, note_id, "Pays on time")
    for who in (cast.rita, cast.carl, cast.xena):
        with pytest.raises(NotAllowed):
            run(who, customer_notes.write_about_person, cast.rita.person_id, "x")
    with pytest.raises(NotFound):
        run(cast.eve, customer_notes.edit, note_id, "x")
    with pytest.raises(Invalid, match="something"):
        run(cast.ada, customer_notes.write_about_company, cast.northwind, " ")


# ---- Merging --------------------------------------------------------------------------------------------------------


def test_duplicates_are_suggested_with_their_reason(cast: Cast) -> None:
    run(cast.adam, people.change, cast.rita.person_id, name="Rita Requester", email="rita@northwind.example",
        phone="+49 30 901820", company_id=cast.northwind)  # fmt: skip
    by_mail = _another(cast, "R. Requester", "r.ita+shop@home.example")
    by_phone = _another(cast, "Somebody", "somebody@else.example", phone="030/90 18 20")
    by_phone2 = _another(cast, "Somebody Else", "else@else.example", phone="004930901820")
    by_name = _another(cast, "Rita Requester", "requester@northwind.example")
    found = {one.id: one.why for one in run(cast.max, person_merging.duplicates, cast.rita.person_id)}
    assert found[by_mail.person_id or 0] == "Similar address"
    assert found[by_phone2.person_id or 0] == "Same phone number"
    assert found[by_name.person_id or 0] == "Same name and company"
    assert by_phone.person_id in found and cast.carl.person_id not in found
    with pytest.raises(NotAllowed):
        run(cast.ada, person_merging.duplicates, cast.rita.person_id)


def test_everything_moves_and_the_address_leads_to_the_one_that_goes_on(cast: Cast) -> None:
    other = _another(cast, phone="+49 30 901820")
    theirs, mine = _filed(other, "From home"), _filed(cast.rita, "From work")
    run(other, tickets.reply, theirs, "It still jams")
    note_id = run(cast.ada, customer_notes.write_about_person, other.person_id, "Nice")
    token = run(
        cast.desk,
        lambda ctx: sign_in.sign_in(ctx, email="rita@home.example", password=PASSWORD, address="", user_agent=""),
    )
    assert token
    shown = run(cast.max, person_merging.preview, other.person_id, into=cast.rita.person_id)
    assert (shown.tickets, shown.comments, shown.notes, shown.fills) == (1, 1, 1, ("phone",))
    run(cast.max, person_merging.merge, other.person_id, into=cast.rita.person_id)
    run(cast.max, person_merging.merge, other.person_id, into=cast.rita.person_id)
    seen = run(cast.max, customers.one, cast.rita.person_id)
    assert seen.figures.total == 2 and seen.other_emails == ("rita@home.example",) and seen.phone == "+49 30 901820"
    assert [one.id for one in seen.notes] == [note_id]
    assert {run(cast.rita, tickets.one, ref).ticket.reference for ref in (theirs, mine)} == {theirs, mine}
    assert run(cast.rita, tickets.one, theirs).comments[0].is_mine
    ended = run(cast.max, customers.one, other.person_id)
    assert not ended.is_active and ended.merged_into == cast.rita.person_id
    assert [one.name for one in run(cast.max, customers.listing, words="rita")] == ["Rita Requester"]
    sessions = run(
        cast.desk,
        lambda ctx: ctx.session.exec(select(SignInSession).where(SignInSession.person_id == other.person_id)).all(),
    )
    assert sessions and all(one.ended_at for one in sessions)
    # Mail from the other address, and filing for it, find her.
    later = run(
        cast.ada,
        tickets.create,
        title="Again",
        description="From home.",
        requester_email="RITA@home.example",
        requester_name="R",
    )
    assert run(cast.ada, tickets.one, later).ticket.requester_id == cast.rita.person_id
    assert _kinds(cast, other.person_id)[-1] == "merged Rita Requester into Rita Requester (1 ticket)"
    assert len(run(cast.max, search.find, "rita@northwind.example").ids) == 3, "theirs is found by the new address"
    with pytest.raises(Conflict, match="merged into"):
        run(cast.adam, people.activate, other.person_id)


def test_a_merge_is_taken_back_with_what_moved_and_nothing_newer(cast: Cast) -> None:
    other = _another(cast, phone="+49 30 901820")
    theirs = _filed(other)
    run(cast.max, person_merging.merge, other.person_id, into=cast.rita.person_id)
    since = _filed(cast.rita, "Since then")
    run(cast.max, person_merging.unmerge, other.person_id)
    assert run(cast.max, tickets.one, theirs).ticket.requester_id == other.person_id
    assert run(cast.max, tickets.one, since).ticket.requester_id == cast.rita.person_id
    back = run(cast.max, customers.one, other.person_id)
    assert back.is_active and back.merged_into == 0
    assert run(cast.max, customers.one, cast.rita.person_id).phone == ""
    assert _kinds(cast, other.person_id)[-1] == "took Rita Requester out of Rita Requester again (1 ticket)"
    with pytest.raises(Conflict, match="not merged"):
        run(cast.max, person_merging.unmerge, other.person_id)
    run(cast.max, person_merging.merge, other.person_id, into=cast.rita.person_id)
    with (
        clock.frozen(clock.now() + person_merging.UNDO_WINDOW + timedelta(days=1)),
        pytest.raises(Conflict, match="30 days"),
    ):
        run(cast.max, person_merging.unmerge, other.person_id)


def test_chains_lead_to_the_last_one_and_come_apart_in_order(cast: Cast) -> None:
    first, second = _another(cast), _another(cast, email="rita@work.example")
    ref = _filed(first)
    run(cast.max, person_merging.merge, first.person_id, into=second.person_id)
    run(cast.max, person_merging.merge, second.person_id, into=cast.rita.person_id)
    assert run(cast.max, customers.one, cast.rita.person_id).other_emails == ("rita@home.example", "rita@work.example")
    with pytest.raises(Conflict, match="Take that out first"):
        run(cast.max, person_merging.unmerge, first.person_id)
    run(cast.max, person_merging.unmerge, second.person_id)
    run(cast.max, person_merging.unmerge, first.person_id)
    assert run(cast.max, tickets.one, ref).ticket.requester_id == first.person_id


def test_nobody_gains_a_right_by_a_merge(cast: Cast) -> None:
    for source, target in ((cast.rita, cast.ada), (cast.ada, cast.rita), (cast.bob, cast.ada)):
        with pytest.raises(Conflict, match="works here"):
            run(cast.olga, person_merging.merge, source.person_id, into=target.person_id)
    run(cast.max, person_merging.merge, cast.carl.person_id, into=cast.zoe.person_id)
    zoe = run(cast.desk, lambda ctx: ctx.session.get_one(Person, cast.zoe.person_id))
    assert not zoe.is_company_manager and zoe.role == Role.CUSTOMER
    for who in (cast.ada, cast.tom, cast.xena, cast.rita):
        with pytest.raises(NotAllowed):
            run(who, person_merging.merge, cast.rita.person_id, into=cast.zoe.person_id)
    with pytest.raises(NotFound):
        run(cast.eve, person_merging.merge, cast.rita.person_id, into=cast.zoe.person_id)
    with pytest.raises(Invalid):
        run(cast.max, person_merging.merge, cast.rita.person_id, into=cast.rita.person_id)


# ---- Among many -----------------------------------------------------------------------------------------------------


def test_twenty_thousand_customers_are_listed_and_found_by_an_index(postgres: str) -> None:
    organization = fill.organization("many", 200)
    desk = system(organization.id)
    try:
        with db.session(organization.id) as session:
            session.execute(text(
                "INSERT INTO person (name, email, role, is_active, phone, job_title, department, address, picture_key, picture_type, timezone,"
                " must_complete, theme, single_keys, wants_mail, is_company_manager, availability, capacity,"
                " failed_sign_ins, created_at, updated_at)"
                " SELECT 'Person ' || n, 'person' || n || '@many.example', 'customer', true, '', '', '', '', '', '', 'UTC', false, 'system',"
                " true, true, false, 'offline', 20, 0, now(), now() FROM generate_series(1, 20000) n"
            ))  # fmt: skip
            session.commit()
        with db.owner_session() as session:
            session.execute(text("ANALYZE person"))
            session.commit()
        who = actor(desk, "manager@desk.example")
        for given in ({}, {"words": "person17123"}, {"words": "person 9"}, {"words": "nobodyatall"}):
            spent = cost(who, customers.listing, **given)
            assert spent.statements <= 3
            assert spent.buffers <= 900, (given, spent.buffers)
            assert "Seq Scan person" not in spent.nodes
        someone = run(who, customers.listing, words="person17123")[0]
        assert someone.email == "person17123@many.example"
        assert cost(who, customers.one, someone.id).statements <= 9
    finally:
        with db.owner_session() as session:
            session.execute(text("DELETE FROM organization WHERE id = :id"), {"id": organization.id})
            session.commit()
        # Nobody else's queries go over what is left of them.
        with db.owner_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE person"))
