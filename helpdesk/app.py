"""The web process: pages, websocket and API in one, behind the edge."""

import asyncio

import reflex as rx
from reflex.utils.exec import is_prod_mode
from starlette.types import ASGIApp

from helpdesk import collecting, log, reflex_runtime, settings
from helpdesk.api import app as api
from helpdesk.api.asgi import Edge, Route
from helpdesk.components import theme
from helpdesk.pages import (
    doors,
    errors,
    gallery,
    notices,
    notifications,
    profile,
    security,
    tokens,
    two_factor,
    welcome,
)
from helpdesk.pages.admin import (
    api_tokens,
    audit,
    automation,
    blocked,
    calendars,
    categories,
    companies,
    configuration,
    custom_fields,
    escalation,
    health,
    integrations,
    macros,
    mail,
    mailboxes,
    organization,
    people,
    priorities,
    providers,
    received,
    rule,
    sign_ins,
    skills,
    sla,
    start,
    statuses,
    tags,
    teams,
    transitions,
    trash,
    webhooks,
)
from helpdesk.pages.agent import article as edit_article
from helpdesk.pages.agent import articles, board, new, queue
from helpdesk.pages.agent import customer as one_customer
from helpdesk.pages.agent import customers as agent_customers
from helpdesk.pages.agent import print as print_ticket
from helpdesk.pages.layout import PAGES, Page
from helpdesk.pages.manager import overview, satisfaction
from helpdesk.pages.portal import article as help_article
from helpdesk.pages.portal import help as help_pages
from helpdesk.pages.portal import home, public, rate, request, requests
from helpdesk.pages.portal import new as new_request
from helpdesk.pages.portal import print as print_request
from helpdesk.state import answers, internals, live
from helpdesk.state.guard import Guard
from helpdesk.state.kinds import Kind
from helpdesk.state.lookout import lookout

# Every module with pages. Importing one registers its pages.
MODULES = (
    *(doors, errors, profile, notices, notifications, security, tokens, two_factor, welcome),
    *(queue, board, new, print_ticket, print_request),
    *(articles, edit_article, help_pages, help_article, agent_customers, one_customer),
    *(home, requests, new_request, request, public, rate),
    *(overview, satisfaction, start, people, teams, categories, escalation, organization, sign_ins, mail),
    *(statuses, transitions, priorities, tags, calendars, sla, audit, skills, companies, configuration, providers),
    *(
        custom_fields,
        trash,
        automation,
        rule,
        macros,
        webhooks,
        integrations,
        api_tokens,
        mailboxes,
        received,
        health,
        blocked,
    ),
)

_logger = log.get(__name__)


def edge(inside: ASGIApp) -> ASGIApp:
    """The outermost layer, which knows who each page is for."""
    return Edge(
        inside,
        routes=[Route(page.route, page.kind) for page in PAGES],
        built=reflex_runtime.static_directory().parent,
        is_development=not is_prod_mode(),
    )


async def live_updates(app: rx.App) -> None:
    """Hear nudges for as long as the process lives, whatever happens."""
    while True:
        try:
            await live.hub.relay(app)
        except Exception:
            _logger.exception("live_updates_failed")
        await asyncio.sleep(1)


async def presence_updates(app: rx.App) -> None:
    """Show who is where for as long as the process lives, whatever happens."""
    while True:
        try:
            await lookout.relay(app)
        except Exception:
            _logger.exception("presence_failed")
        await asyncio.sleep(1)


async def collect_rarely() -> None:
    """Once everything is loaded."""
    collecting.rarely()


internals.log_discreetly()
app = rx.App(
    api_transformer=[api.build(), edge],
    backend_exception_handler=answers.sorry,
    frontend_exception_handler=answers.frontend_failed,
    stylesheets=[*theme.STYLESHEETS, "/agent.css", "/portal.css", "/accent.css", "/report.css"],
    head_components=[
        rx.el.script(src=theme.SCRIPT, defer=True),
        rx.el.link(rel="icon", href=theme.FAVICON, type="image/svg+xml"),
    ],
)
app.app_wraps[55, "ErrorBoundary"] = errors.broken
app.add_middleware(Guard())
internals.write_fast(app)
app.register_lifespan_task(collect_rarely)
app.register_lifespan_task(live_updates)
app.register_lifespan_task(presence_updates)
if settings.get().environment != "production":
    for route, component, title in gallery.PAGES:
        PAGES.append(Page(route, title, Kind.PUBLIC, component, ()))
for page in PAGES:
    app.add_page(page.component, route=page.route, title=page.title, on_load=list(page.on_load))
