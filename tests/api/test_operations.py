"""For whoever runs the desk: health and metrics, on a served desk and without its parts."""

import pytest

from helpdesk import background, settings
from helpdesk.api import operations
from helpdesk.services import tickets
from tests.api.client import Program, as_
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "_found", (0.0, {}))


def test_it_lives(program: Program) -> None:
    assert program.get("/health/live").json() == {"status": "ok"}


def test_without_redis_it_lives_but_is_not_ready(program: Program) -> None:
    answer = program.get("/health/ready")
    assert answer.status_code == 503
    checks = answer.json()["checks"]
    assert checks["database"] and checks["migrations"] and checks["outbox"]
    assert not checks["redis"] and not checks["worker"] and not checks["scheduler"]


def test_with_everything_it_is_ready(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    class Redis:
        def ping(self) -> bool:
            return True

    monkeypatch.setattr(operations.redis_client, "connection", Redis)
    monkeypatch.setattr(background, "workers_alive", lambda: 1)
    monkeypatch.setattr(background, "scheduler_is_alive", lambda: True)
    assert program.get("/health/ready").status_code == 200


def test_what_is_counted(program: Program, cast: Cast) -> None:
    as_(cast.rita, tickets.create, title="A broken lock", description="Text")
    program.signed_in("ada@acme.example").get("/tickets/ACME-NOTHERE")
    told = program.get("/metrics").text
    assert 'helpdesk_requests_total{method="GET",route="/api/v1/tickets/{reference}",status="404"}' in told
    assert "NOTHERE" not in told
    assert 'helpdesk_activities_total{kind="ticket.created"}' in told
    for name in (
        "request_seconds_bucket",
        "outbox_lag_seconds",
        "jobs_waiting",
        "sweep_lateness_seconds",
        "pages_connected",
        "mail_failed_day",
    ):
        assert f"helpdesk_{name}" in told


def test_metrics_are_for_this_machine_or_with_the_token(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    through = {"X-Forwarded-For": "192.0.2.7"}
    assert program.get("/metrics", headers=through).status_code == 403
    assert program.get("/metrics", headers=through | {"Authorization": "Bearer "}).status_code == 403
    monkeypatch.setenv("METRICS_TOKEN", "a-token-for-prometheus")
    settings.get.cache_clear()
    assert (
        program.get("/metrics", headers=through | {"Authorization": "Bearer a-token-for-prometheus"}).status_code == 200
    )
    assert program.get("/metrics", headers=through | {"Authorization": "Bearer another"}).status_code == 403
