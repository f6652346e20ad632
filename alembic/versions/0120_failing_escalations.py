"""What an escalation policy cannot do any more."""

import sqlalchemy as sa

from alembic import op

revision = "0120"
down_revision = "0112"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("escalation_policy", sa.Column("problem", sa.String(length=300), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    op.drop_column("escalation_policy", "problem")
