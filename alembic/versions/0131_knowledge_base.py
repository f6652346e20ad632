"""The knowledge base: articles found by their words, and whether they helped.

Both functions look as the owner, with the organization's own rows alone: row-level security would keep PostgreSQL from the
words' index.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0131"
down_revision = "0130"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"
TABLES = ("article", "article_feedback")
WORDS = (
    "setweight(to_tsvector('public.desk'::regconfig, title::text), 'A') || "
    "setweight(to_tsvector('public.desk'::regconfig, left(body, 60000)), 'C')"
)
SEARCH = "search_articles(asked text, for_staff boolean, most integer)"
SIMILAR = "similar_articles(question text, most integer)"


def _organization() -> sa.Column:
    return sa.Column(
        "organization_id", sa.BigInteger(), sa.ForeignKey("organization.id", ondelete="CASCADE"),
        server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False,
    )  # fmt: skip


def _key() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _link(name: str, target: str, *, ondelete: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), sa.ForeignKey(f"{target}.id", ondelete=ondelete), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "article", _organization(), _key(), sa.Column("slug", sa.String(90), nullable=False),
        sa.Column("title", sa.String(200), nullable=False), sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False), _link("category_id", "category", ondelete="SET NULL"),
        sa.Column("state", sa.String(10), nullable=False), _link("author_id", "person", ondelete="SET NULL"),
        _moment("created_at"), _moment("updated_at"), _moment("published_at", nullable=True),
        sa.Column("words", postgresql.TSVECTOR(), sa.Computed(WORDS, persisted=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("organization_id", "slug", name=op.f("uq_article_organization_id_slug")),
    )  # fmt: skip
    op.create_index("ix_article_updated", "article", ["organization_id", "updated_at", "id"])
    op.create_index(
        "ix_article_published", "article", ["organization_id", "category_id", "title"],
        postgresql_where=sa.text("state = 'published'"),
    )  # fmt: skip
    op.create_index("ix_article_words", "article", ["organization_id", "words"], postgresql_using="gin")
    op.create_table(
        "article_feedback", _organization(), _key(), _link("article_id", "article", ondelete="CASCADE", nullable=False),
        _link("person_id", "person", ondelete="SET NULL"), sa.Column("is_helpful", sa.Boolean(), nullable=False), _moment("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_feedback")),
    )  # fmt: skip
    op.create_index(
        "uq_article_feedback_person", "article_feedback", ["organization_id", "article_id", "person_id"], unique=True,
        postgresql_where=sa.text("person_id IS NOT NULL"),
    )  # fmt: skip
    op.create_index(
        op.f("ix_article_feedback_organization_id_article_id_is_helpful"), "article_feedback",
        ["organization_id", "article_id", "is_helpful"],
    )  # fmt: skip
    for table in TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO {ROLE} "
            f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
        )
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
    # All the words; else what sounds like the title: half a word, a typing error.
    op.execute(
        f"""
        CREATE FUNCTION {SEARCH} RETURNS TABLE (article_id bigint, rank real)
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE
            ours bigint := {CURRENT};
            wanted tsquery := websearch_to_tsquery('public.desk', asked);
        BEGIN
            RETURN QUERY
            SELECT a.id::bigint, ts_rank(a.words, wanted) FROM article a
            WHERE a.organization_id = ours AND a.words @@ wanted AND (for_staff OR a.state = 'published')
            ORDER BY 2 DESC, 1 DESC LIMIT most;
            IF FOUND THEN RETURN; END IF;
            RETURN QUERY
            SELECT near.id::bigint, near.likeness FROM (
                SELECT a.id, word_similarity(lower(unaccent(asked)), lower(unaccent(a.title))) AS likeness FROM article a
                WHERE a.organization_id = ours AND (for_staff OR a.state = 'published')
            ) near WHERE near.likeness >= 0.5 ORDER BY 2 DESC, 1 DESC LIMIT most;
        END
        $$
        """  # noqa: S608 - our own words
    )
    # Which words of a question which published articles have, rare words first.
    op.execute(
        f"""
        CREATE FUNCTION {SIMILAR}
        RETURNS TABLE (article_id bigint, word text, in_title boolean, articles bigint, asked bigint, published bigint)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
            WITH asked AS MATERIALIZED (
                SELECT one.lexeme, plainto_tsquery('pg_catalog.simple', one.lexeme) AS q
                FROM unnest(to_tsvector('public.desk', left(question, 400))) one LIMIT 24
            ), counted AS MATERIALIZED (
                SELECT asked.lexeme, asked.q, (
                    SELECT count(*) FROM article a
                    WHERE a.organization_id = {CURRENT} AND a.state = 'published' AND a.words @@ asked.q
                ) AS articles FROM asked
            )
            SELECT a.id::bigint, c.lexeme, ts_filter(a.words, '{{a}}') @@ c.q, c.articles, (SELECT count(*) FROM asked),
                (SELECT count(*) FROM article p WHERE p.organization_id = {CURRENT} AND p.state = 'published')
            FROM counted c JOIN article a ON a.organization_id = {CURRENT} AND a.state = 'published' AND a.words @@ c.q
            ORDER BY c.articles, a.id LIMIT most
        $$
        """  # noqa: S608 - our own words
    )
    for signature in (SEARCH, SIMILAR):
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM public")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {ROLE}")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIMILAR}")
    op.execute(f"DROP FUNCTION {SEARCH}")
    for table in reversed(TABLES):
        op.drop_table(table)
