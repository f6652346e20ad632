"""Doors: signing in and out, and everybody who tries."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from helpdesk import clock, settings
from helpdesk.domain.errors import Invalid, NotAllowed, SignedOut
from helpdesk.domain.people import Actor, Availability, Role, anonymous
from helpdesk.models import Activity, Delivery, PasswordReset, Person, SignInAttempt, SignInSession
from helpdesk.services import audit, people, sign_in
from helpdesk.services.context import Context
from helpdesk.services.sign_in import SignInRefused
from helpdesk.services.unit_of_work import run
from tests.bench.measure import statements
from tests.cast import PASSWORD, Cast

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NEW_PASSWORD = "a completely new sentence"
WEIRD = ["", "\x00", "a\x00b@x.example", "\ud800", "²", "x" * 10_000, "' OR 1=1 --", "%", "👋", "\r\nSet-Cookie: a=b"]


def _sign_in(cast: Cast, email: str = "ada@acme.example", password: str = PASSWORD, **more: object) -> str:
    return run(anonymous(cast.acme.id), sign_in.sign_in, email=email, password=password, **more)


def _refused(cast: Cast, email: str, password: str, **more: object) -> str:
    with pytest.raises(SignInRefused) as refused:
        _sign_in(cast, email, password, **more)
    return refused.value.message


def _outcomes(cast: Cast) -> list[tuple[str, str]]:
    return [(row.email, row.outcome) for row in reversed(run(cast.adam, audit.attempts))]


def _availability(cast: Cast, actor: Actor) -> str:
    return run(cast.adam, people.one, actor.person_id).availability


def _reset_token(cast: Cast, email: str) -> str:
    """The secret in the newest mail, as its reader would find it."""

    def read(ctx: Context) -> str:
        mail = ctx.session.exec(select(Delivery).where(Delivery.to_address == email).order_by(col(Delivery.id).desc()))
        return mail.first().body_text.rpartition("token=")[2].strip()

    return run(cast.desk, read)


def test_signing_in_opens_a_session_and_makes_an_agent_available(cast: Cast) -> None:
    token = _sign_in(cast, address="10.1.2.3", user_agent="Firefox")
    actor = sign_in.actor_of(token)
    assert (actor.person_id, actor.role, actor.team_ids) == (cast.ada.person_id, Role.AGENT, (cast.support,))
    assert _availability(cast, cast.ada) == "available"
    line = run(cast.adam, audit.attempts)[0]
    assert (line.outcome, line.address, line.user_agent, line.person) == ("success", "10.1.2.3", "Firefox", "Ada Agent")


def test_the_address_ignores_case_and_space(cast: Cast) -> None:
    assert sign_in.actor_of(_sign_in(cast, "  ADA@Acme.Example "))


def test_customers_and_executives_are_never_available(cast: Cast) -> None:
    for email, actor in (("rita@northwind.example", cast.rita), ("xena@acme.example", cast.xena)):
        _sign_in(cast, email)
        assert _availability(cast, actor) == "offline"


def test_the_database_keeps_no_token_and_no_password(cast: Cast) -> None:
    token = _sign_in(cast)

    def stored(ctx: Context) -> str:
        session = ctx.session.exec(select(SignInSession).order_by(col(SignInSession.id).desc())).first()
        person = ctx.session.get_one(Person, cast.ada.person_id)
        return f"{session.token_hash} {person.password_hash}"

    kept = run(cast.desk, stored)
    assert token not in kept and token.partition(".")[2] not in kept and PASSWORD not in kept and "$argon2id$" in kept


def test_wrong_passwords_are_written_down_and_unknown_addresses_too(cast: Cast) -> None:
    first = _refused(cast, "ada@acme.example", "wrong password")
    second = _refused(cast, "nobody@acme.example", "wrong password")
    assert first == second
    assert _outcomes(cast)[-2:] == [("ada@acme.example", "failed"), ("nobody@acme.example", "failed")]


def test_eight_wrong_passwords_lock_for_a_quarter_of_an_hour(cast: Cast) -> None:
    with clock.frozen(NOON):
        for _ in range(8):
            _refused(cast, "ada@acme.example", "wrong password")
        _refused(cast, "ada@acme.example", PASSWORD)
    assert [outcome for _, outcome in _outcomes(cast)[-9:]] == ["failed"] * 8 + ["locked"]
    with clock.frozen(NOON + timedelta(minutes=14, seconds=59)):
        _refused(cast, "ada@acme.example", PASSWORD)
    with clock.frozen(NOON + timedelta(minutes=15, seconds=1)):
        assert sign_in.actor_of(_sign_in(cast))


def test_signing_in_forgets_the_wrong_tries(cast: Cast) -> None:
    for _ in range(2):
        for _ in range(7):
            _refused(cast, "ada@acme.example", "wrong password")
        _sign_in(cast)


def test_a_locked_account_sounds_like_no_account(cast: Cast) -> None:
    """Otherwise eight tries at an address tell whether it has an account."""
    said = {
        email: [_refused(cast, email, "wrong password") for _ in range(10)]
        for email in ("ada@acme.example", "nobody@acme.example")
    }
    assert said["ada@acme.example"] == said["nobody@acme.example"]


def test_every_refusal_takes_the_time_of_a_hash(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: each road computes exactly one hash."""
    real, counted = sign_in.hasher(), []

    class Counting:
        def hash(self, password: bytes) -> str:
            counted.append("hash")
            return real.hash(password)

        def verify(self, kept: str, password: bytes) -> bool:
            counted.append("verify")
            return real.verify(kept, password)

    monkeypatch.setattr(sign_in, "hasher", Counting)
    for email in ["nobody@acme.example", *["ada@acme.example"] * 10]:
        counted.clear()
        _refused(cast, email, "wrong password")
        assert len(counted) == 1


def test_only_who_knows_the_password_learns_that_an_account_is_deactivated(cast: Cast) -> None:
    run(cast.adam, people.deactivate, cast.ada.person_id)
    assert _refused(cast, "ada@acme.example", "wrong password") == _refused(cast, "no@acme.example", "wrong password")
    assert "deactivated" in _refused(cast, "ada@acme.example", PASSWORD)
    assert _outcomes(cast)[-1] == ("ada@acme.example", "deactivated")


@pytest.mark.parametrize("value", WEIRD)
def test_whatever_is_typed_is_refused_kindly(cast: Cast, value: str) -> None:
    _refused(cast, value, "wrong password", address=value, user_agent=value)
    _refused(cast, "ada@acme.example", value)
    run(anonymous(cast.acme.id), sign_in.forgot, email=value)
    run(anonymous(cast.acme.id), sign_in.limited, email=value, address=value, user_agent=value)
    with pytest.raises(Invalid):
        run(anonymous(cast.acme.id), sign_in.reset, token=value, password=NEW_PASSWORD)
    run(anonymous(cast.acme.id), sign_in.sign_out, value)


@pytest.mark.parametrize(
    "cookie",
    ["", ".", "1.", ".x", "x.y", "²." + "x" * 43, "-1.x", "0.x", "1.x", f"{2**63}.x", "9" * 90 + ".x", "1" * 200 + ".x", "1.\x00", "1.\ud800", "1.' OR 1=1"],
)  # fmt: skip
def test_forged_cookies_are_nobody(cast: Cast, cookie: str) -> None:
    assert sign_in.actor_of(cookie) is None


def test_a_cookie_of_one_organization_is_worthless_under_anothers_number(cast: Cast) -> None:
    token = _sign_in(cast)
    random = token.partition(".")[2]
    assert sign_in.actor_of(f"{cast.evil.id}.{random}") is None
    assert sign_in.actor_of(token).organization_id == cast.acme.id, "doors compare this with the host's organization"


def test_a_password_of_one_organization_opens_no_other(cast: Cast) -> None:
    with pytest.raises(SignInRefused):
        run(anonymous(cast.evil.id), sign_in.sign_in, email="ada@acme.example", password=PASSWORD)


def test_many_are_told_apart_in_one_question(cast: Cast) -> None:
    ada, max_ = _sign_in(cast), _sign_in(cast, "max@acme.example")
    gone = _sign_in(cast)
    run(sign_in.actor_of(gone), sign_in.sign_out, gone)
    found = sign_in.actors_of([ada, max_, gone, f"{cast.acme.id}.unknown", f"{cast.evil.id}.{ada}", "", "²."])
    assert {token: actor.person_id for token, actor in found.items()} == {
        ada: cast.ada.person_id,
        max_: cast.max.person_id,
    }
    with statements() as heard:
        sign_in.actors_of([ada, max_])
    assert len([one for one in heard if "sign_in_session" in one.sql]) == 1


def test_a_session_ends_when_idle(cast: Cast) -> None:
    idle = timedelta(minutes=settings.get().session_idle_minutes)
    with clock.frozen(NOON):
        token = _sign_in(cast)
    with clock.frozen(NOON + idle - timedelta(minutes=1)):
        assert sign_in.actor_of(token), "and being seen starts the wait anew"
    with clock.frozen(NOON + 2 * idle - timedelta(minutes=2)):
        assert sign_in.actor_of(token)
    with clock.frozen(NOON + 3 * idle):
        assert sign_in.actor_of(token) is None


def test_a_remembered_session_lasts_until_its_absolute_end(cast: Cast) -> None:
    life, idle = (timedelta(days=d) for d in (settings.get().remember_absolute_days, settings.get().remember_idle_days))
    with clock.frozen(NOON):
        token, unused = _sign_in(cast, remember=True), _sign_in(cast, remember=True)
    at = NOON
    while at < NOON + life:
        with clock.frozen(at):
            assert sign_in.actor_of(token)
        at += idle - timedelta(minutes=1)
    with clock.frozen(NOON + idle + timedelta(minutes=1)):
        assert sign_in.actor_of(unused) is None
    with clock.frozen(NOON + life - timedelta(minutes=1)):
        assert sign_in.actor_of(token)
    with clock.frozen(NOON + life + timedelta(minutes=1)):
        assert sign_in.actor_of(token) is None


def test_being_busy_does_not_outlive_the_absolute_end(cast: Cast) -> None:
    with clock.frozen(NOON):
        token = _sign_in(cast)
    at = NOON
    while at < NOON + timedelta(days=settings.get().session_absolute_days):
        with clock.frozen(at):
            assert sign_in.actor_of(token)
        at += timedelta(hours=11)
    with clock.frozen(NOON + timedelta(days=settings.get().session_absolute_days, seconds=1)):
        assert sign_in.actor_of(token) is None


def test_only_the_last_sign_out_takes_an_agent_offline(cast: Cast) -> None:
    office, phone = _sign_in(cast), _sign_in(cast)
    actor = sign_in.actor_of(office)
    run(actor, sign_in.sign_out, office)
    assert sign_in.actor_of(office) is None and sign_in.actor_of(phone)
    assert _availability(cast, cast.ada) == "available"
    for _ in range(2):
        run(actor, sign_in.sign_out, phone)
    assert _availability(cast, cast.ada) == "offline"


def test_signing_out_twice_is_once(cast: Cast) -> None:
    token = _sign_in(cast)
    for _ in range(2):
        run(cast.ada, sign_in.sign_out, token)

    def count(ctx: Context) -> int:
        return len(ctx.session.exec(select(Activity).where(Activity.kind == "person.signed_out")).all())

    assert run(cast.desk, count) == 1


def test_a_changed_team_counts_in_the_open_session(cast: Cast) -> None:
    token = _sign_in(cast)
    details = {"name": "Ada Agent", "email": "ada@acme.example"}
    run(cast.adam, people.change, cast.ada.person_id, team_ids=(cast.billing,), **details)
    assert sign_in.actor_of(token).team_ids == (cast.billing,)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"), ({"name": "\x00\x00\x00"}, "name"), ({"email": "no address"}, "email"),
        ({"email": "a@b"}, "email"), ({"email": "a@x.example\nBcc: b@x.example"}, "email"), ({"email": "\ud800@x.example"}, "email"),
        ({"email": "a" * 300 + "@x.example"}, "email"),
        ({"password": "short"}, "password"), ({"password": "password123"}, "password"), ({"password": "a" * 20}, "password"),
        ({"password": "nora@home.example"}, "password"), ({"password": "x y z " * 50}, "password"), ({"password": "Nora New Person"}, "password"),
    ],
)  # fmt: skip
def test_registering_refuses_by_field(cast: Cast, more: dict[str, str], field: str) -> None:
    form = {"name": "Nora New Person", "email": "nora@home.example", "password": PASSWORD} | more
    with pytest.raises(Invalid) as refused:
        run(anonymous(cast.acme.id), sign_in.register, **form)
    assert list(refused.value.fields) == [field]


def test_a_forgotten_password_is_chosen_anew_once_and_ends_every_session(cast: Cast) -> None:
    before = _sign_in(cast)
    run(anonymous(cast.acme.id), sign_in.forgot, email="Ada@acme.example")
    token = _reset_token(cast, "ada@acme.example")
    run(anonymous(cast.acme.id), sign_in.reset, token=token, password=NEW_PASSWORD)
    assert sign_in.actor_of(before) is None
    assert _availability(cast, cast.ada) == "offline", "nobody is there to take tickets"
    _refused(cast, "ada@acme.example", PASSWORD)
    assert sign_in.actor_of(_sign_in(cast, password=NEW_PASSWORD))
    with pytest.raises(Invalid):
        run(anonymous(cast.acme.id), sign_in.reset, token=token, password="yet another sentence")


def test_choosing_a_password_voids_every_other_link(cast: Cast) -> None:
    tokens = []
    for _ in range(2):
        run(anonymous(cast.acme.id), sign_in.forgot, email="ada@acme.example")
        tokens.append(_reset_token(cast, "ada@acme.example"))
    run(anonymous(cast.acme.id), sign_in.reset, token=tokens[1], password=NEW_PASSWORD)
    with pytest.raises(Invalid):
        run(anonymous(cast.acme.id), sign_in.reset, token=tokens[0], password="a thief's own sentence")


def test_links_to_a_former_address_open_nothing(cast: Cast) -> None:
    run(anonymous(cast.acme.id), sign_in.forgot, email="rita@northwind.example")
    token = _reset_token(cast, "rita@northwind.example")
    run(cast.adam, people.change, cast.rita.person_id, name="Rita Requester", email="rita@new.example")
    with pytest.raises(Invalid):
        run(anonymous(cast.acme.id), sign_in.reset, token=token, password=NEW_PASSWORD)


def test_a_link_lasts_two_hours_and_only_here(cast: Cast) -> None:
    with clock.frozen(NOON):
        run(anonymous(cast.acme.id), sign_in.forgot, email="ada@acme.example")
    token = _reset_token(cast, "ada@acme.example")
    with clock.frozen(NOON + timedelta(hours=2, seconds=1)), pytest.raises(Invalid):
        run(anonymous(cast.acme.id), sign_in.reset, token=token, password=NEW_PASSWORD)
    with clock.frozen(NOON + timedelta(minutes=1)), pytest.raises(Invalid):
        run(anonymous(cast.evil.id), sign_in.reset, token=token, password=NEW_PASSWORD)


def test_a_weak_password_does_not_use_up_the_link(cast: Cast) -> None:
    run(anonymous(cast.acme.id), sign_in.forgot, email="ada@acme.example")
    token = _reset_token(cast, "ada@acme.example")
    with pytest.raises(Invalid):
        run(anonymous(cast.acme.id), sign_in.reset, token=token, password="short")
    run(anonymous(cast.acme.id), sign_in.reset, token=token, password=NEW_PASSWORD)


def test_a_reset_unlocks(cast: Cast) -> None:
    for _ in range(8):
        _refused(cast, "ada@acme.example", "wrong password")
    run(anonymous(cast.acme.id), sign_in.forgot, email="ada@acme.example")
    token = _reset_token(cast, "ada@acme.example")
    run(anonymous(cast.acme.id), sign_in.reset, token=token, password=NEW_PASSWORD)
    assert sign_in.actor_of(_sign_in(cast, password=NEW_PASSWORD))


def test_asking_for_an_unknown_address_leaves_no_trace_and_no_mail(cast: Cast) -> None:
    def count(ctx: Context) -> tuple[int, int]:
        return len(ctx.session.exec(select(Delivery)).all()), len(ctx.session.exec(select(PasswordReset)).all())

    before = run(cast.desk, count)
    assert run(anonymous(cast.acme.id), sign_in.forgot, email="nobody@acme.example") is None
    run(cast.adam, people.deactivate, cast.zoe.person_id)
    run(anonymous(cast.acme.id), sign_in.forgot, email="zoe@home.example")
    assert run(cast.desk, count) == before


def test_the_secret_of_a_link_is_in_no_activity_and_no_job(cast: Cast, heard) -> None:
    run(anonymous(cast.acme.id), sign_in.forgot, email="ada@acme.example")
    token = _reset_token(cast, "ada@acme.example")

    def everything(ctx: Context) -> str:
        return "".join(f"{row.data}" for row in ctx.session.exec(select(Activity)).all())

    assert token and token not in run(cast.desk, everything) and token not in repr(heard.jobs)


def test_the_audit_log_is_for_admins_and_keeps_to_its_organization(cast: Cast) -> None:
    _refused(cast, "ada@acme.example", "wrong password")
    for actor in (cast.rita, cast.ada, cast.max, cast.xena):
        with pytest.raises(NotAllowed):
            run(actor, audit.attempts)
    with pytest.raises(SignedOut):
        run(anonymous(cast.acme.id), audit.attempts)
    assert run(cast.eve, audit.attempts) == []
    assert run(cast.adam, audit.attempts, email="ADA@", outcome="failed")
    assert run(cast.adam, audit.attempts, email="%") == []


def test_the_audit_log_survives_the_refusal(cast: Cast) -> None:
    _refused(cast, "ada@acme.example", "wrong password")

    def count(ctx: Context) -> int:
        return len(ctx.session.exec(select(SignInAttempt)).all())

    assert run(cast.desk, count) == 1


@pytest.mark.parametrize("availability", ["available", "away", "offline"])
def test_availability_changes_and_is_written_down_once(cast: Cast, availability: str) -> None:
    for _ in range(2):
        run(cast.ada, sign_in.set_availability, availability)
    assert _availability(cast, cast.ada) == availability

    def changes(ctx: Context) -> int:
        return len(ctx.session.exec(select(Activity).where(Activity.kind == "person.availability_changed")).all())

    assert run(cast.desk, changes) == (availability != Availability.OFFLINE)


def test_availability_is_no_free_text_and_not_for_customers(cast: Cast) -> None:
    with pytest.raises(Invalid):
        run(cast.ada, sign_in.set_availability, "asleep")
    for actor in (cast.rita, cast.xena):
        with pytest.raises(NotAllowed):
            run(actor, sign_in.set_availability, "available")


def test_single_keys_are_turned_off_for_oneself_only(cast: Cast) -> None:
    run(cast.ada, sign_in.set_single_keys, False)
    assert not run(cast.ada, people.me).single_keys and run(cast.max, people.me).single_keys
    run(anonymous(cast.acme.id), sign_in.set_single_keys, False)
    assert run(cast.max, people.me).single_keys


def test_the_theme_is_remembered_for_oneself_only(cast: Cast) -> None:
    run(cast.rita, sign_in.set_theme, "dark")
    assert run(cast.rita, people.me).theme == "dark" and run(cast.zoe, people.me).theme == "system"
    with pytest.raises(Invalid):
        run(cast.rita, sign_in.set_theme, "</script>")
    run(anonymous(cast.acme.id), sign_in.set_theme, "dark")
    assert run(cast.zoe, people.me).theme == "system"
