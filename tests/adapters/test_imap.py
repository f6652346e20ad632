"""Getting into a mailbox of a real IMAP server (dovecot): over TLS, over STARTTLS, and with an access token."""

import datetime
import ipaddress
import json
import threading
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from helpdesk.adapters import imap
from helpdesk.adapters.imap import Account, ImapFailed
from tests.imap_server import PASSWORD, USER, ImapServer, found

pytestmark = pytest.mark.skipif(not found(), reason="dovecot is not installed: apt-get install dovecot-imapd")
if not found():
    warnings.warn("No dovecot: the tests of getting into mailboxes are left out.", stacklevel=1)

HOST = "127.0.0.1"
MAIL = b"From: rita@northwind.example\r\nSubject: Hello\r\n\r\nOver TLS.\r\n"


class Tokens(BaseHTTPRequestHandler):
    """An OAuth 2 house: gives an access token for the refresh token it knows, and says whose it is."""

    def do_POST(self) -> None:
        """The token endpoint (RFC 6749, section 6)."""
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        is_known = asked["refresh_token"] == ["the-refresh-token"] and asked["client_id"] == ["desk"]
        self._answer(200 if is_known else 400, {"access_token": "today"} if is_known else {"error": "invalid_grant"})

    def do_GET(self) -> None:
        """Whose an access token is."""
        is_known = parse_qs(urlsplit(self.path).query).get("access_token") == ["today"]
        self._answer(200 if is_known else 401, {"email": USER} if is_known else {"error": "invalid_token"})

    def _answer(self, status: int, told: dict[str, str]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def tokens() -> Iterator[str]:
    server = ThreadingHTTPServer((HOST, 0), Tokens)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{HOST}:{server.server_address[1]}"
    server.shutdown()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One for the loopback address, signed by itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    where = tmp_path_factory.mktemp("certificate")
    files = where / "certificate.pem", where / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@pytest.fixture(scope="module")
def server(certificate: tuple[Path, Path], tokens: str) -> Iterator[ImapServer]:
    made = ImapServer(certificate=certificate, token_info=f"{tokens}/whose?access_token=")
    made.start()
    made.deliver(MAIL)
    yield made
    made.remove()


@pytest.fixture
def trusted(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))


def _read(account: Account) -> bytes:
    with imap.opened(account) as folder:
        [uid] = folder.after(0)
        return folder.fetch(uid) or b""


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_reads_over_tls(server: ImapServer, tls: str) -> None:
    port = server.tls_port if tls == "tls" else server.port
    assert _read(Account(HOST, port, tls, USER, PASSWORD)) == MAIL


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_a_certificate_nobody_vouches_for_is_refused(server: ImapServer, tls: str) -> None:
    port = server.tls_port if tls == "tls" else server.port
    with pytest.raises(ImapFailed, match="cannot be trusted"):
        _read(Account(HOST, port, tls, USER, PASSWORD))


@pytest.mark.usefixtures("trusted")
def test_the_wrong_kind_of_encryption_is_told(server: ImapServer) -> None:
    with pytest.raises(ImapFailed, match="does not speak TLS like this"):
        _read(Account(HOST, server.port, "tls", USER, PASSWORD))


@pytest.mark.usefixtures("trusted")
def test_an_access_token_opens_the_mailbox(server: ImapServer, tokens: str) -> None:
    account = Account(
        HOST, server.tls_port, "tls", USER, "the-refresh-token", token_address=f"{tokens}/token", client_id="desk"
    )
    assert _read(account) == MAIL


@pytest.mark.usefixtures("trusted")
def test_a_refresh_token_that_was_withdrawn_is_told(server: ImapServer, tokens: str) -> None:
    account = Account(HOST, server.tls_port, "tls", USER, "old", token_address=f"{tokens}/token", client_id="desk")
    with pytest.raises(ImapFailed, match="No access token could be had: invalid_grant"):
        _read(account)
