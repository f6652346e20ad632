"""Idempotency: the same request with the same key is done once, and answered the same for a day."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from helpdesk.adapters import vault
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.models import KeptAnswer
from helpdesk.services.context import Context, anyone, step

KEPT = timedelta(hours=24)
# A request that never came to its end (its process died) holds the key no longer than this.
_LOST = timedelta(minutes=2)
_PURPOSE = "kept answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered."""

    status: int
    headers: dict[str, str]
    body: bytes


@anyone
def begin(ctx: Context, key: str, request: bytes) -> Answer | None:
    """Take a key for a request, or learn what it was answered.

    Args:
        key: chosen by the caller, theirs alone.
        request: what tells this request from others.

    Raises:
        Invalid: the key was used for another request.
        Conflict: the request is being answered just now.
    """
    facts = {
        "person_id": ctx.actor.person_id, "key_hash": _hash(key.encode()), "request_hash": _hash(request), "status": 0,
        "sealed_body": "", "created_at": ctx.now,
    }  # fmt: skip
    _forget(ctx, key, before=KEPT)
    if ctx.session.execute(
        insert(KeptAnswer).values(**facts).on_conflict_do_nothing().returning(col(KeptAnswer.id))
    ).first():
        return None
    found = ctx.session.exec(_mine(ctx, key).with_for_update()).one()
    if found.request_hash != facts["request_hash"]:
        raise Invalid("This Idempotency-Key was used for another request. Use a new one.")
    if found.status:
        return Answer(found.status, dict(found.headers), vault.unseal(_PURPOSE, found.sealed_body))
    if found.created_at > ctx.now - _LOST:
        raise Conflict("The first request with this Idempotency-Key is still at work. Try again in a moment.")
    found.created_at = ctx.now
    return None


@anyone
def finish(ctx: Context, key: str, answer: Answer) -> None:
    """Keep what the request was answered."""
    found = ctx.session.exec(_mine(ctx, key)).first()
    if found is not None:
        found.status, found.headers = answer.status, answer.headers
        found.sealed_body = vault.seal(_PURPOSE, answer.body)


@anyone
def release(ctx: Context, key: str) -> None:
    """Give the key back: the request was refused or failed, and did nothing."""
    ctx.session.execute(
        delete(KeptAnswer).where(
            col(KeptAnswer.person_id) == ctx.actor.person_id, col(KeptAnswer.key_hash) == _hash(key.encode())
        )
    )


@step
def sweep(ctx: Context) -> int:
    """Forget what is a day old; returns how many."""
    gone = delete(KeptAnswer).where(col(KeptAnswer.created_at) < ctx.now - KEPT).returning(col(KeptAnswer.id))
    return len(ctx.session.scalars(gone).all())


def _forget(ctx: Context, key: str, *, before: timedelta) -> None:
    ctx.session.execute(
        delete(KeptAnswer).where(
            col(KeptAnswer.person_id) == ctx.actor.person_id, col(KeptAnswer.key_hash) == _hash(key.encode()),
            col(KeptAnswer.created_at) < ctx.now - before,
        )
    )  # fmt: skip


def _mine(ctx: Context, key: str) -> SelectOfScalar[KeptAnswer]:
    return select(KeptAnswer).where(
        KeptAnswer.person_id == ctx.actor.person_id, KeptAnswer.key_hash == _hash(key.encode())
    )


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
