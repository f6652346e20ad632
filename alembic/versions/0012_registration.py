"""Who registers waits in a table of their own until they have followed the link in their mail."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"


def upgrade() -> None:
    op.create_table(
        "registration",
        sa.Column(
            "organization_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.organization_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_registration_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("organization_id", "token_hash", name=op.f("uq_registration_organization_id_token_hash")),
    )
    op.create_index(op.f("ix_registration_organization_id_email"), "registration", ["organization_id", "email"])
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON registration TO {ROLE}")
    op.execute("ALTER TABLE registration ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON registration TO {ROLE} "
        f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
    )
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")


def downgrade() -> None:
    op.drop_table("registration")
