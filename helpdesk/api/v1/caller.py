"""Who calls the API, and how often they may: settled before anything of the request is read but its head."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar

from fastapi import Depends, Request

from helpdesk import log, rate_limit, settings, threads
from helpdesk.adapters import vault
from helpdesk.api import requests
from helpdesk.domain.errors import NotAllowed, SignedOut
from helpdesk.domain.people import Actor
from helpdesk.services import sign_in, unit_of_work
from helpdesk.services.context import Context
from helpdesk.state import identity

Params = ParamSpec("Params")
Result = TypeVar("Result")
Told = TypeVar("Told")

CSRF_HEADER = "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class CallerOf:
    """Whoever made a request: endpoints call verbs as them. Blocking: endpoints are plain functions, run in threads."""

    actor: Actor
    address: str = ""
    user_agent: str = ""

    def run(
        self,
        verb: Callable[Concatenate[Context, Params], Result],
        /,
        *args: Params.args,
        **kwargs: Params.kwargs,
    ) -> Result:
        """Call a verb in a unit of work of its own."""
        return unit_of_work.run(self.actor, verb, *args, **kwargs)

    def run_and_tell(
        self,
        verb: Callable[Concatenate[Context, Params], Result],
        tell: Callable[[Context, Result], Told],
        /,
        *args: Params.args,
        **kwargs: Params.kwargs,
    ) -> Told:
        """The same, and what became of it."""
        return unit_of_work.run_and_tell(self.actor, verb, tell, *args, **kwargs)


@dataclass(frozen=True, slots=True)
class HeldCaller(CallerOf):
    """The same, with all verbs in one unit of work, whose end is somebody else's."""

    held: Context | None = None

    def run(
        self,
        verb: Callable[Concatenate[Context, Params], Result],
        /,
        *args: Params.args,
        **kwargs: Params.kwargs,
    ) -> Result:
        """Call a verb in the unit of work at hand."""
        assert self.held is not None
        return verb(self.held, *args, **kwargs)

    def run_and_tell(
        self,
        verb: Callable[Concatenate[Context, Params], Result],
        tell: Callable[[Context, Result], Told],
        /,
        *args: Params.args,
        **kwargs: Params.kwargs,
    ) -> Told:
        """The same, and what became of it."""
        assert self.held is not None
        return unit_of_work.told(self.held, verb, tell, *args, **kwargs)


async def admit(request: Request, *, is_open: bool, is_signed: bool = False) -> CallerOf:
    """Find out who calls, and count it.

    Args:
        is_open: whether the door is for people who are not signed in.
        is_signed: whether it is for a program that signs what it sends, and may send much.

    Raises:
        SignedOut: a token that is not valid (any more), or none where one is needed.
        NotAllowed: a browser's session without the proof that one of our own pages asks.
        TooManyTries: more than the limit.
    """
    scope = request.scope
    address = requests.address(scope)
    caller = CallerOf(await _actor(request, address), address, requests.header(scope, "user-agent")[:300])
    actor = caller.actor
    log.bind(actor=actor.person_id, organization=actor.organization_id)
    chosen = settings.get()
    if actor.person_id is None:
        door, most = ("signed", 50) if is_signed else ("api", 1)
        await _count(door, address, most * chosen.api_anonymous_per_minute)
        if not is_open:
            raise SignedOut("Sign in, or send a token: Authorization: Bearer ...")
    else:
        who = f"token-{actor.token_id}" if actor.token_id else f"person-{actor.person_id}"
        who = f"{actor.organization_id}-{who}"
        await _count("api", who, chosen.api_requests_per_minute)
    request.state.caller = caller
    return caller


async def again(request: Request, before: CallerOf) -> CallerOf:
    """Who calls by now, for an answer that goes on for long.

    Raises:
        SignedOut: nobody does any more, or somebody else.
    """
    actor = await _actor(request, before.address, is_active=False)
    if actor.person_id is None or actor.person_id != before.actor.person_id:
        raise SignedOut("The session or token is not valid any more.")
    return CallerOf(actor, before.address, before.user_agent)


def csrf_token(cookie: str) -> str:
    """What a page of ours sends along with a session cookie, to show that it can read our answers."""
    return hmac.new(vault.derived("csrf"), cookie.encode(), sha256).hexdigest()


async def of_request(request: Request) -> CallerOf:
    """The caller that was let in."""
    found: CallerOf = request.state.caller
    return found


Caller = Annotated[CallerOf, Depends(of_request)]


async def _count(door: str, who: str, most: int) -> None:
    if not rate_limit.is_counted_here(door, who):
        await threads.hop(rate_limit.count, door, who, most=most)


async def _actor(request: Request, address: str, *, is_active: bool = True) -> Actor:
    scope = request.scope
    host = requests.header(scope, "host")
    if said := requests.header(scope, "authorization"):
        # A token that is sent counts, or nothing does: whoever sends a bad one must not pass for the cookie's owner.
        actor = await identity.of_bearer(said[7:].strip(), address) if requests.is_bearer(scope) else None
        if actor is None:
            await _count("api", address, settings.get().api_anonymous_per_minute)
            raise SignedOut("This token is not valid, or not any more.")
        return actor
    cookie = requests.cookie(scope, sign_in.COOKIE)
    actor = await identity.of_token(cookie, host, is_active=is_active)
    if actor.person_id is not None and request.method not in _SAFE:
        sent = requests.header(scope, CSRF_HEADER)
        if not hmac.compare_digest(sent.encode(), csrf_token(cookie).encode()):
            raise NotAllowed("Send the token of GET /api/v1/auth/csrf as X-CSRF-Token, or use an API token.")
    return actor


def facts_of(caller: CallerOf) -> dict[str, Any]:
    """Where a sign-in comes from, for the log of sign-ins."""
    return {"address": caller.address, "user_agent": caller.user_agent}
