"""The straight way to an endpoint, for requests that are as they should be.

Most operations take what is in the path and the query, perhaps a JSON body, and the caller. For those FastAPI's general
way costs more than many an answer. Whatever is not as it should be goes FastAPI's way, which says what is wrong.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.params import Form
from fastapi.routing import APIRoute

from helpdesk import threads
from helpdesk.api.v1.caller import of_request

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_JSON = "application/json"


def straight(route: APIRoute, endpoint: Callable[..., Response], general: Handler) -> Handler:
    """A handler that calls an endpoint straight.

    Args:
        endpoint: blocks, and answers what is to be sent.
        general: FastAPI's own handler, for everything else.
    """
    dependant, field = route.dependant, route.body_field
    if not _is_simple(dependant) or (field is not None and isinstance(field.field_info, Form)):
        return general
    callers = [one.name for one in dependant.dependencies if one.name]
    takes_request, takes_response = dependant.request_param_name, dependant.response_param_name

    async def handle(request: Request) -> Response:
        values: dict[str, Any] = {}
        if dependant.path_params:
            found, problems = request_params_to_args(dependant.path_params, request.path_params)
            if problems:
                return await general(request)
            values = found
        if dependant.query_params:
            found, problems = request_params_to_args(dependant.query_params, request.query_params)
            if problems:
                return await general(request)
            values |= found
        if field is not None:
            if request.headers.get("content-type") != _JSON or not await request.body():
                return await general(request)
            try:
                body = await request.json()
            except (ValueError, RecursionError):
                return await general(request)
            found, problems = await request_body_to_args(
                body_fields=dependant.body_params, received_body=body, embed_body_fields=route._embed_body_fields
            )
            if problems:
                return await general(request)
            values |= found
        for name in callers:
            values[name] = request.state.caller
        if takes_request:
            values[takes_request] = request
        if takes_response:
            values[takes_response] = Response()
        return await threads.hop(endpoint, **values)

    return handle


def _is_simple(dependant: Dependant) -> bool:
    special = (
        dependant.header_params, dependant.cookie_params, dependant.http_connection_param_name,
        dependant.websocket_param_name, dependant.background_tasks_param_name, dependant.security_scopes_param_name,
    )  # fmt: skip
    return not any(special) and all(one.call is of_request for one in dependant.dependencies)
