"""How somebody gets in: their password, and the browsers they are signed in with. Each only their own."""

from dataclasses import dataclass

from sqlmodel import col, select

from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.browsers import browser_name
from helpdesk.domain.errors import NotFound
from helpdesk.domain.permissions import Permission
from helpdesk.models import Person, SignInSession
from helpdesk.services import access, sign_in
from helpdesk.services.context import Context, requires


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
            row.id, browser_name(row.user_agent) or "Unknown browser", row.address, row.created_at.isoformat(),
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


def _ended(ctx: Context, number: int) -> None:
    ctx.record(ActivityKind.PERSON_SESSIONS_ENDED, subject_id=ctx.actor.person_id, number=number)
    ctx.topics.add(f"sessions-{ctx.actor.person_id}")


def _me(ctx: Context) -> Person:
    return ctx.session.exec(select(Person).where(Person.id == ctx.actor.person_id).with_for_update()).one()
