"""Tickets in the words of other desks: `subject`, `customer`, `assigned_to`, `comment`, `file_name`; both ways.

What comes in is understood under either name. What goes out has both where they differ.
"""

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from helpdesk.api.v1.caller import CallerOf
from helpdesk.api.v1.schemas import Input, Number
from helpdesk.api.v1.ticket_schemas import PersonRef, moment, somebody
from helpdesk.domain.errors import Invalid
from helpdesk.domain.tickets import BODY_LENGTH, TITLE_LENGTH, CommentKind
from helpdesk.services import catalog_view, tickets
from helpdesk.services.attachments import AttachmentRow
from helpdesk.services.tickets import TextRow, Texts, TicketDetail, TicketRow

NumberOrText = Number | Annotated[str, Field(max_length=254)]

# Spellings of statuses, beyond slug, label and alias, which every verb understands.
_STATUSES = {"inprogress": "in_progress", "onhold": "on_hold", "waitingforcustomer": "waiting_on_customer"}
_STATUSES |= {"waitingoncustomer": "waiting_on_customer", "pendingcustomer": "waiting_on_customer"}


class Made(BaseModel):
    """What was filed."""

    id: int
    status: str
    created_at: datetime


class CommentAlias(BaseModel):
    """A comment as other desks answer it."""

    id: int
    ticket_id: int
    user_id: int | None
    comment: str
    created_at: datetime


class CommentShownAlias(CommentAlias):
    """A comment with who wrote it."""

    user_name: str
    is_internal: bool


class FileAlias(BaseModel):
    """A file as other desks answer it."""

    id: int
    ticket_id: int
    file_name: str
    file_size: int
    created_at: datetime


class TicketAlias(BaseModel):
    """A ticket in both languages."""

    id: int
    reference: str = Field(description="What people quote. Addresses take it as well as the number.")
    subject: str
    title: str = Field(description="The same as `subject`.")
    status: str = Field(description="A slug, such as open, in_progress or resolved.")
    status_category: str = Field(description="new, open, pending, resolved or closed.")
    priority: str = Field(description="A slug; `critical` is `urgent` here.")
    category: int | None
    category_name: str
    customer: int
    customer_name: str
    requester: PersonRef = Field(description="The same as `customer`.")
    assigned_to: int | None
    assigned_to_name: str
    assignee: PersonRef | None = Field(description="The same as `assigned_to`.")
    team: int | None
    team_name: str
    channel: str
    tags: list[str]
    is_escalated: bool
    escalation_level: int
    sla_status: str
    sla_due_at: datetime | None
    comment_count: int
    due_at: datetime | None
    due_date: datetime | None = Field(description="The same as `due_at`.")
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None


class TicketWholeAlias(TicketAlias):
    """A ticket with what was written on it."""

    description: str
    comments: list[CommentShownAlias]
    attachments: list[FileAlias]


class TicketIn(Input):
    """A ticket to file."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"subject": "The lock of room 204 is broken", "description": "Stuck.", "priority": "critical"}]
        }
    )

    title: str = Field(
        validation_alias=AliasChoices("subject", "title"), max_length=TITLE_LENGTH, description="Also: `title`."
    )
    description: str = Field(max_length=BODY_LENGTH)
    priority: str = Field("", max_length=60, description="Such as high or critical.")
    category: NumberOrText | None = Field(
        None, validation_alias=AliasChoices("category", "category_id"), description="A number or a name."
    )
    customer: NumberOrText | None = Field(
        None, description="A number or an address. Also: `requester`, and both with `_id` or `_email`.",
        validation_alias=AliasChoices(
            "customer", "requester", "customer_id", "requester_id", "customer_email", "requester_email"
        ),
    )  # fmt: skip
    customer_name: str = Field("", validation_alias=AliasChoices("customer_name", "requester_name"), max_length=200)
    assigned_to: Number | None = Field(
        None, validation_alias=AliasChoices("assigned_to", "assignee", "assigned_to_id", "assignee_id"),
        description="A person's number. Also: `assignee`.",
    )  # fmt: skip
    team: Number | None = Field(None, validation_alias=AliasChoices("team", "team_id"))
    due_at: datetime | None = Field(None, validation_alias=AliasChoices("due_date", "due_at"))
    tags: list[Annotated[str, Field(max_length=60)]] = Field([], max_length=50)


class TicketChangeIn(Input):
    """What to change; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "in_progress", "priority": "high"}]})

    title: str | None = Field(None, validation_alias=AliasChoices("subject", "title"), max_length=TITLE_LENGTH)
    description: str | None = Field(
        None, max_length=BODY_LENGTH, description="As it was filed: descriptions are not rewritten, comments are added."
    )
    customer: NumberOrText | None = Field(
        None, validation_alias=AliasChoices("customer", "requester", "customer_id", "requester_id"),
        description="As it is: a ticket stays its customer's.",
    )  # fmt: skip
    status: str | None = Field(None, max_length=60)
    priority: str | None = Field(None, max_length=60)
    category: NumberOrText | None = Field(None, validation_alias=AliasChoices("category", "category_id"))
    assigned_to: Number | None = Field(
        None, validation_alias=AliasChoices("assigned_to", "assignee", "assigned_to_id", "assignee_id")
    )
    team: Number | None = Field(None, validation_alias=AliasChoices("team", "team_id"))
    due_at: datetime | None = Field(None, validation_alias=AliasChoices("due_date", "due_at"))
    tags: list[Annotated[str, Field(max_length=60)]] | None = Field(None, max_length=50)


class CommentIn(Input):
    """Something to say."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"comment": "We are on our way."}]})

    comment: str = Field(
        validation_alias=AliasChoices("comment", "body", "content", "text", "message"), max_length=BODY_LENGTH,
        description="Also: `body`, `content`, `text`, `message`.",
    )  # fmt: skip
    is_internal: bool = Field(
        False, validation_alias=AliasChoices("is_internal", "internal"), description="A note, for staff alone."
    )


class AssignIn(Input):
    """Who takes over."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"assigned_to": 7}]})

    assigned_to: Number | None = Field(
        validation_alias=AliasChoices(
            "assigned_to", "assignee", "assigned_to_id", "assignee_id", "agent_id", "agent", "user_id"
        ),
        description="A person's number; null: nobody. Also: `assignee`, `agent_id`, `user_id`.",
    )


class TransitionIn(Input):
    """A status."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "resolved"}]})

    status: str = Field(
        validation_alias=AliasChoices("status", "to_status", "new_status", "to"), max_length=60,
        description="Also: `to_status`, `new_status`.",
    )  # fmt: skip


class EscalateIn(Input):
    """Bring somebody in."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The customer is waiting outside."}]})

    reason: str = Field(max_length=1000)
    level: int | None = Field(
        None,
        ge=1,
        le=3,
        validation_alias=AliasChoices("level", "escalation_level"),
        description="The next when left out.",
    )
    escalated_to: Number | None = Field(
        None, validation_alias=AliasChoices("escalated_to", "escalate_to", "person_id", "user_id"),
        description="The person who gets it.",
    )  # fmt: skip
    team: Number | None = Field(None, validation_alias=AliasChoices("team", "team_id"))


def reference(caller: CallerOf, given: str) -> str:
    """A ticket's reference, of the reference or the number."""
    is_number = given.isascii() and given.isdecimal() and len(given) < 19
    return caller.run(tickets.reference_of, int(given)) if is_number else given


def filed(caller: CallerOf, body: TicketIn) -> dict[str, Any]:
    """What the verb takes of a ticket to file."""
    whom: dict[str, Any] = {"requester_name": body.customer_name}
    if isinstance(body.customer, int) or (body.customer and body.customer.isdecimal()):
        whom["requester_id"] = int(body.customer)
    elif body.customer:
        whom["requester_email"] = body.customer
    return whom | {
        "title": body.title, "description": body.description, "priority": body.priority.strip(), "due_at": body.due_at,
        "category_id": category(caller, body.category), "team_id": body.team, "assignee_id": body.assigned_to,
        "tags": body.tags,
    }  # fmt: skip


def changed(caller: CallerOf, ref: str, body: TicketChangeIn) -> dict[str, Any]:
    """What the verb takes of changes.

    Raises:
        Invalid: something that cannot be changed is not what it was.
    """
    given = body.model_dump(exclude_unset=True)
    for name in ("title", "status", "priority", "tags"):
        if name in given and given[name] is None:
            raise Invalid(**{name: "Leave it out to keep it, or say what it should be."})
    _check_kept(caller, ref, given)
    if "status" in given:
        given["status"] = status(given["status"])
    if "category" in given:
        given["category_id"] = category(caller, given.pop("category"))
    for theirs, ours in (("assigned_to", "assignee_id"), ("team", "team_id")):
        if theirs in given:
            given[ours] = given.pop(theirs)
    return given


def status(word: str) -> str:
    """A status in a word the verbs know."""
    return _STATUSES.get(re.sub(r"[\s_-]", "", word.lower()), word)


def category(caller: CallerOf, given: int | str | None) -> int | None:
    """A category's number, of its number or name.

    Raises:
        Invalid: none of that name.
    """
    if given is None or isinstance(given, int):
        return given
    wanted = given.strip().lower()
    if not wanted:
        return None
    rows = caller.run(catalog_view.categories)
    found = next((row.id for row in rows if wanted in (row.name.lower(), str(row.id))), None)
    if found is None:
        raise Invalid(category=f"There is no category “{given[:60]}”.")
    return found


def ticket(row: TicketRow) -> TicketAlias:
    """A ticket of a list."""
    return TicketAlias(**_facts(row))


def whole(detail: TicketDetail, texts: Texts) -> TicketWholeAlias:
    """A ticket with what was written on it."""
    number = detail.ticket.id
    return TicketWholeAlias(
        **_facts(detail.ticket), description=texts.description, comments=[shown(one) for one in texts.comments],
        attachments=files(detail, number),
    )  # fmt: skip


def files(detail: TicketDetail, number: int) -> list[FileAlias]:
    """The files of a ticket and its comments."""
    rows = [*detail.attachments, *(row for one in detail.comments for row in one.attachments)]
    return [file(row, number) for row in rows]


def comment(row: TextRow) -> CommentAlias:
    """A comment."""
    return CommentAlias(
        id=row.id, ticket_id=row.ticket_id, user_id=row.author_id, comment=row.body, created_at=row.created_at
    )


def shown(row: TextRow) -> CommentShownAlias:
    """A comment with who wrote it."""
    return CommentShownAlias(
        **comment(row).model_dump(), user_name=row.author, is_internal=row.kind == CommentKind.NOTE
    )


def file(row: AttachmentRow, number: int) -> FileAlias:
    """A file."""
    return FileAlias(
        id=row.id, ticket_id=number, file_name=row.filename, file_size=row.size,
        created_at=datetime.fromisoformat(row.created_at),
    )  # fmt: skip


def _check_kept(caller: CallerOf, ref: str, given: dict[str, Any]) -> None:
    text, whose = given.pop("description", None), given.pop("customer", None)
    if text is not None and text.strip() != caller.run(tickets.texts, ref).description.strip():
        raise Invalid(description="A description stays as it was filed. Add a comment instead.")
    if whose is not None:
        detail = caller.run(tickets.one, ref)
        if str(whose).strip().lower() not in (str(detail.ticket.requester_id), detail.requester_email.lower()):
            raise Invalid(customer="A ticket stays its customer's. File another one for somebody else.")


def _facts(row: TicketRow) -> dict[str, Any]:
    return {
        "id": row.id, "reference": row.reference, "subject": row.title, "title": row.title, "status": row.status_slug,
        "status_category": row.status_category, "priority": row.priority_slug,
        "category": row.category_id or None, "category_name": row.category,
        "customer": row.requester_id, "customer_name": row.requester,
        "requester": somebody(row.requester_id, row.requester),
        "assigned_to": row.assignee_id or None, "assigned_to_name": row.assignee,
        "assignee": somebody(row.assignee_id, row.assignee) if row.assignee_id else None,
        "team": row.team_id or None, "team_name": row.team, "channel": row.channel, "tags": [one.name for one in row.tags],
        "is_escalated": row.escalation_level > 0, "escalation_level": row.escalation_level, "sla_status": row.sla_status,
        "sla_due_at": moment(row.sla_due_at), "comment_count": row.comment_count, "due_at": moment(row.due_at),
        "due_date": moment(row.due_at), "created_at": moment(row.created_at), "updated_at": moment(row.updated_at),
        "resolved_at": moment(row.resolved_at),
    }  # fmt: skip
