"""The conventions of the API in one place: who calls, unknown parameters, idempotency, versions, selected fields.

A router's operations declare the permission their verb asks for (`needs`): the documentation shows it, and a test holds
every route to it. The check itself is the verb's.
"""

import hashlib
import inspect
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from enum import Enum
from functools import cached_property, wraps
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter
from typing_extensions import is_typeddict

from helpdesk import log, threads
from helpdesk.api.turns import Turn
from helpdesk.api.v1 import paging
from helpdesk.api.v1.caller import CallerOf, HeldCaller, admit
from helpdesk.api.v1.schemas import Page, Problem, is_text
from helpdesk.api.v1.straight import straight
from helpdesk.domain.errors import Invalid, Stale
from helpdesk.domain.permissions import Permission
from helpdesk.services import kept_answers, unit_of_work
from helpdesk.services.kept_answers import Answer

Endpoint = Callable[..., Any]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]

# Declared by operations; kept where FastAPI carries it along.
NEEDS, OPEN, SELECTS, SIGNED = "x-permission", "x-open", "x-selects-fields", "x-signed"
# Whose list is short enough to be read whole; where the version of what it changes is read.
PAGES, VERSION_OF = "x-pages", "x-version-of"
_WRITES = frozenset({"PUT", "PATCH", "DELETE"})
_LONGEST_KEY = 200
PREFIX = "/api/v1"
# Worn by endpoints that write their answer themselves.
_SPEAKS = "helpdesk_speaks"
# What lists keep their rows in: ours, and those of other desks.
ROWS = ("items", "results")
_PAGING = frozenset({"cursor", "before", "after", "page"})


class Need(Enum):
    """What an operation asks of its caller besides a permission."""

    NOTHING = "nobody need be signed in"
    SIGNED_IN = "somebody who is signed in"


class Route(APIRoute):
    """One operation, with everything they share around it."""

    # The other operations of its router: what an address is now is asked of them.
    siblings: list["Route"]

    def get_route_handler(self) -> Handler:
        """FastAPI's hook."""
        inner = super().get_route_handler()
        if getattr(self.endpoint, _SPEAKS, False):
            inner = straight(self, self.endpoint, inner)
        known = _query_names(self.dependant)
        meta = self.openapi_extra or {}
        if meta.get(PAGES):
            known |= paging.NAMES

        async def handle(request: Request) -> Response:
            log.bind(route=self.path_format)
            caller = await admit(request, is_open=bool(meta.get(OPEN)), is_signed=bool(meta.get(SIGNED)))
            selected = self._check_query(request, known)
            if meta.get(PAGES):
                paging.ask(request, lambda: self.field_names)
            async with Turn():
                answer = await self._answer(request, caller, inner)
            if selected:
                answer = _only(answer, selected)
            return _versioned(request, answer) if request.method == "GET" else answer

        return handle

    async def _answer(self, request: Request, caller: CallerOf, inner: Handler) -> Response:
        meta = self.openapi_extra or {}
        wanted = request.headers.get("if-match") if request.method in _WRITES else None
        if wanted and not meta.get("x-own-version"):
            return await self._unless_changed(request, caller, wanted, inner)
        if request.method == "POST" and caller.actor.person_id is not None and not meta.get(OPEN):
            return await _once(request, caller, inner)
        return await inner(request)

    def _check_query(self, request: Request, known: set[str]) -> list[str]:
        """Refuse parameters the operation does not know; returns the fields that were selected, if any were.

        Raises:
            Invalid: an unknown parameter or field, or text no database takes.
        """
        selects = bool((self.openapi_extra or {}).get(SELECTS))
        given = request.query_params
        problems = {name[:60]: "There is no such parameter." for name in given if name not in known}
        for name, value in [*given.multi_items(), *((key, str(one)) for key, one in request.path_params.items())]:
            if not is_text(name) or not is_text(value):
                problems[name.replace("\x00", "")[:60] or "query"] = "Leave out characters that are no text."
        wanted = [one.strip() for one in given.get("fields", "").split(",") if one.strip()] if selects else []
        if wanted and (strange := [one for one in wanted if one not in self.field_names]):
            problems["fields"] = f"There is no field {strange[0][:60]!r}. Choose from {', '.join(self.field_names)}."
        if problems:
            raise Invalid(**problems)
        return wanted

    @cached_property
    def field_names(self) -> list[str]:
        """The fields of what this operation answers with, or of the items of its list."""
        schema = TypeAdapter(self.response_model).json_schema(mode="serialization")
        found = _resolved(schema, schema)
        rows = found.get("properties", {})
        items = next((rows[name].get("items") for name in ROWS if name in rows), None)
        return sorted(_resolved(items, schema).get("properties", {}) if items else found.get("properties", {}))

    async def _unless_changed(self, request: Request, caller: CallerOf, wanted: str, inner: Handler) -> Response:
        """Change what it is about if it still is what the caller has seen: looked at and changed in one transaction that sees
        one moment, so that whoever changes it in between wins, and this one is refused.

        Raises:
            Stale: it is something else by now.
        """
        work = ExitStack()
        ctx = await threads.hop(work.enter_context, unit_of_work.steady(caller.actor))
        request.state.caller = HeldCaller(caller.actor, caller.address, caller.user_agent, ctx)
        try:
            await self._check_version(request, wanted)
            answer = await inner(request)
        except BaseException as error:
            # It decides whether anything stays, as with any other unit of work, and may tell the error better.
            await threads.hop(work.__exit__, type(error), error, error.__traceback__)
            raise
        finally:
            request.state.caller = caller
        await threads.hop(work.close)
        return answer

    async def _check_version(self, request: Request, wanted: str) -> None:
        """Ask the same address what it is now, and refuse a change to anything else than what the caller has seen.

        Raises:
            Stale: it is something else by now.
        """
        where = (self.openapi_extra or {}).get(VERSION_OF) or self.path_format
        for route in self.siblings:
            if route.path_format.endswith(where) and "GET" in (route.methods or ()):
                scope = dict(request.scope) | {"method": "GET", "query_string": b""}
                seen = Request(scope)
                seen.state.caller = request.state.caller
                now = _versioned(seen, await APIRoute.get_route_handler(route)(seen)).headers.get("etag", "")
                if not _matches(wanted, now):
                    raise Stale("Somebody changed this since you read it. Read it again and repeat your change.")
                return
        raise Invalid("If-Match is not understood here. Leave it out.")


class Router(APIRouter):
    """Operations of one kind of thing.

    Args:
        tag: what they are about, for the document.
        prefix: how their addresses begin.
    """

    def __init__(self, tag: str, *, prefix: str = PREFIX) -> None:
        super().__init__(prefix=prefix, tags=[tag], route_class=Route)
        self._operations: list[Route] = []

    def op(
        self,
        method: str,
        path: str,
        needs: Permission | Need,
        summary: str,
        *,
        status: int = 200,
        selects: bool | None = None,
        own_version: bool = False,
        version_of: str = "",
        signed: dict[str, Any] | None = None,
        **more: Any,
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare an operation.

        Args:
            needs: what its verb asks for.
            summary: what it does, a short sentence without a full stop.
            selects: whether `?fields=` chooses among the fields of its answer; every GET by default.
            own_version: it checks If-Match itself, under the lock.
            version_of: the path whose GET answers what this changes, where that is another one.
            signed: a program proves each request with a signature; what the document says of its body.
        """
        extra: dict[str, Any] = {NEEDS: needs.value if isinstance(needs, Permission) else needs.name.lower()}
        if needs is Need.NOTHING:
            extra |= {OPEN: True, "security": []}
        if selects if selects is not None else method == "GET" and "response_class" not in more:
            extra[SELECTS] = True
        if own_version:
            extra["x-own-version"] = True
        if signed is not None:
            extra |= {SIGNED: True, **signed}

        if version_of:
            extra[VERSION_OF] = version_of

        def declare(endpoint: Endpoint) -> Endpoint:
            answering = endpoint
            if method == "GET" and _is_whole_list(endpoint, more.get("response_model")):
                extra[PAGES], answering = True, paging.paged(endpoint)
            answers = more.get("response_model") or inspect.signature(endpoint, eval_str=True).return_annotation
            if not inspect.iscoroutinefunction(endpoint) and _is_model(answers):
                answering = _spoken(answering, answers, status)
            self.add_api_route(
                path, answering, methods=[method], summary=summary, status_code=status, openapi_extra=extra,
                operation_id=endpoint.__name__.strip("_"), responses=_problems(method, path, needs), **more,
            )  # fmt: skip
            route = self.routes[-1]
            assert isinstance(route, Route)
            route.siblings = self._operations
            self._operations.append(route)
            return endpoint

        return declare


def _is_model(answers: Any) -> bool:
    return is_typeddict(answers) or (inspect.isclass(answers) and issubclass(answers, BaseModel))


def _spoken(endpoint: Endpoint, answers: type[Any], status: int) -> Endpoint:
    """The endpoint with its answer written out in the thread it runs in: FastAPI would hand it to another."""
    adapter: TypeAdapter[Any] = TypeAdapter(answers)
    # A dictionary with types is what mypy says it is.
    told_as = dict if is_typeddict(answers) else answers

    @wraps(endpoint)
    def speak(*args: Any, **kwargs: Any) -> Any:
        found = endpoint(*args, **kwargs)
        if isinstance(found, Response):
            return found
        told = found if type(found) is told_as else adapter.validate_python(found, from_attributes=True)
        written = Response(adapter.dump_json(told, by_alias=True), status, media_type="application/json")
        given = next((one for one in kwargs.values() if type(one) is Response), None)
        for name, value in given.headers.items() if given is not None else ():
            if name != "content-length":
                written.headers[name] = value
        return written

    setattr(speak, _SPEAKS, True)
    return speak


def _is_whole_list(endpoint: Endpoint, declared: Any) -> bool:
    """Whether it answers a list without pages of its own."""
    signature = inspect.signature(endpoint)
    answers = declared or signature.return_annotation
    is_list = inspect.isclass(answers) and issubclass(answers, Page)
    return is_list and _PAGING.isdisjoint(signature.parameters)


async def _once(request: Request, caller: CallerOf, inner: Handler) -> Response:
    """Answer a POST; with an Idempotency-Key only once, however often it comes."""
    key = request.headers.get("idempotency-key", "").strip()
    if not key:
        return await inner(request)
    if len(key) > _LONGEST_KEY:
        raise Invalid(idempotency_key=f"Use at most {_LONGEST_KEY} characters as Idempotency-Key.")
    address = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    facts = b"\x00".join((request.method.encode(), address.encode(), await request.body()))
    kept = await threads.hop(caller.run, kept_answers.begin, key, facts)
    if kept is not None:
        return Response(kept.body, kept.status, kept.headers | {"Idempotency-Replayed": "true"})
    try:
        answer = await inner(request)
    except BaseException:
        await threads.hop(caller.run, kept_answers.release, key)
        raise
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    await threads.hop(caller.run, kept_answers.finish, key, Answer(answer.status_code, headers, bytes(answer.body)))
    return answer


def _only(answer: Response, wanted: list[str]) -> Response:
    """The answer with the selected fields alone."""
    if answer.status_code != 200 or not answer.headers.get("content-type", "").startswith("application/json"):
        return answer
    body = orjson.loads(answer.body)
    rows = next((name for name in ROWS if isinstance(body, dict) and isinstance(body.get(name), list)), "")
    if rows:
        body[rows] = [{name: one.get(name) for name in wanted} for one in body[rows]]
    elif isinstance(body, dict):
        body = {name: body.get(name) for name in wanted}
    headers = {name: value for name, value in answer.headers.items() if name not in ("content-length", "etag")}
    return Response(orjson.dumps(body), 200, headers)


def _versioned(request: Request, answer: Response) -> Response:
    """The answer with its version, or none at all for who has that version."""
    if answer.status_code != 200 or not hasattr(answer, "body"):
        return answer
    if "etag" not in answer.headers:
        answer.headers["ETag"] = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    known = request.headers.get("if-none-match", "")
    if known and _matches(known, answer.headers["etag"]):
        return Response(None, 304, {"ETag": answer.headers["etag"]})
    return answer


def _matches(wanted: str, version: str) -> bool:
    return wanted.strip() == "*" or version in [one.strip().removeprefix("W/") for one in wanted.split(",")]


def _query_names(dependant: Dependant) -> set[str]:
    names = {field.alias for field in dependant.query_params}
    return names.union(*(_query_names(one) for one in dependant.dependencies)) | {"fields"}


def _resolved(schema: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found: dict[str, Any] = whole.get("$defs", {}).get(name, schema)
    return found


def _problems(method: str, path: str, needs: Permission | Need) -> dict[int | str, dict[str, Any]]:
    """The refusals every operation of its kind can answer with."""
    codes = {
        400: "The request cannot be read",
        422: "Something in the request cannot be accepted",
        429: "Too many requests",
    }
    codes |= {401: "Not signed in, or the token is not valid any more", 404: "There is nothing here that you can see"}
    if needs is not Need.NOTHING or method != "GET":
        codes[403] = "Your role or your token does not allow this"
    codes[409] = "Something newer or contradictory stands in the way"
    if method != "GET":
        codes[413] = "Too large"
    if method in _WRITES:
        codes[412] = "It has changed since the version of If-Match"
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {code: {"description": text, "model": Problem, "content": content} for code, text in sorted(codes.items())}
