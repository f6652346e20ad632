"""The whole web process, served on a real socket inside the test process, on a database and a Redis of its own.

In the test's process, so that a test can look into it; on a copy of the database, because what it does is committed.
"""

import asyncio
import contextvars
import importlib
import os
import socket
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

# Before Reflex is imported: nothing is compiled, and it is as strict as in production.
os.environ.setdefault("__REFLEX_SKIP_COMPILE", "true")
os.environ.setdefault("REFLEX_ENV_MODE", "prod")

import psycopg
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server

from helpdesk import db, embedded, settings
from helpdesk.services import catalog, organizations
from helpdesk.state import identity
from tests.cast import PASSWORD, Cast
from tests.socket_client import SocketClient, sign_in

Result = TypeVar("Result")


@dataclass
class Desk:
    """A running desk."""

    port: int
    cast: Cast
    loop: asyncio.AbstractEventLoop
    valkey: embedded.Valkey

    @property
    def dial(self) -> str:
        """What to connect to, whatever the host is called."""
        return f"http://127.0.0.1:{self.port}"

    def address(self, organization: str = "acme") -> str:
        """An organization's address."""
        return f"http://{organization}.localhost:{self.port}"

    async def sign_in(self, email: str, *, organization: str = "acme") -> str:
        """A session cookie."""
        token = await sign_in(self.address(organization), email, PASSWORD, connect_to=self.dial)
        assert token, f"{email} could not sign in"
        return token

    def tab(self, cookie: str = "", *, organization: str = "acme", **more: Any) -> SocketClient:
        """A tab, not yet connected."""
        return SocketClient(self.address(organization), cookie=cookie, connect_to=self.dial, **more)

    def inside(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run something in the server's own loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)


@pytest.fixture(scope="session")
def served_desk(assembled: Cast, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, dict[str, str]]]:
    """The server, started once (an app can be built only once), with the environment its tests live in."""
    with embedded.Valkey(tmp_path_factory.mktemp("vk"), durable=False) as valkey:
        environment = {
            "DATABASE_URL": _copy(settings.get().effective_database_url),
            "REDIS_URL": valkey.url,
            "SIGN_IN_TRIES_PER_MINUTE": "1000",
        }
        with _environment(environment):
            server, loop, thread, port = _start()
        yield Desk(port, assembled, loop, valkey), environment
        with _environment(environment):
            loop.call_soon_threadsafe(server.stop)
            thread.join(10)


@pytest.fixture(scope="module")
def desk(served_desk: tuple[Desk, dict[str, str]]) -> Iterator[Desk]:
    """The desk, served, each module on a copy of its own. Its tests mark themselves `real_redis`."""
    with _environment(served_desk[1] | {"DATABASE_URL": _copy(settings.get().effective_database_url)}):
        yield served_desk[0]


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ |= values
    _forget()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        _forget()


def _start() -> tuple[Server, asyncio.AbstractEventLoop, threading.Thread, int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    built = importlib.import_module("helpdesk.app").app()  # only where it is needed: it takes a second
    ready = threading.Event()
    held: list[tuple[Server, asyncio.AbstractEventLoop]] = []

    def run() -> None:
        async def serve() -> None:
            server = Server(built, "127.0.0.1", port, interface=Interfaces.ASGI, log_enabled=False)
            held.append((server, asyncio.get_running_loop()))
            ready.set()
            await server.serve()

        asyncio.run(serve())

    # Reflex keeps what is registered in a context variable; a bare thread would begin without any of it.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True)
    thread.start()
    ready.wait(20)
    server, loop = held[0]
    _await_port(port)
    return server, loop, thread, port


def _await_port(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            probe.settimeout(0.1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.05)
    raise TimeoutError("the desk did not start")


def _copy(url: str) -> str:
    """A copy of the cast's database; its address."""
    db.app_engine().dispose()
    db.owner_engine().dispose()
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    copy = f"served_{os.urandom(4).hex()}"
    with psycopg.connect(plain.replace("/helpdesk?", "/postgres?"), autocommit=True) as connection:
        for _ in range(50):
            # Work that outlived its test may still hold a connection to the original.
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'helpdesk'")
            with suppress(psycopg.errors.ObjectInUse):
                connection.execute(f"CREATE DATABASE {copy} TEMPLATE helpdesk")
                break
            time.sleep(0.1)
    return url.replace("/helpdesk?", f"/{copy}?")


def _forget() -> None:
    """What this process believes about the other database."""
    settings.get.cache_clear()
    catalog._kept.clear()
    organizations._known.clear()
    identity._beliefs.clear()
