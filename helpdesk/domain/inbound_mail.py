"""A mail as it came, understood: who, what about, which words, which files. Never refuses: what is broken is read as far as it goes.

`mail_parts` takes a message apart; what is here is what real mail adds: charsets that lie or are missing, names in headers
encoded twice or not at all, parts that claim to be something else.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime
from functools import partial
from hashlib import sha256
from html import escape
from inspect import signature
from urllib.parse import unquote

from helpdesk.domain import mail_parts
from helpdesk.domain.characters import characters, plain
from helpdesk.domain.mail_parts import Part

# Newer Pythons refuse a whole header for one bad address, unless asked not to; older ones never did.
_split = partial(getaddresses, strict=False) if "strict" in signature(getaddresses).parameters else getaddresses
_READ = frozenset({"text/plain", "text/html", "text/calendar"})
_MARKED_UP = frozenset({"text/enriched", "text/richtext"})
_BODIES = frozenset({"text/plain", "text/html", *_MARKED_UP})
_TAG = re.compile(r"<[^<>]{0,2000}>")
_LOOKS_LIKE_HTML = re.compile(rb"<(?:html|body|div|p|br)\b", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{2,40})", re.IGNORECASE)
_CID = re.compile(r"cid:([^\"'\s>)]+)", re.IGNORECASE)
_UNIX_FILE = re.compile(
    r"^begin [0-7]{3,4} ([^\n]{1,200})\n(?:[!-`][^\n]{1,90}\n)+(?:[ `]?\n)?end[ \t]*$", re.MULTILINE
)
_LONGEST_ID = 250
_WORD = re.compile(r"=\?([^?\s]{1,60}?)(?:\*[\w-]*)?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(=\?[^?\s]+\?[bBqQ]\?)")
_MESSAGE_ID = re.compile(r"<\s*([^<>\s]{1,800})\s*>")
_BRACKETED = re.compile(r"<([^<>]{1,1000})>")
_COMMENT = re.compile(r"\([^()]*\)")
_COMMENT_WITHIN = re.compile(r"(<[^<>()]{0,300})\([^()]*\)")
_AROUND = re.compile(r"\s*([.@:])\s*")
_ADDRESS = re.compile(r"[^\s<>\"(),:;\[\]\\@]{1,128}@[^\s<>\"(),:;\[\]\\@]{1,250}")
# A name with an @ in it, which should have been in quotes.
# Most of them: one, whose name is plain letters, or all encoded.
_USUAL_ADDRESS = re.compile(
    r"\s*(?:(?P<quote>\"?)(?P<name>[\w. '’&/+-]{0,200}|(?:=\?[^?\s]{1,60}\?[bBqQ]\?[^?\s]{0,200}\?=\s{0,9}){1,9})(?P=quote)\s*<)?(?P<email>[\w.+=-]{1,64}@[a-zA-Z0-9-]{1,63}(?:\.[a-zA-Z0-9-]{1,63}){1,8})>?\s*"
)
_ASIDE = re.compile("\ue100(\\d{1,5})\ue101")
# "Doe, Rita <rita@example.com>": a comma that should have been in quotes.
_COMMA_IN_NAME = re.compile(r"(^|,)\s*([^<>@,;:\"()]{1,60},\s*[^<>@,;:\"()]{1,60}?)\s*<(?=[^<>]+@)")
# "Big Bug bug@example.com": a name and no brackets.
_NO_BRACKETS = re.compile(
    r"(^|,)\s*([^<>,;:\"@()\[\]]*[^<>,;:\"@()\[\]\s])\s+([^\s<>,;:\"@()\[\]]+@[^\s<>,;:\"@()\[\]]+)\s*(?=,|$)"
)
_BARE_NAME = re.compile(r"(^|,)\s*([^\"<>,]{0,200}@[^\"<>,]{0,200}?)\s*<(?=[^<>]{1,400}>)")
_GROUP = re.compile(r"^[^<>@,:]*:(.*?);?\s*$", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SPACE = re.compile(r"\s+")
_YEAR = re.compile(
    r"(\d{1,2})\s*[-/ ]\s*([A-Za-z]{3})[a-z]*\s*[-/ ,]\s*(\d{2,4})(?:\D+(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


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

    said: list[tuple[str, str]] = field(default_factory=list)  # in their order: the same as plain text and as HTML
    files: list[MailFile] = field(default_factory=list)
    bounces: list[Bounce] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    is_report: bool = False
    is_receipt: bool = False
    returned_id: str = ""


def parse(raw: bytes) -> InboundMail:
    """Understand a mail as it was received (RFC 5322 and whatever calls itself that)."""
    whole = mail_parts.take_apart(raw)
    headers = _readable(whole)
    found = _Found()
    _walk(whole, found, is_root=True)
    text, html = _both(found.said)
    subject = _one_line(headers.get("subject", ""))
    senders = _addresses(headers.get("from", "")) or _addresses(headers.get("sender", ""))
    sender = senders[0] if senders else Address("", "")
    in_reply_to = next(iter(_message_ids(headers.get("in-reply-to", ""))), "")
    if not sender.email:
        found.problems.append("It does not say from whom it is.")
    is_bounce = found.is_report or _is_bounce(sender, subject, headers)
    if is_bounce and not found.bounces:
        _told_bounces(headers, text or html, found)
    return InboundMail(
        message_id=_own_id(headers), in_reply_to=in_reply_to or found.returned_id,
        references=_message_ids(headers.get("references", "")), subject=subject, sender=sender,
        reply_to=_addresses(headers.get("reply-to", "")), to=_addresses(headers.get("to", "")), cc=_addresses(headers.get("cc", "")),
        sent_at=_moment(headers.get("date", "")), text=text, html=html, files=_placed(found.files, html),
        bounces=tuple(found.bounces), is_bounce=is_bounce,
        is_automatic=is_bounce or found.is_receipt or _is_automatic(headers, sender, subject), is_list=_is_list(headers),
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
    try:
        headers, body = mail_parts.only_head(raw)
        headers = {name: plain(value) for name, value in headers.items()}
        subject = _one_line(headers.get("subject", ""))
        senders = _addresses(headers.get("from", "")) or _addresses(headers.get("sender", ""))
        sender = senders[0] if senders else Address("", "")
        message_id = _own_id(headers)
        is_automatic = _is_automatic(headers, sender, subject) or _is_bounce(sender, subject, headers)
    except Exception:  # a mail nobody can read is still kept: that is what this is asked for
        return Envelope(_digest({}, raw), Address("", ""), "")
    message_id = message_id if 0 < len(message_id) <= _LONGEST_ID else _digest(headers, body)
    return Envelope(message_id, sender, subject, is_automatic)


def _digest(headers: dict[str, str], body: bytes) -> str:
    """A name for a mail without one: the same for the same mail, whichever way it came."""
    told = "\n".join(headers.get(name, "") for name in ("from", "to", "cc", "date", "subject", "message-id"))
    return f"sha256:{sha256(told.encode('utf-8', 'replace') + body.strip()).hexdigest()}"


def decoded(value: str) -> str:
    """A header's value in plain characters: encoded words (RFC 2047) decoded, also where they are cut in half, put in
    quotes or stand within a word, raw bytes read as what they most likely are."""
    value = plain(value)
    if "=?" not in value:
        return value
    # A character may be split between two words: adjacent ones of the same kind are one.
    value = _BETWEEN_WORDS.sub(r"\1\2", value)
    out, position, pending = [], 0, (b"", "")

    def flush() -> None:
        nonlocal pending
        if pending[0]:
            out.append(characters(pending[0], pending[1])[0])
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
        return binascii.a2b_qp(ascii_only.replace(b"_", b" "))
    cleaned = re.sub(rb"[^A-Za-z0-9+/]", b"", ascii_only)
    for cut in range(3):
        whole = cleaned[: len(cleaned) - cut]
        try:
            return base64.b64decode(whole + b"=" * (-len(whole) % 4))
        except binascii.Error:
            continue
    return None


def _readable(whole: Part) -> dict[str, str]:
    """Its headers, raw bytes in them as what they most likely are: what another header says, or its first text."""
    hint = ""
    if any(_has_bytes(value) for value in whole.headers.values()):
        words = _WORD.findall(" ".join(whole.headers.values()))
        hint = next((one[0] for one in words if one[0].lower() not in ("utf-8", "us-ascii")), "") or _first_charset(
            whole
        )
    return {name: plain(value, hint) for name, value in whole.headers.items()}


def _has_bytes(value: str) -> bool:
    return not value.isascii() and any("\udc80" <= letter <= "\udcff" for letter in value)


def _first_charset(part: Part) -> str:
    return part.said("content-type", "charset") or next(filter(None, map(_first_charset, part.parts)), "")


def _own_id(headers: dict[str, str]) -> str:
    return next(iter(_message_ids(headers.get("message-id", "") or headers.get("message-i-d", ""))), "")


def _one_line(value: str) -> str:
    value = decoded(value)
    return (
        value.strip() if value.isprintable() and "  " not in value else _CONTROL.sub("", _SPACE.sub(" ", value)).strip()
    )


def _message_ids(value: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(_MESSAGE_ID.findall(value)))
    if not found and "<" in value:
        # White space and comments within one: allowed in 1982.
        within = (_SPACE.sub("", _COMMENT.sub("", one)) for one in _BRACKETED.findall(value))
        found = tuple(dict.fromkeys(one for one in within if 3 <= len(one) <= 800 and "@" in one))
    if found:
        return found
    # Without brackets: whatever looks like one.
    return tuple(dict.fromkeys(word.strip("<>,;\"'") for word in value.split() if "@" in word and len(word) < 800))


def _addresses(value: str) -> tuple[Address, ...]:
    if not value.strip():
        return ()
    if (usual := _USUAL_ADDRESS.fullmatch(value)) is not None:
        named, email = usual["name"] or "", usual["email"].lower()
        named = (_one_line(named) if "=?" in named else named).removesuffix(f"<{email}>").strip("\"' ")
        return (Address("" if named.lower() == email else named[:200], email[:254]),)
    value = _SPACE.sub(" ", plain(value))  # or some expressions below would take for ever over a page of spaces
    group = _GROUP.match(value) if value.rstrip().endswith(";") else None
    if group and "@" not in value.split(":", 1)[0]:
        value = group.group(1)
    found: dict[str, Address] = {}
    # Names are decoded after the commas between addresses are found: an encoded name may hold one, and brackets too.
    words: list[str] = []

    def put_aside(match: re.Match[str]) -> str:
        words.append(match[0])
        return f"\ue100{len(words) - 1}\ue101"

    def put_back(told: str) -> str:
        return (
            _ASIDE.sub(lambda match: words[int(match[1])] if int(match[1]) < len(words) else "", told)
            if words
            else told
        )

    value = _WORD.sub(put_aside, value)
    for _ in range(3 if "(" in value else 0):
        value = _COMMENT_WITHIN.sub(r"\1", value)
    value = _COMMA_IN_NAME.sub(r'\1"\2" <', value) if value.count(",") < 1000 else value
    value = _NO_BRACKETS.sub(r'\1 "\2" <\3>', _BARE_NAME.sub(r'\1"\2" <', value))
    try:
        pairs = _split([value])
    except RecursionError:
        pairs = []  # comments within comments, ten thousand deep: the addresses are found below
    for name, email in ((put_back(name), put_back(email)) for name, email in pairs):
        email = email.strip().strip("<>'\"").rstrip(".;,").lower()
        if not _ADDRESS.fullmatch(email):
            inner = _ADDRESS.search(email.replace(" ", "")) or _ADDRESS.search(decoded(name))
            if inner is None:
                continue
            email = inner.group().lower()
        named = _one_line(name).removesuffix(f"<{email}>").strip("\"' ")
        if named.lower() == email:
            named = ""
        found.setdefault(email, Address(named[:200], email[:254]))
    if not found:
        told = decoded(put_back(value))
        for match in _ADDRESS.finditer(told if _ADDRESS.search(told) else _AROUND.sub(r"\1", _COMMENT.sub("", told))):
            found.setdefault(match.group().lower(), Address("", match.group().lower()[:254]))
    return tuple(found.values())


def _moment(value: str) -> datetime | None:
    if not value.strip():
        return None
    value = _one_line(value)
    if "(" in value or " :" in value:
        value = re.sub(r"\s*:\s*", ":", _COMMENT.sub("", value))
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


def _walk(part: Part, found: _Found, *, within: str = "", is_root: bool = False) -> None:
    kind, disposition = part.kind, part.disposition
    if part.is_cut:
        found.problems.append("It has more parts than anybody reads; the rest is in the original.")
    if kind == "multipart/report":
        _note_report(part, found)
    if part.parts:
        if kind == "multipart/alternative":
            _alternatives(part.parts, found)
            return
        for child in part.parts:
            _walk(child, found, within=kind)
        return
    if kind in ("message/rfc822", "message/global", "text/rfc822-headers"):
        _carried(part, found, within)
        return
    if kind in ("message/delivery-status", "message/global-delivery-status"):
        _note_bounces(part, found)
        return
    if kind == "message/disposition-notification":
        found.is_receipt = True
        return
    name = _file_name(part)
    if kind.startswith("multipart/"):
        # Its boundary is missing or never comes: what it says is text, if anything.
        kind = "text/html" if _LOOKS_LIKE_HTML.search(part.body[:2000]) else "text/plain"
    if within == "multipart/alternative" and kind.startswith("text/") and kind not in _READ and not name:
        if kind in _MARKED_UP:
            found.said.append((_unmarked(_words(part, found)), ""))
        return  # else the same once more, in a form for one program
    if kind in _BODIES and (disposition != "attachment" or (is_root and not name)) and (not name or _is_body(part, found, kind, is_root)):  # fmt: skip
        words = _words(part, found)
        if kind == "text/html":
            found.said.append(("", words))
        elif words.strip():
            words = _without_files(_unmarked(words) if kind in _MARKED_UP else words, found)
            found.said.append((_unflowed(words, part), ""))
        return
    _file(part, kind, name, found)


def _alternatives(parts: list[Part], found: _Found) -> None:
    """The same in several forms: the words of each kind once, and what is neither is a file beside them."""
    text = html = ""
    for part in parts:
        before = len(found.said)
        _walk(part, found, within="multipart/alternative")
        told = found.said[before:]
        del found.said[before:]
        plain_, marked = _both(told)
        text, html = text or plain_, html or marked
    if text.strip() or html.strip():
        found.said.append((text, html))


def _both(said: list[tuple[str, str]]) -> tuple[str, str]:
    """What is said in all parts, as plain text and as HTML. No text when one part is HTML only: half of it would pass for all."""
    if not any(html for _, html in said):
        return "\n\n".join(text for text, _ in said).strip("\n"), ""
    html = "\n".join(html or f"<div>{escape(text).replace(chr(10), '<br>')}</div>" for text, html in said)
    is_told = all(text.strip() or not _TAG.sub("", html).replace("&nbsp;", "").strip() for text, html in said)
    return "\n\n".join(text for text, _ in said if text).strip("\n") if is_told else "", html


def _is_body(part: Part, found: _Found, kind: str, is_root: bool) -> bool:
    """A text with a name and no word on how to show it is the body if there is none yet, else a file."""
    is_first = not any(html if kind == "text/html" else text for text, html in found.said)
    return is_first and (is_root or part.disposition == "inline")


def _placed(files: list[MailFile], html: str) -> tuple[MailFile, ...]:
    """The files, each picture marked that the words show."""
    if "cid:" not in html.lower() or not any(one.content_id for one in files):
        return tuple(files)
    shown = {unquote(one) for one in _CID.findall(html)}
    return tuple(
        replace(one, is_inline=True) if one.content_id in shown and one.content_type.startswith("image/") else one
        for one in files
    )


def _words(part: Part, found: _Found) -> str:
    content, charset = _content(part, found), part.said("content-type", "charset")
    if not charset and part.kind == "text/html" and (told := _META.search(content[:4000])):
        charset = told[1].decode("ascii", "replace")
    text, fits = characters(content, charset)
    if not fits:
        found.problems.append("Its characters are not what it says they are; some may be wrong.")
    if "\r" in text:
        text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\x00", "").replace("\ufeff", "")


def _content(part: Part, found: _Found) -> bytes:
    content, is_decoded = mail_parts.content(part)
    if not is_decoded:
        found.problems.append("A part of it could not be decoded; it is kept as it came.")
    return content


def _without_files(text: str, found: _Found) -> str:
    """A text without what was put into it by uuencode, before there were attachments."""
    if "begin " not in text or not _UNIX_FILE.search(text):
        return text

    def keep(match: re.Match[str]) -> str:
        content = mail_parts.from_unix(match[0].encode("ascii", "replace"))
        if content is None:
            return match[0]
        found.files.append(
            MailFile(_safe(match[1]) or f"file-{len(found.files) + 1}.bin", "application/octet-stream", content)
        )
        return ""

    return _UNIX_FILE.sub(keep, text)


def _unmarked(text: str) -> str:
    """Enriched text (RFC 1896) without its marks."""
    return _TAG.sub("", text.replace("<<", "\x00")).replace("\x00", "<")


def _unflowed(text: str, part: Part) -> str:
    """RFC 3676: lines that end with a space go on in the next."""
    if part.said("content-type", "format").lower() != "flowed":
        return text
    joins = part.said("content-type", "delsp").lower() == "yes"
    out: list[str] = []
    is_open, depth = False, 0
    for raw in text.split("\n"):
        marks = len(raw) - len(raw.lstrip(">"))
        inner = raw[marks:]
        inner = inner[1:] if inner.startswith(" ") else inner
        goes_on = inner.endswith(" ") and inner != "-- "
        if is_open and marks == depth and inner != "-- ":
            out[-1] = (out[-1][:-1] if joins else out[-1]) + inner
        else:
            out.append(f"{'>' * marks} {inner}" if marks else inner)
        is_open, depth = goes_on, marks
    return "\n".join(out)


def _file(part: Part, kind: str, name: str, found: _Found) -> None:
    content = _content(part, found)
    if not content and not name:
        return
    content_id = part.headers.get("content-id", "").strip().strip("<>").strip()
    found.files.append(MailFile(name or _made_up(kind, len(found.files) + 1), kind, content, content_id[:200]))


def _carried(part: Part, found: _Found, within: str) -> None:
    """A mail within a mail: a file; in a report it is ours, come back, and tells which."""
    content = _content(part, found)
    headers, _ = mail_parts.only_head(content)
    if within == "multipart/report":
        found.returned_id = found.returned_id or _own_id(headers)
    subject = _one_line(headers.get("subject", ""))
    kind = "text/rfc822-headers" if part.kind == "text/rfc822-headers" else "message/rfc822"
    made_up = "message.txt" if kind == "text/rfc822-headers" else f"{_safe(subject)[:80] or 'message'}.eml"
    found.files.append(MailFile(_file_name(part) or made_up, kind, content))


def _file_name(part: Part) -> str:
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name"), ("content-disposition", "name"), ("content-type", "filename")):  # fmt: skip
        value = part.parameter(header, parameter)
        if value and (value.value or value.octets):
            told = decoded(value.value) if value.octets is None else characters(value.octets, value.charset)[0].strip()
            if name := _safe(_CONTROL.sub("", _SPACE.sub(" ", told))):
                return name
    location = part.headers.get("content-location", "")
    if location and not location.startswith(("cid:", "data:")):
        return _safe(decoded(location.split("?", 1)[0]))
    return ""


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


def _note_report(part: Part, found: _Found) -> None:
    about = part.said("content-type", "report-type").lower()
    kinds = {child.kind for child in part.parts}
    if about in ("", "delivery-status") and "message/disposition-notification" not in kinds:
        found.is_report = True
    else:
        found.is_receipt = True  # that somebody has read it, or calls it spam: nobody wants an answer to that


def _note_bounces(part: Part, found: _Found) -> None:
    found.is_report = True
    for block in re.split(rb"\r?\n[ \t]*\r?\n", _content(part, found)):
        headers = mail_parts.headers(block)
        recipient = headers.get("final-recipient", "") or headers.get("original-recipient", "")
        address = _ADDRESS.search(recipient.partition(";")[2] or recipient)
        action = headers.get("action", "").strip().lower()
        if address is None or action in ("delivered", "relayed", "expanded"):
            continue
        status = re.search(r"\d\.\d{1,3}\.\d{1,3}", headers.get("status", ""))
        code = status.group() if status else ""
        found.bounces.append(Bounce(address.group().lower(), code, action == "failed" and not code.startswith("4")))


_RETURNED_ID = re.compile(r"^[>\s]*Message-ID:\s*<\s*([^<>\s]{1,800})\s*>", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_BASIC_STATUS = re.compile(r"(?<![\d.])([45]\d\d)[ -]")
_LATE = re.compile(r"\b(?:delayed|deferred|still trying|will (?:keep|continue)\b.{0,20}\btry|warning message only|noch nicht zugestellt)", re.IGNORECASE)  # fmt: skip
_BELOW = re.compile(r"^.{0,20}(?:below this line is a copy|original message|returned message|nachfolgend).*$", re.IGNORECASE | re.MULTILINE)  # fmt: skip


def _told_bounces(headers: dict[str, str], text: str, found: _Found) -> None:
    """Who was not reached, as a server tells people that does not tell programs (RFC 3464): each has a text of its own."""
    above = _BELOW.split(text, maxsplit=1)[0][:20_000]
    failed = [one.email for one in _addresses(headers.get("x-failed-recipients", ""))]
    ours = {one.email for name in ("to", "from", "delivered-to") for one in _addresses(headers.get(name, ""))}
    failed = failed or [one for match in _ADDRESS.finditer(above) if (one := match.group().lower()) not in ours]
    enhanced, basic = _STATUS.search(above), _BASIC_STATUS.search(above)
    code = enhanced[1] if enhanced else f"{basic[1][0]}.0.0" if basic else ""
    is_permanent = not code.startswith("4") and not _LATE.search(above)
    found.bounces += [Bounce(one, code, is_permanent) for one in list(dict.fromkeys(failed))[:50]]
    if not found.returned_id:
        told = _RETURNED_ID.search(text)
        found.returned_id = _bounced_file(found) or (told[1] if told else "")


def _bounced_file(found: _Found) -> str:
    """The mail that came back, where it was attached to a report that does not call itself one."""
    carried = next((one for one in found.files if one.content_type in ("message/rfc822", "text/rfc822-headers")), None)
    return _own_id(mail_parts.only_head(carried.content)[0]) if carried else ""


_DAEMON = re.compile(
    r"(?:mailer-daemon|postmaster|mail-daemon|mailerdaemon|microsoftexchange[0-9a-f]{32})@", re.IGNORECASE
)
_DAEMON_NAME = re.compile(r"mail delivery (?:sub)?system|system administrator|systemadministrator|mail administrator", re.IGNORECASE)  # fmt: skip
_BOUNCED = re.compile(
    r"undeliver|non.?deliver|deliver(?:y|ed) (?:status|fail|problem|has failed|delayed)|failure notice|returned (?:mail|to sender)|mail delivery|"
    r"could not (?:be delivered|send)|unzustellbar|nicht zugestellt|non remis|échec de (?:la )?remise|onbestelbaar|no se puede entregar|"
    r"no entregado|non recapitabile|mancato recapito|não (?:é possível )?entreg|niedostarcz|не доставлен|недоставлен|配信不能|无法送达|退信",
    re.IGNORECASE,
)


def _is_bounce(sender: Address, subject: str, headers: dict[str, str]) -> bool:
    is_daemon = bool(_DAEMON.match(sender.email) or _DAEMON_NAME.search(sender.name))
    return is_daemon and bool(headers.get("x-failed-recipients") or _BOUNCED.search(subject))


def _is_list(headers: dict[str, str]) -> bool:
    return any(headers.get(name) for name in ("list-id", "list-post", "mailing-list", "x-mailing-list"))


_AUTOMATIC_SUBJECT = re.compile(
    r"^\s*(?:auto(?:matic|matische)?[\s:-]*(?:re(?:ply|sponse)|antwort|response)|out of (?:the )?office|abwesen|automatic reply|autoreply|"
    r"réponse automatique|respuesta automática|risposta automatica|resposta automática|automatisch antwoord|autosvar|"
    r"automatische? (?:antwoord|e-?mail)|automatyczna odpowied|automatická odpov|automatické odpov|otomatik yanıt|automaattinen vastaus|"
    r"automatiskt svar|automatisk svar|frånvaro|afwezig|fuori sede|fuera de (?:la )?oficina|автоответ|автоматический ответ|自動応答|自动回复|自动答复|"
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
