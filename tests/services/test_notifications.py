"""Who is told what on the bell, and what they do with it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlmodel import col, select

from helpdesk import clock
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Invalid, NotFound, SignedOut
from helpdesk.domain.people import anonymous
from helpdesk.domain.tickets import CommentKind
from helpdesk.jobs import mail as mail_jobs
from helpdesk.jobs import notifications as jobs
from helpdesk.models import Activity, Comment, Delivery, Notification, Person, Ticket
from helpdesk.services import account, bell, organizations, people, reactions, sign_in, teams, tickets
from helpdesk.services.context import Context
from helpdesk.services.mail import outbound
from helpdesk.services.unit_of_work import run
from tests.bench.measure import statements
from tests.cast import Cast
from tests.conftest import Heard

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _react(cast: Cast) -> None:
    ids = run(
        cast.desk, lambda ctx: list(ctx.session.exec(select(Activity.id).where(col(Activity.reacted_at).is_(None))))
    )
    run(cast.desk, reactions.react, ids)


def _told(cast: Cast) -> set[tuple[str, str]]:
    """(kind, whom) since the last look."""
    _react(cast)

    def read(ctx: Context) -> set[tuple[str, str]]:
        query = select(Notification, Person.email).join(Person, col(Person.id) == Notification.person_id)
        rows = ctx.session.exec(query).all()
        for one, _ in rows:
            ctx.session.delete(one)
        return {(one.kind, email.partition("@")[0]) for one, email in rows}

    return run(cast.desk, read)


def _file(cast: Cast, **more: object) -> str:
    return run(cast.rita, tickets.create, title="Printer on fire", description="It burns.", **more)


def _happens(cast: Cast, ref: str, kind: ActivityKind, **data: object) -> None:
    """The desk's own sweeps record these."""

    def record(ctx: Context) -> None:
        ticket = ctx.session.exec(select(Ticket).where(Ticket.reference == ref)).one()
        ctx.record(kind, ticket, **data)

    run(cast.desk, record)


Act = Callable[[Cast, str], object]
# What happens to Rita's ticket in Ada's hands, which Tom watches -> who is told of what.
STORY: list[tuple[str, Act, set[tuple[str, str]]]] = [
    ("reply", lambda c, r: run(c.ada, tickets.reply, r, "Hi"), {("comment_added", "rita"), ("comment_added", "tom")}),
    ("customer's reply", lambda c, r: run(c.rita, tickets.reply, r, "Hi"), {("comment_added", "ada"), ("comment_added", "tom")}),
    ("note", lambda c, r: run(c.ada, tickets.note, r, "Hi"), {("comment_added", "tom")}),
    ("mention", lambda c, r: run(c.ada, tickets.note, r, "@Max Manager look"), {("comment_added", "tom"), ("mention", "max")}),
    ("given away", lambda c, r: run(c.max, tickets.assign, r, to=c.bob.person_id), {("ticket_assigned", "bob"), ("ticket_assigned", "rita")}),
    ("status", lambda c, r: run(c.max, tickets.change_status, r, "waiting"), {("status_change", "ada"), ("status_change", "rita")}),
    ("resolved", lambda c, r: run(c.ada, tickets.change_status, r, "resolved"), {("ticket_resolved", "rita"), ("ticket_resolved", "tom")}),
    ("priority", lambda c, r: run(c.max, tickets.prioritise, r, "high"), {("priority_change", "ada"), ("priority_change", "rita")}),
    ("team", lambda c, r: run(c.max, tickets.move_to_team, r, team_id=c.support), {("ticket_updated", "ada")}),
    ("warning", lambda c, r: _happens(c, r, ActivityKind.SLA_WARNING, metric="first response"), {("sla_warning", "ada")}),
    ("breach", lambda c, r: _happens(c, r, ActivityKind.SLA_BREACHED, metric="first response"), {("sla_breach", "ada"), ("sla_breach", "max")}),
    ("broken rule", lambda c, r: _happens(c, r, ActivityKind.RULE_FAILED, name="VIP", reason="x"), {("system", "adam"), ("system", "olga")}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "act", "told"), STORY, ids=[row[0] for row in STORY])
def test_who_is_told(cast: Cast, what: str, act: Act, told: set[tuple[str, str]]) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.take, ref)
    run(cast.tom, tickets.watch, ref)
    _told(cast)
    act(cast, ref)
    assert _told(cast) == told


def test_a_new_ticket_is_told_to_managers_and_the_team_and_not_twice_to_whom_it_went(cast: Cast) -> None:
    run(
        cast.desk, teams.save, team_id=cast.support, name="Support", member_ids=(cast.ada.person_id, cast.tom.person_id)
    )
    run(cast.ada, sign_in.set_availability, "available")
    run(
        cast.olga,
        tickets.create,
        title="Printer",
        description="It burns.",
        team_id=cast.support,
        requester_id=cast.rita.person_id,
    )
    told = _told(cast)
    assert ("ticket_created", "max") in told and ("ticket_created", "bob") not in told
    assert "ticket_created" not in {kind for kind, who in told if who in ("ada", "olga")}
    assert ("ticket_assigned", "ada") in told


def test_a_customers_answer_nobody_has_goes_to_the_managers(cast: Cast) -> None:
    ref = _file(cast)
    _told(cast)
    run(cast.rita, tickets.reply, ref, "Anybody?")
    assert _told(cast) == {("comment_added", "max")}


def test_nobody_is_told_of_what_they_may_not_see(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.bob, tickets.watch, ref)
    run(cast.max, tickets.move_to_team, ref, team_id=cast.support)
    _told(cast)
    run(cast.rita, tickets.reply, ref, "Hi")
    assert ("comment_added", "bob") not in _told(cast)
    run(cast.ada, tickets.note, ref, "Between us")
    assert not {who for _, who in _told(cast)} & {"rita", "carl", "zoe"}


def test_what_one_was_told_goes_out_of_sight_with_the_ticket(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.bob, tickets.watch, ref)
    run(cast.rita, tickets.reply, ref, "The password is 1234")
    _react(cast)
    assert [one.message for one in run(cast.bob, bell.listing)] == ["The password is 1234"]
    assert run(cast.bob, people.me).unread == run(cast.bob, bell.unread) == 1
    run(cast.max, tickets.move_to_team, ref, team_id=cast.support)
    assert run(cast.bob, bell.listing) == [] and run(cast.bob, bell.unread) == 0


def test_read_one_keep_it_and_read_all(cast: Cast, heard: Heard) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.take, ref)
    for words in ("One", "Two", "Three"):
        run(cast.rita, tickets.reply, ref, words)
    _react(cast)
    assert f"user-{cast.ada.person_id}-bell" in heard.topics
    newest, *others = run(cast.ada, bell.listing)
    assert (newest.title, newest.message, newest.reference) == ("Rita Requester answered", "Three", ref)
    assert newest.href == f"/agent?ticket={ref}" and not newest.read
    heard.topics.clear()
    read = run(cast.ada, bell.mark_read, newest.id)
    assert read.read and read.read_at and f"user-{cast.ada.person_id}-bell" in heard.topics
    assert run(cast.ada, bell.mark_read, newest.id).read_at == read.read_at, "twice is once"
    assert [one.id for one in run(cast.ada, bell.listing, read=False)] == [one.id for one in others]
    assert [one.id for one in run(cast.ada, bell.listing, read=True)] == [newest.id]
    assert not run(cast.ada, bell.mark_unread, newest.id).read
    assert run(cast.ada, people.me).unread == 3
    assert run(cast.ada, bell.mark_all_read) == 3 and run(cast.ada, bell.mark_all_read) == 0
    assert run(cast.ada, bell.unread) == 0


def test_pages_go_on_after_the_last_row(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.take, ref)
    for number in range(5):
        run(cast.rita, tickets.reply, ref, str(number))
    _react(cast)
    first = run(cast.ada, bell.listing, size=3)
    then = run(cast.ada, bell.listing, size=3, before=first[-1].id)
    assert [one.message for one in first + then] == ["4", "3", "2", "1", "0"]


def test_everybody_has_their_own(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.take, ref)
    run(cast.rita, tickets.reply, ref, "Hi")
    _react(cast)
    [mine] = run(cast.ada, bell.listing)
    for other in (cast.max, cast.olga, cast.rita, cast.eve):
        with pytest.raises(NotFound):
            run(other, bell.mark_read, mine.id)
    with pytest.raises(SignedOut):
        run(anonymous(cast.acme.id), bell.listing)


def test_choices_and_switches_are_kept_to(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.take, ref)
    _told(cast)
    run(cast.ada, account.change_notices, wants_mail=True, wanted=["mail.comment_added"])
    run(cast.rita, tickets.reply, ref, "Hi")
    assert _told(cast) == set()
    run(cast.ada, account.change_notices, wants_mail=False, wanted=["in_app.comment_added"])
    run(cast.rita, tickets.reply, ref, "Hi")
    assert _told(cast) == {("comment_added", "ada")}
    own = run(cast.adam, organizations.mine)
    settings = {
        name: getattr(own, name)
        for name in ("name", "timezone", "accent", "public_form", "auto_close_hours", "warning_share")
    }
    run(cast.adam, organizations.change, **settings, notices_off=["comment"])
    run(cast.rita, tickets.reply, ref, "Hi")
    assert _told(cast) == set()
    with pytest.raises(Invalid):
        run(cast.adam, organizations.change, **settings, notices_off=["everything"])


def test_many_are_told_in_as_many_statements_as_one(cast: Cast) -> None:
    def spent(member_ids: tuple[int | None, ...]) -> int:
        run(cast.desk, teams.save, team_id=cast.support, name="Support", member_ids=member_ids)
        run(
            cast.olga,
            tickets.create,
            title="Printer",
            description="It burns.",
            team_id=cast.support,
            requester_id=cast.rita.person_id,
        )
        query = select(Activity.id).where(col(Activity.reacted_at).is_(None))
        ids = run(cast.desk, lambda ctx: list(ctx.session.exec(query)))
        with statements() as heard:
            run(cast.desk, reactions.react, ids)
        return len(heard)

    spent((cast.ada.person_id,))
    one = spent((cast.ada.person_id,))
    assert spent((cast.ada.person_id, cast.bob.person_id, cast.tom.person_id, cast.adam.person_id)) == one


def test_what_was_read_long_ago_is_forgotten(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    ref = _file(cast)
    run(cast.ada, tickets.take, ref)
    for words in ("One", "Two"):
        run(cast.rita, tickets.reply, ref, words)
    _react(cast)
    run(cast.ada, bell.mark_read, run(cast.ada, bell.listing)[0].id)
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=61))
    jobs.forget_notifications()
    assert [one.message for one in run(cast.ada, bell.listing)] == ["One"]
    assert jobs.forget_notifications() == 0


def test_a_note_never_reaches_a_customer_even_as_a_watcher_of_old(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.note, ref, "The customer is difficult")
    _react(cast)

    def everything(ctx: Context) -> list[str]:
        mine = col(Notification.person_id).in_((cast.rita.person_id, cast.carl.person_id))
        return [one.message for one in ctx.session.exec(select(Notification).where(mine))]

    assert "difficult" not in str(run(cast.desk, everything))
    notes = run(
        cast.desk, lambda ctx: len(ctx.session.exec(select(Comment).where(Comment.kind == CommentKind.NOTE)).all())
    )
    assert notes == 1


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[EmailMessage]:
    """A mail server that takes everything, and a clock at noon."""
    sent: list[EmailMessage] = []

    class Taking:
        def send(self, message: EmailMessage) -> None:
            sent.append(message)

    monkeypatch.setattr(outbound, "mailer", Taking)
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return sent


def _states(cast: Cast) -> list[tuple[str, str]]:
    query = select(Delivery.template, Delivery.state).order_by(col(Delivery.id))
    return [(template, state) for template, state in run(cast.desk, lambda ctx: ctx.session.exec(query).all())]


def _subjects(posted: list[EmailMessage], whom: str) -> list[str]:
    return [str(one["Subject"]).partition("] ")[2] for one in posted if str(one["To"]).startswith(whom)]


def test_a_burst_about_one_ticket_becomes_one_mail(
    cast: Cast, posted: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = _file(cast)
    run(cast.max, tickets.assign, ref, to=cast.ada.person_id)
    run(cast.tom, tickets.watch, ref)
    _react(cast)
    mail_jobs.sweep_mail()
    assert _subjects(posted, "ada") == ["Assigned to you: Printer on fire"], "the first goes at once"
    run(cast.max, tickets.change_status, ref, "resolved")
    run(cast.max, tickets.change_status, ref, "open")
    for words in ("One", "Two"):
        run(cast.max, tickets.note, ref, words)
    _react(cast)
    mail_jobs.sweep_mail()
    assert _subjects(posted, "ada") == ["Assigned to you: Printer on fire"]
    assert _subjects(posted, "tom") == ["4 updates: Printer on fire"], "what was not sent yet goes together"
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(minutes=2, seconds=1))
    posted.clear()
    mail_jobs.sweep_mail()
    assert _subjects(posted, "ada") == ["Resolved: Printer on fire"]
    assert _subjects(posted, "tom") == []
    mail_jobs.sweep_mail()
    assert len(_subjects(posted, "ada")) == 1, "once"


def test_what_waits_together_goes_as_one(
    cast: Cast, posted: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = _file(cast)
    run(cast.tom, tickets.watch, ref)
    _react(cast)
    run(cast.ada, tickets.note, ref, "One")
    run(cast.ada, tickets.note, ref, "Two")
    _react(cast)
    posted.clear()
    mail_jobs.sweep_mail()
    assert _subjects(posted, "tom") == ["2 updates: Printer on fire"]
    body = posted[-1].get_body(("plain",))
    assert body is not None
    words = body.get_content()
    assert "One" in words and "Two" in words and words.count("/agent?ticket=") == 1
    assert [state for template, state in _states(cast) if template == "noted"] == ["bundled", "sent"]


def test_mail_waits_for_the_end_of_quiet_hours_and_escalations_do_not(
    cast: Cast, posted: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.take, ref)
    row = run(cast.ada, account.profile)
    run(
        cast.ada,
        account.change_notices,
        wants_mail=True,
        wanted=row.wanted_notices,
        quiet_from="11:00",
        quiet_until="13:00",
    )
    run(cast.rita, tickets.reply, ref, "Hi")
    _happens(cast, ref, ActivityKind.TICKET_ESCALATED, told_ids=[cast.ada.person_id], before=0, after=1, reason="x")
    _react(cast)
    mail_jobs.sweep_mail()
    assert len(_subjects(posted, "ada")) == 1 and "scalat" in _subjects(posted, "ada")[0]
    assert {one.kind for one in run(cast.ada, bell.listing)} == {"comment_added", "escalation"}, (
        "the bell is silent anyway"
    )
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(hours=1))
    mail_jobs.sweep_mail()
    assert _subjects(posted, "ada")[1:] == ["Rita Requester answered: Printer on fire"]


def test_the_daily_summary_comes_once_at_its_time(
    cast: Cast, posted: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = run(cast.max, account.profile)
    run(cast.max, account.change_notices, wants_mail=True, wanted=row.wanted_notices, digest_at="13:00")
    assert run(cast.ada, account.change_notices, wants_mail=True, wanted=(), digest_at="13:00").digest_at == ""
    _file(cast)
    assert jobs.send_digests() == 0
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(hours=1, minutes=1))
    assert jobs.send_digests() == 1 and jobs.send_digests() == 0
    mail_jobs.sweep_mail()
    [summary] = [one for one in posted if str(one["To"]).startswith("max") and "new" in str(one["Subject"])]
    assert summary["Subject"] == "Acme Support: 1 new, 0 solved, 0 late"
    body = summary.get_body(("plain",))
    assert body is not None and "Printer on fire" in body.get_content()
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=1, hours=1))
    assert jobs.send_digests() == 1
