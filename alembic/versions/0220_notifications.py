"""Notifications in the desk; choices per kind and channel, quiet hours, a digest; what an organization does without."""

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0220"
down_revision = "0240"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"
# What used to be muted -> the kinds it is about now.
KINDS = {
    "assigned_to_me": ("ticket_assigned",), "customer_answers": ("comment_added",), "escalated_to_me": ("escalation",),
    "promises": ("sla_warning", "sla_breach"), "received": ("ticket_created",), "taken": ("ticket_assigned",),
    "answered": ("comment_added",), "status": ("status_change",), "solved": ("ticket_resolved",),
}  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "notification",
        sa.Column(
            "organization_id", sa.BigInteger(), sa.ForeignKey("organization.id", ondelete="CASCADE"),
            server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id", ondelete="CASCADE"), nullable=True),
        sa.Column("activity_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("message", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("actor_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organization_id", "activity_id", "person_id"),
    )  # fmt: skip
    op.create_index(op.f("ix_notification_organization_id_person_id_id"), "notification", ["organization_id", "person_id", "id"])
    op.create_index(
        "ix_notification_unread", "notification", ["organization_id", "person_id", "id"], postgresql_where=sa.text("read_at IS NULL")
    )
    op.create_index("ix_notification_read", "notification", ["organization_id", "read_at"], postgresql_where=sa.text("read_at IS NOT NULL"))
    # Deleting a ticket takes its notifications along; without this the foreign key would read all of them.
    op.create_index("ix_notification_ticket", "notification", ["ticket_id"], postgresql_where=sa.text("ticket_id IS NOT NULL"))
    op.create_index("ix_notification_person", "notification", ["person_id"])
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON notification TO {ROLE}")
    op.execute("ALTER TABLE notification ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON notification TO {ROLE} "
        f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
    )
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")

    op.add_column(
        "person", sa.Column("notice_choices", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'{}'"))
    )
    for name in ("quiet_from", "quiet_until", "digest_at"):
        op.add_column("person", sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=5), nullable=False, server_default=sa.text("''")))
    op.add_column("person", sa.Column("digest_sent_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_person_digest", "person", ["organization_id"], postgresql_where=sa.text("digest_at <> ''"))
    for old, kinds in KINDS.items():
        choices = ", ".join(f"'mail.{kind}', false" for kind in kinds)
        op.execute(
            f"UPDATE person SET notice_choices = notice_choices || jsonb_build_object({choices}) WHERE '{old}' = ANY(muted_notices)"  # noqa: S608
        )
    op.drop_column("person", "muted_notices")
    op.add_column(
        "organization", sa.Column("notices_off", postgresql.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'"))
    )


def downgrade() -> None:
    op.drop_column("organization", "notices_off")
    op.add_column(
        "person", sa.Column("muted_notices", postgresql.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'"))
    )
    for old, kinds in KINDS.items():
        op.execute(
            f"UPDATE person SET muted_notices = array_append(muted_notices, '{old}')"  # noqa: S608 - our own words
            f" WHERE notice_choices ->> 'mail.{kinds[0]}' = 'false'"
            f" AND (role = 'customer') = {old in ('received', 'taken', 'answered', 'status', 'solved')}"
        )
    op.drop_index("ix_person_digest", table_name="person")
    for name in ("digest_sent_at", "digest_at", "quiet_until", "quiet_from", "notice_choices"):
        op.drop_column("person", name)
    op.drop_table("notification")
