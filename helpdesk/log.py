"""Structured logs: one line per fact, with the request, actor and organization it belongs to; never a secret."""

import logging
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from functools import lru_cache
from typing import Any

import orjson
import structlog

_reporter: Callable[[BaseException, Mapping[str, Any]], None] | None = None

# Keys whose values never reach a log line, whatever the nesting.
_SECRET_KEYS = re.compile(r"cookie|authorization|password|secret|token|api[_-]?key|session_id", re.IGNORECASE)
# Secrets inside free text: cookie headers and our own session cookie as third-party log lines print them.
_SECRET_TEXT = re.compile(
    r"(helpdesk_session=)[^;\s'\"]+|((?:cookie|authorization)['\"]?\s*[:=]\s*)(?:'[^']*'|\"[^\"]*\"|[^,}\s]+)"
    r"|\bhd_\d+_[\w-]{20,}|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*",
    re.IGNORECASE,
)


class _Lines(structlog.WriteLogger):
    """What writes our own lines.

    Args:
        name: the module they come from.
    """

    def __init__(self, name: str = "") -> None:
        super().__init__(sys.stderr)
        self.name = name


def configure(level: str = "INFO", *, as_json: bool = False) -> None:
    """Have our own lines and those of the standard library written in one form.

    Args:
        level: least level shown, a standard library level name.
        as_json: one JSON object a line (production) instead of readable lines.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _tell_reporter,
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(serializer=_as_json)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    # Ours do not go through the standard library: every request writes a line, and that would be a third of its cost.
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=_Lines,
        wrapper_class=structlog.make_filtering_bound_logger(level.lower()),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "watchfiles", "rq.worker", "rq.scheduler", "alembic.runtime"):
        logging.getLogger(noisy).setLevel("WARNING")


def report_to(reporter: Callable[[BaseException, Mapping[str, Any]], None] | None) -> None:
    """Have every error that is logged with its traceback told to somebody else, too."""
    global _reporter
    _reporter = reporter


def _tell_reporter(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if _reporter is not None and event.get("level") in ("error", "critical") and event.get("exc_info"):
        given = event["exc_info"]
        error = (
            given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else sys.exc_info()[1]
        )
        if error is not None:
            _reporter(error, redact(None, "", dict(event)))
    return event


def _as_json(event: object, **_more: Any) -> str:
    return orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS).decode("utf-8", "backslashreplace")


def get(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger named after its module."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(name)
    return logger


def bind(**facts: Any) -> None:
    """Add facts (request, actor, organization) to every further line of this task."""
    structlog.contextvars.bind_contextvars(**facts)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank every value under a secret-sounding key and every cookie inside a text."""
    return {key: _redacted(key, value) for key, value in event.items()}


@lru_cache(maxsize=1024)
def _is_secret(key: str) -> bool:
    return _SECRET_KEYS.search(key) is not None


def _redacted(key: str, value: Any) -> Any:
    if _is_secret(key):
        return "[redacted]"
    if isinstance(value, dict):
        return {k: _redacted(str(k), v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(key, item) for item in value]
    if isinstance(value, str):
        return _SECRET_TEXT.sub(lambda m: (m.group(1) or m.group(2) or "") + "[redacted]", value)
    return value
