"""All routers of the API: the canonical one, and the addresses other desks used."""

from functools import lru_cache

from fastapi import FastAPI

from helpdesk.api.compat import accounts, dashboard, help_desk, sla, support
from helpdesk.api.compat import notifications as told
from helpdesk.api.compat import reports as summaries
from helpdesk.api.compat import tickets as alias_tickets
from helpdesk.api.v1 import auth, customers, desk, mail, me, more, notifications, reports, stream, tickets
from helpdesk.api.v1.routing import Route
from helpdesk.api.v2 import helpdesk

ROUTERS = (
    *(
        tickets.router,
        auth.router,
        me.router,
        notifications.router,
        desk.words,
        desk.staff,
        desk.service,
        desk.seen,
        customers.router,
        more.articles,
        reports.router,
        more.hooks,
        more.houses,
        stream.router,
        mail.router,
    ),
)
# With their whole addresses.
_FAMILIES = (help_desk, support, accounts, alias_tickets, dashboard, sla, summaries, told)
ALIASES = (helpdesk.router, *(one.family.router for one in _FAMILIES))


def routes() -> list[Route]:
    """Every operation the document tells of."""
    found = [route for router in (*ROUTERS, *ALIASES) for route in router.routes]
    return [route for route in found if isinstance(route, Route) and route.include_in_schema]


@lru_cache(maxsize=1)
def installed() -> FastAPI:
    """An app of these alone, for whoever describes them."""
    api = FastAPI()
    install(api)
    return api


def install(api: FastAPI) -> None:
    """Have the API answer them."""
    for router in (*ROUTERS, *ALIASES):
        # As they are: included, FastAPI would ask every router in turn.
        api.router.routes.extend(router.routes)
