"""Replies that leave later: held for a moment to be taken back, scheduled, held back when something came up; and drafts with
their files."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from helpdesk import clock
from helpdesk.domain.activity import ActivityKind, sentence
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from helpdesk.domain.people import Actor
from helpdesk.jobs import sending as jobs
from helpdesk.models import Activity, Delivery, Ticket, WaitingReply
from helpdesk.services import attachments, organizations, people, reactions, tickets
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.bench.measure import statements
from tests.cast import Cast

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SETTINGS = {
    "name": "Acme Support", "timezone": "UTC", "accent": "indigo", "public_form": True, "auto_close_hours": 48, "warning_share": 80,
}  # fmt: skip


def _settings(cast: Cast, **given: object) -> None:
    run(cast.adam, organizations.change, **SETTINGS | given)


def _at(when: datetime, who: Actor, verb: Any, *args: object, **more: object) -> Any:
    with clock.frozen(when):
        return run(who, verb, *args, **more)


def _filed(cast: Cast) -> str:
    ref: str = _at(NOON, cast.rita, tickets.create, title="The lock jams", description="Since Monday.")
    return ref


def _file(who: Actor, name: str = "a.txt") -> int:
    return run(who, attachments.store, filename=name, content_type="text/plain", stream=[b"words"]).id


def _sweep(when: datetime) -> int:
    with clock.frozen(when):
        return jobs.sweep_waiting_replies()


def _said(cast: Cast, ref: str) -> list[str]:
    return [one.body_html for one in run(cast.rita, tickets.one, ref).comments]


def _waiting(cast: Cast, ref: str) -> tuple[tickets.WaitingRow, ...]:
    return run(cast.ada, tickets.around, ref).waiting


def _log(cast: Cast, ref: str) -> list[str]:
    def read(ctx: Context) -> list[str]:
        query = select(Activity).join(Ticket, col(Ticket.id) == Activity.ticket_id).where(Ticket.reference == ref)
        found = ctx.session.exec(query.order_by(col(Activity.id))).all()
        return [sentence(ActivityKind(one.kind), one.data) for one in found]

    return run(cast.desk, read)


def test_without_seconds_a_reply_leaves_at_once(cast: Cast) -> None:
    ref = _filed(cast)
    sent = run(cast.ada, tickets.send, ref, "Which door?")
    assert sent.comment_id and not sent.waiting_id and len(_said(cast, ref)) == 1


def test_a_held_reply_is_nothing_to_anybody_until_it_leaves(cast: Cast) -> None:
    _settings(cast, undo_seconds=10)
    ref, file = _filed(cast), _file(cast.ada)
    sent = _at(
        NOON + MINUTE, cast.ada, tickets.send, ref, "Which **door**?", attachment_ids=[file], then="waiting_on_customer"
    )
    assert (sent.seconds, sent.comment_id) == (10, 0)
    assert _said(cast, ref) == [] and "replied" not in _log(cast, ref)
    shown = _waiting(cast, ref)[0]
    assert shown.is_mine and not shown.is_scheduled and shown.files == ("a.txt",) and "<strong>door" in shown.body_html
    assert _sweep(NOON + MINUTE + timedelta(seconds=9)) == 0
    left = NOON + MINUTE + timedelta(seconds=11)
    assert _sweep(left) == 1 and _sweep(left) == 0
    ticket = run(cast.ada, tickets.one, ref)
    assert ticket.comments[0].author == "Ada Agent" and ticket.comments[0].attachments[0].filename == "a.txt"
    assert ticket.ticket.status_slug == "waiting_on_customer" and "replied" in _log(cast, ref)
    first = run(cast.desk, lambda ctx: ctx.session.exec(select(Ticket).where(Ticket.reference == ref)).one())
    assert first.first_responded_at == left, "the promise is met when the customer is answered"
    assert _waiting(cast, ref) == ()


def test_undo_takes_it_back_with_text_and_files(cast: Cast) -> None:
    _settings(cast, undo_seconds=10)
    ref, file = _filed(cast), _file(cast.ada)
    sent = _at(NOON, cast.ada, tickets.send, ref, "Oops", attachment_ids=[file])
    with pytest.raises(Conflict):
        _at(NOON, cast.bob, tickets.take_back, sent.waiting_id)
    assert _at(NOON, cast.ada, tickets.take_back, sent.waiting_id) == ref
    draft = run(cast.ada, tickets.draft, ref)
    assert draft.body == "Oops" and [one.id for one in draft.files] == [file]
    assert _sweep(NOON + MINUTE) == 0 and _said(cast, ref) == []
    with pytest.raises(NotFound, match="sent already"):
        run(cast.ada, tickets.take_back, sent.waiting_id)
    # What was begun meanwhile is not lost.
    again = _at(NOON, cast.ada, tickets.send, ref, "First", attachment_ids=[file])
    run(cast.ada, tickets.keep_draft, ref, "Second")
    run(cast.ada, tickets.take_back, again.waiting_id)
    assert run(cast.ada, tickets.draft, ref).body == "First\n\nSecond"


def test_a_draft_begun_during_the_hold_outlives_the_sending(cast: Cast) -> None:
    _settings(cast, undo_seconds=10)
    ref = _filed(cast)
    run(cast.ada, tickets.keep_draft, ref, "Which door?")
    _at(NOON, cast.ada, tickets.send, ref, "Which door?")
    assert run(cast.ada, tickets.draft, ref).body == ""
    run(cast.ada, tickets.keep_draft, ref, "And which key?", kind="note")
    assert _sweep(NOON + MINUTE) == 1
    kept = run(cast.ada, tickets.draft, ref)
    assert (kept.body, kept.kind) == ("And which key?", "note")


def test_customers_and_programs_that_reply_are_not_held(cast: Cast) -> None:
    _settings(cast, undo_seconds=60)
    ref = _filed(cast)
    assert run(cast.rita, tickets.send, ref, "Hello?").comment_id
    with pytest.raises(Invalid):
        _settings(cast, undo_seconds=61)


def test_a_reply_is_scheduled_moved_cancelled_and_restored(cast: Cast) -> None:
    ref = _filed(cast)
    number = _at(NOON, cast.ada, tickets.send_later, ref, "How is it?", at=NOON + 24 * HOUR)
    assert _waiting(cast, ref)[0].is_scheduled
    _at(NOON, cast.ada, tickets.reschedule, number, at=NOON + 48 * HOUR)
    _at(NOON, cast.ada, tickets.cancel, number)
    _at(NOON, cast.ada, tickets.cancel, number)
    assert _waiting(cast, ref) == ()
    _at(NOON, cast.ada, tickets.restore_reply, number)
    assert _sweep(NOON + 24 * HOUR) == 0 and _sweep(NOON + 48 * HOUR) == 1
    assert len(_said(cast, ref)) == 1
    assert [one for one in _log(cast, ref) if "schedule" in one] == [
        "scheduled a reply for Tue 24 Nov 2026, 12:00 (UTC)", "scheduled a reply for Wed 25 Nov 2026, 12:00 (UTC)",
        "took back a scheduled reply", "scheduled a reply for Wed 25 Nov 2026, 12:00 (UTC)",
    ]  # fmt: skip


def test_a_scheduled_reply_can_go_now(cast: Cast) -> None:
    ref = _filed(cast)
    number = _at(NOON, cast.ada, tickets.send_later, ref, "How is it?", at=NOON + 24 * HOUR)
    _at(NOON + HOUR, cast.max, tickets.send_now, number)
    assert _sweep(NOON + HOUR) == 1
    assert run(cast.rita, tickets.one, ref).comments[0].author == "Ada Agent", "in its author's name"


@pytest.mark.parametrize("what", ["answered", "resolved", "left"])
def test_it_is_held_back_when_something_came_up_and_its_author_told(cast: Cast, what: str) -> None:
    ref = _filed(cast)
    _at(NOON, cast.ada, tickets.reply, ref, "Which door?")
    number = _at(NOON, cast.ada, tickets.send_later, ref, "Any news?", at=NOON + 24 * HOUR)
    if what == "answered":
        _at(NOON + HOUR, cast.rita, tickets.reply, ref, "It works now")
    elif what == "resolved":
        _at(NOON + HOUR, cast.max, tickets.change_status, ref, "resolved")
    else:
        _at(NOON + HOUR, cast.adam, people.deactivate, cast.ada.person_id)
    before = len(_said(cast, ref))
    assert _sweep(NOON + 25 * HOUR) == 0 and _sweep(NOON + 25 * HOUR) == 0
    assert len(_said(cast, ref)) == before
    stopped = run(cast.max, tickets.around, ref).waiting[0]
    assert stopped.is_stopped and stopped.reason and stopped.id == number
    assert any(one.startswith("held back the scheduled reply of Ada Agent") for one in _log(cast, ref))
    if what == "left":
        return

    def mailed(ctx: Context) -> list[str]:
        ids = [
            one.id
            for one in ctx.session.exec(select(Activity).where(Activity.kind == ActivityKind.TICKET_REPLY_STOPPED))
        ]
        from_ = select(Delivery.to_address).where(col(Delivery.activity_id).in_(ids))
        return list(ctx.session.exec(from_))

    ids = run(
        cast.desk,
        lambda ctx: [one.id for one in ctx.session.exec(select(Activity).where(col(Activity.reacted_at).is_(None)))],
    )

    run(cast.desk, reactions.react, ids)
    assert run(cast.desk, mailed) == ["ada@acme.example"]
    _at(NOON + 26 * HOUR, cast.ada, tickets.send_now, number)
    assert _sweep(NOON + 26 * HOUR) == 1, "its author decides"


def test_what_is_refused_when_due_is_held_back_with_the_reason(cast: Cast) -> None:
    ref, file = _filed(cast), _file(cast.ada)
    _at(NOON, cast.ada, tickets.send_later, ref, "See the file", at=NOON + HOUR, attachment_ids=[file])
    run(cast.ada, attachments.discard, file)
    assert _sweep(NOON + 2 * HOUR) == 0
    stopped = _waiting(cast, ref)[0]
    assert stopped.is_stopped and "file is missing" in stopped.reason


def test_what_cannot_wait_is_refused_at_once(cast: Cast) -> None:
    ref, theirs = _filed(cast), _file(cast.bob)
    later = {"at": NOON + HOUR}
    for more in (
        {"at": NOON - HOUR},
        {"at": NOON + 400 * 24 * HOUR},
        later | {"attachment_ids": [theirs]},
        later | {"then": "nowhere"},
    ):
        with pytest.raises(Invalid):
            _at(NOON, cast.ada, tickets.send_later, ref, "x", **more)
    with pytest.raises(Invalid):
        _at(NOON, cast.ada, tickets.send_later, ref, "  ", **later)
    for who in (cast.rita, cast.xena):
        with pytest.raises(NotAllowed):
            _at(NOON, who, tickets.send_later, ref, "x", **later)
    number = _at(NOON, cast.ada, tickets.send_later, ref, "x", **later)
    with pytest.raises(NotFound):
        _at(NOON, cast.eve, tickets.cancel, number)
    with pytest.raises(Conflict):
        _at(NOON, cast.tom, tickets.cancel, number)
    _at(NOON, cast.max, tickets.cancel, number)


def test_a_question_about_what_is_resolved_is_sent_when_nothing_came_up(cast: Cast) -> None:
    ref = _filed(cast)
    _at(NOON, cast.max, tickets.change_status, ref, "resolved")
    _at(NOON + MINUTE, cast.ada, tickets.send_later, ref, "Does it still work?", at=NOON + HOUR)
    assert _sweep(NOON + HOUR) == 1


def test_what_nobody_expects_any_more_is_held_back(cast: Cast) -> None:
    ref = _filed(cast)
    number = _at(NOON, cast.ada, tickets.send_later, ref, "x", at=NOON + HOUR)
    trashed = _at(NOON, cast.adam, tickets.delete, ref)
    assert _sweep(NOON + 2 * HOUR) == 0
    _at(NOON + 72 * HOUR, cast.adam, tickets.restore, trashed)
    assert _sweep(NOON + 72 * HOUR) == 0
    stopped = _waiting(cast, ref)[0]
    assert stopped.id == number and stopped.is_stopped and "more than a day" in stopped.reason


def test_cancelled_ones_are_forgotten(cast: Cast) -> None:
    ref = _filed(cast)
    number = _at(NOON, cast.ada, tickets.send_later, ref, "x", at=NOON + HOUR)
    _at(NOON, cast.ada, tickets.cancel, number)
    with clock.frozen(NOON + 2 * HOUR):
        assert jobs.forget_cancelled_replies() == 0
        with pytest.raises(Conflict, match="passed"):
            run(cast.ada, tickets.restore_reply, number)
    with clock.frozen(NOON + 26 * HOUR):
        assert jobs.forget_cancelled_replies() == 1
    assert run(cast.desk, lambda ctx: ctx.session.get(WaitingReply, number)) is None


def test_drafts_keep_their_files_for_customers_too(cast: Cast) -> None:
    ref = _filed(cast)
    for who in (cast.ada, cast.rita):
        first, second = _file(who), _file(who, "b.txt")
        run(who, tickets.keep_draft, ref, "", attachment_ids=[first, second])
        run(who, tickets.keep_draft, ref, "Look", kind="note")
        kept = run(who, tickets.draft, ref)
        assert [one.filename for one in kept.files] == ["a.txt", "b.txt"] and kept.body == "Look"
        assert kept.kind == ("note" if who is cast.ada else "reply")
        run(who, attachments.discard, first)
        assert [one.id for one in run(who, tickets.draft, ref).files] == [second]
        run(who, tickets.keep_draft, ref, "", attachment_ids=[])
        assert run(who, tickets.draft, ref) == tickets.DraftRow()
    # Nobody's file but one's own is ever drawn.
    run(cast.ada, tickets.keep_draft, ref, "x", attachment_ids=[second])
    assert run(cast.ada, tickets.draft, ref).files == ()
    run(cast.rita, tickets.keep_draft, ref, "Mine")
    run(cast.rita, tickets.reply, ref, "Mine")
    assert run(cast.rita, tickets.draft, ref) == tickets.DraftRow()
    assert run(cast.ada, tickets.draft, ref).body == "x"


def test_the_page_reads_what_waits_with_the_draft(cast: Cast) -> None:
    ref = _filed(cast)

    def asked() -> int:
        with statements() as heard:
            run(cast.ada, tickets.around, ref)
        return len([one for one in heard if not one.sql.startswith(("SET ROLE", "SAVEPOINT", "RELEASE"))])

    asked()
    before = asked()
    _at(NOON, cast.ada, tickets.send_later, ref, "x", at=NOON + HOUR)
    run(cast.ada, tickets.keep_draft, ref, "y")
    assert asked() == before


def test_files_that_wait_outlive_the_day_loose_ones_are_kept(cast: Cast) -> None:
    ref = _filed(cast)
    with clock.frozen(NOON):
        loose, drafted, waiting = _file(cast.ada), _file(cast.ada), _file(cast.ada)
    _at(NOON, cast.ada, tickets.send_later, ref, "x", at=NOON + 72 * HOUR, attachment_ids=[waiting])
    run(cast.ada, tickets.keep_draft, ref, "y", attachment_ids=[drafted])
    assert _at(NOON + 48 * HOUR, cast.desk, attachments.forget_loose) == 1
    assert [one.id for one in run(cast.ada, tickets.draft, ref).files] == [drafted] and loose not in (drafted, waiting)
    assert _sweep(NOON + 72 * HOUR) == 1
