"""The second step of signing in, as pieces: what doors and account pages build on.

The secret is sealed (`adapters/vault.py`); of recovery codes only hashes are kept. A code counts once.
"""

import secrets

from sqlalchemy import delete, func
from sqlmodel import col, select

from helpdesk import log
from helpdesk.adapters import vault
from helpdesk.domain import one_time_codes
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.models import Person, RecoveryCode, SecondFactor
from helpdesk.services.context import Context, step

_PURPOSE = "second factor"
_logger = log.get(__name__)


class WrongCode(Invalid):
    """The code is another, too old, or was used; the try is counted."""

    keeps_work = True


@step
def of(ctx: Context, person_id: int) -> SecondFactor | None:
    """Somebody's second factor, once it is confirmed."""
    query = select(SecondFactor).where(SecondFactor.person_id == person_id, col(SecondFactor.confirmed_at).is_not(None))
    return ctx.session.exec(query).first()


@step
def prepare(ctx: Context, person: Person) -> bytes:
    """A new secret that counts from `confirm` on; returns it, for the one time it is shown.

    Raises:
        Conflict: there is a confirmed one.
    """
    found = _locked(ctx, person)
    if found is not None and found.confirmed_at is not None:
        raise Conflict("Two-factor sign-in is on already. Turn it off first to move it to another device.")
    secret = secrets.token_bytes(one_time_codes.SECRET_BYTES)
    if found is None:
        found = SecondFactor(person_id=person.id, sealed_secret="", created_at=ctx.now)
        ctx.session.add(found)
    found.sealed_secret, found.last_step, found.created_at = vault.seal(_PURPOSE, secret), 0, ctx.now
    ctx.session.flush()
    return secret


@step
def confirm(ctx: Context, person: Person, typed: str) -> list[str]:
    """Make the prepared secret count, with a first code from it; returns the recovery codes.

    Raises:
        WrongCode: the code is another one.
        Conflict: nothing is prepared, or it counts already.
    """
    found = _locked(ctx, person)
    if found is None or found.confirmed_at is not None:
        raise Conflict("There is nothing to confirm. Start again.")
    if not _is_code(ctx, found, typed):
        raise WrongCode(
            code="This is not the code your app shows now. Wait for the next one and check the phone's clock."
        )
    found.confirmed_at = ctx.now
    return renew_codes(ctx, person)


@step
def accept(ctx: Context, person: Person, typed: str) -> str:
    """Use up a code: "code" for one of the app, "recovery" for one from paper, nothing for a wrong one."""
    found = _locked(ctx, person)
    if found is None or found.confirmed_at is None:
        return ""
    if _is_code(ctx, found, typed):
        return "code"
    spare = ctx.session.exec(
        select(RecoveryCode).where(
            RecoveryCode.person_id == person.id,
            RecoveryCode.code_hash == one_time_codes.recovery_hash(typed),
            col(RecoveryCode.used_at).is_(None),
        )
    ).first()
    if spare is None:
        return ""
    spare.used_at = ctx.now
    return "recovery"


@step
def renew_codes(ctx: Context, person: Person) -> list[str]:
    """New recovery codes; those before are worthless. Shown once, kept as hashes."""
    ctx.session.execute(delete(RecoveryCode).where(col(RecoveryCode.person_id) == person.id))
    codes = [
        one_time_codes.recovery_code(secrets.token_bytes(one_time_codes.RECOVERY_BYTES))
        for _ in range(one_time_codes.RECOVERY_CODES)
    ]
    ctx.session.add_all(
        RecoveryCode(person_id=person.id, code_hash=one_time_codes.recovery_hash(code), created_at=ctx.now)
        for code in codes
    )
    return codes


@step
def codes_left(ctx: Context, person_id: int) -> int:
    """How many recovery codes are unused."""
    return ctx.session.exec(
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.person_id == person_id, col(RecoveryCode.used_at).is_(None))
    ).one()


@step
def remove(ctx: Context, person: Person) -> bool:
    """Forget the secret and the recovery codes; returns whether there was a confirmed one."""
    found = _locked(ctx, person)
    if found is None:
        return False
    ctx.session.execute(delete(RecoveryCode).where(col(RecoveryCode.person_id) == person.id))
    ctx.session.delete(found)
    ctx.session.flush()
    return found.confirmed_at is not None


def _is_code(ctx: Context, found: SecondFactor, typed: str) -> bool:
    try:
        secret = vault.unseal(_PURPOSE, found.sealed_secret)
    except vault.Unreadable:
        # Recovery codes go on working, and an administrator can reset it.
        _logger.error("second_factor_unreadable", person=found.person_id)
        return False
    step_used = one_time_codes.matching_step(secret, typed, now=ctx.now, after=found.last_step)
    if step_used is None:
        return False
    found.last_step = step_used
    return True


def _locked(ctx: Context, person: Person) -> SecondFactor | None:
    # Two browsers with the same code at once: the second one waits, and finds it used.
    query = select(SecondFactor).where(SecondFactor.person_id == person.id).with_for_update()
    return ctx.session.exec(query.execution_options(populate_existing=True)).first()
