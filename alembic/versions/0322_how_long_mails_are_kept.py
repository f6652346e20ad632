"""Organizations say how long mails are kept as they came; those there are stay, as nobody has said otherwise."""

import sqlalchemy as sa
from alembic import op

revision = "0322"
down_revision = "0321"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "organization", sa.Column("keep_originals_days", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("inbound_mail", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_inbound_mail_original", "inbound_mail", ["organization_id", "received_at"],
        postgresql_where=sa.text("forgotten_at IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_inbound_mail_original", table_name="inbound_mail")
    op.drop_column("inbound_mail", "forgotten_at")
    op.drop_column("organization", "keep_originals_days")
