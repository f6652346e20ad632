"""One Redis connection pool per process, for uses that may fail: the database is the truth, Redis carries nudges."""

import os
import time
from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from helpdesk import log, settings

_logger = log.get(__name__)

# After a failure nobody waits for Redis again for this long: a person's click must not pay for every attempt.
_PAUSE_SECONDS = 1.0

UNAVAILABLE = (redis.RedisError, OSError)


def connection() -> redis.Redis:
    """This process's connection pool, with short timeouts. Opened on first use, never before a fork."""
    return _connection(os.getpid(), settings.get().effective_redis_url)


def connect(url: str, *, socket_timeout: float | None = 2.0) -> redis.Redis:
    """A client of its own, for long reads (a worker waiting for jobs)."""
    return redis.Redis.from_url(
        url,
        socket_timeout=socket_timeout,
        health_check_interval=15,
        retry=Retry(NoBackoff(), 1),  # once more, for a connection the server has closed meanwhile
        **network_options(url),
    )


def network_options(url: str) -> dict[str, Any]:
    """What only a connection over the network has: a time-out for connecting, and probes for a peer that vanished."""
    return {} if url.startswith("unix://") else {"socket_connect_timeout": 1.0, "socket_keepalive": True}


@lru_cache(maxsize=4)
def _connection(_pid: int, url: str) -> redis.Redis:
    return connect(url)


class Attempts:
    """Does something with Redis if Redis is there. Logs an outage once, and its end once."""

    def __init__(self, purpose: str) -> None:
        self._purpose = purpose
        self._lock = Lock()
        self._is_down = False
        self._not_before = 0.0

    def attempt(self, do: Callable[[redis.Redis], object]) -> bool:
        """Run `do` with a connection.

        Returns:
            Whether it worked; False at once while Redis has just failed.
        """
        if time.monotonic() < self._not_before:
            return False
        try:
            do(connection())
        except UNAVAILABLE as error:
            self._note(is_down=True, error=str(error))
            return False
        if self._is_down:
            self._note(is_down=False)
        return True

    def _note(self, *, is_down: bool, error: str = "") -> None:
        with self._lock:
            changed, self._is_down = self._is_down != is_down, is_down
            self._not_before = time.monotonic() + _PAUSE_SECONDS if is_down else 0.0
        if changed and is_down:
            _logger.warning("redis_unavailable", purpose=self._purpose, error=error)
        elif changed:
            _logger.info("redis_back", purpose=self._purpose)
