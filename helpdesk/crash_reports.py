"""What went wrong unexpectedly, told to Sentry (or whatever speaks its language) where a DSN is set.

Nothing goes there by itself: only errors our own log writes down with a traceback, without what people typed, without
local variables, bodies or cookies.
"""

from collections.abc import Mapping
from typing import Any

import sentry_sdk
from sentry_sdk.transport import Transport

from helpdesk import log, settings

_TAGS = ("request", "route", "actor", "organization", "logger")


def start(transport: type[Transport] | None = None) -> bool:
    """Report from now on, if a DSN is set; returns whether.

    Args:
        transport: how reports leave; for tests.
    """
    dsn = settings.get().sentry_dsn.get_secret_value()
    if not dsn:
        return False
    sentry_sdk.init(
        dsn=dsn, environment=settings.get().environment, send_default_pii=False, include_local_variables=False, include_source_context=False,
        max_request_body_size="never", max_breadcrumbs=0, default_integrations=False, auto_enabling_integrations=False,
        traces_sample_rate=0, transport=transport,
    )  # fmt: skip
    log.report_to(_report)
    return True


def _report(error: BaseException, facts: Mapping[str, Any]) -> None:
    with sentry_sdk.new_scope() as scope:
        for name in _TAGS:
            if facts.get(name) is not None:
                scope.set_tag(name, str(facts[name])[:200])
        scope.set_tag("event", str(facts.get("event", ""))[:200])
        scope.capture_exception(error)
