"""The one place that asks what time it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

_frozen: ContextVar[datetime | None] = ContextVar("frozen_time", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at `at` (aware) inside the block. For tests, imports and the demo's past."""
    token = _frozen.set(at)
    try:
        yield
    finally:
        _frozen.reset(token)


def from_now(delta: timedelta) -> datetime:
    """The moment `delta` from now."""
    return now() + delta
