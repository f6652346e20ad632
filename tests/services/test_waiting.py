"""Tickets that wait on a customer who never answers."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from helpdesk import clock
from helpdesk.domain.activity import ActivityKind, sentence
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.jobs import tickets as jobs
from helpdesk.models import Activity, Delivery, Ticket
from helpdesk.services import organizations, reactions, statuses
from helpdesk.services import tickets as verbs
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import Cast

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SETTINGS = {
    "name": "Acme Support", "timezone": "UTC", "accent": "indigo", "public_form": True, "auto_close_hours": 48, "warning_share": 80,
}  # fmt: skip


def _settings(cast: Cast, **given: object) -> None:
    run(cast.adam, organizations.change, **SETTINGS | {"waiting_close_hours": 168, "waiting_notice_hours": 48} | given)


def _waiting(cast: Cast, at: datetime = NOON, status: str = "waiting_on_customer") -> str:
    with clock.frozen(at):
        ref = run(cast.rita, verbs.create, title="The lock jams", description="Since Monday.")
        run(cast.ada, verbs.reply, ref, "Which door?", then=status)
    return ref


def _sweep(at: datetime) -> int:
    with clock.frozen(at):
        return jobs.close_waiting()


def _status(cast: Cast, ref: str) -> str:
    return run(
        cast.ada, lambda ctx: ctx.session.exec(select(Ticket).where(Ticket.reference == ref)).one().status_category
    )


def _said(cast: Cast, ref: str) -> list[str]:
    def read(ctx: Context) -> list[str]:
        query = select(Activity).join(Ticket, col(Ticket.id) == Activity.ticket_id).where(Ticket.reference == ref)
        return [
            sentence(ActivityKind(one.kind), one.data) for one in ctx.session.exec(query.order_by(col(Activity.id)))
        ]

    return run(cast.ada, read)


def _mails(cast: Cast, template: str = "closing_soon") -> list[Delivery]:
    def read(ctx: Context) -> list[Delivery]:
        ids = list(ctx.session.exec(select(Activity.id).where(Activity.kind == ActivityKind.TICKET_CLOSING_WARNED)))
        reactions.react(ctx, ids)
        return list(ctx.session.exec(select(Delivery).where(Delivery.template == template)).all())

    return run(cast.desk, read)


def test_off_until_somebody_turns_it_on(cast: Cast) -> None:
    ref = _waiting(cast)
    assert _sweep(NOON + timedelta(days=300)) == 0 and _status(cast, ref) == "pending"


def test_warns_then_closes_and_twice_changes_nothing(cast: Cast) -> None:
    _settings(cast)
    ref = _waiting(cast)
    assert _sweep(NOON + 119 * HOUR) == 0
    assert _sweep(NOON + 120 * HOUR) == 1
    assert _said(cast, ref)[-1] == "told the customer that it closes in 2 days without an answer"
    assert _sweep(NOON + 120 * HOUR) == 0 and _sweep(NOON + 167 * HOUR) == 0
    assert _sweep(NOON + 168 * HOUR) == 1 and _status(cast, ref) == "closed"
    assert any(one.endswith("to Closed (no answer from the customer for 7 days)") for one in _said(cast, ref))
    assert _sweep(NOON + 400 * HOUR) == 0


def test_the_customer_gets_one_mail_that_says_when(cast: Cast) -> None:
    _settings(cast)
    _waiting(cast)
    _sweep(NOON + 120 * HOUR)
    (mail,) = _mails(cast)
    assert mail.to_address == "rita@northwind.example" and "Do you still need help? The lock jams" in mail.subject
    assert "closes by itself in 2 days, on Mon 9 Nov 2026, 12:00 (UTC)" in mail.body_text
    assert len(_mails(cast)) == 1


def test_the_portal_says_so_too_once_they_were_told(cast: Cast) -> None:
    _settings(cast)
    ref = _waiting(cast)
    _sweep(NOON + 120 * HOUR)
    with clock.frozen(NOON + 121 * HOUR):
        words = run(cast.rita, verbs.portal_request, ref).standing
    assert "Without an answer it closes by itself" in words


def test_any_answer_stops_it(cast: Cast) -> None:
    _settings(cast)
    ref = _waiting(cast)
    _sweep(NOON + 120 * HOUR)
    with clock.frozen(NOON + 150 * HOUR):
        run(cast.rita, verbs.reply, ref, "The front door.")
    assert _sweep(NOON + 500 * HOUR) == 0 and _status(cast, ref) == "open"


def test_an_answer_between_warning_and_mail_spares_the_mail(cast: Cast) -> None:
    _settings(cast)
    ref = _waiting(cast)
    _sweep(NOON + 120 * HOUR)
    with clock.frozen(NOON + 120 * HOUR):
        run(cast.rita, verbs.reply, ref, "The front door.")
    assert _mails(cast) == []


def test_asking_once_more_begins_anew(cast: Cast) -> None:
    _settings(cast)
    ref = _waiting(cast)
    _sweep(NOON + 120 * HOUR)
    with clock.frozen(NOON + 130 * HOUR):
        run(cast.ada, verbs.reply, ref, "Did you see my question?")
    assert _sweep(NOON + 249 * HOUR) == 0 and _sweep(NOON + 250 * HOUR) == 1 and _status(cast, ref) == "pending"


def test_what_is_on_hold_or_put_aside_stays(cast: Cast) -> None:
    _settings(cast)
    _waiting(cast, status="on_hold")
    aside = _waiting(cast)
    with clock.frozen(NOON):
        run(cast.ada, verbs.snooze, aside, NOON + timedelta(days=100))
    assert _sweep(NOON + timedelta(days=60)) == 0


def test_nobodys_ticket_closes_without_the_whole_notice(cast: Cast) -> None:
    ref = _waiting(cast)
    _settings(cast)
    late = NOON + timedelta(days=200)
    assert _sweep(late) == 1 and _sweep(late + 47 * HOUR) == 0 and _status(cast, ref) == "pending"
    assert _sweep(late + 48 * HOUR) == 1 and _status(cast, ref) == "closed"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"waiting_close_hours": 1}, "waiting_close_hours"), ({"waiting_close_hours": 8761}, "waiting_close_hours"),
        ({"waiting_close_hours": -5}, "waiting_close_hours"), ({"waiting_notice_hours": 168}, "waiting_notice_hours"),
        ({"waiting_notice_hours": 0}, "waiting_notice_hours"), ({"waiting_status": "open"}, "waiting_status"),
        ({"waiting_status": "gone"}, "waiting_status"),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(cast: Cast, given: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        _settings(cast, **given)
    assert list(refused.value.fields) == [field]


def test_the_status_it_goes_by_cannot_vanish(cast: Cast) -> None:
    waiting = next(row for row in run(cast.adam, statuses.listing) if row.slug == "waiting_on_customer")
    _settings(cast)
    with pytest.raises(Conflict, match="nobody answers"):
        run(cast.adam, statuses.delete, waiting.id)
    _settings(cast, waiting_status="on_hold")
    run(cast.adam, statuses.delete, waiting.id)
