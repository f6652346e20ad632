"""The organization's logo, for everybody: it stands on the sign-in page."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from helpdesk import threads
from helpdesk.api import requests
from helpdesk.domain import people
from helpdesk.services import branding, organizations, unit_of_work

router = APIRouter(include_in_schema=False)

# Asked for with every page and answered without a question to the database.
_HEADERS = {
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@router.get("/files/logo")
async def logo(request: Request) -> Response:
    """The logo of the host's organization, or the desk's own."""
    host = requests.header(request.scope, "host")
    organization = await threads.hop(organizations.by_host, host)
    tag = f'"{organization.logo_key}"'
    if organization.logo_key and requests.header(request.scope, "if-none-match") == tag:
        return Response(status_code=304, headers=_HEADERS | {"ETag": tag})
    found = None
    if organization.logo_key:
        found = await threads.hop(unit_of_work.run, people.anonymous(organization.id), branding.logo)
    if found is None:
        return RedirectResponse("/logo.svg", 302, headers={"Cache-Control": "no-cache"})
    content_type, stream = found
    return StreamingResponse(stream, media_type=content_type, headers=_HEADERS | {"ETag": tag})
