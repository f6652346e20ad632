"""How customers rated the help: overall, over time, per agent, team and category, with what they wrote.

About tickets resolved in the period. Every figure names the filter of exactly its tickets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Date, cast, func, select
from sqlmodel import col

from helpdesk.domain import satisfaction
from helpdesk.domain.conditions import Condition, Field, Group, Operator
from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.permissions import Permission
from helpdesk.models import CsatRating, CsatRequest, Person, Ticket
from helpdesk.services import catalog
from helpdesk.services.context import Context, requires, step
from helpdesk.services.reports.overview import Card, Period, Slice, in_scope, pointer

PERIODS = (7, 30, 90)
_LATEST = 8


@dataclass(frozen=True, slots=True)
class DayOfRatings:
    """One day of the trend, in the organization's zone."""

    day: str
    good: int
    fair: int
    low: int
    good_query: str = ""
    fair_query: str = ""
    low_query: str = ""


@dataclass(frozen=True, slots=True)
class RatedLine:
    """An agent, a team or a category."""

    label: str
    ratings: int
    average: str
    satisfied: str
    low: int
    query: str = ""
    low_query: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote with a rating."""

    reference: str
    title: str
    score: int
    comment: str
    customer: str
    agent: str
    at: str


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Everything on the page."""

    days: int
    cards: tuple[Card, ...]
    trend: tuple[DayOfRatings, ...]
    by_score: tuple[Slice, ...]
    agents: tuple[RatedLine, ...]
    teams: tuple[RatedLine, ...]
    categories: tuple[RatedLine, ...]
    said: tuple[Said, ...]


@requires(Permission.REPORT_READ)
def report(
    ctx: Context,
    *,
    days: int = 30,
    team_id: int | None = None,
    category_id: int | None = None,
    agent_id: int | None = None,
) -> Satisfaction:
    """Ratings of tickets resolved in the last `days` days (7, 30 or 90; anything else is 30), whole days in the
    organization's zone.

    Args:
        team_id, category_id, agent_id: only their tickets.
    """
    days = days if days in PERIODS else 30
    period = Period.of(ctx, days)
    scope = TicketFilter(
        team=(int(team_id),) if team_id else (), topic=(int(category_id),) if category_id else (),
        assignee=(int(agent_id),) if agent_id else (),
    )  # fmt: skip
    solved = scope.but(resolved_from=period.since, resolved_to=period.until, rated=True)
    known = catalog.current(ctx)
    return Satisfaction(
        days=days,
        cards=_cards(ctx, period, scope, solved),
        trend=_trend(ctx, period, scope),
        by_score=_by_score(ctx, period, scope, solved),
        agents=_agents(ctx, period, scope, solved),
        teams=_lines(ctx, period, scope, solved, "team", Ticket.team_id, {one.id: one.name for one in known.teams}),
        categories=_lines(
            ctx, period, scope, solved, "topic", Ticket.category_id, {one.id: one.name for one in known.categories}
        ),
        said=_said(ctx, period, scope),
    )


@step
def scored(least: int, most: int) -> Group:
    """The condition that a rating is between two, both included."""
    at_least = Condition(Field.CSAT, Operator.LEAST, (str(least),))
    return Group(parts=(at_least, Condition(Field.CSAT, Operator.MOST, (str(most),))))


_LOW = (1, satisfaction.LOW)
_FAIR = (satisfaction.LOW + 1, satisfaction.GOOD - 1)
_GOOD = (satisfaction.GOOD, 5)
_score = col(Ticket.csat_score)


def _within(period: Period, scope: TicketFilter) -> list[Any]:
    resolved = col(Ticket.resolved_at)
    return [resolved >= period.since, resolved < period.until, *in_scope(scope)]


def _figures(ctx: Context, period: Period, scope: TicketFilter) -> dict[str, float]:
    query = select(
        func.count().label("solved"), func.count(_score).label("ratings"), func.avg(_score).label("average"),
        func.count().filter(_score >= satisfaction.GOOD).label("good"),
        func.count().filter(_score <= satisfaction.LOW).label("low"),
    ).where(*_within(period, scope))  # fmt: skip
    row = ctx.session.execute(query).mappings().one()
    return {key: float(value or 0) for key, value in row.items()}


def _asked(ctx: Context, period: Period, scope: TicketFilter) -> tuple[int, int]:
    """How many were asked by mail, and how many of them have answered."""
    query = (
        select(func.count(), func.count(_score))
        .select_from(CsatRequest)
        .join(Ticket, col(Ticket.id) == CsatRequest.ticket_id)
        .where(col(CsatRequest.asked_at).is_not(None), *_within(period, scope))
    )
    asked, answered = ctx.session.execute(query).one()
    return asked, answered


def _cards(ctx: Context, period: Period, scope: TicketFilter, solved: TicketFilter) -> tuple[Card, ...]:
    now, then = _figures(ctx, period, scope), _figures(ctx, period.earlier(), scope)
    asked, answered = _asked(ctx, period, scope)
    share, share_then = _share(now["good"], now["ratings"]), _share(then["good"], then["ratings"])
    both = bool(now["ratings"] and then["ratings"])
    average, average_then = now["average"], then["average"]
    return (
        Card(
            "average", "Average", f"{average:.1f} / 5" if now["ratings"] else "–",
            f"{abs(average - average_then):.1f}" if both else "", *pointer(average, average_then, more_is="good"),
            "than before", solved.query(), int(now["ratings"]),
        ),
        Card(
            "satisfied", "Satisfied", f"{share:.0%}".replace("%", " %") if now["ratings"] else "–",
            f"{abs(share - share_then) * 100:.0f} points" if both else "", *pointer(share, share_then, more_is="good"),
            "than before", solved.but(where=scored(*_GOOD)).query(), int(now["good"]),
        ),
        Card(
            "ratings", "Ratings", f"{now['ratings']:,.0f}", "", "flat", "neutral",
            f"of {now['solved']:,.0f} solved", solved.query(), int(now["ratings"]),
        ),
        Card(
            "low", "Low ratings", f"{now['low']:,.0f}", f"{abs(now['low'] - then['low']):,.0f}" if both else "",
            *pointer(now["low"], then["low"], more_is="bad"), "than before", solved.but(where=scored(*_LOW)).query(),
            int(now["low"]),
        ),
        Card(
            "asked", "Answered the mail", f"{_share(answered, asked):.0%}".replace("%", " %") if asked else "–", "",
            "flat", "neutral", f"{answered:,} of {asked:,} asked", solved.query(), answered,
        ),
    )  # fmt: skip


def _trend(ctx: Context, period: Period, scope: TicketFilter) -> tuple[DayOfRatings, ...]:
    local = cast(func.timezone(period.zone.key, col(Ticket.resolved_at)), Date)
    bands = (_GOOD, _FAIR, _LOW)
    query = (
        select(local, *(func.count().filter(_score.between(*band)) for band in bands))
        .where(_score.is_not(None), *_within(period, scope))
        .group_by(local)
    )
    found = {row[0].isoformat(): tuple(row[1:]) for row in ctx.session.execute(query).all()}
    days = []
    moment = period.since
    while moment < period.until:
        following = (moment + timedelta(days=1)).replace(hour=0)
        name = moment.date().isoformat()
        that_day = scope.but(resolved_from=moment, resolved_to=following, rated=True)
        queries = (that_day.but(where=scored(*band)).query() for band in bands)
        days.append(DayOfRatings(name, *found.get(name, (0, 0, 0)), *queries))
        moment = following
    return tuple(days)


def _by_score(ctx: Context, period: Period, scope: TicketFilter, solved: TicketFilter) -> tuple[Slice, ...]:
    query = select(_score, func.count()).where(_score.is_not(None), *_within(period, scope)).group_by(_score)
    counts: dict[int, int] = dict(ctx.session.execute(query).tuples().all())
    colours = {5: "green", 4: "green", 3: "amber", 2: "orange", 1: "red"}
    return tuple(
        Slice(f"{score} · {word}", counts.get(score, 0), colours[score], solved.but(where=scored(score, score)).query())
        for score, word in sorted(satisfaction.WORDS.items(), reverse=True)
    )


def _agents(ctx: Context, period: Period, scope: TicketFilter, solved: TicketFilter) -> tuple[RatedLine, ...]:
    rated = select(col(Ticket.assignee_id)).where(_score.is_not(None), *_within(period, scope))
    people = select(col(Person.id), col(Person.name)).where(col(Person.id).in_(rated))
    names: dict[int, str] = dict(ctx.session.execute(people).tuples().all())
    return _lines(ctx, period, scope, solved, "assignee", Ticket.assignee_id, names)


def _lines(
    ctx: Context, period: Period, scope: TicketFilter, solved: TicketFilter, field: str, column: Any, names: dict[int, str]
) -> tuple[RatedLine, ...]:  # fmt: skip
    """The worst average first among those with ratings: that is what is looked for."""
    key = col(column)
    query = (
        select(
            key, func.count(), func.avg(_score), func.count().filter(_score >= satisfaction.GOOD),
            func.count().filter(_score <= satisfaction.LOW),
        )
        .where(_score.is_not(None), key.is_not(None), *_within(period, scope))
        .group_by(key)
        .order_by(func.avg(_score), func.count().desc(), key)
    )  # fmt: skip
    lines = []
    for one, ratings, average, good, low in ctx.session.execute(query).all():
        if one in names:
            its = solved.but(**{field: (one,)})
            lines.append(
                RatedLine(
                    names[one], ratings, f"{average:.1f}", f"{_share(good, ratings):.0%}".replace("%", " %"), low,
                    its.query(), its.but(where=scored(*_LOW)).query(),
                )
            )  # fmt: skip
    return tuple(lines)


def _said(ctx: Context, period: Period, scope: TicketFilter) -> tuple[Said, ...]:
    customers, agents = Person.__table__.alias("customer"), Person.__table__.alias("agent")  # type: ignore[attr-defined]
    query = (
        select(
            col(Ticket.reference), col(Ticket.title), col(CsatRating.score), col(CsatRating.comment), customers.c.name,
            agents.c.name, col(CsatRating.created_at),
        )
        .join(Ticket, col(Ticket.id) == CsatRating.ticket_id)
        .outerjoin(customers, customers.c.id == col(CsatRating.person_id))
        .outerjoin(agents, agents.c.id == col(Ticket.assignee_id))
        .where(col(CsatRating.comment) != "", *_within(period, scope))
        .order_by(col(CsatRating.created_at).desc(), col(CsatRating.id).desc())
        .limit(_LATEST)
    )  # fmt: skip
    rows: Sequence[Any] = ctx.session.execute(query).all()
    return tuple(
        Said(reference, title, score, comment, customer or "", agent or "", at.isoformat())
        for reference, title, score, comment, customer, agent, at in rows
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
