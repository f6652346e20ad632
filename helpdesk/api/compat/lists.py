"""Lists as other desks answer them: `count`, `next`, `previous`, `results`."""

from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Query, Request
from pydantic import BaseModel, Field

from helpdesk import settings

Item = TypeVar("Item")

PageNumber = Annotated[int, Query(ge=1, le=1, description="Only 1: the other pages are where `next` says.")]
PageSize = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str, Query(max_length=200, description="As `next` and `previous` carry it.")]


class Results(BaseModel, Generic[Item]):
    """A page of a list."""

    count: int | None = Field(description="How many there are on all pages, as far as 1000; null where nobody counts.")
    next: str | None = Field(description="The address of the next page.")
    previous: str | None = Field(description="The address of the page before.")
    results: list[Item]


def whole(found: Sequence[Any]) -> dict[str, Any]:
    """A list that is one page."""
    return {"count": len(found), "next": None, "previous": None, "results": list(found)}


def from_mark(request: Request, found: Sequence[Any], *, full: int, mark: str) -> dict[str, Any]:
    """A page of a list that goes on after its last row.

    Args:
        full: how many rows a page has when there may be more.
        mark: where the next one begins.
    """
    is_all = len(found) < full
    is_first = "cursor" not in request.query_params
    return {
        "count": len(found) if is_all and is_first else None,
        "next": None if is_all else address(request, mark), "previous": None, "results": list(found),
    }  # fmt: skip


def address(request: Request, cursor: str) -> str | None:
    """The same list elsewhere, as a whole address: programs of this kind ask for it as it is."""
    if not cursor:
        return None
    scheme = "https" if settings.get().cookies_are_secure else request.url.scheme
    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in ("cursor", "page")]
    return f"{scheme}://{request.url.netloc}{request.url.path}?{urlencode([*kept, ('cursor', cursor)])}"
