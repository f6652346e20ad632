"""What routing goes by: skills that are asked, working hours, teams that take tickets back, and when somebody counts as away."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0090"
down_revision = "0062"
branch_labels = None
depends_on = None

COLUMNS = (
    ("team", sa.Column("hands_back", sa.Boolean(), server_default=sa.text("false"), nullable=False)),
    ("team", sa.Column("skill_ids", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False)),
    ("category", sa.Column("skill_ids", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False)),
    ("organization", sa.Column("away_after_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False)),
    ("person", sa.Column("calendar_id", sa.BigInteger(), nullable=True)),
    ("sign_in_session", sa.Column("active_at", sa.DateTime(timezone=True), nullable=True)),
)  # fmt: skip


def upgrade() -> None:
    for table, column in COLUMNS:
        op.add_column(table, column)
    op.create_foreign_key(
        op.f("fk_person_calendar_id"), "person", "business_calendar", ["calendar_id"], ["id"], ondelete="SET NULL"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_person_calendar_id"), "person", type_="foreignkey")
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column.name)
