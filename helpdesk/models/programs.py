"""Programs that work here: the tokens they carry, and what they were answered."""

from typing import Any

from sqlalchemy import ARRAY, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from helpdesk.models.base import Moment, Tenant, key, link_to, moment


class ApiToken(Tenant, table=True):
    """A token somebody gave a program of theirs. Only a hash is kept, and what lets its owner recognise it."""

    __tablename__ = "api_token"
    __table_args__ = (
        UniqueConstraint("organization_id", "token_hash"),
        Index(None, "organization_id", "person_id"),
    )
    id: int = key()
    person_id: int = link_to("person.id", ondelete="CASCADE")
    name: str = Field(max_length=80)
    token_hash: str = Field(max_length=64)
    # Its last characters.
    ending: str = Field(max_length=8)
    # Of what its owner's role grants, this much.
    permissions: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    created_at: Moment = moment(null=False)
    expires_at: Moment | None = moment()
    last_used_at: Moment | None = moment()
    last_address: str = Field(default="", max_length=64)
    revoked_at: Moment | None = moment()


class KeptAnswer(Tenant, table=True):
    """What a POST with an Idempotency-Key was answered, for a day. The body is sealed: it may hold a token, once shown."""

    __tablename__ = "kept_answer"
    __table_args__ = (
        UniqueConstraint("organization_id", "person_id", "key_hash"),
        Index(None, "organization_id", "created_at"),
    )
    id: int = key()
    person_id: int = link_to("person.id", ondelete="CASCADE")
    key_hash: str = Field(max_length=64)
    # Of method, address and body: the same key with another request is a mistake.
    request_hash: str = Field(max_length=64)
    # 0 until it is answered.
    status: int = 0
    headers: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": text("'{}'")}
    )
    sealed_body: str = Field(default="", sa_type=Text)
    created_at: Moment = moment(null=False)
