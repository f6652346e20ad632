"""Looking at a ticket's past through the verb: fields, words and conversation of a day; for those who may see it."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk import clock
from helpdesk.domain.errors import NotAllowed, NotFound
from helpdesk.services import tickets
from helpdesk.services.tickets import PastTicket
from helpdesk.services.unit_of_work import run
from tests.cast import Cast

START = datetime(2026, 11, 16, 9, tzinfo=UTC)


def _lived(cast: Cast) -> str:
    """A ticket things have happened to, a minute apart."""

    def at(minute: int) -> datetime:
        return START + timedelta(minutes=minute)

    with clock.frozen(at(0)):
        ref = run(cast.rita, tickets.create, title="Printer on fire", description="It burns.")
    with clock.frozen(at(1)):
        run(cast.max, tickets.assign, ref, to=cast.ada.person_id)
    with clock.frozen(at(2)):
        comment = run(cast.ada, tickets.reply, ref, "Please use watr")
    with clock.frozen(at(3)):
        run(cast.ada, tickets.edit_comment, comment, "Please use water")
    with clock.frozen(at(4)):
        run(cast.ada, tickets.tag, ref, ["hot"])
        run(cast.ada, tickets.retitle, ref, "Printer was on fire")
    with clock.frozen(at(5)):
        run(cast.ada, tickets.change_status, ref, "resolved")
    return str(ref)


def _stops(cast: Cast, ref: str) -> dict[str, PastTicket]:
    """The ticket after each line of its history, by kind."""
    return {line.kind: run(cast.max, tickets.as_it_stood, ref, line.id) for line in run(cast.max, tickets.history, ref)}


def test_every_line_of_the_history_shows_the_ticket_as_it_stood(cast: Cast) -> None:
    stops = _stops(cast, _lived(cast))
    filed = stops["ticket.created"]
    assert (filed.title, filed.status, filed.assignee, filed.tags, filed.comments) == (
        "Printer on fire", "New", "", (), ()
    )  # fmt: skip
    assert stops["ticket.assigned"].assignee == "Ada Agent"
    replied, edited = stops["ticket.replied"], stops["ticket.reply_edited"]
    assert "watr" in replied.comments[-1].body_html and "water" not in replied.comments[-1].body_html
    assert "water" in edited.comments[-1].body_html
    assert [tag.name for tag in stops["ticket.tags_changed"].tags] == ["hot"]
    assert stops["ticket.tags_changed"].title == "Printer on fire"
    assert stops["ticket.title_changed"].title == "Printer was on fire"


def test_the_newest_line_is_now(cast: Cast) -> None:
    ref = _lived(cast)
    newest = run(cast.max, tickets.as_it_stood, ref, run(cast.max, tickets.history, ref)[0].id)
    now = run(cast.max, tickets.one, ref)
    assert newest.is_now
    assert (newest.title, newest.status, newest.assignee) == (now.ticket.title, now.ticket.status, now.ticket.assignee)
    assert [one.id for one in newest.comments] == [one.id for one in now.comments]


def test_what_a_merge_brought_was_not_there_before_it(cast: Cast) -> None:
    ref = _lived(cast)
    other = run(cast.rita, tickets.create, title="The same", description="Smoke now.")
    run(cast.max, tickets.merge, other, into=ref)
    run(cast.max, tickets.note, ref, "Same printer")
    stops = _stops(cast, ref)
    assert not any("Smoke" in one.body_html for one in stops["ticket.replied"].comments)
    assert any("Smoke" in one.body_html for one in stops["ticket.noted"].comments)


def test_only_staff_who_see_the_ticket_look_at_its_past(cast: Cast) -> None:
    ref = _lived(cast)
    line = run(cast.max, tickets.history, ref)[0].id
    with pytest.raises(NotAllowed):
        run(cast.rita, tickets.as_it_stood, ref, line)
    with pytest.raises(NotFound):
        run(cast.eve, tickets.as_it_stood, ref, line)
    elsewhere = run(cast.max, tickets.history, _lived(cast))[0].id
    with pytest.raises(NotFound):
        run(cast.max, tickets.as_it_stood, ref, elsewhere)
