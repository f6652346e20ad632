"""Customers as the staff sees them: notes about them, duplicates merged, found among a hundred thousand at once.

`find_customers` looks as the owner, with the organization's own rows alone: row-level security would keep PostgreSQL from the
index on parts of words.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0240"
down_revision = "0115"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"
TABLES = ("customer_note", "person_merge")
MAIL_KEY = "translate(split_part(split_part(lower(email::text), '@', 1), '+', 1), '.-_', '')"
PHONE_KEY = "\"right\"(regexp_replace(phone::text, '[^0-9]', '', 'g'), 8)"
FIND = "find_customers(asked text[], after_name text, after_id bigint, most integer)"


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
    op.add_column("person", _link("merged_into_id", "person", ondelete="SET NULL"))
    op.add_column("person", sa.Column("mail_key", sa.Text(), sa.Computed(MAIL_KEY, persisted=True), nullable=True))
    op.add_column("person", sa.Column("phone_key", sa.Text(), sa.Computed(PHONE_KEY, persisted=True), nullable=True))
    op.create_index(
        "ix_person_customers", "person", ["organization_id", "name", "id"],
        postgresql_where=sa.text("role = 'customer' AND merged_into_id IS NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_person_merged", "person", ["organization_id", "merged_into_id"],
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )  # fmt: skip
    # Of customers alone: an agent's row changes with every ticket they are given, and would be entered anew in each.
    op.create_index(
        "ix_person_mail_key", "person", ["organization_id", "mail_key"], postgresql_where=sa.text("role = 'customer'")
    )
    op.create_index(
        "ix_person_phone_key", "person", ["organization_id", "phone_key"],
        postgresql_where=sa.text("role = 'customer' AND phone_key <> ''"),
    )  # fmt: skip
    op.execute(
        "CREATE INDEX ix_person_words ON person USING gin"
        " (organization_id, lower(name || ' ' || email || ' ' || phone) gin_trgm_ops) WHERE role = 'customer'"
    )
    # How common words are decides the road; what is known of a partial index's expression is not asked for that.
    op.execute("CREATE STATISTICS person_words ON (lower(name || ' ' || email || ' ' || phone)) FROM person")
    for name, column in (("ix_ticket_rated_requester", "requester_id"), ("ix_ticket_rated_company", "company_id")):
        op.create_index(
            name, "ticket", ["organization_id", column, "csat_score"],
            postgresql_where=sa.text("csat_score IS NOT NULL"),
        )  # fmt: skip
    op.create_table(
        "customer_note", _organization(), _key(), _link("person_id", "person", ondelete="CASCADE"),
        _link("company_id", "company", ondelete="CASCADE"), _link("author_id", "person", ondelete="SET NULL"),
        sa.Column("body", sa.Text(), nullable=False), sa.Column("body_html", sa.Text(), nullable=False),
        _moment("created_at"), _moment("edited_at", nullable=True), _moment("deleted_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_note")),
    )  # fmt: skip
    for what in ("person", "company"):
        op.create_index(
            f"ix_customer_note_{what}", "customer_note", ["organization_id", f"{what}_id", "id"],
            postgresql_where=sa.text(f"{what}_id IS NOT NULL"),
        )  # fmt: skip
    op.create_table(
        "person_merge", _organization(), _key(), _link("source_id", "person", ondelete="CASCADE", nullable=False),
        _link("target_id", "person", ondelete="CASCADE", nullable=False),
        sa.Column("moved", postgresql.JSONB(), nullable=False), _moment("at"), _moment("undone_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
    )  # fmt: skip
    op.create_index("ix_person_merge_source", "person_merge", ["organization_id", "source_id"])
    op.create_index("ix_person_merge_target", "person_merge", ["organization_id", "target_id"])
    for table in TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO {ROLE} "
            f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
        )
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
    # Planned for the words at hand: rare ones are looked up, for common ones the list is read in its order and left early.
    op.execute(
        f"""
        CREATE FUNCTION {FIND} RETURNS TABLE (person_id bigint)
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE
            word text;
            wanted text := '';
        BEGIN
            FOREACH word IN ARRAY asked LOOP
                wanted := wanted || format(
                    ' AND lower(p.name || '' '' || p.email || '' '' || p.phone) LIKE %L',
                    '%' || replace(replace(replace(lower(word), '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%'
                );
            END LOOP;
            RETURN QUERY EXECUTE format(
                'SELECT p.id FROM person p WHERE p.organization_id = %L AND p.role = ''customer'' AND p.merged_into_id IS NULL'
                ' AND (p.name, p.id) > (%L, %L)%s ORDER BY p.name, p.id LIMIT %s',
                {CURRENT}, after_name, after_id, wanted, most
            );
        END
        $$
        """  # noqa: S608 - our own words
    )
    op.execute(f"REVOKE ALL ON FUNCTION {FIND} FROM public")
    op.execute(f"GRANT EXECUTE ON FUNCTION {FIND} TO {ROLE}")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {FIND}")
    for table in reversed(TABLES):
        op.drop_table(table)
    for name in ("ix_ticket_rated_company", "ix_ticket_rated_requester"):
        op.drop_index(name, table_name="ticket")
    op.execute("DROP STATISTICS person_words")
    for name in ("words", "phone_key", "mail_key", "merged", "customers"):
        op.drop_index(f"ix_person_{name}", table_name="person")
    for name in ("phone_key", "mail_key", "merged_into_id"):
        op.drop_column("person", name)
