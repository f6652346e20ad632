"""Count an agent's open tickets as they are now, not as they were when the statement began.

Routing locks an agent and must know what whoever had the lock before has just given them. A volatile function looks
again at each call, so one statement locks and counts.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION open_tickets(agent bigint, most integer) RETURNS bigint
        LANGUAGE sql VOLATILE SET search_path = public, pg_temp AS $$
            SELECT count(*) FROM (SELECT FROM ticket WHERE assignee_id = agent AND is_open LIMIT most) theirs
        $$
        """
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION open_tickets(bigint, integer)")
