"""The second step at the door, over real HTTP, and what is shut before somebody has set it up."""

import re
from datetime import timedelta
from typing import Any

import pytest

from helpdesk import clock, threads
from helpdesk.adapters import vault
from helpdesk.domain import one_time_codes
from helpdesk.domain.people import Actor
from helpdesk.models import SecondFactor
from helpdesk.services import account_security, organizations, sign_in, unit_of_work
from helpdesk.services.context import Context
from helpdesk.state import flash, identity
from helpdesk.state.admin.people import People
from helpdesk.state.portal.home import Home
from helpdesk.state.two_factor import TwoFactor
from tests.api.test_edge import Browser, browser, play
from tests.served import Desk
from tests.socket_client import event_name

pytestmark = pytest.mark.real_redis

SETTINGS = {
    "name": "Acme Support", "timezone": "UTC", "accent": "indigo", "public_form": True, "auto_close_hours": 48, "warning_share": 80,
}  # fmt: skip


def _secret(ctx: Context) -> bytes:
    return vault.unseal("second factor", ctx.session.get_one(SecondFactor, ctx.actor.person_id).sealed_secret)


def _set_up(actor: Actor) -> tuple[bytes, list[str]]:
    """Two factors for somebody, set up a while ago."""
    with clock.frozen(clock.now() - timedelta(hours=1)):
        with unit_of_work.unit_of_work(actor) as ctx:
            ctx.session.merge(sign_in.SignInSession(
                id=10**9 + (actor.person_id or 0), person_id=actor.person_id, token_hash=f"made up {actor.person_id}", created_at=ctx.now,
                last_seen_at=ctx.now, expires_at=ctx.now,
            ))  # fmt: skip
        fresh = _with_session(actor)
        unit_of_work.run(fresh, account_security.begin_enrolment)
        secret = unit_of_work.run(fresh, _secret)
        code = one_time_codes.code(secret, one_time_codes.step(clock.now()))
        return secret, unit_of_work.run(fresh, account_security.confirm_enrolment, code=code)


def _with_session(actor: Actor) -> Actor:
    return Actor(
        **{name: getattr(actor, name) for name in Actor.__slots__} | {"session_id": 10**9 + (actor.person_id or 0)}
    )


def _said(one: Browser, location: str) -> flash.Flash:
    number = re.search(r"tried=([\w-]+)", location)
    found = flash.unpack(one.cookies[flash.COOKIE], number[1] if number else "")
    assert found is not None
    return found


def test_the_code_is_asked_for_after_the_password(desk: Desk) -> None:
    secret, codes = _set_up(desk.cast.tom)

    async def story() -> None:
        async with browser(desk) as one:
            answer = await one.sign_in("tom@acme.example", next="/agent?view=all", remember="yes")
            assert answer.headers["Location"] == "/login/code?next=%2Fagent%3Fview%3Dall"
            line = next(line for line in answer.headers.getall("Set-Cookie") if line.startswith(sign_in.STEP_COOKIE))
            assert {"HttpOnly", "Path=/auth", "SameSite=strict"} <= set(line.split("; "))
            assert sign_in.COOKIE not in one.cookies
            assert (await one.ask("GET", "/agent")).headers["Location"].startswith("/login")
            answer = await one.ask("POST", "/auth/code", data={"code": "000000", "next": "/agent"})
            assert answer.headers["Location"].startswith("/login/code?tried=")
            assert "wrong" in _said(one, answer.headers["Location"]).message
            code = one_time_codes.code(secret, one_time_codes.step(clock.now()))
            answer = await one.ask("POST", "/auth/code", data={"code": code, "next": "/agent?view=all"})
            assert answer.headers["Location"] == "/agent?view=all"
            assert sign_in.STEP_COOKIE not in one.cookies
            line = next(line for line in answer.headers.getall("Set-Cookie") if line.startswith(sign_in.COOKIE))
            assert "Max-Age" in line, "remembered, as asked at the first step"
            actor = await identity.of_token(one.cookies[sign_in.COOKIE], f"acme.localhost:{desk.port}")
            assert actor.person_id == desk.cast.tom.person_id
        async with browser(desk) as other:
            await other.sign_in("tom@acme.example")
            answer = await other.ask("POST", "/auth/code", data={"code": codes[0], "next": "//evil.example"})
            assert answer.headers["Location"] == "/agent"

    play(story())


@pytest.mark.parametrize("cookie", ["", "made-up", "a.b.c"])
def test_without_the_password_there_is_no_second_step(desk: Desk, cookie: str) -> None:
    async def story() -> None:
        async with browser(desk) as one:
            one.cookies[sign_in.STEP_COOKIE] = cookie
            answer = await one.ask("POST", "/auth/code", data={"code": "123456"})
            assert answer.headers["Location"].startswith("/login?tried=")
            assert sign_in.COOKIE not in one.cookies

    play(story())


def test_too_many_wrong_codes_lead_back_to_the_password(desk: Desk) -> None:
    _set_up(desk.cast.xena)

    async def story() -> None:
        async with browser(desk) as one:
            await one.sign_in("xena@acme.example")
            went = [
                (await one.ask("POST", "/auth/code", data={"code": "000000"})).headers["Location"] for _ in range(5)
            ]
            assert [where.partition("?")[0] for where in went] == ["/login/code"] * 4 + ["/login"]

    play(story())


def test_who_has_to_set_it_up_reaches_nothing_else(desk: Desk) -> None:
    cast = desk.cast
    unit_of_work.run(cast.adam, organizations.change, **SETTINGS, two_factor_roles=["admin", "customer"])

    async def story() -> None:
        async with browser(desk) as one:
            assert (await one.sign_in("adam@acme.example")).headers["Location"] == "/two-factor"
            for path in ("/agent", "/admin/people", "/manager", "/profile", "/profile/security"):
                assert (await one.ask("GET", path)).headers["Location"] == "/two-factor", path
            assert (await one.ask("GET", "/two-factor")).status != 303
            assert (await one.ask("GET", "/files/1")).status == 403
            async with desk.tab(one.cookies[sign_in.COOKIE]) as tab:
                await tab.open("/two-factor")
                await tab.quiet(0.2)
                assert tab.value(TwoFactor, "factor")["is_required"]
                # Past every redirect, straight at a handler of the settings.
                await tab.send(event_name(People.load))
                await tab.until(lambda update: "/two-factor" in str(update.events))
                assert tab.value(People, "rows") == []
                await _enrol(tab, desk)
            assert (await one.ask("GET", "/admin/people")).status != 303
        async with desk.tab(await desk.sign_in("zoe@home.example")) as tab:
            await tab.open("/two-factor")
            await tab.send(event_name(Home.load))
            await tab.until(lambda update: "/two-factor" in str(update.events))

    try:
        play(story())
    finally:
        unit_of_work.run(cast.olga, organizations.change, **SETTINGS, two_factor_roles=[])


async def _enrol(tab: Any, desk: Desk) -> None:
    await tab.send(event_name(TwoFactor.begin), sent={})
    update = await tab.until(lambda update: "data:image/svg" in str(update.events))
    assert tab.value(TwoFactor, "stage") == "scan"
    secret = await threads.hop(unit_of_work.run, desk.cast.adam, _secret)
    key = one_time_codes.readable(secret)
    assert key in str(update.events) and key not in str(update.delta), "shown once, kept in no var"
    await tab.send(event_name(TwoFactor.confirm), sent={"code": "12345"})
    await tab.until(lambda update: "code" in update.of(TwoFactor).get("errors", {}))
    code = one_time_codes.code(secret, one_time_codes.step(clock.now()))
    await tab.send(event_name(TwoFactor.confirm), sent={"code": code})
    codes = re.compile(r"\b(?:[a-z2-7]{4}-){3}[a-z2-7]{4}\b")
    update = await tab.until(lambda update: codes.search(str(update.events)) is not None)
    shown = codes.findall(str(update.events).replace("\\n", " ").replace("\\", " "))
    assert len(shown) == 10 and tab.value(TwoFactor, "stage") == "codes"
    assert not any(code in str(tab.vars) for code in shown) and key not in str(tab.vars)
    await tab.send(event_name(TwoFactor.finish))
    await tab.until(lambda update: "location.assign" in str(update.events))
