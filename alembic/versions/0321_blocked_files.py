"""List the files the scanner has blocked: an index of those alone."""

import sqlalchemy as sa
from alembic import op

revision = "0321"
down_revision = "0320"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_attachment_blocked", "attachment", ["organization_id", "id"], postgresql_where=sa.text("scan = 'infected'")
    )


def downgrade() -> None:
    op.drop_index("ix_attachment_blocked", table_name="attachment")
