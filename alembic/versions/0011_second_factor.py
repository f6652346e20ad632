"""Two-factor sign-in: the sealed secret, recovery codes, the step between password and code, and who must use it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"


def _organization() -> sa.Column:
    return sa.Column(
        "organization_id",
        sa.BigInteger(),
        server_default=sa.text("current_setting('app.organization_id')::bigint"),
        nullable=False,
    )


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _links(table: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f(f"fk_{table}_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id"), ondelete="CASCADE"),
    )


def _wall(table: str) -> None:
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON {table} TO {ROLE} "
        f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
    )


def upgrade() -> None:
    op.add_column(
        "organization",
        sa.Column("two_factor_roles", postgresql.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'")),
    )
    op.create_table(
        "second_factor",
        _organization(),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed_secret", sa.String(300), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        _moment("created_at"),
        _moment("confirmed_at", nullable=True),
        *_links("second_factor"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_second_factor")),
    )
    op.create_index(
        op.f("ix_second_factor_organization_id_person_id"), "second_factor", ["organization_id", "person_id"]
    )
    op.create_table(
        "recovery_code",
        _organization(),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        _moment("created_at"),
        _moment("used_at", nullable=True),
        *_links("recovery_code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint(
            "organization_id", "person_id", "code_hash", name=op.f("uq_recovery_code_organization_id_person_id_code_hash")
        ),
    )
    op.create_table(
        "second_step",
        _organization(),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("remember", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("used_at", nullable=True),
        *_links("second_step"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_step")),
        sa.UniqueConstraint("organization_id", "token_hash", name=op.f("uq_second_step_organization_id_token_hash")),
    )
    op.create_index(op.f("ix_second_step_organization_id_person_id"), "second_step", ["organization_id", "person_id"])
    for table in ("second_factor", "recovery_code", "second_step"):
        _wall(table)
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")


def downgrade() -> None:
    for table in ("second_step", "recovery_code", "second_factor"):
        op.drop_table(table)
    op.drop_column("organization", "two_factor_roles")
