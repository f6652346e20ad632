"""A transaction enters its organization by a function, whose plans the connection keeps; routing counts once, in its own
statement."""

from alembic import op

revision = "0323"
down_revision = "0322"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION enter(entered bigint) RETURNS bigint LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM set_config('app.organization_id', entered::text, true);
            RETURN (SELECT catalog_version FROM public.organization WHERE id = entered);
        END $$
        """
    )
    op.execute("DROP FUNCTION open_tickets(bigint, integer)")


def downgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION open_tickets(agent bigint, most integer) RETURNS bigint
        LANGUAGE sql VOLATILE SET search_path = public, pg_temp AS $$
            SELECT count(*) FROM (SELECT FROM ticket WHERE assignee_id = agent AND is_open LIMIT most) theirs
        $$
        """
    )
    op.execute("DROP FUNCTION enter(bigint)")
