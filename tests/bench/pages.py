"""A running desk for the benchmarks that need open pages; the pages speak the browser's protocol without a browser."""

import asyncio
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psutil
from playwright.sync_api import sync_playwright

from helpdesk import settings
from helpdesk.domain.people import system
from helpdesk.services import organizations, tickets, unit_of_work
from helpdesk.state.agent.queue import Queue
from tests.cast import PASSWORD
from tests.e2e.conftest import QUIET
from tests.e2e.conftest import Desk as Started
from tests.socket_client import SocketClient, sign_in

Result = TypeVar("Result")


class OpenQueue:
    """A queue page somebody has open."""

    def __init__(self, desk: "RunningDesk", client: SocketClient) -> None:
        self.desk = desk
        self.client = client

    def wait_for_change(self, seconds: float) -> float:
        """The moment the next change of its rows arrived."""
        update = self.desk.call(self.client.until(lambda one: "rows" in one.of(Queue), seconds=seconds))
        return update.seconds

    def close(self) -> None:
        """Leave."""
        self.desk.call(self.client.close())


class RunningDesk:
    """The whole desk, started with one command, with an event loop for its visitors."""

    def __init__(self, started: Started) -> None:
        self.started = started
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.address = started.url("").rstrip("/")
        self.dial = f"http://127.0.0.1:{started.port}"
        self.organization = organizations.by_slug("acme")
        self.cookie = self.call(sign_in(self.address, "max@acme.example", PASSWORD, connect_to=self.dial))

    def call(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run something on the visitors' loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def open_queue(self, *, anew: bool = False) -> OpenQueue:
        """Open the queue in one more page."""
        cookie = self.cookie
        if anew:
            cookie = self.call(sign_in(self.address, "max@acme.example", PASSWORD, connect_to=self.dial))
        return OpenQueue(self, self.call(self._open(cookie)))

    async def _open(self, cookie: str) -> SocketClient:
        client = SocketClient(self.address, cookie=cookie, connect_to=self.dial)
        await client.connect()
        await client.open("/agent?view=open")
        await client.quiet(0.05)
        return client

    def settle(self, pages: list[OpenQueue]) -> None:
        """Wait until the counts that follow a change have arrived, and forget them."""
        time.sleep(1.3)
        for page in pages:
            page.client.updates.clear()

    def file_ticket(self) -> None:
        """Commit a ticket that every open queue shows."""
        unit_of_work.run(system(self.organization.id), _file)

    def sign_in_by_browser(self) -> float:
        """Seconds from Enter in the form to the rows, in a browser that knows nothing yet."""
        path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        if not path:
            raise LookupError("There is no Chromium.")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=QUIET)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(self.started.url("/agent?view=open"))  # to the sign-in form, and from there back
            page.fill("input[name=email]", "max@acme.example")
            page.fill("input[name=password]", PASSWORD)
            began = time.perf_counter()
            page.press("input[name=password]", "Enter", no_wait_after=True)
            page.wait_for_selector(".hd-row")
            taken = time.perf_counter() - began
            browser.close()
        return taken

    def web_memory(self) -> int:
        """Bytes of memory of the web processes that are theirs alone."""
        assert self.started.process is not None
        children = psutil.Process(self.started.process.pid).children(recursive=True)
        web = [one for one in children if "reflex_runtime" in " ".join(one.cmdline())]
        return sum(one.memory_full_info().uss for one in web)


def _file(ctx: Any) -> None:
    tickets.create(ctx, title="Measured", description="A ticket to be seen.", requester_email="rita@northwind.example")


@contextmanager
def running_desk() -> Iterator[RunningDesk]:
    """A desk with the cast and 100 tickets, on its own data, stopped afterwards."""
    with tempfile.TemporaryDirectory(prefix="helpdesk-bench-") as folder:
        started = Started(Path(folder) / "data")
        os.environ["DATABASE_URL"] = settings.bundled_database_url(started.data)
        os.environ["REDIS_URL"] = settings.bundled_redis_url(started.data)
        settings.get.cache_clear()
        started.start()
        try:
            started.run("tests.e2e.prepare")
            desk = RunningDesk(started)
            for _ in range(100):
                desk.file_ticket()
            yield desk
        finally:
            started.stop()
            settings.get.cache_clear()
