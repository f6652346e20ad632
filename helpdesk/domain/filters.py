"""What a ticket list shows: one frozen filter that queue, API, views and charts share, and its form in a URL."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from helpdesk.domain.conditions import Group, Match, condition, dump, load, spelled
from helpdesk.domain.errors import Invalid
from helpdesk.domain.tickets import DONE_CATEGORIES, OPEN_CATEGORIES, Channel, StatusCategory

PAGE_SIZES = (25, 50, 100)


class Sort(StrEnum):
    """Orders of a list; ties break by id, so that keyset pages never overlap."""

    UPDATED = "-updated"
    UPDATED_UP = "updated"
    CREATED = "-created"
    CREATED_UP = "created"
    DUE = "due"
    RESOLVED = "-resolved"
    CLOSED = "-closed"
    PRIORITY = "-priority"
    PRIORITY_UP = "priority"


class Whose(StrEnum):
    """Whose tickets."""

    ANYONE = ""
    ME = "me"
    NOBODY = "none"


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Every field narrows; an empty field does not. Several values of one field mean any of them."""

    text: str = ""
    open: bool | None = None
    category: tuple[StatusCategory, ...] = ()  # of the status
    status: tuple[str, ...] = ()  # slugs
    priority: tuple[str, ...] = ()  # slugs
    topic: tuple[int, ...] = ()  # category ids
    team: tuple[int, ...] = ()
    assignee: tuple[int, ...] = ()
    whose: Whose = Whose.ANYONE
    requester: tuple[int, ...] = ()
    company: tuple[int, ...] = ()
    tag: tuple[str, ...] = ()
    channel: tuple[Channel, ...] = ()
    at_risk: bool = False
    breached: bool = False
    created_from: datetime | None = None
    created_to: datetime | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    resolved_from: datetime | None = None
    resolved_to: datetime | None = None
    closed_from: datetime | None = None
    closed_to: datetime | None = None
    breached_from: datetime | None = None
    breached_to: datetime | None = None
    rated: bool = False
    snoozed: bool | None = None
    answered: bool | None = None  # by staff, ever
    mentioned: bool = False  # the reader, in some comment
    where: Group | None = None  # conditions that no field above can say
    sort: Sort = Sort.UPDATED
    size: int = 25

    def query(self) -> str:
        """The filter as a URL query; only what differs from the default."""
        pairs: list[tuple[str, str]] = []
        for item in fields(self):
            value = getattr(self, item.name)
            if value == item.default:
                continue
            if isinstance(value, tuple):
                pairs.append((item.name, ",".join(str(one) for one in value)))
            elif isinstance(value, datetime):
                pairs.append((item.name, value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")))
            elif isinstance(value, bool):
                pairs.append((item.name, "yes" if value else "no"))
            elif isinstance(value, Group):
                pairs.append((item.name, dump(value)))
            else:
                pairs.append((item.name, str(value)))
        return urlencode(pairs)

    @property
    def is_personal(self) -> bool:
        """Whether it shows each reader something else, whatever they may see."""
        return self.whose is Whose.ME or self.mentioned or (self.where is not None and self.where.is_personal)

    def but(self, **changes: object) -> "TicketFilter":
        """The same filter with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def as_group(wanted: TicketFilter, zone: str = "UTC") -> Group:
    """What a filter shows, as conditions: what the bar above a list says becomes conditions one can save, or one of several
    alternatives. Words to look for, who is mentioned, and when a promise was broken, conditions cannot say.

    Args:
        zone: where days begin for whoever asks.
    """
    said: list[list[str]] = []
    if wanted.open is not None:
        stages = OPEN_CATEGORIES if wanted.open else DONE_CATEGORIES
        said.append(["status_category", "any", *(one.value for one in stages)])
    if wanted.category:
        said.append(["status_category", "any", *(one.value for one in wanted.category)])
    if wanted.whose:
        said.append(["assignee", "is", wanted.whose.value])
    if wanted.snoozed is not None:
        said.append(["snoozed", "is", "yes" if wanted.snoozed else "no"])
    if wanted.answered is not None:
        said.append(["answered", "is", "yes" if wanted.answered else "no"])
    if wanted.rated:
        said.append(["csat", "not", "none"])
    if wanted.at_risk:
        said.append(["sla", "any", "at_risk", "breached"])
    if wanted.breached:
        said.append(["sla", "is", "breached"])
    for field, values in (
        ("status", wanted.status), ("priority", wanted.priority), ("category", wanted.topic), ("team", wanted.team),
        ("assignee", wanted.assignee), ("requester", wanted.requester), ("company", wanted.company), ("tag", wanted.tag),
        ("channel", tuple(one.value for one in wanted.channel)),
    ):  # fmt: skip
        if values:
            said.append([field, "any", *map(str, values)])
    for field in ("created", "updated", "resolved", "closed"):
        if since := getattr(wanted, f"{field}_from"):
            said.append([field, "after", day_or_moment(since, zone, back=1)])
        if until := getattr(wanted, f"{field}_to"):
            said.append([field, "before", day_or_moment(until, zone)])
    parts = tuple(condition(one) for one in said)
    if wanted.where is None:
        return Group(parts=parts)
    if not parts:
        return wanted.where
    # Groups may be nested only so deep: one more is spared where all must hold anyway.
    more = wanted.where.parts if wanted.where.match is Match.ALL else (wanted.where,)
    return Group(parts=(*parts, *more))


def day_or_moment(moment: datetime, zone: str, *, back: int = 0) -> str:
    """A moment as conditions say it: the day that begins with it where one does.

    Args:
        back: so many days before that one: after a day is from the next on.
    """
    there = moment.astimezone(ZoneInfo(zone))
    is_day = not (there.hour or there.minute or there.second)
    return (there.date() - timedelta(days=back)).isoformat() if is_day else spelled(moment)


_WORDS = {"status", "priority", "tag"}
_IDS = {"topic", "team", "assignee", "requester", "company"}
_YES_OR_NO = {"open", "at_risk", "breached", "rated", "mentioned", "snoozed", "answered"}
_CHOICES: dict[str, Iterable[object]] = {
    "category": StatusCategory, "channel": Channel, "sort": Sort, "whose": Whose, "size": PAGE_SIZES,
}  # fmt: skip


def parse(query: Mapping[str, str]) -> TicketFilter:
    """A filter from URL parameters; unknown parameters are left to others.

    Raises:
        Invalid: a value that is no id, date or known word; says which.
    """
    values: dict[str, object] = {}
    for item in fields(TicketFilter):
        if item.name == "where":
            if query.get("where"):
                values["where"] = load(query["where"])
            continue
        raw = query.get(item.name, "").strip()
        if not raw:
            continue
        values[item.name] = _parsed(item.name, raw)
    return TicketFilter(**values)  # type: ignore[arg-type]


def _parsed(name: str, raw: str) -> object:
    try:
        if name in _IDS:
            return tuple(_id(part) for part in raw.split(",") if part)
        if name in _WORDS:
            return tuple(part.strip().lower() for part in raw.split(",") if part.strip())
        if name == "category":
            return tuple(StatusCategory(part) for part in raw.lower().split(","))
        if name == "channel":
            return tuple(Channel(part) for part in raw.lower().split(","))
        if name == "sort":
            return Sort(raw.lower())
        if name == "whose":
            return Whose(raw.lower())
        if name in _YES_OR_NO:
            return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}[raw.lower()]
        if name == "size":
            if int(raw) not in PAGE_SIZES:
                raise ValueError
            return int(raw)
        if name.endswith(("_from", "_to")):
            return _moment(raw)
    except (ValueError, KeyError, OverflowError):
        said = f"“{raw[:60]}” is no valid value for {name.replace('_', ' ')}. {_wanted(name)}"
        raise Invalid(**{name: said}) from None
    return raw[:200]


def _wanted(name: str) -> str:
    """What to say instead."""
    if name in _CHOICES:
        return f"Use one of: {', '.join(str(choice) for choice in _CHOICES[name] if choice)}."
    if name in _YES_OR_NO:
        return "Use yes or no."
    if name in _IDS:
        return "Use ids, with commas between several."
    return "Use a day or a moment: 2026-01-31 or 2026-01-31T08:30:00Z."


def _id(raw: str) -> int:
    value = int(raw)
    if not 0 < value < 2**63:
        raise ValueError
    return value


def _moment(raw: str) -> datetime:
    if len(raw) == len("2026-01-31"):
        day = date.fromisoformat(raw)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    moment = datetime.fromisoformat(raw.replace("Z", "+00:00"))
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BuiltInView:
    """A view every agent has."""

    slug: str
    label: str
    icon: str
    filter: TicketFilter


BUILT_IN_VIEWS = (
    BuiltInView("mine", "My open", "user-round", TicketFilter(open=True, whose=Whose.ME, snoozed=False)),
    BuiltInView("unassigned", "Unassigned", "inbox", TicketFilter(open=True, whose=Whose.NOBODY, snoozed=False)),
    BuiltInView("at-risk", "SLA at risk", "alarm-clock", TicketFilter(open=True, at_risk=True, sort=Sort.DUE)),
    BuiltInView("waiting", "Waiting", "hourglass", TicketFilter(category=(StatusCategory.PENDING,))),
    BuiltInView("snoozed", "Snoozed", "alarm-clock-off", TicketFilter(snoozed=True)),
    BuiltInView("mentioned", "Mentioned me", "at-sign", TicketFilter(mentioned=True)),
    BuiltInView("open", "All open", "layers", TicketFilter(open=True)),
    BuiltInView("solved", "Recently solved", "check-check", TicketFilter(category=(StatusCategory.RESOLVED,))),
    BuiltInView("all", "All tickets", "archive", TicketFilter()),
)
