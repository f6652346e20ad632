"""Signing in and out for programs."""

from fastapi import Request
from pydantic import ConfigDict, Field
from starlette.responses import Response

from helpdesk import rate_limit, settings
from helpdesk.api import errors, requests
from helpdesk.api.v1.caller import Caller, CallerOf, csrf_token, facts_of
from helpdesk.api.v1.routing import Need, Router
from helpdesk.api.v1.schemas import Input
from helpdesk.domain import people
from helpdesk.domain.errors import SignedOut, TooManyTries
from helpdesk.domain.people import Actor
from helpdesk.services import api_sessions, organizations, sign_in, unit_of_work
from helpdesk.services.api_sessions import Pair
from helpdesk.services.sign_in import SecondStepNeeded, SignInRefused
from helpdesk.state import identity

router = Router("Signing in")


class Login(Input):
    """Who signs in."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "ada@acme.example", "password": "correct horse battery"}]}
    )

    email: str = Field(max_length=254)
    password: str = Field(max_length=200)
    code: str = Field("", max_length=100, description="The code of the second factor, or a recovery code.")
    organization: str = Field(
        "", max_length=60, description="The organization's short name, where the address does not say it."
    )


class Refresh(Input):
    """A refresh token, which is used up by this."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"refresh_token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.sig"}]}
    )

    refresh_token: str = Field(max_length=4096)


class Csrf(Input):
    """What goes into X-CSRF-Token."""

    csrf_token: str


@router.op("POST", "/auth/login", Need.NOTHING, "Sign in with e-mail address and password")
def login(caller: Caller, body: Login) -> Pair:
    """Opens a session that is listed under “Signed in” like a browser's, and ends with it. Who has a second factor sends
    its `code` too; without it the answer is 401 with `"code_required": true`."""
    organization = organizations.by_slug(body.organization).id if body.organization else caller.actor.organization_id
    visitor = people.anonymous(organization)
    _count(caller, visitor, email=body.email)
    try:
        return unit_of_work.run(
            visitor, api_sessions.login, email=body.email, password=body.password, code=body.code, **facts_of(caller)
        )
    except SecondStepNeeded:
        answer: Response = errors.problem(
            401, SecondStepNeeded.title, "Send the code of your second factor as `code`, with the rest.",
            headers={"WWW-Authenticate": "Bearer"}, code_required=True,
        )  # fmt: skip
    except SignInRefused as refused:
        answer = errors.problem(401, refused.title, refused.message, headers={"WWW-Authenticate": "Bearer"})
    return answer  # type: ignore[return-value]


@router.op("POST", "/auth/refresh", Need.NOTHING, "Get the next pair of tokens")
def refresh(caller: Caller, body: Refresh) -> Pair:
    """A refresh token is good once. One that comes twice was copied: its whole family ends."""
    organization = api_sessions.organization_of(body.refresh_token)
    if organization is None or organization < 1:
        raise SignedOut("This refresh token is not valid any more. Sign in again.")
    visitor = people.anonymous(organization)
    _count(caller, visitor, email="")
    try:
        return unit_of_work.run(visitor, api_sessions.refresh, token=body.refresh_token)
    except api_sessions.Replayed as replayed:
        identity.forget_session(replayed.session_id)
        raise


@router.op("POST", "/auth/logout", Need.SIGNED_IN, "Sign out", status=204, response_class=Response)
def logout(caller: Caller) -> None:
    """Ends the session of the access token, and with it all its tokens."""
    caller.run(api_sessions.logout)
    if caller.actor.session_id is not None:
        identity.forget_session(caller.actor.session_id)


@router.op("GET", "/auth/csrf", Need.SIGNED_IN, "What a browser's session sends as X-CSRF-Token", selects=False)
def csrf(request: Request, caller: Caller) -> Csrf:
    """Only for pages that use the session's cookie. Programs with a token need none."""
    return Csrf(csrf_token=csrf_token(requests.cookie(request.scope, sign_in.COOKIE)))


def _count(caller: CallerOf, visitor: Actor, *, email: str) -> None:
    try:
        rate_limit.count("api-sign-in", caller.address, most=settings.get().sign_in_tries_per_minute)
    except TooManyTries:
        unit_of_work.run(visitor, sign_in.limited, email=email, **facts_of(caller))
        raise
