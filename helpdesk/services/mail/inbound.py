"""Mail that comes in: kept as it came, then understood, each in a transaction of its own. So a mail nobody can read stays where
it can be seen and keeps nothing from the others, and whatever happens in between, nothing is lost.

A mail is `received` until somebody has tried; then `understood` (it became a ticket or a part of one), `ignored` (it has a
reason, and an administrator can let it in), or `failed` (it has an error, and can be read again).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import text, update
from sqlalchemy.orm import defer
from sqlmodel import col, select

from helpdesk import clock, db, log, settings
from helpdesk.adapters import signing
from helpdesk.adapters.storage import storage
from helpdesk.domain import mail_html, mail_threads
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import (
    Conflict,
    HelpdeskError,
    Invalid,
    NotAllowed,
    NotFound,
    SignedOut,
    TooLarge,
    Unavailable,
)
from helpdesk.domain.inbound_mail import Envelope, MailFile, envelope, parse
from helpdesk.domain.inbound_mail import InboundMail as Mail
from helpdesk.domain.mail_html import Words
from helpdesk.domain.people import STAFF
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import one_line
from helpdesk.domain.tickets import BODY_LENGTH, TITLE_LENGTH, StatusCategory
from helpdesk.domain.webhooks import sign
from helpdesk.models import Attachment, Delivery, InboundMail, Mailbox, Person, Ticket
from helpdesk.services import access, attachments, catalog, people, sign_in
from helpdesk.services.context import Context, anyone, requires, step
from helpdesk.services.mail import mailboxes, threading
from helpdesk.services.tickets import conversation, creation, links, watching

RECEIVED, UNDERSTOOD, IGNORED, FAILED = "received", "understood", "ignored", "failed"
IMAP, API, COMMAND = "imap", "api", "command"
LARGEST = 50 * 1024 * 1024
BATCH = 20
JOB = "helpdesk.jobs.inbound.understand"
# How long a claimed mail may take before somebody else takes it over.
_LEASE = timedelta(minutes=10)
# Something may be away for a while; after these nobody tries by themselves.
_PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
# What waits for the storage is tried again after these; longer the longer it has waited.
_SHORTEST_WAIT, _LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=10)
# A signature is good for so long: one that was overheard is worth nothing later.
_LATEST = timedelta(minutes=5)
_MOST_COPIED = 20
_FORGOTTEN_AT_ONCE = 200
_REMOTE = "remote-image"
_logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class ReceivedRow:
    """A mail in Settings > Received mail."""

    id: int = 0
    from_address: str = ""
    from_name: str = ""
    subject: str = ""
    state: str = ""
    reason: str = ""
    error: str = ""
    mailbox: str = ""
    door: str = ""
    size: int = 0
    tries: int = 0
    reference: str = ""
    received_at: str = ""
    next_try_at: str = ""
    # When the original was deleted, as the organization wishes.
    forgotten_at: str = ""


@dataclass(frozen=True, slots=True)
class _Box:
    """What of a mailbox decides about a mail that came to it."""

    id: int
    address: str
    allows_strangers: bool
    trusted_server: str
    category_id: int | None
    priority_id: int | None
    team_id: int | None


@dataclass(frozen=True, slots=True)
class _Before:
    """What is known of a mail before it is read.

    Args:
        ours: the desk's own addresses.
        is_own: the desk itself has sent it.
        lately: how many mails of its sender became something within the last hour.
        sender: whom its address belongs to.
    """

    id: int
    raw: bytes
    from_address: str
    box: _Box | None
    ours: frozenset[str]
    is_own: bool
    lately: int
    sender: Person | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail that is safe with us."""

    id: int
    is_new: bool


class Ignored(HelpdeskError):
    """A mail the desk does nothing about, and why in a sentence. Not an error to anybody."""

    def __init__(self, reason: str, *, ticket_id: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.ticket_id = ticket_id


# --- Kept as it came ----------------------------------------------------------------------------------------------------


@step
def keep(ctx: Context, raw: bytes, *, mailbox_id: int | None, door: str) -> Kept:
    """Keep a mail before anything else; the same Message-ID a second time changes nothing.

    Raises:
        TooLarge: more than 50 MB.
    """
    if len(raw) > LARGEST:
        raise TooLarge("A mail may have at most 50 MB.")
    if (found := _insert(ctx, raw, mailbox_id, door)) is not None:
        ctx.jobs_once.add((JOB, (ctx.organization_id,)))
        _nudge(ctx)
        return Kept(found, True)
    known = select(InboundMail.id).where(InboundMail.message_id == envelope(raw).message_id)
    return Kept(ctx.session.exec(known).one(), False)


@step
def keep_headers(ctx: Context, head: bytes, *, mailbox_id: int) -> None:
    """Note a mail that is too large to be kept: it stays where it is, and people can see that."""
    found = _insert(ctx, head, mailbox_id, IMAP)
    if found is not None:
        row = ctx.session.get_one(InboundMail, found)
        row.state, row.next_try_at, row.tries = FAILED, None, 1
        row.error = f"It is larger than {LARGEST // 2**20} MB. It was left in the mailbox; look at it there."
        _nudge(ctx)


@step
def keep_signed(ctx: Context, raw: bytes, *, address: str, moment: str, signature: str) -> Kept:
    """Keep a mail a provider hands over, signed with the mailbox's secret like our own webhooks are.

    Raises:
        SignedOut: the signature does not fit, or is too old. Also for a mailbox there is not: nobody learns which there are.
        TooLarge: more than 50 MB.
    """
    box = mailboxes.by_address(ctx, address)
    secret = mailboxes.hook_secret(box) if box is not None and box.is_active else ""
    at = int(moment) if moment.isascii() and moment.isdecimal() and len(moment) < 12 else 0
    fits = signing.same(sign(secret or "nobody's", at, raw), signature)
    if box is None or not secret or not fits or abs(ctx.now.timestamp() - at) > _LATEST.total_seconds():
        raise SignedOut("The signature does not fit this mail, this mailbox and this moment.")
    return keep(ctx, raw, mailbox_id=box.id, door=API)


@step
def keep_file(ctx: Context, raw: bytes, *, address: str = "") -> Kept:
    """Keep a mail from a file, for a mailbox or for none.

    Raises:
        Invalid: no such mailbox.
        TooLarge: more than 50 MB.
    """
    box = mailboxes.by_address(ctx, address) if address else mailboxes.leaving(ctx, None)
    if address and box is None:
        raise Invalid(mailbox=f"There is no mailbox {address}.")
    return keep(ctx, raw, mailbox_id=box.id if box else None, door=COMMAND)


def _insert(ctx: Context, raw: bytes, mailbox_id: int | None, door: str) -> int | None:
    about: Envelope = envelope(raw)
    facts = (
        mailbox_id, _storable(about.message_id), door, raw, len(raw), _storable(about.sender.email)[:254],
        _storable(about.sender.name)[:200], _storable(about.subject)[:500], ctx.now, about.is_automatic, ctx.now,
    )  # fmt: skip
    found = ctx.ask_first(_KEEP, facts)
    return int(found[0]) if found is not None else None


# What of somebody is looked at when a mail of theirs comes; the rest is read if anybody asks for it.
_OF_SENDERS = (
    "id", "organization_id", "email", "name", "role", "is_active", "timezone", "company_id", "site_id", "is_company_manager", "merged_into_id",
)  # fmt: skip
_OF_BOXES = ("id", "address", "allows_strangers", "trusted_server", "category_id", "priority_id", "team_id")
# The road of every mail: through the ORM it takes twice as long.
_KEEP = """
    INSERT INTO inbound_mail (
        mailbox_id, message_id, door, raw, size, from_address, from_name, subject, next_try_at, is_automatic, received_at, state,
        reason, error, tries
    ) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'received', '', '', 0)
    ON CONFLICT (organization_id, message_id) DO NOTHING RETURNING id
"""
# What has to be known of every mail before anything is made of it, in one question, and as one value: twenty columns cost SQLAlchemy and
# psycopg as long as reading half a mail does.
_READ = f"""
    SELECT mail.raw, jsonb_build_array(
        mail.from_address, (SELECT jsonb_agg(address) FROM mailbox),
        EXISTS (SELECT FROM delivery WHERE message_id = '<' || mail.message_id || '>'),
        (
            SELECT count(*) FROM inbound_mail AS other
            WHERE other.from_address = mail.from_address AND other.received_at > %(since)s AND other.state = 'understood'
        ),
        jsonb_build_array({", ".join(f"box.{name}" for name in _OF_BOXES)}),
        jsonb_build_array({", ".join(f"person.{name}" for name in _OF_SENDERS)})
    )
    FROM inbound_mail AS mail
        LEFT JOIN mailbox AS box ON box.id = mail.mailbox_id
        LEFT JOIN person ON person.email = mail.from_address AND mail.from_address <> ''
    WHERE mail.id = %(id)s AND mail.state NOT IN ('understood', 'ignored')
    FOR UPDATE OF mail
"""  # noqa: S608 - our own names
_CLAIM = """
    WITH due AS (
        SELECT id FROM inbound_mail WHERE next_try_at <= %(now)s ORDER BY next_try_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
    ), given_up AS (
        UPDATE inbound_mail SET state = 'failed', next_try_at = NULL,
            error = CASE WHEN error = '' THEN 'Reading it did not come to an end.' ELSE error END
        FROM due WHERE inbound_mail.id = due.id AND tries > %(tries)s
    ), taken AS (
        UPDATE inbound_mail SET tries = tries + 1, next_try_at = %(until)s
        FROM due WHERE inbound_mail.id = due.id AND tries <= %(tries)s RETURNING inbound_mail.id, tries
    )
    SELECT id, tries FROM taken ORDER BY id
"""
_SETTLE = """
    UPDATE inbound_mail SET state = 'understood', understood_at = %s, ticket_id = %s, comment_id = %s, is_automatic = %s,
        next_try_at = NULL, error = '', reason = ''
    WHERE id = %s
"""


def _storable(told: str) -> str:
    return told.encode("utf-8", "replace").decode().replace("\x00", "")


# --- Understood ---------------------------------------------------------------------------------------------------------


@anyone
def organizations_due() -> list[int]:
    """Organizations with mail to be understood, asked as the owner."""
    with db.owner_session() as session:
        rows = session.execute(
            text("SELECT DISTINCT organization_id FROM inbound_mail WHERE next_try_at <= :now"), {"now": clock.now()}
        )
        return [row[0] for row in rows]


@step
def claim(ctx: Context, *, most: int = BATCH) -> dict[int, int]:
    """Take the next mails upon oneself; nobody else tries them meanwhile. A mail that ends the process that reads it has
    used up a try by then. Returns their ids, and which try this is of each."""
    asked = {"now": ctx.now, "until": ctx.now + _LEASE, "tries": len(_PAUSES), "most": most}
    return dict(ctx.ask(_CLAIM, asked))


@step
def understand_all(ctx: Context, mail_ids: Sequence[int]) -> None:
    """Understand several in one unit of work, all or none.

    Raises:
        Ignored, Invalid: as `understand`, for any of them.
    """
    for mail_id in mail_ids:
        understand(ctx, mail_id)


@step
def understand(ctx: Context, mail_id: int, *, let_in: bool = False) -> None:
    """Make of a mail what it is: a ticket, an answer, news about a mail of ours, or nothing. All of it or nothing of it.

    Args:
        let_in: an administrator has looked at it and wants it in, whoever sent it.

    Raises:
        Ignored: the desk does nothing about it; see `ignore`.
        Invalid: it cannot become a ticket.
    """
    before = _before(ctx, mail_id)
    if before is None:
        return
    mail = parse(before.raw)
    if mail.is_bounce:
        reason, ticket_id = _bounced(ctx, mail)
        ignore(ctx, mail_id, reason, ticket_id)
        ctx.session.get_one(InboundMail, mail_id).is_automatic = True
        return
    ticket_id, comment_id = _become(ctx, before, mail, let_in=let_in)
    ctx.ask(_SETTLE, (ctx.now, ticket_id, comment_id, mail.is_automatic, mail_id))
    _nudge(ctx)


@step
def ignore(ctx: Context, mail_id: int, reason: str, ticket_id: int | None) -> None:
    """Write down that nothing is done about a mail, and why."""
    row = ctx.session.get_one(InboundMail, mail_id, with_for_update=True)
    row.state, row.reason, row.error, row.ticket_id = IGNORED, reason[:500], "", ticket_id
    row.understood_at, row.next_try_at = ctx.now, None
    _nudge(ctx)


@step
def wait(ctx: Context, mail_id: int, why: str) -> None:
    """Write down that a mail waits for something that is away. It is no fault of the mail, and no try of it is used up."""
    row = ctx.session.get_one(InboundMail, mail_id, with_for_update=True)
    age = ctx.now - row.received_at
    row.state, row.error, row.reason = RECEIVED, "", " ".join(_storable(why).split())[:500]
    row.tries, row.next_try_at = max(0, row.tries - 1), ctx.now + max(_SHORTEST_WAIT, min(age / 4, _LONGEST_WAIT))
    _nudge(ctx)


@step
def fail(ctx: Context, mail_id: int, error: str, *, is_final: bool) -> None:
    """Write down why a mail could not be understood, and when it is tried again."""
    row = ctx.session.get_one(InboundMail, mail_id, with_for_update=True)
    row.state, row.error = FAILED, " ".join(_storable(error).split())[:500]
    row.next_try_at = ctx.now + _PAUSES[row.tries - 1] if not is_final and 0 < row.tries <= len(_PAUSES) else None
    _nudge(ctx)


def _before(ctx: Context, mail_id: int) -> _Before | None:
    """A mail, locked, and what is known of it; nothing when it is settled already."""
    asked = {"id": mail_id, "since": ctx.now - timedelta(hours=1)}
    found = ctx.ask_first(_READ, asked)
    if found is None:
        return None
    raw, (from_address, ours, is_own, lately, of_box, of_sender) = found
    facts = dict(zip(_OF_SENDERS, of_sender, strict=True))
    sender = ctx.stored(Person, facts) if facts["id"] is not None else None
    box = _Box(*of_box) if of_box[0] is not None else None
    return _Before(mail_id, bytes(raw), from_address, box, frozenset(ours or ()), is_own, lately, sender)


def _become(ctx: Context, before: _Before, mail: Mail, *, let_in: bool) -> tuple[int, int | None]:
    box, ours, sender = before.box, before.ours, before.sender
    if not let_in:
        _check(mail, before)
    if not mail.sender.email:
        raise Invalid(sender="It does not say from whom it is, so nobody could be answered.")
    if mail.sender.email != before.from_address:
        sender = ctx.session.exec(select(Person).where(Person.email == mail.sender.email)).first()
    sender = sign_in.survivor(ctx, sender) if sender is not None else None  # it may be another address of somebody's
    thread = threading.find(ctx, mail, sender)
    if mail.is_automatic and not let_in:
        raise Ignored("A program wrote it (an auto-reply, a list or a mass mail): nobody is answered.", ticket_id=thread.ticket.id if thread.ticket else None)  # fmt: skip
    if sender is None:
        if box is not None and not box.allows_strangers and not let_in:
            raise Ignored(f"Nobody knows {mail.sender.email}, and {box.address} takes mail of known people only.")
        sender = people.find_or_create_customer(ctx, email=mail.sender.email, name=mail.sender.name)
    if not sender.is_active:
        raise Ignored(f"{sender.name} is deactivated.")
    if sender.role in STAFF and thread.ticket is not None and sender.id != thread.ticket.requester_id:
        return _from_staff(ctx, mail, sender, thread)
    with ctx.acting_as(sign_in.actor_for(ctx, sender)), _files(ctx) as keeper:
        if thread.ticket is not None and thread.ticket.status_category != StatusCategory.CLOSED:
            was_part = threading.takes_part(ctx, thread.ticket, sender)
            words, ids = _words(ctx, mail, keeper)
            comment_id = conversation.arrive(
                ctx, thread.ticket, words.text, body_html=words.html, attachment_ids=ids
            )  # fmt: skip
            if was_part:
                _copy(ctx, thread.ticket, mail, sender, ours)
            return thread.ticket.id, comment_id
        words, ids = _words(ctx, mail, keeper)
        if thread.ticket is None and words.rest and mail_threads.is_handed_on(mail.subject):
            words = mail_html.opened(words, most=BODY_LENGTH - 4000)
        ticket = _file(ctx, mail, words, ids, sender, box, closed=thread.ticket)
        _copy(ctx, ticket, mail, sender, ours)
        return ticket.id, None


def _check(mail: Mail, before: _Before) -> None:
    """Mail nobody should act upon without looking at it."""
    if mail.sender.email and mail_threads.is_ours(mail.sender.email, before.ours):
        raise Ignored("It comes from one of the desk's own mailboxes.")
    if before.is_own:
        raise Ignored("It is a mail of the desk itself that came back.")
    box = before.box
    if box is not None and (why := mail_threads.is_unproven(mail.authentication, box.trusted_server)):
        raise Ignored(f"{box.trusted_server} says that {mail.sender.email} did not send it ({why}).")
    most = settings.get().mail_per_sender
    if before.from_address and before.lately >= most:
        raise Ignored(f"{before.from_address} has sent more than {most} mails within an hour.")


def _file(
    ctx: Context,
    mail: Mail,
    words: Words,
    ids: list[int],
    sender: Person,
    box: _Box | None,
    *,
    closed: Ticket | None,
) -> Ticket:
    known = catalog.current(ctx)
    category_id = closed.category_id if closed else box.category_id if box else None
    category = known.category_by_id.get(category_id or 0)
    priority = known.priority_by_id.get((closed.priority_id if closed else box.priority_id if box else None) or 0)
    team = known.team_by_id.get((box.team_id if box and not closed else None) or 0)
    title = mail_threads.without_reference(mail.subject) or (closed.title if closed else "") or "(no subject)"
    ticket = creation.create_from_mail(
        ctx, sender, title=title[:TITLE_LENGTH], description=words.text, description_html=words.html,
        mailbox_id=box.id if box else closed.mailbox_id if closed else None, priority=priority.slug if priority else "",
        category_id=category.id if category and category.is_active else None,
        team_id=team.id if team and team.is_active else None, attachment_ids=ids,
    )  # fmt: skip
    if closed is not None:
        links.follow_up(ctx, closed, ticket)
    return ticket


def _from_staff(ctx: Context, mail: Mail, sender: Person, thread: threading.Thread) -> tuple[int, int | None]:
    """An answer of somebody who works here, by mail. They speak for the organization, and a sender is easily forged: only
    the stamped address of a notice that was sent to them proves who they are. What they quote stays among themselves."""
    ticket = thread.ticket
    assert ticket is not None
    if thread.person_id != sender.id:
        raise Ignored(
            f"{sender.name} works here, and the mail does not prove that they sent it: only an answer to a notice of the desk, "
            "sent from the address the notice came to, does.",
            ticket_id=ticket.id,
        )
    with ctx.acting_as(sign_in.actor_for(ctx, sender)), _files(ctx) as keeper:
        words, ids = _words(ctx, mail, keeper)
        if words.is_only_quote:
            raise Ignored("It holds nothing but what it quotes.", ticket_id=ticket.id)
        if thread.becomes == threading.INTERNAL:
            return ticket.id, conversation.note(ctx, ticket.reference, words.text, attachment_ids=ids)
        access.ticket(ctx, ticket.reference)
        if ticket.status_category == StatusCategory.CLOSED:
            raise Ignored(f"{ticket.reference} is closed.", ticket_id=ticket.id)
        return ticket.id, conversation.arrive(ctx, ticket, words.text, body_html=words.reply_html, attachment_ids=ids)


def _words(ctx: Context, mail: Mail, keeper: Callable[[MailFile, bool], int]) -> tuple[Words, list[int]]:
    """What a mail says, safe to show, and the ids of its files, kept."""
    shown = mail_html.pictures_in(mail.html) if mail.html else set()
    ids: list[int] = []
    pictures: dict[str, str] = {}
    refused: list[str] = []
    for file in mail.files[: attachments.MOST_PER_MAIL]:
        is_within = bool(file.content_id) and file.content_id in shown and file.content_type.startswith("image/")
        try:
            file_id = keeper(file, is_within)
        except (Invalid, TooLarge) as error:
            why = next(iter(error.fields.values())) if isinstance(error, Invalid) and error.fields else str(error)
            refused.append(f"{file.name}: {why}")
            continue
        ids.append(file_id)
        if is_within:
            pictures[file.content_id] = f"/files/{file_id}?show=true"
    found = mail_html.words(mail.text, mail.html, pictures=pictures, remote=remote_address, most=BODY_LENGTH - 4000)
    if not found.text.strip():
        found = replace(found, text="(no text)" if not mail.files else "(no text, only files)", html=found.html or "<p><em>No text</em></p>")  # fmt: skip
    notes = (
        ["It is longer than a ticket holds: the rest is in the original mail."]
        if len(found.text) >= BODY_LENGTH - 4000
        else []
    )
    notes += [f"Not taken over from the mail: {one}" for one in refused[:20]]
    if not notes:
        return found, ids
    told = mail_html.words("\n".join(notes), "", pictures={}, remote=remote_address, most=3500)
    return replace(found, text=f"{found.text}\n\n{told.text}", html=f"{found.html}<hr>{told.html}"), ids


class _files:  # noqa: N801 - used as a function
    """Keeps files while a mail is understood, and forgets them again when that fails: their bytes are in no transaction."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._keys: list[str] = []

    def __enter__(self) -> Callable[[MailFile, bool], int]:
        return self._keep

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            for key in self._keys:
                with suppress(Unavailable):
                    storage().delete(key)

    def _keep(self, file: MailFile, is_within: bool) -> int:
        stream: Iterator[bytes] = iter([file.content])
        kept = attachments.store(self._ctx, filename=file.name, content_type=file.content_type, stream=stream)
        row = self._ctx.session.get_one(Attachment, kept.id)
        row.is_within = is_within and kept.is_image
        self._keys.append(row.storage_key)
        return kept.id


def _copy(ctx: Context, ticket: Ticket, mail: Mail, sender: Person, ours: frozenset[str]) -> None:
    """Who was sent a copy takes part from now on, if the desk knows them: colleagues who see the ticket watch it, customers
    read along. Nobody becomes known by being named in a copy, and nobody unknown is written to."""
    wanted = {one.email for one in (*mail.to, *mail.cc)[:_MOST_COPIED]} - {sender.email.lower()}
    wanted = {one for one in wanted if not mail_threads.is_ours(one, ours)}
    if not wanted:
        return
    known = ctx.session.exec(select(Person).where(col(Person.email).in_(wanted))).all()
    survivors = {one.id: one for one in (sign_in.survivor(ctx, person) for person in known)}
    found = [one for one in survivors.values() if one.is_active]
    staff = (
        {one.id for one in watching.colleagues_on(ctx, ticket)} if any(one.role in STAFF for one in found) else set()
    )
    for person in found:
        if person.id == ticket.requester_id or (person.role in STAFF and person.id not in staff):
            continue
        if watching.follow(ctx, ticket, person.id):
            ctx.record(ActivityKind.TICKET_WATCHER_ADDED, ticket, subject_id=person.id, name=person.name)


def _bounced(ctx: Context, mail: Mail) -> tuple[str, int | None]:
    """A report about a mail of ours that did not arrive. Believed only as far as it names a mail we have sent, and to whom:
    otherwise anybody could keep mail from anybody. Returns what to say about it, and about which ticket."""
    known = [f"<{one}>" for one in (mail.in_reply_to, *mail.references) if one]
    sent = ctx.session.exec(select(Delivery).where(col(Delivery.message_id).in_(known)).with_for_update()).first() if known else None  # fmt: skip
    if sent is None:
        return "A report about a mail that is none of the desk's.", None
    about = next((one for one in mail.bounces if one.recipient == sent.to_address.lower()), None)
    if (about is None and mail.bounces) or (about is not None and not about.is_permanent):
        return f"A mail to {sent.to_address} is late; their server goes on trying.", sent.ticket_id
    why = _reason(mail, about.status if about else "")
    sent.state, sent.last_error = "bounced", why[:500]
    person = ctx.session.get(Person, sent.person_id) if sent.person_id else None
    if person is not None and person.email.lower() == sent.to_address.lower() and person.bounced_at is None:
        person.bounced_at, person.bounce_reason = ctx.now, why[:300]
        ctx.record(ActivityKind.PERSON_BOUNCED, subject_id=person.id, name=person.name, why=why)
    ticket = ctx.session.get(Ticket, sent.ticket_id) if sent.ticket_id else None
    if ticket is not None:
        ctx.record(ActivityKind.TICKET_MAIL_BOUNCED, ticket, to=sent.to_address, reason=why)
    ctx.topics.add(f"org-{ctx.organization_id}-mail")
    return f"{sent.to_address} cannot be reached: {why}", sent.ticket_id


def _reason(mail: Mail, status: str) -> str:
    told = re.search(r"(?:^|\D)(5\d\d[ -][^\n]{5,200})", mail.text)
    said = " ".join(told[1].split()) if told else ""
    return (
        f"{said} ({status})"
        if said and status
        else said or (f"their server answers {status}" if status else "their server refuses it")
    )


# --- Looked at by administrators ----------------------------------------------------------------------------------------


@requires(Permission.MAILBOX_MANAGE)
def listing(
    ctx: Context, *, text_: str = "", state: str = "", mailbox_id: int = 0, before: int | None = None, size: int = 50
) -> list[ReceivedRow]:
    """Mail that came in, newest first.

    Args:
        text_: part of the sender or subject.
        state: received, understood, ignored or failed.
        before: only mail older than this id (keyset).
    """
    query = _rows().order_by(col(InboundMail.id).desc()).limit(min(size, 200))
    if before:
        query = query.where(col(InboundMail.id) < before)
    if state:
        query = query.where(InboundMail.state == state)
    if mailbox_id:
        query = query.where(InboundMail.mailbox_id == access.whole(mailbox_id))
    if part := one_line(text_)[:100]:
        query = query.where(
            col(InboundMail.from_address).icontains(part, autoescape=True)
            | col(InboundMail.subject).icontains(part, autoescape=True)
        )
    return [_row(*found) for found in ctx.session.exec(query).all()]


@requires(Permission.MAILBOX_MANAGE)
def one(ctx: Context, mail_id: int) -> ReceivedRow:
    """A mail that came in.

    Raises:
        NotFound: no such mail.
    """
    access.one(ctx, InboundMail, mail_id, what="mail")
    return _row(*ctx.session.exec(_rows().where(InboundMail.id == mail_id)).one())


@requires(Permission.MAILBOX_MANAGE)
def original(ctx: Context, mail_id: int) -> bytes:
    """A mail as it came.

    Raises:
        NotFound: no such mail, or its original was deleted.
    """
    row = access.one(ctx, InboundMail, mail_id, what="mail")
    if row.forgotten_at is not None:
        raise NotFound("The original was deleted, as your organization keeps originals only for a while.")
    return bytes(row.raw)


@step
def forget_originals(ctx: Context) -> int:
    """Delete the bytes of mails that are older than the organization keeps them, at most 200; returns how many. What
    became of them stays, and so does a mail that could not be read yet."""
    days = catalog.current(ctx).organization.keep_originals_days
    if not days:
        return 0
    old = (
        select(InboundMail.id)
        .where(
            col(InboundMail.received_at) < ctx.now - timedelta(days=days), col(InboundMail.forgotten_at).is_(None),
            col(InboundMail.state).in_((UNDERSTOOD, IGNORED)),
        )
        .order_by(col(InboundMail.received_at))
        .limit(_FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    gone = update(InboundMail).where(col(InboundMail.id).in_(old)).values(raw=b"", forgotten_at=ctx.now)
    number = int(ctx.session.execute(gone).rowcount)  # type: ignore[attr-defined]
    if number:
        _nudge(ctx)
    return number


@requires(Permission.MAILBOX_MANAGE)
def read_again(ctx: Context, mail_id: int) -> None:
    """Have a mail that failed read once more.

    Raises:
        NotFound: no such mail.
        Conflict: it has not failed.
    """
    row = access.one(ctx, InboundMail, mail_id, what="mail")
    if row.state != FAILED:
        raise Conflict("Only a mail that failed can be read again.")
    row.state, row.tries, row.next_try_at = RECEIVED, 0, ctx.now
    ctx.record(ActivityKind.MAIL_READ_AGAIN, subject_id=row.id, sender=row.from_address, subject=row.subject)
    ctx.jobs.append((JOB, (ctx.organization_id,)))
    _nudge(ctx)


@requires(Permission.MAILBOX_MANAGE)
def let_in(ctx: Context, mail_id: int) -> str:
    """Make a ticket or an answer of a mail that was ignored; returns the ticket's reference.

    Raises:
        NotFound: no such mail.
        Conflict: it was not ignored, or nothing can be made of it.
    """
    row = access.one(ctx, InboundMail, mail_id, what="mail")
    if row.state != IGNORED:
        raise Conflict("Only a mail that was ignored can be let in.")
    if row.forgotten_at is not None:
        raise Conflict("Its original was deleted, so nothing can be made of it any more.")
    row.state = RECEIVED
    ctx.session.flush()
    try:
        with ctx.session.begin_nested():
            understand(ctx, row.id, let_in=True)
    except (Ignored, Invalid, NotAllowed) as error:
        raise Conflict(str(error) or "Nothing can be made of this mail.") from error
    ctx.session.refresh(row)
    ctx.record(ActivityKind.MAIL_READ_AGAIN, subject_id=row.id, sender=row.from_address, subject=row.subject)
    return ctx.session.get_one(Ticket, row.ticket_id).reference


@step
def remote_address(address: str) -> str:
    """Our address of a picture elsewhere: signed, so that we fetch nothing but what stood in a mail."""
    return f"/files/remote/{signing.sign(_REMOTE, {'a': address})}"


@step
def remote_picture(token: str) -> str:
    """The address of a picture elsewhere, from ours; empty when it is none."""
    return str((signing.read(_REMOTE, token) or {}).get("a", ""))


def _rows() -> Any:
    return (
        select(InboundMail, Mailbox.address, Ticket.reference)
        .outerjoin(Mailbox, col(Mailbox.id) == InboundMail.mailbox_id)
        .outerjoin(Ticket, col(Ticket.id) == InboundMail.ticket_id)
        .options(defer(InboundMail.raw))  # type: ignore[arg-type]
    )


def _row(row: InboundMail, mailbox: str | None, reference: str | None) -> ReceivedRow:
    return ReceivedRow(
        row.id, row.from_address, row.from_name, row.subject, row.state, row.reason, row.error, mailbox or "", row.door, row.size,
        row.tries, reference or "", row.received_at.isoformat(), row.next_try_at.isoformat() if row.next_try_at else "",
        row.forgotten_at.isoformat() if row.forgotten_at else "",
    )  # fmt: skip


def _nudge(ctx: Context) -> None:
    ctx.topics.add(f"org-{ctx.organization_id}-received")
