"""The API's document, and a page to read and try it. Everything it needs is served from here: it works offline."""

from importlib.resources import files

import orjson
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from helpdesk.api import document

router = APIRouter(prefix="/api", include_in_schema=False)

_ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon-32x32.png": "image/png"}
_START = """window.addEventListener("load", () => SwaggerUIBundle({
  url: "/api/openapi.json", dom_id: "#reader", deepLinking: true, docExpansion: "none", filter: true, validatorUrl: null,
  persistAuthorization: false, defaultModelsExpandDepth: -1,
}));
"""
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · Help desk</title><link rel="icon" href="/api/docs/favicon-32x32.png">
<link rel="stylesheet" href="/api/docs/swagger-ui.css?{version}"></head>
<body style="margin: 0"><div id="reader"><noscript>This page needs JavaScript. The document is at /api/openapi.json.</noscript></div>
<script src="/api/docs/swagger-ui-bundle.js?{version}"></script><script src="/api/docs/start.js"></script></body></html>"""
# Its own styles are written into the page; its icons are data.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@router.get("/openapi.json")
def openapi() -> Response:
    """The document."""
    return Response(orjson.dumps(document.document()), media_type="application/json")


@router.get("/docs")
def read() -> HTMLResponse:
    """The page."""
    return HTMLResponse(_PAGE.format(version=document.assets_version()), headers={"Content-Security-Policy": _POLICY})


@router.get("/docs/start.js")
def start() -> Response:
    """What opens the document in the page."""
    return Response(_START, media_type="text/javascript")


@router.get("/docs/{name}")
def asset(name: str) -> Response:
    """What the page is made of."""
    if name not in _ASSETS:
        return Response(status_code=404)
    content = (files("fastapi_swagger") / "resources" / name).read_bytes()
    return Response(content, media_type=_ASSETS[name], headers={"Cache-Control": "public, max-age=86400"})
