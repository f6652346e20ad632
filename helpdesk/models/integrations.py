"""Other houses the desk talks to, and each time it did."""

from typing import Any

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from helpdesk.models.base import Moment, Tenant, key, link_to, moment


class Integration(Tenant, table=True):
    """A channel, a service or a project elsewhere. What opens it is sealed."""

    __table_args__ = (UniqueConstraint("organization_id", "name"),)
    id: int = key()
    system: str = Field(max_length=12)
    name: str = Field(max_length=80)
    # Of Slack and Teams only where it is: the whole address is the secret.
    address: str = Field(default="", max_length=500)
    account: str = Field(default="", max_length=254)
    project: str = Field(default="", max_length=20)
    issue_type: str = Field(default="", max_length=60)
    sealed_secret: str = Field(sa_type=Text)
    kinds: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    # Only these teams' tickets; none: everybody's.
    team_ids: list[int] = Field(default_factory=list, sa_type=ARRAY(BigInteger))
    least_rank: int = 1
    is_active: bool = True
    failures: int = 0
    failing_since: Moment | None = moment()
    problem: str = Field(default="", max_length=300)
    created_at: Moment = moment(null=False)
    updated_at: Moment = moment(null=False)


class IntegrationDelivery(Tenant, table=True):
    """Something another house is told, from the moment it is decided until it was taken or given up."""

    __tablename__ = "integration_delivery"
    __table_args__ = (
        UniqueConstraint("organization_id", "integration_id", "activity_id"),
        Index(None, "organization_id", "integration_id", "id"),
        Index(None, "organization_id", "integration_id", "ticket_id"),
        Index(None, "organization_id", "created_at"),
        Index("ix_integration_delivery_pending", "next_attempt_at", postgresql_where=text("state = 'pending'")),
    )
    id: int = key()
    integration_id: int = link_to("integration.id", ondelete="CASCADE")
    # No foreign keys, as with webhooks: what was said was said.
    activity_id: int | None = Field(default=None, sa_type=BigInteger)
    ticket_id: int | None = Field(default=None, sa_type=BigInteger)
    kind: str = Field(max_length=60)
    message: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    # The issue this made elsewhere.
    issue: str = Field(default="", max_length=40)
    state: str = Field(max_length=10)
    attempts: int = 0
    status_code: int | None = None
    answer: str = Field(default="", max_length=500)
    next_attempt_at: Moment | None = moment()
    created_at: Moment = moment(null=False)
    done_at: Moment | None = moment()
