"""What the desk does by itself, and what it has done."""

from typing import Any

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from helpdesk.models.base import Moment, Tenant, key, link_to, moment


class Rule(Tenant, table=True):
    """When something happens, if conditions hold, then do something (domain/rules.py reads `definition`)."""

    __table_args__ = (UniqueConstraint("organization_id", "name"),)
    id: int = key()
    name: str = Field(max_length=80)
    definition: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    position: int = 0
    is_active: bool = True
    created_by_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    # Why it cannot work any more, once somebody was told; empty while it can.
    problem: str = Field(default="", max_length=300)
    # Up to which moment tickets were looked through, for rules about passing time.
    swept_until: Moment | None = moment()
    # Until when it writes down why it did not apply, too.
    explains_until: Moment | None = moment()
    created_at: Moment = moment(null=False)
    updated_at: Moment = moment(null=False)


class Macro(Tenant, table=True):
    """Actions and a reply applied by hand: one's own, a team's, or everybody's."""

    __table_args__ = (Index(None, "organization_id", "owner_id"),)
    id: int = key()
    name: str = Field(max_length=80)
    scope: str = Field(max_length=10)
    owner_id: int | None = link_to("person.id", null=True, ondelete="CASCADE")
    team_id: int | None = link_to("team.id", null=True, ondelete="CASCADE")
    actions: list[Any] = Field(default_factory=list, sa_type=JSONB)
    # Conditions a ticket must meet for it to be offered there; none: everywhere.
    offered: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    reply: str = Field(default="", sa_type=Text)
    created_at: Moment = moment(null=False)
    updated_at: Moment = moment(null=False)


class RuleRun(Tenant, table=True):
    """What a rule did to a ticket, or why it did not."""

    __tablename__ = "rule_run"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index(None, "organization_id", "rule_id", "id"),
        Index("ix_rule_run_ticket", "ticket_id", "rule_id"),
        # How each rule did lately, and what is old enough to be forgotten.
        Index(None, "organization_id", "at"),
    )
    id: int = key()
    rule_id: int = link_to("rule.id", ondelete="CASCADE")
    ticket_id: int = link_to("ticket.id", ondelete="CASCADE")
    result: str = Field(max_length=10)
    # What was done, a sentence each.
    did: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    reason: str = Field(default="", max_length=300)
    at: Moment = moment(null=False)
    # The line of the ticket's history that says so. No foreign key: both go with the ticket, and the log only grows.
    activity_id: int | None = Field(default=None, sa_type=BigInteger)
    # How the ticket stood before and after, and who was made to watch; nothing when there is nothing to take back.
    kept: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    undone_at: Moment | None = moment()
