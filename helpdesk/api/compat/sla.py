"""/api/sla/: promises, how they are kept, and what was broken. Other families show the same at their own addresses."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from helpdesk.api.compat import lists, slashes
from helpdesk.api.compat.lists import Results
from helpdesk.api.compat.ticketing import Family
from helpdesk.api.v1 import desk
from helpdesk.api.v1.caller import Caller, CallerOf
from helpdesk.api.v1.schemas import Input, Number
from helpdesk.api.v1.ticket_schemas import moment
from helpdesk.domain import durations
from helpdesk.domain.errors import Invalid, NotFound
from helpdesk.domain.permissions import Permission
from helpdesk.domain.sla import Metric
from helpdesk.services import catalog_view, compliance, promises
from helpdesk.services.compliance import By, ComplianceRow, LateRow
from helpdesk.services.promises import PolicyRow

family = Family("sla", slashes.SLA, slashes.SLA)

_ARRANGE = Permission.CATALOG_MANAGE
_YEAR_OF_MINUTES = 366 * 24 * 60
Minutes = Annotated[int, Field(ge=1, le=_YEAR_OF_MINUTES)]
Seconds = Annotated[int, Field(ge=60, le=315_360_000)]
Targets = dict[str, dict[str, Seconds]]
Days = Annotated[int, Query(ge=1, le=365)]
# Other desks' words for our priorities; an organization's own words come first.
_PRIORITIES = {"critical": "urgent", "p1": "urgent", "normal": "medium"}
_TYPES = {"response": Metric.FIRST_RESPONSE, "resolve": Metric.RESOLUTION, "": ""} | {one.value: one for one in Metric}
BreachType = Literal["", "response", "first_response", "next_response", "resolution", "resolve"]


class PolicyFields(Input):
    """An SLA policy; what is promised either for one priority (or all) in minutes, or as `targets`."""

    calendar: str | None = Field(None, max_length=120, description="A calendar's name; null: around the clock.")
    warning_share: int | None = Field(None, ge=1, le=99, description="Percent of a target after which to warn.")
    priority: str = Field("", max_length=60, description="For which priority the minutes are; empty: for each.")
    first_response_minutes: Minutes | None = None
    resolution_minutes: Minutes | None = None
    targets: Targets | None = Field(None, description="Priority -> metric -> seconds.")
    conditions: dict[str, Any] | None = Field(None, description="For which tickets, as the canonical API has it.")


class PolicyNew(PolicyFields):
    """An SLA policy to make."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Locks", "priority": "critical", "first_response_minutes": 30, "resolution_minutes": 240}
            ]
        }
    )

    name: str = Field(max_length=120)
    is_active: bool = True


class PolicyChanged(PolicyFields):
    """What to change of an SLA policy; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"priority": "high", "resolution_minutes": 480}]})

    name: str | None = Field(None, max_length=120)
    is_active: bool | None = None


class PolicyAlias(BaseModel):
    """An SLA policy. The minutes are told where it promises for one priority alone."""

    id: int
    name: str
    is_active: bool
    calendar: str
    warning_share: int | None
    priority: str | None
    first_response_minutes: int | None
    resolution_minutes: int | None
    targets: dict[str, dict[str, int]]
    conditions: dict[str, Any] | None


class Breach(BaseModel):
    """A broken promise."""

    id: int
    ticket: int
    ticket_reference: str
    ticket_title: str
    breach_type: str = Field(description="first_response, next_response or resolution.")
    policy: int | None
    policy_name: str
    target_seconds: int
    due_at: datetime | None
    breached_at: datetime | None
    notified: bool = Field(description="Whether it was noticed, and told. It takes seconds.")


class Kept(BaseModel):
    """How promises of one kind are kept; `compliance_rate` in percent of those decided."""

    id: int
    name: str
    met: int
    breached: int
    running: int
    compliance_rate: float | None


class Compliance(BaseModel):
    """How promises are kept, altogether and one by one."""

    days: int
    by: str
    met: int
    breached: int
    running: int
    compliance_rate: float | None
    results: list[Kept]


def listing(family: Family, path: str) -> None:
    """GET sla/policies/, or what it is called."""

    @family.op("GET", path, _ARRANGE, "List SLA policies")
    def list_policies(caller: Caller) -> Results[PolicyAlias]:
        """In the order they are asked."""
        return Results(**lists.whole([_shown(row) for row in caller.run(promises.policy_rows)]))


def making(family: Family, path: str) -> None:
    """POST sla/policies/."""

    @family.op("POST", path, _ARRANGE, "Create an SLA policy", status=201)
    def create_policy(caller: Caller, body: PolicyNew) -> PolicyAlias:
        """Answers it as it is."""
        facts = body.model_dump(include={"name", "calendar", "is_active", "conditions", "warning_share"})
        return _one(caller, caller.run(promises.save_policy, targets=_targets(caller, body, {}), **facts))


def breaching(family: Family, path: str) -> None:
    """GET sla/violations/, or breaches/."""

    @family.op("GET", path, Permission.REPORT_READ, "List broken promises")
    def list_breaches(
        request: Request,
        caller: Caller,
        breach_type: Annotated[BreachType, Query(description="response, next_response or resolution.")] = "",
        notified: Annotated[bool, Query(description="false: overdue, and not noticed yet.")] = True,
        page: lists.PageNumber = 1,
        page_size: lists.PageSize = 25,
        cursor: Annotated[str, Query(max_length=20, pattern="^[0-9]*$")] = "",
    ) -> Results[Breach]:
        """Of the last 90 days, the latest promises first."""
        rows = caller.run(
            compliance.late, metric=_TYPES[breach_type], is_noticed=notified, before=int(cursor) if cursor else None,
            size=page_size,
        )  # fmt: skip
        mark = str(rows[-1].id) if rows else ""
        return Results(**lists.from_mark(request, [_breach(row) for row in rows], full=page_size, mark=mark))


def keeping(family: Family, path: str) -> None:
    """GET sla/compliance/, or policies/stats/."""

    @family.op("GET", path, Permission.REPORT_READ, "Read how promises are kept", selects=False)
    def get_compliance(caller: Caller, by: By = By.POLICY, days: Days = 30) -> Compliance:
        """In the last days; and what runs now."""
        rows = caller.run(compliance.compliance, by, days=days)
        met, breached, running = (sum(getattr(row, one) for row in rows) for one in ("met", "breached", "running"))
        return Compliance(
            days=days, by=by, met=met, breached=breached, running=running, compliance_rate=_rate(met, breached),
            results=[_kept(row) for row in rows],
        )  # fmt: skip


listing(family, "policies")
making(family, "policies")
keeping(family, "policies/stats")
breaching(family, "breaches")


@family.op("GET", "policies/{number}", _ARRANGE, "Read an SLA policy")
def get_policy(caller: Caller, number: Number) -> PolicyAlias:
    """By its number."""
    return _one(caller, number)


@family.op("PATCH", "policies/{number}", _ARRANGE, "Change an SLA policy")
def change_policy(caller: Caller, number: Number, body: PolicyChanged) -> PolicyAlias:
    """What is left out stays."""
    return _change(caller, number, body)


@family.op("PUT", "policies/{number}", _ARRANGE, "Change an SLA policy")
def put_policy(caller: Caller, number: Number, body: PolicyChanged) -> PolicyAlias:
    """What is left out stays."""
    return _change(caller, number, body)


@family.op("DELETE", "policies/{number}", _ARRANGE, "Delete an SLA policy", status=204, response_class=Response)
def delete_policy(caller: Caller, number: Number) -> None:
    """Its clocks that run go by the policy that comes next."""
    caller.run(desk.delete_policy, number)


def _change(caller: CallerOf, number: int, body: PolicyChanged) -> PolicyAlias:
    row = _row(caller, number)
    given = body.model_dump(exclude_unset=True)
    facts: dict[str, Any] = {
        "name": given.get("name") or row.name,
        "is_active": row.is_active if given.get("is_active") is None else given["is_active"],
        "calendar": given.get("calendar", row.calendar if row.calendar_id else None),
        "conditions": given.get("conditions", row.conditions or None),
        "warning_share": given.get("warning_share", row.warning_share),
    }  # fmt: skip
    caller.run(promises.save_policy, number, targets=_targets(caller, body, _seconds(row)), **facts)
    return _one(caller, number)


def _targets(caller: CallerOf, body: PolicyFields, present: Targets) -> dict[str, dict[str, timedelta]]:
    """What is promised: the targets that were given, or those there are; and over them the minutes."""
    known = [row.slug for row in caller.run(catalog_view.priorities)]

    def slug(word: str) -> str:
        return word if word in known else _PRIORITIES.get(word.strip().lower(), word.strip().lower())

    found = {slug(word): dict(each) for word, each in (present if body.targets is None else body.targets).items()}
    minutes = {Metric.FIRST_RESPONSE: body.first_response_minutes, Metric.RESOLUTION: body.resolution_minutes}
    for metric, number in minutes.items():
        for one in (slug(body.priority),) if body.priority.strip() else known:
            if number is not None:
                found.setdefault(one, {})[metric] = number * 60
    if not found:
        raise Invalid(targets="Promise something: first_response_minutes, resolution_minutes or targets.")
    return {one: {metric: timedelta(seconds=each) for metric, each in told.items()} for one, told in found.items()}


def _seconds(row: PolicyRow) -> Targets:
    found: Targets = {}
    for key, text in (row.targets or {}).items():
        slug, _, metric = key.partition("/")
        found.setdefault(slug, {})[metric] = int(durations.promise(text).total_seconds())
    return found


def _one(caller: CallerOf, number: int) -> PolicyAlias:
    return _shown(_row(caller, number))


def _row(caller: CallerOf, number: int) -> PolicyRow:
    found = next((row for row in caller.run(promises.policy_rows) if row.id == number), None)
    if found is None:
        raise NotFound("There is no such SLA policy.")
    return found


def _shown(row: PolicyRow) -> PolicyAlias:
    targets = _seconds(row)
    single = next(iter(targets)) if len(targets) == 1 else None
    told = targets[single] if single else {}
    return PolicyAlias(
        id=row.id, name=row.name, is_active=row.is_active, calendar=row.calendar, warning_share=row.warning_share,
        priority=single, first_response_minutes=_minutes(told.get(Metric.FIRST_RESPONSE)),
        resolution_minutes=_minutes(told.get(Metric.RESOLUTION)), targets=targets,
        conditions=dict(row.conditions) if row.conditions else None,
    )  # fmt: skip


def _minutes(seconds: int | None) -> int | None:
    return None if seconds is None else max(1, round(seconds / 60))


def _breach(row: LateRow) -> Breach:
    return Breach(
        id=row.id, ticket=row.ticket_id, ticket_reference=row.reference, ticket_title=row.title, breach_type=row.metric,
        policy=row.policy_id or None, policy_name=row.policy, target_seconds=row.target_seconds, due_at=moment(row.due_at),
        breached_at=moment(row.noticed_at), notified=bool(row.noticed_at),
    )  # fmt: skip


def _kept(row: ComplianceRow) -> Kept:
    return Kept(
        id=row.id, name=row.name, met=row.met, breached=row.breached, running=row.running,
        compliance_rate=_rate(row.met, row.breached),
    )  # fmt: skip


def _rate(met: int, breached: int) -> float | None:
    return round(met * 100 / (met + breached), 1) if met + breached else None
