"""Keep available people in the order they are given tickets, so that the first in line is found without counting everybody's."""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0081"
branch_labels = None
depends_on = None

_AVAILABLE = sa.text("availability = 'available' AND is_active")


def upgrade() -> None:
    op.drop_index("ix_person_available", table_name="person")
    op.create_index(
        "ix_person_available", "person", ["organization_id", sa.text("last_assigned_at NULLS FIRST"), "id"],
        postgresql_where=_AVAILABLE,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_person_available", table_name="person")
    op.create_index(
        "ix_person_available", "person", ["organization_id", "last_assigned_at"], postgresql_where=_AVAILABLE
    )
