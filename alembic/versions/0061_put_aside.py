"""Find the tickets that are put aside without reading all that are open."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_ticket_put_aside", "ticket", ["organization_id", "updated_at", "id"],
        postgresql_where=sa.text("snoozed_until IS NOT NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_ticket_put_aside", table_name="ticket")
