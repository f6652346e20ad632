"""Signing in with another house's account, by the browser's protocol, against a real provider on loopback."""

import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from sqlmodel import col, select

from helpdesk import clock, settings
from helpdesk.adapters import oauth, vault
from helpdesk.api import auth
from helpdesk.domain import one_time_codes
from helpdesk.domain.people import Actor
from helpdesk.models import Activity, Delivery, Identity, Person, SecondFactor, SignInAttempt
from helpdesk.services import account, identities, identity_providers, people, sign_in, unit_of_work
from helpdesk.services.context import Context
from helpdesk.state import flash, identity
from helpdesk.state.doors import Doors
from helpdesk.state.kinds import WELCOME
from helpdesk.state.portal.home import Home
from helpdesk.state.welcome import Welcome
from helpdesk.threads import hop
from tests.api.test_edge import Browser, browser, play
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, Provider, running
from tests.served import Desk
from tests.socket_client import event_name

pytestmark = pytest.mark.real_redis


@pytest.fixture
def here(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The desk, knowing the address it is reached at: providers send browsers back to it."""
    monkeypatch.setenv("PUBLIC_URL", f"http://{{organization}}.localhost:{desk.port}")
    settings.get.cache_clear()
    oauth._known.clear()
    yield desk
    for one in unit_of_work.run(desk.cast.olga, identity_providers.listing):
        unit_of_work.run(desk.cast.olga, identity_providers.delete, one.id)
    monkeypatch.undo()
    settings.get.cache_clear()


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider nobody knows yet."""
    with running() as one:
        yield one


def _set_up(actor: Actor, provider: Provider, *, name: str = "", is_active: bool = True) -> int:
    provider_id = unit_of_work.run(
        actor, identity_providers.save, kind="oidc", name=name or f"House {provider.port}", issuer=provider.issuer,
        client_id=CLIENT_ID, client_secret=CLIENT_SECRET,
    )  # fmt: skip
    if is_active:
        unit_of_work.run(actor, identity_providers.activate, provider_id)
    return provider_id


def _all(desk: Desk, query: Any) -> list[Any]:
    def read(ctx: Context) -> list[Any]:
        return list(ctx.session.exec(query).all())

    return unit_of_work.run(desk.cast.desk, read)


def _outcomes(desk: Desk, email: str | None = None) -> list[str]:
    query = select(SignInAttempt.outcome).order_by(col(SignInAttempt.id))
    return _all(desk, query if email is None else query.where(SignInAttempt.email == email))


def _said(one: Browser, location: str) -> str:
    number = re.search(r"tried=([\w-]+)", location)
    found = flash.unpack(one.cookies.get(flash.COOKIE, ""), number[1] if number else "")
    return found.message if found else ""


async def _to_provider(one: Browser, provider_id: int, query: str = "") -> str:
    """Out of the door and through the provider; the address the browser comes back to."""
    answer = await one.ask("GET", f"/auth/oidc/{provider_id}/start{query}")
    assert answer.status == 303, await answer.text()
    async with aiohttp.ClientSession() as http:
        there = await http.get(answer.headers["Location"], allow_redirects=False)
    back = there.headers["Location"]
    assert back.startswith(f"{one.address}/auth/oidc/{provider_id}/callback?")
    return back.removeprefix(one.address)


async def _through(one: Browser, provider_id: int, query: str = "") -> str:
    """The whole way; where it ends."""
    answer = await one.ask("GET", await _to_provider(one, provider_id, query))
    assert answer.status == 303, await answer.text()
    assert auth.PROVIDER_COOKIE not in one.cookies
    return answer.headers["Location"]


async def _actor(one: Browser) -> Actor:
    return await identity.of_token(one.cookies[sign_in.COOKIE], urlsplit(one.address).netloc)


@asynccontextmanager
async def _refused(desk: Desk) -> AsyncIterator[Browser]:
    async with browser(desk) as one:
        yield one
        assert sign_in.COOKIE not in one.cookies


def test_staff_are_linked_by_their_verified_address_and_told(here: Desk, provider: Provider) -> None:
    provider.user |= {"sub": "ada-at-house", "email": "Ada@Acme.Example", "name": "Somebody Else"}
    provider_id = _set_up(here.cast.olga, provider, name="House")

    async def story() -> None:
        async with browser(here) as one:
            answer = await one.ask("GET", f"/auth/oidc/{provider_id}/start")
            line = next(each for each in answer.headers.getall("Set-Cookie") if each.startswith(auth.PROVIDER_COOKIE))
            assert {"HttpOnly", "Path=/auth/oidc", "SameSite=lax"} <= set(line.split("; "))
            assert await _through(one, provider_id, "?next=/agent%3Fview%3Dall") == "/agent?view=all"
            actor = await _actor(one)
            assert (actor.person_id, actor.name) == (here.cast.ada.person_id, "Ada Agent")
        async with browser(here) as again:
            provider.user |= {"email": "moved@elsewhere.example", "email_verified": False}
            assert await _through(again, provider_id) == "/agent", "the subject counts from now on"
            assert (await _actor(again)).person_id == here.cast.ada.person_id

    play(story())
    assert _outcomes(here, "ada@acme.example") == ["linked", "success", "success"]
    assert [one.subject for one in _all(here, select(Identity))] == ["ada-at-house"]
    kinds = _all(here, select(Activity.kind).where(Activity.subject_id == here.cast.ada.person_id))
    assert "person.identity_linked" in kinds
    mails = _all(here, select(Delivery).where(Delivery.to_address == "ada@acme.example"))
    assert any("linked with House" in mail.subject + mail.body_text for mail in mails)


def test_somebody_new_completes_their_profile_before_anything_else(here: Desk, provider: Provider) -> None:
    provider.user |= {"sub": "nora", "email": "nora@northwind.example", "name": "Nora New"}
    provider.in_userinfo = ("email", "email_verified", "name")
    provider.auth_methods = ["client_secret_post"]
    provider_id = _set_up(here.cast.olga, provider)

    async def story() -> None:
        async with browser(here) as one:
            assert await _through(one, provider_id, "?next=/requests") == "/welcome?next=%2Frequests"
            for path in ("/", "/requests", "/profile"):
                assert (await one.ask("GET", path)).headers["Location"] == WELCOME, path
            assert (await one.ask("GET", "/files/1")).status == 403
            async with here.tab(one.cookies[sign_in.COOKIE]) as tab:
                await tab.open("/welcome?next=/requests")
                await tab.quiet(0.2)
                assert tab.value(Welcome, "name") == "Nora New"
                await tab.send(event_name(Home.load))
                await tab.until(lambda update: WELCOME in str(update.events))
                await tab.send(event_name(Welcome.save), sent={"name": "", "phone": "", "timezone": "Europe/Berlin"})
                await tab.until(lambda update: "name" in update.of(Welcome).get("errors", {}))
                form = {"name": "Nora Newton", "phone": "+49 30 901820", "timezone": "Europe/Berlin"}
                await tab.send(event_name(Welcome.save), sent=form)
                await tab.until(lambda update: "/requests" in str(update.events))
            assert (await one.ask("GET", "/requests")).status != 303
            assert (await _actor(one)).name == "Nora Newton"

    play(story())
    (nora,) = _all(here, select(Person).where(Person.email == "nora@northwind.example"))
    assert (nora.role, nora.company_id, nora.phone, nora.timezone, nora.must_complete, nora.password_hash) == (
        "customer", here.cast.northwind, "+49 30 901820", "Europe/Berlin", False, None,
    )  # fmt: skip
    assert _outcomes(here, nora.email) == ["registered", "success"]
    assert {"person.registered", "person.identity_linked", "person.profile_changed"} <= set(
        _all(here, select(Activity.kind).where(Activity.subject_id == nora.id))
    )
    me = Actor(here.cast.rita.kind, here.cast.acme.id, nora.id, role=here.cast.rita.role)
    ways = unit_of_work.run(me, identities.mine)
    assert not ways.has_password and len(ways.identities) == 1
    with pytest.raises(Exception, match="only way in"):
        unit_of_work.run(me, identities.unlink, ways.identities[0].id)
    unit_of_work.run(me, account.complete_profile, name="Nora Newton", phone="", timezone="UTC")


def test_two_factors_stay_two(here: Desk, provider: Provider) -> None:
    secret = _second_factor(here.cast.tom)
    provider.user |= {"sub": "tom", "email": "tom@acme.example"}
    provider_id = _set_up(here.cast.olga, provider)

    async def story() -> None:
        async with browser(here) as one:
            assert (
                await _through(one, provider_id, "?next=/agent%3Fview%3Dall")
                == "/login/code?next=%2Fagent%3Fview%3Dall"
            )
            assert sign_in.COOKIE not in one.cookies
            code = one_time_codes.code(secret, one_time_codes.step(clock.now()))
            answer = await one.ask("POST", "/auth/code", data={"code": code})
            assert answer.headers["Location"] == "/agent" and sign_in.COOKIE in one.cookies

    play(story())
    assert _outcomes(here, "tom@acme.example") == ["linked", "code_asked", "success"]


def _expired(claims: dict[str, Any]) -> dict[str, Any]:
    return claims | {"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600}


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "nonce": ({"twist": lambda claims: claims | {"nonce": "another"}}, "nonce"),
    "no nonce": ({"twist": lambda claims: {name: claims[name] for name in claims if name != "nonce"}}, "nonce"),
    "audience": ({"twist": lambda claims: claims | {"aud": "another-desk"}}, "aud"),
    "party": ({"twist": lambda claims: claims | {"aud": [CLIENT_ID, "other"], "azp": "other"}}, "azp"),
    "issuer": ({"twist": lambda claims: claims | {"iss": "https://accounts.google.com"}}, "iss"),
    "nobody": ({"twist": lambda claims: claims | {"sub": ""}}, "who this is"),
    "access token": ({"twist": lambda claims: claims | {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}}, "at_hash"),
    "expired": ({"twist": _expired}, "expired"),
    "never expires": ({"twist": lambda claims: {name: claims[name] for name in claims if name != "exp"}}, "exp"),
    "signature": ({"forging": "another key"}, "bad_signature"),
    "secret": ({"forging": "secret"}, "alg"),
    "no signature": ({"forging": "nothing"}, "alg"),
    "denied": ({"denies": True}, "access_denied"),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_cannot_be_believed_opens_nothing(
    here: Desk, provider: Provider, lie: str, capsys: pytest.CaptureFixture[str]
) -> None:
    provider.user |= {"email": "ada@acme.example"}
    provider_id = _set_up(here.cast.olga, provider)
    for name, value in LIES[lie][0].items():
        setattr(provider, name, value)
    before = len(_outcomes(here))

    async def story() -> None:
        async with _refused(here) as one:
            went = await _through(one, provider_id, "?next=/agent")
            assert went.startswith("/login?tried=") and went.endswith("&next=%2Fagent")
            assert "has not confirmed who you are" in _said(one, went)

    play(story())
    assert _outcomes(here)[before:] == ["refused_by_provider"]
    assert _all(here, select(Identity).where(Identity.provider_id == provider_id)) == []
    why = next(line for line in capsys.readouterr().out.splitlines() if "provider_failed" in line)
    print(why)
    assert LIES[lie][1] in why.partition("why=")[2], "for this reason, not for another"


def test_the_answer_must_be_to_this_browsers_question(here: Desk, provider: Provider) -> None:
    provider.user |= {"sub": "carl", "email": "carl@northwind.example"}
    provider_id, other_id = _set_up(here.cast.olga, provider), _set_up(here.cast.olga, provider, name="Other")

    async def story() -> None:
        async with _refused(here) as one:
            back = await _to_provider(one, provider_id)
            answer = await one.ask("GET", re.sub(r"state=[^&]+", "state=made-up", back))
            assert "another window" in _said(one, answer.headers["Location"])
        async with browser(here) as owner, _refused(here) as thief:
            back = await _to_provider(owner, provider_id)
            answer = await thief.ask("GET", back)
            assert "another window" in _said(thief, answer.headers["Location"])
            thief.cookies[auth.PROVIDER_COOKIE] = "gAAAAmade-up"
            await thief.ask("GET", back)
            thief.cookies[auth.PROVIDER_COOKIE] = owner.cookies[auth.PROVIDER_COOKIE]
            await thief.ask("GET", back.replace(f"/{provider_id}/", f"/{other_id}/"))
            kept = owner.cookies[auth.PROVIDER_COOKIE]
            assert (await owner.ask("GET", back)).headers["Location"] == "/"
            owner.cookies.pop(sign_in.COOKIE)
            owner.cookies[auth.PROVIDER_COOKIE] = kept
            answer = await owner.ask("GET", back)
            assert "another window" in _said(owner, answer.headers["Location"]), "an answer counts once"
            assert sign_in.COOKIE not in owner.cookies

    play(story())


def test_a_cookie_does_not_last(here: Desk, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    provider.user |= {"sub": "carl", "email": "carl@northwind.example"}
    provider_id = _set_up(here.cast.olga, provider)
    monkeypatch.setattr(auth, "PROVIDER_SECONDS", -1)

    async def story() -> None:
        async with _refused(here) as one:
            one.cookies = {}
            answer = await one.ask("GET", f"/auth/oidc/{provider_id}/start")
            assert answer.status == 303
            sealed = re.search(rf"{auth.PROVIDER_COOKIE}=([^;]+)", answer.headers["Set-Cookie"])
            assert sealed
            one.cookies[auth.PROVIDER_COOKIE] = sealed[1]
            async with aiohttp.ClientSession() as http:
                there = await http.get(answer.headers["Location"], allow_redirects=False)
            answer = await one.ask("GET", there.headers["Location"].removeprefix(one.address))
            assert "took too long" in _said(one, answer.headers["Location"])

    play(story())


@pytest.mark.parametrize(
    "user",
    [
        {"email": "max@acme.example", "email_verified": False},
        {"email": "max@acme.example", "email_verified": "false"},
        {"email": "max@acme.example", "email_verified": None},
        {"email": "", "email_verified": True},
        {"email": "not an address", "email_verified": True},
    ],
)
def test_an_unverified_address_links_nothing(here: Desk, provider: Provider, user: dict[str, Any]) -> None:
    provider.user |= user
    provider_id = _set_up(here.cast.olga, provider)

    async def story() -> None:
        async with _refused(here) as one:
            assert "has not verified your e-mail address" in _said(one, await _through(one, provider_id))

    play(story())
    assert _outcomes(here)[-1] == "unverified"
    assert _all(here, select(Identity).where(Identity.provider_id == provider_id)) == []


def test_the_deactivated_stay_outside(here: Desk, provider: Provider) -> None:
    provider.user |= {"sub": "bob", "email": "bob@acme.example"}
    provider_id = _set_up(here.cast.olga, provider)

    async def story() -> None:
        async with browser(here) as one:
            assert await _through(one, provider_id) == "/agent"
        await hop(unit_of_work.run, here.cast.olga, people.deactivate, here.cast.bob.person_id)
        async with _refused(here) as one:
            assert "deactivated" in _said(one, await _through(one, provider_id))
        provider.user |= {"sub": "bob-the-second"}
        async with _refused(here) as one:
            assert "deactivated" in _said(one, await _through(one, provider_id))

    play(story())
    assert _outcomes(here, "bob@acme.example") == ["linked", "success", "deactivated", "deactivated"]


def test_an_address_that_was_given_to_somebody_else_does_not_take_the_account_along(
    here: Desk, provider: Provider
) -> None:
    provider.user |= {"sub": "zoe", "email": "zoe@home.example"}
    provider_id = _set_up(here.cast.olga, provider)

    async def story() -> None:
        async with browser(here) as one:
            assert await _through(one, provider_id) == "/"
        provider.user |= {"sub": "the next one with this address"}
        async with _refused(here) as one:
            assert "linked with another account" in _said(one, await _through(one, provider_id))

    play(story())


def test_each_organization_has_its_own(here: Desk, provider: Provider) -> None:
    provider.user |= {"sub": "eve", "email": "eve@evil.example"}
    provider_id = _set_up(here.cast.olga, provider)

    async def story() -> None:
        async with browser(here, "evil") as eve:
            answer = await eve.ask("GET", f"/auth/oidc/{provider_id}/start")
            assert "not offered" in _said(eve, answer.headers["Location"])
            async with browser(here) as one:
                back = await _to_provider(one, provider_id)
                eve.cookies[auth.PROVIDER_COOKIE] = one.cookies[auth.PROVIDER_COOKIE]
            answer = await eve.ask("GET", back)
            assert "not offered" in _said(eve, answer.headers["Location"])
            assert sign_in.COOKIE not in eve.cookies
            async with here.tab("", organization="evil") as tab:
                await tab.open("/login")
                await tab.quiet()
                assert tab.value(Doors, "providers") == []
        async with here.tab() as tab:
            await tab.open("/login")
            await tab.quiet()
            assert provider_id in [one["id"] for one in tab.value(Doors, "providers")]

    play(story())
    assert unit_of_work.run(here.cast.eve, identity_providers.listing) == []


@pytest.mark.parametrize("which", ["0", "999999", "-1", "x", "9" * 30])
def test_what_is_not_offered_leads_back(here: Desk, which: str) -> None:
    async def story() -> None:
        async with browser(here) as one:
            for end in ("start", "callback"):
                answer = await one.ask("GET", f"/auth/oidc/{which}/{end}?next=//evil.example")
                assert answer.headers["Location"].startswith("/login?tried="), end
                assert "evil" not in answer.headers["Location"]

    play(story())


def test_a_provider_that_is_away_is_no_dead_end(here: Desk) -> None:
    with running(email="ada@acme.example") as provider:
        provider_id = _set_up(here.cast.olga, provider)

        async def begin() -> tuple[Browser, str]:
            async with browser(here) as one:
                return one, await _to_provider(one, provider_id)

        kept: list[Any] = []

        async def first() -> None:
            kept.extend(await begin())

        play(first())

    async def story() -> None:
        async with _refused(here) as one:
            one.cookies = dict(kept[0].cookies)
            answer = await one.ask("GET", kept[1])
            assert "does not answer just now" in _said(one, answer.headers["Location"])
        oauth._known.clear()
        async with _refused(here) as one:
            answer = await one.ask("GET", f"/auth/oidc/{provider_id}/start?next=/requests")
            assert answer.headers["Location"].endswith("&next=%2Frequests")
            assert "does not answer just now" in _said(one, answer.headers["Location"])

    play(story())
    assert _outcomes(here)[-2:] == ["refused_by_provider"] * 2


def test_the_way_begins_where_it_comes_back_to(here: Desk, provider: Provider) -> None:
    provider_id = _set_up(here.cast.olga, provider)

    async def story() -> None:
        async with browser(here) as one:
            elsewhere = {"Host": f"localhost:{here.port}"}
            answer = await one.http.get(
                f"{here.dial}/auth/oidc/{provider_id}/start?next=/requests", headers=elsewhere, allow_redirects=False
            )
            where = answer.headers["Location"]
            assert where == f"{one.address}/auth/oidc/{provider_id}/start?moved=yes&next=%2Frequests"
            # Behind a proxy that says another name, it goes on instead of round in circles.
            answer = await one.http.get(
                f"{here.dial}/auth/oidc/{provider_id}/start?moved=yes", headers=elsewhere, allow_redirects=False
            )
            assert answer.headers["Location"].startswith(provider.issuer)

    play(story())


def _second_factor(actor: Actor) -> bytes:
    def enrol(ctx: Context) -> bytes:
        ctx.session.add(SecondFactor(
            person_id=actor.person_id, sealed_secret=vault.seal("second factor", b"x" * 20), created_at=ctx.now, confirmed_at=ctx.now
        ))  # fmt: skip
        return b"x" * 20

    return unit_of_work.run(actor, enrol)
