"""The API beside the pages: doors, files, and the versions of the REST API as they come."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from helpdesk.api import auth, branding, errors, exports, files, operations, reader
from helpdesk.api.compat.slashes import Slashes
from helpdesk.api.cors import Cors
from helpdesk.api.directory import Directory
from helpdesk.api.v1 import everything

_PREFIXES = ("/api", "/auth", "/files", "/help-desk")
_METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]


def build() -> FastAPI:
    """The API, with everything it routes. Reflex is mounted under it by whoever builds the web process."""
    api = FastAPI(title="Help desk", docs_url=None, redoc_url=None, openapi_url=None)
    errors.install(api)
    api.add_middleware(Cors)
    everything.install(api)
    for router in (
        auth.router,
        branding.router,
        exports.router,
        files.router,
        reader.router,
        operations.router,
        _health(),
        _NOWHERE,
    ):
        api.router.routes.extend(router.routes)
    api.add_middleware(Slashes)
    known = [one for one in api.router.routes if isinstance(one, APIRoute)]
    # Within all layers, before FastAPI tries its routes.
    api.router.middleware_stack = api.state.directory = Directory(known, api.router.app)
    return api


def _health() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/api/health")
    def health() -> dict[str, str]:
        """That this process answers."""
        return {"status": "ok"}

    return router


def _not_found(request: Request) -> Response:
    """Nothing there; or something, but not for this method."""
    allowed = sorted(_allowed(request))
    if allowed and request.method == "OPTIONS":
        return Response(status_code=204, headers={"Allow": ", ".join([*allowed, "OPTIONS"])})
    if allowed:
        detail = f"This address understands {', '.join(allowed)}."
        return errors.problem(405, "Method not allowed", detail, headers={"Allow": ", ".join(allowed)})
    return errors.problem(404, "Not found", f"There is nothing at {request.url.path[:200]}.")


def _allowed(request: Request) -> set[str]:
    """The methods the API's other routes answer at this address."""
    directory: Directory = request.app.state.directory
    found = {method: directory.find(method, request.url.path) for method in _METHODS}
    return {method for method, one in found.items() if one and one[0].endpoint is not _not_found}


def _nowhere() -> APIRouter:
    """What is nowhere else under our prefixes is a problem, not a page. Last, since the first match wins."""
    router = APIRouter(include_in_schema=False)
    for prefix in _PREFIXES:
        router.add_api_route(f"{prefix}/{{path:path}}", _not_found, methods=_METHODS)
    return router


_NOWHERE = _nowhere()
