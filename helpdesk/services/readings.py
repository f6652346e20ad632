"""How the desk itself is doing, across all organizations: numbers alone, read as the owner."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from helpdesk import clock, db
from helpdesk.services.context import anyone

# The database is away, or refuses.
UNAVAILABLE = (SQLAlchemyError,)


@dataclass(frozen=True, slots=True)
class Readings:
    """Numbers an operator watches."""

    outbox_lag: float
    sweep_lateness: float
    mail_queued: int
    mail_failed: int


@anyone
def read() -> Readings:
    """The numbers now: four looks at indexes."""
    now = clock.now()
    with db.owner_session() as session:
        oldest, due, queued, failed = session.execute(
            text(
                "SELECT (SELECT min(at) FROM activity WHERE reacted_at IS NULL),"
                " (SELECT min(next_at) FROM timer WHERE state = 'running' AND next_at <= :now),"
                " (SELECT count(*) FROM delivery WHERE state = 'queued'),"
                " (SELECT count(*) FROM delivery WHERE state = 'failed' AND created_at > :day)"
            ),
            {"now": now, "day": now - timedelta(days=1)},
        ).one()
    return Readings(
        max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        max(0.0, (now - due).total_seconds()) if due else 0.0,
        queued,
        failed,
    )
