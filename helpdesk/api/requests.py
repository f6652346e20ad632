"""What an ASGI scope says about a request."""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from helpdesk import settings

Scope = Mapping[str, Any]


def header(scope: Scope, name: str) -> str:
    """A header's first value; empty when it is missing."""
    wanted = name.encode("latin-1")
    return next((value.decode("latin-1") for key, value in scope.get("headers", ()) if key == wanted), "")


def cookie(scope: Scope, name: str) -> str:
    """A cookie's value; empty when it is missing."""
    for key, value in scope.get("headers", ()):
        if key != b"cookie":
            continue
        for part in value.decode("latin-1").split(";"):
            try:
                morsel = SimpleCookie(part.strip()).get(name)
            except CookieError:
                continue  # somebody else's cookie with a name of its own taste
            if morsel is not None:
                return morsel.value
    return ""


def address(scope: Scope) -> str:
    """Where the request comes from. X-Forwarded-For counts only as far as our own proxies wrote it."""
    client = scope.get("client") or ("", 0)
    hops = settings.get().trusted_proxy_hops
    forwarded = [part.strip() for part in header(scope, "x-forwarded-for").split(",") if part.strip()] if hops else []
    return (forwarded[-hops] if len(forwarded) >= hops > 0 else str(client[0]))[:64]


def is_bearer(scope: Scope) -> bool:
    """Whether the request proves itself with a token instead of a cookie."""
    return header(scope, "authorization")[:7].lower() == "bearer "
