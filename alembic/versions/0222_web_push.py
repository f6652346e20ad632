"""Browsers that are pushed to, and when a notification is."""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0222"
down_revision = "0221"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"


def upgrade() -> None:
    op.create_table(
        "push_subscription",
        sa.Column(
            "organization_id", sa.BigInteger(), sa.ForeignKey("organization.id", ondelete="CASCADE"),
            server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("endpoint_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("browser", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organization_id", "endpoint_hash"),
    )  # fmt: skip
    op.create_index(op.f("ix_push_subscription_organization_id_person_id"), "push_subscription", ["organization_id", "person_id"])
    op.create_index("ix_push_subscription_person", "push_subscription", ["person_id"])
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON push_subscription TO {ROLE}")
    op.execute("ALTER TABLE push_subscription ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON push_subscription TO {ROLE} "
        f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
    )
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
    op.add_column("notification", sa.Column("push_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("notification", sa.Column("push_tries", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_index("ix_notification_push", "notification", ["push_at"], postgresql_where=sa.text("push_at IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("ix_notification_push", "notification")
    op.drop_column("notification", "push_tries")
    op.drop_column("notification", "push_at")
    op.drop_table("push_subscription")
