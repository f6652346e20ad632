"""Mailboxes and the mail that comes into them; mail that goes out knows its mailbox, its comment and where answers go."""

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = "0210"
down_revision = "0220"
branch_labels = None
depends_on = None

ROLE = "helpdesk_app"
CURRENT = "NULLIF(current_setting('app.organization_id', true), '')::bigint"
TABLES = ("mailbox", "inbound_mail")


def _organization() -> sa.Column:
    return sa.Column(
        "organization_id", sa.BigInteger(), sa.ForeignKey("organization.id", ondelete="CASCADE"),
        server_default=sa.text("current_setting('app.organization_id')::bigint"), nullable=False,
    )  # fmt: skip


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _link(name: str, target: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), sa.ForeignKey(f"{target}.id", ondelete="SET NULL"), nullable=True)


def _text(name: str, length: int, *, default: str | None = None) -> sa.Column:
    return sa.Column(
        name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=False, server_default=default
    )  # fmt: skip


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _number(name: str, *, big: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger() if big else sa.Integer(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "mailbox", _organization(), _id(), _text("address", 254), _text("name", 120), _link("team_id", "team"),
        _link("category_id", "category"), _link("priority_id", "priority"), _text("signature", 2000),
        sa.Column("allows_strangers", sa.Boolean(), nullable=False), sa.Column("is_active", sa.Boolean(), nullable=False),
        _text("trusted_server", 200), _text("imap_host", 200), _number("imap_port"), _text("imap_tls", 10), _text("imap_user", 254),
        _text("imap_folder", 200), sa.Column("sealed_imap_secret", sa.Text(), nullable=False), _text("token_address", 500),
        _text("client_id", 300), _text("smtp_host", 200), _number("smtp_port"), _text("smtp_tls", 10), _text("smtp_user", 254),
        sa.Column("sealed_smtp_secret", sa.Text(), nullable=False), sa.Column("sealed_hook_secret", sa.Text(), nullable=False),
        _number("uid_validity", big=True), _number("last_uid", big=True), _moment("polling_until"), _moment("next_poll_at"),
        _moment("succeeded_at"), _moment("failed_at"), _number("failures"), _text("last_error", 500),
        _moment("created_at", nullable=False), _moment("updated_at", nullable=False), sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organization_id", "address"),
    )  # fmt: skip
    op.create_table(
        "inbound_mail", _organization(), _id(), _link("mailbox_id", "mailbox"), _text("message_id", 300), _text("door", 10),
        sa.Column("raw", sa.LargeBinary(), nullable=False), _number("size"), _text("from_address", 254), _text("from_name", 200),
        _text("subject", 500), _text("state", 12), _text("reason", 500), _text("error", 500), _number("tries"),
        _moment("next_try_at"), sa.Column("is_automatic", sa.Boolean(), nullable=False), _link("ticket_id", "ticket"),
        _link("comment_id", "comment"), _moment("received_at", nullable=False), _moment("understood_at"),
        sa.PrimaryKeyConstraint("id"), sa.UniqueConstraint("organization_id", "message_id"),
    )  # fmt: skip
    # Mail is packed already, or short: trying to press it costs time for nothing.
    op.execute("ALTER TABLE inbound_mail ALTER COLUMN raw SET STORAGE EXTERNAL")
    op.create_index(op.f("ix_inbound_mail_organization_id_id"), "inbound_mail", ["organization_id", "id"])
    op.create_index(
        "ix_inbound_mail_ticket", "inbound_mail", ["organization_id", "ticket_id"],
        postgresql_where=sa.text("ticket_id IS NOT NULL"),
    )  # fmt: skip
    op.create_index("ix_inbound_mail_sender", "inbound_mail", ["organization_id", "from_address", "received_at"])
    op.create_index(
        "ix_inbound_mail_due", "inbound_mail", ["next_try_at"], postgresql_where=sa.text("next_try_at IS NOT NULL")
    )
    for table in TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO {ROLE} "
            f"USING (organization_id = {CURRENT}) WITH CHECK (organization_id = {CURRENT})"
        )
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
    op.add_column("ticket", sa.Column("mailbox_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "attachment", sa.Column("is_within", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )  # fmt: skip
    op.add_column("person", _moment("bounced_at"))
    op.add_column("person", _text("bounce_reason", 300, default=""))
    op.add_column("delivery", sa.Column("mailbox_id", sa.BigInteger(), nullable=True))
    op.add_column("delivery", sa.Column("comment_id", sa.BigInteger(), nullable=True))
    op.add_column("delivery", _text("reply_to", 254, default=""))
    op.add_column("delivery", _text("in_reply_to", 300, default=""))
    op.alter_column("delivery", "references", type_=sa.Text(), existing_nullable=False)
    op.create_index("ix_delivery_message_id", "delivery", ["organization_id", "message_id"])


def downgrade() -> None:
    op.drop_index("ix_delivery_message_id", table_name="delivery")
    op.execute('ALTER TABLE delivery ALTER COLUMN "references" TYPE varchar(1000) USING left("references", 1000)')
    for column in ("in_reply_to", "reply_to", "comment_id", "mailbox_id"):
        op.drop_column("delivery", column)
    for table, column in (("person", "bounce_reason"), ("person", "bounced_at"), ("attachment", "is_within"), ("ticket", "mailbox_id")):  # fmt: skip
        op.drop_column(table, column)
    for table in reversed(TABLES):
        op.drop_table(table)
