"""Rules can be asked to log, for a while, why they did not apply."""

import sqlalchemy as sa

from alembic import op

revision = "0113"
down_revision = "0120"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rule", sa.Column("explains_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("rule", "explains_until")
