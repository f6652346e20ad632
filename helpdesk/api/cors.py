"""Pages of other origins may call the API with a token, if the desk names their origin. Never with a cookie."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.middleware.cors import CORSMiddleware

from helpdesk import settings

App = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]

_EXPOSED = ("ETag", "Link", "Location", "Retry-After", "X-Request-ID", "Idempotency-Replayed")
_PREFIXES = ("/api/", "/help-desk/")


class Cors:
    """An ASGI layer around the API's addresses alone."""

    def __init__(self, app: App) -> None:
        self.app = app
        origins = [one.strip().rstrip("/") for one in settings.get().cors_origins.split(",") if one.strip()]
        self._open = CORSMiddleware(
            app, allow_origins=origins, allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"], allow_credentials=False,
            allow_headers=["Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key"],
            expose_headers=list(_EXPOSED), max_age=600,
        ) if origins else None  # fmt: skip

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """ASGI."""
        if self._open is not None and scope["type"] == "http" and scope["path"].startswith(_PREFIXES):
            await self._open(scope, receive, send)
        else:
            await self.app(scope, receive, send)
