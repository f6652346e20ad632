"""The tenant and its settings."""

from sqlalchemy import BigInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from helpdesk.models.base import Moment, key, moment


class Organization(SQLModel, table=True):
    """A company that runs its help desk here."""

    id: int = key()
    slug: str = Field(max_length=63, unique=True)
    name: str = Field(max_length=200)
    reference_prefix: str = Field(max_length=8)
    timezone: str = Field(default="UTC", max_length=64)
    accent: str = Field(default="indigo", max_length=20)
    is_active: bool = True
    public_form: bool = True
    auto_close_hours: int = 48
    # Hours after which a ticket waiting on its customer closes by itself, 0: never; how long before they are told, and
    # the slug of the status that says so.
    waiting_close_hours: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    waiting_notice_hours: int = Field(default=24, sa_column_kwargs={"server_default": text("24")})
    waiting_status: str = Field(
        default="waiting_on_customer", max_length=40, sa_column_kwargs={"server_default": text("'waiting_on_customer'")}
    )
    # Whether new requests are answered with articles that fit.
    answers_with_articles: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    # Seconds a reply waits after Send, to be taken back; 0: it leaves at once.
    undo_seconds: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    # How long mails are kept as they came; 0: for good.
    keep_originals_days: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    # Whether customers see that somebody is writing to them.
    shows_typing: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    warning_share: int = 80
    # Minutes without doing anything after which somebody available counts as away; 0: never.
    away_after_minutes: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    # Whether tickets are escalated by themselves.
    escalates: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    # Up to which ticket changed escalation policies have been looked at with; nothing: all are.
    escalations_reviewed: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    # The storage's key of the logo, and what kind of picture it is; empty for the desk's own.
    logo_key: str = Field(default="", max_length=80)
    logo_type: str = Field(default="", max_length=40)
    # What people may attach, within what the deployment allows; 0 and nothing: all of that.
    attachment_megabytes: int = 0
    attachment_types: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    # How many files go with a message, and how many megabytes all of them may fill; 0: any number.
    attachments_per_message: int = Field(default=20, sa_column_kwargs={"server_default": text("20")})
    storage_megabytes: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    # When customers are asked how the help was (resolved, closed, never), by stars or thumbs, how many hours later, and
    # how many days after that once more; 0: not again.
    csat_after: str = Field(default="resolved", max_length=10, sa_column_kwargs={"server_default": text("'resolved'")})
    csat_style: str = Field(default="stars", max_length=10, sa_column_kwargs={"server_default": text("'stars'")})
    csat_delay_hours: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    csat_reminder_days: int = Field(default=3, sa_column_kwargs={"server_default": text("3")})
    # Roles that sign in with a code as well; who has none yet sets it up before anything else.
    two_factor_roles: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    # Keys of `domain.notices.SWITCHES` nobody is told of.
    notices_off: list[str] = Field(
        default_factory=list, sa_type=ARRAY(Text), sa_column_kwargs={"server_default": text("'{}'")}
    )
    # Raised by every change of statuses, priorities, categories, teams, tags or policies: processes keep the catalog
    # in memory under this number.
    catalog_version: int = 1
    # Up to which ticket the words of titles have been learned (services/search.py).
    words_learned: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    created_at: Moment = moment(null=False)
