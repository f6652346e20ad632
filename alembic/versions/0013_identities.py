"""Sign-in providers of an organization, the accounts people have at them, and who has yet to complete their profile."""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0013"
down_revision = "0020"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"
TABLES = ("identity_provider", "identity")


def _organization() -> sa.Column:
    return sa.Column(
        "organization_id", sa.BigInteger(),
        sa.ForeignKey("organization.id", ondelete="CASCADE"),
        server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False,
    )  # fmt: skip


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=False)


def _link(name: str, target: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), sa.ForeignKey(f"{target}.id", ondelete="CASCADE"), nullable=False)


def upgrade() -> None:
    op.add_column("person", sa.Column("must_complete", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "identity_provider", _organization(), _id(), _text("kind", 20), _text("name", 60), _text("issuer", 300),
        _text("client_id", 300), _text("sealed_secret", 1000), sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False), _moment("created_at"), sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organization_id", "name"),
    )  # fmt: skip
    op.create_table(
        "identity", _organization(), _id(), _link("provider_id", "identity_provider"), _link("person_id", "person"),
        _text("subject", 255), _text("email", 254), _moment("created_at"), _moment("last_used_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_index("uq_identity_subject", "identity", ["organization_id", "provider_id", "subject"], unique=True)
    op.create_index("uq_identity_person", "identity", ["organization_id", "person_id", "provider_id"], unique=True)
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
    op.drop_column("person", "must_complete")
