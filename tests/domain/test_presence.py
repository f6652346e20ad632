"""Who looks at which ticket, and who is writing."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.domain.presence import LOOKS_FOR, WRITES_FOR, Board, Doing, Looker, Sighting, line, typing, warning

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
PLACE = (1, "ACME-1")
SECOND = timedelta(seconds=1)


def said(doing: Doing = Doing.VIEWING, *, tab: str = "t1", who: int = 1, at: tuple[int, str] = PLACE) -> Sighting:
    return Sighting(at, tab, who, f"Person {who}", doing)


def test_somebody_comes_writes_falls_silent_and_is_gone() -> None:
    board = Board()
    assert board.notice(said(), NOW) == {PLACE}
    assert board.notice(said(), NOW + SECOND) == set()  # a heartbeat changes nothing
    assert board.notice(said(Doing.REPLYING), NOW + 2 * SECOND) == {PLACE}
    assert board.at(PLACE) == (Looker(1, "Person 1", Doing.REPLYING),)
    assert board.notice(said(), NOW + 3 * SECOND) == set()  # a heartbeat does not take the typing back
    assert board.lapse(NOW + 3 * SECOND) == set()
    assert board.lapse(NOW + 2 * SECOND + WRITES_FOR) == {PLACE}
    assert board.at(PLACE) == (Looker(1, "Person 1"),)
    assert board.lapse(NOW + 3 * SECOND + LOOKS_FOR) == {PLACE}
    assert board.at(PLACE) == ()


def test_stopping_and_leaving_show_at_once() -> None:
    board = Board()
    board.notice(said(Doing.NOTING), NOW)
    assert board.notice(said(Doing.STOPPED), NOW) == {PLACE}
    assert board.at(PLACE)[0].doing is Doing.VIEWING
    assert board.notice(said(Doing.GONE), NOW) == {PLACE}
    assert board.notice(said(Doing.GONE), NOW) == set()


def test_a_tab_is_in_one_place_and_two_tabs_are_one_person() -> None:
    board = Board()
    board.notice(said(), NOW)
    assert board.notice(said(Doing.REPLYING, tab="t2"), NOW) == {PLACE}
    assert board.at(PLACE) == (Looker(1, "Person 1", Doing.REPLYING),)
    assert board.notice(said(at=(1, "ACME-2")), NOW) == {(1, "ACME-2")}  # t2 is still here
    assert board.notice(said(tab="t2", at=(1, "ACME-2")), NOW) == {PLACE}


def test_organizations_do_not_meet() -> None:
    board = Board()
    board.notice(said(at=(2, "ACME-1")), NOW)
    assert board.at(PLACE) == ()


def person(who: int, doing: Doing = Doing.VIEWING) -> Looker:
    return Looker(who, f"Person {who}", doing)


@pytest.mark.parametrize(
    ("people", "sentence"),
    [
        ([], ""),
        ([person(1)], "Person 1 is viewing"),
        ([person(1), person(2)], "Person 1 and Person 2 are viewing"),
        ([person(n) for n in range(1, 6)], "Person 1, Person 2 and 3 others are viewing"),
        ([person(1, Doing.REPLYING)], "Person 1 is writing a reply…"),
        ([person(1, Doing.NOTING), person(2)], "Person 1 is writing a note… · Person 2 is viewing"),
    ],
)
def test_the_header_says_it_in_a_line(people: list[Looker], sentence: str) -> None:
    assert line(people) == sentence


def test_a_row_and_the_composer_speak_of_writers_only() -> None:
    assert typing([person(1)]) == warning([person(1)]) == warning([person(1, Doing.NOTING)]) == ""
    assert typing([person(1, Doing.NOTING)]) == "Person is typing…"
    assert typing([person(1, Doing.NOTING), person(2, Doing.REPLYING)]) == "2 people are typing…"
    assert warning([person(1, Doing.REPLYING)]).startswith("Person 1 is writing to the customer")
