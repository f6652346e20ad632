"""Resources that are a list, a `save` and a `delete` among the services: their operations made from those.

What a `save` takes by keyword is what comes in; the services' own words say what is wrong with it.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, cast, get_args, get_origin

from annotated_types import Ge, Lt
from pydantic import ConfigDict, Field, create_model
from starlette.responses import Response

from helpdesk.api.v1.caller import Caller
from helpdesk.api.v1.routing import Router
from helpdesk.api.v1.schemas import Created, Done, Input, Number, Page
from helpdesk.domain.errors import NotFound
from helpdesk.domain.permissions import Permission

Verb = Callable[..., Any]
_LONG = 20_000


def resource(
    router: Router,
    path: str,
    *,
    one: str,
    many: str,
    row: Any,
    listing: Verb,
    reads: Permission,
    writes: Permission | None = None,
    save: Verb | None = None,
    delete: Verb | None = None,
    body: type[Input] | None = None,
    facts: Callable[[Any], Mapping[str, Any]] | None = None,
    show: Callable[[Any], Any] = lambda found: found,
    example: Mapping[str, Any] | None = None,
) -> None:
    """Declare list, get, create, update and delete, as far as there are verbs.

    Args:
        one, many: what it is called: `tag`, `tags`; with a space where there is one.
        row: what is answered.
        body: what comes in, where the signature of `save` does not say it well enough; `facts` makes it its arguments.
        show: makes `row` of what the verb answers.
        example: what could come in.
    """
    name, names = one.replace(" ", "_"), many.replace(" ", "_")

    def list_all(caller: Caller) -> Any:
        return Page(items=[show(found) for found in caller.run(listing)])

    def get_one(caller: Caller, number: Number) -> Any:
        return show(found_among(caller.run(listing), number, one))

    router.op("GET", path, reads, f"List {many}", response_model=Page[row])(
        _named(list_all, f"list_{names}", "As the organization orders them.")
    )
    router.op("GET", f"{path}/{{number}}", reads, f"Read one of the {many}", response_model=row)(
        _named(get_one, f"get_{name}", "By its number.")
    )
    if save is not None and writes is not None:
        _writing(router, path, one, save, writes, body or body_of(save, name, example or {}), facts or _plain)
    if delete is not None and writes is not None:
        gone = delete

        def remove(caller: Caller, number: Number) -> None:
            caller.run(gone, number)

        op = router.op("DELETE", f"{path}/{{number}}", writes, f"Delete a {one}", status=204, response_class=Response)
        op(_named(remove, f"delete_{name}", "Refused where something still needs it."))


def _writing(
    router: Router, path: str, one: str, save: Verb, writes: Permission, body: type[Input], facts: Callable[[Any], Any]
) -> None:
    name = one.replace(" ", "_")

    def create(caller: Caller, body: Any) -> Created:
        return Created(id=caller.run(save, **facts(body)))

    def update(caller: Caller, number: Number, body: Any) -> Done:
        caller.run(save, number, **facts(body))
        return Done()

    for endpoint in (create, update):
        endpoint.__annotations__ = endpoint.__annotations__ | {"body": body}
    router.op("POST", path, writes, f"Create a {one}", status=201)(
        _named(create, f"create_{name}", "Answers its number.")
    )
    router.op("PUT", f"{path}/{{number}}", writes, f"Change a {one}")(
        _named(update, f"change_{name}", "As a whole: what is left out is as if it were new.")
    )


def body_of(save: Verb, name: str, example: Mapping[str, Any]) -> type[Input]:
    """What comes in, from what a verb takes by keyword."""
    fields: dict[str, Any] = {}
    for parameter in inspect.signature(save, eval_str=True).parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            default = parameter.default if parameter.default is not inspect.Parameter.empty else ...
            default = list(default) if isinstance(default, tuple) else default
            fields[parameter.name] = (_taken(parameter.annotation), default)
    title = "".join(part.capitalize() for part in name.split("_"))
    # Pydantic takes a configuration or a base, not both.
    made = create_model(f"{title}In", __base__=_example(example), __doc__=f"A {name.replace('_', ' ')}.", **fields)
    return cast(type[Input], made)


def _example(example: Mapping[str, Any]) -> type[Input]:
    class Base(Input):
        model_config = ConfigDict(json_schema_extra={"examples": [dict(example)]})

    return Base


def _taken(annotation: Any) -> Any:
    """The annotation with bounds the database has."""
    if annotation is str:
        return Annotated[str, Field(max_length=_LONG)]
    if annotation is int:
        return Annotated[int, Ge(0), Lt(2**31)]
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Sequence, tuple, list) or getattr(origin, "__name__", "") == "Collection":
        inner = Number if parts[0] is int else _taken(parts[0])
        return Annotated[list[inner], Field(max_length=1000)]  # type: ignore[valid-type]
    if origin is Mapping:
        return dict[str, Any]
    if type(None) in parts:
        rest = [one for one in parts if one is not type(None)]
        return (Number if rest[0] is int else _taken(rest[0])) | None
    return annotation


def _plain(body: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = body.model_dump()
    return found


def found_among(rows: Sequence[Any], number: int, one: str) -> Any:
    """The row with a number.

    Raises:
        NotFound: none of them; names `one`.
    """
    found = next((row for row in rows if row.id == number), None)
    if found is None:
        raise NotFound(f"There is no such {one}.")
    return found


def _named(endpoint: Verb, name: str, text: str) -> Verb:
    endpoint.__name__, endpoint.__doc__ = name, text
    return endpoint
