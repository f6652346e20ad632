"""All routers of the canonical API."""

from functools import lru_cache

from fastapi import FastAPI

from helpdesk.api.compat import support
from helpdesk.api.v1 import auth, desk, me, more, reports, tickets
from helpdesk.api.v1.routing import Route

PREFIX = "/api/v1"
ROUTERS = (
    *(
        auth.router,
        tickets.router,
        me.router,
        desk.words,
        desk.staff,
        desk.service,
        desk.seen,
        more.articles,
        reports.router,
        more.hooks,
        support.router,
    ),
)


def routes() -> list[Route]:
    """Every operation."""
    return [route for router in ROUTERS for route in router.routes if isinstance(route, Route)]


@lru_cache(maxsize=1)
def installed() -> FastAPI:
    """An app of these alone, for whoever describes them."""
    api = FastAPI()
    install(api)
    return api


def install(api: FastAPI) -> None:
    """Have the API answer them."""
    for router in ROUTERS:
        api.include_router(router, prefix=PREFIX)
