"""The whole desk, started as a user would, in its own data directory on its own port, and a browser to look at it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.cast import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / ".data" / "screenshots"
_START_SECONDS = 180  # a front end that must be built first, on a busy machine
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class Desk:
    """A running help desk."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.data = data
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if key not in ("DATABASE_URL", "REDIS_URL", "ENVIRONMENT", "DATA_DIR")
        } | {
            "DATA_DIR": str(data),
            "ENVIRONMENT": "development",
            "PYTHONPATH": str(ROOT),
            "SIGN_IN_TRIES_PER_MINUTE": "1000",
        }
        self.log = data.parent / "desk.log"
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, path: str = "/", organization: str = "acme") -> str:
        """The address of a page at an organization's desk."""
        return f"http://{organization}.localhost:{self.port}{path}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "helpdesk", "up", "--port", str(self.port), "--no-demo"],
                cwd=ROOT, env=self.environment, stdout=log, stderr=log,
            )  # fmt: skip
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ping", timeout=2):
                    return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"The desk did not start:\n{self.log.read_text()[-4000:]}")

    def stop(self) -> None:
        """Stop it as Ctrl-C would."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(20)

    def run(self, module: str) -> str:
        """Run a module of ours against this desk's database; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", module], cwd=ROOT, env=self.environment | {"ENVIRONMENT": "test"}, check=True,
            capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with the cast in it."""
    running = Desk(tmp_path_factory.mktemp("desk") / "data")
    running.start()
    try:
        running.run("tests.e2e.prepare")
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        pytest.skip("There is no Chromium; bin/test installs one.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


expect.set_options(timeout=20_000)  # a busy machine with two cores
SignIn = Callable[..., Page]


@pytest.fixture
def sign_in(chromium: Browser, desk: Desk) -> Iterator[SignIn]:
    """Open a browser of one's own and sign in through the form; `sign_in("ada@acme.example", "/agent")`."""
    contexts: list[BrowserContext] = []
    broken: list[str] = []

    def opened(email: str = "", path: str = "/", *, organization: str = "acme", **options: object) -> Page:
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: broken.append(f"{page.url}: {error}"))
        if email:
            page.goto(desk.url("/login", organization))
            page.fill("input[name=email]", email)
            page.fill("input[name=password]", PASSWORD)
            with page.expect_navigation():
                page.press("input[name=password]", "Enter")
        page.goto(desk.url(path, organization))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not broken, broken


def keep(page: Page, name: str) -> None:
    """Keep a screenshot under .data/screenshots."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(SCREENSHOTS / f"{name}.png"))
