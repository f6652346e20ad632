"""A browser without a browser: Reflex's websocket protocol by hand, for hostile tests and for load.

    async with SocketClient("http://acme.localhost:3000", cookie=token) as page:
        await page.open("/agent")                         # what a browser sends when a page loads
        await page.send(event_name(Me.set_theme), theme="dark")
        delta = await page.until(lambda update: "Me" in str(update.delta))

It speaks engine.io 4 (`0` open, `2` ping, `3` pong, `4` message) and socket.io (`0` connect, `2` event) on one socket.
"""

import asyncio
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import reflex as rx
from reflex_base.event import EventHandler
from reflex_base.utils.format import format_event_handler

COOKIE = "helpdesk_session"
NAMESPACE = "/_event"
ROOT = "reflex___state____state"
HYDRATE = f"{ROOT}.hydrate_and_load"
ON_LOAD = f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal"


class Refused(Exception):
    """The server did not open the websocket; carries the status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"refused with {status}")
        self.status = status


@dataclass(frozen=True)
class Update:
    """What the server sent at once: changed vars by state, and events for the browser to run."""

    delta: dict[str, dict[str, Any]]
    events: list[dict[str, Any]]
    seconds: float = 0.0  # on the loop's clock

    def of(self, state: type[rx.State]) -> dict[str, Any]:
        """The changed vars of a state, by their Python names."""
        return {
            name.removesuffix("_rx_state_"): value for name, value in self.delta.get(state.get_full_name(), {}).items()
        }


@dataclass
class SocketClient:
    """One tab.

    Args:
        address: where the desk is, scheme and host; `connect_to` says which address really to dial (several hosts live
            behind one in tests).
        cookie: the session cookie's value; a visitor without.
        token: the tab's token, which browsers keep in their session storage; a new one by default.
    """

    address: str
    cookie: str = ""
    token: str = field(default_factory=lambda: str(uuid.uuid4()))
    connect_to: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    origin: str | None = None
    path: str = "/"
    updates: list[Update] = field(default_factory=list)
    vars: dict[str, dict[str, Any]] = field(default_factory=dict)
    frames: list[str] = field(default_factory=list)
    keep_frames: bool = False
    _asked_at: int | None = None  # how many updates had come when something was last asked for

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def connect(self) -> None:
        """Open the websocket.

        Raises:
            Refused: the server would not.
        """
        host = urlsplit(self.address).netloc
        url = (self.connect_to or self.address).replace("http", "ws", 1)
        headers = {"Host": host, "Origin": self.origin or self.address, **self.headers}
        if self.cookie:
            headers["Cookie"] = f"{COOKIE}={self.cookie}"
        self._session = aiohttp.ClientSession()
        self._news = asyncio.Condition()
        try:
            self._socket = await self._session.ws_connect(
                f"{url}/_event/?EIO=4&transport=websocket&token={self.token}", headers=headers, max_msg_size=0
            )
        except aiohttp.WSServerHandshakeError as error:
            await self._session.close()
            raise Refused(error.status) from None
        self._is_connected = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    async def open(self, path: str = "/", *, wait: bool = True) -> None:
        """Load a page as a browser does: hydrate, then the page's loading handlers.

        Args:
            wait: until the page is hydrated (all its loading handlers have run).
        """
        self.path = path
        boot = self._event(HYDRATE, {})
        if not self._is_connected.is_set():
            await self._socket.send_str(f"40{NAMESPACE}," + json.dumps({"event": boot}))
            await asyncio.wait_for(self._is_connected.wait(), 10)
        else:
            await self._send(boot)
        if wait:
            await self.until(lambda update: self._is_hydrated())

    async def navigate(self, path: str) -> None:
        """Go to another page without loading anew."""
        self.path = path
        await self.send(ON_LOAD)

    async def send(self, name: str, /, **payload: Any) -> None:
        """Call a handler by its full name, with anything."""
        if not self._is_connected.is_set():
            await self._socket.send_str(f"40{NAMESPACE},")
            await asyncio.wait_for(self._is_connected.wait(), 10)
        await self._send(self._event(name, payload))

    async def until(self, is_it: Callable[[Update], bool], *, seconds: float = 15.0) -> Update:
        """The next update (or one already here, unseen by an earlier `until`) that satisfies `is_it`.

        Raises:
            TimeoutError: none came.
        """
        seen = 0
        async with asyncio.timeout(seconds), self._news:
            while True:
                for update in self.updates[seen:]:
                    seen += 1
                    if is_it(update):
                        del self.updates[:seen]
                        self._asked_at = None
                        return update
                await self._news.wait()

    async def quiet(self, seconds: float = 0.3) -> list[Update]:
        """What came until nothing more comes for a while; forgotten afterwards. What was asked for is given some time to
        begin: on a busy machine an answer may take longer than a quiet moment."""
        for _ in range(100):
            if self._asked_at is None or len(self.updates) > self._asked_at:
                break
            await asyncio.sleep(0.02)
        self._asked_at = None
        while True:
            before = len(self.updates)
            await asyncio.sleep(seconds)
            if len(self.updates) == before:
                found, self.updates = list(self.updates), []
                return found

    def value(self, state: type[rx.State], name: str) -> Any:
        """What the browser would show of a var."""
        return self.vars.get(state.get_full_name(), {}).get(f"{name}_rx_state_")

    async def close(self) -> None:
        """Close the tab."""
        self._reader.cancel()
        await self._socket.close()
        await self._session.close()

    @property
    def is_closed(self) -> bool:
        """Whether the server hung up."""
        return self._socket.closed

    def _is_hydrated(self) -> bool:
        return bool(self.vars.get(ROOT, {}).get("is_hydrated_rx_state_"))

    def _event(self, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        return {
            "name": name,
            "payload": payload,
            "router_data": {"pathname": parts.path, "asPath": self.path, "query": query},
        }

    async def _send(self, event: dict[str, Any]) -> None:
        self._asked_at = len(self.updates)
        await self._socket.send_str(f"42{NAMESPACE}," + json.dumps(["event", event]))

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            text: str = message.data
            if self.keep_frames:
                self.frames.append(text)
            if text == "2":
                await self._socket.send_str("3")
            elif text.startswith(f"40{NAMESPACE}"):
                self._is_connected.set()
            elif text.startswith(f"42{NAMESPACE},"):
                await self._take(json.loads(text[len(f"42{NAMESPACE},") :]))

    async def _take(self, message: list[Any]) -> None:
        kind, body = message[0], message[1] if len(message) > 1 else None
        if kind == "new_token":
            self.token = body
        if kind != "event":
            return
        update = Update(body.get("delta") or {}, body.get("events") or [], asyncio.get_running_loop().time())
        for state, values in update.delta.items():
            self.vars.setdefault(state, {}).update(values)
        async with self._news:
            self.updates.append(update)
            self._news.notify_all()
        for event in update.events:
            # What a browser does with an event that is not its own: send it to the server (a bounce).
            if not event["name"].startswith("_"):
                await self._send(self._event(event["name"], event.get("payload") or {}))


def event_name(handler: EventHandler) -> str:
    """The name under which a browser calls a handler."""
    return format_event_handler(handler)


async def sign_in(address: str, email: str, password: str, *, connect_to: str = "") -> str:
    """Sign in as the form does; returns the cookie's value, empty when refused."""
    host = urlsplit(address).netloc
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.post(
            f"{connect_to or address}/auth/sign-in",
            data={"email": email, "password": password},
            headers={"Host": host, "Origin": address},
            allow_redirects=False,
        ) as answer,
    ):
        for line in answer.headers.getall("Set-Cookie", []):
            if (morsel := SimpleCookie(line).get(COOKIE)) is not None:
                return morsel.value
        return ""
