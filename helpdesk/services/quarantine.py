"""Files the scanner blocked: looked at by administrators, released when the scanner was wrong, or deleted for good."""

from dataclasses import dataclass

from sqlmodel import col, select

from helpdesk.adapters.storage import storage
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, NotFound
from helpdesk.domain.permissions import Permission
from helpdesk.domain.tickets import CommentKind
from helpdesk.models import Attachment, Comment, Person, Ticket
from helpdesk.services import access, scanning
from helpdesk.services.context import Context, requires


@dataclass(frozen=True, slots=True)
class BlockedRow:
    """A file in Settings > Blocked files."""

    id: int = 0
    filename: str = ""
    content_type: str = ""
    size: int = 0
    why: str = ""
    uploader: str = ""
    reference: str = ""
    created_at: str = ""


@requires(Permission.ORGANIZATION_MANAGE)
def listing(ctx: Context, *, before: int | None = None, size: int = 50) -> list[BlockedRow]:
    """What is blocked, newest first.

    Args:
        before: only files older than this id (keyset).
    """
    query = (
        select(Attachment, Person.name, Ticket.reference)
        .outerjoin(Person, col(Person.id) == Attachment.uploaded_by_id)
        .outerjoin(Ticket, col(Ticket.id) == Attachment.ticket_id)
        .where(Attachment.scan == scanning.INFECTED)
        .order_by(col(Attachment.id).desc())
        .limit(min(size, 200))
    )
    if before:
        query = query.where(col(Attachment.id) < before)
    return [
        BlockedRow(
            file.id, file.filename, file.content_type, file.size, file.scan_reason, name or "", reference or "",
            file.created_at.isoformat(),
        )
        for file, name, reference in ctx.session.exec(query).all()
    ]  # fmt: skip


@requires(Permission.ORGANIZATION_MANAGE)
def release(ctx: Context, attachment_id: int) -> str:
    """Let a file be opened although the scanner blocked it; returns its name. Who sent it is told.

    Raises:
        NotFound: no such file.
        Conflict: it is not blocked.
        Unavailable: the storage does not answer.
    """
    file = _blocked(ctx, attachment_id)
    why, file.scan, file.scan_reason = file.scan_reason, scanning.CLEAN, ""
    _record(ctx, ActivityKind.FILE_RELEASED, file, why)
    ctx.session.flush()
    # Last: bytes that are back before their row says so are opened by nobody.
    storage().bring_back(file.storage_key)
    return file.filename


@requires(Permission.ORGANIZATION_MANAGE)
def delete(ctx: Context, attachment_id: int) -> str:
    """Delete a blocked file for good; returns its name. Who sent it is told.

    Raises:
        NotFound: no such file.
        Conflict: it is not blocked.
        Unavailable: the storage does not answer.
    """
    file = _blocked(ctx, attachment_id)
    name, key = file.filename, file.storage_key
    _record(ctx, ActivityKind.FILE_DELETED, file, file.scan_reason)
    ctx.session.delete(file)
    ctx.session.flush()
    storage().delete(key)
    return name


def _blocked(ctx: Context, attachment_id: int) -> Attachment:
    # Also of an upload nobody has sent: it is seen by its uploader alone, but blocked for everybody.
    query = select(Attachment).where(Attachment.id == access.whole(attachment_id)).with_for_update()
    file = ctx.session.exec(query).first()
    if file is None:
        raise NotFound("There is no such file.")
    if file.scan != scanning.INFECTED:
        raise Conflict(f"“{file.filename}” is not blocked.")
    return file


def _record(ctx: Context, kind: ActivityKind, file: Attachment, why: str) -> None:
    ticket = ctx.session.get(Ticket, file.ticket_id) if file.ticket_id else None
    ctx.record(
        kind, ticket, subject_id=file.id, name=file.filename, filename=file.filename, why=why,
        uploader_id=file.uploaded_by_id,
    )  # fmt: skip
    if ticket is not None:
        comment = ctx.session.get(Comment, file.comment_id) if file.comment_id else None
        ctx.touch_ticket(ticket, is_public=comment is None or comment.kind != CommentKind.NOTE)
