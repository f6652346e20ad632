"""What grows around a ticket: who watches, who was mentioned, what belongs together, time spent, unsent texts, the trash."""

from typing import Any

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from helpdesk.models.base import Moment, Tenant, key, key_of, link_to, moment


class Watcher(Tenant, table=True):
    """Somebody of the staff who is told what happens to a ticket."""

    __table_args__ = (Index(None, "organization_id", "person_id", "ticket_id"),)
    ticket_id: int = key_of("ticket.id")
    person_id: int = key_of("person.id")
    since: Moment = moment(null=False)


class Mention(Tenant, table=True):
    """A colleague named with an @ in a comment."""

    __table_args__ = (
        Index("ix_mention_person", "organization_id", "person_id", "ticket_id"),
        Index("ix_mention_ticket", "organization_id", "ticket_id"),
        UniqueConstraint("organization_id", "comment_id", "person_id"),
    )
    id: int = key()
    ticket_id: int = link_to("ticket.id", ondelete="CASCADE")
    comment_id: int = link_to("comment.id", ondelete="CASCADE")
    person_id: int = link_to("person.id", ondelete="CASCADE")
    at: Moment = moment(null=False)


class CommentEdit(Tenant, table=True):
    """What a comment said before it was edited."""

    __tablename__ = "comment_edit"
    __table_args__ = (Index(None, "organization_id", "comment_id"),)
    id: int = key()
    comment_id: int = link_to("comment.id", ondelete="CASCADE")
    body: str = Field(sa_type=Text)
    body_html: str = Field(sa_type=Text)
    at: Moment = moment(null=False)


class TicketLink(Tenant, table=True):
    """Two tickets that belong together: `from_id` is the parent, or the one that was followed up."""

    __tablename__ = "ticket_link"
    __table_args__ = (
        UniqueConstraint("organization_id", "from_id", "to_id"),
        Index("ix_ticket_link_to", "organization_id", "to_id"),
        Index(
            "uq_ticket_link_parent", "organization_id", "to_id", unique=True, postgresql_where=text("kind = 'child'")
        ),
    )
    id: int = key()
    kind: str = Field(max_length=10)
    from_id: int = link_to("ticket.id", ondelete="CASCADE")
    to_id: int = link_to("ticket.id", ondelete="CASCADE")
    created_by_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    created_at: Moment = moment(null=False)


class TicketMerge(Tenant, table=True):
    """One ticket merged into another, with all that is needed to take it back."""

    __tablename__ = "ticket_merge"
    __table_args__ = (
        Index("ix_ticket_merge_source", "organization_id", "source_id"),
        Index("ix_ticket_merge_target", "organization_id", "target_id"),
    )
    id: int = key()
    source_id: int = link_to("ticket.id", ondelete="CASCADE")
    target_id: int = link_to("ticket.id", ondelete="CASCADE")
    # What moved and how the source stood before (services/tickets/merging.py).
    moved: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    at: Moment = moment(null=False)
    undone_at: Moment | None = moment()


class TimeEntry(Tenant, table=True):
    """Time somebody spent on a ticket; without an end the timer still runs."""

    __tablename__ = "time_entry"
    __table_args__ = (
        Index("ix_time_entry_ticket", "organization_id", "ticket_id", "id"),
        Index("uq_time_entry_running", "organization_id", "person_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )  # fmt: skip
    id: int = key()
    ticket_id: int = link_to("ticket.id", ondelete="CASCADE")
    person_id: int = link_to("person.id", ondelete="CASCADE")
    started_at: Moment = moment(null=False)
    ended_at: Moment | None = moment()
    seconds: int = 0
    note: str = Field(default="", max_length=300)


class Draft(Tenant, table=True):
    """What somebody has written to a ticket and not sent yet."""

    __table_args__ = (Index(None, "organization_id", "person_id", "ticket_id"),)
    ticket_id: int = key_of("ticket.id")
    person_id: int = key_of("person.id")
    kind: str = Field(default="reply", max_length=10)
    body: str = Field(sa_type=Text)
    # Files that come with it; they are their writer's alone until it is sent.
    attachment_ids: list[int] = Field(
        default_factory=list, sa_type=ARRAY(BigInteger), sa_column_kwargs={"server_default": text("'{}'")}
    )
    updated_at: Moment = moment(null=False)


class WaitingReply(Tenant, table=True):
    """A reply that leaves at a moment: a few seconds after it was sent, or when its author said. Until then nothing was said."""

    __tablename__ = "waiting_reply"
    __table_args__ = (
        Index("ix_waiting_reply_ticket", "organization_id", "ticket_id", "id"),
        # Whose replies are due is asked across organizations, which are due within one.
        Index("ix_waiting_reply_due", "send_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_waiting_reply_due_here", "organization_id", "send_at", postgresql_where=text("state = 'waiting'")),
    )
    id: int = key()
    ticket_id: int = link_to("ticket.id", ondelete="CASCADE")
    person_id: int = link_to("person.id", ondelete="CASCADE")
    body: str = Field(sa_type=Text)
    # Set with it, for "Send & resolve".
    status: str = Field(default="", max_length=60)
    attachment_ids: list[int] = Field(
        default_factory=list, sa_type=ARRAY(BigInteger), sa_column_kwargs={"server_default": text("'{}'")}
    )
    # Its author chose the moment; else it is held back for a moment, to be taken back.
    is_scheduled: bool = False
    # waiting, stopped (something came up, `reason`), cancelled.
    state: str = Field(default="waiting", max_length=10)
    reason: str = Field(default="", max_length=300)
    send_at: Moment = moment(null=False)
    created_at: Moment = moment(null=False)


class TrashedTicket(Tenant, table=True):
    """A deleted ticket, whole: it has left every other table, so that no door can lead to it."""

    __tablename__ = "trashed_ticket"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index("ix_trashed_ticket_deleted_at", "deleted_at"),
    )
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    reference: str = Field(max_length=16)
    title: str = Field(max_length=300)
    requester: str = Field(default="", max_length=200)
    deleted_by: str = Field(default="", max_length=200)
    # Table -> its rows.
    rows: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    deleted_at: Moment = moment(null=False)


class CustomField(Tenant, table=True):
    """A question an organization asks about its tickets. Values live on the ticket, by the field's id."""

    __tablename__ = "custom_field"
    __table_args__ = (UniqueConstraint("organization_id", "label"),)
    id: int = key()
    label: str = Field(max_length=80)
    help: str = Field(default="", max_length=200)
    kind: str = Field(max_length=10)
    options: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    # Empty: asked whatever the category.
    category_ids: list[int] = Field(default_factory=list, sa_type=ARRAY(BigInteger))
    is_required: bool = False
    is_public: bool = False
    is_active: bool = True
    position: int = 0


class SlaRun(Tenant, table=True):
    """Work on many clocks, a batch at a time: deriving them anew, or a simulation with what it found so far."""

    __tablename__ = "sla_run"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index("ix_sla_run_waiting", "updated_at", postgresql_where=text("finished_at IS NULL")),
    )
    id: int = key()
    kind: str = Field(max_length=10)
    person_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    wanted: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    result: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    total: int = 0
    done: int = 0
    # The last ticket that was looked at.
    cursor: int = Field(default=0, sa_type=BigInteger)
    created_at: Moment = moment(null=False)
    updated_at: Moment = moment(null=False)
    finished_at: Moment | None = moment()
