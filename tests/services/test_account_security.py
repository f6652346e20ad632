"""Password and sessions: each only their own."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from helpdesk import clock
from helpdesk.domain.errors import Invalid, NotFound, SignedOut
from helpdesk.domain.people import Actor, anonymous
from helpdesk.models import Activity, Delivery
from helpdesk.services import account_security, people, sign_in
from helpdesk.services.sign_in import SignInRefused, WrongPassword
from helpdesk.services.unit_of_work import run
from tests.cast import PASSWORD, Cast

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NEW = "a completely new sentence"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def _enter(cast: Cast, email: str = "ada@acme.example", **more: object) -> tuple[str, Actor]:
    token = run(anonymous(cast.acme.id), sign_in.sign_in, email=email, password=PASSWORD, **more)
    actor = sign_in.actor_of(token)
    assert actor is not None
    return token, actor


def _kinds(cast: Cast) -> list[str]:
    return run(cast.desk, lambda ctx: list(ctx.session.exec(select(Activity.kind).order_by(col(Activity.id)))))


def test_changing_the_password_signs_out_every_other_browser(cast: Cast) -> None:
    (here, ada), (there, _) = _enter(cast), _enter(cast)
    run(ada, account_security.change_password, current=PASSWORD, new=NEW)
    assert sign_in.actor_of(here) and sign_in.actor_of(there) is None
    assert run(cast.adam, people.one, ada.person_id).availability == "available", "she is still here"
    assert "person.password_changed" in _kinds(cast)
    with pytest.raises(SignInRefused):
        _enter(cast)
    assert run(anonymous(cast.acme.id), sign_in.sign_in, email="ada@acme.example", password=NEW)
    mail = run(cast.desk, lambda ctx: ctx.session.exec(select(Delivery).order_by(col(Delivery.id).desc())).first())
    assert (mail.template, mail.to_address) == ("security_notice", "ada@acme.example")
    assert NEW not in mail.body_text and "/profile/security" in mail.body_text


def test_links_for_a_new_password_are_worthless_afterwards(cast: Cast) -> None:
    run(anonymous(cast.acme.id), sign_in.forgot, email="ada@acme.example")
    mail = run(cast.desk, lambda ctx: ctx.session.exec(select(Delivery).order_by(col(Delivery.id).desc())).first())
    _, ada = _enter(cast)
    run(ada, account_security.change_password, current=PASSWORD, new=NEW)
    with pytest.raises(Invalid):
        run(anonymous(cast.acme.id), sign_in.reset, token=mail.body_text.rpartition("token=")[2].strip(), password=NEW)


def test_the_present_password_is_asked_for_and_wrong_ones_lock(cast: Cast) -> None:
    _, ada = _enter(cast)
    with clock.frozen(NOON):
        for _ in range(8):
            with pytest.raises(WrongPassword) as refused:
                run(ada, account_security.change_password, current="wrong password", new=NEW)
            assert set(refused.value.fields) == {"current"}
        with pytest.raises(WrongPassword):
            run(ada, account_security.change_password, current=PASSWORD, new=NEW)
    with clock.frozen(NOON + timedelta(minutes=16)):
        run(ada, account_security.change_password, current=PASSWORD, new=NEW)


def test_a_weak_new_one_is_refused(cast: Cast) -> None:
    _, ada = _enter(cast)
    for weak in ("short", "AdaAgent2026", "acmesupport!!"):
        with pytest.raises(Invalid) as refused:
            run(ada, account_security.change_password, current=PASSWORD, new=weak)
        assert set(refused.value.fields) == {"password"}


def test_sessions_are_listed_this_one_first(cast: Cast) -> None:
    with clock.frozen(NOON):
        _enter(cast, address="10.0.0.1", user_agent=FIREFOX, remember=True)
        _enter(cast, "rita@northwind.example")
    with clock.frozen(NOON + timedelta(hours=1)):
        _, ada = _enter(cast)
        mine, other = run(ada, account_security.sessions)
    assert (mine.is_this, mine.browser) == (True, "Unknown browser")
    assert (other.is_this, other.browser, other.address, other.is_remembered) == (
        False, "Firefox on Linux", "10.0.0.1", True,
    )  # fmt: skip
    with clock.frozen(NOON + timedelta(hours=14)):
        assert [row.id for row in run(ada, account_security.sessions)] == [other.id], "unused ones are over"


def test_one_session_is_ended(cast: Cast) -> None:
    (_, ada), (there, other) = _enter(cast), _enter(cast)
    for _ in range(2):
        run(ada, account_security.end_session, other.session_id)
    assert sign_in.actor_of(there) is None
    assert _kinds(cast).count("person.sessions_ended") == 1
    _, rita = _enter(cast, "rita@northwind.example")
    for foreign in (rita.session_id, 0, -1, 2**70):
        with pytest.raises(NotFound):
            run(ada, account_security.end_session, foreign)


def test_all_others_are_ended(cast: Cast) -> None:
    (here, ada), (there, _) = _enter(cast), _enter(cast)
    assert run(ada, account_security.end_other_sessions) == 1
    assert sign_in.actor_of(here) and sign_in.actor_of(there) is None
    assert run(ada, account_security.end_other_sessions) == 0
    assert _kinds(cast).count("person.sessions_ended") == 1


def test_visitors_have_neither(cast: Cast) -> None:
    for verb, form in (
        (account_security.change_password, {"current": PASSWORD, "new": NEW}),
        (account_security.sessions, {}),
        (account_security.end_other_sessions, {}),
    ):
        with pytest.raises(SignedOut):
            run(anonymous(cast.acme.id), verb, **form)
