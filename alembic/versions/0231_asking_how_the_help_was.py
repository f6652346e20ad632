"""Asking how the help was: when, by what, and what came of asking."""

import sqlalchemy as sa

from alembic import op

revision = "0231"
down_revision = "0230"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"


def upgrade() -> None:
    for name, kind, default in (
        ("csat_after", sa.String(length=10), "'resolved'"),
        ("csat_style", sa.String(length=10), "'stars'"),
        ("csat_delay_hours", sa.Integer(), "1"),
        ("csat_reminder_days", sa.Integer(), "3"),
    ):
        op.add_column("organization", sa.Column(name, kind, server_default=sa.text(default), nullable=False))
    op.create_table(
        "csat_request",
        sa.Column(
            "organization_id", sa.BigInteger(), sa.ForeignKey("organization.id", ondelete="CASCADE"),
            server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id", ondelete="CASCADE"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"), sa.UniqueConstraint("organization_id", "ticket_id"),
    )  # fmt: skip
    op.create_index(
        "ix_csat_request_due", "csat_request", ["organization_id", "next_at"], postgresql_where=sa.text("next_at IS NOT NULL")
    )
    op.create_index(op.f("ix_csat_request_organization_id_asked_at"), "csat_request", ["organization_id", "asked_at"])
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON csat_request TO {ROLE}")
    op.execute("ALTER TABLE csat_request ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON csat_request TO {ROLE} "
        f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
    )
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")


def downgrade() -> None:
    op.drop_table("csat_request")
    for name in ("csat_reminder_days", "csat_delay_hours", "csat_style", "csat_after"):
        op.drop_column("organization", name)
