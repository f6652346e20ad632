"""What a door answered, for the page it sends the browser back to: a message, reasons per field, what was typed.

It travels in a short-lived HttpOnly cookie, signed, so that nobody can put words into our mouth, and never in the
address, where it would end up in logs and histories. The address carries only a number that says which answer it is.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass, field

from helpdesk import settings

COOKIE = "helpdesk_flash"
SECONDS = 120
QUERY = "tried"
_LONGEST = 3000


@dataclass(frozen=True, slots=True)
class Flash:
    """An answer.

    Args:
        message: a sentence for people.
        fields: field -> what to do about it.
        values: field -> what was typed; never a password.
        good: whether it is good news.
    """

    message: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    good: bool = False
    number: str = field(default_factory=lambda: secrets.token_urlsafe(6))


def pack(flash: Flash) -> str:
    """The cookie's value."""
    values = {name: text[:300] for name, text in flash.values.items()}
    body = base64.urlsafe_b64encode(json.dumps(asdict(flash) | {"values": values}).encode()).decode().rstrip("=")
    if len(body) > _LONGEST:
        return pack(Flash(flash.message[:500], good=flash.good, number=flash.number))
    return f"{body}.{_signature(body)}"


def unpack(text: str, number: str) -> Flash | None:
    """The answer a cookie carries, if it is ours and the one with this number."""
    body, _, signature = text.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(body).encode()):
        return None
    try:
        flash = Flash(**json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))
    except (binascii.Error, ValueError, TypeError):
        return None
    return flash if hmac.compare_digest(flash.number.encode(), number.encode()) else None


def _signature(body: str) -> str:
    key = settings.get().secret_key.get_secret_value().encode()
    return hmac.new(key, b"flash:" + body.encode(), hashlib.sha256).hexdigest()
