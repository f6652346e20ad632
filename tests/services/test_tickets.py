"""A ticket's life, verb by verb."""

import pytest

from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.people import Availability
from helpdesk.services import sign_in, tickets
from helpdesk.services.unit_of_work import run
from tests.cast import Cast


def _file(cast: Cast, **more: object) -> str:
    return run(cast.rita, tickets.create, title="Printer on fire", description="It burns.", **more)


def _whats(cast: Cast, ref: str) -> list[str]:
    return [line.what for line in reversed(run(cast.max, tickets.history, ref))]


def test_a_ticket_waits_when_nobody_is_available(cast: Cast) -> None:
    ticket = run(cast.max, tickets.one, _file(cast)).ticket
    assert (ticket.status, ticket.assignee, ticket.priority) == ("New", "", "Medium")
    assert ticket.sla_status == "ok" and ticket.sla_due_at


def test_a_ticket_goes_to_the_available_agent_at_once(cast: Cast) -> None:
    run(cast.ada, sign_in.set_availability, Availability.AVAILABLE)
    ref = _file(cast)
    assert run(cast.max, tickets.one, ref).ticket.assignee == "Ada Agent"
    assert _whats(cast, ref)[1] == "assigned it to Ada Agent (round robin: longest since the last assignment)"


def test_whoever_becomes_available_gets_what_has_waited_longest(cast: Cast) -> None:
    first, second = _file(cast), _file(cast)
    run(cast.ada, sign_in.set_availability, Availability.AVAILABLE)
    assert run(cast.max, tickets.one, first).ticket.assignee == "Ada Agent"
    assert run(cast.max, tickets.one, second).ticket.assignee == ""


def test_resolving_brings_the_next_one(cast: Cast) -> None:
    first, second = _file(cast), _file(cast)
    run(cast.ada, sign_in.set_availability, Availability.AVAILABLE)
    run(cast.ada, tickets.change_status, first, "resolved")
    assert run(cast.max, tickets.one, second).ticket.assignee == "Ada Agent"


def test_customers_never_see_notes(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.note, ref, "She is a VIP, careful")
    run(cast.ada, tickets.reply, ref, "We are on it")
    seen = run(cast.rita, tickets.one, ref)
    assert [comment.kind for comment in seen.comments] == ["reply"]
    assert run(cast.rita, tickets.page, TicketFilter(text="VIP")).rows == ()
    assert [row.reference for row in run(cast.ada, tickets.page, TicketFilter(text="VIP")).rows] == [ref]
    assert seen.ticket.comment_count == 0, "even the count would tell of a note"


def test_notes_nudge_no_portal_page(cast: Cast, heard) -> None:
    ref = _file(cast)
    heard.topics.clear()
    run(cast.ada, tickets.note, ref, "Between us")
    assert heard.topics and not any(topic.startswith("portal") for topic in heard.topics)


def test_another_customer_finds_nothing(cast: Cast) -> None:
    ref = _file(cast)
    for verb, args in (
        (tickets.one, ()),
        (tickets.reply, ("hi",)),
        (tickets.change_status, ("closed",)),
        (tickets.confirm, ()),
    ):
        with pytest.raises(NotFound):
            run(cast.zoe, verb, ref, *args)
    assert run(cast.carl, tickets.one, ref).ticket.reference == ref, "the company manager sees colleagues' tickets"


def test_another_organization_finds_nothing(cast: Cast) -> None:
    ref = _file(cast)
    for actor in (cast.eve, cast.mallory):
        with pytest.raises(NotFound):
            run(actor, tickets.one, ref)
        assert run(actor, tickets.page, TicketFilter()).rows == ()


@pytest.mark.parametrize(
    ("verb", "args"),
    [(tickets.note, ("x",)), (tickets.take, ()), (tickets.prioritise, ("low",)), (tickets.tag, (["x"],))],
)
def test_customers_may_not_do_staff_work(cast: Cast, verb, args) -> None:
    ref = _file(cast)
    with pytest.raises(NotAllowed):
        run(cast.rita, verb, ref, *args)


def test_executives_only_read(cast: Cast) -> None:
    ref = _file(cast)
    assert run(cast.xena, tickets.one, ref).may_reply is False
    with pytest.raises(NotAllowed):
        run(cast.xena, tickets.reply, ref, "Hello")


def test_agents_see_their_teams_and_the_common_queue(cast: Cast) -> None:
    ref = _file(cast)
    assert run(cast.bob, tickets.one, ref).ticket.reference == ref
    run(cast.max, tickets.move_to_team, ref, team_id=cast.support)
    with pytest.raises(NotFound):
        run(cast.bob, tickets.one, ref)
    assert run(cast.ada, tickets.one, ref).ticket.team == "Support"


def test_reopens_when_the_customer_answers(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.reply, ref, "Try water.", then="Resolved")
    run(cast.rita, tickets.reply, ref, "It burns again.")
    assert run(cast.ada, tickets.one, ref).ticket.status == "Reopened"


def test_a_closed_ticket_takes_no_more_answers_from_customers(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.rita, tickets.confirm, ref)
    run(cast.rita, tickets.confirm, ref)
    assert run(cast.ada, tickets.one, ref).ticket.status == "Closed"
    with pytest.raises(Conflict):
        run(cast.rita, tickets.reply, ref, "One more thing")


@pytest.mark.parametrize("status", ["waiting", "in_progress", "closed"])
def test_customers_may_only_confirm_or_reopen(cast: Cast, status: str) -> None:
    ref = _file(cast)
    with pytest.raises(Conflict):
        run(cast.rita, tickets.change_status, ref, status)


def test_status_words_ignore_case_and_know_aliases(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.change_status, ref, "PENDING")
    assert run(cast.ada, tickets.one, ref).ticket.status == "Waiting on customer"
    with pytest.raises(Invalid, match="There is no status"):
        run(cast.ada, tickets.change_status, ref, "nonsense")


def test_every_change_says_its_sentence(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.prioritise, ref, "critical")
    run(cast.ada, tickets.tag, ref, ["Printer", "fire"])
    run(cast.max, tickets.assign, ref, to=cast.ada.person_id)
    run(cast.max, tickets.assign, ref, to=None)
    said = _whats(cast, ref)
    assert "changed the priority from Medium to Urgent" in said
    assert "changed the tags to fire, printer" in said
    assert "took it from Ada Agent" in said


def test_doing_it_twice_is_doing_it_once(cast: Cast) -> None:
    ref = _file(cast)
    for _ in range(2):
        run(cast.ada, tickets.take, ref)
        run(cast.ada, tickets.prioritise, ref, "high")
        run(cast.ada, tickets.change_status, ref, "resolved")
    said = _whats(cast, ref)
    assert len(said) == len(set(said))


def test_rating_needs_a_resolution_and_the_requester(cast: Cast) -> None:
    ref = _file(cast)
    with pytest.raises(Conflict):
        run(cast.rita, tickets.rate, ref, 5)
    run(cast.ada, tickets.reply, ref, "Done.", then="resolved")
    with pytest.raises(Conflict):
        run(cast.carl, tickets.rate, ref, 1)
    run(cast.rita, tickets.rate, ref, 4, "fine")
    assert run(cast.ada, tickets.csat_comment, ref) == (4, "fine")


@pytest.mark.parametrize(("title", "field"), [("", "title"), ("x" * 301, "title"), ("\x00\x07", "title")])
def test_bad_titles_are_refused_by_name(cast: Cast, title: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        run(cast.rita, tickets.create, title=title, description="something")
    assert field in refused.value.fields


def test_pages_do_not_overlap_and_lead_back(cast: Cast) -> None:
    refs = [_file(cast) for _ in range(60)]
    first = run(cast.ada, tickets.page, TicketFilter())
    second = run(cast.ada, tickets.page, TicketFilter(), cursor=first.older)
    third = run(cast.ada, tickets.page, TicketFilter(), cursor=second.older)
    shown = [row.reference for page in (first, second, third) for row in page.rows]
    assert sorted(shown) == sorted(refs) and third.older == "" and first.newer == ""
    back = run(cast.ada, tickets.page, TicketFilter(), cursor=second.newer)
    assert [row.reference for row in back.rows] == [row.reference for row in first.rows]
    with pytest.raises(Invalid):
        run(cast.ada, tickets.page, TicketFilter(), cursor="garbage")
