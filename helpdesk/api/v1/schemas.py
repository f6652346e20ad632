"""The shapes all resources share: what comes in, what goes out, pages, problems."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from annotated_types import Ge, Lt
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

Item = TypeVar("Item")
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
# What the database counts rows with, as far as every reader of JSON can count.
Number = Annotated[int, Ge(1), Lt(2**53)]


class Input(BaseModel):
    """What comes in: nothing unknown, and no text a database would choke on."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, str_max_length=1_000_000)

    @model_validator(mode="before")
    @classmethod
    def _is_text(cls, given: Any) -> Any:
        if not _readable(given):
            raise ValueError("Leave out characters that are no text.")
        return given


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank", "title": "Please check your input", "status": 422,
                    "detail": "Use between 3 and 200 characters.", "errors": {"title": "Use between 3 and 200 characters."},
                }
            ]
        }
    )  # fmt: skip

    type: str = Field("about:blank", description="What kind of problem, as an address.")
    title: str = Field(description="What kind of problem, the same sentence each time.")
    status: int = Field(description="The HTTP status.")
    detail: str | None = Field(None, description="What is wrong this time and what to do.")
    errors: dict[str, str] | None = Field(None, description="What to do about which field.")


class Page(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None = Field(None, description="The address of the next page, if there is one.")
    previous: str | None = Field(None, description="The address of the page before, if there is one.")


def page(request: Request, rows: Sequence[Item], *, full: int, mark: str = "before", key: str = "") -> Page[Item]:
    """A page of a list that goes on beyond its last row.

    Args:
        full: how many rows a page has when there may be more.
        mark: the parameter that says where the next one begins.
        key: where that is; the last row's id when left out.
    """
    found = list(rows)
    if len(found) < full:
        return Page(items=found)
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != mark]
    where = key or str(getattr(found[-1], "id", 0))
    return Page(items=found, next=f"{request.url.path}?{urlencode([*kept, (mark, where)])}")


class Created(BaseModel):
    """The number of what was made."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": 7}]})

    id: int


class Done(BaseModel):
    """It is done."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ok": True}]})

    ok: bool = True


def is_text(given: str) -> bool:
    """Whether it is text that PostgreSQL takes."""
    return _NO_TEXT.search(given) is None


def _readable(given: Any, depth: int = 0) -> bool:
    """Whether everything in it is text PostgreSQL takes, and it is not nested beyond reason."""
    if depth > 50:
        return False
    if isinstance(given, str):
        return is_text(given)
    if isinstance(given, dict):
        return all(_readable(key, depth + 1) and _readable(value, depth + 1) for key, value in given.items())
    if isinstance(given, list | tuple):
        return all(_readable(one, depth + 1) for one in given)
    return True
