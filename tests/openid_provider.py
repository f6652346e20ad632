"""A small but real OpenID Connect provider on loopback: discovery, authorize, token, keys, userinfo. It checks what a
good one checks, and can be told to lie."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "the-desk", "s3cret-of-the-desk"
_KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})
_OTHER_KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})


def _as_they_are(claims: dict[str, Any]) -> dict[str, Any]:
    return claims


@dataclass
class Provider:
    """A running provider.

    Args:
        user: the claims about whoever is sitting at the browser.
        twist: what it makes of an ID token's claims before signing.
        forging: how its tokens are signed instead: with another key, with the client's secret, or with nothing.
        in_userinfo: claims it tells at userinfo only.
        denies: whether the user says no.
    """

    port: int
    user: dict[str, Any]
    twist: Callable[[dict[str, Any]], dict[str, Any]] = _as_they_are
    forging: str = ""
    in_userinfo: tuple[str, ...] = ()
    denies: bool = False
    auth_methods: list[str] = field(default_factory=lambda: ["client_secret_basic"])
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        """Its name."""
        return f"http://127.0.0.1:{self.port}"

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        assert query["response_type"] == "code" and query["client_id"] == CLIENT_ID
        assert query["code_challenge_method"] == "S256" and query["state"] and query["nonce"]
        assert "openid" in query["scope"].split()
        self.asked.append(query)
        if self.denies:
            return f"{query['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': query['state']})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state'], 'iss': self.issuer})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The answer of the token endpoint."""
        if self._client(form, authorization) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        query = self.codes.pop(form.get("code", ""), None)  # each code once
        if query is None or form.get("redirect_uri") != query["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != query["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        told = {name: value for name, value in self.user.items() if name not in self.in_userinfo}
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": query["nonce"]} | told
        signed = _signed(self.twist(claims), self.forging)
        return 200, {"access_token": "an-access-token", "token_type": "Bearer", "expires_in": 300, "id_token": signed}

    def about(self) -> dict[str, Any]:
        """The discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "token_endpoint_auth_methods_supported": self.auth_methods,
        }

    def _client(self, form: dict[str, str], authorization: str) -> tuple[str, str]:
        if "client_secret_basic" in self.auth_methods:
            name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
            return name, secret
        return form.get("client_id", ""), form.get("client_secret", "")


@contextmanager
def running(**user: Any) -> Iterator[Provider]:
    """A provider at a free port, with somebody at the browser."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    one = Provider(server.server_address[1], {"sub": "1001", "email_verified": True} | user)
    server.provider = one  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        provider: Provider = self.server.provider  # type: ignore[attr-defined]
        url = urlsplit(self.path)
        if url.path == "/.well-known/openid-configuration":
            self._json(200, provider.about())
        elif url.path == "/keys":
            self._json(200, {"keys": [_KEY.as_dict(private=False)]})
        elif url.path == "/userinfo":
            assert self.headers["Authorization"] == "Bearer an-access-token"
            self._json(200, provider.user)
        elif url.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", provider.authorize(_one_each(url.query)))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._json(404, {})

    def do_POST(self) -> None:
        provider: Provider = self.server.provider  # type: ignore[attr-defined]
        form = _one_each(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._json(*provider.token(form, self.headers.get("Authorization", "")))

    def _json(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def _signed(claims: dict[str, Any], forging: str) -> str:
    if forging == "nothing":
        parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
        return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."
    if forging == "secret":
        return jwt.encode({"alg": "HS256", "kid": "first"}, claims, OctKey.import_key(CLIENT_SECRET * 3))
    return jwt.encode({"alg": "RS256", "kid": "first"}, claims, _OTHER_KEY if forging else _KEY)


def _one_each(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
