"""One command: everything starts, is kept running, and is gone afterwards, however it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from helpdesk import settings

ROOT = settings.ROOT
STOPS_WITHIN = 10.0


class Desk:
    """A supervisor in a process of its own, as `bin/run` starts it."""

    def __init__(self, home: Path, port: int, *roles: str) -> None:
        self.home, self.port = home, port
        self._log = (home / "said").open("w+")
        environment = {**os.environ, "DATA_DIR": str(home), "PORT": str(port), "PYTHONPATH": str(ROOT)}
        for name in ("DATABASE_URL", "REDIS_URL"):
            environment.pop(name, None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.process.stand_in", "desk", *(roles or ("web",))],
            cwd=ROOT,
            env=environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def said(self) -> str:
        """All it printed so far."""
        return (self.home / "said").read_text()

    def ran(self, role: str) -> int:
        """How often a stand-in was started."""
        record = self.home / "ran"
        return record.read_text().count(f"{role} ") if record.exists() else 0

    def started(self) -> "Desk":
        """Wait until it prints its address."""
        wait_until(lambda: "Ctrl-C stops it" in self.said() or self.process.poll() is not None)
        assert self.process.poll() is None, self.said()
        return self

    def family(self) -> list[psutil.Process]:
        """Every process it started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait; returns the exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOPS_WITHIN)


def wait_until(is_so: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Look again and again. No test waits longer than what it waits for."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def port() -> int:
    """A port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Callable[..., Desk]]:
    """Starts desks on one data directory and one port; whatever is left of them is ended."""
    home = tmp_path_factory.mktemp("desk")
    desks: list[Desk] = []

    def begin(*roles: str) -> Desk:
        desks.append(Desk(home, port, *roles))
        return desks[-1]

    yield begin
    for desk in desks:
        if desk.process.poll() is None:
            left = desk.family()
            desk.process.kill()
            desk.process.wait()
            for process in left:
                if process.is_running():
                    process.kill()


def test_stops_everything_on_ctrl_c_and_says_where_it_was(start: Callable[..., Desk]) -> None:
    desk = start().started()
    family = desk.family()
    names = {process.name() for process in family}
    assert {"postgres", "valkey-server"} <= names
    assert f"http://localhost:{desk.port}" in desk.said()
    assert "Sign in as anybody." in desk.said()

    assert desk.end(signal.SIGINT) == 0
    assert not psutil.wait_procs(family, timeout=1)[1]


def test_stops_by_force_what_does_not_listen_and_restarts_what_ends(start: Callable[..., Desk]) -> None:
    desk = start("web", "stubborn").started()
    web = next(process for process in desk.family() if "web" in process.cmdline())
    web.kill()
    wait_until(lambda: desk.ran("web") == 2)
    family = desk.family()

    assert desk.end(signal.SIGTERM) == 0
    assert not psutil.wait_procs(family, timeout=1)[1]


def test_after_sigkill_nothing_stays_and_nothing_committed_is_lost(start: Callable[..., Desk]) -> None:
    first = start().started()
    sockets = settings.socket_directory(first.home, "postgres")
    with psycopg.connect(host=str(sockets), user="helpdesk", dbname="helpdesk") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    family = first.family()
    first.process.kill()
    first.process.wait()

    second = start().started()  # at once, while the first one's children are still going
    assert not psutil.wait_procs(family, timeout=5)[1]
    with psycopg.connect(host=str(sockets), user="helpdesk", dbname="helpdesk") as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
    assert second.end(signal.SIGHUP) == 0


def test_a_second_one_on_the_same_data_says_where_the_first_is(start: Callable[..., Desk]) -> None:
    first = start().started()
    second = start()
    assert second.process.wait(STOPS_WITHIN) == 1
    said = second.said()
    assert "already running" in said
    assert f"http://localhost:{first.port} (process {first.process.pid}" in said
    assert first.end(signal.SIGINT) == 0


def test_a_taken_port_is_named_with_its_holder(start: Callable[..., Desk], port: int) -> None:
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", port))
        holder.listen()
        desk = start()
        assert desk.process.wait(20) == 1
    assert f"Port {port} on 127.0.0.1 is taken" in desk.said()
    assert f"process {os.getpid()}" in desk.said()
    assert not (desk.home / "postgres").exists()


def test_a_child_that_ends_while_starting_ends_the_whole(start: Callable[..., Desk]) -> None:
    desk = start("fragile")
    assert desk.process.wait(20) == 1
    assert "The fragile process ended while starting" in desk.said()
    assert not settings.socket_directory(desk.home, "postgres").joinpath(".s.PGSQL.5432").exists()
