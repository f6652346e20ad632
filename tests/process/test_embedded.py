"""The bundled servers start, are private, survive every kind of death, and leave nothing behind."""

import os
import signal
import stat
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from helpdesk import embedded, settings


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a path short enough for a socket."""
    return tmp_path_factory.mktemp("home")


def rows(server: embedded.Postgres) -> list[int]:
    """What the table of these tests holds; made when missing."""
    with psycopg.connect(host=str(server.sockets), user="helpdesk", dbname="helpdesk") as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        return [row[0] for row in connection.execute("SELECT n FROM kept ORDER BY n")]


def keep(server: embedded.Postgres, number: int) -> None:
    """Commit a row."""
    rows(server)
    with psycopg.connect(host=str(server.sockets), user="helpdesk", dbname="helpdesk") as connection:
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def process_of(server: embedded.Postgres | embedded.Valkey) -> psutil.Process:
    """The running server."""
    assert server.process is not None
    return psutil.Process(server.process.pid)


def test_postgres_is_private_and_leaves_no_process(home: Path) -> None:
    with embedded.Postgres(home, durable=False) as server:
        process = process_of(server)
        family = [process, *process.children(recursive=True)]
        assert process.uids().real != 0
        for directory in (server.sockets, server.directory):
            found = directory.stat()
            assert stat.S_IMODE(found.st_mode) == 0o700
            assert found.st_uid == process.uids().real
        with psycopg.connect(host=str(server.sockets), user="helpdesk", dbname="helpdesk") as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            assert connection.execute("SELECT lower('ÄÖ') = 'äö'").fetchone() == (True,)
    assert not psutil.wait_procs(family, timeout=3)[1]


def test_fsync_is_on_unless_thrown_away(home: Path) -> None:
    assert "fsync=off" not in embedded.Postgres(home)._command()
    assert "fsync=off" in embedded.Postgres(home, durable=False)._command()


def test_postgres_keeps_what_was_committed_through_sigkill(home: Path) -> None:
    first = embedded.Postgres(home).start()
    keep(first, 1)
    for process in (process_of(first), *process_of(first).children(recursive=True)):
        process.kill()
    assert first.process is not None
    first.process.wait()
    assert (first.directory / "postmaster.pid").exists()

    with embedded.Postgres(home) as second:
        assert rows(second) == [1]


def test_a_second_start_waits_for_a_server_left_behind(home: Path) -> None:
    first = embedded.Postgres(home, durable=False).start()
    keep(first, 1)
    process_of(first).send_signal(signal.SIGINT)  # as the kernel does when the supervisor is killed

    with embedded.Postgres(home, durable=False) as second:
        assert rows(second) == [1]


def test_a_pid_file_naming_somebody_else_does_not_stop_us(home: Path) -> None:
    with embedded.Postgres(home, durable=False) as server:
        keep(server, 1)
    (server.directory / "postmaster.pid").write_text(f"{os.getpid()}\n{server.directory}\n0\n5432\n\n\n")
    (home / "valkey").mkdir()
    (home / "valkey" / "valkey.pid").write_text(str(os.getpid()))

    with embedded.Postgres(home, durable=False) as again, embedded.Valkey(home, durable=False):
        assert rows(again) == [1]


def test_an_interrupted_first_start_is_repeated(home: Path) -> None:
    (home / "postgres.new").mkdir()
    (home / "postgres.new" / "half").write_text("done")
    with embedded.Postgres(home, durable=False) as server:
        assert rows(server) == []
    assert not (home / "postgres.new").exists()


def test_data_of_another_version_is_refused_untouched(home: Path) -> None:
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(embedded.DoesNotStart, match="written by PostgreSQL 9"):
        embedded.Postgres(home).start()
    assert [path.name for path in (home / "postgres").iterdir()] == ["PG_VERSION"]


def test_a_long_path_gets_a_short_socket(home: Path) -> None:
    deep = home / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    assert len(str(settings.socket_directory(deep, "postgres"))) < 90
    with embedded.Valkey(deep, durable=False) as server:
        assert redis.Redis.from_url(server.url).ping()
    assert settings.socket_directory(deep, "valkey") != settings.socket_directory(deep.parent, "valkey")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a directory away")
def test_a_socket_directory_of_somebody_else_is_refused(home: Path) -> None:
    server = embedded.Valkey(home)
    server.sockets.mkdir(parents=True)
    os.chown(server.sockets, 65534, 65534)
    with pytest.raises(embedded.DoesNotStart, match="belongs to somebody else"):
        server.start()


def test_valkey_keeps_its_queue_through_a_restart(home: Path) -> None:
    with embedded.Valkey(home) as first:
        redis.Redis.from_url(first.url).rpush("queue", "job")
        process = process_of(first)
    assert not process.is_running()
    with embedded.Valkey(home) as second:
        client = redis.Redis.from_url(second.url)
        assert client.lrange("queue", 0, -1) == [b"job"]
        assert client.config_get("port") == {"port": "0"}


def test_what_does_not_start_says_why(home: Path) -> None:
    with embedded.Postgres(home, durable=False) as server:
        pass
    (server.directory / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(embedded.DoesNotStart, match="no_such_setting"):
        embedded.Postgres(home, durable=False).start()
