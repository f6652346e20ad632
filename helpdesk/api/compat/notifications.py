"""/api/notifications/: what one was told."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel, Field

from helpdesk.api.compat import lists, slashes
from helpdesk.api.compat.lists import Results
from helpdesk.api.compat.ticketing import Family
from helpdesk.api.v1.caller import Caller
from helpdesk.api.v1.schemas import Number
from helpdesk.domain.errors import Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.services import bell
from helpdesk.services.bell import NotificationRow

family = Family("notifications", slashes.NOTIFICATIONS, slashes.NOTIFICATIONS)


class NotificationAlias(BaseModel):
    """Something one was told."""

    id: int
    notification_type: str = Field(description="Such as comment_added.")
    title: str
    message: str
    ticket: str | None = Field(description="The ticket's reference.")
    is_read: bool
    read_at: datetime | None
    created_at: datetime


class AllRead(BaseModel):
    """How many were marked."""

    marked: int
    unread_count: int


@family.op("GET", "", Permission.TICKET_READ, "List one's notifications", selects=False)
def list_notifications(
    request: Request, caller: Caller, is_read: bool | None = None, page: lists.PageNumber = 1,
    page_size: lists.PageSize = 25, cursor: Annotated[str, Query(max_length=20)] = "",
) -> Results[NotificationAlias]:  # fmt: skip
    """Newest first."""
    if cursor and not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 17):
        raise Invalid(cursor="Use the address in `next` as it is.")
    found = caller.run(bell.listing, read=is_read, before=int(cursor or 0) or None, size=page_size)
    mark = str(found[-1].id) if found else ""
    return Results(**lists.from_mark(request, [_shown(one) for one in found], full=page_size, mark=mark))


@family.op("POST", "mark_all_read", Permission.TICKET_READ, "Mark all of one's notifications as read")
def mark_all_read(caller: Caller) -> AllRead:
    """Those nobody has read yet."""
    marked = caller.run(bell.mark_all_read)
    return AllRead(marked=marked, unread_count=caller.run(bell.unread))


@family.op("POST", "{number}/read", Permission.TICKET_READ, "Mark a notification as read")
def read(caller: Caller, number: Number) -> NotificationAlias:
    """Twice is once."""
    return _shown(caller.run(bell.mark_read, number))


@family.op("PATCH", "{number}/read", Permission.TICKET_READ, "Mark a notification as read")
def patch_read(caller: Caller, number: Number) -> NotificationAlias:
    """The same, for programs that patch."""
    return _shown(caller.run(bell.mark_read, number))


def _shown(row: NotificationRow) -> NotificationAlias:
    return NotificationAlias(
        id=row.id, notification_type=row.kind.value, title=row.title, message=row.message, ticket=row.reference or None,
        is_read=row.read, read_at=datetime.fromisoformat(row.read_at) if row.read_at else None,
        created_at=datetime.fromisoformat(row.created_at),
    )  # fmt: skip
