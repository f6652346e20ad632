"""What several families have in common: tickets listed, filed, read, changed, answered, assigned, escalated."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response, UploadFile

from helpdesk.api.compat import lists, words
from helpdesk.api.compat.lists import Results
from helpdesk.api.v1.caller import Caller, CallerOf
from helpdesk.api.v1.routing import Need, Router
from helpdesk.api.v1.tickets import stored
from helpdesk.domain import filters
from helpdesk.domain.errors import Invalid
from helpdesk.domain.filters import Sort, TicketFilter
from helpdesk.domain.permissions import Permission
from helpdesk.domain.tickets import Channel
from helpdesk.services import tickets
from helpdesk.services.context import Context
from helpdesk.services.tickets import Texts, TicketDetail, changing

Endpoint = Callable[..., Any]

_SORTS = {
    "created_at": Sort.CREATED_UP, "-created_at": Sort.CREATED, "updated_at": Sort.UPDATED_UP, "-updated_at": Sort.UPDATED,
    "priority": Sort.PRIORITY, "-priority": Sort.PRIORITY, "due_at": Sort.DUE, "due_date": Sort.DUE, "sla_due_at": Sort.DUE,
}  # fmt: skip


class Family:
    """The operations of one family of addresses.

    Args:
        name: what its operations' names begin with.
        base: what its addresses begin with.
        tag: what the documentation calls it.
    """

    def __init__(self, name: str, base: str, tag: str) -> None:
        self.name, self.base, self.router = name, base, Router(f"Aliases: {tag}", prefix="")

    def op(
        self, method: str, path: str, needs: Permission | Need, summary: str, **more: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare an operation: as the router's, at an address that ends with a slash."""

        def declare(endpoint: Endpoint) -> Endpoint:
            endpoint.__name__ = f"{self.name}_{endpoint.__name__}"
            return self.router.op(method, f"{self.base}/{path}/".replace("//", "/"), needs, summary, **more)(endpoint)

        return declare


def asked(
    status: Annotated[str, Query(max_length=200, description="Slugs, labels or aliases, with commas between.")] = "",
    priority: Annotated[str, Query(max_length=200, description="The same; `critical` is understood.")] = "",
    assigned_to: Annotated[str, Query(max_length=60, description="A number, `me` or `none`.")] = "",
    assignee: Annotated[str, Query(max_length=60, description="The same as `assigned_to`.")] = "",
    customer: Annotated[str, Query(max_length=60, description="Numbers of requesters.")] = "",
    requester: Annotated[str, Query(max_length=60, description="The same as `customer`.")] = "",
    team: Annotated[str, Query(max_length=60)] = "",
    tag: Annotated[str, Query(max_length=200)] = "",
    search: Annotated[str, Query(max_length=200, description="Words to look for: one page, the best first.")] = "",
    created_after: Annotated[str, Query(max_length=40)] = "",
    created_before: Annotated[str, Query(max_length=40)] = "",
    ordering: Annotated[str, Query(max_length=20, description="Such as -created_at.")] = "",
    page: lists.PageNumber = 1,
    page_size: lists.PageSize = 25,
) -> TicketFilter:
    """The queue's filter, from the parameters other desks have."""
    if ordering and ordering not in _SORTS:
        raise Invalid(ordering=f"Choose from {', '.join(_SORTS)}.")
    whose = assigned_to or assignee
    given = {
        "priority": priority, "team": team, "tag": tag, "text": search, "created_from": created_after,
        "created_to": created_before, "requester": customer or requester,
        "whose": {"me": "me", "none": "none", "unassigned": "none", "null": "none"}.get(whose.lower(), ""),
        "status": ",".join(words.status(one.strip()) for one in status.split(",")),
    }  # fmt: skip
    if not given["whose"]:
        given["assignee"] = whose
    return filters.parse(given).but(sort=_SORTS.get(ordering, Sort.UPDATED), size=page_size)


Asked = Annotated[TicketFilter, Depends(asked)]


def listing(family: Family) -> None:
    """GET tickets/."""

    @family.op("GET", "tickets", Permission.TICKET_READ, "List tickets")
    def list_tickets(
        request: Request,
        caller: Caller,
        wanted: Asked,
        category: Annotated[str, Query(max_length=120, description="A number or a name.")] = "",
        cursor: lists.Cursor = "",
    ) -> Results[words.TicketAlias]:
        """The caller's tickets."""
        if topic := words.category(caller, category):
            wanted = wanted.but(topic=(topic,))
        found = caller.run(tickets.page, wanted, cursor=cursor)
        return Results(
            count=len(found.rows) if wanted.text else caller.run(tickets.counted, wanted),
            next=lists.address(request, found.older), previous=lists.address(request, found.newer),
            results=[words.ticket(row) for row in found.rows],
        )  # fmt: skip


def filing(family: Family, *, is_short: bool = False) -> None:
    """POST tickets/.

    Args:
        is_short: answers only number, status and when.
    """

    def create_ticket(response: Response, caller: Caller, body: words.TicketIn) -> Any:
        reference = caller.run(tickets.create, channel=Channel.API, **words.filed(caller, body))
        response.headers["Location"] = f"{family.base}/tickets/{reference}/"
        if not is_short:
            return words.whole(*caller.run(_read, reference))
        row = words.ticket(caller.run(tickets.one, reference).ticket)
        return words.Made(id=row.id, status=row.status, created_at=row.created_at)

    create_ticket.__doc__ = "Customers file for themselves; staff for whom they name."
    shape = words.Made if is_short else words.TicketWholeAlias
    family.op("POST", "tickets", Permission.TICKET_CREATE, "File a ticket", status=201, response_model=shape)(
        create_ticket
    )


def reading(family: Family) -> None:
    """GET tickets/{id}/."""

    @family.op("GET", "tickets/{reference}", Permission.TICKET_READ, "Read a ticket")
    def get_ticket(response: Response, caller: Caller, reference: str) -> words.TicketWholeAlias:
        """By its reference or number, with what was written on it."""
        return _whole(response, caller, words.reference(caller, reference))


def altering(family: Family, method: str = "PATCH") -> None:
    """PATCH, or PUT, tickets/{id}/: what is left out stays, in both."""

    def change(
        request: Request, response: Response, caller: Caller, reference: str, body: words.TicketChangeIn
    ) -> words.TicketWholeAlias:
        """All or nothing. Each change asks for its own permission."""
        ref = words.reference(caller, reference)
        changes = words.changed(caller, ref, body)
        caller.run(tickets.change, ref, changes, expected=request.headers.get("if-match", ""))
        return _whole(response, caller, ref)

    change.__name__ = "change_ticket" if method == "PATCH" else "put_ticket"
    family.op(method, "tickets/{reference}", Permission.TICKET_READ, "Change a ticket", own_version=True)(change)


def commenting(family: Family) -> None:
    """POST tickets/{id}/comment/."""

    @family.op("POST", "tickets/{reference}/comment", Permission.TICKET_REPLY, "Reply, or add a note", status=201)
    def add_comment(caller: Caller, reference: str, body: words.CommentIn) -> words.CommentAlias:
        """A note asks for `ticket.note`."""
        ref = words.reference(caller, reference)
        if body.is_internal:
            made = caller.run(tickets.note, ref, body.comment)
        else:
            made = caller.run(tickets.reply, ref, body.comment, channel=Channel.API)
        return words.comment(caller.run(tickets.text_of, made))


def attaching(family: Family, path: str) -> None:
    """POST tickets/{id}/attach/, or what it is called."""

    @family.op("POST", f"tickets/{{reference}}/{path}", Permission.TICKET_REPLY, "Add a file to a ticket", status=201)
    def add_attachment(caller: Caller, reference: str, file: UploadFile) -> words.FileAlias:
        """As the form field `file`. Everybody on the ticket sees it."""
        ref = words.reference(caller, reference)
        row = stored(caller, file)
        added = caller.run(tickets.attach, ref, [row.id])[0]
        return words.file(added, caller.run(tickets.one, ref).ticket.id)


def assigning(family: Family) -> None:
    """POST tickets/{id}/assign/."""

    @family.op("POST", "tickets/{reference}/assign", Permission.TICKET_ASSIGN, "Assign a ticket")
    def assign_ticket(caller: Caller, reference: str, body: words.AssignIn) -> words.TicketAlias:
        """To somebody, or to nobody."""
        ref = words.reference(caller, reference)
        caller.run(tickets.assign, ref, to=body.assigned_to)
        return _shown(caller, ref)


def moving(family: Family) -> None:
    """POST tickets/{id}/transition/."""

    @family.op("POST", "tickets/{reference}/transition", Permission.TICKET_STATUS, "Change a ticket's status")
    def transition_ticket(caller: Caller, reference: str, body: words.TransitionIn) -> words.TicketAlias:
        """Where the organization lets the caller's role go."""
        ref = words.reference(caller, reference)
        caller.run(tickets.change_status, ref, words.status(body.status))
        return _shown(caller, ref)


def escalating(family: Family, path: str) -> None:
    """POST tickets/{id}/escalate/, or what it is called."""

    @family.op("POST", path, Permission.TICKET_ESCALATE, "Escalate a ticket")
    def escalate_ticket(caller: Caller, reference: str, body: words.EscalateIn) -> words.TicketAlias:
        """A level up, or to the level named; whom it concerns is told."""
        ref = words.reference(caller, reference)
        caller.run(
            tickets.escalate, ref, reason=body.reason, level=body.level, team_id=body.team, person_id=body.escalated_to
        )
        return _shown(caller, ref)


def _read(ctx: Context, ref: str) -> tuple[TicketDetail, Texts]:
    return tickets.one(ctx, ref), tickets.texts(ctx, ref)


def _whole(response: Response, caller: CallerOf, ref: str) -> words.TicketWholeAlias:
    detail, texts = caller.run(_read, ref)
    if caller.actor.is_staff:
        version = changing.version(detail.ticket.reference, detail.ticket.updated_at)
        response.headers["ETag"] = f'"{version}"'
    return words.whole(detail, texts)


def _shown(caller: CallerOf, ref: str) -> words.TicketAlias:
    return words.ticket(caller.run(tickets.one, ref).ticket)
