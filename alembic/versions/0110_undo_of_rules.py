"""What a run of a rule changed, so that it can be taken back; an index by time, so that old runs can be forgotten."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0110"
down_revision = "0131"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rule_run", sa.Column("activity_id", sa.BigInteger(), nullable=True))
    op.add_column("rule_run", sa.Column("kept", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("rule_run", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_rule_run_organization_id_at"), "rule_run", ["organization_id", "at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_rule_run_organization_id_at"), table_name="rule_run")
    for column in ("undone_at", "kept", "activity_id"):
        op.drop_column("rule_run", column)
