"""Who looks at which ticket, told from web process to web process. It lives in Redis for seconds and nowhere else."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime

import redis

from helpdesk import redis_client
from helpdesk.domain.presence import LOOKS_FOR, Doing, Sighting

_attempts = redis_client.Attempts("presence")

CHANNEL = "helpdesk:presence"
# What each tab said last, for a process that has just begun to listen.
_KEPT = "helpdesk:presence:tabs"


def tell(sighting: Sighting, now: datetime) -> bool:
    """Tell every web process what a tab does. Never raises.

    Returns:
        Whether it went out. If not, colleagues do not see it; the page's next heartbeat tries again.
    """
    said = _written(sighting, now)

    def do(client: redis.Redis) -> None:
        with client.pipeline(transaction=False) as pipe:
            if sighting.doing is Doing.GONE:
                pipe.hdel(_KEPT, sighting.tab)
            else:
                pipe.hset(_KEPT, sighting.tab, said)
                pipe.expire(_KEPT, LOOKS_FOR)
            pipe.publish(CHANNEL, said)
            pipe.execute()

    return _attempts.attempt(do)


def recall(now: datetime) -> list[tuple[Sighting, datetime]]:
    """What tabs have said lately, and when. Never raises; what is too old is forgotten for everybody."""
    kept: dict[bytes, bytes] = {}
    _attempts.attempt(lambda client: kept.update(client.hgetall(_KEPT)))  # type: ignore[arg-type]
    known = {tab: _read(said) for tab, said in kept.items()}
    old = [tab for tab, found in known.items() if found is None or found[1] + LOOKS_FOR <= now]
    if old:
        _attempts.attempt(lambda client: client.hdel(_KEPT, *(tab.decode() for tab in old)))
    return [found for tab, found in known.items() if found is not None and tab not in old]


async def listen(
    on_sighting: Callable[[Sighting], Awaitable[None]], on_state: Callable[[bool], Awaitable[None]]
) -> None:
    """Hear all sightings, for as long as the process lives; run it as a task and cancel it to end it.

    Args:
        on_sighting: called with each.
        on_state: as in `live.listen`; with True it is time to `recall`.
    """

    async def on_message(data: bytes) -> None:
        found = _read(data)
        if found is not None:
            await on_sighting(found[0])

    await redis_client.hear(CHANNEL, on_message, on_state)


def _written(sighting: Sighting, now: datetime) -> str:
    organization, reference = sighting.place
    return json.dumps(
        [organization, reference, sighting.tab, sighting.person_id, sighting.name, sighting.doing, now.isoformat()]
    )


def _read(data: bytes) -> tuple[Sighting, datetime] | None:
    try:
        organization, reference, tab, person, name, doing, at = json.loads(data)
        place = (int(organization), str(reference))
        return Sighting(place, str(tab), int(person), str(name), Doing(doing)), datetime.fromisoformat(at)
    except (ValueError, TypeError):
        return None
