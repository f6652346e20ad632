"""Tickets, what is said on them, and the clocks that run."""

from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlmodel import Field

from helpdesk.models.base import Moment, Tenant, key, key_of, link_to, moment


class Ticket(Tenant, table=True):
    """The work. `is_open`, `status_category` and the SLA fields repeat what status and timers say, for the queue's indexes."""

    __table_args__ = (
        UniqueConstraint("organization_id", "reference"),
        # One index per road into the queue, each ending in the order the queue is read in.
        Index("ix_ticket_updated", "organization_id", "updated_at", "id"),
        Index("ix_ticket_created", "organization_id", "created_at", "id"),
        Index("ix_ticket_open", "organization_id", "updated_at", "id", postgresql_where=text("is_open")),
        Index("ix_ticket_assignee", "organization_id", "assignee_id", "is_open", "updated_at", "id"),
        Index("ix_ticket_unassigned", "organization_id", "updated_at", "id", postgresql_where=text("is_open AND assignee_id IS NULL")),
        Index("ix_ticket_waiting", "organization_id", "team_id", "created_at", postgresql_where=text("is_open AND assignee_id IS NULL")),
        Index("ix_ticket_status", "organization_id", "status_id", "updated_at", "id"),
        Index("ix_ticket_status_category", "organization_id", "status_category", "updated_at", "id"),
        Index("ix_ticket_requester", "organization_id", "requester_id", "updated_at", "id"),
        Index("ix_ticket_company", "organization_id", "company_id", "updated_at", "id"),
        Index("ix_ticket_team", "organization_id", "team_id", "updated_at", "id"),
        Index("ix_ticket_topic", "organization_id", "category_id", "updated_at", "id"),
        Index("ix_ticket_priority", "organization_id", "priority_id", "updated_at", "id"),
        Index("ix_ticket_sla", "organization_id", "sla_due_at", "id", postgresql_where=text("is_open AND sla_due_at IS NOT NULL")),
        Index("ix_ticket_at_risk", "organization_id", "sla_due_at", "id", postgresql_where=text("is_open AND sla_status IN ('at_risk', 'breached')")),
        Index("ix_ticket_resolved", "organization_id", "resolved_at", "id", postgresql_where=text("resolved_at IS NOT NULL")),
        Index("ix_ticket_closed", "organization_id", "closed_at", "id", postgresql_where=text("closed_at IS NOT NULL")),
        Index("ix_ticket_auto_close", "resolved_at", postgresql_where=text("status_category = 'resolved'")),
        Index("ix_ticket_unanswered", "organization_id", "status_id", "waiting_since", postgresql_where=text("waiting_since IS NOT NULL AND close_warned_at IS NULL")),
        Index("ix_ticket_close_warned", "organization_id", "status_id", "close_warned_at", postgresql_where=text("close_warned_at IS NOT NULL")),
        Index("ix_ticket_snoozed", "snoozed_until", postgresql_where=text("snoozed_until IS NOT NULL")),
        Index("ix_ticket_put_aside", "organization_id", "updated_at", "id", postgresql_where=text("snoozed_until IS NOT NULL")),
        Index("ix_ticket_status_since", "organization_id", "status_since", "id", postgresql_where=text("status_category <> 'closed'")),
        Index("ix_ticket_merged", "organization_id", "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
        # How content a customer or a company was: their rated tickets alone.
        Index("ix_ticket_rated_requester", "organization_id", "requester_id", "csat_score", postgresql_where=text("csat_score IS NOT NULL")),
        Index("ix_ticket_rated_company", "organization_id", "company_id", "csat_score", postgresql_where=text("csat_score IS NOT NULL")),
        Index("ix_ticket_source", "organization_id", "source", "remote_id", unique=True, postgresql_where=text("remote_id IS NOT NULL")),
    )  # fmt: skip
    id: int = key()
    reference: str = Field(max_length=16)
    title: str = Field(max_length=300)
    description: str = Field(sa_type=Text)
    description_html: str = Field(sa_type=Text)
    status_id: int = link_to("status.id")
    status_category: str = Field(max_length=10)
    is_open: bool = True
    priority_id: int = link_to("priority.id")
    priority_rank: int = 2
    category_id: int | None = link_to("category.id", null=True, ondelete="SET NULL")
    # The SLA policy it was put under; nothing: the first whose conditions hold. No foreign key: one that is gone is none.
    chosen_policy_id: int | None = Field(default=None, sa_type=BigInteger)
    requester_id: int = link_to("person.id")
    company_id: int | None = link_to("company.id", null=True, ondelete="SET NULL")
    site_id: int | None = link_to("site.id", null=True, ondelete="SET NULL")
    team_id: int | None = link_to("team.id", null=True, ondelete="SET NULL")
    assignee_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    created_by_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    channel: str = Field(default="web", max_length=10)
    # The mailbox it came through, which answers leave from. No foreign key: one that is gone is none.
    mailbox_id: int | None = Field(default=None, sa_type=BigInteger)
    due_at: Moment | None = moment()
    escalation_level: int = 0
    csat_score: int | None = None
    preview: str = Field(default="", max_length=200)
    comment_count: int = 0
    last_reply_by_customer: bool = True
    sla_status: str = Field(default="none", max_length=10)
    sla_due_at: Moment | None = moment()
    snoozed_until: Moment | None = moment()
    status_since: Moment | None = moment()
    # While pending: since when nobody has asked or answered; and when the customer was told that it closes.
    waiting_since: Moment | None = moment()
    close_warned_at: Moment | None = moment()
    first_responded_at: Moment | None = moment()
    resolved_at: Moment | None = moment()
    closed_at: Moment | None = moment()
    breached_at: Moment | None = moment()
    reopen_count: int = 0
    merged_into_id: int | None = link_to("ticket.id", null=True, ondelete="SET NULL")
    # Answers to the organization's own fields: {field id: value}.
    custom: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": text("'{}'")}
    )
    source: str | None = Field(default=None, max_length=60)
    remote_id: str | None = Field(default=None, max_length=120)
    created_at: Moment = moment(null=False)
    updated_at: Moment = moment(null=False)


class Comment(Tenant, table=True):
    """A reply, a note, or a line by the desk. The sanitised HTML is kept, so that reading costs nothing."""

    __table_args__ = (Index("ix_comment_ticket", "organization_id", "ticket_id", "id"),)
    id: int = key()
    ticket_id: int = link_to("ticket.id", ondelete="CASCADE")
    author_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    kind: str = Field(max_length=10)
    body: str = Field(sa_type=Text)
    body_html: str = Field(sa_type=Text)
    channel: str = Field(default="web", max_length=10)
    created_at: Moment = moment(null=False)
    edited_at: Moment | None = moment()


class TicketTag(Tenant, table=True):
    """A tag on a ticket."""

    __tablename__ = "ticket_tag"
    __table_args__ = (Index(None, "organization_id", "tag_id", "ticket_id"),)
    ticket_id: int = key_of("ticket.id")
    tag_id: int = key_of("tag.id")


class Attachment(Tenant, table=True):
    """A file. It belongs to nobody but its uploader until a ticket or comment takes it."""

    __table_args__ = (
        Index("ix_attachment_ticket", "organization_id", "ticket_id"),
        Index("ix_attachment_loose", "organization_id", "created_at", postgresql_where=text("ticket_id IS NULL")),
        Index("ix_attachment_unscanned", "organization_id", "scan_next_at", postgresql_where=text("scan = 'pending'")),
        Index("ix_attachment_blocked", "organization_id", "id", postgresql_where=text("scan = 'infected'")),
        Index("ix_attachment_size", "organization_id", postgresql_include=["size"]),
    )
    id: int = key()
    ticket_id: int | None = link_to("ticket.id", null=True, ondelete="CASCADE")
    comment_id: int | None = link_to("comment.id", null=True, ondelete="CASCADE")
    uploaded_by_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    filename: str = Field(max_length=255)
    content_type: str = Field(max_length=120)
    size: int
    sha256: str = Field(max_length=64)
    storage_key: str = Field(max_length=120)
    # Shown within the text it came with, not beside it.
    is_within: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    # pending, clean or infected; why it is not clean, for people; when it is looked into next.
    scan: str = Field(default="pending", max_length=10, sa_column_kwargs={"server_default": text("'pending'")})
    scan_reason: str = Field(default="", max_length=300, sa_column_kwargs={"server_default": text("''")})
    scan_attempts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    scan_next_at: Moment | None = Field(
        default=None, sa_type=DateTime(timezone=True), nullable=True, sa_column_kwargs={"server_default": text("now()")}
    )
    created_at: Moment = moment(null=False)


class TicketSearch(Tenant, table=True):
    """The words of a ticket: those everybody on it may find, and those only staff may."""

    __tablename__ = "ticket_search"
    __table_args__ = (
        Index("ix_ticket_search_organization", "organization_id", "ticket_id"),
        Index("ix_ticket_search_public", "organization_id", "public_words", postgresql_using="gin"),
        Index("ix_ticket_search_note", "organization_id", "note_words", postgresql_using="gin"),
    )
    ticket_id: int = key_of("ticket.id")
    public_words: Any = Field(default=None, sa_column=Column(TSVECTOR, nullable=False))
    note_words: Any = Field(default=None, sa_column=Column(TSVECTOR, nullable=True))


class Timer(Tenant, table=True):
    """A running promise. `next_at` is the next moment it needs looking at: the due queue is an index on it."""

    __table_args__ = (
        # One clock per promise; each of the customer's further questions has its own.
        Index(
            "uq_timer_organization_id_ticket_id_metric",
            "organization_id",
            "ticket_id",
            "metric",
            unique=True,
            postgresql_where=text("metric <> 'next_response' OR met_at IS NULL"),
        ),
        Index(None, "organization_id", "ticket_id"),
        # Whose clocks are due is asked across organizations, which are due within one.
        Index("ix_timer_due", "next_at", postgresql_where=text("state = 'running' AND next_at IS NOT NULL")),
        Index(
            "ix_timer_due_here",
            "organization_id",
            "next_at",
            postgresql_where=text("state = 'running' AND next_at IS NOT NULL"),
        ),
    )
    id: int = key()
    ticket_id: int = link_to("ticket.id", ondelete="CASCADE")
    policy_id: int | None = link_to("sla_policy.id", null=True, ondelete="SET NULL")
    metric: str = Field(max_length=20)
    state: str = Field(max_length=10)
    target_seconds: int
    started_at: Moment = moment(null=False)
    warn_at: Moment | None = moment()
    due_at: Moment | None = moment()
    next_at: Moment | None = moment()
    warned_at: Moment | None = moment()
    breached_at: Moment | None = moment()
    met_at: Moment | None = moment()
    paused_at: Moment | None = moment()
    paused_seconds: int = 0


class CsatRequest(Tenant, table=True):
    """That a customer is to be, or was, asked how the help was. `next_at` is when to ask, then when to remind."""

    __tablename__ = "csat_request"
    __table_args__ = (
        UniqueConstraint("organization_id", "ticket_id"),
        Index("ix_csat_request_due", "organization_id", "next_at", postgresql_where=text("next_at IS NOT NULL")),
        Index(None, "organization_id", "asked_at"),
    )
    id: int = key()
    ticket_id: int = link_to("ticket.id", ondelete="CASCADE")
    person_id: int = link_to("person.id", ondelete="CASCADE")
    next_at: Moment | None = moment()
    asked_at: Moment | None = moment()
    reminded_at: Moment | None = moment()
    expires_at: Moment | None = moment()
    used_at: Moment | None = moment()
    created_at: Moment = moment(null=False)


class CsatRating(Tenant, table=True):
    """What a customer thought of the help."""

    __tablename__ = "csat_rating"
    __table_args__ = (
        UniqueConstraint("organization_id", "ticket_id"),
        Index(None, "organization_id", "created_at"),
    )
    id: int = key()
    ticket_id: int = link_to("ticket.id", ondelete="CASCADE")
    person_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    agent_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    score: int
    comment: str = Field(default="", max_length=2000)
    created_at: Moment = moment(null=False)
