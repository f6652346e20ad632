"""Who pages and handlers are for. Coarse on purpose: what somebody may do to which ticket is decided in the verbs."""

from enum import StrEnum
from urllib.parse import urlsplit

from helpdesk.domain.people import STAFF, Actor, Role

SIGN_IN = "/login"
FORBIDDEN = "/forbidden"
ENROL = "/two-factor"
WELCOME = "/welcome"


class Kind(StrEnum):
    """Who a page or a handler is for."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    # Signed in, also before what their account lacks is done: a second factor, a profile.
    ENROLLING = "enrolling"
    CUSTOMER = "customer"
    STAFF = "staff"
    MANAGER = "manager"
    ADMIN = "admin"


ROLES: dict[Kind, frozenset[Role]] = {
    Kind.SIGNED_IN: frozenset(Role),
    Kind.ENROLLING: frozenset(Role),
    Kind.CUSTOMER: frozenset({Role.CUSTOMER}),
    Kind.STAFF: STAFF,
    Kind.MANAGER: frozenset({Role.MANAGER, Role.EXECUTIVE, Role.ADMIN, Role.SUPERADMIN}),
    Kind.ADMIN: frozenset({Role.ADMIN, Role.SUPERADMIN}),
}
_HOMES: dict[Role, str] = {Role.CUSTOMER: "/", Role.MANAGER: "/manager", Role.EXECUTIVE: "/manager"}


def allows(kind: Kind, actor: Actor) -> bool:
    """Whether something for `kind` is for this actor."""
    if actor.is_held and kind not in (Kind.PUBLIC, Kind.ENROLLING):
        return False
    return kind is Kind.PUBLIC or actor.role in ROLES[kind]


def home(actor: Actor) -> str:
    """Where somebody starts after signing in."""
    if actor.is_held:
        return ENROL if actor.must_enrol else WELCOME
    return SIGN_IN if actor.role is None else _HOMES.get(actor.role, "/agent")


def instead(kind: Kind, actor: Actor) -> str:
    """Where somebody signed in is sent who asks for a page that is not for them. Customers and staff have houses of
    their own; somebody of the staff is told that this room is not theirs."""
    if actor.is_held:
        return home(actor)
    is_other_house = actor.is_customer or kind is Kind.CUSTOMER
    return home(actor) if is_other_house else FORBIDDEN


def local(path: str) -> str:
    """A path on this very site, or nothing: `next` comes from the address, which anybody can write."""
    try:
        parts = urlsplit(path)
    except ValueError:
        return ""  # such as //[
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return path if is_ours and path.isprintable() and "\\" not in path else ""
