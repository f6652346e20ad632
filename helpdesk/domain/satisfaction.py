"""When customers are asked how the help was, until when they may say, and what counts as bad."""

from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk.domain.tickets import StatusCategory


class AskAfter(StrEnum):
    """What has to have happened to a ticket."""

    RESOLVED = "resolved"
    CLOSED = "closed"
    NEVER = "never"


class RatingStyle(StrEnum):
    """What customers choose among."""

    STARS = "stars"
    THUMBS = "thumbs"


# A link in a mail is good for so long, and once.
LINK_GOOD = timedelta(days=14)
# A rating can be changed on the request's page for so long after it was first given.
CHANGE_WINDOW = timedelta(days=7)
# Managers are told of ratings up to this one.
LOW = 2
# What counts as satisfied.
GOOD = 4
WORDS = {1: "Bad", 2: "Not good", 3: "Okay", 4: "Good", 5: "Great"}
# Thumbs are kept as the ends of the same scale.
THUMBS = {5: "Good", 1: "Not good"}
MOST_DELAY_HOURS = 30 * 24
MOST_REMINDER_DAYS = 13  # before the link expires


def may_rate(category: StatusCategory, after: AskAfter) -> bool:
    """Whether a ticket with this status can be rated."""
    if after is AskAfter.NEVER:
        return False
    done = (StatusCategory.CLOSED,) if after is AskAfter.CLOSED else (StatusCategory.RESOLVED, StatusCategory.CLOSED)
    return category in done


def may_change(rated_at: datetime | None, now: datetime) -> bool:
    """Whether a rating can (still) be given or changed."""
    return rated_at is None or now - rated_at <= CHANGE_WINDOW


def choices(style: RatingStyle) -> dict[int, str]:
    """What a customer chooses among, best first: score -> word."""
    return THUMBS if style is RatingStyle.THUMBS else dict(sorted(WORDS.items(), reverse=True))
