"""Tickets as the API tells and takes them.

What goes out are dictionaries with types: a conversation of fifty as validated models costs more than reading it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import AliasChoices, ConfigDict, Field
from typing_extensions import TypedDict

from helpdesk.api.v1.schemas import Input, Number
from helpdesk.domain.tickets import BODY_LENGTH, TITLE_LENGTH
from helpdesk.services.attachments import AttachmentRow
from helpdesk.services.people import PersonRow
from helpdesk.services.standing import TimerRow
from helpdesk.services.tickets import CommentRow, TicketDetail, TicketRow


class PersonRef(TypedDict):
    """Somebody on a ticket. With `?expand=`, what else is known of them."""

    id: int
    name: str
    email: str | None
    role: str | None
    company: str | None
    phone: str | None
    timezone: str | None
    availability: str | None


class Named(TypedDict):
    """Something with a number and a name."""

    id: int
    name: str


class Word(TypedDict):
    """A status or priority: the word programs use, and the one people read."""

    slug: str
    label: str


class Promise(TypedDict):
    """What was promised, and how it stands, in working time."""

    metric: str
    policy: str
    status: str
    breach_at: datetime | None
    met_at: datetime | None
    target: str
    elapsed: str
    remaining: str
    target_seconds: int
    elapsed_seconds: int
    remaining_seconds: int


class Ticket(TypedDict):
    """A ticket as in a list."""

    id: int
    reference: Annotated[str, Field(description="What people quote, and what addresses use.")]
    title: str
    preview: Annotated[str, Field(description="The beginning of what was said last.")]
    status: Word
    status_category: Annotated[str, Field(description="What rules bind to: new, open, pending, resolved or closed.")]
    priority: Word
    category: Named | None
    requester: PersonRef
    company: str | None
    assignee: PersonRef | None
    team: Named | None
    channel: str
    tags: list[str]
    sla_status: Annotated[str, Field(description="none, ok, at_risk, breached, paused or met.")]
    sla_due_at: datetime | None
    escalation_level: int
    comment_count: int
    due_at: datetime | None
    csat_score: int | None
    snoozed_until: datetime | None
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    promises: Annotated[
        list[Promise], Field(description="For staff: on a single ticket, and in lists with `?expand=promises`.")
    ]


class File(TypedDict):
    """A file on a ticket."""

    id: int
    filename: str
    content_type: str
    size: int
    url: str
    scan: Annotated[str, Field(description="pending, clean or infected; only clean files can be downloaded.")]
    blocked: Annotated[str, Field(description="Why it cannot be downloaded, in words; empty when it can.")]


class Comment(TypedDict):
    """One contribution to the conversation."""

    id: int
    kind: Annotated[str, Field(description="reply (everybody reads it), note (staff alone) or system.")]
    author: PersonRef | None
    body_html: str
    by_staff: bool
    attachments: list[File]
    created_at: datetime
    edited_at: datetime | None


class Answered(TypedDict):
    """One of the organization's own fields, and its answer."""

    name: str
    label: str
    kind: str
    value: str


class TicketWhole(Ticket):
    """A ticket with everything on it."""

    description_html: str
    comments: list[Comment]
    earlier_comments: Annotated[int, Field(description="How many older comments were left out.")]
    attachments: list[File]
    answers: list[Answered]
    next_statuses: list[Word]
    merged_into: str | None


_FILED: dict[str, Any] = {
    "title": "The lock of room 204 is broken",
    "description": "It **closes**, but does not open any more.",
    "priority": "high",
}


class TicketNew(Input):
    """A ticket to file."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FILED]})

    title: str = Field(
        validation_alias=AliasChoices("title", "subject"), max_length=TITLE_LENGTH, description="Also: `subject`."
    )
    description: str = Field(max_length=BODY_LENGTH, description="Markdown.")
    priority: str = Field("", max_length=60, description="Slug, label or alias, such as `critical` for urgent.")
    category_id: Number | None = None
    requester_id: Number | None = Field(
        None, validation_alias=AliasChoices("requester_id", "customer_id"), description="Also: `customer_id`."
    )
    requester_email: str = Field(
        "", validation_alias=AliasChoices("requester_email", "customer_email", "requester", "customer"), max_length=254,
        description="Whom it is for, by address; a customer's account is made where there is none. Also: `customer`.",
    )  # fmt: skip
    requester_name: str = Field("", validation_alias=AliasChoices("requester_name", "customer_name"), max_length=200)
    team_id: Number | None = None
    assignee_id: Number | None = None
    due_at: datetime | None = None
    tags: list[str] = Field([], max_length=50)
    attachment_ids: list[Number] = Field([], max_length=20)
    answers: dict[str, Any] | None = Field(None, description="To the organization's own fields, by name (`field_7`).")


class TicketChange(Input):
    """What to change of a ticket; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"priority": "urgent", "tags": ["locks", "vip"]}]})

    title: str | None = Field(None, validation_alias=AliasChoices("title", "subject"), max_length=TITLE_LENGTH)
    priority: str | None = Field(None, max_length=60)
    status: str | None = Field(None, max_length=60)
    category_id: Number | None = None
    team_id: Number | None = None
    assignee_id: Number | None = None
    due_at: datetime | None = None
    tags: list[str] | None = Field(None, max_length=50)
    answers: dict[str, Any] | None = None


def ticket(row: TicketRow, people: Mapping[int, PersonRow] | None = None, promises: Sequence[TimerRow] = ()) -> Ticket:
    """A ticket as in a list."""
    known = people or {}
    return {
        "id": row.id, "reference": row.reference, "title": row.title, "preview": row.preview,
        "status": {"slug": row.status_slug, "label": row.status}, "status_category": row.status_category,
        "priority": {"slug": row.priority_slug, "label": row.priority},
        "category": {"id": row.category_id, "name": row.category} if row.category_id else None,
        "requester": somebody(row.requester_id, row.requester, known.get(row.requester_id)), "company": row.company or None,
        "assignee": somebody(row.assignee_id, row.assignee, known.get(row.assignee_id)) if row.assignee_id else None,
        "team": {"id": row.team_id, "name": row.team} if row.team_id else None, "channel": row.channel,
        "tags": [one.name for one in row.tags], "sla_status": row.sla_status, "sla_due_at": moment(row.sla_due_at),
        "escalation_level": row.escalation_level, "comment_count": row.comment_count, "due_at": moment(row.due_at),
        "csat_score": row.csat_score or None, "snoozed_until": moment(row.snoozed_until),
        "created_at": datetime.fromisoformat(row.created_at), "updated_at": datetime.fromisoformat(row.updated_at),
        "resolved_at": moment(row.resolved_at), "promises": [promise(one) for one in promises],
    }  # fmt: skip


def promise(row: TimerRow) -> Promise:
    """How a promise stands."""
    return {
        "metric": row.metric, "policy": row.policy, "status": row.status, "breach_at": moment(row.breach_at),
        "met_at": moment(row.met_at), "target": row.target, "elapsed": row.elapsed, "remaining": row.remaining,
        "target_seconds": row.target_seconds, "elapsed_seconds": row.elapsed_seconds,
        "remaining_seconds": row.remaining_seconds,
    }  # fmt: skip


def whole(detail: TicketDetail, people: Mapping[int, PersonRow] | None = None) -> TicketWhole:
    """A ticket with everything on it."""
    return {
        **ticket(detail.ticket, people, detail.timers),
        "description_html": detail.description_html,
        "comments": comments(detail.comments),
        "earlier_comments": detail.earlier_comments,
        "attachments": [file(one) for one in detail.attachments],
        "answers": [
            {"name": one.name, "label": one.label, "kind": one.kind, "value": one.value} for one in detail.fields
        ],
        "next_statuses": [{"slug": one.value, "label": one.label} for one in detail.statuses],
        "merged_into": detail.merged_into or None,
    }


def comments(rows: Iterable[CommentRow]) -> list[Comment]:
    """A conversation."""
    return [
        {
            "id": row.id, "kind": row.kind, "author": somebody(row.author_id, row.author) if row.author_id else None,
            "body_html": row.body_html, "by_staff": row.by_staff, "attachments": [file(one) for one in row.attachments],
            "created_at": datetime.fromisoformat(row.created_at), "edited_at": moment(row.edited_at),
        }
        for row in rows
    ]  # fmt: skip


def file(row: AttachmentRow) -> File:
    """A file."""
    return {
        "id": row.id, "filename": row.filename, "content_type": row.content_type, "size": row.size,
        "url": f"/api/v1/attachments/{row.id}/content", "scan": row.scan, "blocked": row.blocked,
    }  # fmt: skip


def somebody(person_id: int, name: str, known: PersonRow | None = None) -> PersonRef:
    """A person on a ticket."""
    if known is None:
        return {
            "id": person_id, "name": name, "email": None, "role": None, "company": None, "phone": None, "timezone": None,
            "availability": None,
        }  # fmt: skip
    return {
        "id": person_id, "name": name, "email": known.email, "role": known.role, "company": known.company or None,
        "phone": known.phone or None, "timezone": known.timezone, "availability": known.availability,
    }  # fmt: skip


def moment(text: str) -> datetime | None:
    """A moment; None when there is none."""
    return datetime.fromisoformat(text) if text else None
