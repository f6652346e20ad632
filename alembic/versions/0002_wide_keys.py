"""Keys that refer to a bigint are as wide as it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NARROW = (
    ("reaction", "activity_id"),
    ("team_member", "team_id"),
    ("team_member", "person_id"),
    ("ticket_search", "ticket_id"),
    ("ticket_tag", "ticket_id"),
    ("ticket_tag", "tag_id"),
    ("activity", "subject_id"),
)


def upgrade() -> None:
    for table, column in NARROW:
        op.alter_column(table, column, type_=sa.BigInteger(), existing_type=sa.Integer())


def downgrade() -> None:
    for table, column in NARROW:
        op.alter_column(table, column, type_=sa.Integer(), existing_type=sa.BigInteger())
