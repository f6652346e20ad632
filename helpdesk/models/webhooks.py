"""Where the desk tells other systems what happens, and each time it did."""

from typing import Any

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from helpdesk.models.base import Moment, Tenant, key, link_to, moment


class WebhookEndpoint(Tenant, table=True):
    """An address of another system that is told what happens."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)
    id: int = key()
    name: str = Field(max_length=80)
    address: str = Field(max_length=500)
    sealed_secret: str = Field(sa_type=Text)
    # Kinds of activity it hears of; rules may call it besides.
    kinds: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    is_active: bool = True
    # Failed attempts in a row, and since when; why it was switched off by the desk.
    failures: int = 0
    failing_since: Moment | None = moment()
    problem: str = Field(default="", max_length=300)
    created_at: Moment = moment(null=False)
    updated_at: Moment = moment(null=False)


class WebhookDelivery(Tenant, table=True):
    """One call of an endpoint, from the moment it is decided until it was taken or given up."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        # The same activity once per endpoint, however often its job is tried.
        UniqueConstraint("organization_id", "endpoint_id", "activity_id"),
        Index(None, "organization_id", "endpoint_id", "id"),
        Index(None, "organization_id", "created_at"),
        Index("ix_webhook_delivery_pending", "next_attempt_at", postgresql_where=text("state = 'pending'")),
    )
    id: int = key()
    endpoint_id: int = link_to("webhook_endpoint.id", ondelete="CASCADE")
    # No foreign keys: what was said was said, whatever becomes of the ticket; calls are forgotten after a month.
    activity_id: int | None = Field(default=None, sa_type=BigInteger)
    ticket_id: int | None = Field(default=None, sa_type=BigInteger)
    kind: str = Field(max_length=60)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    state: str = Field(max_length=10)
    attempts: int = 0
    status_code: int | None = None
    answer: str = Field(default="", max_length=500)
    next_attempt_at: Moment | None = moment()
    created_at: Moment = moment(null=False)
    done_at: Moment | None = moment()
