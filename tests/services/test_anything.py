"""The palette finds what one may go to, and the board shows what is where."""

import pytest

from helpdesk.domain.conditions import from_json
from helpdesk.domain.errors import NotAllowed
from helpdesk.domain.filters import BUILT_IN_VIEWS, TicketFilter
from helpdesk.services import preferences, tickets, views
from helpdesk.services.tickets.rows import Hit
from helpdesk.services.unit_of_work import run
from tests.cast import Cast


def test_the_palette_finds_tickets_people_and_views(cast: Cast) -> None:
    ref = run(cast.rita, tickets.create, title="Zebra printer", description="y")
    run(cast.ada, views.create, name="Stripes", where=from_json({"all": []}))
    found = run(cast.ada, tickets.anything, "zebra")
    assert found.tickets == (Hit(ref, "Zebra printer"),) and found.searches == ()
    assert run(cast.ada, tickets.anything, ref.lower()).tickets == (Hit(ref, "Zebra printer"),)
    assert [one.name for one in run(cast.ada, tickets.anything, "requester").people] == ["Rita Requester"]
    assert [row.label for row in found.views][len(BUILT_IN_VIEWS) :] == ["Stripes"]


def test_without_words_it_offers_the_last_ones(cast: Cast) -> None:
    run(cast.ada, preferences.remember_search, "zebra")
    empty = run(cast.ada, tickets.anything, "")
    assert (empty.searches, empty.tickets, empty.people) == (("zebra",), (), ())


def test_nobody_finds_what_they_may_not_see(cast: Cast) -> None:
    ref = run(cast.rita, tickets.create, title="Zebra", description="y")
    run(cast.max, tickets.move_to_team, ref, team_id=cast.support)
    for actor in (cast.bob, cast.eve):
        assert run(actor, tickets.anything, "zebra").tickets == ()
    assert run(cast.xena, tickets.anything, "rita").people == (), "who only reads is offered nobody to file for"
    with pytest.raises(NotAllowed):
        run(cast.rita, tickets.anything, "zebra")


def test_the_board_has_a_column_for_each_status(cast: Cast) -> None:
    first, second = (run(cast.rita, tickets.create, title=f"x {n}", description="y") for n in range(2))
    run(cast.max, tickets.change_status, second, "on_hold")
    columns = {one.slug: one for one in run(cast.max, tickets.board, TicketFilter())}
    assert [row.reference for row in columns["new"].rows] == [first] and columns["new"].count == 1
    assert [row.reference for row in columns["on_hold"].rows] == [second] and columns["closed"].rows == ()
    narrowed = run(cast.max, tickets.board, TicketFilter(status=("new",), text="x"))
    assert [(one.slug, one.count) for one in narrowed] == [("new", 1)]


def test_the_board_shows_nobody_more(cast: Cast) -> None:
    ref = run(cast.rita, tickets.create, title="Zebra", description="y")
    run(cast.max, tickets.move_to_team, ref, team_id=cast.support)
    for actor in (cast.bob, cast.eve):
        assert not any(one.rows or one.count for one in run(actor, tickets.board, TicketFilter()))
    with pytest.raises(NotAllowed):
        run(cast.rita, tickets.board, TicketFilter())
