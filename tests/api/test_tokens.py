"""Getting in as a program: sign-in, refreshing, personal tokens, and everything that must not work."""

import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from helpdesk import clock, log, rate_limit, settings
from helpdesk.adapters import signing, vault
from helpdesk.api import app
from helpdesk.api.asgi import Edge
from helpdesk.domain.activity import ActivityKind
from helpdesk.models import Activity, Person, SignInSession
from helpdesk.services import account_security, api_tokens, offboarding, sign_in, unit_of_work
from helpdesk.services.context import Context
from helpdesk.state import identity
from tests.api.client import Program, as_
from tests.api.test_two_factor import _set_up
from tests.cast import PASSWORD, Cast


def kinds(ctx: Context) -> list[str]:
    return list(ctx.session.exec(select(Activity.kind).order_by(Activity.id)).all())


def test_signs_in_and_is_somebody(program: Program, cast: Cast) -> None:
    answer = program.post("/auth/login", {"email": "ada@acme.example", "password": PASSWORD})
    assert answer.status_code == 200
    pair = answer.json()
    assert (pair["expires_in"], pair["refresh_expires_in"]) == (7200, 7 * 24 * 3600)
    me = Program(program.edge, pair["access_token"]).get("/me")
    assert me.json()["email"] == "ada@acme.example"
    assert ActivityKind.PERSON_SIGNED_IN in as_(cast.ada, kinds)


def test_a_program_that_signs_in_makes_nobody_available(program: Program, cast: Cast) -> None:
    program.signed_in("bob@acme.example")
    assert as_(cast.desk, lambda ctx: ctx.session.get(Person, cast.bob.person_id).availability) == "offline"


def test_the_token_says_which_organization_whatever_the_host(program: Program) -> None:
    eve = Program(program.edge, host="evil.localhost").signed_in("eve@evil.example")
    assert Program(program.edge, eve.token, "acme.localhost").get("/me").json()["organization_slug"] == "evil"


@pytest.mark.parametrize(("email", "password"), [("ada@acme.example", "wrong"), ("nobody@acme.example", PASSWORD)])
def test_a_wrong_password_is_401_and_says_no_more(program: Program, email: str, password: str) -> None:
    answer = program.post("/auth/login", {"email": email, "password": password})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"


def test_two_factors_ask_for_the_code(program: Program, cast: Cast) -> None:
    _, codes = _set_up(cast.tom)
    body = {"email": "tom@acme.example", "password": PASSWORD}
    answer = program.post("/auth/login", body)
    assert (answer.status_code, answer.json()["code_required"]) == (401, True)
    assert program.post("/auth/login", body | {"code": "000000"}).status_code == 401
    assert program.post("/auth/login", body | {"code": codes[0]}).status_code == 200


def test_a_refresh_token_is_good_once_and_a_replay_ends_the_family(program: Program, cast: Cast) -> None:
    first = program.post("/auth/login", {"email": "ada@acme.example", "password": PASSWORD}).json()
    second = program.post("/auth/refresh", {"refresh_token": first["refresh_token"]}).json()
    assert Program(program.edge, second["access_token"]).get("/me").status_code == 200
    assert program.post("/auth/refresh", {"refresh_token": first["refresh_token"]}).status_code == 401
    assert Program(program.edge, first["access_token"]).get("/me").status_code == 401
    assert Program(program.edge, second["access_token"]).get("/me").status_code == 401
    assert program.post("/auth/refresh", {"refresh_token": second["refresh_token"]}).status_code == 401
    assert ActivityKind.PERSON_TOKEN_REPLAYED in as_(cast.ada, kinds)


def test_an_access_token_is_no_refresh_token_nor_the_other_way_round(program: Program) -> None:
    pair = program.post("/auth/login", {"email": "ada@acme.example", "password": PASSWORD}).json()
    assert program.post("/auth/refresh", {"refresh_token": pair["access_token"]}).status_code == 401
    assert Program(program.edge, pair["refresh_token"]).get("/me").status_code == 401


def test_logging_out_ends_every_token_of_the_session(program: Program) -> None:
    pair = program.post("/auth/login", {"email": "ada@acme.example", "password": PASSWORD}).json()
    ada = Program(program.edge, pair["access_token"])
    assert ada.get("/me").status_code == 200
    assert ada.post("/auth/logout").status_code == 204
    assert ada.get("/me").status_code == 401
    assert program.post("/auth/refresh", {"refresh_token": pair["refresh_token"]}).status_code == 401


def test_an_access_token_dies_of_age_and_with_its_person(program: Program, cast: Cast) -> None:
    bob = program.signed_in("bob@acme.example")
    with clock.frozen(clock.now() + timedelta(hours=2, seconds=1)):
        assert bob.get("/me").status_code == 401
    identity._beliefs.clear()
    assert bob.get("/me").status_code == 200
    as_(cast.adam, offboarding.deactivate, cast.bob.person_id)
    identity._beliefs.clear()
    assert bob.get("/me").status_code == 401


def test_a_session_of_a_program_is_listed_and_can_be_ended(program: Program, cast: Cast) -> None:
    ada = program.signed_in("ada@acme.example")
    rows = as_(cast.ada, account_security.sessions)
    ids = as_(cast.ada, lambda ctx: list(ctx.session.exec(select(SignInSession.id).where(
        SignInSession.refresh_key.is_not(None), SignInSession.person_id == cast.ada.person_id)).all()))  # fmt: skip
    assert {row.id for row in rows} >= set(ids) != set()
    as_(cast.ada, account_security.end_session, ids[-1])
    identity._beliefs.clear()
    assert ada.get("/me").status_code == 401


def unsigned(claims: dict[str, object], algorithm: str) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims)}."


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS512", "RS256", ""])
def test_only_our_algorithm_counts(program: Program, algorithm: str) -> None:
    pair = program.post("/auth/login", {"email": "ada@acme.example", "password": PASSWORD}).json()
    claims = json.loads(base64.urlsafe_b64decode(pair["access_token"].split(".")[1] + "=="))
    forged = unsigned(claims, algorithm)
    assert Program(program.edge, forged).get("/me").status_code == 401
    assert Program(program.edge, forged + pair["access_token"].split(".")[2]).get("/me").status_code == 401


def test_another_key_is_not_ours(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = program.signed_in("ada@acme.example")
    monkeypatch.setenv("SECRET_KEY", "quite-another-key-of-at-least-thirty-two-characters")
    settings.get.cache_clear()
    identity._beliefs.clear()
    assert ada.get("/me").status_code == 401


def test_claims_of_strange_kinds_are_nobody(program: Program) -> None:
    for claims in ({}, {"org": "1", "sid": [], "exp": 9e9}, {"org": 1, "sid": 2**70, "exp": 2**40}, {"exp": "soon"}):
        token = signing.sign("api access token", claims)
        assert Program(program.edge, token).get("/me").status_code == 401
    assert len(vault.derived("one")) == 32 and vault.derived("one") != vault.derived("two")


@pytest.mark.parametrize(
    "token", ["x", "hd_1_nope", "hd_²_x", "hd_999999999999999999999_x", "a.b.c", "é", "." * 50, "hd_"]
)
def test_rubbish_is_401(program: Program, token: str) -> None:
    answer = program.get("/me", headers={"Authorization": f"Bearer {token}".encode()})  # type: ignore[dict-item]
    assert answer.status_code == 401
    assert program.get("/me", headers={"Authorization": "Basic eDp5"}).status_code == 401


def test_a_personal_token_does_what_it_may_and_no_more(program: Program, cast: Cast) -> None:
    ada = program.signed_in("ada@acme.example")
    answer = ada.post("/me/tokens", {"name": "Monitoring", "permissions": ["ticket.read"], "days": 30})
    assert answer.status_code == 201
    made = answer.json()
    watcher = Program(program.edge, made["secret"])
    assert watcher.get("/tickets").status_code == 200
    refused = watcher.post("/tickets", {"title": "A title", "description": "Text"})
    assert refused.status_code == 403
    assert watcher.get("/me").json()["permissions"] == ["ticket.read"]
    assert watcher.post("/me/tokens", {"name": "x", "permissions": ["ticket.read"]}).status_code == 403
    row = as_(cast.ada, api_tokens.listing)[0]
    assert row.last_used_at and row.ending == made["secret"][-4:]
    assert made["secret"] not in str(as_(cast.ada, lambda ctx: [a.data for a in ctx.session.exec(select(Activity))]))
    assert ActivityKind.API_TOKEN_CREATED in as_(cast.ada, kinds)


def test_nobody_grants_what_they_may_not(program: Program) -> None:
    ada = program.signed_in("ada@acme.example")
    answer = ada.post("/me/tokens", {"name": "x", "permissions": ["person.manage"]})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["permissions"])


def test_a_token_is_revoked_by_its_owner_or_an_administrator_and_expires(program: Program, cast: Cast) -> None:
    ada, adam = program.signed_in("ada@acme.example"), program.signed_in("adam@acme.example")
    one, two = (
        ada.post("/me/tokens", {"name": name, "permissions": ["ticket.read"], "days": 1}).json()
        for name in ("one", "two")
    )
    first, second = (Program(program.edge, each["secret"]) for each in (one, two))
    assert first.get("/tickets").status_code == second.get("/tickets").status_code == 200
    assert program.signed_in("bob@acme.example").ask("DELETE", f"/me/tokens/{one['id']}").status_code == 404
    assert ada.ask("DELETE", f"/me/tokens/{one['id']}").status_code == 204
    assert first.get("/tickets").status_code == 401
    identity._beliefs.clear()
    with clock.frozen(clock.now() + timedelta(days=1, minutes=1)):
        assert second.get("/tickets").status_code == 401
    assert adam.ask("DELETE", f"/tokens/{two['id']}").status_code == 204
    identity._beliefs.clear()
    assert second.get("/tickets").status_code == 401
    assert ActivityKind.API_TOKEN_REVOKED in as_(cast.ada, kinds)


def test_a_cookie_needs_the_proof_of_our_own_pages(program: Program, cast: Cast) -> None:
    cookie = unit_of_work.run(cast.ada, sign_in.sign_in, email="ada@acme.example", password=PASSWORD)
    headers = {"Cookie": f"{sign_in.COOKIE}={cookie}"}
    assert program.get("/me", headers=headers).status_code == 200
    body = {"title": "A broken lock", "description": "It does not open."}
    assert program.post("/tickets", body, headers=headers).status_code == 403
    proof = program.get("/auth/csrf", headers=headers).json()["csrf_token"]
    assert program.post("/tickets", body, headers=headers | {"X-CSRF-Token": proof}).status_code == 201
    foreign = headers | {"X-CSRF-Token": proof, "Origin": "https://evil.example"}
    assert program.post("/tickets", body, headers=foreign).status_code == 403
    assert program.get("/me", headers=headers | {"Authorization": "Bearer nonsense"}).status_code == 401


def test_too_many_requests_say_when_to_come_back(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = program.signed_in("ada@acme.example")
    for name, value in (
        ("API_REQUESTS_PER_MINUTE", "3"),
        ("API_ANONYMOUS_PER_MINUTE", "2"),
        ("SIGN_IN_TRIES_PER_MINUTE", "1"),
    ):
        monkeypatch.setenv(name, value)
    settings.get.cache_clear()
    rate_limit.forget()  # what it knows of the limits before
    codes = [ada.get("/me").status_code for _ in range(5)]
    assert codes[0] == 200 and codes[-1] == 429
    last = ada.get("/me")
    assert 1 <= int(last.headers["retry-after"]) <= 60
    assert [program.get("/me").status_code for _ in range(4)][-1] == 429


def test_pages_elsewhere_call_only_if_they_are_named(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "https://intranet.example, https://other.example/")
    settings.get.cache_clear()
    one = Program(Edge(app.build(), routes=[], built=tmp_path))  # type: ignore[arg-type]
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for origin, is_named in (
        ("https://intranet.example", True),
        ("https://other.example", True),
        ("https://evil.example", False),
    ):
        answer = one.ask("OPTIONS", "/tickets", headers=asks | {"Origin": origin})
        assert (answer.headers.get("access-control-allow-origin") == origin) is is_named
        assert "access-control-allow-credentials" not in answer.headers
        answer = one.get("/me", headers={"Origin": origin})
        assert (answer.headers.get("access-control-allow-origin") == origin) is is_named


def test_tokens_reach_no_log() -> None:
    told = log.redact(
        None, "info", {"event": "Authorization hd_1_" + "x" * 43, "path": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.c2ln"}
    )
    assert "xxx" not in str(told) and "eyJ" not in str(told)
