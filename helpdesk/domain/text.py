"""What people typed, made safe to show."""

import re
import unicodedata

import nh3
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).enable(
    ["table", "strikethrough"]
)
_TAGS = {
    "a", "b", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "hr", "i", "li", "ol", "p", "pre", "s",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}}
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer nofollow",
    clean_content_tags={"script", "style"},
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def to_html(markdown: str) -> str:
    """Markdown as sanitised HTML: no raw HTML, no scripts, no images, only safe links."""
    return _CLEANER.clean(_MARKDOWN.render(markdown))


def clean(text: str) -> str:
    """Text without control characters (the database refuses NUL) and without surrounding space; line ends as \\n."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def one_line(text: str) -> str:
    """Text as a single line, for titles and mail headers."""
    return " ".join(clean(text).split())


def excerpt(markdown: str, length: int = 140) -> str:
    """The beginning of a text as one plain line of at most `length` characters."""
    plain = one_line(re.sub(r"[*_`#>\[\]]+", "", markdown[: length * 4]))
    return plain if len(plain) <= length else plain[: length - 1].rstrip() + "…"


def slug(text: str) -> str:
    """Lower-case ASCII letters, digits and hyphens."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text.lower()).strip("-")
