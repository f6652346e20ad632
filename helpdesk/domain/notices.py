"""What people can be told of, by which ways, and what they can do without. A letter with a secret is none of these."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from helpdesk.domain.errors import Invalid


class NoticeKind(StrEnum):
    """What a notification is about."""

    TICKET_CREATED = "ticket_created"
    TICKET_ASSIGNED = "ticket_assigned"
    TICKET_UPDATED = "ticket_updated"
    TICKET_RESOLVED = "ticket_resolved"
    COMMENT_ADDED = "comment_added"
    STATUS_CHANGE = "status_change"
    PRIORITY_CHANGE = "priority_change"
    SLA_WARNING = "sla_warning"
    SLA_BREACH = "sla_breach"
    ESCALATION = "escalation"
    MENTION = "mention"
    AUTOMATION = "automation"
    SYSTEM = "system"


class Channel(StrEnum):
    """A way to reach somebody."""

    IN_APP = "in_app"
    MAIL = "mail"
    PUSH = "push"


CHANNELS: dict[Channel, str] = {Channel.IN_APP: "In the desk", Channel.MAIL: "E-mail", Channel.PUSH: "Browser"}
_K, _C = NoticeKind, Channel
_ALL = frozenset(Channel)
_SEEN = frozenset({Channel.IN_APP})
_READ = frozenset({Channel.IN_APP, Channel.MAIL})


@dataclass(frozen=True, slots=True)
class Notice:
    """A kind of notification in one house: those who work here, or customers.

    Args:
        label: what happened, as the profile page says it.
        usual: the channels it takes as long as nobody chose otherwise.
    """

    kind: NoticeKind
    label: str
    usual: frozenset[Channel]


FOR_STAFF = (
    Notice(_K.TICKET_ASSIGNED, "A ticket is assigned to me", _ALL),
    Notice(_K.COMMENT_ADDED, "A customer answers, or a colleague on what I watch", _ALL),
    Notice(_K.MENTION, "A colleague mentions me", _ALL),
    Notice(_K.TICKET_CREATED, "A ticket comes to my team", _SEEN),
    Notice(_K.TICKET_RESOLVED, "My ticket, or one I watch, is resolved or closed", _READ),
    Notice(_K.STATUS_CHANGE, "The status of my ticket changes", _SEEN),
    Notice(_K.PRIORITY_CHANGE, "The priority of my ticket changes", _SEEN),
    Notice(_K.TICKET_UPDATED, "Something else about a ticket I have or watch changes", _READ),
    Notice(_K.SLA_WARNING, "A promise on my ticket is due soon", _ALL),
    Notice(_K.SLA_BREACH, "A promise is late", _ALL),
    Notice(_K.ESCALATION, "A ticket is escalated to me", _ALL),
    Notice(_K.AUTOMATION, "A rule tells me something", _ALL),
    Notice(_K.SYSTEM, "Something about the desk itself needs care", _READ),
)
FOR_CUSTOMERS = (
    Notice(_K.TICKET_CREATED, "My request has arrived", _READ),
    Notice(_K.TICKET_ASSIGNED, "Somebody takes on my request", _READ),
    Notice(_K.COMMENT_ADDED, "Somebody answers me", _ALL),
    Notice(_K.STATUS_CHANGE, "The status of my request changes", _READ),
    Notice(_K.PRIORITY_CHANGE, "The priority of my request changes", _SEEN),
    Notice(_K.TICKET_RESOLVED, "My request is solved or closed", _ALL),
)
_USUAL = {
    True: {one.kind: one.usual for one in FOR_STAFF},
    False: {one.kind: one.usual for one in FOR_CUSTOMERS},
}
# What an organization can do without altogether: key -> (what it says, kinds).
SWITCHES: dict[str, tuple[str, frozenset[NoticeKind]]] = {
    "assignment": ("Assignments", frozenset({_K.TICKET_ASSIGNED})),
    "comment": ("Comments", frozenset({_K.COMMENT_ADDED})),
    "sla_warning": ("SLA warnings", frozenset({_K.SLA_WARNING})),
    "escalation": ("Escalations", frozenset({_K.ESCALATION})),
}
# Quiet hours are for what can wait; somebody brought in for an escalation is brought in now.
LOUD = frozenset({_K.ESCALATION})


def of_house(*, staff: bool) -> tuple[Notice, ...]:
    """What staff, or customers, can choose."""
    return FOR_STAFF if staff else FOR_CUSTOMERS


def key(channel: Channel, kind: NoticeKind) -> str:
    """How a choice is kept: "mail.mention"."""
    return f"{channel.value}.{kind.value}"


def wants(kind: NoticeKind, channel: Channel, *, staff: bool, choices: Mapping[str, bool]) -> bool:
    """Whether somebody wants to hear of a kind by a channel."""
    chosen = choices.get(key(channel, kind))
    return channel in _USUAL[staff].get(kind, _READ) if chosen is None else chosen


def wanted(*, staff: bool, choices: Mapping[str, bool]) -> frozenset[str]:
    """The keys of everything somebody wants."""
    return frozenset(
        key(channel, one.kind)
        for one in of_house(staff=staff)
        for channel in Channel
        if wants(one.kind, channel, staff=staff, choices=choices)
    )


def chosen(wanted_keys: Iterable[str], *, staff: bool) -> dict[str, bool]:
    """What is kept of a choice: only where it differs from what is usual. Unknown keys are left out."""
    given = set(wanted_keys)
    return {
        name: name in given
        for one in of_house(staff=staff)
        for channel in Channel
        if ((name := key(channel, one.kind)) in given) != (channel in one.usual)
    }


def is_off(kind: NoticeKind, switched_off: Iterable[str]) -> bool:
    """Whether the organization does without a kind."""
    return any(kind in SWITCHES[name][1] for name in switched_off if name in SWITCHES)


def checked_time(written: str, **field: str) -> str:
    """A time of day as it is kept, "22:00"; nothing for none.

    Args:
        field: the field's name and what it is for, to say what is wrong.

    Raises:
        Invalid: it is none.
    """
    written = written.strip()[:20]
    if not written:
        return ""
    try:
        return time.fromisoformat(written).strftime("%H:%M")
    except ValueError:
        name, what = next(iter(field.items()))
        raise Invalid(**{name: f"Write {what} such as 22:00."}) from None


def quiet_end(now: datetime, *, zone: str, begins: str, ends: str) -> datetime | None:
    """When somebody's quiet hours end, if it is in them; they may go beyond midnight.

    Args:
        begins, ends: "22:00", in their zone; the same or nothing: no quiet hours.
    """
    if not begins or not ends or begins == ends:
        return None
    here = now.astimezone(ZoneInfo(zone))
    shown = here.strftime("%H:%M")
    is_quiet = begins <= shown < ends if begins < ends else shown >= begins or shown < ends
    if not is_quiet:
        return None
    day = here.date() + timedelta(days=1) if shown >= ends else here.date()
    return datetime.combine(day, time.fromisoformat(ends), tzinfo=ZoneInfo(zone)).astimezone(now.tzinfo)
