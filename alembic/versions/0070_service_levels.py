"""Extra openings of calendars, whom an SLA policy is for and when it warns, and a clock for each further question."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0070"
down_revision = "0091"
branch_labels = None
depends_on = None

_ONE_CLOCK = "uq_timer_organization_id_ticket_id_metric"
_COLUMNS = ["organization_id", "ticket_id", "metric"]
ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"


def _runs() -> None:
    op.create_table(
        "sla_run",
        sa.Column(
            "organization_id", sa.BigInteger(), sa.ForeignKey("organization.id", ondelete="CASCADE"),
            server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id", ondelete="SET NULL"), nullable=True),
        sa.Column("wanted", JSONB(), nullable=False),
        sa.Column("result", JSONB(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_run")),
    )  # fmt: skip
    op.create_index("ix_sla_run_organization_id_id", "sla_run", ["organization_id", "id"])
    op.create_index("ix_sla_run_waiting", "sla_run", ["updated_at"], postgresql_where=sa.text("finished_at IS NULL"))
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON sla_run TO {ROLE}")
    op.execute("ALTER TABLE sla_run ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON sla_run TO {ROLE} "
        f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
    )
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")


def upgrade() -> None:
    _runs()
    empty = sa.text("'{}'")
    op.add_column("business_calendar", sa.Column("openings", JSONB(), server_default=empty, nullable=False))
    op.add_column("sla_policy", sa.Column("conditions", JSONB(), server_default=empty, nullable=False))
    op.add_column("sla_policy", sa.Column("warning_share", sa.Integer(), nullable=True))
    op.drop_constraint(_ONE_CLOCK, "timer")
    op.create_index(
        _ONE_CLOCK, "timer", _COLUMNS, unique=True,
        postgresql_where=sa.text("metric <> 'next_response' OR met_at IS NULL"),
    )  # fmt: skip
    op.create_index("ix_timer_organization_id_ticket_id", "timer", ["organization_id", "ticket_id"])


def downgrade() -> None:
    op.drop_table("sla_run")
    op.drop_index("ix_timer_organization_id_ticket_id", table_name="timer")
    op.drop_index(_ONE_CLOCK, table_name="timer")
    # One clock per promise again: of the further questions, the last stays.
    op.execute(
        "DELETE FROM timer USING timer later WHERE later.ticket_id = timer.ticket_id AND later.metric = timer.metric"
        " AND later.id > timer.id"
    )
    op.create_unique_constraint(_ONE_CLOCK, "timer", _COLUMNS)
    op.drop_column("sla_policy", "warning_share")
    op.drop_column("sla_policy", "conditions")
    op.drop_column("business_calendar", "openings")
