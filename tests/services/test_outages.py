"""What the desk leans on is away for a while: nothing is lost, nothing arrives twice, and it is said what waits."""

import email
import email.policy
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr
from sqlmodel import col, select

from helpdesk import clock, settings
from helpdesk.jobs import files as files_jobs
from helpdesk.jobs import inbound as inbound_jobs
from helpdesk.jobs import mail as mail_jobs
from helpdesk.models import Activity, Delivery, InboundMail, Mailbox
from helpdesk.services import attachments, health, reactions, tickets
from helpdesk.services.context import Context
from helpdesk.services.mail import inbound, mailboxes, outbound
from helpdesk.services.unit_of_work import run
from tests import s3_server
from tests.cast import Cast
from tests.clamav import ClamdProcess
from tests.s3_server import S3Server


class World:
    """A post, a storage and a scanner that come and go, and a clock that can be moved."""

    def __init__(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cast = cast
        self.received: list[EmailMessage] = []
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._controller: Controller | None = None
        self._now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: self._now)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """aiosmtpd's hook."""
        assert isinstance(envelope.content, bytes)
        found = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        self.received.append(found)
        return "250 OK"

    @property
    def now(self) -> datetime:
        """The moment it is."""
        return self._now

    def open_the_post(self) -> None:
        """The SMTP server is there."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def shut_the_post(self) -> None:
        """It is away."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def later(self, **time: float) -> int:
        """Time passes, and everything that runs by itself has its turn; returns how many mails left."""
        self._now += timedelta(**time)
        desk = self.cast.desk
        inbound_jobs.sweep_inbound()
        waiting = select(Activity.id).where(col(Activity.reacted_at).is_(None))
        run(desk, reactions.react, run(desk, lambda ctx: list(ctx.session.exec(waiting))))
        files_jobs.sweep_scans()
        return mail_jobs.sweep_mail()

    def answered(self, *names: str) -> str:
        """Ada answers Rita, with files."""
        ref = run(self.cast.rita, tickets.create, title="Where is the plan?", description="I need it.")
        files = [
            run(self.cast.ada, attachments.store, filename=name, content_type="text/plain", stream=[b"the plan"]).id
            for name in names
        ]
        run(self.cast.ada, tickets.reply, ref, "Here it is.", attachment_ids=files)
        return ref

    def unsent(self, ref: str) -> str:
        """What the agent reads beside the answer."""
        return run(self.cast.ada, tickets.one, ref).comments[-1].unsent

    def health(self, key: str, answers: health.Answers = health.UNASKED) -> health.HealthRow:
        """What administrators read about one thing."""
        return next(row for row in run(self.cast.adam, health.look, answers) if row.key == key)

    def answers(self) -> list[EmailMessage]:
        """The mails with Ada's answer."""
        return [one for one in self.received if "Here it is." in str(one.get_body(("plain",)))]


@pytest.fixture
def world(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The post is open; files are on disk, the scanner is the built-in one."""
    made = World(cast, monkeypatch)
    _set(monkeypatch, smtp_host="127.0.0.1", smtp_port=made.port, smtp_tls="none")
    made.open_the_post()
    yield made
    made.shut_the_post()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """Files are with somebody who speaks S3."""
    with s3_server.s3_server() as server:
        _set(
            monkeypatch, s3_url=server.url, s3_bucket=s3_server.BUCKET, s3_region=s3_server.REGION,
            s3_access_key=s3_server.ACCESS_KEY, s3_secret_key=SecretStr(s3_server.SECRET_KEY),
        )  # fmt: skip
        yield server


def _set(monkeypatch: pytest.MonkeyPatch, **values: object) -> None:
    chosen = settings.get().model_copy(update=values)
    monkeypatch.setattr(settings, "get", lambda: chosen)


def test_while_the_post_is_away_agents_and_administrators_read_what_waits_and_it_leaves_at_once_when_it_is_back(
    world: World,
) -> None:
    world.shut_the_post()
    ref, second = world.answered(), world.answered()
    assert world.later(seconds=1) == 0
    where = f"Nothing listens at 127.0.0.1, port {world.port}."
    assert world.unsent(ref) == f"Its mail has not left yet. {where} It leaves by itself."
    told = world.health("mail")
    assert told.state == "waiting" and where in told.told and "nothing is lost" in told.told
    assert not run(world.cast.rita, tickets.one, ref).comments[-1].unsent
    for _ in range(9):
        world.later(hours=1)
    world.open_the_post()
    # One of them is due; when it is taken, the others follow in the same sweep.
    world.later(minutes=31)
    assert len(world.answers()) == 2 and world.unsent(ref) == world.unsent(second) == ""
    assert world.later(hours=5) == 0 and world.health("mail").state == "well"


def test_a_server_that_is_away_is_asked_once_a_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.shut_the_post()
    asked: list[int] = []
    connected = outbound.SmtpMailer._connected
    monkeypatch.setattr(outbound.SmtpMailer, "_connected", lambda self: asked.append(1) or connected(self))
    for _ in range(4):
        world.answered()
    world.later(seconds=1)
    assert len(asked) == 1


def test_a_weekend_away_is_nothing_to_give_up_for(world: World) -> None:
    world.shut_the_post()
    world.answered()
    for _ in range(6 * 16):
        world.later(minutes=30)
    world.open_the_post()
    world.later(minutes=31)
    assert len(world.answers()) == 1


def test_an_answer_waits_until_its_files_are_checked(
    world: World, clamd: ClamdProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set(monkeypatch, clamav=clamd.address)
    clamd.stop()
    try:
        ref = world.answered("plan.txt")
        world.later(seconds=1)
        assert world.answers() == []
        assert "“plan.txt” has been checked for viruses" in world.unsent(ref)
        assert "1 file waits to be checked" in world.health("scanner", health.asked()).told
        assert world.health("scanner", health.asked()).state == "away"
    finally:
        clamd.start()
    world.later(minutes=1)
    world.later(seconds=20)
    [sent] = world.answers()
    assert [one.get_filename() for one in sent.iter_attachments()] == ["plan.txt"]
    assert world.unsent(ref) == "" and world.health("scanner", health.asked()).state == "well"


def test_after_an_hour_it_leaves_without_them_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, clamav="unix:///nobody/listens/here")
    world.answered("plan.txt")
    world.later(seconds=1)
    world.later(minutes=59)
    assert world.answers() == []
    world.later(minutes=2)
    [sent] = world.answers()
    for kind in ("plain", "html"):
        assert "plan.txt" in sent.get_body((kind,)).get_content()  # type: ignore[union-attr]
    assert "Still being checked for viruses" in sent.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert list(sent.iter_attachments()) == []
    assert world.later(hours=1) == 0


def test_an_answer_waits_for_the_storage_and_keeps_no_other_mail(world: World, s3: S3Server) -> None:
    ref = world.answered("plan.txt")
    s3.stop()
    world.answered()
    world.later(seconds=1)
    assert len(world.answers()) == 1, "the one without files has left, once"
    assert "the storage does not answer" in world.unsent(ref)
    assert world.health("storage", health.asked()).state == "away"
    world.later(seconds=30)
    assert len(world.answers()) == 1
    _again(s3)
    world.later(seconds=30)
    assert [[one.get_filename() for one in sent.iter_attachments()] for sent in world.answers()] == [[], ["plan.txt"]]
    assert world.health("storage", health.asked()).state == "well"


def test_a_mail_with_files_waits_for_the_storage_as_it_came(world: World, s3: S3Server) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "Rita <rita@northwind.example>", "support@acme.example"
    message["Subject"], message["Message-ID"] = "The form you asked for", "<form@northwind.example>"
    message.set_content("Here is the form.")
    message.add_attachment(b"name: Rita", maintype="text", subtype="plain", filename="form.txt")
    s3.stop()
    run(world.cast.desk, inbound.keep, message.as_bytes(), mailbox_id=None, door=inbound.COMMAND)
    for _ in range(12):
        world.later(minutes=15)
    [row] = run(world.cast.adam, inbound.listing)
    assert row.state == "received" and "storage for its files does not answer" in row.reason
    assert (
        world.health("received").state == "waiting"
        and "storage for its files does not answer" in world.health("received").told
    )
    _again(s3)
    world.later(minutes=11)
    [row] = run(world.cast.adam, inbound.listing)
    assert row.state == "understood" and row.reference and row.reason == ""
    assert [one.filename for one in run(world.cast.ada, tickets.one, row.reference).attachments] == ["form.txt"]


def test_a_mailbox_that_cannot_be_read_is_named(world: World) -> None:
    run(world.cast.adam, mailboxes.save, address="support@acme.example", imap_host="127.0.0.1", imap_port=9)

    def fails(ctx: Context) -> None:
        box = ctx.session.exec(select(Mailbox)).one()
        box.failures, box.last_error = 1, "Nothing listens at 127.0.0.1, port 9."

    run(world.cast.desk, fails)
    told = world.health("mailboxes")
    assert (
        told.state == "away"
        and "support@acme.example: Nothing listens" in told.told
        and "stays in the mailbox" in told.told
    )


def _again(server: S3Server) -> None:
    """The storage is back, where it was."""
    server.start()


def test_what_is_asked_for_is_nobody_elses(world: World) -> None:
    world.shut_the_post()
    world.answered()
    world.later(seconds=1)
    rows = {row.key: row for row in run(world.cast.eve, health.look, health.UNASKED)}
    assert rows["mail"].state != "waiting"
    assert run(world.cast.desk, lambda ctx: ctx.session.exec(select(Delivery)).first()) is not None
    assert run(world.cast.desk, lambda ctx: ctx.session.exec(select(InboundMail)).first()) is None
