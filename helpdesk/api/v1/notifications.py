"""What one was told: the bell."""

from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel

from helpdesk.api.v1.caller import Caller
from helpdesk.api.v1.routing import Router
from helpdesk.api.v1.schemas import Number, Page, page
from helpdesk.domain.permissions import Permission
from helpdesk.services import bell
from helpdesk.services.bell import NotificationRow

router = Router("Notifications")
_READ = Permission.TICKET_READ


class Unread(BaseModel):
    """How many there are."""

    unread: int


class Marked(BaseModel):
    """How many were marked."""

    marked: int


@router.op("GET", "/notifications", _READ, "List one's notifications")
def list_notifications(
    request: Request,
    caller: Caller,
    read: Annotated[bool | None, Query(description="Only those that are read, or are not.")] = None,
    before: Number | None = None,
    size: Annotated[int, Query(ge=1, le=200)] = 25,
) -> Page[NotificationRow]:
    """Newest first."""
    found = caller.run(bell.listing, read=read, before=before, size=size)
    return page(request, found, full=size)


@router.op("GET", "/notifications/count", _READ, "Count one's unread notifications")
def count_notifications(caller: Caller) -> Unread:
    """As far as 100."""
    return Unread(unread=caller.run(bell.unread))


@router.op("POST", "/notifications/read", _READ, "Mark all of one's notifications as read")
def read_all_notifications(caller: Caller) -> Marked:
    """Those nobody has read yet."""
    return Marked(marked=caller.run(bell.mark_all_read))


@router.op("POST", "/notifications/{number}/read", _READ, "Mark a notification as read")
def read_notification(caller: Caller, number: Number) -> NotificationRow:
    """Twice is once."""
    return caller.run(bell.mark_read, number)


@router.op("POST", "/notifications/{number}/unread", _READ, "Keep a notification for later")
def unread_notification(caller: Caller, number: Number) -> NotificationRow:
    """The way back."""
    return caller.run(bell.mark_unread, number)
