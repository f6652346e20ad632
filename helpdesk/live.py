"""Live is a nudge: after a commit we say which topics changed; whoever shows them looks again. No content crosses."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable

import redis
import redis.asyncio

from helpdesk import log, redis_client, settings

_logger = log.get(__name__)
_attempts = redis_client.Attempts("live")

CHANNEL = "helpdesk:live"
_QUIET_SECONDS = 5.0
_LONGEST_PAUSE = 2.0


def publish(topics: Iterable[str]) -> bool:
    """Nudge every page that shows one of the topics, in every web process. Never raises.

    Returns:
        Whether the nudge went out. If not, nothing is lost: pages look again when Redis is back.
    """
    names = sorted(set(topics))
    if not names:
        return True
    return _attempts.attempt(lambda client: client.publish(CHANNEL, json.dumps(names)))


async def listen(
    on_topics: Callable[[frozenset[str]], Awaitable[None]], on_state: Callable[[bool], Awaitable[None]]
) -> None:
    """Hear all nudges, for as long as the process lives; run it as a task and cancel it to end it.

    Args:
        on_topics: called with the topics of one publish.
        on_state: called with True when we hear (first, and again after each outage: nudges may have been missed, so
            everything should look again) and with False once when an outage begins.
    """
    is_connected: bool | None = None
    pause = 0.1
    while True:
        client = _client(settings.get().effective_redis_url)
        try:
            async with client.pubsub(ignore_subscribe_messages=True) as subscription:
                await subscription.subscribe(CHANNEL)
                if is_connected is False:
                    _logger.info("live_updates_back")
                is_connected, pause = True, 0.1
                await on_state(True)
                while True:
                    message = await subscription.get_message(timeout=_QUIET_SECONDS)
                    if message is not None and message["type"] == "message":
                        await on_topics(_topics(message["data"]))
        except (redis.RedisError, OSError) as error:
            if is_connected is not False:
                _logger.warning("live_updates_paused", error=str(error))
                is_connected = False
                await on_state(False)
        finally:
            await client.aclose()
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


def _client(url: str) -> redis.asyncio.Redis:
    return redis.asyncio.Redis.from_url(url, health_check_interval=10, **redis_client.network_options(url))


def _topics(data: bytes) -> frozenset[str]:
    try:
        names = json.loads(data)
    except ValueError:
        return frozenset()
    return frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()
