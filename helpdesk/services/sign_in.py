"""Doors: signing in and out, registering, and getting back in after a forgotten password.

A session is a row; the browser holds `<organization>.<random>` in an HttpOnly cookie and the database only a hash.
"""

import hashlib
import secrets
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, update
from sqlmodel import col, select

from helpdesk import clock, db, settings
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed
from helpdesk.domain.people import ASSIGNABLE, Actor, ActorKind, Availability, Role
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import one_line
from helpdesk.models import Company, PasswordReset, Person, SignInAttempt, SignInSession, TeamMember
from helpdesk.services.context import Context, anyone, requires, step

COOKIE = "helpdesk_session"
PASSWORD_LENGTH = 10
RESET_LIFE = timedelta(hours=2)
# How far a session's "last seen" may lag, so that reading a page does not write a row each time.
_SEEN_STEP = timedelta(minutes=1)
_COMMON = frozenset(
    {"password12", "password123", "1234567890", "qwertyuiop", "helpdesk123", "letmein123", "iloveyou123", "0123456789"}
)
# One sentence for a wrong password, an unknown address and a locked account: a second one would list the accounts.
_WRONG = (
    "That e-mail address and password do not match an account, or it is locked for some minutes after too many wrong"
    " passwords. Check both, or reset your password."
)


class SignInRefused(NotAllowed):
    """Wrong password, locked or deactivated: what was written down about the try stays."""

    title = "Sign-in refused"
    keeps_work = True


@step
def hasher() -> PasswordHasher:
    """Argon2id with OWASP's second recommendation (19 MiB, 2 passes)."""
    if settings.get().environment == "test":
        return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@step
def hashed(password: str) -> str:
    """What is kept of a password."""
    return hasher().hash(_bytes(password))


@anyone
def sign_in(
    ctx: Context, *, email: str, password: str, address: str = "", user_agent: str = "", remember: bool = False
) -> str:
    """Open a session; returns the cookie's value. An agent becomes available.

    Args:
        address: where the browser connects from, for the audit log.
        remember: keep the session until its absolute end instead of the idle limit.

    Raises:
        SignInRefused: wrong e-mail or password, locked or deactivated. The try is in the audit log.
    """
    email = _typed(email)
    person = ctx.session.exec(select(Person).where(func.lower(Person.email) == email).with_for_update()).first()
    if person is None or person.password_hash is None:
        _check_nothing(password)
        _attempt(ctx, email, None, "failed", address, user_agent)
        raise SignInRefused(_WRONG)
    if person.locked_until and person.locked_until > ctx.now:
        _check_nothing(password)
        _attempt(ctx, email, person.id, "locked", address, user_agent)
        raise SignInRefused(_WRONG)
    if not _matches(person.password_hash, password):
        _failed(ctx, person)
        _attempt(ctx, email, person.id, "failed", address, user_agent)
        raise SignInRefused(_WRONG)
    if not person.is_active:
        _attempt(ctx, email, person.id, "deactivated", address, user_agent)
        raise SignInRefused("This account is deactivated. Ask your administrator.")
    person.failed_sign_ins, person.locked_until = 0, None
    if hasher().check_needs_rehash(person.password_hash):
        person.password_hash = hashed(password)
    _attempt(ctx, email, person.id, "success", address, user_agent)
    return open_session(ctx, person, address=address, user_agent=user_agent, remember=remember)


@step
def open_session(ctx: Context, person: Person, *, address: str, user_agent: str, remember: bool) -> str:
    """Write the session row and make staff available; returns the cookie's value."""
    token = f"{ctx.organization_id}.{secrets.token_urlsafe(32)}"
    ctx.session.add(
        SignInSession(
            person_id=person.id, token_hash=_hash(token), address=one_line(address)[:64],
            user_agent=one_line(user_agent)[:300], remember=remember, created_at=ctx.now, last_seen_at=ctx.now,
            expires_at=ctx.now + timedelta(days=settings.get().session_absolute_days),
        )
    )  # fmt: skip
    person.last_seen_at = ctx.now
    with ctx.acting_as(_actor(ctx.organization_id, person, ())):
        ctx.record(ActivityKind.PERSON_SIGNED_IN, subject_id=person.id)
        if person.role in ASSIGNABLE:
            become(ctx, person, Availability.AVAILABLE)
    return token


@anyone
def sign_out(ctx: Context, token: str) -> None:
    """End the session of a cookie; the last one to end takes an agent offline. Twice is once."""
    found = ctx.session.exec(select(SignInSession).where(SignInSession.token_hash == _hash(token))).first()
    if found is None or found.ended_at is not None:
        return
    found.ended_at = ctx.now
    ctx.session.flush()
    person = ctx.session.get(Person, found.person_id)
    others = ctx.session.exec(
        select(func.count())
        .select_from(SignInSession)
        .where(
            SignInSession.person_id == found.person_id,
            col(SignInSession.ended_at).is_(None),
            col(SignInSession.expires_at) > ctx.now,
            col(SignInSession.last_seen_at) > ctx.now - timedelta(minutes=settings.get().session_idle_minutes),
        )
    ).one()
    ctx.record(ActivityKind.PERSON_SIGNED_OUT, subject_id=found.person_id)
    if person and not others:
        become(ctx, person, Availability.OFFLINE)


@anyone
def actor_of(token: str) -> Actor | None:
    """Who a cookie's value stands for, or nobody: unknown, ended, expired or deactivated."""
    label, _, rest = token.partition(".")
    # "²" is a digit to isdigit() and no number to int().
    if not label.isdecimal() or not rest or len(token) > 100 or int(label) >= 2**63:
        return None
    now = clock.now()
    with db.session(int(label)) as session:
        teams = select(func.array_agg(TeamMember.team_id)).where(TeamMember.person_id == Person.id).scalar_subquery()
        found = session.exec(
            select(SignInSession, Person, teams)
            .join(Person, col(Person.id) == SignInSession.person_id)
            .where(
                SignInSession.token_hash == _hash(token),
                col(SignInSession.ended_at).is_(None),
                col(SignInSession.expires_at) > now,
                col(Person.is_active),
            )
        ).first()
        if found is None:
            return None
        signed_in, person, team_ids = found
        idle = now - signed_in.last_seen_at
        if not signed_in.remember and idle > timedelta(minutes=settings.get().session_idle_minutes):
            return None
        if idle > _SEEN_STEP:
            signed_in.last_seen_at = now
            session.commit()
        return _actor(int(label), person, tuple(team_ids or ()), signed_in.id)


@step
def actor_for(ctx: Context, person: Person) -> Actor:
    """The actor a person would be when signed in; for imports, mail and tests."""
    teams = ctx.session.exec(select(TeamMember.team_id).where(TeamMember.person_id == person.id)).all()
    return _actor(ctx.organization_id, person, tuple(teams))


@anyone
def register(ctx: Context, *, name: str, email: str, password: str, address: str = "", user_agent: str = "") -> str:
    """Create a customer's account and sign them in; returns the cookie's value.

    Raises:
        Invalid: name, e-mail address or password cannot be accepted; names the fields.
        Conflict: the address has an account with a password already.
    """
    name, email = one_line(name)[:200], checked_email(email)
    if len(name) < 2:
        raise Invalid(name="Tell us your name.")
    check_password(password, email=email, name=name)
    person = ctx.session.exec(select(Person).where(func.lower(Person.email) == email).with_for_update()).first()
    if person is not None:
        # Somebody who only ever wrote to us has no password yet; the reset mail proves the address is theirs.
        raise Conflict("There is an account for this e-mail address. Sign in, or use “Forgot password”.")
    person = Person(
        email=email, name=name, role=Role.CUSTOMER, password_hash=hashed(password),
        company_id=company_of(ctx, email), created_at=ctx.now, updated_at=ctx.now,
    )  # fmt: skip
    ctx.session.add(person)
    ctx.session.flush()
    with ctx.acting_as(_actor(ctx.organization_id, person, ())):
        ctx.record(ActivityKind.PERSON_REGISTERED, subject_id=person.id)
    _attempt(ctx, email, person.id, "registered", address, user_agent)
    return open_session(ctx, person, address=address, user_agent=user_agent, remember=False)


@anyone
def forgot(ctx: Context, *, email: str) -> None:
    """Send a link for choosing a new password, if the address has an account; says nothing either way."""
    email = _typed(email)
    person = ctx.session.exec(select(Person).where(func.lower(Person.email) == email, col(Person.is_active))).first()
    if person is None:
        return
    token = reset_token(ctx, person, RESET_LIFE)
    ctx.record(ActivityKind.PERSON_PASSWORD_RESET_ASKED, subject_id=person.id)
    ctx.letters.append(("password_reset", person.id, {"token": token}))


@step
def reset_token(ctx: Context, person: Person, life: timedelta) -> str:
    """The secret of a link that lets a person choose a password, once, for as long as it lives."""
    token = secrets.token_urlsafe(32)
    ctx.session.add(
        PasswordReset(person_id=person.id, token_hash=_hash(token), created_at=ctx.now, expires_at=ctx.now + life)
    )
    return token


@anyone
def reset(ctx: Context, *, token: str, password: str) -> None:
    """Choose a new password with a link's token; every session ends.

    Raises:
        Invalid: the link is unknown, used or too old, or the password cannot be accepted.
    """
    found = ctx.session.exec(
        select(PasswordReset)
        .where(
            PasswordReset.token_hash == _hash(token),
            col(PasswordReset.used_at).is_(None),
            col(PasswordReset.expires_at) > ctx.now,
        )
        .with_for_update()
    ).first()
    if found is None:
        raise Invalid(token="This link was used or is too old. Ask for a new one.")  # noqa: S106 - a sentence
    person = ctx.session.exec(select(Person).where(Person.id == found.person_id).with_for_update()).one()
    check_password(password, email=person.email, name=person.name)
    # Every link that is still out, not this one alone: a second mail in a thief's hands must open nothing.
    void_resets(ctx, person.id)
    person.password_hash, person.failed_sign_ins, person.locked_until = hashed(password), 0, None
    end_sessions(ctx, person)
    ctx.record(ActivityKind.PERSON_PASSWORD_CHANGED, subject_id=person.id)


@step
def end_sessions(ctx: Context, person: Person) -> None:
    """End every session of a person; routing gives nothing to somebody who is not there."""
    ctx.session.execute(
        update(SignInSession)
        .where(col(SignInSession.person_id) == person.id, col(SignInSession.ended_at).is_(None))
        .values(ended_at=ctx.now)
    )
    ctx.topics.add(f"sessions-{person.id}")
    become(ctx, person, Availability.OFFLINE)


@step
def void_resets(ctx: Context, person_id: int) -> None:
    """Make every link for choosing a new password worthless."""
    ctx.session.execute(
        update(PasswordReset)
        .where(col(PasswordReset.person_id) == person_id, col(PasswordReset.used_at).is_(None))
        .values(used_at=ctx.now)
    )


@requires(Permission.AVAILABILITY)
def set_availability(ctx: Context, availability: str) -> None:
    """Say whether new tickets may come.

    Raises:
        Invalid: not one of available, away, offline.
    """
    if availability not in set(Availability):
        raise Invalid(availability="Choose available, away or offline.")
    person = ctx.session.exec(select(Person).where(Person.id == ctx.actor.person_id).with_for_update()).one()
    become(ctx, person, Availability(availability))


@step
def become(ctx: Context, person: Person, availability: Availability) -> None:
    """Change a person's availability and write it down; nothing when it is that already."""
    if person.availability == availability:
        return
    before, person.availability = person.availability, availability
    person.available_since = ctx.now if availability is Availability.AVAILABLE else None
    ctx.record(ActivityKind.PERSON_AVAILABILITY_CHANGED, subject_id=person.id, before=before, after=availability.value)
    ctx.topics |= {f"org-{ctx.organization_id}-presence", f"user-{person.id}"}


@anyone
def set_theme(ctx: Context, theme: str) -> None:
    """Remember light, dark or system for the signed-in person.

    Raises:
        Invalid: another word.
    """
    if theme not in ("light", "dark", "system"):
        raise Invalid(theme="Choose light, dark or system.")
    ctx.session.execute(update(Person).where(col(Person.id) == ctx.actor.person_id).values(theme=theme))


@anyone
def limited(ctx: Context, *, email: str, address: str, user_agent: str) -> None:
    """Write down a try that the rate limit turned away at the door."""
    _attempt(ctx, _typed(email), None, "limited", address, user_agent)


@step
def checked_email(email: str) -> str:
    """A normalised, lower-case e-mail address.

    Raises:
        Invalid: it is not one.
    """
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise Invalid(email="Use an e-mail address such as name@example.com.") from None


@step
def check_password(password: str, *, email: str, name: str) -> None:
    """Refuse weak passwords.

    Raises:
        Invalid: too short, too long, common, or made of the name or address.
    """
    low = password.lower()
    if len(password) < PASSWORD_LENGTH:
        raise Invalid(password=f"Use at least {PASSWORD_LENGTH} characters; a short sentence is a good password.")
    if len(password) > 200:
        raise Invalid(password="Use at most 200 characters.")  # noqa: S106 - a sentence
    if low in _COMMON or len(set(low)) < 4 or low in (email, email.split("@", maxsplit=1)[0] * 2, name.lower()):
        raise Invalid(password="That password is easy to guess. Use something only you would think of.")  # noqa: S106


@step
def company_of(ctx: Context, email: str) -> int | None:
    """The company whose domain an address belongs to."""
    domain = email.rpartition("@")[2]
    return ctx.session.exec(select(Company.id).where(col(Company.domains).contains([domain]))).first()


def _actor(organization_id: int, person: Person, team_ids: tuple[int, ...], session_id: int | None = None) -> Actor:
    return Actor(
        ActorKind.PERSON, organization_id, person.id, person.name, Role(person.role), person.timezone, team_ids,
        person.company_id, person.is_company_manager, session_id,
    )  # fmt: skip


def _hash(token: str) -> str:
    return hashlib.sha256(_bytes(token)).hexdigest()


def _bytes(secret: str) -> bytes:
    # JSON may carry half a character; it is a wrong password, not an error.
    return secret.encode("utf-8", "surrogatepass")


def _typed(email: str) -> str:
    return one_line(email).lower()[:254]


def _matches(password_hash: str, password: str) -> bool:
    try:
        return hasher().verify(password_hash, _bytes(password[:200]))
    except (VerificationError, InvalidHashError):
        return False


def _check_nothing(password: str) -> None:
    # An unknown address takes as long as a known one, or timing would list the accounts.
    hasher().hash(_bytes(password[:200]))


def _failed(ctx: Context, person: Person) -> None:
    person.failed_sign_ins += 1
    if person.failed_sign_ins >= settings.get().lock_after_failures:
        person.locked_until = ctx.now + timedelta(minutes=settings.get().lock_minutes)
        person.failed_sign_ins = 0


def _attempt(ctx: Context, email: str, person_id: int | None, outcome: str, address: str, user_agent: str) -> None:
    ctx.session.add(
        SignInAttempt(
            email=email,
            person_id=person_id,
            outcome=outcome,
            address=one_line(address)[:64],
            user_agent=one_line(user_agent)[:300],
            at=ctx.now,
        )
    )
