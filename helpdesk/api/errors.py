"""Errors of the API as RFC 9457 problems: one shape for all, from the same exceptions the pages translate to toasts."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from helpdesk import log
from helpdesk.domain.errors import HelpdeskError, Invalid, SignedOut, TooManyTries

_logger = log.get(__name__)

MEDIA_TYPE = "application/problem+json"


def problem(
    status: int, title: str, detail: str = "", *, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    """A problem.

    Args:
        title: what kind of problem, the same sentence each time.
        detail: what is wrong this time and what to do.
        more: further members, for example `errors`.
    """
    body = {"type": "about:blank", "title": title, "status": status}
    if detail and detail != title:
        body["detail"] = detail
    return JSONResponse(body | more, status, media_type=MEDIA_TYPE, headers=headers)


def of_error(error: HelpdeskError) -> JSONResponse:
    """The problem an expected error stands for."""
    more: dict[str, Any] = {"errors": dict(error.fields)} if isinstance(error, Invalid) and error.fields else {}
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooManyTries) else None
    if isinstance(error, SignedOut):
        headers = {"WWW-Authenticate": "Bearer"}
    return problem(error.status, error.title, error.message, headers=headers, **more)


def install(api: FastAPI) -> None:
    """Have the API answer every error with a problem."""
    api.add_exception_handler(HelpdeskError, _expected)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(Exception, _unexpected)


async def _expected(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HelpdeskError):
        raise TypeError(type(error))
    return of_error(error)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise TypeError(type(error))
    # Where and what, never the value: it may be a password.
    reasons = {".".join(str(part) for part in one["loc"][1:]) or "body": str(one["msg"]) for one in error.errors()}
    return problem(422, Invalid.title, "; ".join(f"{where}: {why}" for where, why in reasons.items()), errors=reasons)


async def _http(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise TypeError(type(error))
    headers = dict(error.headers) if error.headers else None
    return problem(error.status_code, HTTPStatus(error.status_code).phrase, str(error.detail), headers=headers)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    _logger.error("request_failed", path=request.url.path, exc_info=error)
    return problem(500, "Something went wrong on our side", "It is written down. Please try again.")
