"""What happened, who has reacted to it, and the mail that left because of it."""

from typing import Any

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from helpdesk.models.base import Moment, Tenant, key, key_of, link_to, moment


class Activity(Tenant, table=True):
    """One thing that happened: audit log, timeline, trigger and outbox at once."""

    __table_args__ = (
        Index("ix_activity_ticket", "organization_id", "ticket_id", "id"),
        Index("ix_activity_kind", "organization_id", "kind", "at"),
        # The outbox: activities nobody has reacted to yet.
        Index("ix_activity_outbox", "at", postgresql_where=text("reacted_at IS NULL")),
        # What is about no ticket, newest first: the audit log.
        Index("ix_activity_audit", "organization_id", "id", postgresql_where=text("ticket_id IS NULL")),
        # Who follows along reads in the order of the transactions.
        Index("ix_activity_position", "organization_id", "position", "id", postgresql_where=text("position > 0")),
        # Deleting a ticket clears its causes; without this the foreign key would read the whole log.
        Index("ix_activity_cause", "cause_id", postgresql_where=text("cause_id IS NOT NULL")),
    )
    id: int = key()
    kind: str = Field(max_length=60)
    ticket_id: int | None = link_to("ticket.id", null=True, ondelete="CASCADE")
    subject_id: int | None = Field(default=None, sa_type=BigInteger)
    actor_kind: str = Field(max_length=10)
    actor_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    actor_name: str = Field(default="", max_length=200)
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    cause_id: int | None = link_to("activity.id", null=True, ondelete="SET NULL")
    at: Moment = moment(null=False)
    reacted_at: Moment | None = moment()
    # The transaction that wrote it, as the database counts them; 0 in rows from before that was kept.
    position: int | None = Field(
        default=None, sa_type=BigInteger, nullable=False,
        sa_column_kwargs={"server_default": text("pg_current_xact_id()::text::bigint")},
    )  # fmt: skip


class Reaction(Tenant, table=True):
    """A listener has done its part for an activity; a retry skips it."""

    activity_id: int = key_of("activity.id")
    listener: str = Field(primary_key=True, max_length=60)
    at: Moment = moment(null=False)

    __table_args__ = (Index(None, "organization_id", "activity_id"),)


class Delivery(Tenant, table=True):
    """An outgoing mail, from the moment it is decided until it has left."""

    __table_args__ = (
        UniqueConstraint("organization_id", "activity_id", "template", "to_address"),
        Index(None, "organization_id", "id"),
        Index("ix_delivery_queued", "next_attempt_at", postgresql_where=text("state = 'queued'")),
        Index("ix_delivery_ticket", "organization_id", "ticket_id"),
        Index("ix_delivery_message_id", "organization_id", "message_id"),
        Index(
            "ix_delivery_unsent",
            "organization_id",
            "comment_id",
            postgresql_where=text("comment_id IS NOT NULL AND state IN ('queued', 'failed')"),
        ),
    )
    id: int = key()
    activity_id: int | None = link_to("activity.id", null=True, ondelete="SET NULL")
    ticket_id: int | None = link_to("ticket.id", null=True, ondelete="CASCADE")
    person_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    template: str = Field(max_length=60)
    to_address: str = Field(max_length=254)
    subject: str = Field(max_length=500)
    body_text: str = Field(sa_type=Text)
    body_html: str = Field(sa_type=Text)
    message_id: str = Field(max_length=255)
    references: str = Field(default="", sa_type=Text)
    in_reply_to: str = Field(default="", max_length=300, sa_column_kwargs={"server_default": ""})
    # The mailbox it leaves from, the comment whose files go along, where answers go. No foreign keys: what is gone is none.
    mailbox_id: int | None = Field(default=None, sa_type=BigInteger)
    comment_id: int | None = Field(default=None, sa_type=BigInteger)
    reply_to: str = Field(default="", max_length=254, sa_column_kwargs={"server_default": ""})
    state: str = Field(max_length=10)
    attempts: int = 0
    last_error: str = Field(default="", max_length=500)
    next_attempt_at: Moment | None = moment()
    created_at: Moment = moment(null=False)
    sent_at: Moment | None = moment()


class Notification(Tenant, table=True):
    """Something one person is told of in the desk."""

    __table_args__ = (
        UniqueConstraint("organization_id", "activity_id", "person_id"),
        Index(None, "organization_id", "person_id", "id"),
        # The badge counts these and nothing else.
        Index("ix_notification_unread", "organization_id", "person_id", "id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notification_read", "organization_id", "read_at", postgresql_where=text("read_at IS NOT NULL")),
        # Deleting a ticket or a person takes theirs along; without these the foreign keys would read all of them.
        Index("ix_notification_ticket", "ticket_id", postgresql_where=text("ticket_id IS NOT NULL")),
        Index("ix_notification_person", "person_id"),
        Index("ix_notification_push", "push_at", postgresql_where=text("push_at IS NOT NULL")),
    )
    id: int = key()
    person_id: int = link_to("person.id", ondelete="CASCADE")
    ticket_id: int | None = link_to("ticket.id", null=True, ondelete="CASCADE")
    # What it tells of. No foreign key: the log may be shortened, what somebody was told stays.
    activity_id: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    kind: str = Field(max_length=20)
    title: str = Field(max_length=200)
    message: str = Field(default="", max_length=300)
    actor_name: str = Field(default="", max_length=200)
    created_at: Moment = moment(null=False)
    read_at: Moment | None = moment()
    # When their browsers are told; nothing: they are not, or have been.
    push_at: Moment | None = moment()
    push_tries: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


class PushSubscription(Tenant, table=True):
    """A browser somebody is notified in. Its address and keys are sealed: whoever has them can disturb them."""

    __tablename__ = "push_subscription"
    __table_args__ = (
        UniqueConstraint("organization_id", "endpoint_hash"),
        Index(None, "organization_id", "person_id"),
        Index("ix_push_subscription_person", "person_id"),
    )
    id: int = key()
    person_id: int = link_to("person.id", ondelete="CASCADE")
    endpoint_hash: str = Field(max_length=64)
    sealed: str = Field(sa_type=Text)
    browser: str = Field(default="", max_length=60)
    created_at: Moment = moment(null=False)
