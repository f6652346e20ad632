"""Signing in with another house's account, by OpenID Connect: discovery, the code flow with PKCE, and a checked ID token.

Authlib builds the requests and judges the token; what is asked of which address goes through `adapters/http.py`.
"""

import secrets
import time
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from pydantic import SecretStr

from helpdesk import clock
from helpdesk.adapters import http

SCOPE = "openid email profile"
DISCOVERY = "/.well-known/openid-configuration"
# Signed by a key only the provider has; nothing that a client's secret or nobody at all could have signed.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
# How far two clocks may be apart, in seconds.
_LEEWAY = 60
# How long what a provider says about itself is believed, in seconds.
_BELIEF = 600.0
_MOST_KNOWN = 500
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")

_known: dict[str, tuple[float, dict[str, Any]]] = {}


class ProviderFailed(Exception):
    """The provider cannot be reached, or what it says cannot be believed.

    Args:
        message: why, for administrators and the log; never a secret.
        is_down: whether trying later may help.
    """

    def __init__(self, message: str, *, is_down: bool = False) -> None:
        super().__init__(message)
        self.is_down = is_down


@dataclass(frozen=True, slots=True)
class Application:
    """This desk, as a provider knows it."""

    kind: str
    issuer: str
    client_id: str
    client_secret: SecretStr


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in on its way: where the browser goes, and what its answer is checked against. The last three are secret."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Claims:
    """Who somebody is, as a provider vouches for it."""

    subject: str
    email: str
    is_verified: bool
    name: str = ""


class SignInProvider(Protocol):
    """Another house that knows who people are."""

    def begin(self, *, redirect_uri: str) -> Begun:
        """Where to send the browser.

        Raises:
            ProviderFailed: it is away, or says nonsense about itself.
        """

    def finish(self, *, redirect_uri: str, answer: str, state: str, nonce: str, verifier: str) -> Claims:
        """Who came back.

        Args:
            answer: the whole address the browser was sent back to.

        Raises:
            ProviderFailed: as `begin`, or the answer, the code or the ID token cannot be believed.
        """

    def check(self, *, redirect_uri: str) -> None:
        """Make sure that everything is set up, as far as it can be told without anybody signing in.

        Raises:
            ProviderFailed: what is wrong.
        """


def provider(application: Application) -> SignInProvider:
    """The provider of an application. Google speaks OpenID Connect like everybody else."""
    return OpenId(application)


class OpenId:
    """Any OpenID Connect provider."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def begin(self, *, redirect_uri: str) -> Begun:
        """See SignInProvider."""
        with http.client() as web:
            about = self._about(web)
            begun = Begun("", secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
            url, _ = self._oauth(web, about, redirect_uri).create_authorization_url(
                about["authorization_endpoint"], state=begun.state, nonce=begun.nonce, code_verifier=begun.verifier
            )
        return Begun(url, begun.state, begun.nonce, begun.verifier)

    def finish(self, *, redirect_uri: str, answer: str, state: str, nonce: str, verifier: str) -> Claims:
        """See SignInProvider."""
        with http.client() as web:
            about = self._about(web)
            self._check_sender(about, answer)
            try:
                token = self._oauth(web, about, redirect_uri).fetch_token(
                    about["token_endpoint"], authorization_response=answer, state=state, code_verifier=verifier
                )
                claims = self._id_token(web, about, token, nonce)
            except (AuthlibBaseError, JoseError) as error:
                raise ProviderFailed(f"The sign-in was refused: {_said(error)}") from error
            except httpx.HTTPError as error:
                raise ProviderFailed(_away(error), is_down=True) from error
            except (ValueError, KeyError, TypeError) as error:
                raise ProviderFailed("The provider's answer makes no sense.") from error
            return self._who(web, about, claims, str(token.get("access_token", "")))

    def check(self, *, redirect_uri: str) -> None:
        """See SignInProvider. A made-up code is offered: who refuses the code has accepted the client's secret."""
        with http.client() as web:
            about = self._about(web, anew=True)
            self._keys(web, about)
            try:
                self._oauth(web, about, redirect_uri).fetch_token(
                    about["token_endpoint"], grant_type="authorization_code", code="made-up-to-test-the-connection",
                    code_verifier=secrets.token_urlsafe(48),
                )  # fmt: skip
            except AuthlibBaseError as error:
                if error.error in ("invalid_client", "unauthorized_client"):
                    raise ProviderFailed("The provider does not accept the client ID and secret.") from error
            except httpx.HTTPError as error:
                raise ProviderFailed(_away(error), is_down=True) from error
            except (ValueError, KeyError, TypeError) as error:
                raise ProviderFailed("The provider's token endpoint gives no answer that makes sense.") from error

    def _about(self, web: httpx.Client, *, anew: bool = False) -> dict[str, Any]:
        """What the provider says about itself, checked: it is who we asked, and sends us nowhere we would not go."""
        issuer = self._application.issuer
        found = _known.get(issuer)
        if found and found[0] > time.monotonic() and not anew:
            return found[1]
        about = _fetched(web, issuer.rstrip("/") + DISCOVERY, "discovery document")
        if str(about.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
            raise ProviderFailed("The discovery document is another issuer's. Check the issuer address.")
        for name in _ENDPOINTS:
            if http.problem(str(about.get(name, ""))):
                raise ProviderFailed(f"The discovery document lacks a usable {name}.")
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[issuer] = (time.monotonic() + _BELIEF, about)
        return about

    def _oauth(self, web: httpx.Client, about: dict[str, Any], redirect_uri: str) -> OAuth2Client:
        methods = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return _Client(
            web,
            client_id=self._application.client_id,
            client_secret=self._application.client_secret.get_secret_value(),
            token_endpoint_auth_method="client_secret_basic" if "client_secret_basic" in methods else "client_secret_post",
            scope=SCOPE,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )  # fmt: skip

    def _check_sender(self, about: dict[str, Any], answer: str) -> None:
        """Providers that say who answers must be the one that was asked (RFC 9207), and may say that they refuse."""
        said = httpx.URL(answer).params
        if said.get("iss") not in (None, about["issuer"]):
            raise ProviderFailed("Another provider has answered.")
        if said.get("error"):
            raise ProviderFailed(f"The provider refused: {said['error'][:80]}")

    def _id_token(self, web: httpx.Client, about: dict[str, Any], token: dict[str, Any], nonce: str) -> CodeIDToken:
        if not isinstance(token.get("id_token"), str):
            raise ProviderFailed("The provider sent no ID token.")
        keys = KeySet.import_key_set(self._keys(web, about))
        signed = jwt.decode(
            token["id_token"], keys, registry=JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False)
        )
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            {
                "iss": {"essential": True, "value": about["issuer"]},
                "aud": {"essential": True, "value": self._application.client_id},
            },
            {"nonce": nonce, "client_id": self._application.client_id, "access_token": token.get("access_token")},
        )
        claims.validate(now=int(clock.now().timestamp()), leeway=_LEEWAY)
        return claims

    def _keys(self, web: httpx.Client, about: dict[str, Any]) -> Any:
        keys = _fetched(web, about["jwks_uri"], "keys")
        if not isinstance(keys.get("keys"), list):
            raise ProviderFailed("The provider publishes no keys.")
        return keys

    def _who(self, web: httpx.Client, about: dict[str, Any], claims: CodeIDToken, access_token: str) -> Claims:
        facts = dict(claims)
        endpoint = str(about.get("userinfo_endpoint") or "")
        if not facts.get("email") and endpoint and access_token:
            more = _fetched(web, endpoint, "user's details", headers={"Authorization": f"Bearer {access_token}"})
            if more.get("sub") != facts["sub"]:
                raise ProviderFailed("The user's details are somebody else's.")
            facts = more | facts
        subject = str(facts["sub"])
        if not subject or len(subject) > 255:
            raise ProviderFailed("The provider does not say who this is.")
        # Some providers write "true".
        is_verified = facts.get("email_verified") is True or facts.get("email_verified") == "true"
        return Claims(subject, str(facts.get("email") or ""), is_verified, str(facts.get("name") or ""))


class _Auth(httpx.Auth, ClientAuth):
    """How the desk says to the provider who it is."""

    requires_request_body = True

    def auth_flow(self, request: httpx.Request) -> Any:
        """See httpx."""
        url, headers, body = self.prepare(request.method, str(request.url), request.headers, request.content)
        content = body if isinstance(body, bytes) else str(body).encode()
        headers["Content-Length"] = str(len(content))
        yield httpx.Request(request.method, url, headers=headers, content=content, extensions=request.extensions)


class _Client(OAuth2Client):
    """Authlib's client over our own: its integration would open connections of its own."""

    client_auth_class = _Auth


def _fetched(web: httpx.Client, address: str, what: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    try:
        answer = web.get(address, headers=headers)
        answer.raise_for_status()
        found = answer.json()
    except httpx.HTTPError as error:
        raise ProviderFailed(f"The {what} cannot be read: {_away(error)}", is_down=True) from error
    except ValueError as error:
        raise ProviderFailed(f"The {what} makes no sense.") from error
    if not isinstance(found, dict):
        raise ProviderFailed(f"The {what} makes no sense.")
    return found


def _said(error: AuthlibBaseError | JoseError) -> str:
    """Why, in a few words of the library's or the provider's own."""
    return " ".join(str(part) for part in (error.error, error.description) if part)[:200]


def _away(error: httpx.HTTPError) -> str:
    if isinstance(error, http.Refused):
        return str(error)
    if isinstance(error, httpx.HTTPStatusError):
        return f"It answers with {error.response.status_code}."
    return "It takes too long to answer." if isinstance(error, httpx.TimeoutException) else "It does not answer."
