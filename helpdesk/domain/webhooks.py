"""Webhooks: what can be subscribed to, how a call is signed, when it is tried again and when an endpoint is given up. Pure."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Invalid

_K = ActivityKind
# What an endpoint can hear of, and how people call it.
KINDS: dict[ActivityKind, str] = {
    _K.TICKET_CREATED: "A ticket is created",
    _K.TICKET_REPLIED: "Somebody replies",
    _K.TICKET_NOTED: "Somebody adds a note",
    _K.TICKET_ASSIGNED: "A ticket is assigned",
    _K.TICKET_UNASSIGNED: "A ticket is taken from somebody",
    _K.TICKET_TEAM_CHANGED: "The team changes",
    _K.TICKET_STATUS_CHANGED: "The status changes",
    _K.TICKET_PRIORITY_CHANGED: "The priority changes",
    _K.TICKET_CATEGORY_CHANGED: "The category changes",
    _K.TICKET_TAGS_CHANGED: "The tags change",
    _K.TICKET_TITLE_CHANGED: "The subject changes",
    _K.TICKET_FIELD_CHANGED: "A custom field changes",
    _K.TICKET_DUE_CHANGED: "The due date changes",
    _K.TICKET_ESCALATED: "A ticket is escalated",
    _K.TICKET_DEESCALATED: "An escalation is taken back",
    _K.TICKET_MERGED: "A ticket is merged into another one",
    _K.TICKET_RATED: "The customer rates the help",
    _K.SLA_WARNING: "A deadline comes near",
    _K.SLA_BREACHED: "A deadline is missed",
    _K.SLA_MET: "A promise is kept",
}
TEST = "test"
SIGNATURE, MOMENT, KIND, NUMBER = (
    "X-Helpdesk-Signature",
    "X-Helpdesk-Timestamp",
    "X-Helpdesk-Kind",
    "X-Helpdesk-Delivery",
)

_PAUSES = tuple(timedelta(minutes=one) for one in (1, 5, 15, 60, 180, 360, 720))
MOST_ATTEMPTS = len(_PAUSES) + 1
MOST_FAILURES = 20
LONGEST_FAILING = timedelta(days=1)


def sign(secret: str, moment: int, body: bytes) -> str:
    """The signature of a call: HMAC-SHA256 over "<seconds since 1970>.<body>", in hex, after "v1=".

    The moment is inside, so that a call somebody has overheard is of no use later.
    """
    return "v1=" + hmac.new(secret.encode(), str(moment).encode() + b"." + body, hashlib.sha256).hexdigest()


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many failed attempts; None: that was the last one."""
    return now + _PAUSES[attempts - 1] if attempts < MOST_ATTEMPTS else None


def is_given_up(failures: int, failing_since: datetime | None, now: datetime) -> bool:
    """Whether an endpoint has failed so often, and for so long, that calling it makes no sense any more."""
    return failures >= MOST_FAILURES and failing_since is not None and now - failing_since >= LONGEST_FAILING


def checked_kinds(given: Sequence[str]) -> list[str]:
    """Kinds of activity an endpoint can hear of, in their order.

    Raises:
        Invalid: one it cannot.
    """
    if unknown := [one for one in given if one not in tuple(KINDS)]:
        raise Invalid(kinds=f"There is nothing called “{str(unknown[0])[:60]}” to hear of.")
    return [kind.value for kind in KINDS if kind in given]
