"""The whole conversation by mail alone, over a real IMAP server (dovecot) and a real SMTP server on loopback; each of them
away for a while."""

import email
import email.policy
import socket
import warnings
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlmodel import col, select

from helpdesk import clock, settings
from helpdesk.adapters.scanner import EICAR
from helpdesk.jobs import inbound as inbound_jobs
from helpdesk.jobs import mail as mail_jobs
from helpdesk.jobs import mailboxes as jobs
from helpdesk.models import Activity, Mailbox, Ticket
from helpdesk.services import attachments, reactions, tickets
from helpdesk.services.mail import inbound, mailboxes
from helpdesk.services.unit_of_work import run
from tests.cast import Cast
from tests.imap_server import PASSWORD, USER, ImapServer, found
from tests.mails import eml

pytestmark = pytest.mark.skipif(not found(), reason="dovecot is not installed: apt-get install dovecot-imapd")
if not found():
    warnings.warn("No dovecot: the tests of reading mailboxes over IMAP are left out.", stacklevel=1)


class Post:
    """Takes mail away."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """aiosmtpd's hook."""
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        return "250 OK"


class House:
    """Both servers, the mailbox, and a clock that can be moved."""

    def __init__(self, cast: Cast, imap: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cast, self.imap, self.post = cast, imap, Post()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.smtp_port = free.getsockname()[1]
        self._controller: Controller | None = None
        self.open_the_post()
        self._now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: self._now)
        self.box = run(
            cast.adam, mailboxes.save, address=USER, name="Acme Support", imap_host="127.0.0.1", imap_port=imap.port,
            imap_tls="none", imap_secret=PASSWORD, smtp_host="127.0.0.1", smtp_port=self.smtp_port, smtp_tls="none",
        )  # fmt: skip

    def open_the_post(self) -> None:
        """The SMTP server is there."""
        self._controller = Controller(self.post, hostname="127.0.0.1", port=self.smtp_port)
        self._controller.start()

    def shut_the_post(self) -> None:
        """The SMTP server is away."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def wait(self, **time: float) -> None:
        """Time passes."""
        self._now += timedelta(**time)

    def run(self) -> int:
        """Everything that runs by itself has its turn; returns how many mails were new."""
        self.wait(minutes=2)
        new = jobs.poll(self.cast.acme.id, self.box)
        inbound_jobs.understand(self.cast.acme.id)
        waiting = select(Activity.id).where(col(Activity.reacted_at).is_(None))
        run(self.cast.desk, reactions.react, run(self.cast.desk, lambda ctx: list(ctx.session.exec(waiting))))
        mail_jobs.send(self.cast.acme.id)
        return new

    def row(self) -> Mailbox:
        """The mailbox as it stands."""
        return run(self.cast.desk, lambda ctx: ctx.session.get_one(Mailbox, self.box, populate_existing=True))

    def ticket(self) -> Ticket:
        """The newest ticket."""
        query = select(Ticket).order_by(col(Ticket.id).desc()).execution_options(populate_existing=True)
        return run(self.cast.desk, lambda ctx: ctx.session.exec(query).first())


@pytest.fixture
def house(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Both servers run."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    settings.get.cache_clear()
    imap = ImapServer()
    imap.start()
    made = House(cast, imap, monkeypatch)
    yield made
    made.shut_the_post()
    imap.remove()
    monkeypatch.undo()
    settings.get.cache_clear()


def _answer(to: EmailMessage, body: str, **headers: str) -> bytes:
    """What Rita's mail program makes of pressing Reply."""
    quoted = "\n".join(f"> {line}" for line in to.get_body(("plain",)).get_content().splitlines())  # type: ignore[union-attr]
    text = f"{body}\n\nOn Mon, 23 Nov 2026 at 12:00, {to['From']} wrote:\n{quoted}\n"
    references = f"{to['References']} {to['Message-ID']}"
    return eml(
        text, to=str(to["Reply-To"] or to["From"]), subject=f"Re: {to['Subject']}", in_reply_to=str(to["Message-ID"]),
        references=references, **headers,
    )  # fmt: skip


def _last(house: House, about: str) -> EmailMessage:
    return next(one for one in reversed(house.post.received) if about in str(one.get_body(("plain",)).get_content()))  # type: ignore[union-attr]


def test_a_whole_conversation(house: House) -> None:
    house.imap.deliver(eml("The printer on the third floor burns.\n\n-- \nRita"))
    assert house.run() == 1
    ticket = house.ticket()
    assert (ticket.title, ticket.requester_id, ticket.channel) == (
        "Printer on fire",
        house.cast.rita.person_id,
        "email",
    )
    receipt = _last(house, "thank you for writing")
    assert receipt["To"] == "rita@northwind.example" and receipt["Auto-Submitted"] == "auto-generated"

    run(house.cast.ada, tickets.reply, ticket.reference, "Which **model** is it?")
    house.run()
    question = _last(house, "Which")
    assert question["From"] == "Acme Support <support@acme.example>" and question["Auto-Submitted"] is None
    assert "<strong>model</strong>" in question.get_body(("html",)).get_content()  # type: ignore[union-attr]

    house.imap.deliver(_answer(question, "The LX-9."))
    assert house.run() == 1
    seen = run(house.cast.ada, tickets.one, ticket.reference)
    assert [one.author for one in seen.comments] == ["Ada Agent", "Rita Requester"]
    assert "LX-9" in seen.comments[-1].body_html and "<details" in seen.comments[-1].body_html

    run(house.cast.ada, tickets.change_status, ticket.reference, "resolved")
    house.run()
    house.imap.deliver(_answer(_last(house, "believe your request is solved"), "It burns again!"))
    house.run()
    assert house.ticket().id == ticket.id and house.ticket().status_category == "open"

    run(house.cast.ada, tickets.reply, ticket.reference, "Sent you a new one.", then="closed")
    house.run()
    house.imap.deliver(_answer(_last(house, "Sent you a new one"), "The new one burns, too."))
    house.run()
    following = house.ticket()
    assert following.id != ticket.id and following.requester_id == house.cast.rita.person_id
    assert house.imap.seen() == 4


def test_the_files_of_an_answer_go_along_and_blocked_ones_do_not(house: House) -> None:
    house.imap.deliver(eml("Where is the plan?"))
    house.run()

    def upload(name: str, content: bytes) -> int:
        kept = run(house.cast.ada, attachments.store, filename=name, content_type="text/plain", stream=iter([content]))
        return kept.id

    files = [upload("Gebäude Süd.txt", b"the plan"), upload("dangerous.txt", EICAR)]
    run(house.cast.ada, tickets.reply, house.ticket().reference, "Here it is.", attachment_ids=files)
    house.run()
    sent = _last(house, "Here it is.")
    assert [(one.get_filename(), one.get_content()) for one in sent.iter_attachments()] == [
        ("Gebäude Süd.txt", "the plan")
    ]


def test_nothing_is_lost_while_the_mailbox_is_away(house: House) -> None:
    house.imap.deliver(eml("one"))
    house.imap.stop()
    assert house.run() == 0
    row = house.row()
    assert row.failures == 1 and "Nothing listens at 127.0.0.1" in row.last_error and row.polling_until is None
    house.imap.start()
    house.wait(minutes=5)
    assert house.run() == 1
    assert house.row().last_error == "" and house.row().succeeded_at is not None


def test_nothing_is_lost_while_the_post_is_away(house: House) -> None:
    house.imap.deliver(eml("one"))
    house.shut_the_post()
    house.run()
    assert house.post.received == [] and house.ticket().title == "Printer on fire"
    house.open_the_post()
    house.wait(hours=1)
    house.run()
    assert [one["To"] for one in house.post.received] == ["rita@northwind.example"]


def test_what_somebody_else_has_read_is_not_overlooked(house: House) -> None:
    house.imap.deliver(eml("before the desk looked at all"))
    house.imap.see_all()
    assert house.run() == 0  # nobody wants years of old mail as tickets
    house.imap.deliver(eml("new"))
    house.imap.see_all()
    assert house.run() == 1
    assert house.run() == 0


def test_a_mailbox_is_read_by_one_at_a_time_and_in_its_turn(house: House) -> None:
    house.imap.deliver(eml())

    def taken(until: datetime | None) -> None:
        run(house.cast.desk, lambda ctx: setattr(ctx.session.get_one(Mailbox, house.box), "polling_until", until))

    taken(clock.now() + timedelta(minutes=5))
    assert jobs.poll(house.cast.acme.id, house.box) == 0
    taken(clock.now() - timedelta(minutes=1))  # whoever it was is gone
    assert jobs.poll(house.cast.acme.id, house.box) == 1
    house.imap.deliver(eml())
    assert jobs.poll(house.cast.acme.id, house.box) == 0  # it was read just now


def test_connections_can_be_tried(house: House) -> None:
    tried = mailboxes.tried(run(house.cast.adam, mailboxes.connections, house.box))
    assert tried.reading_works and tried.sending_works and "0 mails" in tried.reading
    facts = {"address": USER, "imap_host": "127.0.0.1", "imap_port": house.imap.port, "imap_tls": "none"}
    run(
        house.cast.adam,
        mailboxes.save,
        house.box,
        **facts,
        imap_secret="wrong",
        smtp_host="127.0.0.1",
        smtp_port=9,
        smtp_tls="none",
    )
    tried = mailboxes.tried(run(house.cast.adam, mailboxes.connections, house.box))
    assert tried.reading == "127.0.0.1 refuses the user name or the password."
    assert tried.sending == "Nothing listens at 127.0.0.1, port 9."
    run(house.cast.adam, mailboxes.save, house.box, **facts | {"imap_tls": "tls"})
    tried = mailboxes.tried(run(house.cast.adam, mailboxes.connections, house.box))
    assert "does not speak TLS" in tried.reading or "cannot be trusted" in tried.reading


def test_a_mail_that_is_too_large_stays_and_is_told_of(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.adapters.imap.LARGEST", 5000)
    house.imap.deliver(eml("x" * 70 + "\n" + ("y" * 70 + "\n") * 200))
    house.imap.deliver(eml("small"))
    assert house.run() == 2
    large = run(house.cast.adam, inbound.listing, state="failed")
    assert len(large) == 1 and "left in the mailbox" in large[0].error
