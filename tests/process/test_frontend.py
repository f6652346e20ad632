"""The front end is built once per state of its sources, whole or not at all, and fits any address."""

import importlib.metadata
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from reflex.utils import exec as reflex_exec
from reflex_base.compiler import templates

from helpdesk import frontend, reflex_runtime
from helpdesk.settings import ROOT


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project in place of ours."""
    (tmp_path / "helpdesk/pages").mkdir(parents=True)
    (tmp_path / "helpdesk/services").mkdir()
    (tmp_path / "reflex.lock").mkdir()
    (tmp_path / "helpdesk/pages/home.py").write_text("one")
    monkeypatch.setattr(frontend, "ROOT", tmp_path)
    monkeypatch.setattr(frontend, "WORKSPACE", tmp_path / ".web")
    monkeypatch.setattr(frontend, "BUILDS", tmp_path / ".build")
    return tmp_path


@pytest.fixture
def bundler(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A bundler that only writes down that it ran, and leaves what Reflex would."""
    runs: list[str] = []

    def bundle(*, quietly: bool) -> None:
        runs.append("ran")
        client = project / ".web/build/client"
        client.mkdir(parents=True, exist_ok=True)
        (client / "index.html").write_text(f"<p>{len(runs)}</p>")
        (client.parent / "csp.json").write_text("{}")
        (project / ".web/backend").mkdir(exist_ok=True)
        (project / ".web/routes.json").write_text("[]")

    monkeypatch.setattr(frontend, "_run_reflex", bundle)
    return runs


def test_it_is_built_again_only_when_a_source_changed(project: Path, bundler: list[str]) -> None:
    first = frontend.build()
    (project / "helpdesk/services/tickets.py").write_text("a service")
    assert frontend.build() == first
    (project / "helpdesk/pages/home.py").write_text("two")
    assert not frontend.is_built()
    second = frontend.build()
    assert len(bundler) == 2
    assert (first / "build/client/index.html").read_text() == "<p>1</p>"  # what runs keeps its files
    assert (second / "build/client/index.html").read_text() == "<p>2</p>"

    (project / "helpdesk/pages/home.py").write_text("one")
    assert frontend.build() == first
    assert len(bundler) == 2


def test_a_new_npm_package_in_the_lock_does_not_build_twice(
    project: Path, bundler: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = frontend._run_reflex

    def bundle_and_lock(*, quietly: bool) -> None:
        bundle(quietly=quietly)
        (project / "reflex.lock/package.json").write_text('{"dependencies": {"a": "1"}}')

    monkeypatch.setattr(frontend, "_run_reflex", bundle_and_lock)
    frontend.build()
    assert frontend.is_built()


def test_the_shape_of_the_lock_does_not_matter(project: Path, bundler: list[str]) -> None:
    lock = project / "reflex.lock/package.json"
    lock.write_text('{"dependencies": {"a": "1"}}')
    frontend.build()
    assert lock.read_text().count("\n") > 1
    lock.write_text('{"dependencies":   {"a": "1"}}')
    assert frontend.is_built()


def test_old_builds_are_forgotten(project: Path, bundler: list[str]) -> None:
    for number in range(5):
        (project / "helpdesk/pages/home.py").write_text(str(number))
        frontend.build()
    assert len([path for path in frontend.BUILDS.iterdir() if path.is_dir()]) == 3


def test_a_failed_build_says_why_and_leaves_no_trace(project: Path) -> None:
    with pytest.raises(frontend.BuildFailed, match="No module named"):  # there is no helpdesk.reflex_runtime here
        frontend.build(quietly=True)
    assert not frontend.is_built()
    assert not [path for path in frontend.BUILDS.iterdir() if path.is_dir()]


def test_a_half_copied_build_is_not_served(project: Path, bundler: list[str]) -> None:
    half = frontend.BUILDS / f"{frontend.directory().name}.new"
    (half / "build").mkdir(parents=True)
    assert not frontend.is_built()
    assert (frontend.build() / "routes.json").exists()


def test_the_bundle_asks_the_page_for_its_address() -> None:
    bundled = (
        'var e={PING:`http://localhost:8000/ping`,EVENT:`ws://localhost:8000/_event`,OTHER:"https://example.com:1/x"}'
    )
    changed = reflex_runtime._without_address(bundled)
    assert "localhost:8000" not in changed
    assert changed.count("location.origin") == 2
    assert '"https://example.com:1/x"' in changed


def test_inline_scripts_are_hashed_per_page(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<script>alert(1)</script><script src="/x.js"></script>')
    (tmp_path / "__spa-fallback.html").write_text('<script type="module">two()</script>')
    hashes = reflex_runtime._script_hashes(tmp_path)
    # Computed with: printf 'alert(1)' | openssl dgst -sha256 -binary | base64
    assert hashes["index.html"] == ["'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"]
    assert hashes["404.html"] == hashes["__spa-fallback.html"] != []


def test_the_development_server_hands_the_api_on() -> None:
    config = templates.vite_config_template
    assert "server: {{\n" in inspect.getsource(config)
    changed = reflex_runtime._add_proxy("export default {\n  server: {\n    port: 3000,\n  },\n}")
    assert '"/api": { target: "http://127.0.0.1:' in changed
    assert reflex_runtime._add_proxy(changed) == changed


def test_the_inside_of_reflex_is_what_we_know() -> None:
    pinned = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line.startswith("reflex==")]
    assert pinned == [f"reflex=={importlib.metadata.version('reflex')}"]
    assert list(inspect.signature(reflex_exec.run_backend_prod).parameters) == [
        "host", "port", "loglevel", "mount_frontend_compiled_app",
    ]  # fmt: skip


def test_the_lock_names_no_registry() -> None:
    for file in (ROOT / "reflex.lock").iterdir():
        assert "://" not in file.read_text(), file
    assert json.loads((ROOT / "reflex.lock/package.json").read_text())["dependencies"]


@pytest.mark.parametrize(("workers", "kept_in"), [("1", "memory None None"), ("2", "redis redis://127.0.0.1:1/0 1")])
def test_page_state_stays_in_memory_unless_workers_share_it(workers: str, kept_in: str) -> None:
    # Elsewhere it is a pickle with the session cookie inside, on disk or in Redis.
    show = (
        "import os, rxconfig; c = rxconfig.config;"
        "print(c.state_manager_mode.value, c.redis_url, os.environ.get('REFLEX_OPLOCK_ENABLED'))"
    )
    environment = {"PATH": os.environ["PATH"], "WEB_WORKERS": workers, "REDIS_URL": "redis://127.0.0.1:1/0"}
    told = subprocess.run(
        [sys.executable, "-c", show], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == kept_in.split()
