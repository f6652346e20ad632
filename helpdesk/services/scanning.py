"""Looking into files before anybody opens them: pending, then clean or infected.

The built-in scanner is asked while somebody uploads. clamd is asked by a worker: the file waits, and goes on waiting
while clamd is away; the text it came with is long there. What is infected is set aside, and its name says why.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlmodel import col, select

from helpdesk import clock, db, log
from helpdesk.adapters.scanner import ScannerAway, Verdict, scanner
from helpdesk.adapters.storage import storage
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import NotFound, Unavailable
from helpdesk.domain.people import system
from helpdesk.domain.tickets import CommentKind
from helpdesk.models import Attachment, Comment, Ticket
from helpdesk.services.context import Context, anyone, step

PENDING, CLEAN, INFECTED = "pending", "clean", "infected"
JOB = "helpdesk.jobs.files.scan"
BATCH = 4
# How long one worker has for a batch before another may try.
_LEASE = timedelta(minutes=10)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=10)
_logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Unscanned:
    """A file to look into."""

    id: int
    storage_key: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of looking: a verdict, or why there is none yet."""

    verdict: Verdict | None
    waits_for: str = ""


@step
def received(ctx: Context, attachment: Attachment) -> None:
    """A file has come in: look into it now, or have a worker do so."""
    if not scanner().is_immediate:
        attachment.scan, attachment.scan_next_at = PENDING, ctx.now
        ctx.jobs.append((JOB, (ctx.organization_id,)))
        return
    _settle(ctx, attachment, look(Unscanned(attachment.id, attachment.storage_key)))


@anyone
def organizations_due() -> list[int]:
    """Organizations with files to look into now, asked as the owner."""
    with db.owner_session() as session:
        rows = session.execute(
            text("SELECT DISTINCT organization_id FROM attachment WHERE scan = 'pending' AND scan_next_at <= :now"),
            {"now": clock.now()},
        )
        return [row[0] for row in rows]


@step
def claim(ctx: Context) -> list[Unscanned]:
    """Take the next files upon oneself; nobody else looks into them meanwhile."""
    due = ctx.session.exec(
        select(Attachment)
        .where(Attachment.scan == PENDING, col(Attachment.scan_next_at) <= ctx.now)
        .order_by(col(Attachment.scan_next_at), col(Attachment.id))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for attachment in due:
        attachment.scan_next_at = ctx.now + _LEASE
    return [Unscanned(one.id, one.storage_key) for one in due]


@anyone
def look(unscanned: Unscanned) -> Seen:
    """Look into a file, in no transaction when clamd does: it may take its time."""
    try:
        return Seen(scanner().scan(storage().read(unscanned.storage_key)))
    except ScannerAway as away:
        _logger.warning("a file waits for the scanner", attachment=unscanned.id, why=str(away))
        return Seen(None, "the virus scanner does not answer at the moment")
    except Unavailable:
        return Seen(None, "the storage does not answer at the moment")
    except NotFound:
        return Seen(None, "it is no longer in the storage")


@step
def settle(ctx: Context, attachment_id: int, seen: Seen) -> None:
    """Write down what came of looking; one that was removed or settled meanwhile stays as it is."""
    query = select(Attachment).where(col(Attachment.id) == attachment_id, Attachment.scan == PENDING)
    attachment = ctx.session.exec(query.with_for_update()).first()
    if attachment is not None:
        _settle(ctx, attachment, seen)


def _settle(ctx: Context, attachment: Attachment, seen: Seen) -> None:
    ticket = ctx.session.get(Ticket, attachment.ticket_id) if attachment.ticket_id else None
    if seen.verdict is None:
        pause = min(_FIRST_PAUSE * 2 ** min(attachment.scan_attempts, 10), _LONGEST_PAUSE)
        attachment.scan, attachment.scan_reason = PENDING, seen.waits_for
        attachment.scan_attempts, attachment.scan_next_at = attachment.scan_attempts + 1, ctx.now + pause
    elif seen.verdict.blocked:
        storage().set_aside(attachment.storage_key)
        attachment.scan, attachment.scan_reason, attachment.scan_next_at = INFECTED, seen.verdict.blocked[:300], None
        # The desk blocked it, whoever sent it: so they are told, too.
        with ctx.acting_as(system(ctx.organization_id)):
            ctx.record(
                ActivityKind.FILE_BLOCKED, ticket, subject_id=attachment.id, filename=attachment.filename,
                why=attachment.scan_reason, uploader_id=attachment.uploaded_by_id,
            )  # fmt: skip
    else:
        attachment.scan, attachment.scan_reason, attachment.scan_next_at = CLEAN, "", None
    if ticket is not None:
        comment = ctx.session.get(Comment, attachment.comment_id) if attachment.comment_id else None
        ctx.touch_ticket(ticket, is_public=comment is None or comment.kind != CommentKind.NOTE)
