"""Sign-in providers as owners keep them, what nobody ever learns of them, and which servers the desk asks."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from helpdesk import settings
from helpdesk.adapters import http, oauth
from helpdesk.adapters.oauth import Claims
from helpdesk.domain.activity import ActivityKind, sentence
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from helpdesk.domain.people import anonymous
from helpdesk.models import Activity, Identity, IdentityProvider
from helpdesk.services import identities, identity_providers
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import Cast
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, Provider, running

GIVEN = {"kind": "oidc", "name": "House", "issuer": "https://login.house.example", "client_id": "desk"}
SECRET = "not-for-anybodys-eyes"


@pytest.fixture(autouse=True)
def unknown() -> Iterator[None]:
    """What providers said about themselves in another test is forgotten."""
    oauth._known.clear()
    yield
    settings.get.cache_clear()


def _save(cast: Cast, provider_id: int | None = None, **more: Any) -> int:
    secret = {"client_secret": SECRET} if provider_id is None else {}
    return run(cast.olga, identity_providers.save, provider_id, **(GIVEN | secret | more))


def _log(cast: Cast, kind: str) -> list[Activity]:
    query = select(Activity).where(Activity.kind == kind).order_by(col(Activity.id))
    return run(cast.desk, lambda ctx: list(ctx.session.exec(query).all()))


def _came_in(cast: Cast, provider_id: int, subject: str, email: str) -> str:
    claims = Claims(subject, email, is_verified=True)
    return run(anonymous(cast.acme.id), identities.enter_with, provider_id, claims=claims)


def test_the_secret_is_kept_sealed_and_told_to_nobody(cast: Cast) -> None:
    provider_id = _save(cast)
    (row,) = run(cast.olga, identity_providers.listing)
    assert (row.id, row.name, row.is_active, row.people) == (provider_id, "House", False, 0)
    assert row.redirect_uri == f"http://acme.localhost:3000/auth/oidc/{provider_id}/callback"
    _save(cast, provider_id, client_secret=SECRET + "2", client_id="desk2")
    assert SECRET not in str(run(cast.olga, identity_providers.listing))
    logged = _log(cast, "provider.created") + _log(cast, "provider.changed")
    assert SECRET not in json.dumps([one.data for one in logged])
    assert logged[1].data["before"]["client_id"] == "desk" and logged[1].data["after"]["secret"] == "new"
    assert sentence(ActivityKind(logged[0].kind), logged[0].data) == "created the sign-in provider “House”"

    def sealed(ctx: Context) -> tuple[str, oauth.Application]:
        found = ctx.session.get_one(IdentityProvider, provider_id)
        return found.sealed_secret, identity_providers.application(found)

    kept, application = run(cast.desk, sealed)
    assert SECRET not in kept and SECRET not in repr(application)
    assert application.client_secret.get_secret_value() == SECRET + "2"


def test_an_empty_secret_keeps_the_one_there_is(cast: Cast) -> None:
    provider_id = _save(cast)
    _save(cast, provider_id, name="Home")
    _save(cast, provider_id, name="Home")
    assert len(_log(cast, "provider.changed")) == 1, "the same again is no change"

    def secret(ctx: Context) -> str:
        found = ctx.session.get_one(IdentityProvider, provider_id)
        return identity_providers.application(found).client_secret.get_secret_value()

    assert run(cast.desk, secret) == SECRET


def test_it_is_offered_while_it_is_active(cast: Cast) -> None:
    visitor = anonymous(cast.acme.id)
    second, first = _save(cast, position=2), _save(cast, kind="google", name="Google", position=1)
    assert run(visitor, identity_providers.offered) == []
    for provider_id in (first, second, second):
        run(cast.olga, identity_providers.activate, provider_id)
    assert [one.name for one in run(visitor, identity_providers.offered)] == ["Google", "House"]
    assert len(_log(cast, "provider.changed")) == 2
    assert run(anonymous(cast.evil.id), identity_providers.offered) == []
    run(cast.olga, identity_providers.deactivate, first)
    assert [one.name for one in run(visitor, identity_providers.offered)] == ["House"]
    assert run(cast.olga, identity_providers.listing)[0].issuer == "https://accounts.google.com"


def test_only_the_owner_decides_who_vouches_for_everybody(cast: Cast) -> None:
    provider_id = _save(cast)
    assert len(run(cast.adam, identity_providers.listing)) == 1
    for verb in (identity_providers.activate, identity_providers.delete, identity_providers.check):
        with pytest.raises(NotAllowed):
            run(cast.adam, verb, provider_id)
        with pytest.raises(NotFound):
            run(cast.eve, verb, provider_id)
    with pytest.raises(NotAllowed):
        run(cast.adam, identity_providers.save, **GIVEN, client_secret=SECRET)
    with pytest.raises(NotAllowed):
        run(cast.max, identity_providers.listing)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"), ({"kind": "saml"}, "kind"), ({"client_id": ""}, "client_id"), ({"client_secret": " "}, "client_secret"),
        ({"client_secret": "x" * 501}, "client_secret"), ({"issuer": ""}, "issuer"), ({"issuer": "login.example"}, "issuer"),
        ({"issuer": "http://login.example"}, "issuer"), ({"issuer": "https://a:b@login.example"}, "issuer"),
        ({"issuer": "ftp://login.example"}, "issuer"), ({"issuer": "https://login.example/?x"}, "issuer"), ({"issuer": "https://["}, "issuer"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_provider_is_refused_by_field(cast: Cast, more: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        _save(cast, **more)
    assert list(refused.value.fields) == [field]


def test_a_name_is_used_once(cast: Cast) -> None:
    _save(cast)
    with pytest.raises(Conflict, match="already"):
        _save(cast, name="hOUSE")


def test_the_issuer_stays_once_people_came_in(cast: Cast) -> None:
    provider_id = _save(cast)
    run(cast.olga, identity_providers.activate, provider_id)
    _save(cast, provider_id, issuer="https://login2.house.example")
    _came_in(cast, provider_id, "rita-there", "rita@northwind.example")
    with pytest.raises(Conflict, match="issuer"):
        _save(cast, provider_id, issuer="https://elsewhere.example")


def test_deleting_it_forgets_every_link(cast: Cast) -> None:
    provider_id = _save(cast)
    run(cast.olga, identity_providers.activate, provider_id)
    _came_in(cast, provider_id, "rita-there", "rita@northwind.example")
    run(cast.olga, identity_providers.delete, provider_id)
    assert run(cast.desk, lambda ctx: ctx.session.exec(select(Identity)).all()) == []
    (logged,) = _log(cast, "provider.deleted")
    assert sentence(ActivityKind(logged.kind), logged.data) == "deleted the sign-in provider “House” (1 linked account)"
    with pytest.raises(NotFound):
        _came_in(cast, provider_id, "rita-there", "rita@northwind.example")


def test_one_unlinks_ones_own(cast: Cast) -> None:
    provider_id = _save(cast)
    run(cast.olga, identity_providers.activate, provider_id)
    _came_in(cast, provider_id, "rita-there", "rita@northwind.example")
    (linked,) = run(cast.rita, identities.mine).identities
    assert (linked.provider, linked.email) == ("House", "rita@northwind.example") and linked.last_used_at
    with pytest.raises(NotFound):
        run(cast.zoe, identities.unlink, linked.id)
    run(cast.rita, identities.unlink, linked.id)
    assert run(cast.rita, identities.mine) == identities.WaysIn(True, ())
    (logged,) = _log(cast, "person.identity_unlinked")
    assert logged.subject_id == cast.rita.person_id and logged.data == {"provider": "House"}


def test_the_connection_is_tested_without_anybody_signing_in(cast: Cast) -> None:
    with running() as provider:
        good = _save(cast, issuer=provider.issuer, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
        run(cast.olga, identity_providers.check, good)
        bad = _save(cast, name="Bad", issuer=provider.issuer, client_id=CLIENT_ID, client_secret="another")
        with pytest.raises(Conflict, match="client ID and secret"):
            run(cast.olga, identity_providers.check, bad)
        elsewhere = _save(cast, name="Path", issuer=f"{provider.issuer}/nowhere")
        with pytest.raises(Conflict, match="404"):
            run(cast.olga, identity_providers.check, elsewhere)
    with pytest.raises(Conflict, match="does not answer"):
        run(cast.olga, identity_providers.check, good)


def test_a_document_of_another_issuer_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as provider:
        about = provider.about
        for lie, why in (
            ({"issuer": "https://accounts.google.com"}, "another issuer"),
            ({"token_endpoint": "http://169.254.169.254/latest"}, "usable token_endpoint"),
            ({"jwks_uri": ""}, "usable jwks_uri"),
            ({"authorization_endpoint": "javascript:alert(1)"}, "usable authorization_endpoint"),
        ):
            monkeypatch.setattr(Provider, "about", lambda _self, lie=lie: about() | lie)
            with pytest.raises(oauth.ProviderFailed, match=why):
                _openid(provider.issuer).begin(redirect_uri="https://desk.example/back")


def test_another_provider_may_not_answer() -> None:
    answer = "https://desk.example/back?code=1&state=s&iss=https://evil.example"
    with running() as provider, pytest.raises(oauth.ProviderFailed, match="Another provider"):
        _openid(provider.issuer).finish(
            redirect_uri="https://desk.example/back", answer=answer, state="s", nonce="n", verifier="v"
        )


def _openid(issuer: str) -> oauth.SignInProvider:
    return oauth.provider(oauth.Application("oidc", issuer, CLIENT_ID, oauth.SecretStr(CLIENT_SECRET)))


PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "x-0123456789-abcdefghijklmnopqrstuvw",
    "ALLOW_EMBEDDED": "true",
}


@pytest.mark.parametrize(
    ("address", "is_reached"),
    [
        ("10.0.0.7", False), ("192.168.1.1", False), ("172.16.0.1", False), ("169.254.169.254", False), ("127.0.0.1", False),
        ("::1", False), ("fd00::1", False), ("fe80::1", False), ("::ffff:10.0.0.7", False), ("0.0.0.0", False), ("224.0.0.1", False),
        ("100.64.0.1", False), ("93.184.215.14", True), ("2606:2800:220:1:248:1893:25c8:1946", True),
    ],
)  # fmt: skip
def test_private_networks_are_not_asked(monkeypatch: pytest.MonkeyPatch, address: str, is_reached: bool) -> None:
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    settings.get.cache_clear()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: [(family, socket.SOCK_STREAM, 6, "", (address, 443))])
    if is_reached:
        assert http.judged("login.example", 443) == address
        return
    with pytest.raises(http.Refused), http.client() as web:
        web.get("https://login.example/")
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "true")
    settings.get.cache_clear()
    if address in ("10.0.0.7", "fd00::1"):
        assert http.judged("login.example", 443) == address
    if address in ("169.254.169.254", "127.0.0.1", "::1", "fe80::1"):
        with pytest.raises(http.Refused):
            http.judged("login.example", 443)


def test_a_mixed_answer_of_the_name_server_is_a_trick(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in ("93.184.215.14", "10.0.0.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: both)
    with pytest.raises(http.Refused):
        http.judged("login.example", 443)


def test_in_production_everything_is_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not http.problem("http://127.0.0.1:8080/realms/x")
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    settings.get.cache_clear()
    assert http.problem("http://127.0.0.1:8080/realms/x") and http.problem("http://login.example")
    assert not http.problem("https://login.example/realms/x")


def test_a_redirect_is_not_followed_and_a_flood_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as provider, http.client() as web:
        query = "response_type=code&client_id=the-desk&code_challenge_method=S256&state=s&nonce=n&scope=openid"
        answer = web.get(f"{provider.issuer}/authorize?{query}&redirect_uri=http://10.0.0.7/")
        assert answer.status_code == 302
        monkeypatch.setattr(Provider, "about", lambda _self: {"issuer": "x" * 2_000_000})
        with pytest.raises(httpx.TransportError, match="1 MB"):
            web.get(provider.issuer + oauth.DISCOVERY)
