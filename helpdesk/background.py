"""Work for later, by the name of a job. The database remembers what is due; Redis only makes it happen soon."""

from functools import lru_cache
from typing import Any

import redis
import rq

from helpdesk import live, log

QUEUE = "helpdesk"
_logger = log.get(__name__)


def enqueue(job: str, *args: Any, key: str | None = None) -> bool:
    """Have a worker call `job(*args)` soon; False when Redis cannot be reached, and then a sweep finds the work.

    Args:
        job: dotted name of a function in `helpdesk.jobs`.
        args: ids and words, never a secret.
        key: a second job with the same key is not queued while the first waits.
    """
    try:
        _queue(live.connection()).enqueue(
            job, args=args, job_id=key, result_ttl=0, failure_ttl=86_400, unique=key is not None
        )
    except rq.exceptions.DuplicateJobError:
        return True
    except (redis.RedisError, OSError) as error:
        _logger.warning("a job was left for the sweep", job=job, error=str(error))
        return False
    return True


@lru_cache(maxsize=4)
def _queue(connection: "redis.Redis") -> rq.Queue:
    return rq.Queue(QUEUE, connection=connection)
