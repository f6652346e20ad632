"""The manager's overview: what came in, what was solved, how fast, how well, against the period before.

Every figure names the filter of exactly its tickets, so that a click shows them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Date, cast, func, or_, select, true
from sqlmodel import col

from helpdesk.domain import durations
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.permissions import Permission
from helpdesk.domain.tickets import OPEN_CATEGORIES, StatusCategory
from helpdesk.models import Activity, Person, Ticket
from helpdesk.services import catalog
from helpdesk.services.context import Context, requires, step

PERIODS = (7, 30, 90)


@dataclass(frozen=True, slots=True)
class Card:
    """One figure with its change against the previous period."""

    key: str
    label: str
    value: str
    change: str = ""  # "12 %", "" when there is nothing to compare with
    direction: str = "flat"  # up, down, flat
    meaning: str = "neutral"  # good, bad, neutral
    hint: str = ""
    query: str = ""  # the filter of its tickets
    count: int = 0  # how many they are


@dataclass(frozen=True, slots=True)
class Slice:
    """A named count with the filter of its tickets."""

    label: str
    count: int
    colour: str = "gray"
    query: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the trend, in the organization's zone."""

    day: str
    created: int
    resolved: int
    created_query: str = ""
    resolved_query: str = ""


@dataclass(frozen=True, slots=True)
class AgentLine:
    """An agent's work in the period."""

    id: int
    name: str
    closed: int
    open: int
    median_resolution: str = ""
    csat: str = ""
    availability: str = "offline"
    query: str = ""
    open_query: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the manager's first page."""

    days: int
    cards: tuple[Card, ...]
    trend: tuple[Day, ...]
    by_status: tuple[Slice, ...]
    by_priority: tuple[Slice, ...]
    by_category: tuple[Slice, ...]
    agents: tuple[AgentLine, ...]


@requires(Permission.REPORT_READ)
def overview(ctx: Context, *, days: int = 30, team_id: int | None = None, category_id: int | None = None) -> Overview:
    """The overview of the last `days` days (7, 30 or 90; anything else is 30), whole days in the organization's zone.

    Args:
        team_id, category_id: only their tickets.
    """
    days = days if days in PERIODS else 30
    period = Period.of(ctx, days)
    scope = TicketFilter(team=(int(team_id),) if team_id else (), topic=(int(category_id),) if category_id else ())
    return Overview(
        days=days,
        cards=_cards(ctx, period, scope),
        trend=_trend(ctx, period, scope),
        by_status=_by_status(ctx, scope),
        by_priority=_by_priority(ctx, scope),
        by_category=_by_category(ctx, period, scope),
        agents=_agents(ctx, period, scope),
    )


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in the organization's zone, and as many before them."""

    before: datetime
    since: datetime
    until: datetime
    zone: ZoneInfo

    @classmethod
    def of(cls, ctx: Context, days: int) -> "Period":
        zone = ZoneInfo(catalog.current(ctx).organization.timezone)
        today = ctx.now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        until = today + timedelta(days=1)
        since = until - timedelta(days=days)
        return cls(since - timedelta(days=days), since, until, zone)

    def earlier(self) -> "Period":
        """The one before, of the same length."""
        return Period(self.before - (self.since - self.before), self.before, self.since, self.zone)


@step
def in_scope(scope: TicketFilter) -> list[Any]:
    """The conditions of what a report is about."""
    found: list[Any] = []
    if scope.team:
        found.append(col(Ticket.team_id).in_(scope.team))
    if scope.topic:
        found.append(col(Ticket.category_id).in_(scope.topic))
    if scope.assignee:
        found.append(col(Ticket.assignee_id).in_(scope.assignee))
    return found


def _cards(ctx: Context, period: Period, scope: TicketFilter) -> tuple[Card, ...]:
    now, then = (_figures(ctx, scope, *span) for span in ((period.since, period.until), (period.before, period.since)))
    present, past = _open_now(ctx, scope), _open_then(ctx, scope, period.since)
    created = scope.but(created_from=period.since, created_to=period.until)
    solved = scope.but(resolved_from=period.since, resolved_to=period.until)
    breached = scope.but(breached_from=period.since, breached_to=period.until)
    ratings = int(now["ratings"])
    return (
        _card("new", "New", now["created"], then["created"], hint="than before", query=created.query()),
        _card(
            "open", "Open now", present["open"], past["open"], more_is="bad", hint="since the start",
            query=scope.but(open=True).query(), change=_difference(present["open"], past["open"]),
        ),
        _card(
            "pending", "Pending now", present["pending"], past["pending"], hint="since the start",
            query=scope.but(category=(StatusCategory.PENDING,)).query(),
            change=_difference(present["pending"], past["pending"]),
        ),
        _card("solved", "Solved", now["resolved"], then["resolved"], more_is="good", hint="than before", query=solved.query()),
        _card(
            "breached", "SLA breached", now["breached"], then["breached"], more_is="bad", hint="than before",
            query=breached.query(),
        ),
        _card(
            "resolution", "Median resolution", now["median"], then["median"], more_is="bad", hint="than before",
            shown=durations.rounded(now["median"]), query=solved.query(), count=int(now["resolved"]),
        ),
        _card(
            "csat", "Satisfaction", now["csat"], then["csat"], more_is="good", query=solved.but(rated=True).query(),
            shown=f"{now['csat']:.1f} / 5" if ratings else "–", count=ratings,
            change=f"{abs(now['csat'] - then['csat']):.1f}" if ratings and then["ratings"] else "",
            hint=f"{ratings:,} rating{'' if ratings == 1 else 's'}",
        ),
    )  # fmt: skip


def _figures(ctx: Context, scope: TicketFilter, since: datetime, until: datetime) -> dict[str, float]:
    """Figures of a period, each from the index of its own column: one statement of three small scans."""
    within = lambda column: [column >= since, column < until, *in_scope(scope)]  # noqa: E731 - a word for three uses
    took = func.extract("epoch", col(Ticket.resolved_at) - col(Ticket.created_at))
    resolved = select(
        func.count().label("resolved"),
        func.percentile_cont(0.5).within_group(took).label("median"),
        func.avg(col(Ticket.csat_score)).label("csat"),
        func.count(col(Ticket.csat_score)).label("ratings"),
    ).where(*within(col(Ticket.resolved_at)))
    created = select(func.count()).select_from(Ticket).where(*within(col(Ticket.created_at))).scalar_subquery()
    breached = select(func.count()).select_from(Ticket).where(*within(col(Ticket.breached_at))).scalar_subquery()
    line = resolved.subquery()
    row = ctx.session.execute(select(line, created.label("created"), breached.label("breached"))).mappings().one()
    return {key: float(value or 0) for key, value in row.items()}


def _open_now(ctx: Context, scope: TicketFilter) -> dict[str, int]:
    query = (
        select(col(Ticket.status_category), func.count())
        .where(col(Ticket.is_open), *in_scope(scope))
        .group_by(col(Ticket.status_category))
    )
    counts: dict[str, int] = dict(ctx.session.execute(query).tuples().all())
    return {"open": sum(counts.values()), "pending": counts.get(StatusCategory.PENDING, 0)}


def _open_then(ctx: Context, scope: TicketFilter, moment: datetime) -> dict[str, int]:
    """What was open and pending at a moment, from the log: each backlog ticket's last change of status before it."""
    backlog = (
        select(col(Ticket.id).label("id"))
        .where(
            col(Ticket.created_at) < moment,
            or_(col(Ticket.is_open), col(Ticket.resolved_at) >= moment),
            *in_scope(scope),
        )
        .subquery()
    )
    last = (
        select(col(Activity.data)["after_category"].astext.label("category"))
        .where(
            col(Activity.ticket_id) == backlog.c.id,
            col(Activity.kind).in_((ActivityKind.TICKET_STATUS_CHANGED, ActivityKind.TICKET_STATUS_REDEFINED)),
            col(Activity.at) < moment,
        )
        .order_by(col(Activity.id).desc())
        .limit(1)
        .lateral()
    )
    is_pending = last.c.category == StatusCategory.PENDING.value
    query = select(func.count(), func.count().filter(is_pending)).select_from(backlog).outerjoin(last, true())
    open_, pending = ctx.session.execute(query).one()
    return {"open": open_, "pending": pending}


def _trend(ctx: Context, period: Period, scope: TicketFilter) -> tuple[Day, ...]:
    def per_day(column: Any) -> dict[str, int]:
        local = cast(func.timezone(period.zone.key, column), Date)
        query = (
            select(local, func.count())
            .where(column >= period.since, column < period.until, *in_scope(scope))
            .group_by(local)
        )
        return {day.isoformat(): count for day, count in ctx.session.execute(query).all()}

    created, resolved = per_day(col(Ticket.created_at)), per_day(col(Ticket.resolved_at))
    days = []
    moment = period.since
    while moment < period.until:
        following = (moment + timedelta(days=1)).replace(hour=0)
        name = moment.date().isoformat()
        days.append(
            Day(
                name, created.get(name, 0), resolved.get(name, 0),
                scope.but(created_from=moment, created_to=following).query(),
                scope.but(resolved_from=moment, resolved_to=following).query(),
            )
        )  # fmt: skip
        moment = following
    return tuple(days)


def _by_status(ctx: Context, scope: TicketFilter) -> tuple[Slice, ...]:
    counts = _counts(ctx, col(Ticket.status_id), scope, [col(Ticket.is_open)])
    return tuple(
        Slice(one.label, counts.get(one.id, 0), one.colour, scope.but(status=(one.slug,)).query())
        for one in catalog.current(ctx).statuses
        if one.category in OPEN_CATEGORIES
    )


def _by_priority(ctx: Context, scope: TicketFilter) -> tuple[Slice, ...]:
    counts = _counts(ctx, col(Ticket.priority_id), scope, [col(Ticket.is_open)])
    return tuple(
        Slice(one.label, counts.get(one.id, 0), one.colour, scope.but(priority=(one.slug,), open=True).query())
        for one in reversed(catalog.current(ctx).priorities)
    )


def _by_category(ctx: Context, period: Period, scope: TicketFilter) -> tuple[Slice, ...]:
    created = col(Ticket.created_at)
    counts = _counts(ctx, col(Ticket.category_id), scope, [created >= period.since, created < period.until])
    within = scope.but(created_from=period.since, created_to=period.until)
    slices = [
        Slice(one.name, counts[one.id], one.colour, within.but(topic=(one.id,)).query())
        for one in catalog.current(ctx).categories
        if counts.get(one.id)
    ]
    return tuple(sorted(slices, key=lambda one: -one.count))


def _counts(ctx: Context, column: Any, scope: TicketFilter, where: list[Any]) -> dict[int, int]:
    query = select(column, func.count()).where(*where, *in_scope(scope)).group_by(column)
    return {key: count for key, count in ctx.session.execute(query).all() if key is not None}


def _agents(ctx: Context, period: Period, scope: TicketFilter) -> tuple[AgentLine, ...]:
    resolved, assignee = col(Ticket.resolved_at), col(Ticket.assignee_id)
    took = func.extract("epoch", resolved - col(Ticket.created_at))
    closed_query = (
        select(assignee, func.count(), func.percentile_cont(0.5).within_group(took), func.avg(col(Ticket.csat_score)))
        .where(resolved >= period.since, resolved < period.until, assignee.is_not(None), *in_scope(scope))
        .group_by(assignee)
    )
    closed = {key: rest for key, *rest in ctx.session.execute(closed_query).all()}
    open_now = _counts(ctx, assignee, scope, [col(Ticket.is_open)])
    people_query = select(col(Person.id), col(Person.name), col(Person.availability)).where(
        col(Person.id).in_(set(closed) | set(open_now) or {-1})
    )
    lines = []
    for person_id, name, availability in ctx.session.execute(people_query).all():
        count, median, csat = closed.get(person_id, (0, None, None))
        mine = scope.but(assignee=(person_id,))
        lines.append(
            AgentLine(
                person_id, name, count, open_now.get(person_id, 0), durations.rounded(float(median or 0)),
                f"{csat:.1f}" if csat else "–", availability,
                mine.but(resolved_from=period.since, resolved_to=period.until).query(), mine.but(open=True).query(),
            )
        )  # fmt: skip
    return tuple(sorted(lines, key=lambda line: (-line.closed, line.name)))


def _card(
    key: str,
    label: str,
    now: float,
    then: float,
    *,
    query: str,
    hint: str,
    more_is: str = "neutral",
    shown: str = "",
    count: int | None = None,
    change: str | None = None,
) -> Card:
    if change is None:
        change = f"{abs(now - then) / then:.0%}".replace("%", " %") if then and (now or not shown) else ""
    direction, meaning = pointer(now, then, more_is=more_is if change else "neutral")
    total = int(now) if count is None else count
    return Card(key, label, shown or f"{now:,.0f}", change, direction, meaning, hint, query, total)


@step
def pointer(now: float, then: float, *, more_is: str) -> tuple[str, str]:
    """Which way a figure went, and whether that is good."""
    direction = "up" if now > then else "down" if now < then else "flat"
    if direction == "flat" or more_is == "neutral":
        return direction, "neutral"
    return direction, more_is if direction == "up" else ("bad" if more_is == "good" else "good")


def _difference(now: float, then: float) -> str:
    return f"{abs(now - then):,.0f}"
