"""How often somebody may try a door: counted in Redis for all processes, in this process alone while Redis is away.

Doors that are used all the time (`is_counted_here`) ask Redis once for some tries: while somebody is far from the limit,
a twentieth of it may pass before they are counted together; close to the limit every try is. Between several processes
somebody may so have a few tries more than the limit, never fewer.
"""

import time
from dataclasses import dataclass
from threading import Lock
from typing import Any

from helpdesk import redis_client
from helpdesk.domain.errors import TooManyTries

WINDOW = 60
_MOST_KEYS = 50_000
# Until so much of the limit is used, tries are counted together: so much of it at once, and so many at most.
_FAR, _TOGETHER, _MOST_TOGETHER = 0.8, 0.05, 100

_attempts = redis_client.Attempts("rate limit")
_lock = Lock()
_counted: dict[str, tuple[float, int]] = {}


@dataclass(slots=True)
class _Known:
    """What Redis said last of somebody, until the window ends.

    Args:
        free: tries that may still pass before Redis is asked again.
        uncounted: tries that passed since.
    """

    until: float
    free: int
    uncounted: int = 0
    is_over: bool = False


_known: dict[str, _Known] = {}


def is_counted_here(door: str, who: str) -> bool:
    """Count a try without asking anybody, if that is enough; never blocks.

    Returns:
        Whether it is counted. If not, call `count`.

    Raises:
        TooManyTries: it is known that there were too many.
    """
    with _lock:
        known = _known.get(_key(door, who))
        left = known.until - time.monotonic() if known else 0.0
        if known is None or left <= 0:
            return False
        if known.is_over:
            raise TooManyTries(retry_after=max(1, int(left)))
        if known.free <= 0:
            return False
        known.free -= 1
        known.uncounted += 1
        return True


def count(door: str, who: str, *, most: int, window: int = WINDOW) -> None:
    """Count a try.

    Args:
        door: what is tried.
        who: who tries, usually an address.
        most: tries allowed in a window.
        window: seconds, from the first try on.

    Raises:
        TooManyTries: this is one more than allowed; says how long to wait.
    """
    key = _key(door, who)
    number = 1 + _take_uncounted(key)
    found: list[int] = []

    def in_redis(client: Any) -> None:
        pipeline = client.pipeline(transaction=True)
        pipeline.set(key, 0, ex=window, nx=True)
        pipeline.incrby(key, number)
        pipeline.ttl(key)
        _, tries, left = pipeline.execute()
        found.extend((int(tries), int(left)))

    tries, left = tuple(found) if _attempts.attempt(in_redis) else _here(key, window, number)
    _note(key, tries, left, most)
    if tries > most:
        raise TooManyTries(retry_after=max(1, left))


def forget() -> None:
    """Forget what this process knows; for tests, which count from the beginning."""
    with _lock:
        _counted.clear()
        _known.clear()


def _key(door: str, who: str) -> str:
    return f"helpdesk:tries:{door}:{who}"


def _take_uncounted(key: str) -> int:
    with _lock:
        known = _known.pop(key, None)
        return known.uncounted if known and known.until > time.monotonic() else 0


def _note(key: str, tries: int, left: int, most: int) -> None:
    free = min(int(most * _TOGETHER), _MOST_TOGETHER) if tries < most * _FAR else 0
    if left <= 0 or (not free and tries <= most):
        return
    with _lock:
        if len(_known) >= _MOST_KEYS:
            _known.clear()
        _known[key] = _Known(time.monotonic() + left, free, is_over=tries > most)


def _here(key: str, window: int, number: int) -> tuple[int, int]:
    now = time.monotonic()
    with _lock:
        if len(_counted) >= _MOST_KEYS:
            for old in [name for name, (until, _) in _counted.items() if until <= now]:
                del _counted[old]
            if len(_counted) >= _MOST_KEYS:
                _counted.clear()
        until, tries = _counted.get(key, (0.0, 0))
        if until <= now:
            until, tries = now + window, 0
        _counted[key] = (until, tries + number)
        return tries + number, int(until - now) + 1
