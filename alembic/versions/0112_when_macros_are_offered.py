"""Macros say when they are offered."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0112"
down_revision = "0132"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "macro",
        sa.Column("offered", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'{}'::jsonb")),
    )
    op.alter_column("macro", "offered", server_default=None)


def downgrade() -> None:
    op.drop_column("macro", "offered")
