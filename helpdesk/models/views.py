"""How people look at tickets: saved views, what each prefers, changes of many at once, and the words titles are made of."""

from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from helpdesk.models.base import Moment, Tenant, key, key_of, link_to, moment


class View(Tenant, table=True):
    """A saved filter with its columns and its order. A deleted one can be brought back."""

    __table_args__ = (Index(None, "organization_id", "owner_id"),)
    id: int = key()
    owner_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    name: str = Field(max_length=60)
    is_shared: bool = False
    # As `domain/conditions.py` writes it; the rest of the filter is its address.
    conditions: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    sort: str = Field(default="-updated", max_length=20)
    columns: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    created_at: Moment = moment(null=False)
    updated_at: Moment = moment(null=False)
    deleted_at: Moment | None = moment()


class Preference(Tenant, table=True):
    """How somebody likes the workspace: order of views, density, widths, recent searches (services/preferences.py)."""

    __table_args__ = (Index(None, "organization_id", "person_id"),)
    person_id: int = key_of("person.id")
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)


class BulkRun(Tenant, table=True):
    """One change of many tickets, or the undoing of one."""

    __tablename__ = "bulk_run"
    __table_args__ = (
        Index(None, "organization_id", "person_id", "id"),
        Index("ix_bulk_run_waiting", "updated_at", postgresql_where=text("finished_at IS NULL")),
    )
    id: int = key()
    person_id: int = link_to("person.id", ondelete="CASCADE")
    action: str = Field(max_length=20)
    value: str = Field(default="", max_length=400)
    label: str = Field(default="", max_length=200)
    total: int = 0
    done: int = 0
    changed: int = 0
    refused: int = 0
    activity_id: int | None = link_to("activity.id", null=True, ondelete="SET NULL")
    undoes_id: int | None = link_to("bulk_run.id", null=True, ondelete="CASCADE")
    created_at: Moment = moment(null=False)
    updated_at: Moment = moment(null=False)
    finished_at: Moment | None = moment()


class BulkItem(Tenant, table=True):
    """One ticket of a run: how it stood, how it stands after, or why nothing was done."""

    __tablename__ = "bulk_item"
    __table_args__ = (Index(None, "organization_id", "run_id", "state", "position"),)
    run_id: int = key_of("bulk_run.id")
    ticket_id: int = key_of("ticket.id")
    position: int = 0
    state: str = Field(default="waiting", max_length=10)
    reason: str = Field(default="", max_length=300)
    before: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    after: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)


class SearchWord(Tenant, table=True):
    """A word of some title or requester's name: what a mistyped one is compared with."""

    __tablename__ = "search_word"
    __table_args__ = (
        UniqueConstraint("organization_id", "word"),
        Index(
            "ix_search_word_similar",
            "organization_id",
            "word",
            postgresql_using="gin",
            postgresql_ops={"word": "gin_trgm_ops"},
        ),
    )
    id: int = key()
    word: str = Field(max_length=40)
