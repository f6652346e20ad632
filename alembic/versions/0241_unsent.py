"""What is not sent yet: the files of drafts, replies that leave later or after a moment to think better of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0241"
down_revision = "0222"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"


def upgrade() -> None:
    numbers = postgresql.ARRAY(sa.BigInteger())
    op.add_column(
        "draft", sa.Column("attachment_ids", numbers, server_default=sa.text("'{}'"), nullable=False)
    )  # fmt: skip
    op.add_column(
        "organization", sa.Column("undo_seconds", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column(
        "organization", sa.Column("shows_typing", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_table(
        "waiting_reply",
        sa.Column(
            "organization_id", sa.BigInteger(), sa.ForeignKey("organization.id", ondelete="CASCADE"),
            server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id", ondelete="CASCADE"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.String(60), nullable=False),
        sa.Column("attachment_ids", numbers, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("is_scheduled", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_reply")),
    )  # fmt: skip
    op.create_index("ix_waiting_reply_ticket", "waiting_reply", ["organization_id", "ticket_id", "id"])
    # Whose replies are due is asked across organizations, which are due within one.
    op.create_index("ix_waiting_reply_due", "waiting_reply", ["send_at"], postgresql_where=sa.text("state = 'waiting'"))
    op.create_index(
        "ix_waiting_reply_due_here", "waiting_reply", ["organization_id", "send_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )  # fmt: skip
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON waiting_reply TO {ROLE}")
    op.execute("ALTER TABLE waiting_reply ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON waiting_reply TO {ROLE} "
        f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
    )
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")


def downgrade() -> None:
    op.drop_table("waiting_reply")
    op.drop_column("organization", "shows_typing")
    op.drop_column("organization", "undo_seconds")
    op.drop_column("draft", "attachment_ids")
