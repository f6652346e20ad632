"""The edge: the outermost layer of the web process. What comes in is checked here before anything else sees it, what
goes out is dressed here, whoever made it.

In:   the websocket's and unsafe requests' Origin, the size of bodies, the pace of websockets, the session cookie (which
      is swapped for a handle before it reaches Reflex), signed-out visitors of pages for others.
Out:  security headers, cache headers, the request's id.
"""

import asyncio
import json
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse, Response

from helpdesk import log, metrics, settings
from helpdesk.api import errors, plain, requests
from helpdesk.domain.errors import NotFound
from helpdesk.domain.people import Actor
from helpdesk.services import sign_in
from helpdesk.services.mail import inbound
from helpdesk.state import flash, identity, kinds
from helpdesk.state.kinds import Kind

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_logger = log.get(__name__)

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_OURS = ("/api/", "/auth/", "/files/", "/health/", "/metrics", "/help-desk/")
_SOCKET = "/_event"
_MAIL = "/api/v1/inbound/mail"
_UPLOADS = re.compile(
    r"/api/v1/((tickets/[^/]{1,40}/)?attachments|support/tickets/[^/]{1,40}/attachment)|/help-desk/tickets/[^/]{1,40}/attach"
)
# Never served: Reflex's own upload door knows neither persons nor limits; the others tell what is none of anybody's.
_SHUT = ("/_upload", "/_all_routes", "/auth-codespace", "/_health")
_TOKEN = re.compile(r"[0-9A-Za-z-]{8,64}")
_BODY = 1024 * 1024
# What multipart adds around a file.
_AROUND = 64 * 1024
# How much of a body that is refused anyway is read.
_PATIENCE = 32 * 1024 * 1024
# Messages a websocket may send: a burst, then so many a second. Typing with every keystroke sent is about ten.
_BURST = 400
_PER_SECOND = 60.0
_MOST_DELAYED = 200
_HASHES = "csp.json"

_DRESS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
# What the app says of these is not passed on.
_REPLACED = frozenset({b"server", b"x-request-id"})


@dataclass(frozen=True, slots=True)
class Route:
    """A page's address and who it is for."""

    path: str
    kind: Kind

    def pattern(self) -> re.Pattern[str]:
        """What matches the address, with `[name]` standing for one part of it."""
        parts = [
            "[^/]+" if part.startswith("[") else re.escape(part) for part in self.path.strip("/").split("/") if part
        ]
        return re.compile("/" + "/".join(parts))


class Edge:
    """The outermost ASGI layer.

    Args:
        app: everything else.
        routes: the pages and who they are for; unknown addresses are for everybody (they are "not found").
        built: the folder of the built front end, with `client/` and the hashes of its inline scripts.
        is_development: a development server on another port serves the pages: names of hosts are compared without
            ports, and no policy is sent that would keep its tools from working.
    """

    def __init__(self, app: App, *, routes: Iterable[Route], built: Path, is_development: bool = False) -> None:
        self.app = app
        self.built = built
        self.is_development = is_development
        # Fixed addresses before those with a variable part.
        self._routes = [(one.pattern(), one.kind) for one in sorted(routes, key=lambda one: one.path.count("["))]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            structlog.contextvars.clear_contextvars()
            log.bind(socket=secrets.token_hex(6))
            await self._websocket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.monotonic()
        request = secrets.token_hex(6)
        structlog.contextvars.clear_contextvars()
        log.bind(request=request)
        body = _Body(receive, _most(scope))
        answer = _Dressed(self, scope, send, body, request)
        try:
            refusal = await self._refusal(scope)
            if refusal is None and not body.is_announced_too_large(scope):
                _strip(scope, keep_cookie=True)
                self._find_page(scope)
                await self._ask(scope, body, answer)
            if body.is_too_large:
                refusal = _refuse(scope, 413, "Too large", "This is larger than allowed. Send less at once.")
            if refusal is not None and not answer.has_begun:
                await refusal(scope, receive, answer.speak)
        finally:
            path = answer.path
            seconds = time.monotonic() - started
            # The route, never the path: what people can type must not make a new line in the statistics.
            found = scope.get("route")
            route = found.path_format if isinstance(found, APIRoute) else _kind_of(path)
            metrics.REQUESTS.labels(scope["method"][:10], route, answer.status).inc()
            metrics.SECONDS.labels(route).observe(seconds)
            if answer.status >= 500 or path.startswith(_OURS):
                took = round(seconds * 1000)
                _logger.info("request", method=scope["method"], path=path, status=answer.status, milliseconds=took)

    async def _ask(self, scope: Scope, body: "_Body", answer: "_Dressed") -> None:
        """Have everything else answer; if the body turned out too large, whatever it made of that is not heard."""
        try:
            await self.app(scope, body.receive, answer.send)
        except _TooLarge:
            if answer.has_begun:
                raise

    async def _refusal(self, scope: Scope) -> Response | None:
        """The answer in place of the app's, if any."""
        path = scope["path"]
        if path.startswith(_SHUT):
            return _refuse(scope, 404, "Not found", "There is nothing here.")
        if scope["method"] not in _SAFE and not requests.is_bearer(scope) and not self._is_same_origin(scope):
            return _refuse(scope, 403, "Not from here", "This request came from another site.")
        if self._is_navigation(scope):
            return await self._elsewhere(scope, path)
        return None

    def _is_same_origin(self, scope: Scope) -> bool:
        """Whether a request that may carry a cookie was made by one of our own pages, or by no browser at all."""
        origin = requests.header(scope, "origin")
        if not origin:
            return requests.header(scope, "sec-fetch-site") in ("", "same-origin", "none")
        theirs, ours = urlsplit(origin), urlsplit("//" + requests.header(scope, "host"))
        try:
            if self.is_development:
                return theirs.hostname == ours.hostname
            return (theirs.hostname, theirs.port or _port(theirs.scheme)) == (
                ours.hostname, ours.port or _port(theirs.scheme),
            )  # fmt: skip
        except ValueError:
            return False

    def _is_navigation(self, scope: Scope) -> bool:
        """Whether a page is asked for, not one of its parts."""
        path: str = scope["path"]
        return (
            scope["method"] in ("GET", "HEAD")
            and not path.startswith((*_OURS, "/assets/", "/_"))
            and path != "/ping"  # a health check names no organization, and there may be none yet
            and "." not in path.rpartition("/")[2]
        )

    async def _elsewhere(self, scope: Scope, path: str) -> Response | None:
        """Where a visitor of a page for others is sent. Not for safety (pages are empty shells) but for clarity."""
        try:
            actor = await identity.of_token(requests.cookie(scope, sign_in.COOKIE), requests.header(scope, "host"))
        except NotFound as error:
            return plain.page(404, error.title, error.message)
        kind = self.kind_of(path)
        if kind is None or kinds.allows(kind, actor):
            return None
        return _see_other(_better(kind, actor, path, scope.get("query_string", b"").decode("latin-1")))

    def kind_of(self, path: str) -> Kind | None:
        """Who the page at an address is for; None when there is none."""
        wanted = path.rstrip("/") or "/"
        return next((kind for pattern, kind in self._routes if pattern.fullmatch(wanted)), None)

    def _find_page(self, scope: Scope) -> None:
        """Serve /login from login/index.html. Left alone, the static files would redirect to an absolute http:// URL."""
        path: str = scope["path"]
        if path.endswith("/") or ".." in path or "\x00" in path or path.startswith(_OURS):
            return
        if (self.built / "client" / path.lstrip("/") / "index.html").is_file():
            scope["path"] = path + "/"
            scope["raw_path"] = quote(path + "/").encode()

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = re.search(r"(?:^|&)token=([^&]*)", scope.get("query_string", b"").decode("latin-1"))
        if (
            not scope["path"].startswith(_SOCKET)
            or not self._is_same_origin(scope)
            or (token and not _TOKEN.fullmatch(token[1]))
        ):
            await _hang_up(receive, send)
            return
        cookie = requests.cookie(scope, sign_in.COOKIE)
        said = requests.cookie(scope, flash.COOKIE)
        try:
            await identity.of_token(cookie, requests.header(scope, "host"))
        except NotFound:
            await _hang_up(receive, send)
            return
        _strip(scope, keep_cookie=False)
        if said:
            scope["headers"].append((identity.FLASH_HEADER.encode(), said.encode("latin-1")))
        if not cookie:
            await self.app(scope, _Paced(receive).receive, send)
            return
        handle = identity.admit(cookie)
        scope["headers"].append((identity.SESSION_HEADER.encode(), handle.encode()))
        try:
            await self.app(scope, _Paced(receive).receive, send)
        finally:
            identity.leave(handle)

    @cached_property
    def policy(self) -> str:
        """What pages may load and run. Reflex evaluates what the server sends it (toasts, redirects), hence
        unsafe-eval; inline scripts run only with the hash the build wrote down."""
        hashes = _hashes(self.built / _HASHES)
        scripts = " ".join(hashes) if hashes else "'unsafe-inline'"
        return (
            f"default-src 'self'; script-src 'self' 'unsafe-eval' {scripts}; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
            "frame-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
        )


class _Dressed:
    """What goes out: every answer gets the headers it lacks."""

    def __init__(self, edge: Edge, scope: Scope, send: Send, body: "_Body", request: str) -> None:
        self._edge = edge
        self.request = request
        self._send = send
        self._body = body
        self._may_have_body = scope["method"] not in _SAFE
        self.path: str = scope["path"]
        self.status = 0
        self.has_begun = False

    async def send(self, message: Message) -> None:
        """ASGI, for the app. What it makes of a body that is too large is not heard: it may take it for a broken one."""
        if not self._body.is_too_large:
            await self.speak(message)

    async def speak(self, message: Message) -> None:
        """ASGI, for the edge itself."""
        if message["type"] == "http.response.start":
            self.has_begun, self.status = True, message["status"]
            if self._may_have_body:
                await self._body.drain()
            message["headers"] = headers = list(message.get("headers", ()))
            self._dress(headers)
        await self._send(message)

    def _dress(self, headers: Headers) -> None:
        """Add what is missing: bytes beside bytes, for every answer comes by here."""
        given = dict(headers)
        wanted = [*_DRESS]
        if settings.get().cookies_are_secure:
            wanted.append((b"strict-transport-security", b"max-age=31536000"))
        if not self._edge.is_development:
            is_page = given.get(b"content-type", b"").startswith(b"text/html")
            if self.status != 304:  # what has not changed keeps the policy it came with; browsers would replace it
                policy = self._edge.policy.encode() if is_page else b"default-src 'none'; frame-ancestors 'none'"
                wanted.append((b"content-security-policy", policy))
            wanted.append((b"cache-control", self._keeping()))
        if not _REPLACED.isdisjoint(given):
            headers[:] = [one for one in headers if one[0] not in _REPLACED]
        headers.extend(one for one in wanted if one[0] not in given)
        headers.append((b"x-request-id", self.request.encode()))

    def _keeping(self) -> bytes:
        if self.path.startswith(_OURS):
            return b"no-store"
        if self.path.startswith("/assets/") and self.status == 200:
            return b"public, max-age=31536000, immutable"  # their names carry a hash of their content
        return b"no-cache"  # a page of an older build would speak another language than this server


class _TooLarge(Exception):
    """More bytes came than allowed."""


class _Body:
    """A request's body, counted as it arrives: what it announces about its size is only a claim."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._size = 0
        self._is_whole = False
        self.is_too_large = False

    def is_announced_too_large(self, scope: Scope) -> bool:
        """Whether the request says itself that it is too large."""
        announced = requests.header(scope, "content-length")
        self.is_too_large = announced.isdigit() and int(announced) > self._most
        return self.is_too_large

    async def receive(self) -> Message:
        """ASGI.

        Raises:
            _TooLarge: more came than allowed.
        """
        message = await self._receive()
        self._is_whole = not message.get("more_body", False)
        if message["type"] == "http.request":
            self._size += len(message.get("body", b""))
            if self._size > self._most:
                self.is_too_large = True
                raise _TooLarge
        return message

    async def drain(self) -> None:
        """Read what is left of it, keeping nothing: who is answered while still sending sees a broken connection."""
        read = 0
        while not self._is_whole and read < _PATIENCE:
            message = await self._receive()
            read += len(message.get("body", b""))
            self._is_whole = not message.get("more_body", False)


class _Paced:
    """A websocket's messages, at a pace a person can have. Who sends more is made to wait, and hung up on in the end."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._left = float(_BURST)
        self._at = time.monotonic()
        self._delayed = 0

    async def receive(self) -> Message:
        """ASGI."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return message
        now = time.monotonic()
        self._left = min(_BURST, self._left + (now - self._at) * _PER_SECOND) - 1
        self._at = now
        if self._left > _BURST / 2:
            self._delayed = 0
        if self._left > 0:
            return message
        self._delayed += 1
        if self._delayed > _MOST_DELAYED:
            _logger.warning("socket_too_fast")
            return {"type": "websocket.disconnect", "code": 1008}
        await asyncio.sleep(1 / _PER_SECOND)
        return message


def _strip(scope: Scope, *, keep_cookie: bool) -> None:
    """Take away the headers only the edge may set, and before Reflex the cookie: it would end up in pickles and logs."""
    ours = {identity.SESSION_HEADER.encode(), identity.FLASH_HEADER.encode()}
    if not keep_cookie:
        ours |= {b"cookie", b"authorization"}
    scope["headers"] = [(name, value) for name, value in scope["headers"] if name.lower() not in ours]


def _most(scope: Scope) -> int:
    path = scope["path"].rstrip("/")
    if path == _MAIL:
        return inbound.LARGEST
    takes_files = path == "/files" or (scope["method"] == "POST" and _UPLOADS.fullmatch(path) is not None)
    return settings.get().attachment_max_bytes + _AROUND if takes_files else _BODY


def _kind_of(path: str) -> str:
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in ("api", "auth", "files", "health", "help-desk", "metrics", "assets") else "pages"


def _better(kind: Kind, actor: Actor, path: str, query: str) -> str:
    if actor.role is None:
        return f"{kinds.SIGN_IN}?next={quote(path + ('?' + query if query else ''), safe='/')}"
    return kinds.instead(kind, actor)


def _refuse(scope: Scope, status: int, title: str, text: str) -> Response:
    if "text/html" in requests.header(scope, "accept"):
        return plain.page(status, title, text)
    return errors.problem(status, title, text)


def _see_other(where: str) -> Response:
    return RedirectResponse(where, 303, headers={"Cache-Control": "no-store", "Vary": "Cookie"})


async def _hang_up(receive: Receive, send: Send) -> None:
    """Refuse a websocket before it is one: the client sees 403."""
    message = await receive()
    if message["type"] == "websocket.connect":
        await send({"type": "websocket.close", "code": 1008, "reason": ""})


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _hashes(file: Path) -> list[str]:
    """The hashes of the inline scripts: a list, or lists per page. None when the build wrote none."""
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return []
    lists = found.values() if isinstance(found, dict) else [found]
    each = {str(one).strip("'") for some in lists for one in (some if isinstance(some, list) else [])}
    return sorted(f"'{one}'" for one in each if re.fullmatch(r"sha(256|384|512)-[A-Za-z0-9+/=]+", one))
