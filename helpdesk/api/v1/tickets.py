"""Tickets and everything on them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import Depends, Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, ConfigDict, Field

from helpdesk.api.v1 import ticket_schemas as shapes
from helpdesk.api.v1.caller import Caller, CallerOf
from helpdesk.api.v1.routing import Router
from helpdesk.api.v1.schemas import Created, Done, Input, Number, Page, page
from helpdesk.api.v1.ticket_schemas import Comment, File, Ticket, TicketChange, TicketNew, TicketWhole
from helpdesk.domain import filters
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.bulk import Action
from helpdesk.domain.errors import Invalid
from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.permissions import Permission, may
from helpdesk.domain.tickets import BODY_LENGTH, Channel
from helpdesk.services import attachments, deadlines, people, standing, tickets, time_tracking
from helpdesk.services.deadlines import Explanation
from helpdesk.services.people import PersonRow
from helpdesk.services.standing import TimerRow
from helpdesk.services.tickets import (
    LinkKind,
    MergedRow,
    TicketRow,
    TimelineRow,
    TrashRow,
    WaitingRow,
    WatcherRow,
    bulk,
    changing,
)
from helpdesk.services.tickets.bulk import RunRow
from helpdesk.services.time_tracking import TimeRow

router = Router("Tickets")

_CHUNK = 256 * 1024
ESCALATING = (ActivityKind.TICKET_ESCALATED, ActivityKind.TICKET_DEESCALATED)
_PROMISES = "promises"
_EXPANDABLE = ("requester", "assignee", _PROMISES)


async def wanted(
    request: Request,
    text: Annotated[str | None, Query(max_length=200, description="Words to look for.")] = None,
    open: Annotated[str | None, Query(description="yes or no.")] = None,
    category: Annotated[
        str | None,
        Query(description="Categories of the status, with commas between: new,open,pending,resolved,closed."),
    ] = None,
    status: Annotated[str | None, Query(description="Statuses by slug, with commas between.")] = None,
    priority: Annotated[str | None, Query(description="Priorities by slug or alias, with commas between.")] = None,
    topic: Annotated[str | None, Query(description="Ids of categories, with commas between.")] = None,
    team: Annotated[str | None, Query(description="Ids of teams.")] = None,
    assignee: Annotated[str | None, Query(description="Ids of agents.")] = None,
    whose: Annotated[str | None, Query(description="me or none.")] = None,
    requester: Annotated[str | None, Query(description="Ids of requesters. Also: `customer`.")] = None,
    customer: Annotated[str | None, Query(description="The same as `requester`.")] = None,
    company: Annotated[str | None, Query(description="Ids of companies.")] = None,
    tag: Annotated[str | None, Query(description="Tags.")] = None,
    channel: Annotated[str | None, Query(description="web, email, api, phone or chat.")] = None,
    at_risk: Annotated[str | None, Query(description="yes: a promise is at risk or broken.")] = None,
    breached: Annotated[str | None, Query(description="yes: a promise was broken.")] = None,
    created_from: Annotated[str | None, Query(description="A day or a moment, ISO 8601.")] = None,
    created_to: Annotated[str | None, Query()] = None,
    updated_from: Annotated[str | None, Query()] = None,
    updated_to: Annotated[str | None, Query()] = None,
    resolved_from: Annotated[str | None, Query()] = None,
    resolved_to: Annotated[str | None, Query()] = None,
    closed_from: Annotated[str | None, Query()] = None,
    closed_to: Annotated[str | None, Query()] = None,
    breached_from: Annotated[str | None, Query()] = None,
    breached_to: Annotated[str | None, Query()] = None,
    rated: Annotated[str | None, Query(description="yes: the customer rated the help.")] = None,
    snoozed: Annotated[str | None, Query(description="yes or no.")] = None,
    answered: Annotated[str | None, Query(description="yes or no: whether staff ever answered it.")] = None,
    mentioned: Annotated[str | None, Query(description="yes: the caller is mentioned.")] = None,
    where: Annotated[str | None, Query(description="Conditions as views keep them, as JSON.")] = None,
    sort: Annotated[
        str | None,
        Query(description="-updated, updated, -created, created, due, -resolved, -closed, -priority or priority."),
    ] = None,
    size: Annotated[str | None, Query(description="25, 50 or 100.")] = None,
) -> TicketFilter:
    """The queue's own filter, from the same parameters."""
    given = dict(request.query_params)
    if "customer" in given:
        given["requester"] = ",".join(filter(None, (given.get("requester", ""), given.pop("customer"))))
    return filters.parse(given)


Wanted = Annotated[TicketFilter, Depends(wanted)]
Expand = Annotated[
    str,
    Query(
        description="requester, assignee, promises: tell more of these. A single ticket has its promises.",
        max_length=60,
    ),
]


@router.op("GET", "/tickets", Permission.TICKET_READ, "List tickets")
def list_tickets(
    request: Request,
    response: Response,
    caller: Caller,
    wanted: Wanted,
    cursor: Annotated[str, Query(max_length=200)] = "",
    expand: Expand = "",
) -> Page[Ticket]:
    """The caller's tickets, by the filters of the queue. A search by `text` answers one page, the best first."""
    found = caller.run(tickets.page, wanted, cursor=cursor)
    known, promised = _expanded(caller, expand, found.rows), _promised(caller, expand, found.rows)
    answer = Page[Ticket](
        items=[shapes.ticket(row, known, promised.get(row.id, ())) for row in found.rows],
        next=address(request, found.older),
        previous=address(request, found.newer),
    )
    links = [f'<{where}>; rel="{name}"' for name, where in (("next", answer.next), ("prev", answer.previous)) if where]
    if links:
        response.headers["Link"] = ", ".join(links)
    return answer


@router.op("POST", "/tickets", Permission.TICKET_CREATE, "File a ticket", status=201)
def create_ticket(response: Response, caller: Caller, body: TicketNew) -> TicketWhole:
    """Customers file for themselves; staff for whom they name. Routing and promises begin at once."""
    found = caller.run_and_tell(tickets.create, tickets.told, channel=Channel.API, **body.model_dump())
    response.headers["Location"] = f"/api/v1/tickets/{found.ticket.reference}"
    return shapes.whole(found)


@router.op("GET", "/tickets/{reference}", Permission.TICKET_READ, "Read a ticket")
def get_ticket(response: Response, caller: Caller, reference: str, expand: Expand = "") -> TicketWhole:
    """With its conversation, files, promises and answers, as far as the caller may see them."""
    found = caller.run(tickets.one, reference)
    _name_version(response, caller, found.ticket)
    return shapes.whole(found, _expanded(caller, expand, (found.ticket,)))


@router.op("PATCH", "/tickets/{reference}", Permission.TICKET_READ, "Change a ticket", own_version=True)
def change_ticket(
    request: Request, response: Response, caller: Caller, reference: str, body: TicketChange
) -> TicketWhole:
    """All or nothing. Each change asks for its own permission. With If-Match only what the caller has seen is changed."""
    changes = body.model_dump(exclude_unset=True)
    for name in ("title", "priority", "status", "tags"):
        if name in changes and changes[name] is None:
            raise Invalid(**{name: "Leave it out to keep it, or say what it should be."})
    expected = request.headers.get("if-match", "")
    found = caller.run_and_tell(tickets.change, tickets.told, reference, changes, expected=expected)
    _name_version(response, caller, found.ticket)
    return shapes.whole(found)


@router.op("DELETE", "/tickets/{reference}", Permission.TICKET_DELETE, "Put a ticket into the trash")
def delete_ticket(caller: Caller, reference: str) -> Created:
    """For thirty days it can be restored, by the number this answers."""
    return Created(id=caller.run(tickets.delete, reference))


@router.op("GET", "/trash", Permission.TICKET_DELETE, "List deleted tickets")
def list_trash(request: Request, caller: Caller, before: Number | None = None) -> Page[TrashRow]:
    """The last deleted first."""
    return page(request, caller.run(tickets.deleted, before=before), full=100)


@router.op("POST", "/trash/{ticket_id}/restore", Permission.TICKET_DELETE, "Restore a deleted ticket")
def restore_ticket(caller: Caller, ticket_id: Number) -> Ticket:
    """As it was."""
    return shapes.ticket(caller.run(tickets.one, caller.run(tickets.restore, ticket_id)).ticket)


@router.op(
    "DELETE",
    "/trash/{ticket_id}",
    Permission.TICKET_DELETE,
    "Delete a ticket for good",
    status=204,
    response_class=Response,
)
def purge_ticket(caller: Caller, ticket_id: Number) -> None:
    """It cannot be restored."""
    caller.run(tickets.purge, ticket_id)


class CommentNew(Input):
    """Something to say."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"body": "We are on our way.", "kind": "reply"}]})

    body: str = Field(max_length=BODY_LENGTH, description="Markdown.")
    kind: Literal["reply", "note"] = Field("reply", description="A note is for staff alone.")
    attachment_ids: list[Number] = Field([], max_length=20)
    then: str = Field("", max_length=60, description="A status to set with a reply.")


class CommentText(Input):
    """A comment's new text."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"body": "We are on our way, at 10:30."}]})

    body: str = Field(max_length=BODY_LENGTH)


@router.op("GET", "/tickets/{reference}/comments", Permission.TICKET_READ, "Read a ticket's conversation")
def list_comments(caller: Caller, reference: str) -> Page[Comment]:
    """Oldest first; of a very long one the last two hundred."""
    return Page(items=shapes.comments(caller.run(tickets.one, reference).comments))


@router.op("POST", "/tickets/{reference}/comments", Permission.TICKET_REPLY, "Reply, or add a note", status=201)
def add_comment(caller: Caller, reference: str, body: CommentNew) -> Created:
    """A note asks for `ticket.note`."""
    if body.kind == "note":
        return Created(id=caller.run(tickets.note, reference, body.body, attachment_ids=body.attachment_ids))
    return Created(
        id=caller.run(
            tickets.reply, reference, body.body, attachment_ids=body.attachment_ids, then=body.then, channel=Channel.API
        )
    )


class WaitingNew(Input):
    """A reply for later."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"body": "How is it today?", "send_at": "2027-03-01T09:00:00+01:00"}]}
    )

    body: str = Field(max_length=BODY_LENGTH, description="Markdown.")
    send_at: AwareDatetime = Field(description="When it leaves, with its offset; within a year.")
    attachment_ids: list[Number] = Field([], max_length=20)
    then: str = Field("", max_length=60, description="A status to set with it.")


class WaitingMoved(Input):
    """Another moment."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"send_at": "2027-03-02T09:00:00+01:00"}]})

    send_at: AwareDatetime


@router.op("GET", "/tickets/{reference}/waiting-replies", Permission.TICKET_NOTE, "List replies that wait")
def list_waiting_replies(caller: Caller, reference: str) -> Page[WaitingRow]:
    """The next to leave first; those held back, with the reason, too."""
    return Page(items=list(caller.run(tickets.waiting, reference)))


@router.op(
    "POST", "/tickets/{reference}/waiting-replies", Permission.TICKET_NOTE, "Have a reply sent later", status=201
)
def add_waiting_reply(caller: Caller, reference: str, body: WaitingNew) -> Created:
    """It is held back, and its author told, if the customer writes before."""
    waiting_id = caller.run(
        tickets.send_later, reference, body.body, at=body.send_at, attachment_ids=body.attachment_ids, then=body.then
    )
    return Created(id=waiting_id)


@router.op("PUT", "/waiting-replies/{number}", Permission.TICKET_NOTE, "Have a waiting reply sent at another moment")
def move_waiting_reply(caller: Caller, number: Number, body: WaitingMoved) -> Done:
    """Its author may, and managers."""
    caller.run(tickets.reschedule, number, at=body.send_at)
    return Done()


@router.op("POST", "/waiting-replies/{number}/send", Permission.TICKET_NOTE, "Send a waiting reply now")
def send_waiting_reply(caller: Caller, number: Number) -> Done:
    """Within seconds, in its author's name."""
    caller.run(tickets.send_now, number)
    return Done()


@router.op(
    "DELETE", "/waiting-replies/{number}", Permission.TICKET_NOTE, "Cancel a waiting reply", status=204,
    response_class=Response,
)  # fmt: skip
def cancel_waiting_reply(caller: Caller, number: Number) -> None:
    """It can be restored for a day."""
    caller.run(tickets.cancel, number)


@router.op("POST", "/waiting-replies/{number}/restore", Permission.TICKET_NOTE, "Restore a cancelled reply")
def restore_waiting_reply(caller: Caller, number: Number) -> Done:
    """It waits again, if its moment is still to come."""
    caller.run(tickets.restore_reply, number)
    return Done()


@router.op("PATCH", "/comments/{comment_id}", Permission.TICKET_REPLY, "Correct a comment of one's own")
def edit_comment(caller: Caller, comment_id: Number, body: CommentText) -> Done:
    """For fifteen minutes; what it said before is kept."""
    caller.run(tickets.edit_comment, comment_id, body.body)
    return Done()


@router.op("GET", "/tickets/{reference}/attachments", Permission.TICKET_READ, "List a ticket's files")
def list_attachments(caller: Caller, reference: str) -> Page[File]:
    """Those of the description and of all comments."""
    found = caller.run(tickets.one, reference)
    rows = [*found.attachments, *(row for one in found.comments for row in one.attachments)]
    return Page(items=[shapes.file(row) for row in rows])


@router.op("POST", "/tickets/{reference}/attachments", Permission.TICKET_REPLY, "Add a file to a ticket", status=201)
def add_attachment(caller: Caller, reference: str, file: UploadFile) -> File:
    """As the form field `file`. Everybody on the ticket sees it."""
    row = stored(caller, file)
    return shapes.file(caller.run(tickets.attach, reference, [row.id])[0])


@router.op("POST", "/attachments", Permission.TICKET_CREATE, "Upload a file", status=201)
def upload(caller: Caller, file: UploadFile) -> File:
    """As the form field `file`. It is the caller's alone until a ticket or comment takes it by its number."""
    return shapes.file(stored(caller, file))


@router.op(
    "GET",
    "/attachments/{attachment_id}/content",
    Permission.TICKET_READ,
    "Download a file",
    response_class=StreamingResponse,
)
def download(caller: Caller, attachment_id: Number) -> StreamingResponse:
    """Its bytes."""
    row, stream = caller.run(attachments.open_, attachment_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.filename, safe='')}",
        "Content-Length": str(row.size),
    }
    kind = row.content_type if row.is_safe_inline else "application/octet-stream"
    return StreamingResponse(stream, media_type=kind, headers=headers)


@router.op(
    "DELETE",
    "/attachments/{attachment_id}",
    Permission.TICKET_CREATE,
    "Remove an upload",
    status=204,
    response_class=Response,
)
def discard_upload(caller: Caller, attachment_id: Number) -> None:
    """One that no ticket has taken yet."""
    caller.run(attachments.discard, attachment_id)


class Assignment(Input):
    """Who takes over."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"assignee_id": 7}]})

    assignee_id: Number | None = Field(description="None: nobody.")


class Transition(Input):
    """A status."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "resolved"}]})

    status: str = Field(max_length=60, description="Slug, label or alias.")
    with_children: bool = Field(False, description="The ticket's children, too.")


class Escalation(Input):
    """Bring somebody in."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The customer is waiting outside."}]})

    reason: str = Field(max_length=1000)
    level: int | None = Field(None, ge=1, le=3)
    team_id: Number | None = None
    person_id: Number | None = None


class Deescalation(Input):
    """It is calmer now."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The door is open.", "level": 0}]})

    reason: str = Field(max_length=1000)
    level: int = Field(0, ge=0, le=2)


class Merge(Input):
    """Where it goes on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"into": "ACME-7K3F9Q"}]})

    into: str = Field(max_length=40)


class Link(Input):
    """How tickets belong together."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"other": "ACME-7K3F9Q", "kind": "related"}]})

    other: str = Field(max_length=40)
    kind: LinkKind = Field(LinkKind.RELATED, description="What the other is to this one: parent, child or related.")


class TimeSpent(Input):
    """Time spent."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"spent": "45m", "note": "On the phone."}]})

    spent: str = Field(max_length=40, description="Such as 45m or 1h 30m.")
    note: str = Field("", max_length=500)


class Snooze(Input):
    """Until when."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"until": "2030-01-31T09:00:00Z"}]})

    until: AwareDatetime


class Rating(Input):
    """How the help was."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"score": 5, "comment": "Quick and kind."}]})

    score: int = Field(ge=1, le=5)
    comment: str = Field("", max_length=2000)


@router.op("POST", "/tickets/{reference}/assign", Permission.TICKET_ASSIGN, "Assign a ticket")
def assign_ticket(caller: Caller, reference: str, body: Assignment) -> Ticket:
    """To somebody, or to nobody."""
    caller.run(tickets.assign, reference, to=body.assignee_id)
    return _shown(caller, reference)


@router.op("POST", "/tickets/{reference}/take", Permission.TICKET_TAKE, "Take a ticket")
def take_ticket(caller: Caller, reference: str) -> Ticket:
    """The caller becomes its assignee."""
    caller.run(tickets.take, reference)
    return _shown(caller, reference)


@router.op("POST", "/tickets/{reference}/transition", Permission.TICKET_STATUS, "Change a ticket's status")
def transition_ticket(caller: Caller, reference: str, body: Transition) -> Ticket:
    """Where the organization lets the caller's role go."""
    if body.with_children:
        caller.run(tickets.change_status_with_children, reference, body.status)
    else:
        caller.run(tickets.change_status, reference, body.status)
    return _shown(caller, reference)


@router.op("POST", "/tickets/{reference}/escalate", Permission.TICKET_ESCALATE, "Escalate a ticket")
def escalate_ticket(caller: Caller, reference: str, body: Escalation) -> Ticket:
    """A level up, or to the level named; whom it concerns is told."""
    caller.run(
        tickets.escalate,
        reference,
        reason=body.reason,
        level=body.level,
        team_id=body.team_id,
        person_id=body.person_id,
    )
    return _shown(caller, reference)


@router.op("POST", "/tickets/{reference}/deescalate", Permission.TICKET_ESCALATE, "De-escalate a ticket")
def deescalate_ticket(caller: Caller, reference: str, body: Deescalation) -> Ticket:
    """Down to a level, or altogether."""
    caller.run(tickets.deescalate, reference, reason=body.reason, level=body.level)
    return _shown(caller, reference)


@router.op("POST", "/tickets/{reference}/merge", Permission.TICKET_MERGE, "Merge a ticket into another")
def merge_ticket(caller: Caller, reference: str, body: Merge) -> Ticket:
    """Answers the ticket it goes on as."""
    return _shown(caller, caller.run(tickets.merge, reference, into=body.into))


@router.op("POST", "/tickets/{reference}/unmerge", Permission.TICKET_MERGE, "Take a merged ticket out again")
def unmerge_ticket(caller: Caller, reference: str) -> Ticket:
    """It goes on by itself."""
    caller.run(tickets.unmerge, reference)
    return _shown(caller, reference)


@router.op("GET", "/tickets/{reference}/merged", Permission.CUSTOMER_READ, "List what was merged into a ticket")
def list_merged(caller: Caller, reference: str) -> Page[MergedRow]:
    """The tickets that go on as this one."""
    return Page(items=list(caller.run(tickets.merged, reference)))


class LinkOut(Input):
    """A ticket that belongs to another."""

    id: int
    kind: str
    label: str
    ticket: Ticket


@router.op("GET", "/tickets/{reference}/links", Permission.CUSTOMER_READ, "List a ticket's links")
def list_links(caller: Caller, reference: str) -> Page[LinkOut]:
    """Parents, children, related tickets and follow-ups."""
    rows = caller.run(tickets.linked, reference)
    return Page(
        items=[LinkOut(id=one.id, kind=one.kind, label=one.label, ticket=shapes.ticket(one.ticket)) for one in rows]
    )


@router.op("POST", "/tickets/{reference}/links", Permission.TICKET_EDIT, "Link two tickets", status=201)
def add_link(caller: Caller, reference: str, body: Link) -> Created:
    """Answers the link's number."""
    return Created(id=caller.run(tickets.link, reference, body.other, kind=body.kind))


@router.op(
    "DELETE",
    "/tickets/{reference}/links/{link_id}",
    Permission.TICKET_EDIT,
    "Remove a link",
    status=204,
    response_class=Response,
)
def remove_link(caller: Caller, reference: str, link_id: Number) -> None:
    """The tickets stay."""
    caller.run(tickets.unlink, reference, link_id)


@router.op("GET", "/tickets/{reference}/watchers", Permission.CUSTOMER_READ, "List who watches a ticket")
def list_watchers(caller: Caller, reference: str) -> Page[WatcherRow]:
    """By name."""
    return Page(items=list(caller.run(tickets.watchers, reference)))


@router.op("POST", "/tickets/{reference}/watch", Permission.TICKET_WATCH, "Watch a ticket")
def watch_ticket(caller: Caller, reference: str) -> Done:
    """The caller is told what happens to it."""
    caller.run(tickets.watch, reference)
    return Done()


@router.op(
    "DELETE",
    "/tickets/{reference}/watch",
    Permission.TICKET_WATCH,
    "Stop watching a ticket",
    status=204,
    response_class=Response,
)
def unwatch_ticket(caller: Caller, reference: str) -> None:
    """The caller is told no more."""
    caller.run(tickets.unwatch, reference)


@router.op("POST", "/tickets/{reference}/snooze", Permission.TICKET_EDIT, "Put a ticket aside")
def snooze_ticket(caller: Caller, reference: str, body: Snooze) -> Ticket:
    """Until a moment, or until something happens to it."""
    caller.run(tickets.snooze, reference, body.until)
    return _shown(caller, reference)


@router.op("POST", "/tickets/{reference}/wake", Permission.TICKET_EDIT, "Bring a snoozed ticket back")
def wake_ticket(caller: Caller, reference: str) -> Ticket:
    """Before its time."""
    caller.run(tickets.wake, reference)
    return _shown(caller, reference)


@router.op("POST", "/tickets/{reference}/rate", Permission.TICKET_RATE, "Rate the help")
def rate_ticket(caller: Caller, reference: str, body: Rating) -> Done:
    """By its requester, once it is solved."""
    caller.run(tickets.rate, reference, body.score, body.comment)
    return Done()


@router.op("GET", "/tickets/{reference}/time", Permission.CUSTOMER_READ, "List time spent on a ticket")
def list_time(caller: Caller, reference: str) -> Page[TimeRow]:
    """Newest first."""
    return Page(items=list(caller.run(time_tracking.sheet, reference).entries))


@router.op("POST", "/tickets/{reference}/time", Permission.TIME_TRACK, "Log time", status=201)
def log_time(caller: Caller, reference: str, body: TimeSpent) -> Created:
    """The caller's own."""
    return Created(id=caller.run(time_tracking.log, reference, body.spent, note=body.note))


@router.op("PUT", "/time/{entry_id}", Permission.TIME_TRACK, "Correct a time entry")
def change_time(caller: Caller, entry_id: Number, body: TimeSpent) -> Done:
    """One's own."""
    caller.run(time_tracking.change, entry_id, body.spent, note=body.note)
    return Done()


@router.op(
    "DELETE", "/time/{entry_id}", Permission.TIME_TRACK, "Remove a time entry", status=204, response_class=Response
)
def remove_time(caller: Caller, entry_id: Number) -> None:
    """One's own."""
    caller.run(time_tracking.remove, entry_id)


@router.op("GET", "/tickets/{reference}/timeline", Permission.CUSTOMER_READ, "Read what happened to a ticket")
def list_timeline(request: Request, caller: Caller, reference: str, before: Number | None = None) -> Page[TimelineRow]:
    """Newest first, each with what led to it."""
    return page(request, caller.run(tickets.history, reference, before=before), full=100)


@router.op("GET", "/tickets/{reference}/sla", Permission.TICKET_READ, "Read a ticket's promises")
def list_promises(caller: Caller, reference: str) -> Page[shapes.Promise]:
    """Staff see them; for customers there are none."""
    return Page(items=[shapes.promise(one) for one in caller.run(tickets.one, reference).timers])


@router.op("GET", "/tickets/{reference}/explain", Permission.CUSTOMER_READ, "Explain a ticket's deadlines")
def explain_ticket(caller: Caller, reference: str) -> Page[Explanation]:
    """Step by step: what counted, what did not, and why."""
    return Page(items=list(caller.run(deadlines.explain, reference)))


@router.op("GET", "/tickets/{reference}/escalations", Permission.CUSTOMER_READ, "Read how a ticket was escalated")
def list_escalations(caller: Caller, reference: str) -> Page[TimelineRow]:
    """Newest first, among the last thousand things that happened to it."""
    rows = caller.run(tickets.history, reference, size=1000)
    return Page(items=[one for one in rows if one.kind in ESCALATING])


class Bulk(Input):
    """One change of many tickets."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"action": "priority", "value": "high", "references": ["ACME-7K3F9Q"]}]}
    )

    action: Action
    value: str = Field("", max_length=400, description="An id, a slug, or tags with commas between.")
    references: list[str] = Field([], max_length=1000)
    filter: str = Field("", max_length=4000, description="Instead of references: the queue's filter as in its address.")


@router.op("POST", "/bulk", Permission.TICKET_EDIT, "Change many tickets at once", status=202)
def start_bulk(caller: Caller, body: Bulk) -> RunRow:
    """Up to fifty are changed before this answers; more by and by. What could not be changed is told with its reason."""
    chosen = filters.parse(dict(_pairs(body.filter))) if body.filter else None
    return caller.run(bulk.start, body.action, body.value, refs=body.references, wanted=chosen)


@router.op("GET", "/bulk/{run_id}", Permission.TICKET_EDIT, "See how far a bulk change is")
def get_bulk(caller: Caller, run_id: Number) -> RunRow:
    """One's own."""
    return caller.run(bulk.progress, run_id)


@router.op("POST", "/bulk/{run_id}/undo", Permission.TICKET_EDIT, "Take a bulk change back", status=202)
def undo_bulk(caller: Caller, run_id: Number) -> RunRow:
    """Except where something newer stands in the way."""
    return caller.run(bulk.undo, run_id)


def _shown(caller: CallerOf, reference: str) -> Ticket:
    return shapes.ticket(caller.run(tickets.one, reference).ticket)


def _expanded(caller: CallerOf, expand: str, rows: Iterable[TicketRow]) -> dict[int, PersonRow]:
    wanted = _named(expand)
    if strange := [one for one in wanted if one not in _EXPANDABLE]:
        raise Invalid(expand=f"“{strange[0][:40]}” cannot be expanded. Choose from {', '.join(_EXPANDABLE)}.")
    ids = {getattr(row, f"{one}_id") for row in rows for one in wanted if one != _PROMISES} - {0}
    if not ids or not may(caller.actor, Permission.PERSON_READ):
        return {}
    return {person.id: person for person in caller.run(people.some, sorted(ids))}


def _promised(caller: CallerOf, expand: str, rows: Sequence[TicketRow]) -> dict[int, tuple[TimerRow, ...]]:
    if _PROMISES not in _named(expand) or not may(caller.actor, Permission.CUSTOMER_READ):
        return {}
    return caller.run(standing.promises_of, [row.id for row in rows])


def _named(expand: str) -> list[str]:
    return [one.strip() for one in expand.split(",") if one.strip()]


def _name_version(response: Response, caller: CallerOf, row: TicketRow) -> None:
    """Staff change tickets, so their version is the ticket's own. Customers get one of what they see: even when something
    internal happened is none of their business."""
    if caller.actor.is_staff:
        response.headers["ETag"] = f'"{changing.version(row.reference, row.updated_at)}"'


def address(request: Request, cursor: str) -> str | None:
    """Where a list goes on at a cursor; None at its end."""
    if not cursor:
        return None
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f"{request.url.path}?{urlencode([*kept, ('cursor', cursor)])}"


def stored(caller: CallerOf, file: UploadFile) -> attachments.AttachmentRow:
    """An upload, kept: it is the caller's alone until something takes it."""
    return caller.run(
        attachments.store, filename=file.filename or "", content_type=file.content_type or "", stream=_chunks(file)
    )


def _chunks(file: UploadFile) -> Iterator[bytes]:
    file.file.seek(0)
    while chunk := file.file.read(_CHUNK):
        yield chunk


def _pairs(query: str) -> Iterator[tuple[str, str]]:
    yield from parse_qsl(query.lstrip("?"))
