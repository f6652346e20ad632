"""Tickets nobody answers: since when they wait on their customer, and when the customer was told that they close."""

import sqlalchemy as sa

from alembic import op

revision = "0130"
down_revision = "0100"
branch_labels = None
depends_on = None

UNWARNED = "waiting_since IS NOT NULL AND close_warned_at IS NULL"
WARNED = "close_warned_at IS NOT NULL"


def upgrade() -> None:
    op.add_column("organization", sa.Column("waiting_close_hours", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("organization", sa.Column("waiting_notice_hours", sa.Integer(), server_default=sa.text("24"), nullable=False))
    op.add_column(
        "organization",
        sa.Column("waiting_status", sa.String(length=40), server_default=sa.text("'waiting_on_customer'"), nullable=False),
    )
    op.add_column("ticket", sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ticket", sa.Column("close_warned_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE ticket SET waiting_since = coalesce(status_since, updated_at) WHERE status_category = 'pending'")
    op.create_index(
        "ix_ticket_unanswered", "ticket", ["organization_id", "status_id", "waiting_since"], postgresql_where=sa.text(UNWARNED)
    )
    op.create_index(
        "ix_ticket_close_warned", "ticket", ["organization_id", "status_id", "close_warned_at"], postgresql_where=sa.text(WARNED)
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_close_warned", table_name="ticket")
    op.drop_index("ix_ticket_unanswered", table_name="ticket")
    for column in ("close_warned_at", "waiting_since"):
        op.drop_column("ticket", column)
    for column in ("waiting_status", "waiting_notice_hours", "waiting_close_hours"):
        op.drop_column("organization", column)
