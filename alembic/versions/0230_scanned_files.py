"""Files are scanned before anybody opens them; how much an organization may keep, and how many go with a message."""

import sqlalchemy as sa

from alembic import op

revision = "0230"
down_revision = "0210"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What is there already waits for the scanner like everything else: nobody has looked into it.
    op.add_column("attachment", sa.Column("scan", sa.String(length=10), server_default=sa.text("'pending'"), nullable=False))
    op.add_column("attachment", sa.Column("scan_reason", sa.String(length=300), server_default=sa.text("''"), nullable=False))
    op.add_column("attachment", sa.Column("scan_attempts", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column(
        "attachment",
        sa.Column("scan_next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=True),
    )
    op.create_index(
        "ix_attachment_unscanned", "attachment", ["organization_id", "scan_next_at"],
        postgresql_where=sa.text("scan = 'pending'"),
    )
    op.create_index(
        "ix_attachment_size", "attachment", ["organization_id"], postgresql_include=["size"]
    )
    op.add_column("organization", sa.Column("attachments_per_message", sa.Integer(), server_default=sa.text("20"), nullable=False))
    op.add_column("organization", sa.Column("storage_megabytes", sa.Integer(), server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    op.drop_column("organization", "storage_megabytes")
    op.drop_column("organization", "attachments_per_message")
    op.drop_index("ix_attachment_size", table_name="attachment")
    op.drop_index("ix_attachment_unscanned", table_name="attachment")
    for column in ("scan_next_at", "scan_attempts", "scan_reason", "scan"):
        op.drop_column("attachment", column)
