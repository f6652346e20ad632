"""Webhooks: endpoints, and the log of deliveries."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0111"
down_revision = "0110"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"
TABLES = ("webhook_endpoint", "webhook_delivery")


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
        "webhook_endpoint", _organization(), _id(), _text("name", 80), _text("address", 500),
        sa.Column("sealed_secret", sa.Text(), nullable=False), sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False), sa.Column("failures", sa.Integer(), nullable=False),
        _moment("failing_since", nullable=True), _text("problem", 300), _moment("created_at"), _moment("updated_at"),
        sa.PrimaryKeyConstraint("id"), sa.UniqueConstraint("organization_id", "name"),
    )  # fmt: skip
    op.create_table(
        "webhook_delivery", _organization(), _id(),
        sa.Column("endpoint_id", sa.BigInteger(), sa.ForeignKey("webhook_endpoint.id", ondelete="CASCADE"), nullable=False),
        sa.Column("activity_id", sa.BigInteger(), nullable=True), sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        _text("kind", 60), sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False), _text("state", 10),
        sa.Column("attempts", sa.Integer(), nullable=False), sa.Column("status_code", sa.Integer(), nullable=True),
        _text("answer", 500), _moment("next_attempt_at", nullable=True), _moment("created_at"), _moment("done_at", nullable=True),
        sa.PrimaryKeyConstraint("id"), sa.UniqueConstraint("organization_id", "endpoint_id", "activity_id"),
    )  # fmt: skip
    op.create_index(
        op.f("ix_webhook_delivery_organization_id_endpoint_id_id"), "webhook_delivery", ["organization_id", "endpoint_id", "id"]
    )
    op.create_index(op.f("ix_webhook_delivery_organization_id_created_at"), "webhook_delivery", ["organization_id", "created_at"])
    op.create_index(
        "ix_webhook_delivery_pending", "webhook_delivery", ["next_attempt_at"], postgresql_where=sa.text("state = 'pending'")
    )
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
