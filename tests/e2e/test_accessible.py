"""Every page there is, in both themes: nothing an accessibility checker calls serious, nothing that sticks out of a phone."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, TimeoutError

from helpdesk import app as desk_app
from helpdesk.pages.layout import PAGES
from helpdesk.state.kinds import Kind
from tests.e2e.conftest import Desk, SignIn

assert desk_app.app  # whoever imports the app has every page registered

WHO = {
    Kind.PUBLIC: "",
    Kind.SIGNED_IN: "rita@northwind.example",
    Kind.ENROLLING: "rita@northwind.example",
    Kind.CUSTOMER: "rita@northwind.example",
    Kind.STAFF: "ada@acme.example",
    Kind.MANAGER: "max@acme.example",
    Kind.ADMIN: "olga@acme.example",
}
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],
}
# The theme, too: it is put on after the page is there, and a checker in between sees the one's ink on the other's paper.
READY = """theme => document.documentElement.classList.contains(theme)
    && document.querySelector("main, [role=main]") && !document.querySelector("[class*=hd-skeleton]")"""


def _paths(reference: str) -> Iterator[tuple[str, str]]:
    """Who opens which address."""
    for page in PAGES:
        if page.route.startswith("/gallery"):
            continue
        path = re.sub(r"\[\w+\]", reference, page.route)
        yield WHO[page.kind], "/nowhere" if path == "404" else path
    yield WHO[Kind.STAFF], f"/agent?view=all&ticket={reference}"


def _serious(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_on_any_page(desk: Desk, sign_in: SignIn, theme: str) -> None:
    rita = sign_in("rita@northwind.example", "/requests/new")
    rita.locator("input[name=title]").fill(f"The display is {theme}")
    rita.locator("textarea[name=description]").fill("Since *today*.\n\n- one\n- two")
    rita.get_by_role("button", name="Send the request").click()
    reference = str(rita.get_by_role("link", name="Open the request").get_attribute("href")).rsplit("/", 1)[-1]
    people = {
        email: sign_in(email, "/", color_scheme=theme, reduced_motion="reduce") for email in sorted(set(WHO.values()))
    }
    wrong: list[str] = []
    for email, path in _paths(reference):
        page = people[email]
        page.goto(desk.url(path))
        try:
            page.wait_for_function(READY, arg=theme, timeout=15_000)
        except TimeoutError:
            wrong.append(f"{path} ({theme}): never finished loading")
        if _serious(page):
            # Colours and names may still be arriving; what is wrong stays wrong.
            page.wait_for_timeout(1500)
        wrong += [f"{path} ({theme}): {one}" for one in _serious(page)]
        page.set_viewport_size({"width": 390, "height": 844})
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            wrong.append(f"{path} ({theme}): sticks out sideways at 390 px")
        page.set_viewport_size({"width": 1440, "height": 900})
    assert not wrong, "\n".join(wrong)
