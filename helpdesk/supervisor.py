"""One command, many children: the bundled servers, the web process, the worker and the scheduler.

Each child has a session of its own, so a Ctrl-C reaches only us and we stop them in order; each is told by the kernel
when we die without having stopped it. A child that ends is started again, after a pause that grows.
"""

import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import psutil

from helpdesk import child, clock, embedded, log
from helpdesk.settings import ROOT, Settings

_logger = log.get(__name__)

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Web, worker and scheduler are asked together and share this; then Valkey and PostgreSQL have 2 and 3 seconds.
_APP_GRACE_SECONDS = 4.0
_FIRST_ANSWER_SECONDS = 120.0
# After a SIGKILL the old web process needs a moment to let the port go.
_PORT_SECONDS = 8.0
_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_STEADY_SECONDS = 60.0


class Refused(RuntimeError):
    """It cannot start, and the text says what to do."""


class Command(NamedTuple):
    """A Python module to keep running."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()


class _Stopped(BaseException):
    """A signal asked us to stop."""


@dataclass
class _Child:
    """Something we keep running."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = _SHORTEST_PAUSE
    start_again_at: float | None = field(default=None)


@contextmanager
def lock(current: Settings) -> Iterator[bool]:
    """Hold the data directory; it is let go when this process ends, however it ends.

    Yields:
        Whether the one before us was killed: then its children may still be going.

    Raises:
        Refused: somebody else holds it; says who and where.
    """
    run = current.data_dir / "run"
    run.mkdir(mode=0o711, parents=True, exist_ok=True)
    with (run / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Refused(_already_running(file.read(), current.data_dir)) from None
        file.seek(0)
        was_killed = bool(file.read())
        file.truncate(0)
        file.write(
            json.dumps({"pid": os.getpid(), "address": address(current), "since": f"{clock.now():%Y-%m-%d %H:%M} UTC"})
        )
        file.flush()
        try:
            yield was_killed
        finally:
            file.truncate(0)


def is_running(current: Settings) -> bool:
    """Whether some process holds the data directory."""
    try:
        with (current.data_dir / "run" / "lock").open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextmanager
def servers(current: Settings) -> Iterator[None]:
    """The bundled servers for the length of a command, unless they run already or others are configured."""
    if is_running(current) or not _bundled(current):
        yield
        return
    with lock(current):
        started: list[embedded.Postgres | embedded.Valkey] = []
        try:
            for server in _bundled(current):
                started.append(server.start())
            yield
        finally:
            for server in reversed(started):
                server.stop()


def run(current: Settings, *, prepare: Callable[[], Sequence[str]], commands: Sequence[Command] | None = None) -> None:
    """Start everything, keep it running, and stop it all on Ctrl-C, SIGTERM or a closed terminal.

    Args:
        current: the settings, with the host and port to serve on.
        prepare: called once the servers are there and before anything uses them: migrates, fills, builds. What it
            returns is printed under the address.
        commands: what runs beside the servers: first what answers on the port, then what starts once it does; by
            default web, worker and scheduler.

    Raises:
        Refused, embedded.DoesNotStart: nothing runs; the text says what to do.
    """
    _Supervisor(current, prepare, commands or everyday(current)).run()


def everyday(current: Settings) -> tuple[Command, ...]:
    """What a desk on one machine runs beside its servers."""
    serve = ("launch", current.host, str(current.port), str(current.web_workers))
    return (
        Command("web", "helpdesk.reflex_runtime", serve),
        Command("worker", "helpdesk", ("worker",)),
        Command("scheduler", "helpdesk", ("scheduler",)),
    )


def address(current: Settings) -> str:
    """Where the site answers, for people at this machine."""
    host = "localhost" if current.host in {"127.0.0.1", "0.0.0.0", "::", "::1", "localhost"} else current.host  # noqa: S104 - shown, not bound
    return f"http://{host}:{current.port}"


class _Supervisor:
    def __init__(self, current: Settings, prepare: Callable[[], Sequence[str]], commands: Sequence[Command]) -> None:
        self._settings = current
        self._prepare = prepare
        self._commands = commands
        self._servers: list[embedded.Postgres | embedded.Valkey] = []
        self._children: list[_Child] = []
        self._is_stopping = False

    def run(self) -> None:
        with lock(self._settings) as was_killed:
            # Whoever started us with nohup wants us to outlive the terminal.
            heard = [one for one in _STOP_SIGNALS if one != signal.SIGHUP or signal.getsignal(one) != signal.SIG_IGN]
            before = [(number, signal.signal(number, self._on_signal)) for number in heard]
            try:
                _wait_for_port(self._settings.host, self._settings.port, _PORT_SECONDS if was_killed else 0.0)
                self._start()
                self._keep_running()
            except _Stopped:
                _say("\nStopping ...")
            finally:
                self._is_stopping = True
                self._stop()
                for number, handler in before:
                    signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if not self._is_stopping:
            self._is_stopping = True
            raise _Stopped

    def _start(self) -> None:
        for server in _bundled(self._settings):
            self._servers.append(server)
            self._add(server.name, lambda server=server: _process_of(server.start()))  # type: ignore[misc]
        lines = self._prepare()
        web, *others = self._commands
        self._add(web.name, lambda: self._spawn(web))
        self._wait_for_answer()
        # Only now: on a small machine all of them importing at once would keep people waiting for the page.
        for entry in others:
            self._add(entry.name, lambda entry=entry: self._spawn(entry))  # type: ignore[misc]
        _say("\n".join(["", f"  The help desk is at {address(self._settings)}", *(f"  {line}" for line in lines), ""]))
        _say("  Ctrl-C stops it.\n")

    def _add(self, name: str, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        entry = _Child(name, start)
        self._children.append(entry)
        entry.started_at = time.monotonic()
        entry.process = start()

    def _spawn(self, command: Command) -> subprocess.Popen[bytes]:
        chosen = self._settings
        told = {"DATA_DIR": str(chosen.data_dir), "HOST": chosen.host, "PORT": str(chosen.port)}
        return child.spawn(
            [sys.executable, "-m", command.module, *command.arguments], env={**os.environ, **told}, cwd=ROOT
        )

    def _wait_for_answer(self) -> None:
        host = "127.0.0.1" if self._settings.host in {"0.0.0.0", "::"} else self._settings.host  # noqa: S104
        deadline = time.monotonic() + _FIRST_ANSWER_SECONDS
        while time.monotonic() < deadline:
            for entry in self._children:
                if entry.process is not None and entry.process.poll() is not None:
                    raise Refused(f"The {entry.name} process ended while starting; its messages are above.")
            if _answers(host, self._settings.port):
                return
            time.sleep(0.05)
        raise Refused(f"The web process does not answer at {address(self._settings)}; its messages are above.")

    def _keep_running(self) -> None:
        while True:
            for entry in self._children:
                self._look_after(entry)
            time.sleep(0.2)

    def _look_after(self, entry: _Child) -> None:
        now = time.monotonic()
        if entry.process is not None and entry.process.poll() is not None:
            code = entry.process.returncode
            child.end_group(entry.process)
            entry.process = None
            if now - entry.started_at > _STEADY_SECONDS:
                entry.pause = _SHORTEST_PAUSE
            entry.start_again_at = now + entry.pause
            _logger.warning("child_ended", child=entry.name, exit_code=code, again_in_seconds=entry.pause)
            entry.pause = min(entry.pause * 2, _LONGEST_PAUSE)
        if entry.process is None and entry.start_again_at is not None and now >= entry.start_again_at:
            entry.started_at, entry.start_again_at = now, None
            try:
                entry.process = entry.start()
            except (embedded.DoesNotStart, OSError) as error:
                entry.start_again_at = time.monotonic() + entry.pause
                _logger.warning("child_does_not_start", child=entry.name, error=str(error))

    def _stop(self) -> None:
        bundled = {server.name for server in self._servers}
        ours = [entry for entry in self._children if entry.name not in bundled and entry.process is not None]
        for entry in reversed(ours):
            with suppress(ProcessLookupError):
                _running(entry).send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _APP_GRACE_SECONDS
        for entry in reversed(ours):
            with suppress(subprocess.TimeoutExpired):
                _running(entry).wait(max(0.0, deadline - time.monotonic()))
            if _running(entry).poll() is None:
                _logger.warning("child_stopped_by_force", child=entry.name)
            child.end_group(_running(entry))
        for server in reversed(self._servers):
            server.stop()


def _bundled(current: Settings) -> list[embedded.Postgres | embedded.Valkey]:
    chosen: list[embedded.Postgres | embedded.Valkey] = []
    if not current.database_url:
        chosen.append(embedded.Postgres(current.data_dir))
    if not current.redis_url:
        chosen.append(embedded.Valkey(current.data_dir))
    return chosen


def _process_of(server: embedded.Postgres | embedded.Valkey) -> subprocess.Popen[bytes]:
    if server.process is None:
        raise embedded.DoesNotStart(f"The bundled {server.name} is not running.")
    return server.process


def _running(entry: _Child) -> subprocess.Popen[bytes]:
    if entry.process is None:
        raise RuntimeError(f"{entry.name} is not running.")
    return entry.process


def _wait_for_port(host: str, port: int, seconds: float) -> None:
    """Make sure the port is free, at the latest in so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind((host, port))
            except PermissionError:
                raise Refused(
                    f"Port {port} may only be used by root. Choose one above 1023: bin/run --port 3000"
                ) from None
            except socket.gaierror:
                raise Refused(f"{host} is no address of this machine. Try: bin/run --host 127.0.0.1") from None
            except OSError as error:
                if time.monotonic() > deadline:
                    raise Refused(
                        f"Port {port} on {host} is taken{_holder(port)} ({error.strerror}). "
                        f"Stop that, or choose another: bin/run --port {port + 1}"
                    ) from None
            else:
                return
        time.sleep(0.2)


def _holder(port: int) -> str:
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()}, process {connection.pid}"
    return ""


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/ping")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _already_running(told: str, data_dir: Path) -> str:
    try:
        holder = json.loads(told)
        where = f"at {holder['address']} (process {holder['pid']}, since {holder['since']})"
    except (ValueError, KeyError, TypeError):
        where = "or just starting"
    return (
        f"The help desk with the data in {data_dir} is already running {where}. "
        "Stop that one first (Ctrl-C in its terminal), or give this one its own data: DATA_DIR=/another/place"
    )


def _say(text: str) -> None:
    print(text, flush=True)
