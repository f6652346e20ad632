"""Claims that only we can have signed: JSON Web Tokens with one algorithm and a key of their own."""

from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from helpdesk.adapters import vault

_ALGORITHM = "HS256"
_LONGEST = 4096


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
