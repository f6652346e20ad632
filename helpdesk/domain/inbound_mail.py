"""A mail as it came, understood: who, what about, which words, which files. Never refuses: what is broken is read as far as it goes.

The standard library takes a message apart; what is here is what real mail adds: charsets that lie or are missing, names
in headers encoded twice or not at all, parts that claim to be something else.
"""

import base64
import binascii
import quopri
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.feedparser import FeedParser
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from functools import partial
from hashlib import sha256
from inspect import signature
from itertools import islice
from urllib.parse import unquote_to_bytes

from charset_normalizer import from_bytes

# Newer Pythons refuse a whole header for one bad address, unless asked not to; older ones never did.
_split = partial(getaddresses, strict=False) if "strict" in signature(getaddresses).parameters else getaddresses
_UU = frozenset({"x-uuencode", "uuencode", "uue", "x-uue"})
_READ = frozenset({"text/plain", "text/html", "text/calendar"})
_MOST_PARTS, _DEEPEST = 500, 40
_LONGEST_HEADER = 20_000
_LONGEST_ID = 250
_GUESSED = 20_000  # bytes looked at to guess a charset
_WORD = re.compile(r"=\?([^?\s]{1,60}?)(?:\*[\w-]*)?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(=\?[^?\s]+\?[bBqQ]\?)")
_MESSAGE_ID = re.compile(r"<\s*([^<>\s]{1,800})\s*>")
_ADDRESS = re.compile(r"[^\s<>\"(),:;\[\]\\@]{1,128}@[^\s<>\"(),:;\[\]\\@]{1,250}")
# A name with an @ in it, which should have been in quotes.
_BARE_NAME = re.compile(r"(^|,)\s*([^\"<>,]*@[^\"<>,]*?)\s*<(?=[^<>]+>)")
_GROUP = re.compile(r"^[^<>@,:]*:(.*?);?\s*$", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SPACE = re.compile(r"\s+")
_YEAR = re.compile(
    r"(\d{1,2})\s*[-/ ]\s*([A-Za-z]{3})[a-z]*\s*[-/ ,]\s*(\d{2,4})(?:\D+(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# What a name of a charset means in practice: their writers use the wider one.
_CHARSETS = {
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030", "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949",
    "euc-kr": "cp949", "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "us-ascii": "utf-8", "ascii": "utf-8",
    "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "iso-2022-jp": "iso2022_jp_ext", "iso-8859-9": "cp1254",
    "x-unknown": "utf-8", "unknown-8bit": "utf-8", "default_charset": "utf-8", "_iso-2022-jp$esc": "iso2022_jp_ext", "x-mac-roman": "mac_roman",
    "windows-31j": "cp932", "cp-850": "cp850", "utf8mb4": "utf-8", "unicode-1-1-utf-7": "utf-7", "iso-8859-8-i": "iso-8859-8",
    "windows-874": "cp874", "x-windows-949": "cp949", "big5": "big5hkscs", "binary": "utf-8", "8bit": "utf-8", "7bit": "utf-8",
}  # fmt: skip
# Whoever says so declares a width the bytes may not have.
_ASSUMED = frozenset({"utf-8", "cp1252"})


@dataclass(frozen=True, slots=True)
class Address:
    """Somebody in a header: a name (may be empty) and an address in lower case."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class MailFile:
    """Something attached or shown within.

    Args:
        name: as its sender calls it, without any path; made up when they do not.
        content_id: what an <img src="cid:..."> in the mail calls it; empty for none.
        is_inline: shown within the text rather than offered beside it.
    """

    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    is_inline: bool = False


@dataclass(frozen=True, slots=True)
class Bounce:
    """Somebody a mail of ours could not be delivered to.

    Args:
        status: the enhanced code ("5.1.1"), if it says one.
        is_permanent: nobody will try again.
    """

    recipient: str
    status: str
    is_permanent: bool


@dataclass(frozen=True, slots=True)
class InboundMail:
    """A mail, as far as it could be read.

    Args:
        message_id, in_reply_to, references: without their angle brackets; oldest reference first.
        sender: from whom; empty address when nobody is named.
        text: the plain part, or empty.
        html: the HTML part as it came, never to be shown unsanitised; or empty.
        is_automatic: written by a program (an auto-reply, a list, a report): nobody may answer it.
        is_list: came through a mailing list.
        problems: what had to be guessed, in sentences.
        delivered_to: whom servers on its way handed it to, which need not stand in `to`.
        authentication: the topmost Authentication-Results; worth something only from a server one trusts.
    """

    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    subject: str = ""
    sender: Address = Address("", "")
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    sent_at: datetime | None = None
    text: str = ""
    html: str = ""
    files: tuple[MailFile, ...] = ()
    bounces: tuple[Bounce, ...] = ()
    is_bounce: bool = False
    is_automatic: bool = False
    is_list: bool = False
    problems: tuple[str, ...] = ()
    delivered_to: tuple[Address, ...] = ()
    authentication: str = ""

    @property
    def recipients(self) -> tuple[Address, ...]:
        """Everybody it was sent to openly."""
        return (*self.to, *self.cc)


@dataclass(slots=True)
class _Found:
    """What the walk through the parts collects."""

    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    files: list[MailFile] = field(default_factory=list)
    bounces: list[Bounce] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    parts: int = 0
    is_report: bool = False
    returned_id: str = ""


def parse(raw: bytes) -> InboundMail:
    """Understand a mail as it was received (RFC 5322 and whatever calls itself that)."""
    message = _message(_from_its_headers(raw))
    headers = _headers(message, _hint(message))
    found = _Found()
    _walk(message, found, 0)
    subject = _one_line(headers.get("subject", ""))
    senders = _addresses(headers.get("from", "")) or _addresses(headers.get("sender", ""))
    sender = senders[0] if senders else Address("", "")
    references = _message_ids(headers.get("references", ""))
    in_reply_to = next(iter(_message_ids(headers.get("in-reply-to", ""))), "")
    if found.returned_id and not in_reply_to:
        in_reply_to = found.returned_id
    if not sender.email:
        found.problems.append("It does not say from whom it is.")
    is_bounce = found.is_report or _is_bounce(sender, subject, headers)
    return InboundMail(
        message_id=next(iter(_message_ids(headers.get("message-id", "") or headers.get("message-i-d", ""))), ""),
        in_reply_to=in_reply_to, references=references, subject=subject, sender=sender,
        reply_to=_addresses(headers.get("reply-to", "")), to=_addresses(headers.get("to", "")), cc=_addresses(headers.get("cc", "")),
        sent_at=_moment(headers.get("date", "")), text="\n\n".join(found.texts).strip("\n"), html="\n".join(found.htmls),
        files=tuple(found.files), bounces=tuple(found.bounces), is_bounce=is_bounce,
        is_automatic=is_bounce or _is_automatic(headers, sender, subject), is_list=_is_list(headers),
        problems=tuple(dict.fromkeys(found.problems)),
        delivered_to=tuple(
            one for name in ("delivered-to", "x-original-to", "envelope-to") for one in _addresses(headers.get(name, ""))
        ),
        authentication=_one_line(headers.get("authentication-results", "")),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Envelope:
    """What can be told of a mail from its headers alone, before anything is understood.

    Args:
        message_id: without brackets; a digest of what does not change on its way when it has none.
    """

    message_id: str
    sender: Address
    subject: str
    is_automatic: bool = False


def envelope(raw: bytes) -> Envelope:
    """The headers of a mail, and no more of it. Whatever the mail is, there is an answer."""
    whole = _from_its_headers(raw)
    head = re.split(rb"\r?\n\r?\n", whole, maxsplit=1)[0]
    try:
        message = _message(head + b"\n\n")
        headers = _headers(message, "")
        subject = _one_line(headers.get("subject", ""))
        senders = _addresses(headers.get("from", "")) or _addresses(headers.get("sender", ""))
        sender = senders[0] if senders else Address("", "")
        message_id = next(iter(_message_ids(headers.get("message-id", "") or headers.get("message-i-d", ""))), "")
        is_automatic = _is_automatic(headers, sender, subject) or _is_bounce(sender, subject, headers)
    except Exception:  # a mail nobody can read is still kept: that is what this is asked for
        return Envelope(_digest({}, raw), Address("", ""), "")
    message_id = message_id if 0 < len(message_id) <= _LONGEST_ID else _digest(headers, whole[len(head) :])
    return Envelope(message_id, sender, subject, is_automatic)


def _digest(headers: dict[str, str], body: bytes) -> str:
    """A name for a mail without one: the same for the same mail, whichever way it came."""
    told = "\n".join(headers.get(name, "") for name in ("from", "to", "cc", "date", "subject", "message-id"))
    return f"sha256:{sha256(told.encode('utf-8', 'replace') + body.strip()).hexdigest()}"


def _message(raw: bytes) -> Message:
    # At once: in pieces, as the standard library's own function feeds it, takes a third longer.
    feed = FeedParser(policy=policy.compat32)
    feed.feed(raw.decode("ascii", "surrogateescape"))
    return feed.close()


def decoded(value: str) -> str:
    """A header's value in plain characters: encoded words (RFC 2047) decoded, also where they are cut in half, put in
    quotes or stand within a word, raw bytes read as what they most likely are."""
    value = _plain(value)
    # A character may be split between two words: adjacent ones of the same kind are one.
    value = _BETWEEN_WORDS.sub(r"\1\2", value)
    out, position, pending = [], 0, (b"", "")

    def flush() -> None:
        nonlocal pending
        if pending[0]:
            out.append(_characters(pending[0], pending[1])[0])
        pending = (b"", "")

    for match in _WORD.finditer(value):
        if match.start() != position:
            flush()
            out.append(value[position : match.start()])
        charset, how, coded = match.group(1).lower(), match.group(2).lower(), match.group(3)
        octets = _octets(how, coded)
        if octets is None:
            flush()
            out.append(match.group(0))
        elif pending[1] == charset:
            pending = (pending[0] + octets, charset)
        else:
            flush()
            pending = (octets, charset)
        position = match.end()
    flush()
    out.append(value[position:])
    return "".join(out)


def _octets(how: str, coded: str) -> bytes | None:
    ascii_only = coded.encode("ascii", "ignore")
    if how == "q":
        return quopri.decodestring(ascii_only.replace(b"_", b" "), header=False)
    cleaned = re.sub(rb"[^A-Za-z0-9+/]", b"", ascii_only)
    for cut in range(3):
        whole = cleaned[: len(cleaned) - cut]
        try:
            return base64.b64decode(whole + b"=" * (-len(whole) % 4))
        except binascii.Error:
            continue
    return None


def _plain(value: str, hint: str = "") -> str:
    """Undo the standard library's way of carrying bytes that are no ASCII through a string."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return _characters(value.encode("utf-8", "surrogateescape"), hint)[0]
    return value


def _characters(octets: bytes, charset: str) -> tuple[str, bool]:
    """Bytes as text, and whether the charset they came with fits."""
    wanted = charset.strip().strip("\"'").lower()
    wanted = _CHARSETS.get(wanted, wanted)
    if wanted and wanted not in _ASSUMED:
        try:
            return octets.decode(wanted), True
        except (LookupError, UnicodeDecodeError, ValueError):
            pass
    try:
        # Valid UTF-8 with anything beyond ASCII in it is hardly ever something else, whatever it calls itself.
        return octets.decode("utf-8-sig"), True
    except UnicodeDecodeError:
        pass
    if wanted == "cp1252":
        return octets.decode("cp1252", "replace"), True
    if wanted and wanted not in _ASSUMED:
        try:
            # Cut in the middle of a character, or one stray byte: the rest is readable.
            text = octets.decode(wanted, "replace")
            if text.count("\ufffd") <= max(2, len(text) // 50):
                return text, False
        except (LookupError, ValueError):
            pass
    elif wanted == "utf-8":
        text = octets.decode("utf-8", "replace")
        if text.count("\ufffd") <= len(text) // 100:
            return text, False
    guess = from_bytes(octets[:_GUESSED]).best() if len(octets) > 16 else None
    return octets.decode(guess.encoding if guess else "cp1252", "replace"), False


def _from_its_headers(raw: bytes) -> bytes:
    """Without what mailbox files and careless programs put above the headers."""
    raw = raw.lstrip(b"\xef\xbb\xbf \t\r\n")
    if raw[:5] in (b"From ", b">From"):
        _, _, raw = raw.partition(b"\n")
    return raw


def _hint(message: Message) -> str:
    """The charset of its first text: whoever writes raw bytes into headers most likely means the same."""
    return next((found for part in islice(message.walk(), _MOST_PARTS) if (found := _charset(part))), "")


def _headers(message: Message, hint: str = "") -> dict[str, str]:
    """The first of each header, unfolded but not decoded, by its name in lower case."""
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        kept = _plain(str(value)[:_LONGEST_HEADER], hint).replace("\r", "").replace("\n", " ")
        key = name.strip().lower()
        if not found.get(key, "").strip():
            found[key] = kept
        elif key in {"to", "cc", "references"}:
            found[key] = f"{found[key]}, {kept}" if key != "references" else f"{found[key]} {kept}"
    return found


def _one_line(value: str) -> str:
    return _CONTROL.sub("", _SPACE.sub(" ", decoded(value))).strip()


def _message_ids(value: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(_MESSAGE_ID.findall(value)))
    if found:
        return found
    # Without brackets: whatever looks like one.
    return tuple(dict.fromkeys(word.strip("<>,;\"'") for word in value.split() if "@" in word and len(word) < 800))


def _addresses(value: str) -> tuple[Address, ...]:
    if not value.strip():
        return ()
    value = _plain(value)
    group = _GROUP.match(value) if value.rstrip().endswith(";") else None
    if group and "@" not in value.split(":", 1)[0]:
        value = group.group(1)
    found: dict[str, Address] = {}
    # Names are decoded after the commas between addresses are found: an encoded name may hold one.
    value = _BARE_NAME.sub(r'\1"\2" <', value)
    for name, email in _split([value]):
        email = email.strip().strip("<>'\"").rstrip(".;,").lower()
        if not _ADDRESS.fullmatch(email):
            inner = _ADDRESS.search(email.replace(" ", "")) or _ADDRESS.search(decoded(name))
            if inner is None:
                continue
            email = inner.group().lower()
        named = _one_line(name).strip("\"' ")
        if named.lower() == email:
            named = ""
        found.setdefault(email, Address(named[:200], email[:254]))
    if not found:
        for match in _ADDRESS.finditer(decoded(value)):
            found.setdefault(match.group().lower(), Address("", match.group().lower()[:254]))
    return tuple(found.values())


def _moment(value: str) -> datetime | None:
    if not value.strip():
        return None
    value = _one_line(value)
    try:
        found = parsedate_to_datetime(value)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        pass
    match = _YEAR.search(value)
    if match is None or match.group(2).lower() not in _MONTHS:
        return None
    day, year = int(match.group(1)), int(match.group(3))
    hour, minute, second = (int(one or 0) for one in match.groups()[3:])
    try:
        return datetime(
            year + 2000 if year < 70 else year + 1900 if year < 100 else year,
            _MONTHS.index(match.group(2).lower()) + 1, day, hour, minute, min(second, 59), tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        return None


def _walk(part: Message, found: _Found, depth: int, *, within: str = "") -> None:
    found.parts += 1
    if found.parts > _MOST_PARTS or depth > _DEEPEST:
        found.problems.append("It has more parts than anybody reads; the rest is in the original.")
        return
    kind = part.get_content_type().lower()
    if part.is_multipart() and kind.startswith("multipart/"):
        found.is_report = found.is_report or _is_report(part)
        if kind == "multipart/alternative":
            _alternatives(_children(part), found, depth)
            return
        for child in _children(part):
            _walk(child, found, depth + 1, within=kind)
        return
    if kind in ("message/rfc822", "message/global", "text/rfc822-headers"):
        _carried(part, kind, found, within)
        return
    if kind == "message/delivery-status":
        _note_bounces(part, found)
        return
    disposition = _disposition(part)
    name = _file_name(part)
    if kind.startswith("multipart/"):
        # Its boundary is missing or never comes: what it says is text, if anything.
        is_html = re.search(r"<(?:html|body|div|p|br)\b", str(part.get_payload())[:2000], re.IGNORECASE)
        kind = "text/html" if is_html else "text/plain"
    if within == "multipart/alternative" and kind.startswith("text/") and kind not in _READ and not name:
        return  # the same once more, in a form for one program
    if (
        kind in ("text/plain", "text/html")
        and disposition != "attachment"
        and not (name and not _is_body(part, found, kind))
    ):
        words = _words(part, found)
        if kind == "text/html":
            found.htmls.append(words)
        elif words.strip():
            found.texts.append(_unflowed(words, part))
        return
    _file(part, kind, name, disposition, found)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _alternatives(parts: list[Message], found: _Found, depth: int) -> None:
    """The same in several forms: the words of each kind once, and what is neither is a file beside them."""
    texts, htmls = len(found.texts), len(found.htmls)
    for part in parts:
        _walk(part, found, depth + 1, within="multipart/alternative")
    del found.texts[texts + 1 :]
    del found.htmls[htmls + 1 :]


def _is_body(part: Message, found: _Found, kind: str) -> bool:
    """A text with a name and no word on how to show it is the body if there is none yet, else a file."""
    return _disposition(part) == "inline" and not (found.htmls if kind == "text/html" else found.texts)


def _disposition(part: Message) -> str:
    value = str(part.get("content-disposition") or "").strip().lower()
    return re.split(r"[;\s]", value, maxsplit=1)[0]


def _words(part: Message, found: _Found) -> str:
    text, fits = _characters(_content(part, found), _charset(part))
    if not fits:
        found.problems.append("Its characters are not what it says they are; some may be wrong.")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def _charset(part: Message) -> str:
    try:
        return str(part.get_content_charset() or "")
    except (LookupError, UnicodeError, ValueError, TypeError):
        return ""


def _content(part: Message, found: _Found) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except (ValueError, binascii.Error, UnicodeError, LookupError):
        content = None
    if not content and str(part.get("content-transfer-encoding") or "").strip().lower() in _UU:
        content = _unix_to_unix(str(part.get_payload()))
    if not isinstance(content, bytes):
        payload = part.get_payload()
        if str(payload).strip():
            found.problems.append("A part of it could not be decoded; it is kept as it came.")
        content = payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b""
    return content


def _unix_to_unix(payload: str) -> bytes | None:
    """What was written by uuencode, without its last line or with white space lost, which the standard library refuses."""
    _, begun, rest = payload.partition("begin ")
    octets = b""
    for line in rest.splitlines()[1:] if begun else ():
        if line.strip() in ("end", "`", ""):
            break
        length = ((ord(line[0]) - 32) & 63) * 4 + 5
        try:
            octets += binascii.a2b_uu(line[: length // 3].encode("ascii", "replace"))
        except binascii.Error:
            continue
    return octets or None


def _unflowed(text: str, part: Message) -> str:
    """RFC 3676: lines that end with a space go on in the next."""
    if str(part.get_param("format") or "").lower() != "flowed":
        return text
    joins = str(part.get_param("delsp") or "").lower() == "yes"
    out: list[str] = []
    is_open = False
    for raw in text.split("\n"):
        line = raw[1:] if raw.startswith(" ") else raw
        goes_on = line.endswith(" ") and line != "-- "
        quoted = line.startswith(">")
        if is_open and out and quoted == out[-1].startswith(">"):
            before = out.pop()
            line = (before[:-1] if joins else before) + (line.lstrip("> ") if quoted else line)
        out.append(line)
        is_open = goes_on
    return "\n".join(out)


def _file(part: Message, kind: str, name: str, disposition: str, found: _Found) -> None:
    content = _content(part, found)
    content_id = str(part.get("content-id") or "").strip().strip("<>").strip()
    is_picture = kind.startswith("image/")
    # A program that shows pictures within says so by name; "inline" alone is what some write on every attachment.
    is_inline = is_picture and disposition != "attachment" and bool(content_id)
    if not content and not name:
        return
    found.files.append(
        MailFile(name or _made_up(kind, len(found.files) + 1), kind, content, content_id[:200], is_inline)
    )


def _carried(part: Message, kind: str, found: _Found, within: str) -> None:
    """A mail within a mail: a file; in a report it is ours, come back, and tells which."""
    inner = next(iter(_children(part)), None)
    if within == "multipart/report" and (inner is not None or kind == "text/rfc822-headers"):
        original = inner if inner is not None else _message(_content(part, found))
        found.returned_id = found.returned_id or next(iter(_message_ids(_headers(original).get("message-id", ""))), "")
    if inner is not None:
        subject = _one_line(_headers(inner).get("subject", ""))
        name = _file_name(part) or f"{_safe(subject)[:80] or 'message'}.eml"
        found.files.append(MailFile(name, "message/rfc822", _written(inner)))
        return
    _file(part, kind, _file_name(part) or "message.txt", "attachment", found)


def _written(message: Message) -> bytes:
    """A mail as a file; empty when it is too broken to be written again."""
    try:
        return message.as_bytes(policy=policy.compat32.clone(max_line_length=None))
    except (UnicodeError, LookupError, ValueError, TypeError, AttributeError):
        return b""


def _file_name(part: Message) -> str:
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        value = _parameter(part, header, parameter)
        if value:
            return _safe(_CONTROL.sub("", _SPACE.sub(" ", value)))
    location = str(part.get("content-location") or "")
    if location and not location.startswith(("cid:", "data:")):
        return _safe(decoded(location.split("?", 1)[0]))
    return ""


def _parameter(part: Message, header: str, parameter: str) -> str:
    """A parameter of a header: plain, encoded (RFC 2047, which is not allowed there and common) or RFC 2231's, in pieces or not."""
    raw = _plain(str(next((value for name, value in part.raw_items() if name.lower() == header), "")))
    raw = raw.replace("\r", "").replace("\n", " ")
    pieces: dict[int, tuple[bool, str]] = {}
    for match in re.finditer(
        rf"[;\s]{parameter}(?:\*(?P<number>\d+))?(?P<coded>\*)?\s*=\s*(?:\"(?P<quoted>(?:\\.|[^\"\\])*)\"?|(?P<bare>[^;]*))",
        raw,
        re.IGNORECASE,
    ):
        value = match["bare"].strip() if match["quoted"] is None else re.sub(r"\\(.)", r"\1", match["quoted"])
        number = int(match["number"] or 0) if match["number"] is None or len(match["number"]) < 4 else 0
        if number not in pieces or match["coded"]:
            pieces[number] = (bool(match["coded"]), value)
    if not pieces:
        return ""
    if not any(coded for coded, _ in pieces.values()):
        return decoded("".join(value for _, (_, value) in sorted(pieces.items()))).strip()
    charset, octets = "", b""
    for number, (coded, value) in sorted(pieces.items()):
        if coded and number == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        octets += unquote_to_bytes(value) if coded else value.encode()
    return _characters(octets, charset)[0].strip()


def _safe(name: str) -> str:
    """A file's name without any path and without what no file system takes."""
    name = re.split(r"[/\\]", name)[-1]
    return re.sub(r'[<>:"|?*]', "_", name).strip(" .")[:200]


def _made_up(kind: str, number: int) -> str:
    endings = {
        "text/calendar": "invitation.ics", "application/ms-tnef": "winmail.dat", "application/pkcs7-signature": "smime.p7s",
        "application/x-pkcs7-signature": "smime.p7s", "application/pkcs7-mime": "smime.p7m", "application/x-pkcs7-mime": "smime.p7m",
        "application/pgp-signature": "signature.asc", "application/pgp-encrypted": "version.asc", "message/rfc822": "message.eml",
        "text/plain": f"text-{number}.txt", "text/html": f"page-{number}.html", "image/jpeg": f"picture-{number}.jpg",
    }  # fmt: skip
    if kind in endings:
        return endings[kind]
    ending = re.sub(r"[^a-z0-9]", "", kind.partition("/")[2].removeprefix("x-"))[:8] or "bin"
    return f"{'picture' if kind.startswith('image/') else 'file'}-{number}.{ending if kind != 'application/octet-stream' else 'bin'}"


def _is_report(part: Message) -> bool:
    about = str(part.get_param("report-type") or "").lower()
    return part.get_content_type() == "multipart/report" and about in ("", "delivery-status")


def _note_bounces(part: Message, found: _Found) -> None:
    found.is_report = True
    blocks = _children(part) or [_message(_content(part, found))]
    for block in blocks:
        headers = _headers(block)
        recipient = headers.get("final-recipient", "") or headers.get("original-recipient", "")
        address = _ADDRESS.search(recipient.partition(";")[2] or recipient)
        action = headers.get("action", "").strip().lower()
        if address is None or action in ("delivered", "relayed", "expanded"):
            continue
        status = re.search(r"\d\.\d{1,3}\.\d{1,3}", headers.get("status", ""))
        code = status.group() if status else ""
        found.bounces.append(Bounce(address.group().lower(), code, action == "failed" and not code.startswith("4")))


def _is_bounce(sender: Address, subject: str, headers: dict[str, str]) -> bool:
    is_daemon = sender.email.partition("@")[0] in ("mailer-daemon", "postmaster", "mail-daemon")
    return is_daemon and bool(
        headers.get("x-failed-recipients")
        or re.search(
            r"undeliver|delivery (?:status|fail|problem)|failure notice|returned mail|mail delivery|unzustellbar",
            subject,
            re.I,
        )
    )


def _is_list(headers: dict[str, str]) -> bool:
    return any(headers.get(name) for name in ("list-id", "list-post", "mailing-list", "x-mailing-list"))


_AUTOMATIC_SUBJECT = re.compile(
    r"^\s*(?:auto(?:matic|matische)?[\s:-]*(?:re(?:ply|sponse)|antwort|response)|out of (?:the )?office|abwesen|automatic reply|autoreply|"
    r"réponse automatique|respuesta automática|risposta automatica|resposta automática|automatisch antwoord|autosvar|"
    r"absence|vacation|i am out of|away from)",
    re.IGNORECASE,
)


def _is_automatic(headers: dict[str, str], sender: Address, subject: str) -> bool:
    """RFC 3834 and what programs from before it write."""
    submitted = headers.get("auto-submitted", "").strip().lower()
    precedence = headers.get("precedence", "").strip().lower()
    suppressed = headers.get("x-auto-response-suppress", "").strip().lower()
    return (
        (bool(submitted) and not submitted.startswith("no"))
        or precedence in ("bulk", "junk", "list", "auto_reply", "auto-reply")
        or any(
            headers.get(one)
            for one in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "feedback-id")
        )
        or any(word in suppressed for word in ("all", "autoreply", "oof"))
        or headers.get("return-path", "").strip() == "<>"
        or _is_list(headers)
        or bool(headers.get("list-unsubscribe"))
        or sender.email.partition("@")[0] in ("mailer-daemon", "no-reply", "noreply", "do-not-reply", "donotreply")
        or bool(_AUTOMATIC_SUBJECT.match(subject))
    )
