"""Company, the past, unsaved changes, keys and focus, in a real browser."""

import re

from playwright.sync_api import Dialog, Page, expect

from tests.e2e.conftest import Desk, SignIn
from tests.e2e.test_story import _file


def _ticket(sign_in: SignIn, title: str) -> str:
    return _file(sign_in("rita@northwind.example", "/requests/new"), title, "Please help.")


def _open(sign_in: SignIn, email: str, ref: str) -> Page:
    page = sign_in(email, f"/agent?view=all&ticket={ref}")
    expect(page.locator("#composer-body")).to_be_visible()
    return page


def _asked(page: Page, *, accept: bool) -> list[str]:
    """What the page asks from now on, answered always alike."""
    questions: list[str] = []

    def answer(dialog: Dialog) -> None:
        questions.append(dialog.message)
        if accept:
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", answer)
    return questions


def test_two_agents_see_each_other_and_what_came_meanwhile_first(desk: Desk, sign_in: SignIn) -> None:
    ref = _ticket(sign_in, "Two at once")
    ada, max_ = _open(sign_in, "ada@acme.example", ref), _open(sign_in, "max@acme.example", ref)
    expect(ada.locator(".hd-company")).to_have_text("Max Manager is viewing")
    row = ada.locator(f'.hd-row[data-reference="{ref}"]')
    expect(row.locator(".hd-row-viewers")).to_be_visible()
    max_.locator("#composer-body").press_sequentially("I am on it")
    expect(ada.locator(".hd-company")).to_have_text("Max Manager is writing a reply…")
    expect(row).to_contain_text("Max is typing…")
    expect(ada.locator(".hd-composer-warning")).to_contain_text("Max Manager is writing to the customer")
    ada.locator("#composer-body").fill("Try this")
    ada.locator("#composer-body").press("Control+Enter")
    review = max_.get_by_role("button", name="Review new message")
    expect(review).to_be_visible()
    max_.locator("#composer-body").press("Control+Enter")  # the first one only shows what came
    expect(review).to_be_hidden()
    expect(max_.locator("#composer-body")).to_have_value("I am on it")
    max_.locator("#composer-body").press("Control+Enter")
    expect(max_.locator("#composer-body")).to_have_value("")
    max_.context.close()
    expect(ada.locator(".hd-company")).to_have_count(0)


def test_the_past_is_looked_at_by_keyboard_and_cannot_be_changed(desk: Desk, sign_in: SignIn) -> None:
    ref = _ticket(sign_in, "A long story")
    ada = _open(sign_in, "ada@acme.example", ref)
    ada.locator("#composer-body").fill("First words")
    ada.locator("#composer-body").press("Control+Enter")
    expect(ada.get_by_role("log")).to_contain_text("First words")
    ada.get_by_role("tab", name="History").click()
    slider = ada.get_by_role("slider", name="As it stood")
    slider.focus()
    ada.keyboard.press("Home")
    past = ada.get_by_role("region", name="The ticket as it stood")
    expect(past).to_contain_text("As it stood on")
    expect(past).not_to_contain_text("First words")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("filed the ticket"))
    expect(ada.locator("#composer-body")).to_be_hidden()
    expect(ada.get_by_role("tab", name="Details")).to_be_disabled()
    ada.keyboard.press("e")  # resolves nothing
    ada.keyboard.press("Escape")
    expect(past).to_have_count(0)
    expect(ada.get_by_role("slider", name="As it stood")).to_be_focused()
    expect(ada.get_by_role("button", name="Resolve")).to_be_visible()


def test_unsaved_changes_are_asked_about_on_every_way_out(desk: Desk, sign_in: SignIn) -> None:
    adam = sign_in("adam@acme.example", "/admin/tags")
    adam.get_by_role("link", name="New tag").first.click()
    name = adam.get_by_role("dialog").get_by_label("Name")
    name.fill("half done")
    questions = _asked(adam, accept=False)
    for number, leave in enumerate(
        (
            lambda: adam.keyboard.press("Escape"),
            lambda: adam.get_by_role("button", name="Close", exact=True).click(),
            lambda: adam.get_by_role("button", name="Cancel").click(),
            lambda: adam.mouse.click(20, 700),
            lambda: adam.go_back(wait_until="commit"),
        ),
        start=1,
    ):
        leave()
        adam.wait_for_timeout(150)
        assert len(questions) == number, questions
        expect(name).to_have_value("half done")
    adam.get_by_role("button", name="Save").click()
    expect(adam.get_by_role("dialog")).to_have_count(0)
    assert len(questions) == 5  # saving asks nothing


def test_a_link_asks_and_yes_leaves(desk: Desk, sign_in: SignIn) -> None:
    ada = sign_in("ada@acme.example", "/agent/new")
    ada.get_by_label("Subject").fill("Half a ticket")
    questions = _asked(ada, accept=True)
    ada.get_by_role("link", name="Cancel").click()
    ada.wait_for_url(re.compile(r"/agent(\?|$)"))
    assert questions == ["You have unsaved changes. Leave without saving them?"]


def test_focus_stays_on_its_row_when_the_list_changes_and_returns_after_a_dialog(desk: Desk, sign_in: SignIn) -> None:
    ref = _ticket(sign_in, "I keep the focus")
    ada = sign_in("ada@acme.example", "/agent?view=all")
    mine = ada.locator(f'.hd-row[data-reference="{ref}"] .hd-row-link')
    mine.focus()
    _ticket(sign_in, "I come above it")
    expect(ada.get_by_text("I come above it")).to_be_visible()
    expect(mine).to_be_focused()
    expect(ada.locator("[data-announce]")).to_have_text("1 new ticket")
    ada.keyboard.press("?")
    expect(ada.get_by_role("dialog")).to_be_visible()
    ada.keyboard.press("Escape")
    expect(ada.get_by_role("dialog")).to_have_count(0)
    expect(mine).to_be_focused()


def test_the_list_of_keys_is_that_of_the_page_and_single_keys_can_be_turned_off(desk: Desk, sign_in: SignIn) -> None:
    ref = _ticket(sign_in, "Keys")
    ada = _open(sign_in, "ada@acme.example", ref)
    ada.keyboard.press("?")
    keys = ada.get_by_role("dialog")
    for shown in ("Resolve and next", "Unassigned tickets", "Merge", "Send"):
        expect(keys.get_by_text(shown, exact=True)).to_be_visible()
    expect(keys.get_by_text("Settings", exact=True)).to_be_hidden()
    ada.keyboard.press("Escape")
    ada.goto(desk.url("/profile"))
    switch = ada.get_by_role("switch", name="Single keys")
    expect(switch).to_be_checked()
    switch.click()
    expect(ada.locator('[data-single-keys="off"]').first).to_be_attached()
    try:
        ada.goto(desk.url(f"/agent?view=all&ticket={ref}"))
        expect(ada.locator('[data-single-keys="off"]').first).to_be_attached()
        expect(ada.locator(".hd-row").first).to_be_visible()
        for key in ("?", "j", "r"):
            ada.keyboard.press(key)
        ada.wait_for_timeout(200)
        expect(ada.get_by_role("dialog")).to_have_count(0)
        assert ada.evaluate("document.activeElement.matches('.hd-row-link, textarea')") is False
    finally:
        ada.goto(desk.url("/profile"))
        ada.get_by_role("switch", name="Single keys").click()
        expect(ada.locator('[data-single-keys="on"]').first).to_be_attached()


def test_resolve_and_next_opens_the_one_below(desk: Desk, sign_in: SignIn) -> None:
    below, above = _ticket(sign_in, "Below"), _ticket(sign_in, "Above")
    ada = _open(sign_in, "ada@acme.example", above)
    ada.locator("body").press("Shift+E")
    ada.wait_for_url(re.compile(below))
