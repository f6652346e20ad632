"""Calendars and SLA policies as administrators write them down. New tickets go by them; running clocks go on as begun."""

import zoneinfo
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any

from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.configuration import span
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.permissions import Permission
from helpdesk.domain.sla import Metric
from helpdesk.models import BusinessCalendar, Person, Priority, SlaPolicy, SlaTarget
from helpdesk.services import arranging
from helpdesk.services.context import Context, requires, step

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CALENDAR_KINDS = (ActivityKind.CALENDAR_CREATED, ActivityKind.CALENDAR_CHANGED)
_POLICY_KINDS = (ActivityKind.POLICY_CREATED, ActivityKind.POLICY_CHANGED)


@step
def calendars(ctx: Context) -> list[dict[str, Any]]:
    """Every calendar as plain data: opening hours by day, holidays by date."""
    return [_calendar(row) for row in _calendars(ctx)]


@step
def policies(ctx: Context) -> list[dict[str, Any]]:
    """Every policy as plain data, in the order they are asked: targets by priority and metric."""
    return [_policy(ctx, row) for row in _policies(ctx)]


@requires(Permission.CATALOG_MANAGE)
def save_calendar(
    ctx: Context,
    *,
    name: str,
    timezone: str,
    week: Mapping[str, Sequence[str]] | None = None,
    holidays: Mapping[date, str] | None = None,
) -> None:
    """Create the calendar with a name, or change it.

    Args:
        week: day -> ranges such as 09:00-17:00; empty: around the clock.

    Raises:
        Invalid: an unknown zone, day or range.
    """
    name = arranging.checked_name(name, most=120, what="the calendar")
    if timezone not in zoneinfo.available_timezones():
        raise Invalid(timezone="Use a time zone such as Europe/Berlin.")
    hours = {str(DAYS.index(_day(day))): [_range(one) for one in ranges] for day, ranges in (week or {}).items()}
    row = ctx.session.exec(select(BusinessCalendar).where(BusinessCalendar.name == name)).first()
    before = _calendar(row) if row else None
    row = row or BusinessCalendar(name=name)
    row.timezone, row.week = timezone, hours
    row.holidays = {day.isoformat(): arranging.checked_name(text, most=120) for day, text in (holidays or {}).items()}
    ctx.session.add(row)
    ctx.session.flush()
    arranging.wrote(ctx, _CALENDAR_KINDS, row.id, name, before, _calendar(row))


@requires(Permission.CATALOG_MANAGE)
def save_policy(
    ctx: Context,
    *,
    name: str,
    calendar: str | None,
    is_active: bool,
    targets: Mapping[str, Mapping[str, timedelta]],
) -> None:
    """Create the policy with a name, or change it.

    Args:
        calendar: a calendar's name; None counts around the clock.
        targets: priority's slug -> metric -> how long.

    Raises:
        Invalid: no such calendar, priority or metric.
    """
    name = arranging.checked_name(name, most=120, what="the policy")
    found = next((row for row in _calendars(ctx) if row.name == calendar), None)
    if calendar and found is None:
        raise Invalid(calendar=f"There is no calendar “{calendar}”.")
    priorities = dict(ctx.session.exec(select(Priority.slug, Priority.id)).all())
    wanted: dict[tuple[int, str], int] = {}
    for slug, promised in targets.items():
        if slug not in priorities:
            raise Invalid(targets=f"There is no priority “{slug}”.")
        for metric, length in promised.items():
            if metric not in set(Metric):
                raise Invalid(targets=f"“{metric}” is no promise. Use one of: {', '.join(Metric)}.")
            wanted[priorities[slug], metric] = int(length.total_seconds())
    row = ctx.session.exec(select(SlaPolicy).where(SlaPolicy.name == name)).first()
    before = _policy(ctx, row) if row else None
    row = row or SlaPolicy(name=name, position=len(_policies(ctx)), created_at=ctx.now)
    row.calendar_id, row.is_active = found.id if found else None, is_active
    ctx.session.add(row)
    ctx.session.flush()
    _promise(ctx, row, wanted)
    arranging.wrote(ctx, _POLICY_KINDS, row.id, name, before, _policy(ctx, row))


@requires(Permission.CATALOG_MANAGE)
def delete_calendar(ctx: Context, name: str) -> None:
    """Remove a calendar no policy uses.

    Raises:
        Conflict: a policy uses it, or somebody works by it.
    """
    row = next(row for row in _calendars(ctx) if row.name == name)
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


@requires(Permission.CATALOG_MANAGE)
def delete_policy(ctx: Context, name: str) -> None:
    """Remove a policy; clocks that run by it go on."""
    row = next(row for row in _policies(ctx) if row.name == name)
    before = _policy(ctx, row)
    ctx.session.delete(row)
    ctx.session.flush()
    arranging.deleted(ctx, ActivityKind.POLICY_DELETED, row.id, name, before)


@requires(Permission.CATALOG_MANAGE)
def reorder_policies(ctx: Context, names: Sequence[str]) -> None:
    """Put the policies in the order they are asked."""
    by_name = {row.name: row.id for row in _policies(ctx)}
    ids = [by_name[name] for name in names]
    arranging.in_order(ctx, ActivityKind.POLICY_CHANGED, _policies(ctx), ids, label="name")


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
    return ctx.session.exec(select(BusinessCalendar).order_by(BusinessCalendar.name)).all()


def _policies(ctx: Context) -> Sequence[SlaPolicy]:
    return ctx.session.exec(select(SlaPolicy).order_by(col(SlaPolicy.position), col(SlaPolicy.id))).all()


def _calendar(row: BusinessCalendar) -> dict[str, Any]:
    week = {DAYS[int(day)]: [f"{start[:5]}-{end[:5]}" for start, end in row.week[day]] for day in sorted(row.week)}
    return {"name": row.name, "timezone": row.timezone, "week": week, "holidays": dict(sorted(row.holidays.items()))}


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
        targets.setdefault(slug, {})[metric] = span(timedelta(seconds=seconds))
    return {
        "name": row.name, "calendar": calendar.name if calendar else None, "active": row.is_active, "targets": targets,
    }  # fmt: skip


def _day(text: str) -> str:
    if text.lower() not in DAYS:
        raise Invalid(week=f"“{text[:40]}” is no day. Use {', '.join(DAYS)}.")
    return text.lower()


def _range(text: str) -> list[str]:
    start, _, end = text.replace(" ", "").partition("-")
    try:
        return [time.fromisoformat(one).isoformat("minutes") for one in (start, end)]
    except ValueError:
        raise Invalid(week=f"“{text[:40]}” is no range. Use one such as 09:00-17:00.") from None
