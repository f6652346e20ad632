"""Who is brought in when a ticket waits too long: policies, their steps, what is due, and what has happened."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from helpdesk.models.base import Moment, Tenant, key, key_of, link_to, moment


class EscalationPolicy(Tenant, table=True):
    """Steps for the tickets that meet conditions."""

    __tablename__ = "escalation_policy"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)
    id: int = key()
    name: str = Field(max_length=120)
    # A tree of domain/conditions.py.
    conditions: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    position: int = 0
    is_active: bool = True
    created_at: Moment = moment(null=False)
    # Why it does not work any more; an administrator was told when this was written.
    problem: str = Field(default="", max_length=300, sa_column_kwargs={"server_default": text("''")})


class EscalationStep(Tenant, table=True):
    """One step of a policy."""

    __tablename__ = "escalation_step"
    __table_args__ = (Index(None, "organization_id", "policy_id", "position"),)
    id: int = key()
    policy_id: int = link_to("escalation_policy.id", ondelete="CASCADE")
    position: int = 0
    since: str = Field(max_length=10)
    after_seconds: int = 0
    # "lead", "managers", "agent", "team:3", "person:7".
    whom: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    level: int = 1
    message: str = Field(default="", sa_type=Text)


class EscalationDue(Tenant, table=True):
    """A step that will be due for a ticket, unless something happens: the due queue is an index on the moment."""

    __tablename__ = "escalation_due"
    __table_args__ = (
        Index("ix_escalation_due_ticket", "organization_id", "ticket_id"),
        Index("ix_escalation_due_at", "due_at"),
    )
    ticket_id: int = key_of("ticket.id")
    step_id: int = key_of("escalation_step.id")
    since_at: Moment = moment(null=False)
    due_at: Moment = moment(null=False)


class Escalation(Tenant, table=True):
    """A ticket was escalated, or taken back; for its history and for reports."""

    __table_args__ = (
        Index(None, "organization_id", "ticket_id", "id"),
        Index(None, "organization_id", "at"),
        # Each step once for each moment it counts from, however many look at once.
        Index(
            "uq_escalation_once", "organization_id", "ticket_id", "step_id", "since_at", unique=True,
            postgresql_where=text("step_id IS NOT NULL"),
        ),
    )  # fmt: skip
    id: int = key()
    ticket_id: int = link_to("ticket.id", ondelete="CASCADE")
    policy_id: int | None = link_to("escalation_policy.id", null=True, ondelete="SET NULL")
    step_id: int | None = link_to("escalation_step.id", null=True, ondelete="SET NULL")
    since_at: datetime | None = moment()
    level_before: int = 0
    level_after: int = 0
    reason: str = Field(default="", max_length=500)
    actor_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    actor_name: str = Field(default="", max_length=200)
    # Names of who was told.
    told: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    at: Moment = moment(null=False)
