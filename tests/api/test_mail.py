"""Mail handed over by a provider: signed, large enough, and told of."""

import time

from helpdesk.domain.webhooks import MOMENT, SIGNATURE, sign
from helpdesk.services.mail import mailboxes
from tests.api.client import Program, as_
from tests.cast import Cast
from tests.mails import eml

ADDRESS = "support@acme.example"


def _headers(secret: str, raw: bytes) -> dict[str, str]:
    now = int(time.time())
    return {MOMENT: str(now), SIGNATURE: sign(secret, now, raw), "Content-Type": "message/rfc822"}


def test_a_provider_hands_a_mail_over(program: Program, cast: Cast) -> None:
    box = as_(cast.adam, mailboxes.save, address=ADDRESS)
    secret, raw = as_(cast.adam, mailboxes.renew_secret, box), eml("x" * 70 + "\n" + ("y" * 70 + "\n") * 30_000)
    assert len(raw) > 2_000_000
    answer = program.post(f"/inbound/mail?mailbox={ADDRESS}", content=raw, headers=_headers(secret, raw))
    assert answer.status_code == 202, answer.text
    assert answer.json()["is_new"] is True
    again = program.post(f"/inbound/mail?mailbox={ADDRESS}", content=raw, headers=_headers(secret, raw))
    assert again.json() == {"id": answer.json()["id"], "is_new": False}


def test_nobody_else_does(program: Program, cast: Cast) -> None:
    box = as_(cast.adam, mailboxes.save, address=ADDRESS)
    raw = eml()
    for secret in ("", "guess"):
        answer = program.post(f"/inbound/mail?mailbox={ADDRESS}", content=raw, headers=_headers(secret, raw))
        assert answer.status_code == 401
    secret = as_(cast.adam, mailboxes.renew_secret, box)
    evil = Program(program.edge, host="evil.localhost")
    answer = evil.post(f"/inbound/mail?mailbox={ADDRESS}", content=raw, headers=_headers(secret, raw))
    assert answer.status_code == 401


def test_administrators_arrange_mailboxes(program: Program, cast: Cast) -> None:
    admin = program.signed_in("adam@acme.example")
    made = admin.post(
        "/mailboxes",
        {"address": ADDRESS, "imap_host": "127.0.0.1", "imap_port": 9, "imap_tls": "none", "imap_secret": "x"},
    )
    assert made.status_code == 201, made.text
    number = made.json()["id"]
    tried = admin.post(f"/mailboxes/{number}/test")
    assert tried.json()["reading"] == "Nothing listens at 127.0.0.1, port 9."
    assert "secret" not in str(admin.get("/mailboxes").json()["items"][0].values())
    assert admin.get("/received-mail").json()["items"] == []
