"""Mail going out: composed from a template when something happens, sent by a job, retried until it is gone."""

import html
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from helpdesk import clock, db, log, settings
from helpdesk.adapters.mail import MailFailed, SmtpMailer, mailer
from helpdesk.adapters.storage import storage
from helpdesk.domain import mail_threads
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, NotFound, Unavailable
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import one_line, to_html
from helpdesk.models import Attachment, Delivery, InboundMail, Mailbox, Person, Ticket
from helpdesk.services import access, catalog, scanning
from helpdesk.services.context import Context, anyone, requires, step
from helpdesk.services.mail import bundling, mailboxes, threading

BATCH = 50
# Given up after so many tries, and no sooner than this: a server may be away over a long weekend.
MOST_ATTEMPTS, LONGEST_TRIED = 12, timedelta(days=5)
_LONGEST_PAUSE, _LONGEST_PAUSE_AWAY = timedelta(hours=4), timedelta(minutes=30)
# An answer waits this long for its files to be checked; then it leaves without them, and says where they are.
LONGEST_HELD = timedelta(hours=1)
_HELD_PAUSE = timedelta(seconds=15)
_LONGEST_BATCH_SECONDS = 60
_LATER = "Still being checked for viruses, so not attached here: “{names}”. You find it with your request as soon as that is done."
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!<>|~])")
# Written by people, for customers: they are signed, their files go along, and they are no automatic mail.
_SIGNED = frozenset({"replied"})
# Told to staff alone: an answer to one is for staff alone, too.
_INTERNAL = frozenset(
    {"noted", "mentioned", "watched_reply", "watched_status", "agent_status", "priority_agent", "notified", "escalated"}
)
_MOST_CAME = 40
_MOST_FILES_BYTES = 15 * 2**20
_logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A mail in Admin > Sent mail."""

    id: int
    to_address: str
    subject: str
    template: str
    state: str
    created_at: str
    sent_at: str = ""
    attempts: int = 0
    last_error: str = ""
    reference: str = ""
    body_text: str = ""


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody without an account."""

    email: str
    name: str
    id: None = None


@step
def queue(
    ctx: Context,
    template: str,
    to: Person | Stranger,
    values: Mapping[str, Any],
    *,
    ticket: Ticket | None = None,
    activity_id: int | None = None,
) -> None:
    """Compose a mail and put it in the queue; the same mail for the same activity only once.

    Args:
        template: the name of a file in `templates/`, without its ending.
        values: what the template shows; texts by people may be anything.
    """
    put(ctx, [composed(ctx, template, to, values, ticket=ticket, activity_id=activity_id)])


@step
def put(ctx: Context, mails: Sequence[dict[str, Any]]) -> None:
    """Put composed mails in the queue, all in one statement; the same mail for the same activity only once."""
    if mails:
        ctx.session.execute(insert(Delivery).values(list(mails)).on_conflict_do_nothing())
        ctx.topics.add(f"org-{ctx.organization_id}-mail")


@step
def composed(
    ctx: Context,
    template: str,
    to: Person | Stranger,
    values: Mapping[str, Any],
    *,
    ticket: Ticket | None = None,
    activity_id: int | None = None,
    comment_id: int | None = None,
    not_before: datetime | None = None,
) -> dict[str, Any]:
    """A mail as `put` takes it.

    Args:
        template: the name of a file in `templates/`, without its ending.
        values: what the template shows; texts by people may be anything.
        comment_id: whose files go along.
        not_before: when it may leave at the earliest; what waits for the same person about the same ticket goes along.
    """
    organization = catalog.current(ctx).organization
    base = settings.get().organization_url(organization.slug)
    box, known = _road(ctx, ticket) if ticket is not None else (None, [])
    signature = box.signature if box is not None and template in _SIGNED else ""
    shown = {"organization": organization, "person": to, "ticket": ticket, "base": base, **values}
    body = _render(template, "body", shown, for_html=False)
    shown_html = _environment(for_html=True).get_template("layout.html").render(
        **shown, content=to_html(_render(template, "body", shown, for_html=True)), signature=to_html(signature) if signature else "",
        can_answer=box is not None and template in _SIGNED,
        action_label=_render(template, "action", shown, for_html=False),
        action_url=_render(template, "link", shown, for_html=False),
    )  # fmt: skip
    subject = one_line(_render(template, "subject", shown, for_html=False))
    host = base.partition("://")[2].partition(":")[0].partition("/")[0]
    root = f"<{ticket.reference}.thread@{host}>" if ticket else ""
    reply_to = ""
    if ticket is not None:
        subject = f"[{ticket.reference}] {subject}"
        if box is not None:
            becomes = threading.INTERNAL if template in _INTERNAL else threading.PUBLIC
            reply_to = threading.reply_address(ctx, box.address, ticket, to.id, becomes)
            host = box.address.partition("@")[2]
    link = _render(template, "link", shown, for_html=False)
    state, why = ("kept" if mailer() is None and not (box and box.smtp_host) else "queued"), ""
    if ticket is not None and isinstance(to, Person) and to.bounced_at is not None:
        state, why = "suppressed", f"Mail to this address comes back: {to.bounce_reason}"
    return {
        "activity_id": activity_id, "ticket_id": ticket.id if ticket else None, "person_id": to.id, "template": template,
        "to_address": to.email, "subject": subject[:500], "body_text": _signed(body, link, signature), "body_html": shown_html,
        "message_id": make_msgid(domain=host), "references": mail_threads.references(root, known) if root else "",
        "in_reply_to": f"<{known[-1]}>" if known else root, "mailbox_id": box.id if box else None, "comment_id": comment_id,
        "reply_to": reply_to, "state": state, "attempts": 0, "last_error": why[:500],
        "next_attempt_at": (not_before or ctx.now) if state == "queued" else None, "created_at": ctx.now,
    }  # fmt: skip


@anyone
def organizations_due() -> list[int]:
    """Organizations with mail to send now, asked as the owner."""
    with db.owner_session() as session:
        rows = session.execute(
            text("SELECT DISTINCT organization_id FROM delivery WHERE state = 'queued' AND next_attempt_at <= :now"),
            {"now": clock.now()},
        )
        return [row[0] for row in rows]


@step
def send_due(ctx: Context) -> int:
    """Send up to 50 queued mails; returns how many left. A failure is kept with its reason and tried again later.

    The pauses double from one minute to four hours, to half an hour when the server is away; what it did not take leaves
    as soon as it is back. After twelve tries and five days the mail is marked failed and stays readable. An answer whose
    files wait for the virus scanner waits with them, for an hour.
    """
    due = ctx.session.exec(
        select(Delivery)
        .where(Delivery.state == "queued", col(Delivery.next_attempt_at) <= ctx.now)
        .order_by(col(Delivery.next_attempt_at))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    unchecked = _unchecked(ctx, due)
    batch = _Batch(ctx, unchecked)
    began = time.monotonic()
    for group in bundling.together([one for one in due if not _held(ctx, one, unchecked)]):
        if time.monotonic() - began > _LONGEST_BATCH_SECONDS:
            break  # a slow server: write down what has left, or all of it would leave again
        batch.send(_bundled(ctx, group))
    batch.wake()
    if due:
        ctx.topics.add(f"org-{ctx.organization_id}-mail")
    return batch.sent


class _Batch:
    """Mails that leave one after the other. A server that does not answer is asked once: the others wait as well."""

    def __init__(self, ctx: Context, unchecked: Mapping[int, Sequence[str]]) -> None:
        self.ctx, self.sent = ctx, 0
        self._unchecked = unchecked
        self._usual = mailer()
        self._away: dict[int | None, MailFailed] = {}
        self._is_back: set[int | None] = set()

    def send(self, delivery: Delivery) -> None:
        """Send one, or write down why not."""
        ctx = self.ctx
        box = ctx.session.get(Mailbox, delivery.mailbox_id) if delivery.mailbox_id else None
        own = mailboxes.server(box) if box is not None else None
        server = delivery.mailbox_id if own is not None else None
        chosen = SmtpMailer(own) if own is not None else self._usual
        delivery.attempts += 1
        if chosen is None:
            delivery.state, delivery.next_attempt_at = "kept", None
            return
        try:
            if server in self._away:
                raise self._away[server]
            chosen.send(_composed(ctx, delivery, box, self._unchecked.get(delivery.comment_id or 0, ())))
        except Unavailable:
            # Without the storage there are no files to send along; it is no fault of the mail.
            delivery.attempts -= 1
            _hold(ctx, delivery, "Its files cannot be reached: the storage does not answer.")
        except MailFailed as error:
            if error.is_away:
                self._away[server] = error
            _failed(ctx, delivery, error)
        else:
            if delivery.last_error:
                _touch(ctx, delivery)
                self._is_back |= {server} if delivery.attempts > 1 else set()
            delivery.state, delivery.sent_at, delivery.next_attempt_at, delivery.last_error = "sent", ctx.now, None, ""
            self.sent += 1

    def wake(self) -> None:
        """What a server that is back did not take before need not wait any longer."""
        for server in self._is_back - set(self._away):
            waiting = update(Delivery).where(
                col(Delivery.state) == "queued", col(Delivery.attempts) > 0, col(Delivery.next_attempt_at) > self.ctx.now,
            )  # fmt: skip
            own = col(Delivery.mailbox_id) == server if server is not None else _by_the_desks_own()
            self.ctx.session.execute(waiting.where(own).values(next_attempt_at=self.ctx.now))


def _by_the_desks_own() -> Any:
    with_own = select(Mailbox.id).where(Mailbox.smtp_host != "")
    return col(Delivery.mailbox_id).is_(None) | col(Delivery.mailbox_id).not_in(with_own)


def _failed(ctx: Context, delivery: Delivery, error: MailFailed) -> None:
    is_old = ctx.now - delivery.created_at >= LONGEST_TRIED
    is_over = error.is_final or (delivery.attempts >= MOST_ATTEMPTS and is_old)
    longest = _LONGEST_PAUSE_AWAY if error.is_away else _LONGEST_PAUSE
    pause = min(timedelta(minutes=2 ** min(delivery.attempts - 1, 10)), longest)
    delivery.last_error = str(error)[:500]
    delivery.state = "failed" if is_over else "queued"
    delivery.next_attempt_at = None if is_over else ctx.now + pause
    _touch(ctx, delivery)
    _logger.warning("a mail was not taken", delivery=delivery.id, attempts=delivery.attempts, error=str(error))


def _unchecked(ctx: Context, due: Sequence[Delivery]) -> dict[int, list[str]]:
    """The names of files nobody has looked into yet, by the answer they came with."""
    answers = {one.comment_id for one in due if one.comment_id}
    found: dict[int, list[str]] = {}
    if answers:
        query = select(Attachment.comment_id, Attachment.filename).where(
            col(Attachment.comment_id).in_(answers), Attachment.scan == scanning.PENDING
        )
        for comment_id, name in ctx.session.exec(query.order_by(col(Attachment.id))).all():
            found.setdefault(comment_id or 0, []).append(name)
    return found


def _held(ctx: Context, delivery: Delivery, unchecked: Mapping[int, Sequence[str]]) -> bool:
    """Whether a mail waits for its files to be checked for viruses."""
    names = unchecked.get(delivery.comment_id or 0, ())
    if not names or ctx.now - delivery.created_at >= LONGEST_HELD:
        return False
    _hold(ctx, delivery, f"It waits until “{'”, “'.join(names)}” has been checked for viruses.")
    return True


def _hold(ctx: Context, delivery: Delivery, why: str) -> None:
    if delivery.last_error != why[:500]:
        delivery.last_error = why[:500]
        _touch(ctx, delivery)
    delivery.next_attempt_at = ctx.now + _HELD_PAUSE


def _touch(ctx: Context, delivery: Delivery) -> None:
    """Whoever looks at the ticket sees beside the answer that it has not left, or has now."""
    if delivery.ticket_id and delivery.comment_id:
        ctx.topics.add(f"ticket-{delivery.ticket_id}")


@requires(Permission.MAIL_READ)
def listing(
    ctx: Context, *, text_: str = "", state: str = "", before: int | None = None, size: int = 50
) -> list[DeliveryRow]:
    """Outgoing mail, newest first.

    Args:
        text_: part of the address or subject.
        state: queued, sent, bundled, kept or failed.
        before: only mail older than this id (keyset).
    """
    query = (
        select(Delivery, Ticket.reference)
        .outerjoin(Ticket, col(Ticket.id) == Delivery.ticket_id)
        .order_by(col(Delivery.id).desc())
        .limit(min(size, 200))
    )
    if before:
        query = query.where(col(Delivery.id) < before)
    if state:
        query = query.where(Delivery.state == state)
    if part := one_line(text_)[:100]:
        query = query.where(
            col(Delivery.to_address).icontains(part, autoescape=True)
            | col(Delivery.subject).icontains(part, autoescape=True)
        )
    return [_row(delivery, reference or "", "") for delivery, reference in ctx.session.exec(query).all()]


@requires(Permission.MAIL_READ)
def one(ctx: Context, delivery_id: int) -> DeliveryRow:
    """A mail with its text. Links that let somebody choose a password, or rate in a customer's name, are never shown; one that confirms an
    address may be handed on, it is worth nothing without the password.

    Raises:
        NotFound: no such mail.
    """
    delivery = access.one(ctx, Delivery, delivery_id, what="mail")
    ticket = ctx.session.get(Ticket, delivery.ticket_id) if delivery.ticket_id else None
    body = re.sub(r"(/(?:reset|rate)\?token=)[^\s&)]+", r"\1…", delivery.body_text)
    return _row(delivery, ticket.reference if ticket else "", body)


@requires(Permission.MAIL_READ)
def send_again(ctx: Context, delivery_id: int) -> None:
    """Queue a failed mail once more.

    Raises:
        NotFound: no such mail.
        Conflict: it has not failed.
    """
    delivery = access.one(ctx, Delivery, delivery_id, what="mail")
    if delivery.state != "failed":
        raise Conflict("Only a mail that failed can be sent again.")
    delivery.state, delivery.attempts, delivery.next_attempt_at = "queued", 0, ctx.now
    ctx.record(ActivityKind.MAIL_SENT_AGAIN, subject_id=delivery.id, to=delivery.to_address, subject=delivery.subject)
    ctx.topics.add(f"org-{ctx.organization_id}-mail")


def _bundled(ctx: Context, group: list[Delivery]) -> Delivery:
    """The one mail a group of them becomes: the last of them says it all, the others are marked as part of it."""
    *others, delivery = group
    if not others:
        return delivery
    ticket = ctx.session.get_one(Ticket, delivery.ticket_id)
    person = ctx.session.get_one(Person, delivery.person_id)
    items = [{"subject": _told(one, ticket), "text": _told_text(one)} for one in group]
    link = next((line for line in reversed(delivery.body_text.splitlines()) if line.startswith("http")), "")
    words = "See your request" if "/requests/" in link else "Open the ticket"
    values = {"items": items, "link": link, "action_words": words}
    made = composed(ctx, "bundle", person, values, ticket=ticket)
    delivery.subject, delivery.body_text, delivery.body_html = made["subject"], made["body_text"], made["body_html"]
    # An answer to a mail with a note in it is for staff alone.
    delivery.reply_to = next((one.reply_to for one in group if one.template in _INTERNAL), delivery.reply_to)
    for one in others:
        one.state, one.next_attempt_at, one.sent_at = "bundled", None, ctx.now
    return delivery


def _told(one: Delivery, ticket: Ticket) -> str:
    return one.subject.removeprefix(f"[{ticket.reference}] ").removesuffix(f": {ticket.title}")


def _told_text(one: Delivery) -> str:
    """What a mail said, without the address of the button at its end."""
    lines = one.body_text.rstrip().splitlines()
    return "\n".join(lines[:-1] if lines and lines[-1].startswith("http") else lines).strip()


def _row(delivery: Delivery, reference: str, body: str) -> DeliveryRow:
    return DeliveryRow(
        delivery.id, delivery.to_address, delivery.subject, delivery.template, delivery.state,
        delivery.created_at.isoformat(), delivery.sent_at.isoformat() if delivery.sent_at else "", delivery.attempts,
        delivery.last_error, reference, body,
    )  # fmt: skip


def _signed(body: str, link: str, signature: str) -> str:
    """The plain part: the words, how they sign, where it can be seen."""
    said = f"{body}\n\n{link}" if link else body
    return f"{said}\n\n-- \n{signature}\n" if signature else f"{said}\n"


def _road(ctx: Context, ticket: Ticket) -> tuple[Mailbox | None, list[str]]:
    """The mailbox mails about a ticket leave from, and the mails it is made of: looked up once, however many are told."""
    known: dict[int, tuple[Mailbox | None, list[str]]] = ctx.session.info.setdefault("roads of mail", {})
    if ticket.id not in known:
        known[ticket.id] = mailboxes.leaving(ctx, ticket.mailbox_id), _came(ctx, ticket)
    return known[ticket.id]


def _came(ctx: Context, ticket: Ticket) -> list[str]:
    """The ids of the mails a ticket is made of, oldest first: what mail programs put an answer under."""
    query = (
        select(InboundMail.message_id)
        .where(InboundMail.ticket_id == ticket.id, InboundMail.state == "understood")
        .order_by(col(InboundMail.id).desc())
        .limit(_MOST_CAME)
    )
    return [one for one in reversed(ctx.session.exec(query).all()) if not one.startswith("sha256:")]


def _composed(ctx: Context, delivery: Delivery, box: Mailbox | None, left_out: Sequence[str] = ()) -> EmailMessage:
    try:
        return _message(ctx, delivery, box, left_out)
    except (ValueError, MessageError) as error:
        # It will never fit into a mail; the others behind it wait.
        raise MailFailed(f"It cannot be written as a mail: {error}", is_final=True) from error


def _message(ctx: Context, delivery: Delivery, box: Mailbox | None, left_out: Sequence[str] = ()) -> EmailMessage:
    organization = catalog.current(ctx).organization
    message = EmailMessage()
    sender = box.address if box else settings.get().mail_from.replace("{organization}", organization.slug)
    message["From"] = Address(one_line(box.name if box and box.name else organization.name), addr_spec=sender)
    message["To"] = delivery.to_address
    if delivery.reply_to:
        message["Reply-To"] = delivery.reply_to
    message["Subject"] = delivery.subject
    message["Date"] = format_datetime(delivery.created_at)
    message["Message-ID"] = delivery.message_id
    if delivery.references:
        message["In-Reply-To"] = delivery.in_reply_to or delivery.references.split()[0]
        message["References"] = delivery.references
    if delivery.template not in _SIGNED:
        message["Auto-Submitted"] = "auto-generated"
    # Nobody's holiday answers this.
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    later = _LATER.format(names="”, “".join(left_out)) if left_out else ""
    message.set_content(f"{later}\n\n{delivery.body_text}" if later else delivery.body_text)
    in_html = f'<p style="color:#60646c">{html.escape(later)}</p>' if later else ""
    message.add_alternative(delivery.body_html.replace("</div></body>", f"{in_html}</div></body>"), subtype="html")
    for name, kind, content in _files_of(ctx, delivery.comment_id) if delivery.comment_id else ():
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub or "octet-stream", filename=name)
    return message


def _files_of(ctx: Context, comment_id: int) -> list[tuple[str, str, bytes]]:
    """The files of an answer: all that were found clean, or, when they are more than mail servers take, none: they are named
    in it anyway."""
    query = select(Attachment).where(Attachment.comment_id == comment_id, Attachment.scan == scanning.CLEAN)
    query = query.order_by(col(Attachment.id))
    found = ctx.session.exec(query).all()
    if sum(one.size for one in found) > _MOST_FILES_BYTES:
        return []
    return [(one.filename, _kind_of(one), content) for one in found if (content := _content(one)) is not None]


def _content(file: Attachment) -> bytes | None:
    """Its bytes; nothing when they are no longer in the storage: the answer leaves all the same."""
    try:
        return b"".join(storage().read(file.storage_key))
    except NotFound:
        _logger.warning("a file of an answer is gone", attachment=file.id)
        return None


def _kind_of(file: Attachment) -> str:
    # A mail within a mail must be one by the letter; as plain bytes it arrives as it is.
    return "application/octet-stream" if file.content_type.startswith(("message/", "multipart/")) else file.content_type


def _render(template: str, block: str, values: Mapping[str, Any], *, for_html: bool) -> str:
    loaded = _environment(for_html=for_html).get_template(f"{template}.md")
    if block not in loaded.blocks:
        return ""
    return "".join(loaded.blocks[block](loaded.new_context(dict(values)))).strip()


@lru_cache(maxsize=2)
def _environment(*, for_html: bool) -> Environment:
    # The bodies are Markdown, turned into sanitised HTML afterwards: what people typed is escaped for Markdown there
    # ("plain"), and left alone in the text part.
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=lambda name: bool(name and name.endswith(".html")),  # noqa: S701 - .md is sanitised after Markdown
        undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.filters["plain"] = (lambda value: _MARKDOWN.sub(r"\\\1", one_line(str(value)))) if for_html else str
    return made
