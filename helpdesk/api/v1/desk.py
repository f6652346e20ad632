"""What an organization arranges: words, people, teams, promises, rules, macros, views."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from helpdesk.api.v1 import ticket_schemas as shapes
from helpdesk.api.v1.arranged import body_of, resource
from helpdesk.api.v1.caller import Caller, CallerOf
from helpdesk.api.v1.routing import Need, Router
from helpdesk.api.v1.schemas import Created, Done, Input, Number, Page, page
from helpdesk.api.v1.ticket_schemas import Named, Ticket
from helpdesk.domain import escalation
from helpdesk.domain.bulk import Action
from helpdesk.domain.conditions import as_json, from_json
from helpdesk.domain.custom_fields import Field as CustomField
from helpdesk.domain.errors import NotFound
from helpdesk.domain.filters import Sort
from helpdesk.domain.permissions import Permission
from helpdesk.services import (
    catalog,
    catalog_view,
    companies,
    custom_fields,
    escalations,
    health,
    macros,
    offboarding,
    organizations,
    people,
    priorities,
    promises,
    quarantine,
    rehearsal,
    rules,
    skills,
    statuses,
    tags,
    teams,
    tickets,
    views,
)
from helpdesk.services.catalog import CategoryRow, PriorityRow, StatusRow, TagRow
from helpdesk.services.companies import CompanyDetail, SiteRow
from helpdesk.services.context import Context
from helpdesk.services.health import HealthRow
from helpdesk.services.macros import MacroRow, Preview
from helpdesk.services.organizations import OrganizationRow
from helpdesk.services.people import AgentRow, PersonRow
from helpdesk.services.promises import CalendarRow
from helpdesk.services.quarantine import BlockedRow
from helpdesk.services.rehearsal import Rehearsal
from helpdesk.services.rules import RuleRow
from helpdesk.services.skills import SkillRow
from helpdesk.services.teams import TeamDetail
from helpdesk.services.tickets import bulk
from helpdesk.services.views import ViewRow

words = Router("Words of the desk")
staff = Router("People")
service = Router("Promises and rules")
seen = Router("Views")

_CATALOG, _READ = Permission.CATALOG_MANAGE, Permission.TICKET_READ
_PEOPLE, _KNOWN = Permission.PERSON_MANAGE, Permission.PERSON_READ

resource(
    words, "/statuses", one="status", many="statuses", row=StatusRow, listing=catalog_view.statuses, reads=_READ,
    save=statuses.save, delete=statuses.delete, writes=_CATALOG,
    example={"label": "In repair", "customer_label": "Being repaired", "category": "open", "colour": "amber"},
)  # fmt: skip
resource(
    words, "/priorities", one="priority", many="priorities", row=PriorityRow, listing=catalog_view.priorities, reads=_READ,
    save=priorities.save, delete=priorities.delete, writes=_CATALOG, example={"label": "Blocking", "rank": 5, "colour": "red"},
)  # fmt: skip
resource(
    words, "/categories", one="category", many="categories", row=CategoryRow, listing=catalog_view.categories, reads=_READ,
    save=catalog.save_category, delete=catalog.delete_category, writes=_CATALOG,
    example={"name": "Doors and locks", "description": "All that opens and closes."},
)  # fmt: skip
resource(
    words, "/tags", one="tag", many="tags", row=TagRow, listing=catalog_view.tags, reads=_KNOWN, save=tags.save,
    delete=tags.delete, writes=_CATALOG, example={"name": "locks", "colour": "blue"},
)  # fmt: skip
resource(
    words, "/custom-fields", one="custom field", many="custom fields", row=CustomField, listing=catalog_view.fields,
    reads=_READ, save=custom_fields.save, writes=_CATALOG, example={"label": "Room", "kind": "text", "is_public": True},
)  # fmt: skip


class TagMerge(Input):
    """The tag it goes on as."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"into": 7}]})

    into: Number


@words.op("POST", "/tags/{number}/merge", _CATALOG, "Merge a tag into another")
def merge_tag(caller: Caller, number: Number, body: TagMerge) -> Done:
    """Its tickets carry the other one from then on."""
    caller.run(tags.merge, number, into=body.into)
    return Done()


OrganizationIn = body_of(
    organizations.change, "organization",
    {
        "name": "Support", "timezone": "Europe/Berlin", "accent": "indigo", "public_form": True,
        "auto_close_hours": 48, "warning_share": 80,
    },
)  # fmt: skip


class OrganizationOut(BaseModel):
    """The organization and its settings."""

    id: int
    slug: str
    name: str
    reference_prefix: str
    timezone: str
    accent: str
    public_form: bool
    auto_close_hours: int
    warning_share: int


@words.op("GET", "/organization", Need.SIGNED_IN, "Read the organization")
def get_organization(caller: Caller) -> OrganizationOut:
    """Its name, zone and settings everybody may know."""
    return _organization(caller.run(organizations.mine))


@words.op("PUT", "/organization", Permission.ORGANIZATION_MANAGE, "Change the organization's settings")
def change_organization(caller: Caller, body: OrganizationIn) -> OrganizationOut:  # type: ignore[valid-type]
    """What may be left out stays."""
    return _organization(caller.run(organizations.change, **body.model_dump()))  # type: ignore[attr-defined]


@words.op("GET", "/organization/health", Permission.ORGANIZATION_MANAGE, "Read what waits")
def get_health(caller: Caller) -> Page[HealthRow]:
    """What the desk leans on, whether it answers, and what waits until it does. It may take a few seconds."""
    return Page(items=caller.run(health.look, health.asked()))


@words.op("GET", "/blocked-files", Permission.ORGANIZATION_MANAGE, "List blocked files")
def list_blocked_files(request: Request, caller: Caller, before: Number | None = None) -> Page[BlockedRow]:
    """What the virus scanner has set aside, newest first."""
    return page(request, caller.run(quarantine.listing, before=before), full=50)


@words.op("POST", "/blocked-files/{number}/release", Permission.ORGANIZATION_MANAGE, "Release a blocked file anyway")
def release_blocked_file(caller: Caller, number: Number) -> Done:
    """It can be opened from now on; who sent it is told."""
    caller.run(quarantine.release, number)
    return Done()


@words.op(
    "DELETE", "/blocked-files/{number}", Permission.ORGANIZATION_MANAGE, "Delete a blocked file for good", status=204
)
def delete_blocked_file(caller: Caller, number: Number) -> Response:
    """Who sent it is told."""
    caller.run(quarantine.delete, number)
    return Response(status_code=204)


def _organization(row: OrganizationRow) -> OrganizationOut:
    return OrganizationOut(**{name: getattr(row, name) for name in OrganizationOut.model_fields})


resource(
    staff, "/teams", one="team", many="teams", row=TeamDetail, listing=teams.listing, reads=_KNOWN, save=teams.save,
    delete=teams.delete, writes=Permission.TEAM_MANAGE, example={"name": "Locksmiths", "strategy": "least_loaded"},
)  # fmt: skip
resource(
    staff, "/skills", one="skill", many="skills", row=SkillRow, listing=skills.listing, reads=_KNOWN, save=skills.save,
    delete=skills.delete, writes=_PEOPLE, example={"name": "Electronic locks"},
)  # fmt: skip


@staff.op("GET", "/agents", _KNOWN, "List who takes tickets")
def list_agents(caller: Caller) -> Page[AgentRow]:
    """Those who are there first, with their open tickets."""
    return Page(items=caller.run(people.colleagues))


@staff.op("GET", "/people", _KNOWN, "List people")
def list_people(
    request: Request,
    caller: Caller,
    text: Annotated[str, Query(max_length=100, description="Part of the name or address.")] = "",
    role: Annotated[str, Query(max_length=20, description="A role, or `staff`.")] = "",
    active: bool | None = None,
    team_id: Number | None = None,
    company_id: Number | None = None,
    after: Annotated[str, Query(max_length=300, description="Where the page before ended: `name|id`.")] = "",
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[PersonRow]:
    """By name."""
    found = caller.run(
        people.listing,
        text=text,
        role=role,
        active=active,
        team_id=team_id,
        company_id=company_id,
        after=after,
        size=size,
    )
    last = f"{found[-1].name}|{found[-1].id}" if found else ""
    return page(request, found, full=size, mark="after", key=last)


@staff.op("GET", "/people/{number}", _KNOWN, "Read a person")
def get_person(caller: Caller, number: Number) -> PersonRow:
    """With their skills and open tickets."""
    return caller.run(people.one, number)


PersonIn = body_of(people.create, "person", {"name": "Rita Requester", "email": "rita@northwind.example"})
PersonChange = body_of(people.change, "person_change", {"name": "Rita Requester", "email": "rita@northwind.example"})


@staff.op("POST", "/people", _PEOPLE, "Create an account", status=201)
def create_person(caller: Caller, body: PersonIn) -> Created:  # type: ignore[valid-type]
    """Without a password they are invited, or sign in with another house's account."""
    return Created(id=caller.run(people.create, **body.model_dump()))  # type: ignore[attr-defined]


@staff.op("PUT", "/people/{number}", _PEOPLE, "Change an account")
def change_person(caller: Caller, number: Number, body: PersonChange) -> Done:  # type: ignore[valid-type]
    """Their role is changed apart."""
    caller.run(people.change, number, **body.model_dump())  # type: ignore[attr-defined]
    return Done()


class RoleChange(Input):
    """A role."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "manager"}]})

    role: str = Field(max_length=20)


class Leaving(Input):
    """What becomes of their open tickets."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"tickets": "queue"}]})

    tickets: str = Field(offboarding.KEEP, max_length=40, description="keep, queue, or a colleague's number.")


@staff.op(
    "PUT", "/people/{number}/role", Permission.ROLE_MANAGE, "Give somebody another role", version_of="/people/{number}"
)
def change_role(caller: Caller, number: Number, body: RoleChange) -> Done:
    """Their sessions end."""
    caller.run(people.change_role, number, role=body.role)
    return Done()


@staff.op("POST", "/people/{number}/deactivate", _PEOPLE, "Deactivate an account")
def deactivate_person(caller: Caller, number: Number, body: Leaving) -> Done:
    """Their sessions and tokens are worthless at once."""
    caller.run(offboarding.deactivate, number, tickets=body.tickets)
    return Done()


@staff.op("POST", "/people/{number}/activate", _PEOPLE, "Activate an account")
def activate_person(caller: Caller, number: Number) -> Done:
    """They sign in as before."""
    caller.run(people.activate, number)
    return Done()


@staff.op("POST", "/people/{number}/invite", _PEOPLE, "Invite somebody")
def invite_person(caller: Caller, number: Number) -> Done:
    """By mail, with a link to choose a password."""
    caller.run(people.invite, number)
    return Done()


@staff.op("GET", "/companies", _KNOWN, "List companies")
def list_companies(caller: Caller) -> Page[Named]:
    """By name."""
    return Page(items=[Named(id=number, name=name) for number, name in caller.run(people.companies)])


@staff.op("GET", "/companies/{number}", _PEOPLE, "Read a company")
def get_company(caller: Caller, number: Number) -> CompanyDetail:
    """With its sites and people."""
    return caller.run(companies.one, number)


CompanyIn = body_of(companies.save, "company", {"name": "Northwind", "domains": ["northwind.example"]})
SiteIn = body_of(companies.save_site, "site", {"name": "Harbour office", "address": "Quay 1"})


@staff.op("POST", "/companies", _PEOPLE, "Create a company", status=201)
def create_company(caller: Caller, body: CompanyIn) -> Created:  # type: ignore[valid-type]
    """Customers with an address of its domains belong to it."""
    return Created(id=caller.run(companies.save, **body.model_dump()))  # type: ignore[attr-defined]


@staff.op("PUT", "/companies/{number}", _PEOPLE, "Change a company")
def change_company(caller: Caller, number: Number, body: CompanyIn) -> Done:  # type: ignore[valid-type]
    """Name and domains."""
    caller.run(companies.save, number, **body.model_dump())  # type: ignore[attr-defined]
    return Done()


@staff.op("DELETE", "/companies/{number}", _PEOPLE, "Delete a company", status=204, response_class=Response)
def delete_company(caller: Caller, number: Number) -> None:
    """Its people stay."""
    caller.run(companies.delete, number)


@staff.op("GET", "/companies/{number}/sites", _PEOPLE, "List a company's sites")
def list_sites(caller: Caller, number: Number) -> Page[SiteRow]:
    """Its places."""
    return Page(items=caller.run(companies.sites_of, number))


@staff.op("POST", "/companies/{number}/sites", _PEOPLE, "Add a site", status=201)
def create_site(caller: Caller, number: Number, body: SiteIn) -> Created:  # type: ignore[valid-type]
    """A place of the company."""
    return Created(id=caller.run(companies.save_site, number, **body.model_dump()))  # type: ignore[attr-defined]


@staff.op("DELETE", "/sites/{number}", _PEOPLE, "Delete a site", status=204, response_class=Response)
def delete_site(caller: Caller, number: Number) -> None:
    """Its people stay."""
    caller.run(companies.delete_site, number)


class SlaPolicyIn(Input):
    """Whom a promise is for, and what is promised."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Standard", "targets": {"high": {"first_response": 3600, "resolution": 28800}}}]
        }
    )

    name: str = Field(max_length=120)
    calendar: str | None = Field(None, max_length=120, description="A calendar's name; none: around the clock.")
    is_active: bool = True
    targets: dict[str, dict[str, Annotated[int, Field(ge=60, le=315_360_000)]]] = Field(
        description="Priority's slug -> metric (first_response, next_response, resolution) -> seconds."
    )
    conditions: dict[str, Any] | None = Field(
        None, description="For which tickets; none: for all no policy before it is for."
    )
    warning_share: int | None = Field(None, ge=1, le=99, description="Percent of a target after which to warn.")


class SlaPolicyOut(BaseModel):
    """An SLA policy; targets as people read them."""

    id: int
    name: str
    calendar: str
    is_active: bool
    warning_share: int | None
    targets: dict[str, str] | None
    conditions: dict[str, Any] | None


def policy_shown(row: promises.PolicyRow) -> SlaPolicyOut:
    """A policy."""
    return SlaPolicyOut(
        id=row.id, name=row.name, calendar=row.calendar, is_active=row.is_active, warning_share=row.warning_share,
        targets=dict(row.targets) if row.targets else None, conditions=dict(row.conditions) if row.conditions else None,
    )  # fmt: skip


def _policy_facts(body: SlaPolicyIn) -> dict[str, Any]:
    targets = {
        priority: {metric: timedelta(seconds=seconds) for metric, seconds in each.items()}
        for priority, each in body.targets.items()
    }
    return body.model_dump(exclude={"targets"}) | {"targets": targets}


def delete_policy(ctx: Context, number: int) -> None:
    """Delete an SLA policy by its number."""
    promises.delete_policy(ctx, _name(promises.policy_rows(ctx), number, "SLA policy"))


def _delete_calendar(ctx: Context, number: int) -> None:
    promises.delete_calendar(ctx, _name(promises.calendar_rows(ctx), number, "calendar"))


def _name(rows: Any, number: int, what: str) -> str:
    found = next((row.name for row in rows if row.id == number), None)
    if found is None:
        raise NotFound(f"There is no such {what}.")
    return str(found)


resource(
    service, "/sla/policies", one="SLA policy", many="SLA policies", row=SlaPolicyOut, listing=promises.policy_rows,
    reads=_CATALOG, save=promises.save_policy, delete=delete_policy, writes=_CATALOG, body=SlaPolicyIn,
    facts=_policy_facts, show=policy_shown,
)  # fmt: skip
resource(
    service, "/calendars", one="calendar", many="calendars", row=CalendarRow, listing=promises.calendar_rows,
    reads=_CATALOG, save=promises.save_calendar, delete=_delete_calendar, writes=_CATALOG,
    example={"name": "Office", "timezone": "Europe/Berlin", "week": {"mon": ["09:00-17:00"]}, "holidays": {"12-25": "Christmas"}},
)  # fmt: skip


class StepIn(Input):
    """A step of an escalation policy."""

    since: escalation.Since
    after: str = Field(max_length=40, description="Such as 30m, 4h or 1d.")
    whom: list[Annotated[str, Field(max_length=60)]] = Field(
        max_length=20, description="lead, managers, assignee, team:7 ..."
    )
    level: int = Field(1, ge=0, le=3)
    message: str = Field("", max_length=2000)


class EscalationPolicyIn(Input):
    """Who is told when a ticket waits too long."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Late answers", "steps": [{"since": "created", "after": "4h", "whom": ["managers"]}]}]
        }
    )

    name: str = Field(max_length=120)
    where: dict[str, Any] = Field({}, description="For which tickets; nothing: for all.")
    steps: list[StepIn] = Field(max_length=20)
    is_active: bool = True


class StepOut(BaseModel):
    """A step, as it is written and as people read it."""

    since: str
    after: str
    whom: list[str]
    level: int
    message: str


class EscalationPolicyOut(BaseModel):
    """An escalation policy."""

    id: int
    name: str
    is_active: bool
    where: dict[str, Any]
    steps: list[StepOut]


def escalation_of(row: escalations.PolicyRow) -> EscalationPolicyOut:
    """An escalation policy as it is told."""
    steps = [
        StepOut(since=one.since, after=one.after, whom=list(one.whom), level=one.level, message=one.message)
        for one in row.steps
    ]
    return EscalationPolicyOut(id=row.id, name=row.name, is_active=row.is_active, where=as_json(row.where), steps=steps)


def escalation_facts(body: EscalationPolicyIn) -> dict[str, Any]:
    """What the verb takes of an escalation policy."""
    steps = [
        escalation.Step(one.since, escalation.after(one.after), tuple(one.whom), one.level, one.message)
        for one in body.steps
    ]
    return {
        "name": body.name,
        "where": from_json(body.where or {"all": []}),
        "steps": steps,
        "is_active": body.is_active,
    }


resource(
    service, "/escalation-policies", one="escalation policy", many="escalation policies", row=EscalationPolicyOut,
    listing=escalations.listing, reads=_CATALOG, save=escalations.save, delete=escalations.remove, writes=_CATALOG,
    body=EscalationPolicyIn, facts=escalation_facts, show=escalation_of,
)  # fmt: skip

_AUTOMATION = Permission.AUTOMATION_MANAGE
_RULE: dict[str, Any] = {
    "name": "VIPs first",
    "written": {"when": "created", "if": {"all": [["tag", "any", "vip"]]}, "then": [["priority", "urgent"]]},
}
resource(
    service, "/rules", one="rule", many="rules", row=RuleRow, listing=rules.listing, reads=_AUTOMATION, save=rules.save,
    delete=rules.delete, writes=_AUTOMATION, example=_RULE,
)  # fmt: skip


class RuleSwitch(Input):
    """Whether it works."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"is_active": False}]})

    is_active: bool


class Rehearse(Input):
    """A rule to try."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"written": _RULE["written"], "days": 7}]})

    written: dict[str, Any]
    days: int = Field(7, ge=1, le=90)


@service.op("GET", "/rules/{number}/definition", _AUTOMATION, "Read a rule as it is written", selects=False)
def get_rule_definition(caller: Caller, number: Number) -> dict[str, Any]:
    """When, after, if, then."""
    return caller.run(rules.definition, number)


@service.op("POST", "/rules/{number}/switch", _AUTOMATION, "Let a rule work, or rest")
def switch_rule(caller: Caller, number: Number, body: RuleSwitch) -> Done:
    """Nothing of it is lost."""
    caller.run(rules.switch, number, is_active=body.is_active)
    return Done()


class RuleRunOut(BaseModel):
    """What a rule did to a ticket, or why not."""

    id: int
    rule_id: int
    rule: str
    reference: str
    title: str
    result: str
    text: str
    at: str


@service.op("GET", "/rule-runs", _AUTOMATION, "List what rules did")
def list_rule_runs(
    caller: Caller,
    rule_id: Number | None = None,
    result: Annotated[str, Query(max_length=20)] = "",
    reference: Annotated[str, Query(max_length=40)] = "",
    before: Number | None = None,
) -> Page[RuleRunOut]:
    """Newest first."""
    found = caller.run(rules.runs, rule_id=rule_id or 0, result=result, reference=reference, before=before or 0)
    items = [RuleRunOut(**{name: getattr(one, name) for name in RuleRunOut.model_fields}) for one in found]
    return Page(items=items)


@service.op("POST", "/rules/rehearse", _AUTOMATION, "Try a rule on the last days")
def rehearse_rule(caller: Caller, body: Rehearse) -> Rehearsal:
    """Changes nothing."""
    return caller.run(rehearsal.rehearse, written=body.written, days=body.days)


resource(
    service, "/macros", one="macro", many="macros", row=MacroRow, listing=macros.listing, reads=Permission.MACRO_OWN,
    save=macros.save, delete=macros.delete, writes=Permission.MACRO_OWN,
    example={"name": "On our way", "changes": [["status", "pending"]], "reply": "We are on our way."},
)  # fmt: skip


class MacroUse(Input):
    """A ticket."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reference": "ACME-7K3F9Q"}]})

    reference: str = Field(max_length=40)


@service.op("POST", "/macros/{number}/preview", Permission.MACRO_OWN, "See what a macro would do")
def preview_macro(caller: Caller, number: Number, body: MacroUse) -> Preview:
    """To a ticket; changes nothing."""
    return caller.run(macros.preview, body.reference, number)


@service.op("POST", "/macros/{number}/apply", Permission.TICKET_EDIT, "Apply a macro to a ticket")
def apply_macro(caller: Caller, number: Number, body: MacroUse) -> bulk.RunRow:
    """With what it says. Can be undone like every bulk change."""
    return caller.run(bulk.start, Action.MACRO, str(number), refs=[body.reference])


class ViewOut(BaseModel):
    """A saved filter; `query` is what `GET /tickets` takes."""

    slug: str
    label: str
    query: str
    columns: list[str]
    is_shared: bool
    is_pinned: bool
    is_default: bool
    may_change: bool


class ViewIn(Input):
    """A filter to save."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Urgent locks", "where": {"all": [["priority", "any", "urgent"]]}}]}
    )

    name: str = Field(max_length=80)
    where: dict[str, Any]
    sort: Sort = Sort.UPDATED
    columns: list[Annotated[str, Field(max_length=60)]] = Field([], max_length=20)
    is_shared: bool = False


class Slug(BaseModel):
    """What addresses call it."""

    slug: str


@seen.op("GET", "/views", Permission.VIEW_OWN, "List views")
def list_views(caller: Caller) -> Page[ViewOut]:
    """The desk's, shared ones and one's own, in one's order."""
    return Page(items=[_view(row) for row in caller.run(views.listing)])


@seen.op("POST", "/views", Permission.VIEW_OWN, "Save a view", status=201)
def create_view(caller: Caller, body: ViewIn) -> Slug:
    """A shared one asks for `view.share`."""
    facts = body.model_dump() | {"where": from_json(body.where)}
    return Slug(slug=caller.run(views.create, **facts))


@seen.op("GET", "/views/{slug}", Permission.VIEW_OWN, "Read a view")
def get_view(caller: Caller, slug: str) -> ViewOut:
    """How it is kept."""
    return _view(_view_of(caller, slug))


@seen.op("PUT", "/views/{slug}", Permission.VIEW_OWN, "Change a view")
def change_view(caller: Caller, slug: str, body: ViewIn) -> Done:
    """One's own, or a shared one by who may share."""
    caller.run(views.change, slug, **(body.model_dump() | {"where": from_json(body.where)}))
    return Done()


@seen.op("DELETE", "/views/{slug}", Permission.VIEW_OWN, "Delete a view", status=204, response_class=Response)
def delete_view(caller: Caller, slug: str) -> None:
    """Its tickets stay."""
    caller.run(views.delete, slug)


@seen.op("POST", "/views/{slug}/restore", Permission.VIEW_OWN, "Bring a deleted view back")
def restore_view(caller: Caller, slug: str) -> Done:
    """As it was."""
    caller.run(views.restore, slug)
    return Done()


@seen.op("GET", "/views/{slug}/tickets", Permission.VIEW_OWN, "List a view's tickets")
def list_view_tickets(caller: Caller, slug: str, cursor: Annotated[str, Query(max_length=200)] = "") -> Page[Ticket]:
    """A page of them."""
    found = caller.run(tickets.page, _view_of(caller, slug).filter, cursor=cursor)
    base = f"/api/v1/views/{slug}/tickets?cursor="
    return Page(
        items=[shapes.ticket(one) for one in found.rows],
        next=base + found.older if found.older else None,
        previous=base + found.newer if found.newer else None,
    )


def _view_of(caller: CallerOf, slug: str) -> ViewRow:
    row = next((one for one in caller.run(views.listing) if one.slug == slug), None)
    if row is None:
        raise NotFound("There is no such view.")
    return row


def _view(row: ViewRow) -> ViewOut:
    return ViewOut(
        slug=row.slug, label=row.label, query=row.filter.query(), columns=list(row.columns), is_shared=row.is_shared,
        is_pinned=row.is_pinned, is_default=row.is_default, may_change=row.may_change,
    )  # fmt: skip
