"""Lists: what customers may ask, and links that were made by hand."""

import base64
import json
from datetime import UTC, datetime
from itertools import product

import pytest

from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.filters import Sort, TicketFilter, Whose
from helpdesk.domain.tickets import Channel, StatusCategory
from helpdesk.services import tickets
from helpdesk.services.tickets import queries
from helpdesk.services.unit_of_work import run
from tests.cast import Cast


def _file(cast: Cast, **more: object) -> str:
    return run(cast.rita, tickets.create, title="x", description="y", **more)


def _cursor(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(parts)).encode()).decode().rstrip("=")


NOW = datetime(2026, 11, 23, tzinfo=UTC).isoformat()
FORGED = [
    "garbage", "é", "=", "[]", _cursor(), _cursor("o"), _cursor("o", NOW), _cursor("o", None, 1), _cursor("o", 1e400, 1),
    _cursor("o", NOW, 2**70), _cursor("o", NOW, -1), _cursor("o", NOW, "1"), _cursor("o", NOW, None), _cursor("o", NOW, True),
    _cursor("o", "2026-11-23T00:00:00", 1, 2), _cursor("o", "0001-01-01T00:00:00+23:59", 1), _cursor("o", [NOW], 1),
    _cursor("o", "x' OR 1=1 --", 1), _cursor("o", 2**80, 1), _cursor("o", {}, 1), _cursor("o", 2**40, 1), _cursor(*[[]] * 3),
    base64.urlsafe_b64encode(b"[" * 250).decode(), base64.urlsafe_b64encode(b"\xff\xfe").decode(),
]  # fmt: skip


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("cursor", FORGED)
def test_forged_cursors_are_refused_or_harmless(cast: Cast, cursor: str, sort: Sort) -> None:
    try:
        run(cast.rita, tickets.page, TicketFilter(sort=sort), cursor=cursor)
    except Invalid as refused:
        assert list(refused.fields) == ["cursor"]


def test_a_cursor_of_another_order_is_no_error(cast: Cast) -> None:
    for _ in range(26):
        _file(cast)
    for made_for, used_for in product(set(Sort) - _OF_THE_SOLVED, Sort):
        older = run(cast.ada, tickets.page, TicketFilter(sort=made_for)).older
        assert older
        try:
            run(cast.ada, tickets.page, TicketFilter(sort=used_for), cursor=older)
        except Invalid as refused:
            assert list(refused.fields) == ["cursor"]


def test_a_cursor_shows_nobody_more_than_they_may_see(cast: Cast) -> None:
    for _ in range(30):
        _file(cast)
    older = run(cast.ada, tickets.page, TicketFilter()).older
    for actor in (cast.zoe, cast.eve, cast.mallory):
        assert run(actor, tickets.page, TicketFilter(), cursor=older).rows == ()


def test_every_order_pages_through_everything_once(cast: Cast) -> None:
    refs = [_file(cast, priority=("low", "medium", "high", "urgent")[number % 4]) for number in range(55)]
    for sort in set(Sort) - _OF_THE_SOLVED:
        assert sorted(_all_pages(cast, sort)) == sorted(refs), sort


def test_the_last_solved_are_listed_and_nothing_else(cast: Cast) -> None:
    refs = [_file(cast) for _ in range(30)]
    _file(cast)
    for ref in refs:
        run(cast.ada, tickets.change_status, ref, "resolved")
        run(cast.ada, tickets.change_status, ref, "closed")
    for sort in _OF_THE_SOLVED:
        assert _all_pages(cast, sort) == refs[::-1], sort


_OF_THE_SOLVED = {Sort.RESOLVED, Sort.CLOSED}


def _all_pages(cast: Cast, sort: Sort) -> list[str]:
    shown: list[str] = []
    cursor = ""
    while True:
        page = run(cast.ada, tickets.page, TicketFilter(sort=sort), cursor=cursor)
        shown += [row.reference for row in page.rows]
        if not (cursor := page.older):
            return shown


@pytest.mark.parametrize(
    "asked",
    [
        {"tag": ("nuisance",)}, {"tag": ("nothing",)}, {"at_risk": True}, {"breached": True}, {"team": (10**6,)},
        {"breached_from": datetime(2000, 1, 1, tzinfo=UTC)}, {"breached_to": datetime(2100, 1, 1, tzinfo=UTC)},
        {"sort": Sort.DUE},
    ],
)  # fmt: skip
def test_customers_learn_nothing_by_asking(cast: Cast, asked: dict[str, object]) -> None:
    """They are shown no tags, teams and clocks; whether a filter matches must not tell either."""
    ref = _file(cast)
    run(cast.ada, tickets.tag, ref, ["nuisance"])
    run(cast.max, tickets.move_to_team, ref, team_id=cast.support)
    assert [row.reference for row in run(cast.rita, tickets.page, TicketFilter(**asked)).rows] == [ref]
    row = run(cast.rita, tickets.page, TicketFilter()).rows[0]
    assert (row.tags, row.team, row.sla_status, row.sla_due_at, row.comment_count, row.escalation_level) == (
        (),
        "",
        "none",
        "",
        0,
        0,
    )


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"status": ("new",)}, True), ({"status": ("CLOSED",)}, False), ({"priority": ("p1",)}, False), ({"priority": ("normal",)}, True),
        ({"category": (StatusCategory.NEW, StatusCategory.CLOSED)}, True), ({"channel": (Channel.EMAIL,)}, False),
        ({"tag": ("hot",)}, True), ({"tag": ("cold",)}, False), ({"whose": Whose.NOBODY}, True), ({"whose": Whose.ME}, False),
        ({"open": True}, True), ({"open": False}, False), ({"rated": True}, False), ({"breached": True}, False),
        ({"created_from": datetime(2026, 1, 1, tzinfo=UTC)}, True), ({"created_to": datetime(2026, 1, 1, tzinfo=UTC)}, False),
        ({"updated_from": datetime(2126, 1, 1, tzinfo=UTC)}, False), ({"resolved_from": datetime(2000, 1, 1, tzinfo=UTC)}, False),
        ({"requester": (2**62,)}, False), ({"topic": (1, 2**62)}, False),
    ],
)  # fmt: skip
def test_filters(cast: Cast, asked: dict[str, object], found: bool) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.tag, ref, ["hot"])
    assert bool(run(cast.ada, tickets.page, TicketFilter(**asked)).rows) is found


@pytest.mark.parametrize("field", ["status", "priority"])
def test_unknown_words_are_refused_by_name(cast: Cast, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        run(cast.ada, tickets.page, TicketFilter(**{field: ("nonsense",)}))
    assert field in refused.value.fields


def test_customers_count_only_what_they_see_of_a_long_thread(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_COMMENTS", 5)
    ref = _file(cast)
    for _ in range(15):
        run(cast.ada, tickets.reply, ref, "answer")
    for _ in range(5):
        run(cast.ada, tickets.note, ref, "note")
    assert run(cast.rita, tickets.one, ref).earlier_comments == 10
    assert run(cast.ada, tickets.one, ref).earlier_comments == 15


@pytest.mark.parametrize("then", ["new"])
def test_a_reply_sets_no_status_that_may_not_follow(cast: Cast, then: str) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.reply, ref, "Hello")
    with pytest.raises(Conflict):
        run(cast.ada, tickets.reply, ref, "Hello", then=then)
    run(cast.ada, tickets.change_status, ref, "closed")
    with pytest.raises(Conflict):
        run(cast.ada, tickets.reply, ref, "Hello", then="waiting")
    assert len(run(cast.ada, tickets.one, ref).comments) == 1, "and says nothing either"


def test_a_customers_reply_sets_no_status_at_all(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.rita, tickets.reply, ref, "Hello", then="closed")
    assert run(cast.ada, tickets.one, ref).ticket.status == "New"


def test_a_due_date_needs_its_zone(cast: Cast) -> None:
    naive = datetime(2026, 12, 1)  # noqa: DTZ001 - the mistake this is about
    with pytest.raises(Invalid) as refused:
        run(cast.ada, tickets.create, title="x", description="y", requester_id=cast.rita.person_id, due_at=naive)
    assert "due_at" in refused.value.fields
    with pytest.raises(Invalid):
        run(cast.ada, tickets.schedule, _file(cast), naive)


@pytest.mark.parametrize("ref", ["", "x" * 10_000, "\x00", "\ud800", "ACME-7K3F9Q", "' OR 1=1 --", "²", None, 7])
def test_any_reference_is_a_ticket_or_not_found(cast: Cast, ref: object) -> None:
    _file(cast)
    with pytest.raises(Exception) as refused:
        run(cast.ada, tickets.one, ref)
    assert type(refused.value).__name__ == "NotFound"


@pytest.mark.parametrize("comment", ["\x00", "\ud800", "x" * 10_000, "<script>"])
def test_any_words_may_come_with_a_rating(cast: Cast, comment: str) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.reply, ref, "Done", then="resolved")
    run(cast.rita, tickets.rate, ref, 3, comment)
    assert run(cast.ada, tickets.csat_comment, ref)[0] == 3
