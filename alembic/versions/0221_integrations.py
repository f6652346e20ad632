"""Slack, Microsoft Teams, PagerDuty and Jira: where they are, and what they were told."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0221"
down_revision = "0231"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"
TABLES = ("integration", "integration_delivery")


def _organization() -> sa.Column:
    return sa.Column(
        "organization_id", sa.BigInteger(), sa.ForeignKey("organization.id", ondelete="CASCADE"),
        server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False,
    )  # fmt: skip


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "integration", _organization(), _id(), _text("system", 12), _text("name", 80), _text("address", 500),
        _text("account", 254), _text("project", 20), _text("issue_type", 60),
        sa.Column("sealed_secret", sa.Text(), nullable=False), sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("team_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("least_rank", sa.Integer(), nullable=False), sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False), _moment("failing_since", nullable=True), _text("problem", 300),
        _moment("created_at"), _moment("updated_at"),
        sa.PrimaryKeyConstraint("id"), sa.UniqueConstraint("organization_id", "name"),
    )  # fmt: skip
    op.create_table(
        "integration_delivery", _organization(), _id(),
        sa.Column("integration_id", sa.BigInteger(), sa.ForeignKey("integration.id", ondelete="CASCADE"), nullable=False),
        sa.Column("activity_id", sa.BigInteger(), nullable=True), sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        _text("kind", 60), sa.Column("message", postgresql.JSONB(astext_type=sa.Text()), nullable=False), _text("issue", 40),
        _text("state", 10), sa.Column("attempts", sa.Integer(), nullable=False), sa.Column("status_code", sa.Integer(), nullable=True),
        _text("answer", 500), _moment("next_attempt_at", nullable=True), _moment("created_at"), _moment("done_at", nullable=True),
        sa.PrimaryKeyConstraint("id"), sa.UniqueConstraint("organization_id", "integration_id", "activity_id"),
    )  # fmt: skip
    for last in ("id", "ticket_id"):
        op.create_index(
            op.f(f"ix_integration_delivery_organization_id_integration_id_{last}"), "integration_delivery",
            ["organization_id", "integration_id", last],
        )  # fmt: skip
    op.create_index(
        op.f("ix_integration_delivery_organization_id_created_at"), "integration_delivery", ["organization_id", "created_at"]
    )
    op.create_index(
        "ix_integration_delivery_pending", "integration_delivery", ["next_attempt_at"],
        postgresql_where=sa.text("state = 'pending'"),
    )  # fmt: skip
    for table in TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO {ROLE} "
            f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
        )
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
