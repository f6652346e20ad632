"""A mail's words as they are shown: safe, folded, nothing lost; and what ties a mail to a ticket."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from helpdesk.adapters import signing
from helpdesk.domain import mail_threads
from helpdesk.domain.mail_html import Words, has_remote, pictures_in, words


def shown(markup: str = "", plain: str = "", **pictures: str) -> Words:
    """The words of a mail."""
    return words(plain, markup, pictures=pictures, remote=lambda address: "/files/remote/signed", most=10_000)


def test_nothing_that_runs_or_calls_home_gets_through() -> None:
    found = shown(
        '<script>alert(1)</script><style>p{color:red}</style><p onclick="x()" style="position:fixed">Hi</p><a href="javascript:x">a</a>'
        '<a href="/admin">b</a><form action="/x"><input name=y></form><svg onload=x></svg><iframe src="https://x.example"></iframe>'
        '<img src="https://far.example/p.png" srcset="https://far.example/q.png"><img src="https://far.example/1.gif" width=1 height=1>'
        '<img src="/files/7?show=true" data-remote="https://far.example/z.png"><img src="cid:unknown">'
    )
    for bad in ("script", "style", "onclick", "javascript", "/admin", "form", "svg", "iframe", "far.example", "srcset"):
        assert bad not in found.html
    assert has_remote(found.html) and found.html.count("data-remote") == 1


def test_pictures_within_are_shown_from_us() -> None:
    markup = '<p>See <img src="cid:a%401" alt="it"></p>'
    assert pictures_in(markup) == {"a%401"}
    assert 'src="/files/7?show=true"' in shown(markup, **{"a@1": "/files/7?show=true"}).html


@pytest.mark.parametrize(
    ("markup", "reply", "folded"),
    [
        ('<p>Yes.</p><div class="gmail_quote">On Mon Ada wrote:<blockquote>old</blockquote></div>', "Yes.", "old"),
        ("<p>Yes.</p><blockquote type=cite>old</blockquote>", "Yes.", "old"),
        ('<p>Yes.</p><div id="appendonsend"></div><div id="divRplyFwdMsg"><b>From:</b> Ada</div><div>old</div>', "Yes.", "old"),
        ('<p>Yes.</p><div id="Signature">Rita</div>', "Yes.", "Rita"),
        ("<div><p>Yes.</p><p>-- <br>Rita</p></div>", "Yes.", "Rita"),
        (
            "<p>Yes.</p><p>From: Ada &lt;a@b.example&gt;<br>Sent: Monday, 3 March 2025<br>To: Rita<br>Subject: x</p><p>old</p>",
            "Yes.", "old",
        ),
        ("<p>Yes.</p><p>Am Montag schrieb Ada &lt;ada@acme.example&gt;:</p><p>&gt; old</p>", "Yes.", "old"),
    ],
)  # fmt: skip
def test_what_is_quoted_folds_and_stays(markup: str, reply: str, folded: str) -> None:
    found = shown(markup)
    assert found.text == reply and folded in found.rest
    before, _, within = found.html.partition("<details")
    assert reply in before and folded in within and folded not in before


def test_who_only_hands_on_says_that() -> None:
    found = shown("<blockquote type=cite>The whole story</blockquote>")
    assert "The whole story" in found.text and "<details" not in found.html
    assert shown(plain="> all\n> quoted\n").text


def test_plain_text_is_shown_as_it_is() -> None:
    found = shown(plain="<b>Hi</b> https://x.example/a?b=1&c=2.\n\n-- \nRita")
    assert (
        "&lt;b&gt;Hi" in found.html and 'href="https://x.example/a?b=1&amp;c=2"' in found.html and "Rita" in found.rest
    )


@given(some.text(max_size=400), some.text(alphabet="<>/=\"' abdipqrtue:lockhv&;\n", max_size=300))
def test_whatever_comes_something_safe_is_shown(plain: str, markup: str) -> None:
    found = shown(markup, plain)
    assert "<script" not in found.html and "javascript:" not in found.html.lower().replace("javascript: ", "")


def test_stamps_say_what_we_signed_and_nothing_else() -> None:
    stamp = signing.stamp("reply-address", 7, 2**40, 0, 1)
    address = mail_threads.stamped("support+old@acme.example", stamp)
    assert len(address.partition("@")[0]) <= 64
    plain, found = mail_threads.unstamped(address.upper())
    assert plain == "support@acme.example" and signing.read_stamp("reply-address", found) == (7, 2**40, 0, 1)
    assert signing.read_stamp("another", stamp) is None
    for at in range(len(stamp)):
        changed = stamp[:at] + ("a" if stamp[at] != "a" else "b") + stamp[at + 1 :]
        assert signing.read_stamp("reply-address", changed) != (7, 2**40, 0, 1) or at == len(stamp) - 1


@given(some.text(max_size=80))
def test_no_text_is_a_stamp(text: str) -> None:
    assert signing.read_stamp("reply-address", text) is None


def test_subjects_as_titles() -> None:
    assert mail_threads.reference_in("Re: [ACME-7K3F9Q] Fire") == "ACME-7K3F9Q"
    assert mail_threads.reference_in("Re: [ACME-OOOOOO] Fire") == "" == mail_threads.reference_in("ACME-7K3F9Q")
    assert mail_threads.without_reference("AW: Re[2]: [ACME-7K3F9Q]  Fire") == "Fire"
