"""Other systems are told what happens: once, signed, outside of every transaction, again when they did not answer."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import col, select

from helpdesk import clock, settings
from helpdesk.adapters import http
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from helpdesk.domain.webhooks import MOST_ATTEMPTS, MOST_FAILURES, sign
from helpdesk.jobs import webhooks as jobs
from helpdesk.models import Activity, Delivery, WebhookDelivery, WebhookEndpoint
from helpdesk.services import calls, reactions, rules, tickets, webhooks
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import Cast
from tests.conftest import Heard
from tests.hook_server import HookServer, listening


@pytest.fixture
def server() -> Iterator[HookServer]:
    """Another system."""
    with listening() as known:
        yield known


def _endpoint(cast: Cast, server: HookServer, *kinds: str, name: str = "Chat") -> tuple[int, str]:
    return run(cast.adam, webhooks.create, name=name, address=server.address, kinds=kinds)


def _file(cast: Cast) -> str:
    return run(cast.rita, tickets.create, title="Printer", description="smokes")


def _react(cast: Cast) -> None:
    def all_of_them(ctx: Context) -> None:
        waiting = ctx.session.exec(select(Activity.id).where(col(Activity.reacted_at).is_(None))).all()
        reactions.react(ctx, waiting)

    run(cast.desk, all_of_them)


def _deliver(cast: Cast) -> int:
    return jobs.deliver(cast.acme.id)


def _log(cast: Cast, endpoint_id: int) -> list[tuple[str, str, int]]:
    return [(one.kind, one.state, one.status_code) for one in run(cast.adam, webhooks.deliveries, endpoint_id)]


def _kinds(cast: Cast, subject_id: int) -> list[str]:
    def read(ctx: Context) -> list[str]:
        query = select(Activity.kind).where(
            Activity.subject_id == subject_id, col(Activity.kind).startswith("webhook.")
        )
        return list(ctx.session.exec(query.order_by(col(Activity.id))).all())

    return run(cast.desk, read)


def _later(monkeypatch: pytest.MonkeyPatch, length: timedelta) -> None:
    moment = clock.now() + length
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_what_happens_is_told_signed_and_once(cast: Cast, server: HookServer, heard: Heard) -> None:
    endpoint_id, secret = _endpoint(cast, server, "ticket.created", "ticket.replied")
    ref = _file(cast)
    run(cast.ada, tickets.note, ref, "not for them")
    run(cast.ada, tickets.reply, ref, "Is it plugged in?")
    _react(cast)
    _react(cast)
    assert server.heard == [], "nothing is called in a transaction"
    assert (webhooks.LOG.job, (cast.acme.id,)) in heard.jobs
    assert _deliver(cast) == 2
    first, second = server.heard
    told = json.loads(first.body)
    assert (told["kind"], told["organization"], told["actor"]) == ("ticket.created", "acme", "Rita Requester")
    assert (told["ticket"]["reference"], told["ticket"]["priority"], told["ticket"]["requester"]["email"]) == (ref, "medium", "rita@northwind.example")  # fmt: skip
    assert json.loads(second.body)["comment"] == {"kind": "reply", "author": "Ada Agent", "body": "Is it plugged in?"}
    moment = int(first.headers["X-Helpdesk-Timestamp"])
    assert first.headers["X-Helpdesk-Signature"] == sign(secret, moment, first.body)
    assert (first.headers["X-Helpdesk-Kind"], first.headers["X-Helpdesk-Delivery"]) == (
        "ticket.created",
        str(told["id"]),
    )
    assert sorted(_log(cast, endpoint_id)) == [
        ("ticket.created", "delivered", 200),
        ("ticket.replied", "delivered", 200),
    ]
    assert _deliver(cast) == 0


def test_a_rule_calls_the_endpoint_it_names(cast: Cast, server: HookServer) -> None:
    endpoint_id, _ = _endpoint(cast, server)
    _endpoint(cast, server, name="Other")
    written = {"when": "created", "if": {"all": []}, "then": [["webhook", str(endpoint_id)]]}
    run(cast.adam, rules.save, name="Tell", written=written)
    assert run(cast.adam, rules.listing)[0].then == "call the webhook Chat"
    _file(cast)
    _react(cast)
    _deliver(cast)
    [call] = server.heard
    assert json.loads(call.body)["kind"] == ActivityKind.TICKET_WEBHOOK_CALLED
    assert json.loads(call.body)["data"]["by"] == "Rule “Tell”"
    with pytest.raises(Conflict, match="The rule “Tell” calls"):
        run(cast.adam, webhooks.delete, endpoint_id)
    run(cast.adam, webhooks.switch, endpoint_id, is_active=False)
    _file(cast)
    assert run(cast.adam, rules.runs)[0].result == "failed"
    with pytest.raises(Invalid, match="there and switched on"):
        run(cast.adam, rules.save, name="Tell more", written=written)


def test_it_is_tried_again_with_growing_pauses_until_it_answers(
    cast: Cast, server: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint_id, _ = _endpoint(cast, server, "ticket.created")
    server.status, server.text = 503, "later " * 200
    _file(cast)
    _react(cast)
    _deliver(cast)
    [row] = run(cast.adam, webhooks.deliveries, endpoint_id)
    assert (row.state, row.attempts, row.status_code) == ("pending", 1, 503)
    assert row.answer.startswith("later later") and len(row.answer) <= 500
    assert _deliver(cast) == 0, "not before its time"
    assert webhooks.organizations_due() == []
    assert run(cast.adam, webhooks.listing)[0].failures == 1
    _later(monkeypatch, timedelta(minutes=1))
    assert webhooks.organizations_due() == [cast.acme.id]
    server.status = 204
    assert jobs.sweep_webhooks() == 1
    assert _log(cast, endpoint_id) == [("ticket.created", "delivered", 204)]
    assert run(cast.adam, webhooks.listing)[0].failures == 0


def test_after_the_last_try_it_has_failed_and_can_be_sent_again(
    cast: Cast, server: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint_id, _ = _endpoint(cast, server, "ticket.created")
    server.status = 500
    _file(cast)
    _react(cast)
    for _ in range(MOST_ATTEMPTS):
        assert _deliver(cast) == 1
        _later(monkeypatch, timedelta(hours=13))
    [row] = run(cast.adam, webhooks.deliveries, endpoint_id)
    assert (row.state, row.attempts) == ("failed", MOST_ATTEMPTS)
    server.status = 200
    run(cast.adam, webhooks.redeliver, row.id)
    with pytest.raises(Conflict, match="about to be sent"):
        run(cast.adam, webhooks.redeliver, row.id)
    _deliver(cast)
    assert _log(cast, endpoint_id) == [("ticket.created", "delivered", 200)]
    assert ActivityKind.WEBHOOK_REDELIVERED in _kinds(cast, endpoint_id)


def test_who_fails_for_a_day_is_switched_off_and_admins_are_told(
    cast: Cast, server: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint_id, _ = _endpoint(cast, server, "ticket.created")
    server.status, server.text = 500, "broken"

    def almost(ctx: Context) -> None:
        row = ctx.session.get_one(WebhookEndpoint, endpoint_id)
        row.failures, row.failing_since = MOST_FAILURES - 1, ctx.now - timedelta(days=1)

    run(cast.desk, almost)
    _file(cast)
    _file(cast)
    _react(cast)
    _deliver(cast)
    [row] = run(cast.adam, webhooks.listing)
    assert (row.is_active, row.problem) == (False, "broken")
    assert _kinds(cast, endpoint_id).count(ActivityKind.WEBHOOK_DISABLED) == 1

    def told(ctx: Context) -> set[str]:
        return set(ctx.session.exec(select(Delivery.to_address).where(Delivery.template == "webhook_disabled")).all())

    assert run(cast.desk, told) == {"adam@acme.example", "olga@acme.example"}
    heard = len(server.heard)
    _later(monkeypatch, timedelta(hours=1))
    _deliver(cast)
    assert len(server.heard) == heard and {state for _, state, _ in _log(cast, endpoint_id)} == {"failed"}
    run(cast.adam, webhooks.switch, endpoint_id, is_active=True)
    [row] = run(cast.adam, webhooks.listing)
    assert (row.is_active, row.failures, row.problem) == (True, 0, "")


def test_a_test_is_sent_once_and_says_how_it_went(cast: Cast, server: HookServer) -> None:
    endpoint_id, _ = _endpoint(cast, server)
    server.status, server.extra = 302, {"Location": "http://169.254.169.254/"}
    run(cast.adam, webhooks.send_test, endpoint_id)
    _deliver(cast)
    [row] = run(cast.adam, webhooks.deliveries, endpoint_id)
    assert (row.kind, row.state, row.status_code) == ("test", "failed", 302) and "redirect" in row.answer
    assert len(server.heard) == 1 and run(cast.adam, webhooks.listing)[0].failures == 0
    assert ActivityKind.WEBHOOK_TESTED in _kinds(cast, endpoint_id)


def test_nobody_there_is_a_failure_not_a_crash(cast: Cast) -> None:
    endpoint_id, _ = run(cast.adam, webhooks.create, name="Gone", address="http://127.0.0.1:9/hook")
    run(cast.adam, webhooks.send_test, endpoint_id)
    _deliver(cast)
    [row] = run(cast.adam, webhooks.deliveries, endpoint_id)
    assert (row.state, row.status_code) == ("failed", 0) and row.answer


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hooks.example.com",
        "ftp://hooks.example.com",
        "http://hooks.example.com",
        "https://me:you@example.com",
        "https://",
    ],
)
def test_addresses_that_are_refused(cast: Cast, address: str) -> None:
    with pytest.raises(Invalid) as refused:
        run(cast.adam, webhooks.create, name="Chat", address=address)
    assert "address" in refused.value.fields


@pytest.mark.parametrize(
    "address", ["https://10.0.0.1/x", "https://169.254.169.254/latest", "https://192.168.1.1", "https://[fd00::1]/"]
)
def test_private_networks_are_not_called(address: str) -> None:
    answer = http.OverTheNet().post(address, b"{}", {})
    assert answer.status == 0 and "private network" in answer.text


def test_not_even_loopback_in_production(monkeypatch: pytest.MonkeyPatch, server: HookServer) -> None:
    here = settings.get().model_copy(update={"environment": "production"})
    monkeypatch.setattr(settings, "get", lambda: here)
    answer = http.OverTheNet().post(server.address.replace("http://", "https://"), b"{}", {})
    assert answer.status == 0 and "private network" in answer.text and server.heard == []


def test_the_secret_is_sealed_and_a_new_one_ends_the_old(cast: Cast, server: HookServer) -> None:
    endpoint_id, secret = _endpoint(cast, server)

    def kept(ctx: Context) -> tuple[str, str]:
        said = ctx.session.exec(select(Activity).where(Activity.subject_id == endpoint_id)).all()
        return ctx.session.get_one(WebhookEndpoint, endpoint_id).sealed_secret, str([one.data for one in said])

    assert not any(secret in one for one in run(cast.desk, kept))
    fresh = run(cast.adam, webhooks.renew_secret, endpoint_id)
    assert fresh != secret
    run(cast.adam, webhooks.send_test, endpoint_id)
    _deliver(cast)
    [call] = server.heard
    assert call.headers["X-Helpdesk-Signature"] == sign(fresh, int(call.headers["X-Helpdesk-Timestamp"]), call.body)


def test_it_is_changed_deleted_and_forgotten(cast: Cast, server: HookServer, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint_id, _ = _endpoint(cast, server, "ticket.created")
    with pytest.raises(Conflict, match="already"):
        _endpoint(cast, server, name="chat")
    run(cast.adam, webhooks.change, endpoint_id, name="Billing", address=server.address, kinds=["sla.met"])
    _file(cast)
    _react(cast)
    assert _log(cast, endpoint_id) == []
    run(cast.adam, webhooks.send_test, endpoint_id)
    assert run(cast.desk, webhooks.prune) == 0
    _later(monkeypatch, calls.KEPT + timedelta(hours=1))
    assert jobs.forget_webhook_calls() == 1
    run(cast.adam, webhooks.delete, endpoint_id)
    assert run(cast.adam, webhooks.listing) == []
    assert _kinds(cast, endpoint_id) == ["webhook.created", "webhook.changed", "webhook.tested", "webhook.deleted"]


def test_only_administrators_of_this_house(cast: Cast, server: HookServer) -> None:
    endpoint_id, _ = _endpoint(cast, server)
    for actor in (cast.max, cast.ada, cast.rita):
        with pytest.raises(NotAllowed):
            run(actor, webhooks.listing)
    with pytest.raises(NotFound):
        run(cast.eve, webhooks.send_test, endpoint_id)
    assert run(cast.eve, webhooks.listing) == [] and run(cast.eve, webhooks.deliveries, endpoint_id) == []


def test_without_endpoints_nothing_waits_for_a_worker(cast: Cast) -> None:
    assert not run(cast.desk, webhooks.hears, ActivityKind.TICKET_TAGS_CHANGED)

    def waiting(ctx: Context) -> int:
        return len(ctx.session.exec(select(WebhookDelivery.id)).all())

    _file(cast)
    _react(cast)
    assert run(cast.desk, waiting) == 0
