"""The knowledge base: articles, and whether they helped."""

from typing import Any

from sqlalchemy import Column, Computed, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field

from helpdesk.models.base import Moment, Tenant, key, link_to, moment

# PostgreSQL refuses tsvectors above 1 MB; the beginning of a very long text is enough to find it by.
WORDS = (
    "setweight(to_tsvector('public.desk'::regconfig, title::text), 'A') || "
    "setweight(to_tsvector('public.desk'::regconfig, left(body, 60000)), 'C')"
)


class Article(Tenant, table=True):
    """What somebody wrote down so that nobody has to ask. The sanitised HTML is kept, so that reading costs nothing."""

    __table_args__ = (
        UniqueConstraint("organization_id", "slug"),
        Index("ix_article_updated", "organization_id", "updated_at", "id"),
        Index("ix_article_published", "organization_id", "category_id", "title", postgresql_where=text("state = 'published'")),
        Index("ix_article_words", "organization_id", "words", postgresql_using="gin"),
    )  # fmt: skip
    id: int = key()
    slug: str = Field(max_length=90)
    title: str = Field(max_length=200)
    body: str = Field(sa_type=Text)
    body_html: str = Field(sa_type=Text)
    category_id: int | None = link_to("category.id", null=True, ondelete="SET NULL")
    state: str = Field(default="draft", max_length=10)
    author_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    created_at: Moment = moment(null=False)
    updated_at: Moment = moment(null=False)
    published_at: Moment | None = moment()
    words: Any = Field(default=None, sa_column=Column(TSVECTOR, Computed(WORDS, persisted=True), nullable=True))


class ArticleFeedback(Tenant, table=True):
    """Whether an article helped somebody; of one who is signed in the last word counts."""

    __tablename__ = "article_feedback"
    __table_args__ = (
        Index("uq_article_feedback_person", "organization_id", "article_id", "person_id", unique=True, postgresql_where=text("person_id IS NOT NULL")),
        Index(None, "organization_id", "article_id", "is_helpful"),
    )  # fmt: skip
    id: int = key()
    article_id: int = link_to("article.id", ondelete="CASCADE")
    person_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    is_helpful: bool
    at: Moment = moment(null=False)
