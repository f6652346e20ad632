"""Nudges: "look again" for open pages. Topic names cross the bus, never content, so nothing can leak over it."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterable
from functools import lru_cache

import redis
import redis.asyncio

from helpdesk import log, settings

CHANNEL = "helpdesk:nudges"
_RETRY_SECONDS = 1.0
_logger = log.get(__name__)
_outage_logged = False


def publish(topics: Iterable[str]) -> bool:
    """Tell open pages that show these topics to look again; False when Redis cannot be reached. Never raises."""
    global _outage_logged
    names = sorted(set(topics))
    if not names:
        return True
    try:
        connection().publish(CHANNEL, json.dumps(names))
    except (redis.RedisError, OSError) as error:
        if not _outage_logged:
            _logger.warning("live updates paused: Redis cannot be reached", error=str(error))
        _outage_logged = True
        return False
    _outage_logged = False
    return True


async def listen(
    on_topics: Callable[[list[str]], Awaitable[None]], on_state: Callable[[bool], Awaitable[None]]
) -> None:
    """Hand every nudge to `on_topics`, for ever; `on_state(False)` when Redis is lost, `on_state(True)` when it is back."""
    connected: bool | None = None
    while True:
        client = redis.asyncio.from_url(settings.get().effective_redis_url, socket_timeout=None)
        try:
            pubsub = client.pubsub()
            await pubsub.subscribe(CHANNEL)
            async for message in pubsub.listen():
                if message["type"] == "subscribe" and connected is not True:
                    connected = True
                    await on_state(True)
                if message["type"] == "message":
                    await on_topics(json.loads(message["data"]))
        except (redis.RedisError, OSError):
            if connected is not False:
                connected = False
                await on_state(False)
        finally:
            await client.aclose()
        await asyncio.sleep(_RETRY_SECONDS)


def connection() -> "redis.Redis":
    """This process's connection pool to Redis, opened on first use, never before a fork."""
    return _connection(os.getpid(), settings.get().effective_redis_url)


@lru_cache(maxsize=4)
def _connection(_pid: int, url: str) -> "redis.Redis":
    return redis.Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=2.0)
