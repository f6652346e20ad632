"""Reading mailboxes: claimed in one transaction, read in none, settled in another. Each mail is safe with us before it is
marked as seen, so whatever stops us in between only makes us meet it again, and the second time changes nothing."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlmodel import col, select

from helpdesk import clock, db
from helpdesk.adapters import imap
from helpdesk.adapters.imap import Folder
from helpdesk.domain.errors import Conflict
from helpdesk.domain.permissions import Permission
from helpdesk.models import Mailbox
from helpdesk.services import access
from helpdesk.services.context import Context, anyone, requires, step
from helpdesk.services.mail import mailboxes

EVERY = timedelta(seconds=60)
JOB = "helpdesk.jobs.mailboxes.poll"
# At one go; what is left comes with the next.
BATCH = 100
_LEASE = timedelta(minutes=9)
_LONGEST_PAUSE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Turn:
    """A mailbox one has claimed, and where reading has come to. Holds its secret: never kept, never logged."""

    mailbox_id: int
    account: imap.Account
    uid_validity: int
    last_uid: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reading has come; with an error, as far as it came."""

    uid_validity: int
    last_uid: int
    kept: int = 0
    error: str = ""
    has_more: bool = False


@anyone
def mailboxes_due() -> list[tuple[int, int]]:
    """(organization, mailbox) of everything to be read now, asked as the owner."""
    with db.owner_session() as session:
        rows = session.execute(
            text(
                "SELECT organization_id, id FROM mailbox WHERE is_active AND imap_host <> '' AND next_poll_at <= :now"
                " AND (polling_until IS NULL OR polling_until < :now) ORDER BY next_poll_at"
            ),
            {"now": clock.now()},
        )
        return [(row[0], row[1]) for row in rows]


@requires(Permission.MAILBOX_MANAGE)
def read_now(ctx: Context, mailbox_id: int) -> None:
    """Have a mailbox read at once.

    Raises:
        NotFound: no such mailbox.
        Conflict: it is off, or nobody has said how it is read.
    """
    row = access.one(ctx, Mailbox, mailbox_id, what="mailbox")
    if not row.is_active or not row.imap_host:
        raise Conflict("This mailbox is not read: switch it on and say where its mail is.")
    row.next_poll_at = ctx.now
    ctx.jobs.append((JOB, (ctx.organization_id, row.id)))


@step
def claim(ctx: Context, mailbox_id: int) -> Turn | None:
    """Take a mailbox upon oneself; nothing when somebody else reads it just now, or it is not its turn."""
    query = (
        select(Mailbox)
        .where(Mailbox.id == mailbox_id, col(Mailbox.is_active), Mailbox.imap_host != "")
        .where(col(Mailbox.next_poll_at) <= ctx.now)
        .with_for_update(skip_locked=True)
    )
    row = ctx.session.exec(query.execution_options(populate_existing=True)).first()
    if row is None or (row.polling_until is not None and row.polling_until > ctx.now):
        return None
    row.polling_until = ctx.now + _LEASE
    return Turn(row.id, mailboxes.account(row), row.uid_validity, row.last_uid)


@step
def settle(ctx: Context, mailbox_id: int, progress: Progress) -> None:
    """Write down how far reading came, and when it is the mailbox's turn again: a failing one waits longer each time."""
    row = ctx.session.get(Mailbox, mailbox_id, with_for_update=True)
    if row is None:
        return
    row.polling_until = None
    row.uid_validity, row.last_uid = progress.uid_validity, progress.last_uid
    if progress.error:
        row.failures, row.failed_at, row.last_error = row.failures + 1, ctx.now, progress.error[:500]
        row.next_poll_at = ctx.now + min(EVERY * 2 ** min(row.failures - 1, 10), _LONGEST_PAUSE)
    else:
        row.failures, row.succeeded_at, row.last_error = 0, ctx.now, ""
        row.next_poll_at = ctx.now if progress.has_more else ctx.now + EVERY
    ctx.topics.add(f"org-{ctx.organization_id}-mailboxes")


@step
def to_read(folder: Folder, turn: Turn) -> tuple[list[int], int]:
    """The numbers of mails to read now, and up to where all are known afterwards if nothing goes wrong.

    What came after the last one that is known, whether somebody has looked at it meanwhile or not; and whatever is unseen.
    In a folder one has never read, only what is unseen: nobody wants ten years of mail as tickets.
    """
    known = turn.last_uid if turn.uid_validity == folder.uid_validity else folder.uid_next - 1
    fresh = folder.after(known)
    numbers = list(dict.fromkeys([*fresh, *folder.unseen()]))
    return numbers, known
