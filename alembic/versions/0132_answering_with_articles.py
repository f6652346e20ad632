"""Whether the desk answers new requests with articles."""

import sqlalchemy as sa

from alembic import op

revision = "0132"
down_revision = "0140"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "organization", sa.Column("answers_with_articles", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("organization", "answers_with_articles")
