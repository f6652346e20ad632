"""Codes of the second step: six digits of a clock and a shared secret (RFC 6238), and recovery codes on paper."""

import base64
import hashlib
import hmac
import re
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SECRET_BYTES = 20
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
_SECONDS = 30
_DIGITS = 6
# A phone's clock may be so many steps off, either way.
_TOLERANCE = 1


def step(now: datetime) -> int:
    """The number of the present half minute."""
    return int(now.timestamp()) // _SECONDS


def code(secret: bytes, number: int) -> str:
    """The six digits of a step. SHA-1 is what every authenticator app speaks; HMAC does not suffer from its weakness."""
    return TOTP(secret, _DIGITS, SHA1(), _SECONDS, enforce_key_length=False).generate(number * _SECONDS).decode()  # noqa: S303


def matching_step(secret: bytes, typed: str, *, now: datetime, after: int) -> int | None:
    """The step a typed code belongs to; nothing when it belongs to none, or to one that was used already.

    Args:
        after: the last step used. A code seen over somebody's shoulder is worth nothing a second time.
    """
    digits = re.sub(r"\s", "", typed)
    if not (len(digits) == _DIGITS and digits.isascii() and digits.isdigit()):
        return None
    present = step(now)
    found = None
    for number in range(present - _TOLERANCE, present + _TOLERANCE + 1):
        if hmac.compare_digest(code(secret, number), digits) and number > after:
            found = number
    return found


def uri(secret: bytes, *, issuer: str, account: str) -> str:
    """What the QR code says to an authenticator app."""
    query = urlencode({"secret": _base32(secret), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer, safe='')}:{quote(account, safe='')}?{query}"


def readable(secret: bytes) -> str:
    """A secret to type in by hand: `ABCD EFGH ...`."""
    return _groups(_base32(secret), " ")


def recovery_code(random: bytes) -> str:
    """A code to write down: `abcd-efgh-ijkl-mnop`, from 10 random bytes."""
    return _groups(_base32(random).lower(), "-")


def recovery_hash(typed: str) -> str:
    """What is kept of a recovery code, however it is typed. With 80 random bits nobody guesses it from a plain hash."""
    return hashlib.sha256(re.sub(r"[\W_]", "", typed).lower().encode("utf-8", "replace")).hexdigest()


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=")


def _groups(text: str, between: str) -> str:
    return between.join(text[at : at + 4] for at in range(0, len(text), 4))
