"""The ground tests stand on: a real PostgreSQL of their own, migrated once, and a cast; every test is rolled back."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

# Before anything reads the settings.
os.environ["ENVIRONMENT"] = "test"
os.environ.pop("SMTP_HOST", None)
_RUN = Path(tempfile.mkdtemp(prefix="helpdesk-tests-"))
os.environ["DATA_DIR"] = str(_RUN / "data")
os.environ.pop("DATABASE_URL", None)
os.environ["REDIS_URL"] = f"unix://{_RUN}/no-redis-unless-a-test-starts-one.sock"

import pytest
from alembic.config import Config
from sqlalchemy import text
from sqlmodel import Session

from alembic import command
from helpdesk import background, db, embedded, live, rate_limit, settings
from helpdesk.services import catalog, organizations
from tests.cast import Cast, assemble
from tests.clamav import clamd  # noqa: F401 - a fixture
from tests.served import desk, served_desk  # noqa: F401 - fixtures

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A throw-away PostgreSQL; its address is in the settings."""
    with embedded.Postgres(tmp_path_factory.mktemp("pg"), durable=False) as server:
        os.environ["DATABASE_URL"] = server.url
        settings.get.cache_clear()
        command.upgrade(Config(str(ROOT / "alembic.ini")), "head")
        yield server.url


@pytest.fixture(scope="session")
def assembled(postgres: str) -> Cast:
    """The cast, committed once."""
    return assemble()


@pytest.fixture
def cast(assembled: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cast]:
    """Everybody, in a database that forgets what the test did.

    One connection, one outer transaction: what a unit of work commits is a savepoint in it. The role is switched as the
    two pools would: everyday sessions are `helpdesk_app`, owner sessions the owner.
    """
    with db.owner_engine().connect() as connection:
        outer = connection.begin()
        connection.begin_nested()
        real_enter = db.enter

        def enter(opened: Session, organization_id: int) -> int:
            opened.execute(text("SET ROLE helpdesk_app"))
            return real_enter(opened, organization_id)

        @contextmanager
        def owner_session() -> Iterator[Session]:
            before = connection.execute(text("SELECT current_user")).scalar_one()
            connection.execute(text("RESET ROLE"))
            with Session(connection, expire_on_commit=False) as opened:
                yield opened
            if before == db.APP_ROLE:
                connection.execute(text("SET ROLE helpdesk_app"))

        monkeypatch.setattr(db, "app_engine", lambda: connection)
        monkeypatch.setattr(db, "enter", enter)
        monkeypatch.setattr(db, "enter_steadily", enter)  # the outer transaction has begun already
        monkeypatch.setattr(db, "owner_session", owner_session)
        yield assembled
        outer.rollback()
    catalog._kept.clear()
    organizations._known.clear()


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator["Heard"]:
    """What left for Redis: jobs and topics. Tests that start a real one mark themselves `real_redis`."""
    said = Heard()
    rate_limit.forget()  # what a test before knew, perhaps of other limits
    if "real_redis" not in request.keywords:
        monkeypatch.setattr(background, "enqueue", said.enqueue)
        monkeypatch.setattr(background, "enqueue_once", said.enqueue)
        monkeypatch.setattr(background, "enqueue_for", said.enqueue_for)
        monkeypatch.setattr(background, "gathered", said.gathered)
        monkeypatch.setattr(live, "publish", said.publish)
    yield said


class Heard:
    """A Redis that only listens."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, tuple[object, ...]]] = []
        self.topics: set[str] = set()
        self.gathered_ids: dict[tuple[str, int], list[int]] = {}

    def enqueue(self, job: str, *args: object, key: str | None = None) -> bool:
        """Note a job."""
        self.jobs.append((job, args))
        return True

    def enqueue_for(self, job: str, organization_id: int, ids: list[int], *, topics: Iterable[str] = ()) -> bool:
        """Note a job, gather its ids, and note topics."""
        self.publish(set(topics))
        self.gathered_ids.setdefault((job, organization_id), []).extend(ids)
        return self.enqueue(job, organization_id, ids)

    def gathered(self, job: str, organization_id: int) -> list[int]:
        """What was gathered since."""
        return self.gathered_ids.pop((job, organization_id), [])

    def publish(self, topics: set[str]) -> bool:
        """Note topics."""
        self.topics |= set(topics)
        return True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser plays last: while it is open its event loop counts as running, and tests of states need their own."""
    items.sort(key=lambda item: "/e2e/" in item.path.as_posix())
