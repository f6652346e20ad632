"""Who acts: roles and actors."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Role(StrEnum):
    """What a person is at the desk, from the portal up to the owner."""

    CUSTOMER = "customer"
    AGENT = "agent"
    TECHNICIAN = "technician"
    MANAGER = "manager"
    EXECUTIVE = "executive"
    ADMIN = "admin"
    SUPERADMIN = "superadmin"


STAFF = frozenset(Role) - {Role.CUSTOMER}
# Who a ticket can be given to.
ASSIGNABLE = frozenset({Role.AGENT, Role.TECHNICIAN, Role.MANAGER, Role.ADMIN, Role.SUPERADMIN})
# Who sees every ticket of the organization.
SEES_ALL = frozenset({Role.MANAGER, Role.EXECUTIVE, Role.ADMIN, Role.SUPERADMIN})


class Availability(StrEnum):
    """Whether routing may give someone a ticket."""

    AVAILABLE = "available"
    AWAY = "away"
    OFFLINE = "offline"


class ActorKind(StrEnum):
    """What kind of someone did it."""

    PERSON = "person"
    SYSTEM = "system"
    RULE = "rule"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever does something: a signed-in person, the desk itself, a rule, or a visitor.

    `team_ids` and `company_id` decide what an agent or a company manager may see; both are read when the session is
    looked up, so a change takes effect within seconds.
    """

    kind: ActorKind
    organization_id: int
    person_id: int | None = None
    name: str = ""
    role: Role | None = None
    timezone: str = "UTC"
    team_ids: tuple[int, ...] = ()
    company_id: int | None = None
    is_company_manager: bool = False
    session_id: int | None = None
    # Their role signs in with a second factor and they have none: until they do, only their own account is open.
    must_enrol: bool = False
    # They came in with another house's account and have yet to say who they are: the same.
    must_complete: bool = False
    # A program acts with a token of theirs, which may do this much of what their role may; None: everything.
    scope: frozenset[str] | None = None
    token_id: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether something has to be done about their account before anything else is open to them."""
        return self.must_enrol or self.must_complete

    @property
    def is_staff(self) -> bool:
        """Whether this is one of the people who work here."""
        return self.role in STAFF

    @property
    def is_customer(self) -> bool:
        """Whether this is a person of the portal."""
        return self.role is Role.CUSTOMER

    @property
    def is_desk(self) -> bool:
        """Whether the desk itself acts (sweeps, jobs, rules), which may do everything."""
        return self.kind in (ActorKind.SYSTEM, ActorKind.RULE)

    def with_role(self, role: Role) -> "Actor":
        """The same person in another role."""
        return replace(self, role=role)


def system(organization_id: int, name: str = "The desk") -> Actor:
    """The desk itself, acting in one organization."""
    return Actor(ActorKind.SYSTEM, organization_id, name=name)


def rule(organization_id: int, name: str) -> Actor:
    """A rule of the organization, acting by itself."""
    return Actor(ActorKind.RULE, organization_id, name=f"Rule “{name}”")


def anonymous(organization_id: int) -> Actor:
    """A visitor nobody knows."""
    return Actor(ActorKind.ANONYMOUS, organization_id, name="Visitor")


def initials(name: str) -> str:
    """One or two capital letters for an avatar."""
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
