"""How often somebody may try a door: counted in Redis for all processes, in this process alone while Redis is away."""

import time
from threading import Lock
from typing import Any

from helpdesk import redis_client
from helpdesk.domain.errors import TooManyTries

WINDOW = 60
_MOST_KEYS = 50_000

_attempts = redis_client.Attempts("rate limit")
_lock = Lock()
_counted: dict[str, tuple[float, int]] = {}


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
    key = f"helpdesk:tries:{door}:{who}"
    found: list[int] = []

    def in_redis(client: Any) -> None:
        pipeline = client.pipeline(transaction=True)
        pipeline.set(key, 0, ex=window, nx=True)
        pipeline.incr(key)
        pipeline.ttl(key)
        _, tries, left = pipeline.execute()
        found.extend((int(tries), int(left)))

    tries, left = tuple(found) if _attempts.attempt(in_redis) else _here(key, window)
    if tries > most:
        raise TooManyTries(retry_after=max(1, left))


def _here(key: str, window: int) -> tuple[int, int]:
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
        _counted[key] = (until, tries + 1)
        return tries + 1, int(until - now) + 1
