"""The aliases answer with and without a slash at the end: what comes without gets one."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]

HELP_DESK, SUPPORT = "/help-desk", "/api/v1/support"
ACCOUNTS, TICKETS, DASHBOARD = "/api/accounts", "/api/tickets", "/api/dashboard"
SLA, REPORTS, NOTIFICATIONS = "/api/sla", "/api/reports", "/api/notifications"
VERSION_2 = "/api/v2/helpdesk"
_ALL = (HELP_DESK, SUPPORT, ACCOUNTS, TICKETS, DASHBOARD, SLA, REPORTS, NOTIFICATIONS, VERSION_2)
FAMILIES = tuple(f"{one}/" for one in _ALL)


class Slashes:
    """An ASGI layer. A redirect instead would lose the body of what was posted with many a client."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """ASGI."""
        if scope["type"] == "http" and f"{scope['path']}/".startswith(FAMILIES) and not scope["path"].endswith("/"):
            scope["path"] += "/"
        await self.app(scope, receive, send)
