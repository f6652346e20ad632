"""All routers of the canonical API."""

from fastapi import FastAPI

from helpdesk.api.v1 import auth, me, tickets
from helpdesk.api.v1.routing import Route

PREFIX = "/api/v1"
ROUTERS = (auth.router, tickets.router, me.router)


def routes() -> list[Route]:
    """Every operation."""
    return [route for router in ROUTERS for route in router.routes if isinstance(route, Route)]


def install(api: FastAPI) -> None:
    """Have the API answer them."""
    for router in ROUTERS:
        api.include_router(router, prefix=PREFIX)
