"""Keep search and the SLA view as fast for a million tickets as for ten thousand.

The words' index leads with the organization, so that a small one does not pay for a large neighbour; words that are
everywhere are looked for among the newest tickets instead of gathered from all of them; and what is at risk has an index
of its own in the order it is shown.
"""

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"
SIGNATURE = "search_tickets(words text, for_staff boolean, most integer)"


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
    for name in ("public", "note"):
        op.drop_index(f"ix_ticket_search_{name}", table_name="ticket_search")
        op.create_index(
            f"ix_ticket_search_{name}", "ticket_search", ["organization_id", f"{name}_words"], postgresql_using="gin"
        )
    op.drop_index("ix_ticket_sla_status", table_name="ticket")
    op.create_index(
        "ix_ticket_at_risk",
        "ticket",
        ["organization_id", "sla_due_at", "id"],
        postgresql_where=sa.text("is_open AND sla_status IN ('at_risk', 'breached')"),
    )
    # A word in one of ten of the newest tickets is common: gathering all its tickets costs the more the larger the desk,
    # and nobody reads them. The newest are what people look for. They are asked for as a range of (organization,
    # ticket): with an equals sign PostgreSQL takes the primary key for as good, and walks past every neighbour's tickets.
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION {SIGNATURE} RETURNS TABLE (ticket_id bigint, rank real)
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        #variable_conflict use_column
        DECLARE
            wanted tsquery := websearch_to_tsquery('public.desk', words);
            ours bigint := {CURRENT};
            common integer;
        BEGIN
            SELECT count(*) INTO common FROM (
                SELECT s.public_words FROM ticket_search s
                WHERE (s.organization_id, s.ticket_id) >= (ours, 0) AND (s.organization_id, s.ticket_id) < (ours + 1, 0)
                ORDER BY s.organization_id DESC, s.ticket_id DESC LIMIT 1000
            ) newest WHERE newest.public_words @@ wanted;
            IF common >= 100 THEN
                RETURN QUERY
                SELECT newest.ticket_id::bigint,
                    greatest(ts_rank(newest.public_words, wanted),
                        CASE WHEN for_staff THEN ts_rank(newest.note_words, wanted) END)
                FROM (
                    SELECT s.ticket_id, s.public_words, s.note_words FROM ticket_search s
                    WHERE (s.organization_id, s.ticket_id) >= (ours, 0)
                        AND (s.organization_id, s.ticket_id) < (ours + 1, 0)
                    ORDER BY s.organization_id DESC, s.ticket_id DESC LIMIT 10 * most
                ) newest
                WHERE newest.public_words @@ wanted OR (for_staff AND newest.note_words @@ wanted)
                LIMIT most;
                RETURN;
            END IF;
            RETURN QUERY
            SELECT hits.ticket_id::bigint, max(ts_rank(hits.document, wanted)) FROM (
                (SELECT s.ticket_id, s.public_words AS document FROM ticket_search s
                 WHERE s.organization_id = ours AND s.public_words @@ wanted LIMIT most)
                UNION ALL
                (SELECT s.ticket_id, s.note_words FROM ticket_search s
                 WHERE for_staff AND s.organization_id = ours AND s.note_words @@ wanted LIMIT most)
            ) hits GROUP BY hits.ticket_id;
        END
        $$
        """
    )


def downgrade() -> None:
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION {SIGNATURE} RETURNS TABLE (ticket_id bigint, rank real)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
            WITH query AS MATERIALIZED (SELECT websearch_to_tsquery('public.desk', words) AS q),
            hits AS (
                (SELECT s.ticket_id, s.public_words AS document FROM ticket_search s, query
                 WHERE s.organization_id = {CURRENT} AND s.public_words @@ query.q LIMIT most)
                UNION ALL
                (SELECT s.ticket_id, s.note_words FROM ticket_search s, query
                 WHERE for_staff AND s.organization_id = {CURRENT} AND s.note_words @@ query.q LIMIT most)
            )
            SELECT hits.ticket_id, max(ts_rank(hits.document, query.q)) FROM hits, query GROUP BY hits.ticket_id
        $$
        """
    )
    op.drop_index("ix_ticket_at_risk", table_name="ticket")
    op.create_index(
        "ix_ticket_sla_status",
        "ticket",
        ["organization_id", "sla_status", "updated_at", "id"],
        postgresql_where=sa.text("is_open"),
    )
    for name in ("public", "note"):
        op.drop_index(f"ix_ticket_search_{name}", table_name="ticket_search")
        op.create_index(f"ix_ticket_search_{name}", "ticket_search", [f"{name}_words"], postgresql_using="gin")
