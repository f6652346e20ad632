"""What the staff keeps about customers: notes, and which accounts turned out to be one person's."""

from typing import Any

from sqlalchemy import Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from helpdesk.models.base import Moment, Tenant, key, link_to, moment


class CustomerNote(Tenant, table=True):
    """What the staff should know about a customer or a company. A deleted one can be brought back."""

    __tablename__ = "customer_note"
    __table_args__ = (
        Index("ix_customer_note_person", "organization_id", "person_id", "id", postgresql_where=text("person_id IS NOT NULL")),
        Index("ix_customer_note_company", "organization_id", "company_id", "id", postgresql_where=text("company_id IS NOT NULL")),
    )  # fmt: skip
    id: int = key()
    person_id: int | None = link_to("person.id", null=True, ondelete="CASCADE")
    company_id: int | None = link_to("company.id", null=True, ondelete="CASCADE")
    author_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    body: str = Field(sa_type=Text)
    body_html: str = Field(sa_type=Text)
    created_at: Moment = moment(null=False)
    edited_at: Moment | None = moment()
    deleted_at: Moment | None = moment()


class PersonMerge(Tenant, table=True):
    """One account merged into another, with all that is needed to take it back."""

    __tablename__ = "person_merge"
    __table_args__ = (
        Index("ix_person_merge_source", "organization_id", "source_id"),
        Index("ix_person_merge_target", "organization_id", "target_id"),
    )
    id: int = key()
    source_id: int = link_to("person.id", ondelete="CASCADE")
    target_id: int = link_to("person.id", ondelete="CASCADE")
    # What moved and how the two stood before (services/person_merging.py).
    moved: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    at: Moment = moment(null=False)
    undone_at: Moment | None = moment()
