"""A program that talks to the API inside the test process, on the cast's database, behind the edge."""

import asyncio
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from helpdesk import rate_limit, settings
from helpdesk.api import app
from helpdesk.api.asgi import Edge
from helpdesk.domain.people import Actor
from helpdesk.services import catalog, organizations, unit_of_work
from helpdesk.state import identity
from tests.cast import PASSWORD, Cast


class Program:
    """Somebody's program; without a token nobody's."""

    def __init__(self, edge: Edge, token: str = "", host: str = "acme.localhost") -> None:
        self.edge, self.token, self.host = edge, token, host

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request; the path from /api/v1 on."""
        headers = {"Host": self.host} | more.pop("headers", {})
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        address = path if path.startswith(("/api", "/help-desk", "/health", "/metrics")) else f"/api/v1{path}"

        async def play() -> httpx.Response:
            transport = httpx.ASGITransport(self.edge, raise_app_exceptions=False)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{self.host}") as client:
                return await client.request(method, address, headers=headers, **more)

        return asyncio.run(play())

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Read."""
        return self.ask("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> httpx.Response:
        """Do."""
        return self.ask("POST", path, json=json, **more)

    def signed_in(self, email: str, password: str = PASSWORD) -> "Program":
        """The same with an access token."""
        answer = self.post("/auth/login", {"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        return Program(self.edge, answer.json()["access_token"], self.host)


@cache
def _api() -> FastAPI:
    """Putting all routes together takes a second: once will do."""
    return app.build()


@pytest.fixture
def program(cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Program]:
    """A program without a token, at Acme's address, that may ask as often as it likes."""
    for name in ("API_REQUESTS_PER_MINUTE", "API_ANONYMOUS_PER_MINUTE", "SIGN_IN_TRIES_PER_MINUTE"):
        monkeypatch.setenv(name, "1000000")
    settings.get.cache_clear()
    rate_limit.forget()
    identity._beliefs.clear()
    yield Program(Edge(_api(), routes=[], built=tmp_path))  # type: ignore[arg-type]
    monkeypatch.undo()
    settings.get.cache_clear()
    identity._beliefs.clear()
    catalog._kept.clear()
    organizations._known.clear()


def as_(actor: Actor, verb: Any, *args: Any, **kwargs: Any) -> Any:
    """A verb called as somebody."""
    return unit_of_work.run(actor, verb, *args, **kwargs)
