"""Oneself: profile, sessions, API tokens, what one is told."""

from pydantic import ConfigDict, Field
from starlette.responses import Response

from helpdesk.api.v1.caller import Caller
from helpdesk.api.v1.routing import Need, Router
from helpdesk.api.v1.schemas import Done, Input, Number, Page
from helpdesk.domain.errors import SignedOut
from helpdesk.domain.permissions import Permission
from helpdesk.services import account, account_security, api_tokens, people, sign_in
from helpdesk.services.account import ProfileRow
from helpdesk.services.account_security import SessionRow
from helpdesk.services.api_tokens import ApiTokenRow, NewToken
from helpdesk.services.people import MeRow
from helpdesk.state import identity

router = Router("Oneself")


class Profile(Input):
    """What others see of one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Ada Agent", "timezone": "Europe/Berlin"}]})

    name: str = Field(max_length=200)
    phone: str = Field("", max_length=60)
    address: str = Field("", max_length=500)
    department: str = Field("", max_length=120)
    job_title: str = Field("", max_length=120)
    timezone: str = Field(max_length=64)


class Notices(Input):
    """What one is told of, and how."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"wants_mail": True, "wanted": ["in_app.mention", "mail.mention"], "quiet_from": "22:00", "quiet_until": "07:00"}
            ]
        }
    )  # fmt: skip

    wants_mail: bool
    wanted: list[str] = Field(max_length=50, description="Channel and kind: in_app, mail, push.")
    quiet_from: str = Field("", max_length=8)
    quiet_until: str = Field("", max_length=8)
    digest_at: str = Field("", max_length=8, description="For those who manage.")


class Presence(Input):
    """Whether new tickets may come."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"availability": "available"}]})

    availability: str = Field(max_length=20)


class TokenNew(Input):
    """A token for a program."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Monitoring", "permissions": ["ticket.create", "ticket.read"], "days": 90}]
        }
    )

    name: str = Field(max_length=80)
    permissions: list[str] = Field(max_length=100)
    days: int = Field(90, ge=1, le=api_tokens.LONGEST_DAYS)


@router.op("GET", "/me", Need.SIGNED_IN, "Read who one is")
def get_me(caller: Caller) -> MeRow:
    """With what one may do: with a token, what it may."""
    found = caller.run(people.me)
    if found is None:
        raise SignedOut("Please sign in to do this.")
    return found


@router.op("GET", "/me/profile", Permission.ACCOUNT, "Read one's profile")
def get_profile(caller: Caller) -> ProfileRow:
    """As one sees and changes it."""
    return caller.run(account.profile)


@router.op("PUT", "/me/profile", Permission.ACCOUNT, "Change one's profile")
def change_profile(caller: Caller, body: Profile) -> ProfileRow:
    """Address and role are an administrator's to change."""
    return caller.run(account.change_profile, **body.model_dump())


@router.op(
    "PUT", "/me/notifications", Permission.ACCOUNT, "Choose what one is told of, and how", version_of="/me/profile"
)
def change_notices(caller: Caller, body: Notices) -> ProfileRow:
    """What is left out of `wanted` does not come; times are in one's own zone."""
    return caller.run(account.change_notices, **body.model_dump())


@router.op("PUT", "/me/availability", Permission.AVAILABILITY, "Say whether new tickets may come", version_of="/me")
def change_availability(caller: Caller, body: Presence) -> Done:
    """available, away or offline."""
    caller.run(sign_in.set_availability, body.availability)
    return Done()


@router.op("GET", "/me/sessions", Permission.ACCOUNT, "List where one is signed in")
def list_sessions(caller: Caller) -> Page[SessionRow]:
    """Browsers and programs."""
    return Page(items=caller.run(account_security.sessions))


@router.op(
    "DELETE",
    "/me/sessions/{session_id}",
    Permission.ACCOUNT,
    "Sign a browser or program out",
    status=204,
    response_class=Response,
)
def end_session(caller: Caller, session_id: Number) -> None:
    """One's own."""
    caller.run(account_security.end_session, session_id)
    identity.forget_session(session_id)


@router.op("GET", "/me/tokens", Permission.ACCOUNT, "List one's API tokens")
def list_tokens(caller: Caller) -> Page[ApiTokenRow]:
    """Never the tokens themselves."""
    return Page(items=list(caller.run(api_tokens.listing)))


@router.op("POST", "/me/tokens", Permission.ACCOUNT, "Make an API token", status=201)
def create_token(caller: Caller, body: TokenNew) -> NewToken:
    """The secret is in this answer and nowhere else. A token cannot make tokens: sign in for that."""
    return caller.run(api_tokens.create, name=body.name, permissions=body.permissions, days=body.days)


@router.op(
    "DELETE", "/me/tokens/{token_id}", Permission.ACCOUNT, "Revoke an API token", status=204, response_class=Response
)
def revoke_token(caller: Caller, token_id: Number) -> None:
    """At once."""
    caller.run(api_tokens.revoke, token_id)
    identity.forget_person(caller.actor.person_id or 0)


@router.op("GET", "/tokens", Permission.PERSON_MANAGE, "List everybody's API tokens")
def list_all_tokens(caller: Caller) -> Page[ApiTokenRow]:
    """With their owners."""
    return Page(items=list(caller.run(api_tokens.everyones)))


@router.op(
    "DELETE",
    "/tokens/{token_id}",
    Permission.PERSON_MANAGE,
    "Revoke anybody's API token",
    status=204,
    response_class=Response,
)
def withdraw_token(caller: Caller, token_id: Number) -> None:
    """At once."""
    caller.run(api_tokens.withdraw, token_id)
