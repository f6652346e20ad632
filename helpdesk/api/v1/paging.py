"""Short lists, which are read whole, as pages all the same: every list goes on with `next`."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from helpdesk.api.v1.schemas import Page
from helpdesk.domain.errors import Invalid

Endpoint = Callable[..., Any]

NAMES = frozenset({"cursor", "size", "sort"})
_DEFAULT, _MOST = 100, 200
_KEYS = ("id", "slug", "reference", "name")
_SORTABLE = (str, int, float, bool)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page of a list is asked for."""

    path: str
    others: tuple[tuple[str, str], ...]
    size: int
    sort: str
    place: int
    key: str

    def of(self, page: Page[Any]) -> Page[Any]:
        """That page."""
        items = self._sorted(list(page.items))
        begin = self._begin(items)
        shown = items[begin : begin + self.size]
        end = begin + len(shown)
        following = None
        if end < len(items) and shown:
            following = f"{self.path}?{urlencode([*self.others, ('cursor', _packed(end, _key(shown[-1])))])}"
        return page.model_copy(update={"items": shown, "next": following})

    def _begin(self, items: Sequence[Any]) -> int:
        """Behind the last one of the page before, wherever that is by now; where it was, if it is gone."""
        if not self.place or (self.place <= len(items) and _key(items[self.place - 1]) == self.key):
            return self.place
        return next((at for at, one in enumerate(items, start=1) if self.key and _key(one) == self.key), self.place - 1)

    def _sorted(self, items: list[Any]) -> list[Any]:
        name = self.sort.removeprefix("-")
        if not name:
            return items
        known = [one for one in items if _value(one, name) is not None]
        if not all(isinstance(_value(one, name), _SORTABLE) for one in known):
            raise Invalid(sort=f"{name} cannot be sorted by.")
        known.sort(key=lambda one: _comparable(_value(one, name)), reverse=self.sort.startswith("-"))
        return known + [one for one in items if _value(one, name) is None]


_asked: ContextVar[Asked | None] = ContextVar("helpdesk_page", default=None)


def paged(endpoint: Endpoint) -> Endpoint:
    """The endpoint of a whole list, answering the page that is asked for."""

    @wraps(endpoint)
    def answer(*args: Any, **kwargs: Any) -> Any:
        found, asked = endpoint(*args, **kwargs), _asked.get()
        return asked.of(found) if asked is not None else found

    return answer


def ask(request: Request, fields: Callable[[], Sequence[str]]) -> None:
    """Note which page a request asks for.

    Raises:
        Invalid: a broken cursor, a size out of bounds, or a field there is not.
    """
    given = request.query_params
    place, key = _unpacked(given.get("cursor", ""))
    size = given.get("size", str(_DEFAULT))
    if not (size.isascii() and size.isdigit() and 1 <= int(size[:9]) <= _MOST):
        raise Invalid(size=f"Choose from 1 to {_MOST}.")
    sort = given.get("sort", "")
    if sort and sort.removeprefix("-") not in fields():
        raise Invalid(sort=f"There is no field {sort[:60]!r}.")
    others = tuple(pair for pair in given.multi_items() if pair[0] != "cursor")
    _asked.set(Asked(request.url.path, others, int(size), sort, place, key))


def _key(item: Any) -> str:
    return next((str(value) for name in _KEYS if (value := _value(item, name)) is not None), "")


def _value(item: Any, name: str) -> Any:
    return item.get(name) if isinstance(item, dict) else getattr(item, name, None)


def _comparable(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _packed(place: int, key: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([place, key]).encode()).decode().rstrip("=")


def _unpacked(cursor: str) -> tuple[int, str]:
    if not cursor:
        return 0, ""
    try:
        place, key = json.loads(base64.urlsafe_b64decode(cursor[:600] + "=" * (-len(cursor) % 4)))
        if type(place) is not int or not 0 < place < 10**6 or not isinstance(key, str):
            raise ValueError
        return place, key
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise Invalid(cursor="This page link is broken. Start at the first page.") from None
