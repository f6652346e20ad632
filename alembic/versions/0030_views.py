"""Saved views, what each person prefers, changes of many tickets at once, and search that forgives typing errors.

A mistyped word is compared with the words titles and names are made of, which are few however many tickets there are;
then the corrected one is looked for as any other. Row-level security keeps PostgreSQL from using a trigram or word
index, so both look-ups are functions that run as the owner and filter on the organization themselves.
"""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0030"
down_revision = "0040"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"
TABLES = ("view", "preference", "bulk_run", "bulk_item", "search_word")
FUNCTIONS = {
    "similar_words(typed text, most integer) RETURNS TABLE (word text)": f"""
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
        SET pg_trgm.similarity_threshold = 0.25 AS $$
            SELECT w.word FROM search_word w WHERE w.organization_id = {CURRENT} AND w.word % typed
            ORDER BY similarity(w.word, typed) DESC, w.word LIMIT most
        $$
    """,
    # A part of the tickets that are new since; by (organization, ticket), or PostgreSQL walks past every neighbour's.
    "learn_words(most integer) RETURNS integer": f"""
        LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp AS $$
        DECLARE
            ours bigint := {CURRENT};
            since bigint;
            reached bigint;
            learned integer;
        BEGIN
            SELECT words_learned INTO since FROM organization WHERE id = ours;
            SELECT max(fresh.ticket_id), count(*) INTO reached, learned FROM (
                SELECT s.ticket_id FROM ticket_search s
                WHERE (s.organization_id, s.ticket_id) > (ours, since) AND (s.organization_id, s.ticket_id) < (ours + 1, 0)
                ORDER BY s.organization_id, s.ticket_id LIMIT most
            ) fresh;
            IF learned = 0 THEN RETURN 0; END IF;
            INSERT INTO search_word (word)
            SELECT DISTINCT said.word FROM ticket t JOIN person p ON p.id = t.requester_id,
                unnest(tsvector_to_array(to_tsvector('public.desk_plain', t.title || ' ' || p.name))) said (word)
            WHERE t.organization_id = ours AND t.id > since AND t.id <= reached AND said.word ~ '^[[:alpha:]]{{4,40}}$'
            ORDER BY said.word ON CONFLICT DO NOTHING;
            -- Ids are drawn before they are committed: look at the last ones again.
            UPDATE organization SET words_learned = CASE WHEN learned < most THEN greatest(since, reached - 100) ELSE reached END
            WHERE id = ours;
            RETURN learned;
        END
        $$
    """,
    "titles_with(words text, most integer) RETURNS SETOF bigint": f"""
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
            SELECT s.ticket_id FROM ticket_search s
            WHERE s.organization_id = {CURRENT} AND s.public_words @@ to_tsquery('public.desk', words) LIMIT most
        $$
    """,
}


def _organization() -> sa.Column:
    return sa.Column(
        "organization_id", sa.BigInteger(),
        sa.ForeignKey("organization.id", ondelete="CASCADE"),
        server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False,
    )  # fmt: skip


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=False)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False)


def _json(name: str) -> sa.Column:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=False)


def _link(name: str, target: str, *, ondelete: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), sa.ForeignKey(f"{target}.id", ondelete=ondelete), nullable=nullable)


def upgrade() -> None:
    op.add_column("organization", sa.Column("words_learned", sa.BigInteger(), server_default="0", nullable=False))
    op.create_table(
        "view", _organization(), _id(), _link("owner_id", "person", ondelete="SET NULL", nullable=True), _text("name", 60),
        sa.Column("is_shared", sa.Boolean(), nullable=False), _json("conditions"), _text("sort", 20),
        sa.Column("columns", postgresql.ARRAY(sa.Text()), nullable=False), _moment("created_at"), _moment("updated_at"),
        _moment("deleted_at", nullable=True), sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_index(op.f("ix_view_organization_id_owner_id"), "view", ["organization_id", "owner_id"])
    op.create_table(
        "preference", _organization(), _link("person_id", "person", ondelete="CASCADE"), _json("data"),
        sa.PrimaryKeyConstraint("person_id"),
    )  # fmt: skip
    op.create_index(op.f("ix_preference_organization_id_person_id"), "preference", ["organization_id", "person_id"])
    op.create_table(
        "bulk_run", _organization(), _id(), _link("person_id", "person", ondelete="CASCADE"), _text("action", 20),
        _text("value", 400), _text("label", 200), _number("total"), _number("done"), _number("changed"), _number("refused"),
        _link("activity_id", "activity", ondelete="SET NULL", nullable=True),
        _link("undoes_id", "bulk_run", ondelete="CASCADE", nullable=True), _moment("created_at"), _moment("updated_at"),
        _moment("finished_at", nullable=True), sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_index(op.f("ix_bulk_run_organization_id_person_id_id"), "bulk_run", ["organization_id", "person_id", "id"])
    op.create_index(
        "ix_bulk_run_waiting", "bulk_run", ["updated_at"], postgresql_where=sa.text("finished_at IS NULL")
    )
    op.create_table(
        "bulk_item", _organization(), _link("run_id", "bulk_run", ondelete="CASCADE"),
        _link("ticket_id", "ticket", ondelete="CASCADE"), _number("position"), _text("state", 10), _text("reason", 300),
        _json("before"), _json("after"), sa.PrimaryKeyConstraint("run_id", "ticket_id"),
    )  # fmt: skip
    op.create_index(
        op.f("ix_bulk_item_organization_id_run_id_state_position"), "bulk_item",
        ["organization_id", "run_id", "state", "position"],
    )  # fmt: skip
    op.create_table(
        "search_word", _organization(), _id(), _text("word", 40), sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organization_id", "word"),
    )  # fmt: skip
    op.create_index(
        "ix_search_word_similar", "search_word", ["organization_id", "word"], postgresql_using="gin",
        postgresql_ops={"word": "gin_trgm_ops"},
    )  # fmt: skip
    for table in TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO {ROLE} "
            f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
        )
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
    # Whole words without accents, as people type them: full text keeps only their stems.
    op.execute("CREATE TEXT SEARCH CONFIGURATION desk_plain (COPY = simple)")
    op.execute("ALTER TEXT SEARCH CONFIGURATION desk_plain ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple")
    for head, body in FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {head} {body}")
        signature = head.partition(" RETURNS")[0]
        op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {ROLE}")


def downgrade() -> None:
    for head in FUNCTIONS:
        op.execute(f"DROP FUNCTION {head.partition(' RETURNS')[0]}")
    op.execute("DROP TEXT SEARCH CONFIGURATION desk_plain")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("organization", "words_learned")
