"""A mail's bytes taken apart: headers, and parts within parts. Never refuses.

The standard library does this line by line and stops at the first line that is no header; that costs half the time of reading a
mail, and everything below that line. Here a mail is cut at its boundaries, and a broken line is stepped over.
"""

import binascii
import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

_LONGEST_HEADER = 20_000
_LONGEST_HEAD = 2_000_000
_MOST_PARTS, _DEEPEST = 500, 40
_MANY = frozenset({"to", "cc", "references"})
_END_OF_HEAD = re.compile(rb"\n\r*(?:\n|\Z)")
# "Name : value" with white space before the colon is of 1982, and still written.
_FIELD = re.compile(r"^([!-9;-~]{1,100})[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)
_NO_FIELD = re.compile(r"^(?![ \t\r\n]|[!-9;-~]{1,100}[ \t]*:)[^\n]+$", re.MULTILINE)
_KNOWN = re.compile(
    r"^(?:from|to|cc|subject|date|message-id|mime-version|content-[a-z-]+|received|return-path|in-reply-to|references|reply-to|sender|"
    r"delivered-to|x-[\w-]+)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_CONTENT = re.compile(r"^content-[a-z-]+[ \t]*:", re.IGNORECASE | re.MULTILINE)
_KIND = re.compile(r"\s*[\"']?([\w!#$&^.+-]+/[\w!#$&^.+-]+)")
# A boundary nobody has announced: a line of its own, with a part's headers below it.
_UNANNOUNCED = re.compile(rb"^--([^\s-][^\r\n]{0,200}?|-[^\r\n]{1,200}?)[ \t]*\r?\n(?:content-[a-z-]+[ \t]*:)", re.IGNORECASE | re.MULTILINE)  # fmt: skip
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]*")
_BASE64_LINES = re.compile(rb"\s*(?:[A-Za-z0-9+/]{2,}={0,2}[ \t]*\r?\n)+")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_PARAMETERS = {
    name: re.compile(
        rf"[;\s]{name}(?:\*(?P<number>\d+))?(?P<coded>\*)?\s*=\s*(?:\"(?P<quoted>(?:\\.|[^\"\\])*)\"?|(?P<bare>[^;]*))",
        re.IGNORECASE,
    )
    for name in ("boundary", "charset", "filename", "name", "format", "delsp", "report-type")
}
_ESCAPED = re.compile(r"\\(.)")


@dataclass(slots=True)
class Parameter:
    """A parameter of a header, put together of its pieces.

    Args:
        octets: its bytes where it is encoded (RFC 2231), with the charset it says; otherwise nothing.
    """

    value: str
    octets: bytes | None = None
    charset: str = ""


@dataclass(slots=True)
class Part:
    """A mail, or a part of one.

    Args:
        headers: the first of each that says something, by its name in lower case, unfolded, not decoded; bytes that are no UTF-8 as
            the standard library carries them (surrogates).
        kind: its type, in lower case; what it is when it says none.
        body: below its headers, as it came.
        parts: what is within, for a multipart; empty when its boundary never comes.
    """

    headers: dict[str, str]
    kind: str
    body: bytes
    parts: list["Part"] = field(default_factory=list)
    is_cut: bool = False

    def parameter(self, header: str, name: str) -> Parameter | None:
        """A parameter of one of its headers."""
        value = self.headers.get(header, "")
        return parameter(value, name) if ";" in value or " " in value else None

    def said(self, header: str, name: str) -> str:
        """A parameter that is plain letters; empty when it is not there."""
        found = self.parameter(header, name)
        return found.value if found else ""

    @property
    def disposition(self) -> str:
        """attachment, inline, or whatever it says."""
        value = self.headers.get("content-disposition", "").strip().lower()
        return value.replace(";", " ").split(None, 1)[0] if value else ""

    @property
    def encoding(self) -> str:
        """How its body is written down, without what some programs put beside the word."""
        return re.split(r"[;\s]", self.headers.get("content-transfer-encoding", "").strip().strip("\"'").lower(), maxsplit=1)[0]  # fmt: skip


def take_apart(raw: bytes) -> Part:
    """A mail and all its parts."""
    return _part(raw, "text/plain", 0, [0])


def only_head(raw: bytes) -> tuple[dict[str, str], bytes]:
    """The headers of a mail, and what stands below them."""
    raw = whole_lines(raw)
    head, body = _cut(raw, _KNOWN)
    return headers(head), body


def whole_lines(raw: bytes) -> bytes:
    """Without what mailbox files and careless programs put above the headers; with line ends that are some."""
    raw = raw.lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"\n" not in raw[:_LONGEST_HEAD] and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")  # written on a very old Macintosh
    if raw[:5] in (b"From ", b">From"):
        _, _, raw = raw.partition(b"\n")
    return raw


def parameter(header: str, name: str) -> Parameter | None:
    """A parameter: plain, or RFC 2231's, in pieces or not."""
    pieces: dict[int, tuple[bool, str]] = {}
    for match in _PARAMETERS[name].finditer(header):
        quoted = match["quoted"]
        value = match["bare"].strip() if quoted is None else _ESCAPED.sub(r"\1", quoted)
        number = int(match["number"]) if match["number"] is not None and len(match["number"]) < 4 else 0
        if number not in pieces or match["coded"]:
            pieces[number] = (bool(match["coded"]), value)
    if not pieces:
        return None
    in_order = [pieces[number] for number in sorted(pieces)]
    if not any(coded for coded, _ in in_order):
        return Parameter("".join(value for _, value in in_order).strip())
    charset, octets = "", b""
    for number, (coded, value) in enumerate(in_order):
        if coded and number == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        plain = value.encode("utf-8", "surrogateescape")
        octets += unquote_to_bytes(plain) if coded else plain
    return Parameter(octets.decode("utf-8", "replace").strip(), octets, charset)


def content(part: Part) -> tuple[bytes, bool]:
    """A part's body as its writer had it, and whether it could be decoded; as it came when not."""
    how = part.encoding
    if how == "base64" or (how == "b" and part.body):
        return _from_base64(part.body)
    if how in ("quoted-printable", "quoted", "q", "qp"):
        return (binascii.a2b_qp(part.body), True) if b"=" in part.body else (part.body, True)
    if how in ("x-uuencode", "uuencode", "uue", "x-uue"):
        found = from_unix(part.body)
        return (found, True) if found is not None else (part.body, not part.body.strip())
    return part.body, True


def from_unix(body: bytes) -> bytes | None:
    """What was written by uuencode, also without its last line or with white space lost."""
    lines = body.splitlines()
    begin = next((number for number, line in enumerate(lines) if line.startswith(b"begin ")), None)
    octets = b""
    for line in lines[begin + 1 :] if begin is not None else ():
        if line.strip() in (b"end", b"`", b""):
            break
        length = ((line[0] - 32) & 63) * 4 + 5
        try:
            octets += binascii.a2b_uu(line)
        except binascii.Error:
            try:
                octets += binascii.a2b_uu(line[: length // 3])
            except binascii.Error:
                continue
    return octets or None


def headers(head: bytes) -> dict[str, str]:
    """The first of each header that says something; those of which there may be several together."""
    told = head[:_LONGEST_HEAD].decode("utf-8", "surrogateescape")
    if "\r" in told:
        told = told.replace("\r", "")
    if _NO_FIELD.search(told):
        told = _NO_FIELD.sub("", told)
        told = re.sub(r"\n{2,}", "\n", told)
    found: dict[str, str] = {}
    for name, value in _FIELD.findall(told):
        key = name.lower()
        kept = found.get(key)
        if kept is None or not kept.strip():
            value = value[:_LONGEST_HEADER]
            found[key] = value.replace("\n", " ") if "\n" in value else value
        elif key in _MANY and len(kept) < _LONGEST_HEADER * 5:
            found[key] = kept + (" " if key == "references" else ", ") + value[:_LONGEST_HEADER].replace("\n", " ")
    return found


def _cut(raw: bytes, known: re.Pattern[str]) -> tuple[bytes, bytes]:
    """Headers and body, also where no empty line parts them."""
    if raw[:1] == b"\n" or raw[:2] == b"\r\n":
        return b"", raw[1 if raw[:1] == b"\n" else 2 :]
    end = _END_OF_HEAD.search(raw)
    head, body = (raw[: end.start()].rstrip(b"\r"), raw[end.end() :]) if end else (raw, b"")
    told = head[:_LONGEST_HEAD].decode("ascii", "replace").replace("\r", "")
    stray = _NO_FIELD.search(told)
    if stray is None:
        return head, body
    if known.search(told, stray.end()):
        return head, body  # one bad line among headers
    start = _place_of(head, told.count("\n", 0, stray.start()))
    return head[:start], raw[start:]


def _place_of(head: bytes, line: int) -> int:
    at = 0
    for _ in range(line):
        at = head.find(b"\n", at) + 1
    return at


def _part(raw: bytes, default: str, depth: int, count: list[int]) -> Part:
    count[0] += 1
    head, body = _cut(whole_lines(raw) if depth == 0 else raw, _KNOWN if depth == 0 else _CONTENT)
    found = headers(head)
    announced = found.get("content-type", "")
    match = _KIND.match(announced)
    kind = match[1].lower() if match else "text/plain" if announced.strip() else default
    part = Part(found, kind, body)
    is_multipart = kind.startswith("multipart/")
    boundary = ""
    if is_multipart or (kind.startswith("text/") and "boundary" in announced.lower()):
        boundary = part.said("content-type", "boundary")
    if not is_multipart and not boundary:
        return part
    pieces = _pieces(body, boundary) if boundary else []
    if not pieces and is_multipart and (guess := _UNANNOUNCED.search(body)):
        pieces = _pieces(body, guess[1].decode("utf-8", "surrogateescape"))
    if not pieces:
        return part
    if not is_multipart:
        part.kind = "multipart/mixed"
    if depth >= _DEEPEST or count[0] + len(pieces) > _MOST_PARTS:
        pieces, part.is_cut = pieces[: max(0, _MOST_PARTS - count[0])] if depth < _DEEPEST else [], True
    within = "message/rfc822" if kind == "multipart/digest" else "text/plain"
    part.parts = [_part(piece, within, depth + 1, count) for piece in pieces]
    return part


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    """What stands between the boundaries; what stands above the first and below a closing one is for nobody."""
    mark = b"--" + boundary.encode("utf-8", "surrogateescape")
    pieces: list[bytes] = []
    start = -1
    at = body.find(mark)
    while at >= 0:
        end = body.find(b"\n", at)
        end = len(body) if end < 0 else end
        rest = body[at + len(mark) : end].strip()
        if (at == 0 or body[at - 1] in b"\r\n") and not rest.strip(b"-"):
            if start >= 0:
                pieces.append(_without_last_line_end(body[start:at]))
            start = end + 1 if not rest else -1
        at = body.find(mark, max(end, at + 1))
    if start >= 0 and body[start:].strip():
        pieces.append(body[start:])  # the closing one never came
    return pieces


def _without_last_line_end(piece: bytes) -> bytes:
    return piece[:-2] if piece.endswith(b"\r\n") else piece[:-1] if piece[-1:] in (b"\n", b"\r") else piece


def _from_base64(body: bytes) -> tuple[bytes, bool]:
    if not _BASE64.fullmatch(body):
        # A scanner's footer below it, stray letters within it, or no base64 at all.
        own = _BASE64_LINES.match(body)
        cleaned = body.translate(None, _NOT_BASE64.replace(b"=", b""))
        if own and (b"=" in own[0] or len(own[0]) > 200 or len(own[0]) * 2 > len(body)):
            body = own[0]
        elif len(cleaned) * 5 >= len(b"".join(body.split())) * 4 and body.strip().count(b" ") * 10 < len(body):
            body = cleaned
        else:
            return body, False
    last = body.rstrip().find(b"=")
    if last < 0 or last >= len(body.rstrip()) - 3:
        try:
            return binascii.a2b_base64(body), True
        except binascii.Error:
            pass
    # Padding is missing, or several pieces were put one below the other, each with its own.
    octets = b""
    for piece in body.split(b"="):
        letters = piece.translate(None, _NOT_BASE64)
        letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
        octets += binascii.a2b_base64(letters + b"=" * (-len(letters) % 4)) if letters else b""
    return octets, bool(octets) or not body.strip()
