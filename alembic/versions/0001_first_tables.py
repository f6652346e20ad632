"""The first tables, the role that works on them, and the wall between organizations."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
TENANT_TABLES = (
    "business_calendar",
    "company",
    "priority",
    "status",
    "tag",
    "team",
    "category",
    "site",
    "sla_policy",
    "person",
    "sla_target",
    "password_reset",
    "sign_in_attempt",
    "sign_in_session",
    "team_member",
    "ticket",
    "activity",
    "comment",
    "csat_rating",
    "ticket_search",
    "ticket_tag",
    "timer",
    "attachment",
    "delivery",
    "reaction",
)
# Empty outside a unit of work: then no row matches, instead of an error that would tell tables apart.
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"


def _role() -> None:
    op.execute(
        f"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN CREATE ROLE {ROLE} NOLOGIN; END IF;
        EXCEPTION WHEN duplicate_object THEN NULL;
        END $$
        """
    )
    op.execute(f"GRANT {ROLE} TO CURRENT_USER")
    op.execute(f"GRANT USAGE ON SCHEMA public TO {ROLE}")


def _wall() -> None:
    for table in TENANT_TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO {ROLE} "
            f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
        )
    op.execute(f"GRANT SELECT, UPDATE ON organization TO {ROLE}")
    op.execute("ALTER TABLE organization ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON organization TO {ROLE} USING (id = {CURRENT}) WITH CHECK (id = {CURRENT})")
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")


def _search() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE TEXT SEARCH CONFIGURATION desk (COPY = english)")
    op.execute(
        "ALTER TEXT SEARCH CONFIGURATION desk ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem"
    )
    # Row-level security keeps PostgreSQL from using a GIN index for @@, which is not leakproof. This function runs as
    # the owner and filters on the organization itself: still one place.
    op.execute(
        f"""
        CREATE FUNCTION search_tickets(words text, for_staff boolean, most integer)
        RETURNS TABLE (ticket_id bigint, rank real)
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
    op.execute("REVOKE ALL ON FUNCTION search_tickets(text, boolean, integer) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION search_tickets(text, boolean, integer) TO {ROLE}")


def upgrade() -> None:
    _role()
    op.create_table(
        "organization",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(length=63), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("reference_prefix", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("timezone", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("accent", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("public_form", sa.Boolean(), nullable=False),
        sa.Column("auto_close_hours", sa.Integer(), nullable=False),
        sa.Column("warning_share", sa.Integer(), nullable=False),
        sa.Column("catalog_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("slug", name=op.f("uq_organization_slug")),
    )
    op.create_table(
        "business_calendar",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("timezone", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("week", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("holidays", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_business_calendar_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_calendar")),
        sa.UniqueConstraint("organization_id", "name", name=op.f("uq_business_calendar_organization_id_name")),
    )
    op.create_table(
        "company",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("domain", sqlmodel.sql.sqltypes.AutoString(length=253), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_company_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sa.UniqueConstraint("organization_id", "name", name=op.f("uq_company_organization_id_name")),
    )
    op.create_table(
        "priority",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("colour", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_priority_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_priority")),
        sa.UniqueConstraint("organization_id", "slug", name=op.f("uq_priority_organization_id_slug")),
    )
    op.create_table(
        "status",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("customer_label", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("colour", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_status_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status")),
        sa.UniqueConstraint("organization_id", "slug", name=op.f("uq_status_organization_id_slug")),
    )
    op.create_table(
        "tag",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("colour", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_tag_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("organization_id", "name", name=op.f("uq_tag_organization_id_name")),
    )
    op.create_table(
        "team",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("strategy", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_team_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("organization_id", "name", name=op.f("uq_team_organization_id_name")),
    )
    op.create_table(
        "category",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("colour", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_category_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_category_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("organization_id", "name", name=op.f("uq_category_organization_id_name")),
    )
    op.create_table(
        "site",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_site_company_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_site_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    op.create_index(op.f("ix_site_organization_id_company_id"), "site", ["organization_id", "company_id"], unique=False)
    op.create_table(
        "sla_policy",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("calendar_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["business_calendar.id"], name=op.f("fk_sla_policy_calendar_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_sla_policy_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_policy")),
        sa.UniqueConstraint("organization_id", "name", name=op.f("uq_sla_policy_organization_id_name")),
    )
    op.create_table(
        "person",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=True),
        sa.Column("phone", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("job_title", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("timezone", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("theme", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("wants_mail", sa.Boolean(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=True),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("is_company_manager", sa.Boolean(), nullable=False),
        sa.Column("availability", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("available_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("last_assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("remote_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_person_company_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_person_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_person_site_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index(
        "ix_person_available",
        "person",
        ["organization_id", "last_assigned_at"],
        unique=False,
        postgresql_where=sa.text("availability = 'available' AND is_active"),
    )
    op.create_index(
        op.f("ix_person_organization_id_company_id"), "person", ["organization_id", "company_id"], unique=False
    )
    op.create_index(
        op.f("ix_person_organization_id_role_name"), "person", ["organization_id", "role", "name"], unique=False
    )
    op.create_index(
        "ix_person_source",
        "person",
        ["organization_id", "source", "remote_id"],
        unique=True,
        postgresql_where=sa.text("remote_id IS NOT NULL"),
    )
    op.create_index("uq_person_email", "person", ["organization_id", sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "sla_target",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("priority_id", sa.BigInteger(), nullable=False),
        sa.Column("metric", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_sla_target_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["sla_policy.id"], name=op.f("fk_sla_target_policy_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["priority_id"], ["priority.id"], name=op.f("fk_sla_target_priority_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_target")),
        sa.UniqueConstraint(
            "organization_id",
            "policy_id",
            "priority_id",
            "metric",
            name=op.f("uq_sla_target_organization_id_policy_id_priority_id_metric"),
        ),
    )
    op.create_index(
        op.f("ix_sla_target_organization_id_policy_id"), "sla_target", ["organization_id", "policy_id"], unique=False
    )
    op.create_table(
        "password_reset",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_password_reset_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_password_reset_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_reset")),
        sa.UniqueConstraint("organization_id", "token_hash", name=op.f("uq_password_reset_organization_id_token_hash")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("user_agent", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_sign_in_attempt_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_sign_in_attempt_person_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(
        op.f("ix_sign_in_attempt_organization_id_id"), "sign_in_attempt", ["organization_id", "id"], unique=False
    )
    op.create_table(
        "sign_in_session",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("user_agent", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("remember", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_sign_in_session_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_sign_in_session_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
        sa.UniqueConstraint(
            "organization_id", "token_hash", name=op.f("uq_sign_in_session_organization_id_token_hash")
        ),
    )
    op.create_index(
        op.f("ix_sign_in_session_organization_id_person_id"),
        "sign_in_session",
        ["organization_id", "person_id"],
        unique=False,
    )
    op.create_table(
        "team_member",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_team_member_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_team_member_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_team_member_team_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "person_id", name=op.f("pk_team_member")),
    )
    op.create_index(
        op.f("ix_team_member_organization_id_person_id"), "team_member", ["organization_id", "person_id"], unique=False
    )
    op.create_table(
        "ticket",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("description_html", sa.Text(), nullable=False),
        sa.Column("status_id", sa.BigInteger(), nullable=False),
        sa.Column("status_category", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("priority_id", sa.BigInteger(), nullable=False),
        sa.Column("priority_rank", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("requester_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=True),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalation_level", sa.Integer(), nullable=False),
        sa.Column("csat_score", sa.Integer(), nullable=True),
        sa.Column("preview", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("comment_count", sa.Integer(), nullable=False),
        sa.Column("last_reply_by_customer", sa.Boolean(), nullable=False),
        sa.Column("sla_status", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("sla_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_responded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopen_count", sa.Integer(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("remote_id", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["person.id"], name=op.f("fk_ticket_assignee_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_ticket_category_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_ticket_company_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_ticket_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_ticket_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["priority_id"], ["priority.id"], name=op.f("fk_ticket_priority_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["person.id"], name=op.f("fk_ticket_requester_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ticket_site_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["status_id"], ["status.id"], name=op.f("fk_ticket_status_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_ticket_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("organization_id", "reference", name=op.f("uq_ticket_organization_id_reference")),
    )
    op.create_index(
        "ix_ticket_assignee", "ticket", ["organization_id", "assignee_id", "is_open", "updated_at", "id"], unique=False
    )
    op.create_index(
        "ix_ticket_auto_close",
        "ticket",
        ["resolved_at"],
        unique=False,
        postgresql_where=sa.text("status_category = 'resolved'"),
    )
    op.create_index(
        "ix_ticket_closed",
        "ticket",
        ["organization_id", "closed_at", "id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index("ix_ticket_company", "ticket", ["organization_id", "company_id", "updated_at", "id"], unique=False)
    op.create_index("ix_ticket_created", "ticket", ["organization_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_ticket_open",
        "ticket",
        ["organization_id", "updated_at", "id"],
        unique=False,
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "ix_ticket_priority", "ticket", ["organization_id", "priority_id", "updated_at", "id"], unique=False
    )
    op.create_index(
        "ix_ticket_requester", "ticket", ["organization_id", "requester_id", "updated_at", "id"], unique=False
    )
    op.create_index(
        "ix_ticket_resolved",
        "ticket",
        ["organization_id", "resolved_at", "id"],
        unique=False,
        postgresql_where=sa.text("resolved_at IS NOT NULL"),
    )
    op.create_index(
        "ix_ticket_sla",
        "ticket",
        ["organization_id", "sla_due_at", "id"],
        unique=False,
        postgresql_where=sa.text("is_open AND sla_due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_ticket_sla_status",
        "ticket",
        ["organization_id", "sla_status", "updated_at", "id"],
        unique=False,
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "ix_ticket_snoozed",
        "ticket",
        ["snoozed_until"],
        unique=False,
        postgresql_where=sa.text("snoozed_until IS NOT NULL"),
    )
    op.create_index(
        "ix_ticket_source",
        "ticket",
        ["organization_id", "source", "remote_id"],
        unique=True,
        postgresql_where=sa.text("remote_id IS NOT NULL"),
    )
    op.create_index("ix_ticket_status", "ticket", ["organization_id", "status_id", "updated_at", "id"], unique=False)
    op.create_index(
        "ix_ticket_status_category", "ticket", ["organization_id", "status_category", "updated_at", "id"], unique=False
    )
    op.create_index("ix_ticket_team", "ticket", ["organization_id", "team_id", "updated_at", "id"], unique=False)
    op.create_index("ix_ticket_topic", "ticket", ["organization_id", "category_id", "updated_at", "id"], unique=False)
    op.create_index(
        "ix_ticket_unassigned",
        "ticket",
        ["organization_id", "updated_at", "id"],
        unique=False,
        postgresql_where=sa.text("is_open AND assignee_id IS NULL"),
    )
    op.create_index("ix_ticket_updated", "ticket", ["organization_id", "updated_at", "id"], unique=False)
    op.create_index(
        "ix_ticket_waiting",
        "ticket",
        ["organization_id", "team_id", "created_at"],
        unique=False,
        postgresql_where=sa.text("is_open AND assignee_id IS NULL"),
    )
    op.create_table(
        "activity",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("actor_kind", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cause_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_activity_actor_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["cause_id"], ["activity.id"], name=op.f("fk_activity_cause_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_activity_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_activity_ticket_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index(
        "ix_activity_cause", "activity", ["cause_id"], unique=False, postgresql_where=sa.text("cause_id IS NOT NULL")
    )
    op.create_index("ix_activity_kind", "activity", ["organization_id", "kind", "at"], unique=False)
    op.create_index(
        "ix_activity_outbox", "activity", ["at"], unique=False, postgresql_where=sa.text("reacted_at IS NULL")
    )
    op.create_index("ix_activity_ticket", "activity", ["organization_id", "ticket_id", "id"], unique=False)
    op.create_table(
        "comment",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_comment_author_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_comment_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_comment_ticket_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    op.create_index("ix_comment_ticket", "comment", ["organization_id", "ticket_id", "id"], unique=False)
    op.create_table(
        "csat_rating",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("comment", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["person.id"], name=op.f("fk_csat_rating_agent_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_csat_rating_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_csat_rating_person_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_csat_rating_ticket_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_csat_rating")),
        sa.UniqueConstraint("organization_id", "ticket_id", name=op.f("uq_csat_rating_organization_id_ticket_id")),
    )
    op.create_index(
        op.f("ix_csat_rating_organization_id_created_at"),
        "csat_rating",
        ["organization_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "ticket_search",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("public_words", postgresql.TSVECTOR(), nullable=False),
        sa.Column("note_words", postgresql.TSVECTOR(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_ticket_search_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_search_ticket_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_search")),
    )
    op.create_index("ix_ticket_search_note", "ticket_search", ["note_words"], unique=False, postgresql_using="gin")
    op.create_index("ix_ticket_search_organization", "ticket_search", ["organization_id", "ticket_id"], unique=False)
    op.create_index("ix_ticket_search_public", "ticket_search", ["public_words"], unique=False, postgresql_using="gin")
    op.create_table(
        "ticket_tag",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_ticket_tag_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_ticket_tag_tag_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_tag_ticket_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket_id", "tag_id", name=op.f("pk_ticket_tag")),
    )
    op.create_index(
        op.f("ix_ticket_tag_organization_id_tag_id_ticket_id"),
        "ticket_tag",
        ["organization_id", "tag_id", "ticket_id"],
        unique=False,
    )
    op.create_table(
        "timer",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=True),
        sa.Column("metric", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("target_seconds", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_seconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_timer_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["policy_id"], ["sla_policy.id"], name=op.f("fk_timer_policy_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_timer_ticket_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint(
            "organization_id", "ticket_id", "metric", name=op.f("uq_timer_organization_id_ticket_id_metric")
        ),
    )
    op.create_index(
        "ix_timer_due",
        "timer",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'running' AND next_at IS NOT NULL"),
    )
    op.create_table(
        "attachment",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("comment_id", sa.BigInteger(), nullable=True),
        sa.Column("uploaded_by_id", sa.BigInteger(), nullable=True),
        sa.Column("filename", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=False),
        sa.Column("content_type", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("storage_key", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_attachment_comment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_attachment_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_attachment_ticket_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["person.id"], name=op.f("fk_attachment_uploaded_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(
        "ix_attachment_loose",
        "attachment",
        ["organization_id", "created_at"],
        unique=False,
        postgresql_where=sa.text("ticket_id IS NULL"),
    )
    op.create_index("ix_attachment_ticket", "attachment", ["organization_id", "ticket_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("activity_id", sa.BigInteger(), nullable=True),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("template", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("to_address", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("message_id", sqlmodel.sql.sqltypes.AutoString(length=255), nullable=False),
        sa.Column("references", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_delivery_activity_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_delivery_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_delivery_person_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_delivery_ticket_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "organization_id",
            "activity_id",
            "template",
            "to_address",
            name=op.f("uq_delivery_organization_id_activity_id_template_to_address"),
        ),
    )
    op.create_index(op.f("ix_delivery_organization_id_id"), "delivery", ["organization_id", "id"], unique=False)
    op.create_index(
        "ix_delivery_queued",
        "delivery",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index("ix_delivery_ticket", "delivery", ["organization_id", "ticket_id"], unique=False)
    op.create_table(
        "reaction",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("listener", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_reaction_activity_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_reaction_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("activity_id", "listener", name=op.f("pk_reaction")),
    )
    op.create_index(
        op.f("ix_reaction_organization_id_activity_id"), "reaction", ["organization_id", "activity_id"], unique=False
    )
    _wall()
    _search()


def downgrade() -> None:
    op.execute("DROP FUNCTION search_tickets(text, boolean, integer)")
    op.execute("DROP TEXT SEARCH CONFIGURATION desk")
    op.drop_index(op.f("ix_reaction_organization_id_activity_id"), table_name="reaction")
    op.drop_table("reaction")
    op.drop_index("ix_delivery_ticket", table_name="delivery")
    op.drop_index("ix_delivery_queued", table_name="delivery", postgresql_where=sa.text("state = 'queued'"))
    op.drop_index(op.f("ix_delivery_organization_id_id"), table_name="delivery")
    op.drop_table("delivery")
    op.drop_index("ix_attachment_ticket", table_name="attachment")
    op.drop_index("ix_attachment_loose", table_name="attachment", postgresql_where=sa.text("ticket_id IS NULL"))
    op.drop_table("attachment")
    op.drop_index(
        "ix_timer_due", table_name="timer", postgresql_where=sa.text("state = 'running' AND next_at IS NOT NULL")
    )
    op.drop_table("timer")
    op.drop_index(op.f("ix_ticket_tag_organization_id_tag_id_ticket_id"), table_name="ticket_tag")
    op.drop_table("ticket_tag")
    op.drop_index("ix_ticket_search_public", table_name="ticket_search", postgresql_using="gin")
    op.drop_index("ix_ticket_search_organization", table_name="ticket_search")
    op.drop_index("ix_ticket_search_note", table_name="ticket_search", postgresql_using="gin")
    op.drop_table("ticket_search")
    op.drop_index(op.f("ix_csat_rating_organization_id_created_at"), table_name="csat_rating")
    op.drop_table("csat_rating")
    op.drop_index("ix_comment_ticket", table_name="comment")
    op.drop_table("comment")
    op.drop_index("ix_activity_ticket", table_name="activity")
    op.drop_index("ix_activity_outbox", table_name="activity", postgresql_where=sa.text("reacted_at IS NULL"))
    op.drop_index("ix_activity_kind", table_name="activity")
    op.drop_index("ix_activity_cause", table_name="activity", postgresql_where=sa.text("cause_id IS NOT NULL"))
    op.drop_table("activity")
    op.drop_index("ix_ticket_waiting", table_name="ticket", postgresql_where=sa.text("is_open AND assignee_id IS NULL"))
    op.drop_index("ix_ticket_updated", table_name="ticket")
    op.drop_index(
        "ix_ticket_unassigned", table_name="ticket", postgresql_where=sa.text("is_open AND assignee_id IS NULL")
    )
    op.drop_index("ix_ticket_topic", table_name="ticket")
    op.drop_index("ix_ticket_team", table_name="ticket")
    op.drop_index("ix_ticket_status_category", table_name="ticket")
    op.drop_index("ix_ticket_status", table_name="ticket")
    op.drop_index("ix_ticket_source", table_name="ticket", postgresql_where=sa.text("remote_id IS NOT NULL"))
    op.drop_index("ix_ticket_snoozed", table_name="ticket", postgresql_where=sa.text("snoozed_until IS NOT NULL"))
    op.drop_index("ix_ticket_sla_status", table_name="ticket", postgresql_where=sa.text("is_open"))
    op.drop_index("ix_ticket_sla", table_name="ticket", postgresql_where=sa.text("is_open AND sla_due_at IS NOT NULL"))
    op.drop_index("ix_ticket_resolved", table_name="ticket", postgresql_where=sa.text("resolved_at IS NOT NULL"))
    op.drop_index("ix_ticket_requester", table_name="ticket")
    op.drop_index("ix_ticket_priority", table_name="ticket")
    op.drop_index("ix_ticket_open", table_name="ticket", postgresql_where=sa.text("is_open"))
    op.drop_index("ix_ticket_created", table_name="ticket")
    op.drop_index("ix_ticket_company", table_name="ticket")
    op.drop_index("ix_ticket_closed", table_name="ticket", postgresql_where=sa.text("closed_at IS NOT NULL"))
    op.drop_index("ix_ticket_auto_close", table_name="ticket", postgresql_where=sa.text("status_category = 'resolved'"))
    op.drop_index("ix_ticket_assignee", table_name="ticket")
    op.drop_table("ticket")
    op.drop_index(op.f("ix_team_member_organization_id_person_id"), table_name="team_member")
    op.drop_table("team_member")
    op.drop_index(op.f("ix_sign_in_session_organization_id_person_id"), table_name="sign_in_session")
    op.drop_table("sign_in_session")
    op.drop_index(op.f("ix_sign_in_attempt_organization_id_id"), table_name="sign_in_attempt")
    op.drop_table("sign_in_attempt")
    op.drop_table("password_reset")
    op.drop_index(op.f("ix_sla_target_organization_id_policy_id"), table_name="sla_target")
    op.drop_table("sla_target")
    op.drop_index("uq_person_email", table_name="person")
    op.drop_index("ix_person_source", table_name="person", postgresql_where=sa.text("remote_id IS NOT NULL"))
    op.drop_index(op.f("ix_person_organization_id_role_name"), table_name="person")
    op.drop_index(op.f("ix_person_organization_id_company_id"), table_name="person")
    op.drop_index(
        "ix_person_available", table_name="person", postgresql_where=sa.text("availability = 'available' AND is_active")
    )
    op.drop_table("person")
    op.drop_table("sla_policy")
    op.drop_index(op.f("ix_site_organization_id_company_id"), table_name="site")
    op.drop_table("site")
    op.drop_table("category")
    op.drop_table("team")
    op.drop_table("tag")
    op.drop_table("status")
    op.drop_table("priority")
    op.drop_table("company")
    op.drop_table("business_calendar")
    op.drop_table("organization")
    op.execute(f"DROP OWNED BY {ROLE}")  # the role itself may serve another database of the cluster
