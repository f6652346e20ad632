"""Find the answers of a ticket whose mail has not left: an index of what waits, and of nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "0320"
down_revision = "0250"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_delivery_unsent", "delivery", ["organization_id", "comment_id"],
        postgresql_where=sa.text("comment_id IS NOT NULL AND state IN ('queued', 'failed')"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_delivery_unsent", table_name="delivery")
