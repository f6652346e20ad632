"""Mailboxes, and every mail that came into one, as it came."""

from sqlalchemy import BigInteger, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field

from helpdesk.models.base import Moment, Tenant, key, link_to, moment


class Mailbox(Tenant, table=True):
    """An address people write to. Secrets are sealed; where nothing is said about sending, the desk's own server sends."""

    __table_args__ = (UniqueConstraint("organization_id", "address"),)
    id: int = key()
    address: str = Field(max_length=254)
    name: str = Field(max_length=120)
    team_id: int | None = link_to("team.id", null=True, ondelete="SET NULL")
    category_id: int | None = link_to("category.id", null=True, ondelete="SET NULL")
    priority_id: int | None = link_to("priority.id", null=True, ondelete="SET NULL")
    signature: str = Field(default="", max_length=2000)
    allows_strangers: bool = True
    is_active: bool = True
    # Whose Authentication-Results count, by the name it signs them with.
    trusted_server: str = Field(default="", max_length=200)
    imap_host: str = Field(default="", max_length=200)
    imap_port: int = 993
    imap_tls: str = Field(default="tls", max_length=10)
    imap_user: str = Field(default="", max_length=254)
    imap_folder: str = Field(default="INBOX", max_length=200)
    # A password, or with a token address the refresh token and the client's secret as JSON.
    sealed_imap_secret: str = Field(default="", sa_type=Text)
    token_address: str = Field(default="", max_length=500)
    client_id: str = Field(default="", max_length=300)
    smtp_host: str = Field(default="", max_length=200)
    smtp_port: int = 587
    smtp_tls: str = Field(default="starttls", max_length=10)
    smtp_user: str = Field(default="", max_length=254)
    sealed_smtp_secret: str = Field(default="", sa_type=Text)
    # What providers sign with who hand mail over by themselves.
    sealed_hook_secret: str = Field(default="", sa_type=Text)
    # Where reading has come to: nothing at or below `last_uid` is new, as long as the folder is the same one.
    uid_validity: int = Field(default=0, sa_type=BigInteger)
    last_uid: int = Field(default=0, sa_type=BigInteger)
    polling_until: Moment | None = moment()
    next_poll_at: Moment | None = moment()
    succeeded_at: Moment | None = moment()
    failed_at: Moment | None = moment()
    failures: int = 0
    last_error: str = Field(default="", max_length=500)
    created_at: Moment = moment(null=False)
    updated_at: Moment = moment(null=False)


class InboundMail(Tenant, table=True):
    """A mail as it came, kept before anybody tries to understand it; each Message-ID once."""

    __tablename__ = "inbound_mail"
    __table_args__ = (
        UniqueConstraint("organization_id", "message_id"),
        Index(None, "organization_id", "id"),
        Index("ix_inbound_mail_ticket", "organization_id", "ticket_id", postgresql_where=text("ticket_id IS NOT NULL")),
        Index("ix_inbound_mail_sender", "organization_id", "from_address", "received_at"),
        Index(
            "ix_inbound_mail_original", "organization_id", "received_at", postgresql_where=text("forgotten_at IS NULL")
        ),
        Index("ix_inbound_mail_due", "next_try_at", postgresql_where=text("next_try_at IS NOT NULL")),
    )
    id: int = key()
    mailbox_id: int | None = link_to("mailbox.id", null=True, ondelete="SET NULL")
    # Without brackets; a digest of the mail when it has none.
    message_id: str = Field(max_length=300)
    door: str = Field(max_length=10)
    raw: bytes = Field(sa_type=LargeBinary)
    size: int = 0
    from_address: str = Field(default="", max_length=254)
    from_name: str = Field(default="", max_length=200)
    subject: str = Field(default="", max_length=500)
    state: str = Field(max_length=12)
    # Why it was ignored, in a sentence; why it could not be read.
    reason: str = Field(default="", max_length=500)
    error: str = Field(default="", max_length=500)
    tries: int = 0
    next_try_at: Moment | None = moment()
    # Written by a program: whatever becomes of it, the desk does not answer by itself.
    is_automatic: bool = False
    ticket_id: int | None = link_to("ticket.id", null=True, ondelete="SET NULL")
    comment_id: int | None = link_to("comment.id", null=True, ondelete="SET NULL")
    received_at: Moment = moment(null=False)
    understood_at: Moment | None = moment()
    # When its bytes were forgotten, as the organization wishes; `raw` is empty since.
    forgotten_at: Moment | None = moment()
