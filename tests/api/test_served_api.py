"""The API on a served desk: over a real socket, with a real Redis, beside the pages."""

import asyncio

import aiohttp
import pytest

from tests.cast import PASSWORD
from tests.served import Desk

pytestmark = pytest.mark.real_redis


def test_a_program_works_beside_the_pages(desk: Desk) -> None:
    async def story() -> None:
        host = {"Host": f"acme.localhost:{desk.port}"}
        base = f"{desk.dial}/api/v1"
        async with aiohttp.ClientSession(headers=host) as session:
            answer = await session.post(f"{base}/auth/login", json={"email": "ada@acme.example", "password": PASSWORD})
            pair = await answer.json()
            assert answer.headers["Cache-Control"] == "no-store"
            bearer = {"Authorization": f"Bearer {pair['access_token']}"}
            body = {"subject": "Over a socket", "description": "Text"}
            answer = await session.post(
                f"{base}/tickets", json=body, headers=bearer | {"Origin": "https://elsewhere.example"}
            )
            assert answer.status == 201
            assert answer.headers["X-Request-ID"] and "access-control-allow-origin" not in answer.headers
            where = f"http://127.0.0.1:{desk.port}{answer.headers['Location']}"
            assert (await (await session.get(where, headers=bearer)).json())["title"] == "Over a socket"
            for path in ("/help-desk/tickets", "/api/tickets/tickets/", "/api/v1/support/tickets"):
                listed = await (await session.get(desk.dial + path, headers=bearer)).json()
                assert [one["title"] for one in listed["results"]] == ["Over a socket"], path
            assert (await session.get(f"{desk.dial}/help-desk/nothing", headers=bearer)).status == 404
            assert (await session.get(f"{desk.dial}/api/docs")).status == 200
            assert (await session.get(f"{desk.dial}/health/live")).status == 200
            ready = await (await session.get(f"{desk.dial}/health/ready")).json()
            assert ready["checks"]["redis"] and ready["checks"]["database"]
            assert "helpdesk_requests_total" in await (await session.get(f"{desk.dial}/metrics")).text()
            assert (await session.post(f"{base}/auth/logout", headers=bearer)).status == 204
            assert (await session.get(f"{base}/me", headers=bearer)).status == 401
            codes = [(await session.get(f"{base}/me")).status for _ in range(33)]
            assert codes[0] == 401 and codes[-1] == 429
            assert int((await session.get(f"{base}/me")).headers["Retry-After"]) >= 1

    asyncio.run(asyncio.wait_for(story(), 40))
