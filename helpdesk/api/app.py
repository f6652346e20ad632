"""The API beside the pages: doors, files, and the versions of the REST API as they come."""

import re
from functools import lru_cache

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.routing import compile_path

from helpdesk.api import auth, branding, errors, exports, files, operations, reader
from helpdesk.api.compat.slashes import Slashes
from helpdesk.api.cors import Cors
from helpdesk.api.v1 import everything

_PREFIXES = ("/api", "/auth", "/files", "/help-desk")
_METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]


def build() -> FastAPI:
    """The API, with everything it routes. Reflex is mounted under it by whoever builds the web process."""
    api = FastAPI(title="Help desk", docs_url=None, redoc_url=None, openapi_url=None)
    errors.install(api)
    api.add_middleware(Cors)
    # What is asked for most comes first: routes are tried one after the other.
    everything.install(api)
    for router in (
        auth.router,
        branding.router,
        exports.router,
        files.router,
        reader.router,
        operations.router,
        _health(),
    ):
        api.include_router(router)
    api.include_router(_NOWHERE)
    api.add_middleware(Slashes)
    _get_ready(api)
    return api


def _get_ready(api: FastAPI) -> None:
    """Have FastAPI put its routes together now: left alone, the first visitor waits a second for it."""
    nobody = {"type": "http", "method": "GET", "path": "/", "root_path": "", "headers": [], "query_string": b""}
    for route in api.router.routes:
        route.matches(nobody)


def _health() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/api/health")
    def health() -> dict[str, str]:
        """That this process answers."""
        return {"status": "ok"}

    return router


def _not_found(request: Request, path: str) -> Response:
    """Nothing there; or something, but not for this method."""
    allowed = sorted(_allowed(request))
    if allowed and request.method == "OPTIONS":
        return Response(status_code=204, headers={"Allow": ", ".join([*allowed, "OPTIONS"])})
    if allowed:
        detail = f"This address understands {', '.join(allowed)}."
        return errors.problem(405, "Method not allowed", detail, headers={"Allow": ", ".join(allowed)})
    return errors.problem(404, "Not found", f"There is nothing at {path[:200]!r}.")


def _allowed(request: Request) -> set[str]:
    """The methods the API's other routes answer at this address."""
    path = request.url.path
    return {method for pattern, method in _addresses() if pattern.match(path)}


@lru_cache(maxsize=1)
def _addresses() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Every address and a method it answers."""
    others = (auth.router, branding.router, exports.router, files.router, reader.router, operations.router, _health())
    known = [(route, "") for router in (*everything.ALIASES, *others) for route in router.routes]
    known += [(route, everything.PREFIX) for router in everything.ROUTERS for route in router.routes]
    return tuple(
        (compile_path(prefix + route.path)[0], method)
        for route, prefix in known
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    )


def _nowhere() -> APIRouter:
    """What is nowhere else under our prefixes is a problem, not a page. Last, since the first match wins."""
    router = APIRouter(include_in_schema=False)
    for prefix in _PREFIXES:
        router.add_api_route(f"{prefix}/{{path:path}}", _not_found, methods=_METHODS)
    return router


_NOWHERE = _nowhere()
