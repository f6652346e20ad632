"""Claims that only we can have signed: JSON Web Tokens with one algorithm and a key of their own; short stamps where a
token is too long."""

import base64
import binascii
import hashlib
import hmac
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from helpdesk.adapters import vault

_ALGORITHM = "HS256"
_LONGEST = 4096
_LONGEST_STAMP, _SEAL = 60, 10


def sign(purpose: str, claims: dict[str, Any]) -> str:
    """A token that says so."""
    return jwt.encode({"alg": _ALGORITHM, "typ": "JWT"}, claims, _key(purpose), algorithms=[_ALGORITHM])


def read(purpose: str, token: str) -> dict[str, Any] | None:
    """What a token says, if we signed it for this purpose, with this algorithm; whether it is still good is for the
    reader to ask."""
    if len(token) > _LONGEST:
        return None
    try:
        return dict(jwt.decode(token, _key(purpose), algorithms=[_ALGORITHM]).claims)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _key(purpose: str) -> OctKey:
    return OctKey.import_key(vault.derived(purpose))


def stamp(purpose: str, *numbers: int) -> str:
    """Numbers with a short signature, in letters and digits that survive being written in capitals: for a mail address."""
    plain = b"".join(_packed(number) for number in numbers)
    return base64.b32encode(plain + _seal(purpose, plain)).decode().rstrip("=").lower()


def read_stamp(purpose: str, stamped: str) -> tuple[int, ...] | None:
    """The numbers of a stamp, if we signed it for this purpose."""
    if not 16 < len(stamped) <= _LONGEST_STAMP:
        return None
    try:
        whole = base64.b32decode(stamped.upper() + "=" * (-len(stamped) % 8))
    except (binascii.Error, ValueError):
        return None
    plain, seal = whole[:-_SEAL], whole[-_SEAL:]
    return _unpacked(plain) if hmac.compare_digest(seal, _seal(purpose, plain)) else None


def _seal(purpose: str, plain: bytes) -> bytes:
    # 80 bits: there is no guessing them by sending mails.
    return hmac.new(vault.derived(f"stamp:{purpose}"), plain, hashlib.sha256).digest()[:_SEAL]


def _packed(number: int) -> bytes:
    octets = []
    while True:
        number, low = number >> 7, number & 0x7F
        octets.append(low | (0x80 if number else 0))
        if not number:
            return bytes(octets)


def _unpacked(plain: bytes) -> tuple[int, ...]:
    numbers, value, shift = [], 0, 0
    for octet in plain:
        value |= (octet & 0x7F) << shift
        shift += 7
        if not octet & 0x80:
            numbers.append(value)
            value, shift = 0, 0
    return tuple(numbers)


def same(expected: str, given: str) -> bool:
    """Whether two signatures are the same, without telling by the time it takes how far they are."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
