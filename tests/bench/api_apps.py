"""What `bin/bench api` serves: the API behind its edge, and a bare FastAPI with one SQL statement per answer."""

import json
import os
import threading
from pathlib import Path
from typing import Any

import psycopg
from anyio import to_thread
from fastapi import FastAPI, Request
from fastapi.responses import Response

from helpdesk import collecting, log, settings
from helpdesk.api import app
from helpdesk.api.asgi import Edge

_GET = """
    SELECT to_jsonb(t) || jsonb_build_object('comments', (
        SELECT jsonb_agg(to_jsonb(c) ORDER BY c.id) FROM comment c WHERE c.ticket_id = t.id))
    FROM ticket t WHERE reference = %s
"""
_LIST = "SELECT jsonb_agg(to_jsonb(t)) FROM (SELECT * FROM ticket ORDER BY updated_at DESC, id DESC LIMIT 25) t"
_SEARCH = """
    SELECT jsonb_agg(to_jsonb(t)) FROM ticket t WHERE t.id IN (
        SELECT ticket_id FROM search_tickets(%s, true, 500) ORDER BY rank DESC, ticket_id DESC LIMIT 25)
"""
_REPLY = """
    INSERT INTO comment (ticket_id, author_id, kind, body, body_html, created_at)
    SELECT id, requester_id, 'reply', %s, %s, now() FROM ticket WHERE reference = %s RETURNING id
"""


def desk() -> Any:
    """The API alone, as the web process serves it beside the pages."""
    log.configure("INFO", as_json=True)
    served = Edge(app.build(), routes=[], built=Path("nothing"))  # type: ignore[arg-type]
    collecting.rarely()
    return served


def bare() -> Any:
    """The least anybody could do with the same framework and database."""
    api, mine = FastAPI(openapi_url=None), threading.local()
    organization = os.environ["BENCH_ORGANIZATION"]
    columns = os.environ["BENCH_COLUMNS"]
    file = f"INSERT INTO ticket ({columns}) SELECT {columns.replace('reference', '%s', 1)} FROM ticket WHERE reference = %s RETURNING id"

    def ask(statement: str, *values: Any) -> Response:
        if not hasattr(mine, "connection"):
            url = settings.get().effective_database_url.replace("postgresql+psycopg://", "postgresql://")
            options = f"-c jit=off -c role=helpdesk_app -c app.organization_id={organization}"
            mine.connection = psycopg.connect(url, options=options, autocommit=True)
        found = mine.connection.execute(statement, values).fetchone()
        return Response(json.dumps(found[0] if found else None), media_type="application/json")

    @api.get("/api/v1/tickets")
    def tickets(text: str = "") -> Response:
        return ask(_SEARCH, text) if text else ask(_LIST)

    @api.get("/api/v1/tickets/{reference}")
    def ticket(reference: str) -> Response:
        return ask(_GET, reference)

    @api.post("/api/v1/tickets")
    async def create(request: Request) -> Response:
        await request.body()
        return await _hop(ask, file, f"X{os.urandom(6).hex()}", os.environ["BENCH_REFERENCE"])

    @api.post("/api/v1/tickets/{reference}/comments")
    async def reply(request: Request, reference: str) -> Response:
        body = json.loads(await request.body())["body"]
        return await _hop(ask, _REPLY, body, body, reference)

    return api


async def _hop(ask: Any, *values: Any) -> Response:
    found: Response = await to_thread.run_sync(ask, *values)
    return found
