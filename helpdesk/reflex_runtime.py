"""The inside of Reflex that we rely on, all of it here: pinned in requirements.txt, held by tests/process.

- `build` compiles the pages and runs the bundler, as `reflex export` does;
- `launch` serves a finished build without compiling again, as `reflex run --env prod` would not;
- `HelpdeskPlugin` makes one build fit any host, port or TLS proxy, and notes the inline scripts for the CSP.
"""

import base64
import hashlib
import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

from reflex.utils import exec as reflex_exec
from reflex.utils import export as reflex_export
from reflex.utils import prerequisites
from reflex_base import constants
from reflex_base.config import get_config
from reflex_base.environment import environment
from reflex_base.plugins import Plugin

from helpdesk import crash_reports, frontend, log, settings

CSP_FILE = "csp.json"
# Paths the API answers; in development Vite hands them on to it.
_API_PATHS = ("/api", "/files", "/health", "/metrics", "/help-desk", "/ping", "/_health")

_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_BAKED_ADDRESS = re.compile(r"([`'\"])(ws|http)://localhost:\d+(/[^`'\"]*)?\1")


class HelpdeskPlugin(Plugin):
    """What Reflex's build lacks for us."""

    def pre_compile(self, **context: Any) -> None:
        """Let the development server hand the API's paths on, so that it looks like production."""
        context["add_modify_task"]("vite.config.js", _add_proxy)

    def post_build(self, **context: Any) -> None:
        """Take the address out of the bundle and write down the inline scripts' hashes."""
        static = Path(context["static_dir"])
        for script in (static / "assets").glob("reflex-env-*.js"):
            script.write_text(_without_address(script.read_text()))
        (static.parent / CSP_FILE).write_text(json.dumps(_script_hashes(static), indent=1, sort_keys=True))


def build() -> None:
    """Compile the pages and bundle them into `.web/build/client`."""
    # The bundler runs in our process group; when we are told to stop, it must not stay behind.
    signal.signal(signal.SIGTERM, lambda *_: os.killpg(os.getpgrp(), signal.SIGKILL))
    _enter_project()
    # Whatever the environment says for running or testing: this compiles.
    environment.REFLEX_SKIP_COMPILE.set(None)
    environment.REFLEX_WEB_WORKDIR.set(None)
    environment.REFLEX_COMPILE_CONTEXT.set(constants.CompileContext.EXPORT)
    get_config()  # puts the bundled Bun on the PATH
    if prerequisites.needs_reinit():
        prerequisites.initialize_reflex_user_directory()
        prerequisites.initialize_frontend_dependencies()
    reflex_export.export(
        zipping=False,
        backend=False,
        env=constants.Env.PROD,
        loglevel=constants.LogLevel.WARNING,
        prerender_routes=True,
    )


def launch(host: str, port: int, workers: int) -> None:
    """Serve pages, websocket and API from the finished build until told to stop. Does not return.

    Raises:
        FileNotFoundError: there is no build of the present sources.
    """
    _enter_project()
    built = frontend.directory()
    if not built.is_dir():
        raise FileNotFoundError("The front end is not built. Run: python -m helpdesk build")
    current = settings.get()
    log.configure(current.log_level, as_json=current.logs_as_json)
    crash_reports.start()
    os.environ["GRANIAN_WORKERS"] = str(workers)
    environment.REFLEX_WEB_WORKDIR.set(built)
    environment.REFLEX_ENV_MODE.set(constants.Env.PROD)
    environment.REFLEX_SKIP_COMPILE.set(True)
    get_config()._set_persistent(frontend_port=port, backend_port=port)
    reflex_exec.run_backend_prod(host, port, constants.LogLevel.WARNING, mount_frontend_compiled_app=True)


def static_directory() -> Path:
    """Where the files of the build being served are."""
    return prerequisites.get_web_dir().absolute() / constants.Dirs.STATIC


def script_hashes() -> dict[str, list[str]]:
    """For each HTML file of the build being served (its path below `static_directory()`), the `'sha256-...'` sources
    its inline scripts need in a Content-Security-Policy. Empty in development, where nothing is built."""
    try:
        found: dict[str, list[str]] = json.loads((static_directory().parent / CSP_FILE).read_text())
    except FileNotFoundError:
        return {}
    return found


def _enter_project() -> None:
    os.chdir(settings.ROOT)
    if str(settings.ROOT) not in sys.path:
        sys.path.insert(0, str(settings.ROOT))


def _without_address(script: str) -> str:
    """The page's own address instead of the one that happened to be configured while building."""

    def relative(found: re.Match[str]) -> str:
        scheme, path = found.group(2), found.group(3) or ""
        here = 'location.origin.replace(/^http/,"ws")' if scheme == "ws" else "location.origin"
        return f'((typeof window=="undefined"?"{scheme}://localhost":{here})+"{path}")'

    return _BAKED_ADDRESS.sub(relative, script)


def _script_hashes(static: Path) -> dict[str, list[str]]:
    hashes = {
        page.relative_to(static).as_posix(): sorted(
            {_source(script) for script in _INLINE_SCRIPT.findall(page.read_text())}
        )
        for page in static.rglob("*.html")
    }
    # Reflex copies the fallback to 404.html after this hook.
    fallback = constants.ReactRouter.SPA_FALLBACK
    hashes["404.html"] = hashes[fallback if fallback in hashes else "index.html"]
    return hashes


def _source(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _add_proxy(config: str) -> str:
    if "proxy:" in config:
        return config
    port = get_config().backend_port
    entries = ", ".join(f'"{path}": {{ target: "http://127.0.0.1:{port}" }}' for path in _API_PATHS)
    return config.replace("server: {\n", f"server: {{\n    proxy: {{ {entries} }},\n", 1)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["build"]:
            build()
        case ["launch", given_host, given_port, given_workers]:
            launch(given_host, int(given_port), int(given_workers))
        case _:
            sys.exit("usage: python -m helpdesk.reflex_runtime build | launch HOST PORT WORKERS")
