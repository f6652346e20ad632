"""The built front end: made once per state of its sources, published whole, served as it is.

A build is a directory named after a hash of everything that goes into it. It appears by one rename, so a failed or
interrupted build leaves no trace, and what runs keeps serving the files it started with. Reflex itself stays outside
this module (`reflex_runtime.py`), so that asking "is it built?" costs milliseconds.
"""

import fcntl
import hashlib
import importlib.metadata
import json
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpdesk import child, log, settings
from helpdesk.settings import ROOT

_logger = log.get(__name__)

WORKSPACE = ROOT / ".web"  # Reflex's own: node_modules and generated sources. It empties it when it sees fit.
BUILDS = ROOT / ".build"
_KEPT_BUILDS = 3
_SERVED = ("build/client", "build/csp.json", "backend", "routes.json")
_NO_PACKAGES = (
    " Its npm packages could not be fetched: check the network, and the registry and certificates npm is configured"
    " with (~/.npmrc, NPM_CONFIG_REGISTRY, NODE_EXTRA_CA_CERTS)."
)

_LOCK = "reflex.lock"
# What the pages are made of. Services are not: a change there needs no new front end.
_SOURCES = (
    "rxconfig.py",
    "assets",
    "helpdesk/app.py",
    "helpdesk/reflex_runtime.py",
    "helpdesk/pages",
    "helpdesk/components",
    "helpdesk/state",
    "helpdesk/charts",
    "helpdesk/domain",
)
_SOURCE_SUFFIXES = {".py", ".json", ".lock", ".js", ".jsx", ".css", ".svg", ".ico", ".png", ".webp", ".woff2", ".txt"}


class BuildFailed(RuntimeError):
    """The front end could not be built; the text ends with what the build tool said."""


def directory() -> Path:
    """Where the build of the present sources is, or would be."""
    return BUILDS / f"{_hash(_SOURCES)}-{_hash((_LOCK,))}"


def is_built() -> bool:
    """Whether there is a build of the present sources."""
    return directory().is_dir()


def build(*, quietly: bool = False) -> Path:
    """Build the front end if its sources changed.

    Needs nothing but Python's packages; the first build on a machine fetches the pinned npm packages.

    Args:
        quietly: keep the build tool's output for the error message instead of showing it.

    Returns:
        The directory of the build.

    Raises:
        BuildFailed: with the end of what the build tool said. An earlier build stays as it is.
    """
    if (target := directory()).is_dir():
        return target
    try:
        BUILDS.mkdir(exist_ok=True)
        BUILDS.joinpath("lock").touch()
    except OSError as error:
        raise BuildFailed(f"There is no build of these sources, and none can be made here: {error}") from error
    with _one_at_a_time():
        if (target := directory()).is_dir():  # somebody else built it while we waited
            return target
        sources = _hash(_SOURCES)
        _run_reflex(quietly=quietly)
        _tidy_lock()
        # A page that brings a new npm package changes the lock while it is built; a source edited meanwhile must not
        # pass for built.
        target = BUILDS / f"{sources}-{_hash((_LOCK,))}"
        _publish(target)
        _forget_old_builds(target)
    _logger.info("front_end_built", directory=str(target))
    return target


def _hash(sources: tuple[str, ...]) -> str:
    digest = hashlib.sha256(importlib.metadata.version("reflex").encode())
    # Developers' pages are left out in production.
    digest.update(str(settings.get().environment == "production").encode())
    for path in _files(sources):
        digest.update(f"\0{path.relative_to(ROOT).as_posix()}\0".encode())
        digest.update(_content(path))
    return digest.hexdigest()[:12]


def _content(path: Path) -> bytes:
    # Reflex writes the lock's JSON now on one line, now on many; an interrupted build leaves it either way.
    return json.dumps(json.loads(path.read_text())).encode() if path.suffix == ".json" else path.read_bytes()


def _files(sources: tuple[str, ...]) -> Iterator[Path]:
    for source in sources:
        path = ROOT / source
        if path.is_file():
            yield path
        for file in sorted(path.rglob("*")) if path.is_dir() else ():
            # assets/external holds links that Reflex itself makes while building.
            if file.suffix in _SOURCE_SUFFIXES and file.is_file() and ROOT / "assets/external" not in file.parents:
                yield file


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (BUILDS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run_reflex(*, quietly: bool) -> None:
    command = [sys.executable, "-m", "helpdesk.reflex_runtime", "build"]
    with (BUILDS / "log").open("w+b") as output:
        process = child.spawn(command, cwd=ROOT, output=output if quietly else None)
        try:
            failed = process.wait() != 0
        finally:
            child.stop(process, with_signal=signal.SIGTERM, grace=2)
        output.seek(0)
        told = output.read().decode("utf-8", "replace")
    if failed or not (WORKSPACE / "build" / "client" / "index.html").is_file():
        hint = "" if (WORKSPACE / "node_modules/.bin/react-router").exists() else _NO_PACKAGES
        # Reflex notes here what it believes is installed; after a failure it had better look again.
        (WORKSPACE / "reflex.install_frontend_packages.cached").unlink(missing_ok=True)
        raise BuildFailed(f"The front end could not be built.{hint}\n{told[-4000:]}".rstrip())


def _tidy_lock() -> None:
    # One shape keeps it quiet in version control.
    package = ROOT / _LOCK / "package.json"
    if package.exists():
        package.write_text(json.dumps(json.loads(package.read_text()), indent=2) + "\n")


def _publish(target: Path) -> None:
    if target.is_dir():  # a source was changed and changed back while we built
        return
    fresh = BUILDS / f"{target.name}.new"
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir(parents=True)
    for part in _SERVED:
        source = WORKSPACE / part
        if source.is_dir():
            shutil.copytree(source, fresh / part)
        else:
            (fresh / part).parent.mkdir(exist_ok=True)
            shutil.copy2(source, fresh / part)
    fresh.rename(target)


def _forget_old_builds(current: Path) -> None:
    builds = sorted(
        (path for path in BUILDS.iterdir() if path.is_dir() and path != current), key=lambda path: path.stat().st_mtime
    )
    for old in builds[: -(_KEPT_BUILDS - 1)]:
        shutil.rmtree(old, ignore_errors=True)
