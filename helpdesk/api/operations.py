"""For whoever runs the desk: whether it lives, whether it can work, and what it counts."""

import hmac
import time
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from helpdesk import background, log, metrics, migrations, redis_client, settings
from helpdesk.api import errors, requests
from helpdesk.services import readings
from helpdesk.state import live

router = APIRouter(include_in_schema=False)

# Reactions come within a second; after a minute something is stuck.
_LONGEST_LAG = 60.0
# A load balancer asks often, and each look costs: what was found is good for so long, in seconds.
_GOOD_FOR = 2.0
_logger = log.get(__name__)
_found: tuple[float, dict[str, bool]] = (0.0, {})


@router.get("/health/live")
def alive() -> dict[str, str]:
    """That this process answers."""
    return {"status": "ok"}


@router.get("/health/ready")
def ready() -> JSONResponse:
    """Whether everything the desk needs is there: 200, or 503 and what is missing."""
    checks = _checked()
    is_ready = all(checks.values())
    return JSONResponse({"status": "ok" if is_ready else "unwell", "checks": checks}, 200 if is_ready else 503)


@router.get("/metrics")
def measured(request: Request) -> Response:
    """Everything counted, for Prometheus; for this machine itself, or with METRICS_TOKEN."""
    if not _may_read(request):
        return errors.problem(403, "You may not do this", "Send METRICS_TOKEN as a bearer token.")
    _measure()
    return Response(metrics.as_text(), media_type=CONTENT_TYPE_LATEST)


def _checked() -> dict[str, bool]:
    global _found
    if _found[0] < time.monotonic():
        looks: dict[str, Callable[[], bool]] = {
            "database": lambda: bool(migrations.present()),
            "migrations": lambda: migrations.present() == migrations.newest(),
            "redis": lambda: bool(redis_client.connection().ping()),
            "worker": lambda: background.workers_alive() > 0,
            "scheduler": background.scheduler_is_alive,
            "outbox": lambda: readings.read().outbox_lag < _LONGEST_LAG,
        }
        _found = (time.monotonic() + _GOOD_FOR, {name: _is_well(name, look) for name, look in looks.items()})
    return _found[1]


def _is_well(name: str, look: Callable[[], bool]) -> bool:
    try:
        return look()
    except (*readings.UNAVAILABLE, *redis_client.UNAVAILABLE) as error:
        _logger.warning("not_ready", check=name, error=str(error)[:300])
        return False


def _measure() -> None:
    metrics.PAGES.set(live.hub.pages_connected)
    numbers: list[tuple[Any, Callable[[], float]]] = [
        (metrics.JOBS, background.waiting),
        (metrics.WORKERS, background.workers_alive),
    ]
    for gauge, look in numbers:
        try:
            gauge.set(look())
        except redis_client.UNAVAILABLE:
            gauge.set(float("nan"))
    try:
        now = readings.read()
    except readings.UNAVAILABLE as error:
        _logger.warning("not_measured", error=str(error)[:300])
        return
    metrics.OUTBOX.set(now.outbox_lag)
    metrics.LATENESS.set(now.sweep_lateness)
    metrics.MAIL_QUEUED.set(now.mail_queued)
    metrics.MAIL_FAILED.set(now.mail_failed)


def _may_read(request: Request) -> bool:
    wanted = settings.get().metrics_token.get_secret_value()
    said = requests.header(request.scope, "authorization")[7:].strip()
    if wanted and requests.is_bearer(request.scope):
        return hmac.compare_digest(said.encode(), wanted.encode())
    # A proxy on this machine would make everybody local.
    is_direct = not requests.header(request.scope, "x-forwarded-for") and not requests.header(
        request.scope, "forwarded"
    )
    address = str((request.scope.get("client") or ("",))[0])
    return is_direct and address in ("127.0.0.1", "::1")
