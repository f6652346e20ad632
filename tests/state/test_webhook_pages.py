"""Settings > Webhooks on a served desk: the secret is shown once, a test is sent, a call repeated."""

import pytest

from helpdesk.jobs import webhooks as jobs
from helpdesk.state.admin.webhooks import Webhooks
from tests.hook_server import listening
from tests.served import Desk, desk  # noqa: F401 - a fixture
from tests.state.test_admin_pages import ADMIN, do, opened, play

pytestmark = pytest.mark.real_redis


def test_an_endpoint_is_made_tested_and_called_again(desk: Desk) -> None:  # noqa: F811
    with listening() as server:

        async def story() -> None:
            tab = await opened(desk, ADMIN, "/admin/webhooks?new=yes")
            await do(tab, Webhooks.save, sent={"name": "Chat", "address": "nowhere", "kinds-ticket.created": "on"})
            assert "address" in tab.value(Webhooks, "errors")
            said = await do(
                tab, Webhooks.save, sent={"name": "Chat", "address": server.address, "kinds-ticket.created": "on"}
            )
            assert "/admin/webhooks?webhook=" in said
            assert tab.value(Webhooks, "secret").startswith("whsec_")
            endpoint_id = tab.value(Webhooks, "endpoint")["id"]
            await do(tab, Webhooks.test, endpoint_id=endpoint_id)
            await tab.close()
            jobs.deliver(desk.cast.acme.id)
            again = await opened(desk, ADMIN, f"/admin/webhooks?webhook={endpoint_id}")
            assert again.value(Webhooks, "secret") == "", "shown once"
            assert again.value(Webhooks, "chosen") == ["ticket.created"]
            [call] = again.value(Webhooks, "calls")
            assert (call["what"], call["state"], call["status_code"]) == ("Test", "delivered", 200)
            await do(again, Webhooks.redeliver, call_id=call["id"])
            jobs.deliver(desk.cast.acme.id)
            assert len(server.heard) == 2
            await do(again, Webhooks.switch, endpoint_id=endpoint_id, is_active=False)
            assert again.value(Webhooks, "rows")[0]["is_active"] is False
            await do(again, Webhooks.delete, endpoint_id=endpoint_id)
            await again.close()

        play(story())
