"""What an organization arranges for itself: statuses, priorities, categories, tags, calendars and SLA policies."""

from typing import Any

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from helpdesk.models.base import Moment, Tenant, key, link_to, moment


class Status(Tenant, table=True):
    """A state of work, with a label for staff and one for customers."""

    __table_args__ = (UniqueConstraint("organization_id", "slug"),)
    id: int = key()
    slug: str = Field(max_length=40)
    label: str = Field(max_length=60)
    customer_label: str = Field(max_length=60)
    category: str = Field(max_length=10)
    colour: str = Field(default="gray", max_length=20)
    position: int = 0
    aliases: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    # Off: no ticket can get it any more; those that have it keep it.
    is_active: bool = True


class BarredTransition(Tenant, table=True):
    """A way from one status to another that the organization closes to a role. Without a row the way is open."""

    __tablename__ = "barred_transition"
    __table_args__ = (UniqueConstraint("organization_id", "role", "from_status_id", "to_status_id"),)
    id: int = key()
    role: str = Field(max_length=20)
    from_status_id: int = link_to("status.id", ondelete="CASCADE")
    to_status_id: int = link_to("status.id", ondelete="CASCADE")


class Priority(Tenant, table=True):
    """How urgent, by rank."""

    __table_args__ = (UniqueConstraint("organization_id", "slug"),)
    id: int = key()
    slug: str = Field(max_length=40)
    label: str = Field(max_length=60)
    rank: int
    colour: str = Field(default="gray", max_length=20)
    aliases: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))


class Category(Tenant, table=True):
    """What a ticket is about; leads it to a team."""

    __table_args__ = (UniqueConstraint("organization_id", "name"),)
    id: int = key()
    name: str = Field(max_length=120)
    description: str = Field(default="", max_length=500)
    colour: str = Field(default="gray", max_length=20)
    team_id: int | None = link_to("team.id", null=True, ondelete="SET NULL")
    # What somebody must be able to do who is given such a ticket by skill.
    skill_ids: list[int] = Field(
        default_factory=list, sa_type=ARRAY(BigInteger), sa_column_kwargs={"server_default": text("'{}'")}
    )
    position: int = 0
    is_active: bool = True


class Tag(Tenant, table=True):
    """A free word on tickets."""

    __table_args__ = (UniqueConstraint("organization_id", "name"),)
    id: int = key()
    name: str = Field(max_length=60)
    colour: str = Field(default="gray", max_length=20)


class BusinessCalendar(Tenant, table=True):
    """When time counts."""

    __tablename__ = "business_calendar"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)
    id: int = key()
    name: str = Field(max_length=120)
    timezone: str = Field(default="UTC", max_length=64)
    # {"0": [["09:00", "17:00"], ...]} with 0 for Monday; empty: around the clock.
    week: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    # {"2026-12-25": "Christmas Day", "12-24": {"name": "Christmas Eve", "hours": ["14:00-24:00"]}}; no year: every year.
    holidays: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    # {"2026-12-19": {"name": "Christmas market", "hours": ["10:00-14:00"]}}
    openings: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": text("'{}'")}
    )


class SlaPolicy(Tenant, table=True):
    """Promises and whom they are for."""

    __tablename__ = "sla_policy"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)
    id: int = key()
    name: str = Field(max_length=120)
    calendar_id: int | None = link_to("business_calendar.id", null=True, ondelete="SET NULL")
    position: int = 0
    is_active: bool = True
    # Whom it is for, as JSON of domain/conditions.py; empty: everybody.
    conditions: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": text("'{}'")}
    )
    # Percent of the target after which to warn; none: the organization's.
    warning_share: int | None = None
    created_at: Moment = moment(null=False)


class SlaTarget(Tenant, table=True):
    """One promise: seconds for a priority and a metric."""

    __tablename__ = "sla_target"
    __table_args__ = (
        UniqueConstraint("organization_id", "policy_id", "priority_id", "metric"),
        Index(None, "organization_id", "policy_id"),
    )
    id: int = key()
    policy_id: int = link_to("sla_policy.id", ondelete="CASCADE")
    priority_id: int = link_to("priority.id", ondelete="CASCADE")
    metric: str = Field(max_length=20)
    seconds: int


class ConfigurationVersion(Tenant, table=True):
    """A configuration as text, as it was applied or stood before something was applied."""

    __tablename__ = "configuration_version"
    __table_args__ = (Index(None, "organization_id", "id"),)
    id: int = key()
    text: str = Field(sa_type=Text)
    # What applying it changed, one line each.
    changes: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    kind: str = Field(max_length=20)
    actor_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    actor_name: str = Field(default="", max_length=200)
    at: Moment = moment(null=False)
