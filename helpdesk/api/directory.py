"""Which operation an address means, looked up: tried one after the other, two hundred routes cost more than many an answer.

The first route that fits wins, as if they were tried in their order.
"""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from functools import lru_cache
from typing import Any

from fastapi.routing import APIRoute

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]

# So many parts of an address choose the routes that are tried: /api, its version, and the kind of thing.
_TELLING = 3
# Addresses are what people type: so many beginnings are remembered.
_MOST_KNOWN = 4096


class Directory:
    """An ASGI layer in front of a router.

    Args:
        routes: in the order in which they are tried.
        rest: what answers everything else.
    """

    def __init__(self, routes: Sequence[APIRoute], rest: App) -> None:
        self._entries = [_Entry(one) for one in routes]
        self._rest = rest
        self._fitting = lru_cache(_MOST_KNOWN)(self._look_through)

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """ASGI."""
        found = (
            self.find(scope["method"], scope["path"])
            if scope["type"] == "http" and not scope.get("root_path")
            else None
        )
        if found is None:
            await self._rest(scope, receive, send)
            return
        route, values = found
        scope["route"], scope["endpoint"], scope["path_params"] = route, route.endpoint, values
        await route.handle(scope, receive, send)

    def find(self, method: str, path: str) -> tuple[APIRoute, dict[str, Any]] | None:
        """The route for an address, and the values in it; None when it is none of ours."""
        parts = path.split("/")[1:]
        for entry in self._fitting(method, len(parts), tuple(part[:60] for part in parts[:_TELLING])):
            if matched := entry.route.path_regex.match(path):
                convertors = entry.route.param_convertors
                return entry.route, {name: convertors[name].convert(one) for name, one in matched.groupdict().items()}
        return None

    def _look_through(self, method: str, number: int, begin: tuple[str, ...]) -> tuple["_Entry", ...]:
        return tuple(one for one in self._entries if method in one.methods and one.may_be(number, begin))


class _Entry:
    """A route, and what its addresses look like."""

    def __init__(self, route: APIRoute) -> None:
        self.route = route
        self.methods = frozenset(route.methods or ())
        parts = route.path_format.split("/")[1:]
        # A part with a value in it may be anything, and a path may be any number of parts.
        self._parts = [None if "{" in part else part for part in parts]
        self._has_path = any(one.regex == ".*" for one in route.param_convertors.values())

    def may_be(self, number: int, begin: Sequence[str]) -> bool:
        """Whether an address of so many parts that begins so can be one of this route's."""
        if number < len(self._parts) if self._has_path else number != len(self._parts):
            return False
        return all(mine is None or mine == theirs for mine, theirs in zip(self._parts, begin, strict=False))
