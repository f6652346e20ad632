"""Calendars and SLA policies as administrators arrange them. A change has the clocks that still run derived anew."""

import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from helpdesk.domain import calendars as plain_calendars
from helpdesk.domain import durations, ics
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.business_hours import Calendar, check_days, is_open, next_opening
from helpdesk.domain.conditions import Field, Group, Use, as_json, from_json, operators
from helpdesk.domain.errors import Conflict, Invalid, NotFound
from helpdesk.domain.permissions import Permission
from helpdesk.domain.sla import DEMO_TARGETS, ENTERPRISE_TARGETS, STANDARD_TARGETS, Metric, SeedTarget
from helpdesk.models import BusinessCalendar, Company, Person, Priority, SlaPolicy, SlaTarget
from helpdesk.services import access, arranging, catalog, sla
from helpdesk.services.context import Context, requires, step

DAYS = plain_calendars.DAYS
DAY_LABELS = tuple(day.capitalize() for day in DAYS)
# What a policy may ask about a ticket.
ASKS = frozenset(
    {Field.CATEGORY, Field.PRIORITY, Field.COMPANY, Field.TAG, Field.CHANNEL, Field.TEAM, Field.CUSTOM}
)  # fmt: skip
PRESETS: dict[str, tuple[str, tuple[SeedTarget, ...]]] = {
    "demo": ("Demo", DEMO_TARGETS),
    "standard": ("Standard", STANDARD_TARGETS),
    "enterprise": ("Enterprise", ENTERPRISE_TARGETS),
}
_CALENDAR_KINDS = (ActivityKind.CALENDAR_CREATED, ActivityKind.CALENDAR_CHANGED)
_POLICY_KINDS = (ActivityKind.POLICY_CREATED, ActivityKind.POLICY_CHANGED)


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """A calendar as shown; `days` are the ranges of Monday to Sunday, each text one day."""

    id: int = 0
    name: str = ""
    timezone: str = "UTC"
    days: tuple[str, ...] = ("",) * 7
    is_always: bool = False
    holidays: tuple["DayRow", ...] = ()
    openings: tuple["DayRow", ...] = ()
    used_by: tuple[str, ...] = ()
    is_open: bool = False
    opens_at: str = ""
    strip: tuple[tuple["Span", ...], ...] = ((),) * 7


@dataclass(frozen=True, slots=True)
class Span:
    """Open hours in a day's strip: where they begin and how long they are, in percent of the day."""

    left: str
    width: str
    text: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """A holiday or an extra opening: its day (without a year: every year), its name, its hours (none: the whole day)."""

    day: str
    name: str
    hours: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """An SLA policy as shown; `targets` are texts by "priority slug/metric"."""

    id: int = 0
    name: str = ""
    calendar_id: int = 0
    calendar: str = "Around the clock"
    is_active: bool = True
    warning_share: int | None = None
    targets: Mapping[str, str] | None = None
    conditions: Mapping[str, Any] | None = None


# ---- Calendars --------------------------------------------------------------------------------------------------------


@step
def calendars(ctx: Context) -> list[dict[str, Any]]:
    """Every calendar as plain data: opening hours by day, holidays and extra openings by date."""
    return [_calendar(row) for row in _calendars(ctx)]


@requires(Permission.CATALOG_MANAGE)
def calendar_rows(ctx: Context) -> tuple[CalendarRow, ...]:
    """Every calendar as shown, with the policies that use it."""
    users: dict[int, list[str]] = {}
    for policy in _policies(ctx):
        users.setdefault(policy.calendar_id or 0, []).append(policy.name)
    return tuple(
        calendar_row(ctx, catalog.calendar_of(row), calendar_id=row.id, used_by=tuple(users.get(row.id, ())))
        for row in _calendars(ctx)
    )


@step
def calendar_row(
    ctx: Context, calendar: Calendar, *, calendar_id: int = 0, used_by: tuple[str, ...] = ()
) -> CalendarRow:
    """A calendar as shown."""
    told = plain_calendars.plain(calendar)
    opens = next_opening(calendar, ctx.now)
    return CalendarRow(
        calendar_id, calendar.name, calendar.timezone, tuple(", ".join(told["week"].get(day, ())) for day in DAYS),
        not calendar.week, _day_rows(told["holidays"]), _day_rows(told["openings"]), used_by,
        is_open(calendar, ctx.now), opens.isoformat() if opens else "",
        tuple(_strip(calendar, number) for number in range(len(DAYS))),
    )  # fmt: skip


@requires(Permission.CATALOG_MANAGE)
def preview_calendar(
    ctx: Context,
    *,
    timezone: str,
    week: Mapping[str, Sequence[str]],
    holidays: Mapping[Any, Any],
    openings: Mapping[Any, Any],
) -> CalendarRow:
    """A calendar that is not saved, as it would be: whether it is open now and when it opens next.

    Raises:
        Invalid: no clock could run by it.
    """
    parsed = plain_calendars.parse(name="draft", timezone=timezone, week=week, holidays=holidays, openings=openings)
    return calendar_row(ctx, parsed)


@requires(Permission.CATALOG_MANAGE)
def holiday_row(ctx: Context, day: str, name: str, hours: str = "", *, is_yearly: bool = False) -> DayRow:
    """A holiday from a form, checked.

    Raises:
        Invalid: no day, no name, or hours that are none.
    """
    wanted = day.strip()[5:] if is_yearly and len(day.strip()) == 10 else day
    closed, _ = plain_calendars.special_days({wanted: {"name": name, "hours": [hours]}}, {})
    check_days(Calendar(holidays=closed))
    return _day_rows(plain_calendars.plain(Calendar(holidays=closed))["holidays"])[0]


@requires(Permission.CATALOG_MANAGE)
def opening_row(ctx: Context, day: str, name: str, hours: str) -> DayRow:
    """An extra opening from a form, checked.

    Raises:
        Invalid: no day, or no hours.
    """
    _, extra = plain_calendars.special_days({}, {day: {"name": name, "hours": [hours]}})
    check_days(Calendar(openings=extra))
    return _day_rows(plain_calendars.plain(Calendar(openings=extra))["openings"])[0]


@requires(Permission.CATALOG_MANAGE)
def read_ics(ctx: Context, text: str, *, timezone: str) -> tuple[DayRow, ...]:
    """The holidays of an .ics file, from today on. Nothing is saved.

    Raises:
        Invalid: no such zone, or nothing to read.
    """
    if timezone not in zoneinfo.available_timezones():
        raise Invalid(timezone="Choose the time zone first.")
    found = ics.holidays(text, timezone=timezone, since=ics.today(ctx.now, timezone))
    return _day_rows(plain_calendars.plain(Calendar(holidays=found))["holidays"])


@step
def written_days(rows: Sequence[DayRow]) -> dict[str, Any]:
    """Holidays or openings as shown, the way they are saved."""
    return {row.day: {"name": row.name, "hours": [row.hours] if row.hours else []} for row in rows}


@requires(Permission.CATALOG_MANAGE)
def save_calendar(
    ctx: Context,
    calendar_id: int | None = None,
    *,
    name: str,
    timezone: str,
    week: Mapping[str, Sequence[str]] | None = None,
    holidays: Mapping[Any, Any] | None = None,
    openings: Mapping[Any, Any] | None = None,
) -> int:
    """Create a calendar, or change the one with `calendar_id` (without it: the one of that name); returns its id.

    Args:
        week: day -> ranges such as 09:00-17:00; empty: around the clock.
        holidays: day (2026-12-25, or 12-25 for every year) -> name, or name and hours.
        openings: day -> name and hours.

    Raises:
        Invalid: an unknown zone, day or range, ranges that overlap, never open.
        Conflict: another calendar has the name.
        NotFound: no such calendar.
    """
    name = arranging.checked_name(name, most=120, what="the calendar")
    parsed = plain_calendars.parse(name=name, timezone=timezone, week=week, holidays=holidays, openings=openings)
    twin = ctx.session.exec(select(BusinessCalendar).where(BusinessCalendar.name == name)).first()
    row = access.one(ctx, BusinessCalendar, calendar_id, what="calendar") if calendar_id else twin
    if twin is not None and twin is not row:
        raise Conflict(f"There is a calendar “{name}” already.")
    before = _calendar(row) if row else None
    row = row or BusinessCalendar(name=name)
    told = plain_calendars.plain(parsed)
    row.name, row.timezone, row.holidays, row.openings = name, timezone, told["holidays"], told["openings"]
    row.week = {
        str(day): [[one.start.isoformat(), one.end.isoformat()] for one in ranges]
        for day, ranges in parsed.week.items()
    }
    ctx.session.add(row)
    ctx.session.flush()
    if arranging.wrote(ctx, _CALENDAR_KINDS, row.id, name, before, _calendar(row)) and before is not None:
        sla.derive_all_anew(ctx)
    return row.id


@requires(Permission.CATALOG_MANAGE)
def delete_calendar(ctx: Context, name: str) -> None:
    """Remove a calendar no policy uses.

    Raises:
        Conflict: a policy uses it, or somebody works by it.
        NotFound: no such calendar.
    """
    row = next((row for row in _calendars(ctx) if row.name == name), None)
    if row is None:
        raise NotFound("There is no such calendar.")
    used = ctx.session.exec(select(SlaPolicy.name).where(SlaPolicy.calendar_id == row.id)).first()
    if used:
        raise Conflict(f"The SLA policy “{used}” uses the calendar “{name}”.")
    works = ctx.session.exec(select(Person.name).where(Person.calendar_id == row.id)).first()
    if works:
        raise Conflict(f"“{name}” is the working hours of {works}. Change that first.")
    before = _calendar(row)
    ctx.session.delete(row)
    ctx.session.flush()
    arranging.deleted(ctx, ActivityKind.CALENDAR_DELETED, row.id, name, before)


# ---- Policies ---------------------------------------------------------------------------------------------------------


@step
def policies(ctx: Context) -> list[dict[str, Any]]:
    """Every policy as plain data, in the order they are asked: whom it is for, targets by priority and metric."""
    return [_policy(ctx, row) for row in _policies(ctx)]


@requires(Permission.CATALOG_MANAGE)
def policy_rows(ctx: Context) -> tuple[PolicyRow, ...]:
    """Every policy as shown, in the order they are asked."""
    names = {row.id: row.name for row in _calendars(ctx)}
    targets: dict[int, dict[str, str]] = {}
    query = select(SlaTarget, Priority.slug).join(Priority, col(Priority.id) == SlaTarget.priority_id)
    for target, slug in ctx.session.exec(query).all():
        targets.setdefault(target.policy_id, {})[f"{slug}/{target.metric}"] = durations.exact(
            timedelta(seconds=target.seconds)
        )
    return tuple(
        PolicyRow(
            row.id, row.name, row.calendar_id or 0, names.get(row.calendar_id or 0, "Around the clock"), row.is_active,
            row.warning_share, targets.get(row.id, {}), row.conditions,
        )
        for row in _policies(ctx)
    )  # fmt: skip


@requires(Permission.CATALOG_MANAGE)
def save_policy(
    ctx: Context,
    policy_id: int | None = None,
    *,
    name: str,
    calendar: str | None,
    is_active: bool,
    targets: Mapping[str, Mapping[str, timedelta]],
    conditions: Mapping[str, Any] | None = None,
    warning_share: int | None = None,
) -> int:
    """Create a policy, or change the one with `policy_id` (without it: the one of that name); returns its id.

    Args:
        calendar: a calendar's name; None counts around the clock.
        targets: priority's slug -> metric -> how long.
        conditions: whom it is for, as JSON of conditions; nothing: every ticket no policy before it is for.
        warning_share: percent of a target after which to warn; None: the organization's.

    Raises:
        Invalid: no such calendar, priority or metric, no target at all, or a condition a policy cannot ask.
        Conflict: another policy has the name.
        NotFound: no such policy.
    """
    name = arranging.checked_name(name, most=120, what="the policy")
    found = next((row for row in _calendars(ctx) if row.name == calendar), None)
    if calendar and found is None:
        raise Invalid(calendar=f"There is no calendar “{calendar}”.")
    wanted = _wanted(ctx, targets)
    if warning_share is not None and not 1 <= warning_share <= 99:
        raise Invalid(warning_share="Use 1 to 99 percent, or nothing for the organization's.")
    group = checked_conditions(ctx, conditions)
    twin = ctx.session.exec(select(SlaPolicy).where(SlaPolicy.name == name)).first()
    row = access.one(ctx, SlaPolicy, policy_id, what="policy") if policy_id else twin
    if twin is not None and twin is not row:
        raise Conflict(f"There is a policy “{name}” already.")
    before = _policy(ctx, row) if row else None
    row = row or SlaPolicy(name=name, position=len(_policies(ctx)), created_at=ctx.now)
    row.name, row.calendar_id, row.is_active = name, found.id if found else None, is_active
    row.conditions, row.warning_share = as_json(group) if group.parts else {}, warning_share
    ctx.session.add(row)
    ctx.session.flush()
    _promise(ctx, row, wanted)
    if arranging.wrote(ctx, _POLICY_KINDS, row.id, name, before, _policy(ctx, row)):
        sla.derive_all_anew(ctx)
    return row.id


@requires(Permission.CATALOG_MANAGE)
def add_preset(ctx: Context, preset: str) -> int:
    """Add a ready-made policy, switched off, to look at and change; returns its id.

    Raises:
        Invalid: no such preset.
    """
    if preset not in PRESETS:
        raise Invalid(preset=f"Use one of: {', '.join(PRESETS)}.")
    name, seeds = PRESETS[preset]
    taken = {row.name for row in _policies(ctx)}
    name = next(one for number in range(1, 1000) if (one := name if number == 1 else f"{name} {number}") not in taken)
    known = {row.slug for row in catalog.current(ctx).priorities}
    targets: dict[str, dict[str, timedelta]] = {}
    for seed in seeds:
        if seed.priority in known:
            targets.setdefault(seed.priority, {})[seed.metric] = seed.target
    return save_policy(ctx, name=name, calendar=None, is_active=False, targets=targets)


@requires(Permission.CATALOG_MANAGE)
def delete_policy(ctx: Context, name: str) -> None:
    """Remove a policy; its clocks that still run go by the policy that comes next.

    Raises:
        NotFound: no such policy.
    """
    row = next((row for row in _policies(ctx) if row.name == name), None)
    if row is None:
        raise NotFound("There is no such policy.")
    before = _policy(ctx, row)
    ctx.session.delete(row)
    ctx.session.flush()
    arranging.deleted(ctx, ActivityKind.POLICY_DELETED, row.id, name, before)
    sla.derive_all_anew(ctx)


@requires(Permission.CATALOG_MANAGE)
def reorder_policies(ctx: Context, names: Sequence[str]) -> None:
    """Put the policies in the order they are asked, by name."""
    by_name = {row.name: row.id for row in _policies(ctx)}
    order_policies(ctx, [by_name[name] for name in names])


@requires(Permission.CATALOG_MANAGE)
def order_policies(ctx: Context, ids: Sequence[int]) -> None:
    """Put the policies in the order they are asked.

    Raises:
        Conflict: the list has changed meanwhile.
    """
    rows = _policies(ctx)
    arranging.in_order(ctx, ActivityKind.POLICY_CHANGED, rows, ids, label="name")
    if [row.id for row in rows] != list(ids):
        sla.derive_all_anew(ctx)


@step
def checked_conditions(ctx: Context, conditions: Mapping[str, Any] | None) -> Group:
    """Whom a policy is for.

    Raises:
        Invalid: a condition a policy cannot ask, or about something that is not there.
    """
    group = from_json(dict(conditions), Use.RULE) if conditions else Group()
    known = catalog.current(ctx)
    there: dict[Field, set[str]] = {
        Field.CATEGORY: {str(row.id) for row in known.categories}, Field.TEAM: {str(row.id) for row in known.teams},
        Field.PRIORITY: {row.slug.lower() for row in known.priorities},
        Field.COMPANY: _companies(ctx, [int(value) for one in group if one.field is Field.COMPANY for value in one.values if value.isdecimal()]),
    }  # fmt: skip
    for one in group:
        if one.field not in ASKS:
            raise Invalid(
                where="A policy can ask about category, priority, company, tag, channel, team and your own fields."
            )
        if one.operator not in operators(one.field):
            raise Invalid(where="A policy knows how a ticket stands, not what has just changed.")
        if one.field is Field.CUSTOM and one.number not in known.field_by_id:
            raise Invalid(where="One of the conditions asks about a field that is not there any more.")
        lost = next(
            (value for value in one.values if one.field in there and value not in there[one.field] | {"none"}), None
        )
        if lost or "me" in one.values:
            raise Invalid(where=f"One of the conditions names a {one.field} that is not there: {lost or 'me'}.")
    return group


def _companies(ctx: Context, wanted: Sequence[int]) -> set[str]:
    if not wanted:
        return set()
    return {
        str(one.id) for one in ctx.session.exec(access.visible(ctx, Company).where(col(Company.id).in_(wanted))).all()
    }


@requires(Permission.CATALOG_MANAGE)
def parse_targets(ctx: Context, texts: Mapping[str, str]) -> dict[str, dict[str, timedelta]]:
    """Targets as a form sends them: "priority slug/metric" -> a duration, or nothing.

    Raises:
        Invalid: a text that is no duration, by the field `target-<slug>-<metric>`.
    """
    found: dict[str, dict[str, timedelta]] = {}
    problems: dict[str, str] = {}
    for key, text in texts.items():
        slug, _, metric = key.partition("/")
        if text.strip():
            try:
                found.setdefault(slug, {})[metric] = durations.promise(text)
            except Invalid as error:
                problems[f"target-{slug}-{metric}"] = error.message
    if problems:
        raise Invalid(**problems)
    return found


def _wanted(ctx: Context, targets: Mapping[str, Mapping[str, timedelta]]) -> dict[tuple[int, str], int]:
    priorities = dict(ctx.session.exec(select(Priority.slug, Priority.id)).all())
    wanted: dict[tuple[int, str], int] = {}
    for slug, promised in targets.items():
        if slug not in priorities:
            raise Invalid(targets=f"There is no priority “{slug}”.")
        for metric, length in promised.items():
            if metric not in set(Metric):
                raise Invalid(targets=f"“{metric}” is no promise. Use one of: {', '.join(Metric)}.")
            if not durations.SHORTEST_PROMISE <= length <= durations.LONGEST_PROMISE:
                raise Invalid(targets="Promise at least a second and at most a year.")
            wanted[priorities[slug], metric] = int(length.total_seconds())
    if not wanted:
        raise Invalid(targets="Promise at least one thing, such as 4h for the resolution of urgent tickets.")
    return wanted


def _promise(ctx: Context, policy: SlaPolicy, wanted: Mapping[tuple[int, str], int]) -> None:
    present = {
        (one.priority_id, one.metric): one
        for one in ctx.session.exec(select(SlaTarget).where(SlaTarget.policy_id == policy.id)).all()
    }
    for key, one in present.items():
        if key not in wanted:
            ctx.session.delete(one)
    for (priority_id, metric), seconds in wanted.items():
        target = present.get((priority_id, metric))
        target = target or SlaTarget(policy_id=policy.id, priority_id=priority_id, metric=metric, seconds=seconds)
        target.seconds = seconds
        ctx.session.add(target)
    ctx.session.flush()


def _calendars(ctx: Context) -> Sequence[BusinessCalendar]:
    return ctx.session.exec(select(BusinessCalendar).order_by(func.lower(BusinessCalendar.name))).all()


def _policies(ctx: Context) -> Sequence[SlaPolicy]:
    return ctx.session.exec(select(SlaPolicy).order_by(col(SlaPolicy.position), col(SlaPolicy.id))).all()


def _calendar(row: BusinessCalendar) -> dict[str, Any]:
    return plain_calendars.plain(catalog.calendar_of(row))


def _strip(calendar: Calendar, number: int) -> tuple[Span, ...]:
    """The open hours of a weekday, what reaches into it from the night before included."""
    if not calendar.week:
        return (Span("0%", "100%", "around the clock"),)
    spans = []
    for one in calendar.week.get((number - 1) % 7, ()):
        if one.end <= one.start and one.end != time(0):
            spans.append((0.0, _hours(one.end), f"until {one.end.isoformat('minutes')}"))
    for one in calendar.week.get(number, ()):
        ends = 24.0 if one.end <= one.start else _hours(one.end)
        spans.append((_hours(one.start), ends, plain_calendars.show_range(one)))
    return tuple(Span(f"{since / 0.24:.2f}%", f"{(until - since) / 0.24:.2f}%", text) for since, until, text in spans)


def _hours(one: time) -> float:
    return one.hour + one.minute / 60 + one.second / 3600


def _day_label(day: str) -> str:
    if len(day) == 5:
        return f"{date.fromisoformat(f'2000-{day}'):%-d %B}, every year"
    return f"{date.fromisoformat(day):%a %-d %b %Y}"


def _day_rows(days: Mapping[str, Any]) -> tuple[DayRow, ...]:
    return tuple(
        DayRow(day, told["name"], ", ".join(told["hours"]), _day_label(day))
        if isinstance(told, dict)
        else DayRow(day, told, "", _day_label(day))
        for day, told in days.items()
    )


def _policy(ctx: Context, row: SlaPolicy) -> dict[str, Any]:
    calendar = ctx.session.get(BusinessCalendar, row.calendar_id) if row.calendar_id else None
    found = ctx.session.exec(
        select(Priority.slug, SlaTarget.metric, SlaTarget.seconds)
        .join(Priority, col(Priority.id) == SlaTarget.priority_id)
        .where(SlaTarget.policy_id == row.id)
        .order_by(col(Priority.rank), SlaTarget.metric)
    ).all()
    targets: dict[str, dict[str, str]] = {}
    for slug, metric, seconds in found:
        targets.setdefault(slug, {})[metric] = durations.exact(timedelta(seconds=seconds))
    return {
        "name": row.name, "calendar": calendar.name if calendar else None, "active": row.is_active,
        "warning_share": row.warning_share, "where": row.conditions, "targets": targets,
    }  # fmt: skip
