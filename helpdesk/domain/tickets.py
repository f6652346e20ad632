"""What a ticket is: its closed sets, its reference, and which status may follow which."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

TITLE_LENGTH = 300
BODY_LENGTH = 100_000
# So long may a comment be corrected by who wrote it; what it said before is kept.
EDIT_WINDOW = timedelta(minutes=15)
# So long can a deleted ticket be restored.
TRASH_KEPT = timedelta(days=30)
# No 0/O, 1/I/L, U/V: a reference survives being read out over the phone.
REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"
REFERENCE_LENGTH = 6


class StatusCategory(StrEnum):
    """What rules bind to; statuses are an organization's own rows in one of these."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    RESOLVED = "resolved"
    CLOSED = "closed"


OPEN_CATEGORIES = (StatusCategory.NEW, StatusCategory.OPEN, StatusCategory.PENDING)
DONE_CATEGORIES = (StatusCategory.RESOLVED, StatusCategory.CLOSED)


class Channel(StrEnum):
    """How a ticket or comment came in."""

    WEB = "web"
    EMAIL = "email"
    API = "api"
    PHONE = "phone"
    CHAT = "chat"
    MOBILE = "mobile"


class CommentKind(StrEnum):
    """A public answer, an internal note, or a line written by the desk."""

    REPLY = "reply"
    NOTE = "note"
    SYSTEM = "system"


class Strategy(StrEnum):
    """How a team's tickets find an agent."""

    MANUAL = "manual"
    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"
    SKILL = "skill"


# What may follow what, by category. Staff move freely except out of closed, which only reopens.
STAFF_TRANSITIONS: dict[StatusCategory, frozenset[StatusCategory]] = {
    StatusCategory.NEW: frozenset(StatusCategory) - {StatusCategory.NEW},
    StatusCategory.OPEN: frozenset(StatusCategory) - {StatusCategory.NEW},
    StatusCategory.PENDING: frozenset(StatusCategory) - {StatusCategory.NEW},
    StatusCategory.RESOLVED: frozenset({StatusCategory.OPEN, StatusCategory.CLOSED}),
    StatusCategory.CLOSED: frozenset({StatusCategory.OPEN}),
}
# Customers may confirm a solution, say that it is solved, and reopen what was resolved.
CUSTOMER_TRANSITIONS: dict[StatusCategory, frozenset[StatusCategory]] = {
    StatusCategory.NEW: frozenset({StatusCategory.RESOLVED}),
    StatusCategory.OPEN: frozenset({StatusCategory.RESOLVED}),
    StatusCategory.PENDING: frozenset({StatusCategory.RESOLVED}),
    StatusCategory.RESOLVED: frozenset({StatusCategory.OPEN, StatusCategory.CLOSED}),
    StatusCategory.CLOSED: frozenset(),
}


def may_follow(current: StatusCategory, target: StatusCategory, *, for_staff: bool) -> bool:
    """Whether a ticket may go from one status category to another; within a category only staff move."""
    if current is target:
        return for_staff
    table = STAFF_TRANSITIONS if for_staff else CUSTOMER_TRANSITIONS
    return target in table[current]


def new_reference(prefix: str) -> str:
    """A fresh reference such as ACME-7K3F9Q; unique only once the database has accepted it."""
    # One number for all places: asking the system for chance lets other threads go first, each time.
    number, places = secrets.randbelow(len(REFERENCE_ALPHABET) ** REFERENCE_LENGTH), ""
    for _ in range(REFERENCE_LENGTH):
        number, place = divmod(number, len(REFERENCE_ALPHABET))
        places += REFERENCE_ALPHABET[place]
    return f"{prefix}-{places}"


@dataclass(frozen=True, slots=True)
class SeedStatus:
    """A status every new organization starts with."""

    slug: str
    label: str
    customer_label: str
    category: StatusCategory
    colour: str
    aliases: tuple[str, ...] = ()


SEED_STATUSES = (
    SeedStatus("new", "New", "Received", StatusCategory.NEW, "blue"),
    SeedStatus("open", "Open", "In progress", StatusCategory.OPEN, "teal", ("assigned",)),
    SeedStatus("in_progress", "In progress", "In progress", StatusCategory.OPEN, "teal"),
    SeedStatus("waiting_on_customer", "Waiting on customer", "Waiting for you", StatusCategory.PENDING, "amber", ("pending", "waiting")),
    SeedStatus("on_hold", "On hold", "On hold", StatusCategory.PENDING, "gray"),
    SeedStatus("reopened", "Reopened", "In progress", StatusCategory.OPEN, "orange"),
    SeedStatus("resolved", "Resolved", "Resolved", StatusCategory.RESOLVED, "green"),
    SeedStatus("closed", "Closed", "Closed", StatusCategory.CLOSED, "gray"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SeedPriority:
    """A priority every new organization starts with."""

    slug: str
    label: str
    rank: int
    colour: str
    aliases: tuple[str, ...] = ()


SEED_PRIORITIES = (
    SeedPriority("low", "Low", 1, "gray"),
    SeedPriority("medium", "Medium", 2, "blue", ("normal",)),
    SeedPriority("high", "High", 3, "orange"),
    SeedPriority("urgent", "Urgent", 4, "red", ("critical", "p1")),
)
