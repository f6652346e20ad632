"""Two-factor sign-in: set up, asked for, used up, lost, required."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from helpdesk import clock, settings
from helpdesk.adapters import vault
from helpdesk.domain import one_time_codes
from helpdesk.domain.errors import Conflict, HelpdeskError, Invalid, NotAllowed
from helpdesk.domain.people import Actor, Role, anonymous
from helpdesk.models import Activity, Delivery, Person, RecoveryCode, SecondFactor
from helpdesk.services import account, account_security, audit, organizations, people, sign_in, teams, tickets
from helpdesk.services.second_factor import WrongCode
from helpdesk.services.sign_in import SecondStepNeeded, SignInRefused, StepRefused, WrongPassword
from helpdesk.services.unit_of_work import run
from tests.cast import PASSWORD, Cast

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SETTINGS = {
    "name": "Acme Support", "timezone": "UTC", "accent": "indigo", "public_form": True, "auto_close_hours": 48, "warning_share": 80,
}  # fmt: skip


def _enter(cast: Cast, email: str = "ada@acme.example") -> Actor:
    """Sign in with the password alone."""
    token = run(anonymous(cast.acme.id), sign_in.sign_in, email=email, password=PASSWORD)
    actor = sign_in.actor_of(token)
    assert actor is not None
    return actor


def _step(cast: Cast, email: str = "ada@acme.example", **more: object) -> str:
    """The right password; the token of the step that follows."""
    with pytest.raises(SecondStepNeeded) as needed:
        run(anonymous(cast.acme.id), sign_in.sign_in, email=email, password=PASSWORD, **more)
    return needed.value.token


def _code(secret: bytes, at: datetime) -> str:
    return one_time_codes.code(secret, one_time_codes.step(at))


def _secret(cast: Cast, actor: Actor) -> bytes:
    def read(ctx) -> str:
        return ctx.session.get_one(SecondFactor, actor.person_id).sealed_secret

    return vault.unseal("second factor", run(cast.desk, read))


def _set_up(cast: Cast, email: str = "ada@acme.example") -> tuple[Actor, bytes, list[str]]:
    """Somebody with two factors since noon, the code of noon being used."""
    with clock.frozen(NOON):
        actor = _enter(cast, email)
        run(actor, account_security.begin_enrolment)
        secret = _secret(cast, actor)
        return actor, secret, run(actor, account_security.confirm_enrolment, code=_code(secret, NOON))


def _kinds(cast: Cast) -> list[str]:
    return run(cast.desk, lambda ctx: list(ctx.session.exec(select(Activity.kind).order_by(col(Activity.id)))))


def _outcomes(cast: Cast) -> list[str]:
    return [row.outcome for row in reversed(run(cast.adam, audit.attempts))]


def test_it_counts_from_the_first_code_on(cast: Cast) -> None:
    with clock.frozen(NOON):
        there, ada = _enter(cast), _enter(cast)
        enrolment = run(ada, account_security.begin_enrolment)
        secret = _secret(cast, ada)
        assert enrolment.key == one_time_codes.readable(secret)
        assert enrolment.qr.startswith("data:image/svg+xml")
        assert not run(ada, account_security.factor).is_on
        _enter(cast)
        with pytest.raises(WrongCode) as refused:
            run(ada, account_security.confirm_enrolment, code="000000")
        assert set(refused.value.fields) == {"code"}
        codes = run(ada, account_security.confirm_enrolment, code=_code(secret, NOON))
        row = run(ada, account_security.factor)
    assert (row.is_on, row.codes_left, len(set(codes))) == (True, 10, 10)
    assert _kinds(cast)[-1] == "person.two_factor_on"
    kept = run(
        cast.desk,
        lambda ctx: [one.id for one in ctx.session.exec(select(sign_in.SignInSession).where(sign_in.is_open(NOON)))],
    )
    assert ada.session_id in kept and there.session_id not in kept, "sessions opened with one factor are over"
    mail = run(cast.desk, lambda ctx: ctx.session.exec(select(Delivery).order_by(col(Delivery.id).desc())).first())
    assert "turned on" in mail.subject


def test_secrets_are_sealed_and_recovery_codes_hashed(cast: Cast) -> None:
    ada, secret, codes = _set_up(cast)

    def kept(ctx) -> str:
        hashes = ctx.session.exec(select(RecoveryCode.code_hash)).all()
        return ctx.session.get_one(SecondFactor, ada.person_id).sealed_secret + " ".join(hashes)

    text = run(cast.desk, kept)
    assert one_time_codes.readable(secret).replace(" ", "") not in text
    assert not any(code in text or code.replace("-", "") in text for code in codes)


def test_after_the_password_the_code_opens_a_session(cast: Cast) -> None:
    _, secret, _ = _set_up(cast)
    later = NOON + timedelta(minutes=5)
    with clock.frozen(later):
        step = _step(cast, remember=True)
        assert sign_in.actor_of(f"{cast.acme.id}.{step}") is None, "it opens nothing by itself"
        entered = run(anonymous(cast.acme.id), sign_in.second_step, token=step, code=_code(secret, later))
        assert sign_in.actor_of(entered.token) and entered.remember
    assert _outcomes(cast)[-2:] == ["code_asked", "success"]


def test_a_code_counts_once(cast: Cast) -> None:
    _, secret, _ = _set_up(cast)
    with clock.frozen(NOON + timedelta(seconds=5)), pytest.raises(SignInRefused):  # the one of the enrolment
        run(anonymous(cast.acme.id), sign_in.second_step, token=_step(cast), code=_code(secret, NOON))
    later = NOON + timedelta(minutes=5)
    with clock.frozen(later):
        run(anonymous(cast.acme.id), sign_in.second_step, token=_step(cast), code=_code(secret, later))
        with pytest.raises(SignInRefused):
            run(anonymous(cast.acme.id), sign_in.second_step, token=_step(cast), code=_code(secret, later))
    assert _outcomes(cast)[-1] == "code_failed"


def test_a_step_opens_one_session_and_not_for_long(cast: Cast) -> None:
    _, secret, _ = _set_up(cast)
    later = NOON + timedelta(minutes=5)
    with clock.frozen(later):
        used, slow = _step(cast), _step(cast)
        run(anonymous(cast.acme.id), sign_in.second_step, token=used, code=_code(secret, later))
    at = later + timedelta(minutes=1)
    with clock.frozen(at), pytest.raises(StepRefused):
        run(anonymous(cast.acme.id), sign_in.second_step, token=used, code=_code(secret, at))
    at = later + timedelta(minutes=11)
    with clock.frozen(at):
        for token in (slow, "", "made up", "\x00", "\ud800"):
            with pytest.raises(StepRefused):
                run(anonymous(cast.acme.id), sign_in.second_step, token=token, code=_code(secret, at))
        with pytest.raises(StepRefused):
            run(anonymous(cast.evil.id), sign_in.second_step, token=_step(cast), code=_code(secret, at))


def test_wrong_codes_end_the_step_and_lock_the_account(cast: Cast) -> None:
    _, secret, _ = _set_up(cast)
    at = NOON + timedelta(minutes=5)
    with clock.frozen(at):
        step = _step(cast)
        for last in (False, False, False, False, True):
            with pytest.raises(SignInRefused) as refused:
                run(anonymous(cast.acme.id), sign_in.second_step, token=step, code="000000")
            assert isinstance(refused.value, StepRefused) is last
        step = _step(cast)  # the right password does not forget the wrong codes
        for _ in range(3):
            with pytest.raises(SignInRefused):
                run(anonymous(cast.acme.id), sign_in.second_step, token=step, code="000000")
        with pytest.raises(StepRefused):
            run(anonymous(cast.acme.id), sign_in.second_step, token=step, code=_code(secret, at))
        with pytest.raises(SignInRefused):
            run(anonymous(cast.acme.id), sign_in.sign_in, email="ada@acme.example", password=PASSWORD)
    at += timedelta(minutes=settings.get().lock_minutes, seconds=1)
    with clock.frozen(at):
        assert run(anonymous(cast.acme.id), sign_in.second_step, token=_step(cast), code=_code(secret, at))


def test_a_recovery_code_lets_in_once_and_is_told_of(cast: Cast) -> None:
    ada, _, codes = _set_up(cast)
    with clock.frozen(NOON + timedelta(minutes=5)):
        assert run(anonymous(cast.acme.id), sign_in.second_step, token=_step(cast), code=f" {codes[3].upper()} ")
        with pytest.raises(SignInRefused):
            run(anonymous(cast.acme.id), sign_in.second_step, token=_step(cast), code=codes[3])
        assert run(ada, account_security.factor).codes_left == 9
    assert "recovery" in _outcomes(cast)
    mail = run(cast.desk, lambda ctx: ctx.session.exec(select(Delivery).order_by(col(Delivery.id).desc())).first())
    assert "9 are left" in mail.subject
    fresh = run(ada, account_security.renew_recovery_codes, password=PASSWORD)
    assert _kinds(cast)[-1] == "person.recovery_codes_renewed"
    with clock.frozen(NOON + timedelta(minutes=6)):
        with pytest.raises(SignInRefused):
            run(anonymous(cast.acme.id), sign_in.second_step, token=_step(cast), code=codes[0])
        assert run(anonymous(cast.acme.id), sign_in.second_step, token=_step(cast), code=fresh[0])


def test_nobodys_codes_open_somebody_elses_account(cast: Cast) -> None:
    _, _, codes = _set_up(cast)
    _, secret, _ = _set_up(cast, "rita@northwind.example")
    at = NOON + timedelta(minutes=5)
    with clock.frozen(at):
        for code in (codes[0], _code(_secret(cast, cast.ada), at)):
            with pytest.raises(SignInRefused):
                run(
                    anonymous(cast.acme.id), sign_in.second_step, token=_step(cast, "rita@northwind.example"), code=code
                )
        step = _step(cast, "rita@northwind.example")
        assert run(anonymous(cast.acme.id), sign_in.second_step, token=step, code=_code(secret, at))


def test_turning_it_off_asks_for_the_password(cast: Cast) -> None:
    ada, _, _ = _set_up(cast)
    with pytest.raises(WrongPassword):
        run(ada, account_security.turn_off_second_factor, password="wrong password")
    for _ in range(2):
        run(ada, account_security.turn_off_second_factor, password=PASSWORD)
    assert _kinds(cast).count("person.two_factor_off") == 1
    assert _enter(cast)
    with pytest.raises(Conflict):
        run(ada, account_security.renew_recovery_codes, password=PASSWORD)


def test_on_a_browser_left_open_setting_it_up_asks_for_the_password(cast: Cast) -> None:
    with clock.frozen(NOON):
        ada = _enter(cast)
    with clock.frozen(NOON + timedelta(minutes=11)):
        assert run(ada, account_security.factor).needs_password
        with pytest.raises(WrongPassword):
            run(ada, account_security.begin_enrolment)
        run(ada, account_security.begin_enrolment, password=PASSWORD)


def test_it_is_not_moved_to_another_device_without_turning_it_off(cast: Cast) -> None:
    ada, secret, _ = _set_up(cast)
    with clock.frozen(NOON + timedelta(minutes=1)):
        with pytest.raises(Conflict):
            run(ada, account_security.begin_enrolment)
        with pytest.raises(Conflict):
            run(ada, account_security.confirm_enrolment, code="000000")
    assert _secret(cast, ada) == secret


def test_with_another_key_only_recovery_codes_work(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, secret, codes = _set_up(cast)
    sealed = vault.seal("another purpose", b"x")
    with pytest.raises(vault.Unreadable):
        vault.unseal("second factor", sealed)
    monkeypatch.setattr(vault, "_key", lambda purpose, real=vault._key: real(purpose + " of another key"))
    at = NOON + timedelta(minutes=5)
    with clock.frozen(at):
        with pytest.raises(SignInRefused):
            run(anonymous(cast.acme.id), sign_in.second_step, token=_step(cast), code=_code(secret, at))
        assert run(anonymous(cast.acme.id), sign_in.second_step, token=_step(cast), code=codes[0])
    assert ada


def _require(cast: Cast, *roles: Role) -> None:
    run(cast.adam, organizations.change, **SETTINGS, two_factor_roles=roles)


def test_a_role_that_needs_it_does_nothing_else_before(cast: Cast) -> None:
    before = _enter(cast)
    assert not before.must_enrol
    _require(cast, Role.AGENT, Role.ADMIN)
    token = run(anonymous(cast.acme.id), sign_in.sign_in, email="ada@acme.example", password=PASSWORD)
    ada = sign_in.actor_of(token)
    assert ada.must_enrol
    run(cast.desk, lambda ctx: sign_in.end_sessions(ctx, ctx.session.get_one(Person, ada.person_id)))
    token = run(anonymous(cast.acme.id), sign_in.sign_in, email="ada@acme.example", password=PASSWORD)
    ada = sign_in.actor_of(token)
    assert run(cast.olga, people.one, ada.person_id).availability == "offline", "no ticket comes to somebody shut out"
    for verb, args, more in (
        (tickets.create, (), {"title": "x", "description": "y"}),
        (people.listing, (), {}),
        (sign_in.set_availability, ("away",), {}),
        (teams.listing, (), {}),
        (account.picture, (cast.ada.person_id,), {}),
    ):
        with pytest.raises(NotAllowed, match=r"two factors|role"):
            run(ada, verb, *args, **more)
    assert run(ada, people.me).permissions == ("account",)
    row = run(ada, account_security.factor)
    assert row.is_required and not row.is_on
    with clock.frozen(clock.now()):
        run(ada, account_security.begin_enrolment)
        code = _code(_secret(cast, ada), clock.now())
        run(ada, account_security.confirm_enrolment, code=code)
    ada = sign_in.actor_of(token)
    assert not ada.must_enrol
    assert run(ada, people.one, ada.person_id).availability == "available"
    with pytest.raises(Conflict):
        run(ada, account_security.turn_off_second_factor, password=PASSWORD)
    assert not _enter(cast, "rita@northwind.example").must_enrol


def test_the_requirement_is_an_administrators_and_written_down(cast: Cast) -> None:
    _require(cast, Role.ADMIN)
    happened = run(cast.desk, lambda ctx: ctx.session.exec(select(Activity).order_by(col(Activity.id).desc())).first())
    assert (happened.kind, happened.data["after"]) == ("organization.changed", {"two_factor_roles": ["admin"]})
    run(cast.adam, organizations.change, **SETTINGS)
    assert run(cast.desk, organizations.mine).two_factor_roles == ("admin",), "not mentioned, not changed"
    with pytest.raises(Invalid):
        run(cast.adam, organizations.change, **SETTINGS, two_factor_roles=["janitor"])
    with pytest.raises(NotAllowed):
        run(cast.ada, organizations.change, **SETTINGS, two_factor_roles=[])


def test_an_administrator_resets_it_for_who_lost_everything(cast: Cast) -> None:
    ada, _, _ = _set_up(cast)
    assert run(cast.adam, people.one, ada.person_id).has_second_factor
    for actor in (cast.max, cast.ada, cast.rita):
        with pytest.raises(HelpdeskError):
            run(actor, people.reset_second_factor, ada.person_id)
    run(cast.adam, people.reset_second_factor, ada.person_id)
    assert _kinds(cast)[-1] == "person.two_factor_reset"
    assert not run(cast.adam, people.one, ada.person_id).has_second_factor
    assert _enter(cast)
    with pytest.raises(Conflict):
        run(cast.adam, people.reset_second_factor, ada.person_id)
    with pytest.raises(Invalid):
        run(cast.adam, people.reset_second_factor, cast.adam.person_id)
    with pytest.raises(NotAllowed):
        run(cast.adam, people.reset_second_factor, cast.olga.person_id)
