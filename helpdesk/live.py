"""Live is a nudge: after a commit we say which topics changed; whoever shows them looks again. No content crosses."""

import json
from collections.abc import Awaitable, Callable, Iterable

import redis

from helpdesk import redis_client

_attempts = redis_client.Attempts("live")

CHANNEL = "helpdesk:live"


def publish(topics: Iterable[str]) -> bool:
    """Nudge every page that shows one of the topics, in every web process. Never raises.

    Returns:
        Whether the nudge went out. If not, nothing is lost: pages look again when Redis is back.
    """
    known = set(topics)
    return not known or _attempts.attempt(lambda client: nudge(client, known))


def nudge(client: redis.Redis, topics: Iterable[str]) -> None:
    """The same with a connection, or with a trip that is being packed."""
    if names := sorted(set(topics)):
        client.publish(CHANNEL, json.dumps(names))


async def listen(
    on_topics: Callable[[frozenset[str]], Awaitable[None]], on_state: Callable[[bool], Awaitable[None]]
) -> None:
    """Hear all nudges, for as long as the process lives; run it as a task and cancel it to end it.

    Args:
        on_topics: called with the topics of one publish.
        on_state: called with True when we hear (first, and again after each outage: nudges may have been missed, so
            everything should look again) and with False once when an outage begins.
    """

    async def on_message(data: bytes) -> None:
        await on_topics(_topics(data))

    await redis_client.hear(CHANNEL, on_message, on_state)


def _topics(data: bytes) -> frozenset[str]:
    try:
        names = json.loads(data)
    except ValueError:
        return frozenset()
    return frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()
