"""Escalation: policies with steps, which of them are due for which ticket, and what has happened."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"
NEW_TABLES = ("escalation_policy", "escalation_step", "escalation_due", "escalation")


def _organization() -> sa.Column:
    return sa.Column(
        "organization_id",
        sa.BigInteger(),
        sa.ForeignKey("organization.id", ondelete="CASCADE"),
        server_default=sa.text("current_setting('app.organization_id')::bigint"),
        nullable=False,
    )


def _key() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _link(name: str, to: str, *, null: bool = False) -> sa.Column:
    rule = "SET NULL" if null else "CASCADE"
    return sa.Column(name, sa.BigInteger(), sa.ForeignKey(f"{to}.id", ondelete=rule), nullable=null)


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=False)


def _moment(name: str, *, null: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "escalation_policy", _organization(), _key(), _text("name", 120),
        sa.Column("conditions", postgresql.JSONB(), nullable=False), _number("position"),
        sa.Column("is_active", sa.Boolean(), nullable=False), _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_policy")),
        sa.UniqueConstraint("organization_id", "name"),
    )  # fmt: skip
    op.create_table(
        "escalation_step", _organization(), _key(), _link("policy_id", "escalation_policy"), _number("position"),
        _text("since", 10), _number("after_seconds"), sa.Column("whom", postgresql.ARRAY(sa.Text()), nullable=False),
        _number("level"), sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_step")),
    )  # fmt: skip
    op.create_index(
        "ix_escalation_step_organization_id_policy_id_position", "escalation_step",
        ["organization_id", "policy_id", "position"],
    )  # fmt: skip
    op.create_table(
        "escalation_due", _organization(), _link("ticket_id", "ticket"), _link("step_id", "escalation_step"),
        _moment("since_at"), _moment("due_at"),
        sa.PrimaryKeyConstraint("ticket_id", "step_id", name=op.f("pk_escalation_due")),
    )  # fmt: skip
    op.create_index("ix_escalation_due_ticket", "escalation_due", ["organization_id", "ticket_id"])
    op.create_index("ix_escalation_due_at", "escalation_due", ["due_at"])
    op.create_table(
        "escalation", _organization(), _key(), _link("ticket_id", "ticket"),
        _link("policy_id", "escalation_policy", null=True), _link("step_id", "escalation_step", null=True),
        _moment("since_at", null=True), _number("level_before"), _number("level_after"), _text("reason", 500),
        _link("actor_id", "person", null=True), _text("actor_name", 200),
        sa.Column("told", postgresql.ARRAY(sa.Text()), nullable=False), _moment("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
    )  # fmt: skip
    op.create_index("ix_escalation_organization_id_ticket_id_id", "escalation", ["organization_id", "ticket_id", "id"])
    op.create_index("ix_escalation_organization_id_at", "escalation", ["organization_id", "at"])
    op.create_index(
        "uq_escalation_once", "escalation", ["organization_id", "ticket_id", "step_id", "since_at"], unique=True,
        postgresql_where=sa.text("step_id IS NOT NULL"),
    )  # fmt: skip
    for table in NEW_TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO {ROLE} "
            f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
        )
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
    op.add_column("organization", sa.Column("escalates", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.add_column("organization", sa.Column("escalations_reviewed", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("organization", "escalations_reviewed")
    op.drop_column("organization", "escalates")
    for table in reversed(NEW_TABLES):
        op.drop_table(table)
