"""One's account in a real browser: a picture, a second factor, the way in with it."""

import base64
import re

import pytest
from playwright.sync_api import expect

from helpdesk import clock
from helpdesk.domain import one_time_codes
from tests.cast import PASSWORD
from tests.e2e.conftest import ROOT, Desk, SignIn, keep

pytestmark = pytest.mark.e2e


def test_a_picture_is_cut_small_and_shown(sign_in: SignIn) -> None:
    zoe = sign_in("zoe@home.example", "/profile")
    zoe.set_input_files("[data-picture-input]", ROOT / "docs" / "screens" / "portal.png")
    expect(zoe.locator(".hd-portal-me .hd-avatar-picture")).to_be_visible()
    assert zoe.locator(".hd-portal-me .hd-avatar-picture").evaluate("image => image.naturalWidth") == 256
    zoe.set_input_files("[data-picture-input]", ROOT / "README.md")
    expect(zoe.get_by_text("no picture browsers can show")).to_be_visible()
    keep(zoe, "account-profile")


def test_a_second_factor_is_set_up_and_asked_for(desk: Desk, sign_in: SignIn) -> None:
    tom = sign_in("tom@acme.example", "/profile/security")
    tom.get_by_role("button", name="Set it up").click()
    tom.get_by_role("button", name="Show the code").click()
    expect(tom.get_by_alt_text("QR code for your authenticator app")).to_be_visible()
    expect(tom.get_by_label("Code", exact=True)).to_be_focused()
    keep(tom, "account-two-factor")
    secret = base64.b32decode(tom.locator("code[data-once=key]").inner_text().replace(" ", ""))
    tom.get_by_label("Code", exact=True).fill(one_time_codes.code(secret, one_time_codes.step(clock.now())))
    tom.get_by_role("button", name="Turn it on").click()
    expect(tom.get_by_label("Recovery codes")).to_be_visible()
    codes = tom.get_by_label("Recovery codes").inner_text().split()
    tom.get_by_role("button", name="I have kept them").click()
    expect(tom.get_by_text("10 recovery codes left.")).to_be_visible()
    assert codes[0] not in tom.content()

    other = sign_in("", "/login?next=/profile/security")
    other.fill("input[name=email]", "tom@acme.example")
    other.fill("input[name=password]", PASSWORD)
    other.press("input[name=password]", "Enter")
    recovery = other.get_by_role("link", name="Use a recovery code")
    expect(recovery).to_have_attribute("href", re.compile("next="))
    recovery.click()
    other.get_by_label("Recovery code").fill(codes[0])
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_text("9 recovery codes left.")).to_be_visible()
    expect(other.get_by_text("This one")).to_be_visible()
    assert other.url == desk.url("/profile/security")
