"""The OpenAPI document: what FastAPI knows of the routes, and what all of them share. And a page of it for people."""

from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from fastapi.openapi.utils import get_openapi

from helpdesk.api.v1 import everything
from helpdesk.api.v1.routing import NEEDS, OPEN, PAGES, ROWS, SELECTS, VERSION_OF, Need

Json = dict[str, Any]

_ABOUT = """Everything a person can do on a screen, a program can do here, with the same permissions.

**Getting in.** Send `Authorization: Bearer ...` with an access token (`POST /auth/login`; good for two hours, renewed with
`POST /auth/refresh`) or with a personal API token (Profile > API tokens), which carries only the permissions chosen for it.

**Lists** answer `items`, and `next` and `previous` as addresses to go on with. `?fields=id,title` chooses fields.

**Errors** are problems as in RFC 9457: `title`, `detail`, and `errors` by field.

**Twice is once.** Send an `Idempotency-Key` with a POST: repeated with the same key, it is done once and answered the same for
a day. (Not where one signs in: tokens are given once, and never kept.) **Nobody's work is lost.** Send the `ETag` you read as `If-Match` with a change: if somebody was faster, it is 412.

**Limits.** Too many requests are answered with 429 and `Retry-After`. Unknown fields and parameters are refused. Times are
ISO 8601 in UTC. A path's permission is what its caller's role, and their token, need.

**Aliases** are addresses and words of other desks, over the same verbs: lists there answer `count`, `next`, `previous` and
`results`, and they come with and without the slash at the end."""

_FIELDS = {
    "name": "fields", "in": "query", "required": False, "schema": {"type": "string", "maxLength": 1000},
    "description": "Only these fields of the answer (of its items), with commas between.",
}  # fmt: skip
_KEY = {
    "name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": "Chosen by the caller. The same request with the same key is done once.",
}  # fmt: skip
# Answers of open doors carry tokens, and whoever knocks is nobody yet: a kept answer could be had by somebody else.
_KEYLESS = "An Idempotency-Key is not looked at here: an answer with tokens is given once, and never kept."
_PAGE: list[Json] = [
    {
        "name": "cursor", "in": "query", "required": False, "schema": {"type": "string", "maxLength": 200},
        "description": "As `next` carries it.",
    },
    {
        "name": "size", "in": "query", "required": False, "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 100},
        "description": "Rows on a page, at most.",
    },
    {
        "name": "sort", "in": "query", "required": False, "schema": {"type": "string", "maxLength": 60},
        "description": "A field of the rows, such as name or -name; without it, the order they are kept in.",
    },
]  # fmt: skip
_MATCH = {
    "name": "If-Match", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": "The ETag of the version the change is based on.",
}  # fmt: skip
GENERATED = """python -c 'from helpdesk.api import document; print(document.as_markdown(), end="")' > docs/api.md"""
_PROBLEMS = "application/problem+json"

# What a field could hold, by its name's end.
_SAMPLES: tuple[tuple[str, Any], ...] = (
    ("reference", "ACME-7K3F9Q"), ("email", "rita@northwind.example"), ("_at", "2026-11-21T09:30:00Z"), ("timezone", "Europe/Berlin"),
    ("title", "The lock of room 204 is broken"), ("name", "Locksmiths"), ("label", "Open"), ("slug", "open"), ("colour", "blue"),
    ("status", "open"), ("priority", "high"), ("role", "agent"), ("_html", "<p>It does not open.</p>"), ("filename", "lock.jpg"),
    ("content_type", "image/jpeg"), ("url", "/api/v1/attachments/7/content"), ("channel", "web"), ("kind", "reply"),
    ("availability", "available"), ("address", "192.0.2.7"), ("permissions", "ticket.read"), ("token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.sig"),
    ("secret", "hd_1_Zk3..."), ("day", "2026-11-21"), ("metric", "first_response"), ("next", "/api/v1/tickets?cursor=bzoxNzY0"),
)  # fmt: skip


@lru_cache(maxsize=1)
def document() -> Json:
    """The document."""
    found = get_openapi(
        title="Help desk", version="1.0.0", openapi_version="3.1.0", description=_ABOUT, routes=everything.installed().routes,
        servers=[{"url": "/"}], license_info={"name": "MIT", "identifier": "MIT"},
    )  # fmt: skip
    schemas: Json = found["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    found["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An access token, or a personal API token."}
    }
    found["security"] = [{"bearer": []}]
    for path, method, operation in operations(found):
        _complete(path, method, operation, schemas)
    return found


def operations(found: Json) -> Iterator[tuple[str, str, Json]]:
    """Every operation of a document: path, method, itself."""
    for path, each in found["paths"].items():
        for method, operation in each.items():
            yield path, method, operation


def _complete(path: str, method: str, operation: Json, schemas: Json) -> None:
    selects = operation.pop(SELECTS, False)
    pages = operation.pop(PAGES, False)
    for name in (OPEN, VERSION_OF, "x-own-version"):
        operation.pop(name, None)
    more = [_FIELDS] if selects else []
    more += _PAGE if pages else []
    if method == "post" and operation[NEEDS] == Need.NOTHING.name.lower():
        operation["description"] = f"{operation.get('description', '')}\n\n{_KEYLESS}".strip()
    more += [_KEY] if method == "post" and operation[NEEDS] != Need.NOTHING.name.lower() else []
    more += [_MATCH] if method in ("put", "patch", "delete") else []
    if more:
        operation["parameters"] = [*operation.get("parameters", []), *more]
    for code, answer in operation["responses"].items():
        content = answer.get("content", {})
        if int(code) >= 400:
            answer["content"] = {_PROBLEMS: {"schema": {"$ref": "#/components/schemas/Problem"}}}
            if code == "429":
                answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}}
        elif "application/json" in content:
            media = content["application/json"]
            media["example"] = sample(media["schema"], schemas)
            if selects:
                _may_lack_fields(media["schema"], schemas)


def _may_lack_fields(schema: Json, schemas: Json) -> None:
    """What `?fields=` can leave out is not promised."""
    target = _named(schema, schemas)
    rows = target.get("properties", {})
    items = next((rows[name].get("items") for name in ROWS if name in rows), None)
    target = _named(items, schemas) if items else target
    target.pop("required", None)


def sample(schema: Json, schemas: Json, name: str = "", depth: int = 0) -> Any:
    """Something that fits a schema, as an example."""
    schema = _named(schema, schemas)
    if examples := schema.get("examples"):
        return examples[0]
    for single in ("const", "default"):
        if schema.get(single) is not None:
            return schema[single]
    if "enum" in schema:
        return schema["enum"][0]
    if choices := schema.get("anyOf"):
        first = next((one for one in choices if one.get("type") != "null"), choices[0])
        return None if depth > 4 else sample(first, schemas, name, depth)
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return (
            {key: sample(one, schemas, key, depth + 1) for key, one in schema.get("properties", {}).items()}
            if depth < 6
            else {}
        )
    if kind == "array":
        fixed = [sample(one, schemas, name, depth + 1) for one in schema.get("prefixItems", [])]
        least = schema.get("minItems", 0)
        return fixed or (
            [sample(schema["items"], schemas, name, depth + 1)] * max(least, 1)
            if "items" in schema and depth < 5
            else []
        )
    if kind in ("integer", "number"):
        return max(7, schema.get("minimum", 0))
    if kind == "boolean":
        return True
    if kind == "string":
        return next(
            (value for end, value in _SAMPLES if name.endswith(end)),
            "2026-11-21T09:30:00Z" if schema.get("format") == "date-time" else "text",
        )
    return None


def as_markdown() -> str:
    """The operations as a page, for docs/api.md."""
    found = document()
    lines = [
        "# The API", "", f"<!-- Generated: {GENERATED} -->", "", found["info"]["description"], "",
        "The whole document is at `/api/openapi.json`, to read and to try at `/api/docs`, without any other server.", "",
    ]  # fmt: skip
    by_tag: dict[str, list[str]] = {}
    for path, method, operation in operations(found):
        needs = operation[NEEDS]
        shown = {"nothing": "", "signed_in": "signed in"}.get(needs, f"`{needs}`")
        row = f"| `{method.upper()} {path}` | {operation['summary']} | {shown} |"
        by_tag.setdefault(operation["tags"][0], []).append(row)
    for tag, rows in by_tag.items():
        lines += [f"## {tag}", "", "| operation | what it does | permission |", "|---|---|---|", *rows, ""]
    return "\n".join(lines).rstrip() + "\n"


def _named(schema: Json, schemas: Json) -> Json:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found: Json = schemas[name] if name else schema
    return found


def assets_version() -> str:
    """Which release of the reader's assets is served, so that browsers may keep them."""
    return version("fastapi-swagger")
