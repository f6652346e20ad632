"""Bytes as text, whatever they are said to be. Pure; never refuses."""

import re

from charset_normalizer import from_bytes

_GUESSED = 20_000  # bytes looked at to guess a charset
# What a name of a charset means in practice: their writers use the wider one.
_CHARSETS = {
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030", "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949",
    "euc-kr": "cp949", "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "windows-1252": "cp1252", "us-ascii": "utf-8", "ascii": "utf-8",
    "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "iso-2022-jp": "iso2022_jp_ext", "iso-8859-9": "cp1254",
    "x-unknown": "utf-8", "unknown-8bit": "utf-8", "default_charset": "utf-8", "_iso-2022-jp$esc": "iso2022_jp_ext", "x-mac-roman": "mac_roman",
    "windows-31j": "cp932", "cp-850": "cp850", "utf8mb4": "utf-8", "unicode-1-1-utf-7": "utf-7", "iso-8859-8-i": "iso-8859-8",
    "windows-874": "cp874", "x-windows-949": "cp949", "big5": "big5hkscs", "binary": "utf-8", "8bit": "utf-8", "7bit": "utf-8",
}  # fmt: skip
# Whoever says so declares a width the bytes may not have.
_ASSUMED = frozenset({"utf-8", "cp1252"})
_SAYS_NOTHING = frozenset({"", "utf-8", "cp1252"})
_OF_BYTES = re.compile(
    r"(?:cp(?:125\d|437|85\d|866|874)|iso-?8859-\d+|iso8859_\d+|windows-125\d|koi8[-_][ru]|mac[-_]\w+|tis-620)"
)
_HIGH = bytes(range(128, 256))
_LOW_LETTERS = bytes([*range(65, 91), *range(97, 123)])
_AMID = re.compile(
    r"(?<=[a-zà-öø-ÿ])[^\w\s'’\-.,:;/&@–—…!?\"“”)(](?=[a-zà-öø-ÿ])|\w[¹³¾¼¿±¶](?=[a-z])|[¿¹³¾¼±¶](?=[a-z])"
)
_CZECH = ("ì", "ø", "è", "ù", "ò", "ï")
_SCRIPTS = [
    "gb18030",
    "big5",
    "cp949",
    "euc_jp",
    "cp932",
    "cp1251",
    "koi8_r",
    "cp1253",
    "cp1255",
    "cp1256",
    "cp874",
    "cp1252",
]
_CASED = re.compile(r"[^\W\d_]+")


def characters(octets: bytes, charset: str) -> tuple[str, bool]:
    """Bytes as text, and whether the charset they came with fits."""
    wanted = charset.strip().strip("\"'").lower()
    if (
        octets.isascii()
        and b"\x1b" not in octets
        and b"\x00" not in octets
        and not wanted.endswith("utf-7")
        and wanted[:2] != "hz"
    ):
        return octets.decode("ascii"), True
    wanted = _CHARSETS.get(wanted, wanted)
    if octets[:2] in (b"\xff\xfe", b"\xfe\xff") and len(octets) % 2 == 0:
        wanted = "utf-16"
    if wanted in _SAYS_NOTHING and (b"\x1b$" in octets or b"\x1b(" in octets) and octets.isascii():
        wanted = "iso2022_jp_ext"
    if wanted and wanted not in _ASSUMED and not (_OF_BYTES.fullmatch(wanted) and _is_utf8(octets)):
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
    return guessed(octets), False


def plain(value: str, hint: str = "") -> str:
    """Undo the standard library's way of carrying bytes that are no UTF-8 through a string."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return characters(value.encode("utf-8", "surrogateescape"), hint)[0]
    return value


def guessed(octets: bytes) -> str:
    """Bytes nobody says anything about, and which are no UTF-8. A statistic over a whole text knows scripts apart, but is lost
    with a subject of six words; there, how words look decides."""
    high = len(octets) - len(octets.translate(None, _HIGH))
    low = len(octets) - len(octets.translate(None, _LOW_LETTERS))
    if high <= low:
        return _of_latin_letters(octets)
    for one in ("cp1251", "koi8_r", "cp1253"):
        text = octets.decode(one, "replace")
        if _looks_written(text):
            return text
    # Kana begin with these two in Shift_JIS, and in the other one with those.
    kana = (octets.count(b"\x82") + octets.count(b"\x83"), octets.count(b"\xa4") + octets.count(b"\xa5"))
    if max(kana) * 4 >= high:
        return octets.decode("cp932" if kana[0] >= kana[1] else "euc_jp", "replace")
    found = from_bytes(octets[:_GUESSED], cp_isolation=_SCRIPTS).best() if len(octets) > 16 else None
    if found is not None:
        return octets.decode(found.encoding, "replace")
    for one in ("gb18030", "cp932", "cp949"):
        try:
            return octets.decode(one)
        except UnicodeDecodeError:
            continue
    return octets.decode("cp1252", "replace")


def _of_latin_letters(octets: bytes) -> str:
    text = octets.decode("cp1252", "replace")
    if not (_AMID.search(text) or sum(one in text for one in _CZECH) >= 3 or "\ufffd" in text):
        return text
    told = [(octets.decode(one, "replace"), one) for one in ("cp1252", "cp1250", "iso8859_2", "cp850")]
    scored = [
        (len(_AMID.findall(one)) + 3 * one.count("\ufffd") + (3 if sum(c in one for c in _CZECH) >= 3 else 0), one)
        for one, _ in told
    ]
    return min(scored, key=lambda pair: pair[0])[1]


def _looks_written(text: str) -> bool:
    """Whether words have their capitals where people put them, in a script that is not Latin."""
    words = [word for word in _CASED.findall(text) if not word.isascii()]
    if not words or "\ufffd" in text:
        return False
    script = sum("\u0370" <= letter <= "\u04ff" for word in words for letter in word)
    others = sum(not letter.isascii() for letter in text)
    return script * 10 >= max(sum(map(len, words)), others) * 9 and all(
        word.islower() or word.isupper() or word.istitle() for word in words
    )


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
