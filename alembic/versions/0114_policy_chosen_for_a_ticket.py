"""A ticket can be put under an SLA policy, whatever the policies' conditions say."""

import sqlalchemy as sa

from alembic import op

revision = "0114"
down_revision = "0113"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ticket", sa.Column("chosen_policy_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("ticket", "chosen_policy_id")
