"""What Sentry is told, and what it is not."""

from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.transport import Transport

from helpdesk import crash_reports, log, settings

SENT: list[Any] = []


class Kept(Transport):
    """Keeps what would leave."""

    def capture_envelope(self, envelope: Any) -> None:
        """Keep a report."""
        SENT.append(envelope.get_event())


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    SENT.clear()
    yield
    log.report_to(None)
    sentry_sdk.init()
    settings.get.cache_clear()


def test_without_a_dsn_nothing_is_reported() -> None:
    assert crash_reports.start(Kept) is False


def test_an_error_with_its_traceback_is_reported_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTRY_DSN", "https://public@sentry.example/1")
    settings.get.cache_clear()
    assert crash_reports.start(Kept)
    log.configure("INFO")
    password = "hunter2 hunter2"
    try:
        raise RuntimeError("something broke")
    except RuntimeError as error:
        log.get("helpdesk.test").error("request_failed", exc_info=error, password=password, request="abc", actor=7)
        log.get("helpdesk.test").warning("not_so_bad", exc_info=error)
    log.get("helpdesk.test").error("no_traceback")
    sentry_sdk.flush(2)
    assert len(SENT) == 1
    assert SENT[0]["exception"]["values"][0]["value"] == "something broke"
    assert SENT[0]["tags"]["request"] == "abc" and SENT[0]["tags"]["actor"] == "7"
    assert "hunter2" not in str(SENT)
