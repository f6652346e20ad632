"""Doors: signing in and out, registering, and getting back in after a forgotten password.

A session is a row; the browser holds `<organization>.<random>` in an HttpOnly cookie and the database only a hash.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import ColumnElement, Select, and_, case, delete, func, literal, or_, true, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from helpdesk import clock, db, settings
from helpdesk.domain import passwords
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, HelpdeskError, Invalid, NotAllowed
from helpdesk.domain.people import ASSIGNABLE, Actor, ActorKind, Availability, Role
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import one_line
from helpdesk.models import (
    ApiToken,
    Company,
    Organization,
    PasswordReset,
    Person,
    Registration,
    SecondFactor,
    SecondStep,
    SignInAttempt,
    SignInSession,
    TeamMember,
)
from helpdesk.services import catalog, second_factor
from helpdesk.services.context import Context, anyone, requires, step

Carrier = TypeVar("Carrier", SignInSession, ApiToken)

COOKIE = "helpdesk_session"
STEP_COOKIE = "helpdesk_step"
RESET_LIFE = timedelta(hours=2)
# How long somebody may look for their phone between password and code, and how often they may mistype.
STEP_LIFE = timedelta(minutes=10)
MOST_CODES = 5
REGISTRATION_LIFE = timedelta(days=1)
# Mails an address gets in an hour because somebody registers with it.
MOST_REGISTRATIONS = 3
# How far a session's "last seen" may lag, so that reading a page does not write a row each time.
_SEEN_STEP = timedelta(minutes=1)
# One sentence for a wrong password, an unknown address and a locked account: a second one would list the accounts.
_WRONG = (
    "That e-mail address and password do not match an account, or it is locked for some minutes after too many wrong"
    " passwords. Check both, or reset your password."
)
_UNCONFIRMED = (
    "Follow the link in the mail we sent you first: it confirms that the address is yours. It may be in your spam."
)


class SignInRefused(NotAllowed):
    """Wrong password, locked or deactivated: what was written down about the try stays."""

    title = "Sign-in refused"
    keeps_work = True


class StepRefused(SignInRefused):
    """The step between password and code is over: begin anew with the password."""


class SecondStepNeeded(HelpdeskError):
    """The password is right; a code is asked for next.

    Args:
        token: stands for the step; worth nothing without the code.
    """

    status = 401
    title = "Enter the code"
    keeps_work = True

    def __init__(self, token: str) -> None:
        self.token = token
        super().__init__()


@dataclass(frozen=True, slots=True)
class Entered:
    """A session that was opened."""

    token: str
    remember: bool


class WrongPassword(Invalid):
    """The present password, asked for once more, is another; the try is counted."""

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
    ctx: Context,
    *,
    email: str,
    password: str,
    address: str = "",
    user_agent: str = "",
    remember: bool = False,
    refresh_key: str | None = None,
) -> str:
    """Open a session; returns the cookie's value. An agent becomes available.

    Args:
        address: where the browser connects from, for the audit log.
        remember: keep the session longer, also when the browser is closed.
        refresh_key: a program signs in, not a person; see `open_session`.

    Raises:
        SignInRefused: wrong e-mail or password, locked or deactivated. The try is in the audit log.
        SecondStepNeeded: all is right so far, and the person signs in with two factors.
    """
    email = _typed(email)
    person = ctx.session.exec(select(Person).where(Person.email == email).with_for_update()).first()
    if person is None or person.password_hash is None:
        is_unconfirmed = _is_unconfirmed(ctx, email, password)
        attempted(ctx, email, None, "unconfirmed" if is_unconfirmed else "failed", address, user_agent)
        raise SignInRefused(_UNCONFIRMED if is_unconfirmed else _WRONG)
    if person.locked_until and person.locked_until > ctx.now:
        _check_nothing(password)
        attempted(ctx, email, person.id, "locked", address, user_agent)
        raise SignInRefused(_WRONG)
    if not _matches(person.password_hash, password):
        _failed(ctx, person)
        attempted(ctx, email, person.id, "failed", address, user_agent)
        raise SignInRefused(_WRONG)
    if not person.is_active:
        attempted(ctx, email, person.id, "deactivated", address, user_agent)
        raise SignInRefused("This account is deactivated. Ask your administrator.")
    if hasher().check_needs_rehash(person.password_hash):
        person.password_hash = hashed(password)
    return enter(ctx, person, address=address, user_agent=user_agent, remember=remember, refresh_key=refresh_key)


@step
def enter(
    ctx: Context, person: Person, *, address: str, user_agent: str, remember: bool, refresh_key: str | None = None
) -> str:
    """Let in who has proven to be this person once, or ask for the second proof; returns the cookie's value.

    Raises:
        SecondStepNeeded: they sign in with two factors.
    """
    if second_factor.of(ctx, person.id) is None:
        person.failed_sign_ins, person.locked_until = 0, None
        attempted(ctx, person.email, person.id, "success", address, user_agent)
        return open_session(
            ctx, person, address=address, user_agent=user_agent, remember=remember, refresh_key=refresh_key
        )
    # Wrong tries are not forgotten yet: who knows the password could guess codes for ever.
    token = secrets.token_urlsafe(32)
    ctx.session.add(
        SecondStep(
            person_id=person.id, token_hash=_hash(token), remember=remember, created_at=ctx.now,
            expires_at=ctx.now + STEP_LIFE,
        )
    )  # fmt: skip
    attempted(ctx, person.email, person.id, "code_asked", address, user_agent)
    raise SecondStepNeeded(token)


@anyone
def second_step(
    ctx: Context, *, token: str, code: str, address: str = "", user_agent: str = "", refresh_key: str | None = None
) -> Entered:
    """Open a session with the code asked for after the password: one of the app, or a recovery code.

    Raises:
        StepRefused: the step is unknown, over, or was tried too often.
        SignInRefused: the code is wrong or was used, or the account is locked. The try is in the audit log.
    """
    found = ctx.session.exec(
        select(SecondStep)
        .where(
            SecondStep.token_hash == _hash(token),
            col(SecondStep.used_at).is_(None),
            col(SecondStep.expires_at) > ctx.now,
        )
        .with_for_update()
    ).first()
    if found is None:
        raise StepRefused("That took too long. Sign in again.")
    person = ctx.session.exec(select(Person).where(Person.id == found.person_id).with_for_update()).one()
    if not person.is_active:
        raise StepRefused("This account is deactivated. Ask your administrator.")
    if person.locked_until and person.locked_until > ctx.now:
        attempted(ctx, person.email, person.id, "locked", address, user_agent)
        raise StepRefused("There were too many wrong tries. Wait some minutes and sign in again.")
    used = second_factor.accept(ctx, person, code[:100])
    if not used:
        _failed(ctx, person)
        attempted(ctx, person.email, person.id, "code_failed", address, user_agent)
        found.tries += 1
        if found.tries >= MOST_CODES:
            found.used_at = ctx.now
            raise StepRefused("There were too many wrong codes. Sign in again.")
        raise SignInRefused("This code is wrong or was used already. Try the next one.")
    found.used_at = ctx.now
    person.failed_sign_ins, person.locked_until = 0, None
    attempted(ctx, person.email, person.id, "success" if used == "code" else "recovery", address, user_agent)
    if used == "recovery":
        left = second_factor.codes_left(ctx, person.id)
        tell(ctx, person, f"A recovery code was used to sign in; {left} are left")
    return Entered(
        open_session(
            ctx, person, address=address, user_agent=user_agent, remember=found.remember, refresh_key=refresh_key
        ),
        found.remember,
    )


@step
def open_session(
    ctx: Context, person: Person, *, address: str, user_agent: str, remember: bool, refresh_key: str | None = None
) -> str:
    """Write the session row and make staff available; returns the cookie's value.

    Args:
        refresh_key: the session is a program's, which renews it with the token of this name. Nobody sits before it, so
            it makes nobody available.
    """
    token = f"{ctx.organization_id}.{secrets.token_urlsafe(32)}"
    ctx.session.add(
        SignInSession(
            person_id=person.id, token_hash=_hash(token), address=one_line(address)[:64],
            user_agent=one_line(user_agent)[:300], remember=remember, created_at=ctx.now, last_seen_at=ctx.now,
            active_at=ctx.now, expires_at=ctx.now + _absolute(remember=remember), refresh_key=refresh_key,
        )
    )  # fmt: skip
    person.last_seen_at = ctx.now
    ctx.topics.add(f"sessions-{person.id}")
    with ctx.acting_as(_actor(ctx.organization_id, person, ())):
        ctx.record(ActivityKind.PERSON_SIGNED_IN, subject_id=person.id)
        if refresh_key is None and person.role in ASSIGNABLE and not must_enrol(ctx, person):
            become(ctx, person, Availability.AVAILABLE)
    return token


@step
def must_enrol(ctx: Context, person: Person) -> bool:
    """Whether somebody's role needs a second factor which they do not have yet: until then they do no work."""
    is_required = person.role in catalog.current(ctx).organization.two_factor_roles
    return is_required and second_factor.of(ctx, person.id) is None


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
        .where(SignInSession.person_id == found.person_id, col(SignInSession.refresh_key).is_(None), is_open(ctx.now))
    ).one()
    ctx.record(ActivityKind.PERSON_SIGNED_OUT, subject_id=found.person_id)
    if person and not others:
        become(ctx, person, Availability.OFFLINE)


@anyone
def actor_of(token: str, *, is_active: bool = True) -> Actor | None:
    """Who a cookie's value stands for, or nobody: unknown, ended, expired or deactivated.

    Args:
        is_active: whether they do something; a page that only shows what is new keeps the session, and tells nothing.
    """
    return actors_of([token], is_active=is_active).get(token)


@anyone
def actors_of(tokens: Iterable[str], *, is_active: bool = True) -> dict[str, Actor]:
    """Who cookies' values stand for, without those that stand for nobody; one question an organization."""
    hashes: dict[int, dict[str, str]] = {}
    for token in tokens:
        label, _, rest = token.partition(".")
        # "²" is a digit to isdigit() and no number to int().
        if label.isdecimal() and rest and len(token) <= 100 and int(label) < 2**63:
            hashes.setdefault(int(label), {})[_hash(token)] = token
    found: dict[str, Actor] = {}
    for organization_id, asked in hashes.items():
        found |= {asked[hashed]: actor for hashed, actor in _signed_in(organization_id, list(asked), is_active).items()}
    return found


def _signed_in(organization_id: int, hashes: list[str], is_active: bool) -> dict[str, Actor]:
    now = clock.now()
    with db.session(organization_id) as session:
        found = carried(
            session, organization_id, SignInSession, col(SignInSession.token_hash).in_(hashes), is_open(now)
        )
        seen = [
            one.id or 0
            for one, _ in found
            if now - one.last_seen_at > _SEEN_STEP
            or (is_active and now - (one.active_at or one.last_seen_at) > _SEEN_STEP)
        ]
        if seen:
            _note_seen(session, seen, now, is_active)
        return {one.token_hash: replace(actor, session_id=one.id) for one, actor in found}


def _note_seen(session: Session, session_ids: list[int], now: datetime, is_active: bool) -> None:
    """That these were here; whoever is being signed out at this moment is passed over rather than waited for."""
    free = select(SignInSession.id).where(col(SignInSession.id).in_(session_ids)).with_for_update(skip_locked=True)
    values = {"last_seen_at": now} | ({"active_at": now} if is_active else {})
    session.execute(update(SignInSession).where(col(SignInSession.id).in_(free)).values(values))
    session.commit()


@step
def carried(
    session: Session, organization_id: int, carrier: type[Carrier], *where: ColumnElement[bool] | bool
) -> list[tuple[Carrier, Actor]]:
    """What people carry (a session, a token) that fits, and who they are, without those who are not active.

    Args:
        carrier: a table whose rows belong to a person.
    """
    teams = select(func.array_agg(TeamMember.team_id)).where(TeamMember.person_id == Person.id).scalar_subquery()
    has_factor = (
        select(SecondFactor.person_id)
        .where(SecondFactor.person_id == Person.id, col(SecondFactor.confirmed_at).is_not(None))
        .exists()
    )
    must_have = select(Organization.id).where(Person.role == func.any(Organization.two_factor_roles)).exists()
    found = session.exec(
        select(carrier, Person, teams, and_(must_have, ~has_factor))
        .join(Person, col(Person.id) == carrier.person_id)
        .where(*where, col(Person.is_active))
    )
    return [
        (
            thing,
            replace(
                _actor(organization_id, person, tuple(team_ids or ())),
                must_enrol=bool(must_enrol),
                must_complete=person.must_complete,
            ),
        )
        for thing, person, team_ids, must_enrol in found
    ]


@step
def actor_for(ctx: Context, person: Person) -> Actor:
    """The actor a person would be when signed in; for imports, mail and tests."""
    if person.role == Role.CUSTOMER:
        return _actor(
            ctx.organization_id, person, ()
        )  # customers are in no team: a question less for each of their mails
    teams = ctx.session.exec(select(TeamMember.team_id).where(TeamMember.person_id == person.id)).all()
    return _actor(ctx.organization_id, person, tuple(teams))


@anyone
def register(ctx: Context, *, name: str, email: str, password: str, address: str = "", user_agent: str = "") -> None:
    """Ask for a customer's account: a mail with a link goes to the address, and only who follows it has one.

    Nobody else notices: the answer is the same whether there is an account already (its owner is told by mail), and
    requests that come in meanwhile belong to whoever wrote them.

    Raises:
        Invalid: name, e-mail address or password cannot be accepted; names the fields.
    """
    name, email = one_line(name)[:200], checked_email(email)
    if len(name) < 2:
        raise Invalid(name="Tell us your name.")
    check_password(ctx, password, email=email, name=name)
    password_hash = hashed(password)  # in any case, or the time it takes would list the accounts
    attempted(ctx, email, None, "register_asked", address, user_agent)
    ctx.session.execute(delete(Registration).where(col(Registration.expires_at) <= ctx.now))
    person = ctx.session.exec(select(Person).where(Person.email == email)).first()
    if person is not None and person.password_hash:
        if person.is_active:
            ctx.letters.append(("already_registered", person.id, {"token": _reset_token(ctx, person)}))
        return
    lately = ctx.session.exec(
        select(func.count())
        .select_from(Registration)
        .where(Registration.email == email, col(Registration.created_at) > ctx.now - timedelta(hours=1))
    ).one()
    if lately >= MOST_REGISTRATIONS:
        return
    token = secrets.token_urlsafe(32)
    ctx.session.add(
        Registration(
            email=email, name=name, password_hash=password_hash, token_hash=_hash(token), created_at=ctx.now,
            expires_at=ctx.now + REGISTRATION_LIFE,
        )
    )  # fmt: skip
    ctx.record(ActivityKind.PERSON_REGISTRATION_ASKED)
    ctx.letters.append(("confirm_registration", None, {"token": token, "email": email, "name": name}))


@anyone
def confirm(ctx: Context, *, token: str, password: str, address: str = "", user_agent: str = "") -> str:
    """Open the account somebody registered, with the link from their mail and the password they chose; returns the
    cookie's value.

    Both are asked for: the link proves the address, and the password that it is not somebody else's registration which
    they are made to confirm.

    Raises:
        Invalid: the link was used or is too old, or the password is another.
        Conflict: the address has come to an account in another way.
        SignInRefused: the account is deactivated.
        SecondStepNeeded: as `sign_in`.
    """
    found = ctx.session.exec(
        select(Registration)
        .where(Registration.token_hash == _hash(token), col(Registration.expires_at) > ctx.now)
        .with_for_update()
    ).first()
    if found is None or found.tries >= MOST_CODES:
        _check_nothing(password)
        raise Invalid(token="This link was used or is too old. Register again.")  # noqa: S106 - a sentence
    if not _matches(found.password_hash, password):
        found.tries += 1
        attempted(ctx, found.email, None, "failed", address, user_agent)
        raise WrongPassword(password="This is not the password you registered with.")  # noqa: S106 - a sentence
    person = ctx.session.exec(select(Person).where(Person.email == found.email).with_for_update()).first()
    ctx.session.execute(delete(Registration).where(col(Registration.email) == found.email))
    if person is None:
        person = Person(
            email=found.email, name=found.name, role=Role.CUSTOMER, company_id=company_of(ctx, found.email),
            created_at=ctx.now, updated_at=ctx.now,
        )  # fmt: skip
        ctx.session.add(person)
    elif person.password_hash:
        raise Conflict("There is an account for this e-mail address. Sign in, or use “Forgot password”.")
    elif not person.is_active:
        raise SignInRefused("This account is deactivated. Ask your administrator.")
    person.password_hash = found.password_hash
    ctx.session.flush()
    void_resets(ctx, person.id)
    with ctx.acting_as(_actor(ctx.organization_id, person, ())):
        ctx.record(ActivityKind.PERSON_REGISTERED, subject_id=person.id)
    attempted(ctx, person.email, person.id, "registered", address, user_agent)
    return enter(ctx, person, address=address, user_agent=user_agent, remember=False)


@anyone
def forgot(ctx: Context, *, email: str) -> None:
    """Send a link for choosing a new password, if the address has an account; says nothing either way."""
    email = _typed(email)
    person = ctx.session.exec(select(Person).where(Person.email == email, col(Person.is_active))).first()
    if person is None:
        return
    ctx.letters.append(("password_reset", person.id, {"token": _reset_token(ctx, person)}))


@step
def survivor(ctx: Context, person: Person) -> Person:
    """The person themselves, or whose other account this turned out to be."""
    return ctx.session.get_one(Person, person.merged_into_id) if person.merged_into_id is not None else person


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
    check_password(ctx, password, email=person.email, name=person.name)
    # Every link that is still out, not this one alone: a second mail in a thief's hands must open nothing.
    void_resets(ctx, person.id)
    person.password_hash, person.failed_sign_ins, person.locked_until = hashed(password), 0, None
    end_sessions(ctx, person)
    ctx.record(ActivityKind.PERSON_PASSWORD_CHANGED, subject_id=person.id)
    tell(ctx, person, "Your password was changed")


@step
def session_of(ctx: Context, token: str) -> SignInSession:
    """The session of a cookie's value."""
    return ctx.session.exec(select(SignInSession).where(SignInSession.token_hash == _hash(token))).one()


@step
def is_open(now: datetime) -> ColumnElement[bool]:
    """The condition under which a session stands: not ended, neither unused nor used for too long."""
    chosen = settings.get()
    idle = case(
        (col(SignInSession.remember), now - timedelta(days=chosen.remember_idle_days)),
        else_=now - timedelta(minutes=chosen.session_idle_minutes),
    )
    return and_(
        col(SignInSession.ended_at).is_(None),
        col(SignInSession.expires_at) > now,
        col(SignInSession.last_seen_at) >= idle,
    )


@step
def end_sessions(ctx: Context, person: Person, *, spare: int | None = None) -> int:
    """End every session of a person but one; returns how many that could still be used. Without any left, routing gives
    nothing to somebody who is not there.
    """
    ended = ctx.session.scalars(
        update(SignInSession)
        .where(
            col(SignInSession.person_id) == person.id, col(SignInSession.id) != (spare or -1),
            col(SignInSession.ended_at).is_(None),
        )
        .values(ended_at=ctx.now)
        .returning(col(SignInSession.expires_at))
    ).all()  # fmt: skip
    ctx.session.execute(
        update(SecondStep)
        .where(col(SecondStep.person_id) == person.id, col(SecondStep.used_at).is_(None))
        .values(used_at=ctx.now)
    )
    ctx.topics.add(f"sessions-{person.id}")
    if spare is None:
        become(ctx, person, Availability.OFFLINE)
    return sum(until > ctx.now for until in ended)


@step
def tell(ctx: Context, person: Person, what: str) -> None:
    """Write to somebody that something about how they sign in has changed, whatever mails they want."""
    ctx.letters.append(("security_notice", person.id, {"what": what}))


@step
def check_current(ctx: Context, person: Person, password: str) -> None:
    """Make sure it is them who asks: a browser left open must not be enough for what locks its owner out.

    Raises:
        WrongPassword: it is another, or the account is locked after too many of them.
    """
    is_locked = person.locked_until is not None and person.locked_until > ctx.now
    if not is_locked and person.password_hash and _matches(person.password_hash, password):
        person.failed_sign_ins = 0
        return
    if not is_locked:
        _failed(ctx, person)
    raise WrongPassword(
        current="This is not your password, or there were too many wrong ones. Check it, or wait a bit."
    )


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
def notice_absent(ctx: Context) -> int:
    """Set those who are available and have done nothing for the organization's number of minutes to away, and those whose
    sessions have all run out to offline; returns how many. Who has never signed in has no session to go by."""
    minutes = catalog.current(ctx).organization.away_after_minutes
    # Who says just now that they are there is not waited for; the next round asks again.
    found = ctx.session.execute(
        _absent(ctx.now).order_by(col(Person.id)).with_for_update(of=Person, key_share=True, skip_locked=True)
    ).all()
    for person, is_here in found:
        if is_here:
            become(ctx, person, Availability.AWAY, reason=f"nothing done for {minutes} minutes")
        else:
            become(ctx, person, Availability.OFFLINE, reason="no longer signed in")
    return len(found)


@anyone
def organizations_with_absent() -> list[int]:
    """Organizations where that would find somebody, as the owner: reads those who are available, and their sessions."""
    with db.owner_session() as session:
        found = _absent(clock.now()).where(col(Organization.is_active))
        return list(session.execute(found.with_only_columns(col(Person.organization_id)).distinct()).scalars())


def _absent(now: datetime) -> Select[Any]:
    """Those who are available, with whether a session of theirs is open, and are not there."""
    minutes = col(Organization.away_after_minutes)
    idle_since = case((minutes > 0, literal(now) - func.make_interval(0, 0, 0, 0, 0, minutes)))
    seen = (
        select(
            func.max(func.coalesce(SignInSession.active_at, SignInSession.last_seen_at)).label("active_at"),
            func.bool_or(is_open(now)).label("is_open"),
        )
        .where(
            SignInSession.organization_id == Person.organization_id, SignInSession.person_id == Person.id,
            col(SignInSession.refresh_key).is_(None),  # a program's work is no sign of them
        )
        .lateral()
    )  # fmt: skip
    return (
        sql_select(Person, seen.c.is_open)
        .join(Organization, col(Organization.id) == Person.organization_id)
        .join(seen, true())
        .where(
            col(Person.availability) == Availability.AVAILABLE, col(Person.is_active), seen.c.active_at.is_not(None),
            or_(~seen.c.is_open, seen.c.active_at < idle_since),
            # Somebody who has just come back by hand counts from then.
            or_(col(Person.available_since).is_(None), col(Person.available_since) < func.coalesce(idle_since, now)),
        )
    )  # fmt: skip


@step
def become(ctx: Context, person: Person, availability: Availability, *, reason: str = "") -> None:
    """Change a person's availability and write it down; nothing when it is that already."""
    if person.availability == availability:
        return
    before, person.availability = person.availability, availability
    person.available_since = ctx.now if availability is Availability.AVAILABLE else None
    ctx.record(
        ActivityKind.PERSON_AVAILABILITY_CHANGED, subject_id=person.id, name=person.name, before=before,
        after=availability.value, reason=reason,
    )  # fmt: skip
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
def set_single_keys(ctx: Context, on: bool) -> None:
    """Remember for the signed-in person whether keys like r or j work by themselves."""
    ctx.session.execute(update(Person).where(col(Person.id) == ctx.actor.person_id).values(single_keys=on))
    if ctx.actor.person_id is not None:
        ctx.topics.add(f"user-{ctx.actor.person_id}")


@anyone
def limited(ctx: Context, *, email: str, address: str, user_agent: str) -> None:
    """Write down a try that the rate limit turned away at the door."""
    attempted(ctx, _typed(email), None, "limited", address, user_agent)


@step
def attempted(ctx: Context, email: str, person_id: int | None, outcome: str, address: str, user_agent: str) -> None:
    """Write a line of the login audit log."""
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


@step
def checked_email(email: str) -> str:
    """A normalised, lower-case e-mail address.

    Raises:
        Invalid: it is not one.
    """
    try:
        return _normalised(email.strip())
    except EmailNotValidError:
        raise Invalid(email="Use an e-mail address such as name@example.com.") from None


@lru_cache(maxsize=4096)
def _normalised(email: str) -> str:
    return validate_email(email, check_deliverability=False).normalized.lower()


@step
def check_password(ctx: Context, password: str, *, email: str, name: str) -> None:
    """Refuse weak passwords.

    Raises:
        Invalid: as `domain.passwords` says.
    """
    about = (name, email, catalog.current(ctx).organization.name)
    if problem := passwords.problem(password, about=about):
        raise Invalid(password=problem)


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


def _reset_token(ctx: Context, person: Person) -> str:
    """What a link for choosing a new password carries."""
    token = reset_token(ctx, person, RESET_LIFE)
    ctx.record(ActivityKind.PERSON_PASSWORD_RESET_ASKED, subject_id=person.id)
    return token


def _is_unconfirmed(ctx: Context, email: str, password: str) -> bool:
    """Whether somebody without an account has registered with this password, as slow as any other look at one."""
    newest = select(Registration.password_hash).where(
        Registration.email == email, col(Registration.expires_at) > ctx.now
    )
    password_hash = ctx.session.exec(newest.order_by(col(Registration.id).desc()).limit(1)).first()
    if password_hash is None:
        _check_nothing(password)
        return False
    return _matches(password_hash, password)


def _absolute(*, remember: bool) -> timedelta:
    chosen = settings.get()
    return timedelta(days=chosen.remember_absolute_days if remember else chosen.session_absolute_days)


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
