"""Files on tickets: streamed in, checked by content, claimed by the comment they come with, opened only by who may."""

import fnmatch
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath, PureWindowsPath
from typing import NamedTuple

import puremagic
from sqlalchemy import func
from sqlmodel import col, select

from helpdesk import settings
from helpdesk.adapters.storage import Stored, storage
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound, TooLarge, Unavailable
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import one_line
from helpdesk.domain.tickets import CommentKind
from helpdesk.models import Attachment, Comment, Draft, Ticket, WaitingReply
from helpdesk.services import access, catalog, scanning, search
from helpdesk.services.context import Context, requires, step

MOST_PER_MAIL = 200
# Uploads nobody sent are forgotten after so long.
LOOSE_KEPT = timedelta(days=1)
_BATCH = 100
# Browsers run these; they are always downloads, but a wrong name must not make them look harmless either.
_PLAIN = frozenset({"text/plain", "text/csv", "text/markdown", "text/calendar", "text/tab-separated-values"})
_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})


class Filed(NamedTuple):
    """The columns of a file that its row needs."""

    id: int
    filename: str
    content_type: str
    size: int
    comment_id: int | None
    created_at: datetime
    is_within: bool
    scan: str
    scan_reason: str


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """A file as shown."""

    id: int
    filename: str
    content_type: str
    size: int
    comment_id: int = 0
    is_image: bool = False
    created_at: str = ""
    is_within: bool = False  # shown in the text it came with
    scan: str = scanning.CLEAN
    # Why it cannot be opened, in words; empty when it can.
    blocked: str = ""

    @property
    def is_safe_inline(self) -> bool:
        """Whether a browser may show it instead of saving it."""
        return self.content_type in _INLINE


@requires(Permission.TICKET_CREATE)
def store(ctx: Context, *, filename: str, content_type: str, stream: Iterable[bytes]) -> AttachmentRow:
    """Keep an uploaded file; it belongs to the uploader until a ticket or comment takes it.

    Args:
        filename: what the sender calls it; only its last part is kept, for display.
        content_type: what the sender claims; what the content says wins.

    Nobody opens it before it was scanned: at once by what is built in, else by a worker, soon.

    Raises:
        TooLarge: more bytes than allowed, for a file or for all of them.
        Invalid: empty, or a type that is not allowed here.
        Unavailable: the storage does not answer.
    """
    organization = catalog.current(ctx).organization
    most = settings.get().attachment_max_bytes
    quota = organization.storage_megabytes * 2**20
    left = quota - used(ctx) if quota else most
    if left <= 0:
        raise TooLarge(_full(organization.storage_megabytes))
    stored = storage().write(stream, most=min(most, organization.attachment_megabytes * 2**20 or most))
    try:
        if stored.size > left:
            raise TooLarge(_full(organization.storage_megabytes))
        return row(_kept(ctx, stored, filename, _accepted(ctx, stored, filename, content_type)))
    except BaseException:
        # No row names these bytes: nobody would ever find them again.
        with suppress(Unavailable):
            storage().delete(stored.key)
        raise


@requires(Permission.TICKET_READ)
def facts(ctx: Context, attachment_id: int) -> AttachmentRow:
    """What is known of a file, also before it can be opened.

    Raises:
        NotFound: none the actor may see.
    """
    return row(access.one(ctx, Attachment, attachment_id, what="file"))


@requires(Permission.TICKET_READ)
def open_(
    ctx: Context, attachment_id: int, *, start: int = 0, length: int | None = None
) -> tuple[AttachmentRow, Iterator[bytes]]:
    """A file's facts and its bytes, or `length` of them from `start`.

    Raises:
        NotFound: none the actor may see, or its bytes are gone.
        Conflict: it waits for the scanner.
        NotAllowed: the scanner blocked it.
        Unavailable: the storage does not answer.
    """
    found = access.one(ctx, Attachment, attachment_id, what="file")
    if found.scan == scanning.PENDING:
        raise Conflict(_waiting(found))
    if found.scan != scanning.CLEAN:
        raise NotAllowed(f"“{found.filename}” is blocked: {found.scan_reason}.")
    return row(found), storage().read(found.storage_key, start, length)


@requires(Permission.TICKET_CREATE)
def discard(ctx: Context, attachment_id: int) -> None:
    """Remove an upload that was not sent yet.

    Raises:
        NotFound: not the actor's, or already part of a ticket.
    """
    found = access.one(ctx, Attachment, attachment_id, what="file")
    if found.ticket_id is not None or found.uploaded_by_id != ctx.actor.person_id:
        raise NotFound("There is no such upload.")
    ctx.session.delete(found)
    ctx.session.flush()
    storage().delete(found.storage_key)


@step
def claim(
    ctx: Context, ids: Sequence[int], ticket: Ticket, comment: Comment | None, *, is_mail: bool = False
) -> list[str]:
    """Make the actor's loose uploads part of a ticket or comment; returns their names.

    Raises:
        Invalid: not the actor's own upload, already used, or too many.
    """
    wanted = list(dict.fromkeys(access.whole(one) for one in ids))
    if not wanted:
        return []
    most = MOST_PER_MAIL if is_mail else catalog.current(ctx).organization.attachments_per_message
    if len(wanted) > most:
        raise Invalid(files=f"Attach at most {most} files to a message. Send the others with the next one.")
    found = ctx.session.exec(
        select(Attachment)
        .where(
            col(Attachment.id).in_(wanted),
            col(Attachment.ticket_id).is_(None),
            Attachment.uploaded_by_id == ctx.actor.person_id,
        )
        .with_for_update()
    ).all()
    if len(found) != len(wanted) or ctx.actor.person_id is None:
        raise Invalid(files="A file is missing. Attach it again.")
    for attachment in found:
        attachment.ticket_id = ticket.id
        attachment.comment_id = comment.id if comment else None
    names = [attachment.filename for attachment in found]
    search.index_files(ctx, ticket, names, is_note=comment is not None and comment.kind == CommentKind.NOTE)
    return names


@step
def of_ticket(ctx: Context, ticket: Ticket) -> list[AttachmentRow]:
    """The files of a ticket the actor may see."""
    found = ctx.session.exec(
        access.visible(ctx, Attachment).where(Attachment.ticket_id == ticket.id).order_by(col(Attachment.id))
    ).all()
    return [row(one) for one in found]


@step
def used(ctx: Context) -> int:
    """How many bytes all files of the organization fill."""
    return int(ctx.session.exec(select(func.coalesce(func.sum(Attachment.size), 0))).one())


@requires(Permission.ORGANIZATION_MANAGE)
def usage(ctx: Context) -> tuple[int, int]:
    """How many files the organization keeps, and how many bytes they fill."""
    query = select(func.count(), func.coalesce(func.sum(Attachment.size), 0)).select_from(Attachment)
    count, size = ctx.session.exec(query).one()
    return count, int(size)


@step
def forget_loose(ctx: Context) -> int:
    """Remove uploads nobody sent within a day; returns how many, at most 100. Those of a draft, or of a reply that waits for
    its moment, stay."""
    waiting = select(func.unnest(WaitingReply.attachment_ids)).where(WaitingReply.state != "cancelled")
    unsent = waiting.union_all(select(func.unnest(Draft.attachment_ids)))
    found = ctx.session.exec(
        select(Attachment)
        .where(
            col(Attachment.ticket_id).is_(None),
            col(Attachment.created_at) < ctx.now - LOOSE_KEPT,
            col(Attachment.id).not_in(unsent),
        )
        .order_by(col(Attachment.created_at))
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for attachment in found:
        storage().delete(attachment.storage_key)
        ctx.session.delete(attachment)
    return len(found)


@step
def row(attachment: Attachment | Filed) -> AttachmentRow:
    """A file as shown."""
    return AttachmentRow(
        attachment.id, attachment.filename, attachment.content_type, attachment.size, attachment.comment_id or 0,
        attachment.content_type.startswith("image/") and attachment.content_type in _INLINE, attachment.created_at.isoformat(),
        attachment.is_within,
        attachment.scan, _why_not(attachment),
    )  # fmt: skip


@step
def safe_name(filename: str) -> str:
    """The last part of a name, without anything a header or a shell could mind."""
    last = PureWindowsPath(PurePosixPath(filename).name).name
    # Invisible characters go as well: they can turn "exe.png" around on the screen.
    shown = "".join(letter for letter in one_line(last) if unicodedata.category(letter) != "Cf")
    cleaned = re.sub(r'[\\/:*?"<>|;\x00-\x1f]', "_", shown).strip(". ")
    return cleaned[-200:] or "file"


def _accepted(ctx: Context, stored: Stored, filename: str, claimed: str) -> str:
    """The content type, if files of it are taken here."""
    if stored.size == 0:
        raise Invalid(file="The file is empty.")
    kind = _content_type(filename, claimed, stored.head)
    allowed = settings.get().attachment_types.split(",")
    if not _is_one_of(kind, allowed) or not _is_one_of(
        kind, catalog.current(ctx).organization.attachment_types or allowed
    ):
        raise Invalid(file=f"Files of the type {kind} are not accepted here.")
    return kind


def _kept(ctx: Context, stored: Stored, filename: str, kind: str) -> Attachment:
    attachment = Attachment(
        uploaded_by_id=ctx.actor.person_id, filename=safe_name(filename), content_type=kind, size=stored.size,
        sha256=stored.sha256, storage_key=stored.key, created_at=ctx.now,
    )  # fmt: skip
    ctx.session.add(attachment)
    ctx.session.flush()
    scanning.received(ctx, attachment)
    return attachment


def _why_not(attachment: Attachment | Filed) -> str:
    if attachment.scan == scanning.CLEAN:
        return ""
    if attachment.scan == scanning.PENDING:
        return attachment.scan_reason or "being checked for viruses"
    return f"blocked: {attachment.scan_reason}"


def _waiting(attachment: Attachment) -> str:
    if attachment.scan_reason:
        return f"“{attachment.filename}” waits: {attachment.scan_reason}. Nothing is lost; it opens once it is checked."
    return f"“{attachment.filename}” is being checked for viruses. It opens in a moment."


def _full(megabytes: int) -> str:
    return (
        f"The {megabytes} MB for files are full. Ask an administrator to allow more in Settings > Organization, or"
        " send a link instead."
    )


def _is_one_of(kind: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatch(kind, one.strip()) for one in patterns)


def _content_type(filename: str, claimed: str, head: bytes) -> str:
    try:
        matches = puremagic.magic_string(head, filename)
    except (puremagic.PureError, ValueError):
        matches = []
    for match in matches:
        if match.mime_type:
            return match.mime_type.lower()
    claimed = claimed.split(";", maxsplit=1)[0].strip().lower()
    if b"\x00" not in head and (claimed.startswith("text/") or not claimed):
        # Text that a browser would run is kept, and served, as plain text.
        return claimed if claimed in _PLAIN else "text/plain"
    return claimed if re.fullmatch(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,59}", claimed) else "application/octet-stream"
