"""Programs that sign in as a person: an access token for a while, and a refresh token that is good once.

The session is a row like a browser's, so that it is listed, ended and dies with everything else; the tokens only name it.
A refresh token that comes twice was copied: the session ends, and with it every token of its family.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from helpdesk import clock, db, settings
from helpdesk.adapters import signing
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Invalid, SignedOut
from helpdesk.domain.people import Actor
from helpdesk.models import Person, SignInSession
from helpdesk.services import sign_in
from helpdesk.services.context import Context, anyone, step
from helpdesk.services.sign_in import SecondStepNeeded

_ACCESS, _REFRESH = "api access token", "api refresh token"
_SEEN_STEP = timedelta(minutes=1)
_OVER = "This refresh token is not valid any more. Sign in again."


@dataclass(frozen=True, slots=True)
class Pair:
    """What a program signs its requests with, and what it gets the next pair with."""

    access_token: str
    refresh_token: str
    expires_in: int
    refresh_expires_in: int
    token_type: str = "Bearer"  # noqa: S105 - a kind, not a token


class Replayed(SignedOut):
    """A refresh token came a second time: who has it is not who should, or both are. All of its family end."""

    keeps_work = True

    def __init__(self, session_id: int) -> None:
        self.session_id = session_id
        super().__init__(_OVER)


@anyone
def login(ctx: Context, *, email: str, password: str, code: str = "", address: str = "", user_agent: str = "") -> Pair:
    """Open a program's session.

    Args:
        code: of the second factor, for who has one.

    Raises:
        SignInRefused: as `sign_in.sign_in`.
        SecondStepNeeded: all is right so far, and a code is missing.
    """
    refresh_key = secrets.token_urlsafe(24)
    where = {"address": address, "user_agent": user_agent, "refresh_key": refresh_key}
    try:
        token = sign_in.sign_in(ctx, email=email, password=password, remember=True, **where)
    except SecondStepNeeded as needed:
        if not code:
            raise
        token = sign_in.second_step(ctx, token=needed.token, code=code, **where).token
    found = sign_in.session_of(ctx, token)
    found.expires_at = ctx.now + timedelta(days=settings.get().refresh_token_days)
    ctx.session.flush()
    return _pair(ctx, found)


@anyone
def refresh(ctx: Context, *, token: str) -> Pair:
    """The next pair; the refresh token is used up by it.

    Raises:
        SignedOut: it is none of ours, too old, or its session is over.
        Replayed: it was used before. Its session is over now.
    """
    claims = signing.read(_REFRESH, token) or {}
    found = ctx.session.exec(
        select(SignInSession)
        .where(SignInSession.id == _number(claims.get("sid")), sign_in.is_open(ctx.now))
        .with_for_update()
    ).first()
    if found is None or claims.get("org") != ctx.organization_id or _is_late(claims):
        raise SignedOut(_OVER)
    person = ctx.session.get_one(Person, found.person_id)
    if not person.is_active:
        raise SignedOut(_OVER)
    if not secrets.compare_digest(str(claims.get("jti", "")).encode(), (found.refresh_key or "").encode()):
        found.ended_at = ctx.now
        with ctx.acting_as(sign_in.actor_for(ctx, person)):
            ctx.record(ActivityKind.PERSON_TOKEN_REPLAYED, subject_id=person.id)
        sign_in.tell(ctx, person, "A program's session was ended, because its refresh token was used twice")
        ctx.topics.add(f"sessions-{person.id}")
        raise Replayed(found.id)
    found.refresh_key = secrets.token_urlsafe(24)
    found.last_seen_at = ctx.now
    latest = found.created_at + timedelta(days=settings.get().remember_absolute_days)
    found.expires_at = min(latest, ctx.now + timedelta(days=settings.get().refresh_token_days))
    return _pair(ctx, found)


@anyone
def logout(ctx: Context) -> None:
    """End the session the actor's access token belongs to, and with it all its tokens. Twice is once.

    Raises:
        Invalid: a personal token, which is revoked instead.
    """
    if ctx.actor.session_id is None:
        raise Invalid("This is a personal API token. Revoke it under Profile, or with DELETE /api/v1/me/tokens/{id}.")
    found = ctx.session.get_one(SignInSession, ctx.actor.session_id)
    if found.ended_at is None:
        found.ended_at = ctx.now
        ctx.record(ActivityKind.PERSON_SIGNED_OUT, subject_id=found.person_id)
        ctx.topics.add(f"sessions-{found.person_id}")


@anyone
def organization_of(token: str) -> int | None:
    """The organization a refresh token belongs to, if it is one of ours."""
    return _number((signing.read(_REFRESH, token) or {}).get("org")) or None


@anyone
def actor_of(token: str) -> Actor | None:
    """Who an access token stands for, or nobody: not ours, too old, of a session that is over, or deactivated."""
    claims = signing.read(_ACCESS, token)
    if claims is None or _is_late(claims):
        return None
    organization_id, now = _number(claims.get("org")), clock.now()
    with db.session(organization_id) as session:
        found = sign_in.carried(
            session, organization_id, SignInSession, col(SignInSession.id) == _number(claims.get("sid")),
            col(SignInSession.refresh_key).is_not(None), sign_in.is_open(now),
        )  # fmt: skip
        if not found:
            return None
        [(carried, actor)] = found
        if now - carried.last_seen_at > _SEEN_STEP:
            carried.last_seen_at = now
            session.commit()
        return replace(actor, session_id=carried.id)


@step
def is_ours(token: str) -> bool:
    """Whether a token looks like one of these, rather than a personal one."""
    return token.count(".") == 2


def _pair(ctx: Context, found: SignInSession) -> Pair:
    chosen = settings.get()
    short, long = chosen.access_token_minutes * 60, int((found.expires_at - ctx.now).total_seconds())
    now = int(ctx.now.timestamp())
    facts: dict[str, Any] = {"sub": str(found.person_id), "org": ctx.organization_id, "sid": found.id, "iat": now}
    access = signing.sign(_ACCESS, facts | {"exp": now + short, "jti": secrets.token_urlsafe(12)})
    refreshing = signing.sign(_REFRESH, facts | {"exp": now + long, "jti": found.refresh_key})
    return Pair(access, refreshing, short, long)


def _is_late(claims: dict[str, Any]) -> bool:
    until = claims.get("exp")
    return not isinstance(until, int) or until <= clock.now().timestamp()


def _number(value: object) -> int:
    return value if isinstance(value, int) and 0 < value < 2**63 else -1
