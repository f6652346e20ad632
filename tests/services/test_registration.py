"""Registering: only who reads the address's mail and chose the password has an account, and until then nobody does."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from helpdesk import clock
from helpdesk.domain.errors import Conflict, Invalid
from helpdesk.domain.people import Role, anonymous
from helpdesk.models import Activity, Delivery, Registration
from helpdesk.services import audit, people, sign_in, tickets
from helpdesk.services.mail import outbound
from helpdesk.services.sign_in import SignInRefused, WrongPassword
from helpdesk.services.unit_of_work import run
from tests.cast import PASSWORD, Cast

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NORA = {"name": "Nora New", "email": "Nora@Northwind.example", "password": PASSWORD}


def _mails(cast: Cast, email: str) -> list[Delivery]:
    query = select(Delivery).where(Delivery.to_address == email).order_by(col(Delivery.id))
    return run(cast.desk, lambda ctx: list(ctx.session.exec(query)))


def _register(cast: Cast, **more: str) -> str:
    """Register; the token of the newest mail."""
    form = NORA | more
    run(anonymous(cast.acme.id), sign_in.register, **form)
    mails = _mails(cast, form["email"].lower())
    return mails[-1].body_text.rpartition("token=")[2].strip() if mails else ""


def _confirm(cast: Cast, token: str, password: str = PASSWORD) -> str:
    return run(anonymous(cast.acme.id), sign_in.confirm, token=token, password=password)


def _found(cast: Cast, text: str) -> list[str]:
    return [row.name for row in run(cast.adam, people.listing, text=text)]


def _outcomes(cast: Cast) -> list[str]:
    return [row.outcome for row in reversed(run(cast.adam, audit.attempts))]


def _kinds(cast: Cast) -> list[str]:
    return run(cast.desk, lambda ctx: list(ctx.session.exec(select(Activity.kind).order_by(col(Activity.id)))))


def test_the_link_and_the_password_make_a_customer_of_the_domains_company(cast: Cast) -> None:
    token = _register(cast)
    assert _mails(cast, "nora@northwind.example")[-1].template == "confirm_registration"
    assert _found(cast, "nora@") == []
    assert _kinds(cast)[-1] == "person.registration_asked"
    actor = sign_in.actor_of(_confirm(cast, token))
    assert (actor.name, actor.role, actor.company_id, actor.is_company_manager) == (
        "Nora New", Role.CUSTOMER, cast.northwind, False,
    )  # fmt: skip
    assert _outcomes(cast)[-3:] == ["register_asked", "registered", "success"]
    assert "person.registered" in _kinds(cast)
    assert run(anonymous(cast.acme.id), sign_in.sign_in, email=NORA["email"], password=PASSWORD)
    with pytest.raises(Invalid):
        _confirm(cast, token)


def test_before_the_link_is_followed_there_is_no_way_in(cast: Cast) -> None:
    _register(cast)
    with pytest.raises(SignInRefused, match="Follow the link"):
        run(anonymous(cast.acme.id), sign_in.sign_in, email=NORA["email"], password=PASSWORD)
    with pytest.raises(SignInRefused, match="do not match"):
        run(anonymous(cast.acme.id), sign_in.sign_in, email=NORA["email"], password="wrong password")
    assert _outcomes(cast)[-2:] == ["unconfirmed", "failed"]


def test_a_stranger_registering_my_address_never_reads_my_requests(cast: Cast) -> None:
    """They know their password and have not my mail; I have my mail and not their password."""
    theirs = _register(cast, email="victim@home.example", name="Not The Victim", password="the thief's own sentence")
    form = {"name": "Vera Victim", "email": "victim@home.example", "title": "Secret", "description": "Mine alone."}
    run(anonymous(cast.acme.id), tickets.create_from_public_form, **form)
    assert _found(cast, "victim@") == ["Vera Victim"], "the public form knows nothing of them"
    with pytest.raises(SignInRefused):
        run(anonymous(cast.acme.id), sign_in.sign_in, email="victim@home.example", password="the thief's own sentence")
    with pytest.raises(WrongPassword):
        _confirm(cast, theirs, "whatever I think it was")
    mine = _register(cast, email="victim@home.example", name="Vera V.")
    actor = sign_in.actor_of(_confirm(cast, mine))
    assert actor.name == "Vera Victim", "the requests I wrote before are mine"
    with pytest.raises(Invalid):
        _confirm(cast, theirs, "the thief's own sentence")


def test_an_account_there_is_already_stays_and_its_owner_is_told(cast: Cast) -> None:
    _register(cast, email="ADA@acme.example", name="Not Ada", password="a completely new sentence")
    [mail] = _mails(cast, "ada@acme.example")
    assert mail.template == "already_registered" and "/reset?token=" in mail.body_text
    assert run(anonymous(cast.acme.id), sign_in.sign_in, email="ada@acme.example", password=PASSWORD)
    with pytest.raises(SignInRefused):
        run(anonymous(cast.acme.id), sign_in.sign_in, email="ada@acme.example", password="a completely new sentence")


def test_an_account_made_meanwhile_is_not_taken_over(cast: Cast) -> None:
    token = _register(cast)
    run(cast.adam, people.create, name="Nora Other", email=NORA["email"], password="a completely new sentence")
    with pytest.raises(Conflict):
        _confirm(cast, token)


def test_a_deactivated_person_does_not_come_back_by_registering(cast: Cast) -> None:
    form = {"name": "Stan Stranger", "email": "stan@home.example", "title": "Hello", "description": "Help"}
    run(anonymous(cast.acme.id), tickets.create_from_public_form, **form)
    [stan] = run(cast.adam, people.listing, text="stan@")
    token = _register(cast, email="stan@home.example")
    run(cast.adam, people.deactivate, stan.id)
    with pytest.raises(SignInRefused):
        _confirm(cast, token)


def test_a_link_lasts_a_day_only_here_and_five_wrong_passwords(cast: Cast) -> None:
    with clock.frozen(NOON):
        token, other = _register(cast), _register(cast, email="olaf@home.example")
        with pytest.raises(Invalid):
            run(anonymous(cast.evil.id), sign_in.confirm, token=token, password=PASSWORD)
        for _ in range(5):
            with pytest.raises(WrongPassword):
                _confirm(cast, token, "wrong password")
        with pytest.raises(Invalid) as refused:
            _confirm(cast, token)
        assert set(refused.value.fields) == {"token"}
    with clock.frozen(NOON + timedelta(days=1, seconds=1)):
        with pytest.raises(Invalid):
            _confirm(cast, other)
        _register(cast, email="late@home.example")
        kept = run(cast.desk, lambda ctx: [row.email for row in ctx.session.exec(select(Registration))])
        assert kept == ["late@home.example"], "what is over is forgotten"


def test_nobodys_mailbox_is_filled(cast: Cast) -> None:
    with clock.frozen(NOON):
        for _ in range(5):
            _register(cast)
    assert len(_mails(cast, "nora@northwind.example")) == 3
    with clock.frozen(NOON + timedelta(hours=1, seconds=1)):
        _register(cast)
    assert len(_mails(cast, "nora@northwind.example")) == 4


def test_an_administrator_without_a_mail_server_can_hand_the_link_on(cast: Cast) -> None:
    """It is worth nothing without the password; a link for choosing one is never shown."""
    token = _register(cast)
    run(anonymous(cast.acme.id), sign_in.forgot, email="ada@acme.example")
    reset, confirmation = run(cast.adam, outbound.listing)[:2]
    assert token in run(cast.adam, outbound.one, confirmation.id).body_text
    assert "token=…" in run(cast.adam, outbound.one, reset.id).body_text


@pytest.mark.parametrize("value", ["", "\x00", "\ud800", "²", "x" * 10_000, "' OR 1=1 --"])
def test_whatever_is_sent_is_refused_kindly(cast: Cast, value: str) -> None:
    with pytest.raises(Invalid):
        _confirm(cast, value, value)
