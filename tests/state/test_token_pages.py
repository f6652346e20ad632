"""API tokens on a served desk: made, shown once, listed, revoked."""

import re

import pytest

from helpdesk.state.admin.api_tokens import ApiTokens
from helpdesk.state.tokens import Tokens
from tests.served import Desk
from tests.socket_client import event_name
from tests.state.test_account_pages import opened, play

pytestmark = pytest.mark.real_redis


def test_a_token_is_made_shown_once_and_revoked(desk: Desk) -> None:
    async def story() -> None:
        tab = await opened(desk, "rita@northwind.example", "/profile/tokens")
        offered = {one["value"] for one in tab.value(Tokens, "offered")}
        assert "ticket.create" in offered and "person.manage" not in offered
        await tab.send(event_name(Tokens.create), sent={"name": "Phone", "days": "30", "may-ticket.read": "on"})
        updates = await tab.quiet(0.5)
        said = " ".join(str(one.events) for one in updates)
        assert len(set(re.findall(r"hd_\d+_[\w-]{43}", said))) == 1
        assert not any(re.search(r"hd_\d+_", str(one.of(Tokens))) for one in updates)
        assert tab.value(Tokens, "made") == "Phone"
        (row,) = tab.value(Tokens, "rows")
        admin = await opened(desk, "adam@acme.example", "/admin/api-tokens")
        assert [one["owner"] for one in admin.value(ApiTokens, "rows")] == ["Rita Requester"]
        await tab.send(event_name(Tokens.revoke), token_id=row["id"])
        await tab.quiet(0.3)
        assert tab.value(Tokens, "rows") == []
        await tab.close()
        await admin.close()

    play(story())


def test_what_is_missing_is_said(desk: Desk) -> None:
    async def story() -> None:
        tab = await opened(desk, "ada@acme.example", "/profile/tokens")
        await tab.send(event_name(Tokens.create), sent={"name": "", "days": "30"})
        await tab.quiet(0.3)
        assert set(tab.value(Tokens, "errors")) == {"name", "permissions"}
        await tab.close()

    play(story())
