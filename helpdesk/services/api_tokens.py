"""Personal API tokens: what somebody gives a program so that it acts as them, in as much as they chose."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlmodel import col, select

from helpdesk import clock, db
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Invalid, NotAllowed, NotFound
from helpdesk.domain.people import Actor
from helpdesk.domain.permissions import GRANTED, IN_WORDS, Permission, may
from helpdesk.domain.text import one_line
from helpdesk.models import ApiToken, Person
from helpdesk.services import access, sign_in
from helpdesk.services.context import Context, anyone, requires, step

PREFIX = "hd_"
LONGEST_DAYS = 365
MOST = 50
_SEEN_STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ApiTokenRow:
    """A token as listed; never the token itself."""

    id: int
    name: str
    ending: str
    permissions: tuple[str, ...]
    created_at: str
    expires_at: str
    last_used_at: str = ""
    last_address: str = ""
    is_expired: bool = False
    owner: str = ""
    owner_id: int = 0
    # What it may do, in words.
    does: str = ""


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made. The secret is shown once."""

    id: int
    name: str
    secret: str
    expires_at: str


@requires(Permission.ACCOUNT)
def listing(ctx: Context) -> tuple[ApiTokenRow, ...]:
    """One's own tokens, the newest first; those that were revoked are gone."""
    return _listed(ctx, ctx.actor.person_id)


@requires(Permission.PERSON_MANAGE)
def everyones(ctx: Context) -> tuple[ApiTokenRow, ...]:
    """Everybody's tokens, the newest first."""
    return _listed(ctx, None)


@requires(Permission.ACCOUNT)
def grantable(ctx: Context) -> tuple[str, ...]:
    """What a token of the actor's could be given: what they may do themselves."""
    return tuple(one.value for one in IN_WORDS if may(ctx.actor, one))


@requires(Permission.ACCOUNT)
def create(ctx: Context, *, name: str, permissions: Sequence[str], days: int = 90) -> NewToken:
    """Make a token for a program.

    Args:
        name: what it is for.
        permissions: what it may do, of what the actor may; taken from them, it is taken from the token.
        days: how long it is good, 1 to 365.

    Raises:
        NotAllowed: a program asks with a token of its own.
        Invalid: no name, nothing it may do, something the actor may not do themselves, or too long a life.
    """
    if ctx.actor.scope is not None:
        raise NotAllowed("A token cannot make tokens. Sign in for that.")
    problems = {}
    if not one_line(name):
        problems["name"] = "Say what it is for."
    wanted = sorted({str(one) for one in permissions})
    if not wanted:
        problems["permissions"] = "Choose what it may do."
    elif unknown := [one for one in wanted if one not in grantable(ctx)]:
        problems["permissions"] = f"You cannot grant {', '.join(unknown)[:200]}."
    if not 1 <= days <= LONGEST_DAYS:
        problems["days"] = f"Choose 1 to {LONGEST_DAYS} days."
    if problems:
        raise Invalid(**problems)
    if len(listing(ctx)) >= MOST:
        raise Invalid(f"You have {MOST} tokens. Revoke those you do not need first.")
    secret = f"{PREFIX}{ctx.organization_id}_{secrets.token_urlsafe(32)}"
    token = ApiToken(
        person_id=ctx.actor.person_id or 0, name=one_line(name)[:80], token_hash=_hash(secret), ending=secret[-4:],
        permissions=wanted, created_at=ctx.now, expires_at=ctx.now + timedelta(days=days),
    )  # fmt: skip
    ctx.session.add(token)
    ctx.session.flush()
    ctx.record(
        ActivityKind.API_TOKEN_CREATED, subject_id=token.id, name=token.name, before={},
        after={"permissions": ", ".join(wanted), "days": days},
    )  # fmt: skip
    ctx.topics.add(f"sessions-{ctx.actor.person_id}")
    person = ctx.session.get_one(Person, ctx.actor.person_id)
    sign_in.tell(ctx, person, f"The API token “{token.name}” was made")
    return NewToken(token.id, token.name, secret, _iso(token.expires_at))


@requires(Permission.ACCOUNT)
def revoke(ctx: Context, token_id: int) -> None:
    """Make a token of one's own worthless. Twice is once.

    Raises:
        NotFound: none of one's own.
    """
    _revoke(ctx, token_id, owner_id=ctx.actor.person_id)


@requires(Permission.PERSON_MANAGE)
def withdraw(ctx: Context, token_id: int) -> None:
    """Make anybody's token worthless. Twice is once.

    Raises:
        NotFound: no such token.
    """
    _revoke(ctx, token_id, owner_id=None)


@step
def in_words(permissions: Sequence[str]) -> str:
    """What permissions let a program do, as a list for people."""
    text = ", ".join(words[0].lower() + words[1:] for one, words in IN_WORDS.items() if one in permissions)
    return text[:1].upper() + text[1:]


@anyone
def actor_of(secret: str, *, address: str = "") -> Actor | None:
    """Who a token stands for and what of their role it carries, or nobody: unknown, revoked, expired or deactivated."""
    label = secret.removeprefix(PREFIX).partition("_")[0]
    if not secret.startswith(PREFIX) or len(secret) > 100 or not label.isdecimal() or int(label) >= 2**63:
        return None
    now = clock.now()
    with db.session(int(label)) as session:
        found = sign_in.carried(
            session, int(label), ApiToken, col(ApiToken.token_hash) == _hash(secret),
            col(ApiToken.revoked_at).is_(None), col(ApiToken.expires_at) > now,
        )  # fmt: skip
        if not found:
            return None
        [(token, actor)] = found
        if token.last_used_at is None or now - token.last_used_at > _SEEN_STEP:
            token.last_used_at, token.last_address = now, one_line(address)[:64]
            session.commit()
        held = GRANTED[actor.role] if actor.role else frozenset()
        return replace(actor, scope=frozenset(token.permissions) & held, token_id=token.id)


def _listed(ctx: Context, owner_id: int | None) -> tuple[ApiTokenRow, ...]:
    query = (
        select(ApiToken, Person.name)
        .join(Person, col(Person.id) == ApiToken.person_id)
        .where(col(ApiToken.revoked_at).is_(None))
        .order_by(col(ApiToken.id).desc())
        .limit(500)
    )
    if owner_id is not None:
        query = query.where(ApiToken.person_id == owner_id)
    return tuple(
        ApiTokenRow(
            token.id, token.name, token.ending, tuple(token.permissions), _iso(token.created_at), _iso(token.expires_at),
            _iso(token.last_used_at), token.last_address, token.expires_at is not None and token.expires_at <= ctx.now,
            owner, token.person_id, in_words(token.permissions),
        )
        for token, owner in ctx.session.exec(query).all()
    )  # fmt: skip


def _revoke(ctx: Context, token_id: int, *, owner_id: int | None) -> None:
    token = ctx.session.get(ApiToken, access.whole(token_id), with_for_update=True)
    if token is None or (owner_id is not None and token.person_id != owner_id):
        raise NotFound("There is no such API token.")
    if token.revoked_at is not None:
        return
    token.revoked_at = ctx.now
    ctx.record(
        ActivityKind.API_TOKEN_REVOKED,
        subject_id=token.id,
        name=token.name,
        before={"person": token.person_id},
        after={},
    )
    ctx.topics.add(f"sessions-{token.person_id}")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _iso(moment: object) -> str:
    return moment.isoformat() if hasattr(moment, "isoformat") else ""
