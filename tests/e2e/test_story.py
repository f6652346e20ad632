"""The story everything stands on, in real browsers: filed, routed, seen live, answered, resolved, rated."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Desk, SignIn, keep

pytestmark = pytest.mark.e2e


def test_a_request_reaches_the_queue_and_comes_back_solved(desk: Desk, sign_in: SignIn) -> None:
    ada, max_ = sign_in("ada@acme.example", "/agent?view=open"), sign_in("max@acme.example", "/agent?view=open")
    rita = sign_in("rita@northwind.example", "/requests/new")

    ref = _file(rita, "The printer on floor 3 burns", "Flames come out of tray 2.")
    # Both queues change by themselves: no reload, no click. It went to Ada or Max, who are both available.
    for page in (ada, max_):
        expect(page.get_by_role("link", name="The printer on floor 3 burns")).to_be_visible()
    keep(max_, "story-queue")

    rita.goto(desk.url(f"/requests/{ref}"))
    ada.goto(desk.url(f"/agent?view=open&ticket={ref}"))
    max_.goto(desk.url(f"/agent?view=open&ticket={ref}"))
    expect(max_.get_by_role("heading", name="The printer on floor 3 burns")).to_be_visible()

    _write(ada, "n", "She is a **VIP**, hurry.")
    expect(max_.get_by_text("VIP, hurry")).to_be_visible()

    _write(ada, "r", "Please use the *blue* extinguisher.")
    expect(max_.get_by_text("extinguisher")).to_be_visible()
    expect(rita.get_by_text("extinguisher")).to_be_visible()
    assert "VIP" not in rita.content(), "customers never see a note"
    keep(ada, "story-ticket")

    _key(ada, "e")
    expect(rita.get_by_role("button", name="Still a problem")).to_be_visible()
    keep(rita, "story-solved")

    rita.get_by_role("button", name="Still a problem").click()
    expect(ada.locator(".hd-context").get_by_text("Reopened")).to_be_visible()
    _write(ada, "r", "We have replaced it.")
    _key(ada, "e")

    rita.goto(desk.url(f"/requests/{ref}?rate=1"))
    rita.locator("label", has=rita.locator("input[name=score][value='5']")).click()
    rita.get_by_role("button", name="Send the rating").click()
    expect(ada.get_by_text("Rating")).to_be_visible()


def test_the_queue_learns_of_a_ticket_within_a_blink(desk: Desk, sign_in: SignIn) -> None:
    ada, rita = sign_in("ada@acme.example", "/agent?view=open"), sign_in("rita@northwind.example", "/requests/new")
    expect(ada.locator(".hd-row, .hd-empty").first).to_be_visible()
    ada.evaluate(
        """() => { window.seen = 0; new MutationObserver(() => {
            if (!window.seen && document.body.innerText.includes("Quick as a blink")) window.seen = Date.now();
        }).observe(document.body, {childList: true, subtree: true, characterData: true}); }"""
    )
    _file(rita, "Quick as a blink", "How long does it take?")
    ada.wait_for_function("() => window.seen > 0")


def test_customers_cannot_open_staff_pages(desk: Desk, sign_in: SignIn) -> None:
    rita = sign_in("rita@northwind.example", "/agent")
    expect(rita.locator(".hd-row")).to_have_count(0)
    assert "/agent" not in rita.url or rita.get_by_text(re.compile("not for|may not|sign in", re.I)).count()


def test_visitors_are_sent_to_the_door_and_back(desk: Desk, sign_in: SignIn) -> None:
    page = sign_in("", "/agent?view=all")
    assert "/login" in page.url and "next=" in page.url


def test_another_organization_sees_nothing(desk: Desk, sign_in: SignIn) -> None:
    rita = sign_in("rita@northwind.example", "/requests/new")
    ref = _file(rita, "Only for Acme", "Nobody else may read this.")
    eve = sign_in("eve@evil.example", f"/agent?ticket={ref}", organization="evil")
    expect(eve.get_by_text("There is no such ticket")).to_be_visible()
    assert "Only for Acme" not in eve.content()


def test_keyboard_alone_walks_the_list(desk: Desk, sign_in: SignIn) -> None:
    rita = sign_in("rita@northwind.example", "/requests/new")
    _file(rita, "First of two", "One.")
    ada = sign_in("ada@acme.example", "/agent?view=all")
    expect(ada.locator(".hd-row").first).to_be_visible()
    ada.locator("body").press("j")
    ada.keyboard.press("Enter")
    ada.wait_for_url(re.compile("ticket="))
    ada.locator("body").press("?")
    expect(ada.get_by_role("dialog")).to_contain_text("Keyboard shortcuts")
    ada.keyboard.press("Escape")
    ada.keyboard.press("/")
    ada.keyboard.type("first of two")
    ada.wait_for_url(re.compile("text=first"))


@pytest.mark.parametrize("width", [1440, 1024])
def test_keys_reach_what_lies_in_another_tab_or_in_the_drawer(desk: Desk, sign_in: SignIn, width: int) -> None:
    rita = sign_in("rita@northwind.example", "/requests/new")
    ref = _file(rita, "Keys everywhere", "One.")
    ada = sign_in("ada@acme.example", f"/agent?view=all&ticket={ref}")
    ada.set_viewport_size({"width": width, "height": 900})
    expect(ada.locator(".hd-ticket-title")).to_have_text("Keys everywhere")
    if width >= 1280:
        ada.get_by_role("tab", name="Customer").click()
    _key(ada, "p")
    ada.get_by_role("menuitem", name="Urgent").click()
    expect(ada.get_by_label("Details", exact=True).get_by_role("button", name="Priority")).to_contain_text("Urgent")
    expect(ada.get_by_role("menu")).to_have_count(0)
    ada.keyboard.press("Escape")
    if width >= 1280:
        ada.get_by_role("tab", name="History").click()
    else:
        expect(ada.locator(".hd-pane-scrim")).to_be_hidden()
    _key(ada, "i")
    expect(ada.get_by_text("assigned").first).to_be_attached()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1280, 1920])
def test_the_workspace_fits(desk: Desk, sign_in: SignIn, width: int, theme: str) -> None:
    ada = sign_in("ada@acme.example", "/agent?view=all", color_scheme=theme)
    ada.set_viewport_size({"width": width, "height": 900})
    expect(ada.locator(".hd-row, .hd-empty").first).to_be_visible()
    assert ada.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out sideways"
    keep(ada, f"workspace-{width}-{theme}")


def _file(page: Page, title: str, description: str) -> str:
    page.locator("input[name=title]").fill(title)
    page.locator("textarea[name=description]").fill(description)
    page.get_by_role("button", name="Send the request").click()
    link = page.get_by_role("link", name="Open the request")
    expect(link).to_be_visible()
    return str(link.get_attribute("href")).rsplit("/", 1)[-1]


def _write(page: Page, key: str, text: str) -> None:
    _key(page, key)
    expect(page.locator("#composer-body")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Control+Enter")
    # Emptied once it was sent.
    until = time.monotonic() + 10
    while page.locator("#composer-body").input_value() and time.monotonic() < until:
        page.wait_for_timeout(50)
    assert page.locator("#composer-body").input_value() == ""


def _key(page: Page, key: str) -> None:
    """Press a single key outside of any field."""
    page.locator(".hd-ticket-title").click()
    page.keyboard.press(key)
