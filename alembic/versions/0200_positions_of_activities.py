"""Say of each activity which transaction wrote it, so that who follows along misses none.

Both steps are quick whatever the size of the table: a constant for the rows there are, a default for those to come.
"""

import sqlalchemy as sa
from alembic import op

revision = "0200"
down_revision = "0241"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("activity", sa.Column("position", sa.BigInteger(), nullable=False, server_default="0"))
    op.alter_column("activity", "position", server_default=sa.text("pg_current_xact_id()::text::bigint"))
    op.create_index(
        "ix_activity_position", "activity", ["organization_id", "position", "id"],
        postgresql_where=sa.text("position > 0"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_activity_position", table_name="activity")
    op.drop_column("activity", "position")
