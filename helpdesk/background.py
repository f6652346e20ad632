"""What happens later: jobs by name on one RQ queue, the worker that runs them, the scheduler that repeats them.

Arguments are JSON (ids), never pickles: who can write to Redis must not be able to run code here. A job that fails is
not retried by the queue; the rows it works from say what is still to do, and the sweeps in `jobs/schedule.py` find them.
"""

import signal
import socket
import threading
import time
from collections.abc import Iterable
from typing import NamedTuple

import redis
from redis.client import Pipeline
from rq import Queue, SimpleWorker, worker_registration
from rq.serializers import JSONSerializer

from helpdesk import live, log, redis_client, settings

_logger = log.get(__name__)
_attempts = redis_client.Attempts("jobs")

QUEUE = "helpdesk"
_JOB_SECONDS = 600
_KEEP_FAILED_SECONDS = 24 * 3600
_WORKER_TTL_SECONDS = 60
_HEARTBEAT_SECONDS = 30
_HEARTBEAT = "helpdesk:heartbeat:scheduler"
_LONGEST_NAP = 1.0
_BATCH = 500
_FORGOTTEN_AFTER_SECONDS = 60

JobArgument = int | str | bool | None | list[int] | list[str]


class Repeated(NamedTuple):
    """A job that runs again and again."""

    job: str  # where it is, "helpdesk.jobs.module.function"; it takes no arguments
    every: float  # seconds


def enqueue(job: str, *args: JobArgument) -> bool:
    """Have a worker run `job` soon. Never raises.

    Args:
        job: where the function is, for example "helpdesk.jobs.reactions.react".
        args: ids and other plain values; never a secret, they are readable in Redis.

    Returns:
        Whether the job is queued. If not (Redis is away), a sweep must find the work.
    """
    return _attempts.attempt(lambda client: _put(client, job, args))


def enqueue_once(job: str, *args: JobArgument) -> bool:
    """The same for a job that looks for all there is to do and says `begun` before it does: while one waits for a worker, a
    second is not queued. Never raises.

    Returns:
        Whether one is queued. If not (Redis is away), a sweep must find the work.
    """

    def put(client: redis.Redis) -> None:
        # It is forgotten after a while, or a job that was lost would keep all later ones from being queued.
        if client.set(_waiting(job, args), 1, nx=True, ex=_FORGOTTEN_AFTER_SECONDS):
            _put(client, job, args)

    return _attempts.attempt(put)


def begun(job: str, *args: JobArgument) -> None:
    """Say that a job does not wait any more: what comes in from now on queues the next."""
    _attempts.attempt(lambda client: client.delete(_waiting(job, args)))


def enqueue_for(job: str, organization_id: int, ids: Iterable[int], *, topics: Iterable[str] = ()) -> bool:
    """Have a worker run `job(organization_id)` soon, which takes these ids by `gathered`. Never raises.

    What comes in while the job waits for a worker joins it: a busy desk pays for one job, not for one per ticket.

    Args:
        topics: nudged in the same trip, as `live.publish` would.

    Returns:
        Whether it is queued. If not (Redis is away), a sweep must find the work.
    """
    key, values = _gathering(job, organization_id), list(ids)

    def gather(client: redis.Redis) -> None:
        trip = client.pipeline(transaction=False)
        trip.rpush(key, *values)
        live.nudge(trip, topics)
        # The first to put something into the empty list queues the job; whoever comes after finds it waiting.
        if trip.execute()[0] == len(values):
            _put(client, job, (organization_id,))

    return _attempts.attempt(gather)


def gathered(job: str, organization_id: int) -> list[int]:
    """Take the ids gathered for a job since it was queued, a batch at a time; empty when none are left or Redis is away."""
    taken: list[int] = []
    _attempts.attempt(
        lambda client: taken.extend(map(int, client.lpop(_gathering(job, organization_id), _BATCH) or ()))  # type: ignore[arg-type]
    )
    return taken


def waiting() -> int:
    """How many jobs wait for a worker.

    Raises:
        redis.RedisError: Redis is away.
    """
    return _queue(redis_client.connection()).count


def work(*, burst: bool = False) -> None:
    """Run jobs until told to stop by SIGTERM or SIGINT; the job at hand is finished first.

    Jobs run in this very process: they are short, share its database pool and start within milliseconds (forking for
    each takes five times as long). A job that hangs is interrupted after ten minutes; one that kills the process costs
    that job alone, for whoever supervises us starts us again and the sweeps find what was left.

    Args:
        burst: stop when the queue is empty, for tests.
    """
    client = _wait_for_redis()
    worker = _Worker(
        [_queue(client)],
        connection=client,
        serializer=JSONSerializer,
        worker_ttl=_WORKER_TTL_SECONDS,
        log_job_description=False,
    )
    worker.work(burst=burst, with_scheduler=False, logging_level=None)


def schedule(table: Iterable[Repeated], *, stopped: threading.Event | None = None) -> None:
    """Queue each job of the table whenever its time has come, until told to stop by SIGTERM or SIGINT.

    Any number of schedulers may run: whoever claims a job's turn first queues it. Turns missed while Redis was away
    are not made up for; every job looks at all that is due.

    Args:
        stopped: set it to end the loop; by default the signals do.
    """
    end = stopped or _on_signals()
    jobs = list(table)
    _logger.info("scheduler_started", jobs=len(jobs))
    while not end.is_set():
        _attempts.attempt(lambda client: _queue_due(client, jobs))
        end.wait(min([_LONGEST_NAP, *(item.every / 4 for item in jobs)]))


def scheduler_is_alive() -> bool:
    """Whether a scheduler has been at work in the last half minute.

    Raises:
        redis.RedisError: Redis is away.
    """
    return bool(redis_client.connection().exists(_HEARTBEAT))


def workers_alive() -> int:
    """How many workers have been heard of within their time to live.

    Raises:
        redis.RedisError: Redis is away.
    """
    now = time.time()
    return sum(
        worker.last_heartbeat is not None and now - worker.last_heartbeat.timestamp() < 2 * _WORKER_TTL_SECONDS
        for worker in SimpleWorker.all(connection=redis_client.connection(), serializer=JSONSerializer)
    )


class _Worker(SimpleWorker):
    """A worker that is back soon after an outage, also of a Redis that came back empty."""

    max_connection_wait_time = 2.0

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Says that we live; and who we are, if Redis has forgotten that."""
        super().heartbeat(timeout, pipeline)
        if pipeline is None and not self.connection.hexists(self.key, "birth"):
            self.connection.hset(self.key, mapping=self.serialize())
            worker_registration.register(self)


def _waiting(job: str, args: Iterable[JobArgument]) -> str:
    return f"helpdesk:waiting:{job}:{':'.join(map(str, args))}"


def _gathering(job: str, organization_id: int) -> str:
    return f"helpdesk:gathered:{job}:{organization_id}"


def _queue(client: redis.Redis) -> Queue:
    return Queue(QUEUE, connection=client, serializer=JSONSerializer)


def _put(client: redis.Redis, job: str, args: Iterable[JobArgument] = (), *, ttl: int | None = None) -> None:
    _queue(client).enqueue_call(
        job, args=list(args), timeout=_JOB_SECONDS, ttl=ttl, result_ttl=0, failure_ttl=_KEEP_FAILED_SECONDS
    )


def _queue_due(client: redis.Redis, jobs: list[Repeated]) -> None:
    client.set(_HEARTBEAT, socket.gethostname(), ex=_HEARTBEAT_SECONDS)
    for item in jobs:
        # The claim is the clock: it is gone when the next turn has come, and only one scheduler can set it.
        if client.set(f"helpdesk:turn:{item.job}", 1, nx=True, px=int(item.every * 1000)):
            # Nobody took it in two turns: then the next one will do, and no heap piles up without a worker.
            _put(client, item.job, ttl=max(int(item.every * 2), _HEARTBEAT_SECONDS))


def _wait_for_redis() -> redis.Redis:
    """A connection for a worker: it waits for jobs longer than a person would for an answer."""
    client = redis_client.connect(settings.get().effective_redis_url, socket_timeout=_WORKER_TTL_SECONDS + 10)
    for pause in (0.2, 0.5, 1, 2, 4):
        try:
            client.ping()
        except redis_client.UNAVAILABLE:
            time.sleep(pause)
        else:
            break
    return client


def _on_signals() -> threading.Event:
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    return end
