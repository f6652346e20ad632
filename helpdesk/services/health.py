"""Whether what the desk leans on answers, and what of an organization's work waits until it does.

Nothing of it is lost meanwhile: mails, files and what follows from what happened are rows, and sweeps come back to them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select

from helpdesk import background, redis_client, settings
from helpdesk.adapters.scanner import Clamd, ScannerAway
from helpdesk.adapters.storage import storage
from helpdesk.domain.errors import NotFound, Unavailable
from helpdesk.domain.permissions import Permission
from helpdesk.models import Activity, Attachment, Delivery, InboundMail, Mailbox
from helpdesk.services import scanning
from helpdesk.services.context import Context, anyone, requires
from helpdesk.services.mail import inbound

WELL, WAITING, AWAY, OFF, ASKING = "well", "waiting", "away", "off", "asking"
# What is younger is on its way.
_SOON = timedelta(minutes=1)
_PROBE_SECONDS = 3
_NO_SUCH_FILE = "0" * 40


@dataclass(frozen=True, slots=True)
class Answers:
    """What the servers say when they are asked: empty, or why not."""

    is_asked: bool = False
    redis: str = ""
    worker: str = ""
    storage: str = ""
    scanner: str = ""


UNASKED = Answers()


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One thing the desk leans on.

    Args:
        state: well, waiting (something waits for it), away (it does not answer), off (not set up), asking.
        told: how it is and what waits, in sentences.
        since: since when the oldest of it waits.
        href: where what waits can be seen; `words` says it.
    """

    key: str
    name: str
    state: str
    told: str
    since: str = ""
    href: str = ""
    words: str = ""


@anyone
def asked() -> Answers:
    """Ask each of them, in no transaction: they may take a few seconds to say nothing."""
    redis, worker = _redis()
    return Answers(True, redis, worker, _storage(), _scanner())


@requires(Permission.ORGANIZATION_MANAGE)
def look(ctx: Context, answers: Answers) -> list[HealthRow]:
    """How everything stands.

    Args:
        answers: of `asked`, or UNASKED while they are being asked.
    """
    return [
        _mail_out(ctx),
        _mailboxes(ctx),
        _mail_in(ctx),
        _files(answers),
        _checked(ctx, answers),
        _background(ctx, answers),
    ]


def _mail_out(ctx: Context) -> HealthRow:
    name, href = "Outgoing mail", "/admin/mail?state=queued"
    late = (col(Delivery.last_error) != "") | (col(Delivery.next_attempt_at) < ctx.now - _SOON)
    waiting = select(Delivery).where(Delivery.state == "queued", late).order_by(col(Delivery.id))
    number, oldest, why = _summed(ctx, waiting.subquery().c, "created_at", "last_error")
    if number:
        told = f"{_counted(number, 'mail')}. {why or 'Nobody has sent it yet.'} What waits leaves by itself; nothing is lost."
        return HealthRow("mail", name, WAITING, told, oldest, href, "See what waits")
    is_set_up = bool(settings.get().smtp_host) or _is_there(ctx, col(Mailbox.smtp_host) != "")
    if not is_set_up:
        return HealthRow("mail", name, OFF, "No mail server is set up: mails are kept here, and can be read.")
    return HealthRow("mail", name, WELL, "Nothing waits.")


def _mailboxes(ctx: Context) -> HealthRow:
    name, href = "Mailboxes", "/admin/mailboxes"
    query = select(Mailbox).where(col(Mailbox.is_active), Mailbox.imap_host != "").order_by(Mailbox.address)
    read = ctx.session.exec(query).all()
    failing = [one for one in read if one.failures]
    if failing:
        told = " ".join(f"{one.address}: {one.last_error}" for one in failing)
        since = min((one.succeeded_at for one in failing if one.succeeded_at), default=None)
        ending = "What people write stays in the mailbox, and comes in once it can be read again."
        return HealthRow("mailboxes", name, AWAY, f"{told} {ending}", _iso(since), href, "See the mailboxes")
    if not read:
        return HealthRow("mailboxes", name, OFF, "No mailbox is read.")
    return HealthRow("mailboxes", name, WELL, "All of them are read.", href=href)


def _mail_in(ctx: Context) -> HealthRow:
    name, href = "Received mail", "/admin/received?state=received"
    waiting = select(InboundMail.received_at, InboundMail.reason).where(
        InboundMail.state == inbound.RECEIVED, col(InboundMail.next_try_at).is_not(None),
        (col(InboundMail.reason) != "") | (col(InboundMail.received_at) < ctx.now - _SOON),
    )  # fmt: skip
    number, oldest, why = _summed(ctx, waiting.subquery().c, "received_at", "reason")
    if number:
        told = f"{_counted(number, 'mail')} to be taken in. {why} They are kept as they came, and go on by themselves."
        return HealthRow("received", name, WAITING, told, oldest, href, "See what waits")
    return HealthRow("received", name, WELL, "Nothing waits.")


def _files(answers: Answers) -> HealthRow:
    name = "Files"
    if not answers.is_asked:
        return HealthRow("storage", name, ASKING, "Asking the storage …")
    if answers.storage:
        told = f"{answers.storage} Files can be neither opened nor attached until it does; what people write goes on."
        return HealthRow("storage", name, AWAY, told)
    where = "The S3 storage answers." if settings.get().s3_url else "On this machine's disk."
    return HealthRow("storage", name, WELL, where)


def _checked(ctx: Context, answers: Answers) -> HealthRow:
    name = "Virus scanner"
    waiting = select(Attachment.created_at, Attachment.scan_reason).where(
        Attachment.scan == scanning.PENDING,
        (col(Attachment.scan_reason) != "") | (col(Attachment.created_at) < ctx.now - _SOON),
    )
    number, oldest, _ = _summed(ctx, waiting.subquery().c, "created_at", "scan_reason")
    told = (
        f"{_counted(number, 'file')} to be checked, and answers with them. They open by themselves as soon as they are."
    )
    if answers.scanner:
        return HealthRow("scanner", name, AWAY, f"{answers.scanner} {told if number else 'No file waits.'}", oldest)
    if number:
        return HealthRow("scanner", name, WAITING, told, oldest)
    if not answers.is_asked:
        return HealthRow("scanner", name, ASKING, "Asking it …")
    return HealthRow("scanner", name, WELL, "ClamAV answers." if settings.get().clamav else "The built-in one.")


def _background(ctx: Context, answers: Answers) -> HealthRow:
    name = "Work in the background"
    happened = select(Activity.at, Activity.kind).where(
        col(Activity.reacted_at).is_(None), col(Activity.at) < ctx.now - _SOON
    )
    number, oldest, _ = _summed(ctx, happened.subquery().c, "at", "kind")
    waits = f"What follows from {number} things that happened (mails, notices, rules) waits for it." if number else ""
    if answers.redis:
        told = f"{answers.redis} Pages do not update by themselves. What people write is kept. {waits}".strip()
        return HealthRow("background", name, AWAY, told, oldest)
    if answers.worker:
        return HealthRow("background", name, AWAY, f"{answers.worker} {waits}".strip(), oldest)
    if number:
        return HealthRow("background", name, WAITING, f"{waits} It is being caught up with.", oldest)
    if not answers.is_asked:
        return HealthRow("background", name, ASKING, "Asking …")
    return HealthRow("background", name, WELL, "Workers and scheduler are at work; nothing waits.")


def _summed(ctx: Context, columns: object, since: str, why: str) -> tuple[int, str, str]:
    """How many there are, since when the oldest one waits, and a reason of one of them."""
    query = select(func.count(), func.min(getattr(columns, since)), func.max(getattr(columns, why)))
    number, oldest, reason = ctx.session.exec(query).one()
    return number, _iso(oldest), reason or ""


def _is_there(ctx: Context, *conditions: object) -> bool:
    return ctx.session.exec(select(Mailbox.id).where(col(Mailbox.is_active), *conditions).limit(1)).first() is not None  # type: ignore[arg-type]


def _counted(number: int, what: str) -> str:
    return f"1 {what} waits" if number == 1 else f"{number} {what}s wait"


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _redis() -> tuple[str, str]:
    try:
        redis_client.connection().ping()
        if not background.workers_alive():
            return "", "No worker is running."
        return "", "" if background.scheduler_is_alive() else "No scheduler is running."
    except redis_client.UNAVAILABLE:
        return "Redis does not answer.", ""


def _storage() -> str:
    try:
        storage().read(_NO_SUCH_FILE, 0, 1).close()  # type: ignore[attr-defined]
    except NotFound:
        return ""
    except Unavailable:
        return "The storage does not answer."
    return ""


def _scanner() -> str:
    address = settings.get().clamav
    if not address:
        return ""
    try:
        Clamd(address, timeout=_PROBE_SECONDS).ping()
    except ScannerAway:
        return "ClamAV does not answer."
    return ""
