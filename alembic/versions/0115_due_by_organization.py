"""Find an organization's due clocks without reading those of its neighbours."""

import sqlalchemy as sa
from alembic import op

revision = "0115"
down_revision = "0114"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_timer_due_here", "timer", ["organization_id", "next_at"],
        postgresql_where=sa.text("state = 'running' AND next_at IS NOT NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_timer_due_here", table_name="timer")
