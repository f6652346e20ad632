"""Operations are found by their address as if all were tried in their order."""

import re

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from helpdesk.api import app
from helpdesk.api.directory import Directory

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "NONSENSE")
STRANGE = (
    "/", "", "//", "/api", "/api/", "/api//v1/tickets", "/api/v1/tickets/", "/api/v1/tickets//comments", "/api/v1/nothing/7",
    "/api/v1/" + "x" * 5000, "/api/v1/tickets/" + "/".join("x" * 300), "/api/v1/tickets/{reference}", "/api/v1/tickets/%00",
    "/help-desk/tickets/7/assign", "/elsewhere", "/api/v1/views/x/../tickets", "/API/v1/tickets", "/auth/", "/files/7/a/b",
)  # fmt: skip


@pytest.fixture(scope="module")
def api() -> FastAPI:
    return app.build()


def addresses(routes: list[APIRoute]) -> list[str]:
    told = [re.sub(r"\{[^}]*\}", value, one.path_format) for one in routes for value in ("7", "trash", "a.b-c", "x/y")]
    return sorted({*told, *(f"{one}/" for one in told), *STRANGE})


def test_the_first_that_fits_is_found(api: FastAPI) -> None:
    routes = [one for one in api.router.routes if isinstance(one, APIRoute)]
    assert len(routes) > 250
    directory: Directory = api.state.directory
    found = 0
    for path in addresses(routes):
        for method in METHODS:
            wanted = next((one for one in routes if method in (one.methods or ()) and one.path_regex.match(path)), None)
            known = directory.find(method, path)
            assert (known[0] if known else None) is wanted, (method, path)
            if known and wanted:
                matched = wanted.path_regex.match(path)
                assert matched is not None
                assert known[1] == matched.groupdict()
                found += 1
    assert found > 2000


def test_it_keeps_no_more_than_so_many_beginnings(api: FastAPI) -> None:
    directory: Directory = api.state.directory
    for number in range(6000):
        directory.find("GET", f"/api/v1/{number}")
    assert directory._fitting.cache_info().currsize <= 4096
