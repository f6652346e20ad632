"""How somebody gets in: their password, their second factor, and where they are signed in. Each only their own."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta

import zxingcpp
from sqlmodel import col, select

from helpdesk.domain import one_time_codes
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.browsers import browser_name
from helpdesk.domain.errors import Conflict, NotFound
from helpdesk.domain.people import ASSIGNABLE, Availability
from helpdesk.domain.permissions import Permission
from helpdesk.models import Person, SignInSession
from helpdesk.services import access, catalog, second_factor, sign_in
from helpdesk.services.context import Context, requires

# Who signed in this lately need not give the password again to set up a second factor.
_FRESH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class FactorRow:
    """How somebody's second factor stands."""

    is_on: bool = False
    since: str = ""
    codes_left: int = 0
    is_required: bool = False
    needs_password: bool = True


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app is given, once. Secret: it is shown and not kept."""

    key: str
    qr: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A browser somebody is signed in with."""

    id: int
    browser: str
    address: str
    created_at: str
    last_seen_at: str
    is_this: bool = False
    is_remembered: bool = False


@requires(Permission.ACCOUNT)
def change_password(ctx: Context, *, current: str, new: str) -> None:
    """Choose another password. Every other session ends, and links for choosing one become worthless.

    Raises:
        WrongPassword: the present one is another; too many of those lock the account.
        Invalid: the new one cannot be accepted.
    """
    person = _me(ctx)
    sign_in.check_current(ctx, person, current)
    sign_in.check_password(ctx, new, email=person.email, name=person.name)
    person.password_hash, person.updated_at = sign_in.hashed(new), ctx.now
    sign_in.void_resets(ctx, person.id)
    sign_in.end_sessions(ctx, person, spare=ctx.actor.session_id)
    ctx.record(ActivityKind.PERSON_PASSWORD_CHANGED, subject_id=person.id)
    sign_in.tell(ctx, person, "Your password was changed")


@requires(Permission.ACCOUNT)
def sessions(ctx: Context) -> list[SessionRow]:
    """One's open sessions, the one at hand first, then by when they were last seen."""
    found = ctx.session.exec(
        select(SignInSession)
        .where(SignInSession.person_id == ctx.actor.person_id, sign_in.is_open(ctx.now))
        .order_by((col(SignInSession.id) == ctx.actor.session_id).desc(), col(SignInSession.last_seen_at).desc())
        .limit(100)
    ).all()
    return [
        SessionRow(
            row.id, _called(row), row.address, row.created_at.isoformat(),
            row.last_seen_at.isoformat(), row.id == ctx.actor.session_id, row.remember,
        )
        for row in found
    ]  # fmt: skip


@requires(Permission.ACCOUNT)
def end_session(ctx: Context, session_id: int) -> None:
    """Sign a browser out. Twice is once.

    Raises:
        NotFound: not a session of one's own.
    """
    found = ctx.session.get(SignInSession, access.whole(session_id))
    if found is None or found.person_id != ctx.actor.person_id:
        raise NotFound("There is no such session.")
    if found.ended_at is not None:
        return
    found.ended_at = ctx.now
    _ended(ctx, 1)


@requires(Permission.ACCOUNT)
def end_other_sessions(ctx: Context) -> int:
    """Sign every other browser out; returns how many."""
    ended = sign_in.end_sessions(ctx, _me(ctx), spare=ctx.actor.session_id or -1)
    if ended:
        _ended(ctx, ended)
    return ended


@requires(Permission.ACCOUNT)
def factor(ctx: Context) -> FactorRow:
    """How one's own second factor stands."""
    person_id = ctx.actor.person_id or 0
    found = second_factor.of(ctx, person_id)
    return FactorRow(
        found is not None,
        found.confirmed_at.isoformat() if found and found.confirmed_at else "",
        second_factor.codes_left(ctx, person_id) if found else 0,
        _is_required(ctx),
        not _is_fresh(ctx),
    )


@requires(Permission.ACCOUNT)
def begin_enrolment(ctx: Context, *, password: str = "") -> Enrolment:
    """Prepare a second factor; it counts once `confirm_enrolment` has seen a code from it.

    Args:
        password: the present one; not needed within ten minutes of signing in.

    Raises:
        WrongPassword: it is another.
        Conflict: two-factor sign-in is on already.
    """
    person = _me(ctx)
    if not _is_fresh(ctx):
        sign_in.check_current(ctx, person, password)
    secret = second_factor.prepare(ctx, person)
    issuer = catalog.current(ctx).organization.name
    uri = one_time_codes.uri(secret, issuer=issuer, account=person.email)
    return Enrolment(one_time_codes.readable(secret), _picture(uri))


@requires(Permission.ACCOUNT)
def confirm_enrolment(ctx: Context, *, code: str) -> list[str]:
    """Turn two-factor sign-in on; every other session, opened with one factor, ends. Returns the recovery codes, once.

    Raises:
        WrongCode: the app shows another one.
        Conflict: nothing was prepared.
    """
    person = _me(ctx)
    was_shut = sign_in.must_enrol(ctx, person)
    codes = second_factor.confirm(ctx, person, code)
    if was_shut and person.role in ASSIGNABLE:
        sign_in.become(ctx, person, Availability.AVAILABLE)  # as signing in would have done
    sign_in.end_sessions(ctx, person, spare=ctx.actor.session_id or -1)
    ctx.record(ActivityKind.PERSON_TWO_FACTOR_ON, subject_id=person.id)
    sign_in.tell(ctx, person, "Two-factor sign-in was turned on")
    return codes


@requires(Permission.ACCOUNT)
def renew_recovery_codes(ctx: Context, *, password: str) -> list[str]:
    """New recovery codes, shown once; those before are worthless.

    Raises:
        WrongPassword: the present one is another.
        Conflict: two-factor sign-in is off.
    """
    person = _me(ctx)
    sign_in.check_current(ctx, person, password)
    if second_factor.of(ctx, person.id) is None:
        raise Conflict("Two-factor sign-in is off.")
    codes = second_factor.renew_codes(ctx, person)
    ctx.record(ActivityKind.PERSON_RECOVERY_CODES_RENEWED, subject_id=person.id)
    return codes


@requires(Permission.ACCOUNT)
def turn_off_second_factor(ctx: Context, *, password: str) -> None:
    """Sign in with the password alone again. Twice is once.

    Raises:
        WrongPassword: the present one is another.
        Conflict: the organization wants it of one's role.
    """
    person = _me(ctx)
    sign_in.check_current(ctx, person, password)
    if _is_required(ctx):
        raise Conflict("Your role has to sign in with two factors.")
    if second_factor.remove(ctx, person):
        ctx.record(ActivityKind.PERSON_TWO_FACTOR_OFF, subject_id=person.id)
        ctx.topics.add(f"sessions-{person.id}")
        sign_in.tell(ctx, person, "Two-factor sign-in was turned off")


def _called(row: SignInSession) -> str:
    if row.refresh_key is not None:
        return f"Program · {row.user_agent[:60] or 'unnamed'}"
    return browser_name(row.user_agent) or "Unknown browser"


def _is_required(ctx: Context) -> bool:
    return ctx.actor.role in catalog.current(ctx).organization.two_factor_roles


def _is_fresh(ctx: Context) -> bool:
    here = ctx.session.get(SignInSession, ctx.actor.session_id) if ctx.actor.session_id else None
    return here is not None and ctx.now - here.created_at < _FRESH


def _ended(ctx: Context, number: int) -> None:
    ctx.record(ActivityKind.PERSON_SESSIONS_ENDED, subject_id=ctx.actor.person_id, number=number)
    ctx.topics.add(f"sessions-{ctx.actor.person_id}")


def _me(ctx: Context) -> Person:
    return ctx.session.exec(select(Person).where(Person.id == ctx.actor.person_id).with_for_update()).one()


def _picture(text: str) -> str:
    """A QR code as the address of an image, on white whatever the theme is: cameras want it so."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    svg = code.to_svg(scale=4, add_quiet_zones=True)
    svg = svg[svg.index("<svg") :].replace(">", '><rect width="100%" height="100%" fill="#fff"/>', 1)
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
