"""Programs: API tokens, sessions that refresh themselves, and kept answers."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0140"
down_revision = "0111"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"
TABLES = ("api_token", "kept_answer")


def _organization() -> sa.Column:
    return sa.Column(
        "organization_id", sa.BigInteger(), sa.ForeignKey("organization.id", ondelete="CASCADE"),
        server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False,
    )  # fmt: skip


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _person() -> sa.Column:
    return sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.add_column("sign_in_session", _text("refresh_key", 64, nullable=True))
    op.create_table(
        "api_token", _organization(), _id(), _person(), _text("name", 80), _text("token_hash", 64), _text("ending", 8),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), nullable=False), _moment("created_at"),
        _moment("expires_at", nullable=True), _moment("last_used_at", nullable=True), _text("last_address", 64),
        _moment("revoked_at", nullable=True), sa.PrimaryKeyConstraint("id"), sa.UniqueConstraint("organization_id", "token_hash"),
    )  # fmt: skip
    op.create_index(op.f("ix_api_token_organization_id_person_id"), "api_token", ["organization_id", "person_id"])
    op.create_table(
        "kept_answer", _organization(), _id(), _person(), _text("key_hash", 64), _text("request_hash", 64),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("sealed_body", sa.Text(), nullable=False), _moment("created_at"), sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organization_id", "person_id", "key_hash"),
    )  # fmt: skip
    op.create_index(op.f("ix_kept_answer_organization_id_created_at"), "kept_answer", ["organization_id", "created_at"])
    for table in TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO {ROLE} "
            f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
        )
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("sign_in_session", "refresh_key")
