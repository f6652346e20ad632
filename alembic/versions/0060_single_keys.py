"""Let people turn single keys off (WCAG 2.1.4)."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("single_keys", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    op.drop_column("person", "single_keys")
