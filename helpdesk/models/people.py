"""People, their companies, teams, sessions and tries to sign in."""

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from helpdesk.models.base import Moment, Tenant, key, key_of, link_to, moment


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
        Index("uq_person_email", "organization_id", text("lower(email)"), unique=True),
        Index(None, "organization_id", "role", "name"),
        Index(None, "organization_id", "company_id"),
        Index(
            "ix_person_available",
            "organization_id",
            "last_assigned_at",
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
    )
    id: int = key()
    email: str = Field(max_length=254)
    name: str = Field(max_length=200)
    role: str = Field(max_length=20)
    is_active: bool = True
    password_hash: str | None = Field(default=None, max_length=255)
    phone: str = Field(default="", max_length=40)
    job_title: str = Field(default="", max_length=120)
    timezone: str = Field(default="UTC", max_length=64)
    theme: str = Field(default="system", max_length=10)
    wants_mail: bool = True
    company_id: int | None = link_to("company.id", null=True, ondelete="SET NULL")
    site_id: int | None = link_to("site.id", null=True, ondelete="SET NULL")
    is_company_manager: bool = False
    availability: str = Field(default="offline", max_length=10)
    available_since: Moment | None = moment()
    capacity: int = 20
    last_assigned_at: Moment | None = moment()
    failed_sign_ins: int = 0
    locked_until: Moment | None = moment()
    last_seen_at: Moment | None = moment()
    source: str | None = Field(default=None, max_length=60)
    remote_id: str | None = Field(default=None, max_length=120)
    created_at: Moment = moment(null=False)
    updated_at: Moment = moment(null=False)


class Team(Tenant, table=True):
    """Agents who share a queue."""

    __table_args__ = (UniqueConstraint("organization_id", "name"),)
    id: int = key()
    name: str = Field(max_length=120)
    strategy: str = Field(default="round_robin", max_length=20)
    is_active: bool = True
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
    expires_at: Moment = moment(null=False)
    ended_at: Moment | None = moment()


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
