"""`/api/v1/support/`: paths and names another desk used. Aliases of the canonical API, over the same verbs."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Request, UploadFile
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from helpdesk.api.v1 import ticket_schemas as shapes
from helpdesk.api.v1.caller import Caller, CallerOf
from helpdesk.api.v1.desk import SlaPolicyOut, policy_shown
from helpdesk.api.v1.reports import Days
from helpdesk.api.v1.routing import Router
from helpdesk.api.v1.schemas import Input, Number, Page
from helpdesk.api.v1.ticket_schemas import Ticket, TicketNew, TicketWhole
from helpdesk.api.v1.tickets import Wanted, address, stored
from helpdesk.domain.errors import Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.domain.tickets import BODY_LENGTH, TITLE_LENGTH, Channel
from helpdesk.services import promises, tickets
from helpdesk.services.reports.overview import Overview, overview

router = Router("Names of other desks: /api/v1/support")

_HOME = "/support"


class Filed(BaseModel):
    """What was filed."""

    id: int
    status: str
    created_at: datetime


class Remark(Input):
    """Something to say."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"comment": "We are on our way."}]})

    comment: str = Field(validation_alias=AliasChoices("comment", "body", "text"), max_length=BODY_LENGTH)
    is_internal: bool = Field(False, description="For staff alone.")


class Remarked(BaseModel):
    """What was said."""

    id: int
    ticket_id: int
    user_id: int
    comment: str
    created_at: datetime


class FileRow(BaseModel):
    """A file."""

    id: int
    ticket_id: int
    file_name: str
    file_size: int
    created_at: datetime


class Change(Input):
    """What to change; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "resolved"}]})

    title: str | None = Field(None, validation_alias=AliasChoices("title", "subject"), max_length=TITLE_LENGTH)
    status: str | None = Field(None, max_length=60)
    priority: str | None = Field(None, max_length=60)
    category_id: Number | None = Field(None, validation_alias=AliasChoices("category_id", "category"))
    assignee_id: Number | None = Field(None, validation_alias=AliasChoices("assignee_id", "assigned_to", "assignee"))


@router.op("GET", f"{_HOME}/tickets/", Permission.TICKET_READ, "List tickets (alias)", twin=True)
def support_list_tickets(
    request: Request, caller: Caller, wanted: Wanted, cursor: Annotated[str, Query(max_length=200)] = ""
) -> Page[Ticket]:
    """As `GET /api/v1/tickets`."""
    found = caller.run(tickets.page, wanted, cursor=cursor)
    items = [shapes.ticket(row) for row in found.rows]
    return Page(items=items, next=address(request, found.older), previous=address(request, found.newer))


@router.op("POST", f"{_HOME}/tickets/", Permission.TICKET_CREATE, "File a ticket (alias)", status=201, twin=True)
def support_create_ticket(caller: Caller, body: TicketNew) -> Filed:
    """As `POST /api/v1/tickets`; answers less."""
    reference = caller.run(tickets.create, channel=Channel.API, **body.model_dump())
    row = caller.run(tickets.one, reference).ticket
    return Filed(id=row.id, status=row.status_slug, created_at=datetime.fromisoformat(row.created_at))


@router.op("GET", f"{_HOME}/tickets/{{ticket}}/", Permission.TICKET_READ, "Read a ticket (alias)", twin=True)
def support_get_ticket(caller: Caller, ticket: str) -> TicketWhole:
    """By its number or reference. As `GET /api/v1/tickets/{reference}`."""
    return shapes.whole(caller.run(tickets.one, _reference(caller, ticket)))


@router.op("PATCH", f"{_HOME}/tickets/{{ticket}}/", Permission.TICKET_READ, "Change a ticket (alias)", twin=True)
def support_change_ticket(caller: Caller, ticket: str, body: Change) -> TicketWhole:
    """As `PATCH /api/v1/tickets/{reference}`."""
    reference, changes = _reference(caller, ticket), body.model_dump(exclude_unset=True)
    for name in ("title", "priority", "status"):
        if name in changes and changes[name] is None:
            raise Invalid(**{name: "Leave it out to keep it, or say what it should be."})
    caller.run(tickets.change, reference, changes)
    return shapes.whole(caller.run(tickets.one, reference))


@router.op(
    "POST", f"{_HOME}/tickets/{{ticket}}/comment/", Permission.TICKET_REPLY, "Comment (alias)", status=201, twin=True
)
def support_comment(caller: Caller, ticket: str, body: Remark) -> Remarked:
    """As `POST /api/v1/tickets/{reference}/comments`."""
    reference = _reference(caller, ticket)
    if body.is_internal:
        number = caller.run(tickets.note, reference, body.comment)
    else:
        number = caller.run(tickets.reply, reference, body.comment, channel=Channel.API)
    detail = caller.run(tickets.one, reference)
    row = next(one for one in detail.comments if one.id == number)
    return Remarked(
        id=number, ticket_id=detail.ticket.id, user_id=row.author_id, comment=body.comment,
        created_at=datetime.fromisoformat(row.created_at),
    )  # fmt: skip


@router.op(
    "POST",
    f"{_HOME}/tickets/{{ticket}}/attachment/",
    Permission.TICKET_REPLY,
    "Add a file (alias)",
    status=201,
    twin=True,
)
def support_attach(caller: Caller, ticket: str, file: UploadFile) -> FileRow:
    """As the form field `file`."""
    reference = _reference(caller, ticket)
    kept = stored(caller, file)
    caller.run(tickets.attach, reference, [kept.id])
    return next(row for row in _files(caller, reference) if row.id == kept.id)


@router.op(
    "GET",
    f"{_HOME}/tickets/{{ticket}}/attachments/",
    Permission.TICKET_READ,
    "List a ticket's files (alias)",
    twin=True,
)
def support_list_files(caller: Caller, ticket: str) -> Page[FileRow]:
    """Those of the description and of all comments."""
    return Page(items=_files(caller, _reference(caller, ticket)))


@router.op("GET", f"{_HOME}/reports/", Permission.REPORT_READ, "Read the desk's figures (alias)", twin=True)
def support_reports(caller: Caller, days: Days = 30) -> Overview:
    """As `GET /api/v1/stats`."""
    return caller.run(overview, days=days)


@router.op("GET", f"{_HOME}/slas/", Permission.CATALOG_MANAGE, "List SLA policies (alias)", twin=True)
def support_slas(caller: Caller) -> Page[SlaPolicyOut]:
    """As `GET /api/v1/sla/policies`."""
    return Page(items=[policy_shown(row) for row in caller.run(promises.policy_rows)])


def _reference(caller: CallerOf, said: str) -> str:
    """People know a ticket by its reference, other desks' programs by its number."""
    return (
        caller.run(tickets.reference_of, int(said)) if said.isascii() and said.isdecimal() and len(said) < 19 else said
    )


def _files(caller: CallerOf, reference: str) -> list[FileRow]:
    detail = caller.run(tickets.one, reference)
    filed = datetime.fromisoformat(detail.ticket.created_at)
    own = [(row, filed) for row in detail.attachments]
    said = [(row, datetime.fromisoformat(one.created_at)) for one in detail.comments for row in one.attachments]
    return [
        FileRow(id=row.id, ticket_id=detail.ticket.id, file_name=row.filename, file_size=row.size, created_at=at)
        for row, at in [*own, *said]
    ]
