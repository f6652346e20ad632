"""The doors: native form posts that end in a cookie and a page loaded anew. They work without any script.

All of them answer with 303 to a page: to the next one, or back to the form with what was wrong (`state/flash.py`).
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from helpdesk import clock, live, log, rate_limit, settings, threads
from helpdesk.adapters import oauth, vault
from helpdesk.api import plain, requests
from helpdesk.domain import people
from helpdesk.domain.errors import HelpdeskError, Invalid, TooManyTries
from helpdesk.domain.people import Actor
from helpdesk.services import identities, organizations, sign_in, unit_of_work
from helpdesk.services.identities import Door
from helpdesk.services.sign_in import SecondStepNeeded, StepRefused
from helpdesk.state import flash, identity, kinds
from helpdesk.state.flash import Flash
from helpdesk.state.kinds import local

router = APIRouter(prefix="/auth", include_in_schema=False)

Text = Annotated[str, Form(max_length=1000)]

# What a sign-in with another house's account is checked against when it comes back; how long it may take, in seconds.
PROVIDER_COOKIE = "helpdesk_provider"
PROVIDER_SECONDS = 600
_PROVIDER_PATH = "/auth/oidc"
_PROVIDER_PURPOSE = "provider sign-in"
_LATE = "That took too long, or was begun in another window. Try again."
_logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class _Away:
    """A browser that is at a provider. Sealed in its cookie: the last two are for nobody to read."""

    organization: int
    provider: int
    next: str
    until: float
    state: str
    nonce: str
    verifier: str


@router.post("/sign-in")
async def sign_in_(
    request: Request, email: Text = "", password: Text = "", remember: Text = "", next: Text = ""
) -> Response:
    """Open a session."""
    values, next = {"email": email}, next or _in_address(request, "next")
    try:
        visitor = await _visitor(request, "sign-in", email=email)
        token = await _run(
            visitor, sign_in.sign_in, email=email, password=password, remember=bool(remember), **_from(request)
        )
    except SecondStepNeeded as needed:
        return _ask_for_code(needed.token, next)
    except HelpdeskError as error:
        return _back(kinds.SIGN_IN, error, values, next=next)
    return await _enter(request, token, next, remember=bool(remember))


@router.post("/code")
async def second_step(request: Request, code: Text = "", next: Text = "", recovery: Text = "") -> Response:
    """Open a session with the code asked for after the password."""
    next = next or _in_address(request, "next")
    step = requests.cookie(request.scope, sign_in.STEP_COOKIE)
    try:
        visitor = await _visitor(request, "code")
        entered = await _run(visitor, sign_in.second_step, token=step, code=code, **_from(request))
    except StepRefused as error:
        return _back(kinds.SIGN_IN, error, {}, next=next)
    except HelpdeskError as error:
        return _back("/login/code", error, {}, next=next, recovery=recovery)
    answer = await _enter(request, entered.token, next, remember=entered.remember)
    answer.delete_cookie(sign_in.STEP_COOKIE, path="/auth", secure=settings.get().cookies_are_secure, httponly=True)
    return answer


@router.post("/register")
async def register(
    request: Request, name: Text = "", email: Text = "", password: Text = "", next: Text = ""
) -> Response:
    """Ask for a customer's account; the answer is the same whether there is one already or not."""
    try:
        visitor = await _visitor(request, "register", email=email)
        await _run(visitor, sign_in.register, name=name, email=email, password=password, **_from(request))
    except HelpdeskError as error:
        return _back("/register", error, {"name": name, "email": email}, next=next)
    sent = "We have sent you a mail. Follow the link in it within a day, and your account is open."
    return _to("/register", Flash(sent, good=True))


@router.post("/confirm")
async def confirm(request: Request, token: Text = "", password: Text = "") -> Response:
    """Open a registered account with the link from the mail, and a session."""
    token = token or _in_address(request, "token")
    try:
        visitor = await _visitor(request, "confirm")
        opened = await _run(visitor, sign_in.confirm, token=token, password=password, **_from(request))
    except SecondStepNeeded as needed:
        return _ask_for_code(needed.token, "")
    except HelpdeskError as error:
        return _back("/confirm", error, {}, token=token)
    return await _enter(request, opened, "")


@router.post("/forgot")
async def forgot(request: Request, email: Text = "") -> Response:
    """Send a link for choosing a new password; the answer is the same whether there is an account or not."""
    try:
        visitor = await _visitor(request, "forgot", email=email)
        await _run(visitor, sign_in.forgot, email=email)
    except HelpdeskError as error:
        return _back("/forgot", error, {"email": email})
    sent = "If there is an account for this address, a mail with a link is on its way."
    return _to("/forgot", Flash(sent, good=True))


@router.post("/reset")
async def reset(request: Request, token: Text = "", password: Text = "") -> Response:
    """Choose a new password with a link's token."""
    token = token or _in_address(request, "token")
    try:
        visitor = await _visitor(request, "reset")
        await _run(visitor, sign_in.reset, token=token, password=password)
    except HelpdeskError as error:
        return _back("/reset", error, {}, token=token)
    return _to(kinds.SIGN_IN, Flash("Your password is changed. Sign in with the new one.", good=True))


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session."""
    await _end(request)
    answer = _to(kinds.SIGN_IN, Flash("You are signed out.", good=True))
    answer.delete_cookie(sign_in.COOKIE, path="/", secure=settings.get().cookies_are_secure, httponly=True)
    return answer


@router.get("/oidc/{provider_id}/start")
async def provider_start(request: Request, provider_id: str, next: str = "", moved: str = "") -> Response:
    """Send the browser to a provider."""
    next = local(next[:1000])
    try:
        visitor = await _visitor(request, "provider-start")
        door: Door = await _run(visitor, identities.door, provider_id)
        ours = urlsplit(door.redirect_uri)
        if ours.netloc != requests.header(request.scope, "host") and not moved:
            # The provider sends the browser back to one address only, and the cookie has to be there by then.
            query = urlencode({"moved": "yes"} | ({"next": next} if next else {}))
            return _see_other(door.redirect_uri.removesuffix("/callback") + f"/start?{query}")
        begun = await _at_provider(visitor, request, door, oauth.provider(door.application).begin)
    except HelpdeskError as error:
        return _back(kinds.SIGN_IN, error, {}, next=next)
    away = _Away(
        visitor.organization_id, door.provider_id, next, clock.now().timestamp() + PROVIDER_SECONDS, begun.state,
        begun.nonce, begun.verifier,
    )  # fmt: skip
    answer = _see_other(begun.url)
    answer.set_cookie(
        PROVIDER_COOKIE,
        vault.seal(_PROVIDER_PURPOSE, json.dumps(asdict(away)).encode()),
        max_age=PROVIDER_SECONDS,
        path=_PROVIDER_PATH,
        secure=settings.get().cookies_are_secure,
        httponly=True,
        samesite="lax",  # the way back begins at the provider, and a strict cookie would stay at home
    )
    return answer


@router.get("/oidc/{provider_id}/callback")
async def provider_callback(request: Request, provider_id: str, state: str = "") -> Response:
    """Open a session for whom the provider vouches."""
    away = _away(request)
    next = away.next if away else ""
    try:
        visitor = await _visitor(request, "provider")
        door: Door = await _run(visitor, identities.door, provider_id)
        await _check_away(visitor, request, door, away, state)
        assert away is not None
        query = request.scope.get("query_string", b"").decode("latin-1")[:8000]
        claims = await _at_provider(
            visitor, request, door, oauth.provider(door.application).finish, answer=f"{door.redirect_uri}?{query}", state=away.state, nonce=away.nonce,
            verifier=away.verifier,
        )  # fmt: skip
        token = await _run(visitor, identities.enter_with, door.provider_id, claims=claims, **_from(request))
        answer = await _enter(request, token, next)
    except SecondStepNeeded as needed:
        answer = _ask_for_code(needed.token, next)
    except HelpdeskError as error:
        answer = _back(kinds.SIGN_IN, error, {}, next=next)
    answer.delete_cookie(PROVIDER_COOKIE, path=_PROVIDER_PATH, secure=settings.get().cookies_are_secure, httponly=True)
    return answer


async def actor_of(request: Request) -> Actor:
    """Who a request's cookie stands for, at this host; a visitor when nobody is signed in.

    Raises:
        NotFound: the host names no organization.
    """
    return await identity.of_token(
        requests.cookie(request.scope, sign_in.COOKIE), requests.header(request.scope, "host")
    )


def _in_address(request: Request, name: str) -> str:
    """What the form's page had in its address: the hidden field is filled by a script, and some are faster than it."""
    query = parse_qs(requests.header(request.scope, "referer").partition("?")[2])
    return query.get(name, [""])[0][:1000]


async def _visitor(request: Request, door: str, *, email: str = "") -> Actor:
    """A visitor of the organization at the door, counted."""
    organization = await threads.hop(organizations.by_host, requests.header(request.scope, "host"))
    visitor = people.anonymous(organization.id)
    where = _from(request)
    try:
        most = settings.get().sign_in_tries_per_minute
        await threads.hop(rate_limit.count, door, where["address"], most=most)
    except TooManyTries:
        await _run(visitor, sign_in.limited, email=email, **where)
        raise
    return visitor


def _away(request: Request) -> _Away | None:
    """What this browser's cookie says about the sign-in it began."""
    try:
        sealed = vault.unseal(_PROVIDER_PURPOSE, requests.cookie(request.scope, PROVIDER_COOKIE))
        return _Away(**json.loads(sealed))
    except (vault.Unreadable, ValueError, TypeError):
        return None


async def _check_away(visitor: Actor, request: Request, door: Door, away: _Away | None, state: str) -> None:
    """Make sure that this browser began this sign-in, here, lately, and that it comes back for the first time."""
    is_ours = (
        away is not None
        and (away.organization, away.provider) == (visitor.organization_id, door.provider_id)
        and away.until > clock.now().timestamp()
        and hmac.compare_digest(away.state.encode(), state.encode())
    )
    if not is_ours:
        await _run(visitor, identities.refuse, _LATE, **_from(request))
    try:
        once = hashlib.sha256(state.encode()).hexdigest()
        await threads.hop(rate_limit.count, "provider-state", once, most=1, window=PROVIDER_SECONDS)
    except TooManyTries:
        await _run(visitor, identities.refuse, _LATE, **_from(request))


async def _at_provider(visitor: Actor, request: Request, door: Door, ask: Callable[..., Any], **more: str) -> Any:
    """Ask the provider, outside of any transaction: it may take its time."""
    try:
        return await threads.hop(ask, redirect_uri=door.redirect_uri, **more)
    except oauth.ProviderFailed as failed:
        _logger.warning("provider_failed", provider=door.provider_id, why=str(failed))
        sentence = (
            f"{door.name} does not answer just now. Try again in some minutes, or sign in in another way."
            if failed.is_down
            else f"{door.name} has not confirmed who you are. Try again, or sign in in another way."
        )
        await _run(visitor, identities.refuse, sentence, **_from(request))


def _ask_for_code(step: str, wanted: str) -> Response:
    """On to the second step. Its cookie goes to the doors alone and opens nothing without the code."""
    answer = _see_other("/login/code" + (f"?{urlencode({'next': wanted})}" if local(wanted) else ""))
    answer.set_cookie(
        sign_in.STEP_COOKIE,
        step,
        max_age=int(sign_in.STEP_LIFE.total_seconds()),
        path="/auth",
        secure=settings.get().cookies_are_secure,
        httponly=True,
        samesite="strict",
    )
    answer.delete_cookie(flash.COOKIE, path="/")
    return answer


async def _enter(request: Request, token: str, wanted: str, *, remember: bool = False) -> Response:
    """Load the wanted page, or the person's home, with the new session's cookie."""
    await _end(request)
    actor = await identity.of_token(token, requests.header(request.scope, "host"))
    home = kinds.home(actor)
    if actor.must_complete and local(wanted):
        home += f"?{urlencode({'next': wanted})}"  # the profile first, then on to where they wanted
    answer = _see_other(home if actor.is_held else local(wanted) or home)
    answer.set_cookie(
        sign_in.COOKIE,
        token,
        max_age=settings.get().remember_absolute_days * 24 * 3600 if remember else None,
        path="/",
        secure=settings.get().cookies_are_secure,
        httponly=True,
        samesite="lax",
    )
    answer.delete_cookie(flash.COOKIE, path="/")
    return answer


async def _end(request: Request) -> None:
    """End the session the browser came with, if any, here and in its other tabs."""
    token = requests.cookie(request.scope, sign_in.COOKIE)
    if not token:
        return
    actor = await actor_of(request)
    if actor.person_id is not None:
        await _run(actor, sign_in.sign_out, token)
    identity.forget(token)
    if actor.person_id is not None:
        await threads.hop(live.publish, [f"sessions-{actor.person_id}"])


async def _run(actor: Actor, verb: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    return await threads.hop(unit_of_work.run, actor, verb, *args, **kwargs)


def _from(request: Request) -> dict[str, str]:
    return {
        "address": requests.address(request.scope),
        "user_agent": requests.header(request.scope, "user-agent")[:300],
    }


def _back(page: str, error: HelpdeskError, values: dict[str, str], **query: str) -> Response:
    """Back to the form with what was wrong; for too many tries a page of its own, which costs next to nothing."""
    if isinstance(error, TooManyTries):
        return plain.page(
            error.status, error.title, error.message, back=page, headers={"Retry-After": str(error.retry_after)}
        )
    fields = dict(error.fields) if isinstance(error, Invalid) else {}
    return _to(page, Flash(error.message, fields=fields, values=values), **query)


def _to(page: str, said: Flash, **query: str) -> Response:
    kept = {name: value for name, value in query.items() if value}
    answer = _see_other(f"{page}?{urlencode({flash.QUERY: said.number} | kept)}")
    answer.set_cookie(
        flash.COOKIE,
        flash.pack(said),
        max_age=flash.SECONDS,
        path="/",
        secure=settings.get().cookies_are_secure,
        httponly=True,
        samesite="lax",
    )
    return answer


def _see_other(where: str) -> Response:
    return RedirectResponse(where, 303, headers={"Cache-Control": "no-store"})
