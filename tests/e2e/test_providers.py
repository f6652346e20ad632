"""The way in with another house's account, in a real browser: set up by the owner, taken by somebody new."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Desk, SignIn, keep
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, running

pytestmark = pytest.mark.e2e


def test_the_owner_adds_a_provider_and_somebody_new_comes_in(desk: Desk, sign_in: SignIn) -> None:
    with running(sub="nora", email="nora@northwind.example", name="Nora New") as provider:
        olga = sign_in("olga@acme.example", "/admin/providers?new=yes")
        olga.get_by_label("Kind").select_option("oidc")
        olga.get_by_label("Name").fill("Northwind ID")
        olga.get_by_label("Issuer").fill(provider.issuer)
        olga.get_by_label("Client ID").fill(CLIENT_ID)
        olga.get_by_label("Client secret").fill(CLIENT_SECRET)
        olga.get_by_role("button", name="Save").click()
        expect(olga.get_by_label("Redirect address", exact=True)).to_have_value(re.compile(r"/auth/oidc/\d+/callback$"))
        assert CLIENT_SECRET not in olga.content()
        olga.get_by_role("button", name="Test the connection").click()
        expect(olga.get_by_text("accepts the client ID and secret")).to_be_visible()
        keep(olga, "providers")
        olga.get_by_role("button", name="Put it on the sign-in page").click()
        expect(olga.get_by_role("button", name="Take it off the sign-in page")).to_be_visible()

        nora = sign_in("", "/login?next=/profile/security", timezone_id="Europe/Berlin")
        nora.get_by_role("link", name="Continue with Northwind ID").click()
        expect(nora.get_by_label("Your name")).to_have_value("Nora New")
        expect(nora.get_by_label("Time zone")).to_have_value("Europe/Berlin")
        keep(nora, "providers-welcome")
        nora.get_by_role("button", name="Go on").click()
        expect(nora.get_by_text("Linked accounts", exact=True)).to_be_visible()
        assert nora.url == desk.url("/profile/security")
        nora.get_by_role("button", name="Unlink Northwind ID").click()
        nora.get_by_role("button", name="Unlink", exact=True).click()
        expect(nora.get_by_text("This is your only way in")).to_be_visible()

    olga.get_by_role("button", name="Delete…").click()
    olga.get_by_role("button", name="Delete", exact=True).click()
    expect(olga.get_by_text("No providers yet")).to_be_visible()
