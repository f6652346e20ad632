"""Who is told what, and how it reaches them: over a real SMTP server where one is needed."""

import email
import email.policy
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlmodel import col, select

from helpdesk import clock, settings
from helpdesk.domain.errors import Conflict, NotAllowed, NotFound
from helpdesk.domain.people import anonymous
from helpdesk.jobs import mail as jobs
from helpdesk.models import Activity, Delivery, Person
from helpdesk.services import organizations, people, reactions, sign_in, tickets
from helpdesk.services.context import Context
from helpdesk.services.mail import outbound
from helpdesk.services.unit_of_work import run
from tests.cast import Cast

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _react(cast: Cast) -> None:
    ids = run(
        cast.desk, lambda ctx: list(ctx.session.exec(select(Activity.id).where(col(Activity.reacted_at).is_(None))))
    )
    run(cast.desk, reactions.react, ids)


def _mails(cast: Cast) -> list[tuple[str, str]]:
    """(template, to) of what was decided since the last look, in order."""
    _react(cast)

    def read(ctx: Context) -> list[tuple[str, str]]:
        found = ctx.session.exec(select(Delivery).order_by(col(Delivery.id))).all()
        told = [(one.template, one.to_address.partition("@")[0]) for one in found]
        for one in found:
            ctx.session.delete(one)
        return told

    return run(cast.desk, read)


def _kinds(cast: Cast) -> list[str]:
    return run(cast.desk, lambda ctx: list(ctx.session.exec(select(Activity.kind).order_by(col(Activity.id)))))


def _last(cast: Cast) -> Delivery:
    _react(cast)
    return run(cast.desk, lambda ctx: ctx.session.exec(select(Delivery).order_by(col(Delivery.id).desc())).first())


def _file(cast: Cast, **more: object) -> str:
    return run(cast.rita, tickets.create, title="Printer on fire", description="It burns.", **more)


# What happens to Rita's ticket, which Ada has -> who is told.
STORY: list[tuple[str, Callable[[Cast, str], object], list[tuple[str, str]]]] = [
    ("reply", lambda c, r: run(c.ada, tickets.reply, r, "Hi"), [("replied", "rita")]),
    ("reply of a colleague", lambda c, r: run(c.bob, tickets.reply, r, "Hi"), [("replied", "rita")]),
    ("the customer's reply", lambda c, r: run(c.rita, tickets.reply, r, "Hi"), [("customer_replied", "ada")]),
    ("the company manager's reply", lambda c, r: run(c.carl, tickets.reply, r, "Hi"), [("customer_replied", "ada")]),
    ("note", lambda c, r: run(c.ada, tickets.note, r, "Hi"), []),
    ("another agent", lambda c, r: run(c.max, tickets.assign, r, to=c.bob.person_id), [("assigned_agent", "bob"), ("assigned_customer", "rita")]),
    ("taking it oneself", lambda c, r: run(c.bob, tickets.take, r), [("assigned_customer", "rita")]),
    ("waiting", lambda c, r: run(c.ada, tickets.change_status, r, "waiting"), [("status_changed", "rita")]),
    ("resolved", lambda c, r: run(c.ada, tickets.change_status, r, "resolved"), [("resolved", "rita")]),
    ("closed", lambda c, r: run(c.ada, tickets.change_status, r, "closed"), [("closed", "rita")]),
    ("send and resolve", lambda c, r: run(c.ada, tickets.reply, r, "Hi", then="resolved"), [("replied", "rita"), ("resolved", "rita")]),
    ("the customer confirms", lambda c, r: run(c.rita, tickets.confirm, r), [("agent_status", "ada")]),
    ("priority", lambda c, r: run(c.ada, tickets.prioritise, r, "high"), []),
    ("tags", lambda c, r: run(c.ada, tickets.tag, r, ["vip"]), []),
    ("team", lambda c, r: run(c.ada, tickets.move_to_team, r, team_id=c.support), []),
]  # fmt: skip


@pytest.mark.parametrize(("what", "act", "told"), STORY, ids=[row[0] for row in STORY])
def test_who_is_told(cast: Cast, what: str, act: Callable[[Cast, str], object], told: list[tuple[str, str]]) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.take, ref)
    _mails(cast)
    act(cast, ref)
    assert _mails(cast) == told


def test_the_receipt_names_the_agent_and_the_agent_is_told(cast: Cast) -> None:
    run(cast.ada, sign_in.set_availability, "available")
    _file(cast)
    assert _mails(cast) == [("ticket_received", "rita"), ("assigned_agent", "ada")]
    _file(cast)
    _react(cast)
    bodies = run(cast.desk, lambda ctx: [one.body_text for one in ctx.session.exec(select(Delivery))])
    assert "Ada Agent is looking after it" in bodies[0] and "longest since the last assignment" in bodies[1]


def test_a_new_ticket_put_aside_at_once_is_told(cast: Cast) -> None:
    ref = _file(cast)
    _mails(cast)
    run(cast.max, tickets.change_status, ref, "waiting")
    assert _mails(cast) == [("status_changed", "rita")]


def test_filed_on_behalf_the_customer_gets_the_receipt(cast: Cast) -> None:
    run(cast.ada, tickets.create, title="x", description="y", requester_id=cast.rita.person_id)
    assert _mails(cast) == [("ticket_received", "rita")]


def test_whom_nobody_may_mail_is_not_mailed(cast: Cast) -> None:
    def no_mail(ctx: Context) -> None:
        ctx.session.get_one(Person, cast.rita.person_id).wants_mail = False

    run(cast.desk, no_mail)
    ref = _file(cast)
    run(cast.ada, tickets.reply, ref, "Hi")
    assert _mails(cast) == []
    run(anonymous(cast.acme.id), sign_in.forgot, email="rita@northwind.example")
    assert _mails(cast) == [("password_reset", "rita")], "they asked for this one"
    run(cast.adam, people.deactivate, cast.zoe.person_id)
    run(cast.ada, tickets.create, title="x", description="y", requester_id=cast.carl.person_id)
    assert _mails(cast) == [("ticket_received", "carl")]


def test_once_per_activity_however_often_it_is_tried(cast: Cast) -> None:
    _file(cast)
    ids = run(cast.desk, lambda ctx: [one.id for one in ctx.session.exec(select(Activity))])
    for _ in range(3):
        run(cast.desk, reactions.react, ids)
    assert _mails(cast) == [("ticket_received", "rita")]

    def forget_marks(ctx: Context) -> None:
        for one in ctx.session.exec(select(Activity)):
            one.reacted_at = None

    ref = _file(cast)
    run(cast.ada, tickets.reply, ref, "Hi")
    _react(cast)
    run(cast.desk, forget_marks)
    assert sorted(_mails(cast)) == [("replied", "rita"), ("ticket_received", "rita")], "even if the mark were lost"


def test_subjects_carry_the_reference_and_threads_hold_together(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.reply, ref, "Hi")
    _react(cast)
    mails = run(cast.desk, lambda ctx: ctx.session.exec(select(Delivery)).all())
    assert len(mails) == 2 and len({one.message_id for one in mails}) == 2
    assert len({one.references for one in mails}) == 1 and ref in mails[0].references
    assert all(one.subject.startswith(f"[{ref}] ") for one in mails)


def test_without_a_server_mails_are_kept_and_readable(cast: Cast) -> None:
    ref = _file(cast)
    _react(cast)
    assert run(cast.desk, outbound.send_due) == 0
    [row] = run(cast.adam, outbound.listing, text_="RITA@")
    assert (row.state, row.reference, row.template) == ("kept", ref, "ticket_received")
    assert ref in run(cast.adam, outbound.one, row.id).body_text
    for actor in (cast.rita, cast.ada, cast.max, cast.xena):
        with pytest.raises(NotAllowed):
            run(actor, outbound.listing)
        with pytest.raises(NotAllowed):
            run(actor, outbound.one, row.id)
    with pytest.raises(NotFound):
        run(cast.eve, outbound.one, row.id)
    assert run(cast.eve, outbound.listing) == []
    for text in ("%", "\x00nobody", "nobody\ud800"):
        assert run(cast.adam, outbound.listing, text_=text) == []


def test_a_reset_link_is_shown_to_no_admin(cast: Cast) -> None:
    run(anonymous(cast.acme.id), sign_in.forgot, email="olga@acme.example")
    token = _last(cast).body_text.rpartition("token=")[2].strip()
    [row] = run(cast.adam, outbound.listing)
    shown = f"{row} {run(cast.adam, outbound.one, row.id)}"
    assert len(token) > 30 and token not in shown and "/reset?token=…" in shown


INJECTIONS = [
    "[click me](https://evil.example)", "<https://evil.example>", "![x](https://evil.example/pixel)", "<script>alert(1)</script>",
    "**Ada** Agent", "# Urgent", "- item", "1. item", "> quote", "`code`", "a\n\nb", "&#60;img src=x&#62;", "~~x~~", "| a | b |", "_x_ *y*",
    "==== ", "{{ organization.id }}", "{% raw %}", "\\[x\\](y)",
]  # fmt: skip


@pytest.mark.parametrize("name", INJECTIONS)
def test_markdown_in_names_and_titles_is_inert(cast: Cast, name: str) -> None:
    def rename(ctx: Context) -> None:
        for person_id in (cast.rita.person_id, cast.ada.person_id):
            ctx.session.get_one(Person, person_id).name = name

    run(cast.desk, rename)
    ref = run(cast.rita, tickets.create, title=name, description="x")
    run(cast.max, tickets.assign, ref, to=cast.ada.person_id)
    run(cast.ada, tickets.reply, ref, "plain", then="resolved")
    _react(cast)
    for one in run(cast.desk, lambda ctx: ctx.session.exec(select(Delivery)).all()):
        body = one.body_html
        for tag in ("<script", "<img", "<em>", "<h1", "<ul", "<ol", "<blockquote", "<code", "<table", "<s>"):
            assert tag not in body, (one.template, body)
        links = body.count("<a ")
        assert links == body.count('<a href="http://acme.'), (one.template, body)
        assert "\n" not in one.subject


def test_what_people_write_is_markdown_but_never_html(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.reply, ref, "**Hello** <img src=x onerror=alert(1)> [x](javascript:alert(1))")
    mail = _last(cast)
    assert "<strong>Hello</strong>" in mail.body_html
    assert "<img" not in mail.body_html and 'href="javascript' not in mail.body_html


@dataclass
class Server:
    """An SMTP server on loopback that does as it is told."""

    received: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)  # start of the address -> refusal

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list
    ) -> str:
        for start, answer in self.answers.items():
            if address.startswith(start):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.received.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def smtp(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A real server, configured."""
    server = Server()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    _configure(monkeypatch, port)
    yield server
    controller.stop()
    monkeypatch.undo()
    settings.get.cache_clear()


def _configure(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setenv("SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("SMTP_PORT", str(port))
    monkeypatch.setenv("SMTP_TLS", "none")
    settings.get.cache_clear()


@pytest.fixture
def dead_smtp(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server that is not there."""
    _configure(monkeypatch, 9)
    yield
    monkeypatch.undo()
    settings.get.cache_clear()


def test_a_mail_arrives_whole(cast: Cast, smtp: Server) -> None:
    ref = run(cast.rita, tickets.create, title="Über\u2028Bcc: x@evil.example", description="y")
    _react(cast)
    assert jobs.send(cast.acme.id) == 1 and jobs.send(cast.acme.id) == 0
    [mail] = smtp.received
    assert (
        mail["To"] == "rita@northwind.example"
        and mail["Bcc"] is None
        and str(mail["From"]).startswith("Acme Support <")
    )
    assert (
        mail["Subject"].startswith(f"[{ref}] We received your request: Über")
        and mail["Auto-Submitted"] == "auto-generated"
    )
    assert ref in mail["References"] and mail["In-Reply-To"] == mail["References"] and mail["Message-ID"]
    assert mail.get_body(("plain",)).get_content().count(ref) >= 1 and mail.get_body(("html",)) is not None
    assert _last(cast).state == "sent"


def test_what_cannot_be_delivered_now_is_tried_again_with_growing_pauses(cast: Cast, dead_smtp: None) -> None:
    with clock.frozen(NOON):
        _file(cast)
        _react(cast)
        assert jobs.sweep_mail() == 0
    expected = NOON
    for attempt in range(1, 6):
        mail = _last(cast)
        expected += timedelta(minutes=2 ** (attempt - 1))
        assert (mail.state, mail.attempts, mail.next_attempt_at) == ("queued", attempt, expected) and mail.last_error
        with clock.frozen(expected - timedelta(seconds=1)):
            assert outbound.organizations_due() == []
        with clock.frozen(expected):
            assert outbound.organizations_due() == [cast.acme.id]
            jobs.sweep_mail()


def test_a_server_back_after_an_outage_gets_everything(cast: Cast, monkeypatch: pytest.MonkeyPatch, request) -> None:
    _configure(monkeypatch, 9)
    with clock.frozen(NOON):
        for _ in range(5):
            _file(cast)
        _react(cast)
        jobs.sweep_mail()
    server = request.getfixturevalue("smtp")
    with clock.frozen(NOON + timedelta(hours=5)):
        assert jobs.sweep_mail() == 5 and len(server.received) == 5


def test_an_address_that_does_not_exist_is_final_and_holds_up_nobody(cast: Cast, smtp: Server) -> None:
    smtp.answers = {"rita": "550 no such person", "carl": "451 later, please"}
    with clock.frozen(NOON):
        for customer in (cast.rita, cast.carl, cast.zoe):
            run(customer, tickets.create, title="x", description="y")
        _react(cast)
        assert jobs.send(cast.acme.id) == 1
    states = {row.to_address.partition("@")[0]: row.state for row in run(cast.adam, outbound.listing)}
    assert states == {"rita": "failed", "carl": "queued", "zoe": "sent"}
    failed = next(row for row in run(cast.adam, outbound.listing, state="failed"))
    assert "550" in failed.last_error
    smtp.answers = {}
    with clock.frozen(NOON + timedelta(minutes=1)):
        run(cast.adam, outbound.send_again, failed.id)
        with pytest.raises(Conflict):
            run(cast.adam, outbound.send_again, failed.id)
        assert _kinds(cast)[-1] == "mail.sent_again"
        assert jobs.send(cast.acme.id) == 2


def test_after_many_tries_it_is_failed_and_still_readable(cast: Cast, dead_smtp: None) -> None:
    at = NOON
    with clock.frozen(at):
        _file(cast)
        _react(cast)
    for _ in range(outbound.MOST_ATTEMPTS):
        with clock.frozen(at):
            jobs.sweep_mail()
        at += timedelta(hours=11)
    mail = _last(cast)
    assert (mail.state, mail.next_attempt_at) == ("failed", None)
    assert run(cast.adam, outbound.one, mail.id).body_text


def test_a_mail_that_cannot_be_written_stops_no_other(cast: Cast, smtp: Server) -> None:
    _file(cast)
    _file(cast)
    _react(cast)

    def poison(ctx: Context) -> None:
        ctx.session.exec(select(Delivery).order_by(col(Delivery.id))).first().subject = "two\nlines"

    run(cast.desk, poison)
    assert jobs.send(cast.acme.id) == 1
    assert sorted(row.state for row in run(cast.adam, outbound.listing)) == ["failed", "sent"]


def test_a_slow_server_does_not_make_a_batch_endless(cast: Cast, smtp: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has left must be written down before the job is stopped, or all of it leaves again."""
    monkeypatch.setattr(outbound, "_LONGEST_BATCH_SECONDS", -1)
    _file(cast)
    _react(cast)
    assert run(cast.desk, outbound.send_due) == 0 and smtp.received == []
    assert _last(cast).attempts == 0


def test_organizations_send_under_their_own_name(cast: Cast, smtp: Server) -> None:
    run(
        cast.olga, organizations.change, name='Acme, "Ünlimited" <x@evil.example>', timezone="UTC", accent="indigo",
        public_form=True, auto_close_hours=48, warning_share=80,
    )  # fmt: skip
    _file(cast)
    _react(cast)
    jobs.send(cast.acme.id)
    [mail] = smtp.received
    assert len(mail["From"].addresses) == 1 and mail["From"].addresses[0].domain != "evil.example"
