"""/api/accounts/: people, oneself, and tokens as desks with JWT answer them."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from helpdesk.api.compat import lists, slashes
from helpdesk.api.compat.lists import Results
from helpdesk.api.compat.ticketing import Family
from helpdesk.api.v1 import auth
from helpdesk.api.v1.caller import Caller
from helpdesk.api.v1.routing import Need
from helpdesk.api.v1.schemas import Input, Number
from helpdesk.api.v1.ticket_schemas import moment
from helpdesk.domain.errors import SignedOut
from helpdesk.domain.permissions import Permission
from helpdesk.services import people
from helpdesk.services.api_sessions import Pair
from helpdesk.services.context import Context
from helpdesk.services.people import AgentRow, PersonRow

family = Family("accounts", slashes.ACCOUNTS, slashes.ACCOUNTS)


class Credentials(Input):
    """Who signs in."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "ada@acme.example", "password": "correct horse battery"}]}
    )

    email: str = Field(
        validation_alias=AliasChoices("email", "username"), max_length=254, description="Also: `username`."
    )
    password: str = Field(max_length=200)
    code: str = Field("", max_length=100, description="The code of the second factor, or a recovery code.")
    organization: str = Field("", max_length=60, description="Its short name, where the address does not say it.")


class RefreshIn(Input):
    """A refresh token, which is used up by this."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"refresh": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.sig"}]})

    refresh: str = Field(max_length=4096)


class Tokens(BaseModel):
    """Tokens: `access` to sign requests with, `refresh` to get the next pair with, once."""

    access: str
    refresh: str


class UserNamed(BaseModel):
    """Somebody."""

    id: int
    email: str
    username: str = Field(description="The same as `email`.")
    name: str
    full_name: str = Field(description="The same as `name`.")
    first_name: str
    last_name: str
    role: str
    is_active: bool
    timezone: str
    availability: str


class User(UserNamed):
    """Somebody, with what colleagues know of them."""

    phone: str
    job_title: str
    company: int | None
    company_name: str
    date_joined: datetime | None
    last_seen_at: datetime | None


class Me(UserNamed):
    """Oneself."""

    organization: str
    permissions: list[str]


class Agent(User):
    """Somebody who takes tickets."""

    open_tickets: int


@family.op("POST", "token", Need.NOTHING, "Sign in with e-mail address and password")
def token(caller: Caller, body: Credentials) -> Tokens:
    """The sessions of `/api/v1/auth/login`, with its limits and second factor."""
    return _tokens(auth.login(caller, auth.Login(**body.model_dump())))


@family.op("POST", "token/refresh", Need.NOTHING, "Get the next pair of tokens")
def token_refresh(caller: Caller, body: RefreshIn) -> Tokens:
    """A refresh token is good once: keep the new one. One that comes twice ends its whole family."""
    return _tokens(auth.refresh(caller, auth.Refresh(refresh_token=body.refresh)))


@family.op("GET", "users", Permission.PERSON_READ, "List people")
def list_users(
    request: Request,
    caller: Caller,
    role: Annotated[str, Query(max_length=20, description="A role, or `staff`.")] = "",
    is_active: bool | None = None,
    search: Annotated[str, Query(max_length=100, description="Part of the name or address.")] = "",
    page: lists.PageNumber = 1,
    page_size: lists.PageSize = 50,
    cursor: Annotated[str, Query(max_length=300)] = "",
) -> Results[User]:
    """By name."""
    rows = caller.run(people.listing, text=search, role=role, active=is_active, after=cursor, size=page_size)
    mark = f"{rows[-1].name}|{rows[-1].id}" if rows else ""
    return Results(**lists.from_mark(request, [User(**_facts(row)) for row in rows], full=page_size, mark=mark))


@family.op("GET", "users/me", Need.SIGNED_IN, "Read who one is")
def get_me(caller: Caller) -> Me:
    """With what one may do."""
    found = caller.run(people.me)
    if found is None:
        raise SignedOut("Please sign in to do this.")
    return Me(
        id=found.id, role=found.role, is_active=True, timezone=found.timezone, availability=found.availability,
        organization=found.organization, permissions=list(found.permissions), **_names(found.name, found.email),
    )  # fmt: skip


@family.op("GET", "users/agents", Permission.PERSON_READ, "List who takes tickets")
def list_agents(caller: Caller) -> Results[Agent]:
    """Those who are there first, with their open tickets."""
    rows, known = caller.run(_agents)
    found = [Agent(**_facts(known[row.id]), open_tickets=row.open_tickets) for row in rows if row.id in known]
    return Results(**lists.whole(found))


@family.op("GET", "users/{number}", Permission.PERSON_READ, "Read a person")
def get_user(caller: Caller, number: Number) -> User:
    """By their number."""
    return User(**_facts(caller.run(people.one, number)))


def _agents(ctx: Context) -> tuple[list[AgentRow], dict[int, PersonRow]]:
    rows = people.colleagues(ctx)
    return rows, {one.id: one for one in people.some(ctx, [row.id for row in rows])}


def _tokens(found: Any) -> Any:
    """The pair in their words; a refusal as it is."""
    return Tokens(access=found.access_token, refresh=found.refresh_token) if isinstance(found, Pair) else found


def _names(name: str, email: str) -> dict[str, str]:
    first, _, last = name.partition(" ")
    return {
        "name": name, "full_name": name, "first_name": first, "last_name": last, "email": email, "username": email,
    }  # fmt: skip


def _facts(row: PersonRow) -> dict[str, Any]:
    return {
        "id": row.id, **_names(row.name, row.email), "role": row.role, "is_active": row.is_active,
        "timezone": row.timezone, "availability": row.availability, "phone": row.phone, "job_title": row.job_title,
        "company": row.company_id or None, "company_name": row.company, "date_joined": moment(row.created_at),
        "last_seen_at": moment(row.last_seen_at),
    }  # fmt: skip
