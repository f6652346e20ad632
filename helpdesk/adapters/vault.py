"""Secrets at rest: sealed with keys derived from SECRET_KEY, one per purpose."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from helpdesk import settings


class Unreadable(Exception):
    """It was sealed with another SECRET_KEY, or is no seal of ours."""


def seal(purpose: str, secret: bytes) -> str:
    """What may be kept in the database."""
    return _key(purpose).encrypt(secret).decode()


def unseal(purpose: str, sealed: str) -> bytes:
    """The secret again.

    Raises:
        Unreadable: SECRET_KEY has changed since, or the purpose is another.
    """
    try:
        return _key(purpose).decrypt(sealed)
    except InvalidToken:
        raise Unreadable("This was sealed with another SECRET_KEY.") from None


def derived(purpose: str) -> bytes:
    """32 bytes that only who knows SECRET_KEY can have, others for each purpose."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"helpdesk:{purpose}".encode())
    return derive.derive(settings.get().secret_key.get_secret_value().encode())


def _key(purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derived(purpose)))
