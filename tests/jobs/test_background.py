"""The queue and the nudges, on a real Valkey that comes and goes."""

import asyncio
import json
import threading
import zlib
from collections.abc import Callable, Iterator

import pytest
import redis
from rq.serializers import JSONSerializer

from helpdesk import background, embedded, live, redis_client, settings
from helpdesk.jobs.schedule import SCHEDULE

pytestmark = pytest.mark.real_redis
NOTE = "tests.jobs.stand_ins.note"


@pytest.fixture
def valkey(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[embedded.Valkey]:
    """A Valkey of this test's own; not started yet."""
    server = embedded.Valkey(tmp_path_factory.mktemp("valkey"))
    monkeypatch.setenv("REDIS_URL", server.url)
    settings.get.cache_clear()
    # Nobody waits out the pause after an outage.
    monkeypatch.setattr(redis_client, "_PAUSE_SECONDS", 0.0)
    yield server
    server.stop()
    monkeypatch.undo()
    settings.get.cache_clear()


def noted() -> list[bytes]:
    """What the jobs left behind."""
    return redis_client.connection().lrange("noted", 0, -1)


def test_a_job_runs_with_what_it_was_given(valkey: embedded.Valkey) -> None:
    valkey.start()
    assert background.enqueue(NOTE, 7, [1, 2])
    assert background.waiting() == 1
    background.work(burst=True)
    assert noted() == [b"(7, [1, 2])"]
    assert background.waiting() == 0


def test_what_comes_in_while_a_job_waits_joins_it(valkey: embedded.Valkey) -> None:
    valkey.start()
    assert background.enqueue_for(NOTE, 7, [1, 2]) and background.enqueue_for(NOTE, 7, [3])
    assert background.enqueue_for(NOTE, 8, [4])
    assert background.waiting() == 2, "one for each organization"
    background.work(burst=True)
    assert noted() == [b"(7,)", b"(8,)"]
    assert background.gathered(NOTE, 7) == [1, 2, 3] and background.gathered(NOTE, 7) == []
    assert background.enqueue_for(NOTE, 7, [5]) and background.waiting() == 1, "taken: the next one is a job again"


def test_one_job_that_waits_does_for_all(valkey: embedded.Valkey) -> None:
    valkey.start()
    assert background.enqueue_once(NOTE, 7) and background.enqueue_once(NOTE, 7) and background.enqueue_once(NOTE, 8)
    assert background.waiting() == 2, "one for each organization"
    background.begun(NOTE, 7)
    assert background.enqueue_once(NOTE, 7) and background.waiting() == 3, "begun: the next one is a job again"


def test_no_job_waits_without_redis(valkey: embedded.Valkey) -> None:
    assert not background.enqueue_once(NOTE, 7)
    background.begun(NOTE, 7)


def test_nothing_gathers_without_redis(valkey: embedded.Valkey) -> None:
    assert not background.enqueue_for(NOTE, 7, [1])
    assert background.gathered(NOTE, 7) == []


def test_a_job_that_fails_does_not_stop_the_next(valkey: embedded.Valkey) -> None:
    valkey.start()
    background.enqueue("tests.jobs.stand_ins.break_down")
    background.enqueue("tests.jobs.stand_ins.no_such_job")
    background.enqueue(NOTE, 1)
    background.work(burst=True)
    assert noted() == [b"(1,)"]


def test_jobs_are_json_never_pickles(valkey: embedded.Valkey) -> None:
    valkey.start()
    background.enqueue(NOTE, 1)
    client = redis_client.connection()
    (key,) = client.keys("rq:job:*")
    assert json.loads(zlib.decompress(client.hget(key, "data"))) == [NOTE, None, [1], {}]


def test_a_worker_says_again_who_it_is_when_redis_has_forgotten_everything(valkey: embedded.Valkey) -> None:
    valkey.start()
    client = redis_client.connection()
    worker = background._Worker([background._queue(client)], connection=client, serializer=JSONSerializer)
    worker.register_birth()
    client.flushall()
    assert background.workers_alive() == 0
    worker.heartbeat()
    assert background.workers_alive() == 1


def test_without_redis_nothing_is_raised(valkey: embedded.Valkey) -> None:
    assert not background.enqueue(NOTE, 1)
    assert not live.publish({"ticket-1"})
    valkey.start()
    assert background.enqueue(NOTE, 1)
    assert live.publish({"ticket-1"})


def test_after_an_outage_nobody_waits_for_redis_again_at_once(
    valkey: embedded.Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_client, "_PAUSE_SECONDS", 60.0)
    attempts = redis_client.Attempts("test")
    tried = []

    def ping(client: redis.Redis) -> None:
        tried.append(1)
        client.ping()

    assert not attempts.attempt(ping)
    assert not attempts.attempt(ping)
    assert tried == [1]


def test_two_schedulers_queue_each_turn_once(valkey: embedded.Valkey) -> None:
    valkey.start()
    table = [background.Repeated(NOTE, 60.0)]
    stopped = threading.Event()
    both = [threading.Thread(target=background.schedule, args=[table], kwargs={"stopped": stopped}) for _ in range(2)]
    for thread in both:
        thread.start()
    while not background.scheduler_is_alive() or not background.waiting():
        stopped.wait(0.01)
    stopped.wait(0.1)
    stopped.set()
    for thread in both:
        thread.join()
    assert background.waiting() == 1


def test_every_job_of_the_schedule_exists() -> None:
    for item in SCHEDULE:
        module, _, name = item.job.rpartition(".")
        assert callable(getattr(__import__(module, fromlist=[name]), name)), item.job
        assert item.every > 0


async def _until(is_so: Callable[[], bool]) -> None:
    for _ in range(400):
        if is_so():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen in time")


def test_a_listener_hears_nudges_and_learns_of_outages(valkey: embedded.Valkey) -> None:
    heard: list[frozenset[str]] = []
    states: list[bool] = []

    async def on_topics(topics: frozenset[str]) -> None:
        heard.append(topics)

    async def on_state(is_connected: bool) -> None:
        states.append(is_connected)

    async def play() -> None:
        listening = asyncio.create_task(live.listen(on_topics, on_state))
        await _until(lambda: states == [True])
        live.publish(["ticket-1", "org-1-tickets"])
        await _until(lambda: len(heard) == 1)

        valkey.stop()
        await _until(lambda: states == [True, False])
        assert not live.publish(["ticket-2"])

        valkey.start()
        await _until(lambda: states == [True, False, True])
        redis_client.connection().publish(live.CHANNEL, b"not json")
        live.publish(["ticket-3"])
        await _until(lambda: len(heard) >= 2 and heard[-1] == {"ticket-3"})
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)

    valkey.start()
    asyncio.run(play())
    assert heard[0] == {"ticket-1", "org-1-tickets"}
    assert {"ticket-2"} not in heard
