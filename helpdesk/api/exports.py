"""Lists to take away, as files."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from helpdesk import threads
from helpdesk.api.auth import actor_of
from helpdesk.services import audit, configuration, unit_of_work

router = APIRouter(prefix="/files/exports", include_in_schema=False)


@router.get("/audit.csv")
async def audit_log(
    request: Request, person: int | None = None, subject: str = "", since: str = "", until: str = ""
) -> Response:
    """What administrators did."""
    return await _csv(request, "audit", audit.as_csv, person_id=person, subject=subject, since=since, until=until)


@router.get("/sign-ins.csv")
async def sign_ins(
    request: Request, email: str = "", outcome: str = "", address: str = "", since: str = "", until: str = ""
) -> Response:
    """Who tried to sign in."""
    return await _csv(
        request, "sign-ins", audit.attempts_as_csv, email=email, outcome=outcome, address=address, since=since,
        until=until,
    )  # fmt: skip


@router.get("/configuration.yaml")
async def configuration_text(request: Request) -> Response:
    """Everything the organization arranges, as one text."""
    text = await threads.hop(unit_of_work.run, await actor_of(request), configuration.export)
    return _file(text, "configuration.yaml", "application/yaml; charset=utf-8")


async def _csv(request: Request, name: str, verb: Any, **filters: Any) -> Response:
    text = await threads.hop(unit_of_work.run, await actor_of(request), verb, **filters)
    # The mark in front tells spreadsheets that it is UTF-8.
    return _file("\ufeff" + text, f"{name}.csv", "text/csv; charset=utf-8")


def _file(text: str, name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text, media_type=media_type, headers=headers)
