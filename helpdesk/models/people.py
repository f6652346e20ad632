"""People, their companies, teams, sessions and tries to sign in."""

from sqlalchemy import BigInteger, Column, Computed, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from helpdesk.models.base import Address, Moment, Tenant, key, key_of, link_to, moment

# What an address or a number has in common with others of the same person: the local part without dots and tags, the
# last eight digits. Kept, because row-level security would keep PostgreSQL from an index on the expression.
MAIL_KEY = "translate(split_part(split_part(lower(email::text), '@', 1), '+', 1), '.-_', '')"
PHONE_KEY = "\"right\"(regexp_replace(phone::text, '[^0-9]', '', 'g'), 8)"

# What customers are found by, any part of it.
WORDS = "lower(name || ' ' || email || ' ' || phone)"


class Company(Tenant, table=True):
    """A customer's employer."""

    __table_args__ = (UniqueConstraint("organization_id", "name"),)
    id: int = key()
    name: str = Field(max_length=200)
    # Who registers with an address at one of these belongs to the company.
    domains: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    created_at: Moment = moment(null=False)


class Site(Tenant, table=True):
    """One of a company's places."""

    __table_args__ = (Index(None, "organization_id", "company_id"),)
    id: int = key()
    company_id: int = link_to("company.id", ondelete="CASCADE")
    name: str = Field(max_length=200)
    address: str = Field(default="", max_length=500)


class Person(Tenant, table=True):
    """Someone with an account: customer or staff."""

    __table_args__ = (
        Index("uq_person_email", "organization_id", "email", unique=True),
        Index(None, "organization_id", "role", "name"),
        Index(None, "organization_id", "company_id"),
        Index(
            "ix_person_available",
            "organization_id",
            text("last_assigned_at NULLS FIRST"),
            "id",
            postgresql_where=text("availability = 'available' AND is_active"),
        ),
        Index(
            "ix_person_source",
            "organization_id",
            "source",
            "remote_id",
            unique=True,
            postgresql_where=text("remote_id IS NOT NULL"),
        ),
        Index("ix_person_digest", "organization_id", postgresql_where=text("digest_at <> ''")),
        Index("ix_person_customers", "organization_id", "name", "id", postgresql_where=text("role = 'customer' AND merged_into_id IS NULL")),
        Index("ix_person_merged", "organization_id", "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
        # Of customers alone: an agent's row changes with every ticket they are given, and would be entered anew in each.
        Index("ix_person_mail_key", "organization_id", "mail_key", postgresql_where=text("role = 'customer'")),
        Index("ix_person_phone_key", "organization_id", "phone_key", postgresql_where=text("role = 'customer' AND phone_key <> ''")),
        Index("ix_person_words", "organization_id", text(f"{WORDS} gin_trgm_ops"), postgresql_using="gin", postgresql_where=text("role = 'customer'")),
    )  # fmt: skip
    id: int = key()
    email: str = Field(sa_type=Address)
    name: str = Field(max_length=200)
    role: str = Field(max_length=20)
    is_active: bool = True
    password_hash: str | None = Field(default=None, max_length=255)
    phone: str = Field(default="", max_length=40)
    job_title: str = Field(default="", max_length=120)
    department: str = Field(default="", max_length=120)
    address: str = Field(default="", max_length=500)
    # Where the picture lies; the beginning of the key is its version in addresses.
    picture_key: str = Field(default="", max_length=80)
    picture_type: str = Field(default="", max_length=20)
    timezone: str = Field(default="UTC", max_length=64)
    # They came in with another house's account and have yet to say who they are.
    must_complete: bool = False
    theme: str = Field(default="system", max_length=10)
    # Whether a letter alone does something; dictation and a slip of the hand press letters, too.
    single_keys: bool = True
    wants_mail: bool = True
    # Where they differ from what is usual (`domain.notices`): "mail.mention" -> whether they want it.
    notice_choices: dict[str, bool] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": text("'{}'")}
    )
    # Times of day in their zone, "22:00"; nothing: none. Mail and pushes wait until quiet hours end.
    quiet_from: str = Field(default="", max_length=5, sa_column_kwargs={"server_default": text("''")})
    quiet_until: str = Field(default="", max_length=5, sa_column_kwargs={"server_default": text("''")})
    digest_at: str = Field(default="", max_length=5, sa_column_kwargs={"server_default": text("''")})
    digest_sent_at: Moment | None = moment()
    # Since when mail to them comes back, and what their server says. Nothing about tickets is sent to them meanwhile.
    bounced_at: Moment | None = moment()
    bounce_reason: str = Field(default="", max_length=300, sa_column_kwargs={"server_default": ""})
    company_id: int | None = link_to("company.id", null=True, ondelete="SET NULL")
    site_id: int | None = link_to("site.id", null=True, ondelete="SET NULL")
    is_company_manager: bool = False
    availability: str = Field(default="offline", max_length=10)
    available_since: Moment | None = moment()
    capacity: int = 20
    # Working hours; without them they work whenever they say so.
    calendar_id: int | None = link_to("business_calendar.id", null=True, ondelete="SET NULL")
    last_assigned_at: Moment | None = moment()
    failed_sign_ins: int = 0
    locked_until: Moment | None = moment()
    last_seen_at: Moment | None = moment()
    source: str | None = Field(default=None, max_length=60)
    remote_id: str | None = Field(default=None, max_length=120)
    # Whose other account this turned out to be: it is closed, and its address leads there.
    merged_into_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    mail_key: str | None = Field(
        default=None, sa_column=Column(Text, Computed(MAIL_KEY, persisted=True), nullable=True)
    )
    phone_key: str | None = Field(
        default=None, sa_column=Column(Text, Computed(PHONE_KEY, persisted=True), nullable=True)
    )
    created_at: Moment = moment(null=False)
    updated_at: Moment = moment(null=False)


class Team(Tenant, table=True):
    """Agents who share a queue."""

    __table_args__ = (UniqueConstraint("organization_id", "name"),)
    id: int = key()
    name: str = Field(max_length=120)
    strategy: str = Field(default="round_robin", max_length=20)
    is_active: bool = True
    # Whether the open tickets of a member who goes away wait for somebody else.
    hands_back: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    # What everybody must be able to do who is given one of its tickets by skill.
    skill_ids: list[int] = Field(
        default_factory=list, sa_type=ARRAY(BigInteger), sa_column_kwargs={"server_default": text("'{}'")}
    )
    created_at: Moment = moment(null=False)


class TeamMember(Tenant, table=True):
    """An agent's place in a team."""

    __tablename__ = "team_member"
    __table_args__ = (Index(None, "organization_id", "person_id"),)
    team_id: int = key_of("team.id")
    person_id: int = key_of("person.id")
    is_lead: bool = False


class Skill(Tenant, table=True):
    """Something an agent can do."""

    __table_args__ = (UniqueConstraint("organization_id", "name"),)
    id: int = key()
    name: str = Field(max_length=60)


class PersonSkill(Tenant, table=True):
    """An agent can do it."""

    __tablename__ = "person_skill"
    __table_args__ = (Index(None, "organization_id", "skill_id"),)
    person_id: int = key_of("person.id")
    skill_id: int = key_of("skill.id")


class SignInSession(Tenant, table=True):
    """A signed-in browser. Only a hash of its token is kept."""

    __tablename__ = "sign_in_session"
    __table_args__ = (
        Index(None, "organization_id", "person_id"),
        UniqueConstraint("organization_id", "token_hash"),
    )
    id: int = key()
    person_id: int = link_to("person.id", ondelete="CASCADE")
    token_hash: str = Field(max_length=64)
    address: str = Field(default="", max_length=64)
    user_agent: str = Field(default="", max_length=300)
    remember: bool = False
    created_at: Moment = moment(null=False)
    last_seen_at: Moment = moment(null=False)
    # When they last did something; a page that only shows what is new keeps a session, but nobody need sit before it.
    active_at: Moment | None = moment()
    expires_at: Moment = moment(null=False)
    ended_at: Moment | None = moment()
    # A program's: the name of the one refresh token that counts. Any other of this session was used before.
    refresh_key: str | None = Field(default=None, max_length=64)


class SignInAttempt(Tenant, table=True):
    """The login audit log: every try, with its outcome."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index(None, "organization_id", "id"),)
    id: int = key()
    person_id: int | None = link_to("person.id", null=True, ondelete="SET NULL")
    email: str = Field(max_length=254)
    outcome: str = Field(max_length=20)
    address: str = Field(default="", max_length=64)
    user_agent: str = Field(default="", max_length=300)
    at: Moment = moment(null=False)


class PasswordReset(Tenant, table=True):
    """A link that lets someone choose a new password, once."""

    __tablename__ = "password_reset"
    __table_args__ = (UniqueConstraint("organization_id", "token_hash"),)
    id: int = key()
    person_id: int = link_to("person.id", ondelete="CASCADE")
    token_hash: str = Field(max_length=64)
    created_at: Moment = moment(null=False)
    expires_at: Moment = moment(null=False)
    used_at: Moment | None = moment()


class SecondFactor(Tenant, table=True):
    """What somebody's authenticator app shares with the desk, sealed. It counts once it is confirmed."""

    __tablename__ = "second_factor"
    __table_args__ = (Index(None, "organization_id", "person_id"),)
    person_id: int = key_of("person.id")
    sealed_secret: str = Field(max_length=300)
    # The last half minute whose code was used; none counts twice.
    last_step: int = Field(default=0, sa_type=BigInteger)
    created_at: Moment = moment(null=False)
    confirmed_at: Moment | None = moment()


class RecoveryCode(Tenant, table=True):
    """A way in when the app is lost, once. Only a hash is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("organization_id", "person_id", "code_hash"),)
    id: int = key()
    person_id: int = link_to("person.id", ondelete="CASCADE")
    code_hash: str = Field(max_length=64)
    created_at: Moment = moment(null=False)
    used_at: Moment | None = moment()


class SecondStep(Tenant, table=True):
    """Somebody between the right password and the code. It opens nothing."""

    __tablename__ = "second_step"
    __table_args__ = (
        Index(None, "organization_id", "person_id"),
        UniqueConstraint("organization_id", "token_hash"),
    )
    id: int = key()
    person_id: int = link_to("person.id", ondelete="CASCADE")
    token_hash: str = Field(max_length=64)
    remember: bool = False
    tries: int = 0
    created_at: Moment = moment(null=False)
    expires_at: Moment = moment(null=False)
    used_at: Moment | None = moment()


class Registration(Tenant, table=True):
    """Somebody who wants an account and has yet to prove that the address is theirs. Nobody sees them before."""

    __table_args__ = (
        Index(None, "organization_id", "email"),
        UniqueConstraint("organization_id", "token_hash"),
    )
    id: int = key()
    email: str = Field(max_length=254)
    name: str = Field(max_length=200)
    password_hash: str = Field(max_length=255)
    token_hash: str = Field(max_length=64)
    tries: int = 0
    created_at: Moment = moment(null=False)
    expires_at: Moment = moment(null=False)


class IdentityProvider(Tenant, table=True):
    """Another house whose accounts open this desk. Its secret is sealed."""

    __tablename__ = "identity_provider"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)
    id: int = key()
    kind: str = Field(max_length=20)
    name: str = Field(max_length=60)
    issuer: str = Field(max_length=300)
    client_id: str = Field(max_length=300)
    sealed_secret: str = Field(max_length=1000)
    is_active: bool = False
    position: int = 0
    created_at: Moment = moment(null=False)


class Identity(Tenant, table=True):
    """Somebody's account at a provider. The subject is the provider's name for them, which never changes."""

    __table_args__ = (
        Index("uq_identity_subject", "organization_id", "provider_id", "subject", unique=True),
        Index("uq_identity_person", "organization_id", "person_id", "provider_id", unique=True),
    )
    id: int = key()
    provider_id: int = link_to("identity_provider.id", ondelete="CASCADE")
    person_id: int = link_to("person.id", ondelete="CASCADE")
    subject: str = Field(max_length=255)
    # As the provider said it when they were linked.
    email: str = Field(max_length=254)
    created_at: Moment = moment(null=False)
    last_used_at: Moment | None = moment()
