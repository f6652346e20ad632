"""A mail's words as they are shown: its HTML made safe, what was quoted and how people sign folded away, pictures from
within the mail served by us, pictures from elsewhere fetched only when somebody asks. Pure.

Folded, never deleted: everything that was in the mail is still there behind an ellipsis.
"""

import html as entities
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from helpdesk.domain.quoting import Folded, fold
from helpdesk.domain.text import clean

# Folded parts carry this class; pages draw it as an ellipsis.
QUOTE = "mail-quote"
REMOTE = "data-remote"
_LARGEST = 600_000
_TAGS = {
    "a", "abbr", "address", "b", "blockquote", "br", "caption", "center", "cite", "code", "dd", "del", "details", "div", "dl", "dt",
    "em", "figcaption", "figure", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p",
    "pre", "q", "s", "small", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead",
    "tr", "tt", "u", "ul",
}  # fmt: skip
_OURS = re.compile(r"/files/(?:remote/[\w.-]{1,4000}|\d{1,19}\?show=true)")
_NUMBER = re.compile(r"\d{1,4}")
_BLOCKS = frozenset(
    [
        "address",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
        "article",
        "header",
        "footer",
        "main",
    ]
)
_SILENT = frozenset({"head", "script", "style", "title", "template", "noscript"})
# Where programs put what they quote: the whole element, or everything from it on.
_QUOTES = (
    "blockquote[type=cite]", ".gmail_quote", ".yahoo_quoted", ".protonmail_quote", ".tutanota_quote", ".zmail_extra",
    "#OLK_SRC_BODY_SECTION", "#mail-editor-reference-message-container", "[name=quote]", ".moz-forward-container", ".ms-outlook-quote",
    "blockquote.gmail_quote", ".hey_quote", ".front-blockquote", ".WordSection1 blockquote", "blockquote[cite]", ".mail-quote",
    "[name=messageReplySection]", "[data-marker=__QUOTED_TEXT__]", ".moz-cite-prefix", "#reply-intro", ".airmail_on",
)  # fmt: skip
_FROM_HERE = (
    "#divRplyFwdMsg", "#appendonsend", "hr#stopSpelling", ".OutlookMessageHeader", "#x_divRplyFwdMsg", "#x_appendonsend", "hr#zwchr",
    "[data-marker=__HEADERS__]",
)  # fmt: skip
_SIGNATURES = (
    ".gmail_signature", "#Signature", ".moz-signature", "[data-smartmail=gmail_signature]", "#ms-outlook-mobile-signature",
    "#signature", ".protonmail_signature_block", ".signature", "#x_Signature", "[name=messageSignatureSection]", "#composer_signature",
    "#ymail_android_signature", "#ymail_ios_signature", ".gmail_signature_prefix", ".bloop_sign",
)  # fmt: skip
# Outlook's own: a line in one of its colours above "From: ...".
_LINE_ABOVE = (
    'div[style*="border-top:solid #E1E1E1"], div[style*="border-top:solid #B5C4DF"], div[style*="BORDER-TOP: #b5c4df"]'
)
_A_HEADER = re.compile(r"^\s*[^\W\d_]{2,15}(?: [^\W\d_]{2,10})?\s?[:：]")
# Asked for at once each: a walk through a tree per selector takes longer than everything else.
_ALL_FROM_HERE, _ALL_QUOTES, _ALL_SIGNATURES = ", ".join(_FROM_HERE), ", ".join(_QUOTES), ", ".join(_SIGNATURES)
_MARKS = ((_ALL_FROM_HERE, True), (_LINE_ABOVE, True), (_ALL_QUOTES, False), (_ALL_SIGNATURES, False))
_LONGEST_ADDRESS, _DEEPEST = 1500, 150
_CID = re.compile(r"cid:([^\"'\s>)]+)", re.IGNORECASE)
_TINY = frozenset({"0", "1", "2"})


@dataclass(frozen=True, slots=True)
class Words:
    """A mail's words.

    Args:
        text: what was written now, as plain text; all of it when nothing could be told apart.
        rest: what was quoted and how they sign.
        html: both, safe to show, the rest folded.
        is_only_quote: nothing was written now; `text` is what they handed on.
    """

    text: str
    rest: str
    html: str
    is_only_quote: bool = False

    @property
    def reply_html(self) -> str:
        """What was written now alone."""
        return _CLEANER.clean(_paragraphs(self.text))

    @property
    def whole(self) -> str:
        """Everything as plain text."""
        return f"{self.text}\n\n{self.rest}".strip() if self.rest else self.text


def words(plain: str, markup: str, *, pictures: Mapping[str, str], remote: Callable[[str], str], most: int) -> Words:
    """A mail's words from its plain and its HTML part, either of which may be missing.

    Args:
        pictures: Content-ID -> our address of a picture that came with it.
        remote: makes of the address of a picture elsewhere one of ours that fetches it.
        most: characters of text; what is longer is cut, for it is in the original as well.
    """
    tree, is_done, apart = None, False, ""
    if markup.strip():
        tree = LexborHTMLParser(markup[:_LARGEST].replace(_BEGIN, "").replace(_END, ""))
        is_done = tree.body is not None and _fold_marked(tree.body)
        if not plain.strip():
            told = _as_text(tree)
            # What programs have marked needs no guessing; in what is left people may still quote by hand.
            apart = "\n\n".join(part.strip(f"{_BEGIN}{_END}\n ") for part in _FOLDED.findall(told)).strip()
            plain = re.sub(r"\n{3,}", "\n\n", _FOLDED.sub("", told))
            is_done = False  # a program that marks a signature need not mark the quote
    by_hand = folded = fold(clean(plain)[: most * 2])
    if apart:
        folded = Folded(folded.reply, f"{folded.rest}\n\n{apart}".strip())
    is_only_quote = not folded.reply.strip()
    if is_only_quote:
        # Nothing of their own: a mail that was only handed on is what they want to say.
        folded = Folded(folded.rest)
    folded = Folded(folded.reply[:most], folded.rest[:most])
    shown = (
        _from_html(tree, folded, Folded("") if is_done else by_hand, pictures, remote)
        if tree is not None
        else _from_text(folded)
    )
    return Words(folded.reply, folded.rest, shown, is_only_quote)


def opened(found: Words, *, most: int) -> Words:
    """The same with nothing folded away: what somebody hands on is what they want to say."""
    return replace(
        found, text=found.whole[:most], rest="", html=found.html.replace("<details class=", "<details open class=")
    )


def pictures_in(markup: str) -> set[str]:
    """The Content-IDs a mail's HTML shows."""
    return {entities.unescape(one).strip("<>") for one in _CID.findall(markup)}


def has_remote(shown: str) -> bool:
    """Whether pictures from elsewhere are held back in it."""
    return f' {REMOTE}="' in shown


def _from_text(folded: Folded) -> str:
    return _CLEANER.clean(_paragraphs(folded.reply) + (_fold_of(_paragraphs(folded.rest)) if folded.rest else ""))


def _paragraphs(text: str) -> str:
    shown = []
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        lines = _LINK.sub(_linked, entities.escape(paragraph, quote=True)).replace("\n", "<br>")
        shown.append(f"<p>{lines}</p>")
    return "".join(shown)


_LINK = re.compile(r"https?://[^\s<>\"']{3,2000}")


def _linked(match: re.Match[str]) -> str:
    address = re.sub(r"(?:&gt;|&quot;|&#x27;|[.,;:!?)\]])+$", "", match[0])
    return f'<a href="{address}">{address}</a>{match[0][len(address) :]}'


def _fold_of(inner: str) -> str:
    return f"{_OPENS}{inner}{_CLOSES}"


_OPENS, _CLOSES = f'<details class="{QUOTE}"><summary title="Show what is quoted">…</summary>', "</details>"
# Where a fold begins and ends, as characters nobody writes: they are put into the tree as text, which is cheap.
_BEGIN, _END = "\ue0f0", "\ue0f1"
_TOUCHING = re.compile(f"{_END}(?:\\s|<br/?>|&nbsp;)*{_BEGIN}")
_FOLDED = re.compile(f"{_BEGIN}[^{_BEGIN}{_END}]*{_END}", re.DOTALL)


def _from_html(
    tree: LexborHTMLParser, folded: Folded, by_hand: Folded, pictures: Mapping[str, str], remote: Callable[[str], str]
) -> str:
    body = tree.body
    if body is None:
        return _from_text(folded)
    for picture in body.css("img"):
        _place(picture, pictures, remote)
    if by_hand.reply and by_hand.rest:
        _fold_found(body, by_hand)
    inner = body.inner_html or ""
    # A signature and the quote below it are one thing to look at, or not.
    inner = _TOUCHING.sub("", inner).replace(_BEGIN, _OPENS).replace(_END, _CLOSES)
    shown = _CLEANER.clean(inner)
    # HTML that says nothing, beside a plain part that does: some programs send that.
    is_empty = not shown or (not _SAID.search(shown) and "<img" not in shown)
    return _from_text(folded) if is_empty and folded.reply else shown


_SAID = re.compile(r">\s*[^<\s][^<]*<|^[^<]*\S")


def _fold_marked(body: LexborNode) -> bool:
    """Fold what programs mark as quoted or as a signature; whether there was any."""
    places: list[tuple[LexborNode, bool, bool]] = []
    taken: set[int] = set()
    for selectors, to_the_end in _MARKS:
        for node in body.css(selectors):
            if _is_inside(node, taken) or not (_text(node) or node.tag == "hr"):
                continue
            if selectors is _LINE_ABOVE:
                if not _A_HEADER.match(_text(node)):
                    continue
                while (
                    (parent := node.parent) is not None
                    and parent.mem_id != body.mem_id
                    and not any(map(_text, _siblings_before(node)))
                ):
                    node = parent
            taken.add(node.mem_id)
            if to_the_end:
                later: LexborNode | None = node
                while (later := later.next if later is not None else None) is not None:
                    taken.add(later.mem_id)
            places.append((node, to_the_end, selectors is _ALL_SIGNATURES))
    # A quote that was found before what holds it would be folded twice.
    places = [place for place in places if place[0].parent is None or not _is_inside(place[0].parent, taken)]
    if not places:
        return False
    said = len(_text(body))
    _fold_places((node, ends) for node, ends, is_signature in places if not is_signature)
    if _is_answered_between(_text(body)):
        _open(body)
        return True
    _fold_places((node, ends) for node, ends, is_signature in places if is_signature)
    outside = _FOLDED.sub("", _text(body))
    if said and not outside.strip(" \xa0-—_"):
        # Nothing besides: it is what they want to say, and stays open.
        _open(body)
    return True


def _fold_places(places: Iterable[tuple[LexborNode, bool]]) -> None:
    for node, to_the_end in places:
        parent = node.parent
        node.insert_before(_BEGIN)
        if to_the_end and parent is not None:
            parent.insert_child(_END)
        else:
            node.insert_after(_END)


def _open(body: LexborNode) -> None:
    """Take all folds away again."""
    for node in list(body.traverse(include_text=True)):
        if node.is_text_node and (node.text_content or "") in (_BEGIN, _END):
            node.decompose()


def _is_answered_between(told: str) -> bool:
    """Whether somebody answers piece by piece: quotes with words below each. Without them nobody would know what is answered."""
    quotes = re.split(f"{_BEGIN}[^{_BEGIN}{_END}]*{_END}", told)
    return len(quotes) > 2 and sum(len(one.strip(" \xa0-—_")) > 0 for one in quotes[1:]) >= 2


def _is_inside(node: LexborNode, taken: set[int]) -> bool:
    inner: LexborNode | None = node
    while inner is not None:
        if inner.mem_id in taken:
            return True
        inner = inner.parent
    return False


def _fold_found(body: LexborNode, folded: Folded) -> None:
    """Fold what no program has marked: from where the text's own rest begins."""
    first = _squeezed(folded.rest.split("\n", 1)[0])[:60]
    last = _squeezed(folded.reply.rsplit("\n", 1)[-1])[-60:]
    if not first or not last:
        return
    before, depth = "", 0
    nodes = [node for node in body.traverse(include_text=True) if node.is_text_node]
    for number, node in enumerate(nodes):
        content = node.text_content or ""
        if content in (_BEGIN, _END):
            depth += 1 if content == _BEGIN else -1
            continue
        told = _squeezed(content)
        if depth == 0 and told and first.startswith(told[:60]) and last in before:
            for later in nodes[number + 1 :]:
                if (later.text_content or "") in (_BEGIN, _END):
                    later.decompose()  # they are within this fold now
            _fold_from(body, node)
            return
        before = (before + told)[-4000:]


def _fold_from(body: LexborNode, node: LexborNode) -> None:
    """Fold a place and all that follows it, level by level up to the body."""
    while node.parent is not None and node.mem_id != body.mem_id:
        parent = node.parent
        if parent.mem_id == body.mem_id or any(_text(one) for one in _siblings_before(node)):
            break
        node = parent
    node.insert_before(_BEGIN)
    level = node.parent
    if level is None:
        return
    level.insert_child(_END)
    while level.mem_id != body.mem_id and (parent_ := level.parent) is not None:
        after = level.next
        if after is not None and any(_text(one) for one in _siblings_from(after)):
            after.insert_before(_BEGIN)
            parent_.insert_child(_END)
        level = parent_


def _siblings_before(node: LexborNode) -> list[LexborNode]:
    found, one = [], node.prev
    while one is not None:
        found.append(one)
        one = one.prev
    return found


def _siblings_from(node: LexborNode) -> list[LexborNode]:
    found: list[LexborNode] = []
    one: LexborNode | None = node
    while one is not None:
        found.append(one)
        one = one.next
    return found


def _text(node: LexborNode) -> str:
    return " ".join(((node.text_content if node.is_text_node else node.text(deep=True)) or "").split())


def _squeezed(text: str) -> str:
    return re.sub(r"[\s>\xa0*_]+", "", text)


def _place(picture: LexborNode, pictures: Mapping[str, str], remote: Callable[[str], str]) -> None:
    """Have a picture come from us: one that came along, or, when somebody asks for it, one from elsewhere."""
    attributes = picture.attributes
    source = (attributes.get("src") or "").strip()
    for name in ("srcset", REMOTE, "src"):
        if name in attributes:
            del picture.attrs[name]
    if source.lower().startswith("cid:"):
        if ours := pictures.get(unquote(source[4:]).strip("<>")) or pictures.get(source[4:].strip("<>")):
            picture.attrs["src"] = ours
        return
    is_pixel = attributes.get("width") in _TINY or attributes.get("height") in _TINY
    if source.lower().startswith(("https://", "http://")) and not is_pixel and len(source) <= _LONGEST_ADDRESS:
        picture.attrs[REMOTE] = remote(source)


def _as_text(tree: LexborHTMLParser) -> str:
    """HTML as plain text, for whoever searches, quotes or reads it in a mail."""
    body = tree.body
    if body is None:
        return ""
    out: list[str] = []
    _tell(body, out, 0)
    lines = "".join(out).replace("\xa0", " ").split("\n")
    text = "\n".join(" ".join(line.split()) for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _tell(node: LexborNode, out: list[str], depth: int) -> None:
    child = node.first_child
    while child is not None:
        if child.is_text_node:
            out.append(re.sub(r"\s+", " ", child.text_content or ""))
        elif child.is_element_node and (tag := child.tag or "") not in _SILENT and depth < _DEEPEST:
            if tag == "br":
                out.append("\n")
            elif tag == "blockquote":
                inner: list[str] = []
                _tell(child, inner, depth + 1)
                told = "".join(inner).strip()
                if told.startswith(_BEGIN):
                    out.append(told)
                    child = child.next
                    continue
                out.append("\n" + "\n".join(f"> {line.strip()}" for line in told.split("\n")) + "\n")
            elif tag == "li":
                out.append("\n- ")
                _tell(child, out, depth + 1)
            elif tag in _BLOCKS:
                out.append("\n\n" if tag == "p" else "\n")
                _tell(child, out, depth + 1)
                out.append("\n\n" if tag == "p" else "\n")
            else:
                _tell(child, out, depth + 1)
                if tag in ("td", "th"):
                    out.append(" ")
        child = child.next


def _kept(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name in ("src", REMOTE):
        return value if _OURS.fullmatch(value) else None
    if name in ("width", "height", "colspan", "rowspan"):
        return value if _NUMBER.fullmatch(value) else None
    if name == "class":
        return value if value == QUOTE and tag == "details" else None
    if tag == "a" and name == "href":
        return value if value.lower().startswith(("http://", "https://", "mailto:", "tel:")) else None
    return value


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes={
        "a": {"href", "title"}, "img": {"src", "alt", "title", "width", "height", REMOTE}, "details": {"class"}, "summary": {"title"},
        "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "ol": {"start"},
    },
    attribute_filter=_kept, url_schemes={"http", "https", "mailto", "tel"}, link_rel="noopener noreferrer nofollow",
    clean_content_tags={"script", "style", "title", "template", "noscript", "object", "iframe", "head"},
)  # fmt: skip
