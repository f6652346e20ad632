"""Mail that comes in: kept, understood, threaded; and what the desk does nothing about, and says why."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from helpdesk import clock, settings
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound, SignedOut
from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.people import Role
from helpdesk.domain.webhooks import sign
from helpdesk.jobs import inbound as jobs
from helpdesk.models import Activity, Attachment, Comment, Delivery, InboundMail, Mailbox, Person, Ticket, Watcher
from helpdesk.services import organizations, people, person_merging, reactions, tickets
from helpdesk.services.context import Context
from helpdesk.services.mail import inbound, mailboxes, outbound
from helpdesk.services.unit_of_work import run
from tests.bench.measure import statements
from tests.cast import Cast
from tests.mails import eml


@pytest.fixture(autouse=True)
def _data(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings.get.cache_clear()
    yield
    monkeypatch.undo()
    settings.get.cache_clear()


@pytest.fixture
def box(cast: Cast) -> int:
    """Acme's mailbox."""
    return run(
        cast.adam, mailboxes.save, address="support@acme.example", name="Acme Support", team_id=cast.support,
        signature="Your **Acme** team",
    )  # fmt: skip


def take(cast: Cast, raw: bytes, box: int | None) -> InboundMail:
    """A mail comes in and is understood."""
    kept = run(cast.desk, inbound.keep, raw, mailbox_id=box, door=inbound.IMAP)
    jobs.understand(cast.acme.id)
    return run(cast.desk, lambda ctx: ctx.session.get_one(InboundMail, kept.id, populate_existing=True))


def ticket_of(cast: Cast, mail: InboundMail) -> Ticket:
    """The ticket a mail became."""
    assert mail.state == "understood", (mail.reason, mail.error)
    return run(cast.desk, lambda ctx: ctx.session.get_one(Ticket, mail.ticket_id, populate_existing=True))


def comments(cast: Cast, ticket: Ticket) -> list[Comment]:
    """What was said on a ticket."""
    query = select(Comment).where(Comment.ticket_id == ticket.id).order_by(col(Comment.id))
    return run(cast.desk, lambda ctx: list(ctx.session.exec(query)))


def kinds(cast: Cast) -> list[str]:
    """What happened."""
    return run(cast.desk, lambda ctx: list(ctx.session.exec(select(Activity.kind).order_by(col(Activity.id)))))


def sent(cast: Cast) -> list[Delivery]:
    """What the desk writes because of what happened."""
    waiting = select(Activity.id).where(col(Activity.reacted_at).is_(None))
    run(cast.desk, reactions.react, run(cast.desk, lambda ctx: list(ctx.session.exec(waiting))))
    return run(cast.desk, lambda ctx: list(ctx.session.exec(select(Delivery).order_by(col(Delivery.id)))))


def bare(message_id: str) -> str:
    """A message id without its brackets."""
    return message_id.strip("<>")


def test_a_mail_becomes_a_ticket(cast: Cast, box: int) -> None:
    mail = take(cast, eml("It burns.\n\n-- \nRita\nNorthwind", files=(("log.txt", "text/plain", b"fire"),)), box)
    ticket = ticket_of(cast, mail)
    assert (ticket.title, ticket.description, ticket.channel) == ("Printer on fire", "It burns.", "email")
    assert ticket.requester_id == cast.rita.person_id and ticket.team_id == cast.support and ticket.mailbox_id == box
    assert '<details class="mail-quote">' in ticket.description_html and "Northwind" in ticket.description_html
    detail = run(cast.ada, tickets.one, ticket.reference)
    assert [one.filename for one in detail.attachments] == ["log.txt"]
    assert ActivityKind.TICKET_CREATED in kinds(cast)


def test_mail_from_an_address_that_was_merged_finds_its_person(cast: Cast, box: int) -> None:
    other = run(
        cast.adam, people.create, name="Rita at home", email="rita@home.example", password="correct horse battery"
    )
    run(cast.max, person_merging.merge, other, into=cast.rita.person_id)
    mail = take(cast, eml(sender="Rita <RITA@home.example>"), box)
    assert ticket_of(cast, mail).requester_id == cast.rita.person_id


def test_the_same_mail_twice_is_once(cast: Cast, box: int) -> None:
    raw = eml()
    first, second = take(cast, raw, box), take(cast, b"Received: by another way\r\n" + raw, None)
    assert first.id == second.id and kinds(cast).count(ActivityKind.TICKET_CREATED) == 1
    nameless = eml(message_id="")
    assert take(cast, nameless, box).id == take(cast, b"Received: by another way\r\n" + nameless, box).id


def test_answers_find_their_ticket_by_headers(cast: Cast, box: int) -> None:
    first = take(cast, eml(), box)
    ticket = ticket_of(cast, first)
    again = take(cast, eml("Still burning.", subject="whatever", in_reply_to=f"<{first.message_id}>"), box)
    assert ticket_of(cast, again).id == ticket.id
    run(cast.ada, tickets.reply, ticket.reference, "We are on it.")
    ours = next(one for one in sent(cast) if one.template == "replied")
    quoted = "Thanks!\n\nOn Mon, 23 Nov 2026 at 12:00, Acme Support <support@acme.example> wrote:\n> We are on it.\n"
    answer = take(cast, eml(quoted, subject="Re: x", references=f"<x@y.example> {ours.message_id}"), box)
    assert ticket_of(cast, answer).id == ticket.id
    said = comments(cast, ticket)
    assert [one.body for one in said] == ["Still burning.", "We are on it.", "Thanks!"]
    assert "We are on it." in said[-1].body_html and said[-1].channel == "email"


def test_answers_find_their_ticket_by_the_stamped_address(cast: Cast, box: int) -> None:
    ticket = ticket_of(cast, take(cast, eml(), box))
    run(cast.ada, tickets.reply, ticket.reference, "Which floor?")
    ours = next(one for one in sent(cast) if one.template == "replied")
    assert ours.reply_to.startswith("support+") and ours.reply_to.endswith("@acme.example")
    answer = take(cast, eml("The third.", subject="no reference", to=ours.reply_to.upper()), box)
    assert ticket_of(cast, answer).id == ticket.id
    forged = ours.reply_to.replace(ours.reply_to[12], "a" if ours.reply_to[12] != "a" else "b")
    assert ticket_of(cast, take(cast, eml("The fourth.", to=forged), box)).id != ticket.id


def test_a_subject_counts_only_for_who_takes_part(cast: Cast, box: int) -> None:
    ticket = ticket_of(cast, take(cast, eml(), box))
    subject = f"Re: [{ticket.reference}] Printer on fire"
    assert ticket_of(cast, take(cast, eml("More.", subject=subject), box)).id == ticket.id
    other = ticket_of(cast, take(cast, eml("Let me in.", subject=subject, sender="zoe@home.example"), box))
    assert other.id != ticket.id and other.requester_id == cast.zoe.person_id
    assert len(comments(cast, ticket)) == 1


def test_a_resolved_ticket_opens_again_and_a_closed_one_is_followed(cast: Cast, box: int) -> None:
    first = take(cast, eml(), box)
    ticket = ticket_of(cast, first)
    run(cast.ada, tickets.change_status, ticket.reference, "resolved")
    again = ticket_of(cast, take(cast, eml("Not solved.", in_reply_to=f"<{first.message_id}>"), box))
    assert again.id == ticket.id and again.status_category == "open"
    run(cast.ada, tickets.change_status, ticket.reference, "closed")
    fresh = ticket_of(cast, take(cast, eml("It burns again.", in_reply_to=f"<{first.message_id}>"), box))
    assert fresh.id != ticket.id and fresh.title == "Printer on fire"
    assert ActivityKind.TICKET_FOLLOWED_UP in kinds(cast)


def test_answers_to_a_merged_ticket_reach_the_one_it_goes_on_as(cast: Cast, box: int) -> None:
    first, second = take(cast, eml(), box), take(cast, eml(subject="Smoke"), box)
    source, target = ticket_of(cast, first), ticket_of(cast, second)
    run(cast.ada, tickets.merge, source.reference, into=target.reference)
    answer = take(cast, eml("Hello?", in_reply_to=f"<{first.message_id}>"), box)
    assert ticket_of(cast, answer).id == target.id


def test_originals_are_kept_as_long_as_the_organization_says(cast: Cast, box: int) -> None:
    taken, ignored = take(cast, eml("Hello"), box), take(cast, eml("Away", auto_submitted="auto-replied"), box)
    unread = take(cast, eml("?", sender=""), box)
    assert (taken.state, ignored.state, unread.state) == ("understood", "ignored", "failed")
    settings_ = {"name": "Acme Support", "timezone": "UTC", "accent": "indigo", "public_form": True, "auto_close_hours": 48, "warning_share": 80}  # fmt: skip
    with clock.frozen(clock.now() + timedelta(days=400)):
        assert jobs.forget_originals() == 0, "for good, unless somebody says otherwise"
        with pytest.raises(Invalid, match="30 to 3650"):
            run(cast.adam, organizations.change, **settings_, keep_originals_days=5)
        run(cast.adam, organizations.change, **settings_, keep_originals_days=365)
        assert jobs.forget_originals() == 2 and jobs.forget_originals() == 0
        for mail in (taken, ignored):
            assert run(cast.adam, inbound.one, mail.id).forgotten_at
            with pytest.raises(NotFound, match="only for a while"):
                run(cast.adam, inbound.original, mail.id)
        with pytest.raises(Conflict, match="was deleted"):
            run(cast.adam, inbound.let_in, ignored.id)
        assert run(cast.adam, inbound.original, unread.id), "what could not be read yet is still needed"
    assert ticket_of(cast, taken).title and take(cast, eml("Hello"), box).id


def test_strangers_become_customers_or_not(cast: Cast, box: int) -> None:
    mail = take(cast, eml(sender="Nora New <nora@new.example>"), box)
    ticket_of(cast, mail)
    known = run(cast.desk, lambda ctx: ctx.session.exec(select(Person).where(Person.email == "nora@new.example")).one())
    assert known.name == "Nora New" and known.role == "customer"
    run(cast.adam, mailboxes.save, box, address="support@acme.example", allows_strangers=False)
    refused = take(cast, eml(sender="Sam <sam@new.example>"), box)
    assert refused.state == "ignored" and "known people only" in refused.reason
    reference = run(cast.adam, inbound.let_in, refused.id)
    assert run(cast.ada, tickets.one, reference).ticket.requester == "Sam"
    assert ActivityKind.MAIL_READ_AGAIN in kinds(cast)


@pytest.mark.parametrize(
    "headers",
    [
        {"auto_submitted": "auto-replied"}, {"precedence": "bulk"}, {"list_id": "<all.northwind.example>"}, {"x_autoreply": "yes"},
        {"return_path": "<>"},
    ],
)  # fmt: skip
def test_what_programs_write_is_kept_and_never_answered(cast: Cast, box: int, headers: dict[str, str]) -> None:
    before = len(sent(cast))
    mail = take(cast, eml("I am away.", **headers), box)
    assert mail.state == "ignored" and "program" in mail.reason and len(sent(cast)) == before
    run(cast.adam, inbound.let_in, mail.id)
    assert not [one for one in sent(cast)[before:] if one.to_address.startswith("rita@")]


def test_the_desk_does_not_talk_to_itself(cast: Cast, box: int) -> None:
    assert "own mailboxes" in take(cast, eml(sender="support+x@acme.example"), box).reason
    ticket_of(cast, take(cast, eml(), box))
    ours = sent(cast)[0]
    assert "came back" in take(cast, eml(message_id=ours.message_id), box).reason


def test_a_sender_can_only_send_so_much(cast: Cast, box: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PER_SENDER", "2")
    settings.get.cache_clear()
    states = [take(cast, eml(), box).state for _ in range(3)]
    assert states == ["understood", "understood", "ignored"]
    clock_ = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: clock_)
    assert take(cast, eml(), box).state == "understood"


BOUNCE = """From: MAILER-DAEMON@mx.example
To: support@acme.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-{number}@mx.example>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

550 5.1.1 No such user here

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}

--b
Content-Type: message/rfc822

Message-ID: {message_id}
Subject: x

--b--
"""


def test_a_bounce_marks_the_address_and_nothing_more_is_sent_there(cast: Cast, box: int) -> None:
    ticket = ticket_of(cast, take(cast, eml(), box))
    run(cast.ada, tickets.reply, ticket.reference, "Hello")
    ours = next(one for one in sent(cast) if one.template == "replied")
    about = {"to": ours.to_address, "message_id": ours.message_id}
    forged = BOUNCE.format(number=1, **about | {"message_id": "<nothing@x.example>"}, action="failed", status="5.1.1")
    assert "none of the desk's" in take(cast, forged.encode(), box).reason
    late = take(cast, BOUNCE.format(number=2, **about, action="delayed", status="4.2.2").encode(), box)
    assert "late" in late.reason
    mail = take(cast, BOUNCE.format(number=3, **about, action="failed", status="5.1.1").encode(), box)
    assert mail.state == "ignored" and "cannot be reached: 550 5.1.1 No such user here" in mail.reason
    assert {ActivityKind.TICKET_MAIL_BOUNCED, ActivityKind.PERSON_BOUNCED} <= set(kinds(cast))
    run(cast.ada, tickets.reply, ticket.reference, "Are you there?")
    last = sent(cast)[-1]
    assert (last.template, last.state) == ("replied", "suppressed") and "No such user" in last.last_error
    run(cast.adam, people.reach_again, cast.rita.person_id)
    assert kinds(cast)[-1] == ActivityKind.PERSON_REACHABLE
    run(cast.ada, tickets.reply, ticket.reference, "And now?")
    assert sent(cast)[-1].state != "suppressed"


def test_staff_speak_by_mail_only_from_the_stamped_address(cast: Cast, box: int) -> None:
    first = take(cast, eml(), box)
    ticket = ticket_of(cast, first)
    run(cast.ada, tickets.take, ticket.reference)
    take(cast, eml("Hurry!", in_reply_to=f"<{first.message_id}>"), box)
    notice = next(one for one in sent(cast) if one.template == "customer_replied")
    assert notice.to_address == "ada@acme.example"
    ada = "Ada Agent <ada@acme.example>"
    forged = take(cast, eml("Send us your password.", sender=ada, in_reply_to=notice.message_id), box)
    assert forged.state == "ignored" and "does not prove" in forged.reason and forged.ticket_id == ticket.id
    stolen = take(cast, eml("Me too.", sender="max@acme.example", to=notice.reply_to), box)
    assert stolen.state == "ignored"
    body = (
        "It is on its way.\n\nOn Monday, 23 Nov 2026 at 12:00, Acme <support@acme.example> wrote:\n> internal words\n"
    )
    proven = take(cast, eml(body, sender=ada, to=notice.reply_to), box)
    assert ticket_of(cast, proven).id == ticket.id
    said = comments(cast, ticket)[-1]
    assert (said.kind, said.author_id, said.body) == ("reply", cast.ada.person_id, "It is on its way.")
    assert "internal" not in said.body_html


def test_an_answer_to_an_internal_notice_stays_internal(cast: Cast, box: int) -> None:
    ticket = ticket_of(cast, take(cast, eml(), box))
    run(cast.max, tickets.note, ticket.reference, "@Ada Agent what do you think?")
    notice = next(one for one in sent(cast) if one.template == "mentioned")
    take(cast, eml("Burn it.", sender="ada@acme.example", to=notice.reply_to), box)
    said = comments(cast, ticket)[-1]
    assert (said.kind, said.author_id, said.body) == ("note", cast.ada.person_id, "Burn it.")


def test_copies_make_people_take_part(cast: Cast, box: int) -> None:
    copies = "Carl <carl@northwind.example>, ada@acme.example, bob@acme.example, nobody@nowhere.example, support@acme.example"
    ticket = ticket_of(cast, take(cast, eml(cc=copies), box))
    watching = run(
        cast.desk, lambda ctx: set(ctx.session.exec(select(Watcher.person_id).where(Watcher.ticket_id == ticket.id)))
    )
    # Bob is of another team and does not see it; nobody@ is unknown and stays so.
    assert watching == {cast.carl.person_id, cast.ada.person_id}
    run(cast.max, tickets.reply, ticket.reference, "Hello both")
    told = {one.to_address for one in sent(cast) if one.template == "replied"}
    assert told == {"rita@northwind.example", "carl@northwind.example"}


def test_who_was_sent_a_copy_reads_along_and_nobody_else(cast: Cast, box: int) -> None:
    ticket = ticket_of(cast, take(cast, eml(cc="zoe@home.example"), box))
    run(cast.ada, tickets.note, ticket.reference, "internal")
    run(cast.ada, tickets.reply, ticket.reference, "public")
    seen = run(cast.zoe, tickets.one, ticket.reference)
    assert [one.kind for one in seen.comments] == ["reply"]
    assert not run(cast.zoe, tickets.page, TicketFilter()).rows


def test_what_is_not_proven_by_a_trusted_server_waits(cast: Cast, box: int) -> None:
    run(cast.adam, mailboxes.save, box, address="support@acme.example", trusted_server="mx.acme.example")
    bad = "mx.acme.example; dmarc=fail header.from=northwind.example"
    assert "did not send it" in take(cast, eml(authentication_results=bad), box).reason
    assert take(cast, eml(authentication_results="evil.example; dmarc=fail"), box).state == "understood"
    assert take(cast, eml(authentication_results="mx.acme.example; dmarc=pass"), box).state == "understood"


def test_a_mail_nobody_can_read_stays_and_stops_no_other(cast: Cast, box: int, monkeypatch: pytest.MonkeyPatch) -> None:
    real = inbound.parse

    def breaks(raw: bytes) -> Any:
        if b"poison" in raw:
            raise RecursionError("too deep")
        return real(raw)

    monkeypatch.setattr(inbound, "parse", breaks)
    bad = run(cast.desk, inbound.keep, eml("poison"), mailbox_id=box, door="imap")
    good = take(cast, eml("good"), box)
    assert good.state == "understood"
    row = run(cast.adam, inbound.one, bad.id)
    assert (row.state, row.error, row.tries) == ("failed", "RecursionError: too deep", 1) and row.next_try_at
    assert b"poison" in run(cast.adam, inbound.original, bad.id)
    monkeypatch.setattr(inbound, "parse", real)
    run(cast.adam, inbound.read_again, bad.id)
    jobs.understand(cast.acme.id)
    assert run(cast.adam, inbound.one, bad.id).state == "understood"


def test_it_is_tried_a_few_times_and_then_waits_for_somebody(
    cast: Cast, box: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound, "parse", lambda raw: (_ for _ in ()).throw(OSError("the disk is away")))
    kept = run(cast.desk, inbound.keep, eml(), mailbox_id=box, door="imap")
    now = clock.now()
    for hours in range(8):
        monkeypatch.setattr(clock, "now", lambda moment=now + timedelta(hours=hours): moment)
        jobs.understand(cast.acme.id)
    row = run(cast.adam, inbound.one, kept.id)
    assert (row.state, row.tries, row.next_try_at) == ("failed", 4, "")


def test_whoever_sent_nothing_is_told_of(cast: Cast, box: int) -> None:
    mail = take(cast, b"Subject: hm\r\nMessage-ID: <1@x.example>\r\n\r\nwords", box)
    assert mail.state == "failed" and "from whom" in mail.error
    assert take(cast, eml(""), box).state == "understood"
    assert ticket_of(cast, take(cast, eml("x" * 300_000, subject=""), box)).title == "(no subject)"


def test_pictures_within_are_served_by_us_and_others_wait(cast: Cast, box: int) -> None:
    png = (
        bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000 1f15c489".replace(" ", ""))
        + b"\0" * 40
    )
    raw = (
        b"From: rita@northwind.example\r\nTo: support@acme.example\r\nSubject: Look\r\nMessage-ID: <cid@x.example>\r\n"
        b'Content-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n'
        b'<p>See <img src="cid:pic"> <img src="https://far.example/spy.png"></p>\r\n--b\r\nContent-Type: image/png; name="p.png"\r\n'
        b"Content-ID: <pic>\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    raw += base64.b64encode(png) + b"\r\n--b--\r\n"
    ticket = ticket_of(cast, take(cast, raw, box))
    file = run(
        cast.desk, lambda ctx: ctx.session.exec(select(Attachment).where(Attachment.ticket_id == ticket.id)).one()
    )
    assert f'src="/files/{file.id}?show=true"' in ticket.description_html and file.is_within
    assert "far.example" not in ticket.description_html and 'data-remote="/files/remote/' in ticket.description_html
    token = ticket.description_html.split("/files/remote/")[1].split('"')[0]
    assert inbound.remote_picture(token) == "https://far.example/spy.png"
    assert run(cast.ada, tickets.one, ticket.reference).attachments == ()


def test_providers_hand_mail_over_signed(cast: Cast, box: int) -> None:
    secret, raw = run(cast.adam, mailboxes.renew_secret, box), eml()
    at = int(clock.now().timestamp())

    def hand_over(address: str = "support@acme.example", moment: int = at, key: str = secret, body: bytes = raw) -> Any:
        told = {"address": address, "moment": str(moment), "signature": sign(key, moment, raw)}
        return run(cast.desk, inbound.keep_signed, body, **told)

    assert hand_over().is_new and not hand_over().is_new
    for wrong in ({"address": "x@y.example"}, {"moment": at - 600}, {"key": "guess"}, {"body": raw + b"!"}):
        with pytest.raises(SignedOut):
            hand_over(**wrong)


def test_only_administrators_see_what_came(cast: Cast, box: int) -> None:
    take(cast, eml(), box)
    assert len(run(cast.adam, inbound.listing, text_="PRINTER", state="understood", mailbox_id=box)) == 1
    for somebody in (cast.rita, cast.ada, cast.max):
        for verb in (inbound.listing, mailboxes.listing):
            with pytest.raises(NotAllowed):
                run(somebody, verb)
    with pytest.raises(Conflict):
        run(cast.adam, inbound.read_again, run(cast.adam, inbound.listing)[0].id)


def test_secrets_are_sealed_and_never_shown(cast: Cast, box: int) -> None:
    facts = {"address": "support@acme.example", "imap_host": "imap.acme.example"}
    run(cast.adam, mailboxes.save, box, **facts, imap_secret="hunter2", smtp_secret="hunter3")
    row = run(cast.adam, mailboxes.listing)[0]
    assert row.has_imap_secret and "hunter" not in repr(row)
    run(cast.adam, mailboxes.save, box, **facts, imap_user="other")
    kept = run(cast.desk, lambda ctx: ctx.session.get_one(Mailbox, box))
    assert "hunter2" not in kept.sealed_imap_secret and mailboxes.account(kept).secret == "hunter2"
    logged = run(cast.desk, lambda ctx: [repr(one.data) for one in ctx.session.exec(select(Activity))])
    assert not any("hunter" in one for one in logged)


def test_mail_leaves_as_the_mailbox_and_threads(cast: Cast, box: int) -> None:
    first = take(cast, eml(), box)
    ticket = ticket_of(cast, first)
    run(cast.ada, tickets.reply, ticket.reference, "Throw **water** on it.")

    def composed(ctx: Context) -> Any:
        found = ctx.session.exec(select(Delivery).where(Delivery.template == "replied")).one()
        return outbound._message(ctx, found, ctx.session.get(Mailbox, found.mailbox_id))

    sent(cast)
    message = run(cast.desk, composed)
    assert message["From"] == "Acme Support <support@acme.example>" and message["Reply-To"].startswith("support+")
    assert message["In-Reply-To"] == f"<{first.message_id}>" and f"<{first.message_id}>" in message["References"]
    assert message["Message-ID"].endswith("@acme.example>") and message["Auto-Submitted"] is None
    plain = message.get_body(("plain",)).get_content()
    assert "Throw **water** on it." in plain and "-- \nYour **Acme** team" in plain
    assert "<strong>Acme</strong>" in message.get_body(("html",)).get_content()


def test_who_becomes_a_customer_no_longer_reads_what_they_watched(cast: Cast, box: int) -> None:
    ticket = ticket_of(cast, take(cast, eml(), box))
    run(cast.ada, tickets.watch, ticket.reference)
    run(cast.olga, people.change_role, cast.ada.person_id, role="customer")
    with pytest.raises(NotFound):
        run(cast.ada.with_role(Role.CUSTOMER), tickets.one, ticket.reference)


def test_a_mail_becomes_a_ticket_in_few_statements(cast: Cast, box: int) -> None:
    take(cast, eml("Hello", subject="First"), box)
    kept = run(
        cast.desk, inbound.keep, eml("The labels are empty.", subject="Labels"), mailbox_id=box, door=inbound.IMAP
    )
    with statements() as heard:
        jobs.understand_one(cast.acme.id, kept.id)
    asked = [one for one in heard if not one.sql.startswith(("SET ROLE", "SAVEPOINT", "RELEASE"))]
    # Entering, what is known of it, whose turn it is (asked again when nobody has room), the ticket, the mail settled, the log.
    assert len(asked) <= 7, "\n".join(" ".join(one.sql.split())[:150] for one in asked)


def test_a_mail_that_never_comes_to_an_end_is_given_up(cast: Cast, box: int) -> None:
    kept = run(cast.desk, inbound.keep, eml("Hello", subject="Labels"), mailbox_id=box, door=inbound.IMAP)
    for _ in range(4):
        assert list(run(cast.desk, inbound.claim)) == [kept.id]
        assert run(cast.desk, inbound.claim) == {}, "somebody is at it"
        run(cast.desk, lambda ctx: setattr(ctx.session.get_one(InboundMail, kept.id), "next_try_at", ctx.now))
    assert run(cast.desk, inbound.claim) == {}
    mail = run(cast.desk, lambda ctx: ctx.session.get_one(InboundMail, kept.id))
    assert (mail.state, mail.tries, mail.next_try_at) == (inbound.FAILED, 4, None) and mail.error


def test_what_is_handed_on_is_what_the_new_ticket_is_about(cast: Cast, box: int) -> None:
    handed_on = "Can you help her?\n\n---------- Forwarded message ---------\nFrom: Max <max@northwind.example>\nDate: Tue\nSubject: Labels\nTo: Rita\n\nThe labels are empty."
    new = ticket_of(cast, take(cast, eml(handed_on, subject="Fwd: Labels"), box))
    assert (
        new.title == "Labels" and "The labels are empty." in new.description and "<details open" in new.description_html
    )
    folded = ticket_of(cast, take(cast, eml(handed_on, subject="Labels"), box))
    assert folded.description == "Can you help her?" and "<details class" in folded.description_html
