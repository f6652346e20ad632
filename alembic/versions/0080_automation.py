"""Rules and what they have done; since when a ticket has its status, for rules about passing time."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0080"
down_revision = "0070"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"
TABLES = ("rule", "rule_run")


def _organization() -> sa.Column:
    return sa.Column(
        "organization_id", sa.BigInteger(), sa.ForeignKey("organization.id", ondelete="CASCADE"),
        server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False,
    )  # fmt: skip


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _link(name: str, target: str, *, ondelete: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), sa.ForeignKey(f"{target}.id", ondelete=ondelete), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "rule", _organization(), _id(), _text("name", 80),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False), sa.Column("is_active", sa.Boolean(), nullable=False),
        _link("created_by_id", "person", ondelete="SET NULL", nullable=True), _text("problem", 300),
        _moment("swept_until", nullable=True), _moment("created_at"), _moment("updated_at"), sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organization_id", "name"),
    )  # fmt: skip
    op.create_table(
        "rule_run", _organization(), _id(), _link("rule_id", "rule", ondelete="CASCADE"),
        _link("ticket_id", "ticket", ondelete="CASCADE"), _text("result", 10),
        sa.Column("did", postgresql.ARRAY(sa.Text()), nullable=False), _text("reason", 300), _moment("at"),
        sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_index(op.f("ix_rule_run_organization_id_id"), "rule_run", ["organization_id", "id"])
    op.create_index(op.f("ix_rule_run_organization_id_rule_id_id"), "rule_run", ["organization_id", "rule_id", "id"])
    op.create_index("ix_rule_run_ticket", "rule_run", ["ticket_id", "rule_id"])
    for table in TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO {ROLE} "
            f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
        )
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
    op.add_column("ticket", sa.Column("status_since", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE ticket SET status_since = coalesce((SELECT max(a.at) FROM activity a WHERE a.organization_id ="
        " ticket.organization_id AND a.ticket_id = ticket.id AND a.kind = 'ticket.status_changed'), created_at)"
    )
    op.create_index(
        "ix_ticket_status_since", "ticket", ["organization_id", "status_since", "id"],
        postgresql_where=sa.text("status_category <> 'closed'"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_ticket_status_since", table_name="ticket")
    op.drop_column("ticket", "status_since")
    for table in reversed(TABLES):
        op.drop_table(table)
