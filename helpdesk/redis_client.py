"""One Redis connection pool per process, for uses that may fail: the database is the truth, Redis carries nudges."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from threading import Lock
from typing import Any

import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

from helpdesk import log, settings

_logger = log.get(__name__)

# After a failure nobody waits for Redis again for this long: a person's click must not pay for every attempt.
_PAUSE_SECONDS = 1.0

# A listener asks whether the line is still there after so much silence, and waits at most so long to try again.
_QUIET_SECONDS = 5.0
_LONGEST_PAUSE = 2.0

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


async def hear(
    channel: str, on_message: Callable[[bytes], Awaitable[None]], on_state: Callable[[bool], Awaitable[None]]
) -> None:
    """Hear a channel, for as long as the process lives; run it as a task and cancel it to end it.

    Args:
        on_message: called with what was published.
        on_state: called with True when we hear (first, and again after each outage: something may have been missed)
            and with False once when an outage begins.
    """
    is_connected: bool | None = None
    pause = 0.1
    while True:
        url = settings.get().effective_redis_url
        client = redis.asyncio.Redis.from_url(url, health_check_interval=10, **network_options(url))
        try:
            async with client.pubsub(ignore_subscribe_messages=True) as subscription:
                await subscription.subscribe(channel)
                if is_connected is False:
                    _logger.info("hearing_again", channel=channel)
                is_connected, pause = True, 0.1
                await on_state(True)
                while True:
                    message = await subscription.get_message(timeout=_QUIET_SECONDS)
                    if message is not None and message["type"] == "message":
                        await on_message(message["data"])
        except UNAVAILABLE as error:
            if is_connected is not False:
                _logger.warning("hearing_nothing", channel=channel, error=str(error))
                is_connected = False
                await on_state(False)
        finally:
            await client.aclose()
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


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
