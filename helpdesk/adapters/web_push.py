"""Web Push: what a browser's push service takes. Encrypted for the browser alone (RFC 8291), signed by us (RFC 8292)."""

import base64
import json
import os
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from helpdesk.adapters import http, vault
from helpdesk.adapters.http import Answer, Poster

# How long a push service keeps what it cannot deliver, in seconds.
_KEPT = 24 * 3600
_SIGNED_FOR = 12 * 3600
_RECORD = 4096
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_CURVE = ec.SECP256R1()
_poster: Poster = http.OverTheNet()


class Unusable(ValueError):
    """These are no keys of a browser's."""


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a browser is reached, and the keys it has made."""

    endpoint: str
    p256dh: str
    auth: str


def public_key() -> str:
    """What a browser is told before it subscribes: only we can push to it then."""
    return _text(_point(_ours().public_key()))


def send(to: Browser, payload: bytes, *, subject: str) -> Answer:
    """Push something; never raises. 404 and 410 mean that the browser has gone.

    Args:
        payload: at most 3000 bytes.
        subject: whom the push service may write to, an address that begins with https: or mailto:.
    """
    try:
        body = encrypted(payload, to)
    except Unusable as error:
        return Answer(410, str(error))
    headers = {
        "Content-Type": "application/octet-stream", "Content-Encoding": "aes128gcm", "TTL": str(_KEPT), "Urgency": "normal",
        "Authorization": f"vapid t={_claim(to.endpoint, subject)}, k={public_key()}",
    }  # fmt: skip
    return _poster.post(to.endpoint, body, headers)


def check(browser: Browser) -> str:
    """Why a browser cannot be pushed to, in a sentence; nothing when it can."""
    if why := http.problem(browser.endpoint):
        return why
    try:
        encrypted(b"x", browser)
    except Unusable:
        return "This browser's keys cannot be read."
    return ""


def encrypted(
    payload: bytes, to: Browser, *, salt: bytes | None = None, key: ec.EllipticCurvePrivateKey | None = None
) -> bytes:
    """One record of aes128gcm.

    Args:
        salt, key: made anew for every message; given only to check against known ones.

    Raises:
        Unusable: the browser's keys are none.
    """
    salt, key = salt or os.urandom(16), key or ec.generate_private_key(_CURVE)
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, _bytes(to.p256dh))
        auth = _bytes(to.auth)
        shared = key.exchange(ec.ECDH(), theirs)
    except (ValueError, InvalidKey) as error:
        raise Unusable("This browser's keys cannot be read.") from error
    if len(auth) != 16:
        raise Unusable("This browser's keys cannot be read.")
    ours = _point(key.public_key())
    secret = _derived(shared, auth, b"WebPush: info\x00" + _point(theirs) + ours, 32)
    content_key = _derived(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\x00", 12)
    header = salt + _RECORD.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return header + AESGCM(content_key).encrypt(nonce, payload + b"\x02", None)


def _claim(endpoint: str, subject: str) -> str:
    """A token that says who pushes where, for a while."""
    place = urlsplit(endpoint)
    claims = {"aud": f"{place.scheme}://{place.netloc}", "exp": int(time.time()) + _SIGNED_FOR, "sub": subject}
    signed = ".".join(_text(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(_ours().sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"{signed}.{_text(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _ours() -> ec.EllipticCurvePrivateKey:
    """The desk's key: always the same under one SECRET_KEY, so that nothing needs to be kept."""
    number = int.from_bytes(vault.derived("web push"), "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(number, _CURVE)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
