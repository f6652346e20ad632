"""Extra openings of calendars, whom an SLA policy is for and when it warns, and a clock for each further question."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0070"
down_revision = "0061"
branch_labels = None
depends_on = None

_ONE_CLOCK = "uq_timer_organization_id_ticket_id_metric"
_COLUMNS = ["organization_id", "ticket_id", "metric"]


def upgrade() -> None:
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
