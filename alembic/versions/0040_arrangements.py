"""What an organization arranges for itself: statuses out of use, ways closed to roles, skills, several domains per
company, a logo, limits for files, and every configuration that was applied."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0040"
down_revision = "0012"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"
NEW_TABLES = ("barred_transition", "skill", "person_skill", "configuration_version")


def _organization() -> sa.Column:
    return sa.Column(
        "organization_id",
        sa.BigInteger(),
        sa.ForeignKey("organization.id", ondelete="CASCADE"),
        server_default=sa.text("current_setting('app.organization_id')::bigint"),
        nullable=False,
    )


def _key() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _tables() -> None:
    op.create_table(
        "barred_transition",
        _organization(),
        _key(),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("from_status_id", sa.BigInteger(), sa.ForeignKey("status.id", ondelete="CASCADE"), nullable=False),
        sa.Column("to_status_id", sa.BigInteger(), sa.ForeignKey("status.id", ondelete="CASCADE"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_barred_transition")),
        sa.UniqueConstraint("organization_id", "role", "from_status_id", "to_status_id"),
    )
    op.create_table(
        "skill",
        _organization(),
        _key(),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill")),
        sa.UniqueConstraint("organization_id", "name"),
    )
    op.create_table(
        "person_skill",
        _organization(),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("skill_id", sa.BigInteger(), sa.ForeignKey("skill.id", ondelete="CASCADE"), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "skill_id", name=op.f("pk_person_skill")),
    )
    op.create_index("ix_person_skill_organization_id_skill_id", "person_skill", ["organization_id", "skill_id"])
    op.create_table(
        "configuration_version",
        _organization(),
        _key(),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), sa.ForeignKey("person.id", ondelete="SET NULL"), nullable=True),
        sa.Column("actor_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_configuration_version")),
    )
    op.create_index("ix_configuration_version_organization_id_id", "configuration_version", ["organization_id", "id"])
    for table in NEW_TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO {ROLE} "
            f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
        )
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")


def upgrade() -> None:
    _tables()
    op.add_column("status", sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False))
    op.alter_column("status", "is_active", server_default=None)
    op.add_column("company", sa.Column("domains", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.execute("UPDATE company SET domains = ARRAY[domain] WHERE domain <> ''")
    op.alter_column("company", "domains", server_default=None)
    op.drop_column("company", "domain")
    for column in (
        sa.Column("logo_key", sqlmodel.sql.sqltypes.AutoString(length=80), server_default="", nullable=False),
        sa.Column("logo_type", sqlmodel.sql.sqltypes.AutoString(length=40), server_default="", nullable=False),
        sa.Column("attachment_megabytes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attachment_types", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    ):
        op.add_column("organization", column)
        op.alter_column("organization", column.name, server_default=None)
    op.create_index(
        "ix_activity_audit", "activity", ["organization_id", "id"], postgresql_where=sa.text("ticket_id IS NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_activity_audit", table_name="activity")
    for name in ("attachment_types", "attachment_megabytes", "logo_type", "logo_key"):
        op.drop_column("organization", name)
    op.add_column(
        "company",
        sa.Column("domain", sqlmodel.sql.sqltypes.AutoString(length=253), server_default="", nullable=False),
    )
    op.execute("UPDATE company SET domain = domains[1] WHERE domains <> '{}'")
    op.alter_column("company", "domain", server_default=None)
    op.drop_column("company", "domains")
    op.drop_column("status", "is_active")
    for table in reversed(NEW_TABLES):
        op.drop_table(table)
