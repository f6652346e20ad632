"""Notifications in the browser, against a push service on loopback that decrypts what it is given, as a browser would."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlmodel import col, select

from helpdesk import clock
from helpdesk.adapters import http, web_push
from helpdesk.adapters.web_push import Browser
from helpdesk.domain.errors import Invalid, NotFound
from helpdesk.jobs import push as jobs
from helpdesk.models import Activity, Notification, PushSubscription
from helpdesk.services import account, bell, push, reactions, tickets
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import Cast
from tests.hook_server import Heard, HookServer, listening

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


class FakeBrowser:
    """Has made keys, and reads what is pushed to it."""

    def __init__(self) -> None:
        self.key, self.auth = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"

    def keys(self) -> dict[str, str]:
        """What it hands to the desk."""
        return {"p256dh": _text(_point(self.key.public_key())), "auth": _text(self.auth)}

    def read(self, call: Heard) -> dict[str, Any]:
        """What was pushed, as RFC 8291 says to open it."""
        assert call.headers["Content-Encoding"] == "aes128gcm" and int(call.headers["TTL"]) > 0
        salt, size, rest = call.body[:16], call.body[20], call.body[21:]
        theirs, sealed = rest[:size], rest[size:]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))

        def derived(secret: bytes, mixed: bytes, info: bytes, length: int) -> bytes:
            return HKDF(algorithm=SHA256(), length=length, salt=mixed, info=info).derive(secret)

        secret = derived(shared, self.auth, b"WebPush: info\0" + _point(self.key.public_key()) + theirs, 32)
        key = derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derived(secret, salt, b"Content-Encoding: nonce\0", 12)
        opened = AESGCM(key).decrypt(nonce, sealed, None)
        assert opened[-1:] == b"\x02"
        found: dict[str, Any] = json.loads(opened[:-1])
        return found


@pytest.fixture
def server() -> Iterator[HookServer]:
    """A push service."""
    with listening() as known:
        known.status = 201
        yield known


def _react(cast: Cast) -> int:
    def react(ctx: Context) -> None:
        waiting = ctx.session.exec(select(Activity.id).where(col(Activity.reacted_at).is_(None))).all()
        reactions.react(ctx, waiting)

    run(cast.desk, react)
    return jobs.deliver(cast.acme.id)


def _adas(cast: Cast) -> str:
    ref = run(cast.rita, tickets.create, title="Printer on fire", description="x")
    run(cast.ada, tickets.take, ref)
    _react(cast)
    return ref


def test_the_example_of_the_standard() -> None:
    number = int.from_bytes(_bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    browser = Browser(
        "", "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", "BTBZMqHH6r4Tts7J_aSIgg"
    )  # fmt: skip
    made = web_push.encrypted(
        b"When I grow up, I want to be a watermelon", browser, salt=_bytes("DGv6ra1nlYgDCS1FRnbzlw"),
        key=ec.derive_private_key(number, ec.SECP256R1()),
    )  # fmt: skip
    assert _text(made) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl"
        "95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_browser_is_told_encrypted_and_signed_and_once(cast: Cast, server: HookServer) -> None:
    browser, ref = FakeBrowser(), _adas(cast)
    run(cast.ada, push.subscribe, endpoint=server.address, **browser.keys(), browser="Firefox on Linux")
    run(cast.ada, push.subscribe, endpoint=server.address, **browser.keys(), browser="Firefox on Linux")
    run(cast.rita, tickets.reply, ref, "It still burns")
    assert _react(cast) == 1 and _react(cast) == 0
    [call] = server.heard
    assert b"burns" not in call.body
    assert browser.read(call) == {
        "title": "Rita Requester answered", "body": "It still burns · Printer on fire", "url": f"/agent?ticket={ref}",
        "tag": browser.read(call)["tag"],
    }  # fmt: skip
    token, key = call.headers["Authorization"].removeprefix("vapid t=").split(", k=")
    assert key == web_push.public_key()
    signed, _, signature = token.rpartition(".")
    claims = json.loads(_bytes(signed.partition(".")[2]))
    assert claims["aud"] == server.address.removesuffix("/hook") and claims["sub"].startswith("mailto:")
    raw = _bytes(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    ours = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(key))
    ours.verify(der, signed.encode(), ec.ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        ours.verify(der, b"something else", ec.ECDSA(SHA256()))


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_has_gone_is_forgotten(cast: Cast, server: HookServer, status: int) -> None:
    ref = _adas(cast)
    run(cast.ada, push.subscribe, endpoint=server.address, **FakeBrowser().keys())
    server.status = status
    run(cast.rita, tickets.reply, ref, "Hi")
    _react(cast)
    assert run(cast.ada, push.browsers) == []
    assert jobs.sweep_pushes() == 0


def test_what_was_not_taken_is_tried_again_a_few_times(
    cast: Cast, server: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = _adas(cast)
    run(cast.ada, push.subscribe, endpoint=server.address, **FakeBrowser().keys())
    server.status = 503
    run(cast.rita, tickets.reply, ref, "Hi")
    _react(cast)
    for _ in range(5):
        moment = clock.now() + timedelta(minutes=11)
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        jobs.sweep_pushes()
    assert len(server.heard) == 3
    assert len(run(cast.ada, push.browsers)) == 1


def test_pushes_wait_for_the_end_of_quiet_hours_and_what_was_read_is_not_pushed(
    cast: Cast, server: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    ref = _adas(cast)
    run(cast.ada, push.subscribe, endpoint=server.address, **FakeBrowser().keys())
    row = run(cast.ada, account.profile)
    wanted = row.wanted_notices
    run(cast.ada, account.change_notices, wants_mail=True, wanted=wanted, quiet_from="11:00", quiet_until="13:00")
    for words in ("One", "Two"):
        run(cast.rita, tickets.reply, ref, words)
    assert _react(cast) == 0
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(minutes=30))
    run(cast.ada, bell.mark_read, run(cast.ada, bell.listing)[0].id)
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(hours=1))
    assert jobs.sweep_pushes() == 1


def test_who_wants_it_in_the_browser_alone_has_nothing_to_read(cast: Cast, server: HookServer) -> None:
    ref = _adas(cast)
    run(cast.ada, account.change_notices, wants_mail=False, wanted=["push.comment_added"])
    run(cast.rita, tickets.reply, ref, "Nobody listens")
    assert _react(cast) == 0, "no browser"
    run(cast.ada, push.subscribe, endpoint=server.address, **FakeBrowser().keys())
    run(cast.rita, tickets.reply, ref, "Hi")
    assert _react(cast) == 1 and run(cast.ada, bell.unread) == 0


def test_only_addresses_the_desk_may_ask_and_ones_own_browsers(
    cast: Cast, server: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = FakeBrowser().keys()
    for endpoint in ("ftp://push.example/x", "http://push.example/x", "nonsense"):
        with pytest.raises(Invalid):
            run(cast.ada, push.subscribe, endpoint=endpoint, **keys)
    with pytest.raises(Invalid):
        run(cast.ada, push.subscribe, endpoint=server.address, p256dh="x", auth="y")
    run(cast.ada, push.subscribe, endpoint=server.address, **keys)
    [mine] = run(cast.ada, push.browsers)
    sealed = run(cast.desk, lambda ctx: ctx.session.exec(select(PushSubscription.sealed)).one())
    assert server.address not in sealed and keys["auth"] not in sealed
    with pytest.raises(NotFound):
        run(cast.max, push.unsubscribe, browser_id=mine.id)
    run(cast.max, push.unsubscribe, endpoint=server.address)
    assert len(run(cast.ada, push.browsers)) == 1
    ref = _adas(cast)
    monkeypatch.setattr(http, "_may_loop_back", lambda: False)
    run(cast.rita, tickets.reply, ref, "Hi")
    _react(cast)
    assert server.heard == []
    run(cast.ada, push.unsubscribe, endpoint=server.address)
    assert run(cast.ada, push.browsers) == []
    left = run(cast.desk, lambda ctx: ctx.session.exec(select(Notification.push_tries)).all())
    assert max(left) == 1
